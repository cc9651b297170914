//! What one thread needs to answer one check after another.

use crate::checked::directives;
use crate::inner::Core;
use crate::interned::Interned;
use crate::kept::{Answers, SeenStates};
use crate::lexicon::{Fault, Source, action_fault};
use crate::oracle::Job;
use crate::plan::Plan;
use crate::state::States;
use crate::stops::StopsSeen;
use crate::{ActionSettings, CheckRefusal, CheckRequest, Checked, Contradiction, Directive};
use crate::{GateSettings, Mode, RefusalKind, Seen};
use gongdao_kernel::{Cell, Judge, RowVerdicts};
use gongdao_model::{Entity, FactPath, FactValue, Facts, Instant};
use std::sync::Arc;

/// A judge, and what it met before.
pub(crate) struct Worker {
    judge: Judge,
    /// The row at hand.
    cells: Vec<Cell>,
    verdicts: RowVerdicts,
    interned: Interned,
    /// By law of the judge.
    plans: Vec<Option<Plan>>,
    stops: StopsSeen,
    answers: Answers,
    persons: SeenStates,
    algorithms: SeenStates,
    /// The states that the requests at hand see.
    sights: Vec<Sight>,
    /// Decisions that the official evaluator judged at once since the last time somebody asked.
    compared: u64,
}

/// How a batch of checks is answered.
pub(crate) struct Batch<'a> {
    pub(crate) core: &'a Arc<Core>,
    pub(crate) states: &'a States,
    pub(crate) settings: &'a GateSettings,
    /// Whether the newest state counts, or that of the decision's instant.
    pub(crate) is_live: bool,
}

/// The states that a decision sees.
#[derive(Debug, Clone, Copy)]
struct Sight {
    at: Instant,
    person: u32,
    algorithm: u32,
}

impl Worker {
    pub(crate) fn new(core: &Core) -> Self {
        Self {
            judge: Judge::new(Arc::clone(&core.rules)),
            cells: Vec::new(),
            verdicts: RowVerdicts::default(),
            interned: Interned::new(&core.lexicon),
            plans: Vec::new(),
            stops: StopsSeen::default(),
            answers: Answers::default(),
            persons: SeenStates::of(Entity::Person),
            algorithms: SeenStates::of(Entity::Algorithm),
            sights: Vec::new(),
            compared: 0,
        }
    }

    /// How many decisions the official evaluator judged at once since the last time.
    pub(crate) fn take_compared(&mut self) -> u64 {
        std::mem::take(&mut self.compared)
    }

    /// Answer the requests in order; `sampled` says which of them the official evaluator judges too.
    pub(crate) fn check(
        &mut self,
        batch: &Batch<'_>,
        requests: &[CheckRequest],
        mut sampled: impl FnMut() -> bool,
        jobs: &mut Vec<Job>,
    ) -> Vec<Result<Checked, CheckRefusal>> {
        batch.core.stops.refresh(&mut self.stops);
        if self.judge.tidy() {
            self.interned = Interned::new(&batch.core.lexicon);
        }
        // States lie anywhere in memory: looked up together, they are waited for together.
        let mut sights = std::mem::take(&mut self.sights);
        sights.clear();
        sights.extend(requests.iter().map(|request| batch.sight(request)));
        let mut answers = Vec::with_capacity(requests.len());
        for (request, sight) in requests.iter().zip(&sights) {
            let settings = batch.settings.of(&request.action);
            let answer = self.one(batch, request, *sight, settings, sampled().then_some(&mut *jobs));
            answers.push(answer.map_err(|fault| refusal(request, fault)));
        }
        self.sights = sights;
        answers
    }

    /// `jobs` takes what the official evaluator is to judge later; none where the decision is not sampled.
    fn one(
        &mut self,
        batch: &Batch<'_>,
        request: &CheckRequest,
        sight: Sight,
        settings: ActionSettings,
        jobs: Option<&mut Vec<Job>>,
    ) -> Result<Checked, Fault> {
        let vocabulary = batch.core.rules.vocabulary();
        if settings.mode == Mode::Off {
            let fault = action_fault(vocabulary, &request.action);
            return fault.map_or_else(|| Ok(unjudged(request, sight.at, settings)), Err);
        }
        let law = self.judge.law(request.at, &request.action, request.place);
        let law =
            law.map_err(|error| action_fault(vocabulary, &request.action).unwrap_or_else(|| failed(&error.message)))?;
        self.plan(batch.core, law);
        self.judge.start(law, &mut self.cells);
        let contradictions = self.read(batch, request, sight, law)?;
        self.join(batch.states, sight, law);
        self.judge.judge_row(law, &mut self.cells, &self.stops.flags, &mut self.verdicts);
        if let Some(jobs) = jobs {
            self.sample(batch, request, sight, law, jobs);
        }
        self.checked(batch.core, request, sight, settings, contradictions)
    }

    fn plan(&mut self, core: &Core, law: usize) {
        if self.plans.get(law).is_some_and(Option::is_some) {
            return;
        }
        if self.plans.len() <= law {
            self.plans.resize_with(law + 1, || None);
        }
        let plan = Plan::new(core, &self.judge, law);
        if let Some(place) = self.plans.get_mut(law) {
            *place = Some(plan);
        }
    }

    /// The facts of a request into cells; where state or law says otherwise, that.
    fn read(
        &mut self,
        batch: &Batch<'_>,
        request: &CheckRequest,
        sight: Sight,
        law: usize,
    ) -> Result<Vec<Contradiction>, Fault> {
        let Self { judge, cells, interned, plans, .. } = self;
        let plan = plans.get_mut(law).and_then(Option::as_mut).ok_or_else(|| failed("a law without a plan"))?;
        let mut contradictions = Vec::new();
        let mut shape = std::mem::take(&mut plan.shape);
        let read = request.facts.iter().enumerate().try_for_each(|(position, (path, value))| {
            let known = batch.core.lexicon.known(path, position, &mut shape)?;
            let place = plan.place(known.number);
            let cell = interned.given(known, value, place.map(|place| place.slot), judge)?;
            let held = match path.entity() {
                Entity::Decision => None,
                Entity::Parameter => Some(of_law(judge, law, path)),
                Entity::Person | Entity::Algorithm => Some(batch.states.held(known.source, sight)),
            };
            if let Some(held) = held.filter(Held::is_decided) {
                contradictions.extend(held.against(path, value));
            } else if let (Some(place), Some(cell)) = (place, cell)
                && let Some(slot) = cells.get_mut(place.position)
            {
                *slot = cell;
            }
            Ok::<(), Fault>(())
        });
        plan.shape = shape;
        read.map(|()| contradictions)
    }

    /// What the states hold, into cells.
    fn join(&mut self, states: &States, sight: Sight, law: usize) {
        let Self { judge, cells, interned, plans, .. } = self;
        let Some(plan) = plans.get(law).and_then(Option::as_ref) else { return };
        let joined = [
            (&states.person, sight.person, &plan.person, &mut interned.person),
            (&states.algorithm, sight.algorithm, &plan.algorithm, &mut interned.algorithm),
        ];
        for (subjects, state, facts, known) in joined {
            let (numbers, _) = subjects.numbers(state);
            for joined in facts {
                // What is unknown or withheld has been left as it was begun: unknown.
                let number = numbers.get(joined.fact).copied().unwrap_or(0);
                if number == 0 {
                    continue;
                }
                let cell = known.cell(subjects, joined.fact, number, joined.place.slot, judge);
                if let Some(place) = cells.get_mut(joined.place.position) {
                    *place = cell;
                }
            }
        }
    }

    /// Ask the official evaluator, now or later.
    fn sample(&mut self, batch: &Batch<'_>, request: &CheckRequest, sight: Sight, law: usize, jobs: &mut Vec<Job>) {
        let mut facts: Facts = request.facts.clone();
        for (slot, path) in batch.core.rules.slots().enumerate() {
            match batch.states.held(batch.core.lexicon.source(slot), sight) {
                Held::Known(value) => drop(facts.insert(path.clone(), value.clone())),
                Held::Withheld => drop(facts.remove(path)),
                Held::Number(_) | Held::Open => {}
            }
        }
        for (path, number) in self.judge.law_parameters(law).into_iter().flatten() {
            facts.insert(path.clone(), FactValue::Long(*number));
        }
        let judged = self.judge.judged(&self.verdicts);
        let stopped = (0..judged.len()).map(|position| self.verdicts.is_stopped(position)).collect();
        let job = Job {
            decision: request.id.clone(),
            at: request.at,
            action: request.action.clone(),
            place: request.place,
            facts,
            judged,
            stopped,
        };
        if !batch.settings.oracle.wait {
            jobs.push(job);
            return;
        }
        self.compared += 1;
        if batch.core.compare(&job) {
            batch.core.stops.refresh(&mut self.stops);
            self.judge.judge_row(law, &mut self.cells, &self.stops.flags, &mut self.verdicts);
        }
    }

    fn checked(
        &mut self,
        core: &Arc<Core>,
        request: &CheckRequest,
        sight: Sight,
        settings: ActionSettings,
        contradictions: Vec<Contradiction>,
    ) -> Result<Checked, Fault> {
        let law = self.verdicts.law();
        let plan = self.plans.get(law).and_then(Option::as_ref).ok_or_else(|| failed("a law without a plan"))?;
        let kept = self.answers.of(core, plan, &self.verdicts, request);
        let effects = if settings.enforce_provisional { kept.with_provisional } else { kept.effects };
        let (effect, enforced, flagged) = directives(effects, settings);
        let seen = Seen {
            person: self.persons.facts(core, plan, law, sight.person),
            algorithm: self.algorithms.facts(core, plan, law, sight.algorithm),
            parameters: plan.parameters.clone(),
        };
        Ok(Checked {
            decision: request.id.clone(),
            at: request.at,
            state_at: sight.at,
            effect,
            enforced,
            flagged,
            settings,
            answer: Some(kept.answer.clone()),
            seen,
            contradictions,
            register: None,
            trial: None,
        })
    }
}

/// What somebody who goes before the caller says of a fact.
#[derive(Debug, Clone, Copy)]
enum Held<'a> {
    /// Nothing: the caller may say.
    Open,
    /// The state has it so.
    Known(&'a FactValue),
    /// The law sets it so.
    Number(i64),
    /// The state has it that nobody knows.
    Withheld,
}

impl Held<'_> {
    fn is_decided(&self) -> bool {
        !matches!(self, Self::Open)
    }

    /// The difference from what the caller says, if there is one.
    fn against(self, fact: &FactPath, given: &FactValue) -> Option<Contradiction> {
        let held = match self {
            Self::Open => return None,
            Self::Known(value) => Some(value.clone()),
            Self::Number(number) => Some(FactValue::Long(number)),
            Self::Withheld => None,
        };
        let differs = held.as_ref() != Some(given);
        differs.then(|| Contradiction { fact: fact.clone(), given: given.clone(), held })
    }
}

fn of_law(judge: &Judge, law: usize, path: &FactPath) -> Held<'static> {
    let number = judge.law_parameters(law).and_then(|set| set.get(path));
    number.map_or(Held::Open, |number| Held::Number(*number))
}

impl States {
    fn held(&self, source: Source, sight: Sight) -> Held<'_> {
        let (subjects, state, fact) = match source {
            Source::Request => return Held::Open,
            Source::Person(fact) => (&self.person, sight.person, fact),
            Source::Algorithm(fact) => (&self.algorithm, sight.algorithm, fact),
        };
        match subjects.value(state, fact) {
            Some(value) => Held::Known(value),
            None if subjects.is_withheld(state, fact) => Held::Withheld,
            None => Held::Open,
        }
    }
}

impl Batch<'_> {
    fn sight(&self, request: &CheckRequest) -> Sight {
        // Nothing that was acknowledged before the check is overlooked, whatever instant the request names.
        let newest = self.states.newest.filter(|_| self.is_live);
        let at = newest.map_or(request.at, |newest| newest.max(request.at));
        Sight {
            at,
            person: self.states.person.state(request.person.as_deref(), at),
            algorithm: self.states.algorithm.state(request.algorithm.as_deref(), at),
        }
    }
}

fn unjudged(request: &CheckRequest, state_at: Instant, settings: ActionSettings) -> Checked {
    Checked {
        decision: request.id.clone(),
        at: request.at,
        state_at,
        effect: Directive::Proceed,
        enforced: Directive::Proceed,
        flagged: false,
        settings,
        answer: None,
        seen: Seen::default(),
        contradictions: Vec::new(),
        register: None,
        trial: None,
    }
}

fn failed(message: &str) -> Fault {
    let hint = "report this with the decision's record".to_owned();
    Fault { kind: RefusalKind::Failed, message: message.to_owned(), hint }
}

fn refusal(request: &CheckRequest, fault: Fault) -> CheckRefusal {
    let Fault { kind, message, hint } = fault;
    CheckRefusal { decision: request.id.clone(), kind, message, hint }
}

//! What one thread needs to answer one check after another.

use crate::answer::Answer;
use crate::checked::directives;
use crate::inner::Core;
use crate::lexicon::{Fault, Source, action_fault};
use crate::oracle::Job;
use crate::state::States;
use crate::stops::StopsSeen;
use crate::{ActionSettings, CheckRefusal, CheckRequest, Checked, Contradiction, Directive};
use crate::{GateSettings, Mode, RefusalKind, Seen, Shared, StateFacts};
use gongdao_kernel::{Judge, RowCase, RowVerdicts};
use gongdao_model::{Entity, FactValue, Facts, Instant};
use hashbrown::HashTable;
use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

/// Answers that are kept; beyond it they are made anew. Logs have thousands.
const MOST_ANSWERS: usize = 8_192;
/// States in words of a law that are kept.
const MOST_SEEN: usize = 100_000;

/// A judge, and what it met before.
pub(crate) struct Worker {
    judge: Judge,
    verdicts: RowVerdicts,
    stops: StopsSeen,
    hasher: foldhash::fast::RandomState,
    answers: HashTable<Kept>,
    seen: HashMap<(usize, Entity, u32), Shared<StateFacts>, foldhash::fast::RandomState>,
    parameters: Vec<Option<Shared<StateFacts>>>,
    nothing: Shared<StateFacts>,
    /// Decisions that the official evaluator judged at once since the last time somebody asked.
    compared: u64,
    /// Which facts requests about an action name, in order.
    shapes: HashMap<String, Vec<usize>, foldhash::fast::RandomState>,
}

/// An answer with what it was made of.
#[derive(Debug)]
struct Kept {
    law: usize,
    duties: usize,
    words: Box<[u32]>,
    answer: Shared<Answer>,
}

/// How a batch of checks is answered.
pub(crate) struct Batch<'a> {
    pub(crate) core: &'a Core,
    pub(crate) states: &'a States,
    pub(crate) settings: &'a GateSettings,
    /// Whether the newest state counts, or that of the decision's instant.
    pub(crate) is_live: bool,
}

/// A decision with the states that it sees.
struct Row<'a, 'f> {
    request: &'f CheckRequest,
    state_at: Instant,
    person: u32,
    algorithm: u32,
    /// What the request gives, by slot.
    given: &'a [Option<&'f FactValue>],
}

impl Worker {
    pub(crate) fn new(core: &Core) -> Self {
        Self {
            judge: Judge::new(Arc::clone(&core.rules)),
            verdicts: RowVerdicts::default(),
            stops: StopsSeen::default(),
            hasher: foldhash::fast::RandomState::default(),
            answers: HashTable::new(),
            seen: HashMap::default(),
            parameters: Vec::new(),
            nothing: Shared::default(),
            compared: 0,
            shapes: HashMap::default(),
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
        let mut given: Vec<Option<&FactValue>> = vec![None; batch.core.lexicon.sources().len()];
        let mut named = Vec::new();
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            let settings = batch.settings.of(&request.action);
            let answer = self.one(batch, request, settings, &mut given, &mut named, sampled(), jobs);
            answers.push(answer.map_err(|fault| refusal(request, fault)));
            for slot in named.drain(..) {
                if let Some(place) = given.get_mut(slot) {
                    *place = None;
                }
            }
        }
        answers
    }

    #[expect(clippy::too_many_arguments, reason = "space that is used again for the next request")]
    fn one<'f>(
        &mut self,
        batch: &Batch<'f>,
        request: &'f CheckRequest,
        settings: ActionSettings,
        given: &mut [Option<&'f FactValue>],
        named: &mut Vec<usize>,
        is_sampled: bool,
        jobs: &mut Vec<Job>,
    ) -> Result<Checked, Fault> {
        let core = batch.core;
        let state_at = batch.state_at(request.at);
        if settings.mode == Mode::Off {
            let fault = action_fault(core.rules.vocabulary(), &request.action);
            return fault.map_or_else(|| Ok(unjudged(request, state_at, settings)), Err);
        }
        let (person, algorithm) = (
            batch.states.person.state(request.person.as_deref(), state_at),
            batch.states.algorithm.state(request.algorithm.as_deref(), state_at),
        );
        let mut contradictions = Vec::new();
        if !self.shapes.contains_key(&request.action) {
            if let Some(fault) = action_fault(core.rules.vocabulary(), &request.action) {
                return Err(fault);
            }
            self.shapes.insert(request.action.clone(), Vec::new());
        }
        let Some(shape) = self.shapes.get_mut(&request.action) else { return Err(failed("no shape")) };
        core.lexicon.read(&request.facts, shape, |known, value| {
            if let Some(place) = known.slot.and_then(|slot| given.get_mut(slot)) {
                *place = Some(value);
                named.extend(known.slot);
            }
            let held = batch.states.held(known.source, person, algorithm);
            if let Held::Known(held) = held
                && held != value
            {
                let (given, held) = (value.clone(), Some(held.clone()));
                contradictions.push(Contradiction { fact: known.path.clone(), given, held });
            } else if let Held::Withheld = held {
                contradictions.push(Contradiction { fact: known.path.clone(), given: value.clone(), held: None });
            }
        })?;
        let row = Row { request, state_at, person, algorithm, given };
        self.judge(batch, &row)?;
        self.against_law(request, &mut contradictions);
        if is_sampled {
            self.sample(batch, &row, jobs);
        }
        Ok(self.checked(batch, &row, settings, contradictions))
    }

    /// Numbers that the caller gives and the packs set otherwise.
    fn against_law(&self, request: &CheckRequest, contradictions: &mut Vec<Contradiction>) {
        // Parameters stand last among the facts.
        let given = request.facts.iter().rev().take_while(|(path, _)| path.entity() == Entity::Parameter);
        let Some(law) = self.judge.law_parameters(self.verdicts.law()) else { return };
        for (path, value) in given {
            if let Some(number) = law.get(path).map(|number| FactValue::Long(*number))
                && number != *value
            {
                let (fact, given, held) = (path.clone(), value.clone(), Some(number));
                contradictions.push(Contradiction { fact, given, held });
            }
        }
    }

    fn judge(&mut self, batch: &Batch<'_>, row: &Row<'_, '_>) -> Result<(), Fault> {
        let known = |slot: usize| row.known(batch, slot);
        let case = RowCase {
            at: row.request.at,
            action: &row.request.action,
            place: row.request.place,
            known: &known,
            words_checked: true,
            law_first: true,
            stopped: &self.stops.flags,
        };
        self.judge.judge_row(&case, &mut self.verdicts).map_err(|error| failed(&error.message))
    }

    /// Ask the official evaluator, now or later.
    fn sample(&mut self, batch: &Batch<'_>, row: &Row<'_, '_>, jobs: &mut Vec<Job>) {
        let mut facts: Facts = row.request.facts.clone();
        let slots = batch.core.rules.slots().enumerate();
        for (slot, path) in slots.filter(|(slot, _)| batch.core.lexicon.source(*slot) != Source::Request) {
            match row.known(batch, slot) {
                Some(value) => drop(facts.insert(path.clone(), value.clone())),
                None => drop(facts.remove(path)),
            }
        }
        for (path, number) in self.judge.law_parameters(self.verdicts.law()).into_iter().flatten() {
            facts.insert(path.clone(), FactValue::Long(*number));
        }
        let judged = self.judge.judged(&self.verdicts);
        let stopped = (0..judged.len()).map(|position| self.judge.is_stopped(&self.verdicts, position)).collect();
        let job = Job {
            decision: row.request.id.clone(),
            at: row.request.at,
            action: row.request.action.clone(),
            place: row.request.place,
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
            // It was judged a moment ago, so it can be judged now.
            drop(self.judge(batch, row));
        }
    }

    fn checked(
        &mut self,
        batch: &Batch<'_>,
        row: &Row<'_, '_>,
        settings: ActionSettings,
        contradictions: Vec<Contradiction>,
    ) -> Checked {
        let answer = self.answer(batch.core, row.request);
        let effects = if settings.enforce_provisional { answer.with_provisional } else { answer.effects };
        let (effect, enforced, flagged) = directives(effects, settings);
        let law = self.verdicts.law();
        let seen = Seen {
            person: self.seen(batch, law, Entity::Person, row.person),
            algorithm: self.seen(batch, law, Entity::Algorithm, row.algorithm),
            parameters: self.parameters(law),
        };
        Checked {
            decision: row.request.id.clone(),
            at: row.request.at,
            state_at: row.state_at,
            effect,
            enforced,
            flagged,
            settings,
            answer: Some(answer),
            seen,
            contradictions,
        }
    }

    fn answer(&mut self, core: &Core, request: &CheckRequest) -> Shared<Answer> {
        let (law, words) = (self.verdicts.law(), self.verdicts.words());
        let duties = core.duties.period(request.at);
        let hash_of = |law: usize, duties: usize, words: &[u32]| self.hasher.hash_one((law, duties, words));
        let hash = hash_of(law, duties, words);
        let is_same = |kept: &Kept| kept.law == law && kept.duties == duties && *kept.words == *words;
        if let Some(kept) = self.answers.find(hash, is_same) {
            return kept.answer.clone();
        }
        if self.answers.len() >= MOST_ANSWERS {
            self.answers.clear();
        }
        let judged = self.judge.judged(&self.verdicts);
        let on = request.at.date_in_shanghai();
        let answer = Answer::new(core, &request.id, on, &judged);
        let answer = Shared::new(answer);
        let kept = Kept { law, duties, words: words.into(), answer: answer.clone() };
        let hash_kept = |kept: &Kept| self.hasher.hash_one((kept.law, kept.duties, kept.words.as_ref()));
        self.answers.insert_unique(hash, kept, hash_kept);
        answer
    }

    fn seen(&mut self, batch: &Batch<'_>, law: usize, entity: Entity, state: u32) -> Shared<StateFacts> {
        let key = (law, entity, state);
        if let Some(seen) = self.seen.get(&key) {
            return seen.clone();
        }
        let slots = self.judge.law_slots(law).iter();
        let mut facts = StateFacts::new();
        let paths: Vec<_> = batch.core.rules.slots().collect();
        for slot in slots {
            let held = match (batch.core.lexicon.source(*slot), entity) {
                (Source::Person(fact), Entity::Person) => batch.states.person.value(state, fact),
                (Source::Algorithm(fact), Entity::Algorithm) => batch.states.algorithm.value(state, fact),
                _ => None,
            };
            if let (Some(value), Some(path)) = (held, paths.get(*slot)) {
                facts.insert((*path).clone(), value.clone());
            }
        }
        let seen = if facts.is_empty() { self.nothing.clone() } else { Shared::new(facts) };
        if self.seen.len() >= MOST_SEEN {
            self.seen.clear();
        }
        self.seen.insert(key, seen.clone());
        seen
    }

    fn parameters(&mut self, law: usize) -> Shared<StateFacts> {
        if self.parameters.len() <= law {
            self.parameters.resize(law + 1, None);
        }
        if let Some(Some(known)) = self.parameters.get(law) {
            return known.clone();
        }
        let set = self.judge.law_parameters(law).into_iter().flatten();
        let shared = Shared::new(set.map(|(path, number)| (path.clone(), FactValue::Long(*number))).collect());
        if let Some(place) = self.parameters.get_mut(law) {
            *place = Some(shared);
        }
        self.parameters.get(law).cloned().flatten().unwrap_or_default()
    }
}

/// What the state says of a fact.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Held<'a> {
    /// Nothing: whoever asks may say.
    Open,
    /// It is this.
    Known(&'a FactValue),
    /// That nobody knows it.
    Withheld,
}

impl States {
    /// What the states hold of a fact.
    #[inline]
    pub(crate) fn held(&self, source: Source, person: u32, algorithm: u32) -> Held<'_> {
        let (subjects, state, fact) = match source {
            Source::Request => return Held::Open,
            Source::Person(fact) => (&self.person, person, fact),
            Source::Algorithm(fact) => (&self.algorithm, algorithm, fact),
        };
        match subjects.value(state, fact) {
            Some(value) => Held::Known(value),
            None if subjects.is_withheld(state, fact) => Held::Withheld,
            None => Held::Open,
        }
    }
}

impl Batch<'_> {
    /// Nothing that was acknowledged before the check is overlooked, whatever instant the request names.
    fn state_at(&self, at: Instant) -> Instant {
        let newest = self.states.newest.filter(|_| self.is_live);
        newest.map_or(at, |newest| newest.max(at))
    }
}

impl<'f> Row<'_, 'f> {
    #[inline]
    fn known(&self, batch: &Batch<'f>, slot: usize) -> Option<&'f FactValue> {
        match batch.states.held(batch.core.lexicon.source(slot), self.person, self.algorithm) {
            Held::Known(value) => Some(value),
            Held::Withheld => None,
            Held::Open => self.given.get(slot).copied().flatten(),
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

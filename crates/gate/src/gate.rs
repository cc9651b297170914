use crate::duty::Duties;
use crate::inner::Core;
use crate::lexicon::Lexicon;
use crate::oracle::{Oracle, OracleCounts, Sampler};
use crate::state::{States, refusal};
use crate::stops::Stops;
use crate::worker::{Batch, Worker};
use crate::{
    Alarm, CheckRefusal, CheckRequest, Checked, EventRefusal, GateError, GateSettings, StateEvent, StateFacts,
    StopReason, Stopped,
};
use gongdao_kernel::CompiledRules;
use gongdao_model::{Entity, Instant, VersionKey};
use gongdao_pack::Packs;
use gongdao_rules::{Reference, RuleSet};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard};

/// What is so of a person or an algorithm before its first event: only facts whose every change reaches the gate. A person
/// without an event has not opted out, if every opting out is an event.
pub type Initial = StateFacts;

/// Answers checks; shared by threads.
pub struct Gate {
    core: Arc<Core>,
    sampler: Sampler,
    /// Judges that nobody uses right now; as many as checks ran at once.
    idle: Mutex<Vec<Worker>>,
}

impl Gate {
    /// A gate over the rules of packs, compared with the official evaluator.
    ///
    /// Errors: settings that do not fit the vocabulary, an initial value that does not, rules that cannot be compiled.
    pub fn new(packs: &Packs, rules: &RuleSet, settings: GateSettings, initial: &Initial) -> Result<Self, GateError> {
        let reference = Reference::new(rules).map_err(|error| GateError::new(error.to_string(), REPORT))?;
        Self::with_oracle(packs, rules, settings, initial, Arc::new(reference))
    }

    /// The same, compared with another evaluator.
    pub fn with_oracle(
        packs: &Packs,
        rules: &RuleSet,
        settings: GateSettings,
        initial: &Initial,
        oracle: Arc<dyn Oracle>,
    ) -> Result<Self, GateError> {
        settings.check(&rules.vocabulary)?;
        check_initial(rules, initial)?;
        let compiled = CompiledRules::new(rules).map_err(|error| GateError::new(error.message, error.hint))?;
        let states = States::new(&rules.vocabulary, initial);
        let states = states.map_err(|error| GateError::new(error.message, error.hint.unwrap_or_default()))?;
        let lexicon = Lexicon::new(&compiled, states.person.facts(), states.algorithm.facts());
        let core = Arc::new(Core {
            rules: Arc::new(compiled),
            packs: packs.digest(),
            names: rules.versions.iter().map(|version| version.key.to_string()).collect(),
            duties: Duties::of(packs),
            lexicon,
            states: RwLock::new(states),
            settings: RwLock::new(Arc::new(settings)),
            stops: Stops::default(),
            oracle,
        });
        let sampler = Sampler::new(&core)?;
        Ok(Self { core, sampler, idle: Mutex::default() })
    }

    /// Judge decisions about to be made: by the law of their instant, and by the newest state, that of the later of their
    /// instant and the last event's recording. One answer a request, in order.
    pub fn check(&self, requests: &[CheckRequest]) -> Vec<Result<Checked, CheckRefusal>> {
        self.answer(requests, true)
    }

    /// Judge decisions that were made already, by the state as of their instants.
    pub fn check_as_of(&self, requests: &[CheckRequest]) -> Vec<Result<Checked, CheckRefusal>> {
        self.answer(requests, false)
    }

    fn answer(&self, requests: &[CheckRequest], is_live: bool) -> Vec<Result<Checked, CheckRefusal>> {
        let settings = self.settings();
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut worker = idle.unwrap_or_else(|| Worker::new(&self.core));
        let sampled = self.sampler.pick(requests.len(), settings.oracle.share);
        let mut jobs = Vec::new();
        let states = self.states();
        let batch = Batch { core: &self.core, states: &states, settings: &settings, is_live };
        let answers = worker.check(&batch, requests, sampled, &mut jobs);
        drop(states);
        self.sampler.count(worker.take_compared());
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(worker);
        self.sampler.give(jobs);
        answers
    }

    /// Whether an event could be applied; changes nothing. Ask before the event is stored.
    pub fn validate(&self, event: &StateEvent) -> Result<(), EventRefusal> {
        refusal(self.core.rules.vocabulary(), event).map_or(Ok(()), Err)
    }

    /// Apply an event. When it returns, every check that begins later sees it, on every thread.
    ///
    /// Errors: what [`Gate::validate`] finds; the state is then as it was.
    pub fn apply(&self, event: &StateEvent) -> Result<(), EventRefusal> {
        self.apply_all(std::slice::from_ref(event)).map_err(|(_, refusal)| refusal)
    }

    /// Apply events in order, all of them seen at once.
    ///
    /// Errors: the first event that is refused, by its position; those before it are applied.
    pub fn apply_all(&self, events: &[StateEvent]) -> Result<(), (usize, EventRefusal)> {
        let vocabulary = self.core.rules.vocabulary();
        let mut states = self.core.states.write().unwrap_or_else(PoisonError::into_inner);
        for (position, event) in events.iter().enumerate() {
            let applied = refusal(vocabulary, event).map_or_else(|| states.apply(event), Err);
            applied.map_err(|refusal| (position, refusal))?;
        }
        Ok(())
    }

    /// The known facts of a person or an algorithm as of a moment; nothing for other entities.
    pub fn state_of(&self, entity: Entity, key: &str, at: Instant) -> StateFacts {
        let states = self.states();
        let Some(subjects) = states.subjects(entity) else { return StateFacts::new() };
        let state = subjects.state(Some(key), at);
        let facts = subjects.facts().iter().enumerate();
        facts.filter_map(|(fact, path)| Some((path.clone(), subjects.value(state, fact)?.clone()))).collect()
    }

    /// The settings in force.
    pub fn settings(&self) -> Arc<GateSettings> {
        Arc::clone(&self.core.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Take other settings; every check that begins later is answered under them.
    ///
    /// Errors: settings that do not fit the vocabulary; the old ones then stay.
    pub fn set_settings(&self, settings: GateSettings) -> Result<(), GateError> {
        settings.check(self.core.rules.vocabulary())?;
        *self.core.settings.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(settings);
        Ok(())
    }

    /// Digest of the packs.
    pub fn packs_digest(&self) -> &str {
        &self.core.packs
    }

    /// The rules.
    pub fn rules(&self) -> &RuleSet {
        self.core.rules.rules()
    }

    /// What the official evaluator found, oldest first.
    pub fn alarms(&self) -> Vec<Alarm> {
        self.alarms_after(0)
    }

    /// Alarms with a greater number.
    pub fn alarms_after(&self, number: u64) -> Vec<Alarm> {
        self.core.stops.alarms_after(number)
    }

    /// The rule versions that judge nothing for the time being.
    pub fn stopped(&self) -> Vec<Stopped> {
        self.core.stops.list(self.rules())
    }

    /// Stop a rule version: from the next check on it is undetermined wherever it is in force.
    ///
    /// Errors: there is no such version.
    pub fn stop(&self, version: &VersionKey, reason: StopReason) -> Result<(), GateError> {
        self.core.stops.stop(self.version(version)?, reason);
        Ok(())
    }

    /// Let a stopped version judge again. False if it was not stopped.
    ///
    /// Errors: there is no such version.
    pub fn resume(&self, version: &VersionKey) -> Result<bool, GateError> {
        Ok(self.core.stops.resume(self.version(version)?))
    }

    /// Wait until the official evaluator has judged all that it was given.
    pub fn settle(&self) {
        self.sampler.settle();
    }

    /// How many decisions the official evaluator was given.
    pub fn oracle_counts(&self) -> OracleCounts {
        self.sampler.counts()
    }

    /// Bytes that the state of persons and algorithms takes, about.
    pub fn state_bytes(&self) -> usize {
        self.states().memory_bytes()
    }

    fn states(&self) -> RwLockReadGuard<'_, States> {
        self.core.states.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn version(&self, key: &VersionKey) -> Result<usize, GateError> {
        let found = self.rules().versions.iter().position(|version| version.key == *key);
        found.ok_or_else(|| {
            GateError::new(format!("there is no rule version `{key}`"), "take it from the answer to a check")
        })
    }
}

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("packs", &self.core.packs).finish_non_exhaustive()
    }
}

const REPORT: &str = "report this with the packs";

fn check_initial(rules: &RuleSet, initial: &Initial) -> Result<(), GateError> {
    for (path, value) in initial {
        let declared = rules.vocabulary.facts.get(path);
        let of_state = matches!(path.entity(), Entity::Person | Entity::Algorithm);
        let Some(declared) = declared.filter(|_| of_state) else {
            let hint = "name facts of `principal` or `resource`";
            return Err(GateError::new(format!("`{path}` is no fact of the state"), hint));
        };
        if declared.fact_type != value.fact_type() {
            let (wanted, given) = (declared.fact_type.cedar_name(), value.fact_type().cedar_name());
            let message = format!("the initial value of `{path}` is of type {given} and not {wanted}");
            return Err(GateError::new(message, "give it the type of the vocabulary"));
        }
        if let Some(word) = declared.unknown_word(value) {
            let hint = format!("use one of {}", declared.listed_words());
            return Err(GateError::new(format!("the initial value of `{path}` cannot be `{word}`"), hint));
        }
    }
    Ok(())
}

//! What all threads of a gate share.

use crate::alarm::{Alarm, Said, StopReason};
use crate::duty::Duties;
use crate::lexicon::{Lexicon, Source};
use crate::oracle::{Job, Oracle};
use crate::state::States;
use crate::stops::Stops;
use crate::{GateSettings, StateFacts};
use gongdao_kernel::CompiledRules;
use gongdao_model::Entity;
use gongdao_rules::Judged;
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Rules, state, settings and what was found wrong.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) rules: Arc<CompiledRules>,
    /// Digest of the packs.
    pub(crate) packs: String,
    /// The rule versions' keys as text, by index.
    pub(crate) names: Vec<String>,
    pub(crate) duties: Duties,
    pub(crate) lexicon: Lexicon,
    /// Read by every check for its whole batch; written by every event. An event is visible once the lock is given back.
    pub(crate) states: RwLock<States>,
    pub(crate) settings: RwLock<Arc<GateSettings>>,
    pub(crate) stops: Stops,
    pub(crate) oracle: Arc<dyn Oracle>,
}

impl Core {
    /// What a state holds of the facts of some slots.
    ///
    /// INVARIANT: nobody asks while he holds the states' lock; answers are not looked into while they are made.
    pub(crate) fn seen(&self, entity: Entity, state: u32, slots: &[usize]) -> StateFacts {
        let states = self.states.read().unwrap_or_else(PoisonError::into_inner);
        let held = |slot: &usize| {
            let value = match (self.lexicon.source(*slot), entity) {
                (Source::Person(fact), Entity::Person) => states.person.value(state, fact),
                (Source::Algorithm(fact), Entity::Algorithm) => states.algorithm.value(state, fact),
                _ => None,
            };
            Some((self.lexicon.path(*slot)?.clone(), value?.clone()))
        };
        slots.iter().filter_map(held).collect()
    }

    /// Ask the official evaluator about a decision that was judged; stop the versions on which it says something else, and
    /// raise an alarm for each. True if there was one.
    pub(crate) fn compare(&self, job: &Job) -> bool {
        let official = match self.oracle.judge(job.at, &job.action, job.place, &job.facts) {
            Ok(official) => official,
            Err(error) => {
                self.stops.raise(Alarm { error: Some(error), ..alarm(job) });
                return false;
            }
        };
        let by_version = |judged: &[Judged]| -> BTreeMap<usize, Said> {
            let said = |one: &Judged| Said { outcome: Some(one.outcome), cause: one.cause.clone() };
            judged.iter().map(|one| (one.version, said(one))).collect()
        };
        let (own, official) = (by_version(&job.judged), by_version(&official));
        let stopped = |version: usize| {
            let position = job.judged.iter().position(|one| one.version == version);
            position.and_then(|position| job.stopped.get(position)).copied().unwrap_or(false)
        };
        let mut differs = false;
        for version in own.keys().chain(official.keys().filter(|version| !own.contains_key(version))) {
            let (own, official) = (own.get(version), official.get(version));
            if own == official || stopped(*version) || self.stops.has(*version) {
                continue;
            }
            differs = true;
            let silent = || Said { outcome: None, cause: None };
            let number = self.stops.raise(Alarm {
                version: self.rules.rules().versions.get(*version).map(|version| version.key.clone()),
                gate: Some(own.cloned().unwrap_or_else(silent)),
                official: Some(official.cloned().unwrap_or_else(silent)),
                ..alarm(job)
            });
            self.stops.stop(*version, StopReason::Divergence { alarm: number });
        }
        differs
    }
}

fn alarm(job: &Job) -> Alarm {
    Alarm {
        number: 0,
        decision: job.decision.clone(),
        at: job.at,
        version: None,
        gate: None,
        official: None,
        error: None,
    }
}

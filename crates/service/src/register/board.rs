//! What the gate has to know of versions, held ready: whether each may decide, and the trials that bind them.

use super::lines::{TRIALS, Tells, VERSIONS, all, read, tells};
use super::running::Running;
use crate::ServiceError;
use crate::ledger_view::LedgerView;
use crate::port::{JournalEntry, Store};
use gongdao_gate::{Checked, InTrial, RegisterHold};
use gongdao_model::{DecisionRecord, Instant};
use gongdao_register::{Hold, Standing, Trial, Version};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Versions by their names. Shared by threads.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Whether a version that may not decide is held; else nobody asks.
    is_required: bool,
    holds: RwLock<HashMap<String, Hold>>,
    /// The trial that binds a version, by the version's name.
    trials: RwLock<HashMap<String, Arc<Mutex<Running>>>>,
}

impl Board {
    /// All versions and trials that there are, with what this process decided in them.
    pub(crate) fn new(
        store: &dyn Store,
        view: &LedgerView,
        node: &str,
        is_required: bool,
    ) -> Result<Self, ServiceError> {
        let versions: Vec<Version> = all(store, VERSIONS)?;
        let holds = versions.into_iter().map(|version| (version.id.clone(), version.hold())).collect();
        let mut trials = HashMap::new();
        for trial in all::<Trial>(store, TRIALS)?.into_iter().filter(Trial::binds) {
            let version = trial.plan.version.clone();
            trials.insert(version, Arc::new(Mutex::new(Running::before(trial, store, view, node)?)));
        }
        Ok(Self { is_required, holds: RwLock::new(holds), trials: RwLock::new(trials) })
    }

    /// Whether anybody asks.
    pub(crate) fn is_required(&self) -> bool {
        self.is_required
    }

    /// Read again what entries of the journal changed. The documents are at least as new as the entries.
    pub(crate) fn apply(&self, store: &dyn Store, entries: &[JournalEntry]) -> Result<(), ServiceError> {
        for entry in entries {
            let Some(subject) = entry.entry.subject.as_deref() else { continue };
            match tells(&entry.entry) {
                Tells::Nothing => {}
                Tells::Version => {
                    let Some(document) = store.document(VERSIONS, subject)? else { continue };
                    let version: Version = read(&document)?;
                    let mut holds = self.holds.write().unwrap_or_else(PoisonError::into_inner);
                    holds.insert(version.id.clone(), version.hold());
                }
                Tells::Trial => {
                    let Some(document) = store.document(TRIALS, subject)? else { continue };
                    self.take(read(&document)?);
                }
            }
        }
        Ok(())
    }

    fn take(&self, trial: Trial) {
        let mut trials = self.trials.write().unwrap_or_else(PoisonError::into_inner);
        let known = trials.get(&trial.plan.version).cloned();
        let is_same = |run: &Arc<Mutex<Running>>| locked(run).trial().id == trial.id;
        match known.filter(is_same) {
            Some(_) if !trial.binds() => drop(trials.remove(&trial.plan.version)),
            Some(run) => locked(&run).renew(trial),
            None if trial.binds() => {
                trials.insert(trial.plan.version.clone(), Arc::new(Mutex::new(Running::new(trial))));
            }
            None => {}
        }
    }

    /// Why a version may not decide at a moment; nothing where it may.
    pub(crate) fn objection(&self, version: Option<&str>, at: Instant) -> Option<RegisterHold> {
        let holds = self.holds.read().unwrap_or_else(PoisonError::into_inner);
        let Some(hold) = version.and_then(|version| holds.get(version)) else { return Some(RegisterHold::Unknown) };
        match hold.standing(at) {
            Standing::InForce => None,
            Standing::Declared => Some(RegisterHold::NotPublished),
            Standing::Published => Some(RegisterHold::NotInForce),
            Standing::Withdrawn => Some(RegisterHold::Withdrawn),
        }
    }

    /// Enter a decision into the trial of its version: counted where it is one of the trial, else with the reason. Nothing where
    /// the version is in no trial.
    pub(crate) fn enter(&self, record: &DecisionRecord, checked: &Checked) -> Option<InTrial> {
        let run = self.run(record.algorithm.as_deref()?)?;
        let mut run = locked(&run);
        let hold = run.enter(record.at, record.place, record.person.as_deref(), checked);
        Some(InTrial { id: run.trial().id.clone(), hold })
    }

    /// What happened so far in the trial that binds a version.
    pub(crate) fn run(&self, version: &str) -> Option<Arc<Mutex<Running>>> {
        let trials = self.trials.read().unwrap_or_else(PoisonError::into_inner);
        trials.get(version).cloned()
    }

    /// All trials that bind a version.
    pub(crate) fn runs(&self) -> Vec<Arc<Mutex<Running>>> {
        let trials = self.trials.read().unwrap_or_else(PoisonError::into_inner);
        trials.values().cloned().collect()
    }
}

/// A trial, for as long as it is looked at.
pub(super) fn locked(run: &Mutex<Running>) -> std::sync::MutexGuard<'_, Running> {
    run.lock().unwrap_or_else(PoisonError::into_inner)
}

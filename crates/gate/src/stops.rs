//! Rule versions that judge nothing for the time being, and alarms.

use crate::{Alarm, StopReason, Stopped};
use gongdao_rules::RuleSet;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

/// Which versions are stopped, and what the official evaluator found.
#[derive(Debug, Default)]
pub(crate) struct Stops {
    /// Grows with every change, so that a reader who has seen the newest number need not look again.
    epoch: AtomicU64,
    reasons: RwLock<BTreeMap<usize, StopReason>>,
    alarms: Mutex<Vec<Alarm>>,
}

/// What one thread has seen of it: by index of the version, whether it is stopped.
#[derive(Debug, Default)]
pub(crate) struct StopsSeen {
    epoch: u64,
    pub(crate) flags: Vec<bool>,
}

impl Stops {
    /// Bring a view up to date.
    pub(crate) fn refresh(&self, seen: &mut StopsSeen) {
        let epoch = self.epoch.load(Ordering::Acquire);
        if epoch == seen.epoch {
            return;
        }
        let reasons = self.reasons.read().unwrap_or_else(PoisonError::into_inner);
        seen.flags.clear();
        for version in reasons.keys() {
            seen.flags.resize((*version + 1).max(seen.flags.len()), false);
            if let Some(flag) = seen.flags.get_mut(*version) {
                *flag = true;
            }
        }
        seen.epoch = epoch;
    }

    /// Stop a version; nothing where it is stopped already.
    pub(crate) fn stop(&self, version: usize, reason: StopReason) {
        self.reasons.write().unwrap_or_else(PoisonError::into_inner).entry(version).or_insert(reason);
        self.epoch.fetch_add(1, Ordering::Release);
    }

    /// Let a version judge again; false where it was not stopped.
    pub(crate) fn resume(&self, version: usize) -> bool {
        let was_stopped = self.reasons.write().unwrap_or_else(PoisonError::into_inner).remove(&version).is_some();
        self.epoch.fetch_add(1, Ordering::Release);
        was_stopped
    }

    pub(crate) fn has(&self, version: usize) -> bool {
        self.reasons.read().unwrap_or_else(PoisonError::into_inner).contains_key(&version)
    }

    pub(crate) fn list(&self, rules: &RuleSet) -> Vec<Stopped> {
        let reasons = self.reasons.read().unwrap_or_else(PoisonError::into_inner);
        let stopped = reasons.iter().filter_map(|(version, reason)| {
            Some(Stopped { version: rules.versions.get(*version)?.key.clone(), reason: reason.clone() })
        });
        stopped.collect()
    }

    /// Raise an alarm, which gets the next number.
    pub(crate) fn raise(&self, mut alarm: Alarm) -> u64 {
        let mut alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        let number = alarms.len() as u64 + 1;
        alarm.number = number;
        // Each version alarms once, but an oracle that always fails must not fill the memory.
        if alarms.len() < MOST_ALARMS {
            alarms.push(alarm);
        }
        number
    }

    pub(crate) fn alarms_after(&self, number: u64) -> Vec<Alarm> {
        let alarms = self.alarms.lock().unwrap_or_else(PoisonError::into_inner);
        alarms.iter().filter(|alarm| alarm.number > number).cloned().collect()
    }
}

const MOST_ALARMS: usize = 10_000;

//! What the gate has to know of versions, held ready: whether each may decide.

use super::lines::{VERSIONS, all, is_of_version, read};
use crate::ServiceError;
use crate::port::{JournalEntry, Store};
use gongdao_gate::RegisterHold;
use gongdao_model::Instant;
use gongdao_register::{Hold, Standing, Version};
use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

/// Versions by their names. Shared by threads.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Whether a version that may not decide is held; else nobody asks.
    is_required: bool,
    holds: RwLock<HashMap<String, Hold>>,
}

impl Board {
    /// All versions that there are.
    pub(crate) fn new(store: &dyn Store, is_required: bool) -> Result<Self, ServiceError> {
        let versions: Vec<Version> = all(store, VERSIONS)?;
        let holds = versions.into_iter().map(|version| (version.id.clone(), version.hold())).collect();
        Ok(Self { is_required, holds: RwLock::new(holds) })
    }

    /// Whether anybody asks.
    pub(crate) fn is_required(&self) -> bool {
        self.is_required
    }

    /// Read again what entries of the journal changed. The documents are at least as new as the entries.
    pub(crate) fn apply(&self, store: &dyn Store, entries: &[JournalEntry]) -> Result<(), ServiceError> {
        for entry in entries.iter().filter(|entry| is_of_version(&entry.entry)) {
            let Some(subject) = entry.entry.subject.as_deref() else { continue };
            let Some(document) = store.document(VERSIONS, subject)? else { continue };
            let version: Version = read(&document)?;
            self.holds.write().unwrap_or_else(PoisonError::into_inner).insert(version.id.clone(), version.hold());
        }
        Ok(())
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
}

//! What is kept about a person, counted: what the whole record says of itself, without reading it.

use super::evidence::count_photos;
use super::record::{Category, Held};
use crate::port::JournalKind;
use crate::{Caller, Purpose, Service, ServiceError};
use gongdao_model::{Entity, Instant};
use serde::Serialize;
use std::collections::BTreeMap;

/// How much there is about a person, by category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RecordCounts {
    /// About whom.
    pub person: String,
    /// When it was counted.
    pub at: Instant,
    /// Every category: whether it is in the record, and why where it is not.
    pub manifest: Vec<Held>,
}

/// Counts of categories, and what is not among them.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) counts: BTreeMap<Category, u64>,
    /// Mandates that do not concern the caller.
    pub(super) hidden_mandates: u64,
    /// Decisions that another process's ledger has.
    pub(super) elsewhere: u64,
}

impl Service {
    /// What [`Service::person_record`] would hold, for whoever may have it: the same look is logged. Decisions, their answers and
    /// entries of the journal are counted by the database; the ledger is not read.
    ///
    /// Errors: the caller may not see it; the database.
    pub fn record_counts(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &Purpose,
    ) -> Result<RecordCounts, ServiceError> {
        self.may_see_record(caller, person, purpose)?;
        let at = self.clock.now();
        self.queue().projector().flush();
        let decisions = self.store.count_about(person, &self.node)?;
        let cases = self.entries_of(person, JournalKind::Case)?;
        let (mandates, hidden_mandates) = self.mandates_shown(caller, person, &cases)?;
        let state = self.gate.state_of(Entity::Person, person, at);
        let counts = [
            (Category::Accounts, self.accounts_of(person)?.len() as u64),
            (Category::State, state.len() as u64),
            (Category::Decisions, decisions.here),
            (Category::Verdicts, decisions.answers),
            (Category::Changes, self.store.count_of_person(person, JournalKind::PersonEvent)?),
            (Category::Cases, cases.len() as u64 + count_photos(&*self.store, person)?),
            (Category::Mandates, mandates.len() as u64),
            (Category::Approvals, self.store.count_of_person(person, JournalKind::Approval)?),
            (Category::LookUps, self.store.count_of_person(person, JournalKind::LookUp)?),
        ];
        let counted = Counted { counts: counts.into(), hidden_mandates, elsewhere: decisions.elsewhere };
        Ok(RecordCounts { person: person.to_owned(), at, manifest: counted.manifest() })
    }
}

impl Counted {
    /// A line for each category.
    pub(super) fn manifest(&self) -> Vec<Held> {
        let line = |category: Category| {
            let count = self.counts.get(&category).copied().unwrap_or_default();
            let (missing, reason) = match category {
                Category::Decisions if self.elsewhere > 0 => (self.elsewhere, Some("elsewhere")),
                Category::Mandates if self.hidden_mandates > 0 => (self.hidden_mandates, Some("mandates")),
                Category::Secrets => (0, Some("secrets")),
                _ => (0, None),
            };
            let status = match (category, count, missing) {
                (Category::Secrets, ..) => "withheld",
                (_, 0, 0) => "none",
                (_, _, 0) => "included",
                _ => "partly",
            };
            Held { category, status, count, missing, reason }
        };
        Category::ALL.into_iter().map(line).collect()
    }
}

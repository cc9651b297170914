//! Looking decisions up.

use crate::access::Look;
use crate::check::{Place, rebuilt};
use crate::port::{Cursor, Projected};
use crate::{Caller, ErrorKind, Field, Purpose, Service, ServiceError};
use gongdao_gate::{Checked, Seen};
use gongdao_ledger::{GroupNumber, Row};
use gongdao_model::{DecisionRecord, Facts};
use std::collections::{BTreeMap, BTreeSet};

/// A decision, as much of it as the caller may see.
#[derive(Debug, Clone, PartialEq)]
pub struct DecisionView {
    /// Where the ledger has it.
    pub place: Place,
    /// The decision. Without facts and pseudonym where the caller may not see them.
    pub record: DecisionRecord,
    /// What the gate said; none for a decision that was made elsewhere, or where the caller may not see it.
    pub checked: Option<Checked>,
    /// The parts that are shown.
    pub fields: BTreeSet<Field>,
}

/// The proof that a decision is in the ledger, with its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptView {
    /// A C2SP tlog-proof (docs/formats/ledger-receipt.md).
    pub text: String,
    /// Where it stands.
    pub leaf: u64,
}

impl Service {
    /// One decision by its identifier. A look-up by anyone but the person and who acts for them is logged before anything is
    /// shown.
    ///
    /// Errors: there is none, or the caller may not know; it was erased; another process's ledger has it.
    pub fn decision(&self, caller: &Caller, id: &str, purpose: &Purpose) -> Result<DecisionView, ServiceError> {
        let line = self.line(id)?;
        self.look(caller, Look::Decision, line.person.as_deref(), purpose, id)
            .map_err(|error| hidden(error, caller, purpose))?;
        self.view_of(caller, &line)
    }

    /// The same for an explanation: whoever holds a mandate for it may see the decision too, and their look is logged.
    pub(crate) fn decision_for_desk(
        &self,
        caller: &Caller,
        id: &str,
        purpose: &Purpose,
    ) -> Result<DecisionView, ServiceError> {
        let line = self.line(id)?;
        let person = line.person.as_deref().unwrap_or_default();
        let Some(mandate) = self.mandate_for(person, gongdao_desk::RequestKind::Explain, Some(id), caller)? else {
            return self.decision(caller, id, purpose);
        };
        self.log_look_up(caller, person, &format!("rights desk, {mandate}"), id)?;
        let leaf = self.own_leaf(&line)?;
        let (place, record, checked) = rebuilt(&self.view, &*self.store, &self.node, leaf)?;
        Ok(DecisionView { place, record, checked, fields: Field::ALL.into_iter().collect() })
    }

    /// Decisions about a person, newest first; the lines that name them, without their content.
    pub fn decisions_of(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &Purpose,
        after: Option<&Cursor>,
        limit: u32,
    ) -> Result<Vec<Projected>, ServiceError> {
        self.look(caller, Look::Decision, Some(person), purpose, "decisions")?;
        self.queue().projector().flush();
        self.store.page(Some(person), after, limit)
    }

    /// The proof of a decision, with the content of its person's group. It stays valid whatever happens to the service.
    ///
    /// Errors: as for the decision; the caller may not have it.
    pub fn receipt(&self, caller: &Caller, id: &str, purpose: &Purpose) -> Result<ReceiptView, ServiceError> {
        let line = self.line(id)?;
        self.look(caller, Look::Decision, line.person.as_deref(), purpose, id)
            .map_err(|error| hidden(error, caller, purpose))?;
        let unsealed = self.unsealed_for(line.person.as_deref())?;
        if !self.access.fields(caller, line.person.as_deref(), &unsealed).contains(&Field::Receipt) {
            return Err(crate::access::forbidden("you may not have this receipt"));
        }
        let leaf = self.own_leaf(&line)?;
        let receipt = self.view.receipt(leaf, GroupNumber(1))?;
        Ok(ReceiptView { text: receipt.to_string(), leaf })
    }

    pub(crate) fn view_of(&self, caller: &Caller, line: &Projected) -> Result<DecisionView, ServiceError> {
        let leaf = self.own_leaf(line)?;
        let (place, mut record, mut checked) = rebuilt(&self.view, &*self.store, &self.node, leaf)?;
        let unsealed = self.unsealed_for(line.person.as_deref())?;
        let fields = self.access.fields(caller, line.person.as_deref(), &unsealed);
        if !fields.contains(&Field::Person) {
            record.person = None;
        }
        if !fields.contains(&Field::Facts) {
            record.facts = Facts::new();
            if let Some(checked) = &mut checked {
                checked.seen = Seen::default();
                checked.contradictions.clear();
            }
        }
        checked = checked.filter(|_| fields.contains(&Field::Verdicts));
        Ok(DecisionView { place, record, checked, fields })
    }

    pub(crate) fn line(&self, id: &str) -> Result<Projected, ServiceError> {
        let found = self.store.find(&[id])?.into_iter().next().flatten();
        if let Some(line) = found.filter(|line| line.leaf.is_some()) {
            return Ok(line);
        }
        // It may be on its way into the database.
        self.queue().projector().flush();
        self.store.find(&[id])?.into_iter().next().flatten().ok_or_else(|| ServiceError::not_found("decision"))
    }

    /// The rows of those lines that this process's ledger has, by their places.
    pub(crate) fn rows_of(&self, lines: &[Projected]) -> Result<BTreeMap<u64, Row>, ServiceError> {
        self.view.rows(&lines.iter().filter_map(|line| self.own_leaf(line).ok()).collect())
    }

    pub(crate) fn own_leaf(&self, line: &Projected) -> Result<u64, ServiceError> {
        if line.node != *self.node {
            return Err(ServiceError::new(
                ErrorKind::NotFound,
                format!("the ledger of `{}` has the decision", line.node),
                "ask that process",
            ));
        }
        line.leaf
            .ok_or_else(|| ServiceError::new(ErrorKind::Busy, "the decision is being logged", "ask again in a moment"))
    }
}

/// Whether a decision exists is not told to whoever may not see it.
fn hidden(error: ServiceError, caller: &Caller, purpose: &Purpose) -> ServiceError {
    let could_say_why = purpose.as_str().is_empty() && !caller.is_person();
    if error.kind == ErrorKind::Forbidden && !could_say_why {
        return ServiceError::not_found("decision");
    }
    error
}

use super::access::{OnCase, OnDesk};
use super::lines::{read_case, stored_limits};
use super::order::{Queue, QueuePlace, Sought, Waiting};
use crate::{Caller, Service, ServiceError};
use gongdao_desk::Stage;
use gongdao_model::Instant;
use serde::Serialize;
use std::collections::BTreeSet;

/// Which cases of the queue.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct QueueQuery {
    /// Of a kind.
    pub kind: Option<String>,
    /// At a stage.
    pub stage: Option<String>,
    /// Only those past their limit.
    pub late: bool,
}

/// A case that waits, without what the person said and who they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct QueueLine {
    /// Its name.
    pub case: String,
    /// What is asked for.
    pub kind: String,
    /// Where it stands.
    pub stage: String,
    /// When it came in.
    pub opened_at: Instant,
    /// When the stage is due; nothing where nobody published a limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Instant>,
    /// Whether it is past that.
    pub is_late: bool,
    /// Whether a penalty waits for it.
    pub suspends_penalty: bool,
    /// Where it stands: the page that follows begins after it.
    #[serde(skip)]
    pub place: QueuePlace,
}

/// Whether a penalty may be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Suspension {
    /// The decision that imposed it.
    pub decision: String,
    /// Whether it waits.
    pub suspended: bool,
    /// The contests that it waits for.
    pub cases: Vec<SuspendedBy>,
}

/// A contest that a penalty waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SuspendedBy {
    /// Its name.
    pub case: String,
    /// Its ground.
    pub ground: String,
    /// Since when.
    pub since: Instant,
}

impl Service {
    /// What waits for the operator, those due first in front, after a place.
    ///
    /// Errors: the caller may not see the queue.
    pub fn case_queue(
        &self,
        caller: &Caller,
        query: &QueueQuery,
        after: Option<&QueuePlace>,
        limit: u32,
    ) -> Result<Vec<QueueLine>, ServiceError> {
        self.desk.access.may_on_desk(caller, OnDesk::ReadQueue)?;
        let now = self.clock.now();
        let is_asked = |stage: &Stage| query.stage.as_deref().is_none_or(|asked| asked == stage.as_str());
        let stages = Stage::ALL.into_iter().filter(|stage| stage.is_with_operator() && is_asked(stage)).collect();
        let due_before = query.late.then_some(now);
        let sought = Sought { stages, kind: query.kind.clone(), due_before, not_escalated: false };
        let page = self.waiting(&sought, after, limit)?;
        Ok(page.into_iter().map(|waiting| queue_line(waiting, now)).collect())
    }

    /// Cases in the order in which they are due, by the limits of now.
    pub(super) fn waiting(
        &self,
        sought: &Sought,
        after: Option<&QueuePlace>,
        limit: u32,
    ) -> Result<Vec<Waiting>, ServiceError> {
        // Another process may have changed them since.
        let (_, limits) = stored_limits(&*self.store)?;
        Queue { store: &*self.store, limits: &limits, calendar: &self.desk.calendar }.page(sought, after, limit)
    }

    /// Whether a penalty that a decision imposed waits. Whoever carries penalties out asks this first.
    ///
    /// Errors: there is no such decision, or the caller may not know.
    pub fn suspension(&self, caller: &Caller, decision: &str) -> Result<Suspension, ServiceError> {
        let person = self.line(decision)?.person.unwrap_or_default();
        let is_machine = caller.roles.contains(&crate::Role::Machine);
        let mandated: BTreeSet<String> =
            self.live_mandates(&person, caller)?.iter().map(|_| caller.actor.clone()).collect();
        if !is_machine && !self.desk.access.may_on_case(caller, OnCase::Read, &person, &mandated) {
            return Err(ServiceError::not_found("decision"));
        }
        let mut cases = Vec::new();
        for line in self.store.suspending(decision)? {
            let case = read_case(&line)?;
            let ground = case.ground.unwrap_or_default();
            cases.push(SuspendedBy { case: case.id, ground, since: case.filed_at });
        }
        Ok(Suspension { decision: decision.to_owned(), suspended: !cases.is_empty(), cases })
    }
}

fn queue_line(waiting: Waiting, now: Instant) -> QueueLine {
    let Waiting { line, place } = waiting;
    QueueLine {
        case: line.id,
        kind: line.kind,
        stage: line.stage,
        opened_at: line.opened_at,
        due: place.due,
        is_late: place.due.is_some_and(|due| due < now),
        suspends_penalty: line.suspends,
        place,
    }
}

use crate::ServiceError;
use crate::port::{CaseLine, JournalEntry, JournalKind, MandateLine, NewEntry, Store, TaskLine};
use gongdao_clock::Calendar;
use gongdao_desk::{Case, CaseEvent, Limits, Mandate, MandateEvent, Rights, StageClock, Task, last_moment};
use gongdao_model::Instant;
use std::collections::BTreeMap;

const LIMITS: &str = "desk-limits";

/// A case as the database has it.
pub(super) fn case_line(
    case: &Case,
    rights: &Rights,
    limits: &Limits,
    calendar: &Calendar,
) -> Result<CaseLine, ServiceError> {
    let Counted { since, moved, moved_to } = counted(case, rights, limits, calendar)?;
    let answer = case.answer.as_ref();
    let review = case.review.as_ref().filter(|review| review.done_at.is_some());
    Ok(CaseLine {
        id: case.id.clone(),
        person: case.person.clone(),
        kind: case.kind.as_str().to_owned(),
        stage: case.stage.as_str().to_owned(),
        waits: case.stage.is_with_operator(),
        since,
        moved,
        moved_to,
        escalated: case.escalated.contains(&case.stage),
        opened_at: case.filed_at,
        filing: case.filing.clone(),
        decision: case.about.decision.clone(),
        suspends: case.suspends_penalty(rights),
        outcome: answer.map(|answer| answer.outcome.as_str().to_owned()),
        article: answer.and_then(|answer| answer.outcome.article()).map(ToString::to_string),
        changed: review.map(|review| review.changed),
        seconds: review.and_then(gongdao_desk::Review::seconds),
        events: case.events,
        tasks: case.fulfilment.iter().map(|task| task_line(case, task)).collect(),
        body: serde_json::to_string(case).map_err(ServiceError::storage)?,
    })
}

/// What the clock of a case comes to.
pub(super) struct Counted {
    pub(super) since: Option<Instant>,
    pub(super) moved: bool,
    pub(super) moved_to: Option<Instant>,
}

/// From when on the stage of a case is counted, and when it is due where something moved its clock.
pub(super) fn counted(
    case: &Case,
    rights: &Rights,
    limits: &Limits,
    calendar: &Calendar,
) -> Result<Counted, ServiceError> {
    let clock = StageClock::of(case, rights, limits, calendar)?;
    let since = clock.as_ref().map(|clock| clock.since);
    let moved = !case.stays.is_empty();
    let due = clock.filter(|_| moved).and_then(|clock| clock.due());
    Ok(Counted { since, moved, moved_to: due.map(|due| last_moment(due.end)).transpose()? })
}

fn task_line(case: &Case, task: &Task) -> TaskLine {
    TaskLine {
        id: task_name(&case.id, &task.system),
        case: case.id.clone(),
        person: case.person.clone(),
        kind: case.kind.as_str().to_owned(),
        system: task.system.clone(),
        way: task.way.as_str().to_owned(),
        state: task.state.as_str().to_owned(),
        since: task.since,
        events: case.events,
    }
}

/// The name of a task. Names of systems have no full stop.
pub(crate) fn task_name(case: &str, system: &str) -> String {
    format!("{case}.{system}")
}

pub(crate) fn read_case(line: &CaseLine) -> Result<Case, ServiceError> {
    serde_json::from_str(&line.body).map_err(ServiceError::storage)
}

pub(crate) fn case_entry(case: &Case, event: &CaseEvent) -> Result<NewEntry, ServiceError> {
    Ok(NewEntry {
        kind: JournalKind::Case,
        // Whoever acts at the same time gives the same name to something else, and one of the two is refused.
        id: format!("{}-{}", case.id, case.events),
        person: Some(case.person.clone()),
        subject: Some(case.id.clone()),
        actor: event.by.actor.clone(),
        at: event.at,
        body: serde_json::to_string(event).map_err(ServiceError::storage)?,
    })
}

pub(super) fn mandate_line(mandate: &Mandate) -> Result<MandateLine, ServiceError> {
    Ok(MandateLine {
        id: mandate.id.clone(),
        person: mandate.terms.person.clone(),
        representative: mandate.terms.representative.clone(),
        state: mandate.state.as_str().to_owned(),
        events: mandate.events,
        body: serde_json::to_string(mandate).map_err(ServiceError::storage)?,
    })
}

pub(crate) fn read_mandate(line: &MandateLine) -> Result<Mandate, ServiceError> {
    serde_json::from_str(&line.body).map_err(ServiceError::storage)
}

pub(super) fn stored_limits(store: &dyn Store) -> Result<(u64, Limits), ServiceError> {
    match store.document(LIMITS, LIMITS)? {
        None => Ok((0, Limits::default())),
        Some(document) => Ok((document.version, serde_json::from_str(&document.body).map_err(ServiceError::storage)?)),
    }
}

pub(super) const fn limits_collection() -> &'static str {
    LIMITS
}

/// Make cases and mandates again from the journal: the ledger gave entries back that the database had lost.
pub(crate) fn restore(store: &dyn Store, node: &str, rights: &Rights, calendar: &Calendar) -> Result<(), ServiceError> {
    let (_, limits) = stored_limits(store)?;
    let mut cases = Vec::new();
    for (id, entries) in by_subject(store, JournalKind::Case)? {
        let events = entries.iter().map(read::<CaseEvent>).collect::<Result<Vec<_>, _>>()?;
        cases.push(case_line(&Case::fold(&id, &events, rights)?, rights, &limits, calendar)?);
    }
    let mut mandates = Vec::new();
    for (id, entries) in by_subject(store, JournalKind::Mandate)? {
        let mut folded: Option<Mandate> = None;
        for entry in &entries {
            let at = entry.entry.at;
            folded = match (folded, read::<MandateEvent>(entry)?) {
                (None, MandateEvent::Proposed { mandate }) => Some(Mandate::propose(&id, mandate, at)?),
                (None, _) => None,
                (Some(mandate), event) => Some(mandate.after(&event, at)?),
            };
        }
        mandates.extend(folded.as_ref().map(mandate_line).transpose()?);
    }
    store.change_desk(node, &cases, &mandates, &[])?;
    Ok(())
}

/// Entries of a kind by what they are about, each in order.
fn by_subject(store: &dyn Store, kind: JournalKind) -> Result<BTreeMap<String, Vec<JournalEntry>>, ServiceError> {
    const AT_ONCE: u32 = 1000;
    let mut all: BTreeMap<String, Vec<JournalEntry>> = BTreeMap::new();
    let mut before = None;
    loop {
        let page = store.of_subject(kind, None, before, AT_ONCE)?;
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        for entry in page {
            if let Some(subject) = entry.entry.subject.clone() {
                all.entry(subject).or_default().push(entry);
            }
        }
    }
    for entries in all.values_mut() {
        entries.sort_by_key(|entry| entry.seq);
    }
    Ok(all)
}

fn read<T: serde::de::DeserializeOwned>(entry: &JournalEntry) -> Result<T, ServiceError> {
    serde_json::from_str(&entry.entry.body).map_err(ServiceError::storage)
}

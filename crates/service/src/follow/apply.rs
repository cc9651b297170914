use crate::ServiceError;
use crate::event::EventBody;
use crate::port::{JournalEntry, JournalKind, NewEntry, Store};
use crate::register::Board;
use crate::settings::{resumed_by, stored};
use gongdao_gate::{Gate, StateChange, StateEvent};

/// What applying entries came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Entries that this gate cannot take as they are: their facts are unknown to it from then on.
    pub(crate) refused: Vec<String>,
}

/// Bring entries to the gate, in order.
pub(crate) fn apply_entries(
    gate: &Gate,
    board: &Board,
    store: &dyn Store,
    entries: &[JournalEntry],
) -> Result<Applied, ServiceError> {
    board.apply(store, entries)?;
    let mut applied = Applied::default();
    let mut events = Vec::new();
    for entry in entries {
        if let Some(event) = state_event(&entry.entry)? {
            events.push((entry.entry.id.as_str(), event));
        }
    }
    let plain: Vec<StateEvent> = events.iter().map(|(_, event)| event.clone()).collect();
    let mut rest = plain.as_slice();
    let mut at = 0;
    while let Err((done, refusal)) = gate.apply_all(rest) {
        at += done;
        if let Some((id, event)) = events.get(at) {
            applied.refused.push(format!("`{id}`: {}", refusal.message));
            // What was acknowledged and cannot be read leaves its fact unknown, never as it was. A fact that this gate
            // does not have at all is asked for by no rule of it.
            let _ = gate.apply(&StateEvent { change: StateChange::Forget, ..event.clone() });
        }
        at += 1;
        rest = plain.get(at..).unwrap_or_default();
    }
    let settings = || entries.iter().filter(|entry| entry.entry.kind == JournalKind::Settings);
    for version in settings().filter_map(|entry| resumed_by(&entry.entry.body)) {
        // What this gate stopped by itself; a rule that is not in its packs is not stopped. Still stopped, it is stopped
        // again below.
        let _ = gate.resume(&version);
    }
    if settings().next().is_some() {
        stored(store)?.apply(gate);
    }
    Ok(applied)
}

/// The change of a state that an entry is; nothing for entries of other kinds.
fn state_event(entry: &NewEntry) -> Result<Option<StateEvent>, ServiceError> {
    let key = match entry.kind {
        JournalKind::PersonEvent => entry.person.as_ref(),
        JournalKind::AlgorithmEvent => entry.subject.as_ref(),
        _ => return Ok(None),
    };
    let Some(key) = key else { return Ok(None) };
    let body: EventBody = serde_json::from_str(&entry.body).map_err(ServiceError::storage)?;
    Ok(Some(body.into_event(key.clone(), entry.at)))
}

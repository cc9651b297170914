//! A rule version on which the official evaluator disagreed with the gate stays stopped, on every process and over a restart,
//! until two people lift it. The trail is in the journal, and so in the ledger.

use crate::port::{Clock, JournalKind, NewEntry, Store};
use crate::settings::{Changed, OrderedStop, StoredSettings, settings_put, versioned};
use crate::{ErrorKind, ServiceError};
use gongdao_gate::{Alarm, Gate};

/// Who does it, in the journal.
const ACTOR: &str = "official-evaluator";

/// Keep what the gate stopped on its own since alarm `seen`. Returns the number of the last alarm that was looked at.
///
/// Errors: the database. What was not kept is stopped in this process, and is kept by a later call.
pub(crate) fn keep_stops(
    gate: &Gate,
    store: &dyn Store,
    node: &str,
    clock: &dyn Clock,
    seen: u64,
) -> Result<u64, ServiceError> {
    let mut seen = seen;
    for alarm in gate.alarms_after(seen) {
        keep(gate, store, node, clock, &alarm)?;
        seen = alarm.number;
    }
    Ok(seen)
}

fn keep(gate: &Gate, store: &dyn Store, node: &str, clock: &dyn Clock, alarm: &Alarm) -> Result<(), ServiceError> {
    // Of the evaluator as a whole: no rule is stopped.
    let Some(rule) = &alarm.version else { return Ok(()) };
    loop {
        let mut current = versioned(store, gate)?;
        if current.value.stopped.iter().any(|stop| stop.version == *rule) {
            return Ok(());
        }
        let reason = "the official evaluator disagreed with the gate".to_owned();
        current.value.stopped.push(OrderedStop { version: rule.clone(), note: reason, by_divergence: true });
        let put = settings_put(current.version, &current.value)?;
        let entry = entry(clock, alarm, current.version + 1, &current.value)?;
        match store.change(node, &[put], &[entry]) {
            // Somebody else changed the settings: on theirs, then.
            Err(error) if error.kind == ErrorKind::Changed => {}
            other => return other.map(drop),
        }
    }
}

/// What both said, and not of which decision: it is about a person, and this entry is about nobody.
fn entry(clock: &dyn Clock, alarm: &Alarm, version: u64, settings: &StoredSettings) -> Result<NewEntry, ServiceError> {
    let found = serde_json::json!({ "version": alarm.version, "gate": alarm.gate, "official": alarm.official });
    let changed = Changed { version, settings, approval: None, resumed: None, found: Some(found) };
    Ok(NewEntry {
        kind: JournalKind::Settings,
        id: format!("settings-divergence-{version}"),
        person: None,
        subject: Some("gate".to_owned()),
        actor: ACTOR.to_owned(),
        at: clock.now(),
        body: serde_json::to_string(&changed).map_err(ServiceError::storage)?,
    })
}

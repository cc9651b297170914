//! What an entry of a ledger is to an audit.

use gongdao_ledger::{
    ALGORITHM_SCHEMA, DECISION_SCHEMA, EntryKind, GroupNumber, LedgerError, Reader, Row, Value, read_decision,
    read_fact, read_group,
};
use gongdao_model::{DecisionRecord, FactPath, Facts};

/// A decision that a service's gate was asked about: the columns of a decision as it was handed in, then what the state held
/// (docs/formats/ledger-service.md).
const CHECK_SCHEMA: &str = "gongdao/check/1";
/// What the gate answered; its last column is the algorithm's state.
const EVALUATION_SCHEMA: &str = "gongdao/evaluation/1";
const DECISION_COLUMNS: usize = 6;
const ALGORITHM_STATE: usize = 7;

/// Kinds of entries that are read at once.
const PIECE: u64 = 8_192;

/// What was met.
pub(super) enum Met {
    /// A decision.
    Decision {
        /// As it was logged.
        record: Box<DecisionRecord>,
        /// Which algorithm decided was erased, and the rest stands.
        algorithm_erased: bool,
    },
    /// A decision whose content was erased.
    Erased,
    /// A decision that this program cannot read, and why.
    Unreadable(String),
    /// A correction of an earlier record.
    Correction,
    /// No decision: rights, erasures, seals.
    Other,
}

/// Every entry up to the checkpoint, in order, each with its row.
pub(super) fn each_met(
    reader: &Reader,
    mut take: impl FnMut(u64, Met, &Row) -> Result<(), LedgerError>,
) -> Result<(), LedgerError> {
    let mut kinds = Vec::new();
    let mut start = 0;
    reader.each_row(0..reader.size(), |row| {
        let place = |start: u64| usize::try_from(row.leaf.saturating_sub(start)).unwrap_or(usize::MAX);
        if place(start) >= kinds.len() {
            start = row.leaf;
            kinds.clear();
            reader.each_entry(start..start + PIECE, |_, entry| {
                kinds.push(entry.kind);
                Ok(())
            })?;
        }
        let met = kinds.get(place(start)).map_or(Met::Other, |kind| met(reader, *kind, &row));
        take(row.leaf, met, &row)
    })
}

fn met(reader: &Reader, kind: EntryKind, row: &Row) -> Met {
    match kind {
        EntryKind::Decision => {}
        EntryKind::Correction => return Met::Correction,
        _ => return Met::Other,
    }
    let (mut algorithm, mut decision, mut algorithm_state) = (None, None, None);
    let mut is_erased = false;
    for (number, _) in (0..).map(GroupNumber).zip(&row.groups) {
        let Some(bytes) = reader.content(row, number) else {
            is_erased = true;
            continue;
        };
        match read_group(bytes) {
            Ok((schema, columns)) if schema == ALGORITHM_SCHEMA => {
                algorithm = columns.first().and_then(Value::as_text).map(str::to_owned);
            }
            Ok((schema, columns)) if schema == DECISION_SCHEMA => {
                decision = Some(read_decision(&columns).map_err(|error| error.message));
            }
            Ok((schema, columns)) if schema == CHECK_SCHEMA => decision = Some(as_judged(&columns)),
            Ok((schema, columns)) if schema == EVALUATION_SCHEMA => {
                algorithm_state = columns.get(ALGORITHM_STATE).cloned();
            }
            Ok(_) => {}
            Err(error) => return Met::Unreadable(error.message),
        }
    }
    if let (Some(Ok(record)), Some(state)) = (&mut decision, &algorithm_state)
        && let Err(message) = overlay(&mut record.facts, state)
    {
        return Met::Unreadable(message);
    }
    match decision {
        Some(Ok(record)) => {
            Met::Decision { record: Box::new(DecisionRecord { algorithm, ..record }), algorithm_erased: is_erased }
        }
        Some(Err(message)) => Met::Unreadable(message),
        None if is_erased => Met::Erased,
        None => Met::Unreadable(format!("no group has the schema `{DECISION_SCHEMA}`")),
    }
}

/// A checked decision with the facts that counted: what the person's state held goes before what was handed in, and what it
/// held as unknown is unknown.
fn as_judged(columns: &[Value]) -> Result<DecisionRecord, String> {
    let (own, rest) = columns.split_at(DECISION_COLUMNS.min(columns.len()));
    let mut record = read_decision(own).map_err(|error| error.message)?;
    let [_, person, _, Value::List(contradictions)] = rest else { return Err(malformed()) };
    for found in contradictions {
        let Some([Value::Text(path), _]) = found.as_list() else { return Err(malformed()) };
        record.facts.remove(&path.parse::<FactPath>().map_err(|error| error.message)?);
    }
    overlay(&mut record.facts, person)?;
    Ok(record)
}

/// Facts of a state, over those that are there.
fn overlay(facts: &mut Facts, state: &Value) -> Result<(), String> {
    for pair in state.as_list().ok_or_else(malformed)? {
        let Some([Value::Text(path), value]) = pair.as_list() else { return Err(malformed()) };
        let path = path.parse::<FactPath>().map_err(|error| error.message)?;
        facts.insert(path, read_fact(value).map_err(|error| error.message)?);
    }
    Ok(())
}

fn malformed() -> String {
    format!("the columns are not those of `{CHECK_SCHEMA}`")
}

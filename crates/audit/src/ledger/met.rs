//! What an entry of a ledger is to an audit.

use gongdao_ledger::{
    ALGORITHM_SCHEMA, DECISION_SCHEMA, EntryKind, GroupNumber, LedgerError, Reader, Row, Value, read_decision,
    read_group,
};
use gongdao_model::DecisionRecord;

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
    let (mut algorithm, mut decision) = (None, None);
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
            Ok((schema, columns)) if schema == DECISION_SCHEMA => decision = Some(read_decision(&columns)),
            Ok(_) => {}
            Err(error) => return Met::Unreadable(error.message),
        }
    }
    match decision {
        Some(Ok(record)) => {
            Met::Decision { record: Box::new(DecisionRecord { algorithm, ..record }), algorithm_erased: is_erased }
        }
        Some(Err(error)) => Met::Unreadable(error.message),
        None if is_erased => Met::Erased,
        None => Met::Unreadable(format!("no group has the schema `{DECISION_SCHEMA}`")),
    }
}

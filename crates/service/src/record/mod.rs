//! What the service writes into the ledger, and how it reads it again (docs/formats/ledger-service.md).

mod check;
mod columns;
mod journal;
mod parts;
#[cfg(test)]
mod tests;

pub use check::{
    ANSWER_SCHEMA, BRIEF_SCHEMA, CHECK_SCHEMA, EVALUATION_SCHEMA, FRAME_SCHEMA, LoggedCheck, REGISTER_SCHEMA,
    TRIAL_SCHEMA, meanings_of,
};
pub use journal::{JOURNAL_SCHEMA, read_journal};
pub use parts::{AskedPart, ToldPart, read_asked, read_hold, read_told};

pub(crate) use check::{Meaning, read_check, trial_of, written_check};
pub(crate) use journal::{journal_draft, read_journal_groups};

use crate::ServiceError;
use gongdao_ledger::{
    Content, DECISION_SCHEMA, Row, Value, WrittenDecision, decision_numbers, read_decision, read_group,
};
use gongdao_model::DecisionRecord;

/// A group of a row that is still there: its schema and columns.
pub(crate) type Group = (String, Vec<Value>);

/// A decision in bytes, with the digest of what was handed in: SHA-256 over the bytes of its two groups.
pub(crate) fn written(record: &DecisionRecord) -> Result<WrittenDecision, ServiceError> {
    Ok(WrittenDecision::of(record)?)
}

/// The groups of a row that were not erased. Errors: bytes that are no group.
pub(crate) fn open_groups(row: &Row) -> Result<Vec<Group>, ServiceError> {
    let open = row.groups.iter().filter_map(|group| match &group.content {
        Content::Open { bytes, .. } => Some(read_group(bytes)),
        Content::Erased { .. } => None,
    });
    Ok(open.collect::<Result<_, _>>()?)
}

/// Whole numbers of the decision of a row, by the paths of its facts, without the rest of it; nothing where there is no decision,
/// or its content was erased.
pub(crate) fn numbers_of<const N: usize>(
    row: &Row,
    paths: [&str; N],
) -> Result<Option<[Option<i64>; N]>, ServiceError> {
    for group in &row.groups {
        if let Content::Open { bytes, .. } = &group.content
            && let Some(numbers) = decision_numbers(bytes, &[DECISION_SCHEMA, CHECK_SCHEMA], paths)?
        {
            return Ok(Some(numbers));
        }
    }
    Ok(None)
}

/// The decision of a row, be it one that was checked or one that was made elsewhere; nothing where there is none, or its
/// content was erased.
pub(crate) fn decision_of(groups: &[Group]) -> Result<Option<DecisionRecord>, ServiceError> {
    let algorithm = groups.iter().find(|(schema, _)| schema == gongdao_ledger::ALGORITHM_SCHEMA);
    let algorithm = algorithm.and_then(|(_, columns)| columns.first().and_then(Value::as_text).map(str::to_owned));
    let columns = groups.iter().find_map(|(schema, columns)| match schema.as_str() {
        DECISION_SCHEMA => Some(columns.as_slice()),
        CHECK_SCHEMA => columns.get(..6),
        _ => None,
    });
    let Some(columns) = columns else { return Ok(None) };
    Ok(Some(DecisionRecord { algorithm, ..read_decision(columns)? }))
}

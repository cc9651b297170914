//! What the ledger has and the database lacks.

use crate::ServiceError;
use crate::check::put_answers;
use crate::citation::Citer;
use crate::ledger_view::LedgerView;
use crate::port::{NewEntry, Projected, Store};
use crate::record::{decision_of, meanings_of, open_groups, read_check, read_journal_groups, written};
use gongdao_ledger::Row;
use std::sync::Arc;

/// Rows read at once.
const AT_ONCE: u64 = 10_000;

/// What was read from the ledger into the database.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Entries that were looked at.
    pub read: u64,
    /// Decisions among them.
    pub decisions: u64,
    /// Entries of the journal among them.
    pub entries: u64,
    /// Entries of the journal that the database did not have at all.
    pub restored: u64,
}

/// Read the ledger from where the projection ends. An entry of the journal that is in the ledger without the database
/// knowing its place is found again, so that it is not logged twice; one that the database lost comes back.
pub(crate) fn recover(view: &LedgerView, store: &dyn Store, node: &Arc<str>) -> Result<Recovered, ServiceError> {
    let reader = view.reader()?;
    let mut from = store.watermark(node)?.min(reader.size());
    if !store.unlogged(node, 1)?.is_empty() {
        let noted = store.last_leaf(node)?.map_or(0, |leaf| leaf + 1);
        from = from.min(noted);
    }
    let mut recovered = Recovered::default();
    let mut citer = Citer::default();
    while from < reader.size() {
        let until = reader.size().min(from + AT_ONCE);
        let mut found = Found::default();
        let mut failure = None;
        reader.each_row(from..until, |row| {
            if let Err(error) = found.add(&row, node) {
                failure.get_or_insert(error);
            }
            Ok(())
        })?;
        if let Some(error) = failure {
            return Err(error);
        }
        recovered.read += until - from;
        recovered.decisions += found.lines.len() as u64;
        recovered.entries += found.entries.len() as u64;
        put_answers(store, &found.answers)?;
        for (line, digest) in found.lines.iter_mut().zip(&found.digests) {
            if let Some(digest) = digest {
                line.cites = citer.stored(store, digest)?.map(Arc::new);
            }
        }
        recovered.restored += store.adopt(node, &found.entries)?;
        store.project(node, &found.lines, until)?;
        from = until;
    }
    store.release(node, None)?;
    Ok(recovered)
}

/// What some rows say.
#[derive(Default)]
struct Found {
    lines: Vec<Projected>,
    /// Of the answer of each line.
    digests: Vec<Option<String>>,
    answers: Vec<(String, String)>,
    entries: Vec<(NewEntry, u64)>,
}

impl Found {
    fn add(&mut self, row: &Row, node: &str) -> Result<(), ServiceError> {
        let groups = open_groups(row)?;
        self.answers.extend(meanings_of(&groups).map(|(digest, json)| (digest.to_owned(), json.to_owned())));
        if let Some(entry) = read_journal_groups(&groups)? {
            self.entries.push((entry, row.leaf));
        }
        let Some(record) = decision_of(&groups)? else { return Ok(()) };
        let check = read_check(&groups)?;
        let effect = check.as_ref().map(|check| check.checked.effect.as_str().to_owned());
        let digest = written(&record)?.digest();
        self.digests.push(check.and_then(|check| check.answer));
        self.lines.push(Projected {
            id: record.id.to_string(),
            digest,
            node: node.to_owned(),
            leaf: Some(row.leaf),
            person: record.person,
            algorithm: record.algorithm,
            at: record.at,
            action: record.action,
            effect,
            cites: None,
        });
        Ok(())
    }
}

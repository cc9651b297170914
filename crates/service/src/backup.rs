//! The list of erasures, and what has to be erased again when a copy is used.

use crate::erase::forget_stored;
use crate::port::Store;
use crate::record::open_groups;
use crate::{ErrorKind, ServiceError};
use gongdao_ledger::{
    ERASURE_SCHEMA, Epoch, Erasure, Ledger, PersonId, Reader, Storage, Target, Value, is_copy, take_copy_over,
};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::ErrorKind as IoKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a list of erasures holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErasureExport {
    /// Its lines, each whole, as they are to be written elsewhere.
    pub lines: String,
    /// Erasures that were not refused.
    pub erasures: u64,
}

/// What a restore came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Restored {
    /// Entries of the ledger.
    pub entries: u64,
    /// Persons who were erased again.
    pub erased_again: u64,
}

/// How far an erasure came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ErasureState {
    /// It is being done. A crash leaves it so; a restore does it.
    Begun,
    /// It was done.
    Done,
    /// It was refused: an article asks to keep the records.
    Refused,
}

/// One line of the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) ground: String,
    pub(crate) at: Instant,
    pub(crate) state: ErasureState,
}

/// Who was erased: a file of JSON lines that is in no backup of ledger and database. It names persons, so that a backup from before can be cleaned;
/// lines can be taken out once every backup from before them is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErasureList(PathBuf);

impl ErasureList {
    /// The list in a file.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Add a line; it is on the disk when this returns. What a crash left of a line is cut first.
    pub(crate) fn add(&self, listed: &Listed) -> Result<(), ServiceError> {
        let line = serde_json::to_string(listed).map_err(ServiceError::storage)?;
        let is_new = !self.0.exists();
        let added =
            OpenOptions::new().create(true).truncate(false).read(true).write(true).open(&self.0).and_then(|file| {
                let end = whole(&std::fs::read(&self.0)?).len() as u64;
                file.set_len(end)?;
                file.write_all_at(format!("{line}\n").as_bytes(), end)?;
                file.sync_all()
            });
        added.map_err(failed)?;
        match self.0.parent().filter(|parent| is_new && !parent.as_os_str().is_empty()) {
            Some(parent) => File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed),
            None => Ok(()),
        }
    }

    /// The lines that are whole. Nothing where there is no list.
    fn text(&self) -> Result<Option<String>, ServiceError> {
        match std::fs::read(&self.0) {
            Ok(bytes) => String::from_utf8(whole(&bytes).to_vec()).map(Some).map_err(|_| self.damaged(1)),
            Err(error) if error.kind() == IoKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    /// The erasures that were not refused, oldest first. Nothing where there is no list.
    ///
    /// Errors: a line that is none. The last one may be cut by a crash: its erasure had not begun.
    pub(crate) fn read(&self) -> Result<Option<Vec<Listed>>, ServiceError> {
        self.text()?.map(|text| self.parse(&text)).transpose()
    }

    fn parse(&self, text: &str) -> Result<Vec<Listed>, ServiceError> {
        let mut all: BTreeMap<usize, Listed> = BTreeMap::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (number, line) in text.lines().enumerate() {
            let listed: Listed = serde_json::from_str(line).map_err(|_| self.damaged(number + 1))?;
            let place = *places.entry(listed.id.clone()).or_insert(number);
            all.insert(place, listed);
        }
        Ok(all.into_values().filter(|listed| listed.state != ErasureState::Refused).collect())
    }

    fn damaged(&self, line: usize) -> ServiceError {
        ServiceError::new(
            ErrorKind::Input,
            format!("line {line} of the list of erasures `{}` is damaged", self.0.display()),
            "take the list from another copy: whoever the line names would come back",
        )
    }
}

/// The lines of a list that end.
fn whole(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    bytes.get(..end).unwrap_or_default()
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to `map_err`")]
fn failed(error: std::io::Error) -> ServiceError {
    ServiceError::storage(format_args!("list of erasures: {error}"))
}

/// The list in a file, to be kept elsewhere than the backups. No list is an empty one: nobody was erased yet.
///
/// Errors: a damaged line; the disk.
pub fn export_erasures(list: &Path) -> Result<ErasureExport, ServiceError> {
    let list = ErasureList::at(list);
    let lines = list.text()?.unwrap_or_default();
    let erasures = list.parse(&lines)?.len() as u64;
    Ok(ErasureExport { lines, erasures })
}

/// Make a ledger and a database out of their copies: erase again what a list says, and check that they go together. Nothing of
/// them may be used before.
///
/// Errors: the database is newer than the ledger; there is no list; the disk.
pub fn restore(
    list: &Path,
    storage: &Arc<dyn Storage>,
    ledger: &Ledger,
    store: &dyn Store,
) -> Result<Restored, ServiceError> {
    ledger.checkpoint()?;
    let reader = Reader::open(Arc::clone(storage))?;
    let node = reader.about().origin.to_string();
    let noted = store.last_leaf(&node)?.map_or(0, |leaf| leaf + 1).max(store.watermark(&node)?);
    if noted > reader.size() {
        return Err(ServiceError::new(
            ErrorKind::Input,
            format!("the database knows {noted} entries of the ledger, which has {}", reader.size()),
            "use a copy of the database from before the ledger's: what the ledger has more is read from there",
        ));
    }
    let erased_again = restored(&ErasureList::at(list), storage, ledger, store, &node)?;
    let entries = ledger.checkpoint()?.unverified().size;
    Ok(Restored { entries, erased_again })
}

/// Erase again what was erased after a copy was made. Returns how many persons. Does nothing for a folder that is no copy.
///
/// Errors: there is no list; the disk. The copy cannot be used before this has succeeded.
pub(crate) fn restored(
    list: &ErasureList,
    storage: &Arc<dyn Storage>,
    ledger: &Ledger,
    store: &dyn Store,
    node: &str,
) -> Result<u64, ServiceError> {
    if !is_copy(storage)? {
        return Ok(0);
    }
    let listed = list.read()?.ok_or_else(|| {
        ServiceError::storage(format_args!(
            "the ledger is a copy, and the list of erasures `{}` is not there: put it there, or an empty file if nobody was erased since",
            list.0.display()
        ))
    })?;
    ledger.checkpoint()?;
    let done = logged_erasures(storage)?;
    let mut persons = 0;
    for erasure in listed {
        let person: PersonId = erasure.person.parse()?;
        let reader = Reader::open(Arc::clone(storage))?;
        let is_known = reader.tag_key(&person, Epoch(0)).is_ok() || !reader.of_person(&person)?.is_empty();
        let is_done = done.contains(&erasure.id);
        // What the ledger has about somebody who was erased came later, and stays.
        if is_done && (is_known || store.is_shared()) {
            continue;
        }
        if is_known {
            let target = Target::Person(person);
            ledger.erase(Erasure { target, ground: erasure.ground, reference: erasure.id })?;
        }
        let lines = forget_stored(store, node, &erasure.person)?;
        persons += u64::from(is_known || lines > 0);
    }
    take_copy_over(storage)?;
    Ok(persons)
}

/// References of the erasures that the ledger has.
fn logged_erasures(storage: &Arc<dyn Storage>) -> Result<HashSet<String>, ServiceError> {
    let reader = Reader::open(Arc::clone(storage))?;
    let mut references = HashSet::new();
    let mut failure = None;
    reader.each_row(0..reader.size(), |row| {
        match open_groups(&row) {
            Ok(groups) => references.extend(groups.iter().filter_map(|(schema, columns)| match columns.as_slice() {
                [_, Value::Text(reference), ..] if schema == ERASURE_SCHEMA => Some(reference.clone()),
                _ => None,
            })),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
        Ok(())
    })?;
    failure.map_or(Ok(references), Err)
}

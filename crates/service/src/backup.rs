//! Copies of the ledger, and what has to be erased again when one is used.

use crate::port::Store;
use crate::record::open_groups;
use crate::{Service, ServiceError};
use gongdao_ledger::{
    ERASURE_SCHEMA, Epoch, Erasure, Ledger, PersonId, Reader, Storage, Target, Value, is_copy, take_copy_over,
};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind as IoKind, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a backup came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct BackupReport {
    /// Bytes of the ledger's copy.
    pub ledger_bytes: u64,
    /// How long nothing was logged, in milliseconds.
    pub paused_millis: u64,
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

/// Who was erased: a file of JSON lines that is in no backup. It names persons, so that a backup from before can be cleaned;
/// lines can be taken out once every backup from before them is gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ErasureList(PathBuf);

impl ErasureList {
    /// The list in a file.
    pub(crate) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// Add a line; it is on the disk when this returns.
    pub(crate) fn add(&self, listed: &Listed) -> Result<(), ServiceError> {
        let line = serde_json::to_string(listed).map_err(ServiceError::storage)?;
        let failed = |error: std::io::Error| ServiceError::storage(format_args!("list of erasures: {error}"));
        let is_new = !self.0.exists();
        let mut file = OpenOptions::new().create(true).append(true).open(&self.0).map_err(failed)?;
        file.write_all(format!("{line}\n").as_bytes()).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        match self.0.parent().filter(|parent| is_new && !parent.as_os_str().is_empty()) {
            Some(parent) => File::open(parent).and_then(|parent| parent.sync_all()).map_err(failed),
            None => Ok(()),
        }
    }

    /// The erasures that were not refused, oldest first. Nothing where there is no list.
    pub(crate) fn read(&self) -> Result<Option<Vec<Listed>>, ServiceError> {
        let failed = |error: std::io::Error| ServiceError::storage(format_args!("list of erasures: {error}"));
        let file = match File::open(&self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == IoKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let mut all: BTreeMap<usize, Listed> = BTreeMap::new();
        let mut places: BTreeMap<String, usize> = BTreeMap::new();
        for (number, line) in BufReader::new(file).lines().enumerate() {
            let line = line.map_err(failed)?;
            // The last line may be cut by a crash: its erasure had not begun.
            let Ok(listed) = serde_json::from_str::<Listed>(&line) else { continue };
            let place = *places.entry(listed.id.clone()).or_insert(number);
            all.insert(place, listed);
        }
        Ok(Some(all.into_values().filter(|listed| listed.state != ErasureState::Refused).collect()))
    }
}

impl Service {
    /// Copy the ledger into an empty folder. The database is copied apart (docs/service.md), after it: what is in the ledger
    /// and not in the database is read again, the reverse would be lost.
    ///
    /// Errors: the place is taken; the disks.
    pub fn back_up(&self, ledger_to: Arc<dyn Storage>) -> Result<BackupReport, ServiceError> {
        let before = self.clock.ticks();
        let ledger_bytes = self.ledger.back_up(ledger_to)?;
        let paused = self.clock.ticks().saturating_sub(before);
        Ok(BackupReport { ledger_bytes, paused_millis: u64::try_from(paused.as_millis()).unwrap_or(u64::MAX) })
    }
}

/// Erase again what was erased after a copy was made. Returns how many persons. Does nothing for a folder that is no copy.
///
/// Errors: there is no list; the disk. The copy cannot be used before this has succeeded.
pub(crate) fn restored(
    list: &ErasureList,
    storage: &Arc<dyn Storage>,
    ledger: &Ledger,
    store: &dyn Store,
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
    for erasure in listed.into_iter().filter(|erasure| !done.contains(&erasure.id)) {
        let person: PersonId = erasure.person.parse()?;
        let reader = Reader::open(Arc::clone(storage))?;
        if reader.tag_key(&person, Epoch(0)).is_ok() || !reader.of_person(&person)?.is_empty() {
            let target = Target::Person(person);
            ledger.erase(Erasure { target, ground: erasure.ground, reference: erasure.id })?;
        }
        store.forget_decisions_of(&erasure.person)?;
        store.forget_person(&erasure.person)?;
        persons += 1;
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

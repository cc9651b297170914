//! What the one writer thread owns: the order of entries, and every file.

use crate::about::About;
use crate::draft::Prepared;
use crate::epoch::OpenEpoch;
use crate::keys::Keys;
use crate::known::{Known, is_repeat};
use crate::manifest::Manifest;
use crate::row_files::RowFiles;
use crate::row_reader::RowReader;
use crate::storage::Disk;
use crate::tile_files::TileFiles;
use crate::wal::Wal;
use crate::{Clock, Content, Entropy, Entry, Epoch, LedgerError, LoggedAt, RecordId, Row, RowGroup, Tag};
use gongdao_merkle::{Checkpoint, NoteSigner, SignedCheckpoint};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard};

/// Where the signed checkpoint stands.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Where a record came to stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Logged {
    /// Its entry's place in the log.
    pub leaf: u64,
    /// The name that the ledger gave it.
    pub record: RecordId,
    /// The epoch whose tags it bears.
    pub epoch: Epoch,
    /// It had been logged under its id before, and this is where.
    pub is_repeat: bool,
}

pub(crate) struct Core {
    pub(crate) disk: Disk,
    pub(crate) about: About,
    pub(crate) wal: Wal,
    pub(crate) tiles: TileFiles,
    pub(crate) rows: RowFiles,
    pub(crate) row_reader: RowReader,
    pub(crate) manifest: Manifest,
    pub(crate) keys: Arc<Mutex<Keys>>,
    pub(crate) entropy: Arc<Mutex<Box<dyn Entropy>>>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) signer: NoteSigner,
    pub(crate) epoch: OpenEpoch,
    pub(crate) last_at: LoggedAt,
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) known: Known,
    pub(crate) rotate_bytes: u64,
    pub(crate) wal_seconds: u64,
    /// When the oldest record in the write-ahead log was logged.
    pub(crate) wal_since: Option<LoggedAt>,
    /// Given up last: until then no other writer may open the folder.
    pub(crate) _lock: Box<dyn Send>,
}

impl Core {
    /// Entries so far, durable or about to be.
    pub(crate) fn size(&self) -> u64 {
        self.tiles.frontier().size()
    }

    /// Give records their places and return when they are durable. A record whose person was erased since it was prepared
    /// is refused; the others stand.
    pub(crate) fn commit(&mut self, records: Vec<Prepared>) -> Result<Vec<Result<Logged, LedgerError>>, LedgerError> {
        self.last_at = self.last_at.max(self.clock.now());
        let mut batch = Batch::new(self.size());
        let mut placed = Vec::with_capacity(records.len());
        let earlier = self.earlier(&records)?;
        for record in records {
            if record.is_named
                && let Some(before) = self.repeat(&record, &earlier, &batch)?
            {
                placed.push(before);
                continue;
            }
            if !self.has_current_keys(&record)? {
                placed.push(Err(LedgerError::input(
                    "a person of the record was erased while it was being logged",
                    "log it again only if there is a ground to keep data about them",
                )));
                continue;
            }
            let is_named = record.is_named;
            let (entry, row) = self.place(record, batch.next)?;
            let (leaf, record, epoch) = (row.leaf, row.record, self.epoch.epoch);
            placed.push(Ok(Logged { leaf, record, epoch, is_repeat: false }));
            batch.add(&entry, row);
            if is_named {
                self.known.add(record, leaf);
            }
        }
        self.write(&batch)?;
        Ok(placed)
    }

    /// Rows of earlier commits whose names records of this one have.
    fn earlier(&self, records: &[Prepared]) -> Result<BTreeMap<u64, Row>, LedgerError> {
        let named = records.iter().filter(|record| record.is_named);
        let leaves: BTreeSet<u64> = named.filter_map(|record| self.known.leaf_of(record.record)).collect();
        if leaves.is_empty() { Ok(BTreeMap::new()) } else { self.row_reader.find(&leaves) }
    }

    /// What a record that was logged before is answered with.
    fn repeat(
        &self,
        record: &Prepared,
        earlier: &BTreeMap<u64, Row>,
        batch: &Batch,
    ) -> Result<Option<Result<Logged, LedgerError>>, LedgerError> {
        let Some(leaf) = self.known.leaf_of(record.record) else { return Ok(None) };
        let Some(row) = earlier.get(&leaf).or_else(|| batch.row(leaf)) else { return Ok(None) };
        match is_repeat(row, record) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let epoch = self.epoch_of(leaf)?;
                Ok(Some(Ok(Logged { leaf, record: record.record, epoch, is_repeat: true })))
            }
            Err(error) => Ok(Some(Err(error))),
        }
    }

    /// Log one entry that is public as a whole.
    pub(crate) fn commit_public(&mut self, entry: &Entry) -> Result<u64, LedgerError> {
        let mut batch = Batch::new(self.size());
        let leaf = batch.next;
        let mut record = [0; 16];
        locked(&self.entropy)?.fill(&mut record)?;
        batch.add(entry, Row { leaf, record: RecordId::from_bytes(record), groups: Vec::new() });
        self.write(&batch)?;
        Ok(leaf)
    }

    /// Sign what is durable. Nothing is signed before every file that it covers is on the disk.
    pub(crate) fn checkpoint(&mut self) -> Result<SignedCheckpoint, LedgerError> {
        self.sync()?;
        let (size, root) = (self.size(), self.tiles.frontier().root());
        if self.checkpoint.unverified().size != size {
            let unsigned = Checkpoint { origin: self.about.origin.clone(), size, root, extensions: Vec::new() };
            self.checkpoint = unsigned.sign(&self.signer)?;
            self.write_checkpoint()?;
        }
        let now = self.last_at.max(self.clock.now()).seconds();
        let is_old = self.wal_since.is_some_and(|since| now >= since.seconds().saturating_add(self.wal_seconds));
        if is_old || self.wal.used() > self.rotate_bytes {
            self.rotate()?;
        }
        Ok(self.checkpoint.clone())
    }

    /// Make what was recovered independent of what a crash or a failed sync left: after a failed sync the system may hold
    /// pages that never reach the disk and that it takes for written, and names that it forgets.
    pub(crate) fn settle(&mut self) -> Result<(), LedgerError> {
        self.checkpoint()?;
        self.write_checkpoint()?;
        self.rotate()
    }

    fn write_checkpoint(&self) -> Result<(), LedgerError> {
        self.disk.replace(CHECKPOINT, self.checkpoint.to_string().as_bytes())
    }

    fn sync(&mut self) -> Result<(), LedgerError> {
        self.tiles.write()?;
        self.rows.write()?;
        let files: Vec<_> = self.tiles.unsynced().chain(self.rows.unsynced()).collect();
        self.disk.sync_files(&files)?;
        self.tiles.mark_synced();
        self.rows.mark_synced();
        Ok(())
    }

    /// Drop the write-ahead log; call only after a checkpoint.
    pub(crate) fn rotate(&mut self) -> Result<(), LedgerError> {
        let mut salt = [0; 16];
        locked(&self.entropy)?.fill(&mut salt)?;
        self.wal_since = None;
        self.wal.rotate(salt)
    }

    /// Keep cosignatures: the same checkpoint with more lines.
    pub(crate) fn publish(&mut self, signed: SignedCheckpoint) -> Result<(), LedgerError> {
        signed.verify(&self.about.key)?;
        if signed.unverified() != self.checkpoint.unverified() {
            return Err(LedgerError::input(
                "the checkpoint is not the current one",
                "ask the witnesses to cosign the current one",
            ));
        }
        self.checkpoint = signed;
        self.write_checkpoint()
    }

    /// Append what the write-ahead log holds and the other files lack.
    pub(crate) fn replay(&mut self, entry: &[u8], row: &Row) -> Result<(), LedgerError> {
        self.last_at = Entry::parse(entry)?.logged_at.max(self.last_at);
        self.tiles.push(entry)?;
        self.rows.push(row)
    }

    fn write(&mut self, batch: &Batch) -> Result<(), LedgerError> {
        if batch.rows.is_empty() {
            return Ok(());
        }
        self.wal.commit(&batch.payload())?;
        self.wal_since.get_or_insert(self.last_at);
        for (entry, row) in batch.entries.iter().zip(&batch.rows) {
            self.tiles.push(entry)?;
            self.rows.push(row)?;
        }
        self.tiles.write()?;
        self.rows.write()
    }

    fn has_current_keys(&self, record: &Prepared) -> Result<bool, LedgerError> {
        let keys = locked(&self.keys)?;
        Ok(record
            .groups
            .iter()
            .filter_map(|group| group.person.as_ref())
            .all(|(person, key)| keys.of(person) == Some(key)))
    }

    fn place(&mut self, record: Prepared, leaf: u64) -> Result<(Entry, Row), LedgerError> {
        let mut tags = Vec::new();
        let mut groups = Vec::with_capacity(record.groups.len());
        for group in record.groups {
            let (person, counter) = match group.person {
                Some((person, key)) => {
                    let (tag, counter) = self.epoch.next_tag(&self.about.origin, &person, &key);
                    tags.push(tag);
                    (Some(person), counter)
                }
                None => (None, 0),
            };
            let content = Content::Open { person, counter, nonce: group.nonce, bytes: group.bytes };
            groups.push(RowGroup { commitment: group.commitment, content });
        }
        self.pad(&mut tags)?;
        let entry = Entry::new(record.kind, self.last_at, record.commitment, tags)?;
        Ok((entry, Row { leaf, record: record.record, groups }))
    }

    /// Random tags up to the next power of two, so that the number of persons shows less.
    fn pad(&self, tags: &mut Vec<Tag>) -> Result<(), LedgerError> {
        let wanted = if tags.is_empty() { 0 } else { tags.len().next_power_of_two() };
        while tags.len() < wanted {
            let mut tag = [0; 16];
            locked(&self.entropy)?.fill(&mut tag)?;
            tags.push(Tag::from_bytes(tag));
        }
        Ok(())
    }
}

#[cfg(test)]
impl Core {
    /// Entry and row of a record, for tests that change one of them.
    pub(crate) fn place_for_tests(&mut self, record: Prepared, leaf: u64) -> Result<(Entry, Row), LedgerError> {
        self.place(record, leaf)
    }

    /// Log an entry with a row that need not fit.
    pub(crate) fn write_for_tests(&mut self, entry: &Entry, row: Row) -> Result<(), LedgerError> {
        let mut batch = Batch::new(self.size());
        batch.add(entry, row);
        self.write(&batch)
    }
}

/// Entries and rows of one commit.
struct Batch {
    first: u64,
    next: u64,
    entries: Vec<Vec<u8>>,
    rows: Vec<Row>,
}

impl Batch {
    fn new(first: u64) -> Self {
        Self { first, next: first, entries: Vec::new(), rows: Vec::new() }
    }

    fn add(&mut self, entry: &Entry, row: Row) {
        self.entries.push(entry.to_bytes());
        self.rows.push(row);
        self.next += 1;
    }

    fn row(&self, leaf: u64) -> Option<&Row> {
        self.rows.get(usize::try_from(leaf.checked_sub(self.first)?).ok()?)
    }

    fn payload(&self) -> Vec<u8> {
        let mut payload = self.first.to_be_bytes().to_vec();
        let mut row_bytes = Vec::new();
        for (entry, row) in self.entries.iter().zip(&self.rows) {
            row_bytes.clear();
            row.write(&mut row_bytes);
            for part in [entry, &row_bytes] {
                payload.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
                payload.extend_from_slice(part);
            }
        }
        payload
    }
}

/// A lock whose holder never panics; one that did has left nothing half done that is on the disk.
pub(crate) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, LedgerError> {
    mutex
        .lock()
        .map_err(|_| LedgerError::closed("a thread of the ledger ended unexpectedly", "start the program again"))
}

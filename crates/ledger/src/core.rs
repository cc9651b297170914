//! What the one writer thread owns: the order of entries, and every file.

use crate::about::About;
use crate::batch::Batch;
use crate::behind::Behind;
use crate::closing::{HalfClosed, epoch_of};
use crate::epoch::OpenEpoch;
use crate::keys::{Keys, Slot};
use crate::known::{Known, is_repeat};
use crate::manifest::Manifest;
use crate::prepared::{Prepared, PreparedPerson, PreparedRecord};
use crate::row_files::RowFiles;
use crate::row_reader::RowReader;
use crate::storage::Disk;
use crate::tile_files::TileFiles;
use crate::wal::Wal;
use crate::{Clock, Entropy, Entry, Epoch, LedgerError, LoggedAt, RecordId, Row, Tag};
use gongdao_merkle::{NoteSigner, SignedCheckpoint};
use std::collections::{BTreeMap, BTreeSet, HashSet};
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
    pub(crate) signer: Arc<NoteSigner>,
    pub(crate) epoch: OpenEpoch,
    /// Where epochs begin, from 0 on; the last one is open.
    pub(crate) epochs: Vec<u64>,
    /// What a crash left of the epoch before.
    pub(crate) half_closed: Option<HalfClosed>,
    pub(crate) last_at: LoggedAt,
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) known: Known,
    pub(crate) rotate_bytes: u64,
    pub(crate) wal_seconds: u64,
    /// When the oldest record in the write-ahead log was logged.
    pub(crate) wal_since: Option<LoggedAt>,
    /// Keys that were destroyed since the start: what was prepared under them is refused.
    pub(crate) destroyed: HashSet<Slot>,
    /// Syncs of files that grow, in good time before a checkpoint.
    pub(crate) flushing: Behind,
    /// Bytes of such a file that are worth one; nothing is flushed while a checkpoint syncs the same files.
    pub(crate) flush_bytes: u64,
    pub(crate) is_signing: bool,
    /// Room for one commit, used again for the next.
    pub(crate) batch: Batch,
    /// The same for the tags of one entry.
    pub(crate) tags: Vec<Tag>,
    /// Given up last: until then no other writer may open the folder.
    pub(crate) _lock: Box<dyn Send>,
}

impl Core {
    /// Entries so far, durable or about to be.
    pub(crate) fn size(&self) -> u64 {
        self.tiles.frontier().size()
    }

    /// Give records their places and return when they are durable: one list of results a call. A record whose person was erased
    /// since it was prepared is refused; the others stand. Then comes [`Self::file`].
    pub(crate) fn commit(&mut self, calls: &[&Prepared]) -> Result<Vec<Vec<Result<Logged, LedgerError>>>, LedgerError> {
        self.last_at = self.last_at.max(self.clock.now());
        let mut batch = std::mem::take(&mut self.batch);
        batch.begin(self.size());
        let earlier = self.earlier(calls)?;
        let mut placed = Vec::with_capacity(calls.len());
        for call in calls {
            let mut of_call = Vec::with_capacity(call.len());
            for record in call.records() {
                of_call.push(self.take(call, record, &earlier, &mut batch)?);
            }
            placed.push(of_call);
        }
        self.write(&mut batch)?;
        self.batch = batch;
        Ok(placed)
    }

    fn take(
        &mut self,
        call: &Prepared,
        record: &PreparedRecord,
        earlier: &BTreeMap<u64, Row>,
        batch: &mut Batch,
    ) -> Result<Result<Logged, LedgerError>, LedgerError> {
        if record.is_named
            && let Some(before) = self.repeat(call, record, earlier, batch)?
        {
            return Ok(before);
        }
        let leaf = batch.next();
        if !self.place(record, call.row(record), call.persons(record), batch)? {
            return Ok(Err(LedgerError::input(
                "a person of the record was erased while it was being logged",
                "log it again only if there is a ground to keep data about them",
            )));
        }
        if record.is_named {
            self.known.add(record.record, leaf);
        }
        Ok(Ok(Logged { leaf, record: record.record, epoch: self.epoch.epoch, is_repeat: false }))
    }

    /// Rows of earlier commits whose names records of this one have.
    fn earlier(&self, calls: &[&Prepared]) -> Result<BTreeMap<u64, Row>, LedgerError> {
        let named = calls.iter().flat_map(|call| call.records()).filter(|record| record.is_named);
        let leaves: BTreeSet<u64> = named.filter_map(|record| self.known.leaf_of(record.record)).collect();
        if leaves.is_empty() { Ok(BTreeMap::new()) } else { self.row_reader.find(&leaves) }
    }

    /// What a record that was logged before is answered with.
    fn repeat(
        &self,
        call: &Prepared,
        record: &PreparedRecord,
        earlier: &BTreeMap<u64, Row>,
        batch: &Batch,
    ) -> Result<Option<Result<Logged, LedgerError>>, LedgerError> {
        let Some(leaf) = self.known.leaf_of(record.record) else { return Ok(None) };
        let row = match earlier.get(&leaf) {
            Some(row) => row.clone(),
            None => match batch.row(leaf) {
                Some(bytes) => Row::parse(bytes)?,
                None => return Ok(None),
            },
        };
        match is_repeat(&row, &Row::parse(call.row(record))?) {
            Ok(false) => Ok(None),
            Ok(true) => {
                let epoch = epoch_of(&self.epochs, leaf);
                Ok(Some(Ok(Logged { leaf, record: record.record, epoch, is_repeat: true })))
            }
            Err(error) => Ok(Some(Err(error))),
        }
    }

    /// Log one entry that is public as a whole.
    pub(crate) fn commit_public(&mut self, entry: &Entry) -> Result<u64, LedgerError> {
        let mut record = [0; 16];
        locked(&self.entropy)?.fill(&mut record)?;
        let mut batch = std::mem::take(&mut self.batch);
        batch.begin(self.size());
        let leaf = batch.next();
        let row = Row { leaf, record: RecordId::from_bytes(record), groups: Vec::new() };
        batch.add(|to| entry.write(to), |to| row.write(to))?;
        self.write(&mut batch)?;
        self.batch = batch;
        self.file()?;
        Ok(leaf)
    }

    /// Append what the write-ahead log holds and the other files lack.
    pub(crate) fn replay(&mut self, leaf: u64, entry: &[u8], row: &[u8]) -> Result<(), LedgerError> {
        self.last_at = Entry::parse(entry)?.logged_at.max(self.last_at);
        self.tiles.push(entry)?;
        self.rows.push(leaf, row)
    }

    fn write(&mut self, batch: &mut Batch) -> Result<(), LedgerError> {
        if batch.is_empty() {
            return Ok(());
        }
        self.wal.commit(batch.frame())?;
        self.wal_since.get_or_insert(self.last_at);
        Ok(())
    }

    /// Hand what was committed last on to the tree and to the other files. Call it once after each commit, before anything else.
    pub(crate) fn file(&mut self) -> Result<(), LedgerError> {
        for (leaf, entry, row) in self.batch.records() {
            self.tiles.push(entry)?;
            self.rows.push(leaf, row)?;
        }
        self.batch.clear();
        self.tiles.write()?;
        self.rows.write()?;
        self.flush()
    }

    /// Let what has come together in files go to the disk. Left to the checkpoint it would all go at once, and the write-ahead log
    /// would wait behind it.
    fn flush(&mut self) -> Result<(), LedgerError> {
        if self.is_signing || !self.flushing.is_idle()? {
            return Ok(());
        }
        let least = self.flush_bytes;
        let files: Vec<_> = self.rows.take_due(least).into_iter().chain(self.tiles.take_due(least)).collect();
        if !files.is_empty() {
            self.flushing.begin(move || files.iter().try_for_each(|file| file.sync()));
        }
        Ok(())
    }

    /// Append a record to the batch. No, where a key that it was prepared under is gone.
    fn place(
        &mut self,
        record: &PreparedRecord,
        row: &[u8],
        persons: &[PreparedPerson],
        batch: &mut Batch,
    ) -> Result<bool, LedgerError> {
        if persons.iter().any(|person| self.destroyed.contains(&person.slot)) {
            return Ok(false);
        }
        let mut tags = std::mem::take(&mut self.tags);
        tags.clear();
        batch.begin_row(row);
        for person in persons {
            let (keys, origin) = (&self.keys, &self.about.origin);
            let key = |epoch| Some(locked(keys).ok()?.held(person.slot)?.mac.tag_key(origin, epoch));
            let (tag, counter) = self
                .epoch
                .next_tag(person.slot, key)
                .ok_or_else(|| LedgerError::storage("a key is missing", "restore the folder `keys`"))?;
            tags.push(tag);
            batch.set_counter(person.counter_at, counter);
        }
        self.pad(&mut tags)?;
        let entry = Entry::new(record.kind, self.last_at, record.commitment, tags)?;
        batch.end_row(&entry)?;
        self.tags = entry.into_tags();
        Ok(true)
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
    pub(crate) fn place_for_tests(&mut self, prepared: &Prepared, leaf: u64) -> Result<(Entry, Row), LedgerError> {
        let mut batch = Batch::default();
        batch.begin(leaf);
        let record = &prepared.records()[0];
        assert!(self.place(record, prepared.row(record), prepared.persons(record), &mut batch)?);
        let (_, entry, row) = batch.records().next().unwrap();
        Ok((Entry::parse(entry)?, Row::parse(row)?))
    }

    /// Log an entry with a row that need not fit.
    pub(crate) fn write_for_tests(&mut self, entry: &Entry, row: &Row) -> Result<(), LedgerError> {
        let mut batch = std::mem::take(&mut self.batch);
        batch.begin(self.size());
        batch.add(|to| entry.write(to), |to| row.write(to))?;
        self.write(&mut batch)?;
        self.batch = batch;
        self.file()
    }
}

/// A lock whose holder never panics; one that did has left nothing half done that is on the disk.
pub(crate) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> Result<MutexGuard<'_, T>, LedgerError> {
    mutex.lock().map_err(|_| ended())
}

/// What is said of a thread that panicked.
pub(crate) fn ended() -> LedgerError {
    LedgerError::closed("a thread of the ledger ended unexpectedly", "start the program again")
}

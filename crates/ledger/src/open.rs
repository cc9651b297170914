//! From what a crash left behind to a ledger that goes on.

use crate::about::About;
use crate::batch::Batch;
use crate::behind::Behind;
use crate::closing::{Epochs, HalfClosed};
use crate::core::{CHECKPOINT, Core, locked};
use crate::epoch::{OpenEpoch, each_entry};
use crate::keys::{Access, Keys, Slot};
use crate::known::Known;
use crate::row::Parts;
use crate::row_files::RowFiles;
use crate::row_reader::RowReader;
use crate::sealing::settle_segments;
use crate::segment_rows::Concern;
use crate::storage::{Disk, Storage};
use crate::tile_files::TileFiles;
use crate::wal::{Frame, Wal};
use crate::{Clock, Entropy, Epoch, LedgerError, LoggedAt, Row, Tag, Witness};
use gongdao_merkle::{Checkpoint, NoteSigner, Origin, RootHash, SignedCheckpoint};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};

/// Rows of one row file, unless another number is set.
const ROWS_PER_FILE: u64 = 16_384;

/// What a writer needs from outside.
pub struct Setup {
    /// The folder.
    pub storage: Arc<dyn Storage>,
    /// The key that checkpoints are signed with; that of the ledger.
    pub signer: NoteSigner,
    /// The clock.
    pub clock: Box<dyn Clock>,
    /// Random bytes.
    pub entropy: Box<dyn Entropy>,
    /// Asked at the start how far they have seen this log.
    pub witnesses: Vec<Box<dyn Witness>>,
    /// How many of them must answer.
    pub answers_needed: usize,
    /// Records in one commit at most.
    pub batch_cap: usize,
    /// Calls that may wait for the writer; the next one blocks.
    pub queue_cap: usize,
    /// Bytes of the write-ahead log above which a checkpoint drops it.
    pub rotate_bytes: u64,
    /// Age of the oldest record in the write-ahead log, in seconds of the ledger's clock, from which on a checkpoint drops it,
    /// however small it is: it holds what the records say.
    pub wal_seconds: u64,
    /// So many records that callers named are known at least, and twice as many at most, each with about 36 bytes of memory.
    /// The start reads as many rows.
    pub ids_kept: usize,
    /// Zeros are written so many bytes ahead in the write-ahead log: growing a file at each commit is slow.
    pub ahead_bytes: u32,
    /// Rows, entries and hashes are synced each time so many bytes of one file have come together, and not only at a checkpoint: the
    /// write-ahead log waits behind what is synced at once.
    pub flush_bytes: u64,
    /// Rows of one row file at most. An erasure writes whole files anew.
    pub rows_per_file: u64,
}

impl Setup {
    /// Without witnesses, and with figures that fit a small server.
    pub fn new(
        storage: Arc<dyn Storage>,
        signer: NoteSigner,
        clock: Box<dyn Clock>,
        entropy: Box<dyn Entropy>,
    ) -> Self {
        Self {
            storage,
            signer,
            clock,
            entropy,
            witnesses: Vec::new(),
            answers_needed: 0,
            batch_cap: 4096,
            queue_cap: 64,
            rotate_bytes: 64 << 20,
            wal_seconds: 3600,
            ids_kept: 1 << 20,
            ahead_bytes: 4 << 20,
            flush_bytes: 2 << 20,
            rows_per_file: ROWS_PER_FILE,
        }
    }
}

/// What was found when a ledger was opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Recovery {
    /// Entries of the last signed checkpoint.
    pub signed: u64,
    /// Entries now.
    pub size: u64,
    /// Witnesses that did not answer, with why.
    pub silent: Vec<String>,
    /// An erasure that had been interrupted was completed.
    pub resumed_erasure: bool,
}

/// Make an empty ledger in a folder. Errors: one is there; the disk.
pub(crate) fn create(
    storage: Arc<dyn Storage>,
    origin: Origin,
    signer: &NoteSigner,
    entropy: &mut dyn Entropy,
) -> Result<(), LedgerError> {
    let disk = Disk(storage);
    let key = signer.log_key();
    if key.name().as_str() != origin.as_str() {
        return Err(LedgerError::input(
            format!("the key is named `{}` and the log `{origin}`", key.name()),
            "name the key as the log: verifiers compare the two",
        ));
    }
    let _lock = disk.lock()?;
    if About::exists(&disk)? {
        return Err(LedgerError::input("the folder already holds a ledger", "open it, or name another folder"));
    }
    Keys::create(&disk, entropy)?;
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    drop(Wal::begin(&disk, 0, salt, 0)?);
    let checkpoint =
        Checkpoint { origin: origin.clone(), size: 0, root: RootHash::of_empty_tree(), extensions: Vec::new() };
    disk.replace(CHECKPOINT, checkpoint.sign(signer)?.to_string().as_bytes())?;
    // Last: a folder without it is no ledger yet, and making it may be tried again.
    About { origin, key }.write(&disk)
}

/// Recover and take over as the one writer.
pub(crate) fn open(setup: Setup) -> Result<(Core, Recovery), LedgerError> {
    let disk = Disk(setup.storage);
    let about = About::read(&disk)?;
    let lock = disk.lock()?;
    if setup.signer.log_key() != about.key {
        return Err(LedgerError::input(
            "the signing key is not that of the ledger",
            "give the key that the ledger was made with",
        ));
    }
    let checkpoint = read_checkpoint(&disk, &about)?;
    let signed = checkpoint.unverified().size;
    // Before anything is cut: what the other files lack must be in the write-ahead log.
    let mut frames = Vec::new();
    let wal = Wal::open(&disk, setup.ahead_bytes, &mut frames)?;
    check_continues(&frames, signed)?;
    let tiles = TileFiles::open(&disk, signed)?;
    if tiles.frontier().root() != checkpoint.unverified().root {
        return Err(LedgerError::evidence(
            format!("the hashes on the disk are not those of the checkpoint of {signed} entries"),
            "the folder was changed after the checkpoint was signed; restore it from a copy, and do not sign with this key",
        ));
    }
    let keys = Keys::open(&disk, Access::Write)?;
    let row_reader = RowReader::new(&disk, &keys)?;
    let manifest = settle_segments(&disk, &about, &setup.signer, signed)?;
    let rows = RowFiles::open(&disk, signed, setup.rows_per_file.max(1))?;
    let mut core = Core {
        disk,
        about,
        wal,
        tiles,
        rows,
        row_reader,
        manifest,
        keys: Arc::new(Mutex::new(keys)),
        entropy: Arc::new(Mutex::new(setup.entropy)),
        clock: setup.clock,
        signer: Arc::new(setup.signer),
        epoch: OpenEpoch::new(Epoch(0), 0),
        epochs: Vec::new(),
        half_closed: None,
        last_at: LoggedAt::from_seconds(0),
        checkpoint,
        known: Known::new(setup.ids_kept),
        rotate_bytes: setup.rotate_bytes,
        wal_seconds: setup.wal_seconds,
        wal_since: None,
        destroyed: HashSet::new(),
        flushing: Behind::default(),
        flush_bytes: setup.flush_bytes.max(1),
        is_signing: false,
        batch: Batch::default(),
        tags: Vec::new(),
        _lock: lock,
    };
    core.recover(&frames)?;
    let mut recovery = Recovery { signed, size: core.size(), ..Recovery::default() };
    recovery.silent = ask_witnesses(&setup.witnesses, setup.answers_needed, &core.about.origin, core.size())?;
    // A copy that began while nobody had the folder must end before files change in place.
    let is_pending = core.is_erasure_pending()?;
    let _alone = if is_pending { core.disk.keep_copies_out(true)? } else { None };
    recovery.resumed_erasure = core.resume_erasure()?;
    if !frames.is_empty() {
        core.settle()?;
    }
    recovery.size = core.size();
    Ok((core, recovery))
}

fn check_continues(frames: &[Frame], signed: u64) -> Result<(), LedgerError> {
    let first = frames.first().and_then(|frame| Parts(&frame.payload).number()).unwrap_or(signed);
    if first <= signed {
        return Ok(());
    }
    Err(LedgerError::evidence(
        format!("entries {signed} to {} are missing", first - 1),
        "a file of the write-ahead log is gone, or the checkpoint is older than it: restore the folder as a whole",
    ))
}

/// The checkpoint, checked with the ledger's own key.
pub(crate) fn read_checkpoint(disk: &Disk, about: &About) -> Result<SignedCheckpoint, LedgerError> {
    let bytes = disk.read(CHECKPOINT)?.ok_or_else(|| {
        LedgerError::evidence(
            "the checkpoint is gone",
            "restore it from a witness, a receipt or a copy; do not sign anew from size 0",
        )
    })?;
    let signed = SignedCheckpoint::parse(&bytes)?;
    signed.verify(&about.key)?;
    Ok(signed)
}

/// A witness that has seen more than is here proves that the disk was rolled back.
fn ask_witnesses(
    witnesses: &[Box<dyn Witness>],
    needed: usize,
    origin: &Origin,
    size: u64,
) -> Result<Vec<String>, LedgerError> {
    let mut silent = Vec::new();
    for witness in witnesses {
        match witness.size_of(origin) {
            Ok(seen) if seen > size => {
                return Err(LedgerError::evidence(
                    format!("witness `{}` cosigned {seen} entries and the disk holds {size}", witness.name()),
                    "the disk was rolled back: restore the newer state; going on would fork the log, and every witness would see it",
                ));
            }
            Ok(_) => {}
            Err(error) => silent.push(format!("{}: {error}", witness.name())),
        }
    }
    if witnesses.len() - silent.len() < needed {
        return Err(LedgerError::closed(
            format!(
                "{} of {} witnesses did not answer, and {needed} must: {}",
                silent.len(),
                witnesses.len(),
                silent.join("; ")
            ),
            "try again when they can be reached, or lower the number that must answer",
        ));
    }
    Ok(silent)
}

impl Core {
    fn recover(&mut self, frames: &[Frame]) -> Result<(), LedgerError> {
        let signed = self.size();
        if let Some(last) = signed.checked_sub(1) {
            each_entry(&self.disk, last..signed, |_, _, entry| {
                self.last_at = entry.logged_at;
                Ok(())
            })?;
        }
        for frame in frames {
            self.replay_frame(&frame.payload).map_err(|error| error.at(&frame.place))?;
        }
        self.tiles.write()?;
        self.rows.write()?;
        let epochs = Epochs::read(&self.disk, self.size())?;
        epochs.settle(&self.disk)?;
        let (epoch, first) = epochs.open();
        let size = self.size();
        let from = size.saturating_sub(self.known.cap());
        let known = &mut self.known;
        self.row_reader.each_name(from..size, |leaf, record| known.add(record, leaf))?;
        if let Some((epoch, first, end)) = epochs.half_closed() {
            self.half_closed = Some(HalfClosed { open: self.recover_counters(epoch, first..end)?, end });
        }
        self.epoch = self.recover_counters(epoch, first..size)?;
        self.epochs = epochs.starts;
        Ok(())
    }

    fn replay_frame(&mut self, payload: &[u8]) -> Result<(), LedgerError> {
        let malformed = || LedgerError::evidence("a frame that cannot be read", "restore the file from a copy");
        let mut parts = Parts(payload);
        let mut leaf = parts.number().ok_or_else(malformed)?;
        while !parts.0.is_empty() {
            let length = parts.length().ok_or_else(malformed)?;
            let entry = parts.counted(length).ok_or_else(malformed)?;
            let length = parts.length().ok_or_else(malformed)?;
            let row = parts.counted(length).ok_or_else(malformed)?;
            if leaf == self.size() {
                Row::parse(row)?;
                self.replay(leaf, entry, row)?;
            }
            leaf += 1;
        }
        Ok(())
    }

    /// How many tags were given out to each person in an epoch of these entries.
    fn recover_counters(&self, epoch: Epoch, leaves: Range<u64>) -> Result<OpenEpoch, LedgerError> {
        let mut open = OpenEpoch::new(epoch, leaves.start);
        let keys = locked(&self.keys)?;
        // By the place of a person's key.
        let mut counters: HashMap<Slot, u64> = HashMap::new();
        let mut has_erased = false;
        self.row_reader.each_concern(leaves.clone(), |_, _, concern| {
            match concern {
                Concern::Erased => has_erased = true,
                Concern::Open("", _) => {}
                Concern::Open(person, counter) => {
                    if let Some(slot) = keys.slot_of(person) {
                        let next = counters.entry(slot).or_default();
                        *next = (*next).max(counter.saturating_add(1));
                    }
                }
            }
            Ok(())
        })?;
        let origin = &self.about.origin;
        for (slot, next) in counters {
            if let Some(held) = keys.held(slot) {
                open.set(slot, held.mac.tag_key(origin, epoch).ready(), next);
            }
        }
        if !has_erased {
            return Ok(open);
        }
        // An erased row does not say whose it was; a tag must not be given out twice, so every person's are looked for.
        let mut tags: HashSet<Tag> = HashSet::new();
        each_entry(&self.disk, leaves, |_, _, entry| {
            tags.extend(entry.tags());
            Ok(())
        })?;
        for (slot, held) in keys.persons() {
            let key = held.mac.tag_key(origin, epoch).ready();
            let mut next = open.next_of(slot);
            while tags.contains(&key.tag(next)) {
                next += 1;
            }
            if next > 0 {
                open.set(slot, key, next);
            }
        }
        Ok(open)
    }
}

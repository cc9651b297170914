//! How an epoch is closed while records go on being logged: the writer notes where it ends and goes on in the next one; a thread
//! for which the caller waits makes the index; the seal is logged when it is made.
//!
//! INVARIANT: where an epoch ends is on the disk before an entry of the next one is, and an epoch is sealed before the next one
//! ends. So at most one epoch is half closed; a start finds it, and the next closing completes it.

use crate::about::Form;
use crate::core::Core;
use crate::epoch::{OpenEpoch, end_name, entry_lines, epoch_name, first_seal, read_seal};
use crate::row::Parts;
use crate::storage::{Disk, DiskFile};
use crate::tag_index::{IndexLine, IndexSeal, TagIndex};
use crate::{Entry, EntryKind, Epoch, LedgerError};

/// The end of an epoch is noted in one step of the disk.
const NOTE_BYTES: usize = 512;

/// An epoch whose end is noted and which is not sealed yet.
pub(crate) struct HalfClosed {
    /// Tags that were given out in it.
    pub(crate) open: OpenEpoch,
    /// The entry after its last.
    pub(crate) end: u64,
}

/// Where the writer is to note the end of its epoch: a file that is there and has its room.
pub(crate) struct EndNote {
    epoch: Epoch,
    file: DiskFile,
}

impl EndNote {
    /// Nobody else may close an epoch meanwhile.
    pub(crate) fn prepare(disk: &Disk, epoch: Epoch) -> Result<Self, LedgerError> {
        let name = end_name(epoch);
        let file = disk.create(&name)?;
        file.write_at(0, &[0; NOTE_BYTES])?;
        file.sync()?;
        disk.sync_folder("epochs")?;
        Ok(Self { epoch, file })
    }
}

impl HalfClosed {
    /// Make the index and write the epoch's file, durable before the entry that commits to it; without that entry it is nothing and
    /// is written again. Errors: a tag that stands twice; the disk.
    pub(crate) fn seal(&self, disk: &Disk) -> Result<IndexSeal, LedgerError> {
        let (epoch, first) = (self.open.epoch, self.open.first_leaf);
        let mut lines = entry_lines(disk, first..self.end)?;
        let ends = self.open.ends();
        lines.extend(&ends);
        let seal = TagIndex::new(lines)?.seal(epoch, first, self.end);
        disk.replace(&epoch_name(epoch), &[seal.to_bytes(), ends_bytes(&ends)].concat())?;
        Ok(seal)
    }
}

impl Core {
    /// Say that seals may stand later than right after their epochs: an older program must not go on here.
    pub(crate) fn allow_late_seals(&mut self) -> Result<(), LedgerError> {
        self.about.extend(&self.disk, Form::LateSeals)
    }

    /// Note where the epoch ends. Later entries bear the tags of the next one.
    pub(crate) fn end_epoch(&mut self, note: &EndNote) -> Result<HalfClosed, LedgerError> {
        if note.epoch != self.epoch.epoch {
            return Err(LedgerError::input("another epoch is open", "close the epoch again"));
        }
        let end = self.size();
        note.file.write_at(0, &note_bytes(note.epoch, end))?;
        note.file.sync()?;
        self.epochs.push(end);
        let open = std::mem::replace(&mut self.epoch, OpenEpoch::new(Epoch(note.epoch.0 + 1), end));
        Ok(HalfClosed { open, end })
    }

    /// Log the seal of an epoch whose file is written.
    pub(crate) fn log_seal(&mut self, seal: &IndexSeal) -> Result<(), LedgerError> {
        self.last_at = self.last_at.max(self.clock.now());
        let entry = Entry::new(EntryKind::IndexSeal, self.last_at, seal.commitment(), Vec::new())?;
        self.commit_public(&entry).map(drop)
    }
}

/// Where epochs begin, and whether the last but one is half closed.
pub(crate) struct Epochs {
    /// From epoch 0 on; the last one is open.
    pub(crate) starts: Vec<u64>,
    /// The epoch before the open one has no seal in the log.
    pub(crate) is_half_closed: bool,
}

impl Epochs {
    /// Among the first `size` entries.
    pub(crate) fn read(disk: &Disk, size: u64) -> Result<Self, LedgerError> {
        let mut starts = vec![0];
        let number = |starts: &Vec<u64>| Epoch(u64::try_from(starts.len()).unwrap_or(u64::MAX) - 1);
        while let Some(seal) = read_seal(disk, number(&starts))? {
            if first_seal(disk, &seal, size)?.is_none() {
                break;
            }
            starts.push(seal.end_leaf);
        }
        let first = starts.last().copied().unwrap_or_default();
        let end = noted_end(disk, number(&starts))?.filter(|end| (first..=size).contains(end));
        starts.extend(end);
        Ok(Self { starts, is_half_closed: end.is_some() })
    }

    /// The epoch that is open, and its first entry.
    pub(crate) fn open(&self) -> (Epoch, u64) {
        let last = u64::try_from(self.starts.len()).unwrap_or(u64::MAX).saturating_sub(1);
        (Epoch(last), self.starts.last().copied().unwrap_or_default())
    }

    /// The epoch that is half closed, with its first entry and the one after its last.
    pub(crate) fn half_closed(&self) -> Option<(Epoch, u64, u64)> {
        let [.., first, end] = self.starts.as_slice() else { return None };
        let (open, _) = self.open();
        self.is_half_closed.then(|| (Epoch(open.0.saturating_sub(1)), *first, *end))
    }

    /// Make what was found independent of what a crash or a failed sync left. Only for the writer.
    pub(crate) fn settle(&self, disk: &Disk) -> Result<(), LedgerError> {
        if let Some((epoch, _, end)) = self.half_closed() {
            disk.replace(&end_name(epoch), &note_bytes(epoch, end))?;
        }
        // Of a copy that lacks what came before it, or of a closing that did not come so far.
        let (open, _) = self.open();
        let name = end_name(open);
        if disk.open(&name)?.is_some() { disk.remove(&name) } else { Ok(()) }
    }
}

/// The epoch of an entry.
pub(crate) fn epoch_of(starts: &[u64], leaf: u64) -> Epoch {
    let after = starts.partition_point(|start| *start <= leaf);
    Epoch(u64::try_from(after).unwrap_or(1).saturating_sub(1))
}

/// What the note of an epoch's end says; nothing where there is none, or it was not finished.
fn noted_end(disk: &Disk, epoch: Epoch) -> Result<Option<u64>, LedgerError> {
    let Some(bytes) = disk.read(&end_name(epoch))? else { return Ok(None) };
    let mut parts = Parts(&bytes);
    let (Some(number), Some(end)) = (parts.number(), parts.number()) else { return Ok(None) };
    Ok(Some(end).filter(|end| number == epoch.0 && bytes == note_bytes(epoch, *end)))
}

fn note_bytes(epoch: Epoch, end: u64) -> Vec<u8> {
    let mut bytes = [epoch.0.to_be_bytes(), end.to_be_bytes()].concat();
    bytes.extend_from_slice(&crc32c::crc32c(&bytes).to_be_bytes());
    bytes.resize(NOTE_BYTES, 0);
    bytes
}

fn ends_bytes(ends: &[IndexLine]) -> Vec<u8> {
    ends.iter().flat_map(|line| line.to_bytes()).collect()
}

#[cfg(test)]
impl Core {
    /// All steps at once.
    pub(crate) fn close_epoch(&mut self) -> Result<IndexSeal, LedgerError> {
        let note = EndNote::prepare(&self.disk, self.epoch.epoch)?;
        let half_closed = self.end_epoch(&note)?;
        let seal = half_closed.seal(&self.disk)?;
        self.log_seal(&seal)?;
        Ok(seal)
    }
}

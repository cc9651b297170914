//! The write-ahead log: what was acknowledged and is not yet in the other files. One frame a commit, so a torn frame was never
//! acknowledged; docs/formats/ledger-folder.md has the layout.

use crate::LedgerError;
use crate::behind::Behind;
use crate::storage::{Disk, DiskFile};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

const FOLDER: &str = "wal";
const FRESH: &str = "wal/next";
/// A file whose frames stand elsewhere, while zeros take their place.
const GOING: &str = "wal/going";
/// A file of zeros that was a log. A new one, and the room of one that is removed, cost writes of the file system's journal, for
/// which every commit waits, and on some disks many times as much as the zeros.
const SPARE: &str = "wal/spare";
const MAGIC: &[u8; 16] = b"gongdao-wal-1\n\0\0";
const FRAME_MAGIC: &[u8; 4] = b"GWAL";
/// Frames begin at multiples of this; what a disk writes in one step.
const BLOCK: u64 = 512;
/// Zeros that a commit writes ahead at most: others wait for it.
const AHEAD_CAP: u64 = 16 << 20;
/// Bytes of zeros that are synced at once.
const PIECE: u64 = 1 << 20;
/// Room for frames that a file begins with at most.
const ROOM_CAP: u64 = 128 << 20;
/// Bytes before the payload of a frame.
pub(crate) const FRAME_HEAD: usize = 32;

/// An open write-ahead log.
pub(crate) struct Wal {
    disk: Disk,
    file: DiskFile,
    salt: [u8; 16],
    /// Where the next frame goes.
    at: u64,
    /// Zeros are written up to here.
    prepared: u64,
    /// Bytes by which zeros are written ahead: growing a file at each commit costs a journal write of the file system.
    pub(crate) ahead: u32,
    next: u64,
    growing: Growing,
}

/// Zeros that are being written behind those that are there, in pieces, while frames go into the first ones. INVARIANT: no frame goes
/// beyond `prepared` before this has ended.
#[derive(Default)]
struct Growing {
    behind: Behind,
    /// Zeros are written up to here when it has ended.
    until: u64,
    is_stopped: Arc<AtomicBool>,
}

impl Drop for Growing {
    /// Whoever opens the file next must not have zeros written over frames.
    fn drop(&mut self) {
        self.is_stopped.store(true, Ordering::SeqCst);
        // Zeros that failed are needed by nobody any more.
        let _ = self.behind.wait();
    }
}

/// A frame that was found.
pub(crate) struct Frame {
    pub(crate) place: String,
    pub(crate) payload: Vec<u8>,
}

impl Wal {
    /// Read all frames, cut a torn tail, and go on after the last. Errors: a frame that is damaged though a later one is
    /// whole, with its place.
    pub(crate) fn open(disk: &Disk, ahead: u32, frames: &mut Vec<Frame>) -> Result<Self, LedgerError> {
        let mut expected = None;
        let mut last = None;
        for name in logs(disk)? {
            let Some(file) = disk.open(&name)? else { continue };
            let found = Scan::run(&file, frames)?;
            if expected.is_some_and(|expected| expected != found.first) {
                return Err(gap(&file, 0, expected.unwrap_or_default()));
            }
            expected = Some(found.next);
            last = Some((file, found));
        }
        let (file, found) = last.ok_or_else(|| {
            LedgerError::evidence(
                "the write-ahead log is gone",
                "acknowledged records may have been in it: restore the folder `wal` from a copy",
            )
        })?;
        let mut size = file.size()?;
        let kept = found.end.saturating_add(u64::from(ahead));
        if size > kept {
            // Of a busier time. What is cut off of a torn frame is its end, which nothing takes for a frame.
            file.set_size(kept)?;
            size = kept;
        }
        let (salt, at, next) = (found.salt, found.end, found.next);
        let growing = Growing::default();
        let wal = Self { disk: disk.clone(), file, salt, at, prepared: size, ahead, next, growing };
        wal.wipe_tail(size)?;
        Ok(wal)
    }

    /// A new file whose first frame will have this sequence.
    pub(crate) fn begin(disk: &Disk, first: u64, salt: [u8; 16], ahead: u32) -> Result<Self, LedgerError> {
        Self::begin_in(&Fresh::create(disk, u64::from(ahead))?, disk, first, salt, ahead)
    }

    fn begin_in(fresh: &Fresh, disk: &Disk, first: u64, salt: [u8; 16], ahead: u32) -> Result<Self, LedgerError> {
        let mut head = [MAGIC.as_slice(), &salt, &first.to_be_bytes()].concat();
        head.extend_from_slice(&crc32c::crc32c(&head).to_be_bytes());
        head.resize(usize::try_from(BLOCK).unwrap_or(0), 0);
        fresh.file.write_at(0, &head)?;
        fresh.file.sync()?;
        let name = format!("{FOLDER}/{first:020}.wal");
        disk.rename(FRESH, &name)?;
        let file = disk.open(&name)?.ok_or_else(|| LedgerError::storage("the new log is gone", "check the disk"))?;
        let growing = Growing::default();
        Ok(Self { disk: disk.clone(), file, salt, at: BLOCK, prepared: fresh.size, ahead, next: first, growing })
    }

    /// Write one commit, whose head of [`FRAME_HEAD`] bytes is to be filled in, and return when it is durable.
    pub(crate) fn commit(&mut self, frame: &mut [u8]) -> Result<(), LedgerError> {
        let too_long = || LedgerError::input("a commit above 4 GiB", "append fewer records at once");
        let (head, payload) = frame.split_first_chunk_mut::<FRAME_HEAD>().ok_or_else(too_long)?;
        let length = u32::try_from(payload.len()).map_err(|_| too_long())?;
        let sum = checksum(&self.salt, self.next, payload);
        *head = [0; FRAME_HEAD];
        let parts = FRAME_MAGIC.iter().copied().chain(length.to_be_bytes()).chain(self.next.to_be_bytes());
        head.iter_mut().zip(parts.chain(sum.to_be_bytes())).for_each(|(to, from)| *to = from);
        let end = next_block(self.at + u64::try_from(frame.len()).unwrap_or(u64::MAX));
        if end > self.prepared {
            self.growing.behind.wait()?;
            self.prepared = self.prepared.max(self.growing.until);
        }
        if end > self.prepared {
            let more = (end - self.prepared).max(u64::from(self.ahead));
            self.file.write_at(self.prepared, &zeros(more))?;
            self.file.sync()?;
            self.prepared += more;
        }
        self.file.write_at(self.at, frame)?;
        self.file.sync()?;
        self.at = end;
        self.next = self.next.saturating_add(1);
        self.grow()
    }

    /// Have zeros written where few are left.
    fn grow(&mut self) -> Result<(), LedgerError> {
        let ahead = u64::from(self.ahead);
        if self.prepared.saturating_sub(self.at) >= ahead || !self.growing.behind.is_idle()? {
            return Ok(());
        }
        self.prepared = self.prepared.max(self.growing.until);
        if self.prepared.saturating_sub(self.at) >= ahead {
            return Ok(());
        }
        // On a file of its own: of a sync that fails each open file is told once, and the commits' must be told too.
        let Some(file) = self.disk.open(self.file.name())? else { return Ok(()) };
        // More at a time where the file has become long.
        let place = self.prepared..self.prepared + ahead.max((self.used() / 2).min(AHEAD_CAP));
        let (until, is_stopped) = (place.end, Arc::clone(&self.growing.is_stopped));
        if self.growing.behind.begin(move || write_zeros(&file, place, &is_stopped)) {
            self.growing.until = until;
        }
        Ok(())
    }

    /// Zeros that the next file needs so that commits like those so far do not wait for any.
    pub(crate) fn room(&self) -> u64 {
        u64::from(self.ahead).max((self.used() / 4 * 5).min(ROOM_CAP))
    }

    /// Go on in a file that was prepared. The older ones stay until a checkpoint covers them: their names.
    pub(crate) fn go_on_in(&mut self, fresh: &Fresh, salt: [u8; 16]) -> Result<Vec<String>, LedgerError> {
        // The file is not written to any more, so what grows it ends at its next piece.
        self.growing.is_stopped.store(true, Ordering::SeqCst);
        *self = Self::begin_in(fresh, &self.disk, self.next, salt, self.ahead)?;
        Ok(logs(&self.disk)?.into_iter().filter(|name| name != self.file.name()).collect())
    }

    /// Bytes of frames in the current file.
    pub(crate) fn used(&self) -> u64 {
        self.at - BLOCK
    }

    /// Start a new file and remove all older ones: everything in them stands durable elsewhere.
    pub(crate) fn rotate(&mut self, salt: [u8; 16]) -> Result<(), LedgerError> {
        // The name is the next sequence: an empty file has it already, and then holds nothing to drop.
        if self.used() > 0 {
            let fresh = Self::begin(&self.disk, self.next, salt, self.ahead)?;
            *self = fresh;
        }
        for name in self.disk.names(FOLDER)? {
            let name = format!("{FOLDER}/{name}");
            if name != self.file.name() {
                self.disk.remove(&name)?;
            }
        }
        Ok(())
    }

    /// Cut the zeros off that no frame needs any more.
    pub(crate) fn shrink(&mut self) -> Result<(), LedgerError> {
        self.growing = Growing::default();
        self.file.set_size(self.at)?;
        self.prepared = self.at;
        self.file.sync()
    }

    /// Nothing of a torn frame may stay where later frames go.
    fn wipe_tail(&self, size: u64) -> Result<(), LedgerError> {
        let left = size.saturating_sub(self.at);
        if left > 0 && self.file.read_from(self.at, left)?.iter().any(|byte| *byte != 0) {
            self.file.write_at(self.at, &zeros(left))?;
        }
        // Also where it is clean: the last frame may be in memory only, and counts as durable from here on.
        self.file.sync()
    }
}

/// Names of the logs, the oldest first.
fn logs(disk: &Disk) -> Result<Vec<String>, LedgerError> {
    let names = disk.names(FOLDER)?.into_iter().filter(|name| name.strip_suffix(".wal").is_some());
    Ok(names.map(|name| format!("{FOLDER}/{name}")).collect())
}

/// Remove logs that a checkpoint covers, the oldest first, while their writer goes on in another. The last one is kept, with zeros
/// for its frames, for the next [`prepare`]. Who has it open can no longer read it.
pub(crate) fn drop_covered(disk: &Disk, logs: &[String]) -> Result<(), LedgerError> {
    let Some((last, older)) = logs.split_last() else { return Ok(()) };
    older.iter().try_for_each(|log| disk.remove(log))?;
    disk.rename(last, GOING)?;
    let Some(file) = disk.open(GOING)? else { return Ok(()) };
    wipe(&file)?;
    disk.rename(GOING, SPARE)
}

/// Zeros from the end to the beginning: whoever still reads finds the first frames whole, or none.
fn wipe(file: &DiskFile) -> Result<(), LedgerError> {
    let mut end = file.size()?;
    let mut is_empty = true;
    while end > 0 {
        let start = (end - 1) / PIECE * PIECE;
        let empty = zeros(end - start);
        is_empty = is_empty && file.read_from(start, end - start)? == empty;
        if !is_empty {
            file.write_at(start, &empty)?;
            file.sync()?;
        }
        end = start;
    }
    Ok(())
}

/// The bytes of a log up to the last frame that is whole, while its writer goes on.
///
/// Errors: a frame stays damaged though a later one is whole.
pub(crate) fn read_whole(file: &DiskFile) -> Result<Vec<u8>, LedgerError> {
    const TRIES: u32 = 8;
    let mut tried = 0;
    loop {
        let read = file.size().and_then(|size| file.read_from(0, size)).and_then(|mut bytes| {
            let end = Scan::of(file, &bytes, drop)?.end;
            bytes.truncate(usize::try_from(end).unwrap_or(usize::MAX));
            Ok(bytes)
        });
        match read {
            // A frame was being written while it was read, or the file was cut at a start.
            Err(_) if tried < TRIES => tried += 1,
            read => return read,
        }
    }
}

/// A file of zeros that is durable and not yet a log.
pub(crate) struct Fresh {
    file: DiskFile,
    size: u64,
}

impl Fresh {
    /// With room for so many bytes of frames.
    fn create(disk: &Disk, room: u64) -> Result<Self, LedgerError> {
        Self { file: disk.create(FRESH)?, size: 0 }.of_size(BLOCK + room)
    }

    fn of_size(mut self, size: u64) -> Result<Self, LedgerError> {
        write_zeros(&self.file, self.size..size, &AtomicBool::new(false))?;
        self.size = self.size.max(size);
        Ok(self)
    }
}

/// Make one with room for so many bytes of frames, out of what [`drop_covered`] kept where that is not far too large. Nobody else may
/// do so meanwhile.
pub(crate) fn prepare(disk: &Disk, room: u64) -> Result<Fresh, LedgerError> {
    let wanted = BLOCK + room;
    let Some(kept) = disk.open(SPARE)? else { return Fresh::create(disk, room) };
    let size = kept.size()?;
    drop(kept);
    if size / 4 > wanted {
        disk.cut_away(SPARE, GOING)?;
        return Fresh::create(disk, room);
    }
    disk.rename(SPARE, FRESH)?;
    let file = disk.open(FRESH)?.ok_or_else(|| LedgerError::storage("the spare log is gone", "check the disk"))?;
    Fresh { file, size }.of_size(wanted)
}

/// Piece by piece: commits wait for the same disk.
fn write_zeros(file: &DiskFile, mut place: Range<u64>, is_stopped: &AtomicBool) -> Result<(), LedgerError> {
    while !place.is_empty() && !is_stopped.load(Ordering::SeqCst) {
        let count = PIECE.min(place.end - place.start);
        file.write_at(place.start, &zeros(count))?;
        file.sync()?;
        place.start += count;
    }
    Ok(())
}

struct Scan {
    salt: [u8; 16],
    first: u64,
    next: u64,
    end: u64,
}

impl Scan {
    fn run(file: &DiskFile, frames: &mut Vec<Frame>) -> Result<Self, LedgerError> {
        let bytes = file.read_from(0, file.size()?)?;
        Self::of(file, &bytes, |frame| frames.push(frame))
    }

    fn of(file: &DiskFile, bytes: &[u8], mut take: impl FnMut(Frame)) -> Result<Self, LedgerError> {
        let (salt, first) = read_head(bytes).ok_or_else(|| {
            LedgerError::evidence(
                format!("`{}` does not begin as a write-ahead log", file.name()),
                "the file was damaged after it was written; restore it, or recover up to the last checkpoint and say so",
            )
        })?;
        let mut scan = Self { salt, first, next: first, end: BLOCK };
        while let Some(payload) = scan.frame_at(bytes, scan.end, Some(scan.next)) {
            take(Frame { place: format!("frame {} of `{}`", scan.next, file.name()), payload: payload.to_vec() });
            scan.end = next_block(scan.end + u64::try_from(FRAME_HEAD + payload.len()).unwrap_or(u64::MAX));
            scan.next = scan.next.saturating_add(1);
        }
        // Later frames were written after this one was durable: if one is whole, this one was damaged afterwards.
        let mut later = scan.end + BLOCK;
        while usize::try_from(later).is_ok_and(|later| later < bytes.len()) {
            if scan.frame_at(bytes, later, None).is_some() {
                return Err(gap(file, scan.end, scan.next));
            }
            later += BLOCK;
        }
        Ok(scan)
    }

    fn frame_at<'a>(&self, bytes: &'a [u8], at: u64, sequence: Option<u64>) -> Option<&'a [u8]> {
        let rest = bytes.get(usize::try_from(at).ok()?..)?;
        let (head, rest) = rest.split_first_chunk::<FRAME_HEAD>()?;
        let mut parts = head.strip_prefix(FRAME_MAGIC)?;
        let length = u32::from_be_bytes(take(&mut parts)?);
        let number = u64::from_be_bytes(take(&mut parts)?);
        let sum = u32::from_be_bytes(take(&mut parts)?);
        let is_expected = sequence.map_or(number > self.next, |sequence| sequence == number);
        let payload = rest.get(..usize::try_from(length).ok()?).filter(|_| is_expected)?;
        (checksum(&self.salt, number, payload) == sum).then_some(payload)
    }
}

fn read_head(bytes: &[u8]) -> Option<([u8; 16], u64)> {
    let (head, mut rest) = bytes.split_at_checked(40)?;
    let sum = u32::from_be_bytes(take(&mut rest)?);
    let mut parts = head.strip_prefix(MAGIC.as_slice())?;
    let found = (take(&mut parts)?, u64::from_be_bytes(take(&mut parts)?));
    (crc32c::crc32c(head) == sum).then_some(found)
}

/// The salt is random and stays here: what a client puts into a record can never look like a frame.
fn checksum(salt: &[u8; 16], sequence: u64, payload: &[u8]) -> u32 {
    let length = u64::try_from(payload.len()).unwrap_or(u64::MAX).to_be_bytes();
    let sum = crc32c::crc32c_append(crc32c::crc32c(salt), &sequence.to_be_bytes());
    crc32c::crc32c_append(crc32c::crc32c_append(sum, &length), payload)
}

fn take<const N: usize>(parts: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = parts.split_first_chunk::<N>()?;
    *parts = rest;
    Some(*taken)
}

fn zeros(count: u64) -> Vec<u8> {
    vec![0; usize::try_from(count).unwrap_or(0)]
}

fn next_block(at: u64) -> u64 {
    at.div_ceil(BLOCK) * BLOCK
}

fn gap(file: &DiskFile, at: u64, sequence: u64) -> LedgerError {
    LedgerError::evidence(
        format!("frame {sequence} at byte {at} of `{}` is damaged or missing, and later ones are there", file.name()),
        "acknowledged records are in it: restore the file from a copy; do not start without it",
    )
}

//! Bounded reading of a file of any size: only what is asked for stands in memory.

use crate::LabelError;
use std::io::{Read, Seek, SeekFrom};

/// Bytes that can be read at any place.
pub(crate) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// No piece of metadata is larger than this; a file that says so is refused before memory is taken.
pub(crate) const MOST_BYTES: u64 = 256 << 20;
/// No list of chunks, boxes or elements is longer: real files have thousands, and a file of nothing but heads would fill the
/// memory.
pub(crate) const MOST_PIECES: usize = 500_000;
/// Small reads near each other cost one call.
const WINDOW: u64 = 16 << 10;

pub(crate) struct Source<'a> {
    inner: &'a mut dyn ReadSeek,
    length: u64,
    window_at: u64,
    window: Vec<u8>,
}

impl<'a> Source<'a> {
    pub(crate) fn new(inner: &'a mut dyn ReadSeek) -> Result<Self, LabelError> {
        let length = inner.seek(SeekFrom::End(0))?;
        Ok(Self { inner, length, window_at: 0, window: Vec::new() })
    }

    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    /// Exactly `count` bytes from `at`; an error if the file ends before.
    pub(crate) fn bytes(&mut self, at: u64, count: u64) -> Result<Vec<u8>, LabelError> {
        if at.checked_add(count).is_none_or(|end| end > self.length) {
            let message = format!("the file ends at byte {}, before the {count} bytes it speaks of", self.length);
            return Err(LabelError::malformed(at, message));
        }
        if count > MOST_BYTES {
            return Err(LabelError::malformed(at, format!("{count} bytes of metadata are more than any file needs")));
        }
        if let Some(bytes) = self.in_window(at, count) {
            return Ok(bytes);
        }
        if count <= WINDOW {
            self.fill(at)?;
            if let Some(bytes) = self.in_window(at, count) {
                return Ok(bytes);
            }
        }
        self.read(at, count)
    }

    /// At most `count` bytes from `at`: fewer where the file ends.
    pub(crate) fn head(&mut self, at: u64, count: u64) -> Result<Vec<u8>, LabelError> {
        let left = self.length.saturating_sub(at);
        if left == 0 { Ok(Vec::new()) } else { self.bytes(at, count.min(left)) }
    }

    fn in_window(&self, at: u64, count: u64) -> Option<Vec<u8>> {
        let start = usize::try_from(at.checked_sub(self.window_at)?).ok()?;
        let end = start.checked_add(usize::try_from(count).ok()?)?;
        self.window.get(start..end).map(<[u8]>::to_vec)
    }

    fn fill(&mut self, at: u64) -> Result<(), LabelError> {
        let count = WINDOW.min(self.length.saturating_sub(at));
        self.window = self.read(at, count)?;
        self.window_at = at;
        Ok(())
    }

    fn read(&mut self, at: u64, count: u64) -> Result<Vec<u8>, LabelError> {
        self.inner.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::new();
        (&mut *self.inner).take(count).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(0) != count {
            return Err(LabelError::malformed(at, "the file became shorter while it was read"));
        }
        Ok(bytes)
    }

    /// Copies `count` bytes from `at` without holding them all.
    pub(crate) fn copy(&mut self, at: u64, count: u64, sink: &mut dyn std::io::Write) -> Result<(), LabelError> {
        self.inner.seek(SeekFrom::Start(at))?;
        let mut piece = vec![0_u8; 256 << 10];
        let mut left = count;
        while left > 0 {
            let want = usize::try_from(left).unwrap_or(usize::MAX).min(piece.len());
            let part = piece.get_mut(..want).unwrap_or_default();
            self.inner.read_exact(part)?;
            sink.write_all(part)?;
            left -= want as u64;
        }
        Ok(())
    }
}

/// One more piece of a list that began at byte `at`.
pub(crate) fn push<T>(pieces: &mut Vec<T>, piece: T, at: u64) -> Result<(), LabelError> {
    if pieces.len() >= MOST_PIECES {
        return Err(LabelError::malformed(at, format!("more than {MOST_PIECES} pieces of metadata")));
    }
    pieces.push(piece);
    Ok(())
}

/// Length of a slice as a file offset.
pub(crate) fn size(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

/// Fixed-width integers at a place of a slice; `None` past its end.
pub(crate) mod number {
    pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
        bytes.get(at..at.checked_add(N)?)?.try_into().ok()
    }

    pub(crate) fn be16(bytes: &[u8], at: usize) -> Option<u16> {
        array(bytes, at).map(u16::from_be_bytes)
    }

    pub(crate) fn be32(bytes: &[u8], at: usize) -> Option<u32> {
        array(bytes, at).map(u32::from_be_bytes)
    }

    pub(crate) fn be64(bytes: &[u8], at: usize) -> Option<u64> {
        array(bytes, at).map(u64::from_be_bytes)
    }

    pub(crate) fn le16(bytes: &[u8], at: usize) -> Option<u16> {
        array(bytes, at).map(u16::from_le_bytes)
    }

    pub(crate) fn le32(bytes: &[u8], at: usize) -> Option<u32> {
        array(bytes, at).map(u32::from_le_bytes)
    }

    pub(crate) fn le64(bytes: &[u8], at: usize) -> Option<u64> {
        array(bytes, at).map(u64::from_le_bytes)
    }
}

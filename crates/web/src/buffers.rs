//! Memory that large answers are written into, used again: an answer of megabytes costs as much to get memory for as to write.

use axum::body::Bytes;
use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that are kept; answers under way at once mostly are fewer.
const KEPT: usize = 8;
/// A greater one is given back: 10,000 decisions in one call are rare.
const LARGEST: usize = 8 << 20;

/// Buffers that nobody uses right now.
#[derive(Default, Clone)]
pub(crate) struct Buffers(Arc<Mutex<Vec<Vec<u8>>>>);

/// A buffer in use, which goes back when it is sent.
pub(crate) struct Buffer {
    pub(crate) bytes: Vec<u8>,
    home: Buffers,
}

impl Buffers {
    /// An empty one with room for so much.
    pub(crate) fn take(&self, room: usize) -> Buffer {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut bytes = kept.unwrap_or_default();
        bytes.reserve(room);
        Buffer { bytes, home: self.clone() }
    }
}

impl Buffer {
    pub(crate) fn sent(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut kept = self.home.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT && bytes.capacity() <= LARGEST {
            kept.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Buffers, KEPT, LARGEST};

    #[test]
    fn a_buffer_that_was_sent_is_empty_and_used_again_unless_it_is_large() {
        let buffers = Buffers::default();
        let mut first = buffers.take(1000);
        first.bytes.extend_from_slice(b"said");
        let place = first.bytes.as_ptr();
        let sent = first.sent();
        let copy = sent.clone();
        assert_eq!(sent, "said");
        drop(sent);
        assert_ne!(buffers.take(1).bytes.as_ptr(), place, "somebody still reads it");
        drop(copy);
        let again = buffers.take(10);
        assert_eq!((again.bytes.as_ptr(), again.bytes.len()), (place, 0));
        drop((buffers.take(LARGEST + 1), again));
        drop((0..20).map(|_| buffers.take(1)).collect::<Vec<_>>());
        let kept = buffers.0.lock().unwrap();
        assert_eq!(kept.len(), KEPT);
        assert!(kept.iter().all(|bytes| bytes.capacity() <= LARGEST));
    }
}

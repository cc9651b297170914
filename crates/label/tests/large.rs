//! A film of 4 GiB: its frames are a hole in a sparse file, and must never stand in memory.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_label::{Label, WriteOptions, read, write};
use std::io::{Read, Seek, SeekFrom, Write};

/// A file with a hole of zeros after its first bytes; what is written into the hole is not kept.
struct Hollow {
    head: Vec<u8>,
    length: u64,
    at: u64,
    /// The most bytes of the hole that were asked for at once.
    most: usize,
    keep: u64,
}

impl Hollow {
    fn new(head: Vec<u8>, length: u64, keep: u64) -> Self {
        Self { head, length, at: 0, most: 0, keep }
    }
}

impl Read for Hollow {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let left = usize::try_from(self.length.saturating_sub(self.at)).unwrap();
        let count = buffer.len().min(left);
        self.most = self.most.max(count);
        buffer[..count].fill(0);
        let start = usize::try_from(self.at).unwrap().min(self.head.len());
        let from_head = &self.head[start..(start + count).min(self.head.len())];
        buffer[..from_head.len()].copy_from_slice(from_head);
        self.at += count as u64;
        Ok(count)
    }
}

impl Write for Hollow {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.at < self.keep {
            let kept = usize::try_from(self.keep - self.at).unwrap().min(bytes.len());
            self.head.resize(usize::try_from(self.at).unwrap() + kept, 0);
            self.head[usize::try_from(self.at).unwrap()..].copy_from_slice(&bytes[..kept]);
        }
        self.at += bytes.len() as u64;
        self.length = self.length.max(self.at);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Seek for Hollow {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.at = match to {
            SeekFrom::Start(at) => at,
            SeekFrom::End(by) => self.length.checked_add_signed(by).unwrap(),
            SeekFrom::Current(by) => self.at.checked_add_signed(by).unwrap(),
        };
        Ok(self.at)
    }
}

#[test]
fn a_film_of_4_gib_passes_through_in_small_pieces() {
    const FRAMES: u64 = 4 << 30;
    let mut head = support::mp4(b"", true);
    // `mdat` with a 64-bit length.
    head.truncate(head.len() - 8);
    head.extend([&1_u32.to_be_bytes()[..], b"mdat", &(FRAMES + 16).to_be_bytes()].concat());
    let length = head.len() as u64 + FRAMES;
    let mut source = Hollow::new(head, length, 0);
    let mut sink = Hollow::new(Vec::new(), 0, 4096);
    let label = Label::first(support::PRODUCER, "x").unwrap();
    write(&mut source, "a.mp4", &mut sink, &label, WriteOptions::default()).unwrap();
    assert!(source.most <= 1 << 20, "{} bytes at once", source.most);
    assert!(sink.most <= 1 << 20, "{} bytes at once", sink.most);
    assert!(sink.length > length);
    assert!(read(&mut sink, "a.mp4").unwrap().holds(&label));
}

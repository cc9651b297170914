//! ZIP (PKWARE APPNOTE 6.3.9), as far as office documents need it: entries found by the central directory, some replaced,
//! all others copied byte for byte.

use crate::LabelError;
use crate::source::{Source, number, size};
use crate::splice::{Edit, Edits};

const END_MARK: &[u8] = b"PK\x05\x06";
const END_SIZE: u64 = 22;
const CENTRAL_SIZE: usize = 46;
const LOCAL_SIZE: u64 = 30;
/// No part of a document that is read here unpacks to more.
const MOST_UNPACKED: usize = 64 << 20;

#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// Where its local head stands.
    pub(crate) at: u64,
    method: u16,
    packed: u64,
    /// Its central head.
    central: Vec<u8>,
}

/// A new content of an entry.
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

pub(crate) struct Zip {
    pub(crate) entries: Vec<Entry>,
    central_at: u64,
    central_size: u64,
    end_at: u64,
    end: Vec<u8>,
}

impl Zip {
    pub(crate) fn read(source: &mut Source<'_>) -> Result<Self, LabelError> {
        let tail_at = source.length().saturating_sub(END_SIZE + 65_535);
        let tail = source.bytes(tail_at, source.length() - tail_at)?;
        let mark = tail.windows(4).rposition(|window| window == END_MARK);
        let broken = |at: u64| LabelError::malformed(at, "the list of the archive's entries is broken");
        let mark = mark.ok_or_else(|| broken(tail_at))?;
        let end = tail.get(mark..).unwrap_or_default().to_vec();
        let end_at = tail_at + mark as u64;
        let field = |at| number::le32(&end, at).map(u64::from).ok_or_else(|| broken(end_at));
        let (central_size, central_at) = (field(12)?, field(16)?);
        if central_at == 0xffff_ffff || central_at + central_size > end_at {
            return Err(broken(end_at));
        }
        let central = source.bytes(central_at, central_size)?;
        let mut entries = Vec::new();
        let mut at = 0;
        while at < central.len() {
            let (entry, length) = entry(central.get(at..).unwrap_or_default()).ok_or_else(|| broken(central_at))?;
            entries.push(entry);
            at += length;
        }
        Ok(Self { entries, central_at, central_size, end_at, end })
    }

    pub(crate) fn entry(&self, name: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The content of an entry, and where it stands if it is stored as it is.
    pub(crate) fn content(source: &mut Source<'_>, entry: &Entry) -> Result<(Vec<u8>, Option<u64>), LabelError> {
        let head = source.bytes(entry.at, LOCAL_SIZE)?;
        if !head.starts_with(b"PK\x03\x04") {
            return Err(LabelError::malformed(
                entry.at,
                format!("the entry `{}` is not where the list says", entry.name),
            ));
        }
        let extra = [26, 28].iter().filter_map(|at| number::le16(&head, *at)).map(u64::from).sum::<u64>();
        let at = entry.at + LOCAL_SIZE + extra;
        let raw = source.bytes(at, entry.packed)?;
        match entry.method {
            0 => Ok((raw, Some(at))),
            8 => miniz_oxide::inflate::decompress_to_vec_with_limit(&raw, MOST_UNPACKED)
                .map(|bytes| (bytes, None))
                .map_err(|_| LabelError::malformed(at, format!("the entry `{}` cannot be unpacked", entry.name))),
            other => Err(LabelError::refused(
                format!("the entry `{}` is packed by method {other}", entry.name),
                "save the document again with an office program",
            )),
        }
    }

    /// The archive with some parts replaced or added. Parts are stored unpacked, so that a label can be pointed at.
    pub(crate) fn with(&self, parts: &[Part]) -> Result<Vec<Edit>, LabelError> {
        let mut starts: Vec<u64> = self.entries.iter().map(|entry| entry.at).collect();
        starts.push(self.central_at);
        starts.sort_unstable();
        let mut edits = Vec::new();
        for part in parts {
            match self.entry(&part.name) {
                Some(entry) => {
                    let end = starts.iter().find(|start| **start > entry.at).copied().unwrap_or(self.central_at);
                    edits.push(Edit::replace(entry.at, end - entry.at, local(&entry.name, &part.bytes)));
                }
                None => edits.push(Edit::insert(self.central_at, local(&part.name, &part.bytes))),
            }
        }
        let map = Edits::new(edits.clone())?;
        let mut central = Vec::new();
        for entry in &self.entries {
            let at = map.moved(entry.at);
            let part = parts.iter().find(|part| part.name.eq_ignore_ascii_case(&entry.name));
            central.extend(match part {
                Some(part) => central_head(&entry.name, &part.bytes, at)?,
                None => moved_head(&entry.central, at)?,
            });
        }
        let mut at = map.moved(self.central_at);
        let new: Vec<&Part> = parts.iter().filter(|part| self.entry(&part.name).is_none()).collect();
        // Parts were inserted one after the other before the list.
        for part in new.iter().rev() {
            at -= size(&local(&part.name, &part.bytes));
        }
        for part in &new {
            central.extend(central_head(&part.name, &part.bytes, at)?);
            at += size(&local(&part.name, &part.bytes));
        }
        edits.extend(self.directory(&central, at, new.len())?);
        Ok(edits)
    }

    fn directory(&self, central: &[u8], at: u64, more: usize) -> Result<Vec<Edit>, LabelError> {
        let large = |_| LabelError::refused("the document would be too large for its archive", "save it smaller");
        let count = u16::try_from(self.entries.len() + more).map_err(large)?.to_le_bytes();
        let mut end = self.end.clone();
        let fields = [
            (8, count.to_vec()),
            (10, count.to_vec()),
            (12, u32::try_from(central.len()).map_err(large)?.to_le_bytes().to_vec()),
            (16, u32::try_from(at).map_err(large)?.to_le_bytes().to_vec()),
        ];
        for (place, bytes) in fields {
            if let Some(field) = end.get_mut(place..place + bytes.len()) {
                field.copy_from_slice(&bytes);
            }
        }
        Ok(vec![Edit::replace(self.central_at, self.central_size, central.to_vec()), Edit::over(self.end_at, end)])
    }
}

fn entry(bytes: &[u8]) -> Option<(Entry, usize)> {
    if !bytes.starts_with(b"PK\x01\x02") {
        return None;
    }
    let part = |at| number::le16(bytes, at).map(usize::from);
    let name_size = part(28)?;
    let length = CENTRAL_SIZE + name_size + part(30)? + part(32)?;
    let name = bytes.get(CENTRAL_SIZE..CENTRAL_SIZE + name_size)?;
    let entry = Entry {
        name: String::from_utf8_lossy(name).into_owned(),
        at: u64::from(number::le32(bytes, 42)?),
        method: number::le16(bytes, 10)?,
        packed: u64::from(number::le32(bytes, 20)?),
        central: bytes.get(..length)?.to_vec(),
    };
    Some((entry, length))
}

/// Version needed, flags (UTF-8 name), method (stored), time and day (the earliest that the format has), check sum, sizes.
fn shared_head(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    let sum = crc32fast::hash(bytes).to_le_bytes();
    [&[20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0], &sum[..], &length, &length].concat()
}

fn local(name: &str, bytes: &[u8]) -> Vec<u8> {
    let name_size = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    [b"PK\x03\x04", &shared_head(bytes)[..], &name_size, &[0, 0], name.as_bytes(), bytes].concat()
}

fn central_head(name: &str, bytes: &[u8], at: u64) -> Result<Vec<u8>, LabelError> {
    let name_size = u16::try_from(name.len()).unwrap_or(u16::MAX).to_le_bytes();
    let head = [b"PK\x01\x02\x14\0", &shared_head(bytes)[..], &name_size, &[0; 16], name.as_bytes()].concat();
    moved_head(&head, at)
}

fn moved_head(head: &[u8], at: u64) -> Result<Vec<u8>, LabelError> {
    let at = u32::try_from(at)
        .map_err(|_| LabelError::refused("the document would be too large for its archive", "save it smaller"))?;
    let mut head = head.to_vec();
    if let Some(field) = head.get_mut(42..46) {
        field.copy_from_slice(&at.to_le_bytes());
    }
    Ok(head)
}

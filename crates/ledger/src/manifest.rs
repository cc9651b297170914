//! Which segments hold the sealed rows: a signed list that is replaced as a whole.

use crate::LedgerError;
use crate::about::{About, Form};
use crate::storage::Disk;
use gongdao_merkle::{Note, NoteSigner, sha256};
use std::collections::BTreeSet;
use std::ops::Range;

pub(crate) const SEGMENTS: &str = "segments";
pub(crate) const MANIFEST: &str = "segments/manifest";
const FIRST_LINE: &str = "gongdao-segments/1";

/// One sealed file of rows, one row for each entry of a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Segment {
    pub(crate) first: u64,
    pub(crate) end: u64,
    /// The manifest that named the file first; an erasure puts a file of a later one in its place.
    pub(crate) generation: u64,
    pub(crate) digest: [u8; 32],
}

/// The list. Segments follow one another from entry 0 on without a gap.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Manifest {
    pub(crate) generation: u64,
    pub(crate) segments: Vec<Segment>,
    /// SHA-256 of the file as it was read or written; a writer replaces this one and no other.
    pub(crate) file: Option<[u8; 32]>,
}

impl Segment {
    /// Write the file, durable, under a name that no other file ever had.
    pub(crate) fn write(disk: &Disk, leaves: Range<u64>, generation: u64, bytes: &[u8]) -> Result<Self, LedgerError> {
        let segment = Self { first: leaves.start, end: leaves.end, generation, digest: sha256(&[bytes]) };
        disk.replace(&segment.name(), bytes)?;
        Ok(segment)
    }

    pub(crate) fn name(&self) -> String {
        format!("{SEGMENTS}/{:020}-{:010}.parquet", self.first, self.generation)
    }

    fn line(&self) -> String {
        let Self { first, end, generation, digest } = self;
        let digest = digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        format!("{first} {end} {generation} {digest}\n")
    }

    /// The file's bytes; nothing where it is not there any more. Errors: they are not those that the manifest signs for.
    pub(crate) fn read(&self, disk: &Disk) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some(bytes) = disk.read(&self.name())? else { return Ok(None) };
        if sha256(&[&bytes]) == self.digest {
            return Ok(Some(bytes));
        }
        Err(LedgerError::evidence(
            format!("`{}` is not the file that the manifest signs for", self.name()),
            "restore the file from a copy, and erase again what was erased since",
        ))
    }
}

impl Manifest {
    /// The current list; an empty one where nothing was ever sealed. Errors: it is gone though something was sealed; the
    /// ledger's key did not sign it; gaps.
    pub(crate) fn read(disk: &Disk) -> Result<Self, LedgerError> {
        let about = About::read(disk)?;
        // Asked first: a writer that seals for the first time writes the list before the folder says that it has one.
        let has_segments = About::has(disk, Form::Segments)?;
        let Some(bytes) = disk.read(MANIFEST)? else {
            if has_segments {
                return Err(LedgerError::evidence(
                    format!("`{MANIFEST}` is gone, and rows were sealed"),
                    "restore the folder `segments` from a copy, and erase again what was erased since",
                ));
            }
            return Ok(Self::default());
        };
        let note = Note::parse(&bytes).map_err(|error| LedgerError::from(error).at(format_args!("`{MANIFEST}`")))?;
        note.verify(std::slice::from_ref(&about.key))?;
        let parsed = parse(note.text(), about.origin.as_str());
        parsed.map(|manifest| Self { file: Some(sha256(&[&bytes])), ..manifest }).ok_or_else(|| {
            LedgerError::evidence(
                format!("`{MANIFEST}` has another form"),
                "see docs/formats/ledger-folder.md; a newer program may read it",
            )
        })
    }

    /// Put it in place of the one that it was made from. Errors: another one is there.
    pub(crate) fn write(&mut self, disk: &Disk, about: &About, signer: &NoteSigner) -> Result<(), LedgerError> {
        let head = format!("{FIRST_LINE}\n{}\n{}\n", about.origin, self.generation);
        let text: String = std::iter::once(head).chain(self.segments.iter().map(Segment::line)).collect();
        let line = signer.sign(&text);
        let bytes = Note::new(text, vec![line])?.to_string().into_bytes();
        disk.swap(MANIFEST, self.file.as_ref(), &bytes)?;
        self.file = Some(sha256(&[&bytes]));
        Ok(())
    }

    /// Entries whose rows are sealed.
    pub(crate) fn end(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.end)
    }

    /// Whether every file that this list names is there.
    pub(crate) fn is_whole(&self, disk: &Disk) -> Result<bool, LedgerError> {
        let there = files(disk)?;
        Ok(self.segments.iter().all(|segment| there.contains(&segment.name())))
    }

    /// Files in the folder that this list does not name.
    pub(crate) fn strays(&self, disk: &Disk) -> Result<Vec<String>, LedgerError> {
        let named: BTreeSet<String> = self.segments.iter().map(Segment::name).collect();
        Ok(files(disk)?.into_iter().filter(|name| name != MANIFEST && !named.contains(name)).collect())
    }
}

fn files(disk: &Disk) -> Result<BTreeSet<String>, LedgerError> {
    Ok(disk.names(SEGMENTS)?.into_iter().map(|name| format!("{SEGMENTS}/{name}")).collect())
}

fn parse(text: &str, origin: &str) -> Option<Manifest> {
    let mut lines = text.strip_suffix('\n')?.split('\n');
    if lines.next() != Some(FIRST_LINE) || lines.next() != Some(origin) {
        return None;
    }
    let mut manifest = Manifest { generation: decimal(lines.next()?)?, ..Manifest::default() };
    for line in lines {
        let mut words = line.split(' ');
        let segment = Segment {
            first: decimal(words.next()?)?,
            end: decimal(words.next()?)?,
            generation: decimal(words.next()?)?,
            digest: digest(words.next()?)?,
        };
        let follows = segment.first == manifest.end() && segment.first < segment.end;
        if !follows || segment.generation > manifest.generation || words.next().is_some() {
            return None;
        }
        manifest.segments.push(segment);
    }
    Some(manifest)
}

/// A number as [`Manifest::write`] gives it, and no other form of it.
fn decimal(text: &str) -> Option<u64> {
    text.parse().ok().filter(|number: &u64| number.to_string() == text)
}

fn digest(text: &str) -> Option<[u8; 32]> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    let half = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let bytes = pairs.iter().map(|[high, low]| Some(half(*high)? << 4 | half(*low)?)).collect::<Option<Vec<u8>>>()?;
    bytes.try_into().ok()
}

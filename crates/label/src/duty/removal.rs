//! What the state of a label shows, beside the record of labels that a service issued. No sign accuses anybody: platforms
//! re-encode, and absence alone shows nothing.

use crate::model::{FoundLabel, Key};
use crate::read::Reading;
use crate::source::Source;
use crate::{Format, LabelError};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

/// What a service recorded when it issued a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issued {
    /// The content's number.
    pub produce_id: String,
    /// The label as it was written.
    pub label: FoundLabel,
    /// SHA-256 of the whole file.
    pub file_digest: [u8; 32],
    /// Perceptual hash, where one was taken (see [`crate::visible::Picture::perceptual_hash`]).
    pub perceptual_hash: Option<u64>,
}

/// By what a file is known again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint {
    /// SHA-256 of the whole file.
    pub file_digest: [u8; 32],
    /// Perceptual hash of a PNG or JPEG picture; `None` for other files, and for pictures that cannot be decoded.
    pub perceptual_hash: Option<u64>,
    /// Bytes of the file.
    pub size_bytes: u64,
}

/// Takes the fingerprint of a file. Errors: it cannot be read.
pub fn fingerprint(file: &Path) -> Result<Fingerprint, LabelError> {
    let mut source = File::open(file)?;
    let mut digest = Sha256::new();
    let size_bytes = std::io::copy(&mut source, &mut digest)?;
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let picture = match Format::detect(&mut Source::new(&mut source)?, &name) {
        Ok(Format::Png | Format::Jpeg) => crate::visible::decode(&std::fs::read(file)?, &name).ok(),
        _ => None,
    };
    let perceptual_hash = picture.map(|picture| picture.perceptual_hash());
    Ok(Fingerprint { file_digest: digest.finalize().into(), perceptual_hash, size_bytes })
}

/// What is known of a file that was met.
#[derive(Debug, Clone)]
pub struct Observed<'a> {
    /// What it says about itself.
    pub reading: &'a Reading,
    /// SHA-256 of the whole file.
    pub file_digest: [u8; 32],
    /// Perceptual hash, if one was taken.
    pub perceptual_hash: Option<u64>,
    /// Whether a C2PA manifest or other binding was verified, and fits; `None` if nobody verified one.
    pub binding_fits: Option<bool>,
}

/// What the state of a label shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sign {
    /// The very file that was issued.
    SameFile,
    /// The label of the record, in another file: re-encoded, or other metadata.
    SameLabel,
    /// The number of the record, with other values.
    LabelChanged,
    /// No label, and the content looks like one that was issued with a label.
    GoneButLooksAlike,
    /// A label that another service's content carries looks like it was put on this content.
    LabelOfOtherContent,
    /// The content no longer fits the hash that was bound to it.
    BindingBroken,
    /// The place of the label is there, and empty.
    ShellLeft,
    /// Two labels in one file say different things.
    LabelsDisagree,
}

impl Sign {
    /// Its name in reports, and the last part of its key in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameFile => "same-file",
            Self::SameLabel => "same-label",
            Self::LabelChanged => "label-changed",
            Self::GoneButLooksAlike => "gone-but-looks-alike",
            Self::LabelOfOtherContent => "label-of-other-content",
            Self::BindingBroken => "binding-broken",
            Self::ShellLeft => "shell-left",
            Self::LabelsDisagree => "labels-disagree",
        }
    }

    /// Whether it is worth a person's look. It says nothing about who did what.
    pub fn wants_a_look(self) -> bool {
        !matches!(self, Self::SameFile | Self::SameLabel)
    }
}

/// So many of 64 bits may differ between two pictures that look alike.
const MOST_DIFFERENT_BITS: u32 = 10;

/// Whether two perceptual hashes are of pictures that look alike.
pub fn looks_alike(one: u64, other: u64) -> bool {
    (one ^ other).count_ones() <= MOST_DIFFERENT_BITS
}

/// The signs of a file beside a record. A file without a label that looks like nothing in the record has none.
pub fn signs(observed: &Observed<'_>, record: &[Issued]) -> BTreeSet<Sign> {
    let mut signs = BTreeSet::new();
    let label = observed.reading.label().filter(|label| !is_shell(label));
    let alike = |issued: &Issued| match (issued.perceptual_hash, observed.perceptual_hash) {
        (Some(one), Some(other)) => Some(looks_alike(one, other)),
        _ => None,
    };
    if let Some(label) = label {
        let number = label.value(Key::ProduceId).unwrap_or_default();
        if let Some(issued) = record.iter().find(|issued| issued.produce_id == number) {
            let same = producer_part(label) == producer_part(&issued.label);
            signs.insert(match (same, issued.file_digest == observed.file_digest) {
                (true, true) => Sign::SameFile,
                (true, false) => Sign::SameLabel,
                (false, _) => Sign::LabelChanged,
            });
            if alike(issued) == Some(false) {
                signs.insert(Sign::LabelOfOtherContent);
            }
        }
    } else {
        if record.iter().any(|issued| alike(issued) == Some(true)) {
            signs.insert(Sign::GoneButLooksAlike);
        }
        if observed.reading.sites.iter().any(|site| site.label.as_ref().is_none_or(is_shell)) {
            signs.insert(Sign::ShellLeft);
        }
    }
    if observed.binding_fits == Some(false) {
        signs.insert(Sign::BindingBroken);
    }
    if observed.reading.findings.iter().any(|finding| finding.kind == crate::FindingKind::Disagree) {
        signs.insert(Sign::LabelsDisagree);
    }
    signs
}

/// A label object that says nothing.
fn is_shell(label: &FoundLabel) -> bool {
    Key::ALL.iter().all(|key| label.stated(*key).is_none())
}

/// What only the producer writes; a platform may write the rest.
fn producer_part(label: &FoundLabel) -> [Option<&str>; 4] {
    [Key::Label, Key::ContentProducer, Key::ProduceId, Key::ReservedCode1].map(|key| label.stated(key))
}

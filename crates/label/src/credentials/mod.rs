//! C2PA manifests: a second record beside the label, signed, and bound to the content by its hash. It is written last, as any
//! change afterwards breaks it. Only with the feature `c2pa`; without it nothing is signed or verified, and whoever asks is
//! told. Nothing is fetched from a network, and nobody is trusted but whom the caller names.

mod compare;
#[cfg(feature = "c2pa")]
mod manifest;

pub use compare::{Claimed, Disagreement, compare};

use crate::model::Label;
use crate::read::{Reading, read};
use crate::write::{WriteOptions, Written, part_beside, write_file};
use crate::{ErrorKind, Format, LabelError};
use std::path::Path;

/// Whether this program was built with the feature.
pub const IS_BUILT: bool = cfg!(feature = "c2pa");

/// With what a manifest is signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Signing {
    /// PEM: the signer's X.509 certificate first, then those that vouch for it, without the root.
    pub certificates: Vec<u8>,
    /// PEM, PKCS #8: the private key of the first certificate.
    pub key: Vec<u8>,
}

/// States of a manifest (C2PA specification 2.x, "Validation states").
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Validity {
    /// The content, the manifest or the certificate does not fit; see the codes.
    Invalid,
    /// All fits; nobody vouches for the signer.
    Valid,
    /// All fits, and the signer's certificate leads to an anchor of the caller.
    Trusted,
}

impl Validity {
    /// Its name in reports, and the last part of its key in the catalogue.
    pub fn code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Valid => "valid",
            Self::Trusted => "trusted",
        }
    }
}

/// A manifest, verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// Whether it holds.
    pub validity: Validity,
    /// C2PA's codes of what does not hold; `signingCredential.untrusted` alone makes nothing invalid.
    pub failures: Vec<String>,
    /// The name in the signer's certificate.
    pub signer: Option<String>,
    /// The program that made the claim, as it says.
    pub generator: Option<String>,
    /// When it was signed, by a time stamp of somebody else (RFC 3339); `None` without one.
    pub signed_at: Option<String>,
    /// What it says of the content.
    pub claimed: Claimed,
    /// Where it and the file's label say different things.
    pub disagreements: Vec<Disagreement>,
}

/// What was found out about a file's manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Examined {
    /// This program was built without the feature, or no manifest of such a file can be read.
    NotVerified,
    /// The file has none. One that stands elsewhere, beside it or in a network, is not looked for.
    Absent,
    /// It has one.
    Found(Box<Credentials>),
}

/// Verifies the manifest of a file beside its label. `anchors` are PEM certificates of roots that the caller trusts.
///
/// Errors: the file cannot be read; anchors that are no certificates, or anchors while the feature is not built. A manifest
/// that cannot be parsed is invalid, with the parser's words for a code.
pub fn examine(file: &Path, reading: &Reading, anchors: Option<&str>) -> Result<Examined, LabelError> {
    #[cfg(feature = "c2pa")]
    {
        manifest::examine(file, reading, anchors)
    }
    #[cfg(not(feature = "c2pa"))]
    {
        // The same arguments in both builds.
        let _ = (file, reading);
        if anchors.is_some() { Err(not_built("verify")) } else { Ok(Examined::NotVerified) }
    }
}

/// Writes a label from file to file and signs last: the label and what is known of the content's origin stand in the manifest
/// too. `original` is the file before any change of this run; a manifest that stands in it becomes an ingredient. The new
/// file is read back, verified, synced and renamed.
///
/// Errors: as [`crate::write_file`]; a kind of file that takes no manifest; certificates and key that do not fit each other or
/// C2PA's rules; the feature is not built.
pub fn write_signed_file(
    from: &Path,
    original: &Path,
    to: &Path,
    label: &Label,
    signing: &Signing,
) -> Result<(Written, Credentials), LabelError> {
    if !IS_BUILT {
        return Err(not_built("sign"));
    }
    let format = format_of(original)?;
    if mime(format).is_none() {
        return Err(LabelError::new(
            ErrorKind::Unsupported,
            format!("a C2PA manifest is not signed into {format} here"),
            "write the label without `--c2pa-cert`; signed are PNG, JPEG, WebP, GIF, TIFF, MP3, WAV, AVI, MP4, MOV, M4A",
        ));
    }
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let labelled = to.with_file_name(format!(".{name}.gongdao-labelled"));
    let part = part_beside(to);
    // The old manifest is kept as an ingredient, so breaking it loses nothing.
    let done = write_file(from, &labelled, label, WriteOptions { breaks_credentials: true }).and_then(|written| {
        let (after, credentials) = sign(&labelled, original, &part, label, signing)?;
        std::fs::File::open(&part)?.sync_all()?;
        std::fs::set_permissions(&part, std::fs::metadata(from)?.permissions())?;
        std::fs::rename(&part, to)?;
        Ok((Written { before: written.before, after }, credentials))
    });
    // The fault that is reported is the first one.
    let _ = std::fs::remove_file(&labelled);
    if done.is_err() {
        let _ = std::fs::remove_file(&part);
    }
    done
}

/// Signs, and reads the new file back: its label, and that the manifest holds.
fn sign(
    labelled: &Path,
    original: &Path,
    part: &Path,
    label: &Label,
    signing: &Signing,
) -> Result<(Reading, Credentials), LabelError> {
    #[cfg(feature = "c2pa")]
    manifest::sign(labelled, original, part, label, signing)?;
    #[cfg(not(feature = "c2pa"))]
    let _ = (labelled, original, signing);
    let after = read(&mut std::fs::File::open(part)?, "signed")?;
    if !after.holds(label) {
        return Err(LabelError::malformed(0, "the label does not read back from the signed file"));
    }
    match examine(part, &after, None)? {
        Examined::Found(credentials) if credentials.validity != Validity::Invalid => Ok((after, *credentials)),
        Examined::Found(credentials) => Err(LabelError::refused(
            format!("the new manifest does not hold: {}", credentials.failures.join(", ")),
            "check that the certificate is in force and made for signing content (C2PA, certificate profile)",
        )),
        Examined::Absent | Examined::NotVerified => {
            Err(LabelError::malformed(0, "the manifest does not read back from the signed file"))
        }
    }
}

fn format_of(file: &Path) -> Result<Format, LabelError> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Format::detect(&mut crate::source::Source::new(&mut std::fs::File::open(file)?)?, &name)
}

/// The media type by which C2PA knows a kind of file. Not FLAC: its manifest stands in front of the stream, and players
/// take the file for MP3.
pub(crate) fn mime(format: Format) -> Option<&'static str> {
    Some(match format {
        Format::Png => "image/png",
        Format::Jpeg => "image/jpeg",
        Format::Webp => "image/webp",
        Format::Gif => "image/gif",
        Format::Tiff => "image/tiff",
        Format::Mp3 => "audio/mpeg",
        Format::Wav => "audio/wav",
        Format::Avi => "video/avi",
        Format::Mp4 => "video/mp4",
        Format::Flac
        | Format::Ogg
        | Format::Matroska
        | Format::Pdf
        | Format::Ooxml
        | Format::Markdown
        | Format::Text => return None,
    })
}

fn not_built(what: &str) -> LabelError {
    LabelError::refused(
        format!("this program was built without C2PA and cannot {what} a manifest"),
        "build it with `cargo build --release --package gongdao-cli --features c2pa`",
    )
}

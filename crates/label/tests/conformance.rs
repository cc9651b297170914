//! Real files that others made: each comes out as its notes say.
//!
//! A file that is not in the table fails the test by name.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_label::{
    Conformity, Dialect, ErrorKind, FindingKind, Format, Key, Label, LabelCode, Reading, SignatureOutcome, SignedText,
    WriteOptions, read, write_bytes,
};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Cursor;
use std::path::Path;

/// What a file says.
enum Expected {
    /// A label: producer, number, how it conforms, its dialects, its findings.
    Label(&'static str, &'static str, Conformity, &'static [Dialect], &'static [FindingKind]),
    /// No label, and whether a C2PA manifest stands in the file.
    None(bool),
    /// Metadata that cannot be read: one document is encrypted.
    Unread,
    /// No place is known.
    Unsupported,
}
use Conformity::{Conforms, Fails};
use Expected::{Label as Labelled, None as Unlabelled, Unread, Unsupported};

const STEPFUN: &str = "001191310104MACE0YX63918020";
const TWIN: &str = "001191110102MAD55U9H0F10002";

/// No label, no manifest.
const BARE: [&str; 20] = [
    "aigc-real/grok-1.neg.jpg",
    "bare/FLAC.flac",
    "bare/GIF.gif",
    "bare/GPS.jpg",
    "bare/MP3.mp3",
    "bare/OOXML.docx",
    "bare/PDF.pdf",
    "bare/PNG.png",
    "bare/QuickTime.mov",
    "bare/RIFF.avi",
    "bare/RIFF.wav",
    "bare/RIFF.webp",
    "bare/Writer.jpg",
    "bare/XMP.jpg",
    "c2pa/basic.pdf",
    "c2pa/libpng-test.png",
    "c2pa/libpng-test_with_url.png",
    "c2pa/no_manifest.jpg",
    "c2pa/pt-adobe-20220124-A.jpg",
    "c2pa/test_xmp.webp",
];
/// No label, and a C2PA manifest.
const WITH_MANIFEST: [&str; 8] = [
    "c2pa/C.jpg",
    "c2pa/CA.jpg",
    "c2pa/E-sig-CA.jpg",
    "c2pa/flux-1.jpg",
    "c2pa/pt-adobe-20220124-C.jpg",
    "c2pa/pt-adobe-20220124-CA.jpg",
    "c2pa/pt-adobe-20220124-CACA.jpg",
    "c2pa/pt-adobe-20220124-E-sig-CA.jpg",
];

fn table() -> Vec<(&'static str, Expected)> {
    let bare = BARE.map(|name| (name, Unlabelled(false)));
    let with_manifest = WITH_MANIFEST.map(|name| (name, Unlabelled(true)));
    let others = [("c2pa/sample1.avif", Unsupported), ("c2pa/basic-signed.pdf", Unread)];
    labelled().into_iter().chain(bare).chain(with_manifest).chain(others).collect()
}

fn labelled() -> Vec<(&'static str, Expected)> {
    use Dialect::{DebugPrint, EmptyPropagator, FlowMapping, KeyOrder, LabelMataData, LabelWord, XmpHeaderEnd};
    use FindingKind::{Character, LabelCode, PropagatorEmpty, ProviderName, SignatureOpen};
    vec![
        (
            "aigc-real/doubao_gray_1x1_1.png",
            Labelled(
                "001191110102MACQD9K64010000",
                "e3578014edd949debed102781a8c26f7",
                Fails,
                &[XmpHeaderEnd, EmptyPropagator],
                &[PropagatorEmpty, PropagatorEmpty],
            ),
        ),
        (
            "aigc-real/jimeng_cap_A.png",
            Labelled(
                "00119144030008867405X210001",
                "tos-cn-i-tb4s082cfz/c7fe057c61584857b10c5ad6f5ee96e6",
                Conforms,
                &[XmpHeaderEnd],
                &[],
            ),
        ),
        (
            "aigc-text/alphabetical-keys-a.md",
            Labelled(TWIN, "98ae6b12-23e2-49af-b98a-780706f8e584", Conforms, &[KeyOrder], &[]),
        ),
        (
            "aigc-text/bad-label-enum-a.md",
            Labelled(
                "Minimax Agent AI",
                "00000000000000000000000000000000",
                Fails,
                &[KeyOrder, LabelWord],
                &[LabelCode, Character, ProviderName, Character, ProviderName],
            ),
        ),
        (
            "aigc-text/json-flow-mapping-a.md",
            Labelled("001191110108MA01KP2T5U00000", "e752292a969e21f1565191311342885f", Conforms, &[FlowMapping], &[]),
        ),
        (
            "aigc-text/other-front-matter-before-a.md",
            Labelled(TWIN, "96e3922e-d814-4a15-bbc4-26c5c25e598f", Conforms, &[KeyOrder], &[]),
        ),
        (
            "aigc-text/signed-sm2-a.md",
            Labelled(STEPFUN, "142569260085903360", Conforms, &[LabelMataData], &[SignatureOpen]),
        ),
        (
            "aigc-text/space-in-produceid.md",
            Labelled(
                "001191330110MADHPQQY7L10000",
                "ExportRequest(files=[ExportFile(docType=2, fileType=3)])",
                Fails,
                &[DebugPrint],
                &[Character, Character],
            ),
        ),
        (
            "aigc-text/unquoted-scalars-a.md",
            Labelled(
                "001191440300708461136T1XGW3",
                "4c8a8bb6f995287693e182da72e4edfd_bc87c5e2891a11f1a68c525400826444",
                Conforms,
                &[],
                &[],
            ),
        ),
    ]
}

/// Files that are read, and refused for writing: one is cut short in its frames, one is encrypted.
const REFUSED: [(&str, ErrorKind); 2] =
    [("bare/RIFF.avi", ErrorKind::Malformed), ("c2pa/basic-signed.pdf", ErrorKind::Refused)];

fn files(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(root, &path, found);
        } else if path.file_name().unwrap() != "README.md" {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            found.insert(name, std::fs::read(&path).unwrap());
        }
    }
}

fn all() -> Option<BTreeMap<String, Vec<u8>>> {
    let root = support::conformance()?.join("label");
    let mut found = BTreeMap::new();
    files(&root, &root, &mut found);
    assert!(!found.is_empty(), "no file lies in {}", root.display());
    Some(found)
}

fn reading(name: &str, bytes: &[u8]) -> Reading {
    read(&mut Cursor::new(bytes), name).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn fault(name: &str, bytes: &[u8], expected: &Expected) -> Result<(), String> {
    let read = read(&mut Cursor::new(bytes), name);
    match (expected, read) {
        (Unsupported, Err(error)) if error.kind == ErrorKind::Unsupported => Ok(()),
        (Unread, Ok(reading)) if reading.conformity() == Conformity::CannotTell => Ok(()),
        (Unlabelled(credentials), Ok(reading)) => {
            let is_bare = reading.conformity() == Conformity::Absent;
            let same = reading.credentials.is_some() == *credentials;
            if is_bare && same { Ok(()) } else { Err(format!("{reading:?}")) }
        }
        (Labelled(producer, number, conformity, dialects, findings), Ok(reading)) => {
            let site = reading.sites.first().ok_or("no label")?;
            let label = site.label.as_ref().ok_or("no label object")?;
            let kinds: Vec<FindingKind> = site.findings.iter().map(|finding| finding.kind).collect();
            let is_same = reading.sites.len() == 1
                && label.value(Key::ContentProducer) == Some(producer)
                && label.value(Key::ProduceId) == Some(number)
                && reading.conformity() == *conformity
                && site.dialects == dialects.iter().copied().collect::<BTreeSet<_>>()
                && kinds == *findings;
            if is_same { Ok(()) } else { Err(format!("{reading:#?}")) }
        }
        (_, read) => Err(format!("{read:?}")),
    }
}

#[test]
fn every_file_comes_out_as_its_notes_say() {
    let Some(found) = all() else { return };
    let (faults, absent) = faults(&found);
    println!("{} files; of the table are not there: {absent:?}", found.len());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What comes out otherwise, and what the table has and the folder has not.
fn faults(found: &BTreeMap<String, Vec<u8>>) -> (Vec<String>, Vec<&'static str>) {
    let mut table: BTreeMap<_, _> = table().into_iter().collect();
    let mut faults = Vec::new();
    for (name, bytes) in found {
        match table.remove(name.as_str()) {
            Some(expected) => {
                if let Err(problem) = fault(name, bytes, &expected) {
                    faults.push(format!("{name}: {problem}"));
                }
            }
            None => faults.push(format!("{name}: not in the table; read it and say what is expected")),
        }
    }
    (faults, table.into_keys().collect())
}

#[test]
fn a_file_that_is_unknown_or_comes_out_otherwise_is_named() {
    let files = [("new.png", support::png(b"x")), ("aigc-real/jimeng_cap_A.png", support::png(b"x"))];
    let found = files.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    let (faults, _) = faults(&found);
    assert_eq!(faults.len(), 2);
    assert!(faults[0].starts_with("aigc-real/jimeng_cap_A.png: no label"), "{faults:?}");
    assert!(faults[1].starts_with("new.png: not in the table"), "{faults:?}");
}

#[test]
fn real_carriers_take_a_label_and_keep_their_content() {
    let Some(found) = all() else { return };
    let label = Label::first(support::PRODUCER, "0123456789").unwrap();
    for (name, bytes) in &found {
        let Ok(before) = read(&mut Cursor::new(bytes), name) else { continue };
        let plain = write_bytes(bytes, name, &label, WriteOptions::default());
        if before.credentials.is_some() {
            assert_eq!(plain.unwrap_err().kind, ErrorKind::Refused, "{name}");
        }
        let new = write_bytes(bytes, name, &label, WriteOptions { breaks_credentials: true });
        if let Some((_, kind)) = REFUSED.iter().find(|(refused, _)| refused == name) {
            assert_eq!(new.unwrap_err().kind, *kind, "{name}");
            continue;
        }
        let new = new.unwrap_or_else(|error| panic!("{name}: {error}"));
        let after = reading(name, &new);
        assert!(after.holds(&label), "{name}: {after:?}");
        assert_eq!(payload(before.format, bytes), payload(before.format, &new), "{name}");
        assert_eq!(before.credentials.is_some(), after.credentials.is_some(), "{name}");
    }
}

/// The content of a file without its metadata, by a reader of its own; `None` where another test looks.
fn payload(format: Format, bytes: &[u8]) -> Option<Vec<u8>> {
    match format {
        Format::Png => {
            let (mut at, mut data) = (8, Vec::new());
            while at + 12 <= bytes.len() {
                let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
                if &bytes[at + 4..at + 8] == b"IDAT" {
                    data.extend_from_slice(&bytes[at..at + 12 + length]);
                }
                at += 12 + length;
            }
            Some(data)
        }
        Format::Jpeg => {
            let tables = bytes.windows(2).position(|window| window == [0xff, 0xdb])?;
            let scan = bytes.windows(2).rposition(|window| window == [0xff, 0xda])?;
            Some([&bytes[tables..tables + 64], &bytes[scan..]].concat())
        }
        Format::Markdown => {
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            Some(text.rsplit("---\n").next()?.trim_start().as_bytes().to_vec())
        }
        _ => None,
    }
}

#[test]
fn the_signature_of_a_real_file_fits_and_a_changed_label_does_not() {
    let Some(found) = all() else { return };
    let name = "aigc-text/signed-sm2-a.md";
    let outcome = |bytes: &[u8]| reading(name, bytes).sites[0].security[0].outcome.clone();
    let bytes = &found[name];
    assert!(matches!(outcome(bytes), SignatureOutcome::Fits { over: SignedText::Digest, .. }));
    let changed = String::from_utf8(bytes.clone()).unwrap().replacen("142569260085903360", "142569260085903361", 1);
    assert_eq!(outcome(changed.as_bytes()), SignatureOutcome::Wrong);
    let changed = reading(name, changed.as_bytes());
    assert_eq!(changed.conformity(), Fails);
    assert_eq!(changed.code(), Some(LabelCode::Is));
}

#[test]
fn a_label_points_to_its_bytes() {
    let Some(found) = all() else { return };
    for (name, bytes) in found {
        let Ok(reading) = read(&mut Cursor::new(&bytes), &name) else { continue };
        for site in reading.sites {
            let start = usize::try_from(site.place.offset).unwrap();
            let value = &bytes[start..start + usize::try_from(site.place.length).unwrap()];
            assert!(String::from_utf8_lossy(value).contains("ContentProducer"), "{name}");
        }
    }
}

//! C2PA beside the label: signed last, read back, compared, in every kind of file that takes a manifest; and as the official
//! library sees it. `cargo test -p gongdao-label --features c2pa --test credentials`; `cargo xtask test` runs it.
#![cfg(feature = "c2pa")]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_label::credentials::{Credentials, Disagreement, Examined, Signing, Validity, examine, write_signed_file};
use gongdao_label::{Key, Label, WriteOptions, read, write_file};
use std::path::{Path, PathBuf};
use std::process::Command;

const ROOT: &str = include_str!("credentials/root.pem");
const STRANGER: &str = include_str!("credentials/stranger.pem");
/// Kinds that take a manifest here.
const SIGNED: [&str; 9] = [".png", ".jpg", ".webp", ".gif", ".tiff", ".mp3", ".wav", ".mp4", ".avi"];

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("c2pa-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn signing() -> Signing {
    Signing {
        certificates: include_bytes!("credentials/signer.pem").to_vec(),
        key: include_bytes!("credentials/signer.key").to_vec(),
    }
}

fn label(number: &str) -> Label {
    Label::first(support::PRODUCER, number).unwrap()
}

fn look(file: &Path, anchors: Option<&str>) -> Examined {
    let reading = read(&mut std::fs::File::open(file).unwrap(), &file.display().to_string()).unwrap();
    examine(file, &reading, anchors).unwrap()
}

fn found(file: &Path, anchors: Option<&str>) -> Credentials {
    match look(file, anchors) {
        Examined::Found(found) => *found,
        other => panic!("{}: {other:?}", file.display()),
    }
}

fn sign(from: &Path, to: &Path, label: &Label) -> Credentials {
    write_signed_file(from, from, to, label, &signing()).unwrap_or_else(|error| panic!("{}: {error}", from.display())).1
}

#[test]
fn every_kind_is_labelled_then_signed_and_says_the_same_twice() {
    let folder = Folder::new("kinds");
    let mut kinds = 0;
    for (name, bytes) in support::all(b"content-0123456789") {
        let (from, to) = (folder.file(name, &bytes), folder.0.join(format!("signed-{name}")));
        if !SIGNED.iter().any(|ending| name.ends_with(ending)) {
            let refused = write_signed_file(&from, &from, &to, &label("n-1"), &signing()).unwrap_err();
            assert!(refused.message.contains("is not signed into"), "{name}: {refused}");
            assert!(!to.exists(), "{name}");
            continue;
        }
        kinds += 1;
        let signed = sign(&from, &to, &label("n-1"));
        assert_eq!(signed.validity, Validity::Valid, "{name}: nobody was named who is trusted: {:?}", signed.failures);
        assert_eq!(signed.disagreements, vec![], "{name}");
        assert_eq!(signed.claimed.label.as_ref(), Some(label("n-1").found()), "{name}");
        assert!(signed.claimed.is_generated(), "{name}: {:?}", signed.claimed);
        assert_eq!(signed.signer.as_deref(), Some("Test signer"), "{name}");
        let trusted = found(&to, Some(ROOT));
        assert_eq!((trusted.validity, trusted.failures), (Validity::Trusted, vec![]), "{name}");
        assert_eq!(found(&to, Some(STRANGER)).validity, Validity::Valid, "{name}: another root");
        let reading = read(&mut std::fs::File::open(&to).unwrap(), name).unwrap();
        assert!(reading.holds(&label("n-1")) && reading.credentials.is_some(), "{name}: {reading:?}");
    }
    assert!(kinds >= SIGNED.len(), "{kinds} kinds were signed");
    assert_eq!(std::fs::read_dir(&folder.0).unwrap().count(), support::all(b"").len() + kinds, "nothing else is left");
}

#[test]
fn what_changes_after_signing_breaks_it() {
    let folder = Folder::new("changes");
    let from = folder.file("a.png", &support::png(b"content-0123456789"));
    let to = folder.0.join("signed.png");
    sign(&from, &to, &label("n-1"));
    let mut bytes = std::fs::read(&to).unwrap();
    let end = bytes.len() - 16;
    bytes[end] ^= 1;
    let changed = folder.file("changed.png", &bytes);
    let broken = found(&changed, Some(ROOT));
    assert_eq!(broken.validity, Validity::Invalid);
    assert!(broken.failures.iter().any(|code| code == "assertion.dataHash.mismatch"), "{:?}", broken.failures);

    // Another label breaks the signature, and the manifest still has the copy of the first.
    let relabelled = folder.0.join("relabelled.png");
    assert!(write_file(&to, &relabelled, &label("n-2"), WriteOptions::default()).is_err(), "not without being told");
    write_file(&to, &relabelled, &label("n-2"), WriteOptions { breaks_credentials: true }).unwrap();
    let disagreeing = found(&relabelled, Some(ROOT));
    assert_eq!(disagreeing.validity, Validity::Invalid);
    let number = |key| Disagreement::Value { key, in_label: "n-2".to_owned(), in_manifest: "n-1".to_owned() };
    assert_eq!(disagreeing.disagreements, vec![number(Key::ProduceId), number(Key::PropagateId)]);
}

#[test]
fn a_platform_signs_again_and_what_was_there_is_an_ingredient() {
    let folder = Folder::new("again");
    let from = folder.file("a.jpg", &support::jpeg(b"content-0123456789"));
    let (first, second) = (folder.0.join("first.jpg"), folder.0.join("second.jpg"));
    sign(&from, &first, &label("n-1"));
    let spread = label("n-1").spread_by(support::PLATFORM, "p-7").unwrap();
    let again = sign(&first, &second, &spread);
    assert_eq!((again.validity, again.disagreements.clone()), (Validity::Valid, vec![]), "{:?}", again.failures);
    assert_eq!(again.claimed.label.as_ref(), Some(spread.found()));
    assert!(again.claimed.is_generated(), "the first manifest's origin is still there: {:?}", again.claimed);
    // A platform that did not make the content does not say that it did.
    let plain = folder.file("b.jpg", &support::jpeg(b"content-0123456789"));
    let suspected = folder.0.join("suspected.jpg");
    let own =
        gongdao_label::duty::Propagation { propagator: support::PLATFORM.to_owned(), propagate_id: "p-8".to_owned() };
    let signed = sign(&plain, &suspected, &own.label(gongdao_label::LabelCode::Suspected, None).unwrap());
    assert!(!signed.claimed.is_generated(), "{:?}", signed.claimed);
}

#[test]
fn keys_that_do_not_fit_are_refused_and_nothing_is_written() {
    let folder = Folder::new("keys");
    let from = folder.file("a.png", &support::png(b"content-0123456789"));
    let to = folder.0.join("to.png");
    let good = signing();
    for (what, signing) in [
        ("no certificate", Signing { certificates: b"nothing".to_vec(), ..good.clone() }),
        ("no key", Signing { key: b"nothing".to_vec(), ..good.clone() }),
        ("another's certificate", Signing { certificates: STRANGER.as_bytes().to_vec(), ..good.clone() }),
    ] {
        let refused = write_signed_file(&from, &from, &to, &label("n-1"), &signing).unwrap_err();
        assert!(!refused.message.is_empty() && !refused.hint.is_empty(), "{what}: {refused}");
    }
    let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["a.png"], "nothing else is left");
    sign(&from, &to, &label("n-1"));
    let reading = read(&mut std::fs::File::open(&to).unwrap(), "to.png").unwrap();
    let refused = examine(&to, &reading, Some("no certificate")).unwrap_err();
    assert!(refused.message.contains("anchors"), "{refused}");
}

#[test]
fn others_manifests_are_verified_as_their_collector_found_them() {
    let Some(folder) = support::conformance() else { return };
    for (name, expected, failure) in [
        ("C.jpg", Validity::Valid, "signingCredential.untrusted"),
        ("E-sig-CA.jpg", Validity::Invalid, "claimSignature.mismatch"),
        ("flux-1.jpg", Validity::Invalid, "signingCredential.expired"),
    ] {
        let found = found(&folder.join("label/c2pa").join(name), None);
        assert_eq!(found.validity, expected, "{name}: {:?}", found.failures);
        assert!(found.failures.iter().any(|code| code == failure), "{name}: {:?}", found.failures);
    }
    assert_eq!(look(&folder.join("label/c2pa/no_manifest.jpg"), None), Examined::Absent);
    // A manifest that stands in a network is not fetched.
    assert_eq!(look(&folder.join("label/c2pa/libpng-test_with_url.png"), None), Examined::Absent);
    // FLUX says that a model made the picture, and the file has no label of the Chinese standard.
    let flux = found(&folder.join("label/c2pa/flux-1.jpg"), None);
    assert_eq!(flux.disagreements, vec![Disagreement::OnlyManifest], "{:?}", flux.claimed);
}

const OFFICIAL: &str = "import json, sys, c2pa
settings = {'verify': {'verify_trust': True}, 'trust': {'user_anchors': open(sys.argv[1]).read()}}
context = c2pa.Context(c2pa.Settings.from_dict(settings))
reader = c2pa.Reader(sys.argv[2], context=context)
store = json.loads(reader.json())
active = store['manifests'][store['active_manifest']]
copies = [a['data'].get('TC260:AIGC') for a in active['assertions'] if a['label'].endswith('metadata')]
print(store['validation_state'], copies[0])";

#[test]
fn the_official_library_trusts_what_we_signed_and_reads_the_label_in_it() {
    let python = std::env::var("GONGDAO_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let there = Command::new(&python).args(["-c", "import c2pa"]).output().is_ok_and(|output| output.status.success());
    assert!(there || std::env::var_os("CI").is_none(), "no c2pa-python, and CI must have it");
    if !there {
        println!("skipped: no c2pa-python");
        return;
    }
    let folder = Folder::new("official");
    let root = folder.file("root.pem", ROOT.as_bytes());
    for (name, bytes) in support::all(b"content-0123456789") {
        if !SIGNED.iter().any(|ending| name.ends_with(ending)) {
            continue;
        }
        let (from, to) = (folder.file(name, &bytes), folder.0.join(format!("signed-{name}")));
        sign(&from, &to, &label("n-1"));
        let output = Command::new(&python).args(["-c", OFFICIAL]).arg(&root).arg(&to).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(said.trim(), format!("Trusted {}", label("n-1").to_json()), "{name}");
    }
}

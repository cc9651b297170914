//! What people and programs read: snapshots in both languages, JSON, SARIF, and scans of folders.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_i18n::{Catalogue, Language};
use gongdao_label::duty::{Declaration, Detection, Evidence, decide};
use gongdao_label::report::{Report, decision_text, reading_text, report, sarif};
use gongdao_label::scan::{ScanRequest, Watch, scan};
use gongdao_label::{FindingKind, Label, Reading, WriteOptions, read, write_bytes};
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use support::PRODUCER;

fn labelled() -> Vec<u8> {
    let label = Label::first(PRODUCER, "number-1").unwrap();
    write_bytes(&support::png(b"x"), "a.png", &label, WriteOptions::default()).unwrap()
}

const WILD: &str = "---\nAIGC: {\"Label\":1,\"Label\":\"AIGC\",\"ContentProducer\":\"A name\",\"ProduceID\":\"\",\"ContentPropagator\":\"\",\"PropagateID\":\"001191110102MACQD9K65010000\",\"Extra\":\"中\"}\n---\nText\n";

fn reading(name: &str, bytes: &[u8]) -> Reading {
    read(&mut Cursor::new(bytes), name).unwrap()
}

fn pages(name: &str, page: impl Fn(Language, &Catalogue) -> String) {
    let catalogue = Catalogue::embedded().unwrap();
    for language in Language::ALL {
        insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-{language}"), page(language, &catalogue));
        });
    }
}

#[test]
fn readings_are_said_in_both_languages() {
    for (name, reading) in [
        ("reading-conforms", reading("a.png", &labelled())),
        ("reading-fails", reading("a.md", WILD.as_bytes())),
        ("reading-absent", reading("a.txt", b"Text\n")),
    ] {
        pages(name, |language, catalogue| reading_text(&reading, catalogue.words(language)).unwrap());
    }
}

#[test]
fn decisions_are_said_in_both_languages() {
    let absent = reading("a.txt", b"Text\n");
    for (name, metadata, detection) in [
        ("decision-confirmed", &reading("a.png", &labelled()), Detection::NotDone),
        ("decision-none", &absent, Detection::Nothing),
        ("decision-cannot-tell", &absent, Detection::NotDone),
    ] {
        let decision = decide(&Evidence { metadata: Some(metadata), declaration: Declaration::Silent, detection });
        pages(name, |language, catalogue| decision_text(&decision, catalogue.words(language)).unwrap());
    }
}

#[test]
fn json_has_the_standards_keys_in_its_order_and_the_place() {
    insta::assert_snapshot!("report-json", report(&reading("a.png", &labelled())).to_json());
    for (name, bytes) in [("a.png", labelled()), ("a.md", WILD.as_bytes().to_vec())] {
        let report = report(&reading(name, &bytes));
        assert_eq!(serde_json::from_str::<Report>(&report.to_json()).unwrap(), report);
    }
}

#[test]
fn every_kind_of_finding_has_words() {
    let catalogue = Catalogue::embedded().unwrap();
    for language in Language::ALL {
        for kind in FindingKind::ALL {
            catalogue.words(language).say(&format!("label.finding.{}", kind.code()), &[("value", "x")]).unwrap();
        }
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scan-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("files/below")).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.join("files").join(name), bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

#[derive(Default)]
struct Counting {
    reports: AtomicUsize,
    stop_after: Option<usize>,
    stopped: AtomicBool,
}

impl Watch for Counting {
    fn progress(&self, _: usize, _: usize) {
        let reports = self.reports.fetch_add(1, Ordering::SeqCst);
        if self.stop_after.is_some_and(|after| reports >= after) {
            self.stopped.store(true, Ordering::SeqCst);
        }
    }
    fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}

fn filled(name: &str) -> Folder {
    let folder = Folder::new(name);
    folder.write("a.png", &labelled());
    folder.write("below/中 文.md", WILD.as_bytes());
    folder.write("bare.jpg", &support::jpeg(b"x"));
    folder.write("other.bmp", b"BM000000");
    folder.write("torn.png", &labelled()[..100]);
    folder
}

#[test]
fn a_folder_is_scanned_with_any_number_of_threads() {
    let folder = filled("threads");
    let run = |threads| {
        let request = ScanRequest { folder: &folder.0.join("files"), threads, journal: None };
        scan(&request, &Counting::default()).unwrap()
    };
    let one = run(1);
    assert_eq!(one, run(4));
    let counts = one.counts();
    let shown = [counts.files, counts.conforms, counts.fails, counts.absent, counts.unsupported, counts.failed];
    assert_eq!(shown, [5, 1, 1, 1, 1, 1], "{one:#?}");
    assert!(one.is_complete);
    let text = sarif(&one, &Catalogue::embedded().unwrap()).unwrap();
    insta::assert_snapshot!("scan-sarif", text[text.find("\"results\"").unwrap()..].split("\"tool\"").next().unwrap());
}

#[test]
fn a_stopped_scan_goes_on_and_changed_files_are_read_again() {
    let folder = filled("resume");
    let (files, journal) = (folder.0.join("files"), folder.0.join("journal.jsonl"));
    let request = ScanRequest { folder: &files, threads: 1, journal: Some(&journal) };
    let stopped = scan(&request, &Counting { stop_after: Some(2), ..Counting::default() }).unwrap();
    assert!(!stopped.is_complete && stopped.entries.len() < 5, "{stopped:?}");
    // The machine lost power in the middle of a line.
    let text = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, [&text[..], b"{\"path\":\"a.pn"].concat()).unwrap();
    let whole = scan(&request, &Counting::default()).unwrap();
    assert_eq!((whole.resumed, whole.entries.len(), whole.is_complete), (stopped.entries.len(), 5, true));
    let plain = scan(&ScanRequest { journal: None, ..request }, &Counting::default()).unwrap();
    assert_eq!(plain.entries, whole.entries);
    folder.write("a.png", &support::png(b"other"));
    let again = scan(&request, &Counting::default()).unwrap();
    assert_eq!((again.resumed, again.counts().conforms), (4, 0));
}

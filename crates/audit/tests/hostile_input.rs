//! Whatever bytes stand in an adapter or a table, nothing panics and every problem says what is wrong and what to do.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../../../fuzz/harness/adapter.rs"]
mod harness;

use gongdao_audit::engine::EngineKind;
use gongdao_audit::run::{Ended, Progress, Request, Watch, audit};
use gongdao_audit::{Adapter, AuditError};
use gongdao_pack::{Packs, Problem};
use gongdao_rules::RuleSet;
use proptest::prelude::*;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

const ADAPTER: &str = r#"format = 1
name = "shop"
zh = "商店"
en = "Shop"
note_zh = "注"
kind = "decisions"
data = "data"

[[table]]
name = "orders"
files = ["a.csv", "b.parquet"]
[table.columns]
id = { type = "text", required = true, unique = true }
price = { type = "float", min = 0, max = 100.5 }
word = { type = "text", values = ["a", "b"], from = "Word" }
asked = { type = "instant", offset = "+08:00" }
"user-item 0" = "float"

[[view]]
name = "steps"
sql = "query.sql"

[decisions]
sql = "query.sql"

[[state]]
entity = "resource"
sql = "query.sql"
initial = { consents = ["x"], optedOut = false, age = 3 }

[parameters.limitMinutes]
value = 2640
zh = "假设"
en = "assumed"

[[check]]
id = "form"
zh = "形"
en = "form"
sql = "query.sql"

[[measure]]
file = "query.sql"
"#;

/// Bits that mean something in TOML, or something else than they seem to.
const BITS: [&str; 24] = [
    "[",
    "]",
    "{",
    "}",
    "\"",
    "'",
    "=",
    "\n",
    "\\u0000",
    "\u{0}",
    "nan",
    "-inf",
    "1e999",
    "99999999999999999999",
    "true",
    "2024-05-01",
    "[[table]]",
    "..",
    "/",
    "_",
    "名",
    "\u{feff}",
    "",
    "\"\"\"",
];

/// One change of the good adapter.
#[derive(Debug, Clone)]
enum Change {
    /// Put a bit somewhere.
    Insert(usize, usize),
    /// Take some bytes out.
    Cut(usize, usize),
    /// Put one line in the place of another.
    Line(usize, usize),
    /// Put a bit in the place of a line's value.
    Value(usize, usize),
    /// Any byte.
    Byte(usize, u8),
}

fn any_change() -> impl Strategy<Value = Change> {
    let at = 0..ADAPTER.len();
    let line = 0..ADAPTER.lines().count();
    prop_oneof![
        (at.clone(), 0..BITS.len()).prop_map(|(at, bit)| Change::Insert(at, bit)),
        (at.clone(), 1_usize..40).prop_map(|(at, size)| Change::Cut(at, size)),
        (line.clone(), line.clone()).prop_map(|(to, from)| Change::Line(to, from)),
        (line, 0..BITS.len()).prop_map(|(at, bit)| Change::Value(at, bit)),
        (at, any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
    ]
}

fn changed(changes: &[Change]) -> Vec<u8> {
    let mut bytes = ADAPTER.as_bytes().to_vec();
    for change in changes {
        let place = |at: usize| at.min(bytes.len());
        match change {
            Change::Insert(at, bit) => drop(bytes.splice(place(*at)..place(*at), BITS[*bit].bytes())),
            Change::Cut(at, size) => drop(bytes.drain(place(*at)..place(at + size))),
            Change::Byte(at, byte) => {
                if let Some(slot) = bytes.get_mut(*at) {
                    *slot = *byte;
                }
            }
            Change::Line(..) | Change::Value(..) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
                let last = lines.len().saturating_sub(1);
                match change {
                    Change::Line(to, from) => {
                        let line = lines[(*from).min(last)].clone();
                        lines[(*to).min(last)] = line;
                    }
                    Change::Value(at, bit) => {
                        let line = &mut lines[(*at).min(last)];
                        *line = format!("{}= {}", line.split('=').next().unwrap_or_default(), BITS[*bit]);
                    }
                    _ => {}
                }
                bytes = lines.join("\n").into_bytes();
            }
        }
    }
    bytes
}

/// A problem says what is wrong in words of its own and what to do.
#[track_caller]
fn is_worded(problem: &Problem, of: &str) {
    let words = &problem.message;
    assert!(words.chars().any(char::is_alphabetic), "no words: {problem:?} of {of}");
    assert!(problem.hint.as_ref().is_some_and(|hint| !hint.trim().is_empty()), "no hint: {problem:?} of {of}");
    for foreign in ["Raw", "untagged", "variant", "Option<", "RUST", "called `", "Os {", "i64", "i128", "u64", "f64"] {
        assert!(!words.contains(foreign), "`{foreign}` is no word for people: {problem:?} of {of}");
    }
}

fn adapter_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("query.sql"), "SELECT 1").unwrap();
    let file = folder.path().join("shop.toml");
    (folder, file)
}

#[test]
fn the_adapter_before_its_changes_is_good() {
    let (_folder, file) = adapter_folder();
    fs::write(&file, ADAPTER).unwrap();
    assert_eq!(Adapter::read(&file).map(|adapter| adapter.name), Ok("shop".to_owned()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_500, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_adapter_is_read_or_refused_in_words(changes in prop::collection::vec(any_change(), 1..4)) {
        let (folder, file) = adapter_folder();
        let bytes = changed(&changes);
        harness::drive(folder.path(), &bytes);
        fs::write(&file, &bytes).unwrap();
        if let Err(problems) = Adapter::read(&file) {
            prop_assert!(!problems.is_empty());
            for problem in &problems {
                is_worded(problem, &String::from_utf8_lossy(&bytes));
            }
        }
    }

    #[test]
    fn any_bytes_as_an_adapter_are_refused_in_words(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let (_folder, file) = adapter_folder();
        fs::write(&file, &bytes).unwrap();
        for problem in Adapter::read(&file).unwrap_err() {
            is_worded(&problem, "bytes");
        }
    }
}

static LAW: LazyLock<(Packs, RuleSet)> = LazyLock::new(|| {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../pack/tests/good")).unwrap();
    let rules = RuleSet::load(&packs).unwrap();
    (packs, rules)
});

struct Quiet;

impl Watch for Quiet {
    fn progress(&self, _: Progress) {}
    fn stop(&self) -> bool {
        false
    }
}

/// A register over one file, audited from its bytes to its results.
fn audited(name: &str, bytes: &[u8]) -> Result<gongdao_audit::summary::Summary, AuditError> {
    let folder = tempfile::tempdir().unwrap();
    let toml = format!(
        "format = 1\nname = \"any\"\nzh = \"任\"\nen = \"Any\"\nkind = \"register\"\ndata = \".\"\n\
         [[table]]\nname = \"t\"\nfiles = [\"{name}\"]\n[table.columns]\na = {{ type = \"integer\", unique = true }}\nb = \"text\"\n\
         c = \"instant\"\n"
    );
    fs::write(folder.path().join(name), bytes).unwrap();
    fs::write(folder.path().join("any.toml"), toml).unwrap();
    let adapter = Adapter::read(&folder.path().join("any.toml")).map_err(AuditError::from)?;
    let (packs, rules) = &*LAW;
    let out = folder.path().join("out");
    let request = Request {
        adapter: &adapter,
        data: folder.path(),
        ledger: None,
        packs,
        rules,
        engine: EngineKind::default(),
        threads: 1,
        strict: false,
        fresh: false,
        command: "gongdao audit any.toml",
        build: "test",
        out: &out,
    };
    match audit(&request, &Quiet)? {
        Ended::Complete(summary) => Ok(*summary),
        Ended::Stopped { .. } => panic!("nobody asked it to stop"),
    }
}

/// Bytes as hostile CSV has them: mostly the ones that mean something.
fn any_csv() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec![",", "\n", "\r\n", "\r", "\"", "\"\"", "1", "7", "x", "2024-05-01T12:00:00Z", " ", "\u{feff}", "\u{1e}end\u{1e}"])
            .prop_map(|text| text.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn any_csv_is_counted_row_by_row_or_refused_in_words(body in any_csv(), headed in prop::bool::weighted(0.9)) {
        let bytes = if headed { [b"a,b,c\n".to_vec(), body].concat() } else { body };
        match audited("t.csv", &bytes) {
            Ok(summary) => {
                prop_assert_eq!(summary.data_quality.iter().map(|finding| finding.count).sum::<u64>(), summary.counts.set_aside);
                prop_assert!(summary.counts.set_aside <= summary.counts.rows);
                for finding in &summary.data_quality {
                    prop_assert!(finding.hint.is_some() && !finding.message.zh.is_empty() && !finding.message.en.is_empty());
                    prop_assert!(finding.first_rows.iter().all(|row| (1..=summary.counts.rows).contains(row)), "{:?}", finding);
                }
            }
            Err(error) => error.problems.iter().for_each(|problem| is_worded(problem, &String::from_utf8_lossy(&bytes))),
        }
    }

    #[test]
    fn any_bytes_as_parquet_are_refused_in_words(body in prop::collection::vec(any::<u8>(), 0..200), framed in any::<bool>()) {
        let bytes = if framed { [b"PAR1".to_vec(), body, b"\x10\0\0\0PAR1".to_vec()].concat() } else { body };
        let error = audited("t.parquet", &bytes).unwrap_err();
        error.problems.iter().for_each(|problem| is_worded(problem, "bytes"));
    }
}

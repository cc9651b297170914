//! `gongdao ledger`, `verify` and `witness`: the life of two records, from their receipts to an erasure.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

const RECORDS: &str = r#"{"id":"D1","at":"2024-05-01T12:00:00+08:00","action":"recommend","place":"310000","person":"courier-7"}
{"id":"D2","at":"2024-05-01T12:00:01+08:00","action":"dispatch","place":"310000","person":"courier-8"}
"#;

fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(folder).args(line.split_whitespace()).env_clear().env("NO_COLOR", "1");
    command
}

/// Exit code, standard output, standard error.
fn run(folder: &Path, line: &str) -> (i32, String, String) {
    let output = command(folder, line).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn good(folder: &Path, line: &str) -> String {
    let (code, out, err) = run(folder, line);
    assert_eq!((code, err.as_str()), (0, ""), "{line}");
    out
}

fn json(folder: &Path, line: &str) -> serde_json::Value {
    serde_json::from_str(&good(folder, &format!("{line} --format json"))).unwrap()
}

/// A ledger of two records with their receipts; its verifier key.
fn ledger(folder: &Path) -> String {
    std::fs::write(folder.join("records.ndjson"), RECORDS).unwrap();
    let made = json(folder, "ledger init led --origin ledger.example/city --key city.key");
    let appended = json(folder, "ledger append led records.ndjson --key city.key --receipts receipts");
    assert_eq!((&appended["count"], &appended["first"], &appended["last"]), (&2.into(), &0.into(), &1.into()));
    made["verifier_key"].as_str().unwrap().to_owned()
}

#[test]
fn a_receipt_holds_after_the_operator_erased_its_copy() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = ledger(folder);
    good(folder, "ledger seal led --key city.key");
    good(folder, "ledger mine led --person courier-7 --epoch 0 --out mine.statement");
    let mine = json(folder, &format!("verify mine.statement --key mine.key --log {key}"));
    assert_eq!((&mine["count"], &mine["erased"]), (&1.into(), &0.into()));
    good(folder, "ledger erase led --person courier-7 --ground cn.pipl/47/1 --reference case-1 --key city.key");
    let receipt = json(folder, &format!("verify receipts/00000000000000000000.tlog-proof --log {key}"));
    assert_eq!(receipt["content"]["columns"]["id"], "D1");
    let checked = json(folder, "ledger fsck led");
    assert_eq!((&checked["erased"], &checked["found"]), (&1.into(), &0.into()));
    let (code, _, err) = run(folder, "ledger prove led --entry 0 --out gone --lang en");
    assert_eq!(code, 65, "{err}");
}

#[test]
fn a_changed_receipt_another_key_and_a_kept_person_are_refused_in_words() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = ledger(folder);
    let receipt = folder.join("receipts/00000000000000000001.tlog-proof");
    let text = std::fs::read_to_string(&receipt).unwrap();
    std::fs::write(folder.join("changed"), text.replacen("index 1", "index 0", 1)).unwrap();
    good(folder, "ledger init other --origin ledger.example/other --key other.key");
    good(folder, "ledger restrict led --person courier-8 --article cn.ecommerce-law/31 --key city.key");
    std::fs::write(folder.join("bad.ndjson"), format!("{RECORDS}{{\"id\":")).unwrap();
    for (line, code, words) in [
        (format!("verify changed --log {key}"), 65, "error: "),
        ("verify none --log x+00000000+AA".to_owned(), 65, "error: "),
        (
            "ledger append led records.ndjson --key other.key".to_owned(),
            65,
            "the signing key is not that of the ledger",
        ),
        ("ledger append led bad.ndjson --key city.key".to_owned(), 65, "bad.ndjson:3: error: "),
        (
            "ledger erase led --person courier-8 --ground cn.pipl/47/1 --reference r --key city.key".to_owned(),
            65,
            "`cn.ecommerce-law/31`",
        ),
        ("ledger fsck nowhere".to_owned(), 65, "the folder holds no ledger"),
    ] {
        let (found, out, err) = run(folder, &format!("{line} --lang en"));
        assert_eq!((found, out.as_str()), (code, ""), "{line}: {err}");
        assert!(err.contains(words) && err.contains("hint: "), "{line}: {err}");
    }
    // A line that was refused left nothing behind.
    assert_eq!(json(folder, "ledger fsck led")["entries"], 3);
}

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_witness_cosigns_and_shows_a_disk_that_was_rolled_back() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let key = ledger(folder);
    Command::new("cp").args(["-r", "led", "old"]).current_dir(folder).status().unwrap();
    let line = format!("witness --listen 127.0.0.1:0 --data memory --key witness.key --log {key} --lang en");
    let mut witness = Stopped(command(folder, &line).stdout(Stdio::piped()).spawn().unwrap());
    let mut said = String::new();
    BufReader::new(witness.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let address = said.split_whitespace().find(|word| word.starts_with("127.")).unwrap();
    let address = address.trim_end_matches(|sign: char| !sign.is_ascii_digit());
    let url = format!("http://{address}");
    let again = json(folder, "ledger append led records.ndjson --key city.key");
    assert_eq!(
        (&again["first"], &again["last"], &again["repeats"], &again["size"]),
        (&0.into(), &1.into(), &2.into(), &2.into())
    );
    std::fs::write(folder.join("more.ndjson"), RECORDS.replace("\"D", "\"E")).unwrap();
    good(folder, "ledger append led more.ndjson --key city.key");
    let signed = json(folder, &format!("ledger checkpoint led --key city.key --witness {url}"));
    assert_eq!((&signed["size"], &signed["cosignatures"]), (&4.into(), &1.into()));
    let (code, _, err) = run(folder, &format!("ledger checkpoint old --key city.key --witness {url} --lang en"));
    assert_eq!(code, 65, "{err}");
    assert!(err.contains("cosigned 4 entries and the disk holds 2"), "{err}");
}

//! `gongdao ledger` and `gongdao audit --ledger` with the sealed rows in a store: a folder, and S3's API by a server that is not ours.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../objects/tests/support/mod.rs"]
mod support;

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use support::Server;

struct Desk<'a> {
    folder: &'a Path,
    environment: Vec<(&'static str, String)>,
}

impl Desk<'_> {
    /// Exit code, standard output, standard error.
    fn run(&self, line: &str) -> (i32, String, String) {
        let packs = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check/packs");
        let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
        command.current_dir(self.folder).args(line.split_whitespace()).env_clear();
        command.env("NO_COLOR", "1").env("GONGDAO_PACKS", packs).envs(self.environment.clone());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
    }

    fn good(&self, line: &str) -> String {
        let (code, out, err) = self.run(line);
        assert_eq!((code, err.as_str()), (0, ""), "{line}");
        out
    }

    fn json(&self, line: &str) -> Value {
        serde_json::from_str(&self.good(&format!("{line} --format json"))).unwrap()
    }

    /// Lines of `ledger read`.
    fn rows(&self, line: &str) -> Vec<Value> {
        self.good(line).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn record(number: usize) -> Value {
    json!({
        "id": format!("d-{number}"), "at": "2024-05-01T12:00:00+08:00", "action": "price", "algorithm": "a1",
        "person": format!("p-{}", number % 3), "context": { "priceFen": 1000 + number },
    })
}

fn check(desk: &Desk<'_>, to: &str, export: &str) {
    for (file, numbers) in [("records.ndjson", 0..12), ("later.ndjson", 12..24)] {
        let lines: Vec<String> = numbers.map(|number| record(number).to_string()).collect();
        std::fs::write(desk.folder.join(file), lines.join("\n")).unwrap();
    }
    let key = desk.json("ledger init led --origin ledger.example/city --key city.key")["verifier_key"].clone();
    desk.good("ledger append led records.ndjson --key city.key");
    let sealed = desk.json(&format!("ledger seal led --key city.key --to {to}"));
    assert_eq!(sealed["rows"], 13);
    assert!(!desk.folder.join("led/segments").exists());
    desk.good("ledger append led later.ndjson --key city.key --receipts receipts");
    // Sealed records that are handed over again stand where they stood.
    assert_eq!(desk.json("ledger append led records.ndjson --key city.key")["repeats"], 12);

    let whole = desk.rows("ledger read led");
    assert_eq!(whole.len(), 25);
    assert_eq!((&whole[3]["kind"], &whole[3]["decision"]["id"]), (&json!("decision"), &json!("d-3")));
    assert_eq!(whole[3]["decision"]["algorithm"], "a1");
    assert_eq!((&whole[12]["kind"], &whole[12]["groups"]), (&json!("index-seal"), &json!([])));
    assert_eq!(desk.rows("ledger read led --from 2 --to 5"), whole[2..5]);
    assert_eq!(desk.rows("ledger read led --at 7"), whole[7..8]);
    let of_person = desk.rows("ledger read led --person p-1 --from 3");
    let places: Vec<u64> = of_person.iter().map(|row| row["entry"].as_u64().unwrap()).collect();
    assert_eq!(places, [4, 7, 10, 14, 17, 20, 23]);
    let first = whole[0]["logged_at"].as_str().unwrap();
    assert_eq!(desk.rows(&format!("ledger read led --from {first}")), whole);
    assert_eq!(desk.rows(&format!("ledger read led --at {first}"))[0], whole[0]);
    assert!(desk.rows(&format!("ledger read led --to {first}")).is_empty());
    let (code, _, err) = desk.run("ledger read led --at 99 --lang en");
    assert!(code == 65 && err.contains("entry 99 is not below the checkpoint"), "{err}");
    let (code, _, _) = desk.run("ledger read led --from noon");
    assert_eq!(code, 64);

    let (code, out, err) = desk.run("audit --ledger led --format json --quiet");
    assert!(code == 1 || code == 2, "{code}: {err}");
    let summary = serde_json::from_str::<Value>(&out).unwrap()["summary"].take();
    assert_eq!((&summary["counts"]["decisions"], &summary["counts"]["set_aside"]), (&json!(24), &json!(0)));
    assert_eq!(summary["run"]["ledger"]["key"], key);
    assert_eq!(summary["run"]["ledger"]["size"], 25);
    let again = desk.run("audit --ledger led --verify audit-ledger/summary.json --lang en");
    assert_eq!(again.0, 0, "{}{}", again.1, again.2);

    desk.good("ledger erase led --person p-1 --ground cn.pipl/47/1 --reference case-1 --key city.key");
    let erased = desk.rows("ledger read led --at 4");
    assert_eq!(erased[0]["groups"][1], json!({ "erased_by": 25 }));
    assert!(desk.rows("ledger read led --person p-1").is_empty());
    let (_, out, _) = desk.run("audit --ledger led --format json --quiet");
    let summary = serde_json::from_str::<Value>(&out).unwrap()["summary"].take();
    assert_eq!((&summary["counts"]["erased"], &summary["counts"]["decisions"]), (&json!(8), &json!(16)));
    let (code, out, _) = desk.run("audit --ledger led --quiet --lang en");
    assert!(code == 1 || code == 2);
    assert!(out.contains("8 are decisions whose content was erased by law"), "{out}");
    assert!(out.contains("Ledger ledger.example/city, 26 entries, root "), "{out}");
    desk.good(&format!("verify receipts/00000000000000000014.tlog-proof --log {}", key.as_str().unwrap()));

    assert_eq!(desk.json("ledger fsck led")["found"], 0);
    let exported = desk.json(&format!("ledger export led --to {export}"));
    assert_eq!(exported["size"], 26);
    // Again: only the checkpoint.
    assert_eq!(desk.json(&format!("ledger export led --to {export}"))["files"], 1);
    let (code, _, err) = desk.run("ledger seal led --key city.key --to elsewhere --lang en");
    assert!(code == 65 && err.contains("lie at"), "{err}");
    let (code, _, err) = desk.run("ledger seal led --key city.key --to gs://x --lang en");
    assert!(code == 65 && err.contains("is no store of objects"), "{err}");
}

#[test]
fn rows_in_a_folder_elsewhere_are_sealed_read_judged_and_erased() {
    let folder = tempfile::tempdir().unwrap();
    check(&Desk { folder: folder.path(), environment: Vec::new() }, "store", "web");
    assert!(folder.path().join("store/packs/entries").is_dir());
    assert!(folder.path().join("web/tile/entries").is_dir());
}

#[test]
fn rows_in_a_bucket_are_sealed_read_judged_and_erased() {
    let Some(server) = Server::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let desk = Desk { folder: folder.path(), environment: server.environment().into() };
    check(&desk, &Server::address("city"), &Server::address("web"));
    // Without credentials the rows are not taken for gone.
    let bare = Desk { folder: folder.path(), environment: Vec::new() };
    let (code, _, err) = bare.run("ledger fsck led --lang en");
    assert!(code == 65 && err.contains("no credentials for S3"), "{err}");
}

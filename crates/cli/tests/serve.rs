//! The service as people start it: `gongdao serve` and `gongdao config check`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod running;

use running::{Service, program, recommend};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::process::{Command, Output};

#[test]
fn the_demo_answers_a_check_respects_a_withdrawal_and_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &["--demo"]);
    let key = service.access("key");
    let before = service.post("/v1/decisions:check", &key, &recommend("d-1", "somebody"));
    let event = json!({"id": "e-1", "fact": "resource.profilingOff", "change": {"op": "set", "value": true}});
    service.post("/v1/persons/somebody/events", &key, &event);
    let after = service.post("/v1/decisions:check", &key, &recommend("d-2", "somebody"));
    assert_eq!(before["seen"]["person"]["resource.profilingOff"], false, "{before}");
    assert_eq!(after["seen"]["person"]["resource.profilingOff"], true, "{after}");
    the_trial_of_the_demo_is_kept_but_for_its_first_day(&service);
    assert_eq!(service.terminate(), Some(0));
    let service = Service::start(folder.path(), &["--demo"]);
    assert_eq!(service.started["accounts"], json!([]), "a demo is filled once");
    let again = service.post("/v1/decisions:check", &key, &recommend("d-1", "somebody"));
    assert_eq!((&again["repeat"], &again["ledger"]), (&json!(true), &before["ledger"]));
    assert_eq!(service.terminate(), Some(0));
}

fn the_trial_of_the_demo_is_kept_but_for_its_first_day(service: &Service) {
    let get = |path: &str, token: &str| -> Value {
        let request = ureq::get(format!("{}{path}", service.url)).header("authorization", format!("Bearer {token}"));
        serde_json::from_str(&request.call().unwrap().body_mut().read_to_string().unwrap()).unwrap()
    };
    let session = json!({"name": "worker", "password": service.access("worker")});
    let worker = service.post("/v1/sessions", "", &session)["token"].as_str().unwrap().to_owned();
    let trials = get("/v1/sandboxes", &worker);
    let trial = trials["items"].as_array().unwrap().iter().find(|one| one["plan"]["version"] == "delivery-time-night");
    let trial = trial.unwrap_or_else(|| panic!("{trials}"));
    let figures = &trial["figures"];
    let counts = ["decisions", "judged", "violated"].map(|name| figures[name].as_u64());
    assert_eq!(counts, [Some(20), Some(20), Some(5)], "{figures}");
    // What the first day broke, the decision and the report say.
    let told = get("/v1/decisions/trial-1/explanation", &worker).to_string();
    assert!(told.contains("cn.pipl/24/1") && told.contains("手上的单数"), "{told}");
    assert!(trial["reports"][0]["text"].as_str().unwrap().contains("手上的单数"), "{trial}");
    // What is made again today weighs what its version declares.
    let today = get("/v1/decisions/today-1/explanation", &worker).to_string();
    assert!(today.contains("骑行距离") && !today.contains("\"violated\""), "{today}");
}

#[test]
fn a_start_that_cannot_be_says_why_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let data = folder.path().join("data");
    let data = data.to_str().unwrap();
    let rows: [(&[&str], i32, &str); 5] = [
        (&["serve", "--data", data, "--listen", "here"], 65, "`listen` is `here`"),
        (&["serve", "--data", data, "--config", "no-such-file.toml"], 66, "no-such-file.toml"),
        (&["serve", "--data", data, "--packs", "no-such-folder"], 66, "no-such-folder"),
        (&["serve", "--data", data, "--db", "mysql://x"], 65, "`mysql` is no database"),
        (&["serve", "--data", data, "--listen", &address], 73, "cannot listen at"),
    ];
    for (arguments, code, message) in rows {
        let output: Output = program().args(arguments).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(said.contains(message) && said.contains("hint"), "{arguments:?}: {said}");
    }
}

#[test]
fn config_check_shows_each_value_and_where_it_comes_from() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("gongdao.toml");
    std::fs::write(&file, "data = \"here\"\n\n[limits]\ncheck_rows = 7\n").unwrap();
    let mut command = program();
    command.args(["config", "check", "--db", "postgres://u:secret@db/x", "--config"]).arg(&file);
    let output = command.env("GONGDAO_DATA", "there").output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let words: Vec<Vec<&str>> = said.lines().map(|line| line.split_whitespace().collect()).collect();
    for expected in [
        ["data", "there", "GONGDAO_DATA"],
        ["database", "postgres://u:…@db/x", "flag"],
        ["limits.check_rows", "7", "file:4"],
        ["listen", "127.0.0.1:8380", "default"],
    ] {
        assert!(words.iter().any(|line| *line == expected), "{expected:?} in {said}");
    }
    std::fs::write(&file, "data = \"here\"\nlisten = 8\nlimts = 3\n").unwrap();
    let output = program().args(["config", "check", "--config"]).arg(&file).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(65), "{said}");
    assert!(said.contains("gongdao.toml:2: ") && said.contains("gongdao.toml:3: "), "{said}");
}

#[test]
fn a_service_that_is_asked_to_stop_answers_what_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    assert!(service.started["token"].is_string(), "{}", service.started);
    // A request whose body is still on its way.
    let mut slow = std::net::TcpStream::connect(service.url.trim_start_matches("http://")).unwrap();
    let head = "POST /v1/sessions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 31\r\n\r\n";
    std::io::Write::write_all(&mut slow, head.as_bytes()).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert!(Command::new("kill").arg(service.child.id().to_string()).status().unwrap().success());
    std::thread::sleep(std::time::Duration::from_millis(300));
    std::io::Write::write_all(&mut slow, b"{\"name\":\"nobody\",\"password\":\"\"}").unwrap();
    let mut answer = String::new();
    slow.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 4"), "{answer}");
    let mut child = service.child;
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn receipts_of_the_parts_of_a_check_say_offline_what_was_asked_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::start(folder.path(), &[]);
    let (_, key) = service.set_up();
    let checked = service.post("/v1/decisions:check", &key, &recommend("d-1", "somebody"));
    assert_eq!(service.terminate(), Some(0));
    let ledger = folder.path().join("ledger");
    let about = std::fs::read_to_string(ledger.join("ledger")).unwrap();
    let log = about.lines().nth(2).unwrap();
    let entry = checked["ledger"]["leaf"].to_string();
    let file = |group: usize| folder.path().join(format!("{group}.tlog-proof")).display().to_string();
    for group in 0..5 {
        let mut prove = program();
        prove.args(["ledger", "prove", "--entry", &entry, "--group", &group.to_string(), "--out", &file(group)]);
        let output = prove.arg(&ledger).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let verify = |main: usize, with: &[usize], more: &[&str]| {
        let mut command = program();
        command.args(["verify", &file(main), "--log", log]).args(more);
        for group in with {
            command.args(["--with", &file(*group)]);
        }
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    // The person's part alone: what was asked, and that the rest is not opened.
    let alone = verify(1, &[], &["--lang", "en"]);
    for words in
        ["Decision d-1", "State seen as of", "4 in number", "which this receipt does not open", "does not prove"]
    {
        assert!(alone.contains(words), "{words}: {alone}");
    }
    // With the answer's part and no text of it: one word; with both texts: each rule with its article.
    let effect = checked["effect"].as_str().unwrap();
    let in_words = |lang: &str, with: &[usize]| verify(1, with, &["--lang", lang]);
    let some = in_words("en", &[2]);
    assert!(some.contains("no receipt here has it") && some.contains("3 in number"), "{some}");
    let all: Value = serde_json::from_str(&verify(1, &[0, 2, 3, 4], &["--format", "json"])).unwrap();
    assert_eq!((&all["says"]["hidden"], &all["says"]["told"]["effect"]), (&json!(0), &json!(effect)));
    assert_eq!(all["says"]["answer"]["digest"], checked["answer_digest"], "{all}");
    let rules = all["says"]["answer"]["rules"].as_array().unwrap();
    // Rules of one article with the same outcome are told once.
    let speaking = rules.iter().filter(|rule| rule["outcome"] != "not-applicable");
    let speaking: BTreeSet<_> =
        speaking.map(|rule| (rule["provision"].to_string(), rule["outcome"].to_string())).collect();
    let speaking = speaking.len();
    for (lang, words, law) in
        [("zh", "它不说明", "个人信息保护法"), ("en", "What it does not prove", "Personal Information Protection Law")]
    {
        let told = in_words(lang, &[0, 2, 3, 4]);
        assert!(told.contains(words) && told.contains(law), "{told}");
        let indented = told.lines().filter(|line| line.starts_with("  ")).count();
        assert!(speaking > 3 && indented > speaking, "{speaking} of {indented}: {told}");
    }
    // A receipt of another log beside it is not believed.
    let mut command = program();
    let text = std::fs::read_to_string(file(2)).unwrap();
    std::fs::write(file(9), text.replacen("index ", "index 1", 1)).unwrap();
    command.args(["verify", &file(1), "--log", log, "--with", &file(9), "--lang", "zh"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(65) && said.contains("证据对不上") && said.contains("9.tlog-proof"), "{said}");
    // A key that is written wrongly says nothing of the receipt.
    let mut command = program();
    command.args(["verify", &file(1), "--log", "x+00000000+AA", "--lang", "zh"]);
    let output = command.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(65) && said.starts_with("错误：给的文件或内容不对。"), "{said}");
}

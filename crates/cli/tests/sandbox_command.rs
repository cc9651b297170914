//! `gongdao sandbox` over a service that runs: a trial from its application to its last report, and what is refused.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod running;

use gongdao_model::{Instant, LegalDate};
use running::{PASSWORD, Service, program};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const OFFICER: &str = "officer";
const REGULATOR: &str = "regulator";

/// A service with an algorithm, two versions of it that decided nothing yet, and files with the sessions of two people.
struct World {
    folder: tempfile::TempDir,
    service: Service,
    today: LegalDate,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let service = Service::start(&folder.path().join("data"), &[]);
        let (officer, _) = service.set_up();
        let new = json!({"name": REGULATOR, "roles": ["regulator"], "password": PASSWORD});
        service.post("/v1/accounts", &service.log_in("root"), &new);
        for (name, token) in [(OFFICER, officer.as_str()), (REGULATOR, &service.log_in(REGULATOR))] {
            std::fs::write(folder.path().join(name), token).unwrap();
        }
        let description = json!({"provider": "某平台", "name": "配送", "class": "dispatch", "affects_labour": true});
        let algorithm = service.post("/v1/algorithms", &officer, &description);
        for version in ["v8", "v9"] {
            let address = format!("/v1/algorithms/{}/versions", algorithm["id"].as_str().unwrap());
            service.post(&address, &officer, &json!({"id": version, "text": "一"}));
        }
        let now: Instant = algorithm["registered_at"].as_str().unwrap().parse().unwrap();
        Self { folder, service, today: now.date_in_shanghai() }
    }

    fn day(&self, from_today: i32) -> String {
        LegalDate::from_day_number(self.today.day_number() + from_today).unwrap().to_string()
    }

    fn plan(&self, version: &str) -> Value {
        json!({"version": version, "place": "440300", "from": self.day(0), "until": self.day(30), "persons": 20,
            "ground": "cn.shenzhen-ai/44", "purpose": "远单多给几分钟", "safeguards": "超时不扣款", "informed": "短信",
            "leaving": "在应用里退出", "stops": [{"measure": "violated", "percent": 50, "after": 100}], "report_days": 20})
    }

    fn write(&self, plan: &str) -> PathBuf {
        let file = self.folder.path().join("plan.json");
        std::fs::write(&file, plan).unwrap();
        file
    }

    /// The same, asked of the service as somebody.
    fn ask(&self, code: i32, who: &str, arguments: &[&str]) -> String {
        let token = self.folder.path().join(who);
        let place = ["--url", &self.service.url, "--token-file", token.to_str().unwrap()];
        run(code, &[arguments, &place].concat())
    }

    fn apply(&self, code: i32, plan: &Path, more: &[&str]) -> String {
        self.ask(code, OFFICER, &[&["apply", plan.to_str().unwrap()], more].concat())
    }

    fn applied(&self, version: &str) -> String {
        let said = self.apply(0, &self.write(&self.plan(version).to_string()), &["--format", "json"]);
        let applied: Value = serde_json::from_str(&said).unwrap();
        assert_eq!(applied["stage"], "applied");
        applied["id"].as_str().unwrap().to_owned()
    }
}

/// What a command says with an exit code.
fn run(code: i32, arguments: &[&str]) -> String {
    let output = program().arg("sandbox").args(arguments).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
    text
}

fn has(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "`{word}` is not in: {said}");
    }
}

#[test]
fn a_trial_goes_from_its_application_to_its_last_report() {
    let world = World::new();
    let (url, data) = (world.service.url.clone(), world.folder.path().join("data"));
    let data = data.to_str().unwrap();
    has(&run(0, &["list", "--url", &url]), &["No trial was applied for yet"]);
    let id = world.applied("v9");
    let until = format!("before {}", world.day(30));
    let shown =
        [until.as_str(), "place Shenzhen", "远单多给几分钟", "50% or more break a rule, from 100", "Applied for"];
    has(&run(0, &["show", &id, "--url", &url]), &shown);
    has(&world.ask(65, OFFICER, &["begin", &id]), &["cannot follow", "applied"]);
    has(&world.ask(65, OFFICER, &["grant", &id, "--text", "好"]), &["hint"]);
    let granted = world.ask(0, REGULATOR, &["grant", &id, "--text", "每周报告", "--document", "示范7号"]);
    has(&granted, &["每周报告 · 示范7号", "Recorded in the journal as number"]);
    has(&world.ask(0, OFFICER, &["begin", &id]), &["Decisions: 0", "It began"]);
    has(&world.ask(0, OFFICER, &["report", &id, "--text", "没有投诉"]), &["没有投诉"]);
    has(&world.ask(65, OFFICER, &["close", &id, "--text", "早了"]), &["`closed` cannot follow where it is `running`"]);
    has(&run(0, &["show", &id, "--data", data]), &["没有投诉", "counted by a service that runs"]);
    has(&world.ask(0, REGULATOR, &["stop", &id, "--text", "有人受伤"]), &["有人受伤", "Last report: "]);
    let closed = world.ask(0, OFFICER, &["close", &id, "--text", "多给六分钟够了", "--lang", "zh"]);
    has(&closed, &["已结束", "多给六分钟够了", "决定：0", "已记入日志"]);
    // What is closed reads the same without its service.
    let show = |place: [&str; 2]| run(0, &[&["show", &id], &place[..]].concat());
    assert_eq!(show(["--url", &url]), show(["--data", data]));
    let list = |place: [&str; 2]| run(0, &[&["list"], &place[..]].concat());
    assert_eq!(list(["--url", &url]), list(["--data", data]));
    let json: Value = serde_json::from_str(&run(0, &["list", "--url", &url, "--format", "json"])).unwrap();
    assert_eq!((&json[0]["id"], &json[0]["stage"]), (&json!(id), &json!("closed")));
    assert_eq!(world.service.terminate(), Some(0));
}

#[test]
fn an_application_can_be_refused_or_taken_back() {
    let world = World::new();
    let id = world.applied("v8");
    has(&world.ask(65, REGULATOR, &["refuse", &id, "--text", "不", "--provision", "cn.iisarmp/999"]), &["hint"]);
    let refused = ["refuse", &id, "--text", "没有分开未成年人", "--provision", "cn.iisarmp/18"];
    has(&world.ask(0, REGULATOR, &refused), &["没有分开未成年人 · cn.iisarmp/18"]);
    let id = world.applied("v9");
    has(&world.ask(0, OFFICER, &["stop", &id, "--text", "不试了"]), &["不试了"]);
    let place = ["--url", &world.service.url];
    has(&run(65, &[&["show", "sandbox-0"], &place[..]].concat()), &["has no sandbox-0", "gongdao sandbox list"]);
    run(64, &["show", &id]);
    run(64, &[&["grant", &id], &place[..]].concat());
    assert_eq!(world.service.terminate(), Some(0));
}

#[test]
fn a_plan_that_cannot_be_is_told_with_its_place_and_with_what_to_do() {
    let world = World::new();
    let good = world.plan("v9");
    for (member, value, words) in [
        ("version", json!("none"), ["there is no version `none`", "hint"]),
        ("persons", json!(0), ["`persons` is 0", "give 1 to 1000000"]),
        ("until", json!(world.day(0)), ["are no period", "first day after the trial"]),
        ("stops", json!([]), ["`stops` is empty", "give 1 to 10 conditions"]),
        ("ground", json!("cn.iisarmp/17/1"), ["no trial rests on", "cn.shenzhen-ai/44"]),
        ("from", json!("2026-02-30"), ["plan.json:1:", "write days like"]),
        ("place", json!("44030"), ["plan.json:1:", "places with six digits"]),
        ("waived", json!([]), ["unknown field `waived`", "apply --help"]),
    ] {
        let mut plan = good.clone();
        plan[member] = value;
        has(&world.apply(65, &world.write(&plan.to_string()), &[]), &words);
    }
    has(&world.apply(65, &world.write("{\n  \"version\": \"v9\",\n}"), &[]), &["plan.json:3:1: ", "hint"]);
    has(&world.apply(66, &world.folder.path().join("none.json"), &[]), &["none.json", "name a file that can be read"]);
    let zh = world.apply(65, &world.write(&json!({"version": "v9"}).to_string()), &["--lang", "zh"]);
    has(&zh, &["错误", "gongdao sandbox apply --help"]);
    has(&run(0, &["list", "--url", &world.service.url]), &["No trial was applied for yet"]);
    let plan = world.write(&good.to_string());
    has(&run(66, &["apply", plan.to_str().unwrap(), "--url", "http://127.0.0.1:1"]), &["cannot be asked"]);
    assert_eq!(world.service.terminate(), Some(0));
}

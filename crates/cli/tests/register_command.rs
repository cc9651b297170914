//! `gongdao register` and `gongdao consultation`, over a service that runs and over its data folder.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const PASSWORD: &str = "correct horse battery";
const HEADER: &str =
    "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,recordNumber";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(root()).env_remove("GONGDAO_CONFIG").env_remove("GONGDAO_TOKEN").env_remove("LC_ALL");
    command.env("LANG", "en_GB.UTF-8");
    command
}

struct Service {
    child: Child,
    url: String,
    token: String,
}

impl Service {
    fn start(data: &Path) -> Self {
        let mut command = program();
        command.args(["serve", "--format", "json", "--listen", "127.0.0.1:0", "--data"]).arg(data);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
        let (started, listening) = (next(), next());
        let url = listening["listening"].as_str().unwrap().to_owned();
        let mut service = Self { child, url, token: String::new() };
        service.post("/v1/setup", &json!({"token": started["token"], "name": "root", "password": PASSWORD}));
        service.log_in("root");
        service.post("/v1/accounts", &json!({"name": "officer", "roles": ["officer"], "password": PASSWORD}));
        service.post("/v1/accounts", &json!({"name": "union", "roles": ["representative"], "password": PASSWORD}));
        service
    }

    fn log_in(&mut self, name: &str) -> Value {
        let session = self.post("/v1/sessions", &json!({"name": name, "password": PASSWORD}));
        session["token"].as_str().unwrap().clone_into(&mut self.token);
        let request =
            ureq::get(format!("{}/v1/me", self.url)).header("authorization", format!("Bearer {}", self.token));
        serde_json::from_str::<Value>(&request.call().unwrap().body_mut().read_to_string().unwrap()).unwrap()["actor"]
            .clone()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let mut request = ureq::post(format!("{}{path}", self.url)).header("content-type", "application/json");
        if !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        let answer = request.send(body.to_string()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let mut answer = answer;
        serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap()
    }

    fn stop(mut self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
    }
}

fn said(output: &Output, code: i32) -> String {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let wrong = String::from_utf8(output.stderr.clone()).unwrap();
    assert_eq!(output.status.code(), Some(code), "{text}{wrong}");
    if code == 0 || code == 1 { text } else { wrong }
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

#[test]
fn the_register_reads_the_same_over_the_service_and_over_its_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let mut service = Service::start(&data);
    let union = service.log_in("union");
    let officer = service.log_in("officer");
    let description = json!({"provider": "某平台", "name": "配送调度", "class": "dispatch", "affects_labour": true});
    let id = service.post("/v1/algorithms", &description)["id"].as_str().unwrap().to_owned();
    for (name, text) in [("v7", "一\n二"), ("v8", "一\n二半")] {
        let new = json!({"id": name, "text": text, "factors": [{"name": "距离", "weight": name}]});
        service.post(&format!("/v1/algorithms/{id}/versions"), &new);
    }
    let seats = json!([
        {"side": "union", "name": "总工会", "account": union}, {"side": "platform", "name": "某平台", "account": officer},
    ]);
    let new = json!({"last_day": "2099-01-01", "seats": seats, "question": "放宽吗"});
    let consultation = service.post("/v1/versions/v8/consultations", &new)["id"].as_str().unwrap().to_owned();
    let (url, data) = (service.url.clone(), data.to_str().unwrap().to_owned());
    let commands: [&[&str]; 6] = [
        &["register", "list"],
        &["register", "show", &id],
        &["register", "show", "v8"],
        &["register", "diff", "v7", "v8"],
        &["consultation", "show", &consultation],
        &["register", "export", &id, "--shape", "dutch"],
    ];
    let words = ["配送调度", "Versions", "cn.doc-56/10", "+距离 v8", "Comments until 2099-01-01", "In ontwikkeling"];
    for (command, words) in commands.into_iter().zip(words) {
        let over = |place: [&str; 2]| said(&run(&[command, &place].concat()), 0);
        let (remote, local) = (over(["--url", &url]), over(["--data", &data]));
        assert_eq!(remote, local, "{command:?}");
        assert!(remote.contains(words), "{command:?}: {remote}");
    }
    for command in &commands[..5] {
        let json = said(&run(&[*command, &["--url", &url, "--format", "json"]].concat()), 0);
        assert!(serde_json::from_str::<Value>(&json).is_ok(), "{json}");
    }
    service.stop();
    assert!(said(&run(&["register", "show", "v8", "--data", &data, "--lang", "zh"]), 0).contains("施行之前还缺"));
}

#[test]
fn published_lists_are_sent_to_a_service_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&folder.path().join("data"));
    service.log_in("officer");
    let file = folder.path().join("filings.csv");
    let row = "互联网信息服务算法备案,一,2022-08,配送,调度决策类,,某公司,App,送餐,网信算备110108224236606220017号";
    std::fs::write(&file, format!("{HEADER}\n{row}\nx,y\n")).unwrap();
    let token = folder.path().join("token");
    std::fs::write(&token, format!("{}\n", service.token)).unwrap();
    let (file, token, url) = (file.to_str().unwrap(), token.to_str().unwrap(), service.url.clone());
    let import = |more: &[&str]| run(&[&["register", "import", file, "--url", url.as_str()], more].concat());
    let first = said(&import(&["--token-file", token]), 1);
    assert!(first.contains("2 rows: 1 new") && first.contains("row 2 (line 3 of the file)"), "{first}");
    assert!(said(&import(&["--token-file", token]), 1).contains("1 as they were"));
    let refused = said(&import(&[]), 65);
    assert!(refused.contains("hint"), "{refused}");
    service.stop();
    let unreachable = said(&import(&["--token-file", token]), 66);
    assert!(unreachable.contains("cannot be asked"), "{unreachable}");
}

#[test]
fn a_replay_is_asked_of_a_service_by_whoever_has_a_seat() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Service::start(&folder.path().join("data"));
    let union = service.log_in("union");
    let officer = service.log_in("officer");
    let description = json!({"provider": "某平台", "name": "计价", "class": "dispatch", "affects_labour": true});
    let id = service.post("/v1/algorithms", &description)["id"].as_str().unwrap().to_owned();
    let rule = |expression: &str| {
        json!({"outcome": "context.priceFen", "zh": "配送费", "en": "delivery fee", "unit": "fen", "better": "lower",
            "expression": expression,
            "factors": [{"name": "metres", "fact": "context.distanceMetres", "zh": "距离", "en": "distance", "baseline": 1000}]})
    };
    for (name, before, expression) in [("v7", None, "metres / 3"), ("v8", Some("v7"), "metres / 4")] {
        let new = json!({"id": name, "text": "一", "based_on": before, "rule": rule(expression)});
        service.post(&format!("/v1/algorithms/{id}/versions"), &new);
    }
    let seats = json!([
        {"side": "union", "name": "总工会", "account": union}, {"side": "platform", "name": "某平台", "account": officer},
    ]);
    let new = json!({"last_day": "2099-01-01", "seats": seats, "question": "可以吗"});
    let consultation = service.post("/v1/versions/v8/consultations", &new)["id"].as_str().unwrap().to_owned();
    let token = folder.path().join("token");
    std::fs::write(&token, &service.token).unwrap();
    let (token, url) = (token.to_str().unwrap(), service.url.clone());
    let period = ["--from", "2026-03-01", "--until", "2026-04-01", "--url", &url];
    let replay = |id: &str, more: &[&str]| run(&[&["consultation", "replay", id], &period[..], more].concat());
    let told = said(&replay(&consultation, &["--token-file", token]), 0);
    assert!(told.contains("Under the draft v8, beside v7") && told.contains("Too few persons"), "{told}");
    let json = said(&replay(&consultation, &["--token-file", token, "--format", "json"]), 0);
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["cannot_tell"], 0);
    said(&replay(&consultation, &[]), 65);
    said(&replay("consultation-0", &["--token-file", token]), 65);
    service.stop();
}

#[test]
fn what_cannot_be_read_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    assert!(said(&run(&["register", "list", "--data", data]), 66).contains("no service keeps its data there"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "reading makes nothing");
    said(&run(&["register", "list"]), 64);
    said(&run(&["register", "list", "--data", data, "--url", "http://127.0.0.1:1"]), 64);
}

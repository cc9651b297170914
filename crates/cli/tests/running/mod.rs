//! `gongdao serve` as people start it, and requests to it.
#![allow(dead_code, reason = "each test file uses a part of it")]

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

pub(crate) const PASSWORD: &str = "correct horse battery";

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(root()).env_remove("GONGDAO_CONFIG").env("LANG", "en_GB.UTF-8").env_remove("LC_ALL");
    command
}

/// A service that runs, with what its start said.
pub(crate) struct Service {
    pub(crate) child: Child,
    pub(crate) lines: std::io::Lines<BufReader<ChildStdout>>,
    pub(crate) started: Value,
    pub(crate) url: String,
}

impl Service {
    pub(crate) fn start(data: &Path, more: &[&str]) -> Self {
        let mut command = program();
        command.args(["serve", "--format", "json", "--listen", "127.0.0.1:0", "--data"]).arg(data).args(more);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
        let (started, listening) = (next(), next());
        let url = listening["listening"].as_str().unwrap().to_owned();
        Self { child, lines, started, url }
    }

    pub(crate) fn access(&self, name: &str) -> String {
        let all = self.started["accounts"].as_array().unwrap();
        all.iter().find(|pair| pair[0] == name).unwrap()[1].as_str().unwrap().to_owned()
    }

    /// Make the administrator, an officer and a key; the tokens of the latter two.
    pub(crate) fn set_up(&self) -> (String, String) {
        let token = self.started["token"].as_str().unwrap();
        self.post("/v1/setup", "", &json!({"token": token, "name": "root", "password": PASSWORD}));
        let root = self.log_in("root");
        self.post("/v1/accounts", &root, &json!({"name": "officer", "roles": ["officer"], "password": PASSWORD}));
        let key = self.post("/v1/keys", &root, &json!({"name": "orders", "roles": ["machine"]}));
        (self.log_in("officer"), key["secret"].as_str().unwrap_or_else(|| panic!("{key}")).to_owned())
    }

    pub(crate) fn log_in(&self, name: &str) -> String {
        let session = self.post("/v1/sessions", "", &json!({"name": name, "password": PASSWORD}));
        session["token"].as_str().unwrap().to_owned()
    }

    pub(crate) fn post(&self, path: &str, token: &str, body: &Value) -> Value {
        let request = ureq::post(format!("{}{path}", self.url)).header("content-type", "application/json");
        let request =
            if token.is_empty() { request } else { request.header("authorization", format!("Bearer {token}")) };
        let answer = request.send(body.to_string());
        serde_json::from_str(&answer.unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    pub(crate) fn delete(&self, path: &str, token: &str) -> Value {
        let request = ureq::delete(format!("{}{path}", self.url)).header("authorization", format!("Bearer {token}"));
        serde_json::from_str(&request.call().unwrap().body_mut().read_to_string().unwrap()).unwrap()
    }

    /// What a service manager sends; the exit code.
    pub(crate) fn terminate(mut self) -> Option<i32> {
        let sent = Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        assert!(sent.success());
        let code = self.child.wait().unwrap().code();
        assert_eq!(self.lines.next().map(Result::unwrap), None);
        code
    }

    /// The machine is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

pub(crate) fn recommend(id: &str, person: &str) -> Value {
    json!({"id": id, "at": "2026-05-01T12:00:00+08:00", "action": "recommend", "person": person,
        "principal": {"category": "push"}, "context": {"personalised": true}})
}

/// What a command said, and its exit code.
pub(crate) fn said(output: &Output) -> (Option<i32>, String) {
    let text = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    (output.status.code(), String::from_utf8(text).unwrap())
}

//! `gongdao serve` as a process of its own.

use super::client::Client;
use super::{JSON, told};
use crate::gate::world::World;
use crate::machine;
use crate::options::Options;
use gongdao_model::FactValue;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

const PASSWORD: &str = "measured on loopback";

/// Where services are started, and with what.
pub(super) struct Place {
    gongdao: PathBuf,
    packs: PathBuf,
    folder: PathBuf,
    settings: PathBuf,
}

impl Place {
    pub(super) fn new(options: &Options, packs: PathBuf, folder: &Path, world: &World) -> Result<Self, String> {
        let place = Self {
            gongdao: options.value("gongdao", PathBuf::from("target/debug/gongdao"))?,
            packs,
            folder: folder.to_owned(),
            settings: folder.join("gongdao.toml"),
        };
        let mut text = "[log]\nlevel = \"warn\"\n\n[initial.resource]\n".to_owned();
        for (path, value) in &world.initial {
            let _ = writeln!(text, "{} = {}", path.name(), toml(value));
        }
        std::fs::write(&place.settings, text).map_err(told)?;
        Ok(place)
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Start one in a folder of this name, on a database of PostgreSQL where one is named.
    pub(super) fn start(&self, name: &str, database: Option<&str>) -> Result<Served, String> {
        let mut command = Command::new(&self.gongdao);
        command.args(["serve", "--format", "json", "--listen", "127.0.0.1:0", "--config"]).arg(&self.settings);
        command.arg("--packs").arg(&self.packs).arg("--data").arg(self.folder.join(name));
        if let Some(database) = database {
            command.args(["--db", database]);
        }
        let child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = child.map_err(|error| format!("cannot run {}: {error}", self.gongdao.display()))?;
        let said = child.stdout.take().ok_or("no output")?;
        let mut served = Served { child, address: SocketAddr::from(([127, 0, 0, 1], 0)), token: None };
        let mut lines = BufReader::new(said).lines();
        let mut next = || {
            let line = lines.next().ok_or("the service ended: run `gongdao serve` by hand to see why")?;
            serde_json::from_str::<Value>(&line.map_err(told)?).map_err(told)
        };
        served.token = next()?.get("token").and_then(Value::as_str).map(str::to_owned);
        let said = next()?;
        let listening = said.get("listening").and_then(Value::as_str);
        let address = listening.and_then(|url| url.strip_prefix("http://")?.parse().ok());
        served.address = address.ok_or("the service does not say where it listens")?;
        Ok(served)
    }
}

fn toml(value: &FactValue) -> String {
    match value {
        FactValue::Bool(value) => value.to_string(),
        FactValue::Long(value) => value.to_string(),
        FactValue::Text(text) => format!("{text:?}"),
        FactValue::TextSet(words) => format!("{:?}", words.iter().collect::<Vec<_>>()),
    }
}

pub(super) struct Served {
    child: Child,
    address: SocketAddr,
    /// Of the first start.
    token: Option<String>,
}

impl Served {
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Make an administrator and a key; the key.
    pub(super) fn set_up(&self) -> Result<String, String> {
        let first = self.token.as_deref().ok_or("the service was set up before")?;
        let mut nobody = Client::connect(self.address, "")?;
        let body = json!({"token": first, "name": "root", "password": PASSWORD});
        nobody.post("/v1/setup", JSON, body.to_string().as_bytes())?;
        let session = self.session("root")?;
        let body = json!({"name": "load", "roles": ["machine"]});
        let key = Client::connect(self.address, &session)?.post("/v1/keys", JSON, body.to_string().as_bytes())?;
        read(&key, "secret")
    }

    /// Log in as one of the accounts that were made here.
    pub(super) fn session(&self, name: &str) -> Result<String, String> {
        let body = json!({"name": name, "password": PASSWORD}).to_string();
        read(&Client::connect(self.address, "")?.post("/v1/sessions", JSON, body.as_bytes())?, "token")
    }

    /// Make an account whose name is its role.
    pub(super) fn account(&self, root: &str, role: &str, persons: &[&str]) -> Result<(), String> {
        let body = json!({"name": role, "roles": [role], "persons": persons, "password": PASSWORD}).to_string();
        Client::connect(self.address, root)?.post("/v1/accounts", JSON, body.as_bytes()).map(drop)
    }

    /// Processor time of the process so far, in steps of 10 ms.
    pub(super) fn cpu_time(&self) -> Duration {
        machine::cpu_time_of(&format!("/proc/{}/stat", self.child.id()))
    }

    /// Resident memory now.
    pub(super) fn resident_kib(&self) -> u64 {
        let status = format!("/proc/{}/status", self.child.id());
        machine::field(&status, "VmRSS").and_then(|text| text.split(' ').next()?.parse().ok()).unwrap_or(0)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // What was measured is over; nothing of the folder is kept.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read(body: &[u8], name: &str) -> Result<String, String> {
    let body: Value = serde_json::from_slice(body).map_err(told)?;
    body.get(name).and_then(Value::as_str).map(str::to_owned).ok_or_else(|| format!("no `{name}` in {body}"))
}

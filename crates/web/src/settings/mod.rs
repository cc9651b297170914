//! What the operator sets: a file, then the environment, then flags; each overrides the one before.

mod key;
mod layer;
mod oidc;
#[cfg(test)]
mod tests;

pub use key::{KEYS, Key, Kind};
pub use layer::{Given, Layered, Origin};
pub use oidc::OidcSettings;

pub(crate) use key::is_safe;

use gongdao_gate::GateSettings;
use gongdao_model::{FactPath, FactValue};
use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingsFault {
    /// 1-based line of the file, where the file is at fault.
    pub line: Option<usize>,
    /// What is wrong: lower case, input in backticks.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

impl SettingsFault {
    pub(crate) fn new(line: Option<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { line, message: message.into(), hint: hint.into() }
    }
}

impl fmt::Display for SettingsFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for SettingsFault {}

/// All settings of `gongdao serve`, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// The folder of ledger and state.
    pub data: PathBuf,
    /// `postgres://…` or `sqlite:FILE`; none for SQLite in the folder.
    pub database: Option<String>,
    /// Name of a ledger that is made: first line of its checkpoints. Every process has a ledger of its own; none for a
    /// random name.
    pub origin: Option<String>,
    /// The file of the key that signs checkpoints; none for `ledger.key` in the data folder. It is better kept elsewhere.
    pub ledger_key: Option<PathBuf>,
    /// The packs folder.
    pub packs: PathBuf,
    /// Whether drafts are judged, marked as provisional.
    pub include_drafts: bool,
    /// The address under which people reach the service; where people log in it must be https unless it is local.
    pub public_url: Option<String>,
    /// Limits of requests.
    pub limits: Limits,
    /// What goes to the log.
    pub log: LogSettings,
    /// Collector of OpenTelemetry traces, `http://…`; none for no traces.
    pub traces: Option<String>,
    /// Whether webhooks may lead to machines inside the network, and without TLS.
    pub webhooks_private: bool,
    /// Whether a decision by a version that the register does not have in force is held, by the action's failure behaviour.
    pub register_required: bool,
    /// Audits from the browser.
    pub audits: AuditSettings,
    /// Login with another provider.
    pub oidc: Option<OidcSettings>,
    /// What a gate begins with in a fresh folder; later changes are made through the API, where they leave a trail.
    pub gate: GateSettings,
    /// What is so of a person or an algorithm before its first event: only facts whose every change is recorded here.
    pub initial: BTreeMap<FactPath, FactValue>,
}

/// Limits of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Largest body, in bytes.
    pub body_bytes: usize,
    /// Most decisions of one check.
    pub check_rows: usize,
    /// Longest time for one request, uploads aside.
    pub request: Duration,
    /// How long open requests may go on after the service was told to stop.
    pub grace: Duration,
}

/// Audits from the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditSettings {
    /// The program that audits, `gongdao`; none where no audits are run.
    pub program: Option<PathBuf>,
    /// A folder whose folders, each with an `adapter.toml`, can be audited; none for none.
    pub sources: Option<PathBuf>,
    /// How many run at once.
    pub running: usize,
    /// Bytes of one upload at most.
    pub upload_bytes: u64,
}

/// What goes to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LogSettings {
    /// JSON, one line an event; else text.
    pub json: bool,
    /// From this level on.
    pub level: LogLevel,
}

/// Levels of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// What went wrong.
    Error,
    /// What may go wrong.
    Warn,
    /// One line a request.
    Info,
    /// Details.
    Debug,
}

impl Settings {
    /// The settings out of their layers, or everything that is wrong with them.
    pub fn read(layered: &Layered) -> Result<Self, Vec<SettingsFault>> {
        let mut faults = layered.faults.clone();
        let settings = Self {
            listen: layered.parsed("listen", &mut faults).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 0))),
            data: layered.path("data"),
            database: layered.optional("database"),
            origin: layered.optional("origin"),
            ledger_key: layered.optional("ledger_key").map(PathBuf::from),
            packs: layered.path("packs"),
            include_drafts: layered.flag("include_drafts"),
            public_url: layered.optional("public_url"),
            limits: Limits {
                body_bytes: layered.number("limits.body_bytes"),
                check_rows: layered.number("limits.check_rows"),
                request: Duration::from_secs(layered.number_u64("limits.request_seconds")),
                grace: Duration::from_secs(layered.number_u64("limits.grace_seconds")),
            },
            log: LogSettings { json: layered.text("log.format") == "json", level: level(&layered.text("log.level")) },
            traces: layered.optional("traces.endpoint"),
            webhooks_private: layered.flag("webhooks.private"),
            register_required: layered.flag("register.require"),
            audits: AuditSettings {
                program: layered.optional("audits.program").map(PathBuf::from),
                sources: layered.optional("audits.sources").map(PathBuf::from),
                running: layered.number("audits.running"),
                upload_bytes: layered.number_u64("audits.upload_mebibytes") << 20,
            },
            oidc: oidc::read(layered, &mut faults),
            gate: layered.gate.clone(),
            initial: layered.initial.clone(),
        };
        if let Some(url) = settings.database.as_deref().filter(|url| !is_database(url)) {
            let scheme = url.split(':').next().unwrap_or_default();
            let hint = "write `postgres://user@host/name` or `sqlite:FILE`, or leave it out: then SQLite in the data folder is used";
            faults.push(SettingsFault::new(None, format!("`{scheme}` is no database that the service knows"), hint));
        }
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }
}

fn is_database(url: &str) -> bool {
    ["postgres://", "postgresql://", "sqlite:"].iter().any(|scheme| url.starts_with(scheme))
}

fn level(text: &str) -> LogLevel {
    match text {
        "error" => LogLevel::Error,
        "warn" => LogLevel::Warn,
        "debug" => LogLevel::Debug,
        _ => LogLevel::Info,
    }
}

/// A value as it may be shown: without the password of an address.
pub fn shown(value: &str) -> String {
    let Some((scheme, rest)) = value.split_once("://") else { return value.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let name = user.split(':').next().unwrap_or_default();
            let hidden = if user.contains(':') { ":…" } else { "" };
            format!("{scheme}://{name}{hidden}@{host}")
        }
        None => value.to_owned(),
    }
}

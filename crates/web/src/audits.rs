//! Audits that the service runs: each in a folder and a process of its own, so that it can be cancelled, killed and gone on with, and
//! nothing that it does touches the service.
//!
//! ```text
//! DATA/audits/RUN/run.json       what is audited, by whom, how it ended
//! DATA/audits/RUN/input/         what was uploaded: an adapter and its data
//! DATA/audits/RUN/result/        the results, once they are whole
//! DATA/audits/RUN/said.txt       what the process said
//! ```

use crate::problem::{Problem, ProblemKind};
use crate::settings::AuditSettings;
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};

/// Runs that are kept; whoever wants more takes old ones away.
const KEPT: usize = 100;
/// Bytes of what a process said that are shown.
const SHOWN: usize = 4000;
/// What `gongdao audit` ends with where it was stopped.
const STOPPED: i32 = 130;
const ADAPTER: &str = "adapter.toml";
/// The files of a result that can be fetched (docs/formats/results.md).
pub(crate) const FILES: [&str; 4] = ["summary.json", "findings.parquet", "findings.sarif", "verdicts.parquet"];

/// What is audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Source {
    /// The ledger of this service.
    Ledger,
    /// A folder that the settings allow, by its name.
    Folder(String),
    /// What somebody uploaded.
    Upload,
}

/// A run, as its file has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: String,
    pub(crate) source: Source,
    /// Who started it.
    pub(crate) by: String,
    pub(crate) at: Instant,
    /// The language in which it speaks.
    pub(crate) language: String,
    /// What its process ended with; nothing while it runs, or where the service ended before it.
    #[serde(default)]
    pub(crate) exit: Option<i32>,
    /// Whether somebody cancelled it.
    #[serde(default)]
    pub(crate) is_cancelled: bool,
}

/// How a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stand {
    Running,
    Done,
    /// Somebody cancelled it; it can go on.
    Cancelled,
    /// The service ended while it ran; it can go on.
    Interrupted,
    Failed,
}

impl Stand {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
        }
    }

    /// Whether the same run can go on from where it is.
    pub(crate) fn can_go_on(self) -> bool {
        matches!(self, Self::Cancelled | Self::Interrupted | Self::Failed)
    }
}

/// The runs of one service.
pub(crate) struct Audits {
    settings: AuditSettings,
    /// The service's data folder.
    data: PathBuf,
    packs: PathBuf,
    include_drafts: bool,
    /// Held from counting what runs until one more is counted.
    starting: Mutex<()>,
    children: Mutex<BTreeMap<String, Child>>,
}

impl Audits {
    pub(crate) fn new(settings: AuditSettings, data: PathBuf, packs: PathBuf, include_drafts: bool) -> Self {
        Self { settings, data, packs, include_drafts, starting: Mutex::default(), children: Mutex::default() }
    }

    /// Whether a program was named that audits.
    pub(crate) fn can_run(&self) -> bool {
        self.settings.program.is_some()
    }

    /// Bytes of one upload at most.
    pub(crate) fn most_bytes(&self) -> u64 {
        self.settings.upload_bytes
    }

    fn folder(&self) -> PathBuf {
        self.data.join("audits")
    }

    /// The folder of a run. Errors: no name of one.
    fn of(&self, id: &str) -> Result<PathBuf, Problem> {
        let is_name = id.starts_with("audit-") && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if is_name { Ok(self.folder().join(id)) } else { Err(missing()) }
    }

    /// Folders that the settings allow: those with an adapter, by their names.
    pub(crate) fn sources(&self) -> Vec<String> {
        let entries = self.settings.sources.as_deref().and_then(|folder| std::fs::read_dir(folder).ok());
        let allowed = entries.into_iter().flatten().flatten().filter(|entry| entry.path().join(ADAPTER).is_file());
        let mut names: Vec<String> = allowed.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.sort();
        names
    }

    /// All runs, newest first.
    pub(crate) fn all(&self) -> Result<Vec<(Run, Stand)>, Problem> {
        let entries = match std::fs::read_dir(self.folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(failed(&error)),
        };
        let mut runs = Vec::new();
        for entry in entries.flatten() {
            // A folder without its file is an upload that broke off.
            let Some(run) = entry.file_name().to_str().and_then(|id| self.run(id).ok()) else { continue };
            runs.push(run);
        }
        runs.sort_by(|(a, _), (b, _)| (b.at, &b.id).cmp(&(a.at, &a.id)));
        Ok(runs)
    }

    /// One run, and how it stands. Errors: there is none.
    pub(crate) fn run(&self, id: &str) -> Result<(Run, Stand), Problem> {
        let folder = self.of(id)?;
        let text = std::fs::read(folder.join("run.json")).map_err(|_| missing())?;
        let mut run: Run = serde_json::from_slice(&text).map_err(|error| Problem::internal(error.to_string()))?;
        let is_running = self.is_running(&mut run)?;
        let stand = match (folder.join("result/report.html").is_file(), is_running, run.exit) {
            (true, false, _) => Stand::Done,
            (_, true, _) => Stand::Running,
            (false, false, _) if run.is_cancelled => Stand::Cancelled,
            (false, false, Some(STOPPED)) => Stand::Cancelled,
            (false, false, None) => Stand::Interrupted,
            (false, false, Some(_)) => Stand::Failed,
        };
        Ok((run, stand))
    }

    /// Whether its process runs; one that ended leaves its exit code in the run's file.
    fn is_running(&self, run: &mut Run) -> Result<bool, Problem> {
        let mut children = self.children.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(child) = children.get_mut(&run.id) else { return Ok(false) };
        let Some(status) = child.try_wait().map_err(|error| failed(&error))? else { return Ok(true) };
        children.remove(&run.id);
        // A process that a signal ended has no code.
        run.exit = Some(status.code().unwrap_or(-1));
        self.keep(run)?;
        Ok(false)
    }

    fn keep(&self, run: &Run) -> Result<(), Problem> {
        let folder = self.of(&run.id)?;
        let text = serde_json::to_vec(run).map_err(|error| Problem::internal(error.to_string()))?;
        let written = std::fs::write(folder.join("run.new"), text)
            .and_then(|()| std::fs::rename(folder.join("run.new"), folder.join("run.json")));
        written.map_err(|error| failed(&error))
    }

    /// Errors: no program; too many run, or are kept.
    pub(crate) fn has_room(&self) -> Result<(), Problem> {
        if !self.can_run() {
            let hint = "whoever runs the service names one: `audits.program`";
            return Err(Problem::new(ProblemKind::Input, "no program that audits was named", hint));
        }
        if self.all()?.len() >= KEPT {
            return Err(Problem::new(
                ProblemKind::Input,
                format!("{KEPT} audits are kept"),
                "take old ones away first",
            ));
        }
        self.may_start()
    }

    /// Errors: as many run as may.
    fn may_start(&self) -> Result<(), Problem> {
        let running = self.all()?.iter().filter(|(_, stand)| *stand == Stand::Running).count();
        if running >= self.settings.running {
            let hint = "wait until one ends, or cancel it";
            return Err(Problem::new(ProblemKind::Busy, format!("{running} audits run already"), hint));
        }
        Ok(())
    }

    /// The folder in which an upload is put; what does not become a run is taken away again.
    pub(crate) fn open_upload(&self, id: &str) -> Result<PathBuf, Problem> {
        let folder = self.of(id)?.join("input");
        std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        Ok(folder)
    }

    /// Start a run whose upload, if it has one, is in its place. Errors: meanwhile as many run as may.
    pub(crate) fn start(&self, run: &Run) -> Result<(), Problem> {
        // Of two that begin at once the second counts the first.
        let _alone = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = self.of(&run.id)?;
        std::fs::create_dir_all(&folder).map_err(|error| failed(&error))?;
        let started = self.has_room().and_then(|()| self.spawn(run, &folder));
        if started.is_err() {
            // Nothing of it ran.
            let _ = std::fs::remove_dir_all(&folder);
        }
        started
    }

    /// Go on with a run that is not done. Errors: it runs, or is done; too many run.
    pub(crate) fn go_on(&self, id: &str) -> Result<(), Problem> {
        let _alone = self.starting.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut run, stand) = self.run(id)?;
        if !stand.can_go_on() {
            return Err(Problem::of(ProblemKind::NotNow));
        }
        self.may_start()?;
        (run.exit, run.is_cancelled) = (None, false);
        let folder = self.of(id)?;
        self.spawn(&run, &folder)
    }

    fn spawn(&self, run: &Run, folder: &Path) -> Result<(), Problem> {
        let Some(program) = &self.settings.program else { return self.has_room() };
        let input = folder.join("input");
        let mut command = Command::new(program);
        command.arg("audit");
        match &run.source {
            Source::Ledger => command.arg("--ledger").arg(self.data.join("ledger")),
            Source::Folder(name) => {
                // Only names that the folder has: nothing that leads elsewhere.
                let known = self.sources().contains(name);
                let sources = self.settings.sources.as_deref().filter(|_| known).ok_or_else(missing)?;
                command.arg(sources.join(name).join(ADAPTER))
            }
            Source::Upload => command.arg(input.join(ADAPTER)).arg("--data").arg(&input),
        };
        command.arg("--out").arg(folder.join("result")).arg("--packs").arg(&self.packs);
        command.args(["--threads", "1", "--colour", "never", "--lang", run.language.as_str()]);
        if self.include_drafts {
            command.arg("--include-drafts");
        }
        let said = File::create(folder.join("said.txt")).map_err(|error| failed(&error))?;
        let told = File::create(folder.join("told.txt")).map_err(|error| failed(&error))?;
        command.stdin(Stdio::null()).stdout(told).stderr(said);
        self.keep(run)?;
        let child = command.spawn().map_err(|error| failed(&error))?;
        self.children.lock().unwrap_or_else(PoisonError::into_inner).insert(run.id.clone(), child);
        Ok(())
    }

    /// Cancel a run; what it has done is kept. Errors: it does not run.
    pub(crate) fn cancel(&self, id: &str) -> Result<(), Problem> {
        let (mut run, stand) = self.run(id)?;
        let child = self.children.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        let Some(mut child) = child.filter(|_| stand == Stand::Running) else {
            return Err(Problem::of(ProblemKind::NotNow));
        };
        // A killed audit loses the batch in hand alone (ADR 7).
        let ended = child.kill().and_then(|()| child.wait()).map_err(|error| failed(&error))?;
        (run.exit, run.is_cancelled) = (Some(ended.code().unwrap_or(-1)), true);
        self.keep(&run)
    }

    /// Take a run away with everything in it. Errors: it runs.
    pub(crate) fn remove(&self, id: &str) -> Result<(), Problem> {
        if self.run(id)?.1 == Stand::Running {
            return Err(Problem::of(ProblemKind::NotNow));
        }
        std::fs::remove_dir_all(self.of(id)?).map_err(|error| failed(&error))
    }

    /// Take away what was uploaded for a run that does not come about.
    pub(crate) fn drop_upload(&self, id: &str) {
        // Left behind, it is no run, and whoever runs the service can take it away.
        let _ = self.of(id).map(std::fs::remove_dir_all);
    }

    /// The last of what a run's process said.
    pub(crate) fn said(&self, id: &str) -> Result<String, Problem> {
        let bytes = std::fs::read(self.of(id)?.join("said.txt")).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let from = text.len().saturating_sub(SHOWN);
        // Not within a character.
        let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or_default();
        Ok(text.get(from..).unwrap_or_default().to_owned())
    }

    /// A file of a result. Errors: there is none.
    pub(crate) fn file(&self, id: &str, name: &str) -> Result<Vec<u8>, Problem> {
        let is_known = name == "report.html" || FILES.contains(&name);
        let folder = self.of(id)?.join("result");
        let path = Some(folder.join(name)).filter(|path| is_known && path.is_file()).ok_or_else(missing)?;
        std::fs::read(path).map_err(|error| failed(&error))
    }
}

impl Drop for Audits {
    /// A service that ends in order ends its audits; they go on when somebody says so.
    fn drop(&mut self) {
        let children = self.children.get_mut().unwrap_or_else(PoisonError::into_inner);
        for child in children.values_mut() {
            let _ = child.kill().and_then(|()| child.wait());
        }
    }
}

fn missing() -> Problem {
    Problem::of(ProblemKind::NotFound)
}

fn failed(error: &std::io::Error) -> Problem {
    Problem { internal: Some(format!("audits: {error}")), ..Problem::of(ProblemKind::Storage) }
}

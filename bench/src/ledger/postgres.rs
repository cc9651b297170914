//! `PostgreSQL` on the same records by `COPY`, in a fresh folder of its own, over a socket file. Records come as text that is
//! ready to be copied; nothing reads JSON: that is in its favour.

use super::peers::Measured;
use super::records::{ALGORITHM, Record};
use super::sqlite::{BATCH, INDEX, TABLE};
use super::told;
use crate::machine;
use std::fmt::Write as _;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Who runs it where this program is root, which `PostgreSQL` refuses to be run by.
const USER: &str = "postgres";
/// More than its defaults, as somebody would set who measures; `fsync` and `synchronous_commit` are on, as they are by default.
const SETTINGS: [&str; 4] = ["listen_addresses=", "shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=5min"];

struct Server<'a> {
    programs: &'a Path,
    folder: PathBuf,
    user: Option<(u32, u32)>,
}

pub(crate) fn run(programs: &Path, folder: &Path, records: u64, persons: u64) -> Result<Measured, String> {
    let server = Server::make(programs, folder)?;
    let child = server.start()?;
    let measured = server.measure(records, persons);
    let before = machine::children_busy();
    let stopped = server.stop(child);
    let processor = machine::children_busy() - before;
    let (measured, ()) = (measured?, stopped?);
    Ok(Measured { processor, ..measured })
}

/// A server in a fresh folder for as long as the work takes, which gets the address of an empty database.
pub(crate) fn serving<T>(
    programs: &Path,
    folder: &Path,
    work: impl FnOnce(&str) -> Result<T, String>,
) -> Result<T, String> {
    let server = Server::make(programs, folder)?;
    let child = server.start()?;
    let place = folder.display().to_string().replace('/', "%2F");
    let done = work(&format!("postgres://bench@{place}/postgres"));
    let stopped = server.stop(child);
    done.and_then(|done| stopped.map(|()| done))
}

impl<'a> Server<'a> {
    fn make(programs: &'a Path, folder: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(told)?;
        let user = if machine::field("/proc/self/status", "Uid").is_some_and(|ids| ids.starts_with("0\t")) {
            let ids = user_ids()?;
            std::os::unix::fs::chown(folder, Some(ids.0), Some(ids.1)).map_err(told)?;
            Some(ids)
        } else {
            None
        };
        let server = Self { programs, folder: folder.to_owned(), user };
        done(server.command("initdb").arg("-D").arg(folder.join("data")).args(["-A", "trust", "-U", "bench"]))?;
        Ok(server)
    }
}

impl Server<'_> {
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(&self.folder);
        if let Some((user, group)) = self.user {
            command.uid(user).gid(group);
        }
        command
    }

    fn start(&self) -> Result<Child, String> {
        let log = std::fs::File::create(self.folder.join("log")).map_err(told)?;
        let mut command = self.command("postgres");
        command.arg("-D").arg(self.folder.join("data")).arg("-k").arg(&self.folder);
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        let child = command.stdout(Stdio::null()).stderr(log).spawn().map_err(told)?;
        for _ in 0..300 {
            if done(self.psql().args(["-c", "SELECT 1"])).is_ok() {
                return Ok(child);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        self.stop(child)?;
        Err(std::fs::read_to_string(self.folder.join("log")).map_err(told)?)
    }

    fn stop(&self, mut child: Child) -> Result<(), String> {
        let mut stop = self.command("pg_ctl");
        stop.arg("-D").arg(self.folder.join("data")).args(["-m", "fast", "-w", "stop"]);
        let said = done(&mut stop);
        if said.is_err() {
            child.kill().map_err(told)?;
        }
        child.wait().map_err(told)?;
        said.map(drop)
    }

    fn psql(&self) -> Command {
        let mut psql = self.command("psql");
        psql.args(["-X", "-q", "-t", "-A", "-U", "bench", "-d", "postgres", "-v", "ON_ERROR_STOP=1", "-h"]);
        psql.arg(&self.folder);
        psql
    }

    fn measure(&self, records: u64, persons: u64) -> Result<Measured, String> {
        done(self.psql().args(["-c", TABLE, "-c", INDEX]))?;
        let started = Instant::now();
        let mut psql = self.psql();
        let mut running =
            psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().map_err(told)?;
        let mut input = running.stdin.take().ok_or("no input")?;
        // A failure of the other side shows in what it says.
        let _ = copy(&mut input, records, persons);
        drop(input);
        ended(&running.wait_with_output().map_err(told)?)?;
        let wall = started.elapsed().as_secs_f64();
        let count = self.number("SELECT count(*) FROM decisions")?;
        if count != records {
            return Err(format!("{count} of {records} records were copied"));
        }
        let bytes = self.number("SELECT pg_total_relation_size('decisions')")?;
        let version = done(self.command("postgres").arg("--version"))?;
        let version = version.split_whitespace().nth(2).unwrap_or("?").to_owned();
        let name = format!("PostgreSQL {version}, COPY, batches of {BATCH}");
        Ok(Measured { name, records, wall, processor: 0.0, bytes })
    }

    fn number(&self, query: &str) -> Result<u64, String> {
        done(self.psql().args(["-c", query]))?.trim().parse().map_err(told)
    }
}

fn done(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("cannot run {command:?}: {error}; see `--postgres`"))?;
    ended(&output)
}

/// One `COPY` a batch, each of which is a transaction of its own.
fn copy(to: &mut impl std::io::Write, records: u64, persons: u64) -> Result<(), String> {
    let mut text = String::new();
    for first in (0..records).step_by(usize::try_from(BATCH).map_err(told)?) {
        text.clear();
        text.push_str("COPY decisions FROM STDIN;\n");
        for number in first..records.min(first + BATCH) {
            let record = Record::of(number, persons);
            let (facts, Record { id, at, action, place, person, .. }) = (record.facts(), record);
            writeln!(text, "{id}\t{at}\t{action}\t{place}\t{ALGORITHM}\t{person}\t{{{facts}}}").map_err(told)?;
        }
        text.push_str("\\.\n");
        to.write_all(text.as_bytes()).map_err(told)?;
    }
    Ok(())
}

fn ended(output: &Output) -> Result<String, String> {
    if output.status.success() {
        return String::from_utf8(output.stdout.clone()).map_err(told);
    }
    Err(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()))
}

fn user_ids() -> Result<(u32, u32), String> {
    let users = std::fs::read_to_string("/etc/passwd").map_err(told)?;
    let missing = || format!("this is root, and there is no user `{USER}`: install the package postgresql");
    let line = users.lines().find(|line| line.split(':').next() == Some(USER)).ok_or_else(missing)?;
    let mut ids = line.split(':').skip(2).map(|id| id.parse::<u32>().map_err(told));
    Ok((ids.next().ok_or_else(missing)??, ids.next().ok_or_else(missing)??))
}

//! Other programs that write the label: exiftool with the user's configuration that it needs, and Python tools.

use super::done;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// exiftool knows no table of the committee's; whoever uses it writes this.
const CONFIG: &str = include_str!("../../../crates/label/tests/exiftool.config");

/// Whether it is installed.
pub(super) fn exiftool() -> bool {
    Command::new("exiftool").arg("-ver").output().is_ok_and(|output| output.status.success())
}

fn config(room: &Path) -> Result<PathBuf, String> {
    let file = room.join("exiftool.config");
    std::fs::write(&file, CONFIG).map_err(|error| error.to_string())?;
    Ok(file)
}

pub(super) fn one_exiftool(from: &Path, to: &Path, label: &str) -> Result<(), String> {
    let config = to.with_file_name("exiftool.config");
    let mut command = Command::new("exiftool");
    command.arg("-config").arg(config).arg(format!("-XMP-TC260:AIGC={label}")).arg("-o").arg(to).arg(from);
    done(&mut command)
}

/// A program that takes a task a line and answers with a line.
struct Open {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Open {
    fn start(command: &mut Command) -> Result<Self, String> {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot run {command:?}: {error}"))?;
        let (input, output) = (child.stdin.take().ok_or("no input")?, child.stdout.take().ok_or("no output")?);
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// Lines up to the one that `ends`.
    fn ask(&mut self, task: &str, ends: &str) -> Result<String, String> {
        self.input.write_all(task.as_bytes()).and_then(|()| self.input.flush()).map_err(|error| error.to_string())?;
        let mut said = String::new();
        loop {
            let mut line = String::new();
            if self.output.read_line(&mut line).map_err(|error| error.to_string())? == 0 {
                return Err(format!("it ended: {said}"));
            }
            if line.starts_with(ends) {
                return Ok(said);
            }
            said += &line;
        }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// exiftool, kept open.
pub(super) struct Exiftool(Open);

impl Exiftool {
    pub(super) fn open(room: &Path) -> Result<Self, String> {
        let mut command = Command::new("exiftool");
        command.arg("-config").arg(config(room)?).args(["-stay_open", "True", "-@", "-"]);
        Open::start(&mut command).map(Self)
    }

    pub(super) fn write(&mut self, from: &Path, to: &Path, label: &str) -> Result<(), String> {
        let (from, to) = (from.display(), to.display());
        let said = self.0.ask(&format!("-XMP-TC260:AIGC={label}\n-o\n{to}\n{from}\n-execute\n"), "{ready}")?;
        if said.contains("1 image files created") { Ok(()) } else { Err(said) }
    }
}

/// A Python tool, kept open: its start and its imports are not counted.
pub(super) struct Python(Open);

impl Python {
    pub(super) fn open(python: &Path, script: &Path, tool: &str) -> Result<Self, String> {
        let mut open = Open::start(Command::new(python).arg(script).arg(tool))?;
        open.ask("", "ready").map_err(|error| format!("{tool}: {error}"))?;
        Ok(Self(open))
    }

    pub(super) fn write(&mut self, from: &Path, to: &Path) -> Result<(), String> {
        let said = self.0.ask(&format!("{}\t{}\n", from.display(), to.display()), "done")?;
        if said.is_empty() { Ok(()) } else { Err(said) }
    }
}

/// The interpreter of an environment with these packages, which is made if it is not there.
pub(super) fn python(venv: &Path, packages: &[&str]) -> Result<PathBuf, String> {
    let python = venv.join("bin/python");
    if !python.exists() {
        done(Command::new("python3").args(["-m", "venv"]).arg(venv))?;
    }
    let mut install = Command::new(&python);
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]).args(packages);
    done(&mut install)?;
    Ok(python)
}

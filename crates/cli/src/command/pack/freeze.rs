//! `gongdao pack freeze`: close the released rule files by their digests.

use super::check::Survey;
use super::{chosen, counted, pretty, tell};
use crate::command::output::Format;
use crate::command::{packs_folder, print};
use gongdao_pack::{InstrumentPack, Packs, Problem, Severity, freeze, write_whole};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack freeze cn/pipl
  gongdao pack freeze --format json

From then on a change of a file named in `pack.lock` is an error: new law comes as a new file. Files added later
are taken in by freezing again. A pack in which `gongdao pack check` finds an error is not frozen.

Exit code: 0 frozen, 1 refused, 64 wrong arguments.")]
pub(crate) struct Arguments {
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Only packs whose folder contains this
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let root = packs_folder(arguments.packs.as_deref());
    let packs = match Packs::read(&root) {
        Ok(packs) => packs,
        Err(problems) => return tell(&problems, arguments.format),
    };
    let chosen = match chosen(&packs, arguments.filter.as_deref()) {
        Ok(chosen) => chosen,
        Err(code) => return code,
    };
    match write(&root, &chosen) {
        Ok(frozen) => {
            match arguments.format {
                Format::Human => print(&human(&frozen)),
                Format::Json => print(&json(&frozen)),
            }
            ExitCode::SUCCESS
        }
        Err(problems) => tell(&problems, arguments.format),
    }
}

struct Frozen<'a> {
    pack: &'a InstrumentPack,
    changed: bool,
}

/// All packs are found sound before the first lock is written.
fn write<'a>(root: &Path, packs: &[&'a InstrumentPack]) -> Result<Vec<Frozen<'a>>, Vec<Problem>> {
    let mut problems = Survey::of(root, None).problems;
    let concerns = |problem: &Problem| {
        problem.file == Path::new("vocabulary.cedarschema")
            || packs.iter().any(|pack| problem.file.starts_with(&pack.folder))
    };
    problems.retain(|problem| problem.severity == Severity::Error && concerns(problem));
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut frozen = Vec::new();
    for pack in packs {
        let text = freeze(pack)?;
        let changed = pack.lock.as_ref().is_none_or(|lock| lock.text != text);
        frozen.push((Frozen { pack, changed }, text));
    }
    for (one, text) in &frozen {
        let file = one.pack.folder.join("pack.lock");
        let written = if one.changed { write_whole(&root.join(&file), text) } else { Ok(()) };
        written.map_err(|error| {
            let problem = Problem::error(&file, None, format!("cannot write the file: {error}"));
            vec![problem.hint("make room or fix its rights, then freeze again")]
        })?;
    }
    Ok(frozen.into_iter().map(|(one, _)| one).collect())
}

fn human(frozen: &[Frozen<'_>]) -> String {
    let line = |one: &Frozen<'_>| {
        let how = if one.changed { "frozen" } else { "frozen already" };
        format!("{}: {} {how}", one.pack.instrument.id, counted(one.pack.rule_files.len(), "rule file"))
    };
    frozen.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn json(frozen: &[Frozen<'_>]) -> String {
    let row = |one: &Frozen<'_>| {
        json!({
            "instrument": one.pack.instrument.id,
            "lock": one.pack.folder.join("pack.lock").to_string_lossy(),
            "files": one.pack.rule_files.len(),
            "changed": one.changed,
        })
    };
    pretty(&Value::from(frozen.iter().map(row).collect::<Vec<Value>>()))
}

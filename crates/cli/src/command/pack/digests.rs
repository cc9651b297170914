//! `gongdao pack digests`: tie each provision to the article of the imported official text that it was written for.

use super::{chosen, counted, pretty, tell};
use crate::command::output::Format;
use crate::command::{packs_folder, print};
use gongdao_pack::{ArticleDigest, InstrumentPack, Packs, Problem, digests, with_digests, write_whole};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack digests --texts ../shared/law/texts
  gongdao pack digests --texts ../shared/law/texts --write
  gongdao pack digests --texts ../shared/law/texts cn/pipl --format json

States: fresh, missing (no digest yet), changed (the article is not the one the provision was written for),
no-article (the text has no such article; nothing is written then). Read a changed article before you write.

Exit code: 0 all fresh or written, 1 something is not fresh or refused, 64 wrong arguments.")]
pub(crate) struct Arguments {
    /// Folder of imported official texts
    #[arg(long, value_name = "DIR")]
    texts: PathBuf,
    /// Write the digests into the `provisions.toml` files
    #[arg(long)]
    write: bool,
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
    let compared = if arguments.write { write(&root, &chosen, &arguments.texts) } else { Ok(()) };
    let compared = compared.and_then(|()| compare(&chosen, &arguments.texts));
    match compared {
        Ok(compared) => {
            match arguments.format {
                Format::Human => print(&human(&compared, arguments.write)),
                Format::Json => print(&json(&compared, arguments.write)),
            }
            let fresh = compared.iter().flat_map(|(_, rows)| rows).all(|row| state(row) == "fresh");
            if fresh || arguments.write { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(problems) => tell(&problems, arguments.format),
    }
}

type Compared<'a> = Vec<(&'a InstrumentPack, Vec<ArticleDigest>)>;

fn compare<'a>(packs: &[&'a InstrumentPack], texts: &Path) -> Result<Compared<'a>, Vec<Problem>> {
    let rows = packs.iter().map(|pack| digests(pack, texts).map(|rows| (*pack, rows)));
    rows.collect::<Result<_, _>>().map_err(|problem| vec![*problem])
}

/// All texts are compared before the first file is written.
fn write(root: &Path, packs: &[&InstrumentPack], texts: &Path) -> Result<(), Vec<Problem>> {
    let mut changed = Vec::new();
    for pack in packs {
        let file = pack.folder.join("provisions.toml");
        let path = root.join(&file);
        let before = std::fs::read_to_string(&path).map_err(|error| cannot(&file, "read", &error))?;
        if let Some(text) = with_digests(pack, &before, texts)? {
            changed.push((file, path, text));
        }
    }
    for (file, path, text) in changed {
        write_whole(&path, &text).map_err(|error| cannot(&file, "write", &error))?;
    }
    Ok(())
}

fn cannot(file: &Path, verb: &str, error: &std::io::Error) -> Vec<Problem> {
    let problem = Problem::error(file, None, format!("cannot {verb} the file: {error}"));
    vec![problem.hint("make room or fix its rights, then try again")]
}

fn state(row: &ArticleDigest) -> &'static str {
    match (&row.found, &row.kept) {
        (None, _) => "no-article",
        (Some(_), None) => "missing",
        (Some(found), Some(kept)) if found == kept => "fresh",
        _ => "changed",
    }
}

fn human(compared: &Compared<'_>, written: bool) -> String {
    let mut lines = Vec::new();
    for (pack, rows) in compared {
        let id = &pack.instrument.id;
        if rows.is_empty() {
            lines.push(format!("{id}: no imported text named, nothing to compare"));
            continue;
        }
        let stale: Vec<&ArticleDigest> = rows.iter().filter(|row| state(row) != "fresh").collect();
        if written {
            lines.push(format!("{id}: {}, {} written", counted(rows.len(), "digest"), stale.len()));
            continue;
        }
        for row in &stale {
            lines.push(format!("{}:{}: {} {}", provisions(pack), row.line, row.provision, state(row)));
        }
        lines.push(format!("{id}: {}, {} not fresh", counted(rows.len(), "digest"), stale.len()));
    }
    lines.join("\n")
}

fn provisions(pack: &InstrumentPack) -> String {
    pack.folder.join("provisions.toml").display().to_string()
}

fn json(compared: &Compared<'_>, written: bool) -> String {
    let row = |row: &ArticleDigest| {
        json!({
            "provision": row.provision,
            "article": row.provision.article(),
            "line": row.line,
            "state": state(row),
            "kept": row.kept,
            "found": row.found,
        })
    };
    let pack = |(pack, rows): &(&InstrumentPack, Vec<ArticleDigest>)| {
        json!({
            "instrument": pack.instrument.id,
            "file": provisions(pack),
            "text": pack.instrument.text,
            "digests": rows.iter().map(row).collect::<Vec<Value>>(),
        })
    };
    pretty(&json!({ "written": written, "packs": compared.iter().map(pack).collect::<Vec<Value>>() }))
}

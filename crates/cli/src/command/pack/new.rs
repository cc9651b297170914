//! `gongdao pack new`: begin a pack; what is not given is left for the check to ask for.

use super::tell;
use crate::command::output::Format;
use crate::command::{packs_folder, print};
use gongdao_model::{InstrumentId, LegalDate, ModelError};
use gongdao_pack::{NewPack, start};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao pack new cn/road-safety
  gongdao pack new cn-sz/couriers --title-zh 骑手权益规定 --title-en 'Courier rights' --effective 2026-01-01

The new pack is a draft without provisions. `gongdao pack check` says what is still to be filled in.

Exit code: 0 made, 1 there already or cannot be written, 64 wrong arguments.")]
pub(crate) struct Arguments {
    /// The pack: jurisdiction and slug, lower-case letters, digits and hyphens
    #[arg(value_name = "JURISDICTION/SLUG", value_parser = instrument)]
    pack: InstrumentId,
    /// Chinese title of the instrument
    #[arg(long, value_name = "TEXT")]
    title_zh: Option<String>,
    /// English title of the instrument
    #[arg(long, value_name = "TEXT")]
    title_en: Option<String>,
    /// First day in force
    #[arg(long, value_name = "DATE", value_parser = date)]
    effective: Option<LegalDate>,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

fn instrument(text: &str) -> Result<InstrumentId, String> {
    let wrong = || format!("`{text}` is not a pack; write it like `cn/pipl`: jurisdiction, `/`, slug");
    let (jurisdiction, slug) = text.split_once('/').ok_or_else(wrong)?;
    format!("{jurisdiction}.{slug}").parse().map_err(|_: ModelError| wrong())
}

fn date(text: &str) -> Result<LegalDate, String> {
    text.parse().map_err(|error: ModelError| format!("{error}; {}", error.hint.as_deref().unwrap_or_default()))
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let root = packs_folder(arguments.packs.as_deref());
    let new = NewPack {
        id: arguments.pack.clone(),
        title_zh: arguments.title_zh.clone(),
        title_en: arguments.title_en.clone(),
        effective: arguments.effective,
    };
    match start(&root, &new) {
        Ok(folder) => {
            let path = root.join(&folder);
            match arguments.format {
                Format::Human => print(&format!(
                    "began {}\nnext: fill in instrument.toml and provisions.toml, then `gongdao pack check {}`",
                    path.display(),
                    folder.display()
                )),
                Format::Json => print(&super::pretty(&json!({ "instrument": new.id, "folder": path }))),
            }
            ExitCode::SUCCESS
        }
        Err(problem) => tell(&[*problem], arguments.format),
    }
}

//! `gongdao config check`: whether settings can be used, and where each value comes from.

use crate::command::output::{Format, Output, spoken};
use crate::command::print;
use crate::command::serve::settings::{Flags, in_words};
use gongdao_i18n::Catalogue;
use gongdao_web::settings::{KEYS, Settings, shown};
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Check settings of `gongdao serve`, and show where each value comes from
    Check(Check),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao config check --config gongdao.toml
  GONGDAO_LISTEN=0.0.0.0:80 gongdao config check --format json

Takes the options of `gongdao serve`. Passwords are not shown. Starts nothing.

Exit code: 0 the settings can be used, 64 wrong arguments, 65 a setting cannot be used, 66 the file cannot be read.")]
struct Check {
    #[command(flatten)]
    settings: Flags,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Command::Check(check) = &arguments.command;
    spoken(|catalogue| answer(check, catalogue))
}

fn answer(check: &Check, catalogue: &Catalogue) -> ExitCode {
    let refuse = |faults: Vec<_>| check.output.refuse(catalogue, &faults);
    let (layered, file) = match check.settings.layered() {
        Ok(layered) => layered,
        Err(faults) => return refuse(faults),
    };
    if let Err(faults) = Settings::read(&layered) {
        return refuse(in_words(faults, file.as_deref()));
    }
    let given = KEYS.iter().filter_map(|key| Some((key, layered.given(key)?)));
    if check.output.format == Format::Json {
        let rows = given.map(|(key, given)| {
            json!({ "name": key.name, "variable": key.variable(), "value": shown(&given.value), "origin": given.origin.to_string() })
        });
        let gate = serde_json::to_value(layered.gate()).unwrap_or_default();
        print(
            &serde_json::to_string_pretty(&json!({ "settings": rows.collect::<Vec<_>>(), "gate": gate }))
                .unwrap_or_default(),
        );
    } else {
        for (key, given) in given {
            print(&format!("{:<24} {:<32} {}", key.name, shown(&given.value), given.origin));
        }
    }
    ExitCode::SUCCESS
}

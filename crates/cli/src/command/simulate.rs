//! `gongdao simulate`: a made-up city with decisions whose violations are known.

use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, Format, Output, spoken};
use crate::command::{USAGE, print};
use gongdao_i18n::{Catalogue, Words};
use gongdao_model::LegalDate;
use gongdao_sim::{Made, Settings, SimError, simulate};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const DECISIONS: i64 = 200_000;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao simulate
  gongdao simulate --out city --seed 7 --decisions 2000000
  gongdao simulate --out day --orders 5000 --days 1 --from 2025-06-01 --format json

Equal settings give equal bytes. Everything is written under another name beside DIR and renamed when it is whole.
Written into DIR:
  adapter.toml, sql/       how `gongdao audit` reads the city
  decisions.csv, …         the log, the events of persons and algorithms, the waybills
  truth.csv                which rule each planted decision violates, or leaves undetermined
  truth-measures.toml      what holds of groups

Exit code: 0 made, 64 wrong arguments, 65 DIR holds something already, 70 fault of the program, 73 DIR cannot be written.")]
pub(crate) struct Arguments {
    /// Folder to make; it must not exist, or be empty
    #[arg(long, value_name = "DIR", default_value = "city")]
    out: PathBuf,
    /// Seed of every draw
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// About so many decisions [default: 200000]
    #[arg(long, value_name = "N", conflicts_with = "orders")]
    decisions: Option<i64>,
    /// So many orders instead
    #[arg(long, value_name = "N")]
    orders: Option<i64>,
    /// So many couriers [default: as many as the orders need]
    #[arg(long, value_name = "N")]
    couriers: Option<i64>,
    /// Days of the period
    #[arg(long, value_name = "N", default_value_t = 7)]
    days: i64,
    /// First day
    #[arg(long, value_name = "DATE", default_value = "2025-10-13")]
    from: LegalDate,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| answer_in(arguments, catalogue))
}

fn answer_in(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    let words = catalogue.words(arguments.output.language());
    let settings = Settings {
        seed: arguments.seed,
        orders: arguments.orders.unwrap_or_else(|| Settings::orders_for(arguments.decisions.unwrap_or(DECISIONS))),
        couriers: arguments.couriers,
        days: arguments.days,
        from: arguments.from,
    };
    let said = into_place(&settings, &arguments.out, words).and_then(|made| {
        let said = match arguments.output.format {
            Format::Json => Ok(json(&settings, made, &arguments.out)),
            Format::Human => human(made, &arguments.out, words),
        };
        said.map_err(Fault::from)
    });
    match said {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

/// Make the city beside `out` and rename it into place, so that `out` is whole or not there.
pub(crate) fn into_place(settings: &Settings, out: &Path, words: Words<'_>) -> Result<Made, Fault> {
    settings.check().map_err(|error| fault(None, USAGE, words, "settings", Some(&error.to_string())))?;
    let failed =
        |error: &dyn std::fmt::Display| fault(Some(out), CANNOT_CREATE, words, "write", Some(&error.to_string()));
    let occupied = match std::fs::read_dir(out) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => out.exists(),
    };
    if occupied {
        return Err(fault(Some(out), BAD_DATA, words, "occupied", None));
    }
    let parent = out.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(parent).map_err(|error| failed(&error))?;
    let room =
        tempfile::Builder::new().prefix(".gongdao-simulate-").tempdir_in(parent).map_err(|error| failed(&error))?;
    // The temporary folder is for its owner alone; the city inside it gets the usual rights.
    let city = room.path().join("city");
    std::fs::create_dir(&city).map_err(|error| failed(&error))?;
    let made = simulate(settings, &city).map_err(|error| match &error {
        SimError::Settings(text) => fault(None, USAGE, words, "settings", Some(text)),
        _ => failed(&error),
    })?;
    if out.is_dir() {
        std::fs::remove_dir(out).map_err(|error| failed(&error))?;
    }
    std::fs::rename(&city, out).map_err(|error| failed(&error))?;
    Ok(made)
}

fn fault(file: Option<&Path>, code: u8, words: Words<'_>, key: &str, cause: Option<&str>) -> Fault {
    let values: Vec<(&str, &str)> = cause.map(|cause| ("cause", cause)).into_iter().collect();
    let message = words.say(&format!("simulate.fault.{key}"), &values);
    let hint = words.say(&format!("simulate.advice.{key}"), &[]);
    match (message, hint) {
        (Ok(message), Ok(hint)) => {
            let file = file.map(|file| file.display().to_string());
            Fault { file, ..Fault::new(code, message, Some(hint)) }
        }
        (Err(error), _) | (_, Err(error)) => error.into(),
    }
}

/// The command that audits the city.
fn next_command(out: &Path) -> String {
    let adapter = out.join("adapter.toml").display().to_string();
    let plain = adapter.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    let adapter = if plain { adapter } else { format!("'{}'", adapter.replace('\'', r"'\''")) };
    format!("gongdao audit {adapter}")
}

fn human(made: Made, out: &Path, words: Words<'_>) -> Result<String, gongdao_i18n::I18nError> {
    let values = [
        ("folder", out.display().to_string()),
        ("decisions", made.decisions.to_string()),
        ("orders", made.orders.to_string()),
        ("couriers", made.couriers.to_string()),
        ("consumers", made.consumers.to_string()),
        ("planted", made.planted.to_string()),
        ("truths", made.truths.to_string()),
        ("command", next_command(out)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let of = |names: &[&str]| values.iter().copied().filter(|(name, _)| names.contains(name)).collect::<Vec<_>>();
    let lines = [
        words.say("simulate.made", &of(&["folder"]))?,
        words.say("simulate.size", &of(&["decisions", "orders", "couriers", "consumers"]))?,
        words.say("simulate.planted", &of(&["planted", "truths"]))?,
        words.say("simulate.made_up", &[])?,
        words.say("simulate.next", &of(&["command"]))?,
    ];
    Ok(lines.join("\n"))
}

#[derive(Serialize)]
struct Machine<'a> {
    folder: String,
    adapter: String,
    seed: u64,
    days: i64,
    from: LegalDate,
    orders: i64,
    decisions: i64,
    couriers: i64,
    consumers: i64,
    late: i64,
    planted: i64,
    truths: i64,
    next: &'a str,
}

fn json(settings: &Settings, made: Made, out: &Path) -> String {
    let machine = Machine {
        folder: out.display().to_string(),
        adapter: out.join("adapter.toml").display().to_string(),
        seed: settings.seed,
        days: settings.days,
        from: settings.from,
        orders: made.orders,
        decisions: made.decisions,
        couriers: made.couriers,
        consumers: made.consumers,
        late: made.late,
        planted: made.planted,
        truths: made.truths,
        next: &next_command(out),
    };
    serde_json::to_string_pretty(&machine).unwrap_or_default()
}

//! `gongdao demo`: a simulated city, audited, with its report. Everything in it is made up.

use crate::command::audit::{STOPPED, Work, command_line, faults};
use crate::command::output::{CANNOT_CREATE, Fault, Format, INTERNAL, Output, spoken};
use crate::command::{packs_folder, print, simulate};
use gongdao_audit::Adapter;
use gongdao_audit::engine::EngineKind;
use gongdao_i18n::{Catalogue, Words};
use gongdao_pack::Drafts;
use gongdao_sim::{Made, Settings};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Decisions of the demo's city: enough for every planted case and for the group comparison.
const DECISIONS: i64 = 60_000;
/// First day of the demo's week, after all the packs' instruments came into force.
const FROM: &str = "2025-10-13";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao demo
  gongdao demo --out my-city --lang en

Writes the city into OUT/city and the results into OUT/audit; open OUT/audit/report.html.

Exit code: 0 the demo ran (the city holds planted violations, so it finds some), 64 and above something failed.")]
pub(crate) struct Arguments {
    /// Folder for the city and the results
    #[arg(long, value_name = "DIR", default_value = "gongdao-demo")]
    out: PathBuf,
    /// Seed of the city: equal seeds give equal bytes
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// About so many decisions
    #[arg(long, default_value_t = DECISIONS, value_name = "N", value_parser = clap::value_parser!(i64).range(2_000..=10_000_000))]
    decisions: i64,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| answer_in(arguments, catalogue))
}

fn answer_in(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match demo(arguments, catalogue) {
        // What the city's planted violations give as an exit code is no failure of the demo.
        Ok(STOPPED) => ExitCode::from(STOPPED),
        Ok(_) => ExitCode::SUCCESS,
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    }
}

fn demo(arguments: &Arguments, catalogue: &Catalogue) -> Result<u8, Vec<Fault>> {
    let output = &arguments.output;
    let words = catalogue.words(output.language());
    let say = |key: &str, values: &[(&str, &str)]| words.say(key, values).map_err(|error| vec![error.into()]);
    if output.format == Format::Human {
        print(&say("audit.demo", &[])?);
    }
    let city = arguments.out.join("city");
    let made = make_city(arguments, &city, words).map_err(|fault| vec![fault])?;
    if output.format == Format::Human {
        let values = [
            ("decisions", made.decisions.to_string()),
            ("orders", made.orders.to_string()),
            ("planted", made.planted.to_string()),
            ("folder", city.display().to_string()),
        ];
        let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
        print(&say("audit.made", &values)?);
    }
    let adapter = Adapter::read(&city.join("adapter.toml")).map_err(|problems| faults(&problems, INTERNAL))?;
    let work = Work {
        packs: &packs_folder(arguments.packs.as_deref()),
        data: &adapter.data,
        ledger: None,
        out: &arguments.out.join("audit"),
        engine: EngineKind::default(),
        strict: true,
        drafts: Drafts::Off,
        fresh: false,
        threads: None,
        quiet: false,
        command: &command_line(),
    };
    work.audit(Some(&adapter), catalogue, output)
}

/// The city; an earlier demo's city is replaced, anything else is not.
fn make_city(arguments: &Arguments, city: &Path, words: Words<'_>) -> Result<Made, Fault> {
    let beside = ["audit", "audit.partial"].map(|name| arguments.out.join(name));
    let is_demo = beside.iter().any(|folder| folder.is_dir());
    if is_demo && city.join("adapter.toml").is_file() && city.join("truth.csv").is_file() {
        std::fs::remove_dir_all(city).map_err(|error| {
            let hint = Some("check the rights, or name another folder with `--out`".to_owned());
            let file = Some(city.display().to_string());
            Fault { file, ..Fault::new(CANNOT_CREATE, format!("cannot replace the earlier city: {error}"), hint) }
        })?;
    }
    let from = FROM.parse().map_err(|_| Fault::new(INTERNAL, "the demo's first day is no date", None))?;
    let orders = Settings::orders_for(arguments.decisions);
    let settings = Settings { seed: arguments.seed, orders, couriers: None, days: 7, from };
    simulate::into_place(&settings, city, words)
}

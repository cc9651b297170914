//! `gongdao sandbox`: trials of a version in a sandbox. Read in a service or in its data folder; applied for, answered, begun,
//! stopped, reported on and closed in a service that runs, which alone writes its database and its ledger.

mod say;

use super::output::{BAD_DATA, Fault, Output, spoken};
use super::register::source::{Asked, Where, encoded, unread};
use super::register::{Answer, absent, tell, told};
use clap::{Args, Subcommand};
use gongdao_i18n::{Catalogue, Words};
use gongdao_model::ProvisionId;
use gongdao_register::TrialPlan;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox list --url http://127.0.0.1:8380
  gongdao sandbox apply plan.json --url http://127.0.0.1:8380 --token-file officer
  gongdao sandbox grant sandbox-7c1d --text 'report every week' --url http://127.0.0.1:8380 --token-file regulator
  gongdao sandbox begin sandbox-7c1d --url http://127.0.0.1:8380 --token-file officer
  gongdao sandbox close sandbox-7c1d --text 'six minutes more are enough' --url http://127.0.0.1:8380 --token-file officer

Reading needs no account. The provider's officer applies, begins, reports and closes; the regulator grants and refuses; either
stops. A trial lifts no rule and no right of a person. Exit code: 0 done, 64 wrong arguments, 65 refused, 66 nothing can be read
there.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the trials
    List(List),
    /// Show a trial: plan, answer, reports, what came of it
    Show(Show),
    /// Apply for a trial of a version, as the provider's officer
    Apply(Apply),
    /// Grant an application, as the regulator
    Grant(Grant),
    /// Refuse an application, as the regulator
    Refuse(Refuse),
    /// Begin a trial that was granted
    Begin(Begin),
    /// Stop a trial before its time; before an answer, take the application back
    Stop(Stop),
    /// Report on a trial that runs, or ran
    Report(Report),
    /// Write the last report of a trial that ended; the service adds what really ran
    Close(Close),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox list --url http://127.0.0.1:8380
  gongdao sandbox list --data gongdao-data --format json")]
struct List {
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox show sandbox-7c1d --url http://127.0.0.1:8380
  gongdao sandbox show sandbox-7c1d --data gongdao-data --lang en

What came of a trial that is not closed is counted by a service that runs: a data folder alone does not tell it.")]
struct Show {
    /// Its name
    id: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    output: Output,
}

/// A plan as `gongdao sandbox apply --help` shows it.
const PLAN: &str = r#"{
  "version": "dispatch-v9", "place": "440300", "from": "2026-12-01", "until": "2027-01-01", "persons": 50,
  "ground": "cn.shenzhen-ai/44",
  "purpose": "what is tried, and what is to be learnt",
  "safeguards": "what keeps harm away, and who pays for it",
  "informed": "who is told, and how",
  "leaving": "how a person leaves",
  "stops": [{"measure": "violated", "percent": 10, "after": 100}],
  "report_days": 20
}"#;

#[derive(Debug, Args)]
#[command(after_help = format!("Examples:
  gongdao sandbox apply plan.json --url http://127.0.0.1:8380 --token-file officer
  gongdao sandbox apply plan.json --url http://127.0.0.1:8380 --token-file officer --format json

A plan:

{PLAN}

`until` is the first day after the trial. Without `ground` it is a trial that is watched. `measure` is `violated`, `contested` or
`changed`. A plan cannot be changed later. From the application on the version decides within its trial alone."))]
struct Apply {
    /// The plan: a file of JSON
    plan: PathBuf,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    output: Output,
}

/// The trial, the service, and how to tell what came of it.
#[derive(Debug, Args)]
struct On {
    /// The trial
    id: String,
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox grant sandbox-7c1d --text 'report every week' --url http://127.0.0.1:8380 --token-file regulator
  gongdao sandbox grant sandbox-7c1d --text 'report every week' --document '2026-7' --url … --token-file regulator")]
struct Grant {
    #[command(flatten)]
    on: On,
    /// Under which conditions
    #[arg(long)]
    text: String,
    /// The number of the authority's document
    #[arg(long)]
    document: Option<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox refuse sandbox-7c1d --text 'minors are not kept apart' --url http://127.0.0.1:8380 --token-file regulator
  gongdao sandbox refuse sandbox-7c1d --text 'minors are not kept apart' --provision cn.iisarmp/18 --url … --token-file regulator")]
struct Refuse {
    #[command(flatten)]
    on: On,
    /// Why
    #[arg(long)]
    text: String,
    /// The provision that stands against it
    #[arg(long)]
    provision: Option<ProvisionId>,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox begin sandbox-7c1d --url http://127.0.0.1:8380 --token-file officer")]
struct Begin {
    #[command(flatten)]
    on: On,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox stop sandbox-7c1d --text 'somebody was hurt' --url http://127.0.0.1:8380 --token-file officer")]
struct Stop {
    #[command(flatten)]
    on: On,
    /// Why
    #[arg(long)]
    text: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox report sandbox-7c1d --text 'first week: no complaint' --url http://127.0.0.1:8380 --token-file officer")]
struct Report {
    #[command(flatten)]
    on: On,
    /// What there is to report
    #[arg(long)]
    text: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao sandbox close sandbox-7c1d --text 'six minutes more are enough' --url http://127.0.0.1:8380 --token-file officer")]
struct Close {
    #[command(flatten)]
    on: On,
    /// What was learnt, and what becomes of those who took part
    #[arg(long)]
    text: String,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| {
        let (output, answer) = answer(&arguments.command, catalogue);
        tell(output, answer, catalogue)
    })
}

fn answer<'a>(command: &'a Command, catalogue: &Catalogue) -> (&'a Output, Result<Answer, Vec<Fault>>) {
    let (on, turn) = match command {
        Command::List(list) => return (&list.output, self::list(list, catalogue)),
        Command::Show(show) => return (&show.output, self::show(show, catalogue)),
        Command::Apply(apply) => return (&apply.output, self::apply(apply, catalogue)),
        Command::Grant(Grant { on, text, document }) => {
            (on, json!({ "what": "granted", "text": text, "document": document }))
        }
        Command::Refuse(Refuse { on, text, provision }) => {
            (on, json!({ "what": "refused", "text": text, "provision": provision }))
        }
        Command::Begin(Begin { on }) => (on, json!({ "what": "began" })),
        Command::Stop(Stop { on, text }) => (on, json!({ "what": "stopped", "text": text })),
        Command::Report(Report { on, text }) => (on, json!({ "what": "reported", "text": text })),
        Command::Close(Close { on, text }) => (on, json!({ "what": "closed", "text": text })),
    };
    (&on.output, act(on, &turn, catalogue))
}

fn list(list: &List, catalogue: &Catalogue) -> Result<Answer, Vec<Fault>> {
    let trials = Value::Array(list.place.open()?.trials()?);
    told(&list.output, catalogue, &trials, say::trials)
}

fn show(show: &Show, catalogue: &Catalogue) -> Result<Answer, Vec<Fault>> {
    let found = show.place.open()?.trial(&show.id)?;
    let words = catalogue.words(show.output.language());
    let found = found.ok_or_else(|| absent(&show.id, "sandbox.advice.unknown", words))?;
    told(&show.output, catalogue, &found, say::trial)
}

fn apply(apply: &Apply, catalogue: &Catalogue) -> Result<Answer, Vec<Fault>> {
    let plan = read(&apply.plan, catalogue.words(apply.output.language()))?;
    let applied = apply.asked.open()?.tell("/v1/sandboxes", &plan)?;
    told(&apply.output, catalogue, &applied, say::trial)
}

fn act(on: &On, turn: &Value, catalogue: &Catalogue) -> Result<Answer, Vec<Fault>> {
    let changed = on.asked.open()?.tell(&format!("/v1/sandboxes/{}/events", encoded(&on.id)), turn)?;
    told(&on.output, catalogue, &changed, say::trial)
}

/// A plan whose shape was checked here, where its file can be named. Whether it can be, the service says.
fn read(file: &Path, words: Words<'_>) -> Result<Value, Vec<Fault>> {
    let bytes = std::fs::read(file).map_err(|error| unread(file, &error))?;
    let wrong = |error: &serde_json::Error| {
        let hint = words.say("sandbox.advice.plan", &[]).map_err(|error| vec![Fault::from(error)])?;
        let message = error.to_string();
        // Line and column stand before it.
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        let fault = Fault::new(BAD_DATA, message, Some(hint));
        let (file, line, column) = (Some(file.display().to_string()), Some(error.line()), Some(error.column()));
        Err(vec![Fault { file, line, column, ..fault }])
    };
    match serde_json::from_slice::<TrialPlan>(&bytes).and_then(|plan| serde_json::to_value(&plan)) {
        Ok(plan) => Ok(plan),
        Err(error) => wrong(&error),
    }
}

#[cfg(test)]
mod tests {
    use super::PLAN;
    use gongdao_register::TrialPlan;

    #[test]
    fn the_plan_in_the_help_is_one() {
        serde_json::from_str::<TrialPlan>(PLAN).unwrap();
    }
}

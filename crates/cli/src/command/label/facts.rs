//! `gongdao label facts`: what a file's labels say, in the words of the rules.

use super::decide::{Declared, Detected};
use super::issued::issued;
use super::{fault, programs, reading, shown, text_of};
use crate::command::output::{BAD_DATA, Fault, Output};
use crate::command::print;
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::duty::{Made, Observed, Spread, fingerprint, made_facts, signs, spread_facts};
use gongdao_label::visible::look;
use gongdao_model::{DecisionRecord, FactPath, FactValue, Facts};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label facts picture.png --record made.json | gongdao check -
  gongdao label facts upload.png --record shown.json --published published.png --platform 001191110102MACQD9K64020000 \\
    --declared yes --detected nothing | gongdao check -

The record says who did what and when (docs/formats/decision.md); its action is generate, disseminate or publish. What the file
shows is added to its context; what nobody can see there stays unknown, and a rule that needs it cannot be judged. A fact that
the record states otherwise is refused.

Exit code: 0 done, 64 wrong arguments, 65 the file or the record is not what it should be, 66 it cannot be read.")]
pub(super) struct Arguments {
    /// The file: as it was made, or as it was uploaded
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The decision record
    #[arg(long, value_name = "DECISION.json")]
    record: PathBuf,
    /// The words of a badge
    #[arg(long, value_name = "TEXT", default_value = "AI生成")]
    words: String,
    /// The file as the platform published it
    #[arg(long, value_name = "FILE", requires = "platform")]
    published: Option<PathBuf>,
    /// Name or code of the platform, as it writes it into labels
    #[arg(long, value_name = "CODE", requires = "published")]
    platform: Option<String>,
    /// What its publisher said
    #[arg(long, value_enum, default_value = "silent", value_name = "WHAT")]
    declared: Declared,
    /// What your detection found
    #[arg(long, value_enum, default_value = "not-done", value_name = "WHAT")]
    detected: Detected,
    /// A ledger of issued labels to compare with
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match record(arguments, catalogue.words(arguments.output.language())) {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    }
}

fn record(arguments: &Arguments, words: Words<'_>) -> Result<String, Vec<Fault>> {
    let at = |fault: Fault| Fault { file: Some(shown(&arguments.record)), ..fault };
    let mut record: DecisionRecord = serde_json::from_str(&text_of(&arguments.record)?).map_err(|error| {
        let hint = "compare it with docs/formats/decision.md".to_owned();
        vec![at(Fault::new(BAD_DATA, error.to_string(), Some(hint)))]
    })?;
    let facts = match record.action.as_str() {
        "generate" => made(arguments)?,
        "disseminate" | "publish" => spread(arguments)?,
        other => {
            let message = words.say("label.facts.action", &[("action", other)]).map_err(Fault::from)?;
            let hint = words.say("label.facts.action_hint", &[]).map_err(Fault::from)?;
            return Err(vec![at(Fault::new(BAD_DATA, message, Some(hint)))]);
        }
    };
    for (path, value) in facts.iter() {
        let stated = record.facts.insert(path.clone(), value.clone());
        if let Some(stated) = stated.filter(|stated| stated != value) {
            return Err(vec![at(contradiction(path, &stated, value, words)?)]);
        }
    }
    Ok(serde_json::to_string_pretty(&record).unwrap_or_default())
}

fn contradiction(path: &FactPath, stated: &FactValue, seen: &FactValue, words: Words<'_>) -> Result<Fault, Fault> {
    let json = |value: &FactValue| serde_json::to_string(value).unwrap_or_default();
    let (fact, theirs, ours) = (path.to_string(), json(stated), json(seen));
    let values = [("fact", fact.as_str()), ("theirs", theirs.as_str()), ("ours", ours.as_str())];
    let hint = words.say("label.facts.stated_hint", &[])?;
    Ok(Fault::new(BAD_DATA, words.say("label.facts.stated", &values)?, Some(hint)))
}

fn made(arguments: &Arguments) -> Result<Facts, Fault> {
    let refuse = |error| fault(&arguments.file, error);
    let reading = reading(&arguments.file)?;
    let perceived = look(&arguments.file, &arguments.words, programs()).map_err(refuse)?;
    made_facts(&Made { reading: &reading, perceived: Some(&perceived) }).map_err(refuse)
}

fn spread(arguments: &Arguments) -> Result<Facts, Vec<Fault>> {
    let refuse = |error| fault(&arguments.file, error);
    let upload = reading(&arguments.file)?;
    let published = arguments.published.as_deref().map(reading).transpose()?;
    let signs = match &arguments.ledger {
        None => None,
        Some(ledger) => {
            let print = fingerprint(&arguments.file).map_err(refuse)?;
            let observed = Observed {
                reading: &upload,
                file_digest: print.file_digest,
                perceptual_hash: print.perceptual_hash,
                binding_fits: None,
            };
            Some(signs(&observed, &issued(ledger)?))
        }
    };
    let spread = Spread {
        upload: Some(&upload),
        published: published.as_ref().zip(arguments.platform.as_deref()),
        declaration: arguments.declared.into(),
        detection: arguments.detected.into(),
        signs: signs.as_ref(),
    };
    Ok(spread_facts(&spread).map_err(refuse)?)
}

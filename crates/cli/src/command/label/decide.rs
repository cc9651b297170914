//! `gongdao label decide`: the dissemination duty of article 6.

use super::{fault, reading};
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use gongdao_i18n::Catalogue;
use gongdao_label::duty::{self, Decision, Evidence, Propagation, Status, decide, notice};
use gongdao_label::report::decision_text;
use gongdao_label::{Label, LabelCode, Reading};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label decide upload.png --declared silent --detected nothing
  gongdao label decide upload.mp4 --declared yes --detected not-done --format json
  gongdao label decide upload.png --declared no --detected traces --propagator 001191110102MACQD9K64020000 --propagate-id 42

Says what the public must be told (confirmed, possible, suspected, none), by which provision, in which words, and which
label the platform writes back. --detected says what your own detection found: this program does not detect generation.

Exit code: 0 decided, 2 cannot tell, 64 wrong arguments, 65 no place for a label is known in such a file, or it is broken,
66 it cannot be read.")]
pub(super) struct Arguments {
    /// The file that is to be published
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What its publisher said
    #[arg(long, value_enum, default_value = "silent", value_name = "WHAT")]
    declared: Declared,
    /// What your detection found
    #[arg(long, value_enum, default_value = "not-done", value_name = "WHAT")]
    detected: Detected,
    /// Name or code of the platform, for the label to write back
    #[arg(long, value_name = "CODE", requires = "propagate_id")]
    propagator: Option<String>,
    /// The platform's number of the content
    #[arg(long, value_name = "ID", requires = "propagator")]
    propagate_id: Option<String>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Declared {
    /// It is generated
    Yes,
    /// It is not
    No,
    /// Nothing
    Silent,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub(super) enum Detected {
    /// A visible label
    VisibleLabel,
    /// Other traces of generation
    Traces,
    /// Nothing
    Nothing,
    /// Nobody looked
    NotDone,
}

impl From<Declared> for duty::Declaration {
    fn from(declared: Declared) -> Self {
        match declared {
            Declared::Yes => Self::Generated,
            Declared::No => Self::NotGenerated,
            Declared::Silent => Self::Silent,
        }
    }
}

impl From<Detected> for duty::Detection {
    fn from(detected: Detected) -> Self {
        match detected {
            Detected::VisibleLabel => Self::VisibleLabel,
            Detected::Traces => Self::Traces,
            Detected::Nothing => Self::Nothing,
            Detected::NotDone => Self::NotDone,
        }
    }
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match answer(arguments, catalogue) {
        Ok((text, status)) => {
            print(&text);
            ExitCode::from(if status == Status::CannotTell { 2 } else { 0 })
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

fn answer(arguments: &Arguments, catalogue: &Catalogue) -> Result<(String, Status), Fault> {
    let reading = reading(&arguments.file)?;
    let evidence = Evidence {
        metadata: Some(&reading),
        declaration: arguments.declared.into(),
        detection: arguments.detected.into(),
    };
    let decision = decide(&evidence);
    let label = write_back(arguments, &decision, &reading)?;
    let words = catalogue.words(arguments.output.language());
    let refuse = |error| fault(&arguments.file, error);
    let text = match arguments.output.format {
        Format::Human => {
            let mut text = decision_text(&decision, words).map_err(refuse)?;
            if let Some(label) = &label {
                text.push('\n');
                text.push_str(&label.to_json());
            }
            text
        }
        Format::Json => {
            let value = json!({
                "status": decision.status.code(),
                "reasons": decision.reasons.iter().map(|reason| reason.code()).collect::<Vec<_>>(),
                "provisions": decision.provisions,
                "notice": notice(decision.status, words).map_err(refuse)?,
                "labelCode": decision.write_back.map(LabelCode::as_str),
                "label": label.as_ref().map(Label::to_json),
            });
            serde_json::to_string_pretty(&value).unwrap_or_default()
        }
    };
    Ok((text, decision.status))
}

fn write_back(arguments: &Arguments, decision: &Decision, reading: &Reading) -> Result<Option<Label>, Fault> {
    let (Some(code), Some(propagator), Some(propagate_id)) =
        (decision.write_back, &arguments.propagator, &arguments.propagate_id)
    else {
        return Ok(None);
    };
    let own = Propagation { propagator: propagator.clone(), propagate_id: propagate_id.clone() };
    own.label(code, reading.label()).map(Some).map_err(|error| fault(&arguments.file, error))
}

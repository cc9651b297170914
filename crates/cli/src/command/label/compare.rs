//! `gongdao label compare`: a file beside the labels that were issued.

use super::issued::issued;
use super::{Anchors, fault, reading};
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use gongdao_i18n::{Catalogue, Words};
use gongdao_label::credentials::{Examined, Validity};
use gongdao_label::duty::{Observed, Sign, fingerprint, signs};
use serde_json::json;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label compare met.png --ledger issued
  gongdao label compare met.png --ledger issued --format json

Says what the state of a label shows beside the record that `gongdao label write --ledger` keeps: changed, gone from a picture
that looks like one that was issued, taken from other content, an empty place, a broken binding, labels that disagree. It
accuses nobody: platforms encode again, and a label that is simply not there shows nothing.

Exit code: 0 nothing that a person should look at, 1 something, 64 wrong arguments, 65 the file or the ledger is not what it
should be, 66 it cannot be read.")]
pub(super) struct Arguments {
    /// The file that was met
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The ledger's folder
    #[arg(long, value_name = "DIR")]
    ledger: PathBuf,
    #[command(flatten)]
    anchors: Anchors,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match compared(arguments, catalogue.words(arguments.output.language())) {
        Ok((text, code)) => {
            print(&text);
            ExitCode::from(code)
        }
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    }
}

fn compared(arguments: &Arguments, words: Words<'_>) -> Result<(String, u8), Vec<Fault>> {
    let file = &arguments.file;
    let reading = reading(file)?;
    let record = issued(&arguments.ledger)?;
    let print = fingerprint(file).map_err(|error| fault(file, error))?;
    let binding_fits = match arguments.anchors.examine(file, &reading)? {
        Examined::Found(found) => Some(found.validity != Validity::Invalid && found.disagreements.is_empty()),
        Examined::Absent | Examined::NotVerified => None,
    };
    let observed = Observed {
        reading: &reading,
        file_digest: print.file_digest,
        perceptual_hash: print.perceptual_hash,
        binding_fits,
    };
    let found = signs(&observed, &record);
    let code = u8::from(found.iter().any(|sign| sign.wants_a_look()));
    let text = match arguments.output.format {
        Format::Human => human(&found, record.len(), words)?,
        Format::Json => {
            let signs: Vec<_> =
                found.iter().map(|sign| json!({ "sign": sign.code(), "wantsALook": sign.wants_a_look() })).collect();
            serde_json::to_string_pretty(&json!({ "issued": record.len(), "signs": signs })).unwrap_or_default()
        }
    };
    Ok((text, code))
}

fn human(found: &BTreeSet<Sign>, count: usize, words: Words<'_>) -> Result<String, Fault> {
    let mut lines = vec![words.say("label.logged.compared", &[("count", &count.to_string())])?];
    for sign in found {
        let what = words.say(&format!("label.sign.{}", sign.code()), &[])?;
        let key = if sign.wants_a_look() { "label.logged.look" } else { "label.logged.fine" };
        lines.push(words.say(key, &[("what", &what)])?);
    }
    if found.is_empty() {
        lines.push(words.say("label.logged.nothing", &[])?);
    }
    Ok(lines.join("\n"))
}

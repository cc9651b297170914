//! What each subcommand answers: JSON of the register, or the same in words.

use super::source::{Where, unread};
use super::{Command, Diff, Export, Import, List, Show, say};
use crate::command::output::{BAD_DATA, Fault, Format, INTERNAL, Output};
use gongdao_i18n::{Catalogue, Words};
use serde_json::Value;
use std::process::ExitCode;

type Faults = Vec<Fault>;
/// The text and the exit code.
pub(crate) type Answer = (String, ExitCode);

/// The answer, or the faults, and how they are to be told.
pub(super) fn of(command: &Command, catalogue: &Catalogue) -> (Output, Result<Answer, Faults>) {
    match command {
        Command::List(list) => (list.output.clone(), self::list(list, catalogue)),
        Command::Show(show) => (show.output.clone(), self::show(show, catalogue)),
        Command::Diff(diff) => (diff.output.clone(), self::diff(diff, catalogue)),
        Command::Import(import) => (import.output.clone(), self::import(import, catalogue)),
        Command::Export(export) => (Output::plain(), self::export(export, catalogue)),
    }
}

fn list(list: &List, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let algorithms = Value::Array(list.place.open()?.algorithms()?);
    told(&list.output, catalogue, &algorithms, say::algorithms)
}

fn show(show: &Show, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let source = show.place.open()?;
    if let Some(algorithm) = source.algorithm(&show.id)? {
        return told(&show.output, catalogue, &algorithm, say::algorithm);
    }
    let version = source.version(&show.id)?;
    let version = version.ok_or_else(|| nothing(&show.id, catalogue.words(show.output.language())))?;
    told(&show.output, catalogue, &version, say::version)
}

fn diff(diff: &Diff, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let found = diff.place.open()?.difference(&diff.old, &diff.new)?;
    let both = format!("{}, {}", diff.old, diff.new);
    let found = found.ok_or_else(|| nothing(&both, catalogue.words(diff.output.language())))?;
    told(&diff.output, catalogue, &found, say::difference)
}

fn import(import: &Import, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let table = std::fs::read(&import.file).map_err(|error| unread(&import.file, &error))?;
    let report = import.asked.open()?.send("/v1/filings-of-record", &table)?;
    let refused = report.get("refused").and_then(Value::as_u64);
    let code = if refused == Some(0) { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    let (text, _) = told(&import.output, catalogue, &report, say::import)?;
    Ok((text, code))
}

fn export(export: &Export, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let found = export.place.open()?.export(&export.id, export.shape.into())?;
    let text = found.ok_or_else(|| nothing(&export.id, catalogue.words(Output::plain().language())))?;
    Ok((text, ExitCode::SUCCESS))
}

/// A consultation, for the command of that name.
pub(crate) fn consultation(id: &str, place: &Where, output: &Output, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let found = place.open()?.consultation(id)?;
    let found = found.ok_or_else(|| nothing(id, catalogue.words(output.language())))?;
    told(output, catalogue, &found, say::consultation_lines)
}

/// A value for programs or in words.
pub(crate) fn told(
    output: &Output,
    catalogue: &Catalogue,
    value: &Value,
    human: impl FnOnce(&Value, Words<'_>) -> Result<Vec<String>, gongdao_i18n::I18nError>,
) -> Result<Answer, Faults> {
    let text = match output.format {
        Format::Json => {
            serde_json::to_string_pretty(value).map_err(|error| vec![Fault::new(INTERNAL, error.to_string(), None)])?
        }
        Format::Human => {
            human(value, catalogue.words(output.language())).map_err(|error| vec![Fault::from(error)])?.join("\n")
        }
    };
    Ok((text, ExitCode::SUCCESS))
}

/// That the register has nothing of a name.
pub(crate) fn nothing(id: &str, words: Words<'_>) -> Faults {
    absent(id, "register.advice.unknown", words)
}

/// The same; `advice` is the text that says where to look.
pub(crate) fn absent(id: &str, advice: &str, words: Words<'_>) -> Faults {
    let said = |key: &str, values: &[(&str, &str)]| words.say(key, values).map_err(Fault::from);
    let fault = said("register.fault.unknown", &[("id", id)])
        .and_then(|message| Ok(Fault::new(BAD_DATA, message, Some(said(advice, &[])?))));
    vec![fault.unwrap_or_else(|fault| fault)]
}

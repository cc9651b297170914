//! One file a command, and what they share: exit codes, output and where the packs are.

pub(crate) mod assess;
pub(crate) mod audit;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod clock;
pub(crate) mod config;
pub(crate) mod consultation;
pub(crate) mod datamap;
pub(crate) mod demo;
pub(crate) mod duty;
pub(crate) mod label;
pub(crate) mod law;
pub(crate) mod ledger;
pub(crate) mod output;
pub(crate) mod pack;
pub(crate) mod register;
pub(crate) mod sandbox;
pub(crate) mod serve;
pub(crate) mod simulate;
pub(crate) mod verify;
pub(crate) mod witness;

use crate::command::output::{BAD_DATA, Fault, Kind, NO_INPUT, language_of_arguments, print_error};
use gongdao_i18n::{Catalogue, Language, Words};
use gongdao_merkle::Note;
use gongdao_model::ModelError;
use gongdao_pack::{Drafts, Packs, Problem};
use gongdao_rules::RuleSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Something is wrong with the arguments or the input.
pub(crate) const USAGE: u8 = 64;

/// Print an argument error or the help that was asked for.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    say_usage(error);
    // A closed pipe is the reader's choice.
    let _ = error.print();
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<ModelError>());
    if let Some(hint) = source.and_then(|source| source.hint.as_ref()) {
        print_error(&format!("  hint: {hint}"));
    }
    if error.use_stderr() { ExitCode::from(USAGE) } else { ExitCode::SUCCESS }
}

/// A line in Chinese before what is in English, for whoever reads that.
fn say_usage(error: &clap::Error) {
    use clap::error::ErrorKind::{
        ArgumentConflict, DisplayHelpOnMissingArgumentOrSubcommand, InvalidSubcommand, InvalidValue,
        MissingRequiredArgument, MissingSubcommand, UnknownArgument, ValueValidation,
    };
    let is_help = error.kind() == DisplayHelpOnMissingArgumentOrSubcommand;
    let arguments = std::env::args_os().map(|argument| argument.to_string_lossy().into_owned());
    if !error.use_stderr() || is_help || language_of_arguments(arguments) != Language::Zh {
        return;
    }
    let word = match error.kind() {
        UnknownArgument => "unknown",
        InvalidSubcommand | MissingSubcommand => "command",
        InvalidValue | ValueValidation => "value",
        MissingRequiredArgument => "missing",
        ArgumentConflict => "together",
        _ => "other",
    };
    let said = Catalogue::embedded()
        .and_then(|catalogue| catalogue.words(Language::Zh).say(&format!("cli.usage.{word}"), &[]));
    if let Ok(said) = said {
        print_error(&said);
    }
}

/// Write to standard output; a closed pipe is the reader's choice.
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// The packs folder: the argument, else `GONGDAO_PACKS`, else `packs` beside the current folder.
pub(crate) fn packs_folder(given: Option<&Path>) -> PathBuf {
    match (given, std::env::var_os("GONGDAO_PACKS")) {
        (Some(folder), _) => folder.to_owned(),
        (None, Some(folder)) => PathBuf::from(folder),
        (None, None) => PathBuf::from("packs"),
    }
}

/// The packs folder must be there before anything is read of it.
pub(crate) fn is_there(folder: &Path, words: Words<'_>) -> Result<(), Vec<Fault>> {
    if folder.is_dir() {
        return Ok(());
    }
    let name = folder.display().to_string();
    let message = words.say("check.fault.packs", &[("folder", &name)]).map_err(|error| vec![error.into()])?;
    let hint = words.say("check.advice.packs", &[]).map_err(|error| vec![error.into()])?;
    Err(vec![Fault::new(NO_INPUT, message, Some(hint))])
}

/// Problems of packs as faults of the input, each with its place.
pub(crate) fn faults_of(folder: &Path, problems: impl IntoIterator<Item = Problem>) -> Vec<Fault> {
    let fault = |problem: Problem| Fault {
        file: Some(folder.join(&problem.file).display().to_string()),
        line: problem.line,
        kind: Kind::Packs,
        ..Fault::new(BAD_DATA, problem.message, problem.hint)
    };
    problems.into_iter().map(fault).collect()
}

/// Packs and rules, or all faults in words.
pub(crate) fn load_in_words(folder: &Path, drafts: Drafts, words: Words<'_>) -> Result<(Packs, RuleSet), Vec<Fault>> {
    is_there(folder, words)?;
    load(folder, drafts).map_err(|problems| faults_of(folder, problems))
}

/// Whether drafts count, as a switch of the command line.
pub(crate) fn drafts(included: bool) -> Drafts {
    if included { Drafts::Included } else { Drafts::Off }
}

/// Whether a signed note (C2SP signed-note) has a valid signature of a verifier key.
pub(crate) fn is_signed_by(note: &str, key: &str) -> bool {
    let (Ok(note), Ok(key)) = (Note::parse(note.as_bytes()), key.parse()) else { return false };
    note.verify(&[key]).is_ok()
}

/// Read packs and rules, or all problems.
pub(crate) fn load(folder: &Path, drafts: Drafts) -> Result<(Packs, RuleSet), Vec<Problem>> {
    // An agreement without both signatures is a draft; `pack check` says what is wrong with it.
    let (packs, _) = Packs::read(folder)?.with_signed_agreements(&is_signed_by);
    let packs = packs.with_drafts(drafts);
    let rules = RuleSet::load(&packs)?;
    Ok((packs, rules))
}

//! A decision record from a file or standard input, or every fault in it with its place.

use crate::command::output::{BAD_DATA, Fault, INTERNAL, NO_INPUT};
use gongdao_i18n::{I18nError, Words};
use gongdao_model::DecisionRecord;
use gongdao_rules::Vocabulary;
use gongdao_service::ingest::diagnosis::{Diagnosis, Malformed, MalformedKind, line_and_column, read};
use std::io::Read;
use std::path::Path;

/// The input's name and its text.
pub(super) struct Source {
    pub(super) name: String,
    pub(super) text: String,
}

impl Source {
    /// Reads `path`, or standard input for `-`.
    pub(super) fn read(path: &Path, words: Words<'_>) -> Result<Self, Vec<Fault>> {
        let stdin = path.as_os_str() == "-";
        let name =
            if stdin { words.say("check.standard_input", &[]).map_err(one)? } else { path.display().to_string() };
        let mut bytes = Vec::new();
        let read = if stdin {
            std::io::stdin().lock().read_to_end(&mut bytes).map(drop)
        } else {
            std::fs::read(path).map(|read| bytes = read)
        };
        read.map_err(|cause| unreadable(&name, &cause.to_string(), words))?;
        let text = String::from_utf8(bytes).map_err(|error| not_utf8(&name, &error, words))?;
        // A byte order mark is tolerated, as in CSV.
        let text = text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text);
        if text.trim().is_empty() {
            return Err(vec![fault(&name, None, words, "empty", &[]).unwrap_or_else(Fault::from)]);
        }
        Ok(Self { name, text })
    }

    /// The record, held against the vocabulary; else every fault in the order of the text.
    pub(super) fn record(&self, vocabulary: &Vocabulary, words: Words<'_>) -> Result<DecisionRecord, Vec<Fault>> {
        let tree = read(&self.text).map_err(|malformed| self.malformed(&malformed, words))?;
        let found = Diagnosis::of(&self.text, &tree, vocabulary, words).map_err(one)?;
        if found.is_empty() {
            return serde_json::from_str(&self.text).map_err(|error| vec![self.unforeseen(&error)]);
        }
        let place = |at: usize| Some(line_and_column(&self.text, at));
        Err(found.into_iter().map(|found| placed(&self.name, place(found.at), found.message, found.hint)).collect())
    }

    fn malformed(&self, malformed: &Malformed, words: Words<'_>) -> Vec<Fault> {
        let place = Some(line_and_column(&self.text, malformed.at));
        let key = match malformed.kind {
            MalformedKind::Ends => "json_ends",
            MalformedKind::More => "json_more",
            MalformedKind::Other => "json",
        };
        let values: &[(&str, &str)] =
            if malformed.kind == MalformedKind::Other { &[("cause", &malformed.words)] } else { &[] };
        vec![fault(&self.name, place, words, key, values).unwrap_or_else(Fault::from)]
    }

    /// The model refuses what the diagnosis let pass: the two disagree, which is the program's fault.
    fn unforeseen(&self, error: &serde_json::Error) -> Fault {
        let mut fault = placed(&self.name, Some((error.line(), error.column())), error.to_string(), None);
        fault.code = INTERNAL;
        fault
    }
}

fn one(error: I18nError) -> Vec<Fault> {
    vec![error.into()]
}

fn placed(name: &str, place: Option<(usize, usize)>, message: String, hint: Option<String>) -> Fault {
    Fault {
        file: Some(name.to_owned()),
        line: place.map(|(line, _)| line),
        column: place.map(|(_, column)| column),
        ..Fault::new(BAD_DATA, message, hint)
    }
}

/// A fault by its key: `check.fault.KEY` says it, `check.advice.KEY` says what to do.
fn fault(
    name: &str,
    place: Option<(usize, usize)>,
    words: Words<'_>,
    key: &str,
    values: &[(&str, &str)],
) -> Result<Fault, I18nError> {
    let message = words.say(&format!("check.fault.{key}"), values)?;
    let hint = words.say(&format!("check.advice.{key}"), &[])?;
    Ok(placed(name, place, message, Some(hint)))
}

fn unreadable(name: &str, cause: &str, words: Words<'_>) -> Vec<Fault> {
    let made = fault(name, None, words, "unreadable", &[("cause", cause)]);
    vec![made.map_or_else(Fault::from, |fault| Fault { code: NO_INPUT, ..fault })]
}

fn not_utf8(name: &str, error: &std::string::FromUtf8Error, words: Words<'_>) -> Vec<Fault> {
    let valid = error.utf8_error().valid_up_to();
    let before = String::from_utf8_lossy(error.as_bytes().get(..valid).unwrap_or_default()).into_owned();
    let place = Some(line_and_column(&before, valid));
    vec![fault(name, place, words, "not_utf8", &[]).unwrap_or_else(Fault::from)]
}

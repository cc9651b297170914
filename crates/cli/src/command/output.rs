//! How commands speak: format, language, colour, faults of the input and their exit codes.

use crate::command::USAGE;
use gongdao_i18n::{Catalogue, I18nError, Language, Words};
use serde::Serialize;
use std::io::{IsTerminal, Write};
use std::process::ExitCode;

/// The input was read and is not what it should be (`EX_DATAERR` of sysexits.h).
pub(crate) const BAD_DATA: u8 = 65;
/// The input cannot be read (`EX_NOINPUT`).
pub(crate) const NO_INPUT: u8 = 66;
/// A service or database that is needed does not answer (`EX_UNAVAILABLE`).
pub(crate) const UNAVAILABLE: u8 = 69;
/// The program is at fault (`EX_SOFTWARE`).
pub(crate) const INTERNAL: u8 = 70;
/// The output cannot be written (`EX_CANTCREAT`).
pub(crate) const CANNOT_CREATE: u8 = 73;

/// For whom the output is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    Human,
    /// For programs
    Json,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Colour {
    /// On a terminal, unless `NO_COLOR` is set
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The options that every command has which speaks to people.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Output {
    /// For people or for programs
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: Format,
    /// zh or en [default: zh, unless `LC_ALL`, `LC_MESSAGES` or `LANG` names another language]
    #[arg(long, value_parser = language, value_name = "zh|en")]
    lang: Option<Language>,
    /// When to colour
    #[arg(long, alias = "color", value_enum, default_value = "auto", value_name = "WHEN")]
    colour: Colour,
}

impl Output {
    /// For a command whose output is a format of its own: faults are told for people.
    pub(crate) fn plain() -> Self {
        Self { format: Format::Human, lang: None, colour: Colour::Auto }
    }

    /// For a command that has more formats than these.
    pub(crate) fn of(format: Format, lang: Option<Language>) -> Self {
        Self { format, lang, colour: Colour::Never }
    }

    /// The language to speak.
    pub(crate) fn language(&self) -> Language {
        self.lang.unwrap_or_else(|| language_of_locale(|name| std::env::var(name).ok()))
    }

    /// The pen for standard output.
    pub(crate) fn pen(&self) -> Pen {
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let coloured = match self.colour {
            Colour::Auto => std::io::stdout().is_terminal() && !plain,
            Colour::Always => true,
            Colour::Never => false,
        };
        Pen { coloured }
    }

    /// Say what is wrong with the input on standard error; the exit code is the first fault's.
    pub(crate) fn refuse(&self, catalogue: &Catalogue, faults: &[Fault]) -> ExitCode {
        let text = match self.format {
            Format::Json => serde_json::to_string_pretty(&Faults { errors: faults }).map_err(|error| error.to_string()),
            Format::Human => {
                let words = catalogue.words(self.language());
                let texts: Result<Vec<_>, _> = faults.iter().map(|fault| fault.human(words)).collect();
                texts.map(|texts| texts.join("\n")).map_err(|error| error.to_string())
            }
        };
        print_error(&text.unwrap_or_else(|error| error));
        ExitCode::from(faults.first().map_or(INTERNAL, |fault| fault.code))
    }
}

pub(crate) fn language(text: &str) -> Result<Language, I18nError> {
    text.parse()
}

/// The same for whoever gave no arguments that can be read: `--lang` is looked for among them.
pub(crate) fn language_of_arguments(arguments: impl Iterator<Item = String>) -> Language {
    let mut named = None;
    let mut is_next = false;
    for argument in arguments {
        let value = if is_next { Some(argument.as_str()) } else { argument.strip_prefix("--lang=") };
        named = value.and_then(|value| language(value).ok()).or(named);
        is_next = argument == "--lang";
    }
    named.unwrap_or_else(|| language_of_locale(|name| std::env::var(name).ok()))
}

/// Chinese first: only a locale that names another language changes it. `C` and `POSIX` name none.
fn language_of_locale(variable: impl Fn(&str) -> Option<String>) -> Language {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let locale = set.unwrap_or_default();
    let name = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
    if matches!(name, "" | "C" | "POSIX" | "zh") { Language::Zh } else { Language::En }
}

/// Run a command with the words that it speaks in; without them it cannot even say what is wrong in both languages.
pub(crate) fn spoken(run: impl FnOnce(&Catalogue) -> ExitCode) -> ExitCode {
    match Catalogue::embedded() {
        Ok(catalogue) => run(&catalogue),
        Err(error) => {
            print_error(&error.to_string());
            ExitCode::from(INTERNAL)
        }
    }
}

/// Write to standard error; a closed pipe is the reader's choice.
pub(crate) fn print_error(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Colours of a terminal, or none.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pen {
    coloured: bool,
}

impl Pen {
    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    /// For what only some readers need.
    pub(crate) fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("1;33", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("1;32", text)
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.coloured { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }
}

/// What went wrong, as people tell it apart. Details are in English where libraries or files gave them: who reads another
/// language is told this first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The command was written wrongly.
    Usage,
    /// A file is not what it should be.
    Data,
    /// It cannot be read.
    Input,
    /// Another program or database does not answer.
    Unavailable,
    /// The program is at fault.
    Internal,
    /// It cannot be written.
    Output,
    /// A proof does not hold.
    Evidence,
    /// A pack of law is not what it should be.
    Packs,
}

impl Kind {
    /// What the exit code says.
    fn of(code: u8) -> Self {
        match code {
            USAGE => Self::Usage,
            NO_INPUT => Self::Input,
            UNAVAILABLE => Self::Unavailable,
            INTERNAL => Self::Internal,
            CANNOT_CREATE => Self::Output,
            _ => Self::Data,
        }
    }

    /// Its text, below `cli.kind`.
    fn word(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::Data => "data",
            Self::Input => "input",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Output => "output",
            Self::Evidence => "evidence",
            Self::Packs => "packs",
        }
    }
}

/// Whether a text is Chinese, whatever it quotes in backticks.
fn is_chinese(text: &str) -> bool {
    text.split('`').step_by(2).flat_map(str::chars).any(|letter| matches!(letter, '\u{4e00}'..='\u{9fff}'))
}

/// One thing wrong with the input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    #[serde(skip)]
    pub(crate) code: u8,
    #[serde(skip)]
    pub(crate) kind: Kind,
    /// The file as the user named it.
    pub(crate) file: Option<String>,
    /// 1-based.
    pub(crate) line: Option<usize>,
    /// 1-based, in characters.
    pub(crate) column: Option<usize>,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

#[derive(Serialize)]
struct Faults<'a> {
    errors: &'a [Fault],
}

impl Fault {
    pub(crate) fn new(code: u8, message: impl Into<String>, hint: Option<String>) -> Self {
        Self { code, kind: Kind::of(code), file: None, line: None, column: None, message: message.into(), hint }
    }

    /// `file:line:column: error: message`, then the hint on its own line.
    fn human(&self, words: Words<'_>) -> Result<String, I18nError> {
        let mut text = String::new();
        if let Some(file) = &self.file {
            text.push_str(file);
            for number in [self.line, self.column].into_iter().flatten() {
                text.push(':');
                text.push_str(&number.to_string());
            }
            text.push_str(": ");
        }
        if words.language() == Language::Zh && !is_chinese(&self.message) {
            let headline = words.say(&format!("cli.kind.{}", self.kind.word()), &[])?;
            text.push_str(&words.say("cli.error_of", &[("headline", &headline), ("message", &self.message)])?);
        } else {
            text.push_str(&words.say("cli.error", &[("message", &self.message)])?);
        }
        if let Some(hint) = &self.hint {
            text.push_str("\n    ");
            text.push_str(&words.say("cli.hint", &[("hint", hint)])?);
        }
        Ok(text)
    }
}

impl From<Fault> for Vec<Fault> {
    fn from(fault: Fault) -> Self {
        vec![fault]
    }
}

impl From<I18nError> for Fault {
    /// A text that is missing is the program's fault.
    fn from(error: I18nError) -> Self {
        Self::new(INTERNAL, error.message, error.hint)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        BAD_DATA, CANNOT_CREATE, Fault, INTERNAL, Kind, NO_INPUT, UNAVAILABLE, USAGE, is_chinese, language_of_locale,
    };
    use gongdao_i18n::{Catalogue, Language};
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_of_refusal_has_a_headline_before_details_that_are_in_english() {
        let catalogue = Catalogue::embedded().unwrap();
        let (zh, en) = (catalogue.words(Language::Zh), catalogue.words(Language::En));
        let details = "cannot read the file: it is away";
        let mut headlines = BTreeSet::new();
        let of_codes = [USAGE, BAD_DATA, NO_INPUT, UNAVAILABLE, INTERNAL, CANNOT_CREATE];
        let mut faults: Vec<Fault> = of_codes.into_iter().map(|code| Fault::new(code, details, None)).collect();
        faults.extend([Kind::Evidence, Kind::Packs].map(|kind| Fault { kind, ..Fault::new(BAD_DATA, details, None) }));
        for fault in &faults {
            let text = fault.human(zh).unwrap();
            let (headline, rest) = text.split_once("。详情：").unwrap_or_else(|| panic!("{text}"));
            assert!(is_chinese(headline) && rest == details, "{text}");
            headlines.insert(headline.to_owned());
            assert_eq!(fault.human(en).unwrap(), format!("error: {details}"));
        }
        assert_eq!(headlines.len(), faults.len(), "each kind has its own");
        let own = Fault::new(BAD_DATA, "没有 `x`", None);
        assert_eq!(own.human(zh).unwrap(), "错误：没有 `x`", "what is told in Chinese needs none");
        assert!(!is_chinese("no fact is called `距离`") && is_chinese("没有 `distance`"));
    }

    #[test]
    fn chinese_is_spoken_unless_the_locale_names_another_language() {
        let rows: [(&[(&str, &str)], Language); 9] = [
            (&[], Language::Zh),
            (&[("LANG", "zh_CN.UTF-8")], Language::Zh),
            (&[("LANG", "zh")], Language::Zh),
            (&[("LANG", "en_GB.UTF-8")], Language::En),
            (&[("LANG", "de_DE")], Language::En),
            (&[("LANG", "C.UTF-8")], Language::Zh),
            (&[("LC_ALL", ""), ("LANG", "en_US")], Language::En),
            (&[("LC_ALL", "zh_TW"), ("LANG", "en_US")], Language::Zh),
            (&[("LC_MESSAGES", "en_US"), ("LANG", "zh_CN")], Language::En),
        ];
        for (variables, expected) in rows {
            let variable = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, v)| (*v).to_owned());
            assert_eq!(language_of_locale(variable), expected, "{variables:?}");
        }
    }
}

use crate::snapshot::Snapshot;
use crate::{Problem, SourceText, line_of};
use gongdao_model::{LegalDate, ModelError};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use std::str::FromStr;
use toml::Spanned;

/// Reads the files of a snapshot and collects what is wrong with them.
pub(crate) struct Reader {
    pub(crate) files: Snapshot,
    pub(crate) problems: Vec<Problem>,
}

/// A TOML date, `2022-03-01` without quotes.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct TomlDate(toml::value::Datetime);

impl Reader {
    pub(crate) fn new(mut files: Snapshot) -> Self {
        let problems = std::mem::take(&mut files.problems);
        Self { files, problems }
    }

    /// The text of a file that must be there.
    pub(crate) fn text(&mut self, path: &Path) -> Option<SourceText> {
        if !self.files.has(path) {
            self.problems.push(Problem::error(path, None, "the file is missing").hint("see docs/formats/pack.md"));
        }
        self.optional_text(path)
    }

    /// The text of a file that may be absent.
    pub(crate) fn optional_text(&mut self, path: &Path) -> Option<SourceText> {
        let bytes = self.files.bytes(path)?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(SourceText { path: path.to_owned(), text: text.to_owned() }),
            Err(error) => {
                let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
                let problem = Problem::error(path, Some(line), "the file is not UTF-8");
                self.problems.push(problem.hint("save it as UTF-8, without another encoding mixed in"));
                None
            }
        }
    }

    /// The file's content as `T`; a problem with its line where it does not fit.
    pub(crate) fn parse<T: DeserializeOwned>(&mut self, source: &SourceText) -> Option<T> {
        match toml::from_str(&source.text) {
            Ok(value) => Some(value),
            Err(error) => {
                let line = error.span().map(|span| line_of(&source.text, span.start));
                let message = error.message().lines().collect::<Vec<_>>().join("; ");
                let problem = Problem::error(&source.path, line, message);
                self.problems.push(problem.hint("compare the entry with docs/formats/pack.md"));
                None
            }
        }
    }

    /// A value of the model from its text; a problem at its line where it does not fit.
    pub(crate) fn value<T: FromStr<Err = ModelError>>(
        &mut self,
        source: &SourceText,
        text: &Spanned<String>,
    ) -> Option<T> {
        match text.get_ref().parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.error(source, text.span().start, error.message, error.hint.unwrap_or_default());
                None
            }
        }
    }

    /// A day; a problem at its line where it carries a time or is none.
    pub(crate) fn date(&mut self, source: &SourceText, date: &Spanned<TomlDate>) -> Option<LegalDate> {
        match date.get_ref().0.to_string().parse() {
            Ok(date) => Some(date),
            Err(error) => {
                let error: ModelError = error;
                self.error(source, date.span().start, error.message, "write the day alone, like 2022-03-01");
                None
            }
        }
    }

    /// Note an error at a byte offset.
    pub(crate) fn error(
        &mut self,
        source: &SourceText,
        offset: usize,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let line = Some(line_of(&source.text, offset));
        self.problems.push(Problem::error(&source.path, line, message).hint(hint));
    }

    /// The line of a byte offset.
    #[expect(clippy::unused_self, reason = "reads like the other calls on the reader")]
    pub(crate) fn line(&self, source: &SourceText, offset: usize) -> usize {
        line_of(&source.text, offset)
    }
}

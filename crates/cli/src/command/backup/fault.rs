//! What `backup` and `restore` say, out of the catalogue.

use crate::command::ledger::report::Report;
use crate::command::output::{CANNOT_CREATE, Fault};
use gongdao_i18n::Words;
use std::path::Path;

#[derive(Clone, Copy)]
pub(super) struct Saying<'a>(pub(super) Words<'a>);

impl Saying<'_> {
    pub(super) fn line(self, key: &str, values: &[(&str, &str)]) -> Result<String, Vec<Fault>> {
        self.0.say(&format!("backup.{key}"), values).map_err(|error| vec![error.into()])
    }

    pub(super) fn report(self, key: &str, values: &[(&str, String)]) -> Result<Report, Vec<Fault>> {
        Report::told(self.0, &format!("backup.{key}"), values)
    }

    /// A fault at a file or folder.
    pub(super) fn at(self, file: &Path, code: u8, key: &str) -> Vec<Fault> {
        self.of(Some(file), code, key, &[])
    }

    /// A fault of the disk.
    pub(super) fn disk(self, file: &Path, error: &std::io::Error) -> Vec<Fault> {
        self.of(Some(file), CANNOT_CREATE, "disk", &[("cause", &error.to_string())])
    }

    pub(super) fn of(self, file: Option<&Path>, code: u8, key: &str, values: &[(&str, &str)]) -> Vec<Fault> {
        let message = self.0.say(&format!("backup.fault.{key}"), values);
        let hint = self.0.say(&format!("backup.advice.{key}"), &[]);
        vec![match (message, hint) {
            (Ok(message), Ok(hint)) => {
                Fault { file: file.map(|file| file.display().to_string()), ..Fault::new(code, message, Some(hint)) }
            }
            (Err(error), _) | (_, Err(error)) => error.into(),
        }]
    }
}

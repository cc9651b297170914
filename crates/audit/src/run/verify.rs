//! A published result checked by doing it again.

use crate::run::checkpoint::RESULTS;
use crate::summary::{Run, Summary};
use crate::{AuditError, digest};
use std::path::{Path, PathBuf};

/// A result whose summary was read.
#[derive(Debug)]
pub struct Pinned {
    /// What it rests on.
    pub run: Run,
    /// The folder that it lies in.
    pub folder: PathBuf,
}

/// Two of the same thing that are not the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What: `packs`, `adapter`, `data FILE`, `program`, `engine`, or the name of a file of the result.
    pub what: String,
    /// As the result has it.
    pub pinned: String,
    /// As it is here.
    pub found: String,
}

impl Pinned {
    /// Read the summary of a result.
    ///
    /// Errors: the file cannot be read, or is no audit's summary.
    pub fn read(summary: &Path) -> Result<Self, AuditError> {
        let bytes = std::fs::read(summary).map_err(|error| AuditError::io(summary, "read the file", &error))?;
        let read: Summary = serde_json::from_slice(&bytes).map_err(|error| {
            let message = format!("this is no summary of an audit: {error}");
            AuditError::new(summary, message, "name the `summary.json` of a folder of results")
        })?;
        let folder = summary.parent().filter(|folder| !folder.as_os_str().is_empty());
        Ok(Self { run: read.run, folder: folder.unwrap_or(Path::new(".")).to_path_buf() })
    }

    /// What the result rests on that is otherwise here.
    pub fn differences(&self, here: &Run) -> Vec<Difference> {
        let own = &self.run;
        let mut pairs = vec![
            ("program".to_owned(), own.program.clone(), here.program.clone()),
            ("engine".to_owned(), own.engine.clone(), here.engine.clone()),
            ("packs".to_owned(), own.packs_digest.clone(), here.packs_digest.clone()),
            ("adapter".to_owned(), own.adapter_digest.clone(), here.adapter_digest.clone()),
        ];
        let names = own.files.iter().chain(&here.files).map(|file| file.file.as_str());
        let names: std::collections::BTreeSet<&str> = names.collect();
        let digest_of = |run: &Run, name: &str| {
            run.files
                .iter()
                .find(|file| file.file == name)
                .map_or_else(|| "absent".to_owned(), |file| file.digest.clone())
        };
        for name in names {
            pairs.push((format!("data {name}"), digest_of(own, name), digest_of(here, name)));
        }
        let differing = pairs.into_iter().filter(|(_, pinned, found)| pinned != found);
        differing.map(|(what, pinned, found)| Difference { what, pinned, found }).collect()
    }

    /// The files of the result that are not byte for byte those of `again`.
    pub fn compare(&self, again: &Path) -> Result<Vec<Difference>, AuditError> {
        let mut differences = Vec::new();
        for name in RESULTS {
            let (pinned, found) = (of_file(&self.folder.join(name))?, of_file(&again.join(name))?);
            if pinned != found {
                differences.push(Difference { what: name.to_owned(), pinned, found });
            }
        }
        Ok(differences)
    }
}

fn of_file(path: &Path) -> Result<String, AuditError> {
    if path.is_file() { Ok(digest::of_file(path)?.0) } else { Ok("absent".to_owned()) }
}

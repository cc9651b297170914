use crate::error::in_words;
use crate::{LawError, OfficialText};
use gongdao_pack::{Packs, article_digests};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

/// An imported official text, with the digests of its articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Imported {
    pub(crate) text: OfficialText,
    /// `sha256:…` by article number.
    pub(crate) digests: BTreeMap<String, String>,
}

/// Imported official texts, by the file name that packs know them under.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    by_file: BTreeMap<String, Imported>,
}

impl Texts {
    /// No text was imported.
    pub fn none() -> Self {
        Self::default()
    }

    /// The texts in a folder that the packs name in `text`. One that is not there is not imported; one that cannot be
    /// read is an error with its file and line.
    pub fn read(folder: &Path, packs: &Packs) -> Result<Self, LawError> {
        if !folder.is_dir() {
            let message = format!("`{}` is not a folder of imported texts", folder.display());
            return Err(LawError::new(
                message,
                "run `gongdao law import DIR --into FOLDER` first, then name that folder",
            ));
        }
        let mut by_file = BTreeMap::new();
        for name in packs.instruments.iter().filter_map(|pack| pack.instrument.text.as_ref()) {
            let shown = folder.join(name).display().to_string();
            match std::fs::read_to_string(folder.join(name)) {
                Ok(markdown) => {
                    let text = OfficialText::from_markdown(&markdown).map_err(|error| error.in_file(shown))?;
                    by_file.insert(name.clone(), Imported { digests: article_digests(&markdown), text });
                }
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => {
                    let message = format!("cannot read the imported text: {}", in_words(&error));
                    return Err(LawError::new(message, "fix its rights, or import it again").in_file(shown));
                }
            }
        }
        Ok(Self { by_file })
    }

    pub(crate) fn of_file(&self, name: &str) -> Option<&Imported> {
        self.by_file.get(name)
    }
}

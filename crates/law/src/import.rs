//! Official texts from a folder into a folder: read, compared with the packs, and only then written, all or none.

use crate::error::in_words;
use crate::official::LARGEST_BYTES;
use crate::{LawError, OfficialText};
use gongdao_pack::{InstrumentPack, Packs, article_digests};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Lies in every folder that an import wrote, so that a later one knows that it may replace the folder.
const RECORD: &str = "import.json";

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// Version of this record.
    pub format: u32,
    /// Digest of the packs that the texts were compared with.
    pub packs_digest: String,
    /// The texts, by file name.
    pub texts: Vec<ImportedText>,
}

/// One imported text beside its pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportedText {
    /// Name of the file that was read.
    pub source: String,
    /// Name of the file that was written.
    pub file: String,
    /// The title as printed.
    pub title: String,
    /// The instrument; none where no pack has this text.
    pub instrument: Option<String>,
    /// Its articles.
    pub articles: usize,
    /// Provisions that were written for exactly their article.
    pub matching: usize,
    /// Provisions that were written for another text of their article.
    pub differing: Vec<String>,
    /// Provisions whose article is not in the text.
    pub missing: Vec<String>,
    /// Provisions without a digest: nobody compared.
    pub without_digest: Vec<String>,
}

impl ImportedText {
    /// Whether every provision of the pack was written for this text.
    pub fn agrees(&self) -> bool {
        self.differing.is_empty() && self.missing.is_empty()
    }
}

/// Import the `.md` and `.xml` files of `from` into the folder `into`, which is made, or replaced where an earlier
/// import made it. Every text is written as Markdown under the name that its pack knows.
///
/// Errors name file and line. With any error nothing is written.
pub fn import(packs: &Packs, from: &Path, into: &Path) -> Result<Import, Vec<LawError>> {
    replaceable(into).map_err(|error| vec![error])?;
    let mut texts: BTreeMap<String, (ImportedText, String)> = BTreeMap::new();
    let mut errors = Vec::new();
    for path in sources(from).map_err(|error| vec![error])? {
        match read(packs, &path) {
            Ok((imported, markdown)) => {
                let (file, source) = (imported.file.clone(), imported.source.clone());
                if let Some((earlier, _)) = texts.insert(file.clone(), (imported, markdown)) {
                    let message = format!("`{}` and `{source}` are both `{file}`", earlier.source);
                    errors.push(LawError::new(message, "keep one of them").in_file(path.display().to_string()));
                }
            }
            Err(error) => errors.push(error.in_file(path.display().to_string())),
        }
    }
    if texts.is_empty() && errors.is_empty() {
        let message = format!("`{}` has no `.md` and no `.xml` file", from.display());
        errors.push(LawError::new(message, "name the folder with the official texts"));
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    let (records, markdown): (Vec<ImportedText>, Vec<String>) = texts.into_values().unzip();
    let import = Import { format: 1, packs_digest: packs.digest(), texts: records };
    write(&import, &markdown, into).map_err(|error| vec![error])?;
    Ok(import)
}

/// The files to read, by name.
fn sources(from: &Path) -> Result<Vec<PathBuf>, LawError> {
    let listing = std::fs::read_dir(from).map_err(|error| {
        LawError::new(
            format!("cannot list `{}`: {}", from.display(), in_words(&error)),
            "name the folder with the official texts",
        )
    })?;
    let mut files = Vec::new();
    for entry in listing {
        let path = entry
            .map_err(|error| {
                LawError::new(format!("cannot list `{}`: {}", from.display(), in_words(&error)), "try again")
            })?
            .path();
        let taken = path.extension().is_some_and(|extension| extension == "md" || extension == "xml");
        if taken && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(packs: &Packs, path: &Path) -> Result<(ImportedText, String), LawError> {
    let refuse = |message: String| LawError::new(message, "give it a name in UTF-8 and the right to read it");
    let source = path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| refuse("the file name is not UTF-8".to_owned()))?;
    let size = std::fs::metadata(path).map_err(|error| refuse(format!("cannot be read: {}", in_words(&error))))?.len();
    if usize::try_from(size).map_or(true, |size| size > LARGEST_BYTES) {
        return Err(LawError::new("the file is larger than 8 MiB", "import one instrument a file"));
    }
    let bytes = std::fs::read(path).map_err(|error| refuse(format!("cannot be read: {}", in_words(&error))))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().iter().take(error.utf8_error().valid_up_to());
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        LawError::new("the file is not UTF-8", "save it as UTF-8, without another encoding mixed in").at(line)
    })?;
    let official = if path.extension().is_some_and(|extension| extension == "xml") {
        OfficialText::from_akn(&text)
    } else {
        OfficialText::from_markdown(&text)
    }?;
    let markdown = official.to_markdown();
    let imported = compare(packs, source, &official, &markdown);
    // The name may come from a pack that somebody else wrote; it must not lead out of the folder.
    if Path::new(&imported.file).file_name() != Some(imported.file.as_ref()) || imported.file == RECORD {
        let message = format!("its pack names it `{}`, which is no plain file name", imported.file);
        return Err(LawError::new(message, "correct `text` in the pack's `instrument.toml`"));
    }
    Ok((imported, markdown))
}

/// The text beside the pack that names its file, or else has its title.
fn compare(packs: &Packs, source: &str, official: &OfficialText, markdown: &str) -> ImportedText {
    let own = source
        .strip_suffix(".xml")
        .map_or_else(|| source.to_owned(), |stem| format!("{}.md", stem.trim_end_matches(".md")));
    let pack = packs.instruments.iter().find(|pack| pack.instrument.text.as_ref() == Some(&own));
    let pack = pack.or_else(|| packs.instruments.iter().find(|pack| has_title(pack, official)));
    let file = pack.and_then(|pack| pack.instrument.text.clone()).unwrap_or(own);
    let mut imported = ImportedText {
        source: source.to_owned(),
        file,
        title: official.title.clone(),
        instrument: pack.map(|pack| pack.instrument.id.to_string()),
        articles: official.articles().count(),
        matching: 0,
        differing: Vec::new(),
        missing: Vec::new(),
        without_digest: Vec::new(),
    };
    let found = article_digests(markdown);
    for provision in pack.into_iter().flat_map(|pack| &pack.provisions) {
        let id = provision.id.to_string();
        match (found.get(provision.id.article()), &provision.digest) {
            (None, _) => imported.missing.push(id),
            (Some(_), None) => imported.without_digest.push(id),
            (Some(found), Some(kept)) if found == kept => imported.matching += 1,
            (Some(_), Some(_)) => imported.differing.push(id),
        }
    }
    imported
}

fn has_title(pack: &InstrumentPack, official: &OfficialText) -> bool {
    let title = official.front("title_zh").unwrap_or(&official.title);
    pack.instrument.title_zh == title || pack.instrument.title_zh == official.title
}

/// Whether the folder may be written: it is not there, is empty, or was written by an import.
fn replaceable(into: &Path) -> Result<(), LawError> {
    if !into.exists() || into.join(RECORD).is_file() {
        return Ok(());
    }
    let empty = std::fs::read_dir(into).is_ok_and(|mut entries| entries.next().is_none());
    if empty {
        return Ok(());
    }
    let message = format!("`{}` is there and is no import", into.display());
    Err(LawError::new(message, "name a new folder, or one that an earlier import made"))
}

/// Write everything beside the folder, then rename it into place; what it held goes only when the new one stands.
fn write(import: &Import, markdown: &[String], into: &Path) -> Result<(), LawError> {
    let refuse = |error: std::io::Error| {
        let message = format!("cannot write `{}`: {}", into.display(), in_words(&error));
        LawError::new(message, "make room or fix the rights, then try again; nothing was changed")
    };
    let record = serde_json::to_string_pretty(import).map_err(|error| refuse(error.into()))?;
    let parent = into.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let aside = tempfile::Builder::new().prefix(".import-").tempdir_in(parent).map_err(refuse)?;
    let (new, old) = (aside.path().join("new"), aside.path().join("old"));
    std::fs::create_dir(&new).map_err(refuse)?;
    for (text, markdown) in import.texts.iter().zip(markdown) {
        gongdao_pack::write_whole(&new.join(&text.file), markdown).map_err(refuse)?;
    }
    gongdao_pack::write_whole(&new.join(RECORD), &(record + "\n")).map_err(refuse)?;
    let replaces = into.exists();
    if replaces {
        std::fs::rename(into, &old).map_err(refuse)?;
    }
    std::fs::rename(&new, into).map_err(|error| {
        if replaces {
            // The first error is the one to tell.
            let _ = std::fs::rename(&old, into);
        }
        refuse(error)
    })
}

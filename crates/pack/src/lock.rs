//! Released rule files are closed: their digests stand in `pack.lock`.

use crate::{InstrumentPack, Problem, SourceText, line_of};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::path::Path;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Lock {
    format: i64,
    #[serde(default)]
    file: Vec<Locked>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    path: Spanned<String>,
    digest: String,
}

/// What differs between the lock and the rule files; nothing where there is no lock.
pub(crate) fn check(pack: &InstrumentPack) -> Vec<Problem> {
    let Some(source) = &pack.lock else { return Vec::new() };
    let lock: Lock = match toml::from_str(&source.text) {
        Ok(lock) => lock,
        Err(error) => {
            let line = error.span().map(|span| line_of(&source.text, span.start));
            let problem = Problem::error(&source.path, line, error.message());
            return vec![problem.hint("restore the file; it is written by `gongdao pack freeze` only")];
        }
    };
    if lock.format != 1 {
        let problem = Problem::error(&source.path, Some(1), format!("format {} is not known", lock.format));
        return vec![problem.hint("this version reads `format = 1`")];
    }
    lock.file.iter().filter_map(|locked| compare(pack, source, locked)).collect()
}

fn compare(pack: &InstrumentPack, source: &SourceText, locked: &Locked) -> Option<Problem> {
    let path = pack.folder.join(locked.path.get_ref());
    let line = Some(line_of(&source.text, locked.path.span().start));
    match pack.rule_files.iter().find(|file| file.source.path == path) {
        None => {
            let message = format!("the released file `{}` is gone", locked.path.get_ref());
            Some(Problem::error(&source.path, line, message).hint("put it back: past decisions are judged by it"))
        }
        Some(file) if digest(&file.source.text) != locked.digest => {
            let message = "a released file is closed, and this one was changed";
            Some(Problem::error(&path, None, message).hint("restore it, and add a new file with the new date"))
        }
        Some(_) => None,
    }
}

/// The text of a lock over all rule files of the pack; refused while a released file differs.
pub fn freeze(pack: &InstrumentPack) -> Result<String, Vec<Problem>> {
    let problems = check(pack);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut text =
        String::from("# Written by `gongdao pack freeze`. The files named here are released and closed.\nformat = 1\n");
    for file in &pack.rule_files {
        let path = file.source.path.strip_prefix(&pack.folder).unwrap_or(&file.source.path);
        let path = path.to_string_lossy().replace('\\', "/");
        // Writing to a String cannot fail.
        let _ = write!(text, "\n[[file]]\npath = \"{path}\"\ndigest = \"{}\"\n", digest(&file.source.text));
    }
    Ok(text)
}

/// `sha256:…` of a text's bytes.
pub(crate) fn digest(text: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(text.as_bytes()))
}

/// Write a file under a temporary name beside its place, then rename it: after a crash the file is the old or the new
/// one, never half of it.
pub fn write_whole(path: &Path, content: &(impl AsRef<[u8]> + ?Sized)) -> std::io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let temporary = path.with_file_name(name);
    let written = write_through(&temporary, content.as_ref()).and_then(|()| std::fs::rename(&temporary, path));
    if written.is_err() {
        // The first error is the one to tell.
        let _ = std::fs::remove_file(&temporary);
    }
    written
}

fn write_through(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    std::io::Write::write_all(&mut file, content)?;
    file.sync_all()
}

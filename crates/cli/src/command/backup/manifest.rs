//! What a backup holds: `backup.json`, written last. docs/formats/backup.md has the format.

use super::fault::Saying;
use super::place;
use crate::command::output::{BAD_DATA, Fault, INTERNAL, NO_INPUT};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::{Component, Path};

pub(super) const FILE: &str = "backup.json";
const FORMAT: &str = "gongdao-backup/1";

/// The file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    format: String,
    pub(super) made_at: Instant,
    /// Version of the program.
    program: String,
    pub(super) content: Content,
    /// By name, with `/` between parts.
    files: BTreeMap<String, Listed>,
}

/// What the files are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "holds", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Content {
    /// Ledger and database of a service.
    Service {
        /// First line of the ledger's checkpoints.
        origin: String,
        /// Entries under the copied checkpoint.
        signed: u64,
        database: Database,
    },
    /// A list of erasures.
    Erasures {
        /// Those that were not refused.
        erasures: u64,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Database {
    /// `sqlite` or `postgresql`.
    pub(super) kind: String,
    /// Version of its tables.
    pub(super) version: usize,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Listed {
    bytes: u64,
    /// In hexadecimal.
    sha256: String,
}

/// What was written.
pub(super) struct Made {
    pub(super) files: usize,
    pub(super) bytes: u64,
    /// SHA-256 of the manifest itself.
    pub(super) digest: String,
}

impl Manifest {
    /// List all files of a folder, read again from the disk, in a manifest in it.
    pub(super) fn write(
        folder: &Path,
        content: Content,
        made_at: Instant,
        saying: Saying<'_>,
    ) -> Result<Made, Vec<Fault>> {
        let mut files = BTreeMap::new();
        for name in names(folder, saying)? {
            let path = folder.join(&name);
            let listed = File::open(&path).and_then(|mut file| pass(&mut file, &mut std::io::sink()));
            files.insert(name, listed.map_err(|error| saying.disk(&path, &error))?);
        }
        let program = env!("CARGO_PKG_VERSION").to_owned();
        let manifest = Self { format: FORMAT.to_owned(), made_at, program, content, files };
        let mut text = serde_json::to_string_pretty(&manifest)
            .map_err(|error| vec![Fault::new(INTERNAL, error.to_string(), None)])?;
        text.push('\n');
        place::write(&folder.join(FILE), text.as_bytes(), saying)?;
        let bytes = manifest.files.values().map(|file| file.bytes).sum();
        Ok(Made { files: manifest.files.len(), bytes, digest: hex(&Sha256::digest(&text)) })
    }

    /// Errors: there is none, so the folder is no backup or was not finished; it cannot be read; files that it does not list.
    pub(super) fn read(folder: &Path, saying: Saying<'_>) -> Result<Self, Vec<Fault>> {
        let path = folder.join(FILE);
        let text = std::fs::read_to_string(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => saying.at(folder, NO_INPUT, "no_backup"),
            ErrorKind::InvalidData => saying.of(Some(&path), BAD_DATA, "form", &[("cause", &error.to_string())]),
            _ => saying.of(Some(&path), NO_INPUT, "disk", &[("cause", &error.to_string())]),
        })?;
        let form = |cause: String| saying.of(Some(&path), BAD_DATA, "form", &[("cause", &cause)]);
        let manifest: Self = serde_json::from_str(&text).map_err(|error| form(error.to_string()))?;
        if manifest.format != FORMAT {
            return Err(form(format!("`{}`", manifest.format)));
        }
        if let Some(name) = manifest.files.keys().find(|name| !is_inside(name)) {
            return Err(form(format!("`{name}`")));
        }
        let there: BTreeSet<String> = names(folder, saying)?.into_iter().filter(|name| name != FILE).collect();
        if let Some(name) = there.iter().find(|name| !manifest.files.contains_key(*name)) {
            return Err(saying.at(&folder.join(name), BAD_DATA, "extra"));
        }
        Ok(manifest)
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// Copy a file of the backup; what was copied is what the manifest says, and durable.
    ///
    /// Errors: it is missing or another one; the disk.
    pub(super) fn copy(&self, folder: &Path, name: &str, to: &Path, saying: Saying<'_>) -> Result<(), Vec<Fault>> {
        let path = folder.join(name);
        let changed = |key: &str| saying.at(&path, BAD_DATA, key);
        let listed = self.files.get(name).ok_or_else(|| changed("missing"))?;
        let mut source = File::open(&path).map_err(|error| match error.kind() {
            ErrorKind::NotFound => changed("missing"),
            _ => saying.of(Some(&path), NO_INPUT, "disk", &[("cause", &error.to_string())]),
        })?;
        let made = to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| place::create_private(to));
        let mut target = made.map_err(|error| saying.disk(to, &error))?;
        let found = pass(&mut source, &mut target).map_err(|error| saying.disk(&path, &error))?;
        target.sync_all().map_err(|error| saying.disk(to, &error))?;
        if found == *listed { Ok(()) } else { Err(changed("changed")) }
    }
}

/// A name that leads out of no folder.
fn is_inside(name: &str) -> bool {
    !name.is_empty() && Path::new(name).components().all(|part| matches!(part, Component::Normal(_)))
}

/// Hand bytes on, with their number and digest.
fn pass(from: &mut impl Read, to: &mut impl Write) -> std::io::Result<Listed> {
    let mut piece = vec![0; 1 << 20];
    let (mut bytes, mut digest) = (0_u64, Sha256::new());
    loop {
        let count = from.read(&mut piece)?;
        let Some(read) = piece.get(..count).filter(|read| !read.is_empty()) else { break };
        digest.update(read);
        to.write_all(read)?;
        bytes += count as u64;
    }
    Ok(Listed { bytes, sha256: hex(&digest.finalize()) })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// All files below a folder, sorted. Anything but files and folders is listed as well, so that it is refused.
fn names(folder: &Path, saying: Saying<'_>) -> Result<Vec<String>, Vec<Fault>> {
    fn collect(folder: &Path, before: &str, names: &mut Vec<String>) -> std::io::Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{before}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                collect(&entry.path(), &format!("{name}/"), names)?;
            } else {
                names.push(name);
            }
        }
        Ok(())
    }
    let mut all = Vec::new();
    collect(folder, "", &mut all).map_err(|error| saying.disk(folder, &error))?;
    all.sort();
    Ok(all)
}

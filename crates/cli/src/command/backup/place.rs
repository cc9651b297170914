//! Folders that are whole or not there: made beside their place and renamed into it.

use super::fault::Saying;
use crate::command::output::{BAD_DATA, Fault};
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A folder beside the one that is to be made; it goes unless it was put in place.
pub(super) struct Room {
    room: TempDir,
    folder: PathBuf,
}

impl Room {
    /// Errors: something is at the place already; the disk.
    pub(super) fn beside(place: &Path, prefix: &str, saying: Saying<'_>) -> Result<Self, Vec<Fault>> {
        let is_taken = match std::fs::read_dir(place) {
            Ok(mut entries) => entries.next().is_some(),
            Err(_) => place.exists(),
        };
        if is_taken {
            return Err(saying.at(place, BAD_DATA, "occupied"));
        }
        let parent = parent(place);
        let room = std::fs::create_dir_all(parent)
            .and_then(|()| tempfile::Builder::new().prefix(prefix).tempdir_in(parent))
            .map_err(|error| saying.disk(place, &error))?;
        let folder = room.path().join("whole");
        Ok(Self { room, folder })
    }

    /// What will be in place; the caller makes it.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Beside it: what is not to stay.
    pub(super) fn aside(&self, name: &str) -> PathBuf {
        self.room.path().join(name)
    }

    /// Make all names durable, then put the folder in place.
    pub(super) fn into_place(self, place: &Path, saying: Saying<'_>) -> Result<(), Vec<Fault>> {
        let put = || {
            sync_folders(&self.folder)?;
            if place.is_dir() {
                std::fs::remove_dir(place)?;
            }
            std::fs::rename(&self.folder, place)?;
            File::open(parent(place))?.sync_all()
        };
        put().map_err(|error| saying.disk(place, &error))
    }
}

fn parent(place: &Path) -> &Path {
    place.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn sync_folders(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(folder)?.sync_all()
}

/// A folder for its owner alone: what it holds is about persons.
pub(super) fn make_private(folder: &Path, saying: Saying<'_>) -> Result<(), Vec<Fault>> {
    DirBuilder::new().mode(0o700).create(folder).map_err(|error| saying.disk(folder, &error))
}

/// A file for its owner alone, durable on return.
pub(super) fn write(file: &Path, bytes: &[u8], saying: Saying<'_>) -> Result<(), Vec<Fault>> {
    let written = create_private(file).and_then(|mut new| new.write_all(bytes).and_then(|()| new.sync_all()));
    written.map_err(|error| saying.disk(file, &error))
}

pub(super) fn create_private(file: &Path) -> std::io::Result<File> {
    let new = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    new.set_permissions(Permissions::from_mode(0o600))?;
    Ok(new)
}

//! `gongdao restore`: a service out of a backup, with everybody erased again who was erased since.

use super::fault::Saying;
use super::manifest::{Content, Database, Manifest};
use super::place::{self, Room};
use super::{ARCHIVE, ERASURES, KEY, LEDGER, SQLITE};
use crate::command::ledger::report::Report;
use crate::command::ledger::{end, keys, of_ledger};
use crate::command::output::{BAD_DATA, Fault, NO_INPUT, Output, spoken};
use crate::command::serve::of_service;
use crate::command::serve::settings::DataFlags;
use gongdao_i18n::Words;
use gongdao_ledger::{Folder, Ledger, Reader, Setup, Storage};
use gongdao_model::Instant;
use gongdao_service::Restored;
use gongdao_store::{SqlStore, is_postgres};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao restore --from /backup/monday --data restored --key ledger.key --erasures /elsewhere/erasures-monday
  gongdao restore --from /backup/monday --data restored --key ledger.key --erasures old-data/erasures.jsonl
  gongdao restore --from /backup/monday --data restored --db postgres://gongdao@localhost/restored --config gongdao.toml \\
      --erasures /elsewhere/erasures-monday

Each file is compared with the backup's list of them. Then whoever was erased after the backup was made is erased again, in
ledger and database, and the ledger is checked from its first entry to its last. Only then the folder is put in place. A
database of PostgreSQL must be empty; nobody can open it before. If a restore is interrupted, make that database anew.

The list of erasures must be newer than the backup: an export of `gongdao backup --erasures-only`, or the erasures.jsonl of the
old data folder. Where nobody was ever erased, give an empty file. The witnesses of a ledger that went on after the backup
refuse the restored one (docs/backup.md).

Exit code: 0 restored, 64 wrong arguments, 65 the backup, the list or DIR is not what it should be, 66 it cannot be read, 70
fault of the program, 73 DIR or the database cannot be written.")]
pub(crate) struct Arguments {
    /// The backup
    #[arg(long, value_name = "FOLDER")]
    from: PathBuf,
    /// Who was erased: an export, or a file `erasures.jsonl`
    #[arg(long, value_name = "FILE|FOLDER")]
    erasures: PathBuf,
    /// The key that signs the ledger's checkpoints; it is copied into the data folder [default: the `ledger_key` of the settings]
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    data: DataFlags,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| end(&arguments.output, catalogue, |words| arguments.run(words)))
}

impl Arguments {
    fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let saying = Saying(words);
        let settings = self.data.read()?;
        let backup = Manifest::read(&self.from, saying)?;
        let Content::Service { database, .. } = &backup.content else {
            return Err(saying.at(&self.from, BAD_DATA, "other"));
        };
        let address = address(database, settings.database.as_deref(), &self.from, saying)?;
        let key = self.key.as_ref().or(settings.ledger_key.as_ref());
        let key = key.ok_or_else(|| saying.of(None, crate::command::USAGE, "key", &[]))?;
        let signer = keys::read(key)?;
        let room = Room::beside(&settings.data, ".gongdao-restore-", saying)?;
        let data = room.folder();
        place::make_private(data, saying)?;
        for name in backup.names() {
            let to = if name == ARCHIVE { room.aside(name) } else { data.join(name) };
            backup.copy(&self.from, name, &to, saying)?;
        }
        take_list(&self.erasures, backup.made_at, &data.join(ERASURES), saying)?;
        if let Some(key) = &self.key {
            let bytes = std::fs::read(key).map_err(|error| saying.disk(key, &error))?;
            place::write(&data.join(KEY), &bytes, saying)?;
        }
        let store = match address {
            Some(address) => SqlStore::restore(address, &room.aside(ARCHIVE)),
            None => SqlStore::sqlite(&data.join(SQLITE)),
        };
        let store = store.map_err(|error| vec![of_service(error)])?;
        let storage: Arc<dyn Storage> = Arc::new(Folder::new(data.join(LEDGER)));
        let setup = Setup::new(Arc::clone(&storage), signer, Box::new(keys::MachineClock), Box::new(keys::OsEntropy));
        let (ledger, _) = Ledger::open(setup).map_err(of_ledger)?;
        let restored = gongdao_service::restore(&data.join(ERASURES), &storage, &ledger, &store);
        let restored = restored.map_err(|error| vec![of_service(error)])?;
        ledger.close().map_err(of_ledger)?;
        let audit = Reader::open(storage).and_then(|reader| reader.fsck()).map_err(of_ledger)?;
        if let Some(finding) = audit.findings.first() {
            let cause = finding.to_string();
            return Err(saying.of(Some(&self.from), BAD_DATA, "ledger", &[("cause", &cause)]));
        }
        // A file of SQLite is whole once nobody has it open; a database of PostgreSQL is opened once the folder is in place.
        let end = |store: SqlStore| store.restored().map_err(|error| vec![of_service(error)]);
        let is_file = address.is_none();
        let later = if is_file { end(store).map(|()| None)? } else { Some(store) };
        room.into_place(&settings.data, saying)?;
        later.map_or(Ok(()), end)?;
        self.told(&settings.data, restored, saying)
    }

    fn told(&self, data: &Path, restored: Restored, saying: Saying<'_>) -> Result<Report, Vec<Fault>> {
        let values = [
            ("folder", data.display().to_string()),
            ("backup", self.from.display().to_string()),
            ("entries", restored.entries.to_string()),
        ];
        let again = restored.erased_again.to_string();
        let report = saying.report("restored", &values)?.with("erased_again", restored.erased_again.into());
        Ok(report.and(saying.line("erased_again", &[("persons", &again)])?).and(saying.line("witnesses", &[])?))
    }
}

/// The database of PostgreSQL to fill; nothing where the backup has a file of SQLite, which goes into the data folder.
fn address<'a>(
    database: &Database,
    given: Option<&'a str>,
    from: &Path,
    saying: Saying<'_>,
) -> Result<Option<&'a str>, Vec<Fault>> {
    match (database.kind.as_str(), given) {
        ("sqlite", None) => Ok(None),
        ("sqlite", Some(_)) => Err(saying.at(from, BAD_DATA, "sqlite")),
        ("postgresql", Some(address)) if is_postgres(address) => Ok(Some(address)),
        ("postgresql", _) => Err(saying.at(from, BAD_DATA, "postgresql")),
        (other, _) => Err(saying.of(Some(from), BAD_DATA, "form", &[("cause", &format!("`{other}`"))])),
    }
}

/// Copy the list of erasures. Errors: an export is older than the backup, or was changed; there is none.
fn take_list(list: &Path, made_at: Instant, to: &Path, saying: Saying<'_>) -> Result<(), Vec<Fault>> {
    if list.is_dir() {
        let export = Manifest::read(list, saying)?;
        if !matches!(export.content, Content::Erasures { .. }) {
            return Err(saying.at(list, BAD_DATA, "no_list"));
        }
        if export.made_at < made_at {
            return Err(saying.at(list, BAD_DATA, "old_list"));
        }
        return export.copy(list, ERASURES, to, saying);
    }
    let bytes = std::fs::read(list).map_err(|_| saying.at(list, NO_INPUT, "no_list"))?;
    place::write(to, &bytes, saying)
}

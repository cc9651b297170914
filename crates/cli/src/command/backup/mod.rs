//! `gongdao backup` and `gongdao restore`: a copy of the service's folder and database, and a service out of one.
//!
//! Exit codes: 0 done; 64 wrong arguments; 65 a folder, a file or a list is not what it should be; 66 it cannot be read;
//! 70 the program is at fault; 73 something cannot be written.

mod fault;
mod manifest;
mod place;
pub(crate) mod restore;

use crate::command::clock::now;
use crate::command::ledger::report::Report;
use crate::command::ledger::{end, of_ledger, store};
use crate::command::output::{BAD_DATA, Fault, INTERNAL, Output, spoken};
use crate::command::serve::of_service;
use crate::command::serve::settings::DataFlags;
use fault::Saying;
use gongdao_i18n::Words;
use gongdao_ledger::{Folder, keep_still};
use gongdao_service::export_erasures;
use gongdao_store::is_postgres;
use gongdao_web::settings::Settings;
use manifest::{Content, Database, Manifest};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The list of erasures, in the data folder and where it is exported to.
const ERASURES: &str = "erasures.jsonl";
const LEDGER: &str = "ledger";
/// The ledger's key in the data folder, where settings name no other file.
const KEY: &str = "ledger.key";
const SQLITE: &str = "state.sqlite";
const ARCHIVE: &str = "state.pgdump";

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao backup --data gongdao-data --to /backup/monday
  gongdao backup --config gongdao.toml --db postgres://gongdao@localhost/gongdao --to /backup/monday
  gongdao backup --data gongdao-data --erasures-only --to /elsewhere/erasures-monday
  gongdao restore --from /backup/monday --data restored --key ledger.key --erasures /elsewhere/erasures-monday

The service may run meanwhile, and goes on answering; an erasure waits until the copy is made. Written into FOLDER:
  backup.json              what the backup holds, with the SHA-256 of each file; written last
  ledger/                  the ledger: sealed rows, rows, tiles, write-ahead log, keys of persons
  state.sqlite             the database, or
  state.pgdump             an archive of PostgreSQL's pg_dump, which must be installed
Not in it, to be kept apart: the key that signs checkpoints, and the list of who was erased since (--erasures-only). Everything
is written under another name beside FOLDER and renamed when it is whole. docs/backup.md says more.

Exit code: 0 made, 64 wrong arguments, 65 the data folder or FOLDER is not what it should be, 70 fault of the program, 73 FOLDER
cannot be written or the database cannot be read.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    data: DataFlags,
    /// Folder to make; it must not exist, or be empty
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// Only the list of who was erased, which a restore asks for: export it often, and keep it apart from the backups
    #[arg(long)]
    erasures_only: bool,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| end(&arguments.output, catalogue, |words| arguments.run(words)))
}

impl Arguments {
    fn run(&self, words: Words<'_>) -> Result<Report, Vec<Fault>> {
        let settings = self.data.read()?;
        let saying = Saying(words);
        if self.erasures_only { export(&settings, &self.to, saying) } else { back_up(&settings, &self.to, saying) }
    }
}

/// The address of the service's database.
fn database(settings: &Settings) -> String {
    settings.database.clone().unwrap_or_else(|| format!("sqlite:{}", settings.data.join(SQLITE).display()))
}

/// Where the key is that signs checkpoints.
fn key(settings: &Settings) -> PathBuf {
    settings.ledger_key.clone().unwrap_or_else(|| settings.data.join(KEY))
}

fn back_up(settings: &Settings, to: &Path, saying: Saying<'_>) -> Result<Report, Vec<Fault>> {
    let source = settings.data.join(LEDGER);
    if !source.join("ledger").is_file() {
        return Err(saying.at(&settings.data, BAD_DATA, "no_data"));
    }
    let storage = store::storage(&source)?;
    let room = place::Room::beside(to, ".gongdao-backup-", saying)?;
    let folder = room.folder();
    place::make_private(folder, saying)?;
    // No erasure between the two copies: each would have another half of it.
    let still = keep_still(&storage).map_err(of_ledger)?;
    // The database first: what the ledger has more is read from it at the next start, the reverse would be lost.
    let address = database(settings);
    let (kind, file) = if is_postgres(&address) { ("postgresql", ARCHIVE) } else { ("sqlite", SQLITE) };
    let version = gongdao_store::back_up(&address, &folder.join(file)).map_err(|error| vec![of_service(error)])?;
    let copied = gongdao_ledger::back_up(&storage, Arc::new(Folder::new(folder.join(LEDGER)))).map_err(of_ledger)?;
    drop(still);
    let database = Database { kind: kind.to_owned(), version };
    let content = Content::Service { origin: copied.origin.to_string(), signed: copied.signed, database };
    let made = finish(room, content, to, saying)?;
    let key = key(settings).display().to_string();
    let values = [
        ("data", settings.data.display().to_string()),
        ("folder", to.display().to_string()),
        ("signed", copied.signed.to_string()),
        ("files", made.files.to_string()),
        ("bytes", made.bytes.to_string()),
    ];
    let report = saying.report("made", &values)?.with("sha256", made.digest.clone().into());
    let manifest = to.join(manifest::FILE).display().to_string();
    let list = settings.data.join(ERASURES).display().to_string();
    Ok(report
        .and(saying.line("digest", &[("file", &manifest), ("digest", &made.digest)])?)
        .and(saying.line("key_apart", &[("key", &key)])?)
        .and(saying.line("list_apart", &[("list", &list)])?))
}

fn export(settings: &Settings, to: &Path, saying: Saying<'_>) -> Result<Report, Vec<Fault>> {
    if !settings.data.join(LEDGER).join("ledger").is_file() {
        return Err(saying.at(&settings.data, BAD_DATA, "no_data"));
    }
    let list = export_erasures(&settings.data.join(ERASURES)).map_err(|error| vec![of_service(error)])?;
    let room = place::Room::beside(to, ".gongdao-backup-", saying)?;
    place::make_private(room.folder(), saying)?;
    place::write(&room.folder().join(ERASURES), list.lines.as_bytes(), saying)?;
    let made = finish(room, Content::Erasures { erasures: list.erasures }, to, saying)?;
    let values = [("folder", to.display().to_string()), ("erasures", list.erasures.to_string())];
    Ok(saying.report("exported", &values)?.with("sha256", made.digest.into()))
}

/// Put the manifest into what was copied, and the whole in place.
fn finish(room: place::Room, content: Content, to: &Path, saying: Saying<'_>) -> Result<manifest::Made, Vec<Fault>> {
    let at = now().map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
    let made = Manifest::write(room.folder(), content, at, saying)?;
    room.into_place(to, saying)?;
    Ok(made)
}

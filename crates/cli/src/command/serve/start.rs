//! The service out of its folder: packs, ledger, state.
//!
//! ```text
//! DATA/ledger/          the ledger
//! DATA/ledger.key       what its checkpoints are signed with, unless settings name another file
//! DATA/state.sqlite     everything beside it, unless `--db` names another database
//! DATA/erasures.jsonl   who was erased, for a restore
//! DATA/city/            the simulated city of `--demo`
//! ```

use super::machine::{MachineClock, OsEntropy, random};
use super::{demo, inside};
use crate::command::ledger::keys;
use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, INTERNAL};
use crate::command::{drafts, faults_of, load_in_words};
use gongdao_gate::Gate;
use gongdao_i18n::Words;
use gongdao_law::{Book, Texts};
use gongdao_ledger::{Folder, Ledger, LedgerError, Setup as LedgerSetup, Storage};
use gongdao_merkle::MerkleError;
use gongdao_service::port::Clock;
use gongdao_service::{ErrorKind, FirstRun, Parts, Service, ServiceError, ServiceSettings};
use gongdao_store::SqlStore;
use gongdao_web::settings::Settings;
use std::path::Path;
use std::sync::Arc;

/// A service that runs, and what its start has to tell.
pub(super) struct Running {
    pub(super) service: Arc<Service>,
    /// Set back while a demo's past is told.
    pub(super) clock: Arc<MachineClock>,
    /// The statute book of the packs in use.
    pub(super) law: Arc<Book>,
    /// Where nobody has an account yet.
    pub(super) token: Option<FirstRun>,
    /// Entries of the journal that the gate could not take.
    pub(super) refused: Vec<String>,
    pub(super) demo: Option<demo::Filled>,
    /// Names and secrets that the demo made.
    pub(super) accounts: Vec<(String, String)>,
}

pub(super) fn start(settings: &Settings, is_demo: bool, words: Words<'_>) -> Result<Running, Vec<Fault>> {
    std::fs::create_dir_all(&settings.data).map_err(|error| {
        let hint = "name a folder that can be made with --data".to_owned();
        let fault = Fault::new(CANNOT_CREATE, format!("the data folder cannot be made: {error}"), Some(hint));
        vec![Fault { file: Some(settings.data.display().to_string()), ..fault }]
    })?;
    let (packs, rules) = load_in_words(&settings.packs, drafts(settings.include_drafts), words)?;
    let city =
        if is_demo { Some(demo::City::make(&inside(settings, "city"), &rules.vocabulary, words)?) } else { None };
    let mut initial = settings.initial.clone();
    if let Some(city) = &city {
        initial.extend(city.initial.clone());
    }
    let gate = Gate::new(&packs, &rules, settings.gate.clone(), &initial)
        .map_err(|error| vec![Fault::new(BAD_DATA, error.message, Some(error.hint))])?;
    let law = Book::new(packs, Texts::none()).map_err(|problems| faults_of(&settings.packs, problems))?;
    let (ledger, ledger_storage) = ledger(settings)?;
    let store = match &settings.database {
        Some(address) => SqlStore::open(address),
        None => SqlStore::sqlite(&inside(settings, "state.sqlite")),
    };
    let mut service_settings = ServiceSettings::new(inside(settings, "erasures.jsonl"));
    service_settings.register_required = settings.register_required;
    let clock = Arc::new(MachineClock::new()?);
    let parts = Parts {
        gate: Arc::new(gate),
        rules: Arc::new(rules),
        ledger,
        ledger_storage,
        store: Arc::new(store.map_err(|error| vec![of_service(error)])?),
        clock: Arc::clone(&clock) as Arc<dyn Clock>,
        entropy: Arc::new(OsEntropy),
        settings: service_settings,
    };
    let (service, started) = Service::start(parts).map_err(|error| vec![of_service(error)])?;
    let token = service.first_run().map_err(|error| vec![of_service(error)])?;
    let law = Arc::new(law);
    let mut running =
        Running { service, clock, law, token, refused: started.refused, demo: None, accounts: Vec::new() };
    if let Some(city) = city {
        demo::fill(&mut running, city).map_err(|error| vec![of_service(error)])?;
    }
    Ok(running)
}

/// The ledger of the folder; made where there is none.
fn ledger(settings: &Settings) -> Result<(Ledger, Arc<dyn Storage>), Vec<Fault>> {
    let folder = inside(settings, "ledger");
    let key = settings.ledger_key.clone().unwrap_or_else(|| inside(settings, "ledger.key"));
    let storage: Arc<dyn Storage> = Arc::new(Folder::new(&folder));
    let is_new = std::fs::read_dir(&folder).is_ok_and(|mut files| files.next().is_none()) || !folder.exists();
    if is_new {
        make_ledger(settings, &folder, &key, &storage)?;
    }
    let signer = keys::read(&key)?;
    let setup = LedgerSetup::new(Arc::clone(&storage), signer, Box::new(keys::MachineClock), Box::new(keys::OsEntropy));
    let (ledger, _) = Ledger::open(setup).map_err(|error| of_ledger(&folder, &error))?;
    Ok((ledger, storage))
}

fn make_ledger(settings: &Settings, folder: &Path, key: &Path, storage: &Arc<dyn Storage>) -> Result<(), Vec<Fault>> {
    std::fs::create_dir_all(folder).map_err(|error| {
        let fault = Fault::new(CANNOT_CREATE, error.to_string(), Some("check the rights of the folder".to_owned()));
        vec![Fault { file: Some(folder.display().to_string()), ..fault }]
    })?;
    // A start that was killed after making the key goes on with it.
    let signer = if key.exists() {
        keys::read(key)?
    } else {
        let origin = match &settings.origin {
            Some(origin) => origin.clone(),
            None => format!("gongdao.local/{:016x}", random()?),
        };
        keys::make(key, &origin)?
    };
    let origin = signer
        .log_key()
        .name()
        .to_string()
        .parse()
        .map_err(|error: MerkleError| vec![Fault::new(BAD_DATA, error.message, Some(error.hint.to_owned()))])?;
    Ledger::create(Arc::clone(storage), origin, &signer, &mut keys::OsEntropy)
        .map_err(|error| of_ledger(folder, &error))
}

fn of_ledger(folder: &Path, error: &LedgerError) -> Vec<Fault> {
    let fault = Fault::new(BAD_DATA, error.message.clone(), Some(error.hint.to_string()));
    vec![Fault { file: Some(folder.display().to_string()), ..fault }]
}

/// An error of the service, with what only the operator is told.
pub(crate) fn of_service(error: ServiceError) -> Fault {
    let code = match error.kind {
        ErrorKind::Storage => CANNOT_CREATE,
        ErrorKind::Input => BAD_DATA,
        _ => INTERNAL,
    };
    let message = match error.internal {
        Some(internal) => format!("{}: {internal}", error.message),
        None => error.message,
    };
    Fault::new(code, message, error.hint)
}

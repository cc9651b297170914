//! A service over the small pack of the tests, on SQLite or on PostgreSQL.
#![allow(dead_code, reason = "each test file uses a part of it")]

#[path = "../../../pack/tests/support/mod.rs"]
pub(crate) mod files;
pub(crate) mod server;

use files::Files;
use gongdao_gate::{Gate, GateError, GateSettings, Initial};
use gongdao_ledger::{Folder, Ledger, LedgerError, LoggedAt, Setup, Storage};
use gongdao_merkle::NoteSigner;
use gongdao_model::{DecisionRecord, Instant};
use gongdao_pack::Packs;
use gongdao_rules::RuleSet;
use gongdao_service::port::{Clock, Entropy, Store};
use gongdao_service::{
    Acknowledged, Caller, Credential, NewAccount, NewEvent, Parts, Role, RowResult, Secret, Service, ServiceError,
    ServiceSettings, Started, Upkeep,
};
use gongdao_store::SqlStore;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant as Ticks};

/// Which database a test runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Database {
    Sqlite,
    Postgres,
}

/// Run a test on every database that there is.
pub(crate) fn on_each(test: impl Fn(&Home)) {
    for database in [Database::Sqlite, Database::Postgres] {
        if let Some(home) = Home::new(database) {
            println!("on {database:?}");
            test(&home);
        }
    }
}

/// A folder that goes with the test, or one of another process.
pub(crate) enum Place {
    Own(tempfile::TempDir),
    Others(PathBuf),
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Own(folder) => folder.path(),
            Self::Others(folder) => folder,
        }
    }
}

/// A folder with a ledger and a database.
pub(crate) struct Home {
    pub(crate) folder: Arc<Place>,
    pub(crate) database: Database,
    pub(crate) address: String,
    pub(crate) clock: TestClock,
}

impl Home {
    /// Nothing where PostgreSQL is not installed.
    pub(crate) fn new(database: Database) -> Option<Self> {
        let folder = Arc::new(Place::Own(tempfile::tempdir().unwrap()));
        let address = match database {
            Database::Sqlite => format!("sqlite:{}", folder.path().join("state.sqlite").display()),
            Database::Postgres => server::database()?,
        };
        Some(Self { folder, database, address, clock: TestClock::new() })
    }

    /// What another process made.
    pub(crate) fn existing(folder: PathBuf, address: String) -> Self {
        let database = if address.starts_with("sqlite:") { Database::Sqlite } else { Database::Postgres };
        Self { folder: Arc::new(Place::Others(folder)), database, address, clock: TestClock::new() }
    }

    /// The same folder and clock, for a process that comes later.
    pub(crate) fn again(&self) -> Self {
        Self {
            folder: Arc::clone(&self.folder),
            database: self.database,
            address: self.address.clone(),
            clock: self.clock.clone(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> Arc<SqlStore> {
        Arc::new(SqlStore::open(&self.address).unwrap())
    }

    pub(crate) fn start(&self) -> Running {
        self.start_as("ledger.example/one")
    }

    /// A process with a ledger of its own, on the database of all.
    pub(crate) fn start_as(&self, origin: &str) -> Running {
        let store = self.store();
        self.start_with(origin, store, |_| {}).unwrap()
    }

    pub(crate) fn start_with(
        &self,
        origin: &str,
        store: Arc<dyn Store>,
        change: impl FnOnce(&mut ServiceSettings),
    ) -> Result<Running, ServiceError> {
        let gate = |packs: &Packs, rules: &RuleSet| Gate::new(packs, rules, GateSettings::default(), &Initial::new());
        self.start_gate(origin, store, gate, change)
    }

    /// With a gate that the test builds.
    pub(crate) fn start_gate(
        &self,
        origin: &str,
        store: Arc<dyn Store>,
        gate: impl FnOnce(&Packs, &RuleSet) -> Result<Gate, GateError>,
        change: impl FnOnce(&mut ServiceSettings),
    ) -> Result<Running, ServiceError> {
        let folder = self.path(&origin.replace('/', "-"));
        let storage: Arc<dyn Storage> = Arc::new(Folder::new(&folder));
        let mut settings = ServiceSettings::new(self.path("erasures.jsonl"));
        settings.lease = Duration::from_millis(600);
        settings.upkeep = Upkeep { checkpoint: Duration::from_millis(20), epoch: None, seal_rows: 1 };
        change(&mut settings);
        let ledger = open_ledger(origin, &storage);
        let (packs, _) = Files::good().survey();
        let packs = packs.unwrap();
        let rules = RuleSet::load(&packs).unwrap();
        let gate = gate(&packs, &rules).unwrap();
        let (service, started) = Service::start(Parts {
            gate: Arc::new(gate),
            rules: Arc::new(rules),
            ledger,
            ledger_storage: Arc::clone(&storage),
            store: Arc::clone(&store),
            clock: Arc::new(self.clock.clone()),
            entropy: Arc::new(Random),
            settings,
        })?;
        let began = Ticks::now();
        while !service.is_ready() && began.elapsed() < Duration::from_secs(10) {
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(Running { service, started, storage, store })
    }
}

pub(crate) fn open_ledger(origin: &str, storage: &Arc<dyn Storage>) -> Ledger {
    let signer = NoteSigner::new(origin.parse().unwrap(), &[7; 32]);
    if storage.open("ledger").unwrap().is_none() {
        Ledger::create(Arc::clone(storage), origin.parse().unwrap(), &signer, &mut LedgerRandom).unwrap();
    }
    let setup = || {
        let signer = NoteSigner::new(origin.parse().unwrap(), &[7; 32]);
        Setup::new(Arc::clone(storage), signer, Box::new(LedgerClock), Box::new(LedgerRandom))
    };
    let began = Ticks::now();
    loop {
        match Ledger::open(setup()) {
            // Another test starts a server at the moment: until that has become another program, it holds what is open here, the lock of
            // a ledger that was just closed among it.
            Err(error) if error.message.contains("another program has") && began.elapsed() < Duration::from_secs(5) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            opened => return opened.unwrap().0,
        }
    }
}

pub(crate) struct Running {
    pub(crate) service: Arc<Service>,
    pub(crate) started: Started,
    pub(crate) storage: Arc<dyn Storage>,
    pub(crate) store: Arc<dyn Store>,
}

impl Running {
    pub(crate) fn check(&self, rows: Vec<DecisionRecord>) -> Result<Vec<RowResult>, ServiceError> {
        self.check_with(rows, None)
    }

    pub(crate) fn check_with(
        &self,
        rows: Vec<DecisionRecord>,
        key: Option<&str>,
    ) -> Result<Vec<RowResult>, ServiceError> {
        let (told, heard) = channel();
        let reply = Box::new(move |result| told.send(result).unwrap());
        self.service.queue().check(rows, key.map(str::to_owned), reply)?;
        heard.recv_timeout(Duration::from_mins(1)).unwrap()
    }

    pub(crate) fn check_one(&self, row: DecisionRecord) -> RowResult {
        self.check(vec![row]).unwrap().remove(0)
    }

    pub(crate) fn log(&self, rows: Vec<DecisionRecord>) -> Result<Vec<RowResult>, ServiceError> {
        let (told, heard) = channel();
        self.service.queue().log(rows, Box::new(move |result| told.send(result).unwrap()))?;
        heard.recv_timeout(Duration::from_mins(1)).unwrap()
    }

    pub(crate) fn event(&self, caller: &Caller, id: &str, key: &str, text: &str) -> Result<Acknowledged, ServiceError> {
        let (told, heard) = channel();
        let reply = Box::new(move |result| told.send(result).unwrap());
        self.service.record_event(caller, key, event(id, text), reply)?;
        heard.recv_timeout(Duration::from_mins(1)).unwrap()
    }

    /// The first administrator, once.
    pub(crate) fn administrator(&self) -> Caller {
        let first = self.service.first_run().unwrap().unwrap();
        self.service.claim_first_run(&first.token, "root", &password()).unwrap();
        self.log_in("root")
    }

    pub(crate) fn log_in(&self, name: &str) -> Caller {
        let session = self.service.log_in(name, &password()).unwrap();
        self.service.recognise(Credential::Session(session.token.reveal())).unwrap()
    }

    /// Someone of a role; their name is the role's with a number.
    pub(crate) fn someone(&self, administrator: &Caller, name: &str, role: Role, persons: &[&str]) -> Caller {
        let new = NewAccount {
            name: name.to_owned(),
            roles: [role].into(),
            persons: persons.iter().map(|person| (*person).to_owned()).collect(),
        };
        self.service.create_account(administrator, new, Some(&password())).unwrap();
        self.log_in(name)
    }
}

/// A caller that the interface would have recognised, for tests of other things.
pub(crate) fn machine(running: &Running) -> Caller {
    let administrator = running.administrator();
    let new = gongdao_service::NewKey { name: "dispatcher".to_owned(), roles: [Role::Machine].into(), until: None };
    let (_, secret) = running.service.create_key(&administrator, new).unwrap();
    running.service.recognise(Credential::Key(secret.reveal())).unwrap()
}

pub(crate) fn password() -> Secret {
    Secret::new("correct horse battery")
}

/// A decision of 2024 to dispatch: satisfied up to 239 minutes for an algorithm that is not filed.
pub(crate) fn decision(id: &str, person: &str, minutes: i64) -> DecisionRecord {
    let json = serde_json::json!({
        "id": id, "at": "2024-05-01T12:00:00+08:00", "action": "dispatch", "algorithm": "a", "person": person,
        "principal": { "filed": false },
        "context": { "minutes": minutes, "personalInformation": true, "purpose": "dispatch", "necessary": false },
    });
    serde_json::from_value(json).unwrap()
}

/// `resource.consents set ["dispatch"]`
pub(crate) fn event(id: &str, text: &str) -> NewEvent {
    let mut parts = text.splitn(3, ' ');
    let (fact, op) = (parts.next().unwrap(), parts.next().unwrap());
    let mut change = serde_json::json!({ "op": op });
    if let Some(value) = parts.next() {
        change["value"] = serde_json::from_str(value).unwrap();
    }
    serde_json::from_value(serde_json::json!({ "id": id, "fact": fact, "change": change })).unwrap()
}

/// The time of day that the test sets; the other clock runs.
#[derive(Clone)]
pub(crate) struct TestClock {
    pub(crate) now: Arc<AtomicI64>,
    started: Ticks,
}

impl TestClock {
    fn new() -> Self {
        let now: Instant = "2024-05-01T12:00:00+08:00".parse().unwrap();
        Self { now: Arc::new(AtomicI64::new(now.millis())), started: Ticks::now() }
    }

    pub(crate) fn advance(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Instant {
        Instant::from_millis(self.now.load(Ordering::SeqCst)).unwrap()
    }

    fn ticks(&self) -> Duration {
        self.started.elapsed()
    }
}

pub(crate) struct Random;

impl Entropy for Random {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ServiceError> {
        random(bytes);
        Ok(())
    }
}

pub(crate) struct LedgerRandom;

fn random(bytes: &mut [u8]) {
    use std::io::Read;
    std::fs::File::open("/dev/urandom").unwrap().read_exact(bytes).unwrap();
}

impl gongdao_ledger::Entropy for LedgerRandom {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        random(bytes);
        Ok(())
    }
}

pub(crate) struct LedgerClock;

impl gongdao_ledger::Clock for LedgerClock {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

/// Say something to the database behind the store's back.
pub(crate) fn sql(home: &Home, statement: &str) {
    match home.database {
        Database::Sqlite => {
            let path = home.address.strip_prefix("sqlite:").unwrap();
            rusqlite::Connection::open(path).unwrap().execute_batch(statement).unwrap();
        }
        Database::Postgres => {
            postgres::Client::connect(&home.address, postgres::NoTls).unwrap().batch_execute(statement).unwrap();
        }
    }
}

//! A service over the real packs in a folder of its own, listening at a port of this machine.

pub mod client;
pub mod receiver;

use gongdao_gate::{Gate, GateSettings};
use gongdao_i18n::Catalogue;
use gongdao_law::{Book, Texts};
use gongdao_ledger::{Folder, Ledger, LedgerError, LoggedAt, Setup as LedgerSetup, Storage};
use gongdao_merkle::NoteSigner;
use gongdao_model::{FactValue, Instant};
use gongdao_pack::{Drafts, Packs};
use gongdao_rules::RuleSet;
use gongdao_service::port::{Clock, Entropy, Store};
use gongdao_service::{Parts, Secret, Service, ServiceError, ServiceSettings};
use gongdao_store::SqlStore;
use gongdao_web::settings::{Layered, Settings};
use gongdao_web::{Setup, Stopper, serve};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::channel;
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub struct Clocks(std::time::Instant);

#[expect(clippy::disallowed_methods, reason = "tests are where time comes from")]
pub fn since_epoch() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}

impl Clock for Clocks {
    fn now(&self) -> Instant {
        Instant::from_millis(since_epoch().as_millis() as i64).unwrap()
    }

    fn ticks(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The machine's clock, moved on by so many milliseconds.
struct Moved(Clocks, Arc<AtomicI64>);

impl Clock for Moved {
    fn now(&self) -> Instant {
        Instant::from_millis(self.0.now_millis() + self.1.load(Ordering::SeqCst)).unwrap()
    }

    fn ticks(&self) -> Duration {
        self.0.ticks()
    }
}

impl Clocks {
    fn now_millis(&self) -> i64 {
        Clock::now(self).millis()
    }
}

impl gongdao_ledger::Clock for Clocks {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(since_epoch().as_secs())
    }
}

/// Numbers that differ; secrecy is not what is tested.
pub struct Counted(AtomicU64);

impl Counted {
    pub fn new() -> Self {
        Self(AtomicU64::new(since_epoch().as_nanos() as u64))
    }

    fn next(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let count = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
            let mixed = (count ^ (count >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb);
            chunk.copy_from_slice(&(mixed ^ (mixed >> 29)).to_le_bytes()[..chunk.len()]);
        }
    }
}

impl Entropy for Counted {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ServiceError> {
        self.next(bytes);
        Ok(())
    }
}

impl gongdao_ledger::Entropy for Counted {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        self.next(bytes);
        Ok(())
    }
}

/// Packs and rules are read once a test program.
pub fn law() -> (Arc<Packs>, Arc<RuleSet>) {
    static LAW: std::sync::OnceLock<(Arc<Packs>, Arc<RuleSet>)> = std::sync::OnceLock::new();
    LAW.get_or_init(|| {
        let packs = Packs::read(&root().join("packs")).unwrap().with_drafts(Drafts::Off);
        let rules = RuleSet::load(&packs).unwrap();
        (Arc::new(packs), Arc::new(rules))
    })
    .clone()
}

/// The statute book, read once a test program.
pub fn book() -> Arc<Book> {
    static BOOK: std::sync::OnceLock<Arc<Book>> = std::sync::OnceLock::new();
    Arc::clone(BOOK.get_or_init(|| Arc::new(Book::new(law().0.as_ref().clone(), Texts::none()).unwrap())))
}

pub struct Served {
    pub address: SocketAddr,
    pub service: Arc<Service>,
    /// What the first start showed.
    pub token: Option<Secret>,
    stopper: Stopper,
    serving: Option<JoinHandle<()>>,
}

/// Starts on a folder, which may hold an earlier service's ledger and state.
pub fn start(folder: &Path, listen: &str, flags: &[(&'static str, String)]) -> Served {
    start_moved(folder, listen, flags, &Arc::default())
}

/// The same with a clock that the test moves on.
pub fn start_moved(folder: &Path, listen: &str, flags: &[(&'static str, String)], shift: &Arc<AtomicI64>) -> Served {
    let (packs, rules) = law();
    let nothing = FactValue::TextSet(std::collections::BTreeSet::new());
    let initial = [("resource.profilingOff", FactValue::Bool(false)), ("resource.deletedTags", nothing)];
    let initial = initial.into_iter().map(|(path, value)| (path.parse().unwrap(), value)).collect();
    let gate = Gate::new(&packs, &rules, GateSettings::default(), &initial).unwrap();
    let ledger_folder = folder.join("ledger");
    let storage: Arc<dyn Storage> = Arc::new(Folder::new(&ledger_folder));
    let signer = || NoteSigner::new("gongdao.test/web".parse().unwrap(), &[7; 32]);
    if !ledger_folder.exists() {
        std::fs::create_dir_all(&ledger_folder).unwrap();
        let origin = "gongdao.test/web".parse().unwrap();
        Ledger::create(Arc::clone(&storage), origin, &signer(), &mut Counted::new()).unwrap();
    }
    let clocks = || Clocks(std::time::Instant::now());
    let setup = LedgerSetup::new(Arc::clone(&storage), signer(), Box::new(clocks()), Box::new(Counted::new()));
    let (ledger, _) = Ledger::open(setup).unwrap();
    let store: Arc<dyn Store> = Arc::new(SqlStore::sqlite(&folder.join("state.sqlite")).unwrap());
    let mut flags = flags.to_vec();
    flags.push(("listen", listen.to_owned()));
    let settings = Settings::read(&Layered::new(None, |_| None, &flags)).unwrap();
    let mut service_settings = ServiceSettings::new(folder.join("erasures.jsonl"));
    service_settings.register_required = settings.register_required;
    let parts = Parts {
        gate: Arc::new(gate),
        rules,
        ledger,
        ledger_storage: storage,
        store,
        clock: Arc::new(Moved(clocks(), Arc::clone(shift))),
        entropy: Arc::new(Counted::new()),
        settings: service_settings,
    };
    let (service, _) = Service::start(parts).unwrap();
    let token = service.first_run().unwrap().map(|first| first.token);
    let setup = Setup {
        service: Arc::clone(&service),
        settings,
        catalogue: Catalogue::embedded().unwrap(),
        law: book(),
        seed: since_epoch().as_nanos() as u64,
        unix_nanos: since_epoch().as_nanos(),
    };
    let (stopper, stop) = Stopper::new();
    let (sender, receiver) = channel();
    let serving = std::thread::spawn(move || serve(setup, stop, move |address| sender.send(address).unwrap()).unwrap());
    let address = receiver.recv_timeout(Duration::from_mins(1)).unwrap();
    Served { address, service, token, stopper, serving: Some(serving) }
}

impl Served {
    pub fn stop(mut self) {
        self.stopper.stop();
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
        self.service.stop().unwrap();
    }

    pub fn join(mut self) {
        if let Some(serving) = self.serving.take() {
            serving.join().unwrap();
        }
        self.service.stop().unwrap();
    }

    pub fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }
}

use crate::access::Access;
use crate::backup::{ErasureList, restored};
use crate::check::{Book, CheckQueue, Limits, Wiring};
use crate::desk::{DeskTools, SweepThread};
use crate::follow::{Follower, FollowerParts, Presence, apply_entries};
use crate::gate_figures::KeptFigures;
use crate::identity::Recognised;
use crate::ledger_view::LedgerView;
use crate::port::{Clock, Entropy, Store};
use crate::recover::{Recovered, recover};
use crate::register::{Board, RegisterTools};
use crate::rule_bench::RuleBenchSlot;
use crate::settings::stored;
use crate::upkeep::{Upkeep, UpkeepThread};
use crate::{Right, ServiceError};
use gongdao_gate::{Alarm, Gate, Stopped};
use gongdao_ledger::{Ledger, Reader, Storage};
use gongdao_model::VersionKey;
use gongdao_rules::{RuleSet, Vocabulary};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How the service runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServiceSettings {
    /// How much may wait.
    pub limits: Limits,
    /// How long a lease lasts where several processes share a database: a process that dies holds acknowledgements up for
    /// this long.
    pub lease: Duration,
    /// How often the ledger is signed, closed and sealed.
    pub upkeep: Upkeep,
    /// The list of erasures, which a restore replays. Keep it apart from what is backed up.
    pub erasures: PathBuf,
    /// How long a session lasts.
    pub session: Duration,
    /// Whether a decision by a version that the register does not have in force is held.
    pub register_required: bool,
}

impl ServiceSettings {
    /// Figures that fit a small server.
    pub fn new(erasures: impl Into<PathBuf>) -> Self {
        Self {
            limits: Limits::default(),
            lease: Duration::from_secs(2),
            upkeep: Upkeep::default(),
            erasures: erasures.into(),
            session: Duration::from_hours(12),
            register_required: false,
        }
    }
}

/// What a service is made of.
pub struct Parts {
    /// The gate, without state.
    pub gate: Arc<Gate>,
    /// The rules behind it.
    pub rules: Arc<RuleSet>,
    /// The writer of this process's ledger.
    pub ledger: Ledger,
    /// Where that ledger is.
    pub ledger_storage: Arc<dyn Storage>,
    /// Everything beside the ledger.
    pub store: Arc<dyn Store>,
    /// The clocks.
    pub clock: Arc<dyn Clock>,
    /// Random bytes.
    pub entropy: Arc<dyn Entropy>,
    /// How it runs.
    pub settings: ServiceSettings,
}

/// What was found at the start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Started {
    /// What was read from the ledger into the database.
    pub recovered: Recovered,
    /// Entries of the journal that the gate was brought.
    pub entries: u64,
    /// Entries that the gate could not take as they are; their facts are unknown.
    pub refused: Vec<String>,
    /// Persons who were erased again, because the ledger is a copy from before.
    pub erased_again: u64,
}

/// The running service. Shared by threads.
pub struct Service {
    pub(crate) node: Arc<str>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) view: Arc<LedgerView>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) settings: ServiceSettings,
    pub(crate) vocabulary: Vocabulary,
    pub(crate) versions: BTreeSet<VersionKey>,
    pub(crate) access: Access,
    pub(crate) presence: Arc<Presence>,
    pub(crate) book: Arc<Book>,
    pub(crate) follower: Follower,
    pub(crate) recognised: Mutex<Recognised>,
    queue: CheckQueue,
    upkeep: UpkeepThread,
    pub(crate) desk: DeskTools,
    pub(crate) register: RegisterTools,
    pub(crate) board: Arc<Board>,
    pub(crate) rule_bench: RuleBenchSlot,
    pub(crate) figures: KeptFigures,
}

impl Service {
    /// Recover and start. When it returns, the projection has all that the ledger has, and the gate every entry of the
    /// journal.
    ///
    /// Errors: the database, the disk, an entry that cannot be read.
    pub fn start(parts: Parts) -> Result<(Arc<Self>, Started), ServiceError> {
        let Parts { gate, rules, ledger, ledger_storage, store, clock, entropy, settings } = parts;
        let ledger = Arc::new(ledger);
        ledger.checkpoint()?;
        let node: Arc<str> = Reader::open(Arc::clone(&ledger_storage))?.about().origin.to_string().into();
        let list = ErasureList::at(&settings.erasures);
        let erased_again = restored(&list, &ledger_storage, &ledger, &*store, &node)?;
        let view = Arc::new(LedgerView::new(Arc::clone(&ledger), ledger_storage));
        let recovered = recover(&view, &*store, &node)?;
        let (desk, register) = (DeskTools::new()?, RegisterTools::new()?);
        if recovered.restored > 0 {
            crate::desk::restore(&*store, &node, &desk.rights, &desk.calendar)?;
            crate::register::restore(&*store, &node, &register.duties)?;
            crate::orders::restore(&*store, &node)?;
        }
        crate::desk::recount(&*store, &node, &desk)?;
        let board = Arc::new(Board::new(&*store, &view, &node, settings.register_required)?);
        let (applied, refused) = bring_state(&gate, &board, &*store, &node)?;
        let presence = Arc::new(Presence::new(Arc::clone(&clock), !store.is_shared()));
        let book = Arc::new(Book::new(settings.limits.kept_answers));
        if !store.is_shared() {
            // Others' identifiers would not be in it; there each is claimed.
            store.each_id(&mut |id| book.remember(id))?;
        }
        let wiring = Wiring {
            node: Arc::clone(&node),
            gate: Arc::clone(&gate),
            ledger: Arc::clone(&ledger),
            view: Arc::clone(&view),
            store: Arc::clone(&store),
            clock: Arc::clone(&clock),
            presence: Arc::clone(&presence),
            book: Arc::clone(&book),
            register: Arc::clone(&board),
            limits: settings.limits,
        };
        let follower = Follower::start(
            FollowerParts {
                node: Arc::clone(&node),
                gate: Arc::clone(&gate),
                register: Arc::clone(&board),
                ledger: Arc::clone(&ledger),
                store: Arc::clone(&store),
                clock: Arc::clone(&clock),
                presence: Arc::clone(&presence),
                lease: settings.lease,
            },
            applied,
        )?;
        let queue = CheckQueue::start(&wiring)?;
        let upkeep = UpkeepThread::start(settings.upkeep, Arc::clone(&ledger), Arc::clone(&store), Arc::clone(&clock))?;
        let service = Self {
            node,
            gate,
            ledger,
            view,
            store,
            clock,
            entropy,
            settings,
            vocabulary: rules.vocabulary.clone(),
            versions: rules.versions.iter().map(|version| version.key.clone()).collect(),
            access: Access::new()?,
            presence,
            book,
            follower,
            recognised: Mutex::default(),
            queue,
            upkeep,
            desk,
            register,
            board,
            rule_bench: RuleBenchSlot::default(),
            figures: KeptFigures::default(),
        };
        let service = Arc::new(service);
        let _ = service.desk.sweep.set(SweepThread::start(Arc::downgrade(&service))?);
        Ok((service, Started { recovered, entries: applied, refused, erased_again }))
    }

    /// The queue of checks. Whoever calls it has asked [`crate::Caller::may`] first: this is the hot way.
    pub fn queue(&self) -> &CheckQueue {
        &self.queue
    }

    /// Whether decisions can be checked: the ledger takes records, and the gate knows the newest state.
    pub fn is_ready(&self) -> bool {
        self.queue.is_working() && self.presence.is_current() && !self.presence.is_ending()
    }

    /// Name of this process: the origin of its ledger.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// The gate, for figures. Its state is changed by events alone.
    pub fn gate(&self) -> &Gate {
        &self.gate
    }

    /// The words of records and rules.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The store, for what an interface keeps there on its own.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// Entries of the journal that this gate could not take as they are.
    pub fn refused_entries(&self) -> Vec<String> {
        self.follower.refused()
    }

    /// What the official evaluator found, after a number, and the rules that are stopped.
    pub fn alarms(&self, caller: &crate::Caller, after: u64) -> Result<(Vec<Alarm>, Vec<Stopped>), ServiceError> {
        caller.may(Right::ReadAlarms)?;
        Ok((self.gate.alarms_after(after), self.gate.stopped()))
    }

    /// A reader of the ledger up to its last checkpoint: positions, tiles, proofs.
    pub fn ledger(&self, caller: &crate::Caller) -> Result<Arc<Reader>, ServiceError> {
        caller.may(Right::ReadLedger)?;
        self.view.newest()
    }

    /// Sign all that was acknowledged until now: whoever reads the ledger's folder from here on sees it.
    ///
    /// Errors: the caller may not audit; those of the disk.
    pub fn sign_ledger(&self, caller: &crate::Caller) -> Result<(), ServiceError> {
        caller.may(Right::RunAudits)?;
        self.ledger.checkpoint()?;
        Ok(())
    }

    /// The key of the ledger's checkpoints, with the ledger's name in it. It is a public key, for everyone.
    pub fn ledger_key(&self) -> Result<String, ServiceError> {
        Ok(self.view.reader()?.about().key.to_string())
    }

    /// Take nothing more, answer what waits, sign a last checkpoint.
    ///
    /// Errors: those of the disk. What was acknowledged is safe in any case.
    pub fn stop(&self) -> Result<(), ServiceError> {
        self.presence.end();
        if let Some(sweep) = self.desk.sweep.get() {
            sweep.stop();
        }
        self.queue.stop();
        self.follower.stop();
        self.upkeep.stop();
        match self.ledger.checkpoint() {
            Ok(_) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // Whoever wants to hear of errors has called it before.
        let _ = self.stop();
    }
}

/// Bring the gate every entry that there is. Returns the last one's number.
fn bring_state(gate: &Gate, board: &Board, store: &dyn Store, node: &str) -> Result<(u64, Vec<String>), ServiceError> {
    const AT_ONCE: u32 = 10_000;
    let (mut applied, mut refused) = (0, Vec::new());
    if stored(store)? != crate::StoredSettings::default() {
        stored(store)?.apply(gate);
    }
    loop {
        let mut entries = store.after(applied, AT_ONCE)?;
        let Some(last) = entries.last().map(|entry| entry.seq) else { return Ok((applied, refused)) };
        // This process's own that are in no ledger yet go through the follower, so that they get there.
        let open = entries.iter().position(|entry| entry.leaf.is_none() && entry.node == node);
        if let Some(open) = open {
            entries.truncate(open);
        }
        refused.extend(apply_entries(gate, board, store, &entries)?.refused);
        applied = if open.is_some() { entries.last().map_or(applied, |entry| entry.seq) } else { last };
        if open.is_some() {
            return Ok((applied, refused));
        }
    }
}

use super::{Acknowledged, Presence, apply_entries};
use crate::check::Reply;
use crate::divergence::keep_stops;
use crate::port::{Clock, JournalEntry, Recorded, Store};
use crate::record::journal_draft;
use crate::register::Board;
use crate::{ErrorKind, ServiceError};
use gongdao_gate::Gate;
use gongdao_ledger::Ledger;
use std::collections::HashMap;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often others' entries are looked for.
const POLL: Duration = Duration::from_millis(5);
/// The same where this process is alone and hears of its own entries.
const POLL_ALONE: Duration = Duration::from_secs(1);
/// How often it is looked whether the gate stopped a rule by itself.
const WATCH: Duration = Duration::from_millis(50);
/// Entries taken at once.
const AT_ONCE: u32 = 1000;

/// What the thread works with.
#[derive(Clone)]
pub(crate) struct FollowerParts {
    pub(crate) node: Arc<str>,
    pub(crate) gate: Arc<Gate>,
    pub(crate) register: Arc<Board>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) presence: Arc<Presence>,
    /// How long a lease lasts.
    pub(crate) lease: Duration,
}

/// Hands acknowledgements to the thread that follows the journal.
pub(crate) struct Follower {
    messages: Mutex<Option<Sender<Wish>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
    refused: Arc<Mutex<Vec<String>>>,
}

/// Someone who waits for an entry.
struct Wish {
    seq: u64,
    is_repeat: bool,
    reply: Reply<Acknowledged>,
}

impl Follower {
    /// Follow from the entry after `applied`, which the gate has seen.
    pub(crate) fn start(parts: FollowerParts, applied: u64) -> Result<Self, ServiceError> {
        let (messages, inbox) = channel();
        let refused: Arc<Mutex<Vec<String>>> = Arc::default();
        let mut following = Following {
            parts,
            applied,
            is_caught_up_at: None,
            renewed_at: None,
            alarms_seen: 0,
            wishes: Vec::new(),
            leaves: HashMap::new(),
            is_failed: false,
            refused: Arc::clone(&refused),
        };
        let thread = std::thread::Builder::new()
            .name("follow".to_owned())
            .spawn(move || following.run(&inbox))
            .map_err(ServiceError::storage)?;
        Ok(Self { messages: Mutex::new(Some(messages)), thread: Mutex::new(Some(thread)), refused })
    }

    /// Reply when the entry is in the ledger and every live gate has it.
    pub(crate) fn acknowledge(&self, recorded: Recorded, reply: Reply<Acknowledged>) {
        let (seq, is_repeat) = match recorded {
            Recorded::New(seq) => (seq, false),
            Recorded::Same(seq) => (seq, true),
            Recorded::Other => return reply(Err(taken())),
        };
        let wish = Wish { seq, is_repeat, reply };
        let messages = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let unsent = match messages.as_ref() {
            Some(messages) => messages.send(wish).err().map(|error| error.0),
            None => Some(wish),
        };
        if let Some(wish) = unsent {
            (wish.reply)(Err(ServiceError::closed()));
        }
    }

    /// The same, waiting.
    pub(crate) fn wait(&self, recorded: Recorded) -> Result<Acknowledged, ServiceError> {
        let (told, heard) = channel();
        self.acknowledge(recorded, Box::new(move |result| drop(told.send(result))));
        heard.recv().map_err(|_| ServiceError::closed())?
    }

    /// Entries that this gate could not take as they were.
    pub(crate) fn refused(&self) -> Vec<String> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn stop(&self) {
        drop(self.messages.lock().unwrap_or_else(PoisonError::into_inner).take());
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        self.stop();
    }
}

pub(crate) fn taken() -> ServiceError {
    ServiceError::new(
        ErrorKind::Taken,
        "the identifier belongs to another entry",
        "give each entry an identifier of its own",
    )
}

struct Following {
    parts: FollowerParts,
    applied: u64,
    /// The entry up to which this process has to be before it counts as current again; nothing while it is.
    is_caught_up_at: Option<u64>,
    renewed_at: Option<Duration>,
    /// The last alarm of the gate that was looked at.
    alarms_seen: u64,
    wishes: Vec<Wish>,
    leaves: HashMap<u64, u64>,
    /// The ledger takes nothing more.
    is_failed: bool,
    refused: Arc<Mutex<Vec<String>>>,
}

impl Following {
    fn run(&mut self, inbox: &Receiver<Wish>) {
        let is_shared = self.parts.store.is_shared();
        // The first step is taken at once, so that the lease is there.
        loop {
            if let Err(error) = self.step(is_shared) {
                self.failed(&error);
            }
            let poll = if is_shared || !self.wishes.is_empty() { POLL } else { POLL_ALONE };
            match self.hear(inbox, poll) {
                Ok(wish) => self.wishes.push(wish),
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => break,
            }
            self.wishes.extend(inbox.try_iter());
        }
        // A rule that was stopped at the last moment; what fails now stays stopped until the process is gone.
        let _ = self.keep_stops().and_then(|()| self.take_entries().map(drop));
        for _ in 0..400 {
            if self.wishes.is_empty() || self.step(is_shared).is_err() {
                break;
            }
            std::thread::sleep(POLL);
        }
        self.refuse_wishes(&ServiceError::closed());
        self.parts.presence.lapse();
        if is_shared {
            let _ = self.parts.store.give_up(&self.parts.node);
        }
    }

    /// Wait for somebody, a while, or until the gate stopped a rule by itself.
    fn hear(&self, inbox: &Receiver<Wish>, longest: Duration) -> Result<Wish, RecvTimeoutError> {
        let mut left = longest;
        loop {
            let heard = inbox.recv_timeout(left.min(WATCH));
            left = left.saturating_sub(WATCH);
            let has_alarm = || !self.parts.gate.alarms_after(self.alarms_seen).is_empty();
            if !matches!(heard, Err(RecvTimeoutError::Timeout)) || left.is_zero() || has_alarm() {
                return heard;
            }
        }
    }

    fn keep_stops(&mut self) -> Result<(), ServiceError> {
        let FollowerParts { gate, store, node, clock, .. } = &self.parts;
        self.alarms_seen = keep_stops(gate, &**store, node, &**clock, self.alarms_seen)?;
        Ok(())
    }

    fn step(&mut self, is_shared: bool) -> Result<(), ServiceError> {
        if self.is_failed {
            self.refuse_wishes(&ServiceError::storage("the ledger has stopped after an error of its disk"));
            return Ok(());
        }
        if is_shared {
            self.keep_lease()?;
        }
        self.keep_stops()?;
        let before = self.applied;
        while self.take_entries()? == AT_ONCE as usize {}
        if is_shared && (self.applied > before || self.is_caught_up_at.is_some()) {
            self.renew()?;
        }
        self.answer(is_shared)
    }

    fn keep_lease(&mut self) -> Result<(), ServiceError> {
        let now = self.parts.clock.ticks();
        let is_due = self.renewed_at.is_none_or(|at| now.saturating_sub(at) * 3 >= self.parts.lease);
        if is_due { self.renew() } else { Ok(()) }
    }

    fn renew(&mut self) -> Result<(), ServiceError> {
        let parts = &self.parts;
        let was_current = parts.presence.is_current();
        let since = parts.clock.ticks();
        parts.store.renew(&parts.node, self.applied, parts.lease)?;
        self.renewed_at = Some(since);
        if !was_current && self.is_caught_up_at.is_none() {
            // Others wait for this process from now on; whatever they acknowledged before is below this.
            self.is_caught_up_at = Some(parts.store.last()?);
        }
        match self.is_caught_up_at {
            Some(needed) if self.applied < needed => {}
            _ => {
                self.is_caught_up_at = None;
                parts.presence.hold(since, parts.lease);
            }
        }
        Ok(())
    }

    fn take_entries(&mut self) -> Result<usize, ServiceError> {
        let entries = self.parts.store.after(self.applied, AT_ONCE)?;
        let Some(last) = entries.last() else { return Ok(0) };
        let last = last.seq;
        self.log(&entries)?;
        let applied = apply_entries(&self.parts.gate, &self.parts.register, &*self.parts.store, &entries)?;
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).extend(applied.refused);
        self.applied = last;
        Ok(entries.len())
    }

    /// Write this process's entries into its ledger, in their order.
    fn log(&mut self, entries: &[JournalEntry]) -> Result<(), ServiceError> {
        let parts = &self.parts;
        let own: Vec<&JournalEntry> =
            entries.iter().filter(|entry| entry.leaf.is_none() && *entry.node == *parts.node).collect();
        if own.is_empty() {
            return Ok(());
        }
        let drafts = own.iter().map(|entry| journal_draft(entry)).collect::<Result<Vec<_>, _>>()?;
        let placed = match parts.ledger.append(drafts).and_then(gongdao_ledger::Pending::wait) {
            Ok(placed) => placed,
            Err(error) => {
                self.is_failed = true;
                parts.presence.lapse();
                return Err(error.into());
            }
        };
        let mut leaves = Vec::with_capacity(own.len());
        for (entry, placed) in own.iter().zip(placed) {
            // A person who is being erased at this moment: nothing about them is logged any more.
            let Ok(logged) = placed else { continue };
            leaves.push((entry.seq, logged.leaf));
        }
        parts.store.note_leaves(&leaves)?;
        self.leaves.extend(leaves);
        Ok(())
    }

    fn answer(&mut self, is_shared: bool) -> Result<(), ServiceError> {
        if self.wishes.is_empty() {
            self.leaves.clear();
            return Ok(());
        }
        let mut seen_by_all = self.applied;
        if is_shared {
            let leases = self.parts.store.leases()?;
            let live = leases.iter().filter(|lease| lease.is_live).map(|lease| lease.applied);
            seen_by_all = live.fold(seen_by_all, u64::min);
        }
        let (done, left): (Vec<Wish>, Vec<Wish>) =
            std::mem::take(&mut self.wishes).into_iter().partition(|wish| wish.seq <= seen_by_all);
        self.wishes = left;
        for wish in done {
            let leaf = self.leaf_of(wish.seq);
            (wish.reply)(leaf.map(|leaf| Acknowledged { seq: wish.seq, leaf, is_repeat: wish.is_repeat }));
        }
        Ok(())
    }

    fn leaf_of(&self, seq: u64) -> Result<Option<u64>, ServiceError> {
        if let Some(leaf) = self.leaves.get(&seq) {
            return Ok(Some(*leaf));
        }
        let entry = self.parts.store.after(seq.saturating_sub(1), 1)?.into_iter().next();
        Ok(entry.filter(|entry| entry.seq == seq).and_then(|entry| entry.leaf))
    }

    /// A database that does not answer: whoever waits goes on waiting until the lease lapses, then hears of it.
    fn failed(&mut self, error: &ServiceError) {
        if self.is_failed || !self.parts.presence.is_current() {
            self.refuse_wishes(error);
        }
    }

    fn refuse_wishes(&mut self, error: &ServiceError) {
        for wish in self.wishes.drain(..) {
            (wish.reply)(Err(error.clone()));
        }
    }
}

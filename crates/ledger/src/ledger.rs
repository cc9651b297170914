use crate::about::{About, Form};
use crate::aside::aside;
use crate::closing::{EndNote, HalfClosed};
use crate::core::{Core, Logged, locked};
use crate::draft::{Draft, Loggable, Names, prepare};
use crate::erasure::{Erased, Erasure, Restriction};
use crate::keys::Keys;
use crate::open::{self, Recovery, Setup};
use crate::prepared::Prepared;
use crate::sealing::Sealed;
use crate::storage::{Disk, Storage};
use crate::tag_index::IndexSeal;
use crate::{Entropy, ErrorKind, LedgerError, Written};
use gongdao_merkle::{NoteSigner, Origin, SignedCheckpoint};
use gongdao_model::DecisionRecord;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, Weak};
use std::thread::JoinHandle;

/// The one writer of a ledger. May be shared by threads; one thread behind it gives records their places.
///
/// An index is returned only when the record is on the disk. After an error of the disk nothing more is acknowledged: open
/// the ledger anew, which recovers what was acknowledged.
pub struct Ledger {
    messages: SyncSender<Message>,
    thread: Option<JoinHandle<()>>,
    keys: Arc<Mutex<Keys>>,
    entropy: Arc<Mutex<Box<dyn Entropy>>>,
    /// Held while an epoch is closed and while rows are erased; taken before `sealing`.
    closing: Mutex<()>,
    /// Held while segments are made and while rows are erased: what is being sealed must not be erased meanwhile.
    sealing: Mutex<()>,
    /// Held while a checkpoint is made; taken after `sealing`. Whoever holds it alone changes `checkpoint` and files of `wal`.
    signing: Mutex<()>,
    disk: Disk,
    /// What keeps copies out, while somebody in this process holds it.
    alone: Mutex<Weak<Held>>,
}

type Held = Box<dyn Send + Sync>;

/// While it lives, the folder is not copied.
#[must_use = "copies are kept out while it lives"]
pub struct NoCopies {
    _held: Arc<Held>,
}

type Placed = Result<Vec<Result<Logged, LedgerError>>, LedgerError>;
type Call = (Prepared, SyncSender<Placed>);
type Command = Box<dyn FnOnce(Result<&mut Core, LedgerError>) -> Option<LedgerError> + Send>;

enum Message {
    Append(Call),
    Command(Command),
    Stop,
}

/// Records on their way to the disk.
#[must_use = "nothing is durable before it was waited for"]
pub struct Pending(Receiver<Placed>);

impl Pending {
    /// Wait until the records are durable. One result a record, in their order. Errors: the disk; then none is
    /// acknowledged, and each may or may not be there after the next start.
    pub fn wait(self) -> Result<Vec<Result<Logged, LedgerError>>, LedgerError> {
        self.0.recv().map_err(|_| stopped())?
    }
}

impl Ledger {
    /// Make an empty ledger. The key's name must be the origin.
    ///
    /// Errors: the folder holds one already; the disk.
    pub fn create(
        storage: Arc<dyn Storage>,
        origin: Origin,
        signer: &NoteSigner,
        entropy: &mut dyn Entropy,
    ) -> Result<(), LedgerError> {
        open::create(storage, origin, signer, entropy)
    }

    /// Recover and take over as the one writer.
    ///
    /// Errors: another writer has the folder; a damaged file, with its place; a disk that was rolled back, as witnesses
    /// show; too few witnesses answer.
    pub fn open(setup: Setup) -> Result<(Self, Recovery), LedgerError> {
        let (batch_cap, queue_cap) = (setup.batch_cap.max(1), setup.queue_cap);
        let disk = Disk(Arc::clone(&setup.storage));
        let (core, recovery) = open::open(setup)?;
        let (keys, entropy) = (Arc::clone(&core.keys), Arc::clone(&core.entropy));
        let (messages, inbox) = sync_channel(queue_cap);
        let thread = std::thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || run(core, &inbox, batch_cap))
            .map_err(|error| LedgerError::storage(format!("no thread: {error}"), "free memory and try again"))?;
        let (closing, sealing, signing) = (Mutex::new(()), Mutex::new(()), Mutex::new(()));
        let alone = Mutex::new(Weak::new());
        Ok((Self { messages, thread: Some(thread), keys, entropy, closing, sealing, signing, disk, alone }, recovery))
    }

    /// Hand over records. Blocks while the queue is full. Errors: a draft that is refused, before any of them is taken.
    #[expect(clippy::needless_pass_by_value, reason = "handed over: nobody is to log them a second time")]
    pub fn append(&self, drafts: Vec<Draft>) -> Result<Pending, LedgerError> {
        self.send(&drafts, &Names::Random)
    }

    /// The same for records whose bytes are there.
    pub fn append_written(&self, records: &[Written]) -> Result<Pending, LedgerError> {
        self.send(records, &Names::Random)
    }

    /// Hand over records under the ids that the caller's system has for them, 1 to 1,024 bytes, so that a call may be made
    /// again when its answer was lost: a record that was logged under its id already gets the place that it has, also after a
    /// restart, among the last [`Setup::ids_kept`] records at least.
    ///
    /// Errors: a draft or id that is refused, before any of them is taken. One record's own: another was logged under its id;
    /// it was erased since.
    pub fn append_once(&self, named: Vec<(String, Draft)>) -> Result<Pending, LedgerError> {
        let (ids, drafts): (Vec<String>, Vec<Draft>) = named.into_iter().unzip();
        self.send(&drafts, &Names::OfIds(ids.iter().map(String::as_str).collect()))
    }

    /// The same for decisions under the identifiers that they bear, without a draft of each.
    pub fn append_decisions(&self, decisions: &[DecisionRecord]) -> Result<Pending, LedgerError> {
        self.send(decisions, &Names::OfIds(decisions.iter().map(|decision| decision.id.as_str()).collect()))
    }

    fn send<R: Loggable>(&self, records: &[R], names: &Names) -> Result<Pending, LedgerError> {
        let prepared = prepare(records, names, &self.keys, &self.entropy)?;
        let (reply, answer) = sync_channel(1);
        self.messages.send(Message::Append((prepared, reply))).map_err(|_| stopped())?;
        Ok(Pending(answer))
    }

    /// Sign what is durable now. Records go on being logged meanwhile.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, LedgerError> {
        let _signing = locked(&self.signing)?;
        self.sign(|_| false).map(|(signed, _)| signed)
    }

    /// Make a checkpoint; where the writer says so, a new row file begins right after it, at the place that is returned.
    fn sign(
        &self,
        begins_file: impl FnOnce(&Core) -> bool + Send + 'static,
    ) -> Result<(SignedCheckpoint, Option<u64>), LedgerError> {
        let room = self.command(|core| Ok(core.room()))?;
        let fresh = self.told(room.map(|room| room.prepare()).transpose())?;
        let (mut due, begins_file) = self.command(move |core| {
            let begins_file = begins_file(core);
            Ok((core.begin_checkpoint(fresh, begins_file)?, begins_file))
        })?;
        self.told(due.sync())?;
        let (due, signed) = self.command(move |core| core.sign(&due).map(|signed| (due, signed)))?;
        self.told(due.publish(signed.as_ref()))?;
        let end = begins_file.then_some(due.size);
        let signed = self.command(move |core| {
            core.checkpoint = signed.unwrap_or_else(|| core.checkpoint.clone());
            Ok((core.checkpoint.clone(), end))
        })?;
        self.told(due.drop_logs())?;
        Ok(signed)
    }

    /// What failed outside of the writer's thread stops it all the same.
    fn told<T: Send + 'static>(&self, done: Result<T, LedgerError>) -> Result<T, LedgerError> {
        done.or_else(|error| self.command(move |_| Err(error)))
    }

    /// Keep a checkpoint to which witnesses added their lines. Errors: it is not the current one.
    pub fn publish(&self, signed: SignedCheckpoint) -> Result<(), LedgerError> {
        let _signing = locked(&self.signing)?;
        self.command(move |core| core.publish(signed))
    }

    /// Close the epoch and seal its tag index; sign a checkpoint afterwards, so that statements can be proved. Records go on being
    /// logged meanwhile, in the next epoch; an erasure waits.
    ///
    /// Errors: a tag that stands twice; the disk.
    pub fn close_epoch(&self) -> Result<IndexSeal, LedgerError> {
        let _closing = locked(&self.closing)?;
        if let Some(half_closed) = self.command(|core| Ok(core.half_closed.take()))? {
            self.seal_epoch(&half_closed)?;
        }
        if !About::has(&self.disk, Form::LateSeals)? {
            let _sealing = locked(&self.sealing)?;
            self.command(Core::allow_late_seals)?;
        }
        let epoch = self.command(|core| Ok(core.epoch.epoch))?;
        let note = self.told(EndNote::prepare(&self.disk, epoch))?;
        let half_closed = self.command(move |core| core.end_epoch(&note))?;
        self.seal_epoch(&half_closed)
    }

    fn seal_epoch(&self, half_closed: &HalfClosed) -> Result<IndexSeal, LedgerError> {
        let seal = self.told(aside(|| half_closed.seal(&self.disk)))?;
        self.command(move |core| core.log_seal(&seal).map(|()| seal))
    }

    /// Erase, as [`Erasure`] says. On return the key is gone, the rows are rewritten, and the write-ahead log is dropped. Waits
    /// while the folder is copied.
    pub fn erase(&self, erasure: Erasure) -> Result<Erased, LedgerError> {
        // First: a checkpoint must not wait for a copy.
        let _alone = self.keep_copies_out()?;
        let _closing = locked(&self.closing)?;
        let _sealing = locked(&self.sealing)?;
        let _signing = locked(&self.signing)?;
        self.command(move |core| core.erase(&erasure))
    }

    /// Sign, and put all rows that are signed and not yet sealed into segments, if there are at least so many. Records can be
    /// logged meanwhile; an erasure waits. Few large segments are read faster than many small ones. Does nothing while the folder
    /// is copied.
    ///
    /// Errors: an entry without a row; the disk. Rows that could not be sealed stay where they are.
    pub fn seal_segments(&self, least: u64) -> Result<Sealed, LedgerError> {
        let _sealing = locked(&self.sealing)?;
        let Some(_alone) = self.disk.keep_copies_out(false)? else { return Ok(Sealed::default()) };
        let signing = locked(&self.signing)?;
        let (_, end) = self.sign(move |core| core.is_seal_due(least))?;
        drop(signing);
        let Some(end) = end else { return Ok(Sealed::default()) };
        let plan = self.command(move |core| core.plan_seal(end))?;
        let segments = aside(|| plan.carry_out())?;
        let manifest = self.told(plan.publish(segments))?;
        self.command(move |core| Ok(core.adopt(manifest)))
    }

    /// Keep copies of the folder ([`back_up`](crate::back_up)) out, so that none is half of an erasure; waits for those that are
    /// being made. An erasure does so itself; whoever erases elsewhere too holds it around both.
    pub fn keep_copies_out(&self) -> Result<NoCopies, LedgerError> {
        let mut alone = locked(&self.alone)?;
        if let Some(held) = alone.upgrade() {
            return Ok(NoCopies { _held: held });
        }
        let held = self.disk.keep_copies_out(true)?.ok_or_else(stopped)?;
        let held = Arc::new(held);
        *alone = Arc::downgrade(&held);
        Ok(NoCopies { _held: held })
    }

    /// Keep a person's records from erasure while an article asks for it. Returns the place of the rights entry.
    pub fn restrict(&self, restriction: Restriction) -> Result<u64, LedgerError> {
        self.command(move |core| core.restrict(&restriction))
    }

    /// Sign a last checkpoint, drop the write-ahead log and give the folder up. Errors: those of the disk.
    pub fn close(mut self) -> Result<SignedCheckpoint, LedgerError> {
        let last = self.checkpoint();
        let rested = last.and_then(|signed| self.command(Core::rest).map(|()| signed));
        self.stop();
        rested
    }

    fn command<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Core) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = sync_channel(1);
        let command: Command = Box::new(move |core| {
            let result = core.and_then(act);
            let failure = result.as_ref().err().cloned();
            // Whoever asked may have gone.
            let _ = reply.send(result);
            failure
        });
        self.messages.send(Message::Command(command)).map_err(|_| stopped())?;
        answer.recv().map_err(|_| stopped())?
    }

    fn stop(&mut self) {
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The writer: takes what waits, commits it at once, answers.
fn run(mut core: Core, inbox: &Receiver<Message>, batch_cap: usize) {
    let mut failure: Option<LedgerError> = None;
    let mut held: Option<Message> = None;
    while let Some(message) = held.take().or_else(|| inbox.recv().ok()) {
        match message {
            Message::Stop => return,
            Message::Command(command) => {
                let failed = command(failure.clone().map_or(Ok(&mut core), Err));
                failure = failure.or(failed.filter(|error| error.kind != ErrorKind::Input));
            }
            Message::Append(call) => {
                let mut waiting = call.0.len();
                let mut calls = vec![call];
                while waiting < batch_cap && held.is_none() {
                    match inbox.try_recv() {
                        Ok(Message::Append(call)) => {
                            waiting += call.0.len();
                            calls.push(call);
                        }
                        Ok(other) => held = Some(other),
                        Err(_) => break,
                    }
                }
                let records: Vec<&Prepared> = calls.iter().map(|(prepared, _)| prepared).collect();
                let placed = failure.clone().map_or_else(|| core.commit(&records), Err);
                // Whatever it was, the files may lack what memory has: only a new start knows.
                failure = failure.or_else(|| placed.as_ref().err().cloned());
                answer(&calls, placed);
                if failure.is_none() {
                    failure = core.file().err();
                }
            }
        }
    }
}

fn answer(calls: &[Call], placed: Result<Vec<Vec<Result<Logged, LedgerError>>>, LedgerError>) {
    // Whoever asked may have gone.
    match placed {
        Err(error) => {
            for (_, reply) in calls {
                let _ = reply.send(Err(error.clone()));
            }
        }
        Ok(placed) => {
            for ((_, reply), placed) in calls.iter().zip(placed) {
                let _ = reply.send(Ok(placed));
            }
        }
    }
}

fn stopped() -> LedgerError {
    LedgerError::closed("the writer has stopped", "open the ledger again")
}

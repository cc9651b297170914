use super::batch::{Again, Arriving, Batch, Job, Slot, Waiting, Wants};
use super::book::{Found, Known};
use super::keys::Keys;
use super::queue::Wiring;
use super::replay::{Asked, Replayer};
use super::{RowRefusal, RowResult};
use crate::port::{Claim, Digest, Projected};
use crate::record::{Meaning, written_check};
use crate::{ErrorKind, ServiceError};
use gongdao_gate::{CheckRefusal, Checked};
use gongdao_ledger::{Written, WrittenDecision};
use gongdao_model::DecisionRecord;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, SyncSender};
use std::sync::{Arc, Mutex, PoisonError};

/// Digests that are remembered; beyond it meanings are written again, as after a start.
const KNOWN_ANSWERS: usize = 1 << 18;

/// The one thread that sorts rows, asks the gate and hands records to the ledger.
pub(super) struct Judge {
    wiring: Wiring,
    batches: SyncSender<Batch>,
    replayer: Replayer,
    keys: Keys,
    /// Digests of answers and frames whose meaning this process has written into the ledger.
    known_answers: HashSet<String>,
    /// Those whose record was refused after all.
    lost: Arc<Mutex<Vec<String>>>,
}

/// A row with its bytes.
struct Row {
    slot: Slot,
    wants: Wants,
    record: DecisionRecord,
    decision: WrittenDecision,
    digest: Digest,
}

/// Rows on their way into the ledger.
#[derive(Default)]
struct Outgoing {
    written: Vec<Written>,
    waiting: Vec<Waiting>,
    /// Answers and frames that the database lacks: digest, JSON.
    answers: Vec<(String, String)>,
}

impl Judge {
    pub(super) fn new(
        wiring: &Wiring,
        batches: SyncSender<Batch>,
        replayer: Replayer,
        lost: Arc<Mutex<Vec<String>>>,
    ) -> Self {
        Self { wiring: wiring.clone(), batches, replayer, keys: Keys::default(), known_answers: HashSet::new(), lost }
    }

    /// Take what waits, judge it at once, go on.
    pub(super) fn run(mut self, inbox: &Receiver<Job>) {
        while let Ok(first) = inbox.recv() {
            let mut count = first.rows.len();
            let mut jobs = vec![first];
            while count < self.wiring.limits.batch_rows {
                let Ok(job) = inbox.try_recv() else { break };
                count += job.rows.len();
                jobs.push(job);
            }
            let batch = self.judge(jobs);
            if batch.waiting.is_empty() && batch.again.is_empty() {
                continue;
            }
            // The finisher goes last; a batch that is lost with it is answered by its slots.
            if self.batches.send(batch).is_err() {
                return;
            }
        }
    }

    fn judge(&mut self, jobs: Vec<Job>) -> Batch {
        let rows: Vec<Row> = jobs.into_iter().flat_map(|job| self.arrived(job)).collect();
        let mut again = Vec::new();
        let fresh = self.sorted(rows, &mut again);
        let (checks, logs): (Vec<Row>, Vec<Row>) = fresh.into_iter().partition(|row| row.wants == Wants::Answer);
        let mut outgoing = Outgoing::default();
        outgoing.written.reserve(checks.len() + logs.len());
        outgoing.waiting.reserve(checks.len() + logs.len());
        self.ask_gate(checks, &mut outgoing);
        for row in logs {
            outgoing.written.push(row.decision.alone());
            outgoing.waiting.push(row_waits(row.slot, row.record, row.digest, None, Vec::new()));
        }
        let Outgoing { written, waiting, answers } = outgoing;
        let pending = self.wiring.ledger.append_written(&written).map_err(ServiceError::from);
        Batch { pending, waiting, again, answers }
    }

    /// The rows of a call; none where the call as a whole is refused.
    fn arrived(&mut self, job: Job) -> Vec<Row> {
        let Job { wants, rows, key, slots } = job;
        if wants == Wants::Answer && !self.wiring.presence.is_current() {
            slots.refuse(lapsed());
            return Vec::new();
        }
        let mut of_job = Vec::with_capacity(rows.len());
        let mut of_call = Sha256::new();
        for (number, Arriving { record, decision }) in rows.into_iter().enumerate() {
            let slot = Slot { slots: Arc::clone(&slots), row: number };
            match decision {
                Ok(decision) => {
                    let digest = decision.digest();
                    of_call.update(digest);
                    of_job.push(Row { slot, wants, record, decision, digest });
                }
                Err(error) => slot.fill(Err(RowRefusal::Service(error))),
            }
        }
        let fits = key.is_none_or(|key| self.keys.fits(&key, of_call.finalize().into(), self.wiring.clock.now()));
        if fits {
            return of_job;
        }
        slots.refuse(ServiceError::new(
            ErrorKind::KeyReused,
            "the idempotency key came with other decisions before",
            "use a new key for another request",
        ));
        Vec::new()
    }

    /// The rows whose identifier nobody had. All others are answered, or wait for rows before them.
    fn sorted(&self, rows: Vec<Row>, again: &mut Vec<Again>) -> Vec<Row> {
        let found = self.wiring.book.take(rows.iter().map(|row| (row.record.id.as_str(), row.digest)));
        let mut fresh = Vec::with_capacity(rows.len());
        let mut doubtful = Vec::new();
        for (row, found) in rows.into_iter().zip(found) {
            match found {
                Found::New => fresh.push(row),
                Found::Perhaps => doubtful.push(row),
                Found::Known(known) => repeat(row, known, again),
            }
        }
        self.look_up(doubtful, &mut fresh, again);
        if self.wiring.store.is_shared() { self.claimed(fresh) } else { fresh }
    }

    /// Identifiers whose hash was met before: the database knows.
    fn look_up(&self, doubtful: Vec<Row>, fresh: &mut Vec<Row>, again: &mut Vec<Again>) {
        if doubtful.is_empty() {
            return;
        }
        let ids: Vec<&str> = doubtful.iter().map(|row| row.record.id.as_str()).collect();
        let lines = match self.wiring.store.find(&ids) {
            Ok(lines) => lines,
            Err(error) => {
                for row in doubtful {
                    row.slot.fill(Err(RowRefusal::Service(error.clone())));
                }
                return;
            }
        };
        for (row, line) in doubtful.into_iter().zip(lines) {
            match line {
                Some(line) => self.answer_again(row, line),
                None => match self.wiring.book.take_unknown(row.record.id.as_str(), row.digest) {
                    None => fresh.push(row),
                    Some(known) => repeat(row, known, again),
                },
            }
        }
    }

    /// Of several processes that want an identifier one gets it.
    fn claimed(&self, rows: Vec<Row>) -> Vec<Row> {
        if rows.is_empty() {
            return rows;
        }
        let lines: Vec<Projected> = rows.iter().map(|row| claim(row, &self.wiring.node)).collect();
        let claims = match self.wiring.store.claim(&lines) {
            Ok(claims) => claims,
            Err(error) => {
                for row in rows {
                    self.wiring.book.give_up(row.record.id.as_str());
                    row.slot.fill(Err(RowRefusal::Service(error.clone())));
                }
                return Vec::new();
            }
        };
        let mut won = Vec::with_capacity(rows.len());
        for (row, claim) in rows.into_iter().zip(claims) {
            match claim {
                Claim::Won => won.push(row),
                Claim::Taken(line) => {
                    self.wiring.book.give_up(row.record.id.as_str());
                    self.answer_again(row, line);
                }
            }
        }
        won
    }

    /// Give the first answer again, or say why not.
    fn answer_again(&self, row: Row, line: Projected) {
        let is_same = line.digest == row.digest;
        if !is_same || row.wants == Wants::Log || (line.effect.is_none() && line.leaf.is_some()) {
            row.slot.fill(Err(RowRefusal::Duplicate { is_same }));
            return;
        }
        if line.node != *self.wiring.node {
            row.slot.fill(Err(RowRefusal::Service(elsewhere(&line.node))));
            return;
        }
        self.replayer.ask(Asked { slot: row.slot, line });
    }

    fn ask_gate(&mut self, rows: Vec<Row>, outgoing: &mut Outgoing) {
        if rows.is_empty() {
            return;
        }
        self.forget_lost_answers();
        let mut requests = Vec::with_capacity(rows.len());
        let mut rest = Vec::with_capacity(rows.len());
        for row in rows {
            requests.push(row.record);
            rest.push((row.slot, row.decision, row.digest));
        }
        let results = self.wiring.gate.check(&requests);
        for ((record, (slot, decision, digest)), result) in requests.into_iter().zip(rest).zip(results) {
            match result {
                Err(refusal) => self.refuse(&slot, &record, refusal),
                Ok(checked) => {
                    let checked = self.under_register(checked, &record);
                    let meanings = self.new_meanings(&checked);
                    outgoing.written.push(written_check(decision, &checked, &meanings));
                    let carries = meanings.iter().map(|meaning| meaning.digest.clone()).collect();
                    outgoing.answers.extend(meanings.into_iter().map(|meaning| (meaning.digest, meaning.json)));
                    outgoing.waiting.push(row_waits(slot, record, digest, Some(Arc::new(checked)), carries));
                }
            }
        }
    }

    /// Where the register is required, a version that it does not let decide is held by the action's failure behaviour. A version
    /// that is tried is held outside its trial.
    fn under_register(&self, checked: Checked, record: &DecisionRecord) -> Checked {
        let board = &self.wiring.register;
        let asked = board.is_required().then(|| board.objection(record.algorithm.as_deref(), record.at));
        let checked = match asked.flatten() {
            Some(why) => checked.held_by_register(why),
            None => checked,
        };
        match board.enter(record, &checked) {
            Some(trial) => checked.in_trial(trial),
            None => checked,
        }
    }

    fn refuse(&self, slot: &Slot, record: &DecisionRecord, refusal: CheckRefusal) {
        self.wiring.book.give_up(record.id.as_str());
        if self.wiring.store.is_shared() {
            // A claim that stays is released at the next start.
            let _ = self.wiring.store.release(&self.wiring.node, Some(&[record.id.to_string()]));
        }
        slot.fill(Err(RowRefusal::Check(refusal)));
    }

    /// What the answer is, as far as this ledger does not have it yet.
    fn new_meanings(&mut self, checked: &Checked) -> Vec<Meaning> {
        let Some(answer) = &checked.answer else { return Vec::new() };
        if self.known_answers.len() >= KNOWN_ANSWERS {
            self.known_answers.clear();
        }
        let meanings = Meaning::unknown(answer, |digest| self.known_answers.contains(digest)).unwrap_or_default();
        self.known_answers.extend(meanings.iter().map(|meaning| meaning.digest.clone()));
        meanings
    }

    fn forget_lost_answers(&mut self) {
        for digest in self.lost.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            self.known_answers.remove(&digest);
        }
    }
}

/// A row whose identifier is known in memory.
fn repeat(row: Row, known: Known, again: &mut Vec<Again>) {
    let taken_by = match &known {
        Known::OnItsWay(digest) | Known::There(digest, _) => *digest,
    };
    match known {
        Known::OnItsWay(_) if taken_by == row.digest && row.wants == Wants::Answer => {
            again.push(Again { slot: row.slot, wants: row.wants, id: row.record.id.to_string(), digest: row.digest });
        }
        Known::There(_, taken) => row.slot.fill(said_again(row.wants, row.digest, taken_by, taken)),
        Known::OnItsWay(_) => row.slot.fill(Err(RowRefusal::Duplicate { is_same: taken_by == row.digest })),
    }
}

/// The first answer again, where the decision is the same and has one.
pub(super) fn said_again(wants: Wants, digest: Digest, taken_by: Digest, taken: super::Taken) -> RowResult {
    let is_same = digest == taken_by;
    if is_same && wants == Wants::Answer && taken.checked.is_some() {
        return Ok(super::Taken { is_repeat: true, ..taken });
    }
    Err(RowRefusal::Duplicate { is_same })
}

fn row_waits(
    slot: Slot,
    record: DecisionRecord,
    digest: Digest,
    checked: Option<Arc<Checked>>,
    carries: Vec<String>,
) -> Waiting {
    Waiting {
        slot,
        id: record.id.into(),
        digest,
        person: record.person,
        algorithm: record.algorithm,
        at: record.at,
        action: record.action,
        checked,
        carries,
    }
}

fn claim(row: &Row, node: &str) -> Projected {
    Projected {
        id: row.record.id.to_string(),
        digest: row.digest,
        node: node.to_owned(),
        leaf: None,
        person: row.record.person.clone(),
        algorithm: row.record.algorithm.clone(),
        at: row.record.at,
        action: row.record.action.clone(),
        effect: None,
        cites: None,
    }
}

fn elsewhere(node: &str) -> ServiceError {
    ServiceError::new(
        ErrorKind::Taken,
        format!("the decision was checked by `{node}`, whose ledger has the answer"),
        "ask that process, or look the decision up there",
    )
}

fn lapsed() -> ServiceError {
    ServiceError::new(
        ErrorKind::Lapsed,
        "this process cannot know the newest state of persons and algorithms at the moment",
        "hold the decision and ask again, or ask another process",
    )
}

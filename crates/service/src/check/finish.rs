use super::batch::{Again, Batch, Waiting};
use super::book::Known;
use super::judge::said_again;
use super::project::{Projection, Projector};
use super::queue::Wiring;
use super::{Place, RowRefusal, Taken};
use crate::ServiceError;
use crate::citation::cites_of;
use crate::port::Projected;
use gongdao_ledger::{LedgerError, Logged};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, Mutex, PoisonError};

/// The one thread that waits for the disk and answers.
pub(super) struct Finisher {
    wiring: Wiring,
    projector: Projector,
    is_failed: Arc<AtomicBool>,
    lost: Arc<Mutex<Vec<String>>>,
}

impl Finisher {
    pub(super) fn new(wiring: &Wiring, projector: Projector, is_failed: Arc<AtomicBool>) -> Self {
        Self { wiring: wiring.clone(), projector, is_failed, lost: Arc::default() }
    }

    /// Where digests of answers go whose record was refused.
    pub(super) fn lost_answers(&self) -> Arc<Mutex<Vec<String>>> {
        Arc::clone(&self.lost)
    }

    pub(super) fn run(self, inbox: &Receiver<Batch>) {
        while let Ok(batch) = inbox.recv() {
            self.finish(batch);
        }
        self.projector.close();
    }

    fn finish(&self, batch: Batch) {
        let Batch { pending, waiting, again, answers } = batch;
        let placed = pending.and_then(|pending| Ok(pending.wait()?));
        match placed {
            Ok(placed) => self.place(waiting, placed, answers),
            Err(error) => self.fail(waiting, &error),
        }
        for row in again {
            self.answer_again(row);
        }
    }

    fn place(&self, waiting: Vec<Waiting>, placed: Vec<Result<Logged, LedgerError>>, answers: Vec<(String, String)>) {
        let mut settled = Vec::with_capacity(waiting.len());
        let mut lines = Vec::with_capacity(waiting.len());
        let mut replies = Vec::with_capacity(waiting.len());
        for (row, placed) in waiting.into_iter().zip(placed) {
            match placed {
                Err(error) => self.refuse(row, error.into()),
                Ok(logged) => {
                    let place = Place { node: Arc::clone(&self.wiring.node), leaf: logged.leaf, record: logged.record };
                    let taken = Taken { checked: row.checked.clone(), place, is_repeat: false };
                    lines.push(line(&row, &taken));
                    settled.push((row.id, row.digest, taken.clone()));
                    replies.push((row.slot, taken));
                }
            }
        }
        self.wiring.book.settle(settled);
        if let Some(last) = lines.last().and_then(|line| line.leaf) {
            self.projector.send(Projection::Rows { lines, answers, watermark: last + 1 });
        }
        for (slot, taken) in replies {
            slot.fill(Ok(taken));
        }
    }

    /// Nothing of the batch is acknowledged; some of it may be there after the next start.
    fn fail(&self, waiting: Vec<Waiting>, error: &ServiceError) {
        self.is_failed.store(true, Ordering::Relaxed);
        for row in waiting {
            self.refuse(row, error.clone());
        }
    }

    fn refuse(&self, row: Waiting, error: ServiceError) {
        self.wiring.book.give_up(&row.id);
        self.lost.lock().unwrap_or_else(PoisonError::into_inner).extend(row.carries);
        if self.wiring.store.is_shared() && !self.is_failed.load(Ordering::Relaxed) {
            let _ = self.wiring.store.release(&self.wiring.node, Some(&[row.id]));
        }
        row.slot.fill(Err(RowRefusal::Service(error)));
    }

    fn answer_again(&self, row: Again) {
        let Again { slot, wants, id, digest } = row;
        slot.fill(match self.wiring.book.known(&id) {
            Some(Known::There(taken_by, taken)) => said_again(wants, digest, taken_by, taken),
            _ => Err(RowRefusal::Service(ServiceError::new(
                crate::ErrorKind::Busy,
                "the same decision was asked for at the same time and failed",
                "send it again",
            ))),
        });
    }
}

fn line(row: &Waiting, taken: &Taken) -> Projected {
    let told = row.checked.as_ref().and_then(|checked| checked.answer.as_ref());
    Projected {
        cites: told.and_then(cites_of).map(Arc::new),
        id: row.id.clone(),
        digest: row.digest,
        node: taken.place.node.to_string(),
        leaf: Some(taken.place.leaf),
        person: row.person.clone(),
        algorithm: row.algorithm.clone(),
        at: row.at,
        action: row.action.clone(),
        effect: row.checked.as_ref().map(|checked| checked.effect.as_str().to_owned()),
    }
}

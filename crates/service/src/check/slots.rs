//! The rows of one call, filled by whichever thread knows.

use super::{Reply, RowRefusal, RowResult};
use crate::ServiceError;
use std::sync::{Mutex, PoisonError};

/// Answers once all rows are filled.
pub(super) struct Slots(Mutex<Inner>);

struct Inner {
    rows: Vec<Option<RowResult>>,
    left: usize,
    reply: Option<Reply<Vec<RowResult>>>,
}

impl Slots {
    pub(super) fn new(rows: usize, reply: Reply<Vec<RowResult>>) -> Self {
        Self(Mutex::new(Inner { rows: vec![None; rows], left: rows, reply: Some(reply) }))
    }

    /// Fill one row. The last one answers the call.
    pub(super) fn fill(&self, row: usize, result: RowResult) {
        let done = {
            let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            match inner.rows.get_mut(row) {
                Some(slot @ None) => *slot = Some(result),
                _ => return,
            }
            inner.left -= 1;
            if inner.left > 0 {
                return;
            }
            inner.reply.take().map(|reply| (reply, std::mem::take(&mut inner.rows)))
        };
        if let Some((reply, rows)) = done {
            let missing = || Err(RowRefusal::Service(ServiceError::closed()));
            reply(Ok(rows.into_iter().map(|row| row.unwrap_or_else(missing)).collect()));
        }
    }

    /// Let the reply go unused. Rows no longer count as waiting.
    pub(super) fn cancel(&self) {
        let inner = self.0.lock().unwrap_or_else(PoisonError::into_inner).reply.take();
        drop(inner);
    }

    /// Refuse the call as a whole, if it was not answered.
    pub(super) fn refuse(&self, error: ServiceError) {
        let reply = self.0.lock().unwrap_or_else(PoisonError::into_inner).reply.take();
        if let Some(reply) = reply {
            reply(Err(error));
        }
    }
}

impl Drop for Slots {
    /// A call that nobody answered is answered.
    fn drop(&mut self) {
        self.refuse(ServiceError::closed());
    }
}

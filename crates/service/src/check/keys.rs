//! Idempotency keys: the same key with the same rows is the same call.

use crate::port::Digest;
use gongdao_model::Instant;
use std::collections::{HashMap, VecDeque};

/// A key is kept so long.
const LASTS_MILLIS: i64 = 24 * 3_600_000;
/// Keys at most; the oldest go first.
const MOST: usize = 200_000;

/// The keys of the last day. Lost with the process: rows are then still taken once, by their identifiers.
#[derive(Default)]
pub(super) struct Keys {
    digests: HashMap<String, Digest>,
    order: VecDeque<(Instant, String)>,
}

impl Keys {
    /// Whether the key is new or came with the same rows.
    pub(super) fn fits(&mut self, key: &str, digest: Digest, now: Instant) -> bool {
        self.drop_old(now);
        if let Some(known) = self.digests.get(key) {
            return *known == digest;
        }
        self.digests.insert(key.to_owned(), digest);
        self.order.push_back((now, key.to_owned()));
        true
    }

    fn drop_old(&mut self, now: Instant) {
        while let Some((at, _)) = self.order.front() {
            if self.order.len() < MOST && now.millis() - at.millis() < LASTS_MILLIS {
                return;
            }
            if let Some((_, key)) = self.order.pop_front() {
                self.digests.remove(&key);
            }
        }
    }
}

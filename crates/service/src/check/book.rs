//! Which identifiers are taken.

use super::Taken;
use super::parts::Parts;
use crate::port::Digest;
use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Identifiers in memory: those of the newest rows with their answers, of all others a hash each, so that a new one is
/// known to be new without asking the database.
pub(crate) struct Book(Mutex<Pages>);

struct Pages {
    recent: Parts<HashMap<Box<str>, Known>>,
    /// In the order in which they became durable.
    order: VecDeque<(u64, Box<str>)>,
    /// Hashes.
    old: Parts<HashSet<u64>>,
    hasher: RandomState,
    /// Entries of the ledger below this are in the projection, so their rows may be forgotten here.
    projected: u64,
    keep: usize,
}

/// A row whose identifier is taken.
#[derive(Debug, Clone)]
pub(crate) enum Known {
    /// It is on its way into the ledger.
    OnItsWay(Digest),
    /// It is there.
    There(Digest, Taken),
}

/// What is known of an identifier.
#[derive(Debug, Clone)]
pub(crate) enum Found {
    /// Nobody has it; it is the asker's now.
    New,
    /// It is taken.
    Known(Known),
    /// The database has to be asked.
    Perhaps,
}

impl Book {
    /// An empty book that keeps so many answers.
    pub(crate) fn new(keep: usize) -> Self {
        let pages = Pages {
            recent: Parts::new(),
            order: VecDeque::new(),
            old: Parts::new(),
            hasher: RandomState::new(),
            projected: 0,
            keep,
        };
        Self(Mutex::new(pages))
    }

    /// Note an identifier that the projection has.
    pub(crate) fn remember(&self, id: &str) {
        let mut pages = self.pages();
        let hash = pages.hash(id);
        pages.grow_old(hash);
    }

    /// Look identifiers up, one after the other; those that are new are on their way now.
    pub(super) fn take<'a>(&self, rows: impl Iterator<Item = (&'a str, Digest)>) -> Vec<Found> {
        let mut pages = self.pages();
        rows.map(|(id, digest)| {
            let hash = pages.hash(id);
            if let Some(known) = pages.recent(hash, id) {
                return Found::Known(known.clone());
            }
            if pages.old.of(hash).is_some_and(|old| old.contains(&hash)) {
                return Found::Perhaps;
            }
            pages.set(hash, id.into(), Known::OnItsWay(digest));
            Found::New
        })
        .collect()
    }

    /// Take an identifier that the database does not have after all; or what another row made of it meanwhile.
    pub(super) fn take_unknown(&self, id: &str, digest: Digest) -> Option<Known> {
        let mut pages = self.pages();
        let hash = pages.hash(id);
        let known = pages.recent(hash, id).cloned();
        if known.is_none() {
            pages.set(hash, id.into(), Known::OnItsWay(digest));
        }
        known
    }

    /// Give an identifier up: its row was not logged.
    pub(super) fn give_up(&self, id: &str) {
        let mut pages = self.pages();
        let hash = pages.hash(id);
        pages.remove(hash, id);
    }

    /// Rows are in the ledger, in its order.
    pub(super) fn settle(&self, rows: Vec<(String, Digest, Taken)>) {
        let mut pages = self.pages();
        for (id, digest, taken) in rows {
            let hash = pages.hash(&id);
            pages.grow_old(hash);
            let id: Box<str> = id.into();
            pages.order.push_back((taken.place.leaf, id.clone()));
            pages.set(hash, id, Known::There(digest, taken));
        }
        pages.trim();
    }

    /// What is known of one row.
    pub(crate) fn known(&self, id: &str) -> Option<Known> {
        let pages = self.pages();
        pages.recent(pages.hash(id), id).cloned()
    }

    /// The projection has all entries below a place.
    pub(super) fn projected(&self, below: u64) {
        let mut pages = self.pages();
        pages.projected = below.max(pages.projected);
        pages.trim();
    }

    /// Forget answers about a person.
    pub(crate) fn forget(&self, is_about: impl Fn(&str) -> bool) {
        let mut pages = self.pages();
        let stays = |id: &str, known: &Known| matches!(known, Known::OnItsWay(_)) || !is_about(id);
        pages.recent.each_mut().for_each(|part| part.retain(|id, known| stays(id, known)));
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn hash(&self, id: &str) -> u64 {
        self.hasher.hash_one(id)
    }

    fn recent(&self, hash: u64, id: &str) -> Option<&Known> {
        self.recent.of(hash)?.get(id)
    }

    fn set(&mut self, hash: u64, id: Box<str>, known: Known) {
        self.recent.of_mut(hash).map(|part| part.insert(id, known));
    }

    fn remove(&mut self, hash: u64, id: &str) {
        self.recent.of_mut(hash).map(|part| part.remove(id));
    }

    fn grow_old(&mut self, hash: u64) {
        self.old.of_mut(hash).map(|part| part.insert(hash));
    }

    fn trim(&mut self) {
        while self.order.len() > self.keep {
            match self.order.front() {
                Some((leaf, _)) if *leaf < self.projected => {}
                _ => return,
            }
            let Some((leaf, id)) = self.order.pop_front() else { return };
            // After an erasure the identifier may have been taken anew.
            let hash = self.hash(&id);
            if matches!(self.recent(hash, &id), Some(Known::There(_, taken)) if taken.place.leaf == leaf) {
                self.remove(hash, &id);
            }
        }
    }
}

//! Keys of persons. Each shard of them is sealed under a shard key; to destroy a person's key the shard is sealed anew without
//! it and the old shard key is overwritten. docs/formats/ledger-folder.md has the layout and the order of steps.

use crate::key_log::KeyLog;
use crate::row::Parts;
use crate::storage::{Disk, DiskFile};
use crate::tag::MacKey;
use crate::{Entropy, LedgerError, PersonId, PersonKey};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use gongdao_merkle::sha256;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

const TABLE: &str = "keys/table";
const LOG: &str = "keys/log";
const SHARDS: u16 = 64;
const SLOT: u64 = 64;
const SHARED: &str = "";

/// All keys in memory, and where they are kept.
pub(crate) struct Keys {
    table: DiskFile,
    log: Arc<KeyLog>,
    shards: Vec<Shard>,
    /// Places in `held` by pseudonym; the shared groups' key under the empty one.
    by_person: HashMap<Box<str>, Slot>,
    // INVARIANT: a place never comes to hold another key, so what was prepared under a destroyed one finds nothing.
    held: Vec<Option<Held>>,
}

/// Where a person's key is held while the program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Slot(u32);

impl Slot {
    pub(crate) fn place(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// A key, and the same made ready.
pub(crate) struct Held {
    pub(crate) key: PersonKey,
    pub(crate) mac: MacKey,
}

/// Who opens the keys. Only the one writer may repair files.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The key that a shard is sealed under. Generations alternate between two slots of the table.
#[derive(Clone, Copy)]
struct Shard {
    generation: u64,
    key: [u8; 32],
}

/// What a frame of the log does to its shard.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Act {
    Add = 0,
    Snapshot = 1,
}

struct Sealed<'a> {
    shard: u16,
    act: Act,
    generation: u64,
    head: &'a [u8],
    nonce: [u8; 24],
    ciphertext: &'a [u8],
}

impl Keys {
    /// Make the files, and a key for shared groups.
    pub(crate) fn create(disk: &Disk, entropy: &mut dyn Entropy) -> Result<(), LedgerError> {
        let mut table = Vec::new();
        for _ in 0..SHARDS {
            let mut key = [0; 32];
            entropy.fill(&mut key)?;
            table.extend_from_slice(&slot_bytes(Shard { generation: 1, key }));
            table.extend_from_slice(&[0; 64]);
        }
        disk.replace(TABLE, &table)?;
        disk.replace(LOG, &[])?;
        let mut shared = [0; 32];
        entropy.fill(&mut shared)?;
        Self::open(disk, Access::Write)?.add(vec![(SHARED.to_owned(), PersonKey::from_bytes(shared))], entropy)
    }

    /// Read all keys. For a writer, a destruction that was interrupted is completed or undone, so that one shard key is left.
    pub(crate) fn open(disk: &Disk, access: Access) -> Result<Self, LedgerError> {
        let missing = || {
            LedgerError::storage(
                "the keys are not there",
                "restore the folder `keys`; without it nothing can be opened or erased",
            )
        };
        let table = disk.open(TABLE)?.ok_or_else(missing)?;
        let log = disk.open(LOG)?.ok_or_else(missing)?;
        let bytes = log.read_from(0, log.size()?)?;
        let (frames, end) = read_frames(&bytes)?;
        let mut keys = Self {
            table,
            log: Arc::new(KeyLog::new(log, u64::try_from(end).unwrap_or(u64::MAX))),
            shards: Vec::new(),
            by_person: HashMap::new(),
            held: Vec::new(),
        };
        if access == Access::Write {
            keys.log.write_anew(bytes.get(..end).unwrap_or_default())?;
            let slots = keys.table.read_from(0, keys.table.size()?)?;
            keys.table.write_at(0, &slots)?;
            keys.table.sync()?;
        }
        let mut by_shard: BTreeMap<u16, Vec<&Sealed>> = BTreeMap::new();
        for frame in &frames {
            by_shard.entry(frame.shard).or_default().push(frame);
        }
        for shard in 0..SHARDS {
            keys.open_shard(shard, by_shard.get(&shard).map_or(&[], Vec::as_slice), access)?;
        }
        keys.log.began_with(keys.held.len())?;
        Ok(keys)
    }

    fn open_shard(&mut self, shard: u16, frames: &[&Sealed], access: Access) -> Result<(), LedgerError> {
        let slots = [self.slot(shard, 0)?, self.slot(shard, 1)?];
        let has_snapshot =
            |generation| frames.iter().any(|frame| frame.act == Act::Snapshot && frame.generation == generation);
        let current = slots
            .iter()
            .flatten()
            .copied()
            .filter(|slot| slot.generation == 1 || has_snapshot(slot.generation))
            .max_by_key(|slot| slot.generation);
        let current = current.ok_or_else(|| {
            LedgerError::evidence(
                format!("shard {shard} of `{TABLE}` has no key"),
                "restore the folder `keys` from a copy",
            )
        })?;
        for (place, slot) in (0..).zip(slots) {
            if access == Access::Write && slot.is_some_and(|slot| slot.generation != current.generation) {
                self.wipe_slot(shard, place)?;
            }
        }
        for frame in frames.iter().filter(|frame| frame.generation == current.generation) {
            let opened = cipher(&current.key)
                .decrypt(XNonce::from_slice(&frame.nonce), Payload { msg: frame.ciphertext, aad: frame.head });
            let opened = opened.ok().and_then(|plain| read_keys(&plain)).ok_or_else(|| {
                LedgerError::evidence(
                    format!("keys of shard {shard} in `{LOG}` were changed"),
                    "restore the folder `keys` from a copy",
                )
            })?;
            opened.into_iter().try_for_each(|(person, key)| self.hold(person, key))?;
        }
        self.shards.push(current);
        Ok(())
    }

    fn hold(&mut self, person: String, key: PersonKey) -> Result<(), LedgerError> {
        let full = |_| LedgerError::input("more than 4,294,967,295 persons", "start the program again");
        let slot = Slot(u32::try_from(self.held.len()).map_err(full)?);
        let mac = key.ready();
        self.held.push(Some(Held { key, mac }));
        if let Some(before) = self.by_person.insert(person.into(), slot) {
            self.drop_slot(before);
        }
        Ok(())
    }

    fn drop_slot(&mut self, slot: Slot) {
        if let Some(held) = self.held.get_mut(slot.place()) {
            *held = None;
        }
    }

    /// The person's key, where one exists.
    pub(crate) fn of(&self, person: &PersonId) -> Option<&PersonKey> {
        self.slot_of(person.as_str()).and_then(|slot| self.held(slot)).map(|held| &held.key)
    }

    /// Where the person's key is held, if one exists.
    pub(crate) fn slot_of(&self, person: &str) -> Option<Slot> {
        self.by_person.get(person).copied()
    }

    /// The key at a place; nothing where it was destroyed.
    pub(crate) fn held(&self, slot: Slot) -> Option<&Held> {
        self.held.get(slot.place())?.as_ref()
    }

    /// The key of groups that concern nobody.
    pub(crate) fn shared(&self) -> Option<&Held> {
        self.slot_of(SHARED).and_then(|slot| self.held(slot))
    }

    /// Persons with a key, in no order.
    pub(crate) fn persons(&self) -> impl Iterator<Item = (Slot, &Held)> {
        let named = self.by_person.iter().filter(|(person, _)| !person.is_empty());
        named.filter_map(|(_, slot)| self.held(*slot).map(|held| (*slot, held)))
    }

    /// Where new keys become durable: [`Self::make`] does not wait for it.
    pub(crate) fn log(&self) -> &Arc<KeyLog> {
        &self.log
    }

    /// Make keys for these persons, who have none, each named once. Nothing committed to under one may be acknowledged before the log
    /// is synced as far as their slots.
    pub(crate) fn make(&mut self, persons: Vec<String>, entropy: &mut dyn Entropy) -> Result<(), LedgerError> {
        let mut secrets = vec![[0_u8; 32]; persons.len()];
        entropy.fill(secrets.as_flattened_mut())?;
        self.add_unsynced(persons.into_iter().zip(secrets.into_iter().map(PersonKey::from_bytes)).collect(), entropy)
    }

    fn add(&mut self, keys: Vec<(String, PersonKey)>, entropy: &mut dyn Entropy) -> Result<(), LedgerError> {
        self.add_unsynced(keys, entropy)?;
        self.log.sync(self.held.len())
    }

    fn add_unsynced(&mut self, keys: Vec<(String, PersonKey)>, entropy: &mut dyn Entropy) -> Result<(), LedgerError> {
        let mut by_shard: BTreeMap<u16, Vec<(&str, &PersonKey)>> = BTreeMap::new();
        for (person, key) in &keys {
            by_shard.entry(shard_of(person)).or_default().push((person, key));
        }
        let mut frames = Vec::new();
        for (shard, keys) in by_shard {
            let under = self.shard(shard)?;
            frames.extend(seal(shard, Act::Add, under, &keys, entropy)?);
        }
        keys.into_iter().try_for_each(|(person, key)| self.hold(person, key))?;
        self.log.append(&frames, self.held.len())
    }

    /// Destroy a person's key. On return it is nowhere in the files, whatever is restored of the log alone.
    pub(crate) fn destroy(&mut self, person: &PersonId, entropy: &mut dyn Entropy) -> Result<(), LedgerError> {
        if let Some(slot) = self.by_person.remove(person.as_str()) {
            self.drop_slot(slot);
        }
        let shard = shard_of(person.as_str());
        let old = self.shard(shard)?;
        let mut key = [0; 32];
        entropy.fill(&mut key)?;
        let fresh = Shard { generation: old.generation.saturating_add(1), key };
        self.table.write_at(slot_place(shard, place_of(fresh)), &slot_bytes(fresh))?;
        self.table.sync()?;
        let of_shard = self.by_person.iter().filter(|(person, _)| shard_of(person) == shard);
        let mut kept: Vec<(&str, &PersonKey)> =
            of_shard.filter_map(|(person, slot)| Some((&**person, &self.held(*slot)?.key))).collect();
        kept.sort_unstable_by_key(|(person, _)| *person);
        let frame = seal(shard, Act::Snapshot, fresh, &kept, entropy)?;
        self.log.append(&frame, self.held.len())?;
        self.log.sync_all()?;
        self.wipe_slot(shard, place_of(old))?;
        if let Some(current) = self.shards.get_mut(usize::from(shard)) {
            *current = fresh;
        }
        Ok(())
    }

    fn shard(&self, shard: u16) -> Result<Shard, LedgerError> {
        let found = self.shards.get(usize::from(shard)).copied();
        found.ok_or_else(|| LedgerError::evidence(format!("no shard {shard}"), "restore the folder `keys` from a copy"))
    }

    fn slot(&self, shard: u16, place: u64) -> Result<Option<Shard>, LedgerError> {
        let bytes = self.table.read_from(slot_place(shard, place), SLOT)?;
        let mut parts = Parts(&bytes);
        let found = (|| Some((Shard { generation: parts.number()?, key: parts.fixed()? }, parts.fixed::<4>()?)))();
        let Some((shard, sum)) = found else { return Ok(None) };
        let is_whole = bytes.get(..40).is_some_and(|bytes| crc32c::crc32c(bytes) == u32::from_be_bytes(sum));
        Ok(Some(shard).filter(|shard| is_whole && shard.generation > 0))
    }

    fn wipe_slot(&self, shard: u16, place: u64) -> Result<(), LedgerError> {
        self.table.write_at(slot_place(shard, place), &[0; 64])?;
        self.table.sync()
    }
}

fn slot_place(shard: u16, place: u64) -> u64 {
    u64::from(shard) * 2 * SLOT + place * SLOT
}

fn place_of(shard: Shard) -> u64 {
    (shard.generation & 1) ^ 1
}

fn slot_bytes(shard: Shard) -> [u8; 64] {
    let mut bytes = [0; 64];
    let parts = shard.generation.to_be_bytes().into_iter().chain(shard.key);
    bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    let sum = crc32c::crc32c(bytes.get(..40).unwrap_or_default()).to_be_bytes();
    bytes.iter_mut().skip(40).zip(sum).for_each(|(to, from)| *to = from);
    bytes
}

fn shard_of(person: &str) -> u16 {
    let [first, ..] = sha256(&[person.as_bytes()]);
    u16::from(first) % SHARDS
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Key::from_slice(key))
}

fn seal(
    shard: u16,
    act: Act,
    under: Shard,
    keys: &[(&str, &PersonKey)],
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, LedgerError> {
    let mut plain = Vec::new();
    for (person, key) in keys {
        plain.push(u8::try_from(person.len()).unwrap_or(u8::MAX));
        plain.extend_from_slice(person.as_bytes());
        plain.extend_from_slice(key.secret());
    }
    let mut nonce = [0; 24];
    entropy.fill(&mut nonce)?;
    let head = [shard.to_be_bytes().as_slice(), &[act as u8], &under.generation.to_be_bytes()].concat();
    let sealed = cipher(&under.key)
        .encrypt(XNonce::from_slice(&nonce), Payload { msg: &plain, aad: &head })
        .map_err(|_| LedgerError::input("too many keys in a shard", "use another ledger"))?;
    let body = [head.as_slice(), &nonce, &sealed].concat();
    let length = u32::try_from(body.len()).unwrap_or(u32::MAX);
    Ok([length.to_be_bytes().as_slice(), &crc32c::crc32c(&body).to_be_bytes(), &body].concat())
}

/// The whole frames, and where they end. Errors: a damaged one before a whole one.
fn read_frames(bytes: &[u8]) -> Result<(Vec<Sealed<'_>>, usize), LedgerError> {
    let mut frames = Vec::new();
    let mut parts = Parts(bytes);
    let mut end = 0;
    let mut damaged = false;
    while let Some((frame, is_whole)) = read_frame(&mut parts) {
        match frame.filter(|_| is_whole) {
            Some(_) if damaged => {
                return Err(LedgerError::evidence(
                    format!("byte {end} of `{LOG}` is damaged, and later keys are whole"),
                    "restore the folder `keys` from a copy",
                ));
            }
            Some(frame) => {
                frames.push(frame);
                end = bytes.len() - parts.0.len();
            }
            None => damaged = true,
        }
    }
    Ok((frames, end))
}

fn read_frame<'a>(parts: &mut Parts<'a>) -> Option<(Option<Sealed<'a>>, bool)> {
    let length = parts.length()?;
    let sum = u32::from_be_bytes(parts.fixed()?);
    let body = parts.counted(length)?;
    let is_whole = crc32c::crc32c(body) == sum;
    let mut inner = Parts(body);
    let frame = (|| {
        let head = inner.counted(11)?;
        let nonce = inner.fixed()?;
        let mut head_parts = Parts(head);
        let shard = u16::from_be_bytes(head_parts.fixed()?);
        let act = match head_parts.fixed()? {
            [0] => Act::Add,
            [1] => Act::Snapshot,
            _ => return None,
        };
        Some(Sealed { shard, act, generation: head_parts.number()?, head, nonce, ciphertext: inner.0 })
    })();
    Some((frame, is_whole))
}

fn read_keys(plain: &[u8]) -> Option<Vec<(String, PersonKey)>> {
    let mut parts = Parts(plain);
    let mut keys = Vec::new();
    while !parts.0.is_empty() {
        let [length] = parts.fixed()?;
        let person = str::from_utf8(parts.counted(usize::from(length))?).ok()?;
        keys.push((person.to_owned(), PersonKey::from_bytes(parts.fixed()?)));
    }
    Some(keys)
}

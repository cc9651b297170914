use crate::cbor::{Value, write_list, write_text};
use crate::core::locked;
use crate::key_log::KeyLog;
use crate::keys::{Keys, Slot};
use crate::prepared::{Prepared, RowWriter};
use crate::salt::{record_id, salt_under};
use crate::tag::MacKey;
use crate::{Entropy, EntryKind, GroupNumber, LedgerError, Nonce, PersonId, RecordId, commit_group};
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

/// Groups of a record at most; a tag for each person must fit into the entry.
const GROUPS_CAP: usize = 4096;
/// Bytes of a caller's id at most.
const ID_BYTES_CAP: usize = 1024;

/// A record to be logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    /// What it records.
    pub kind: EntryKind,
    /// Its groups, split by whom they concern; the number of groups is public.
    pub groups: Vec<DraftGroup>,
}

/// Columns that concern one person, or nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftGroup {
    /// Whom; nobody for what may be shown with any other group. A person has one group in a record.
    pub person: Option<PersonId>,
    /// What the columns mean: name and version.
    pub schema: String,
    /// The columns in the schema's order.
    pub columns: Vec<Value>,
}

/// What can be logged: groups, each about one person or nobody.
pub(crate) trait Loggable {
    fn kind(&self) -> EntryKind;
    /// Errors: what the ledger does not take.
    fn check(&self) -> Result<(), LedgerError>;
    fn groups(&self) -> usize;
    /// The pseudonym of whom a group concerns.
    fn person(&self, group: usize) -> Option<&str>;
    /// Bytes that its groups will take, about.
    fn room(&self) -> usize {
        256 * self.groups()
    }
    /// Append the CBOR list of schema and columns.
    fn write(&self, group: usize, to: &mut Vec<u8>);
}

impl Loggable for Draft {
    fn kind(&self) -> EntryKind {
        self.kind
    }

    fn check(&self) -> Result<(), LedgerError> {
        if matches!(self.kind, EntryKind::Erasure | EntryKind::IndexSeal) {
            return Err(LedgerError::input(
                "entries of erasures and index seals are made by the ledger",
                "call erase or close the epoch instead",
            ));
        }
        check_groups(self)
    }

    fn groups(&self) -> usize {
        self.groups.len()
    }

    fn person(&self, group: usize) -> Option<&str> {
        self.groups.get(group)?.person.as_ref().map(PersonId::as_str)
    }

    fn write(&self, group: usize, to: &mut Vec<u8>) {
        if let Some(group) = self.groups.get(group) {
            write_list(to, group.columns.len() + 1);
            write_text(to, &group.schema);
            group.columns.iter().for_each(|column| column.write(to));
        }
    }
}

/// A draft that the ledger makes itself.
pub(crate) struct OwnDraft<'a>(pub(crate) &'a Draft);

impl Loggable for OwnDraft<'_> {
    fn kind(&self) -> EntryKind {
        self.0.kind
    }

    fn check(&self) -> Result<(), LedgerError> {
        Ok(())
    }

    fn groups(&self) -> usize {
        self.0.groups()
    }

    fn person(&self, group: usize) -> Option<&str> {
        self.0.person(group)
    }

    fn write(&self, group: usize, to: &mut Vec<u8>) {
        self.0.write(group, to);
    }
}

/// How records come to their names.
pub(crate) enum Names<'a> {
    /// Random ones.
    Random,
    /// Of the caller's ids, one a record: then it is logged once, however often it is handed over.
    OfIds(Vec<&'a str>),
    /// One that is known beforehand.
    Known(RecordId),
}

/// Commit to records: their rows, with places and counters still to be filled in. Persons that are new get a key. Hashing is done
/// outside the locks, by the caller's thread.
///
/// Errors: a record or id that is refused; then none is taken.
pub(crate) fn prepare<R: Loggable>(
    records: &[R],
    names: &Names,
    keys: &Mutex<Keys>,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<Prepared, LedgerError> {
    records.iter().try_for_each(R::check)?;
    if let Names::OfIds(ids) = names
        && let Some(id) = ids.iter().find(|id| id.is_empty() || id.len() > ID_BYTES_CAP)
    {
        return Err(LedgerError::input(format!("an id of {} bytes", id.len()), "give 1 to 1,024 bytes"));
    }
    let Found { shared, persons, log, durable } = keys_of(records, keys, entropy)?;
    let groups: usize = records.iter().map(R::groups).sum();
    let own = if matches!(names, Names::Random) { records.len() } else { 0 };
    let mut random = vec![[0_u8; 16]; groups + own];
    locked(entropy)?.fill(random.as_flattened_mut())?;
    let (mut random, mut persons) = (random.into_iter(), persons.into_iter());
    // Beside its bytes a group has a commitment, a nonce and a name.
    let room = records.iter().map(|record| record.room() + 128 * record.groups()).sum();
    let mut writer = RowWriter::with_room(records.len(), room);
    for (place, record) in records.iter().enumerate() {
        let (name, is_named) = match names {
            Names::Random => (RecordId::from_bytes(random.next().ok_or_else(exhausted)?), false),
            Names::OfIds(ids) => (record_id(&shared, record.kind(), ids.get(place).copied().unwrap_or_default()), true),
            Names::Known(name) => (*name, false),
        };
        writer.begin(name, record.groups());
        for (at, number) in (0..record.groups()).zip(GroupNumber::all()) {
            let nonce = Nonce::from_bytes(random.next().ok_or_else(exhausted)?);
            let person = match record.person(at) {
                Some(name) => Some((name, persons.next().ok_or_else(no_key)?)),
                None => None,
            };
            let key = person.as_ref().map_or(&shared, |(_, (_, key))| key);
            let salt = salt_under(key, name, number, nonce);
            let concerns = person.as_ref().map(|(name, (slot, _))| (*name, *slot));
            writer.group(concerns, nonce, |to| record.write(at, to), |bytes| commit_group(salt, bytes))?;
        }
        writer.end(record.kind(), is_named)?;
    }
    // Last: meanwhile others may have synced it too.
    log.sync(durable)?;
    Ok(writer.finish())
}

fn exhausted() -> LedgerError {
    LedgerError::storage("no random bytes", "check the source of random bytes")
}

fn no_key() -> LedgerError {
    LedgerError::storage("a key is missing", "restore the folder `keys`")
}

/// Keys for some records.
struct Found {
    /// The ledger's own.
    shared: MacKey,
    /// Those of the persons, in the order of the groups.
    persons: Vec<(Slot, MacKey)>,
    log: Arc<KeyLog>,
    /// Keys in the log that are to be durable before a record is acknowledged.
    durable: usize,
}

fn keys_of<R: Loggable>(
    records: &[R],
    keys: &Mutex<Keys>,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<Found, LedgerError> {
    let persons = || records.iter().flat_map(|record| (0..record.groups()).filter_map(|group| record.person(group)));
    let mut keys = locked(keys)?;
    let fresh: BTreeSet<&str> = persons().filter(|person| keys.slot_of(person).is_none()).collect();
    if !fresh.is_empty() {
        keys.make(fresh.into_iter().map(str::to_owned).collect(), &mut **locked(entropy)?)?;
    }
    let of_person = |person: &str| {
        let slot = keys.slot_of(person)?;
        Some((slot, keys.held(slot)?.mac.clone()))
    };
    let found: Vec<_> = persons().map(|person| of_person(person).ok_or_else(no_key)).collect::<Result<_, _>>()?;
    let durable = found.iter().map(|(slot, _)| slot.place() + 1).max().unwrap_or(0);
    let shared = keys.shared().ok_or_else(no_key)?.mac.clone();
    Ok(Found { shared, persons: found, log: Arc::clone(keys.log()), durable })
}

fn check_groups(draft: &Draft) -> Result<(), LedgerError> {
    if draft.groups.is_empty() || draft.groups.len() > GROUPS_CAP {
        let what = format!("a record of {} groups", draft.groups.len());
        return Err(LedgerError::input(what, "give 1 to 4,096 groups"));
    }
    let persons: Vec<&PersonId> = draft.groups.iter().filter_map(|group| group.person.as_ref()).collect();
    if persons.len() > crate::TAGS_CAP {
        return Err(LedgerError::input(format!("a record about {} persons", persons.len()), "split it; 2,048 at most"));
    }
    if persons.iter().collect::<BTreeSet<_>>().len() != persons.len() {
        return Err(LedgerError::input(
            "a person has two groups in one record",
            "put all that concerns them into one group",
        ));
    }
    let bytes: usize = draft.groups.iter().map(|group| group.columns.len()).sum();
    if bytes > 1 << 20 {
        return Err(LedgerError::input(format!("a record of {bytes} columns"), "split it"));
    }
    Ok(())
}

use crate::cbor::Value;
use crate::core::locked;
use crate::keys::Keys;
use crate::{
    Commitment, Entropy, EntryKind, GroupCommitment, GroupNumber, LedgerError, Nonce, PersonId, PersonKey, RecordId,
    commit_group, commit_record, group_bytes, salt,
};
use std::collections::BTreeSet;
use std::sync::Mutex;

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

/// A draft with its commitments, ready for its place.
pub(crate) struct Prepared {
    pub(crate) kind: EntryKind,
    /// By the caller's id: then it is logged once, however often it is handed over.
    pub(crate) is_named: bool,
    pub(crate) record: RecordId,
    pub(crate) commitment: Commitment,
    pub(crate) groups: Vec<PreparedGroup>,
}

pub(crate) struct PreparedGroup {
    pub(crate) person: Option<(PersonId, PersonKey)>,
    pub(crate) nonce: Nonce,
    pub(crate) bytes: Vec<u8>,
    pub(crate) commitment: GroupCommitment,
}

/// Commit to drafts. Persons that are new get a key. Hashing is done outside the locks, by the caller's thread.
pub(crate) fn prepare(
    drafts: Vec<Draft>,
    keys: &Mutex<Keys>,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<Vec<Prepared>, LedgerError> {
    drafts.iter().try_for_each(check)?;
    let of_drafts = keys_of(&drafts, &mut *locked(keys)?, entropy)?;
    let groups: usize = drafts.iter().map(|draft| draft.groups.len()).sum();
    let mut random = random(drafts.len() + groups, entropy)?;
    let prepared = drafts.into_iter().zip(of_drafts).map(|(draft, keys)| {
        let record = RecordId::from_bytes(random.next().ok_or_else(exhausted)?);
        prepare_one(draft, record, keys, &mut random)
    });
    prepared.collect()
}

/// The same for drafts to which the caller gave ids.
pub(crate) fn prepare_named(
    named: Vec<(String, Draft)>,
    keys: &Mutex<Keys>,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<Vec<Prepared>, LedgerError> {
    let (ids, drafts): (Vec<String>, Vec<Draft>) = named.into_iter().unzip();
    if let Some(id) = ids.iter().find(|id| id.is_empty() || id.len() > ID_BYTES_CAP) {
        return Err(LedgerError::input(format!("an id of {} bytes", id.len()), "give 1 to 1,024 bytes"));
    }
    drafts.iter().try_for_each(check)?;
    let mut open_keys = locked(keys)?;
    let of_drafts = keys_of(&drafts, &mut open_keys, entropy)?;
    let shared = open_keys.shared().cloned().ok_or_else(no_key)?;
    drop(open_keys);
    let mut random = random(drafts.iter().map(|draft| draft.groups.len()).sum(), entropy)?;
    let prepared = ids.iter().zip(drafts).zip(of_drafts).map(|((id, draft), keys)| {
        let record = RecordId::of(&shared, draft.kind, id);
        Ok(Prepared { is_named: true, ..prepare_one(draft, record, keys, &mut random)? })
    });
    prepared.collect()
}

fn random(
    count: usize,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<impl Iterator<Item = [u8; 16]> + use<>, LedgerError> {
    let mut random = vec![[0_u8; 16]; count];
    locked(entropy)?.fill(random.as_flattened_mut())?;
    Ok(random.into_iter())
}

fn exhausted() -> LedgerError {
    LedgerError::storage("no random bytes", "check the source of random bytes")
}

fn no_key() -> LedgerError {
    LedgerError::storage("a key is missing", "restore the folder `keys`")
}

fn keys_of(
    drafts: &[Draft],
    keys: &mut Keys,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<Vec<Vec<PersonKey>>, LedgerError> {
    let persons: Vec<&PersonId> =
        drafts.iter().flat_map(|draft| &draft.groups).filter_map(|group| group.person.as_ref()).collect();
    keys.make(&persons, &mut **locked(entropy)?)?;
    let of_group = |group: &DraftGroup| {
        let key = group.person.as_ref().map_or_else(|| keys.shared(), |person| keys.of(person));
        key.cloned().ok_or_else(no_key)
    };
    drafts.iter().map(|draft| draft.groups.iter().map(of_group).collect()).collect()
}

/// Commit to a record that the ledger itself makes, under a name that is known beforehand.
pub(crate) fn prepare_for_ledger(
    draft: &Draft,
    record: RecordId,
    keys: &Mutex<Keys>,
    entropy: &Mutex<Box<dyn Entropy>>,
) -> Result<Vec<Prepared>, LedgerError> {
    let of_draft = keys_of(std::slice::from_ref(draft), &mut *locked(keys)?, entropy)?;
    let mut random = random(draft.groups.len(), entropy)?;
    of_draft.into_iter().map(|keys| prepare_one(draft.clone(), record, keys, &mut random)).collect()
}

fn prepare_one(
    draft: Draft,
    record: RecordId,
    keys: Vec<PersonKey>,
    random: &mut impl Iterator<Item = [u8; 16]>,
) -> Result<Prepared, LedgerError> {
    let mut groups = Vec::with_capacity(draft.groups.len());
    for ((number, group), key) in GroupNumber::all().zip(draft.groups).zip(keys) {
        let nonce = Nonce::from_bytes(random.next().ok_or_else(exhausted)?);
        let bytes = group_bytes(&group.schema, group.columns);
        let commitment = commit_group(salt(&key, record, number, nonce), &bytes);
        groups.push(PreparedGroup { person: group.person.map(|person| (person, key)), nonce, bytes, commitment });
    }
    let commitments: Vec<GroupCommitment> = groups.iter().map(|group| group.commitment).collect();
    Ok(Prepared { kind: draft.kind, is_named: false, record, commitment: commit_record(&commitments)?, groups })
}

fn check(draft: &Draft) -> Result<(), LedgerError> {
    if matches!(draft.kind, EntryKind::Erasure | EntryKind::IndexSeal) {
        return Err(LedgerError::input(
            "entries of erasures and index seals are made by the ledger",
            "call erase or close the epoch instead",
        ));
    }
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

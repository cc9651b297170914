//! Reading a ledger, while a writer goes on or without one. Everything is read up to the signed checkpoint.

use crate::about::About;
use crate::epoch::{ClosedEpoch, each_entry, first_seal};
use crate::keys::{Access, Keys};
use crate::open::read_checkpoint;
use crate::row_reader::RowReader;
use crate::salt::salt_under;
use crate::statement::{Statement, StatementEntry};
use crate::storage::{Disk, Storage};
use crate::tag::MacKey;
use crate::tag_index::Marked;
use crate::tile_files::{Entries, Tiles};
use crate::{Content, Entry, Epoch, GroupNumber, LedgerError, LoggedAt, Opening, PersonId, Receipt, Row, Salt, TagKey};
use gongdao_merkle::{
    AddCheckpoint, ConsistencyProof, SignedCheckpoint, TileKind, TilePath, TileReader, TlogProof, prove_consistency,
    prove_inclusion,
};
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

/// A ledger as it stood at its last signed checkpoint. Changes nothing in the folder. Holds the keys as they were when it was
/// opened: open it anew after an erasure.
pub struct Reader {
    pub(crate) disk: Disk,
    pub(crate) about: About,
    pub(crate) checkpoint: SignedCheckpoint,
    pub(crate) keys: Keys,
    pub(crate) rows: RowReader,
}

impl Reader {
    /// Read who the ledger is, its checkpoint and its keys. Errors: no ledger; a checkpoint that its key did not sign.
    pub fn open(storage: Arc<dyn Storage>) -> Result<Self, LedgerError> {
        Self::open_after(Disk(storage), None)
    }

    /// The same ledger as it stands now: checkpoint and keys are read again, and what was found out about where rows stand is
    /// kept. Not for after an erasure: open it anew then.
    ///
    /// Errors: as for [`Reader::open`].
    pub fn later(&self) -> Result<Self, LedgerError> {
        Self::open_after(self.disk.clone(), Some(&self.rows))
    }

    fn open_after(disk: Disk, before: Option<&RowReader>) -> Result<Self, LedgerError> {
        let about = About::read(&disk)?;
        let checkpoint = read_checkpoint(&disk, &about)?;
        // A writer that destroys a key between our reading of its two files makes them seem at odds; the second look is whole.
        let keys = Keys::open(&disk, Access::Read).or_else(|_| Keys::open(&disk, Access::Read))?;
        let rows = RowReader::new(&disk, &keys)?.keeping(before);
        Ok(Self { disk, about, checkpoint, keys, rows })
    }

    /// Whose ledger it is.
    pub fn about(&self) -> &About {
        &self.about
    }

    /// The checkpoint that everything is read up to.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Entries up to the checkpoint.
    pub fn size(&self) -> u64 {
        self.checkpoint.unverified().size
    }

    /// One public entry. Errors: no such place below the checkpoint.
    pub fn entry(&self, leaf: u64) -> Result<Entry, LedgerError> {
        self.check_leaf(leaf)?;
        let mut found = None;
        each_entry(&self.disk, leaf..leaf + 1, |_, _, entry| {
            found = Some(entry);
            Ok(())
        })?;
        found.ok_or_else(|| missing(leaf))
    }

    /// One row. Errors: no such place below the checkpoint.
    pub fn row(&self, leaf: u64) -> Result<Row, LedgerError> {
        self.check_leaf(leaf)?;
        self.rows.find(&BTreeSet::from([leaf]))?.remove(&leaf).ok_or_else(|| missing(leaf))
    }

    /// Rows of a range of places, in order.
    pub fn each_row(
        &self,
        leaves: Range<u64>,
        take: impl FnMut(Row) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        self.rows.each(leaves.start..leaves.end.min(self.size()), take)
    }

    /// Public entries of a range of places, in order.
    pub fn each_entry(
        &self,
        leaves: Range<u64>,
        mut take: impl FnMut(u64, Entry) -> Result<(), LedgerError>,
    ) -> Result<(), LedgerError> {
        each_entry(&self.disk, leaves.start..leaves.end.min(self.size()), |leaf, _, entry| take(leaf, entry))
    }

    /// Schema and columns of a group of a row, as bytes; nothing where they were erased. A person's key goes before the rows
    /// do: from then on they count as erased.
    pub fn content<'a>(&self, row: &'a Row, group: GroupNumber) -> Option<&'a [u8]> {
        match &row.groups.get(usize::from(group.0))?.content {
            Content::Open { person, bytes, .. } if self.key_of(person.as_ref()).is_some() => Some(bytes),
            _ => None,
        }
    }

    /// Places of the entries logged in a time, half-open. The clock never decreases, so they are neighbours.
    pub fn logged_between(&self, from: LoggedAt, until: LoggedAt) -> Result<Range<u64>, LedgerError> {
        let place = |at: LoggedAt| -> Result<u64, LedgerError> {
            let (mut low, mut high) = (0, self.size());
            while low < high {
                let middle = low.midpoint(high);
                if self.entry(middle)?.logged_at < at {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            Ok(low)
        };
        Ok(place(from)?..place(until)?)
    }

    /// Places and groups that concern a person and are not erased.
    pub fn of_person(&self, person: &PersonId) -> Result<Vec<(u64, GroupNumber)>, LedgerError> {
        Ok(self.rows.of_person(self.size(), person)?.into_iter().collect())
    }

    /// That an entry is in the log. Errors: no such place.
    pub fn prove(&self, leaf: u64) -> Result<TlogProof, LedgerError> {
        self.check_leaf(leaf)?;
        let inclusion = prove_inclusion(&self.tree(), leaf, self.size())?;
        Ok(TlogProof { extra: None, index: leaf, inclusion, checkpoint: self.checkpoint.clone() })
    }

    /// That the log of `old` entries is the start of this one.
    pub fn prove_consistency(&self, old: u64) -> Result<ConsistencyProof, LedgerError> {
        prove_consistency(&self.tree(), old, self.size())
    }

    /// What to send to a witness that cosigned `old` entries last.
    pub fn add_checkpoint(&self, old: u64) -> Result<AddCheckpoint, LedgerError> {
        let consistency = if old == 0 { ConsistencyProof(Vec::new()) } else { self.prove_consistency(old)? };
        Ok(AddCheckpoint { old_size: old, consistency, checkpoint: self.checkpoint.clone() })
    }

    /// A receipt for one group of an entry. Errors: the group or its key was erased.
    pub fn receipt(&self, leaf: u64, group: GroupNumber) -> Result<Receipt, LedgerError> {
        self.receipt_of(&self.row(leaf)?, group)
    }

    fn receipt_of(&self, row: &Row, group: GroupNumber) -> Result<Receipt, LedgerError> {
        let leaf = row.leaf;
        if row.groups.get(usize::from(group.0)).is_none() {
            return Err(LedgerError::input(format!("entry {leaf} has no group {}", group.0), "check the entry"));
        }
        let opening = self.opening(row, group, self.entry(leaf)?).ok_or_else(|| gone(leaf))?;
        Ok(Receipt::new(self.prove(leaf)?, opening))
    }

    /// What shows a group of a row; nothing where it is not there, or it or its key was erased.
    pub(crate) fn opening(&self, row: &Row, group: GroupNumber, entry: Entry) -> Option<Opening> {
        let Content::Open { bytes, .. } = &row.groups.get(usize::from(group.0))?.content else { return None };
        let salt = self.salt(row, group)?;
        let others = GroupNumber::all()
            .zip(&row.groups)
            .map(|(number, other)| if number == group { None } else { Some(other.commitment) });
        Some(Opening { entry, record: row.record, group, salt, others: others.collect(), bytes: bytes.clone() })
    }

    /// The key of a person's tags in an epoch, to be handed to the person or their union. Errors: the person has no key.
    pub fn tag_key(&self, person: &PersonId, epoch: Epoch) -> Result<TagKey, LedgerError> {
        let key = self.keys.of(person).ok_or_else(|| {
            LedgerError::input(
                "the person has no key",
                "check the pseudonym; after an erasure there is nothing to find",
            )
        })?;
        Ok(key.tag_key(&self.about.origin, epoch))
    }

    /// All that was logged about a person in a closed epoch, with proofs. Errors: the epoch is not closed and signed; the
    /// person has no key; the index is not that of the entries.
    pub fn statement(&self, person: &PersonId, epoch: Epoch) -> Result<Statement, LedgerError> {
        let open = || {
            LedgerError::input(
                format!("epoch {} is not closed and signed", epoch.0),
                "close it, sign a checkpoint, ask again",
            )
        };
        let (closed, sealed_at) = self.sealed_epoch(epoch)?.ok_or_else(open)?;
        let key = self.tag_key(person, epoch)?;
        let index = closed.rebuild(&self.disk)?;
        let mut found = Vec::new();
        while let Ok(presence) = index.prove_presence(key.tag(u64::try_from(found.len()).unwrap_or(u64::MAX))) {
            let Marked::Leaf(leaf) = presence.line.marked else { break };
            found.push((leaf, presence));
        }
        let rows = self.rows.find(&found.iter().map(|(leaf, _)| *leaf).collect())?;
        let counter = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let mut entries = Vec::with_capacity(found.len());
        for (leaf, presence) in found {
            let row = rows.get(&leaf).ok_or_else(|| missing(leaf))?;
            entries.push(StatementEntry { presence, entry: self.entry(leaf)?, proof: self.proof_about(row, person)? });
        }
        let end = index.prove_presence(key.end());
        Ok(Statement {
            seal: closed.seal,
            seal_entry: self.entry(sealed_at)?,
            seal_proof: self.prove(sealed_at)?,
            end: match end {
                Ok(end) => Ok(end),
                Err(_) => Err(index.prove_absence(key.end())?),
            },
            entries,
            next: index.prove_absence(key.tag(counter))?,
        })
    }

    /// A closed epoch's seal and end marks; nothing where it is open.
    pub fn closed_epoch(&self, epoch: Epoch) -> Result<Option<ClosedEpoch>, LedgerError> {
        Ok(self.sealed_epoch(epoch)?.map(|(closed, _)| closed))
    }

    /// The same, with the place of the entry that seals it.
    pub(crate) fn sealed_epoch(&self, epoch: Epoch) -> Result<Option<(ClosedEpoch, u64)>, LedgerError> {
        let Some(closed) = ClosedEpoch::read(&self.disk, epoch)? else { return Ok(None) };
        Ok(first_seal(&self.disk, &closed.seal, self.size())?.map(|leaf| (closed, leaf)))
    }

    /// The bytes that a web server gives for a tile path (C2SP tlog-tiles). Errors: the tree has no such tile.
    pub fn tile(&self, path: TilePath) -> Result<Vec<u8>, LedgerError> {
        let level = if let TileKind::Hashes(level) = path.kind() { level } else { 0 };
        let hashes = 1_u64.checked_shl(u32::from(level) * 8).map_or(0, |leaves| self.size() / leaves);
        let end = path.index().checked_mul(256).and_then(|start| start.checked_add(u64::from(path.width())));
        if end.is_none_or(|end| end > hashes) {
            return Err(LedgerError::input(
                format!("`{path}` lies beyond the checkpoint"),
                "ask for a tile of the signed tree",
            ));
        }
        match path.kind() {
            TileKind::Hashes(_) => Tiles(&self.disk).bytes(path),
            TileKind::Entries => {
                let size = path.index() * 256 + u64::from(path.width());
                Entries::open(&self.disk, size)?.bundle(path.index())
            }
        }
    }

    /// The receipt of the person's group; the bare proof where the content is gone.
    fn proof_about(&self, row: &Row, person: &PersonId) -> Result<TlogProof, LedgerError> {
        let own = GroupNumber::all()
            .zip(&row.groups)
            .find(|(_, group)| matches!(&group.content, Content::Open { person: Some(of), .. } if of == person));
        match own {
            Some((number, _)) => Ok(self.receipt_of(row, number)?.proof().clone()),
            None => self.prove(row.leaf),
        }
    }

    pub(crate) fn key_of(&self, person: Option<&PersonId>) -> Option<&MacKey> {
        let held = match person {
            Some(person) => self.keys.slot_of(person.as_str()).and_then(|slot| self.keys.held(slot)),
            None => self.keys.shared(),
        };
        held.map(|held| &held.mac)
    }

    pub(crate) fn salt(&self, row: &Row, group: GroupNumber) -> Option<Salt> {
        let Content::Open { person, nonce, .. } = &row.groups.get(usize::from(group.0))?.content else { return None };
        Some(salt_under(self.key_of(person.as_ref())?, row.record, group, *nonce))
    }

    pub(crate) fn tree(&self) -> TileReader<Tiles<'_>> {
        TileReader::new(Tiles(&self.disk), self.size())
    }

    pub(crate) fn check_leaf(&self, leaf: u64) -> Result<(), LedgerError> {
        if leaf < self.size() {
            return Ok(());
        }
        Err(LedgerError::input(
            format!("entry {leaf} is not below the checkpoint of {} entries", self.size()),
            "sign a checkpoint first, or check the number",
        ))
    }
}

pub(crate) fn missing(leaf: u64) -> LedgerError {
    LedgerError::evidence(
        format!("entry {leaf} is not in the files"),
        "restore the folder from a copy; run the checks of the whole ledger",
    )
}

fn gone(leaf: u64) -> LedgerError {
    LedgerError::input(
        format!("the content of entry {leaf} was erased"),
        "the entry itself can still be proved, and receipts given before stay valid",
    )
}

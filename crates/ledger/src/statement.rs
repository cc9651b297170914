//! "All that was logged about me" in one closed epoch, with the proof that nothing else bears my tags.

use crate::cbor::Value;
use crate::tag_index::{Absence, IndexLine, IndexSeal, Marked, Presence};
use crate::{Entry, EntryKind, LedgerError, Opened, Receipt, Tag, TagKey};
use gongdao_merkle::{InclusionProof, NodeHash, Policy, TlogProof};

const VERSION: i64 = 1;

/// One entry of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatementEntry {
    /// That the index has the tag.
    pub presence: Presence,
    /// The public entry.
    pub entry: Entry,
    /// That the entry is in the log; with an opening in its extra data unless the content was erased.
    pub proof: TlogProof,
}

/// What a ledger says about one person in one epoch (docs/formats/ledger-statement.md).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// The sealed index.
    pub seal: IndexSeal,
    /// The index-seal entry.
    pub seal_entry: Entry,
    /// That the index-seal entry is in the log.
    pub seal_proof: TlogProof,
    /// The end mark, with the number of entries; absent where the person has none in this epoch.
    pub end: Result<Presence, Absence>,
    /// The entries, by counter.
    pub entries: Vec<StatementEntry>,
    /// That the tag after the last is not in the index.
    pub next: Absence,
}

/// A checked entry of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stated {
    /// With its content.
    Opened(Opened),
    /// The entry at this index is there and its content is gone; the log has an erasure entry for it, or should.
    Erased {
        /// Place in the log.
        leaf: u64,
        /// The public entry.
        entry: Entry,
    },
}

impl Statement {
    /// Check everything: index sealed in the log, end mark, each tag from 0 on, and the absence of the next.
    ///
    /// Errors: the first thing that does not hold. What it proves is said in docs/guarantees.md: nothing else was logged
    /// under these tags, given that someone rebuilt the index from the public entries.
    pub fn verify(&self, key: &TagKey, policy: &Policy) -> Result<Vec<Stated>, LedgerError> {
        self.verify_seal(policy)?;
        let count = u64::try_from(self.entries.len()).unwrap_or(u64::MAX);
        match &self.end {
            Ok(end) => {
                end.verify(&self.seal)?;
                if end.line.tag != key.end() || end.line.marked != Marked::End(count) || count == 0 {
                    return Err(refused(format!("the end mark is not yours, or does not say {count} entries")));
                }
            }
            Err(absence) => {
                absence.verify(key.end(), &self.seal)?;
                if count != 0 {
                    return Err(refused("entries without an end mark"));
                }
            }
        }
        self.next.verify(key.tag(count), &self.seal)?;
        (0..).zip(&self.entries).map(|(counter, stated)| self.verify_entry(stated, key.tag(counter), policy)).collect()
    }

    /// Check that this statement follows another without a gap: the next epoch, from the entry where the other ends, against
    /// the same checkpoint. What lies between two epochs would be in no statement.
    pub fn verify_follows(&self, earlier: &Self) -> Result<(), LedgerError> {
        let (seal, before) = (&self.seal, &earlier.seal);
        if Some(seal.epoch.0) != before.epoch.0.checked_add(1) || seal.first_leaf != before.end_leaf {
            return Err(refused(format!("epoch {} does not follow epoch {}", seal.epoch.0, before.epoch.0)));
        }
        if self.seal_proof.checkpoint.unverified() != earlier.seal_proof.checkpoint.unverified() {
            return Err(refused("the statements are proved against different checkpoints"));
        }
        Ok(())
    }

    /// Entries of the epoch for which the person holds a receipt and which the statement leaves out: hidden ones.
    pub fn hidden<'a>(&self, held: impl IntoIterator<Item = &'a Opened>) -> Vec<u64> {
        let epoch = self.seal.first_leaf..self.seal.end_leaf;
        let held = held.into_iter().map(|opened| opened.leaf).filter(|leaf| epoch.contains(leaf));
        held.filter(|leaf| !self.entries.iter().any(|stated| stated.proof.index == *leaf)).collect()
    }

    fn verify_seal(&self, policy: &Policy) -> Result<(), LedgerError> {
        if self.seal_entry.kind != EntryKind::IndexSeal || self.seal_entry.commitment != self.seal.commitment() {
            return Err(refused("the index-seal entry does not commit to this index"));
        }
        if self.seal_proof.index < self.seal.end_leaf {
            return Err(refused("the index was sealed before its epoch ended"));
        }
        Ok(self.seal_proof.verify(self.seal_entry.leaf_hash(), policy)?)
    }

    fn verify_entry(&self, stated: &StatementEntry, tag: Tag, policy: &Policy) -> Result<Stated, LedgerError> {
        let leaf = stated.proof.index;
        let place = format!("entry {leaf}");
        stated.presence.verify(&self.seal).map_err(|error| error.at(&place))?;
        let line = IndexLine { tag, marked: Marked::Leaf(leaf) };
        let in_epoch = (self.seal.first_leaf..self.seal.end_leaf).contains(&leaf);
        if stated.presence.line != line || !stated.entry.tags().contains(&tag) || !in_epoch {
            return Err(refused("the entry does not bear the tag that the index says").at(place));
        }
        // Proofs to several trees could come from several histories.
        if stated.proof.checkpoint.unverified() != self.seal_proof.checkpoint.unverified() {
            return Err(refused("the entry is proved against another checkpoint than the index").at(place));
        }
        stated.proof.verify(stated.entry.leaf_hash(), policy)?;
        if stated.proof.extra.is_none() {
            return Ok(Stated::Erased { leaf, entry: stated.entry.clone() });
        }
        let receipt = Receipt::parse(stated.proof.to_string().as_bytes())?;
        receipt.verify(policy).map(Stated::Opened).map_err(|error| error.at(place))
    }

    /// The CBOR list of docs/formats/ledger-statement.md.
    pub fn to_bytes(&self) -> Vec<u8> {
        let end = match &self.end {
            Ok(presence) => presence_value(presence),
            Err(absence) => absence_value(absence),
        };
        let entries = self.entries.iter().map(|stated| {
            Value::List(vec![
                presence_value(&stated.presence),
                Value::Bytes(stated.entry.to_bytes()),
                Value::Text(stated.proof.to_string()),
            ])
        });
        Value::List(vec![
            Value::Int(VERSION),
            Value::Bytes(self.seal.to_bytes()),
            Value::Bytes(self.seal_entry.to_bytes()),
            Value::Text(self.seal_proof.to_string()),
            Value::Bool(self.end.is_ok()),
            end,
            Value::List(entries.collect()),
            absence_value(&self.next),
        ])
        .to_bytes()
    }

    /// Errors: another encoding, version or shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let value = Value::parse(bytes).map_err(|error| error.at("the statement"))?;
        let Some(
            [
                Value::Int(VERSION),
                Value::Bytes(seal),
                Value::Bytes(entry),
                Value::Text(proof),
                Value::Bool(has_end),
                end,
                Value::List(entries),
                next,
            ],
        ) = value.as_list()
        else {
            return Err(refused("the statement has another shape or version"));
        };
        Ok(Self {
            seal: IndexSeal::parse(seal)?,
            seal_entry: Entry::parse(entry)?,
            seal_proof: TlogProof::parse(proof.as_bytes())?,
            end: if *has_end { Ok(read_presence(end)?) } else { Err(read_absence(end)?) },
            entries: entries.iter().map(read_entry).collect::<Result<_, _>>()?,
            next: read_absence(next)?,
        })
    }
}

fn presence_value(presence: &Presence) -> Value {
    let hashes = presence.inclusion.0.iter().map(|hash| Value::Bytes(hash.as_bytes().to_vec()));
    Value::List(vec![
        Value::Bytes(presence.line.to_bytes().to_vec()),
        Value::unsigned(presence.position),
        Value::List(hashes.collect()),
    ])
}

fn absence_value(absence: &Absence) -> Value {
    let side = |side: &Option<Presence>| side.as_ref().map_or(Value::Null, presence_value);
    Value::List(vec![side(&absence.before), side(&absence.after)])
}

fn read_presence(value: &Value) -> Result<Presence, LedgerError> {
    let Some([Value::Bytes(line), position, Value::List(hashes)]) = value.as_list() else {
        return Err(refused("a presence has another shape"));
    };
    let hashes = hashes.iter().map(|hash| {
        let bytes = hash.as_bytes().ok_or_else(|| refused("a hash of a presence is none"))?;
        Ok(NodeHash::try_from(bytes)?)
    });
    let position = position.as_unsigned().ok_or_else(|| refused("the position of a presence is none"))?;
    let inclusion = InclusionProof(hashes.collect::<Result<_, LedgerError>>()?);
    Ok(Presence { line: IndexLine::parse(line)?, position, inclusion })
}

fn read_absence(value: &Value) -> Result<Absence, LedgerError> {
    let Some([before, after]) = value.as_list() else { return Err(refused("an absence has another shape")) };
    let side = |side: &Value| if *side == Value::Null { Ok(None) } else { read_presence(side).map(Some) };
    Ok(Absence { before: side(before)?, after: side(after)? })
}

fn read_entry(value: &Value) -> Result<StatementEntry, LedgerError> {
    let Some([presence, Value::Bytes(entry), Value::Text(proof)]) = value.as_list() else {
        return Err(refused("an entry of the statement has another shape"));
    };
    let proof = TlogProof::parse(proof.as_bytes())?;
    Ok(StatementEntry { presence: read_presence(presence)?, entry: Entry::parse(entry)?, proof })
}

fn refused(message: impl Into<String>) -> LedgerError {
    LedgerError::evidence(
        message,
        "the statement is incomplete or was changed; ask again, and keep what you were given",
    )
}

//! A small log with a receipt, for the tests.

use crate::{
    Entry, EntryKind, GroupCommitment, GroupNumber, LoggedAt, Opening, Receipt, RecordId, Salt, Tag, Value,
    commit_group, commit_record, group_bytes,
};
use gongdao_merkle::{Checkpoint, LeafHash, Leaves, NoteSigner, TlogProof, prove_inclusion, root_of};

pub(crate) const ORIGIN: &str = "ledger.example/city";

pub(crate) fn log() -> NoteSigner {
    NoteSigner::new(ORIGIN.parse().unwrap(), &[1; 32])
}

pub(crate) fn witness() -> NoteSigner {
    NoteSigner::new("union.example".parse().unwrap(), &[2; 32])
}

/// Entry 3 of 7, which has three groups and opens the second; cosigned by the witness where it is said so.
pub(crate) fn receipt(columns: Vec<Value>, is_cosigned: bool) -> Receipt {
    let (salt, bytes) = (Salt::from_bytes([3; 32]), group_bytes("test/1", columns));
    let other = |byte| GroupCommitment::from_bytes([byte; 32]);
    let commitment = commit_record(&[other(4), commit_group(salt, &bytes), other(5)]).unwrap();
    let at = LoggedAt::from_seconds(1_800_000_000);
    let entry = Entry::new(EntryKind::Decision, at, commitment, vec![Tag::from_bytes([6; 16])]).unwrap();
    let mut leaves: Vec<LeafHash> = (0..7_u8).map(|number| LeafHash::of(&[number])).collect();
    leaves[3] = entry.leaf_hash();
    let head = Checkpoint { origin: ORIGIN.parse().unwrap(), size: 7, root: root_of(&leaves), extensions: Vec::new() };
    let mut checkpoint = head.sign(&log()).unwrap();
    if is_cosigned {
        checkpoint.add(witness().cosign(checkpoint.note().text(), 1_800_000_001));
    }
    let inclusion = prove_inclusion(&Leaves(&leaves), 3, 7).unwrap();
    let opening = Opening {
        entry,
        record: RecordId::from_bytes([7; 16]),
        group: GroupNumber(1),
        salt,
        others: vec![Some(other(4)), None, Some(other(5))],
        bytes,
    };
    Receipt::new(TlogProof { extra: None, index: 3, inclusion, checkpoint }, opening)
}

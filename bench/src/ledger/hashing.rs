//! The bound that nobody can pass: only what must be hashed of a record, on all cores, nothing else.

use super::records::Record;
use super::{rate, told};
use crate::machine;
use gongdao_ledger::{
    Entry, EntryKind, GroupNumber, LoggedAt, Nonce, PersonKey, RecordId, commit_group, commit_record, group_bytes, salt,
};
use gongdao_merkle::Frontier;
use std::time::Instant;

const RECORDS: u64 = 200_000;

/// Records a second on `threads` threads, and a second of processor: name, two salts, two groups, the record, a tag, the leaf and
/// the tree.
pub(crate) fn bound(threads: usize) -> Result<[f64; 2], String> {
    let drafts: Vec<[Vec<u8>; 2]> = (0..1000)
        .map(|number| {
            let (_, draft) = Record::of(number, 10_000).draft().map_err(told)?;
            let mut groups = draft.groups.into_iter().map(|group| group_bytes(&group.schema, group.columns));
            Ok([groups.next().unwrap_or_default(), groups.next().unwrap_or_default()])
        })
        .collect::<Result<_, String>>()?;
    let (started, busy) = (Instant::now(), machine::busy());
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(|| hash(&drafts))).collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| "a thread ended")?)
    })?;
    let records = RECORDS * u64::try_from(threads).map_err(told)?;
    Ok([rate(records, started.elapsed().as_secs_f64()), rate(records, machine::busy() - busy)])
}

fn hash(drafts: &[[Vec<u8>; 2]]) -> Result<(), String> {
    let (shared, person) = (PersonKey::from_bytes([1; 32]), PersonKey::from_bytes([2; 32]));
    let tag_key = person.tag_key(&"ledger.example/bench".parse().map_err(told)?, gongdao_ledger::Epoch(0));
    let mut tree = Frontier::new();
    for (number, [algorithm, decision]) in (0..RECORDS).zip(drafts.iter().cycle()) {
        let nonce = Nonce::from_bytes((u128::from(number) << 64).to_be_bytes());
        // One more of the same size stands for the name: HMAC of the id under the ledger's key.
        let name = salt(&shared, RecordId::from_bytes([0; 16]), GroupNumber(0), nonce);
        let record = RecordId::from_bytes(*name.as_bytes().first_chunk().unwrap_or(&[0; 16]));
        let groups = [
            commit_group(salt(&shared, record, GroupNumber(0), nonce), algorithm),
            commit_group(salt(&person, record, GroupNumber(1), nonce), decision),
        ];
        let commitment = commit_record(&groups).map_err(told)?;
        let at = LoggedAt::from_seconds(1_800_000_000);
        let entry = Entry::new(EntryKind::Decision, at, commitment, vec![tag_key.tag(number)]).map_err(told)?;
        tree.push(entry.leaf_hash(), |_, _, _| ()).map_err(told)?;
    }
    Ok(())
}

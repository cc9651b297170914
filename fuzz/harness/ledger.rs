//! Whatever the bytes, each reader of a ledger format ends in a value or in words, and what is read is written as it stood.

use gongdao_ledger::{
    ClosedEpoch, Entry, IndexLine, IndexSeal, LedgerError, Opening, Receipt, Statement, Value, read_group,
};

/// The readers that [`drive`] knows.
pub(crate) const READERS: u8 = 8;

/// Read the bytes as one of the formats.
pub(crate) fn drive(reader: u8, bytes: &[u8]) {
    match reader % READERS {
        0 => written(bytes, Value::parse(bytes).map(|value| value.to_bytes())),
        1 => written(bytes, Entry::parse(bytes).map(|entry| entry.to_bytes())),
        2 => written(bytes, Opening::parse(bytes).map(|opening| opening.to_bytes())),
        3 => written(bytes, Statement::parse(bytes).map(|statement| statement.to_bytes())),
        4 => written(bytes, IndexSeal::parse(bytes).map(|seal| seal.to_bytes())),
        5 => written(bytes, IndexLine::parse(bytes).map(|line| line.to_bytes().to_vec())),
        6 => {
            worded(ClosedEpoch::parse(bytes));
            worded(read_group(bytes));
        }
        _ => written(bytes, Receipt::parse(bytes).map(|receipt| receipt.to_string().into_bytes())),
    }
}

fn worded<T>(result: Result<T, LedgerError>) -> Option<T> {
    result
        .inspect_err(|error| {
            assert!(!error.message.trim().is_empty() && !error.hint.is_empty(), "refused without a word");
        })
        .ok()
}

fn written(bytes: &[u8], result: Result<Vec<u8>, LedgerError>) {
    if let Some(again) = worded(result) {
        assert_eq!(again, bytes, "one encoding for one value");
    }
}

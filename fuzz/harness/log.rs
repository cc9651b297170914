//! Whatever the bytes, each reader of a log format ends in a value or in words, and what is read is printed as it stood.

use gongdao_merkle::{
    AddCheckpoint, MerkleError, Note, Policy, SignedCheckpoint, TilePath, TlogProof, VerifierKey, decode_base64,
    encode_base64, parse_bundle, parse_signature_lines, parse_size_answer, parse_tile, write_entry,
};

/// The readers that [`drive`] knows.
pub(crate) const READERS: u8 = 11;

/// Read the bytes as one of the formats.
pub(crate) fn drive(reader: u8, bytes: &[u8]) {
    let text = str::from_utf8(bytes);
    match (reader % READERS, text) {
        (0, _) => printed(bytes, Note::parse(bytes)),
        (1, _) => printed(bytes, SignedCheckpoint::parse(bytes)),
        (2, _) => printed(bytes, TlogProof::parse(bytes)),
        (3, _) => printed(bytes, AddCheckpoint::parse(bytes)),
        (4, Ok(text)) => printed(bytes, text.parse::<VerifierKey>()),
        (5, Ok(text)) => printed(bytes, text.parse::<TilePath>()),
        (6, Ok(text)) => drop(worded(text.parse::<Policy>())),
        (7, Ok(text)) => {
            let decoded = worded(decode_base64(text)).ok_or_else(refused);
            printed(bytes, decoded.map(|decoded| encode_base64(&decoded)));
        }
        (8, Ok(text)) => drop(worded(parse_signature_lines(text))),
        (9, _) => {
            if let Some(entries) = worded(parse_bundle(bytes)) {
                let mut again = Vec::new();
                for entry in entries {
                    write_entry(&mut again, entry).unwrap();
                }
                assert_eq!(again, bytes);
            }
        }
        _ => {
            worded(parse_tile(bytes));
            worded(parse_size_answer(bytes));
        }
    }
}

fn refused() -> MerkleError {
    MerkleError { message: "refused".to_owned(), hint: "see above" }
}

fn worded<T>(result: Result<T, MerkleError>) -> Option<T> {
    result
        .inspect_err(|error| {
            assert!(!error.message.trim().is_empty() && !error.hint.is_empty(), "refused without a word");
        })
        .ok()
}

fn printed<T: std::fmt::Display>(bytes: &[u8], result: Result<T, MerkleError>) {
    if let Some(value) = worded(result) {
        assert_eq!(value.to_string().as_bytes(), bytes, "one text for one value");
    }
}

//! Whatever the bytes, reading a decision record ends in a record or in words.

use gongdao_model::DecisionRecord;

/// Read the bytes as the JSON of a decision record. A record that is read is printed and read again as the same one.
pub(crate) fn drive(bytes: &[u8]) {
    match serde_json::from_slice::<DecisionRecord>(bytes) {
        Ok(record) => {
            let printed = serde_json::to_string(&record).unwrap();
            let again: DecisionRecord = serde_json::from_str(&printed).unwrap();
            assert_eq!(again, record, "{printed}");
            assert_eq!(serde_json::to_string(&again).unwrap(), printed, "one record, one text");
        }
        Err(error) => assert!(!error.to_string().trim().is_empty(), "refused without a word"),
    }
}

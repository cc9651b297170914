//! Damaged and hand-made hostile records, through the same harness as the fuzz target `record`.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

#[path = "../../../fuzz/harness/mutate.rs"]
mod mutate;
#[path = "../../../fuzz/harness/record.rs"]
mod record;

use gongdao_model::DecisionRecord;
use mutate::{damage, damaged};
use proptest::prelude::*;

const SEEDS: [&str; 3] = [
    r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch"}"#,
    r#"{"id":"单-1","at":"2024-05-01T12:00:00.5Z","action":"price","place":"110000","algorithm":"a","person":"p",
        "principal":{"filed":true,"category":"push"},"resource":{"consents":["dispatch","价格"],"ageGroup":"adult"},
        "context":{"parameters":{"hourlyMinimumWageFen":2640},"continuousMinutes":-241,"tagsUsed":[]}}"#,
    r#"{"id":"d","at":"1990-01-01T00:00:00Z","action":"","context":{"n":9223372036854775807,"m":-9223372036854775808}}"#,
];

const WORDS: [&str; 12] = [
    "null",
    "true",
    "1e9",
    "0.5",
    "18446744073709551615",
    "\"id\":",
    "\"parameters\":{}",
    "[[]]",
    "{",
    "\\ud800",
    "\\u0000",
    "\"context\":",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_record_is_read_or_refused_in_words(seed in 0..SEEDS.len(), acts in damage()) {
        record::drive(&damaged(SEEDS[seed].as_bytes(), &acts, &WORDS));
    }

    #[test]
    fn noise_is_refused_in_words(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        record::drive(&bytes);
    }
}

#[test]
fn the_seeds_are_records() {
    for seed in SEEDS {
        assert!(serde_json::from_str::<DecisionRecord>(seed).is_ok(), "{seed}");
        record::drive(seed.as_bytes());
    }
}

/// A record with one piece more, and how it is refused.
#[test]
fn each_kind_of_bad_record_has_its_own_words() {
    let value = "expected true, false, a whole number, text, or a list of texts (leave an unknown fact out)";
    for (name, more, words) in [
        ("null", r#""context":{"push":null}"#, &format!("invalid type: null, {value}")[..]),
        ("a fraction", r#""context":{"push":1.5}"#, &format!("invalid type: floating point `1.5`, {value}")),
        ("an object", r#""resource":{"push":{}}"#, &format!("invalid type: map, {value}")),
        (
            "too large",
            r#""context":{"n":9223372036854775808}"#,
            "the number `9223372036854775808` does not fit into 64 bits",
        ),
        ("a mixed list", r#""resource":{"consents":["a",1]}"#, "invalid type: integer `1`, expected a string"),
        ("a fact twice", r#""resource":{"a":true,"a":false}"#, "the fact `a` stands twice"),
        ("a fact twice in the context", r#""context":{"a":1,"a":1}"#, "the fact `a` stands twice"),
        ("a parameter twice", r#""context":{"parameters":{"a":1,"a":2}}"#, "the fact `a` stands twice"),
        ("parameters twice", r#""context":{"parameters":{},"parameters":{}}"#, "`parameters` stands twice"),
        ("facts as a list", r#""resource":["a"]"#, "invalid type: sequence, expected an object of facts"),
        ("a name with a sign", r#""resource":{"a-b":true}"#, "`a-b` is not the name of a fact"),
        ("an unknown key", r#""speed":1"#, "unknown field `speed`"),
        ("a place in words", r#""place":"Beijing""#, "`Beijing` is not a place"),
        ("the identifier twice", r#""id":"d-2""#, "duplicate field `id`"),
    ] {
        let text = format!(r#"{{"id":"d","at":"2024-05-01T12:00:00+08:00","action":"dispatch",{more}}}"#);
        let error = serde_json::from_str::<DecisionRecord>(&text).unwrap_err().to_string();
        assert!(error.starts_with(words), "{name}: {error}");
    }
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let deep = format!(r#"{{"id":"d","context":{{"a":{}"#, "[".repeat(100_000));
    record::drive(deep.as_bytes());
    assert!(serde_json::from_str::<DecisionRecord>(&deep).is_err());
}

#[test]
fn an_impossible_moment_is_refused() {
    for (at, words) in [
        ("2024-05-01 12:00", "`2024-05-01 12:00` is not a moment"),
        ("2024-02-30T12:00:00+08:00", "`2024-02-30T12:00:00+08:00` is not a moment"),
        ("1970-01-20T02:00:00Z", "time `1648800000` ms lies outside the years 1990 to 2099"),
        ("2100-01-01T00:00:00Z", "time `4102444800000` ms lies outside the years 1990 to 2099"),
    ] {
        let text = format!(r#"{{"id":"d","at":"{at}","action":"dispatch"}}"#);
        let error = serde_json::from_str::<DecisionRecord>(&text).unwrap_err().to_string();
        assert!(error.starts_with(words), "{at}: {error}");
    }
}

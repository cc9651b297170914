//! What the nouns accept, refuse and print.

use gongdao_model::{DecisionRecord, FactPath, Instant, LegalDate, PlaceCode, ProvisionId, RuleId};
use proptest::prelude::*;

#[test]
fn a_legal_day_starts_at_midnight_in_shanghai() {
    let date: LegalDate = "2022-03-01".parse().unwrap();
    assert_eq!(date.starts_at().to_string(), "2022-03-01T00:00:00+08:00");
    let last: Instant = "2022-02-28T23:59:59.999+08:00".parse().unwrap();
    assert_eq!(last.date_in_shanghai(), date.previous());
    assert_eq!(last.millis() + 1, date.starts_at().millis());
}

#[test]
fn days_count_from_1970_and_know_their_weekday_and_their_corresponding_day() {
    let day = |text: &str| text.parse::<LegalDate>().unwrap();
    for (text, number, weekday) in [("1970-01-01", 0, 4), ("1969-12-31", -1, 3), ("2024-09-29", 19_995, 7)] {
        assert_eq!((day(text).day_number(), day(text).weekday()), (number, weekday), "{text}");
        assert_eq!(LegalDate::from_day_number(number), Some(day(text)));
    }
    for (start, months, end) in [
        ("2024-01-31", 1, "2024-02-29"),
        ("2023-01-31", 1, "2023-02-28"),
        ("2024-02-29", 36, "2027-02-28"),
        ("2024-08-15", 5, "2025-01-15"),
    ] {
        assert_eq!(day(start).months_later(months), Some(day(end)), "{start} + {months}");
    }
    assert_eq!(LegalDate::from_day_number(i32::MAX), None);
}

#[test]
fn a_wrong_unit_of_time_is_refused_with_a_hint() {
    let seconds_read_as_millis = Instant::from_millis(1_650_129_555).unwrap_err();
    assert_eq!(seconds_read_as_millis.to_string(), "time `1650129555` ms lies outside the years 1990 to 2099");
    assert!(seconds_read_as_millis.hint.unwrap().contains("differ by 1,000"));
}

#[test]
fn a_place_covers_its_parts_and_no_other() {
    let place = |code: &str| code.parse::<PlaceCode>().unwrap();
    for (outer, inner, covers) in [
        ("000000", "440305", true),
        ("440000", "440305", true),
        ("440300", "440305", true),
        ("440300", "440000", false),
        ("440305", "440306", false),
        ("310000", "440305", false),
    ] {
        assert_eq!(place(outer).covers(place(inner)), covers, "{outer} over {inner}");
    }
}

#[test]
fn malformed_identifiers_are_refused() {
    for text in ["pipl", "cn.pipl", "cn.pipl/", "cn.PIPL/1", "cn.pipl/1/2/3/4", "cn.pipl//1"] {
        assert!(text.parse::<ProvisionId>().is_err(), "{text}");
    }
    for text in ["cn.pipl/24/1", "cn.pipl/24/1#", "#x", "cn.pipl#x"] {
        assert!(text.parse::<RuleId>().is_err(), "{text}");
    }
    assert_eq!("cn.pipl/24/1#fair".parse::<RuleId>().unwrap().provision().article(), "24");
}

#[test]
fn a_record_reads_and_prints_the_same_json() {
    let text = r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch","place":"110000","person":"p-1",
        "principal":{"filed":true},"resource":{"consents":["dispatch"]},
        "context":{"parameters":{"hourlyMinimumWageFen":2640},"continuousMinutes":241}}"#;
    let record: DecisionRecord = serde_json::from_str(text).unwrap();
    let limit: FactPath = "context.parameters.hourlyMinimumWageFen".parse().unwrap();
    assert!(record.facts.value(&limit).is_some());
    let again: DecisionRecord = serde_json::from_str(&serde_json::to_string(&record).unwrap()).unwrap();
    assert_eq!(again, record);
}

#[test]
fn a_fact_that_is_null_or_an_unknown_key_is_refused() {
    for text in [
        r#"{"id":"d","at":"2024-05-01T12:00:00+08:00","action":"dispatch","context":{"push":null}}"#,
        r#"{"id":"d","at":"2024-05-01T12:00:00+08:00","action":"dispatch","speed":1}"#,
        r#"{"id":"","at":"2024-05-01T12:00:00+08:00","action":"dispatch"}"#,
    ] {
        assert!(serde_json::from_str::<DecisionRecord>(text).is_err(), "{text}");
    }
}

proptest! {
    #[test]
    fn every_instant_of_a_day_belongs_to_it(millis in 700_000_000_000_i64..4_000_000_000_000) {
        let at = Instant::from_millis(millis).unwrap();
        let day = at.date_in_shanghai();
        prop_assert!(day.starts_at() <= at);
        prop_assert!(at.millis() - day.starts_at().millis() < 86_400_000);
        prop_assert_eq!(at.to_string().parse::<Instant>().unwrap(), at);
    }

    #[test]
    fn an_instant_reads_as_its_pattern_says(millis in 700_000_000_000_i64..4_000_000_000_000, is_whole: bool) {
        let at = Instant::from_millis(if is_whole { millis / 1000 * 1000 } else { millis }).unwrap();
        let local = chrono::DateTime::from_timestamp_millis(at.millis() + 8 * 3_600_000).unwrap();
        let pattern = if at.millis() % 1000 == 0 { "%Y-%m-%dT%H:%M:%S+08:00" } else { "%Y-%m-%dT%H:%M:%S%.3f+08:00" };
        prop_assert_eq!(at.to_string(), local.format(pattern).to_string());
        prop_assert_eq!(serde_json::to_string(&at).unwrap(), format!("\"{at}\""));
    }
}

#[test]
fn one_record_has_one_text() {
    let given = r#"{"context":{"b":2,"parameters":{"p":1},"a":["y","x","y"]},"resource":{},"person":"p",
        "at":"2024-05-01T04:00:00.000Z","action":"pay","id":"d"}"#;
    let record: DecisionRecord = serde_json::from_str(given).unwrap();
    let text = r#"{"id":"d","at":"2024-05-01T12:00:00+08:00","action":"pay","person":"p","context":{"parameters":{"p":1},"a":["x","y"],"b":2}}"#;
    assert_eq!(serde_json::to_string(&record).unwrap(), text, "as docs/formats/decision.md says");
}

#[test]
fn the_example_of_the_format_is_a_record() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/formats/decision.md")).unwrap();
    let example = page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let record: DecisionRecord = serde_json::from_str(example).unwrap();
    assert_eq!(record.facts.len(), 5);
}

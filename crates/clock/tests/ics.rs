//! iCalendar text, read line by line; `check/read_ics.py` reads it with a library of others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::ics::{Earlier, Entry, write};
use gongdao_clock::{Calendar, CountingRule, explain};
use gongdao_i18n::{Catalogue, Language};
use proptest::prelude::*;
use std::collections::BTreeMap;
use support::{at, calendar, edited, period};

const STAMP: &str = "2024-09-28T10:00:00+08:00";

fn entry(calendar: &Calendar, summary: &str, length: &str, start: &str) -> Entry {
    let explanation = explain(calendar, CountingRule::default(), period(length), at(start), &[]).unwrap();
    let catalogue = Catalogue::embedded().unwrap();
    Entry::of_date(summary, summary, &explanation, catalogue.words(Language::En)).unwrap().unwrap()
}

fn text(calendar: &Calendar, length: &str, start: &str, earlier: &str) -> String {
    let earlier = if earlier.is_empty() { BTreeMap::new() } else { Earlier::read(earlier).unwrap() };
    write(&[entry(calendar, "File", length, start)], at(STAMP), &earlier)
}

fn value<'a>(text: &'a str, name: &str) -> &'a str {
    text.split("\r\n").find_map(|line| line.strip_prefix(name)).unwrap()
}

#[test]
fn a_due_day_is_an_all_day_entry() {
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("due_day", text(&calendar(), "10 working days", STAMP, "").replace("\r\n", "⏎\n"));
    });
}

#[test]
fn the_sequence_rises_when_date_or_status_changes_and_only_then() {
    let start = "2026-12-21T10:00:00+08:00";
    let first = text(&calendar(), "10 working days", start, "");
    assert_eq!((value(&first, "SEQUENCE:"), value(&first, "STATUS:")), ("0", "TENTATIVE"));
    assert_eq!(value(&first, "DTSTART;VALUE=DATE:"), "20270105");
    let again = text(&calendar(), "10 working days", start, &first);
    assert_eq!(value(&again, "SEQUENCE:"), "0");
    // A longer New Year that is only expected moves the date; its publication settles it.
    let longer = edited(&[("off = [2027-01-01, 2027-01-01]", "off = [2027-01-01, 2027-01-04]")]).unwrap();
    let moved = text(&longer, "10 working days", start, &again);
    assert_eq!((value(&moved, "SEQUENCE:"), value(&moved, "DTSTART;VALUE=DATE:")), ("1", "20270106"));
    let published = include_str!("../data/calendar-cn.toml")
        .split("\n[[expected]]")
        .next()
        .unwrap()
        .replace("2026-12-24", "2027-01-31");
    let published = format!("{published}\n[[arrangement]]\nholiday = \"new-year\"\noff = [2027-01-01, 2027-01-04]\n");
    let published = Calendar::read(std::path::Path::new("newer.toml"), &published).unwrap();
    let settled = text(&published, "10 working days", start, &moved);
    assert_eq!((value(&settled, "SEQUENCE:"), value(&settled, "STATUS:")), ("2", "CONFIRMED"));
    assert_eq!(value(&settled, "UID:"), value(&first, "UID:"));
}

#[test]
fn a_file_that_is_not_icalendar_is_refused() {
    assert_eq!(Earlier::read("hello").unwrap_err().message, "the file is not an iCalendar file");
    let text = text(&calendar(), "1 days", STAMP, "").replace("SEQUENCE:0", "SEQUENCE:x");
    assert_eq!(Earlier::read(&text).unwrap_err().message, "SEQUENCE `x` is not a number");
    let nameless: String = text
        .split("\r\n")
        .filter(|line| !line.starts_with("UID") && !line.starts_with("SEQ"))
        .collect::<Vec<_>>()
        .join("\r\n");
    assert_eq!(Earlier::read(&nameless).unwrap_err().message, "an entry has no UID");
}

proptest! {
    /// Whatever a summary holds, lines stay short, end in CRLF, break between characters, and nobody can smuggle in a line.
    #[test]
    fn any_text_becomes_short_lines_of_its_own(summary in "\\PC{0,200}|[\\x00-\\x7f日；，]{0,200}") {
        let text = write(&[entry(&calendar(), &summary, "1 days", STAMP)], at(STAMP), &BTreeMap::new());
        prop_assert!(text.ends_with("END:VCALENDAR\r\n"));
        prop_assert!(!text.replace("\r\n", "").contains(['\r', '\n']));
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 75));
        let names: Vec<&str> = text.split("\r\n").filter(|line| !line.starts_with(' ') && !line.is_empty())
            .map(|line| line.split([':', ';']).next().unwrap()).collect();
        let own = ["BEGIN", "VERSION", "PRODID", "CALSCALE", "UID", "DTSTAMP", "SEQUENCE", "DTSTART", "STATUS", "SUMMARY", "DESCRIPTION",
            "TRANSP", "ACTION", "TRIGGER", "END"];
        prop_assert!(names.iter().all(|name| own.contains(name)), "{:?}", names);
        prop_assert_eq!(Earlier::read(&text).unwrap().len(), 1);
    }
}

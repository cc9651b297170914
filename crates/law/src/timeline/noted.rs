//! Days that an instrument's note names in full: `2021年7月26日`, `26 July 2021`, `2021-07-26`.

use gongdao_model::LegalDate;
use gongdao_pack::Instrument;
use std::collections::BTreeMap;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A day with the sentences that name it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Noted {
    pub(super) zh: String,
    pub(super) en: String,
}

/// With its day.
pub(super) struct Dated {
    pub(super) date: LegalDate,
    pub(super) zh: String,
    pub(super) en: String,
}

/// The days that the note names in either language, each with its sentence in both where both name it.
pub(super) fn dates(instrument: &Instrument) -> Vec<Dated> {
    let mut found: BTreeMap<LegalDate, Noted> = BTreeMap::new();
    for sentence in instrument.note_zh.iter().flat_map(|note| note.split_inclusive(['。', '；'])) {
        for date in chinese(sentence).into_iter().chain(iso(sentence)) {
            sentence.clone_into(&mut found.entry(date).or_default().zh);
        }
    }
    for sentence in instrument.note_en.iter().flat_map(|note| note.split_inclusive(". ")) {
        for date in english(sentence).into_iter().chain(iso(sentence)) {
            sentence.trim().clone_into(&mut found.entry(date).or_default().en);
        }
    }
    found.into_iter().map(|(date, noted)| noted.dated(date)).collect()
}

impl Noted {
    /// A language that does not name the day borrows the other's sentence rather than none.
    fn dated(self, date: LegalDate) -> Dated {
        let zh = if self.zh.is_empty() { self.en.clone() } else { self.zh.clone() };
        let en = if self.en.is_empty() { self.zh } else { self.en };
        Dated { date, zh, en }
    }
}

fn day(year: &str, month: u32, day: u32) -> Option<LegalDate> {
    format!("{year}-{month:02}-{day:02}").parse().ok()
}

fn chinese(sentence: &str) -> Vec<LegalDate> {
    let mut found = Vec::new();
    for (before, after) in splits(sentence, "年") {
        let year = last_digits(before);
        let date = after.split_once('月').and_then(|(month, rest)| {
            let (date, _) = rest.split_once('日')?;
            day(year, month.trim().parse().ok()?, date.trim().parse().ok()?)
        });
        found.extend(date);
    }
    found
}

fn english(sentence: &str) -> Vec<LegalDate> {
    let words: Vec<&str> =
        sentence.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let month =
        |name: &str| MONTHS.iter().position(|month| *month == name).and_then(|index| u32::try_from(index + 1).ok());
    let three = words.windows(3).filter_map(|words| match words {
        [number, name, year] => day(year, month(name)?, number.parse().ok()?),
        _ => None,
    });
    three.collect()
}

fn iso(sentence: &str) -> Vec<LegalDate> {
    let words = sentence.split(|c: char| !c.is_ascii_digit() && c != '-');
    words.filter_map(|word| word.parse().ok()).collect()
}

/// The text before and after each occurrence.
fn splits<'a>(text: &'a str, mark: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.match_indices(mark).filter_map(move |(at, _)| Some((text.get(..at)?, text.get(at + mark.len()..)?)))
}

fn last_digits(text: &str) -> &str {
    let start = text
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    text.get(start..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{chinese, english, iso};

    fn days(found: &[gongdao_model::LegalDate]) -> Vec<String> {
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn days_are_read_as_each_language_writes_them() {
        let zh = "国市监〔2021〕38号，2021年7月26日公布，2021年8月起；草案于2021年8月27日公开，2021年13月1日不算。";
        assert_eq!(days(&chinese(zh)), ["2021-07-26", "2021-08-27"]);
        assert_eq!(
            days(&english("Released on 26 July 2021 and 4 January 2022, not in May 2021.")),
            ["2021-07-26", "2022-01-04"]
        );
        assert_eq!(days(&iso("draft 2021-08-27 to 2021-09-26; 2021-9-1 is none")), ["2021-08-27", "2021-09-26"]);
    }
}

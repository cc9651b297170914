//! Due dates as iCalendar entries (RFC 5545), so that any calendar program can show and remind of them.
//!
//! A day's end is an all-day entry (`VALUE=DATE`), a moment an entry in UTC. A provisional date is `TENTATIVE`. The UID
//! stays when a date is computed again; SEQUENCE then rises by one (section 3.8.7.4).

mod line;
mod read;

pub use read::Earlier;

use crate::{Clock, ClockError, End, Explanation, State, explanation_lines};
use gongdao_i18n::Words;
use gongdao_model::Instant;
use gongdao_pack::Duty;
use line::{content, escaped, utc};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// Hours before a moment at which to remind; for days it is so many days before, at 09:00.
const DAYS_BEFORE: [u32; 3] = [7, 3, 1];
const HOURS_BEFORE: [u32; 2] = [4, 1];
/// 09:00 of the day.
const MORNING: u32 = 9;

/// One due date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    uid: String,
    summary: String,
    description: Vec<String>,
    end: End,
    is_provisional: bool,
    reminds: bool,
}

impl Entry {
    /// A clock's entry; none where it has no date. What is done, or does not apply, reminds nobody.
    pub fn of_clock(clock: &Clock, duty: &Duty, words: Words<'_>) -> Result<Option<Self>, ClockError> {
        let Some(due) = clock.due_date() else { return Ok(None) };
        let reminds = matches!(clock.state, State::Open | State::Provisional | State::CannotTell { .. });
        Ok(Some(Self {
            uid: uid(&clock.key),
            summary: words.language().choose(&duty.zh, &duty.en).to_owned(),
            description: crate::clock_lines(clock, duty, words)?,
            end: due.end,
            is_provisional: due.is_provisional,
            reminds,
        }))
    }

    /// An entry of a date without a duty; none while the period stands still. `key` decides the UID.
    pub fn of_date(
        key: &str,
        summary: &str,
        explanation: &Explanation,
        words: Words<'_>,
    ) -> Result<Option<Self>, ClockError> {
        let Some(due) = explanation.due else { return Ok(None) };
        Ok(Some(Self {
            uid: uid(key),
            summary: summary.to_owned(),
            description: explanation_lines(explanation, words)?,
            end: due.end,
            is_provisional: due.is_provisional,
            reminds: true,
        }))
    }

    /// What it is known by; the same for the same question.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    fn start(&self) -> String {
        match self.end {
            End::Day(day) => format!("DTSTART;VALUE=DATE:{}", day.to_string().replace('-', "")),
            End::Moment(at) => format!("DTSTART:{}", utc(at)),
        }
    }

    fn status(&self) -> &'static str {
        if self.is_provisional { "STATUS:TENTATIVE" } else { "STATUS:CONFIRMED" }
    }

    /// What a reader must learn anew when it changes.
    fn stands(&self) -> Earlier {
        Earlier { sequence: 0, start: self.start(), status: self.status().to_owned() }
    }

    fn sequence(&self, earlier: &BTreeMap<String, Earlier>) -> u32 {
        match earlier.get(&self.uid) {
            None => 0,
            Some(before) => {
                let same = Earlier { sequence: before.sequence, ..self.stands() };
                if same == *before { before.sequence } else { before.sequence.saturating_add(1) }
            }
        }
    }
}

fn uid(key: &str) -> String {
    let digest = format!("{:x}", Sha256::digest(key.as_bytes()));
    format!("{}@gongdao", digest.get(..32).unwrap_or(&digest))
}

/// One iCalendar object with every entry, lines ended by CRLF and folded at 75 octets.
///
/// `stamp` is when it is written. `earlier` are the entries of the file that it replaces (`Earlier::read`), so that
/// SEQUENCE rises for those that changed.
pub fn write(entries: &[Entry], stamp: Instant, earlier: &BTreeMap<String, Earlier>) -> String {
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Gongdao//Clock 1//ZH", "CALSCALE:GREGORIAN"] {
        content(line, &mut text);
    }
    for entry in entries {
        event(entry, stamp, entry.sequence(earlier), &mut text);
    }
    content("END:VCALENDAR", &mut text);
    text
}

fn event(entry: &Entry, stamp: Instant, sequence: u32, text: &mut String) {
    let lines = [
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{}", entry.uid),
        format!("DTSTAMP:{}", utc(stamp)),
        format!("SEQUENCE:{sequence}"),
        entry.start(),
        entry.status().to_owned(),
        format!("SUMMARY:{}", escaped(&entry.summary)),
        format!("DESCRIPTION:{}", escaped(&entry.description.join("\n"))),
        "TRANSP:TRANSPARENT".to_owned(),
    ];
    for line in &lines {
        content(line, text);
    }
    if entry.reminds {
        let triggers: Vec<String> = match entry.end {
            End::Day(_) => DAYS_BEFORE.iter().map(|days| format!("-PT{}H", days * 24 - MORNING)).collect(),
            End::Moment(_) => HOURS_BEFORE.iter().map(|hours| format!("-PT{hours}H")).collect(),
        };
        for trigger in triggers {
            alarm(&trigger, &entry.summary, text);
        }
    }
    content("END:VEVENT", text);
}

fn alarm(trigger: &str, summary: &str, text: &mut String) {
    content("BEGIN:VALARM", text);
    content("ACTION:DISPLAY", text);
    content(&format!("TRIGGER:{trigger}"), text);
    content(&format!("DESCRIPTION:{}", escaped(summary)), text);
    content("END:VALARM", text);
}

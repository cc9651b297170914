//! What happened when: promulgation, first and last day, changes of rules and numbers, and days that notes name.

mod noted;
mod svg;

use crate::{Book, Force, Reference};
use gongdao_model::{InstrumentId, LegalDate, PlaceCode, Standing};
use gongdao_pack::{History, InstrumentPack, Packs};
use serde::Serialize;
use std::collections::BTreeSet;
pub use svg::svg;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventKind {
    /// Its draft was published for comments.
    DraftPublished,
    /// Last day for comments on the draft.
    CommentsUntil,
    /// The issuer adopted it.
    Adopted,
    /// The instrument was promulgated.
    Promulgated,
    /// It was made public, on another day than promulgation.
    Published,
    /// It was amended.
    Amended,
    /// A day that the pack's note names.
    Noted,
    /// The day that the pack has for a draft. It is not law then or ever.
    Draft,
    /// First day in force; of soft law the day from which it speaks.
    InForce,
    /// A rule begins after its instrument's first day.
    RuleBegins,
    /// A rule version ends.
    RuleEnds,
    /// A number begins to hold.
    NumberBegins,
    /// First day no longer in force.
    Ends,
}

impl EventKind {
    /// The last word of its key in the catalogue.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::DraftPublished => "draft-published",
            Self::CommentsUntil => "comments-until",
            Self::Adopted => "adopted",
            Self::Promulgated => "promulgated",
            Self::Published => "published",
            Self::Amended => "amended",
            Self::Noted => "noted",
            Self::Draft => "draft",
            Self::InForce => "in-force",
            Self::RuleBegins => "rule-begins",
            Self::RuleEnds => "rule-ends",
            Self::NumberBegins => "number-begins",
            Self::Ends => "ends",
        }
    }
}

/// A number with its unit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Amount {
    /// The number.
    pub value: i64,
    /// Its unit, in the word of the pack.
    pub unit: String,
}

/// One thing on the timeline. Ordered by day, then by instrument.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Event {
    /// The day.
    pub date: LegalDate,
    /// The instrument.
    pub instrument: InstrumentId,
    /// What happened.
    pub kind: EventKind,
    /// What it was about: the rule, the number, the sentence of the note; else empty.
    pub detail_zh: String,
    /// The same, English.
    pub detail_en: String,
    /// The number that begins to hold.
    pub amount: Option<Amount>,
}

/// All events of the book, or of one instrument or place.
pub fn timeline(
    book: &Book,
    of: Option<&InstrumentId>,
    place: Option<PlaceCode>,
) -> Result<Vec<Event>, crate::LawError> {
    if let Some(id) = of {
        book.find(&Reference::Instrument(id.clone()))?;
    }
    let packs = book.packs().instruments.iter();
    let asked = packs.filter(|pack| of.is_none_or(|id| pack.instrument.id == *id));
    let asked = asked.filter(|pack| place.is_none_or(|place| pack.instrument.place.covers(place)));
    let events: BTreeSet<Event> = asked.flat_map(|pack| events(book, pack)).collect();
    Ok(events.into_iter().collect())
}

fn events(book: &Book, pack: &InstrumentPack) -> Vec<Event> {
    let instrument = &pack.instrument;
    let event = |date: LegalDate, kind: EventKind, zh: &str, en: &str| Event {
        date,
        kind,
        instrument: instrument.id.clone(),
        detail_zh: zh.to_owned(),
        detail_en: en.to_owned(),
        amount: None,
    };
    let mut events: Vec<Event> = Vec::new();
    events.extend(instrument.promulgated.map(|date| event(date, EventKind::Promulgated, "", "")));
    for (kind, date) in made(&instrument.history) {
        events.push(event(date, kind, "", ""));
    }
    if instrument.status == Standing::Draft {
        events.push(event(instrument.effective, EventKind::Draft, "", ""));
    } else {
        events.push(event(instrument.effective, EventKind::InForce, "", ""));
        events.extend(instrument.until.map(|date| event(date, EventKind::Ends, "", "")));
    }
    for rule in pack.provisions.iter().flat_map(|provision| book.rules_of(&provision.id)) {
        let (zh, en) = (format!("{}（{}）", rule.zh, rule.key.rule), format!("{} ({})", rule.en, rule.key.rule));
        if rule.key.from != instrument.effective {
            events.push(event(rule.key.from, EventKind::RuleBegins, &zh, &en));
        }
        events.extend(
            rule.until
                .filter(|until| Some(*until) != instrument.until)
                .map(|until| event(until, EventKind::RuleEnds, &zh, &en)),
        );
    }
    for number in &pack.parameters {
        for value in number.values.iter().filter(|value| value.from != instrument.effective) {
            let amount = Some(Amount { value: value.value, unit: number.unit.clone() });
            events.push(Event { amount, ..event(value.from, EventKind::NumberBegins, &number.zh, &number.en) });
        }
    }
    for note in noted::dates(instrument) {
        // What the fields say already is not said twice.
        let said = events.iter().any(|event| event.date == note.date && event.kind != EventKind::Noted);
        if !said {
            events.push(event(note.date, EventKind::Noted, &note.zh, &note.en));
        }
    }
    events
}

/// The days of an instrument's making.
fn made(history: &History) -> Vec<(EventKind, LegalDate)> {
    let single = [
        (EventKind::DraftPublished, history.draft_published),
        (EventKind::CommentsUntil, history.comments_until),
        (EventKind::Adopted, history.adopted),
        (EventKind::Published, history.published),
    ];
    let single = single.into_iter().filter_map(|(kind, date)| Some((kind, date?)));
    single.chain(history.amended.iter().map(|date| (EventKind::Amended, *date))).collect()
}

/// What an instrument is on the timeline, for its mark and legend.
pub(crate) fn weight(packs: &Packs, id: &InstrumentId, on: LegalDate) -> &'static str {
    match packs.instrument(id) {
        Some(instrument) if Force::of(instrument, on) == Force::Draft => "draft",
        Some(instrument) if !instrument.binding => "soft",
        _ => "binding",
    }
}

use super::{Calendar, DayKind, Holiday, Table};
use crate::ClockError;
use gongdao_model::LegalDate;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use toml::Spanned;
use toml::value::Datetime;

const FORMAT: i64 = 1;
/// `Instant` ends with this year.
const LAST_DAY: &str = "2099-12-31";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCalendar {
    format: i64,
    id: String,
    version: String,
    first: Spanned<Datetime>,
    published_through: Spanned<Datetime>,
    sources: Vec<String>,
    holiday: Vec<RawHoliday>,
    #[serde(default)]
    arrangement: Vec<RawArrangement>,
    #[serde(default)]
    expected: Vec<RawArrangement>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawHoliday {
    id: String,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawArrangement {
    holiday: Spanned<String>,
    off: Spanned<[Datetime; 2]>,
    #[serde(default)]
    work: Vec<Spanned<Datetime>>,
}

pub(super) fn calendar(file: &Path, text: &str) -> Result<Calendar, ClockError> {
    let file = CalendarFile { file, text };
    let raw: RawCalendar = toml::from_str(text).map_err(|fault| {
        file.refuse(fault.span().map(|span| span.start), fault.message(), "see docs/formats/calendar.md")
    })?;
    if raw.format != FORMAT {
        let message = format!("format `{}` is not known", raw.format);
        return Err(file.refuse(None, message, format!("this program reads format {FORMAT}")));
    }
    let first = file.date(&raw.first)?;
    let published_through = file.date(&raw.published_through)?;
    let days = Days { file: &file, raw: &raw, first, published_through }.read()?;
    let last: LegalDate = LAST_DAY.parse()?;
    let numbers = first.day_number()..=last.day_number();
    let plan = numbers.clone().map(|day| days.get(&day).copied().unwrap_or_else(|| week(day))).collect();
    let settled = published_through.day_number();
    let earliest = numbers.map(|day| match days.get(&day) {
        _ if day > settled => DayKind::Working,
        Some(kind) => *kind,
        None => week(day),
    });
    Ok(Calendar {
        earliest: Table::new(first.day_number(), earliest.collect()),
        plan: Table::new(first.day_number(), plan),
        holidays: raw.holiday.into_iter().map(|raw| Holiday { id: raw.id, zh: raw.zh, en: raw.en }).collect(),
        digest: format!("sha256:{:x}", Sha256::digest(text.as_bytes())),
        id: raw.id,
        version: raw.version,
        sources: raw.sources,
        first,
        published_through,
    })
}

fn week(day: i32) -> DayKind {
    let is_weekend = LegalDate::from_day_number(day).is_some_and(|date| date.weekday() > 5);
    if is_weekend { DayKind::Weekend } else { DayKind::Working }
}

/// The days that differ from the plain week.
struct Days<'a> {
    file: &'a CalendarFile<'a>,
    raw: &'a RawCalendar,
    first: LegalDate,
    published_through: LegalDate,
}

impl Days<'_> {
    fn read(&self) -> Result<BTreeMap<i32, DayKind>, ClockError> {
        let mut days = BTreeMap::new();
        for arrangement in &self.raw.arrangement {
            let holiday = self.holiday(&arrangement.holiday)?;
            self.off(arrangement, DayKind::Off(holiday), &mut days)?;
            for day in &arrangement.work {
                self.make_up(day, DayKind::MakeUp(holiday), &mut days)?;
            }
        }
        for arrangement in &self.raw.expected {
            if let Some(day) = arrangement.work.first() {
                let hint = "leave `work` out: nobody knows yet which days will be worked";
                return Err(self.file.refuse(Some(day.span().start), "an expected holiday has no make-up day", hint));
            }
            let kind = DayKind::Expected(self.holiday(&arrangement.holiday)?);
            self.off(arrangement, kind, &mut days)?;
        }
        Ok(days)
    }

    fn holiday(&self, name: &Spanned<String>) -> Result<u8, ClockError> {
        let position = self.raw.holiday.iter().position(|holiday| holiday.id == *name.get_ref());
        position.and_then(|position| u8::try_from(position).ok()).ok_or_else(|| {
            let message = format!("`{}` is no holiday of this calendar", name.get_ref());
            self.file.refuse(Some(name.span().start), message, "declare it as `[[holiday]]`")
        })
    }

    fn off(&self, raw: &RawArrangement, kind: DayKind, days: &mut BTreeMap<i32, DayKind>) -> Result<(), ClockError> {
        let at = raw.off.span().start;
        let [from, through] = raw.off.get_ref();
        let (from, through) = (self.file.day(from, at)?, self.file.day(through, at)?);
        if through < from || through.day_number() - from.day_number() > 30 {
            let hint = "write the first and the last day off, at most 31 days";
            return Err(self.file.refuse(Some(at), format!("`{from}` to `{through}` is no holiday"), hint));
        }
        let is_expected = matches!(kind, DayKind::Expected(_));
        if from < self.first || is_expected != (from > self.published_through) {
            let hint = "published days belong to `[[arrangement]]`, later ones to `[[expected]]`";
            let message = format!("`{from}` does not lie in the time that it is given for");
            return Err(self.file.refuse(Some(at), message, hint));
        }
        (from.day_number()..=through.day_number()).try_for_each(|day| self.insert(day, kind, at, days))
    }

    fn make_up(
        &self,
        raw: &Spanned<Datetime>,
        kind: DayKind,
        days: &mut BTreeMap<i32, DayKind>,
    ) -> Result<(), ClockError> {
        let at = raw.span().start;
        let day = self.file.date(raw)?;
        if day.weekday() < 6 || day < self.first {
            let hint = "only a Saturday or Sunday can become a working day";
            return Err(self.file.refuse(Some(at), format!("`{day}` is worked anyway"), hint));
        }
        self.insert(day.day_number(), kind, at, days)
    }

    fn insert(&self, day: i32, kind: DayKind, at: usize, days: &mut BTreeMap<i32, DayKind>) -> Result<(), ClockError> {
        if days.insert(day, kind).is_none() {
            return Ok(());
        }
        let date = LegalDate::from_day_number(day).map(|date| date.to_string()).unwrap_or_default();
        Err(self.file.refuse(Some(at), format!("`{date}` stands twice"), "give each day once"))
    }
}

/// A file for messages: `file:line: what`.
struct CalendarFile<'a> {
    file: &'a Path,
    text: &'a str,
}

impl CalendarFile<'_> {
    fn refuse(&self, at: Option<usize>, message: impl AsRef<str>, hint: impl Into<String>) -> ClockError {
        let line = at.and_then(|at| self.text.get(..at)).map(|before| before.matches('\n').count() + 1);
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        let message = message.as_ref().lines().next().unwrap_or_default().to_owned();
        ClockError::new(format!("{}{line}: {message}", self.file.display()), hint)
    }

    fn date(&self, raw: &Spanned<Datetime>) -> Result<LegalDate, ClockError> {
        self.day(raw.get_ref(), raw.span().start)
    }

    fn day(&self, raw: &Datetime, at: usize) -> Result<LegalDate, ClockError> {
        raw.to_string().parse().map_err(|_| {
            self.refuse(Some(at), format!("`{raw}` is not a date"), "write it like `2022-03-01`, without quotes")
        })
    }
}

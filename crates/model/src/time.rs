use crate::ModelError;
use crate::text::reads_from_text;
use chrono::{DateTime, Datelike, Months, NaiveDate};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// China Standard Time, UTC+8 without daylight saving since 1992: all instruments here are younger or unaffected.
const SHANGHAI_OFFSET_MILLIS: i64 = 8 * 3_600_000;
const DAY_MILLIS: i64 = 86_400_000;
/// 1970-01-01 in days of the common era.
const EPOCH_DAYS_FROM_CE: i32 = 719_163;
/// Decisions outside these years are taken for a wrong unit (seconds read as milliseconds, or the reverse).
const FIRST_PLAUSIBLE_YEAR: i32 = 1990;
const LAST_PLAUSIBLE_YEAR: i32 = 2099;

/// A day of the law's calendar in Asia/Shanghai; a period in force starts at its midnight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LegalDate(NaiveDate);

impl LegalDate {
    /// Midnight in Asia/Shanghai at which the day begins.
    pub fn starts_at(self) -> Instant {
        Instant(i64::from(self.day_number()) * DAY_MILLIS - SHANGHAI_OFFSET_MILLIS)
    }

    /// The day before.
    #[must_use]
    pub fn previous(self) -> Self {
        Self(self.0.pred_opt().unwrap_or(self.0))
    }

    /// Days since 1970-01-01, negative before it.
    pub fn day_number(self) -> i32 {
        self.0.num_days_from_ce() - EPOCH_DAYS_FROM_CE
    }

    /// The day that lies `number` days after 1970-01-01; none beyond what a calendar can hold.
    pub fn from_day_number(number: i32) -> Option<Self> {
        NaiveDate::from_num_days_from_ce_opt(number.checked_add(EPOCH_DAYS_FROM_CE)?).map(Self)
    }

    /// The day of the week: 1 is Monday, 7 is Sunday.
    pub fn weekday(self) -> u8 {
        u8::try_from(self.0.weekday().number_from_monday()).unwrap_or(1)
    }

    /// The year of the Gregorian calendar.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The last day of the calendar year `years` later; none beyond what a calendar can hold.
    pub fn year_end(self, years: u32) -> Option<Self> {
        let year = self.year().checked_add(i32::try_from(years).ok()?)?;
        NaiveDate::from_ymd_opt(year, 12, 31).map(Self)
    }

    /// The corresponding day `months` later, or the month's last day where it has none (Civil Code art. 202).
    pub fn months_later(self, months: u32) -> Option<Self> {
        self.0.checked_add_months(Months::new(months)).map(Self)
    }
}

impl FromStr for LegalDate {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        NaiveDate::parse_from_str(text, "%Y-%m-%d")
            .ok()
            .filter(|_| text.len() == 10)
            .map(Self)
            .ok_or_else(|| ModelError::new(format!("`{text}` is not a date"), "write it like `2022-03-01`"))
    }
}

impl TryFrom<String> for LegalDate {
    type Error = ModelError;
    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<LegalDate> for String {
    fn from(date: LegalDate) -> String {
        date.to_string()
    }
}

impl fmt::Display for LegalDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // As `%Y-%m-%d`, without reading that pattern each time.
        fmt::Display::fmt(&self.0, f)
    }
}

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

reads_from_text!(Instant);

impl Instant {
    /// From milliseconds since the epoch; refuses years outside 1990 to 2099, which come from a wrong unit.
    pub fn from_millis(millis: i64) -> Result<Self, ModelError> {
        let year = DateTime::from_timestamp_millis(millis).map(|at| at.year());
        match year {
            Some(year) if (FIRST_PLAUSIBLE_YEAR..=LAST_PLAUSIBLE_YEAR).contains(&year) => Ok(Self(millis)),
            _ => Err(ModelError::new(
                format!("time `{millis}` ms lies outside the years {FIRST_PLAUSIBLE_YEAR} to {LAST_PLAUSIBLE_YEAR}"),
                "check the unit: seconds, milliseconds and microseconds differ by 1,000",
            )),
        }
    }

    /// Milliseconds since the epoch.
    pub fn millis(self) -> i64 {
        self.0
    }

    /// The legal day that the moment falls on.
    pub fn date_in_shanghai(self) -> LegalDate {
        let days = (self.0 + SHANGHAI_OFFSET_MILLIS).div_euclid(DAY_MILLIS);
        i32::try_from(days).ok().and_then(LegalDate::from_day_number).unwrap_or(LegalDate(NaiveDate::default()))
    }
}

impl FromStr for Instant {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let at = DateTime::parse_from_rfc3339(text).map_err(|_| {
            ModelError::new(
                format!("`{text}` is not a moment"),
                "write it with its offset, like `2024-05-01T12:00:00+08:00`",
            )
        })?;
        Self::from_millis(at.timestamp_millis())
    }
}

impl TryFrom<String> for Instant {
    type Error = ModelError;
    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse()
    }
}

impl From<Instant> for String {
    fn from(at: Instant) -> String {
        at.to_string()
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC+8, milliseconds only where there are any.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without a pattern, which would be read anew each time: an answer has two moments, a batch of them a thousand.
        let of_day = (self.0 + SHANGHAI_OFFSET_MILLIS).rem_euclid(DAY_MILLIS);
        let (seconds, millis) = (of_day / 1000, of_day % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{}T{hour:02}:{minute:02}:{second:02}", self.date_in_shanghai())?;
        if millis > 0 {
            write!(f, ".{millis:03}")?;
        }
        f.write_str("+08:00")
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

//! Which days are worked: the State Council's yearly arrangements as data (docs/formats/calendar.md).

mod read;
mod table;

pub(crate) use table::Table;

use crate::ClockError;
use gongdao_i18n::Language;
use gongdao_model::LegalDate;
use std::path::Path;

const SHIPPED: &str = include_str!("../data/calendar-cn.toml");

/// What a day is, as far as work goes. The number names the holiday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayKind {
    /// Monday to Friday, worked.
    Working,
    /// Saturday or Sunday, not worked.
    Weekend,
    /// A day off by the arrangement for a holiday: the holiday itself, or moved to it.
    Off(u8),
    /// A Saturday or Sunday that is worked for days off at a holiday (调休上班).
    MakeUp(u8),
    /// After the published arrangements: off by the law on holidays, moved days unknown.
    Expected(u8),
}

impl DayKind {
    /// Whether work goes on.
    pub fn is_working(self) -> bool {
        matches!(self, Self::Working | Self::MakeUp(_))
    }

    /// Whether it is off for a holiday, not for the weekend alone.
    pub fn is_holiday(self) -> bool {
        matches!(self, Self::Off(_) | Self::Expected(_))
    }

    fn holiday(self) -> Option<u8> {
        match self {
            Self::Off(holiday) | Self::MakeUp(holiday) | Self::Expected(holiday) => Some(holiday),
            Self::Working | Self::Weekend => None,
        }
    }
}

/// A holiday by its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holiday {
    /// Word used in the file.
    pub id: String,
    /// Name, Chinese.
    pub zh: String,
    /// Name, English.
    pub en: String,
}

impl Holiday {
    /// The name in a language.
    pub fn name(&self, language: Language) -> &str {
        language.choose(&self.zh, &self.en)
    }
}

/// One version of a calendar of working days.
///
/// INVARIANT: both tables hold every day from `first` to the end of 2099.
#[derive(Debug, Clone)]
pub struct Calendar {
    id: String,
    version: String,
    sources: Vec<String>,
    digest: String,
    first: LegalDate,
    published_through: LegalDate,
    holidays: Vec<Holiday>,
    /// The plan: after the published days Monday to Friday without the expected holidays.
    plan: Table,
    /// The same with every day worked that is not published: no date can come earlier than by it.
    earliest: Table,
}

impl Calendar {
    /// The calendar that the program ships: mainland China.
    pub fn shipped() -> Result<Self, ClockError> {
        Self::read(Path::new("calendar-cn.toml"), SHIPPED)
    }

    /// Reads a calendar file; `file` is for error messages only.
    pub fn read(file: &Path, text: &str) -> Result<Self, ClockError> {
        read::calendar(file, text)
    }

    /// Name and version, for instance `cn 2026.1`.
    pub fn label(&self) -> String {
        format!("{} {}", self.id, self.version)
    }

    /// `sha256:…` of the file's bytes.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Where its days were read.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The first day that it knows.
    pub fn first(&self) -> LegalDate {
        self.first
    }

    /// The last day that no arrangement to come can change; dates after it are provisional.
    pub fn published_through(&self) -> LegalDate {
        self.published_through
    }

    /// What a day is; none before the first day and after 2099.
    pub fn kind(&self, day: LegalDate) -> Option<DayKind> {
        self.plan.kind(day.day_number())
    }

    /// The holiday that a day is off for or worked for.
    pub fn holiday(&self, kind: DayKind) -> Option<&Holiday> {
        self.holidays.get(usize::from(kind.holiday()?))
    }

    /// Working days from one day to another, both with; none outside the calendar.
    pub fn working_days(&self, from: LegalDate, through: LegalDate) -> Option<u32> {
        self.plan.working_in(from.day_number(), through.day_number())
    }

    pub(crate) fn plan(&self) -> &Table {
        &self.plan
    }

    pub(crate) fn earliest(&self) -> &Table {
        &self.earliest
    }
}

//! How a date was computed, step by step. The days are walked one by one here, without the tables of `count`, and the two
//! ways must come to the same end.

mod walk;

use crate::count::{Count, due_date_changed};
use crate::{Calendar, Change, ClockError, CountingRule, DayKind, DueDate, End, Holiday};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::Period;
use serde::Serialize;

/// Why a day does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Off {
    /// A Saturday or Sunday.
    Weekend,
    /// Off for a holiday by the State Council's arrangement.
    Holiday {
        /// Name, Chinese.
        zh: String,
        /// Name, English.
        en: String,
    },
    /// Off by the law on holidays; the year's arrangement is not published.
    ExpectedHoliday {
        /// Name, Chinese.
        zh: String,
        /// Name, English.
        en: String,
    },
    /// The period stood still.
    Suspended,
}

impl Off {
    /// Why a day of the calendar is off; none if it is worked.
    pub(crate) fn of(calendar: &Calendar, kind: DayKind) -> Option<Self> {
        let holiday = calendar.holiday(kind);
        let (zh, en) = holiday.map(|holiday| (holiday.zh.clone(), holiday.en.clone())).unwrap_or_default();
        match kind {
            DayKind::Working | DayKind::MakeUp(_) => None,
            DayKind::Weekend => Some(Self::Weekend),
            DayKind::Off(_) => Some(Self::Holiday { zh, en }),
            DayKind::Expected(_) => Some(Self::ExpectedHoliday { zh, en }),
        }
    }
}

/// A holiday that a weekend day is worked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MakeUpFor {
    /// Name, Chinese.
    pub zh: String,
    /// Name, English.
    pub en: String,
}

impl From<&Holiday> for MakeUpFor {
    fn from(holiday: &Holiday) -> Self {
        Self { zh: holiday.zh.clone(), en: holiday.en.clone() }
    }
}

/// One step of a computation, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// The event, and the day in Asia/Shanghai that it falls on.
    Event {
        /// When it happened.
        at: Instant,
        /// Its day.
        day: LegalDate,
    },
    /// The length of the period.
    Period {
        /// How long.
        period: Period,
    },
    /// The first day that is counted (Civil Code art. 201).
    FirstDay {
        /// That day.
        day: LegalDate,
        /// Whether it is the day of the event, by the setting.
        is_event_day: bool,
    },
    /// Days that count, with their numbers.
    Counted {
        /// The first.
        from: LegalDate,
        /// The last.
        through: LegalDate,
        /// Number of the first.
        first: u32,
        /// Number of the last.
        last: u32,
        /// A weekend day that is worked for this holiday.
        make_up: Option<MakeUpFor>,
    },
    /// Days that do not count.
    Skipped {
        /// The first.
        from: LegalDate,
        /// The last.
        through: LegalDate,
        /// Why.
        #[serde(flatten)]
        off: Off,
    },
    /// From the last day as counted on, days on which no period ends.
    OffAtEnd {
        /// The first.
        from: LegalDate,
        /// The last.
        through: LegalDate,
        /// Why.
        #[serde(flatten)]
        off: Off,
    },
    /// An extension in another unit begins.
    Part {
        /// How long it is.
        period: Period,
        /// Its first day.
        day: LegalDate,
    },
    /// The day that corresponds to the day of the event (Civil Code art. 202).
    Corresponding {
        /// That day.
        day: LegalDate,
        /// The month has no such day; this is its last.
        is_month_end: bool,
    },
    /// The last day of the calendar year; art. 203 does not move it.
    YearEnd {
        /// That day.
        day: LegalDate,
    },
    /// Months or years end later by the days of suspensions.
    Lengthened {
        /// How many days.
        days: u32,
        /// The last day now.
        through: LegalDate,
    },
    /// The period stood still, or still does.
    Suspended {
        /// What happened.
        #[serde(flatten)]
        change: Change,
    },
    /// The period was made longer, or was not because it did not run then.
    Extended {
        /// What happened.
        #[serde(flatten)]
        change: Change,
        /// Whether it had any effect.
        is_in_time: bool,
    },
    /// The last day is off; the period ends on the next day that is not (Civil Code art. 203).
    Moved {
        /// The last day as counted.
        from: LegalDate,
        /// Where it ends.
        to: LegalDate,
    },
    /// Hours run from the moment itself (Civil Code art. 201).
    Hours {
        /// The end without suspension or extension.
        until: Instant,
    },
    /// The end.
    Ends {
        /// Day or moment.
        end: End,
    },
    /// It stands still since then and has no end yet.
    StandsStill {
        /// Since when.
        since: Instant,
    },
    /// Days after `published_through` are a guess; the date will be computed again.
    NotPublished {
        /// Name and version of the calendar.
        calendar: String,
        /// The last day that is certain.
        published_through: LegalDate,
        /// No arrangement to come can make it end before this.
        earliest: End,
    },
}

/// A date and how it was computed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// How long the period is, extensions apart.
    pub period: Period,
    /// The date; none while the period stands still.
    pub due: Option<DueDate>,
    /// The calendar's name and version.
    pub calendar: String,
    /// How periods were counted.
    pub rule: CountingRule,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// When a period is due, with every step.
///
/// Errors: it leaves the calendar; an extension in a unit that cannot be added; a suspension that ends before it begins.
pub fn explain(
    calendar: &Calendar,
    rule: CountingRule,
    period: Period,
    start: Instant,
    changes: &[Change],
) -> Result<Explanation, ClockError> {
    let count = due_date_changed(calendar, rule, period, start, changes)?;
    let mut steps = vec![Step::Event { at: start, day: start.date_in_shanghai() }, Step::Period { period }];
    steps.extend(changes_in_order(changes));
    let due = match count {
        Count::StandsStill { since } => {
            steps.push(Step::StandsStill { since });
            None
        }
        Count::Ends(due) => {
            match due.end {
                End::Moment(_) => steps.push(Step::Hours { until: walk::hours_later(start, period)? }),
                End::Day(day) => {
                    let walked = walk::days(calendar, rule, period, start, changes, &mut steps)?;
                    agree(day, walked)?;
                }
            }
            steps.push(Step::Ends { end: due.end });
            Some(due)
        }
    };
    if let Some(due) = due.filter(|due| due.is_provisional) {
        let published_through = calendar.published_through();
        steps.push(Step::NotPublished { calendar: calendar.label(), published_through, earliest: due.earliest });
    }
    mark_late_extensions(&mut steps, start, due.map(|due| due.end));
    Ok(Explanation { period, due, calendar: calendar.label(), rule, steps })
}

fn agree(counted: LegalDate, walked: LegalDate) -> Result<(), ClockError> {
    if counted == walked {
        return Ok(());
    }
    let message = format!("counted `{counted}`, but walking the days one by one ends on `{walked}`");
    Err(ClockError::new(message, "this is a fault of the program; please report it with the input"))
}

fn changes_in_order(changes: &[Change]) -> Vec<Step> {
    let mut changes: Vec<Change> = changes.to_vec();
    changes.sort_by_key(Change::at);
    let step = |change: Change| match change {
        Change::Suspended { .. } => Step::Suspended { change },
        Change::Extended { .. } => Step::Extended { change, is_in_time: true },
    };
    changes.into_iter().map(step).collect()
}

/// What was decided before the period began or after it ended did not move its end.
fn mark_late_extensions(steps: &mut [Step], start: Instant, end: Option<End>) {
    for step in steps {
        if let Step::Extended { change, is_in_time } = step {
            *is_in_time = change.at() >= start && end.is_none_or(|end| end.includes(change.at()));
        }
    }
}

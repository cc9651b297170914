//! The order of the queue. When a clock is due that nothing moved follows from its stage, from where it began, and from limits and
//! calendar, and is worked out when the queue is read; for one stage it is later the later the clock began. So clocks of a
//! stage are read in the order in which they began, those that were moved by their own dates, and all of these are put together.

use crate::ServiceError;
use crate::port::{CaseLine, ClockLine, ClockQuery, Desk};
use gongdao_clock::Calendar;
use gongdao_desk::{Limits, Stage};
use gongdao_model::Instant;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

/// A place in the queue: due first, without a date last; then by where the clock began, and by name. As text it is for machines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueuePlace {
    /// When the stage is due.
    pub due: Option<Instant>,
    /// From when on that is counted.
    pub since: Instant,
    /// The case's name.
    pub case: String,
}

impl QueuePlace {
    fn due_millis(&self) -> i64 {
        self.due.map_or(i64::MAX, Instant::millis)
    }
}

// INVARIANT: names of cases have one length and are in small letters and digits, so every database puts them in this order too.
impl Ord for QueuePlace {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |place: &Self| (place.due_millis(), place.since);
        key(self).cmp(&key(other)).then_with(|| self.case.cmp(&other.case))
    }
}

impl PartialOrd for QueuePlace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for QueuePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(due) = self.due {
            write!(f, "{}", due.millis())?;
        }
        write!(f, "~{}~{}", self.since.millis(), self.case)
    }
}

impl FromStr for QueuePlace {
    type Err = ServiceError;
    fn from_str(text: &str) -> Result<Self, ServiceError> {
        let moment = |millis: &str| Instant::from_millis(millis.parse().ok()?).ok();
        let read = || {
            let mut parts = text.splitn(3, '~');
            let (due, since, case) = (parts.next()?, parts.next()?, parts.next()?);
            let due = if due.is_empty() { None } else { Some(moment(due)?) };
            Some(Self { due, since: moment(since)?, case: case.to_owned() })
        };
        read().ok_or_else(|| ServiceError::input("this is no place in the queue", "send `next` of the page before"))
    }
}

/// Which cases.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sought {
    /// At one of these stages, each named once.
    pub stages: Vec<Stage>,
    /// Of a kind, in one word.
    pub kind: Option<String>,
    /// Due before.
    pub due_before: Option<Instant>,
    /// Only those whose stage was not escalated.
    pub not_escalated: bool,
}

/// A case that waits, and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The case.
    pub line: CaseLine,
    /// When it is due, and where it stands by that.
    pub place: QueuePlace,
}

/// The queue under published limits and a calendar.
#[derive(Clone, Copy)]
pub struct Queue<'a> {
    /// Has cases and their clocks.
    pub store: &'a dyn Desk,
    /// The published ones.
    pub limits: &'a Limits,
    /// By which working days are counted.
    pub calendar: &'a Calendar,
}

/// A clock of the queue.
struct Found {
    place: QueuePlace,
    stage: Stage,
    clock: ClockLine,
    moved: bool,
}

impl Found {
    /// Whether it is the clock of a case as it is now.
    fn is_of(&self, line: &CaseLine) -> bool {
        (line.stage.as_str(), line.since, line.moved, line.moved_to)
            == (self.stage.as_str(), Some(self.clock.since), self.moved, self.clock.moved_to)
    }
}

impl Queue<'_> {
    /// Cases in order, after a place. Fewer than `limit` only where no more follow.
    ///
    /// Errors: the database; a clock that ends outside the calendar.
    pub fn page(&self, sought: &Sought, after: Option<&QueuePlace>, limit: u32) -> Result<Vec<Waiting>, ServiceError> {
        let mut after = after.cloned();
        let mut page: Vec<Waiting> = Vec::new();
        loop {
            let missing = limit.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
            let clocks = self.clocks(sought, after.as_ref(), missing)?;
            let is_last = clocks.len() < usize::try_from(missing).unwrap_or(usize::MAX);
            after = clocks.last().map(|found| found.place.clone());
            page.extend(self.with_cases(sought, clocks)?);
            // One that went on between both looks leaves a gap, which others fill.
            if is_last || page.len() >= usize::try_from(limit).unwrap_or(usize::MAX) {
                return Ok(page);
            }
        }
    }

    fn clocks(&self, sought: &Sought, after: Option<&QueuePlace>, limit: u32) -> Result<Vec<Found>, ServiceError> {
        let mut all = Vec::new();
        for stage in &sought.stages {
            let query = ClockQuery {
                stage: stage.as_str().to_owned(),
                kind: sought.kind.clone(),
                not_escalated: sought.not_escalated,
            };
            if let Some((from, until)) = self.begun(*stage, sought, after) {
                for clock in self.store.begun_clocks(&query, from, until, limit)? {
                    let due = self.limits.due(*stage, clock.since, self.calendar)?;
                    all.push(Self::found(*stage, clock, due, false));
                }
            }
            let from = after.map_or((i64::MIN, i64::MIN, ""), |place| {
                (place.due_millis(), place.since.millis(), place.case.as_str())
            });
            let until = sought.due_before.map(Instant::millis);
            for clock in self.store.moved_clocks(&query, from, until, limit)? {
                let due = clock.moved_to;
                all.push(Self::found(*stage, clock, due, true));
            }
        }
        all.sort_by(|one, other| one.place.cmp(&other.place));
        all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(all)
    }

    fn found(stage: Stage, clock: ClockLine, due: Option<Instant>, moved: bool) -> Found {
        let place = QueuePlace { due, since: clock.since, case: clock.case.clone() };
        Found { place, stage, clock, moved }
    }

    /// After which beginning and name, and before which, clocks of a stage began that nothing moved and that stand after a place;
    /// nothing where none does.
    fn begun<'a>(&self, stage: Stage, sought: &Sought, after: Option<&'a QueuePlace>) -> Option<((i64, &'a str), i64)> {
        const FIRST: (i64, &str) = (i64::MIN, "");
        let beginnings = |at: Instant| self.limits.beginnings(stage, at, self.calendar);
        let from = match after.map(|place| (place, place.due)) {
            None => FIRST,
            // All of a stage without a limit stand behind whatever has a date.
            Some((place, due)) if !self.limits.has(stage) => match due {
                Some(_) => FIRST,
                None => (place.since.millis(), place.case.as_str()),
            },
            Some((_, None)) => return None,
            Some((place, Some(due))) => {
                let (same, since) = (beginnings(due), place.since.millis());
                // No name is empty: all that began at such a bound come after it.
                match since {
                    _ if since < same.start => (same.start, ""),
                    _ if since >= same.end => (same.end, ""),
                    _ => (since, place.case.as_str()),
                }
            }
        };
        let until = match sought.due_before {
            None => i64::MAX,
            Some(_) if !self.limits.has(stage) => return None,
            Some(before) => beginnings(before).start,
        };
        Some((from, until))
    }

    fn with_cases(&self, sought: &Sought, clocks: Vec<Found>) -> Result<Vec<Waiting>, ServiceError> {
        let ids: Vec<&str> = clocks.iter().map(|found| found.clock.case.as_str()).collect();
        let lines = self.store.cases(&ids)?;
        let mut lines: HashMap<String, CaseLine> = lines.into_iter().map(|line| (line.id.clone(), line)).collect();
        let waiting = clocks.into_iter().filter_map(|found| {
            let is_now = |line: &CaseLine| found.is_of(line) && !(sought.not_escalated && line.escalated);
            lines.get(&found.clock.case).filter(|line| is_now(line))?;
            Some(Waiting { line: lines.remove(&found.clock.case)?, place: found.place })
        });
        Ok(waiting.collect())
    }
}

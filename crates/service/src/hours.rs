//! A person's hours and pay by week, out of their own decisions: what the platform recorded, and what it did not.

use crate::port::{Cursor, Projected};
use crate::record::numbers_of;
use crate::{Caller, Purpose, Service, ServiceError};
use gongdao_ledger::Row;
use gongdao_model::LegalDate;
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines that the database is asked for at once.
const AT_ONCE: u32 = 1024;
/// Decisions of one week whose content is read; more are said to be left out.
const MOST: usize = 2000;
/// The action that settles pay.
const PAY: &str = "pay";
const DAYS_OF_WEEK: i32 = 7;

/// Which weeks are looked at: whole ones, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeeksWanted {
    /// Only those before this Monday; all, where there is none. Another day counts as its week's Monday.
    pub before: Option<LegalDate>,
    /// Weeks at most of which there is any decision.
    pub weeks: usize,
    /// The week that would make it more decisions than these is left for the next time, unless it is the first.
    pub decisions: usize,
}

impl WeeksWanted {
    /// As much as is good for one answer.
    pub const MANY: Self = Self { before: None, weeks: 520, decisions: MOST };
    /// As much as is there in a moment.
    pub const FEW: Self = Self { before: None, weeks: 12, decisions: 300 };
}

/// Hours and pay of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// The weeks of which there is anything, newest first.
    pub weeks: Vec<Week>,
    /// The Monday of the oldest week with a decision that was looked at; all the rest is about the time from it on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<LegalDate>,
    /// The Sunday of the newest.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<LegalDate>,
    /// Decisions that were read.
    pub read: u64,
    /// Decisions whose content is in another process's ledger, or was erased.
    pub unread: u64,
    /// Whether the oldest week has so many decisions that some of them were not looked at.
    pub is_cut: bool,
    /// Where older weeks begin that were not looked at: ask for those before this Monday.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub older: Option<LegalDate>,
}

/// One week, Monday to Sunday in Asia/Shanghai. A payment counts in the week in which it was settled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Week {
    /// Its Monday.
    pub from: LegalDate,
    /// Payments that were settled.
    pub payments: u64,
    /// Minutes of work that they pay, as far as it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worked_minutes: Option<i64>,
    /// Minutes of waiting for orders beside them, as far as they were recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_minutes: Option<i64>,
    /// What was paid, fen, as far as it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_fen: Option<i64>,
    /// What was deducted, fen, as far as it was recorded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deducted_fen: Option<i64>,
    /// Pay for an hour of work, fen, rounded down. Nothing where a payment lacks its minutes or its amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fen_per_hour: Option<i64>,
    /// Pay for an hour with waiting, fen, rounded down. Nothing where a payment lacks one of the three.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fen_per_hour_with_waiting: Option<i64>,
    /// The longest day that some decision of the week says, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_day_minutes: Option<i64>,
    /// The longest time without a break that some decision of the week says, in minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_stretch_minutes: Option<i64>,
    /// How many payments lack what: the fact's name, and how many.
    pub lacking: BTreeMap<String, u64>,
}

/// Numbers of payments, added up where they are there.
#[derive(Default)]
struct Tally {
    payments: u64,
    sums: BTreeMap<&'static str, i64>,
    lacking: BTreeMap<String, u64>,
    longest: BTreeMap<&'static str, i64>,
}

const WORKED: &str = "workedMinutes";
const WAITING: &str = "waitingMinutes";
const PAID: &str = "payFen";
const DEDUCTED: &str = "payDeductionFen";
const DAY: &str = "dailyMinutes";
const STRETCH: &str = "continuousMinutes";
const LONGEST: [&str; 2] = [DAY, STRETCH];
/// The facts of a decision that are read, and their paths, in the same order.
const NAMES: [&str; 6] = [WORKED, WAITING, PAID, DEDUCTED, DAY, STRETCH];
const PATHS: [&str; 6] = [
    "context.workedMinutes",
    "context.waitingMinutes",
    "context.payFen",
    "context.payDeductionFen",
    "context.dailyMinutes",
    "context.continuousMinutes",
];

impl Service {
    /// Hours and pay of a person by week. A look-up by anyone else is logged.
    ///
    /// Errors: the caller may not see the person's decisions.
    pub fn hours_of(
        &self,
        caller: &Caller,
        person: &str,
        purpose: &Purpose,
        wanted: WeeksWanted,
    ) -> Result<Hours, ServiceError> {
        let before = wanted.before.and_then(monday_of);
        // A line of that very moment is not before it, and no identifier is less than none.
        let mut after = before.map(|day| Cursor { at: day.starts_at(), id: String::new() });
        // Its first page logs the look-up of anyone else, before anything is read.
        let mut page = self.decisions_of(caller, person, purpose, after.as_ref(), AT_ONCE)?;
        let mut taken = Taken::new(wanted);
        while let Some(last) = page.last() {
            after = Some(Cursor { at: last.at, id: last.id.clone() });
            if !page.into_iter().all(|line| taken.take(line)) {
                break;
            }
            page = self.store.page(Some(person), after.as_ref(), AT_ONCE)?;
        }
        let sunday = |monday: LegalDate| LegalDate::from_day_number(monday.day_number() + DAYS_OF_WEEK - 1);
        let mut hours = Hours {
            from: taken.oldest,
            until: taken.newest.and_then(sunday),
            is_cut: taken.is_cut,
            older: taken.older,
            ..Hours::default()
        };
        // The ledger's files are gone through once for all of them.
        let rows = self.rows_of(&taken.lines)?;
        let mut weeks = BTreeMap::<LegalDate, Tally>::new();
        for line in &taken.lines {
            self.take_line(line, &rows, &mut hours, &mut weeks)?;
        }
        hours.weeks = weeks.into_iter().rev().map(|(from, tally)| tally.week(from)).collect();
        Ok(hours)
    }

    fn take_line(
        &self,
        line: &Projected,
        rows: &BTreeMap<u64, Row>,
        hours: &mut Hours,
        weeks: &mut BTreeMap<LegalDate, Tally>,
    ) -> Result<(), ServiceError> {
        let own = line.leaf.filter(|_| line.node == *self.node);
        let Some(row) = own.and_then(|leaf| rows.get(&leaf)) else {
            hours.unread += 1;
            return Ok(());
        };
        let Some(numbers) = numbers_of(row, PATHS)? else {
            hours.unread += 1;
            return Ok(());
        };
        hours.read += 1;
        let Some(monday) = monday_of(line.at.date_in_shanghai()) else { return Ok(()) };
        let numbers = Numbers(numbers);
        if line.action == PAY || LONGEST.iter().any(|name| numbers.of(name).is_some()) {
            weeks.entry(monday).or_default().take(&numbers, line.action == PAY);
        }
        Ok(())
    }
}

/// Lines of whole weeks, newest first.
struct Taken {
    wanted: WeeksWanted,
    lines: Vec<Projected>,
    /// Mondays of the first and of the last week that is taken.
    newest: Option<LegalDate>,
    oldest: Option<LegalDate>,
    /// Weeks that are taken as a whole, and the lines of those.
    whole: usize,
    whole_lines: usize,
    older: Option<LegalDate>,
    is_cut: bool,
}

impl Taken {
    fn new(wanted: WeeksWanted) -> Self {
        Self {
            wanted,
            lines: Vec::new(),
            newest: None,
            oldest: None,
            whole: 0,
            whole_lines: 0,
            older: None,
            is_cut: false,
        }
    }

    /// Take the next older line. False where that was all.
    fn take(&mut self, line: Projected) -> bool {
        let Some(monday) = monday_of(line.at.date_in_shanghai()) else { return true };
        if self.oldest != Some(monday) {
            let before = self.oldest;
            if before.is_some() {
                (self.whole, self.whole_lines) = (self.whole + 1, self.lines.len());
            }
            if before.is_some() && (self.whole >= self.wanted.weeks || self.whole_lines >= self.wanted.decisions) {
                self.older = before;
                return false;
            }
            self.newest = self.newest.or(Some(monday));
            self.oldest = Some(monday);
        }
        if self.whole > 0 && self.lines.len() >= self.wanted.decisions {
            // Too much for now: this week is begun another time, as a whole.
            self.lines.truncate(self.whole_lines);
            let last = self.lines.last().and_then(|line| monday_of(line.at.date_in_shanghai()));
            (self.oldest, self.older) = (last, last);
            return false;
        }
        if self.lines.len() >= MOST {
            (self.is_cut, self.older) = (true, Some(monday));
            return false;
        }
        self.lines.push(line);
        true
    }
}

fn monday_of(day: LegalDate) -> Option<LegalDate> {
    let back = i32::from(day.weekday()) - 1;
    LegalDate::from_day_number(day.day_number() - back.clamp(0, DAYS_OF_WEEK - 1))
}

/// What a decision says of the facts in [`NAMES`].
struct Numbers([Option<i64>; NAMES.len()]);

impl Numbers {
    fn of(&self, name: &str) -> Option<i64> {
        let place = NAMES.iter().position(|known| *known == name)?;
        self.0.get(place).copied().flatten()
    }
}

impl Tally {
    fn take(&mut self, numbers: &Numbers, is_pay: bool) {
        for name in LONGEST {
            if let Some(minutes) = numbers.of(name) {
                let longest = self.longest.entry(name).or_insert(minutes);
                *longest = minutes.max(*longest);
            }
        }
        if !is_pay {
            return;
        }
        self.payments += 1;
        for name in [WORKED, WAITING, PAID, DEDUCTED] {
            match numbers.of(name) {
                Some(amount) => {
                    let sum = self.sums.entry(name).or_default();
                    *sum = sum.saturating_add(amount);
                }
                None => *self.lacking.entry(name.to_owned()).or_default() += 1,
            }
        }
    }

    /// A sum of which no payment lacks its part.
    fn whole(&self, name: &str) -> Option<i64> {
        self.sums.get(name).copied().filter(|_| !self.lacking.contains_key(name))
    }

    fn week(self, from: LegalDate) -> Week {
        let (worked, waiting, pay) = (self.whole(WORKED), self.whole(WAITING), self.whole(PAID));
        let with_waiting = worked.zip(waiting).map(|(worked, waiting)| worked.saturating_add(waiting));
        Week {
            from,
            payments: self.payments,
            worked_minutes: self.sums.get(WORKED).copied(),
            waiting_minutes: self.sums.get(WAITING).copied(),
            pay_fen: self.sums.get(PAID).copied(),
            deducted_fen: self.sums.get(DEDUCTED).copied(),
            fen_per_hour: per_hour(pay, worked),
            fen_per_hour_with_waiting: per_hour(pay, with_waiting),
            longest_day_minutes: self.longest.get(DAY).copied(),
            longest_stretch_minutes: self.longest.get(STRETCH).copied(),
            lacking: self.lacking,
        }
    }
}

/// Rounded down, as `packs/derived/hourly-pay.sql` does; none without work.
fn per_hour(fen: Option<i64>, minutes: Option<i64>) -> Option<i64> {
    let (fen, minutes) = (fen?, minutes.filter(|minutes| *minutes > 0)?);
    fen.checked_mul(60)?.checked_div_euclid(minutes)
}

#[cfg(test)]
mod tests {
    use super::{NAMES, PATHS};
    use gongdao_model::{Entity, FactPath};

    #[test]
    fn paths_are_those_of_the_names() {
        for (name, path) in NAMES.into_iter().zip(PATHS) {
            assert_eq!(FactPath::new(Entity::Decision, name).unwrap().to_string(), path);
        }
    }
}

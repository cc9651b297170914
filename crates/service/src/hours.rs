//! A person's hours and pay by week, out of their own decisions: what the platform recorded, and what it did not.

use crate::port::{Cursor, Projected};
use crate::record::{decision_of, open_groups};
use crate::{Caller, Purpose, Service, ServiceError};
use gongdao_ledger::Row;
use gongdao_model::{DecisionRecord, Entity, FactPath, FactValue, LegalDate};
use serde::Serialize;
use std::collections::BTreeMap;

/// Lines that are gone through, newest first, and how many at once.
const LINES: usize = 10_000;
const AT_ONCE: u32 = 500;
/// Decisions whose content is read: most are about one order, and say how long the day was so far.
const READ: u64 = 2000;
/// The action that settles pay.
const PAY: &str = "pay";
const DAYS_OF_WEEK: i32 = 7;

/// Hours and pay of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Hours {
    /// The weeks of which there is anything, newest first.
    pub weeks: Vec<Week>,
    /// Decisions that were read.
    pub read: u64,
    /// Decisions whose content is in another process's ledger, or was erased.
    pub unread: u64,
    /// Whether there are older ones that were not looked at.
    pub is_cut: bool,
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

impl Service {
    /// Hours and pay of a person by week. A look-up by anyone else is logged.
    ///
    /// Errors: the caller may not see the person's decisions.
    pub fn hours_of(&self, caller: &Caller, person: &str, purpose: &Purpose) -> Result<Hours, ServiceError> {
        let (mut hours, mut weeks) = (Hours::default(), BTreeMap::<LegalDate, Tally>::new());
        let (mut after, mut gone) = (None::<Cursor>, 0);
        loop {
            // Its first page logs the look-up of anyone else, before anything is read.
            let lines = match &after {
                None => self.decisions_of(caller, person, purpose, None, AT_ONCE)?,
                Some(_) => self.store.page(Some(person), after.as_ref(), AT_ONCE)?,
            };
            let Some(last) = lines.last() else { break };
            after = Some(Cursor { at: last.at, id: last.id.clone() });
            gone += lines.len();
            // The ledger's files are gone through once for all of them.
            let rows = self.rows_of(&lines)?;
            for line in &lines {
                if hours.read >= READ {
                    hours.is_cut = true;
                    break;
                }
                self.take_line(line, &rows, &mut hours, &mut weeks)?;
            }
            if gone >= LINES || hours.is_cut {
                hours.is_cut = true;
                break;
            }
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
        let Some(record) = decision_of(&open_groups(row)?)? else {
            hours.unread += 1;
            return Ok(());
        };
        hours.read += 1;
        let Some(monday) = monday_of(line.at.date_in_shanghai()) else { return Ok(()) };
        let says_time = number(&record, DAY).is_some() || number(&record, STRETCH).is_some();
        if line.action == PAY || says_time {
            weeks.entry(monday).or_default().take(&record, line.action == PAY);
        }
        Ok(())
    }
}

fn monday_of(day: LegalDate) -> Option<LegalDate> {
    let back = i32::from(day.weekday()) - 1;
    LegalDate::from_day_number(day.day_number() - back.clamp(0, DAYS_OF_WEEK - 1))
}

fn number(record: &DecisionRecord, name: &str) -> Option<i64> {
    match record.facts.value(&FactPath::new(Entity::Decision, name).ok()?) {
        Some(FactValue::Long(number)) => Some(*number),
        _ => None,
    }
}

impl Tally {
    fn take(&mut self, record: &DecisionRecord, is_pay: bool) {
        for name in [DAY, STRETCH] {
            if let Some(minutes) = number(record, name) {
                let longest = self.longest.entry(name).or_insert(minutes);
                *longest = minutes.max(*longest);
            }
        }
        if !is_pay {
            return;
        }
        self.payments += 1;
        for name in [WORKED, WAITING, PAID, DEDUCTED] {
            match number(record, name) {
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

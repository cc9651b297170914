//! Counts over all decisions, kept small: what they hold depends on the rules, not on the rows.

use crate::AuditError;
use crate::columns::{self, ACTION, AT, DECISION, FILE, PLACE, ROW};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::{Bits, Patterns, Verdicts, VersionVerdicts};
use gongdao_model::{
    Cause, FactPath, Instant, LegalDate, Outcome, PlaceCode, ProvisionId, ProvisionVerdict, ReadingId,
};
use gongdao_rules::RuleSet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// How many violated decisions a rule version keeps for SARIF; the summary shows the first few of them.
pub(crate) const MOST_LOCATIONS: usize = 200;

/// Everything that was counted so far. Its JSON is part of the checkpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) decisions: u64,
    pub(crate) violated: u64,
    pub(crate) violated_provisional_only: u64,
    pub(crate) disputed: u64,
    pub(crate) undetermined: u64,
    pub(crate) clear: u64,
    /// Decisions about which no rule in force says anything.
    pub(crate) silent: u64,
    /// Decisions and violated ones by action.
    pub(crate) actions: BTreeMap<String, (u64, u64)>,
    pub(crate) first: Option<Instant>,
    pub(crate) last: Option<Instant>,
    /// Legal days and places that decisions fell on: they decide which parameters were used.
    pub(crate) days: BTreeSet<(LegalDate, Option<PlaceCode>)>,
    /// By index into `RuleSet::versions`.
    pub(crate) rules: BTreeMap<usize, RuleTally>,
    pub(crate) provisions: BTreeMap<ProvisionId, ProvisionTally>,
}

/// One rule version.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct RuleTally {
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) causes: Vec<(Cause, u64)>,
    /// The operator's claims that some verdict rests on.
    pub(crate) claims: BTreeSet<FactPath>,
    /// The first violated decisions.
    pub(crate) violated: Vec<Location>,
    /// The first undetermined decisions.
    pub(crate) undetermined: Vec<Location>,
}

/// One provision across its rules and readings.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct ProvisionTally {
    pub(crate) outcomes: BTreeMap<Outcome, u64>,
    pub(crate) disputed: u64,
    /// Nothing but legal bases: they count through the rule that demands one.
    pub(crate) is_basis: bool,
    pub(crate) by_reading: BTreeMap<ReadingId, BTreeMap<Outcome, u64>>,
}

/// Where a decision stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) decision: String,
    pub(crate) at: Instant,
    pub(crate) file: String,
    pub(crate) row: u64,
    /// Another reading of the provision says otherwise for this decision.
    pub(crate) disputed: bool,
}

impl Tally {
    /// Count a judged batch. Returns, for each decision, the number of its pattern.
    pub(crate) fn add(
        &mut self,
        rules: &RuleSet,
        patterns: &mut Patterns,
        batch: &RecordBatch,
        verdicts: &Verdicts,
    ) -> Result<Vec<usize>, AuditError> {
        self.add_times(batch)?;
        let numbers = patterns.of_rows(rules, verdicts);
        for column in &verdicts.versions {
            let Some(version) = rules.versions.get(column.version) else { continue };
            let disputed = |row: usize| {
                let pattern = numbers.get(row).and_then(|number| patterns.get(*number));
                pattern.is_some_and(|pattern| pattern.is_disputed(&version.provision))
            };
            self.add_version(batch, verdicts, column, &disputed)?;
        }
        let actions = columns::column(batch, ACTION)?.as_string::<i32>();
        for (row, number) in numbers.iter().enumerate() {
            let Some(pattern) = patterns.get(*number) else { continue };
            self.decisions += 1;
            self.violated += u64::from(pattern.violated);
            self.violated_provisional_only += u64::from(pattern.provisional_only);
            self.disputed += u64::from(pattern.disputed);
            self.undetermined += u64::from(pattern.undetermined);
            self.clear += u64::from(pattern.is_clear());
            self.silent += u64::from(pattern.silent);
            let name = actions.value(row);
            if !self.actions.contains_key(name) {
                self.actions.insert(name.to_owned(), (0, 0));
            }
            if let Some((decisions, violated)) = self.actions.get_mut(name) {
                *decisions += 1;
                *violated += u64::from(pattern.violated);
            }
        }
        self.add_provisions(patterns, &numbers);
        Ok(numbers)
    }

    fn add_times(&mut self, batch: &RecordBatch) -> Result<(), AuditError> {
        let at = columns::column(batch, AT)?.as_primitive::<Int64Type>();
        let places = columns::column(batch, PLACE)?.as_string::<i32>();
        let mut last_seen: Option<(LegalDate, Option<&str>)> = None;
        for row in 0..batch.num_rows() {
            let at = Instant::from_millis(at.value(row)).map_err(|error| columns::internal(&error.message))?;
            self.first = Some(self.first.map_or(at, |first| first.min(at)));
            self.last = Some(self.last.map_or(at, |last| last.max(at)));
            let seen = (at.date_in_shanghai(), places.is_valid(row).then(|| places.value(row)));
            // Rows of one day mostly follow each other; the set is asked only where it changes.
            if last_seen != Some(seen) {
                self.days.insert((seen.0, seen.1.and_then(|code| code.parse().ok())));
                last_seen = Some(seen);
            }
        }
        Ok(())
    }

    fn add_version(
        &mut self,
        batch: &RecordBatch,
        verdicts: &Verdicts,
        column: &VersionVerdicts,
        disputed: &dyn Fn(usize) -> bool,
    ) -> Result<(), AuditError> {
        let tally = self.rules.entry(column.version).or_default();
        let applied = column.sets().map(|(outcome, rows)| (outcome, rows.count()));
        let not_applicable = (Outcome::NotApplicable, column.not_applicable().count());
        for (outcome, count) in applied.into_iter().chain([not_applicable]).filter(|(_, count)| *count > 0) {
            *tally.outcomes.entry(outcome).or_default() += count as u64;
        }
        if !column.is_basis {
            keep(&mut tally.violated, batch, &column.unmet, disputed)?;
        }
        keep(&mut tally.undetermined, batch, &column.undetermined, disputed)?;
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        for (number, rows) in &column.causes {
            *counts.entry(*number).or_default() += rows.count() as u64;
        }
        for (number, count) in counts {
            let Some(cause) = verdicts.causes.get(number) else { continue };
            match tally.causes.iter_mut().find(|(known, _)| known == cause) {
                Some((_, known)) => *known += count,
                None => tally.causes.push((cause.clone(), count)),
            }
        }
        Ok(())
    }

    fn add_provisions(&mut self, patterns: &Patterns, numbers: &[usize]) {
        let mut counts: BTreeMap<usize, u64> = BTreeMap::new();
        for number in numbers {
            *counts.entry(*number).or_default() += 1;
        }
        for (number, count) in counts {
            let Some(pattern) = patterns.get(number) else { continue };
            for (version, claims) in &pattern.claims {
                self.rules.entry(*version).or_default().claims.extend(claims.iter().cloned());
            }
            for verdict in &pattern.provisions {
                let is_basis = pattern.bases.contains(&verdict.provision);
                let tally = self.provisions.entry(verdict.provision.clone()).or_default();
                tally.is_basis = is_basis;
                if verdict.disputed {
                    // A basis on which readings differ is no finding: the demand behind it is disputed, or it is not.
                    tally.disputed += if is_basis { 0 } else { count };
                } else if let Some(outcome) = agreed(verdict) {
                    *tally.outcomes.entry(outcome).or_default() += count;
                }
                for (reading, outcome) in &verdict.by_reading {
                    if let Some(reading) = reading {
                        *tally.by_reading.entry(reading.clone()).or_default().entry(*outcome).or_default() += count;
                    }
                }
            }
        }
    }
}

/// Keep the first decisions of a set.
fn keep(
    kept: &mut Vec<Location>,
    batch: &RecordBatch,
    rows: &Bits,
    disputed: &dyn Fn(usize) -> bool,
) -> Result<(), AuditError> {
    for row in rows.iter().take(MOST_LOCATIONS.saturating_sub(kept.len())) {
        kept.push(location(batch, row, disputed(row))?);
    }
    Ok(())
}

/// What all readings agree on. Kept under one and not touched under another counts as kept.
fn agreed(verdict: &ProvisionVerdict) -> Option<Outcome> {
    let mut outcomes = verdict.by_reading.iter().map(|(_, outcome)| *outcome);
    let first = outcomes.next()?;
    Some(if outcomes.any(|other| other == Outcome::Satisfied) { Outcome::Satisfied } else { first })
}

fn location(batch: &RecordBatch, row: usize, disputed: bool) -> Result<Location, AuditError> {
    let text = |name| columns::column(batch, name).map(|array| array.as_string::<i32>().value(row).to_owned());
    let number = |name| columns::column(batch, name).map(|array| array.as_primitive::<Int64Type>().value(row));
    Ok(Location {
        decision: text(DECISION)?,
        at: Instant::from_millis(number(AT)?).map_err(|error| columns::internal(&error.message))?,
        file: text(FILE)?,
        row: u64::try_from(number(ROW)?).unwrap_or(0),
        disputed,
    })
}

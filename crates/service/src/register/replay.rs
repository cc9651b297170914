//! A replay: decisions of a period under the rule of a draft, beside the rule that it changes. It shows aggregates alone, so it
//! is no look at any person's records.

use super::lines::stored;
use crate::explain::{actual, all_known, outcome_under};
use crate::port::{Cursor, Projected};
use crate::record::{decision_of, open_groups, read_check};
use crate::{Caller, ErrorKind, Service, ServiceError};
use gongdao_gate::StateFacts;
use gongdao_model::{FactPath, LegalDate};
use gongdao_register::{Better, Consultation, PreparedRule, ReplayTable, Replayed, SMALLEST_CELL, Version};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// Decisions that are run again at most: the newest of the period.
const MOST: usize = 10_000;
/// Lines of the projection that are looked through at most.
const MOST_LINES: usize = 200_000;
const AT_ONCE: u32 = 1_000;
/// Days of a period at most.
const MOST_DAYS: i32 = 92;
/// Rows between two decisions that are read over rather than sought anew.
const GAP: u64 = 256;

/// Of which period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReplayPeriod {
    /// The first day.
    pub from: LegalDate,
    /// The first day after it.
    pub until: LegalDate,
}

/// What a draft would have done to past decisions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replay {
    /// The consultation.
    pub consultation: String,
    /// The draft.
    pub version: String,
    /// SHA-256 of what it declares.
    pub digest: String,
    /// The version that it changes.
    pub based_on: String,
    /// SHA-256 of what that declares.
    pub based_on_digest: String,
    /// The first day.
    pub from: LegalDate,
    /// The first day after the period.
    pub until: LegalDate,
    /// The fact that is the outcome.
    pub outcome: FactPath,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
    /// Its unit.
    pub unit: String,
    /// Which outcomes are better for the person.
    pub better: Better,
    /// Counts and means.
    #[serde(flatten)]
    pub table: ReplayTable,
    /// Decisions of which one of the rules gives nothing: facts are missing, or the content was erased. Never counted as
    /// unchanged. Absent below 5, but for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cannot_tell: Option<u64>,
    /// Decisions whose recorded outcome is not what the version in force declares. Absent below 5, but for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other_than_declared: Option<u64>,
    /// There are more decisions than were run again: these are the newest.
    pub is_cut: bool,
    /// Counts that tell of fewer persons are absent.
    pub smallest_count: u64,
}

/// Both rules, and what came of them.
struct Run {
    old: Arc<PreparedRule>,
    new: Arc<PreparedRule>,
    compared: Vec<Replayed>,
    cannot_tell: u64,
    other_than_declared: u64,
}

impl Service {
    /// Run decisions of a period again under the draft of a consultation, and under the version that it changes.
    ///
    /// Errors: the caller has no seat and no office for it; no such consultation; a period that is none; a version without a
    /// rule that can be run, or two whose outcomes are not the same thing (`NotNow`).
    pub fn replay(&self, caller: &Caller, id: &str, period: ReplayPeriod) -> Result<Replay, ServiceError> {
        let consultation: Consultation = stored(&*self.store, super::lines::CONSULTATIONS, id, "consultation")?.value;
        self.register.access.may_replay(caller, &consultation)?;
        let days = period.until.day_number().checked_sub(period.from.day_number());
        if !days.is_some_and(|days| (1..=MOST_DAYS).contains(&days)) {
            let hint = format!("`until` is the first day after the period; give 1 to {MOST_DAYS} days");
            return Err(ServiceError::input("`from` and `until` are no period", hint));
        }
        let draft = self.stored_version(&consultation.version)?.value;
        let Some(based_on) = &draft.based_on else {
            return Err(cannot("the version changes none", "declare the next one with `based_on`"));
        };
        let before = self.stored_version(based_on)?.value;
        let mut run = self.both_rules(&before, &draft)?;
        self.queue().projector().flush();
        let (lines, is_cut) = self.lines_of(&before.id, period)?;
        self.run_again(lines, &mut run)?;
        let rule = run.new.rule();
        let told = |count: u64| (count == 0 || count >= SMALLEST_CELL as u64).then_some(count);
        Ok(Replay {
            consultation: consultation.id,
            outcome: rule.outcome.clone(),
            zh: rule.zh.clone(),
            en: rule.en.clone(),
            unit: rule.unit.clone(),
            better: rule.better,
            version: draft.id,
            digest: draft.digest,
            based_on: before.id,
            based_on_digest: before.digest,
            from: period.from,
            until: period.until,
            cannot_tell: told(run.cannot_tell),
            other_than_declared: told(run.other_than_declared),
            table: ReplayTable::of(run.compared, rule.better),
            is_cut,
            smallest_count: SMALLEST_CELL as u64,
        })
    }

    fn both_rules(&self, before: &Version, draft: &Version) -> Result<Run, ServiceError> {
        let rule = |version: &Version| {
            self.prepared_rule(version)?.ok_or_else(|| {
                let message = format!("the version `{}` declares no rule that can be run", version.id);
                cannot(&message, "declare `rule` with a version: an expression or a model over named facts")
            })
        };
        let (old, new) = (rule(before)?, rule(draft)?);
        let (one, other) = (old.rule(), new.rule());
        if (&one.outcome, &one.unit, one.better) != (&other.outcome, &other.unit, other.better) {
            let message = format!("`{}` and `{}` do not give the same outcome", before.id, draft.id);
            return Err(cannot(&message, "compare versions with the same outcome, unit and direction"));
        }
        Ok(Run { old, new, compared: Vec::new(), cannot_tell: 0, other_than_declared: 0 })
    }

    /// Decisions of a version in a period, and whether there are more.
    fn lines_of(&self, version: &str, period: ReplayPeriod) -> Result<(Vec<Projected>, bool), ServiceError> {
        let from = period.from.starts_at();
        let mut after = Cursor { at: period.until.starts_at(), id: String::new() };
        let (mut found, mut seen) = (Vec::new(), 0);
        loop {
            let page = self.store.page(None, Some(&after), AT_ONCE)?;
            let Some(last) = page.last() else { return Ok((found, false)) };
            after = Cursor { at: last.at, id: last.id.clone() };
            for line in page {
                seen += 1;
                if line.at < from {
                    return Ok((found, false));
                }
                if line.algorithm.as_deref() != Some(version) {
                    continue;
                }
                if found.len() == MOST {
                    return Ok((found, true));
                }
                found.push(line);
            }
            if seen >= MOST_LINES {
                return Ok((found, true));
            }
        }
    }

    fn run_again(&self, lines: Vec<Projected>, run: &mut Run) -> Result<(), ServiceError> {
        let mut by_leaf: HashMap<u64, Projected> = HashMap::new();
        for line in lines {
            match line.leaf.filter(|_| line.node == *self.node) {
                Some(leaf) => drop(by_leaf.insert(leaf, line)),
                // The ledger of another process has it.
                None => run.cannot_tell += 1,
            }
        }
        let mut leaves: Vec<u64> = by_leaf.keys().copied().collect();
        leaves.sort_unstable();
        let Some(last) = leaves.last() else { return Ok(()) };
        let reader = self.view.reader_with(*last)?;
        for range in ranges(&leaves) {
            let mut rows = Vec::new();
            reader.each_row(range, |row| {
                if by_leaf.contains_key(&row.leaf) {
                    rows.push(row);
                }
                Ok(())
            })?;
            for row in rows {
                let Some(line) = by_leaf.remove(&row.leaf) else { continue };
                run.take(line, known_of(&open_groups(&row)?)?.as_ref());
            }
        }
        run.cannot_tell += by_leaf.len() as u64;
        Ok(())
    }
}

impl Run {
    fn take(&mut self, line: Projected, known: Option<&StateFacts>) {
        let outcomes = known.map(|known| (outcome_under(&self.old, known), outcome_under(&self.new, known)));
        let Some((Some(old), Some(new))) = outcomes else {
            self.cannot_tell += 1;
            return;
        };
        let recorded = known.and_then(|known| actual(self.old.rule(), known));
        self.other_than_declared += u64::from(recorded.is_some_and(|recorded| recorded != old));
        self.compared.push(Replayed { decision: line.id, person: line.person, old, new });
    }
}

/// All that was known of a decision; nothing where its content was erased.
fn known_of(groups: &[crate::record::Group]) -> Result<Option<StateFacts>, ServiceError> {
    if let Some(logged) = read_check(groups)? {
        return Ok(Some(all_known(&logged.request.facts, Some(&logged.checked))));
    }
    Ok(decision_of(groups)?.map(|record| all_known(&record.facts, None)))
}

/// Ranges that cover all places, in their order, without long gaps and not long themselves.
fn ranges(leaves: &[u64]) -> Vec<Range<u64>> {
    const LONGEST: u64 = 4_096;
    let mut found: Vec<Range<u64>> = Vec::new();
    for leaf in leaves {
        match found.last_mut().filter(|range| leaf - range.end < GAP && leaf - range.start < LONGEST) {
            Some(range) => range.end = leaf + 1,
            None => found.push(*leaf..leaf + 1),
        }
    }
    found
}

fn cannot(message: &str, hint: &str) -> ServiceError {
    ServiceError::new(ErrorKind::NotNow, message, hint)
}

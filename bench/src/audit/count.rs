//! What is compared between engines: how many decisions each rule version satisfies, violates, cannot judge.

use gongdao_kernel::{Bits, Verdicts};
use gongdao_rules::{RuleKind, RuleSet};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Counts over any number of batches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) rows: u64,
    /// Decisions that at least one rule is violated by; an unestablished basis alone is no violation.
    pub(crate) violating: u64,
    /// By version: satisfied or established, violated or not established, undetermined, not applicable.
    pub(crate) versions: BTreeMap<usize, [u64; 4]>,
}

impl Counts {
    pub(crate) fn add(&mut self, verdicts: &Verdicts) {
        let mut violating = Bits::none(verdicts.rows);
        for version in &verdicts.versions {
            let counts = [&version.met, &version.unmet, &version.undetermined].map(|rows| rows.count() as u64);
            let silent = version.scope.count() as u64 - counts.iter().sum::<u64>();
            let entry = self.versions.entry(version.version).or_default();
            for (sum, count) in entry.iter_mut().zip(counts.into_iter().chain([silent])) {
                *sum += count;
            }
            if !version.is_basis {
                violating.include(&version.unmet);
            }
        }
        self.rows += verdicts.rows as u64;
        self.violating += violating.count() as u64;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        self.rows += other.rows;
        self.violating += other.violating;
        for (version, counts) in &other.versions {
            let entry = self.versions.entry(*version).or_default();
            for (sum, count) in entry.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }

    /// By key of the version, as the other engines print them.
    pub(crate) fn as_json(&self, rules: &RuleSet) -> Value {
        let versions = self.versions.iter().filter_map(|(version, [met, unmet, open, _])| {
            Some((rules.versions.get(*version)?.key.to_string(), json!([met, unmet, open])))
        });
        let versions: serde_json::Map<String, Value> = versions.collect();
        json!({ "rows": self.rows, "violating": self.violating, "versions": versions })
    }

    /// The versions of which some outcome that they can have never occurs; measurements over them would say little. A
    /// basis is never silent, and what no `unless` satisfies is never satisfied.
    pub(crate) fn lacking(&self, rules: &RuleSet) -> Vec<String> {
        let lacking = self.versions.iter().filter_map(|(version, counts)| {
            let version = rules.versions.get(*version)?;
            let is_basis = matches!(version.kind, RuleKind::Basis { .. });
            let is_demand = matches!(version.kind, RuleKind::Demand { .. });
            let [met, unmet, open, silent] = *counts;
            let can_be_met = is_basis || is_demand || version.has_unless;
            let lacks = (met == 0 && can_be_met) || unmet == 0 || open == 0 || (silent == 0 && !is_basis);
            lacks.then(|| format!("{} {counts:?}", version.key))
        });
        lacking.collect()
    }
}

use super::access::OnDesk;
use crate::{Caller, Service, ServiceError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts below this are not told: they would tell about persons.
const SMALLEST: u64 = 5;

/// What the desk did, for everyone to see.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DeskFigures {
    /// By kind of request.
    pub kinds: BTreeMap<String, KindFigures>,
    /// Counts below this are absent.
    pub smallest_count: u64,
}

/// The same of one kind. What is too small to be told is absent.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct KindFigures {
    /// How many came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filed: Option<u64>,
    /// How many are not closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<u64>,
    /// How many were answered, by outcome.
    pub outcomes: BTreeMap<String, u64>,
    /// How many were refused, by article.
    pub refused_on: BTreeMap<String, u64>,
    /// How many a person reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<u64>,
    /// How many of those were changed. Near none says that the review may be a form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<u64>,
    /// `changed` in `reviewed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change_rate: Option<f64>,
    /// Seconds of a review, on average.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mean_review_seconds: Option<u64>,
}

#[derive(Default)]
struct Counts {
    filed: u64,
    open: u64,
    outcomes: BTreeMap<String, u64>,
    refused_on: BTreeMap<String, u64>,
    reviewed: u64,
    changed: u64,
    seconds: u64,
}

impl Service {
    /// Cases by kind, outcome and article, and what reviews changed. Small counts are left out, and a rate is told only
    /// where both of its sides can be: changed and not changed.
    pub fn desk_figures(&self, caller: &Caller) -> Result<DeskFigures, ServiceError> {
        self.desk.access.may_on_desk(caller, OnDesk::ReadFigures)?;
        self.public_desk_figures()
    }

    /// The same for whoever has no account: the policy lets everyone read them.
    pub fn public_desk_figures(&self) -> Result<DeskFigures, ServiceError> {
        let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
        for line in self.store.count_cases()? {
            let of_kind = counts.entry(line.kind).or_default();
            of_kind.filed += line.count;
            of_kind.open += if line.stage == "closed" { 0 } else { line.count };
            if let Some(outcome) = line.outcome {
                *of_kind.outcomes.entry(outcome).or_default() += line.count;
            }
            if let Some(article) = line.article {
                *of_kind.refused_on.entry(article).or_default() += line.count;
            }
            if let Some(changed) = line.changed {
                of_kind.reviewed += line.count;
                of_kind.changed += if changed { line.count } else { 0 };
                of_kind.seconds += line.seconds;
            }
        }
        let kinds = counts.into_iter().map(|(kind, counts)| (kind, figures(counts))).collect();
        Ok(DeskFigures { kinds, smallest_count: SMALLEST })
    }
}

fn figures(counts: Counts) -> KindFigures {
    let told = |count: u64| (count >= SMALLEST).then_some(count);
    let both = |count: u64, of: u64| {
        // What is left must not be small either, or a difference would tell it.
        let left = of - count;
        told(of).filter(|_| (count >= SMALLEST || count == 0) && (left >= SMALLEST || left == 0)).map(|_| count)
    };
    let changed = both(counts.changed, counts.reviewed);
    #[expect(clippy::cast_precision_loss, reason = "counts of cases lie far below 2^53")]
    let change_rate = changed.map(|changed| changed as f64 / counts.reviewed as f64);
    KindFigures {
        filed: told(counts.filed),
        open: both(counts.open, counts.filed),
        outcomes: counts.outcomes.into_iter().filter(|(_, count)| *count >= SMALLEST).collect(),
        refused_on: counts.refused_on.into_iter().filter(|(_, count)| *count >= SMALLEST).collect(),
        reviewed: told(counts.reviewed),
        changed,
        change_rate,
        mean_review_seconds: told(counts.reviewed).map(|reviewed| counts.seconds / reviewed),
    }
}

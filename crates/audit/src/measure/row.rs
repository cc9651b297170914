//! One row of a comparison, from its estimate to its flag.

use super::words::{self, Method};
use super::{Comparison, MeasureSpec};
use crate::summary::{Bilingual, MeasureFlag, MeasureRow};
use gongdao_stats::{Interval, holm};

/// A comparison is flagged below this adjusted p-value.
const LEVEL: f64 = 0.05;

/// How many rows a comparison has and lacks.
#[derive(Debug, Clone, Default)]
pub(super) struct Rows {
    /// In group a.
    pub a: u64,
    /// In group b.
    pub b: u64,
    /// Without the outcome.
    pub missing: u64,
    /// Left out of the strata.
    pub left_out: u64,
    /// What a side of a stratum needs at least, if more than a row.
    pub thin: Option<Bilingual>,
}

/// A row before its p-value is adjusted.
pub(super) struct Draft {
    pub row: MeasureRow,
    pub method: Method,
}

/// An estimate with everything that a row shows of it.
pub(super) struct Estimate {
    pub method: Method,
    pub rates: (Option<f64>, Option<f64>),
    pub difference: Option<f64>,
    pub interval: Option<Interval>,
    pub ratio: Option<(f64, Option<Interval>)>,
    pub p: Option<f64>,
    pub least_seen: Option<f64>,
}

/// A row without its adjusted p-value and flag.
pub(super) fn draft(spec: &MeasureSpec, own: &Comparison, place: &[String], rows: &Rows, found: &Estimate) -> Draft {
    let is_pooled = found.method.is_pooled();
    let (n_a, n_b) = (rows.a, rows.b);
    let suppressed = n_a < spec.min_cell || n_b < spec.min_cell;
    let shown = |value: Option<f64>| value.filter(|_| !suppressed);
    let row = MeasureRow {
        measure: spec.id.clone(),
        provision: spec.provision.clone(),
        title: spec.title.clone(),
        outcome: own.outcome_words.clone(),
        quantity: found.method.quantity(),
        unit: own.unit.clone(),
        stratum: spec.within.iter().cloned().zip(place.iter().cloned()).collect(),
        pooled: is_pooled,
        confounders: own.confounders.iter().filter(|_| is_pooled).map(|one| Bilingual::new(&one.zh, &one.en)).collect(),
        group_a: Bilingual::new(&own.a.zh, &own.a.en),
        group_b: Bilingual::new(&own.b.zh, &own.b.en),
        n_a,
        n_b,
        rate_a: shown(found.rates.0),
        rate_b: shown(found.rates.1),
        difference: shown(found.difference),
        ci_low: shown(found.interval.map(|interval| interval.low)),
        ci_high: shown(found.interval.map(|interval| interval.high)),
        ratio: shown(found.ratio.map(|(ratio, _)| ratio)),
        ratio_low: shown(found.ratio.and_then(|(_, interval)| interval).map(|interval| interval.low)),
        ratio_high: shown(found.ratio.and_then(|(_, interval)| interval).map(|interval| interval.high)),
        p: shown(found.p),
        p_adjusted: None,
        method: Bilingual::default(),
        flag: match found.p {
            _ if suppressed => MeasureFlag::TooFew,
            None => MeasureFlag::CannotTest,
            Some(_) => MeasureFlag::NotShown,
        },
        note: words::note(spec, rows),
        power: found
            .least_seen
            .filter(|_| !suppressed)
            .map(|least| words::power(least, found.method.quantity(), own.unit.as_deref())),
        suppressed,
    };
    Draft { row, method: found.method }
}

/// Adjust over the whole measure, then say what each row amounts to.
pub(super) fn finish(own: &Comparison, drafts: Vec<Draft>) -> Vec<MeasureRow> {
    let raw: Vec<Option<f64>> = drafts.iter().map(|draft| draft.row.p).collect();
    let family = raw.iter().flatten().count();
    let adjusted = holm(&raw);
    let finished = drafts.into_iter().zip(adjusted).map(|(draft, p_adjusted)| {
        let mut row = draft.row;
        row.p_adjusted = p_adjusted;
        row.method = if row.suppressed { words::withheld() } else { words::method(draft.method, own, family) };
        let excludes_none = row.ci_low.zip(row.ci_high).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
        let is_sure = excludes_none && p_adjusted.is_some_and(|p| p < LEVEL);
        let is_large = row.difference.is_some_and(|difference| difference.abs() >= own.least_difference);
        if is_sure && is_large {
            row.flag = MeasureFlag::Disparity;
        } else if is_sure {
            row.note = Some(words::below_threshold(row.note.take(), own, row.quantity));
        }
        row
    });
    finished.collect()
}

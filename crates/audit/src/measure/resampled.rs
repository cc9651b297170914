//! Comparisons and figures whose interval is found by resampling.

use super::cells::{Counted, Counts, count};
use super::query::side_of;
use super::row::{Draft, Estimate, Rows, draft, finish};
use super::words::{self, Drawn, Method, ResampledMethod};
use super::{Comparison, ConcentrationSpec, MeasureSpec, ResampledQuantity};
use crate::AuditError;
use crate::summary::{Bilingual, FigureRow, MeasureRow};
use datafusion::prelude::SessionContext;
use gongdao_stats::{
    Atom, LEAST_UNITS, NotResampled, Plan, Resampled, minimal_detectable_from_error, resampled_difference,
    resampled_quantity, seed_of,
};
use std::collections::{BTreeMap, BTreeSet};

/// Compare a quantity: per place a crude row and, with confounders, a pooled one.
pub(super) async fn differences(
    context: &SessionContext,
    spec: &MeasureSpec,
    own: &Comparison,
    quantity: &ResampledQuantity,
) -> Result<Vec<MeasureRow>, AuditError> {
    let counted = Counted {
        quantity,
        column: &own.outcome,
        side: &side_of(own),
        strata: own.confounders.iter().map(|confounder| confounder.column.as_str()).collect(),
        cluster: own.cluster.as_deref(),
    };
    let mut drafts = Vec::new();
    for (place, counts) in count(context, spec, &counted).await? {
        drafts.push(crude(spec, own, quantity, &place, &counts));
        if !own.confounders.is_empty() {
            drafts.push(pooled(spec, own, quantity, &place, &counts));
        }
    }
    Ok(finish(own, drafts))
}

fn crude(
    spec: &MeasureSpec,
    own: &Comparison,
    quantity: &ResampledQuantity,
    place: &[String],
    counts: &Counts,
) -> Draft {
    let atoms: Vec<Atom> = counts.atoms.iter().map(|atom| Atom { stratum: 0, ..*atom }).collect();
    let rows = rows(&atoms, counts.missing, None);
    draft(spec, own, place, &rows, &estimate(spec, own, quantity, place, (&atoms, &rows, false)))
}

fn pooled(
    spec: &MeasureSpec,
    own: &Comparison,
    quantity: &ResampledQuantity,
    place: &[String],
    counts: &Counts,
) -> Draft {
    let kept = comparable(own, counts);
    let thin = words::fewer_than(LEAST_UNITS, own);
    let mut rows = rows(&kept, counts.missing, Some(thin));
    rows.left_out = counts.atoms.iter().map(|atom| atom.count).sum::<u64>().saturating_sub(rows.a + rows.b);
    draft(spec, own, place, &rows, &estimate(spec, own, quantity, place, (&kept, &rows, true)))
}

fn rows(atoms: &[Atom], missing: u64, thin: Option<Bilingual>) -> Rows {
    let side = |in_group: bool| atoms.iter().filter(|atom| atom.in_group == in_group).map(|atom| atom.count).sum();
    Rows { a: side(true), b: side(false), missing, left_out: 0, thin }
}

/// The atoms of strata with both groups and enough units on both sides to draw from; where no stratum has them, of all strata with
/// both groups: the difference then stands without a test.
fn comparable(own: &Comparison, counts: &Counts) -> Vec<Atom> {
    let mut units: BTreeMap<usize, [(u64, BTreeSet<usize>); 2]> = BTreeMap::new();
    for atom in &counts.atoms {
        let [a, b] = units.entry(atom.stratum).or_default();
        let (rows, clusters) = if atom.in_group { a } else { b };
        *rows += atom.count;
        clusters.insert(atom.cluster);
    }
    let holds = |stratum: usize, least: u64| {
        let known = counts.strata.get(stratum) == Some(&true);
        let enough = |(rows, clusters): &(u64, BTreeSet<usize>)| {
            (if own.cluster.is_some() { clusters.len() as u64 } else { *rows }) >= least
        };
        known && units.get(&stratum).is_some_and(|sides| sides.iter().all(enough))
    };
    let least = if units.keys().any(|stratum| holds(*stratum, LEAST_UNITS)) { LEAST_UNITS } else { 1 };
    counts.atoms.iter().filter(|atom| holds(atom.stratum, least)).copied().collect()
}

fn estimate(
    spec: &MeasureSpec,
    own: &Comparison,
    quantity: &ResampledQuantity,
    place: &[String],
    (atoms, rows, is_pooled): (&[Atom], &Rows, bool),
) -> Estimate {
    // What is withheld need not be found.
    let withheld = rows.a < spec.min_cell || rows.b < spec.min_cell;
    let clustered = own.cluster.is_some();
    let seed = seed_of(seed_words(spec, if is_pooled { "pooled" } else { "crude" }, place));
    let plan = Plan::new(seed, atoms, clustered);
    let found = if withheld { None } else { resampled_difference(quantity.statistic(), atoms, clustered, plan) };
    let sure = found.and_then(|found| found.found.ok());
    let rates = (found.map(|found| found.group), found.map(|found| found.reference));
    let method = ResampledMethod {
        statistic: quantity.statistic(),
        strata: is_pooled.then_some(found.map_or(0, |found| found.strata)),
        clustered,
        found: found.map_or(Err(NotResampled::Undefined), |found| found.found).map(|(resampled, tested)| Drawn {
            relabelled: tested.permutation.map(|_| tested.relabelled),
            ..drawn(&resampled)
        }),
    };
    Estimate {
        method: Method::Resampled(method),
        rates,
        difference: found.map(|found| found.difference()),
        interval: sure.map(|(resampled, _)| resampled.interval),
        ratio: rates.0.zip(rates.1).filter(|(_, b)| *b != 0.0).map(|(a, b)| (a / b, None)),
        p: sure.map(|(_, tested)| tested.p()),
        least_seen: sure
            .and_then(|(resampled, _)| minimal_detectable_from_error(resampled.error, Some(resampled.freedom))),
    }
}

fn drawn(resampled: &Resampled) -> Drawn {
    Drawn { scheme: resampled.scheme, draws: resampled.draws, units: resampled.units, relabelled: None }
}

/// The measure's id, which row it is, and the place: each row has its own sequence, whatever rows stand beside it.
fn seed_words<'a>(spec: &'a MeasureSpec, row: &'a str, place: &'a [String]) -> impl Iterator<Item = &'a str> {
    [spec.id.as_str(), row].into_iter().chain(place.iter().map(String::as_str))
}

/// The Gini coefficient of one number: one row a place.
pub(super) async fn concentrations(
    context: &SessionContext,
    spec: &MeasureSpec,
    own: &ConcentrationSpec,
) -> Result<Vec<FigureRow>, AuditError> {
    let quantity = ResampledQuantity::Gini;
    let counted = Counted {
        quantity: &quantity,
        column: &own.column,
        side: "'a'",
        strata: Vec::new(),
        cluster: own.cluster.as_deref(),
    };
    let rows = count(context, spec, &counted).await?.into_iter();
    Ok(rows.map(|(place, counts)| concentration(spec, own, &place, &counts)).collect())
}

fn concentration(spec: &MeasureSpec, own: &ConcentrationSpec, place: &[String], counts: &Counts) -> FigureRow {
    let statistic = ResampledQuantity::Gini.statistic();
    let n = counts.atoms.iter().map(|atom| atom.count).sum();
    let suppressed = n < spec.min_cell;
    let unit = own.cluster.as_ref().map(|_| own.cluster_words().unwrap_or_else(words::any_cluster));
    let plan = Plan::new(seed_of(seed_words(spec, "figure", place)), &counts.atoms, unit.is_some());
    let found = if suppressed { None } else { resampled_quantity(statistic, &counts.atoms, unit.is_some(), plan) };
    let sure = found.and_then(|(_, found)| found.ok());
    let method = match found {
        _ if suppressed => words::withheld(),
        Some((_, found)) => words::single(statistic, found.map(|found| drawn(&found)), unit.as_ref()),
        None => words::single(statistic, Err(NotResampled::Undefined), unit.as_ref()),
    };
    let name = words::quantity(statistic);
    FigureRow {
        measure: spec.id.clone(),
        provision: spec.provision.clone(),
        title: spec.title.clone(),
        cell: spec.within.iter().cloned().zip(place.iter().cloned()).collect(),
        label: Bilingual::new(format!("{}：{}", own.zh, name.zh), format!("{}: {}", own.en, name.en)),
        value: found.map(|(value, _)| value),
        low: sure.map(|found| found.interval.low),
        high: sure.map(|found| found.interval.high),
        unit: "gini".to_owned(),
        n,
        suppressed,
        note: spec.note.clone(),
        method: Some(words::with_missing(method, counts.missing)),
    }
}

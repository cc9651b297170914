use super::counts::{Counts, Summed};
use super::random::Random;
use super::sample::{Sample, Standing, Stratum, weighed};
use super::{DRAWN_ROWS, Plan, Scheme};
use crate::real;
use foldhash::fast::FixedState;
use std::collections::{BTreeMap, HashSet};

/// Differences that equal the seen one up to rounding count as equally large.
const ROUNDING: f64 = 1e-12;
/// Tells the relabellings' sequence from the resamples'.
const OWN_SEQUENCE: u64 = 0x7065_726d_7574_6521;

/// The p-value of a difference under relabelling. None where labels cannot be permuted: a cluster holds both groups, or no
/// stratum has clusters of both.
pub(super) fn permute(sample: &Sample, difference: f64, plan: Plan) -> Option<(f64, Scheme)> {
    let mut relabelling = Relabelling::new(sample)?;
    let mut random = Random::new(plan.seed ^ OWN_SEQUENCE);
    // How many rows of each atom are called the group's.
    let mut group: Vec<Vec<u64>> = sample.strata.iter().map(|stratum| vec![0; stratum.atoms.len()]).collect();
    let least = difference.abs() * (1.0 - ROUNDING);
    let mut as_large = 0_u32;
    for _ in 0..plan.draws {
        relabelling.draw(sample, &mut random, &mut group);
        // A relabelling without such a quantity counts against the difference.
        as_large += u32::from(relabelled(sample, &group).is_none_or(|found| found.abs() >= least));
    }
    Some((f64::from(1 + as_large) / f64::from(1 + plan.draws), relabelling.scheme()))
}

fn relabelled(sample: &Sample, group: &[Vec<u64>]) -> Option<f64> {
    sample.strata.iter().zip(group).try_fold(0.0, |sum, (stratum, group)| {
        let rows = stratum.atoms.iter().zip(group);
        let own = sample.statistic.of(rows.clone().map(|(atom, own)| weighed(atom, *own)))?;
        let other = sample.statistic.of(rows.map(|(atom, own)| weighed(atom, atom.count.saturating_sub(*own))))?;
        Some(sum + stratum.part * (own - other))
    })
}

enum Relabelling {
    Rows(Vec<RowLabels>),
    /// Classes of clusters with their labels, and each cluster's label.
    Clusters(Vec<(Vec<usize>, Vec<bool>)>, Vec<bool>),
}

/// How the rows of one stratum are given to the sides.
enum RowLabels {
    /// So many rows of the smaller side, drawn without replacement; `ends` are the running counts of the atoms.
    Drawn { ends: Vec<u64>, rows: u64, is_group: bool },
    /// Each row is the group's with the same chance: a binomial count of each atom.
    Counts(Summed),
}

impl Relabelling {
    fn new(sample: &Sample) -> Option<Self> {
        if !sample.clustered {
            return Some(Self::Rows(sample.strata.iter().map(RowLabels::new).collect()));
        }
        let standings = sample.standings();
        if standings.iter().flatten().any(|standing| standing.group && standing.reference) {
            return None;
        }
        let mut classes: BTreeMap<Option<usize>, (Vec<usize>, Vec<bool>)> = BTreeMap::new();
        for (cluster, standing) in standings.iter().enumerate() {
            let Some(Standing { stratum, group, .. }) = standing else { continue };
            let (clusters, labels) = classes.entry(*stratum).or_default();
            clusters.push(cluster);
            labels.push(*group);
        }
        let classes: Vec<_> = classes.into_values().collect();
        let is_mixed = |labels: &[bool]| labels.contains(&true) && labels.contains(&false);
        let labels = standings.iter().map(|standing| standing.is_some_and(|standing| standing.group)).collect();
        classes.iter().any(|(_, labels)| is_mixed(labels)).then_some(Self::Clusters(classes, labels))
    }

    fn scheme(&self) -> Scheme {
        match self {
            Self::Clusters(..) => Scheme::Clusters,
            Self::Rows(strata) if strata.iter().any(|labels| matches!(labels, RowLabels::Counts(..))) => Scheme::Counts,
            Self::Rows(_) => Scheme::Rows,
        }
    }

    fn draw(&mut self, sample: &Sample, random: &mut Random, group: &mut [Vec<u64>]) {
        match self {
            Self::Rows(strata) => {
                for ((labels, stratum), group) in strata.iter().zip(&sample.strata).zip(group) {
                    labels.draw(stratum, random, group);
                }
            }
            Self::Clusters(classes, labels) => {
                for (clusters, own) in classes {
                    shuffle(own, random);
                    for (cluster, label) in clusters.iter().zip(own) {
                        if let Some(slot) = labels.get_mut(*cluster) {
                            *slot = *label;
                        }
                    }
                }
                for (stratum, group) in sample.strata.iter().zip(group) {
                    for (atom, own) in stratum.atoms.iter().zip(group) {
                        *own = if labels.get(atom.cluster) == Some(&true) { atom.count } else { 0 };
                    }
                }
            }
        }
    }
}

/// Fisher and Yates.
fn shuffle(labels: &mut [bool], random: &mut Random) {
    for last in (1..labels.len()).rev() {
        let place = usize::try_from(random.below(last as u64 + 1)).unwrap_or(last);
        labels.swap(last, place);
    }
}

impl RowLabels {
    fn new(stratum: &Stratum) -> Self {
        let (own, other) = (stratum.rows(true), stratum.rows(false));
        if own.min(other) <= DRAWN_ROWS {
            let ends = stratum.atoms.iter().scan(0, |sum, atom| {
                *sum += atom.count;
                Some(*sum)
            });
            return Self::Drawn { ends: ends.collect(), rows: own.min(other), is_group: own <= other };
        }
        let rate = real(own) / real(own + other);
        Self::Counts(Summed::new(stratum.atoms.iter().map(|atom| atom.count), |count| Counts::binomial(count, rate)))
    }

    fn draw(&self, stratum: &Stratum, random: &mut Random, group: &mut [u64]) {
        match self {
            Self::Drawn { ends, rows, is_group } => {
                group.fill(0);
                for row in without_replacement(*rows, ends.last().copied().unwrap_or(0), random) {
                    if let Some(slot) = group.get_mut(ends.partition_point(|end| *end <= row)) {
                        *slot += 1;
                    }
                }
                if !is_group {
                    let rest = group.iter_mut().zip(&stratum.atoms);
                    rest.for_each(|(own, atom)| *own = atom.count.saturating_sub(*own));
                }
            }
            Self::Counts(counts) => {
                for (own, atom) in group.iter_mut().zip(&stratum.atoms) {
                    *own = counts.draw(atom.count, random);
                }
            }
        }
    }
}

/// So many different numbers below `all`, each set equally likely (Floyd; Bentley and Floyd 1987, CACM 30:754).
fn without_replacement(rows: u64, all: u64, random: &mut Random) -> HashSet<u64, FixedState> {
    let mut taken = HashSet::with_hasher(FixedState::default());
    for last in all.saturating_sub(rows)..all {
        let row = random.below(last + 1);
        if !taken.insert(row) {
            taken.insert(last);
        }
    }
    taken
}

use super::{Interval, Share, StratumTable, real, student_t_quantile_975, student_t_two_sided};
use std::collections::BTreeMap;

/// One group's rows inside one cluster and one stratum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterCell {
    /// Number of the cluster (a block group, a person): rows in it are not independent.
    pub cluster: usize,
    /// Number of the stratum; 0 without stratification.
    pub stratum: usize,
    /// Whether these are rows of the group compared (else of its reference).
    pub in_group: bool,
    /// What was seen.
    pub share: Share,
}

/// A difference of rates whose error counts clusters, not rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClusteredDifference {
    /// Difference of rates, group less reference.
    pub difference: f64,
    /// 95 % interval from Student's t.
    pub interval: Interval,
    /// Standard error.
    pub error: f64,
    /// Two-sided p-value.
    pub p: f64,
    /// Clusters that took part.
    pub clusters: usize,
}

/// Difference of two rates with a cluster-robust error: each rate is a ratio of sums over clusters, its variance by
/// linearisation (Cochran, Sampling Techniques, 3rd ed., §§ 3.12 and 11), Student's t with clusters − 2 degrees of freedom.
/// None below two clusters a group.
pub fn clustered_difference(cells: &[ClusterCell]) -> Option<ClusteredDifference> {
    let flat: Vec<ClusterCell> = cells.iter().map(|cell| ClusterCell { stratum: 0, ..*cell }).collect();
    clustered_stratified_difference(&flat)
}

/// Mantel–Haenszel difference with a cluster-robust error: weights taken as fixed, each cluster's linearised share of the
/// estimate squared and summed, times m / (m − 1). Clusters may hold both groups and several strata. Strata with one group
/// alone are left out. None below two clusters a group, or where nothing varies.
pub fn clustered_stratified_difference(cells: &[ClusterCell]) -> Option<ClusteredDifference> {
    let tables = tables_of(cells);
    let weight = |table: &StratumTable| {
        let (own, other) = (real(table.group.total), real(table.reference.total));
        own * other / (own + other)
    };
    let usable: BTreeMap<usize, StratumTable> = tables.into_iter().filter(|(_, table)| table.is_comparable()).collect();
    let weights: f64 = usable.values().map(weight).sum();
    let mut difference = 0.0;
    let mut parts: BTreeMap<(usize, bool), f64> = BTreeMap::new();
    for table in usable.values() {
        difference += weight(table) * (table.group.rate()? - table.reference.rate()?) / weights;
    }
    for cell in cells {
        let Some(table) = usable.get(&cell.stratum) else { continue };
        let (all, sign) = if cell.in_group { (table.group, 1.0) } else { (table.reference, -1.0) };
        let residual = real(cell.share.events) - all.rate()? * real(cell.share.total);
        *parts.entry((cell.cluster, cell.in_group)).or_default() +=
            sign * weight(table) / weights * residual / real(all.total);
    }
    let of_group = parts.keys().filter(|(_, in_group)| *in_group).count();
    let of_reference = parts.len() - of_group;
    if of_group < 2 || of_reference < 2 {
        return None;
    }
    let mut sums: BTreeMap<usize, f64> = BTreeMap::new();
    for ((cluster, _), part) in parts {
        *sums.entry(cluster).or_default() += part;
    }
    let clusters = sums.len();
    let count = real(clusters as u64);
    let square: f64 = sums.values().map(|part| part * part).sum::<f64>() * count / (count - 1.0);
    if square <= 0.0 || clusters < 3 {
        return None;
    }
    let error = square.sqrt();
    let freedom = count - 2.0;
    Some(ClusteredDifference {
        difference,
        interval: Interval::around(difference, student_t_quantile_975(freedom) * error),
        error,
        p: student_t_two_sided(difference / error, freedom),
        clusters,
    })
}

fn tables_of(cells: &[ClusterCell]) -> BTreeMap<usize, StratumTable> {
    let mut tables: BTreeMap<usize, StratumTable> = BTreeMap::new();
    for cell in cells {
        let table = tables.entry(cell.stratum).or_default();
        let side = if cell.in_group { &mut table.group } else { &mut table.reference };
        side.events += cell.share.events;
        side.total += cell.share.total;
    }
    tables
}

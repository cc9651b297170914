use super::statistic::{Statistic, Weighed};
use crate::real;
use std::collections::{BTreeMap, BTreeSet};

/// Rows with the same number, side and stratum, and in the same cluster if there are clusters. For a mean or a ratio the rows of a
/// cluster can be put together: `number` and `base` are then their means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atom {
    /// Number of the cluster; not looked at without clusters.
    pub cluster: usize,
    /// Number of the stratum; 0 without stratification.
    pub stratum: usize,
    /// Whether these are rows of the group compared (else of its reference).
    pub in_group: bool,
    /// The number.
    pub number: f64,
    /// What a ratio divides by, 0 or more; 1 for the other quantities.
    pub base: f64,
    /// How many rows.
    pub count: u64,
}

/// Rows in the order of their numbers, by stratum.
#[derive(Debug)]
pub(super) struct Sample {
    pub statistic: Statistic,
    pub clustered: bool,
    /// The sides that there are: both, or the group alone.
    pub sides: &'static [bool],
    pub strata: Vec<Stratum>,
    /// Clusters; 0 without.
    pub clusters: usize,
}

#[derive(Debug)]
pub(super) struct Stratum {
    pub atoms: Vec<Atom>,
    /// Its part of the whole difference.
    pub part: f64,
}

impl Stratum {
    pub(super) fn side(&self, in_group: bool) -> impl Iterator<Item = &Atom> + Clone {
        self.atoms.iter().filter(move |atom| atom.in_group == in_group)
    }

    pub(super) fn rows(&self, in_group: bool) -> u64 {
        self.side(in_group).map(|atom| atom.count).sum()
    }

    fn base(&self, in_group: bool) -> f64 {
        self.side(in_group).map(|atom| real(atom.count) * atom.base).sum()
    }
}

impl Sample {
    /// None where a side of all strata is empty; strata with an empty side are left out.
    pub(super) fn new(statistic: Statistic, atoms: &[Atom], clustered: bool, sides: &'static [bool]) -> Option<Self> {
        let mut groups: BTreeMap<usize, Vec<Atom>> = BTreeMap::new();
        for atom in atoms.iter().filter(|atom| atom.count > 0) {
            groups.entry(atom.stratum).or_default().push(*atom);
        }
        let mut strata = Vec::new();
        for mut atoms in groups.into_values() {
            // Equal numbers in a fixed order too: sums depend on it.
            atoms.sort_by(|one, other| {
                let order = one.number.total_cmp(&other.number).then(one.base.total_cmp(&other.base));
                order
                    .then(one.in_group.cmp(&other.in_group))
                    .then(one.cluster.cmp(&other.cluster))
                    .then(one.count.cmp(&other.count))
            });
            let mut stratum = Stratum { atoms, part: 1.0 };
            let bases = sides.iter().map(|side| stratum.base(*side));
            if bases.clone().all(|base| base > 0.0) {
                // One over the sum of the reciprocals: of two sides their product over their sum.
                stratum.part = 1.0 / bases.map(|base| 1.0 / base).sum::<f64>();
                strata.push(stratum);
            }
        }
        let whole: f64 = strata.iter().map(|stratum| stratum.part).sum();
        for stratum in &mut strata {
            stratum.part /= whole;
        }
        let numbers = strata.iter().flat_map(|stratum| &stratum.atoms).map(|atom| atom.cluster + 1);
        let clusters = if clustered { numbers.max().unwrap_or(0) } else { 0 };
        (!strata.is_empty()).then_some(Self { statistic, clustered, sides, strata, clusters })
    }

    /// The quantity on one side, averaged over the strata.
    pub(super) fn seen(&self, in_group: bool) -> Option<f64> {
        self.strata.iter().try_fold(0.0, |sum, stratum| {
            let rows = stratum.side(in_group).map(|atom| weighed(atom, atom.count));
            Some(sum + stratum.part * self.statistic.of(rows)?)
        })
    }

    /// Rows, or clusters where there are some.
    pub(super) fn units(&self) -> u64 {
        let atoms = self.strata.iter().flat_map(|stratum| &stratum.atoms);
        if self.clustered {
            atoms.map(|atom| atom.cluster).collect::<BTreeSet<_>>().len() as u64
        } else {
            atoms.map(|atom| atom.count).sum()
        }
    }

    /// How many units a side of a stratum has, and how many equally large ones would vary as much.
    pub(super) fn units_of(&self, stratum: &Stratum, in_group: bool) -> (u64, f64) {
        let whole = stratum.base(in_group);
        if !self.clustered {
            let squares: f64 = stratum.side(in_group).map(|atom| real(atom.count) * atom.base * atom.base).sum();
            return (stratum.rows(in_group), whole * whole / squares);
        }
        let mut clusters: BTreeMap<usize, f64> = BTreeMap::new();
        for atom in stratum.side(in_group) {
            *clusters.entry(atom.cluster).or_default() += real(atom.count) * atom.base;
        }
        let squares: f64 = clusters.values().map(|base| base * base).sum();
        (clusters.len() as u64, whole * whole / squares)
    }

    /// Where each cluster stands: its one stratum (none where it is in several), and whether it has rows of the group and of the
    /// reference. None for a number that no cluster has.
    pub(super) fn standings(&self) -> Vec<Option<Standing>> {
        let mut standings: Vec<Option<Standing>> = vec![None; self.clusters];
        for (place, stratum) in self.strata.iter().enumerate() {
            for atom in &stratum.atoms {
                let Some(slot) = standings.get_mut(atom.cluster) else { continue };
                let standing = slot.get_or_insert(Standing { stratum: Some(place), group: false, reference: false });
                standing.stratum = standing.stratum.filter(|own| *own == place);
                standing.group |= atom.in_group;
                standing.reference |= !atom.in_group;
            }
        }
        standings
    }
}

/// Where a cluster stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Standing {
    pub stratum: Option<usize>,
    pub group: bool,
    pub reference: bool,
}

pub(super) fn weighed(atom: &Atom, weight: u64) -> Weighed {
    Weighed { number: atom.number, base: atom.base, weight }
}

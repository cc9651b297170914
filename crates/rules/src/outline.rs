//! What follows from outcomes, in numbers: worked out once a list of versions as far as it does not depend on the outcomes.
//! Whoever writes many decisions down needs no sentence about each.

use crate::evaluation::{is_kept, readings_of};
use crate::{RuleKind, RuleSet, RuleVersion};
use gongdao_model::{FactPath, Outcome, ProvisionId, Standing};
use std::collections::{BTreeMap, BTreeSet};

/// What a list of rule versions comes to, by their outcomes; the same as [`crate::appraisal`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outliner {
    provisions: Vec<Provision>,
    demands: Vec<Demand>,
}

/// What follows from the outcomes of one decision. Rules and provisions are given by their positions among the versions and
/// in the order of the appraisal.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(clippy::struct_excessive_bools, reason = "those of the appraisal")]
pub struct Outline {
    /// Some provision is violated under every reading.
    pub violated: bool,
    /// Some provision depends on the reading.
    pub disputed: bool,
    /// Some provision cannot be judged.
    pub undetermined: bool,
    /// No rule in force speaks about it.
    pub silent: bool,
    /// The outcome under each reading, provision by provision; one where the text is not open.
    pub by_reading: Vec<Outcome>,
    /// Provisions on which the readings disagree, ascending.
    pub disagree: Vec<usize>,
    /// Demands that a legal basis meets, ascending.
    pub supported: Vec<Supported>,
    /// Provisions whose law was checked less far than their own rules say, because of what meets a demand, ascending.
    pub standings: Vec<(usize, Standing)>,
}

/// A demand that is met, by its position, with what it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supported {
    /// The demand.
    pub position: usize,
    /// How far its law and that of its basis were checked.
    pub standing: Standing,
    /// Facts that are only the operator's claim, its own and those of its basis, ascending.
    pub asserted: Vec<FactPath>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Provision {
    only_bases: bool,
    /// One where the text is not open.
    readings: usize,
    members: Vec<Member>,
    /// How far its rules were checked, whatever meets a demand.
    standing: Standing,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    position: usize,
    is_basis: bool,
    /// By reading, whether the version follows it.
    follows: Box<[bool]>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Demand {
    position: usize,
    standing: Standing,
    asserted: Vec<FactPath>,
    /// What can meet it.
    bases: Vec<Basis>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Basis {
    position: usize,
    /// How far it was checked; a text that does not bind counts as unverified.
    standing: Standing,
    asserted: Vec<FactPath>,
}

const BREACH_FIRST: [Outcome; 3] = [Outcome::Violated, Outcome::Undetermined, Outcome::Satisfied];
const BASIS_FIRST: [Outcome; 2] = [Outcome::Established, Outcome::Undetermined];

impl Outliner {
    /// For versions by their indexes.
    pub fn new(rules: &RuleSet, versions: &[usize]) -> Self {
        let found = versions.iter().enumerate();
        let own: Vec<(usize, &RuleVersion)> =
            found.filter_map(|(at, index)| Some((at, rules.versions.get(*index)?))).collect();
        let mut groups: BTreeMap<&ProvisionId, Vec<(usize, &RuleVersion)>> = BTreeMap::new();
        for (position, version) in &own {
            groups.entry(&version.provision).or_default().push((*position, version));
        }
        let provisions = groups.into_iter().map(|(provision, group)| Provision::new(rules, provision, &group));
        let demands = own.iter().filter_map(|(position, version)| Demand::new(*position, version, &own));
        Self { provisions: provisions.collect(), demands: demands.collect() }
    }

    /// What follows from outcomes, which stand in the order of the versions; one that is left out does not apply.
    pub fn outline(&self, outcomes: &[Outcome]) -> Outline {
        let supported = self.demands.iter().filter(|demand| at(outcomes, demand.position) == Outcome::Satisfied);
        let supported = supported.filter_map(|demand| demand.supported(outcomes)).collect();
        let mut outline = Outline { silent: true, supported, ..Outline::default() };
        for (position, provision) in self.provisions.iter().enumerate() {
            provision.outline(position, outcomes, &mut outline);
        }
        outline
    }
}

fn at(outcomes: &[Outcome], position: usize) -> Outcome {
    outcomes.get(position).copied().unwrap_or(Outcome::NotApplicable)
}

impl Provision {
    fn new(rules: &RuleSet, provision: &ProvisionId, group: &[(usize, &RuleVersion)]) -> Self {
        let readings = readings_of(provision, group.iter().map(|(_, version)| *version), rules);
        let member = |(position, version): &(usize, &RuleVersion)| Member {
            position: *position,
            is_basis: version.is_basis(),
            follows: version.follows(&readings),
        };
        Self {
            only_bases: group.iter().all(|(_, version)| version.is_basis()),
            readings: readings.len().max(1),
            members: group.iter().map(member).collect(),
            standing: group.iter().map(|(_, version)| version.standing).max().unwrap_or(Standing::Verified),
        }
    }

    fn outline(&self, position: usize, outcomes: &[Outcome], outline: &mut Outline) {
        let from = outline.by_reading.len();
        outline.by_reading.extend((0..self.readings).map(|reading| self.under(reading, outcomes)));
        let by_reading = outline.by_reading.get(from..).unwrap_or_default();
        let first = by_reading.first().copied().unwrap_or(Outcome::NotApplicable);
        let differs = by_reading.iter().any(|outcome| *outcome != first);
        let disputed = differs && !by_reading.iter().all(|outcome| is_kept(*outcome));
        if let Some(standing) = self.supported(outcomes, by_reading, &outline.supported) {
            outline.standings.push((position, standing));
        }
        if disputed {
            outline.disagree.push(position);
        }
        if !self.only_bases {
            outline.silent = false;
            outline.disputed |= disputed;
            outline.violated |= !disputed && first == Outcome::Violated;
            outline.undetermined |= !disputed && first == Outcome::Undetermined;
        }
    }

    /// The outcome under one reading: violated before undetermined before satisfied. Legal bases count only where there is
    /// nothing else, and there one that holds is enough.
    fn under(&self, reading: usize, outcomes: &[Outcome]) -> Outcome {
        let (order, otherwise): (&[Outcome], Outcome) = if self.only_bases {
            (&BASIS_FIRST, Outcome::NotEstablished)
        } else {
            (&BREACH_FIRST, Outcome::NotApplicable)
        };
        let counts = |member: &&Member| member.is_basis == self.only_bases && member.follows(reading);
        let places = self.members.iter().filter(counts);
        let places = places.filter_map(|member| order.iter().position(|known| *known == at(outcomes, member.position)));
        places.min().and_then(|place| order.get(place)).copied().unwrap_or(otherwise)
    }

    /// How far its law was checked where a demand that decides it rests on law that was checked less far; else none.
    fn supported(&self, outcomes: &[Outcome], by_reading: &[Outcome], supported: &[Supported]) -> Option<Standing> {
        if supported.is_empty() {
            return None;
        }
        let decides = |member: &Member| {
            let own = at(outcomes, member.position);
            by_reading.iter().enumerate().any(|(reading, outcome)| member.follows(reading) && *outcome == own)
        };
        let standing = |member: &Member| {
            let found = supported.binary_search_by_key(&member.position, |supported| supported.position).ok()?;
            supported.get(found).filter(|_| decides(member)).map(|supported| supported.standing)
        };
        self.members.iter().filter_map(standing).max().filter(|standing| *standing > self.standing)
    }
}

impl Member {
    fn follows(&self, reading: usize) -> bool {
        self.follows.get(reading) == Some(&true)
    }
}

impl Demand {
    fn new(position: usize, version: &RuleVersion, all: &[(usize, &RuleVersion)]) -> Option<Self> {
        let RuleKind::Demand { .. } = &version.kind else { return None };
        let bases = all.iter().filter(|(_, other)| other.meets(version)).map(|(position, other)| Basis {
            position: *position,
            standing: other.standing_as_basis(),
            asserted: other.asserted.clone(),
        });
        Some(Self { position, standing: version.standing, asserted: version.asserted.clone(), bases: bases.collect() })
    }

    /// What it rests on where it is met: the best-read of the bases that hold; among equals one without the operator's
    /// claims, else the claims of them all.
    fn supported(&self, outcomes: &[Outcome]) -> Option<Supported> {
        let holds = || self.bases.iter().filter(|basis| at(outcomes, basis.position) == Outcome::Established);
        let standing = holds().map(|basis| basis.standing).min()?;
        let best = || holds().filter(|basis| basis.standing == standing);
        let mut asserted: BTreeSet<&FactPath> = self.asserted.iter().collect();
        if best().all(|basis| !basis.asserted.is_empty()) {
            asserted.extend(best().flat_map(|basis| &basis.asserted));
        }
        Some(Supported {
            position: self.position,
            standing: self.standing.max(standing),
            asserted: asserted.into_iter().cloned().collect(),
        })
    }
}

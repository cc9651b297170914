//! What binding law asks for, without the verdicts that explain it: worked out once a list of versions as far as it does
//! not depend on the outcomes, so that the rest takes a tenth of a microsecond.

use crate::evaluation::{is_kept, readings_of};
use crate::{Asked, RuleSet, RuleVersion};
use gongdao_model::{Effect, Outcome, ProvisionId};
use std::collections::BTreeMap;

/// What a list of rule versions asks for, by their outcomes; the same as [`crate::appraisal`] says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    provisions: Vec<Provision>,
}

/// A provision that has more than legal bases; one that has nothing else asks for nothing itself.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Provision {
    /// One where the text is not open.
    readings: usize,
    members: Vec<Member>,
}

/// A rule version that is no legal basis.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Member {
    /// Among the versions.
    position: usize,
    /// By reading, whether the version follows it.
    follows: Box<[bool]>,
    effect: Option<Effect>,
    /// Whether it can ask for something where verified law alone counts, and where provisional law counts too.
    counts: [bool; 2],
}

impl Asking {
    /// For versions by their indexes.
    pub fn new(rules: &RuleSet, versions: &[usize]) -> Self {
        let mut groups: BTreeMap<&ProvisionId, Vec<(usize, &RuleVersion)>> = BTreeMap::new();
        let found = versions.iter().enumerate();
        for (position, version) in found.filter_map(|(at, index)| Some((at, rules.versions.get(*index)?))) {
            groups.entry(&version.provision).or_default().push((position, version));
        }
        groups.retain(|_, group| !group.iter().all(|(_, version)| version.is_basis()));
        let provision = |(provision, group): (&ProvisionId, Vec<(usize, &RuleVersion)>)| {
            let readings = readings_of(provision, group.iter().map(|(_, version)| *version), rules);
            let own = group.iter().filter(|(_, version)| !version.is_basis());
            let member = |(position, version): &(usize, &RuleVersion)| Member {
                position: *position,
                follows: version.follows(&readings),
                effect: version.effect,
                counts: [version.binding && !version.standing.is_provisional(), version.binding],
            };
            Provision { readings: readings.len().max(1), members: own.map(member).collect() }
        };
        Self { provisions: groups.into_iter().map(provision).collect() }
    }

    /// What verified law asks for, and what it would ask for with unverified and draft law counted as if it were verified.
    /// The outcomes stand in the order of the versions; one that is left out does not apply.
    pub fn asked(&self, outcomes: &[Outcome]) -> [Asked; 2] {
        let mut asked = [Asked::NOTHING; 2];
        for provision in &self.provisions {
            if !provision.can_ask(outcomes) {
                continue;
            }
            let may_differ = provision.may_differ(outcomes);
            for (counting, all) in asked.iter_mut().enumerate() {
                *all = all.with(provision.asked(outcomes, counting, may_differ));
            }
        }
        asked
    }
}

impl Provision {
    /// Only what is violated or open asks for anything.
    fn can_ask(&self, outcomes: &[Outcome]) -> bool {
        let asks = |outcome| matches!(outcome, Outcome::Violated | Outcome::Undetermined);
        self.members.iter().any(|member| member.effect.is_some() && asks(member.outcome(outcomes)))
    }

    /// Whether the readings dispute, or may come to once what is unknown is known.
    fn may_differ(&self, outcomes: &[Outcome]) -> bool {
        if self.readings == 1 {
            return false;
        }
        let under = |reading: usize| {
            let own = self.members.iter().filter(move |member| member.follows(reading));
            own.map(|member| member.outcome(outcomes)).max_by_key(|outcome| rank(*outcome))
        };
        let mut by_reading = (0..self.readings).map(|reading| under(reading).unwrap_or(Outcome::NotApplicable));
        let Some(first) = by_reading.next() else { return false };
        let (mut differs, mut kept, mut open) = (false, is_kept(first), first == Outcome::Undetermined);
        for outcome in by_reading {
            differs |= outcome != first;
            kept &= is_kept(outcome);
            open |= outcome == Outcome::Undetermined;
        }
        (differs && !kept) || open
    }

    fn asked(&self, outcomes: &[Outcome], counting: usize, may_differ: bool) -> Asked {
        let mut asked: Option<Asked> = None;
        let mut some = false;
        for reading in 0..self.readings {
            let counts = |member: &&Member| member.counts.get(counting) == Some(&true) && member.follows(reading);
            let mut under = Asked::NOTHING;
            for member in self.members.iter().filter(counts) {
                under = under.with(member.asked(outcomes));
            }
            some |= under.all > Effect::Proceed;
            asked = Some(asked.map_or(under, |least| Asked {
                all: least.all.min(under.all),
                certain: least.certain.min(under.certain),
            }));
        }
        let asked = asked.unwrap_or(Asked::NOTHING);
        if may_differ && some { Asked { all: asked.all.max(Effect::CannotTell), ..asked } } else { asked }
    }
}

impl Member {
    fn outcome(&self, outcomes: &[Outcome]) -> Outcome {
        outcomes.get(self.position).copied().unwrap_or(Outcome::NotApplicable)
    }

    fn follows(&self, reading: usize) -> bool {
        self.follows.get(reading) == Some(&true)
    }

    fn asked(&self, outcomes: &[Outcome]) -> Asked {
        let Some(effect) = self.effect else { return Asked::NOTHING };
        match self.outcome(outcomes) {
            Outcome::Violated => Asked { all: effect, certain: effect },
            Outcome::Undetermined => Asked { all: effect.min(Effect::CannotTell), certain: Effect::Proceed },
            _ => Asked::NOTHING,
        }
    }
}

/// Violated before undetermined before satisfied before not applicable.
fn rank(outcome: Outcome) -> u8 {
    match outcome {
        Outcome::Violated => 3,
        Outcome::Undetermined => 2,
        Outcome::Satisfied => 1,
        _ => 0,
    }
}

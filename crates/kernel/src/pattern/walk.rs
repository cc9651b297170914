//! Decisions with the same outcomes end in the same place: one step an outcome that is not "does not apply".

use crate::Verdicts;
use gongdao_model::Outcome;
use std::collections::{BTreeMap, HashMap};

/// Places reached so far, and the steps between them. Decisions of one scope begin at one place.
#[derive(Debug, Default)]
pub(super) struct Walk {
    starts: BTreeMap<Vec<usize>, u32>,
    steps: HashMap<(u32, u32), u32, foldhash::fast::RandomState>,
    places: Vec<Place>,
}

#[derive(Debug)]
enum Place {
    /// The versions that speak.
    Start(Vec<usize>),
    /// One more outcome than at another place.
    After(u32, usize, Outcome),
}

impl Walk {
    /// How many places there are.
    pub(super) fn len(&self) -> usize {
        self.places.len()
    }

    /// The place at which each decision of a batch ends.
    pub(super) fn ends(&mut self, verdicts: &Verdicts) -> Vec<u32> {
        let starts: Vec<u32> = verdicts.scopes.iter().map(|versions| self.start(versions)).collect();
        let start = |number: &u32| starts.get(*number as usize).copied().unwrap_or(0);
        let mut at: Vec<u32> = verdicts.scope_of.iter().map(start).collect();
        for version in &verdicts.versions {
            for (outcome, rows) in version.sets() {
                // Neighbours often come from one place.
                let mut last: Option<(u32, u32)> = None;
                for row in rows.iter() {
                    let Some(place) = at.get_mut(row) else { continue };
                    *place = match last {
                        Some((from, to)) if from == *place => to,
                        _ => {
                            let to = self.step(*place, version.version, outcome);
                            last = Some((*place, to));
                            to
                        }
                    };
                }
            }
        }
        at
    }

    /// The outcomes of decisions that end at a place, by version; what speaks and is not named does not apply.
    pub(super) fn outcomes(&self, place: u32) -> BTreeMap<usize, Outcome> {
        let mut outcomes = BTreeMap::new();
        let mut next = Some(place);
        while let Some(place) = next {
            next = match self.places.get(place as usize) {
                Some(Place::After(before, version, outcome)) => {
                    outcomes.insert(*version, *outcome);
                    Some(*before)
                }
                Some(Place::Start(versions)) => {
                    for version in versions {
                        outcomes.entry(*version).or_insert(Outcome::NotApplicable);
                    }
                    None
                }
                None => None,
            };
        }
        outcomes
    }

    fn start(&mut self, versions: &[usize]) -> u32 {
        if let Some(place) = self.starts.get(versions) {
            return *place;
        }
        let place = self.add(Place::Start(versions.to_vec()));
        self.starts.insert(versions.to_vec(), place);
        place
    }

    fn step(&mut self, from: u32, version: usize, outcome: Outcome) -> u32 {
        let code = Outcome::ALL.iter().position(|known| *known == outcome).unwrap_or(0);
        let edge = u32::try_from(version * Outcome::ALL.len() + code).unwrap_or(u32::MAX);
        if let Some(to) = self.steps.get(&(from, edge)) {
            return *to;
        }
        let to = self.add(Place::After(from, version, outcome));
        self.steps.insert((from, edge), to);
        to
    }

    /// INVARIANT: the caller begins anew long before there are four billion places.
    fn add(&mut self, place: Place) -> u32 {
        let number = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        self.places.push(place);
        number
    }
}

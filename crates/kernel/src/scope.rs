//! Which law a decision is under: its action, the period between two changes of the law, and its place.

use crate::KernelError;
use crate::bits::Bits;
use crate::cell::Cell;
use crate::judge::RowVersion;
use crate::program::Pruned;
use crate::rules::CompiledRules;
use crate::strings::Coded;
use gongdao_model::{FactPath, LegalDate, PlaceCode};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// The versions and numbers that hold for decisions of one action, period and kind of place.
#[derive(Debug)]
pub(crate) struct Law {
    pub(crate) versions: Arc<[usize]>,
    /// Slots of the facts that the versions refer to, ascending.
    pub(crate) slots: Vec<usize>,
    pub(crate) parameters: BTreeMap<FactPath, i64>,
    /// For one row at a time: the steps that the versions need, and where each version reads what they gave.
    pub(crate) pruned: Pruned,
    pub(crate) rows: Vec<RowVersion>,
    /// Positions in `versions` of each demand and of the bases that count for it, ascending.
    pub(crate) demands: Vec<(usize, Vec<usize>)>,
}

/// The decisions of a batch by the law that they are under.
pub(crate) struct Scopes {
    /// Position in `groups` for each decision.
    pub(crate) of_row: Vec<u32>,
    /// Position among the known laws, and the decisions.
    pub(crate) groups: Vec<(usize, Bits)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    action: usize,
    period: usize,
    place: usize,
}

impl Scopes {
    /// Whether a version that speaks about any of the decisions refers to the fact of each slot.
    pub(crate) fn needed(&self, finder: &Finder, slots: usize) -> Vec<bool> {
        let mut needed = vec![false; slots];
        for slot in self.groups.iter().filter_map(|(law, _)| finder.law(*law)).flat_map(|law| &law.slots) {
            if let Some(slot) = needed.get_mut(*slot) {
                *slot = true;
            }
        }
        needed
    }
}

/// Finds the law of decisions, and keeps what it found.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    actions: HashMap<String, usize, Hasher>,
    places: HashMap<String, usize, Hasher>,
    codes: HashMap<PlaceCode, usize, Hasher>,
    /// For each kind of place which of the rules' places cover it, and a place of the kind.
    kinds: Vec<(Vec<bool>, Option<PlaceCode>)>,
    keys: HashMap<Key, usize, Hasher>,
    laws: Vec<Law>,
}

type Hasher = foldhash::fast::RandomState;

/// Places that are kept by their text; beyond it the memory starts anew.
const MOST_PLACES: usize = 100_000;

impl Finder {
    /// The law at a position.
    pub(crate) fn law(&self, index: usize) -> Option<&Law> {
        self.laws.get(index)
    }

    /// The law of every decision. `at` in milliseconds; a place is none where the decision has none.
    ///
    /// Errors: an action that the vocabulary does not have.
    pub(crate) fn scopes(
        &mut self,
        rules: &CompiledRules,
        at: &[i64],
        action: &Coded<'_>,
        place: &Coded<'_>,
    ) -> Result<Scopes, KernelError> {
        let rows = at.len();
        let mut of_row = Vec::with_capacity(rows);
        let mut groups: Vec<(usize, Bits)> = Vec::new();
        let mut met = Met::new(action.texts.len(), place.texts.len(), rules.turning.len() + 1);
        let mut period = Periods::new(&rules.turning);
        for (row, at) in at.iter().enumerate() {
            let (action_code, place_code, period) = (action.code(row), place.code(row), period.of(*at));
            let number = if let Some(number) = met.group(action_code, place_code, period) {
                number
            } else {
                let (action, place) = (action.text(action_code).unwrap_or_default(), place.text(place_code));
                let (key, law) = self.find(rules, action, place, period).map_err(|error| error.at(row))?;
                let number = groups.iter().position(|(known, _)| *known == law).unwrap_or_else(|| {
                    groups.push((law, Bits::none(rows)));
                    groups.len() - 1
                });
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                met.learn(action_code, place_code, key, number);
                number
            };
            of_row.push(number);
            if let Some((_, members)) = groups.get_mut(number as usize) {
                members.add(row);
            }
        }
        Ok(Scopes { of_row, groups })
    }

    fn find(
        &mut self,
        rules: &CompiledRules,
        action: &str,
        place: Option<&str>,
        period: usize,
    ) -> Result<(Key, usize), KernelError> {
        let place_number = self.place(rules, place)?;
        self.law_of(rules, action, place_number, period)
    }

    /// The law of one decision; a place is none where the decision has none.
    ///
    /// Errors: an action that the vocabulary does not have.
    pub(crate) fn of_one(
        &mut self,
        rules: &CompiledRules,
        at: i64,
        action: &str,
        place: Option<PlaceCode>,
    ) -> Result<usize, KernelError> {
        let code = place.unwrap_or(PlaceCode::COUNTRY);
        let kind = match self.codes.get(&code) {
            Some(kind) => *kind,
            None => self.learn_code(rules, code),
        };
        let period = rules.turning.partition_point(|(from, _)| *from <= at);
        Ok(self.law_of(rules, action, kind, period)?.1)
    }

    fn law_of(
        &mut self,
        rules: &CompiledRules,
        action: &str,
        kind: usize,
        period: usize,
    ) -> Result<(Key, usize), KernelError> {
        let action_number = self.action(rules, action)?;
        let key = Key { action: action_number, period, place: kind };
        if let Some(index) = self.keys.get(&key) {
            return Ok((key, *index));
        }
        let place = self.kinds.get(kind).and_then(|(_, place)| *place);
        let (versions, parameters) = match day_of(&rules.turning, period) {
            Some(on) => (rules.rules.in_force(on, place, action), rules.rules.parameters(on, place)),
            None => (Vec::new(), BTreeMap::new()),
        };
        self.laws.push(law(rules, versions, parameters));
        self.keys.insert(key, self.laws.len() - 1);
        Ok((key, self.laws.len() - 1))
    }

    fn action(&mut self, rules: &CompiledRules, action: &str) -> Result<usize, KernelError> {
        if let Some(number) = self.actions.get(action) {
            return Ok(*number);
        }
        let known = &rules.vocabulary().actions;
        if !known.contains_key(action) {
            let known = known.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(KernelError::new(format!("`{action}` is not an action"), format!("use one of {known}")));
        }
        let number = self.actions.len();
        self.actions.insert(action.to_owned(), number);
        Ok(number)
    }

    /// The kind of place: two places are of one kind if the same of the rules' places cover them.
    fn place(&mut self, rules: &CompiledRules, place: Option<&str>) -> Result<usize, KernelError> {
        let text = place.unwrap_or("000000");
        if let Some(number) = self.places.get(text) {
            return Ok(*number);
        }
        let code: PlaceCode = text.parse().map_err(|error: gongdao_model::ModelError| {
            KernelError::new(error.message, error.hint.unwrap_or_default())
        })?;
        let number = self.kind(rules, code);
        if self.places.len() >= MOST_PLACES {
            self.places.clear();
        }
        self.places.insert(text.to_owned(), number);
        Ok(number)
    }

    fn learn_code(&mut self, rules: &CompiledRules, code: PlaceCode) -> usize {
        let kind = self.kind(rules, code);
        if self.codes.len() >= MOST_PLACES {
            self.codes.clear();
        }
        self.codes.insert(code, kind);
        kind
    }

    fn kind(&mut self, rules: &CompiledRules, code: PlaceCode) -> usize {
        let covered: Vec<bool> = rules.places.iter().map(|known| known.covers(code)).collect();
        self.kinds.iter().position(|(known, _)| *known == covered).unwrap_or_else(|| {
            self.kinds.push((covered, Some(code)));
            self.kinds.len() - 1
        })
    }
}

fn law(rules: &CompiledRules, versions: Vec<usize>, parameters: BTreeMap<FactPath, i64>) -> Law {
    let steps = || versions.iter().filter_map(|version| Some((*version, rules.steps.get(*version)?)));
    let roots = steps().flat_map(|(_, steps)| [steps.when, steps.unless]).flatten();
    let mut slots = rules.slots_of(&versions);
    let mut pruned = Pruned::new(&rules.program, roots, &mut slots);
    for (slot, cell) in slots.iter().zip(&mut pruned.template) {
        let path = rules.program.slots.get(*slot).map(|slot| &slot.path);
        if let Some(number) = path.and_then(|path| parameters.get(path)) {
            *cell = Cell::long(*number);
        }
    }
    let rows = steps().map(|(version, steps)| RowVersion::new(version, steps, |id| pruned.position(id))).collect();
    Law { demands: demands(rules, &versions), versions: versions.into(), slots, parameters, pruned, rows }
}

fn demands(rules: &CompiledRules, versions: &[usize]) -> Vec<(usize, Vec<usize>)> {
    let position = |version: &usize| versions.binary_search(version).ok();
    let bases = |version: &usize| rules.steps.get(*version)?.bases.as_ref();
    let demands = versions.iter().enumerate();
    demands.filter_map(|(at, version)| Some((at, bases(version)?.iter().filter_map(position).collect()))).collect()
}

/// What one batch has met: the group of each action, kind of place and period.
struct Met {
    actions: Vec<Option<usize>>,
    kinds: Vec<Option<usize>>,
    periods: usize,
    /// By action, kind of place and period; [`Met::NONE`] where none was met.
    groups: Vec<Vec<u32>>,
}

impl Met {
    const NONE: u32 = u32::MAX;

    fn new(actions: usize, places: usize, periods: usize) -> Self {
        Self { actions: vec![None; actions], kinds: vec![None; places], periods, groups: Vec::new() }
    }

    #[inline]
    fn group(&self, action: usize, place: usize, period: usize) -> Option<u32> {
        let (action, kind) = (*self.actions.get(action)?.as_ref()?, *self.kinds.get(place)?.as_ref()?);
        let group = self.groups.get(action)?.get(kind * self.periods + period).copied();
        group.filter(|group| *group != Self::NONE)
    }

    fn learn(&mut self, action: usize, place: usize, key: Key, group: u32) {
        for (slot, number) in [(self.actions.get_mut(action), key.action), (self.kinds.get_mut(place), key.place)] {
            if let Some(slot) = slot {
                *slot = Some(number);
            }
        }
        if self.groups.len() <= key.action {
            self.groups.resize(key.action + 1, Vec::new());
        }
        let Some(groups) = self.groups.get_mut(key.action) else { return };
        let position = key.place * self.periods + key.period;
        if groups.len() <= position {
            groups.resize(position + 1, Self::NONE);
        }
        if let Some(slot) = groups.get_mut(position) {
            *slot = group;
        }
    }
}

/// A day of the period; none before the first law.
fn day_of(turning: &[(i64, LegalDate)], period: usize) -> Option<LegalDate> {
    turning.get(period.checked_sub(1)?).map(|(_, day)| *day)
}

/// The number of a period: how many changes of the law lie at or before an instant.
struct Periods<'a> {
    turning: &'a [(i64, LegalDate)],
    current: usize,
    from: i64,
    until: i64,
}

impl<'a> Periods<'a> {
    fn new(turning: &'a [(i64, LegalDate)]) -> Self {
        Self { turning, current: 0, from: i64::MAX, until: i64::MIN }
    }

    #[inline]
    fn of(&mut self, at: i64) -> usize {
        if at < self.from || at >= self.until {
            self.current = self.turning.partition_point(|(from, _)| *from <= at);
            let bound = |index: Option<usize>| index.and_then(|index| self.turning.get(index)).map(|(at, _)| *at);
            self.from = bound(self.current.checked_sub(1)).unwrap_or(i64::MIN);
            self.until = bound(Some(self.current)).unwrap_or(i64::MAX);
        }
        self.current
    }
}

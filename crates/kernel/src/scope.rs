//! Which law a decision is under: its action, the period between two changes of the law, and its place.

use crate::KernelError;
use crate::bits::Bits;
use crate::rules::CompiledRules;
use gongdao_model::{FactPath, LegalDate, PlaceCode};
use std::collections::{BTreeMap, HashMap};

/// The versions and numbers that hold for decisions of one action, period and kind of place.
#[derive(Debug)]
pub(crate) struct Law {
    pub(crate) versions: Vec<usize>,
    pub(crate) parameters: BTreeMap<FactPath, i64>,
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

/// Finds the law of decisions, and keeps what it found.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    actions: HashMap<String, usize>,
    places: HashMap<String, usize>,
    /// For each kind of place which of the rules' places cover it, and a place of the kind.
    kinds: Vec<(Vec<bool>, Option<PlaceCode>)>,
    keys: HashMap<Key, usize>,
    laws: Vec<Law>,
}

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
    pub(crate) fn scopes<'a>(
        &mut self,
        rules: &CompiledRules,
        at: &[i64],
        action: impl Fn(usize) -> &'a str,
        place: impl Fn(usize) -> Option<&'a str>,
    ) -> Result<Scopes, KernelError> {
        let rows = at.len();
        let mut of_row = Vec::with_capacity(rows);
        let mut groups: Vec<(usize, Bits)> = Vec::new();
        let mut numbers: HashMap<usize, u32> = HashMap::new();
        // Neighbours mostly share action, period and place.
        let mut last: Option<(&str, Option<&str>, usize, u32)> = None;
        let mut period = Periods::new(&rules.turning);
        for (row, at) in at.iter().enumerate() {
            let (action, place, period) = (action(row), place(row), period.of(*at));
            let number = match last {
                Some((a, p, q, number)) if a == action && p == place && q == period => number,
                _ => {
                    let law = self.find(rules, action, place, period).map_err(|error| error.at(row))?;
                    *numbers.entry(law).or_insert_with(|| {
                        groups.push((law, Bits::none(rows)));
                        u32::try_from(groups.len() - 1).unwrap_or(u32::MAX)
                    })
                }
            };
            last = Some((action, place, period, number));
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
    ) -> Result<usize, KernelError> {
        let action_number = self.action(rules, action)?;
        let place_number = self.place(rules, place)?;
        let key = Key { action: action_number, period, place: place_number };
        if let Some(index) = self.keys.get(&key) {
            return Ok(*index);
        }
        let place = self.kinds.get(place_number).and_then(|(_, place)| *place);
        let law = match day_of(&rules.turning, period) {
            Some(on) => {
                Law { versions: rules.rules.in_force(on, place, action), parameters: rules.rules.parameters(on, place) }
            }
            None => Law { versions: Vec::new(), parameters: BTreeMap::new() },
        };
        self.laws.push(law);
        self.keys.insert(key, self.laws.len() - 1);
        Ok(self.laws.len() - 1)
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
        let covered: Vec<bool> = rules.places.iter().map(|known| known.covers(code)).collect();
        let number = if let Some(number) = self.kinds.iter().position(|(known, _)| *known == covered) {
            number
        } else {
            self.kinds.push((covered, Some(code)));
            self.kinds.len() - 1
        };
        if self.places.len() >= MOST_PLACES {
            self.places.clear();
        }
        self.places.insert(text.to_owned(), number);
        Ok(number)
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

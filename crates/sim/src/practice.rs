use crate::action::Action;
use crate::facts::{CONTEXT, Patch};
use std::collections::BTreeMap;

/// Number of a practice: the row of `practices.csv` that a decision follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PracticeId(pub(crate) usize);

/// The action and what is laid over its lawful default.
type PracticeKey = (Action, Vec<(&'static str, &'static str)>);

/// The ways of deciding that occur, each written once: what the platform told, offered, asked and relied on.
///
/// A decision names its practice instead of repeating some eighty facts. Bounded by the number of different ways, not of
/// decisions.
#[derive(Debug, Default)]
pub(crate) struct Practices {
    ids: BTreeMap<PracticeKey, PracticeId>,
    rows: Vec<Vec<&'static str>>,
}

impl Practices {
    /// The practice of `action` with `patches` laid over its lawful default, the last one on top.
    pub(crate) fn intern(&mut self, action: Action, patches: &[Patch]) -> PracticeId {
        let key = (action, patches.iter().flat_map(|patch| patch.iter().copied()).collect::<Vec<_>>());
        if let Some(id) = self.ids.get(&key) {
            return *id;
        }
        let row = CONTEXT
            .iter()
            .map(|fact| {
                let last =
                    |patch: Patch| patch.iter().rev().find(|(name, _)| *name == fact.name).map(|(_, value)| *value);
                let laid_over = patches.iter().rev().find_map(|patch| last(patch));
                laid_over.or_else(|| last(action.patch())).unwrap_or(fact.lawful)
            })
            .collect();
        self.rows.push(row);
        let id = PracticeId(self.rows.len());
        self.ids.insert(key, id);
        id
    }

    /// Rows in the order of their numbers, one text a fact of [`CONTEXT`].
    pub(crate) fn rows(&self) -> impl Iterator<Item = &[&'static str]> {
        self.rows.iter().map(Vec::as_slice)
    }
}

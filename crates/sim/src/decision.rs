use crate::action::Action;
use crate::facts::NUMBERS;
use crate::plant::Plant;
use crate::practice::PracticeId;

/// The numbers of one decision, in the order of [`NUMBERS`]; what does not belong to its action is missing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Numbers([Option<i64>; NUMBERS.len()]);

impl Numbers {
    /// Set (or with `None` forget) the number called `name`.
    pub(crate) fn set(&mut self, name: &str, value: Option<i64>) {
        let slot = NUMBERS.iter().zip(self.0.iter_mut()).find(|(known, _)| **known == name);
        debug_assert!(slot.is_some(), "a table names the unknown number `{name}`");
        if let Some((_, slot)) = slot {
            *slot = value;
        }
    }

    /// The same with `name` set.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: i64) -> Self {
        self.set(name, Some(value));
        self
    }

    /// Values in the order of [`NUMBERS`].
    pub(crate) fn iter(&self) -> impl Iterator<Item = Option<i64>> {
        self.0.into_iter()
    }
}

/// One decision on its way to the file.
#[derive(Debug, Clone)]
pub(crate) struct Decision {
    /// Milliseconds since the epoch.
    pub(crate) at: i64,
    /// What is decided.
    pub(crate) action: Action,
    /// By which algorithm.
    pub(crate) algorithm: String,
    /// About whom.
    pub(crate) person: String,
    /// `new` or `returning` for a consumer's price; empty otherwise. No rule reads it, measures do.
    pub(crate) group: &'static str,
    /// The way of deciding.
    pub(crate) practice: PracticeId,
    /// Its numbers.
    pub(crate) numbers: Numbers,
    /// Tags used, joined with `|`.
    pub(crate) tags: String,
    /// What was planted, if anything.
    pub(crate) plant: Option<&'static Plant>,
}

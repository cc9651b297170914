//! What the operator sets: how far the gate's answer binds, and what happens when it cannot tell.

use crate::GateError;
use gongdao_rules::Vocabulary;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Whether an answer binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Nothing is judged; the caller proceeds, and the record says so.
    Off,
    /// Everything is judged and recorded; the caller proceeds.
    Shadow,
    /// The caller does what the answer says.
    #[default]
    Enforce,
}

impl Mode {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Shadow => "shadow",
            Self::Enforce => "enforce",
        }
    }
}

/// What the caller does when a rule that matters cannot be judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnknown {
    /// Go on, and mark the decision as one that could not be judged.
    ProceedAndFlag,
    /// Do what the operator has fixed beforehand for this action: the same price for everybody, the nearest courier.
    SafeDefault,
    /// A person must look first.
    #[default]
    Hold,
}

impl OnUnknown {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ProceedAndFlag => "proceed-and-flag",
            Self::SafeDefault => "safe-default",
            Self::Hold => "hold",
        }
    }
}

/// The settings of one action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionSettings {
    /// Whether the answer binds.
    pub mode: Mode,
    /// What happens when it cannot be told.
    pub on_unknown: OnUnknown,
    /// Whether unverified and draft law counts as if it were verified. Without it such law is judged and shown, and stops
    /// nothing.
    pub enforce_provisional: bool,
}

impl ActionSettings {
    /// Whether people are protected less than under `other`; such a change needs two persons.
    pub fn is_weaker_than(&self, other: &Self) -> bool {
        self.mode < other.mode
            || self.on_unknown < other.on_unknown
            || (!self.enforce_provisional && other.enforce_provisional)
    }
}

/// How often the official evaluator judges a decision again.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OracleSettings {
    /// Share of decisions, from 0 to 1; evenly spread.
    pub share: f64,
    /// Whether the answer waits for it. If not, it is asked on a thread of its own, and an error found there cannot
    /// change an answer that was given already.
    pub wait: bool,
}

impl Default for OracleSettings {
    fn default() -> Self {
        Self { share: 0.01, wait: false }
    }
}

/// What the operator sets. In TOML:
///
/// ```toml
/// [default]
/// mode = "enforce"
/// on_unknown = "hold"
///
/// [actions.recommend]
/// mode = "shadow"
///
/// [oracle]
/// share = 0.01
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSettings {
    /// For actions without settings of their own.
    pub default: ActionSettings,
    /// By action of the vocabulary.
    pub actions: BTreeMap<String, ActionSettings>,
    /// How often the official evaluator judges a decision again.
    pub oracle: OracleSettings,
}

impl GateSettings {
    /// The settings of an action.
    pub fn of(&self, action: &str) -> ActionSettings {
        self.actions.get(action).copied().unwrap_or(self.default)
    }

    /// The actions of the vocabulary that are protected less than under `other`.
    pub fn weakened<'a>(&self, other: &Self, vocabulary: &'a Vocabulary) -> Vec<&'a str> {
        let names = vocabulary.actions.keys().map(String::as_str);
        names.filter(|action| self.of(action).is_weaker_than(&other.of(action))).collect()
    }

    /// Errors: an action that the vocabulary does not have, a share outside 0 to 1.
    pub fn check(&self, vocabulary: &Vocabulary) -> Result<(), GateError> {
        if let Some(action) = self.actions.keys().find(|action| !vocabulary.actions.contains_key(*action)) {
            let known = vocabulary.actions.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(GateError::new(format!("`{action}` is not an action"), format!("use one of {known}")));
        }
        if (0.0..=1.0).contains(&self.oracle.share) {
            return Ok(());
        }
        let message = format!("the oracle's share `{}` is no share", self.oracle.share);
        Err(GateError::new(message, "give a number from 0 to 1"))
    }
}

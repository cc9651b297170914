//! Rules that are stopped, and what was found.

use gongdao_model::{Cause, DecisionId, Instant, Outcome, VersionKey};
use serde::{Deserialize, Serialize};

/// What an evaluator said of one rule version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// The outcome; none where it does not take the version to be in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
    /// Why it could not judge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
}

/// The two evaluators disagreed, or the official one failed. Somebody must look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Counted from 1 since the gate was built.
    pub number: u64,
    /// The decision on which it was found.
    pub decision: DecisionId,
    /// Its instant.
    pub at: Instant,
    /// The rule version they differ on, which is stopped; none where the official evaluator failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionKey>,
    /// What the gate said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Said>,
    /// What the official evaluator said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub official: Option<Said>,
    /// The official evaluator's error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Why a rule version is stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// The two evaluators disagreed on a decision.
    Divergence {
        /// Number of the alarm.
        alarm: u64,
    },
    /// Somebody ordered it: an operator or a regulator.
    Ordered {
        /// Who, and why.
        note: String,
    },
}

/// A rule version that judges nothing: its verdict is undetermined wherever it is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stopped {
    /// The version.
    pub version: VersionKey,
    /// Why.
    pub reason: StopReason,
}

use crate::{DecisionId, FactPath, ProvisionId, ReadingId, VersionKey};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What one rule version says of one decision; never a `bool`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The rule does not speak about this decision.
    NotApplicable,
    /// It applies and was kept.
    Satisfied,
    /// It applies and was broken.
    Violated,
    /// A fact that matters is missing, or the engine met an error.
    Undetermined,
    /// A legal basis holds (`permit` rules only).
    Established,
    /// A legal basis does not hold (`permit` rules only).
    NotEstablished,
}

impl Outcome {
    /// All outcomes, in the order of their codes.
    pub const ALL: [Self; 6] = [
        Self::NotApplicable,
        Self::Satisfied,
        Self::Violated,
        Self::Undetermined,
        Self::Established,
        Self::NotEstablished,
    ];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotApplicable => "not-applicable",
            Self::Satisfied => "satisfied",
            Self::Violated => "violated",
            Self::Undetermined => "undetermined",
            Self::Established => "established",
            Self::NotEstablished => "not-established",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why an outcome is undetermined.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nobody recorded this fact.
    MissingFact(FactPath),
    /// The evaluator stopped: its words.
    EngineError(String),
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingFact(path) => write!(f, "missing fact `{path}`"),
            Self::EngineError(words) => write!(f, "engine error: {words}"),
        }
    }
}

/// What the gate does when a rule is violated, weakest first (design: effects).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Nothing stands against it.
    Proceed,
    /// It may proceed; something is owed with it.
    Duties,
    /// It may proceed only without personal characteristics.
    NonPersonalised,
    /// Some rule that matters cannot be judged: the operator sets hold, or proceed and flag.
    CannotTell,
    /// A person must look first.
    Hold,
    /// It must not happen.
    Stop,
}

impl Effect {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::Duties => "duties",
            Self::NonPersonalised => "non-personalised",
            Self::CannotTell => "cannot-tell",
            Self::Hold => "hold",
            Self::Stop => "stop",
        }
    }
}

/// How far the law behind a verdict was checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// Read in the official text.
    Verified,
    /// From memory or a secondary source: the verdict is provisional.
    Unverified,
    /// Not law yet: the verdict is provisional.
    Draft,
}

impl Standing {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Unverified => "unverified",
            Self::Draft => "draft",
        }
    }

    /// Whether verdicts under it are provisional.
    pub fn is_provisional(self) -> bool {
        self != Self::Verified
    }
}

/// One rule version's verdict on one decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVerdict {
    /// Rule, reading and first day in force.
    #[serde(flatten)]
    pub version: VersionKey,
    /// The provision behind it.
    pub provision: ProvisionId,
    /// What it says.
    pub outcome: Outcome,
    /// Why it could not be judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// Facts it rests on that are only the operator's claim.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub asserted: Vec<FactPath>,
    /// What the gate does when violated; none for a legal basis.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// How far the law was checked.
    pub standing: Standing,
}

/// A provision's verdict across its rules and readings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionVerdict {
    /// The provision.
    pub provision: ProvisionId,
    /// The outcome under each reading; one entry without a reading where the text is not open.
    pub by_reading: Vec<(Option<ReadingId>, Outcome)>,
    /// Whether the readings disagree on more than whether a kept provision applies at all.
    pub disputed: bool,
    /// How far the law was checked.
    pub standing: Standing,
}

/// All verdicts of one decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluation {
    /// The decision.
    pub decision: DecisionId,
    /// One verdict a rule version in force, ordered by version key.
    pub rules: Vec<RuleVerdict>,
    /// One verdict a provision, ordered by identifier.
    pub provisions: Vec<ProvisionVerdict>,
    /// What the gate would do; provisional verdicts never stop a decision.
    pub effect: Effect,
}

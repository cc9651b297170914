//! The answer to one check.

use crate::{ActionSettings, Effects, Mode, OnUnknown, Shared, Told};
use gongdao_model::{DecisionId, Effect, FactPath, FactValue, Instant};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// Facts by path, as the gate saw them.
pub type StateFacts = BTreeMap<FactPath, FactValue>;

/// What the caller does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Directive {
    /// Go on.
    Proceed,
    /// Go on; something is owed with it.
    ProceedWithDuties,
    /// Go on only without personal characteristics.
    NonPersonalised,
    /// Do what the operator has fixed beforehand for this action.
    SafeDefault,
    /// A person must look first.
    Hold,
    /// Do not do it.
    Stop,
}

impl Directive {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proceed => "proceed",
            Self::ProceedWithDuties => "proceed-with-duties",
            Self::NonPersonalised => "non-personalised",
            Self::SafeDefault => "safe-default",
            Self::Hold => "hold",
            Self::Stop => "stop",
        }
    }

    /// What an effect of the law asks of the caller; none where it cannot be told.
    fn of(effect: Effect) -> Option<Self> {
        Some(match effect {
            Effect::Proceed => Self::Proceed,
            Effect::Duties => Self::ProceedWithDuties,
            Effect::NonPersonalised => Self::NonPersonalised,
            Effect::CannotTell => return None,
            Effect::Hold => Self::Hold,
            Effect::Stop => Self::Stop,
        })
    }

    /// What the caller does where the answer binds, and whether it goes on without knowing.
    pub(crate) fn enforced(effects: Effects, on_unknown: OnUnknown) -> (Self, bool) {
        if let Some(known) = Self::of(effects.lawful) {
            return (known, false);
        }
        match on_unknown {
            OnUnknown::Hold => (Self::Hold, false),
            OnUnknown::SafeDefault => (Self::SafeDefault, true),
            // What is certain stands, whatever else is unknown. It is less than "cannot tell" here.
            OnUnknown::ProceedAndFlag => (Self::of(effects.certain).unwrap_or(Self::Hold), true),
        }
    }
}

/// A fact that the caller gave and the gate's state has otherwise. The gate judged by its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contradiction {
    /// The fact.
    pub fact: FactPath,
    /// What the caller gave.
    pub given: FactValue,
    /// What the state holds; none where it holds that nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<FactValue>,
}

/// The facts behind an answer that did not come with the request. Only those that a rule in force refers to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Seen {
    /// From the person's state.
    #[serde(serialize_with = "facts")]
    pub person: Shared<StateFacts>,
    /// From the algorithm's state.
    #[serde(serialize_with = "facts")]
    pub algorithm: Shared<StateFacts>,
    /// Numbers that law or an agreement sets on the day at the place.
    #[serde(serialize_with = "facts")]
    pub parameters: Shared<StateFacts>,
}

impl Seen {
    /// Append it as JSON, what serde writes of it, to the byte; facts that many answers share are put into words once. False, and nothing
    /// appended, where it cannot be written, which no facts cause.
    pub fn write_json(&self, to: &mut Vec<u8>) -> bool {
        let start = to.len();
        let parts =
            [("{", "person", &self.person), (",", "algorithm", &self.algorithm), (",", "parameters", &self.parameters)];
        for (before, name, facts) in parts {
            let json = facts.json(|facts| serde_json::to_vec(&InWords(facts)).unwrap_or_default());
            if json.is_empty() {
                to.truncate(start);
                return false;
            }
            for text in [before, "\"", name, "\":"] {
                to.extend_from_slice(text.as_bytes());
            }
            to.extend_from_slice(json);
        }
        to.push(b'}');
        true
    }
}

struct InWords<'a>(&'a Shared<StateFacts>);

impl Serialize for InWords<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        facts(self.0, serializer)
    }
}

/// The same as without it; a path's text is written as it stands, not put together first: a response has hundreds.
fn facts<S: Serializer>(facts: &Shared<StateFacts>, serializer: S) -> Result<S::Ok, S::Error> {
    struct Named<'a>(&'a FactPath);

    impl Serialize for Named<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_str(self.0)
        }
    }

    serializer.collect_map(facts.iter().map(|(path, value)| (Named(path), value)))
}

/// The answer to one check; with the request it is enough to judge again and to explain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// The decision.
    pub decision: DecisionId,
    /// Its instant, which decides the law in force.
    pub at: Instant,
    /// The moment whose state was seen; not before `at`.
    pub state_at: Instant,
    /// What the caller does.
    pub effect: Directive,
    /// What the caller would do in the mode `enforce`; says nothing where the gate is off, as nothing was judged.
    pub enforced: Directive,
    /// A rule that matters could not be judged, and the failure behaviour lets it go on.
    pub flagged: bool,
    /// The settings it was answered under.
    pub settings: ActionSettings,
    /// What is said of it; none where the gate is off for the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Told>,
    /// Facts that were joined.
    pub seen: Seen,
    /// Facts of the request that the state has otherwise.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub contradictions: Vec<Contradiction>,
    /// Why the register does not let the version decide, where that is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub register: Option<RegisterHold>,
    /// The trial whose version decides, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<InTrial>,
}

/// A trial whose version decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InTrial {
    /// Its name in the register.
    pub id: String,
    /// Why it does not let the version decide here; nothing where the decision is one of the trial.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<TrialHold>,
}

/// Why a trial does not let its version decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialHold {
    /// It was not granted, or has not begun.
    NotRunning,
    /// Before its first day or after its last.
    OutsidePeriod,
    /// Elsewhere, or nobody said where.
    OutsidePlace,
    /// There are as many persons in it as there may be.
    Full,
    /// It was stopped.
    Stopped,
}

impl TrialHold {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotRunning => "not-running",
            Self::OutsidePeriod => "outside-period",
            Self::OutsidePlace => "outside-place",
            Self::Full => "full",
            Self::Stopped => "stopped",
        }
    }
}

/// Why the register does not let a version decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RegisterHold {
    /// The register has no such version, or the decision names none. Unknown is never fine.
    Unknown,
    /// It is declared and not published.
    NotPublished,
    /// It is published; its first day has not come, or duties are not met.
    NotInForce,
    /// It was withdrawn.
    Withdrawn,
}

impl RegisterHold {
    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::NotPublished => "not-published",
            Self::NotInForce => "not-in-force",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl Checked {
    /// The same for a version that the register does not let decide: what the caller does is at least what the action's failure
    /// behaviour says. Nothing changes where the gate is off.
    #[must_use]
    pub fn held_by_register(mut self, why: RegisterHold) -> Self {
        if self.settings.mode == Mode::Off {
            return self;
        }
        let least = match self.settings.on_unknown {
            OnUnknown::Hold => Directive::Hold,
            OnUnknown::SafeDefault => Directive::SafeDefault,
            OnUnknown::ProceedAndFlag => Directive::Proceed,
        };
        self.flagged |= self.settings.on_unknown != OnUnknown::Hold;
        self.enforced = self.enforced.max(least);
        if self.settings.mode == Mode::Enforce {
            self.effect = self.enforced;
        }
        self.register = Some(why);
        self
    }

    /// The same for a version that is tried. Outside its trial a person looks first, whatever the mode: place, period and number of
    /// persons are what the provider was let do, not a reading of the law that is tried out.
    #[must_use]
    pub fn in_trial(mut self, trial: InTrial) -> Self {
        if trial.hold.is_some() {
            self.enforced = self.enforced.max(Directive::Hold);
            self.effect = self.effect.max(Directive::Hold);
        }
        self.trial = Some(trial);
        self
    }

    /// What the law asks for under the settings it was answered under; none where the gate is off.
    pub fn effects(&self) -> Option<Effects> {
        let answer = self.answer.as_ref()?;
        Some(if self.settings.enforce_provisional { answer.with_provisional } else { answer.effects })
    }
}

/// What the caller does by effects and settings: under the mode, and where the answer binds, and the flag.
pub(crate) fn directives(effects: Effects, settings: ActionSettings) -> (Directive, Directive, bool) {
    let (enforced, flagged) = Directive::enforced(effects, settings.on_unknown);
    match settings.mode {
        Mode::Enforce => (enforced, enforced, flagged),
        Mode::Shadow | Mode::Off => (Directive::Proceed, enforced, flagged),
    }
}

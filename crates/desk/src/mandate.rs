use crate::{DeskError, RequestKind};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How a mandate stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MandateState {
    /// The person has not said yes yet: it gives nothing.
    Proposed,
    /// They said yes.
    Confirmed,
    /// They said no.
    Declined,
    /// It was taken back, by either side.
    Revoked,
}

impl MandateState {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }
}

/// A mandate that someone proposes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewMandate {
    /// Who would be acted for.
    pub person: String,
    /// Who would act: an account, as in the ledger.
    pub representative: String,
    /// For what kinds of requests; `see` lets them see what is kept about the person.
    pub kinds: BTreeSet<RequestKind>,
    /// For this decision alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// From when on it gives nothing any more.
    pub until: Instant,
}

/// What happened to a mandate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum MandateEvent {
    /// It was proposed.
    Proposed {
        /// As this.
        #[serde(flatten)]
        mandate: NewMandate,
    },
    /// The person said yes.
    Confirmed,
    /// The person said no.
    Declined,
    /// Either side took it back.
    Revoked,
}

impl MandateEvent {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Proposed { .. } => "proposed",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
            Self::Revoked => "revoked",
        }
    }
}

/// A mandate: what its events come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Mandate {
    /// Its name.
    pub id: String,
    /// What it says.
    #[serde(flatten)]
    pub terms: NewMandate,
    /// How it stands.
    pub state: MandateState,
    /// When it was proposed.
    pub proposed_at: Instant,
    /// When it came to stand as it does.
    pub since: Instant,
    /// Events so far.
    pub events: u32,
}

impl Mandate {
    /// A mandate that is proposed. Errors: it is for nothing; it would be over at once.
    pub fn propose(id: &str, terms: NewMandate, at: Instant) -> Result<Self, DeskError> {
        if terms.kinds.is_empty() {
            return Err(DeskError::new("the mandate is for nothing", "name the kinds of requests under `kinds`"));
        }
        if terms.until <= at {
            return Err(DeskError::new("the mandate would be over at once", "give an `until` to come"));
        }
        Ok(Self { id: id.to_owned(), terms, state: MandateState::Proposed, proposed_at: at, since: at, events: 1 })
    }

    /// The mandate after an event. Who may cause it, the caller has asked: the person alone confirms and declines.
    ///
    /// Errors: it cannot follow.
    pub fn after(&self, event: &MandateEvent, at: Instant) -> Result<Self, DeskError> {
        let state = match (self.state, event) {
            (MandateState::Proposed, MandateEvent::Confirmed) if at < self.terms.until => MandateState::Confirmed,
            (MandateState::Proposed, MandateEvent::Declined) => MandateState::Declined,
            (MandateState::Proposed | MandateState::Confirmed, MandateEvent::Revoked) => MandateState::Revoked,
            (state, event) => {
                let (what, state) = (event.as_str(), state.as_str());
                let message = format!("`{what}` cannot follow: the mandate is `{state}`, or over");
                return Err(DeskError::order(message, "read it again, or propose another one"));
            }
        };
        Ok(Self { state, since: at, events: self.events.saturating_add(1), ..self.clone() })
    }

    /// Whether it gives anything at a moment.
    pub fn is_live(&self, at: Instant) -> bool {
        self.state == MandateState::Confirmed && at < self.terms.until
    }

    /// Whether its holder may act for the person in a request of the kind about a decision, or about none.
    pub fn covers(&self, kind: RequestKind, decision: Option<&str>, at: Instant) -> bool {
        let is_within = match &self.terms.decision {
            None => true,
            Some(only) => decision == Some(only),
        };
        self.is_live(at) && is_within && self.terms.kinds.contains(&kind)
    }
}

use crate::{Order, RequestKind};
use gongdao_model::{Instant, ProvisionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// In what capacity someone acts on a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "as", rename_all = "kebab-case")]
pub enum Hat {
    /// Whom the case is about.
    Person,
    /// Someone with the person's mandate.
    Representative {
        /// The mandate.
        mandate: String,
    },
    /// Staff of the operator.
    Desk,
    /// Staff that reviews by hand.
    Reviewer,
    /// The service itself.
    Service,
    /// A system of the operator that has to carry something out.
    System {
        /// Which.
        system: String,
    },
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Party {
    /// Account or key, as in the ledger.
    pub actor: String,
    /// In what capacity.
    #[serde(flatten)]
    pub hat: Hat,
}

impl Party {
    /// Whether it is the person or who acts for them.
    pub fn is_asking_side(&self) -> bool {
        matches!(self.hat, Hat::Person | Hat::Representative { .. })
    }
}

/// What a request is about; which of these it needs depends on its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "BTreeMap<String, String>")]
pub struct About {
    /// A decision, by its identifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// A purpose of handling.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purpose: Option<String>,
    /// A tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tag: Option<String>,
    /// What information: a field, a kind, a period, in the person's words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub information: Option<String>,
}

/// Out of an object and nothing else: of a list whose values fit, nobody knows what they mean.
impl TryFrom<BTreeMap<String, String>> for About {
    type Error = String;

    fn try_from(mut members: BTreeMap<String, String>) -> Result<Self, String> {
        let mut take = |name| members.remove(name);
        let about = Self {
            decision: take("decision"),
            purpose: take("purpose"),
            tag: take("tag"),
            information: take("information"),
        };
        match members.pop_first() {
            Some((name, _)) => Err(format!("unknown field `{name}`: `decision`, `purpose`, `tag`, `information`")),
            None => Ok(about),
        }
    }
}

/// A request as it comes in.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filing {
    /// What is asked for.
    pub kind: RequestKind,
    /// For whom.
    pub person: String,
    /// About what.
    #[serde(default)]
    pub about: About,
    /// In the person's words.
    #[serde(default)]
    pub text: String,
    /// What a contest rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    /// Language of the answer: `zh` or `en`.
    pub language: String,
    /// The filing for many that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<String>,
    /// How it is known who asks.
    pub identity: Identity,
}

/// How it is known who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Identity {
    /// Logged in.
    Session,
    /// Logged in, and the password given again for this request.
    Password,
    /// The desk checked it in another way.
    Desk,
}

/// Something that was done in a system, and who says so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Done {
    /// Which system.
    pub system: String,
    /// What was done.
    pub what: String,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// As asked.
    Granted,
    /// In part.
    Partly {
        /// The article on which the rest is refused.
        article: ProvisionId,
    },
    /// Not at all.
    Refused {
        /// The article on which it is refused.
        article: ProvisionId,
    },
}

impl Outcome {
    /// The article of what is refused.
    pub fn article(&self) -> Option<&ProvisionId> {
        match self {
            Self::Granted => None,
            Self::Partly { article } | Self::Refused { article } => Some(article),
        }
    }

    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Partly { .. } => "partly",
            Self::Refused { .. } => "refused",
        }
    }
}

/// What happened to a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum What {
    /// It came in.
    Filed {
        /// The request.
        #[serde(flatten)]
        filing: Filing,
    },
    /// It is known now who asks.
    Identified {
        /// How.
        identity: Identity,
    },
    /// Someone of the desk has it.
    Taken,
    /// The person is asked for something; the clock stands still.
    Asked {
        /// What for.
        question: String,
    },
    /// They answered.
    Given {
        /// In their words.
        text: String,
    },
    /// The answer takes longer.
    Extended {
        /// By so much, in the words of a period: `5 working days`.
        period: String,
        /// Why.
        reason: String,
    },
    /// It is answered, or an answer is proposed where a second person has to agree.
    Answered {
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
        /// In the person's language.
        text: String,
        /// What was done where.
        #[serde(default)]
        done: Vec<Done>,
        /// Kinds of information that are deleted, or kept and no longer used, in the words of decisions (`context.dataKinds`).
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kinds: Vec<String>,
        /// Which systems have to carry it out; the service says so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        orders: Vec<Order>,
    },
    /// A second person agrees with a refusal.
    Agreed,
    /// A second person does not.
    Disagreed {
        /// Why.
        reason: String,
    },
    /// The person asks that another one looks at the answer.
    ReviewAsked {
        /// Why.
        text: String,
    },
    /// Someone begins to review.
    ReviewBegun {
        /// Their role, in words: "shift supervisor, station 12".
        role: String,
    },
    /// They are done.
    Reviewed {
        /// What they looked at.
        seen: Vec<String>,
        /// Whether they could have changed it.
        could_change: bool,
        /// Whether they did.
        changed: bool,
        /// Why, in the person's language.
        text: String,
        /// What was done where.
        #[serde(default)]
        done: Vec<Done>,
        /// Which systems have to carry it out; the service says so.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        orders: Vec<Order>,
    },
    /// A system carried it out, or a person did by hand.
    Fulfilled {
        /// Which.
        system: String,
        /// What was done.
        text: String,
        /// Where, of a person who did it by hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<String>,
    },
    /// A system could not carry it out, or could not be told.
    Stuck {
        /// Which.
        system: String,
        /// Why.
        reason: String,
    },
    /// It is tried again.
    Again {
        /// Which.
        system: String,
    },
    /// The person takes the request back.
    Withdrawn,
    /// The person is content, or the time for a review is over.
    Closed,
    /// A stage ran past its limit, and somebody higher up was told.
    Escalated,
}

impl What {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Filed { .. } => "filed",
            Self::Identified { .. } => "identified",
            Self::Taken => "taken",
            Self::Asked { .. } => "asked",
            Self::Given { .. } => "given",
            Self::Extended { .. } => "extended",
            Self::Answered { .. } => "answered",
            Self::Agreed => "agreed",
            Self::Disagreed { .. } => "disagreed",
            Self::ReviewAsked { .. } => "review-asked",
            Self::ReviewBegun { .. } => "review-begun",
            Self::Reviewed { .. } => "reviewed",
            Self::Fulfilled { .. } => "fulfilled",
            Self::Stuck { .. } => "stuck",
            Self::Again { .. } => "again",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
            Self::Escalated => "escalated",
        }
    }
}

/// An event of a case.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct CaseEvent {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Party,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

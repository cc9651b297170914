use crate::event::{About, CaseEvent, Done, Filing, Hat, Identity, Outcome, Party, What};
use crate::step::{self, Step};
use crate::{DeskError, Order, RequestKind, Rights, Task};
use gongdao_model::{Instant, ProvisionId};
use serde::{Deserialize, Serialize};

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// It has to be known who asks.
    Identity,
    /// The desk has it.
    Open,
    /// The person is asked for something.
    Input,
    /// A second person has to agree with a refusal.
    Agreement,
    /// It is answered, and another person can be asked to look at the answer.
    Answered,
    /// A person looks at the answer, or decides a contest.
    Review,
    /// Nothing more happens.
    Closed,
}

impl Stage {
    /// All stages, in their order.
    pub const ALL: [Self; 7] =
        [Self::Identity, Self::Open, Self::Input, Self::Agreement, Self::Answered, Self::Review, Self::Closed];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Open => "open",
            Self::Input => "input",
            Self::Agreement => "agreement",
            Self::Answered => "answered",
            Self::Review => "review",
            Self::Closed => "closed",
        }
    }

    /// Whether somebody of the operator has to do something.
    pub fn is_with_operator(self) -> bool {
        matches!(self, Self::Identity | Self::Open | Self::Agreement | Self::Review)
    }
}

/// Why a case is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Closed {
    /// The person took it back.
    Withdrawn,
    /// Answered, and nobody asked for a review.
    Answered,
    /// Reviewed.
    Reviewed,
}

/// What the person is asked.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Question {
    /// What for.
    pub text: String,
    /// Since when.
    pub at: Instant,
    /// Where the case goes on.
    pub back_to: Stage,
}

/// A stretch that the clock does not count, or a longer time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "stay", rename_all = "kebab-case")]
pub enum Stay {
    /// The person was asked for something.
    Paused {
        /// Since when.
        from: Instant,
        /// Until when; nothing while it lasts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
        /// What for.
        reason: String,
    },
    /// The answer takes longer.
    Extended {
        /// When that was decided.
        at: Instant,
        /// By so much, in the words of a period.
        by: String,
        /// Why.
        reason: String,
    },
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Answer {
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// In the person's language.
    pub text: String,
    /// What was done where.
    pub done: Vec<Done>,
    /// Kinds of information that are deleted, or kept and no longer used, in the words of decisions (`context.dataKinds`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Which systems have to carry it out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<Order>,
    /// Who answered.
    pub by: Party,
    /// Who agreed, where it takes two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed_by: Option<Party>,
    /// When it was given.
    pub at: Instant,
}

/// A refusal: what a person can hold against the operator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Refusal<'a> {
    /// The article.
    pub article: &'a ProvisionId,
    /// Who refused.
    pub by: &'a Party,
    /// Who agreed.
    pub agreed_by: Option<&'a Party>,
}

/// What a person looked at and came to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Review {
    /// Who.
    pub by: Party,
    /// Their role, in words.
    pub role: String,
    /// When they began.
    pub begun_at: Instant,
    /// When they were done; nothing while they are at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done_at: Option<Instant>,
    /// What they looked at.
    pub seen: Vec<String>,
    /// Whether they changed the decision or the answer.
    pub changed: bool,
    /// Why, in the person's language.
    pub text: String,
    /// What was done where.
    pub done: Vec<Done>,
}

impl Review {
    /// Time spent, in whole seconds; nothing while it lasts.
    pub fn seconds(&self) -> Option<u64> {
        u64::try_from((self.done_at?.millis() - self.begun_at.millis()) / 1000).ok()
    }
}

/// A case: what its events come to.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// For whom.
    pub person: String,
    /// About what.
    pub about: About,
    /// In the person's words.
    pub text: String,
    /// What a contest rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<String>,
    /// Language of the answer.
    pub language: String,
    /// The filing for many that it is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filing: Option<String>,
    /// Who filed it.
    pub filed_by: Party,
    /// When.
    pub filed_at: Instant,
    /// How it is known who asks.
    pub identity: Identity,
    /// Where it stands.
    pub stage: Stage,
    /// Since when.
    pub since: Instant,
    /// Who of the desk has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handler: Option<String>,
    /// What the person is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<Question>,
    /// When the clock stood still or was set longer.
    pub stays: Vec<Stay>,
    /// What is proposed and waits for a second person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Answer>,
    /// The answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
    /// What systems have to do for it, and how that stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fulfilment: Vec<Task>,
    /// Why a review was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_asked: Option<String>,
    /// Since when a review is waited for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review_since: Option<Instant>,
    /// The review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub review: Option<Review>,
    /// Why it is closed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Closed>,
    /// Stages that ran past their limit, each once.
    pub escalated: Vec<Stage>,
    /// Events so far.
    pub events: u32,
}

impl Case {
    /// A case that comes in.
    ///
    /// Errors: what the kind needs is missing; a ground that is none.
    pub fn open(id: &str, event: &CaseEvent, rights: &Rights) -> Result<Self, DeskError> {
        let What::Filed { filing } = &event.what else {
            return Err(DeskError::order("a case begins with its filing", "file it first"));
        };
        step::check_filing(filing, &event.by, rights)?;
        let right = rights.of(filing.kind)?;
        let Filing { kind, person, about, text, ground, language, filing: many, identity } = filing.clone();
        let stage = if right.step_up && identity == Identity::Session {
            Stage::Identity
        } else if right.person_decides {
            Stage::Review
        } else {
            Stage::Open
        };
        Ok(Self {
            id: id.to_owned(),
            kind,
            person,
            about,
            text,
            ground,
            language,
            filing: many,
            filed_by: event.by.clone(),
            filed_at: event.at,
            identity,
            stage,
            since: event.at,
            handler: None,
            question: None,
            stays: Vec::new(),
            proposal: None,
            answer: None,
            fulfilment: Vec::new(),
            review_asked: None,
            review_since: right.person_decides.then_some(event.at),
            review: None,
            closed: None,
            escalated: Vec::new(),
            events: 1,
        })
    }

    /// The case after another event.
    ///
    /// Errors: it cannot follow, and nothing changed.
    pub fn after(&self, event: &CaseEvent, rights: &Rights) -> Result<Self, DeskError> {
        let mut case = self.clone();
        Step { case: &mut case, event, right: rights.of(self.kind)? }.take()?;
        case.events = case.events.saturating_add(1);
        Ok(case)
    }

    /// The case that all its events come to, the first of which files it.
    pub fn fold<'a>(
        id: &str,
        events: impl IntoIterator<Item = &'a CaseEvent>,
        rights: &Rights,
    ) -> Result<Self, DeskError> {
        let mut events = events.into_iter();
        let first = events.next().ok_or_else(|| DeskError::order("a case begins with its filing", "file it first"))?;
        events.try_fold(Self::open(id, first, rights)?, |case, event| case.after(event, rights))
    }

    /// Whether more can happen.
    pub fn is_open(&self) -> bool {
        self.stage != Stage::Closed
    }

    /// Whether a penalty that the contested decision imposed waits: a listed ground, and nobody has decided yet.
    pub fn suspends_penalty(&self, rights: &Rights) -> bool {
        let listed = |ground: &str| rights.of(self.kind).ok().and_then(|right| right.ground(ground));
        self.kind == RequestKind::Contest
            && self.is_open()
            && self.ground.as_deref().and_then(listed).is_some_and(|ground| ground.suspends)
    }

    /// The refusal that stands, if one does.
    pub fn refusal(&self) -> Option<Refusal<'_>> {
        let answer = self.answer.as_ref()?;
        let article = answer.outcome.article()?;
        let was_changed = self.review.as_ref().is_some_and(|review| review.done_at.is_some() && review.changed);
        (!was_changed).then_some(Refusal { article, by: &answer.by, agreed_by: answer.agreed_by.as_ref() })
    }

    /// Whether what it asks for may be handed out or done: nobody refused it, and it is known who asks.
    pub fn is_granted(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| !matches!(answer.outcome, Outcome::Refused { .. }))
    }

    /// Whether someone decided on it whom a reviewer must not be.
    pub(crate) fn was_decided_by(&self, actor: &str) -> bool {
        let answered = self.answer.iter().flat_map(|answer| [Some(&answer.by), answer.agreed_by.as_ref()]);
        answered.flatten().any(|party| party.actor == actor && party.hat != Hat::Service)
    }
}

use crate::case::{Case, Stage, Stay};
use crate::{DeskError, Rights};
use gongdao_clock::{Calendar, Change, ClockError, CountingRule, DueDate, Explanation, Ground, explain};
use gongdao_model::{Instant, ModelError, ProvisionId};
use gongdao_pack::Period;
use serde::{Deserialize, Serialize};

/// A published limit: a period, in files by its words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Limit(pub Period);

impl TryFrom<String> for Limit {
    type Error = ModelError;
    fn try_from(text: String) -> Result<Self, ModelError> {
        text.parse().map(Self)
    }
}

impl From<Limit> for String {
    fn from(limit: Limit) -> String {
        limit.0.to_string()
    }
}

/// The provider's own published limits, in the words of periods: `15 working days`. The law here says "promptly"; where nobody
/// published a number there is no date, however long it takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// To find out who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<Limit>,
    /// To answer, from the filing on; stands still while the person is asked for something.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<Limit>,
    /// For the second person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<Limit>,
    /// To decide a contest or review an answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review: Option<Limit>,
    /// For the person to give what was asked for. Nothing happens to the case when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input: Option<Limit>,
    /// For the person to ask for a review of an answer; the case closes when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub appeal: Option<Limit>,
}

impl Limits {
    pub(crate) fn of(&self, stage: Stage) -> Option<Limit> {
        match stage {
            Stage::Identity => self.identity,
            Stage::Open => self.answer,
            Stage::Input => self.input,
            Stage::Agreement => self.agreement,
            Stage::Answered => self.appeal,
            Stage::Review => self.review,
            Stage::Closed => None,
        }
    }
}

/// The clock of the stage at which a case is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StageClock {
    /// The stage.
    pub stage: Stage,
    /// From when on it is counted.
    pub since: Instant,
    /// The duty of the packs that asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub duty: Option<String>,
    /// The published limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<Limit>,
    /// When it ends and how that was computed; nothing without a published limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

impl StageClock {
    /// The clock of a case; none once it is closed.
    ///
    /// Errors: days that the calendar does not have; an extension that cannot be counted.
    pub fn of(case: &Case, rights: &Rights, limits: &Limits, calendar: &Calendar) -> Result<Option<Self>, DeskError> {
        if !case.is_open() {
            return Ok(None);
        }
        let stage = case.stage;
        // The answer is counted from the filing, not from wherever the desk took it up.
        let since = match stage {
            Stage::Open => case.filed_at,
            // A question to the person does not set the clock back.
            Stage::Review => case.review_since.unwrap_or(case.since),
            _ => case.since,
        };
        let limit = limits.of(stage);
        let explanation = match limit {
            None => None,
            Some(Limit(period)) => {
                let changes = changes(case, since).map_err(refused)?;
                Some(explain(calendar, CountingRule::default(), period, since, &changes).map_err(refused)?)
            }
        };
        let duty = matches!(stage, Stage::Open | Stage::Review).then(|| rights.of(case.kind).ok()?.duty.clone());
        Ok(Some(Self { stage, since, duty: duty.flatten(), limit, explanation }))
    }

    /// When the stage is due, where there is a date.
    pub fn due(&self) -> Option<DueDate> {
        self.explanation.as_ref().and_then(|explanation| explanation.due)
    }

    /// Whether it is past its limit. Without a published limit nobody can tell, and it is not.
    pub fn is_late(&self, now: Instant) -> bool {
        self.due().is_some_and(|due| !due.end.includes(now))
    }
}

/// What moved the clock since `since`.
fn changes(case: &Case, since: Instant) -> Result<Vec<Change>, ClockError> {
    let mut changes = Vec::new();
    for stay in &case.stays {
        let change = match stay {
            Stay::Paused { from, until, reason } if matches!(case.stage, Stage::Open | Stage::Review) => {
                Change::Suspended { from: *from, until: *until, ground: Ground::new(None, reason, reason)? }
            }
            Stay::Extended { at, by, reason } if matches!(case.stage, Stage::Open | Stage::Review) => {
                Change::Extended { at: *at, by: by.parse()?, ground: Ground::new(None, reason, reason)? }
            }
            _ => continue,
        };
        if change.at() >= since {
            changes.push(change);
        }
    }
    Ok(changes)
}

pub(crate) fn refused(error: ClockError) -> DeskError {
    DeskError::new(error.message, error.hint.unwrap_or_default())
}

/// A way on that is open to the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemedyKind {
    /// Another person of the operator looks at it.
    Review,
    /// The authority for personal information (PIPL art. 65(1)).
    Authority,
    /// A court (PIPL art. 50(2)): against a refusal.
    Court,
}

/// A way on, with the article that gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remedy {
    /// What.
    pub remedy: RemedyKind,
    /// The article; none for the operator's own review.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<ProvisionId>,
}

impl Remedy {
    /// The ways on from where a case stands at `now`; what has lapsed is not among them.
    ///
    /// Errors: an article of the program that cannot be read, which a test excludes.
    pub fn of(case: &Case, clock: Option<&StageClock>, now: Instant) -> Result<Vec<Self>, DeskError> {
        let article = |text: &str| {
            let parsed: Result<ProvisionId, _> = text.parse();
            parsed.map(Some).map_err(|error| DeskError::new(error.message, error.hint.unwrap_or_default()))
        };
        let mut ways = Vec::new();
        let is_late = clock.is_some_and(|clock| clock.is_late(now));
        if case.stage == Stage::Answered && case.review_asked.is_none() && !is_late {
            ways.push(Self { remedy: RemedyKind::Review, article: None });
        }
        let silent = case.stage.is_with_operator() && is_late;
        let lost = case.review.as_ref().is_some_and(|review| review.done_at.is_some() && !review.changed);
        if silent || case.refusal().is_some() || lost {
            ways.push(Self { remedy: RemedyKind::Authority, article: article("cn.pipl/65/1")? });
        }
        if case.refusal().is_some() {
            ways.push(Self { remedy: RemedyKind::Court, article: article("cn.pipl/50/2")? });
        }
        Ok(ways)
    }
}

//! Trials of a version in a sandbox: applied for beforehand, answered by the authority, held within place, period and number of
//! persons, stopped by measured figures, ended with a report. A trial lifts no rule and no right of a person.

use crate::text::{NAME_CHARS, TEXT_CHARS, said, short};
use crate::{RegisterError, Version};
use gongdao_model::{Instant, LegalDate, PlaceCode, ProvisionId};
use serde::{Deserialize, Serialize};

/// Persons, or decisions before a condition counts, of one trial at most.
const MOST: u32 = 1_000_000;
/// Days of a trial.
const MOST_DAYS: i32 = 731;
/// Conditions of one trial.
const MOST_STOPS: usize = 10;
/// Working days for the last report.
const MOST_REPORT_DAYS: u32 = 60;
/// Reports while it runs.
const MOST_REPORTS: usize = 1000;

/// What is measured of a trial's decisions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialMeasure {
    /// Decisions that violate a rule under every reading, of those that were judged.
    Violated,
    /// Decisions that were contested, of all.
    Contested,
    /// Decisions of which something was changed after a contest, of all.
    Changed,
}

impl TrialMeasure {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Violated, Self::Contested, Self::Changed];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Contested => "contested",
            Self::Changed => "changed",
        }
    }
}

/// When a trial stops by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StopCondition {
    /// What is measured.
    pub measure: TrialMeasure,
    /// From this share on, in percent.
    pub percent: u32,
    /// Decisions that there have to be before it counts.
    pub after: u32,
}

/// What came of the decisions so far, exactly.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrialTally {
    /// Decisions within the trial.
    pub decisions: u64,
    /// Those that were judged.
    pub judged: u64,
    /// Those that violate a rule under every reading.
    pub violated: u64,
    /// Those that somebody contested.
    pub contested: u64,
    /// Those of which something was changed after that.
    pub changed: u64,
}

impl StopCondition {
    /// Whether it is met.
    pub fn is_met(&self, tally: &TrialTally) -> bool {
        let (part, whole) = match self.measure {
            TrialMeasure::Violated => (tally.violated, tally.judged),
            TrialMeasure::Contested => (tally.contested, tally.decisions),
            TrialMeasure::Changed => (tally.changed, tally.decisions),
        };
        whole > 0
            && whole >= u64::from(self.after)
            && part.saturating_mul(100) >= whole.saturating_mul(u64::from(self.percent))
    }

    fn check(&self) -> Result<(), RegisterError> {
        if !(1..=100).contains(&self.percent) {
            return Err(RegisterError::new("`stops.percent` is no share", "give 1 to 100"));
        }
        number("stops.after", self.after, MOST)
    }
}

/// What is applied for. It cannot be changed later: what was to be measured stands before the first decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrialPlan {
    /// The version that is tried.
    pub version: String,
    /// Where.
    pub place: PlaceCode,
    /// The first day.
    pub from: LegalDate,
    /// The first day after it.
    pub until: LegalDate,
    /// Persons whom it may touch at most.
    pub persons: u32,
    /// The provision that it rests on; without one it is an observed trial. It lifts no rule either way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ground: Option<ProvisionId>,
    /// What is tried, and what is to be learnt.
    pub purpose: String,
    /// What keeps harm away, and who pays for what happens all the same.
    pub safeguards: String,
    /// Who is told beforehand, and how.
    pub informed: String,
    /// How a person leaves, and what they have then.
    pub leaving: String,
    /// When it stops by itself: at least one condition.
    pub stops: Vec<StopCondition>,
    /// Working days after its end in which the last report is due.
    pub report_days: u32,
}

impl TrialPlan {
    fn check(&self, at: Instant) -> Result<(), RegisterError> {
        said("version", &self.version, NAME_CHARS)?;
        for (name, text) in [
            ("purpose", &self.purpose),
            ("safeguards", &self.safeguards),
            ("informed", &self.informed),
            ("leaving", &self.leaving),
        ] {
            said(name, text, TEXT_CHARS)?;
        }
        let days = self.until.day_number().checked_sub(self.from.day_number());
        if !days.is_some_and(|days| (1..=MOST_DAYS).contains(&days)) {
            let hint = format!("`until` is the first day after the trial; give 1 to {MOST_DAYS} days");
            return Err(RegisterError::new("`from` and `until` are no period", hint));
        }
        if self.until <= at.date_in_shanghai() {
            return Err(RegisterError::new(
                format!("the trial is over on `{}`", self.until),
                "apply before it begins: a trial is never applied for afterwards",
            ));
        }
        number("persons", self.persons, MOST)?;
        number("report_days", self.report_days, MOST_REPORT_DAYS)?;
        if !(1..=MOST_STOPS).contains(&self.stops.len()) {
            let hint = format!("give 1 to {MOST_STOPS} conditions: a trial that nothing stops is none");
            return Err(RegisterError::new("`stops` is empty or too long", hint));
        }
        self.stops.iter().try_for_each(StopCondition::check)
    }
}

fn number(what: &str, value: u32, most: u32) -> Result<(), RegisterError> {
    if (1..=most).contains(&value) {
        return Ok(());
    }
    Err(RegisterError::new(format!("`{what}` is {value}"), format!("give 1 to {most}")))
}

/// What is published of what came of it. What would tell of few persons is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialFigures {
    /// Decisions within the trial.
    pub decisions: u64,
    /// Persons whom it touched.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<u64>,
    /// Decisions that were judged.
    pub judged: u64,
    /// Those that violate a rule under every reading.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub violated: Option<u64>,
    /// Those that somebody contested.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contested: Option<u64>,
    /// Those of which something was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<u64>,
    /// Counts below this are absent.
    pub smallest_count: u64,
}

impl TrialFigures {
    /// What is told of a tally.
    pub fn of(tally: &TrialTally, persons: u64, smallest: u64) -> Self {
        let told = |count: u64| (count == 0 || count >= smallest).then_some(count);
        // What is left of a count must not be small either, or the difference would tell it.
        let part = |part: u64, whole: u64| told(part).filter(|_| told(whole.saturating_sub(part)).is_some());
        Self {
            decisions: tally.decisions,
            persons: told(persons),
            judged: tally.judged,
            violated: told(tally.violated),
            contested: told(tally.contested),
            changed: told(tally.contested).and_then(|_| part(tally.changed, tally.contested)),
            smallest_count: smallest,
        }
    }
}

/// What happens to a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum TrialWhat {
    /// It is applied for.
    Applied {
        /// What.
        plan: Box<TrialPlan>,
        /// Digest of the version that is tried.
        digest: String,
    },
    /// The authority grants it.
    Granted {
        /// Under which conditions, in words.
        text: String,
        /// The authority's document.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        document: Option<String>,
    },
    /// The authority refuses it.
    Refused {
        /// Why, in words.
        text: String,
        /// The provision that stands against it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        provision: Option<ProvisionId>,
    },
    /// It begins.
    Began,
    /// It is stopped before its time; before an answer, it is taken back.
    Stopped {
        /// Why, in words.
        text: String,
        /// The condition that was met, where that is why.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        condition: Option<StopCondition>,
    },
    /// A report while it runs, or after it.
    Reported {
        /// In words.
        text: String,
    },
    /// The last report.
    Closed {
        /// What was learnt, and what becomes of those who took part.
        text: String,
        /// What really ran.
        figures: TrialFigures,
    },
}

impl TrialWhat {
    /// The word in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Applied { .. } => "applied",
            Self::Granted { .. } => "granted",
            Self::Refused { .. } => "refused",
            Self::Began => "began",
            Self::Stopped { .. } => "stopped",
            Self::Reported { .. } => "reported",
            Self::Closed { .. } => "closed",
        }
    }
}

/// An event of a trial.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialEvent {
    /// When.
    pub at: Instant,
    /// What.
    #[serde(flatten)]
    pub what: TrialWhat,
}

/// What the authority said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialAnswer {
    /// Whether it grants it.
    pub is_granted: bool,
    /// Conditions, or why not.
    pub text: String,
    /// Its document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The provision that stands against it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provision: Option<ProvisionId>,
    /// When.
    pub at: Instant,
}

/// That it was stopped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialStop {
    /// Why.
    pub text: String,
    /// The condition that was met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<StopCondition>,
    /// When.
    pub at: Instant,
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrialReport {
    /// In words.
    pub text: String,
    /// What really ran; of the last report alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<TrialFigures>,
    /// When.
    pub at: Instant,
}

/// How a trial stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TrialStage {
    /// The authority has to answer. There is no deemed approval.
    Applied,
    /// It was refused.
    Refused,
    /// It was granted and has not begun.
    Granted,
    /// It runs.
    Running,
    /// It was stopped.
    Stopped,
    /// Its time is over.
    Over,
    /// The last report is there.
    Closed,
}

impl TrialStage {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Refused => "refused",
            Self::Granted => "granted",
            Self::Running => "running",
            Self::Stopped => "stopped",
            Self::Over => "over",
            Self::Closed => "closed",
        }
    }
}

/// A trial: what its events come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    /// Its name.
    pub id: String,
    /// What was applied for.
    pub plan: TrialPlan,
    /// Digest of the version then.
    pub digest: String,
    /// When it was applied for.
    pub applied_at: Instant,
    /// What the authority said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<TrialAnswer>,
    /// When it began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub began_at: Option<Instant>,
    /// That it was stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<TrialStop>,
    /// Reports, the last one with its figures.
    pub reports: Vec<TrialReport>,
    /// When the last report was there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<Instant>,
    /// When something happened last.
    pub changed_at: Instant,
    /// Events so far.
    pub events: u32,
}

impl Trial {
    /// Apply for a trial of a version.
    ///
    /// Errors: the version decides already or was withdrawn; a plan that cannot be.
    pub fn apply(
        id: &str,
        version: &Version,
        plan: TrialPlan,
        at: Instant,
    ) -> Result<(Self, TrialEvent), RegisterError> {
        if version.activated_at.is_some() || version.withdrawal.is_some() {
            let hint = "declare another version: a trial is applied for before anything is decided";
            return Err(RegisterError::order(format!("`{}` decides already, or was withdrawn", version.id), hint));
        }
        let what = TrialWhat::Applied { plan: Box::new(plan), digest: version.digest.clone() };
        let event = TrialEvent { at, what };
        Ok((Self::open(id, &event)?, event))
    }

    /// A trial by its first event.
    pub fn open(id: &str, event: &TrialEvent) -> Result<Self, RegisterError> {
        let TrialWhat::Applied { plan, digest } = &event.what else {
            return Err(RegisterError::order("a trial begins with its application", "apply first"));
        };
        plan.check(event.at)?;
        Ok(Self {
            id: id.to_owned(),
            plan: (**plan).clone(),
            digest: digest.clone(),
            applied_at: event.at,
            answer: None,
            began_at: None,
            stop: None,
            reports: Vec::new(),
            closed_at: None,
            changed_at: event.at,
            events: 1,
        })
    }

    /// The trial after another event. Whoever hands it in has made sure who may.
    ///
    /// Errors: it cannot follow, and nothing changed; a text that cannot be.
    pub fn after(&self, event: &TrialEvent) -> Result<Self, RegisterError> {
        if event.at < self.changed_at {
            return Err(RegisterError::order("the event is older than the last", "record events in their order"));
        }
        let mut next = self.clone();
        let (stage, at) = (self.stage(event.at), event.at);
        match (&event.what, stage) {
            (TrialWhat::Granted { text, document }, TrialStage::Applied) => {
                said("text", text, TEXT_CHARS)?;
                document.as_deref().map_or(Ok(()), |document| said("document", document, NAME_CHARS))?;
                if at.date_in_shanghai() >= self.plan.until {
                    let message = format!("the trial was to end before `{}`", self.plan.until);
                    return Err(RegisterError::order(message, "refuse it; another can be applied for"));
                }
                let (text, document) = (text.clone(), document.clone());
                next.answer = Some(TrialAnswer { is_granted: true, text, document, provision: None, at });
            }
            (TrialWhat::Refused { text, provision }, TrialStage::Applied) => {
                said("text", text, TEXT_CHARS)?;
                let (text, provision) = (text.clone(), provision.clone());
                next.answer = Some(TrialAnswer { is_granted: false, text, document: None, provision, at });
            }
            (TrialWhat::Began, TrialStage::Granted) => {
                if at.date_in_shanghai() < self.plan.from {
                    let message = format!("the first day of the trial is `{}`", self.plan.from);
                    return Err(RegisterError::order(message, "begin on that day"));
                }
                next.began_at = Some(at);
            }
            (
                TrialWhat::Stopped { text, condition },
                TrialStage::Applied | TrialStage::Granted | TrialStage::Running,
            ) => {
                match condition {
                    // Why, the condition says.
                    Some(_) => short("text", text, TEXT_CHARS)?,
                    None => said("text", text, TEXT_CHARS)?,
                }
                next.stop = Some(TrialStop { text: text.clone(), condition: *condition, at });
            }
            (TrialWhat::Reported { text }, TrialStage::Running | TrialStage::Stopped | TrialStage::Over) => {
                self.has_run()?;
                said("text", text, TEXT_CHARS)?;
                if self.reports.len() >= MOST_REPORTS {
                    return Err(RegisterError::new("the trial has too many reports", "write the last one"));
                }
                next.reports.push(TrialReport { text: text.clone(), figures: None, at });
            }
            (TrialWhat::Closed { text, figures }, TrialStage::Stopped | TrialStage::Over) => {
                self.has_run()?;
                said("text", text, TEXT_CHARS)?;
                next.reports.push(TrialReport { text: text.clone(), figures: Some(figures.clone()), at });
                next.closed_at = Some(at);
            }
            (what, stage) => {
                let message = format!("`{}` cannot follow where it is `{}`", what.as_str(), stage.as_str());
                return Err(RegisterError::order(message, "read the trial again"));
            }
        }
        next.changed_at = at;
        next.events = self.events.saturating_add(1);
        Ok(next)
    }

    fn has_run(&self) -> Result<(), RegisterError> {
        if self.began_at.is_some() {
            return Ok(());
        }
        Err(RegisterError::order("the trial never ran", "there is nothing to report"))
    }

    /// How it stands at a moment.
    pub fn stage(&self, now: Instant) -> TrialStage {
        if self.closed_at.is_some() {
            return TrialStage::Closed;
        }
        if self.stop.is_some() {
            return TrialStage::Stopped;
        }
        match &self.answer {
            None => TrialStage::Applied,
            Some(answer) if !answer.is_granted => TrialStage::Refused,
            Some(_) if now.date_in_shanghai() >= self.plan.until => TrialStage::Over,
            Some(_) if self.began_at.is_some() => TrialStage::Running,
            Some(_) => TrialStage::Granted,
        }
    }

    /// The last moment from which the time for the last report counts; nothing where it never ran or still runs.
    pub fn ended_at(&self, now: Instant) -> Option<Instant> {
        self.began_at?;
        match self.stage(now) {
            TrialStage::Stopped | TrialStage::Closed | TrialStage::Over => {
                let stopped = self.stop.as_ref().map(|stop| stop.at);
                Some(stopped.unwrap_or_else(|| self.plan.until.previous().starts_at()))
            }
            _ => None,
        }
    }

    /// Whether it holds its version: it was not refused, and not taken back before it was granted.
    pub fn binds(&self) -> bool {
        match &self.answer {
            None => self.stop.is_none(),
            Some(answer) => answer.is_granted,
        }
    }

    /// What stands against a decision of its version; nothing where it may be made. How many persons there are is for whoever
    /// counts them.
    pub fn objection(&self, at: Instant, place: Option<PlaceCode>) -> Option<TrialObjection> {
        let on = at.date_in_shanghai();
        if self.stop.is_some() {
            return Some(TrialObjection::Stopped);
        }
        if self.began_at.is_none_or(|began| at < began) {
            return Some(TrialObjection::NotRunning);
        }
        if on < self.plan.from || on >= self.plan.until {
            return Some(TrialObjection::OutsidePeriod);
        }
        // A decision of which nobody said where it is made is outside.
        if !self.plan.place.covers(place.unwrap_or(PlaceCode::COUNTRY)) {
            return Some(TrialObjection::OutsidePlace);
        }
        None
    }
}

/// Why a trial does not let its version decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TrialObjection {
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

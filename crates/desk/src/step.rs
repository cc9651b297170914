//! One event after another: what may follow what, and by whom.

use crate::case::{Answer, Case, Closed, Question, Review, Stage, Stay};
use crate::event::{CaseEvent, Filing, Hat, Identity, Outcome, Party, What};
use crate::{DeskError, RequestKind, Right, Rights};
use gongdao_pack::Period;

const TEXT_CHARS: usize = 10_000;
const KINDS_MOST: usize = 100;
const KIND_CHARS: usize = 100;

/// Check what a request says, whoever it is for: one filing for many says it once.
///
/// Errors: no language of answers; too long; a ground that the kind does not have, or none where it needs one.
pub fn check_words(
    kind: RequestKind,
    text: &str,
    ground: Option<&str>,
    language: &str,
    rights: &Rights,
) -> Result<(), DeskError> {
    if !["zh", "en"].contains(&language) {
        return Err(DeskError::new(format!("`{language}` is no language of answers"), "use `zh` or `en`"));
    }
    if text.chars().count() > TEXT_CHARS {
        return Err(DeskError::new("the request is too long", "say it in 10,000 characters"));
    }
    let right = rights.of(kind)?;
    match (ground, right.grounds.is_empty()) {
        (None, true) => Ok(()),
        (Some(ground), false) if right.ground(ground).is_some() => Ok(()),
        (_, true) => Err(DeskError::new("only a contest rests on a ground", "leave `ground` out")),
        (_, false) => {
            let known: Vec<&str> = right.grounds.iter().map(|ground| ground.id.as_str()).collect();
            Err(DeskError::new("the contest does not say on what it rests", format!("one of: {}", known.join(", "))))
        }
    }
}

/// What the kind needs to be about.
pub(crate) fn check_filing(filing: &Filing, by: &Party, rights: &Rights) -> Result<(), DeskError> {
    if !by.is_asking_side() && by.hat != Hat::Desk {
        return Err(DeskError::new("a request comes from the person", "file it as the person, or with their mandate"));
    }
    check_words(filing.kind, &filing.text, filing.ground.as_deref(), &filing.language, rights)?;
    let about = &filing.about;
    let needed = match filing.kind {
        RequestKind::Correct => Some(("information", &about.information)),
        RequestKind::Restrict | RequestKind::WithdrawConsent => Some(("purpose", &about.purpose)),
        RequestKind::DeleteTag => Some(("tag", &about.tag)),
        RequestKind::Contest => Some(("decision", &about.decision)),
        _ => None,
    };
    if let Some((what, None)) = needed {
        let kind = filing.kind.as_str();
        return Err(DeskError::new(format!("`{kind}` does not say which {what}"), format!("give `about.{what}`")));
    }
    Ok(())
}

/// An event that wants to follow.
pub(crate) struct Step<'a> {
    pub(crate) case: &'a mut Case,
    pub(crate) event: &'a CaseEvent,
    pub(crate) right: &'a Right,
}

impl Step<'_> {
    pub(crate) fn take(self) -> Result<(), DeskError> {
        if self.event.at < self.case.since {
            return Err(DeskError::order("the event is older than the case's stage", "record events in their order"));
        }
        match &self.event.what {
            What::Filed { .. } => Err(DeskError::order("the case was filed before", "file another one")),
            What::Identified { identity } => self.identified(*identity),
            What::Taken => self.taken(),
            What::Asked { question } => self.asked(question),
            What::Given { text } => self.given(text),
            What::Extended { period, reason } => self.extended(period, reason),
            What::Answered { .. } => self.answered(),
            What::Agreed => self.agreed(),
            What::Disagreed { reason } => self.disagreed(reason),
            What::ReviewAsked { text } => self.review_asked(text),
            What::ReviewBegun { role } => self.review_begun(role),
            What::Reviewed { .. } => self.reviewed(),
            What::Fulfilled { system, text, place } => self.fulfilled(system, text, place.as_deref()),
            What::Stuck { system, reason } => self.stuck(system, reason),
            What::Again { system } => self.again(system),
            What::Withdrawn => self.withdrawn(),
            What::Closed => self.closed(),
            What::Escalated => self.escalated(),
        }
    }

    fn identified(self, identity: Identity) -> Result<(), DeskError> {
        self.at_stage(&[Stage::Identity])?;
        match identity {
            Identity::Session => return Err(DeskError::new("being logged in is not enough here", "give the password")),
            Identity::Password => self.by_asking_side()?,
            Identity::Desk => self.by_staff()?,
        }
        self.case.identity = identity;
        self.go(Stage::Open);
        Ok(())
    }

    fn taken(self) -> Result<(), DeskError> {
        self.by_staff()?;
        self.at_stage(&[Stage::Open, Stage::Review])?;
        self.case.handler = Some(self.event.by.actor.clone());
        Ok(())
    }

    fn asked(self, question: &str) -> Result<(), DeskError> {
        self.by_staff()?;
        self.at_stage(&[Stage::Open, Stage::Review])?;
        said("question", question)?;
        let at = self.event.at;
        self.case.question = Some(Question { text: question.to_owned(), at, back_to: self.case.stage });
        self.case.stays.push(Stay::Paused { from: at, until: None, reason: question.to_owned() });
        self.go(Stage::Input);
        Ok(())
    }

    fn given(self, text: &str) -> Result<(), DeskError> {
        self.by_asking_side()?;
        self.at_stage(&[Stage::Input])?;
        said("answer", text)?;
        let question = self.case.question.take();
        let back_to = question.map_or(Stage::Open, |question| question.back_to);
        if let Some(Stay::Paused { until, .. }) = self.case.stays.last_mut() {
            *until = Some(self.event.at);
        }
        if !self.case.text.is_empty() {
            self.case.text.push_str("\n\n");
        }
        self.case.text.push_str(text);
        self.go(back_to);
        Ok(())
    }

    fn extended(self, period: &str, reason: &str) -> Result<(), DeskError> {
        self.by_staff()?;
        self.at_stage(&[Stage::Open, Stage::Review])?;
        said("reason", reason)?;
        let parsed: Period = period.parse().map_err(|error: gongdao_model::ModelError| {
            DeskError::new(error.message, error.hint.unwrap_or_default())
        })?;
        self.case.stays.push(Stay::Extended { at: self.event.at, by: parsed.to_string(), reason: reason.to_owned() });
        Ok(())
    }

    fn answered(self) -> Result<(), DeskError> {
        let What::Answered { outcome, text, done, kinds, orders } = &self.event.what else { return Ok(()) };
        if self.event.by.hat == Hat::Service {
            // The service answers what a change of state fulfils, and refuses nothing.
            if self.right.acts.is_none() || outcome.article().is_some() {
                return Err(DeskError::new("a person answers this", "leave it to the desk"));
            }
        } else {
            self.by_staff()?;
        }
        if self.right.person_decides {
            return Err(DeskError::order("a contest is decided by a review", "begin a review"));
        }
        self.at_stage(&[Stage::Open])?;
        said("answer", text)?;
        check_kinds(kinds)?;
        let kind = self.case.kind.as_str();
        if let Some(article) = outcome.article().filter(|article| !self.right.accepts(article)) {
            let accepted: Vec<&str> = self.right.refusals.iter().map(|ground| ground.article.as_str()).collect();
            let hint = if accepted.is_empty() {
                "no article lets it be refused: grant it".to_owned()
            } else {
                format!("these do: {}", accepted.join(", "))
            };
            return Err(DeskError::new(format!("`{article}` is no ground on which `{kind}` may be refused"), hint));
        }
        let is_act = matches!(self.case.kind, RequestKind::Correct | RequestKind::Delete) || self.right.acts.is_some();
        if is_act && done.is_empty() && orders.is_empty() && !matches!(outcome, Outcome::Refused { .. }) {
            return Err(DeskError::new(
                format!("`{kind}` is granted, and nothing says what was done"),
                "name under `done` each system and what was done there",
            ));
        }
        let answer = Answer {
            outcome: outcome.clone(),
            text: text.to_owned(),
            done: done.clone(),
            kinds: kinds.clone(),
            orders: orders.clone(),
            by: self.event.by.clone(),
            agreed_by: None,
            at: self.event.at,
        };
        if outcome.article().is_some() && self.right.two_people {
            self.case.proposal = Some(answer);
            self.go(Stage::Agreement);
            return Ok(());
        }
        self.stands(answer);
        Ok(())
    }

    /// An answer stands, and what it orders begins.
    fn stands(self, answer: Answer) {
        if !matches!(answer.outcome, Outcome::Refused { .. }) {
            self.case.order(&answer.orders, self.event.at);
        }
        self.case.answer = Some(answer);
        self.go(Stage::Answered);
    }

    fn agreed(self) -> Result<(), DeskError> {
        self.by_second_person()?;
        let Some(proposal) = self.case.proposal.take() else { return Err(nothing_proposed()) };
        let (agreed_by, at) = (Some(self.event.by.clone()), self.event.at);
        self.stands(Answer { agreed_by, at, ..proposal });
        Ok(())
    }

    fn disagreed(self, reason: &str) -> Result<(), DeskError> {
        self.by_second_person()?;
        said("reason", reason)?;
        self.case.proposal = None;
        self.go(Stage::Open);
        Ok(())
    }

    fn review_asked(self, text: &str) -> Result<(), DeskError> {
        self.by_asking_side()?;
        self.at_stage(&[Stage::Answered])?;
        if self.case.review_asked.is_some() {
            return Err(DeskError::order("the answer was reviewed before", "a court or the authority can be asked"));
        }
        said("reason", text)?;
        self.case.review_asked = Some(text.to_owned());
        self.case.review_since = Some(self.event.at);
        self.go(Stage::Review);
        Ok(())
    }

    fn review_begun(self, role: &str) -> Result<(), DeskError> {
        self.by_reviewer()?;
        self.at_stage(&[Stage::Review])?;
        said("role", role)?;
        self.case.review = Some(Review {
            by: self.event.by.clone(),
            role: role.to_owned(),
            begun_at: self.event.at,
            done_at: None,
            seen: Vec::new(),
            changed: false,
            text: String::new(),
            done: Vec::new(),
        });
        Ok(())
    }

    fn reviewed(self) -> Result<(), DeskError> {
        let What::Reviewed { seen, could_change, changed, text, done, orders } = &self.event.what else {
            return Ok(());
        };
        self.by_reviewer()?;
        self.at_stage(&[Stage::Review])?;
        said("reason", text)?;
        let by = &self.event.by;
        let Some(review) = self.case.review.as_mut().filter(|review| review.by.actor == by.actor) else {
            return Err(DeskError::order("you have not begun to review it", "begin, look at it, then decide"));
        };
        if self.event.at.millis() - review.begun_at.millis() < 1000 {
            return Err(DeskError::new("the review took less than a second", "look at the material first"));
        }
        if seen.iter().all(|one| one.trim().is_empty()) {
            return Err(DeskError::new("the review does not say what was looked at", "name it under `seen`"));
        }
        if !could_change {
            return Err(DeskError::new(
                "a review by someone who could not change the result is none",
                "give it to someone who can",
            ));
        }
        if *changed && done.is_empty() && orders.is_empty() {
            return Err(DeskError::new("it was changed, and nothing says what was done", "name it under `done`"));
        }
        review.done_at = Some(self.event.at);
        review.seen.clone_from(seen);
        review.changed = *changed;
        review.text.clone_from(text);
        review.done.clone_from(done);
        if *changed {
            self.case.order(orders, self.event.at);
        }
        self.close(Closed::Reviewed);
        Ok(())
    }

    fn withdrawn(self) -> Result<(), DeskError> {
        self.by_asking_side()?;
        self.at_stage(&[Stage::Identity, Stage::Open, Stage::Input, Stage::Agreement, Stage::Review])?;
        self.case.proposal = None;
        self.close(Closed::Withdrawn);
        Ok(())
    }

    fn closed(self) -> Result<(), DeskError> {
        self.at_stage(&[Stage::Answered])?;
        if self.event.by.hat != Hat::Service {
            self.by_asking_side()?;
        }
        if !self.case.is_fulfilled() {
            return Err(DeskError::order("some systems have not carried it out yet", "wait for them, or ask the desk"));
        }
        self.close(Closed::Answered);
        Ok(())
    }

    fn escalated(self) -> Result<(), DeskError> {
        if self.event.by.hat != Hat::Service {
            return Err(DeskError::new("the clock escalates, not a person", "wait for it"));
        }
        let stage = self.case.stage;
        if !stage.is_with_operator() || self.case.escalated.contains(&stage) {
            return Err(DeskError::order("it was escalated before, or waits for the person", "leave it"));
        }
        self.case.escalated.push(stage);
        Ok(())
    }

    fn go(self, stage: Stage) {
        self.case.stage = stage;
        self.case.since = self.event.at;
    }

    fn close(self, why: Closed) {
        self.case.closed = Some(why);
        self.case.question = None;
        self.go(Stage::Closed);
    }

    pub(crate) fn at_stage(&self, stages: &[Stage]) -> Result<(), DeskError> {
        if stages.contains(&self.case.stage) {
            return Ok(());
        }
        let (what, stage) = (self.event.what.as_str(), self.case.stage.as_str());
        Err(DeskError::order(format!("`{what}` cannot follow: the case is at `{stage}`"), "read the case again"))
    }

    fn by_asking_side(&self) -> Result<(), DeskError> {
        if self.event.by.is_asking_side() {
            return Ok(());
        }
        Err(DeskError::new("only the person, or who has their mandate, does this", "leave it to them"))
    }

    pub(crate) fn by_staff(&self) -> Result<(), DeskError> {
        if matches!(self.event.by.hat, Hat::Desk | Hat::Reviewer) {
            return Ok(());
        }
        Err(DeskError::new("only the desk does this", "leave it to the desk"))
    }

    fn by_second_person(&self) -> Result<(), DeskError> {
        self.by_staff()?;
        self.at_stage(&[Stage::Agreement])?;
        let Some(proposal) = &self.case.proposal else { return Err(nothing_proposed()) };
        if proposal.by.actor == self.event.by.actor {
            return Err(DeskError::new("who refuses cannot agree with it", "another person has to"));
        }
        Ok(())
    }

    fn by_reviewer(&self) -> Result<(), DeskError> {
        if self.event.by.hat != Hat::Reviewer {
            return Err(DeskError::new("only a reviewer does this", "give it to a reviewer"));
        }
        if self.case.was_decided_by(&self.event.by.actor) {
            return Err(DeskError::new("you decided this yourself", "another person has to review it"));
        }
        Ok(())
    }
}

fn nothing_proposed() -> DeskError {
    DeskError::order("nothing is proposed", "read the case again")
}

fn check_kinds(kinds: &[String]) -> Result<(), DeskError> {
    let is_word = |kind: &String| (1..=KIND_CHARS).contains(&kind.chars().count());
    if kinds.len() <= KINDS_MOST && kinds.iter().all(is_word) {
        return Ok(());
    }
    Err(DeskError::new("a kind of information is empty or too long, or there are too many", "name 100 at most"))
}

pub(crate) fn said(what: &str, text: &str) -> Result<(), DeskError> {
    let chars = text.trim().chars().count();
    if (1..=TEXT_CHARS).contains(&chars) {
        return Ok(());
    }
    Err(DeskError::new(format!("the {what} is missing or too long"), "say it in 1 to 10,000 characters"))
}

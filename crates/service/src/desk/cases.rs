use super::access::OnCase;
use super::lines::{case_entry, case_line, read_case, stored_limits};
use crate::event::check_name;
use crate::fulfilment::check_kept_kinds;
use crate::identity::new_id;
use crate::port::{CaseLine, NewEntry, Recorded};
use crate::{Acknowledged, Caller, ErrorKind, Role, Secret, Service, ServiceError};
use gongdao_desk::{
    About, Case, CaseEvent, Filing, Hat, Identity, Outcome, Party, Remedy, RequestKind, Stage, StageClock, What,
};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The language of an answer where a request names none.
pub(super) const ANSWER_LANGUAGE: &str = "zh";

/// A request as someone hands it in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCase {
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
    #[serde(default)]
    pub ground: Option<String>,
    /// Language of the answer: `zh`, which is taken where nothing stands, or `en`.
    #[serde(default)]
    pub language: Option<String>,
    /// The password once more: for a copy or a deletion. Without it the case waits until it is known who asks.
    #[serde(default)]
    pub password: Option<String>,
}

/// What someone does with a case.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Turn {
    /// What.
    #[serde(flatten)]
    pub what: What,
    /// The password once more, to say who asks.
    #[serde(default)]
    pub password: Option<String>,
}

/// A case, and what follows from it now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CaseView {
    /// The case.
    #[serde(flatten)]
    pub case: Case,
    /// The clock of its stage; none once it is closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<StageClock>,
    /// Whether that is past its limit.
    pub is_late: bool,
    /// Whether a penalty waits for it.
    pub suspends_penalty: bool,
    /// Whether every system that had to do something did it.
    pub is_fulfilled: bool,
    /// The ways on that are open to the person.
    pub remedies: Vec<Remedy>,
    /// Number of its last entry in the journal, and its place in the ledger, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

impl Service {
    /// File a request. Returns when it is in the ledger; what it changes at once is then known to every gate. The same
    /// request that is still open is not filed twice: it is answered again.
    ///
    /// Errors: the caller may not ask for this person; the kind needs something that is missing; a wrong password.
    pub fn file_case(&self, caller: &Caller, new: NewCase) -> Result<CaseView, ServiceError> {
        self.file_as_part(caller, new, None)
    }

    pub(super) fn file_as_part(
        &self,
        caller: &Caller,
        new: NewCase,
        filing: Option<&str>,
    ) -> Result<CaseView, ServiceError> {
        check_name("person", &new.person)?;
        let decision = new.about.decision.as_deref();
        let mandate = self.mandate_for(&new.person, new.kind, decision, caller)?;
        let mandated = mandate.iter().map(|_| caller.actor.clone()).collect();
        if !self.desk.access.may_on_case(caller, OnCase::File, &new.person, &mandated) {
            return Err(ServiceError::new(
                ErrorKind::Forbidden,
                "you may not ask for this person",
                "ask as the person, or with a mandate that they confirmed and that covers this",
            ));
        }
        self.check_decision_is_theirs(&new)?;
        let identity = self.shown(caller, new.password)?;
        let by = Party { actor: caller.actor.clone(), hat: asking_hat(caller, &new.person, mandate) };
        let filing = Filing {
            kind: new.kind,
            person: new.person,
            about: new.about,
            text: new.text,
            ground: new.ground,
            language: new.language.unwrap_or_else(|| ANSWER_LANGUAGE.to_owned()),
            filing: filing.map(str::to_owned),
            identity,
        };
        if let Some(line) = self.open_twin(&filing)? {
            return self.view_of_case(read_case(&line)?, None);
        }
        let event = CaseEvent { at: self.clock.now(), by, what: What::Filed { filing } };
        let case = Case::open(&new_id("case", &*self.entropy)?, &event, &self.desk.rights)?;
        let entry = case_entry(&case, &event)?;
        self.keep_case(case, vec![entry])
    }

    /// Do something with a case. Returns when it is in the ledger.
    ///
    /// Errors: there is none, or the caller may not know; it is not theirs to do; it cannot follow (`NotNow`).
    pub fn act_on_case(&self, caller: &Caller, id: &str, turn: Turn) -> Result<CaseView, ServiceError> {
        let (case, mandate) = self.readable_case(caller, id)?;
        let Turn { what, password } = turn;
        let (action, hat) = match &what {
            What::Filed { .. } | What::Escalated | What::Fulfilled { .. } | What::Stuck { .. } | What::Again { .. } => {
                return Err(ServiceError::input(
                    format!("`{}` is not for people", what.as_str()),
                    "see the kinds of events in the description of the API",
                ));
            }
            What::Identified { identity: Identity::Session | Identity::Password }
            | What::Given { .. }
            | What::ReviewAsked { .. }
            | What::Withdrawn
            | What::Closed => (OnCase::Answer, asking_hat(caller, &case.person, mandate.clone())),
            What::ReviewBegun { .. } | What::Reviewed { .. } => (OnCase::Review, Hat::Reviewer),
            What::Identified { identity: Identity::Desk }
            | What::Taken
            | What::Asked { .. }
            | What::Extended { .. }
            | What::Answered { .. }
            | What::Agreed
            | What::Disagreed { .. } => (OnCase::Work, Hat::Desk),
        };
        let mandated = mandate.iter().map(|_| caller.actor.clone()).collect();
        if !self.desk.access.may_on_case(caller, action, &case.person, &mandated) {
            return Err(ServiceError::new(
                ErrorKind::Forbidden,
                format!("`{}` is not yours to do", what.as_str()),
                "ask someone whose role allows it",
            ));
        }
        if matches!(what, What::Identified { identity: Identity::Password }) {
            self.shown(caller, Some(password.unwrap_or_default()))?;
        }
        check_kept_kinds(&case, &what)?;
        let at = self.clock.now().max(case.since);
        let what = self.with_orders(&case, what)?;
        let event = CaseEvent { at, by: Party { actor: caller.actor.clone(), hat }, what };
        let had_answer = case.answer.is_some();
        let case = case.after(&event, &self.desk.rights)?;
        let mut entries = vec![case_entry(&case, &event)?];
        if !had_answer && case.answer.is_some() {
            entries.extend(self.stop_using(&case, &caller.actor, at)?);
        }
        self.keep_case(case, entries)
    }

    /// One case. A look by anyone but the person and who acts for them is logged first.
    ///
    /// Errors: there is none, or the caller may not know.
    pub fn case(&self, caller: &Caller, id: &str) -> Result<CaseView, ServiceError> {
        let (case, mandate) = self.readable_case(caller, id)?;
        self.log_desk_look(caller, &case.person, mandate.as_deref(), &case.id)?;
        self.view_of_case(case, None)
    }

    /// Cases of a person, newest first, after a moment and a name. A representative sees those that a mandate covers.
    ///
    /// Errors: the caller may not see any.
    pub fn cases_of(
        &self,
        caller: &Caller,
        person: &str,
        after: Option<(Instant, String)>,
        limit: u32,
    ) -> Result<Vec<CaseView>, ServiceError> {
        let live = self.live_mandates(person, caller)?;
        let mandated: BTreeSet<String> = live.iter().map(|_| caller.actor.clone()).collect();
        if !self.desk.access.may_on_case(caller, OnCase::Read, person, &mandated) {
            return Err(crate::access::forbidden("you may not see requests of this person"));
        }
        let sees_all = self.desk.access.may_on_case(caller, OnCase::Read, person, &BTreeSet::new());
        let mandate = live.first().filter(|_| !sees_all).map(|mandate| mandate.id.clone());
        self.log_desk_look(caller, person, mandate.as_deref(), "cases")?;
        let now = self.clock.now();
        let mut views = Vec::new();
        for line in self.store.cases_of(person, after, limit)? {
            let case = read_case(&line)?;
            let covers = |one: &gongdao_desk::Mandate| one.covers(case.kind, case.about.decision.as_deref(), now);
            if sees_all || live.iter().any(covers) {
                views.push(self.view_of_case(case, None)?);
            }
        }
        Ok(views)
    }

    /// A case that the caller may read, and the mandate by which they may.
    pub(super) fn readable_case(&self, caller: &Caller, id: &str) -> Result<(Case, Option<String>), ServiceError> {
        let line = self.store.case(id)?.ok_or_else(|| self.no_case(id))?;
        let case = read_case(&line)?;
        let mandate = self.mandate_for(&case.person, case.kind, case.about.decision.as_deref(), caller)?;
        let mandated = mandate.iter().map(|_| caller.actor.clone()).collect();
        if !self.desk.access.may_on_case(caller, OnCase::Read, &case.person, &mandated) {
            // Whether it exists is not told.
            return Err(ServiceError::not_found("case"));
        }
        Ok((case, mandate))
    }

    /// Note who looked, unless it is the person.
    pub(crate) fn log_desk_look(
        &self,
        caller: &Caller,
        person: &str,
        mandate: Option<&str>,
        what: &str,
    ) -> Result<(), ServiceError> {
        if is_self(caller, person) {
            return Ok(());
        }
        let purpose = mandate.map_or_else(|| "rights desk".to_owned(), |mandate| format!("rights desk, {mandate}"));
        self.log_look_up(caller, person, &purpose, what)
    }

    /// Keep a case after an event, with what it changes at once and the answer that this is.
    pub(super) fn keep_case(&self, case: Case, mut entries: Vec<NewEntry>) -> Result<CaseView, ServiceError> {
        let mut case = case;
        let acts = case.stage == Stage::Open && case.answer.is_none();
        let at = case.since;
        if let Some((changes, done)) = if acts { self.act_entries(&case, &self.node, at)? } else { None } {
            let text = answer_text(&case.language).to_owned();
            let (outcome, kinds, orders) = (Outcome::Granted, Vec::new(), self.orders_of_case(&case, false)?);
            let what = What::Answered { outcome, text, done, kinds, orders };
            let event = CaseEvent { at, by: Party { actor: self.node.to_string(), hat: Hat::Service }, what };
            case = case.after(&event, &self.desk.rights)?;
            entries.extend(changes);
            entries.push(case_entry(&case, &event)?);
        }
        let line = self.line_of(&case)?;
        let recorded = self.store.change_desk(&self.node, &[line], &[], &entries)?;
        if recorded.contains(&Recorded::Other) {
            return Err(ServiceError::changed());
        }
        self.tell_systems(&case)?;
        let last = recorded.last().copied().ok_or_else(ServiceError::changed)?;
        let receipt = self.follower.wait(last)?;
        self.view_of_case(case, Some(receipt))
    }

    /// A case as the database has it, by the limits of now.
    pub(crate) fn line_of(&self, case: &Case) -> Result<CaseLine, ServiceError> {
        let (_, limits) = stored_limits(&*self.store)?;
        case_line(case, &self.desk.rights, &limits, &self.desk.calendar)
    }

    /// What is granted is ordered from the systems that have to carry it out.
    fn with_orders(&self, case: &Case, what: What) -> Result<What, ServiceError> {
        Ok(match what {
            What::Answered { outcome, text, done, kinds, .. } => {
                let is_partly = outcome != Outcome::Granted;
                let orders = self.orders_of_case(case, is_partly)?;
                let orders = if matches!(outcome, Outcome::Refused { .. }) { Vec::new() } else { orders };
                What::Answered { outcome, text, done, kinds, orders }
            }
            What::Reviewed { seen, could_change, changed, text, done, .. } => {
                let orders = if changed { self.orders_of_case(case, false)? } else { Vec::new() };
                What::Reviewed { seen, could_change, changed, text, done, orders }
            }
            other => other,
        })
    }

    pub(super) fn view_of_case(&self, case: Case, receipt: Option<Acknowledged>) -> Result<CaseView, ServiceError> {
        let (_, limits) = stored_limits(&*self.store)?;
        let clock = StageClock::of(&case, &self.desk.rights, &limits, &self.desk.calendar)?;
        let now = self.clock.now();
        let remedies = Remedy::of(&case, clock.as_ref(), now)?;
        Ok(CaseView {
            is_late: clock.as_ref().is_some_and(|clock| clock.is_late(now)),
            suspends_penalty: case.suspends_penalty(&self.desk.rights),
            is_fulfilled: case.is_fulfilled(),
            case,
            clock,
            remedies,
            receipt,
        })
    }

    /// How it is known who asks: by the password, where one is shown.
    fn shown(&self, caller: &Caller, password: Option<String>) -> Result<Identity, ServiceError> {
        let Some(password) = password else { return Ok(Identity::Session) };
        self.confirm_password(caller, &Secret::new(password))?;
        Ok(Identity::Password)
    }

    /// A contest or explanation is about a decision on the person; another's is no such thing.
    fn check_decision_is_theirs(&self, new: &NewCase) -> Result<(), ServiceError> {
        let Some(decision) = &new.about.decision else { return Ok(()) };
        let line = self.line(decision)?;
        if line.person.as_deref() == Some(new.person.as_str()) {
            return Ok(());
        }
        Err(ServiceError::not_found("decision"))
    }

    /// The same request of the same person that nobody has answered yet.
    fn open_twin(&self, filing: &Filing) -> Result<Option<CaseLine>, ServiceError> {
        const LOOKED_AT: u32 = 200;
        for line in self.store.cases_of(&filing.person, None, LOOKED_AT)? {
            let waits = line.waits || line.stage == Stage::Input.as_str();
            if !waits || line.kind != filing.kind.as_str() {
                continue;
            }
            let case = read_case(&line)?;
            if case.about == filing.about && case.ground == filing.ground && case.text == filing.text {
                return Ok(Some(line));
            }
        }
        Ok(None)
    }
}

/// Whether records of the person are the caller's own, and not by a mandate.
pub(super) fn is_self(caller: &Caller, person: &str) -> bool {
    caller.roles.contains(&Role::Person) && caller.persons.contains(person)
}

fn asking_hat(caller: &Caller, person: &str, mandate: Option<String>) -> Hat {
    match mandate {
        _ if is_self(caller, person) => Hat::Person,
        Some(mandate) => Hat::Representative { mandate },
        None => Hat::Desk,
    }
}

/// What the service answers where a change of state is the answer; pages say more.
fn answer_text(language: &str) -> &'static str {
    if language == "en" { "Done. What was done stands under `done`." } else { "已办理。办理的内容见 done。" }
}

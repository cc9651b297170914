//! The rights desk as a model: everyone tries everything at every moment, and what must never happen is looked for.
//!
//! The case itself is the program's own (`gongdao-desk`). Beside it the model keeps a record of its own of who did what, so that
//! what the case says of itself is not what is believed. A [`Twin`] is the desk with one safeguard taken out: a checker that
//! does not reject it would prove nothing about the desk.

pub mod activation;

use gongdao_desk::{
    About, Case, CaseEvent, Done, Filing, Hat, Identity, Mandate, MandateEvent, NewMandate, Outcome, Party,
    RequestKind, Rights, Stage, What,
};
use gongdao_model::Instant;
use stateright::{Model, Property};

/// Which safeguard is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Twin {
    /// None: the desk as it is.
    None,
    /// Whoever refuses a deletion agrees with it alone.
    OneRefuses,
    /// Whoever answered reviews the answer.
    OwnReview,
    /// A mandate that was taken back still counts.
    RevokedCounts,
    /// A penalty runs on as soon as somebody has begun to look at the contest.
    PenaltyRunsInReview,
    /// A copy is handed out to whoever is logged in.
    NoStepUp,
}

/// Who takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    Person,
    Union,
    Officer,
    OtherOfficer,
    Reviewer,
    OtherReviewer,
    Service,
}

const ALL: [Who; 7] =
    [Who::Person, Who::Union, Who::Officer, Who::OtherOfficer, Who::Reviewer, Who::OtherReviewer, Who::Service];

impl Who {
    fn party(self) -> Party {
        let hat = match self {
            Self::Person => Hat::Person,
            Self::Union => Hat::Representative { mandate: "m".to_owned() },
            Self::Officer | Self::OtherOfficer => Hat::Desk,
            Self::Reviewer | Self::OtherReviewer => Hat::Reviewer,
            Self::Service => Hat::Service,
        };
        Party { actor: format!("{self:?}"), hat }
    }
}

/// What anyone can try.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Try {
    Event(Who, What),
    Mandate(MandateEvent),
    /// The platform asks whether the penalty waits, and carries it out if not.
    Penalise,
}

/// What really happened, whatever the case says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Truth {
    proposed_by: Option<Who>,
    agreed_by: Option<Who>,
    answered_by: Option<Who>,
    begun_by: Option<Who>,
    reviewed_by: Option<Who>,
    password: bool,
    handed_out: bool,
    union_acted_without_mandate: bool,
    penalised: bool,
    penalised_while_open: bool,
    withdrawn: bool,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Moment {
    pub case: Case,
    pub mandate: Mandate,
    pub truth: Truth,
    at: i64,
}

/// One request, everyone who has to do with it, and the safeguard that is missing.
#[derive(Debug, Clone)]
pub struct Desk {
    pub kind: RequestKind,
    pub ground: Option<&'static str>,
    pub twin: Twin,
    pub rights: Rights,
    pub most_events: u32,
    tries: Vec<What>,
}

impl Desk {
    pub fn new(kind: RequestKind, ground: Option<&'static str>, twin: Twin) -> Self {
        let rights = Rights::shipped().unwrap();
        let tries = Self::tries(kind, &rights);
        Self { kind, ground, twin, rights, most_events: 5, tries }
    }

    fn tries(kind: RequestKind, rights: &Rights) -> Vec<What> {
        let article = |text: &str| text.parse().unwrap();
        let done = || vec![Done { system: "orders".to_owned(), what: "done".to_owned() }];
        let answered = |outcome, done| What::Answered {
            outcome,
            text: "x".to_owned(),
            done,
            kinds: Vec::new(),
            orders: Vec::new(),
        };
        let reviewed = |changed, could_change| What::Reviewed {
            seen: vec!["track".to_owned()],
            could_change,
            changed,
            text: "x".to_owned(),
            done: if changed { done() } else { Vec::new() },
            orders: Vec::new(),
        };
        let mut tries = vec![
            What::Identified { identity: Identity::Session },
            What::Identified { identity: Identity::Password },
            What::Identified { identity: Identity::Desk },
            What::Asked { question: "x".to_owned() },
            What::Given { text: "x".to_owned() },
            answered(Outcome::Granted, done()),
            answered(Outcome::Granted, Vec::new()),
            // An article of another right, and one that exists for nobody.
            answered(Outcome::Refused { article: article("cn.pipl/44") }, Vec::new()),
            answered(Outcome::Refused { article: article("cn.pipl/99") }, Vec::new()),
            What::Agreed,
            What::Disagreed { reason: "x".to_owned() },
            What::ReviewAsked { text: "x".to_owned() },
            What::ReviewBegun { role: "x".to_owned() },
            reviewed(true, true),
            reviewed(false, true),
            reviewed(false, false),
            What::Withdrawn,
            What::Closed,
            What::Escalated,
        ];
        let own = rights.of(kind).unwrap().refusals.iter();
        for ground in own {
            tries.push(answered(Outcome::Refused { article: ground.article.clone() }, Vec::new()));
            tries.push(answered(Outcome::Partly { article: ground.article.clone() }, done()));
        }
        tries
    }

    /// Whether the union may act: what the service asks before it lets an event through.
    fn may_act(&self, moment: &Moment, at: Instant) -> bool {
        let mandate = &moment.mandate;
        let counts = self.twin == Twin::RevokedCounts && mandate.state == gongdao_desk::MandateState::Revoked;
        counts || mandate.covers(self.kind, moment.case.about.decision.as_deref(), at)
    }

    fn event(&self, moment: &Moment, who: Who, what: &What, at: i64) -> Option<Moment> {
        let instant = Instant::from_millis(at).ok()?;
        if who == Who::Union && !self.may_act(moment, instant) {
            return None;
        }
        // What the twins leave out is left out by showing the case another face.
        let mut shown = who;
        let mut what_shown = what.clone();
        match (self.twin, what) {
            (Twin::OneRefuses, What::Agreed) if moment.truth.proposed_by == Some(who) => {
                shown = if who == Who::Officer { Who::OtherOfficer } else { Who::Officer };
            }
            (Twin::OwnReview, What::ReviewBegun { .. } | What::Reviewed { .. })
                if moment.truth.answered_by == Some(who) =>
            {
                shown = Who::OtherReviewer;
                if who == shown {
                    shown = Who::Reviewer;
                }
            }
            (Twin::NoStepUp, What::Identified { identity: Identity::Session }) => {
                what_shown = What::Identified { identity: Identity::Password };
            }
            _ => {}
        }
        let event = CaseEvent { at: instant, by: shown.party(), what: what_shown };
        let case = moment.case.after(&event, &self.rights).ok()?;
        let mut truth = moment.truth.clone();
        truth.union_acted_without_mandate |=
            who == Who::Union && !moment.mandate.covers(self.kind, moment.case.about.decision.as_deref(), instant);
        match what {
            What::Identified { identity } => truth.password |= *identity != Identity::Session,
            What::Answered { outcome, .. } => {
                truth.proposed_by = Some(who);
                if case.answer.is_some() {
                    truth.answered_by = Some(who);
                    truth.handed_out |= !matches!(outcome, Outcome::Refused { .. });
                }
            }
            What::Agreed => {
                truth.agreed_by = Some(who);
                truth.answered_by = truth.proposed_by;
            }
            What::Disagreed { .. } => truth.proposed_by = None,
            What::ReviewBegun { .. } => truth.begun_by = Some(who),
            What::Reviewed { .. } => truth.reviewed_by = Some(who),
            What::Withdrawn => truth.withdrawn = true,
            _ => {}
        }
        Some(Moment { case, mandate: moment.mandate.clone(), truth, at })
    }

    fn waits(&self, case: &Case) -> bool {
        let in_review = case.review.is_some();
        case.suspends_penalty(&self.rights) && !(self.twin == Twin::PenaltyRunsInReview && in_review)
    }
}

impl Model for Desk {
    type State = Moment;
    type Action = Try;

    fn init_states(&self) -> Vec<Moment> {
        let at = Instant::from_millis(1_700_000_000_000).unwrap();
        let filing = Filing {
            kind: self.kind,
            person: "p".to_owned(),
            about: About {
                decision: Some("d-1".to_owned()),
                purpose: Some("x".to_owned()),
                tag: Some("x".to_owned()),
                information: Some("x".to_owned()),
            },
            text: String::new(),
            ground: self.ground.map(str::to_owned),
            language: "zh".to_owned(),
            filing: None,
            identity: Identity::Session,
        };
        let event = CaseEvent { at, by: Who::Person.party(), what: What::Filed { filing } };
        let case = Case::open("c", &event, &self.rights).unwrap();
        let terms = NewMandate {
            person: "p".to_owned(),
            representative: "Union".to_owned(),
            kinds: [self.kind].into(),
            decision: None,
            until: Instant::from_millis(at.millis() + 86_400_000).unwrap(),
        };
        let mandate = Mandate::propose("m", terms, at).unwrap();
        vec![Moment { case, mandate, truth: Truth::default(), at: at.millis() }]
    }

    fn actions(&self, moment: &Moment, actions: &mut Vec<Try>) {
        if moment.case.events >= self.most_events {
            return;
        }
        for what in &self.tries {
            actions.extend(ALL.map(|who| Try::Event(who, what.clone())));
        }
        actions.extend([MandateEvent::Confirmed, MandateEvent::Declined, MandateEvent::Revoked].map(Try::Mandate));
        actions.push(Try::Penalise);
    }

    fn next_state(&self, moment: &Moment, action: Try) -> Option<Moment> {
        // Time goes by the same for all that is tried, so that two ways to the same place are one.
        let at = next_at(moment);
        match action {
            Try::Event(who, what) => self.event(moment, who, &what, at),
            Try::Mandate(event) => {
                let mandate = moment.mandate.after(&event, Instant::from_millis(at).ok()?).ok()?;
                Some(Moment { mandate, at, ..moment.clone() })
            }
            Try::Penalise if !self.waits(&moment.case) && !moment.truth.penalised => {
                let mut next = moment.clone();
                next.truth.penalised = true;
                let listed = self.ground.and_then(|id| self.rights.of(self.kind).ok()?.ground(id));
                let undecided = next.truth.reviewed_by.is_none() && !next.truth.withdrawn;
                next.truth.penalised_while_open |= listed.is_some_and(|ground| ground.suspends) && undecided;
                Some(next)
            }
            Try::Penalise => None,
        }
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("a refusal rests on an article of this right", |desk: &Desk, moment: &Moment| {
                let right = desk.rights.of(desk.kind).unwrap();
                moment.case.refusal().is_none_or(|refusal| right.accepts(refusal.article))
            }),
            Property::always("a deletion is refused by two", |_: &Desk, moment: &Moment| {
                let truth = &moment.truth;
                moment.case.kind != RequestKind::Delete
                    || moment.case.refusal().is_none()
                    || (truth.agreed_by.is_some() && truth.agreed_by != truth.proposed_by)
            }),
            Property::always("nobody reviews what they decided", |_: &Desk, moment: &Moment| {
                let truth = &moment.truth;
                truth.reviewed_by.is_none()
                    || (truth.reviewed_by != truth.answered_by && truth.reviewed_by != truth.agreed_by)
            }),
            Property::always("a review has evidence", |_: &Desk, moment: &Moment| {
                let done = moment.case.review.as_ref().filter(|review| review.done_at.is_some());
                done.is_none_or(|review| review.seconds() >= Some(1) && !review.seen.is_empty())
            }),
            Property::always("a contest ends by a person or by who began it", |_: &Desk, moment: &Moment| {
                let truth = &moment.truth;
                moment.case.kind != RequestKind::Contest
                    || moment.case.is_open()
                    || truth.withdrawn
                    || truth.reviewed_by.is_some_and(|who| who != Who::Service)
            }),
            Property::always("a penalty waits while a listed contest is open", |_: &Desk, moment: &Moment| {
                !moment.truth.penalised_while_open
            }),
            Property::always(
                "nothing is handed out or deleted before it is known who asks",
                |desk: &Desk, moment: &Moment| {
                    let needed = desk.rights.of(desk.kind).unwrap().step_up;
                    !needed || !moment.truth.handed_out || moment.truth.password
                },
            ),
            Property::always("nobody acts without a mandate that counts", |_: &Desk, moment: &Moment| {
                !moment.truth.union_acted_without_mandate
            }),
            Property::always("whoever asks can take it back or go on", |desk: &Desk, moment: &Moment| {
                desk.has_a_way_on(moment)
            }),
            Property::sometimes("it ends", |_: &Desk, moment: &Moment| moment.case.stage == Stage::Closed),
            Property::sometimes("the union acts", |desk: &Desk, moment: &Moment| {
                moment.mandate.covers(desk.kind, Some("d-1"), Instant::from_millis(moment.at).unwrap())
            }),
        ]
    }

    fn within_boundary(&self, moment: &Moment) -> bool {
        moment.case.events <= self.most_events
    }
}

impl Desk {
    /// From every place that is not the end something can be done by the side whose turn it is.
    fn has_a_way_on(&self, moment: &Moment) -> bool {
        let turn: &[Who] = match moment.case.stage {
            Stage::Closed => return true,
            Stage::Identity | Stage::Input | Stage::Answered => &[Who::Person],
            Stage::Open => &[Who::Officer],
            Stage::Agreement => &[Who::Officer, Who::OtherOfficer, Who::Reviewer],
            Stage::Review => &[Who::Reviewer, Who::OtherReviewer],
        };
        let at = next_at(moment);
        turn.iter().any(|who| self.tries.iter().any(|what| self.event(moment, *who, what, at).is_some()))
    }
}

/// Later with each event of the case, and by nothing else.
fn next_at(moment: &Moment) -> i64 {
    moment.case.filed_at.millis() + 2000 * i64::from(moment.case.events)
}

//! A version on its way into force as a model: declared, consulted on, published, activated, withdrawn, with days going by; and a
//! gate that decides whenever it is let. Versions and consultations are the program's own (`gongdao-register`); the model keeps
//! its own record beside them. A [`Lapse`] is the register, or the gate, with one safeguard taken out.

use gongdao_model::{Instant, LegalDate};
use gongdao_register::{
    AnswerStatus, Consultation, ConsultationEvent, ConsultationWhat, Duties, NewSeat, NewVersion, OutcomeWord, Passage,
    Side, Standing, Version, VersionEvent, VersionWhat,
};
use stateright::{Model, Property};
use std::hash::{Hash, Hasher};

/// Days between publication and first day at least.
const NOTICE: u32 = 7;
/// Days that go by at once.
const STEP: i32 = 4;
/// The last day that is looked at.
const LAST: i32 = 16;
const TEXTS: [&str; 2] = ["one\ntwo", "one\ntwo, faster"];

/// Which safeguard is taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lapse {
    /// None.
    None,
    /// The gate does not ask whether the first day has come.
    GateIsEarly,
    /// The gate goes on after the withdrawal.
    GateIsLate,
    /// A version takes effect whatever became of its consultation.
    NobodyHeard,
    /// The text can still be changed when it was called or published.
    TextMoves,
    /// It can take effect the day after it was published.
    ShortNotice,
}

/// What anyone can try.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    DaysGoBy,
    Amend(usize),
    Call,
    Comment,
    Answer(bool),
    Conclude,
    Announce,
    /// With its first day so many days from now.
    Publish(i32),
    Activate,
    Withdraw,
    /// The gate is asked for a decision.
    Decide,
}

/// What really happened, whatever the register says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Record {
    asked_about: Option<usize>,
    commented: u32,
    decided_on_comments: u32,
    concluded: bool,
    announced: bool,
    published_on: Option<i32>,
    first_day: Option<i32>,
    withdrawn: bool,
    text: usize,
    /// Whether a decision was made, and what was wrong with one.
    decided: bool,
    decided_unheard: bool,
    decided_early: bool,
    decided_unasked: bool,
    decided_after_end: bool,
}

/// A moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub version: Version,
    pub consultation: Option<Consultation>,
    pub record: Record,
    day: i32,
}

impl Hash for Place {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // What the two come to is told apart by what they are written as.
        serde_json::to_string(&(&self.version, &self.consultation)).unwrap().hash(state);
        self.record.hash(state);
        self.day.hash(state);
    }
}

/// One version that touches workers, or none of them.
#[derive(Debug, Clone)]
pub struct Activation {
    pub lapse: Lapse,
    /// Of the version, and of its consultation.
    pub most_events: u32,
    labour: bool,
    duties: Duties,
    first: i32,
}

impl Activation {
    pub fn new(lapse: Lapse, labour: bool) -> Self {
        let first = "2026-03-02".parse::<LegalDate>().unwrap().day_number();
        Self { lapse, most_events: 5, labour, duties: Duties::shipped().unwrap(), first }
    }

    fn day(&self, day: i32) -> LegalDate {
        LegalDate::from_day_number(self.first + day).unwrap()
    }

    fn at(&self, day: i32) -> Instant {
        // Ten in the morning: days and moments are not the same.
        Instant::from_millis(self.day(day).starts_at().millis() + 36_000_000).unwrap()
    }

    fn on_version(&self, place: &Place, what: VersionWhat) -> Option<Version> {
        let mut seen = place.version.clone();
        if self.lapse == Lapse::TextMoves && matches!(what, VersionWhat::Amended { .. }) {
            (seen.consultation, seen.publication) = (None, None);
        }
        let labour = seen.affects_labour;
        if self.lapse == Lapse::NobodyHeard {
            seen.affects_labour = false;
        }
        let notice = if self.lapse == Lapse::ShortNotice { 1 } else { NOTICE };
        let event = VersionEvent { at: self.at(place.day), what };
        let mut next = seen.after(&event, place.consultation.as_ref(), notice, &self.duties).ok()?;
        next.affects_labour = labour;
        if self.lapse == Lapse::TextMoves {
            next.consultation = next.consultation.or(place.version.consultation.clone());
            next.publication = next.publication.or(place.version.publication.clone());
        }
        Some(next)
    }

    fn on_consultation(&self, place: &Place, seat: &str, what: ConsultationWhat) -> Option<Place> {
        let event = ConsultationEvent { at: self.at(place.day), seat: Some(seat.to_owned()), what };
        let consultation = place.consultation.as_ref()?.after(&event).ok()?;
        Some(Place { consultation: Some(consultation), ..place.clone() })
    }

    fn amend(&self, place: &Place, text: usize) -> Option<Place> {
        let what =
            VersionWhat::Amended { text: TEXTS[text].to_owned(), factors: Vec::new(), note: String::new(), rule: None };
        let mut version = self.on_version(place, what)?;
        let mut next = place.clone();
        if self.lapse == Lapse::TextMoves {
            // Who moves a text hides it: the digest stays as it was asked about.
            version.digest.clone_from(&place.version.digest);
        }
        next.version = version;
        next.record.text = text;
        Some(next)
    }

    fn call(&self, place: &Place) -> Option<Place> {
        let seat = |side| NewSeat { side, name: "x".to_owned(), account: format!("account:{side:?}") };
        let seats = vec![seat(Side::Union), seat(Side::Platform)];
        let last_day = self.day(place.day + 3);
        let called =
            Consultation::call("c", &place.version, last_day, seats, "x".to_owned(), self.at(place.day)).ok()?.0;
        let mut next = place.clone();
        next.version = self.on_version(place, VersionWhat::Called { consultation: "c".to_owned() })?;
        next.consultation = Some(called);
        next.record.asked_about = Some(place.record.text);
        Some(next)
    }

    fn decide(&self, place: &Place) -> Option<Place> {
        let standing = place.version.hold().standing(self.at(place.day));
        let is_let = match self.lapse {
            Lapse::GateIsEarly => place.version.activated_at.is_some() && standing != Standing::Withdrawn,
            Lapse::GateIsLate => standing == Standing::InForce || standing == Standing::Withdrawn,
            _ => standing == Standing::InForce,
        };
        if !is_let {
            return None;
        }
        let mut next = place.clone();
        let record = &mut next.record;
        let was_heard = record.concluded && record.announced && record.decided_on_comments == record.commented;
        let notice = if self.labour { i32::try_from(NOTICE).unwrap() } else { 1 };
        let in_time = record
            .published_on
            .zip(record.first_day)
            .is_some_and(|(published, first)| first - published >= notice && place.day >= first);
        record.decided_unheard |= self.labour && !was_heard;
        record.decided_unasked |= self.labour && record.asked_about != Some(record.text);
        record.decided_early |= !in_time;
        record.decided_after_end |= record.withdrawn;
        record.decided = true;
        Some(next)
    }

    fn said(&self, place: &Place, step: &Step) -> Option<Place> {
        let text = || "x".to_owned();
        match step {
            Step::Comment => {
                let passage = Passage { digest: place.version.digest.clone(), from_line: 1, to_line: 1 };
                let mut next =
                    self.on_consultation(place, "union-1", ConsultationWhat::Commented { passage, text: text() })?;
                next.record.commented += 1;
                Some(next)
            }
            Step::Answer(decides) => {
                let status = if *decides { AnswerStatus::NotTaken } else { AnswerStatus::Open };
                let what = ConsultationWhat::Answered { number: 1, status, text: text() };
                let mut next = self.on_consultation(place, "platform-1", what)?;
                next.record.decided_on_comments = u32::from(*decides);
                Some(next)
            }
            Step::Conclude => {
                let what = ConsultationWhat::Concluded { outcome: OutcomeWord::Agreed, text: text() };
                let mut next = self.on_consultation(place, "platform-1", what)?;
                next.record.concluded = true;
                Some(next)
            }
            _ => {
                let what = ConsultationWhat::Announced { address: None, told: text() };
                let mut next = self.on_consultation(place, "platform-1", what)?;
                next.record.announced = true;
                Some(next)
            }
        }
    }
}

impl Model for Activation {
    type State = Place;
    type Action = Step;

    fn init_states(&self) -> Vec<Place> {
        let new = NewVersion {
            id: "v".to_owned(),
            text: TEXTS[0].to_owned(),
            factors: Vec::new(),
            based_on: None,
            note: String::new(),
            affects_labour: None,
            rule: None,
        };
        let what = VersionWhat::Declared { algorithm: "a".to_owned(), version: Box::new(new), labour: self.labour };
        let version = Version::open(&VersionEvent { at: self.at(0), what }).unwrap();
        vec![Place { version, consultation: None, record: Record::default(), day: 0 }]
    }

    fn actions(&self, _: &Place, actions: &mut Vec<Step>) {
        actions.extend([Step::DaysGoBy, Step::Amend(0), Step::Amend(1), Step::Call, Step::Comment]);
        actions.extend([Step::Answer(false), Step::Answer(true), Step::Conclude, Step::Announce]);
        actions.extend([Step::Publish(1), Step::Publish(8), Step::Activate, Step::Withdraw, Step::Decide]);
    }

    fn next_state(&self, place: &Place, step: Step) -> Option<Place> {
        let mut next = place.clone();
        match step {
            Step::DaysGoBy => next.day += STEP,
            Step::Amend(text) => return self.amend(place, text).filter(|_| text != place.record.text),
            Step::Call => return self.call(place),
            Step::Comment | Step::Answer(_) | Step::Conclude | Step::Announce => return self.said(place, &step),
            Step::Publish(days) => {
                let from = self.day(place.day + days);
                next.version = self.on_version(place, VersionWhat::Published { from, address: None })?;
                (next.record.published_on, next.record.first_day) = (Some(place.day), Some(place.day + days));
            }
            Step::Activate => next.version = self.on_version(place, VersionWhat::Activated)?,
            Step::Withdraw => {
                next.version = self.on_version(place, VersionWhat::Withdrawn { reason: "x".to_owned() })?;
                next.record.withdrawn = true;
            }
            Step::Decide => return self.decide(place),
        }
        Some(next)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("nothing decides before its notice is over", |_: &Activation, place: &Place| {
                !place.record.decided_early
            }),
            Property::always("nothing decides before those it touches were heard", |_: &Activation, place: &Place| {
                !place.record.decided_unheard
            }),
            Property::always("what decides is what was asked about", |_: &Activation, place: &Place| {
                !place.record.decided_unasked
            }),
            Property::always("nothing decides after its end", |_: &Activation, place: &Place| {
                !place.record.decided_after_end
            }),
            Property::sometimes("it decides", |_: &Activation, place: &Place| place.record.decided),
            Property::sometimes("it ends", |_: &Activation, place: &Place| place.record.withdrawn),
        ]
    }

    fn within_boundary(&self, place: &Place) -> bool {
        let asked = place.consultation.as_ref().map_or(0, |consultation| consultation.events);
        let is_short = place.version.events <= self.most_events && asked <= self.most_events;
        place.day <= LAST && is_short && place.record.commented <= 1
    }
}

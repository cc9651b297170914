//! Algorithms, versions and consultations as state machines: what may follow what, by whom, and until when.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_clock::Calendar;
use gongdao_model::{Instant, Standing as LawStanding};
use gongdao_pack::{Drafts, Packs};
use gongdao_register::{
    Algorithm, AlgorithmEvent, AlgorithmWhat, AnswerStatus, Class, ClockState, Consultation, ConsultationEvent,
    ConsultationWhat, Description, Details, Duties, Factor, FilingAct, MissingKind, NewSeat, NewVersion, OutcomeWord,
    Passage, RecordNumber, RegisterError, Side, Standing, StopCondition, SubmissionKind, Texts, Trial, TrialEvent,
    TrialFigures, TrialGrounds, TrialMeasure, TrialObjection, TrialPlan, TrialStage, TrialTally, TrialWhat, Version,
    VersionEvent, VersionWhat, filing_clocks,
};
use std::collections::BTreeSet;
use std::path::Path;

fn at(text: &str) -> Instant {
    format!("{text}T10:00:00+08:00").parse().unwrap()
}

fn description() -> Description {
    Description {
        provider: "某平台".to_owned(),
        name: "配送调度".to_owned(),
        class: Class::Dispatch,
        places: BTreeSet::new(),
        affects_labour: true,
        opinion_attributes: Some(true),
        service_form: String::new(),
        field: String::new(),
        product: String::new(),
        texts: Texts::default(),
        website: None,
        contact: String::new(),
        details: Details::default(),
    }
}

fn algorithm() -> Algorithm {
    let what = AlgorithmWhat::Registered { description: Box::new(description()) };
    Algorithm::register("algorithm-1", &AlgorithmEvent { at: at("2024-03-01"), what }).unwrap()
}

fn filed(algorithm: &Algorithm, day: &str, act: FilingAct) -> Result<Algorithm, RegisterError> {
    algorithm.after(&AlgorithmEvent { at: at(day), what: AlgorithmWhat::Filing { act } })
}

fn began(day: &str) -> FilingAct {
    FilingAct::ServiceBegan { on: day.parse().unwrap() }
}

fn submitted(submission: SubmissionKind, day: &str) -> FilingAct {
    FilingAct::Submitted { submission, on: day.parse().unwrap() }
}

const NUMBER: &str = "网信算备110108224236606220017号";

fn states(algorithm: &Algorithm, day: &str) -> Vec<(&'static str, ClockState)> {
    let clocks = filing_clocks(algorithm, &Calendar::shipped().unwrap(), at(day)).unwrap();
    clocks.iter().map(|clock| (clock.duty, clock.state)).collect()
}

#[test]
fn a_service_is_filed_within_ten_working_days_of_its_beginning() {
    // From Friday 1 March 2024 the tenth working day is Friday 15 March.
    let running = filed(&algorithm(), "2024-03-01", began("2024-03-01")).unwrap();
    for (day, state) in [("2024-03-15", ClockState::Open), ("2024-03-16", ClockState::Late)] {
        assert_eq!(states(&running, day), [("cn.iisarmp/24/1#file", state)], "{day}");
    }
    for (day, state) in [("2024-03-15", ClockState::Met), ("2024-03-18", ClockState::MetLate)] {
        let handed = filed(&running, day, submitted(SubmissionKind::First, day)).unwrap();
        assert_eq!(states(&handed, day)[0], ("cn.iisarmp/24/1#file", state), "{day}");
    }
    let calendar = Calendar::shipped().unwrap();
    let clocks = filing_clocks(&running, &calendar, at("2024-03-02")).unwrap();
    let due = clocks[0].explanation.as_ref().unwrap().due.unwrap();
    assert_eq!(due.end.day().to_string(), "2024-03-15");
    let mut unsaid = running.clone();
    unsaid.description.opinion_attributes = None;
    assert_eq!(
        states(&unsaid, "2024-03-16"),
        [("cn.iisarmp/24/1#file", ClockState::CannotTell)],
        "unknown is never fine"
    );
    unsaid.description.opinion_attributes = Some(false);
    assert!(states(&unsaid, "2024-03-16").is_empty(), "it need not be filed");
}

#[test]
fn an_authority_that_says_nothing_is_late_and_nothing_is_approved() {
    let running = filed(&algorithm(), "2024-03-01", began("2024-03-01")).unwrap();
    let handed = filed(&running, "2024-03-04", submitted(SubmissionKind::First, "2024-03-04")).unwrap();
    let answer =
        |day: &str| states(&handed, day).into_iter().find(|(duty, _)| *duty == "cn.iisarmp/25#decide").unwrap().1;
    // Qingming (4 to 6 April) and the made-up Sunday 7 April lie between.
    assert_eq!((answer("2024-04-16"), answer("2024-04-17")), (ClockState::Open, ClockState::Late));
    assert!(!handed.filing.is_filed(), "past the thirty days as well");
    let error = filed(
        &handed,
        "2024-09-02",
        FilingAct::NumberShown { address: "https://a.cn".to_owned(), on: "2024-09-02".parse().unwrap() },
    );
    assert_eq!(error.unwrap_err().message, "the algorithm is not filed");
}

#[test]
fn a_change_and_the_end_of_a_filed_service_have_clocks_of_their_own() {
    let mut it = filed(&algorithm(), "2024-03-01", began("2024-03-01")).unwrap();
    it = filed(&it, "2024-03-04", submitted(SubmissionKind::First, "2024-03-04")).unwrap();
    let accepted = FilingAct::Accepted { number: Some(NUMBER.to_owned()), on: "2024-03-20".parse().unwrap() };
    it = filed(&it, "2024-03-20", accepted).unwrap();
    assert!(it.filing.is_filed());
    let mut other = description();
    other.texts.purpose = "少绕路".to_owned();
    let what = AlgorithmWhat::Described { description: Box::new(other) };
    it = it.after(&AlgorithmEvent { at: at("2024-06-03"), what }).unwrap();
    let of = |it: &Algorithm, duty: &str, day: &str| {
        states(it, day).into_iter().find(|(known, _)| *known == duty).map(|(_, state)| state)
    };
    // Monday 10 June 2024 is a holiday: the tenth working day after 3 June is 18 June.
    assert_eq!(of(&it, "cn.iisarmp/24/2#change", "2024-06-18"), Some(ClockState::Open));
    assert_eq!(of(&it, "cn.iisarmp/24/2#change", "2024-06-19"), Some(ClockState::Late));
    it = filed(&it, "2024-06-18", submitted(SubmissionKind::Change, "2024-06-18")).unwrap();
    assert_eq!(of(&it, "cn.iisarmp/24/2#change", "2024-06-19"), Some(ClockState::Met));
    it = filed(&it, "2024-06-20", FilingAct::Accepted { number: None, on: "2024-06-20".parse().unwrap() }).unwrap();
    assert_eq!(of(&it, "cn.iisarmp/26", "2024-06-20"), Some(ClockState::Open), "the number is not shown");
    it = filed(&it, "2024-07-01", FilingAct::ServiceEnded { on: "2024-07-01".parse().unwrap() }).unwrap();
    assert_eq!(of(&it, "cn.iisarmp/24/3#deregister", "2024-07-29"), Some(ClockState::Open));
    assert_eq!(of(&it, "cn.iisarmp/24/3#deregister", "2024-07-30"), Some(ClockState::Late));
    it = filed(&it, "2024-07-29", submitted(SubmissionKind::Deregistration, "2024-07-29")).unwrap();
    it = filed(&it, "2024-08-01", FilingAct::Accepted { number: None, on: "2024-08-01".parse().unwrap() }).unwrap();
    assert_eq!(of(&it, "cn.iisarmp/24/3#deregister", "2024-08-01"), Some(ClockState::Met));
    assert!(!it.filing.is_filed());
}

#[test]
fn what_cannot_follow_in_a_filing_is_refused() {
    let it = algorithm();
    let accepted = |number: Option<&str>| FilingAct::Accepted {
        number: number.map(str::to_owned),
        on: "2024-03-04".parse().unwrap(),
    };
    let handed = filed(&it, "2024-03-04", submitted(SubmissionKind::First, "2024-03-04")).unwrap();
    let rows: [(&Algorithm, FilingAct, &str); 8] = [
        (&it, began("2024-03-06"), "`2024-03-06` has not come yet"),
        (&it, submitted(SubmissionKind::Change, "2024-03-01"), "the algorithm is not filed"),
        (&it, accepted(Some(NUMBER)), "nothing waits for the authority on that day"),
        (&it, FilingAct::ServiceEnded { on: "2024-03-01".parse().unwrap() }, "the service does not run on that day"),
        (&handed, submitted(SubmissionKind::First, "2024-03-04"), "an earlier submission is not answered"),
        (&handed, accepted(None), "a filing without its number"),
        (&handed, accepted(Some("网信算备1号")), "`网信算备1号` is no filing number"),
        (
            &handed,
            FilingAct::Revoked { reason: "假材料".to_owned(), on: "2024-03-04".parse().unwrap() },
            "the algorithm is not filed",
        ),
    ];
    for (before, act, message) in rows {
        assert_eq!(filed(before, "2024-03-05", act).unwrap_err().message, message);
    }
    let refusal = FilingAct::Refused { reason: "材料不齐".to_owned(), on: "2024-03-05".parse().unwrap() };
    let refused = filed(&handed, "2024-03-05", refusal).unwrap();
    assert!(
        filed(&refused, "2024-03-06", submitted(SubmissionKind::First, "2024-03-06")).is_ok(),
        "it is handed in again"
    );
}

#[test]
fn a_number_is_taken_apart_as_the_lists_let_expect() {
    let read = RecordNumber::read(NUMBER).unwrap();
    assert_eq!((read.division.as_str(), read.type_code.as_str(), read.year.as_str()), ("110108", "06", "22"));
    assert!(read.is_check_digit_usual);
    assert!(read.remarks(Class::Dispatch).is_empty());
    assert_eq!(read.remarks(Class::Push), ["type-code-of-another-class"]);
    assert!(!RecordNumber::read("网信算备440305295988702220055号").unwrap().is_check_digit_usual);
    for bad in ["", "网信算备1101082242366066220017号", "网信算备11010822423660622001x号", "110108224236606220017"]
    {
        assert!(RecordNumber::read(bad).is_err(), "{bad}");
    }
}

fn new_version(id: &str) -> NewVersion {
    NewVersion {
        id: id.to_owned(),
        text: "第一行\n第二行\n第三行".to_owned(),
        factors: vec![Factor { name: "距离".to_owned(), weight: Some("0.6".to_owned()), meaning: String::new() }],
        based_on: None,
        note: String::new(),
        affects_labour: None,
        rule: None,
    }
}

fn seats() -> Vec<NewSeat> {
    let seat = |side, name: &str| NewSeat { side, name: name.to_owned(), account: format!("account:{name}") };
    vec![seat(Side::Union, "union"), seat(Side::Elected, "rider"), seat(Side::Platform, "company")]
}

struct World {
    version: Version,
    consultation: Option<Consultation>,
    duties: Duties,
}

impl World {
    fn new() -> Self {
        let (version, _) = Version::declare(&algorithm(), new_version("v-1"), at("2024-03-01")).unwrap();
        Self { version, consultation: None, duties: Duties::shipped().unwrap() }
    }

    fn call(&mut self) {
        let called = Consultation::call(
            "c-1",
            &self.version,
            "2024-03-10".parse().unwrap(),
            seats(),
            "可以吗".to_owned(),
            at("2024-03-01"),
        );
        let (consultation, _) = called.unwrap();
        self.act("2024-03-01", VersionWhat::Called { consultation: consultation.id.clone() }).unwrap();
        self.consultation = Some(consultation);
    }

    fn act(&mut self, day: &str, what: VersionWhat) -> Result<(), RegisterError> {
        let event = VersionEvent { at: at(day), what };
        self.version = self.version.after(&event, self.consultation.as_ref(), 7, &self.duties)?;
        Ok(())
    }

    fn say(&mut self, day: &str, seat: &str, what: ConsultationWhat) -> Result<(), RegisterError> {
        let event = ConsultationEvent { at: at(day), seat: Some(seat.to_owned()), what };
        let next = self.consultation.as_ref().unwrap().after(&event)?;
        self.consultation = Some(next);
        Ok(())
    }

    fn comment(&mut self, day: &str, seat: &str) -> Result<(), RegisterError> {
        let passage = Passage { digest: self.version.digest.clone(), from_line: 2, to_line: 3 };
        self.say(day, seat, ConsultationWhat::Commented { passage, text: "太快".to_owned() })
    }

    fn missing(&self) -> Vec<MissingKind> {
        self.version.missing(self.consultation.as_ref(), &self.duties).iter().map(|one| one.missing).collect()
    }
}

fn answered(status: AnswerStatus, text: &str) -> ConsultationWhat {
    ConsultationWhat::Answered { number: 1, status, text: text.to_owned() }
}

fn concluded(outcome: OutcomeWord) -> ConsultationWhat {
    ConsultationWhat::Concluded { outcome, text: "改第二行".to_owned() }
}

fn announced() -> ConsultationWhat {
    ConsultationWhat::Announced { address: None, told: "骑手端公告".to_owned() }
}

fn published(from: &str) -> VersionWhat {
    VersionWhat::Published { from: from.parse().unwrap(), address: None }
}

#[test]
fn a_version_that_touches_workers_takes_effect_only_after_consultation_and_publication() {
    let mut world = World::new();
    let error = world.act("2024-03-01", VersionWhat::Activated).unwrap_err();
    assert_eq!(
        error.missing.iter().map(|one| one.missing).collect::<Vec<_>>(),
        [MissingKind::NotConsulted, MissingKind::NotPublished]
    );
    assert!(error.message.contains("cn.doc-56/10") && error.message.contains("cn.iisarmp/16"), "{error}");
    world.call();
    assert_eq!(world.missing(), [MissingKind::NotConcluded, MissingKind::NotAnnounced, MissingKind::NotPublished]);
    world.comment("2024-03-02", "union-1").unwrap();
    assert_eq!(world.missing()[0], MissingKind::NotAnswered);
    world.say("2024-03-03", "platform-1", answered(AnswerStatus::Partly, "第二行改为五分钟")).unwrap();
    world.say("2024-03-11", "platform-1", concluded(OutcomeWord::Agreed)).unwrap();
    world.say("2024-03-11", "platform-1", announced()).unwrap();
    world.act("2024-03-12", published("2024-03-19")).unwrap();
    assert_eq!(world.missing(), []);
    world.act("2024-03-12", VersionWhat::Activated).unwrap();
    let standing = |moment: &str| world.version.hold().standing(moment.parse().unwrap());
    assert_eq!(standing("2024-03-18T23:59:59+08:00"), Standing::Published, "it takes effect on its day");
    assert_eq!(standing("2024-03-19T00:00:00+08:00"), Standing::InForce);
    world.act("2024-04-01", VersionWhat::Withdrawn { reason: "新版本".to_owned() }).unwrap();
    assert_eq!(world.version.hold().standing(at("2024-04-01")), Standing::Withdrawn);
}

#[test]
fn a_version_that_touches_no_worker_is_published_a_day_before() {
    let mut it = algorithm();
    it.description.affects_labour = false;
    let (version, _) = Version::declare(&it, new_version("v-2"), at("2024-03-01")).unwrap();
    let mut world = World { version, consultation: None, duties: Duties::shipped().unwrap() };
    assert_eq!(world.missing(), [MissingKind::NotPublished]);
    let error = world.act("2024-03-01", published("2024-03-01")).unwrap_err();
    assert_eq!(
        (error.missing[0].missing, error.hint.as_str()),
        (MissingKind::TooSoon, "the earliest day is `2024-03-02`")
    );
    world.act("2024-03-01", published("2024-03-02")).unwrap();
    world.act("2024-03-05", VersionWhat::Activated).unwrap();
    assert_eq!(
        world.version.hold().standing(at("2024-03-04")),
        Standing::Published,
        "nobody said that it takes effect"
    );
    assert_eq!(world.version.hold().standing(at("2024-03-05")), Standing::InForce);
}

#[test]
fn notice_is_counted_from_the_publication() {
    let mut world = World::new();
    let error = world.act("2024-03-01", published("2024-03-07")).unwrap_err();
    assert_eq!(error.hint, "the earliest day is `2024-03-08`");
    assert!(error.message.contains("cn.mohrss-three-guides-2023/rules-notice"), "{error}");
    world.act("2024-03-01", published("2024-03-08")).unwrap();
}

#[test]
fn the_text_is_frozen_once_somebody_was_asked() {
    let mut world = World::new();
    let other =
        || VersionWhat::Amended { text: "别的".to_owned(), factors: Vec::new(), note: String::new(), rule: None };
    let before = world.version.digest.clone();
    world.act("2024-03-01", other()).unwrap();
    assert_ne!(world.version.digest, before);
    world.call();
    let error = world.act("2024-03-01", other()).unwrap_err();
    assert_eq!(error.message, "the text is frozen: a consultation over it was called");
    let mut world = World::new();
    world.act("2024-03-01", published("2024-03-08")).unwrap();
    assert_eq!(world.act("2024-03-01", other()).unwrap_err().message, "the text is frozen: it is published");
}

#[test]
fn late_input_is_refused_with_the_last_day() {
    let mut world = World::new();
    world.call();
    world.comment("2024-03-10", "elected-1").unwrap();
    let error = world.comment("2024-03-11", "union-1").unwrap_err();
    assert_eq!(error.message, "the last day for comments was `2024-03-10`");
    let error = world
        .say("2024-03-10", "platform-1", answered(AnswerStatus::TakenUp, ""))
        .and_then(|()| world.say("2024-03-10", "platform-1", concluded(OutcomeWord::Agreed)));
    assert_eq!(error.unwrap_err().message, "comments can be made until `2024-03-10`");
}

#[test]
fn only_parties_take_part_and_only_the_platform_answers() {
    let mut world = World::new();
    world.call();
    assert_eq!(world.comment("2024-03-02", "union-2").unwrap_err().message, "only the parties take part");
    world.comment("2024-03-02", "union-1").unwrap();
    let answer = world.say("2024-03-02", "union-1", answered(AnswerStatus::TakenUp, "好"));
    assert_eq!(answer.unwrap_err().message, "only the platform answers comments");
    let silent = world.say("2024-03-02", "platform-1", answered(AnswerStatus::NotTaken, " "));
    assert_eq!(silent.unwrap_err().message, "`text` is missing or too long", "a refusal says why");
    let early = world.say("2024-03-11", "platform-1", concluded(OutcomeWord::NotAgreed)).unwrap_err();
    assert_eq!(early.message, "comments are not answered: 1");
    let met = ConsultationWhat::Met {
        on: "2024-03-05".parse().unwrap(),
        present: BTreeSet::from(["platform-1".to_owned()]),
        minutes: "谈了".to_owned(),
    };
    assert_eq!(
        world.say("2024-03-11", "platform-1", met).unwrap_err().message,
        "the meeting does not say who was there"
    );
    let passage = Passage { digest: world.version.digest.clone(), from_line: 3, to_line: 4 };
    let beyond = world.say("2024-03-05", "union-1", ConsultationWhat::Commented { passage, text: "x".to_owned() });
    assert!(beyond.is_err());
    world.say("2024-03-12", "platform-1", answered(AnswerStatus::NotTaken, "成本")).unwrap();
    world.say("2024-03-12", "platform-1", concluded(OutcomeWord::NotAgreed)).unwrap();
    let digest = format!("sha256:{}", "0".repeat(64));
    let signed = world.say("2024-03-12", "union-1", ConsultationWhat::AgreementSigned { digest });
    assert_eq!(signed.unwrap_err().message, "the parties did not agree");
    let report = ConsultationWhat::Reported {
        from: "2024-03-01".parse().unwrap(),
        until: "2024-03-12".parse().unwrap(),
        text: "已改".to_owned(),
    };
    world.say("2024-03-12", "platform-1", report).unwrap();
}

#[test]
fn a_call_needs_both_sides_and_time() {
    let world = World::new();
    let call = |day: &str, keep: &[Side]| {
        let seats = seats().into_iter().filter(|seat| keep.contains(&seat.side)).collect();
        Consultation::call("c-1", &world.version, day.parse().unwrap(), seats, "?".to_owned(), at("2024-03-01"))
    };
    let both = [Side::Union, Side::Platform];
    assert!(call("2024-03-02", &both).is_ok());
    assert_eq!(call("2024-03-01", &both).unwrap_err().message, "`2024-03-01` is no last day for comments");
    assert_eq!(call("2024-03-02", &[Side::Platform]).unwrap_err().message, "nobody speaks for the workers");
    assert_eq!(call("2024-03-02", &[Side::Elected]).unwrap_err().message, "nobody speaks for the platform");
    let public = call("2024-03-02", &[Side::Union, Side::Elected, Side::Platform]).unwrap().0.public();
    assert!(public.seats.iter().all(|seat| seat.account.is_none()));
    assert_eq!(public.seats[1].name, "", "an elected worker is a seat, not a name");
}

#[test]
fn states_come_to_the_same_from_their_events() {
    let algorithm = algorithm();
    let (version, declared) = Version::declare(&algorithm, new_version("v-1"), at("2024-03-01")).unwrap();
    let again: VersionEvent = serde_json::from_str(&serde_json::to_string(&declared).unwrap()).unwrap();
    assert_eq!(Version::open(&again).unwrap(), version);
    let (consultation, called) =
        Consultation::call("c-1", &version, "2024-03-10".parse().unwrap(), seats(), "?".to_owned(), at("2024-03-01"))
            .unwrap();
    let again: ConsultationEvent = serde_json::from_str(&serde_json::to_string(&called).unwrap()).unwrap();
    assert_eq!(Consultation::open("c-1", &again).unwrap(), consultation);
    let mut less = new_version("v-1");
    less.affects_labour = Some(false);
    assert!(Version::declare(&algorithm, less, at("2024-03-01")).is_err(), "not less than its algorithm");
}

#[test]
fn every_article_is_one_of_the_packs() {
    let packs =
        Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap().with_drafts(Drafts::Off);
    let duties = Duties::shipped().unwrap();
    for kind in MissingKind::ALL {
        let articles = duties.provisions(kind, true).iter().chain(duties.provisions(kind, false));
        for article in articles {
            assert!(packs.provision(article).is_some(), "{kind:?}: no provision `{article}`");
        }
        assert!(!duties.provisions(kind, true).is_empty(), "{kind:?} rests on nothing");
    }
    let known = |id: &str| packs.instruments.iter().flat_map(|pack| &pack.duties).any(|duty| duty.id == id);
    for duty in ["cn.iisarmp/24/1#file", "cn.iisarmp/24/2#change", "cn.iisarmp/24/3#deregister", "cn.iisarmp/25#decide"]
    {
        assert!(known(duty), "{duty}");
    }
    for article in
        ["cn.iisarmp/24/1", "cn.iisarmp/24/2", "cn.iisarmp/24/3", "cn.iisarmp/25", "cn.iisarmp/26", "cn.iisarmp/16"]
    {
        assert_eq!(packs.standing(&article.parse().unwrap()), Some(LawStanding::Verified), "{article}");
    }
}

fn trial_plan() -> TrialPlan {
    let json = serde_json::json!({
        "version": "v-1", "place": "440300", "from": "2024-05-01", "until": "2024-06-01", "persons": 50,
        "ground": "cn.shenzhen-ai/44", "purpose": "远单多给几分钟", "safeguards": "超时不扣款", "informed": "短信",
        "leaving": "在应用里退出", "report_days": 20,
        "stops": [{"measure": "violated", "percent": 10, "after": 20}],
    });
    serde_json::from_value(json).unwrap()
}

fn applied() -> Result<Trial, RegisterError> {
    let (version, _) = Version::declare(&algorithm(), new_version("v-1"), at("2024-03-01")).unwrap();
    Trial::apply("sandbox-1", &version, trial_plan(), at("2024-04-01")).map(|(trial, _)| trial)
}

fn went_on(trial: &Trial, day: &str, what: TrialWhat) -> Result<Trial, RegisterError> {
    trial.after(&TrialEvent { at: at(day), what })
}

fn granted() -> TrialWhat {
    TrialWhat::Granted { text: "每周报告".to_owned(), document: None }
}

fn stopped() -> TrialWhat {
    TrialWhat::Stopped { text: "投诉多".to_owned(), condition: None }
}

fn closed() -> TrialWhat {
    TrialWhat::Closed { text: "不再用".to_owned(), figures: TrialFigures::default() }
}

#[test]
fn a_trial_runs_only_after_the_authority_granted_it_and_no_silence_grants_it() {
    let trial = applied().unwrap();
    assert_eq!(trial.stage(at("2099-01-01")), TrialStage::Applied, "there is no deemed approval");
    let began = went_on(&trial, "2024-05-01", TrialWhat::Began).unwrap_err();
    assert!(began.is_order && began.message.contains("`began` cannot follow"), "{began}");
    assert_eq!(trial.objection(at("2024-05-02"), None), Some(TrialObjection::NotRunning));
    assert!(went_on(&trial, "2024-06-01", granted()).unwrap_err().message.contains("2024-06-01"), "too late to grant");
    let refused = TrialWhat::Refused { text: "风险高".to_owned(), provision: None };
    let refused = went_on(&trial, "2024-04-10", refused).unwrap();
    assert_eq!((refused.stage(at("2024-05-01")), refused.binds()), (TrialStage::Refused, false));
    let trial = went_on(&trial, "2024-04-10", granted()).unwrap();
    assert!(went_on(&trial, "2024-04-10", granted()).is_err(), "answered once");
    let early = went_on(&trial, "2024-04-30", TrialWhat::Began).unwrap_err();
    assert_eq!((early.message.as_str(), early.is_order), ("the first day of the trial is `2024-05-01`", true));
    let trial = went_on(&trial, "2024-05-01", TrialWhat::Began).unwrap();
    assert_eq!(trial.stage(at("2024-05-31")), TrialStage::Running);
    assert_eq!(trial.stage(at("2024-06-01")), TrialStage::Over);
    assert!(went_on(&trial, "2024-05-31", closed()).is_err(), "the last report comes after the end");
    let last = went_on(&trial, "2024-06-20", closed()).unwrap();
    assert_eq!(last.stage(at("2024-06-20")), TrialStage::Closed);
    assert_eq!(last.ended_at(at("2024-06-20")).unwrap().date_in_shanghai().to_string(), "2024-05-31");
    assert!(went_on(&last, "2024-06-21", stopped()).is_err() && went_on(&last, "2024-06-21", closed()).is_err());
}

#[test]
fn outside_place_and_days_or_once_stopped_nothing_is_decided() {
    let trial = went_on(&applied().unwrap(), "2024-04-10", granted()).unwrap();
    let trial = went_on(&trial, "2024-05-03", TrialWhat::Began).unwrap();
    let place = |code: &str| Some(code.parse().unwrap());
    for (day, at_place, expected) in [
        ("2024-05-02", place("440300"), Some(TrialObjection::NotRunning)),
        ("2024-05-03", place("440300"), None),
        ("2024-05-31", place("440305"), None),
        ("2024-06-01", place("440300"), Some(TrialObjection::OutsidePeriod)),
        ("2024-05-10", place("440100"), Some(TrialObjection::OutsidePlace)),
        ("2024-05-10", place("440000"), Some(TrialObjection::OutsidePlace)),
        ("2024-05-10", None, Some(TrialObjection::OutsidePlace)),
    ] {
        assert_eq!(trial.objection(at(day), at_place), expected, "{day} {at_place:?}");
    }
    let trial = went_on(&trial, "2024-05-10", stopped()).unwrap();
    assert_eq!(trial.objection(at("2024-05-09"), place("440300")), Some(TrialObjection::Stopped));
    assert!(trial.binds(), "a version that was stopped does not go on outside");
    assert_eq!(trial.ended_at(at("2024-05-11")), Some(at("2024-05-10")));
    let taken_back = went_on(&applied().unwrap(), "2024-04-02", stopped()).unwrap();
    assert!(!taken_back.binds() && taken_back.ended_at(at("2025-01-01")).is_none());
    assert!(went_on(&taken_back, "2024-04-03", closed()).is_err(), "what never ran has no report");
}

#[test]
fn a_condition_is_met_at_its_share_and_not_before_there_are_enough_decisions() {
    let stop = |measure, percent, after| StopCondition { measure, percent, after };
    let tally = TrialTally { decisions: 40, judged: 20, violated: 2, contested: 4, changed: 1 };
    for (condition, expected) in [
        (stop(TrialMeasure::Violated, 10, 20), true),
        (stop(TrialMeasure::Violated, 10, 21), false),
        (stop(TrialMeasure::Violated, 11, 20), false),
        (stop(TrialMeasure::Contested, 10, 40), true),
        (stop(TrialMeasure::Contested, 11, 1), false),
        (stop(TrialMeasure::Changed, 2, 40), true),
        (stop(TrialMeasure::Changed, 3, 40), false),
    ] {
        assert_eq!(condition.is_met(&tally), expected, "{condition:?}");
        assert!(!condition.is_met(&TrialTally::default()), "nothing is no share");
    }
    let told = TrialFigures::of(&tally, 4, 5);
    assert_eq!((told.decisions, told.persons, told.violated, told.contested), (40, None, None, None));
    let more = TrialTally { contested: 10, changed: 6, violated: 0, ..tally };
    let told = TrialFigures::of(&more, 5, 5);
    assert_eq!((told.persons, told.violated, told.contested, told.changed), (Some(5), Some(0), Some(10), None));
}

#[test]
fn a_plan_is_whole_or_is_refused_and_rests_on_real_articles_in_their_place() {
    let (version, _) = Version::declare(&algorithm(), new_version("v-1"), at("2024-03-01")).unwrap();
    let refused = |change: fn(&mut TrialPlan)| {
        let mut plan = trial_plan();
        change(&mut plan);
        Trial::apply("sandbox-1", &version, plan, at("2024-04-01")).unwrap_err().message
    };
    for (change, says) in [
        ((|plan| plan.until = plan.from) as fn(&mut TrialPlan), "no period"),
        (|plan| plan.until = "2027-01-01".parse().unwrap(), "no period"),
        (|plan| plan.stops.clear(), "`stops` is empty"),
        (|plan| plan.stops[0].percent = 0, "no share"),
        (|plan| plan.stops[0].after = 0, "`stops.after` is 0"),
        (|plan| plan.persons = 0, "`persons` is 0"),
        (|plan| plan.report_days = 61, "`report_days` is 61"),
        (|plan| plan.leaving = " ".to_owned(), "`leaving` is missing"),
        (|plan| (plan.from, plan.until) = ("2024-03-01".parse().unwrap(), "2024-04-01".parse().unwrap()), "is over"),
    ] {
        let message = refused(change);
        assert!(message.contains(says), "{says}: {message}");
    }
    let grounds = TrialGrounds::shipped().unwrap();
    let check = |ground: &str, place: &str, day: &str| {
        grounds.check(&ground.parse().unwrap(), place.parse().unwrap(), day.parse().unwrap()).is_ok()
    };
    assert!(check("cn.shenzhen-ai/44", "440305", "2022-11-01"));
    assert!(!check("cn.shenzhen-ai/44", "440305", "2022-10-31"), "the day before it is in force");
    assert!(!check("cn.shenzhen-ai/44", "310000", "2024-01-01"), "another city");
    assert!(check("cn.shanghai-ai/sandbox", "310000", "2024-01-01"));
    assert!(!check("cn.iisarmp/17/1", "440300", "2024-01-01"), "no article of a rule is a ground");
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    for (id, ground) in grounds.iter() {
        assert!(packs.provision(id).is_some(), "no provision `{id}`");
        let of = packs.instruments.iter().find(|pack| pack.instrument.id == id.instrument()).unwrap();
        assert_eq!(of.instrument.place, ground.place, "{id}");
    }
    let trial = applied().unwrap();
    let event = TrialEvent { at: at("2024-04-10"), what: granted() };
    let again: TrialEvent = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
    assert_eq!(again, event);
    let again: Trial = serde_json::from_str(&serde_json::to_string(&trial).unwrap()).unwrap();
    assert_eq!(again, trial);
}

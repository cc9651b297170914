//! The register on both databases: filing, versions, consultation, what the gate holds, the published lists, and what is left
//! when the database is lost.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{Directive, RegisterHold, TrialHold};
use gongdao_model::DecisionRecord;
use gongdao_register::{
    AnswerStatus, Class, ClockState, ConsultationStage, ConsultationWhat, Description, FilingAct, NewSeat, NewVersion,
    OutcomeWord, Passage, Side, Standing, SubmissionKind, TrialPlan, TrialStage, VersionWhat,
};
use gongdao_service::port::JournalKind;
use gongdao_service::{
    AlgorithmQuery, Caller, ErrorKind, ExportFormat, NewCase, NewConsultation, PublishedQuery, RegisterSettings, Role,
    ServiceError, TrialTurn, VersionTurn,
};
use support::{Database, Home, Running, decision, on_each};

const DAY: i64 = 86_400_000;

struct People {
    officer: Caller,
    union: Caller,
    rider: Caller,
    company: Caller,
    own: Caller,
}

impl People {
    fn of(running: &Running) -> Self {
        let administrator = running.administrator();
        let someone = |name: &str, role, persons: &[&str]| running.someone(&administrator, name, role, persons);
        Self {
            officer: someone("officer", Role::Officer, &[]),
            union: someone("union", Role::Representative, &[]),
            rider: someone("rider", Role::Person, &["p"]),
            company: someone("company", Role::Officer, &[]),
            own: someone("own", Role::Person, &["p"]),
        }
    }

    fn seats(&self) -> Vec<NewSeat> {
        let seat = |side, caller: &Caller| NewSeat { side, name: caller.name.clone(), account: caller.actor.clone() };
        vec![seat(Side::Union, &self.union), seat(Side::Elected, &self.rider), seat(Side::Platform, &self.company)]
    }
}

fn description() -> Description {
    let json = serde_json::json!({
        "provider": "某平台", "name": "配送调度", "class": "dispatch", "affects_labour": true, "opinion_attributes": true,
    });
    serde_json::from_value(json).unwrap()
}

fn new_version(id: &str) -> NewVersion {
    let json = serde_json::json!({
        "id": id, "text": "第一行\n第二行", "factors": [{"name": "距离", "weight": "0.6"}, {"name": "准时"}],
    });
    serde_json::from_value(json).unwrap()
}

fn turn(what: VersionWhat) -> VersionTurn {
    VersionTurn { what }
}

fn kind_of<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ErrorKind {
    result.unwrap_err().kind
}

/// Called on 1 May 2024, comments until 3 May, published on 4 May, in force from 11 May on.
fn take_effect(home: &Home, running: &Running, people: &People, version: &str) {
    let service = &running.service;
    let new = NewConsultation {
        last_day: "2024-05-03".parse().unwrap(),
        seats: people.seats(),
        question: "放宽吗".to_owned(),
    };
    let called = service.call_consultation(&people.officer, version, new).unwrap().consultation;
    let say = |caller: &Caller, what| service.act_on_consultation(caller, &called.id, what);
    let passage = Passage { digest: called.digest.clone(), from_line: 1, to_line: 1 };
    let comment = || ConsultationWhat::Commented { passage: passage.clone(), text: "太快".to_owned() };
    assert_eq!(kind_of(say(&people.officer, comment())), ErrorKind::Forbidden, "no seat");
    assert_eq!(say(&people.union, comment()).unwrap().your_seat.as_deref(), Some("union-1"));
    home.clock.advance(3 * DAY);
    let late = say(&people.rider, comment()).unwrap_err();
    assert_eq!((late.kind, late.message.as_str()), (ErrorKind::NotNow, "the last day for comments was `2024-05-03`"));
    let answer =
        ConsultationWhat::Answered {
            number: 1, status: AnswerStatus::Partly, text: "第二行改为五分钟".to_owned()
        };
    assert_eq!(say(&people.company, answer).unwrap().open_comments, 0);
    let result = ConsultationWhat::Concluded { outcome: OutcomeWord::Agreed, text: "同意".to_owned() };
    assert_eq!(say(&people.company, result).unwrap().stage, ConsultationStage::Concluded);
    say(&people.company, ConsultationWhat::Announced { address: None, told: "公告".to_owned() }).unwrap();
    let act = |what| service.act_on_version(&people.officer, version, turn(what)).unwrap();
    act(VersionWhat::Published { from: "2024-05-11".parse().unwrap(), address: None });
    let view = act(VersionWhat::Activated);
    assert_eq!((view.standing, view.days_left, view.missing.len()), (Standing::Published, Some(7), 0));
    assert!(view.receipt.unwrap().leaf.is_some(), "it is in the ledger");
}

#[test]
fn a_version_takes_effect_after_consultation_and_publication_and_each_step_is_in_the_ledger() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        assert_eq!(kind_of(service.register_algorithm(&people.union, description())), ErrorKind::Forbidden);
        let algorithm = service.register_algorithm(&people.officer, description()).unwrap().algorithm;
        let declare = |id: &str| service.declare_version(&people.officer, &algorithm.id, new_version(id));
        declare("a").unwrap();
        assert_eq!(kind_of(declare("a")), ErrorKind::Taken);
        let early = service.act_on_version(&people.officer, "a", turn(VersionWhat::Activated)).unwrap_err();
        assert!(early.message.contains("cn.doc-56/10") && early.message.contains("cn.iisarmp/16"), "{early}");
        take_effect(home, &running, &people, "a");
        home.clock.advance(7 * DAY);
        assert_eq!(service.version("a").unwrap().standing, Standing::InForce);
        let shown = service.consultation(None, service.version("a").unwrap().version.consultation.as_deref().unwrap());
        let text = serde_json::to_string(&shown.unwrap()).unwrap();
        assert!(!text.contains("account:") && !text.contains("\"rider\""), "who sits there is not told: {text}");
        let entries = running.store.of_subject(JournalKind::Register, Some("a"), None, 10).unwrap();
        assert_eq!(entries.len(), 4, "declared, called, published, activated");
        assert!(entries.iter().all(|entry| entry.leaf.is_some()));
    });
}

#[test]
fn what_the_register_knows_reaches_rules_where_their_vocabulary_asks_for_it() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let algorithm = service.register_algorithm(&people.officer, description()).unwrap().algorithm;
        service.declare_version(&people.officer, &algorithm.id, new_version("a")).unwrap();
        let on = "2024-05-01".parse().unwrap();
        let act = |act| service.act_on_filing(&people.officer, &algorithm.id, act);
        assert_eq!(
            kind_of(service.act_on_filing(&people.union, &algorithm.id, FilingAct::ServiceBegan { on })),
            ErrorKind::Forbidden
        );
        act(FilingAct::ServiceBegan { on }).unwrap();
        act(FilingAct::Submitted { submission: SubmissionKind::First, on }).unwrap();
        let number = Some("网信算备110108224236606220017号".to_owned());
        let view = act(FilingAct::Accepted { number, on }).unwrap();
        assert!(view.is_filed && view.remarks.is_empty());
        assert_eq!(view.clocks[0].state, ClockState::Met);
        // The record says that it is not filed; the register knows better.
        let checked = running.check_one(decision("d-1", "p", 10)).unwrap().checked.unwrap();
        assert_eq!(checked.contradictions.len(), 1, "{:?}", checked.contradictions);
        service.declare_version(&people.officer, &algorithm.id, new_version("b")).unwrap();
        let events = running.store.of_subject(JournalKind::AlgorithmEvent, Some("b"), None, 10).unwrap();
        assert_eq!(events.len(), 1, "a version of a filed algorithm is filed");
    });
}

#[test]
fn a_version_that_is_not_in_force_is_held_where_the_register_is_required() {
    on_each(|home| {
        let running = home.start_with("ledger.example/one", home.store(), |settings| settings.register_required = true);
        let running = running.unwrap();
        let people = People::of(&running);
        let service = &running.service;
        // With a consent, no rule holds it.
        running.event(&people.own, "given", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        let check = |id: &str, day: &str| {
            let mut record: DecisionRecord = decision(id, "p", 10);
            record.at = format!("{day}T12:00:00+08:00").parse().unwrap();
            let checked = running.check_one(record).unwrap().checked.unwrap();
            (checked.effect, checked.register)
        };
        assert_eq!(check("d-1", "2024-05-01"), (Directive::Hold, Some(RegisterHold::Unknown)));
        let algorithm = service.register_algorithm(&people.officer, description()).unwrap().algorithm;
        service.declare_version(&people.officer, &algorithm.id, new_version("a")).unwrap();
        assert_eq!(check("d-2", "2024-05-01"), (Directive::Hold, Some(RegisterHold::NotPublished)));
        take_effect(home, &running, &people, "a");
        assert_eq!(check("d-3", "2024-05-10"), (Directive::Hold, Some(RegisterHold::NotInForce)));
        let (effect, why) = check("d-4", "2024-05-11");
        assert_eq!((effect, why), (Directive::Proceed, None));
        home.clock.advance(8 * DAY);
        let withdrawn = VersionWhat::Withdrawn { reason: "新版本".to_owned() };
        service.act_on_version(&people.officer, "a", turn(withdrawn)).unwrap();
        assert_eq!(check("d-5", "2024-05-12").1, Some(RegisterHold::Withdrawn));
        // Read again from the ledger, it says the same.
        let again = service.decision(&people.own, "d-3", &gongdao_service::Purpose::default()).unwrap();
        assert_eq!(again.checked.unwrap().register, Some(RegisterHold::NotInForce));
        assert!(service.algorithm(&algorithm.id).unwrap().figures.decisions >= 5);
    });
}

#[test]
fn off_by_default_nothing_is_asked() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let people = People::of(&running);
    running.event(&people.own, "given", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
    let checked = running.check_one(decision("d-1", "p", 10)).unwrap().checked.unwrap();
    assert_eq!((checked.effect, checked.register), (Directive::Proceed, None));
}

#[test]
fn another_process_knows_a_version_when_it_is_acknowledged() {
    let Some(home) = Home::new(Database::Postgres) else { return };
    let start =
        |origin: &str| home.start_with(origin, home.store(), |settings| settings.register_required = true).unwrap();
    let (one, other) = (start("ledger.example/one"), start("ledger.example/two"));
    let people = People::of(&one);
    let algorithm = one.service.register_algorithm(&people.officer, description()).unwrap().algorithm;
    one.service.declare_version(&people.officer, &algorithm.id, new_version("a")).unwrap();
    let checked = other.check_one(decision("d-1", "p", 10)).unwrap().checked.unwrap();
    assert_eq!(checked.register, Some(RegisterHold::NotPublished));
    let clash = other.service.declare_version(&people.officer, &algorithm.id, new_version("a"));
    assert_eq!(kind_of(clash), ErrorKind::Taken);
}

#[test]
fn the_register_comes_back_from_the_ledger_when_the_database_is_lost() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let people = People::of(&running);
    let service = &running.service;
    let algorithm = service.register_algorithm(&people.officer, description()).unwrap().algorithm;
    service.declare_version(&people.officer, &algorithm.id, new_version("a")).unwrap();
    take_effect(&home, &running, &people, "a");
    let before = service.version("a").unwrap();
    let consultation = before.version.consultation.clone().unwrap();
    let said = service.consultation(None, &consultation).unwrap();
    service.stop().unwrap();
    drop(running);
    for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
        let _ = std::fs::remove_file(home.path(name));
    }
    let running = home.start();
    assert_eq!(running.service.version("a").unwrap(), before);
    assert_eq!(running.service.consultation(None, &consultation).unwrap(), said);
    assert_eq!(running.service.algorithm(&algorithm.id).unwrap().algorithm, algorithm);
    let document = running.store.document("register-versions", "a").unwrap().unwrap();
    assert!(document.body.contains("第一行"));
}

#[test]
fn of_two_who_change_at_once_one_is_told() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let view = service.register_algorithm(&people.officer, description()).unwrap();
        let other = Description { name: "配送调度二".to_owned(), ..description() };
        let id = &view.algorithm.id;
        assert_eq!(service.describe_algorithm(&people.officer, id, 1, other.clone()).unwrap().algorithm.events, 2);
        assert_eq!(kind_of(service.describe_algorithm(&people.officer, id, 1, other)), ErrorKind::Changed);
        let found = |query: AlgorithmQuery| service.algorithms(&query, None, 10).unwrap().len();
        assert_eq!(found(AlgorithmQuery { query: Some("调度二".to_owned()), ..AlgorithmQuery::default() }), 1);
        assert_eq!(found(AlgorithmQuery { class: Some(Class::Push), ..AlgorithmQuery::default() }), 0);
        let set = |version, notice_days| {
            service.change_register_settings(&people.officer, version, RegisterSettings { notice_days })
        };
        assert_eq!(set(0, 14).unwrap().version, 1);
        assert_eq!((kind_of(set(0, 7)), kind_of(set(1, 0))), (ErrorKind::Changed, ErrorKind::Input));
    });
}

#[test]
fn figures_count_what_was_decided_and_contested_and_no_small_counts() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let algorithm = service.register_algorithm(&people.officer, description()).unwrap().algorithm;
        service.declare_version(&people.officer, &algorithm.id, new_version("a")).unwrap();
        let figures = || service.algorithm(&algorithm.id).unwrap().figures;
        for number in 0..7 {
            running.check_one(decision(&format!("d-{number}"), "p", 10)).unwrap();
        }
        assert_eq!((figures().decisions, figures().contested), (7, Some(0)));
        let contest = |number: usize| {
            let json = serde_json::json!({
                "kind": "contest", "person": "p", "about": {"decision": format!("d-{number}")}, "ground": "weather",
            });
            let new: NewCase = serde_json::from_value(json).unwrap();
            service.file_case(&people.own, new).unwrap();
        };
        (0..4).for_each(contest);
        assert_eq!(figures().contested, None, "four are too few to be told");
        contest(4);
        assert_eq!((figures().contested, figures().changed), (Some(5), Some(0)));
        let export = service.export_algorithm(&algorithm.id, ExportFormat::Atrs, None).unwrap();
        assert!(export.text.contains("7 decisions logged"), "{}", export.text);
    });
}

const HEADER: &str = "filingType,batch,announcementDate,algorithmName,algorithmClass,role,entityName,product,purpose,recordNumber,remark";

fn rows(count: usize) -> String {
    let row = |number: usize| {
        format!(
            "互联网信息服务算法备案,一,2022-08,配送{number},调度决策类,,某公司,App_{number}%,送餐,网信算备{number:021}号,\n"
        )
    };
    format!("{HEADER}\n{}", (0..count).map(row).collect::<String>())
}

#[test]
fn published_lists_are_imported_once_and_found() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        assert_eq!(kind_of(service.import_published(&people.union, rows(1).as_bytes())), ErrorKind::Forbidden);
        let table = format!("{}x,y\n", rows(1200));
        let import = |table: &str| service.import_published(&people.officer, table.as_bytes()).unwrap();
        let first = import(&table);
        assert_eq!((first.rows, first.added, first.refused), (1201, 1200, 1));
        assert_eq!((first.faults[0].row, first.faults[0].line), (1201, 1202));
        let again = import(&table);
        assert_eq!((again.added, again.changed, again.unchanged), (0, 0, 1200), "the same file changes nothing");
        let renamed = import(&rows(1).replace("某公司", "另一公司"));
        assert_eq!((renamed.added, renamed.changed), (0, 1));
        let found = |query: &str| {
            let query = PublishedQuery { query: Some(query.to_owned()), ..PublishedQuery::default() };
            service.published(&query, None, 1000).unwrap()
        };
        assert_eq!(found("另一公司")[0].name, "配送0");
        assert_eq!((found("APP_7%").len(), found("%").len(), found("没有").len()), (1, 1000, 0));
        let mut all = 0;
        let mut after: Option<String> = None;
        loop {
            let page = service.published(&PublishedQuery::default(), after.as_deref(), 500).unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            all += page.len();
        }
        assert_eq!(all, 1200);
        let kind = PublishedQuery { kind: Some("个性化推送类".to_owned()), ..PublishedQuery::default() };
        assert!(service.published(&kind, None, 10).unwrap().is_empty());
    });
}

fn trial_of(version: &str, persons: u32) -> TrialPlan {
    let json = serde_json::json!({
        "version": version, "place": "440300", "from": "2024-05-01", "until": "2024-06-01", "persons": persons,
        "ground": "cn.shenzhen-ai/44", "purpose": "试", "safeguards": "不扣款", "informed": "短信", "leaving": "退出",
        "report_days": 10, "stops": [{"measure": "violated", "percent": 50, "after": 2}],
    });
    serde_json::from_value(json).unwrap()
}

#[test]
fn a_trial_is_held_to_its_place_its_persons_and_its_condition_and_that_outlives_a_restart() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let administrator = running.log_in("root");
        let regulator = running.someone(&administrator, "authority", Role::Regulator, &[]);
        let service = &running.service;
        running.event(&people.own, "given", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        let algorithm = service.register_algorithm(&people.officer, description()).unwrap().algorithm;
        service.declare_version(&people.officer, &algorithm.id, new_version("a")).unwrap();
        let apply = |caller: &Caller| service.apply_for_trial(caller, trial_of("a", 1));
        assert_eq!(kind_of(apply(&people.union)), ErrorKind::Forbidden);
        let id = apply(&people.officer).unwrap().trial.id;
        assert_eq!(kind_of(apply(&people.officer)), ErrorKind::NotNow, "one trial a version");
        let act = |caller: &Caller, turn| service.act_on_trial(caller, &id, turn);
        let grant = || TrialTurn::Granted {
            text: "每周报告".to_owned(), document: Some("深监〔2024〕1号".to_owned())
        };
        let check = |running: &Running, decision_id: &str, person: &str, place: Option<&str>, minutes: i64| {
            let mut record = decision(decision_id, person, minutes);
            record.place = place.map(|place| place.parse().unwrap());
            let checked = running.check_one(record).unwrap().checked.unwrap();
            let trial = checked.trial.clone().unwrap();
            assert_eq!(trial.id, id);
            assert!(trial.hold.is_none() || checked.effect >= Directive::Hold, "{checked:?}");
            trial.hold
        };
        let shenzhen = Some("440305");
        assert_eq!(check(&running, "d-1", "p", shenzhen, 10), Some(TrialHold::NotRunning));
        assert_eq!(kind_of(act(&people.officer, grant())), ErrorKind::Forbidden, "not by the provider itself");
        act(&regulator, grant()).unwrap();
        assert_eq!(kind_of(act(&regulator, TrialTurn::Began)), ErrorKind::Forbidden);
        assert_eq!(act(&people.officer, TrialTurn::Began).unwrap().stage, TrialStage::Running);
        assert_eq!(check(&running, "d-2", "p", shenzhen, 10), None);
        assert_eq!(check(&running, "d-3", "p", Some("310000"), 10), Some(TrialHold::OutsidePlace));
        assert_eq!(check(&running, "d-4", "p", None, 10), Some(TrialHold::OutsidePlace));
        assert_eq!(check(&running, "d-5", "q", shenzhen, 10), Some(TrialHold::Full));
        assert_eq!(service.sweep_trials().unwrap(), 0, "one decision is not enough to stop it");
        let figures = service.trial(&id).unwrap().figures.unwrap();
        assert_eq!((figures.decisions, figures.judged, figures.violated, figures.persons), (1, 1, Some(0), None));
        service.stop().unwrap();
        drop(running);

        let running = home.start();
        let service = &running.service;
        assert_eq!(service.trial(&id).unwrap().figures.unwrap(), figures, "made again from the ledger");
        assert_eq!(check(&running, "d-6", "q", shenzhen, 10), Some(TrialHold::Full), "p is still in it");
        // The second one breaks a rule: half of two.
        assert_eq!(check(&running, "d-7", "p", shenzhen, 300), None);
        assert_eq!(check(&running, "d-8", "p", shenzhen, 10), Some(TrialHold::Stopped), "at once");
        assert_eq!(service.sweep_trials().unwrap(), 1);
        let view = service.trial(&id).unwrap();
        assert_eq!((view.stage, view.trial.stop.unwrap().condition.unwrap().percent), (TrialStage::Stopped, 50));
        // Ten working days from 1 May on: until the fifth are holidays, the eleventh, a Saturday, is worked.
        assert_eq!(view.report_due.unwrap().to_string(), "2024-05-16");
        assert_eq!(service.sweep_trials().unwrap(), 0);
        home.clock.advance(20 * DAY);
        assert!(service.trial(&id).unwrap().is_late);
        let officer = running.log_in("officer");
        let closed = TrialTurn::Closed { text: "不再用".to_owned() };
        let view = service.act_on_trial(&officer, &id, closed).unwrap();
        assert_eq!((view.stage, view.is_late, view.figures.unwrap().decisions), (TrialStage::Closed, false, 2));
        // Read again from the ledger, the mark is there; and the person keeps every right.
        let own = running.log_in("own");
        let again = service.decision(&own, "d-5", &gongdao_service::Purpose::default());
        assert!(again.is_err(), "it is about somebody else");
        let mine = service.decision(&own, "d-7", &gongdao_service::Purpose::default()).unwrap();
        assert_eq!(mine.checked.unwrap().trial.unwrap().hold, None);
        let contest: NewCase = serde_json::from_value(serde_json::json!({
            "kind": "contest", "person": "p", "about": {"decision": "d-7"}, "text": "太慢", "ground": "weather",
        }))
        .unwrap();
        service.file_case(&own, contest).unwrap();
    });
}

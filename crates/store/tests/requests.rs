//! The rights desk on both databases: requests, refusals, reviews, mandates, clocks, and what is left when the database is lost.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "requests/many.rs"]
mod many;
mod support;

use gongdao_desk::{
    About, Done, Limit, Limits, MandateState, NewMandate, Outcome, RemedyKind, RequestKind, Stage, What,
};
use gongdao_service::port::JournalKind;
use gongdao_service::{
    Caller, CaseView, Category, ErrorKind, MandateTurn, Member, NewCase, NewFiling, Purpose, QueueQuery, Role,
    ServiceError, Turn,
};
use support::{Database, Home, Running, decision, machine, on_each, password};

/// Everyone who has to do with the desk. The person is `p`.
struct People {
    own: Caller,
    union: Caller,
    officer: Caller,
    other_officer: Caller,
    reviewer: Caller,
    regulator: Caller,
    administrator: Caller,
}

impl People {
    fn of(running: &Running) -> Self {
        let administrator = running.administrator();
        let someone = |name: &str, role, persons: &[&str]| running.someone(&administrator, name, role, persons);
        Self {
            own: someone("own", Role::Person, &["p"]),
            union: someone("union", Role::Representative, &[]),
            officer: someone("officer", Role::Officer, &[]),
            other_officer: someone("other", Role::Officer, &[]),
            reviewer: someone("reviewer", Role::Reviewer, &[]),
            regulator: someone("regulator", Role::Regulator, &[]),
            administrator,
        }
    }
}

fn new(kind: RequestKind, about: About) -> NewCase {
    NewCase { kind, person: "p".to_owned(), about, text: String::new(), ground: None, language: None, password: None }
}

fn turn(what: What) -> Turn {
    Turn { what, password: None }
}

fn about_decision(id: &str) -> About {
    About { decision: Some(id.to_owned()), ..About::default() }
}

fn refused(article: &str) -> What {
    What::Answered {
        outcome: Outcome::Refused { article: article.parse().unwrap() },
        text: "因为".to_owned(),
        done: Vec::new(),
        kinds: Vec::new(),
        orders: Vec::new(),
    }
}

fn granted() -> What {
    let done = vec![Done { system: "orders".to_owned(), what: "rows 1 to 7 deleted".to_owned() }];
    What::Answered {
        outcome: Outcome::Granted, text: "已删除".to_owned(), done, kinds: Vec::new(), orders: Vec::new()
    }
}

fn kind_of<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ErrorKind {
    result.unwrap_err().kind
}

fn mandate(people: &People, kinds: &[RequestKind], days: i64, now: i64) -> NewMandate {
    NewMandate {
        person: "p".to_owned(),
        representative: people.union.actor.clone(),
        kinds: kinds.iter().copied().collect(),
        decision: None,
        until: gongdao_model::Instant::from_millis(now + days * 86_400_000).unwrap(),
    }
}

#[test]
fn a_withdrawn_consent_is_granted_at_once_and_reaches_the_next_check() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        running.event(&people.own, "given", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        let seen = |id: &str| {
            let checked = running.check_one(decision(id, "p", 10)).unwrap().checked.unwrap();
            checked.seen.person.get(&"resource.consents".parse().unwrap()).cloned()
        };
        assert!(format!("{:?}", seen("d-1")).contains("dispatch"));
        let about = About { purpose: Some("dispatch".to_owned()), ..About::default() };
        let view = service.file_case(&people.own, new(RequestKind::WithdrawConsent, about)).unwrap();
        assert_eq!(view.case.stage, Stage::Answered);
        assert!(view.case.is_granted() && view.receipt.as_ref().unwrap().leaf.is_some());
        assert!(!format!("{:?}", seen("d-2")).contains("dispatch"), "the gate knows");
        let error = service.act_on_case(&people.officer, &view.case.id, turn(refused("cn.pipl/44")));
        assert_eq!(kind_of(error), ErrorKind::NotNow, "what was granted is not refused afterwards");
    });
}

#[test]
fn a_deletion_waits_for_the_password_and_its_refusal_for_a_second_person() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let view = service.file_case(&people.own, new(RequestKind::Delete, About::default())).unwrap();
        let id = &view.case.id;
        assert_eq!(view.case.stage, Stage::Identity);
        let again = service.file_case(&people.own, new(RequestKind::Delete, About::default())).unwrap();
        assert_eq!(again.case.id, *id, "two clicks are one case");
        let act = |caller: &Caller, what: What| service.act_on_case(caller, id, turn(what));
        assert_eq!(kind_of(act(&people.officer, granted())), ErrorKind::NotNow, "nobody knows who asks");
        let shown = |password: &str| {
            let what = What::Identified { identity: gongdao_desk::Identity::Password };
            service.act_on_case(&people.own, id, Turn { what, password: Some(password.to_owned()) })
        };
        assert_eq!(kind_of(shown("wrong horse battery")), ErrorKind::Forbidden);
        assert_eq!(shown(password().reveal()).unwrap().case.stage, Stage::Open);
        let error = act(&people.officer, refused("cn.pipl/45/1")).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Input);
        assert_eq!(error.message, "`cn.pipl/45/1` is no ground on which `delete` may be refused");
        assert_eq!(error.hint.as_deref(), Some("these do: cn.pipl/47/1, cn.pipl/47/2"));
        let view = act(&people.officer, refused("cn.pipl/47/2")).unwrap();
        assert_eq!(view.case.stage, Stage::Agreement);
        assert!(view.case.refusal().is_none(), "one person has refused nothing");
        assert_eq!(kind_of(act(&people.officer, What::Agreed)), ErrorKind::Input);
        assert_eq!(kind_of(act(&people.own, What::Agreed)), ErrorKind::Forbidden);
        let view = act(&people.other_officer, What::Agreed).unwrap();
        assert_eq!(view.case.stage, Stage::Answered);
        let ways: Vec<RemedyKind> = view.remedies.iter().map(|way| way.remedy).collect();
        assert_eq!(ways, [RemedyKind::Review, RemedyKind::Authority, RemedyKind::Court]);
        act(&people.own, What::ReviewAsked { text: "没有保存期限".to_owned() }).unwrap();
        let begin = || What::ReviewBegun { role: "privacy lead".to_owned() };
        assert_eq!(kind_of(act(&people.officer, begin())), ErrorKind::Forbidden, "officers review nothing");
        act(&people.reviewer, begin()).unwrap();
        let reviewed = |seen: &[&str], changed| What::Reviewed {
            seen: seen.iter().map(|one| (*one).to_owned()).collect(),
            could_change: true,
            changed,
            text: "应当删除".to_owned(),
            done: vec![Done { system: "orders".to_owned(), what: "deleted".to_owned() }],
            orders: Vec::new(),
        };
        assert_eq!(kind_of(act(&people.reviewer, reviewed(&["orders"], true))), ErrorKind::Input, "not even a second");
        home.clock.advance(240_000);
        assert_eq!(kind_of(act(&people.reviewer, reviewed(&[], true))), ErrorKind::Input, "nothing was looked at");
        let view = act(&people.reviewer, reviewed(&["orders"], true)).unwrap();
        assert_eq!((view.case.stage, view.case.refusal()), (Stage::Closed, None));
        assert_eq!(view.case.review.as_ref().unwrap().seconds(), Some(240));
        assert_eq!(kind_of(act(&people.own, What::ReviewAsked { text: "x".to_owned() })), ErrorKind::NotNow);
    });
}

#[test]
fn a_listed_contest_suspends_the_penalty_until_a_person_decides() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        running.check_one(decision("d-1", "p", 300)).unwrap();
        running.check_one(decision("d-2", "q", 300)).unwrap();
        let contest = |decision: &str, ground: &str| {
            let ground = Some(ground.to_owned());
            service.file_case(&people.own, NewCase { ground, ..new(RequestKind::Contest, about_decision(decision)) })
        };
        assert_eq!(kind_of(contest("d-2", "weather")), ErrorKind::NotFound, "another’s decision");
        assert_eq!(kind_of(contest("d-1", "moon")), ErrorKind::Input);
        let waits = |caller: &Caller| service.suspension(caller, "d-1").unwrap().suspended;
        let system = {
            let new = gongdao_service::NewKey { name: "pay".to_owned(), roles: [Role::Machine].into(), until: None };
            let (_, secret) = service.create_key(&people.administrator, new).unwrap();
            service.recognise(gongdao_service::Credential::Key(secret.reveal())).unwrap()
        };
        assert!(!waits(&system));
        let view = contest("d-1", "weather").unwrap();
        assert_eq!(view.case.stage, Stage::Review);
        assert!(view.suspends_penalty && waits(&system));
        let act = |caller: &Caller, what: What| service.act_on_case(caller, &view.case.id, turn(what));
        assert_eq!(kind_of(act(&people.officer, granted())), ErrorKind::NotNow, "a review decides it");
        act(&people.reviewer, What::ReviewBegun { role: "station lead".to_owned() }).unwrap();
        assert!(waits(&system), "while somebody looks");
        home.clock.advance(60_000);
        let what = What::Reviewed {
            seen: vec!["track".to_owned(), "weather of 11:40".to_owned()],
            could_change: true,
            changed: false,
            text: "当时没有下雨".to_owned(),
            done: Vec::new(),
            orders: Vec::new(),
        };
        let view = act(&people.reviewer, what).unwrap();
        assert!(view.case.closed.is_some() && !waits(&system));
        assert_eq!(view.remedies.len(), 1, "{:?}: the authority is left", view.remedies);
        let unlisted = contest("d-1", "unfair").unwrap();
        assert!(!unlisted.suspends_penalty && !waits(&system));
        act_and_take_back(&running, &people, &unlisted);
    });
}

fn act_and_take_back(running: &Running, people: &People, view: &CaseView) {
    let taken = running.service.act_on_case(&people.own, &view.case.id, turn(What::Withdrawn)).unwrap();
    assert_eq!(taken.case.closed, Some(gongdao_desk::Closed::Withdrawn));
}

#[test]
fn a_representative_can_do_what_the_mandate_covers_and_nothing_the_moment_it_ends() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let now = || home.clock.now.load(std::sync::atomic::Ordering::SeqCst);
        let file = |kind| service.file_case(&people.union, new(kind, About::default()));
        assert_eq!(kind_of(file(RequestKind::Complain)), ErrorKind::Forbidden);
        let proposed =
            service.propose_mandate(&people.union, mandate(&people, &[RequestKind::Complain], 30, now())).unwrap();
        assert_eq!(proposed.state, MandateState::Proposed);
        assert_eq!(kind_of(file(RequestKind::Complain)), ErrorKind::Forbidden, "the person has not said yes");
        let turn_of = |caller: &Caller, id: &str, turn| service.act_on_mandate(caller, id, turn);
        assert_eq!(kind_of(turn_of(&people.union, &proposed.id, MandateTurn::Confirm)), ErrorKind::Forbidden);
        assert_eq!(kind_of(turn_of(&people.officer, &proposed.id, MandateTurn::Confirm)), ErrorKind::NotFound);
        turn_of(&people.own, &proposed.id, MandateTurn::Confirm).unwrap();
        let case = file(RequestKind::Complain).unwrap().case;
        assert_eq!(kind_of(file(RequestKind::See)), ErrorKind::Forbidden, "not covered");
        let record = |caller: &Caller| service.person_record(caller, "p", &Purpose::default());
        assert_eq!(kind_of(record(&people.union)), ErrorKind::Forbidden, "not covered");
        let counts = |caller: &Caller| service.record_counts(caller, "p", &Purpose::default());
        assert_eq!(kind_of(counts(&people.union)), ErrorKind::Forbidden, "not covered");
        let own = service.file_case(&people.own, new(RequestKind::Explain, About::default())).unwrap().case;
        assert_eq!(kind_of(service.case(&people.union, &own.id)), ErrorKind::NotFound, "not covered");
        let seen = service.cases_of(&people.union, "p", None, 100).unwrap();
        assert_eq!(seen.iter().map(|view| view.case.id.as_str()).collect::<Vec<_>>(), [case.id.as_str()]);
        // A second mandate, given by the person, that ends by itself.
        let given = service.propose_mandate(&people.own, mandate(&people, &[RequestKind::See], 1, now())).unwrap();
        assert_eq!(given.state, MandateState::Confirmed);
        let (record_of, counts_of) = (record(&people.union).unwrap(), counts(&people.union).unwrap());
        assert_eq!(record_of.manifest.len(), counts_of.manifest.len());
        for (held, counted) in record_of.manifest.iter().zip(&counts_of.manifest) {
            // The look at the record itself is one more.
            let more = u64::from(held.category == Category::LookUps);
            assert_eq!((held.category, held.status, held.missing), (counted.category, counted.status, counted.missing));
            assert_eq!(held.count + more, counted.count, "{held:?}");
        }
        home.clock.advance(86_400_000);
        assert_eq!(kind_of(record(&people.union)), ErrorKind::Forbidden, "over");
        assert!(service.case(&people.union, &case.id).is_ok());
        turn_of(&people.own, &proposed.id, MandateTurn::Revoke).unwrap();
        assert_eq!(kind_of(service.case(&people.union, &case.id)), ErrorKind::NotFound, "taken back");
        assert_eq!(kind_of(turn_of(&people.own, &proposed.id, MandateTurn::Confirm)), ErrorKind::NotNow);
        let looks = service.look_ups(&people.own, "p", &Purpose::default(), None, 100).unwrap();
        assert!(looks.iter().any(|look| look.actor == people.union.actor && look.what == "record"), "{looks:?}");
        assert!(service.case(&people.own, &case.id).is_ok(), "the case goes on for the person");
    });
}

#[test]
fn one_filing_for_many_gives_each_an_answer_of_their_own() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let now = home.clock.now.load(std::sync::atomic::Ordering::SeqCst);
        let other = running.someone(&people.administrator, "second", Role::Person, &["q"]);
        for (person, caller) in [("p", &people.own), ("q", &other)] {
            let new = NewMandate { person: person.to_owned(), ..mandate(&people, &[RequestKind::Complain], 9, now) };
            service.propose_mandate(caller, new).unwrap();
        }
        let members = ["p", "q", "r"].map(|person| Member { person: person.to_owned(), about: About::default() });
        let filing = NewFiling {
            kind: RequestKind::Complain,
            members: members.into(),
            text: "时限太短".to_owned(),
            ground: None,
            language: None,
            password: None,
        };
        let (id, rows) = service.file_for_many(&people.union, filing).unwrap();
        let made: Vec<bool> = rows.iter().map(|row| row.case.is_ok()).collect();
        assert_eq!(made, [true, true, false], "nobody named `r` gave a mandate");
        let first = rows[0].case.as_ref().unwrap().case.id.clone();
        let answer = What::Answered {
            outcome: Outcome::Granted,
            text: "已放宽".to_owned(),
            done: Vec::new(),
            kinds: Vec::new(),
            orders: Vec::new(),
        };
        service.act_on_case(&people.officer, &first, turn(answer)).unwrap();
        let page = service.filing(&people.union, &id, None, 100).unwrap();
        let stages: Vec<(&str, Stage)> =
            page.items.iter().map(|view| (view.case.person.as_str(), view.case.stage)).collect();
        assert!(stages.contains(&("p", Stage::Answered)) && stages.contains(&("q", Stage::Open)), "{stages:?}");
        let of_q = service.filing(&other, &id, None, 100).unwrap();
        assert_eq!(of_q.items.len(), 1, "each sees their own");
        let stranger = running.someone(&people.administrator, "third", Role::Person, &["s"]);
        assert_eq!(kind_of(service.filing(&stranger, &id, None, 100)), ErrorKind::NotFound);
    });
}

#[test]
fn every_stage_has_a_clock_that_stands_still_for_questions_and_escalates_once() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let day = |days: i64| home.clock.advance(days * 86_400_000);
        let view = service.file_case(&people.own, new(RequestKind::Complain, About::default())).unwrap();
        let id = view.case.id;
        let clock = view.clock.unwrap();
        assert_eq!((clock.duty.as_deref(), clock.due()), (Some("cn.iisarmp/22#answer"), None), "nobody published one");
        let limit = |text: &str| Some(Limit(text.parse().unwrap()));
        let limits = Limits { answer: limit("3 working days"), appeal: limit("10 days"), ..Limits::default() };
        assert_eq!(kind_of(service.change_desk_limits(&people.own, 0, limits.clone())), ErrorKind::Forbidden);
        service.change_desk_limits(&people.officer, 0, limits.clone()).unwrap();
        assert_eq!(kind_of(service.change_desk_limits(&people.officer, 0, limits)), ErrorKind::Changed);
        let due =
            |caller: &Caller| service.case(caller, &id).unwrap().clock.unwrap().due().unwrap().end.day().to_string();
        // Filed on 1 May 2024, a holiday until the 5th; the 11th is a make-up Saturday.
        assert_eq!(due(&people.own), "2024-05-08");
        let queue = |late| service.case_queue(&people.officer, &QueueQuery { late, ..QueueQuery::default() }, None, 10);
        assert_eq!((queue(false).unwrap().len(), queue(true).unwrap().len()), (1, 0));
        assert_eq!(kind_of(service.case_queue(&people.own, &QueueQuery::default(), None, 10)), ErrorKind::Forbidden);
        day(5); // Monday the 6th
        let act = |caller: &Caller, what: What| service.act_on_case(caller, &id, turn(what)).unwrap();
        act(&people.officer, What::Asked { question: "哪一单？".to_owned() });
        assert_eq!(queue(false).unwrap().len(), 0, "it waits for the person");
        day(2); // Wednesday the 8th
        act(&people.own, What::Given { text: "5月1日中午的".to_owned() });
        assert_eq!(
            due(&people.own),
            "2024-05-11",
            "three days of the question do not count: 9, 10, and Saturday the 11th"
        );
        day(4); // Sunday the 12th
        assert_eq!(queue(true).unwrap().len(), 1);
        let late = service.case(&people.own, &id).unwrap();
        assert!(late.is_late && late.remedies.iter().any(|way| way.remedy == RemedyKind::Authority));
        assert_eq!((service.sweep_desk().unwrap(), service.sweep_desk().unwrap()), (1, 0), "once");
        assert_eq!(service.case(&people.own, &id).unwrap().case.escalated, [Stage::Open]);
        act(
            &people.officer,
            What::Answered {
                outcome: Outcome::Granted,
                text: "好".to_owned(),
                done: Vec::new(),
                kinds: Vec::new(),
                orders: Vec::new(),
            },
        );
        assert_eq!(service.sweep_desk().unwrap(), 0);
        day(11);
        assert_eq!(service.sweep_desk().unwrap(), 1, "the time for a review is over");
        assert_eq!(service.case(&people.own, &id).unwrap().case.stage, Stage::Closed);
    });
}

#[test]
fn of_two_who_answer_at_once_one_is_told_that_it_was_changed() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        for round in 0..5 {
            let text = format!("round {round}");
            let case = NewCase { text, ..new(RequestKind::Complain, About::default()) };
            let id = service.file_case(&people.own, case).unwrap().case.id;
            let answer = |caller: &Caller, text: &str| {
                let what = What::Answered {
                    outcome: Outcome::Granted,
                    text: text.to_owned(),
                    done: Vec::new(),
                    kinds: Vec::new(),
                    orders: Vec::new(),
                };
                service.act_on_case(caller, &id, turn(what)).map_err(|error| error.kind)
            };
            let (one, other) = std::thread::scope(|scope| {
                let one = scope.spawn(|| answer(&people.officer, "yes"));
                let other = scope.spawn(|| answer(&people.other_officer, "no"));
                (one.join().unwrap(), other.join().unwrap())
            });
            let lost = [&one, &other].into_iter().filter_map(|result| result.as_ref().err()).collect::<Vec<_>>();
            // Whoever read the case before the other had answered finds it changed; whoever read it after, answered.
            let is_refused = matches!(lost.as_slice(), [ErrorKind::Changed | ErrorKind::NotNow]);
            assert!(is_refused, "{one:?} {other:?}");
        }
    });
}

#[test]
fn everything_about_a_person_is_what_the_store_and_the_ledger_hold() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        running.event(&people.own, "given", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        for number in 0..3 {
            running.check_one(decision(&format!("d-{number}"), "p", 300)).unwrap();
        }
        running.check_one(decision("d-other", "q", 300)).unwrap();
        running.log(vec![decision("d-logged", "p", 20)]).unwrap();
        service.decision(&people.regulator, "d-1", &Purpose::new("inspection").unwrap()).unwrap();
        service.file_case(&people.own, new(RequestKind::Explain, About::default())).unwrap();
        let now = home.clock.now.load(std::sync::atomic::Ordering::SeqCst);
        service.propose_mandate(&people.own, mandate(&people, &[RequestKind::See], 3, now)).unwrap();
        let record = service.person_record(&people.own, "p", &Purpose::default()).unwrap();
        let counts = service.record_counts(&people.own, "p", &Purpose::default()).unwrap();
        assert_eq!(counts.manifest, record.manifest, "counted without reading it");
        let json = serde_json::to_value(&record).unwrap();
        // Each decision, field by field, with what the ledger gives for it.
        let decisions = json["sections"]["decisions"].as_array().unwrap();
        assert_eq!(decisions.len(), 4);
        for shown in decisions {
            let id = shown["record"]["id"].as_str().unwrap();
            let held = service.decision(&people.own, id, &Purpose::default()).unwrap();
            assert_eq!(shown["record"], serde_json::to_value(&held.record).unwrap(), "{id}");
            let mut checked = serde_json::to_value(&held.checked).unwrap();
            // What the rules said stands once for all decisions of which they said it.
            let answer = checked.as_object_mut().and_then(|checked| checked.remove("answer"));
            assert_eq!(shown["checked"], checked, "{id}");
            assert_eq!(shown["answer"].as_str(), answer.as_ref().and_then(|answer| answer["digest"].as_str()));
            let verdicts = json["sections"]["verdicts"].as_array().unwrap();
            assert_eq!(verdicts.iter().find(|one| one["digest"] == shown["answer"]), answer.as_ref(), "{id}");
            assert_eq!(shown["leaf"], held.place.leaf);
        }
        // With proofs each has the receipt that is given for it alone.
        let proved = service.proved_person_record(&people.own, "p", &Purpose::default()).unwrap();
        for kept in &proved.sections[&Category::Decisions] {
            let shown = kept.to_json().unwrap();
            let id = shown["record"]["id"].as_str().unwrap();
            let receipt = service.receipt(&people.own, id, &Purpose::default()).unwrap();
            assert_eq!((shown["receipt"].as_str(), shown["leaf"].as_u64()), (Some(&*receipt.text), Some(receipt.leaf)));
        }
        // Each entry of the journal, of every kind, whatever kinds there are.
        let mut held = 0;
        for kind in JournalKind::ALL {
            for entry in running.store.of_person("p", &[kind], None, 1000).unwrap() {
                held += 1;
                let all = json["sections"].as_object().unwrap().values().filter_map(|all| all.as_array()).flatten();
                let found = all.clone().find(|one| one["seq"] == entry.seq).unwrap_or_else(|| panic!("{entry:?}"));
                assert_eq!(found["id"], entry.entry.id.as_str());
                assert_eq!(found["actor"], entry.entry.actor.as_str());
                let body: serde_json::Value = serde_json::from_str(&entry.entry.body).unwrap();
                assert_eq!(found["body"], body);
            }
        }
        let shown = ["changes", "look-ups", "cases", "mandates", "approvals"]
            .map(|name| json["sections"][name].as_array().unwrap().len());
        assert_eq!(shown, [1, 1, 1, 2, 0]);
        assert_eq!(held, shown.iter().sum::<usize>(), "nothing beside what is kept");
        assert_eq!(json["sections"]["state"][0]["fact"], "resource.consents");
        assert_eq!(json["sections"]["accounts"][0]["name"], "own");
        assert!(json["glossary"]["context.minutes"]["zh"].is_string(), "{}", json["glossary"]);
        let manifest: Vec<(&str, &str)> =
            record.manifest.iter().map(|held| (held.category.as_str(), held.status)).collect();
        assert!(manifest.contains(&("approvals", "none")) && manifest.contains(&("secrets", "withheld")));
        assert!(!json.to_string().contains("argon2") && !json.to_string().contains("d-other"));
        let purpose = Purpose::new("inspection").unwrap();
        let refused = service.proved_person_record(&people.regulator, "p", &purpose);
        let may = service.receipt(&people.regulator, "d-1", &purpose).is_ok();
        assert_eq!(refused.is_ok(), may, "receipts are shown to whoever may have each");
    });
}

#[test]
fn a_copy_is_handed_out_to_who_asked_and_showed_the_password() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let people = People::of(&running);
    let service = &running.service;
    let view = service.file_case(&people.own, new(RequestKind::Copy, About::default())).unwrap();
    assert_eq!(view.case.stage, Stage::Identity);
    assert_eq!(kind_of(service.case_record(&people.own, &view.case.id)), ErrorKind::Forbidden);
    let password = Some(password().reveal().to_owned());
    let view = service.file_case(
        &people.own,
        NewCase { password, text: "全部".to_owned(), ..new(RequestKind::Copy, About::default()) },
    );
    let view = view.unwrap();
    assert_eq!(view.case.stage, Stage::Answered);
    assert_eq!(service.case_record(&people.own, &view.case.id).unwrap().person, "p");
    assert_eq!(kind_of(service.case_record(&people.officer, &view.case.id)), ErrorKind::Forbidden);
    assert_eq!(kind_of(service.case_record(&people.union, &view.case.id)), ErrorKind::NotFound);
}

#[test]
fn cases_and_mandates_come_back_from_the_ledger_when_the_database_is_lost() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let people = People::of(&running);
    let now = home.clock.now.load(std::sync::atomic::Ordering::SeqCst);
    let service = &running.service;
    let given = service.propose_mandate(&people.own, mandate(&people, &[RequestKind::See], 3, now)).unwrap();
    let case = service.file_case(&people.own, new(RequestKind::Complain, About::default())).unwrap().case;
    let what = What::Asked { question: "哪一单？".to_owned() };
    let case = service.act_on_case(&people.officer, &case.id, turn(what)).unwrap().case;
    service.stop().unwrap();
    drop(running);
    for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
        let _ = std::fs::remove_file(home.path(name));
    }
    let running = home.start();
    let line = running.store.case(&case.id).unwrap().unwrap();
    assert_eq!(serde_json::from_str::<gongdao_desk::Case>(&line.body).unwrap(), case);
    let line = running.store.mandate(&given.id).unwrap().unwrap();
    assert_eq!(serde_json::from_str::<gongdao_desk::Mandate>(&line.body).unwrap(), given);
}

#[test]
fn an_erasure_takes_requests_and_mandates_with_it() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let now = home.clock.now.load(std::sync::atomic::Ordering::SeqCst);
        let service = &running.service;
        let given = service.propose_mandate(&people.own, mandate(&people, &[RequestKind::See], 3, now)).unwrap();
        let case = service.file_case(&people.own, new(RequestKind::Complain, About::default())).unwrap().case;
        service.erase(&people.officer, "p", &"cn.pipl/47/1".parse().unwrap()).unwrap();
        assert!(running.store.case(&case.id).unwrap().is_none() && running.store.mandate(&given.id).unwrap().is_none());
        assert!(running.store.of_person("p", &JournalKind::ALL, None, 10).unwrap().is_empty());
    });
}

#[test]
fn figures_tell_the_change_rate_and_no_small_counts() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let contest = |number: usize, changed: bool| {
            let id = format!("d-{number}");
            running.check_one(decision(&id, "p", 300)).unwrap();
            let case = NewCase { ground: Some("weather".to_owned()), ..new(RequestKind::Contest, about_decision(&id)) };
            let id = service.file_case(&people.own, case).unwrap().case.id;
            let act = |what| service.act_on_case(&people.reviewer, &id, turn(what)).unwrap();
            act(What::ReviewBegun { role: "lead".to_owned() });
            home.clock.advance(30_000);
            let done = vec![Done { system: "pay".to_owned(), what: "repaid".to_owned() }];
            let seen = vec!["track".to_owned()];
            act(What::Reviewed { seen, could_change: true, changed, text: "x".to_owned(), done, orders: Vec::new() });
        };
        (0..4).for_each(|number| contest(number, false));
        let of = || service.desk_figures(&people.own).unwrap().kinds.remove("contest").unwrap();
        assert_eq!((of().filed, of().change_rate), (None, None), "four are too few to be told");
        (4..15).for_each(|number| contest(number, false));
        assert_eq!((of().reviewed, of().change_rate), (Some(15), Some(0.0)));
        (15..20).for_each(|number| contest(number, true));
        let figures = of();
        assert_eq!((figures.filed, figures.changed, figures.change_rate), (Some(20), Some(5), Some(0.25)));
        assert_eq!(figures.mean_review_seconds, Some(30));
    });
}

#[test]
fn a_machine_files_nothing() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let system = machine(&running);
    let filed = running.service.file_case(&system, new(RequestKind::Complain, About::default()));
    assert_eq!(kind_of(filed), ErrorKind::Forbidden);
}

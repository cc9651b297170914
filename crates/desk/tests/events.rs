//! Events as JSON and back, and what cannot follow.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use gongdao_desk::{
    About, Case, CaseEvent, Done, Filing, Hat, Identity, Mandate, MandateEvent, NewMandate, Order, Outcome, Party,
    RequestKind, Rights, Stage, TaskState, Way, What,
};
use gongdao_model::Instant;

fn at(seconds: i64) -> Instant {
    Instant::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

fn party(hat: Hat) -> Party {
    Party { actor: format!("account:{hat:?}"), hat }
}

fn filing(kind: RequestKind) -> Filing {
    let text = |text: &str| Some(text.to_owned());
    Filing {
        kind,
        person: "p".to_owned(),
        about: About { decision: text("d"), purpose: text("x"), tag: text("t"), information: text("i") },
        text: "请".to_owned(),
        ground: (kind == RequestKind::Contest).then(|| "weather".to_owned()),
        language: "zh".to_owned(),
        filing: text("filing-1"),
        identity: Identity::Session,
    }
}

fn every_event() -> Vec<What> {
    let text = || "x".to_owned();
    let done = || vec![Done { system: text(), what: text() }];
    let article = "cn.pipl/47/2".parse().unwrap();
    let orders = || vec![Order { system: text(), way: Way::Webhook }];
    vec![
        What::Filed { filing: filing(RequestKind::Contest) },
        What::Identified { identity: Identity::Desk },
        What::Taken,
        What::Asked { question: text() },
        What::Given { text: text() },
        What::Extended { period: "5 working days".to_owned(), reason: text() },
        What::Answered {
            outcome: Outcome::Refused { article },
            text: text(),
            done: done(),
            kinds: vec![text()],
            orders: Vec::new(),
        },
        What::Answered {
            outcome: Outcome::Granted,
            text: text(),
            done: Vec::new(),
            kinds: Vec::new(),
            orders: orders(),
        },
        What::Agreed,
        What::Disagreed { reason: text() },
        What::ReviewAsked { text: text() },
        What::ReviewBegun { role: text() },
        What::Reviewed {
            seen: vec![text()],
            could_change: true,
            changed: false,
            text: text(),
            done: done(),
            orders: orders(),
        },
        What::Fulfilled { system: text(), text: text(), place: Some(text()) },
        What::Stuck { system: text(), reason: text() },
        What::Again { system: text() },
        What::Withdrawn,
        What::Closed,
        What::Escalated,
    ]
}

#[test]
fn every_event_is_the_same_after_a_way_through_json() {
    let acting = Hat::Representative { mandate: "m".to_owned() };
    let system = Hat::System { system: "orders".to_owned() };
    for hat in [Hat::Person, acting, Hat::Desk, Hat::Reviewer, Hat::Service, system] {
        for what in every_event() {
            let event = CaseEvent { at: at(0), by: party(hat.clone()), what };
            let json = serde_json::to_string(&event).unwrap();
            let read: CaseEvent = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
            assert_eq!(read, event, "{json}");
            let keys: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(keys["what"], event.what.as_str());
        }
    }
}

#[test]
fn a_mandate_and_its_events_are_the_same_after_a_way_through_json() {
    let terms = NewMandate {
        person: "p".to_owned(),
        representative: "account:u".to_owned(),
        kinds: [RequestKind::See, RequestKind::Contest].into(),
        decision: None,
        until: at(60),
    };
    for event in [MandateEvent::Proposed { mandate: terms.clone() }, MandateEvent::Confirmed, MandateEvent::Revoked] {
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<MandateEvent>(&json).unwrap(), event, "{json}");
    }
    let mandate = Mandate::propose("m", terms, at(0)).unwrap();
    let json = serde_json::to_string(&mandate).unwrap();
    assert_eq!(serde_json::from_str::<Mandate>(&json).unwrap(), mandate);
    assert!(!mandate.is_live(at(1)), "nobody said yes");
    let live = mandate.after(&MandateEvent::Confirmed, at(1)).unwrap();
    assert!(live.covers(RequestKind::See, None, at(59)) && !live.covers(RequestKind::See, None, at(60)));
    assert!(!live.covers(RequestKind::Copy, None, at(2)));
    assert!(live.after(&MandateEvent::Confirmed, at(2)).is_err());
}

#[test]
fn a_case_is_what_its_events_come_to() {
    let rights = Rights::shipped().unwrap();
    let event = |seconds, hat: Hat, what| CaseEvent { at: at(seconds), by: party(hat), what };
    let extended = What::Extended { period: "5 working days".to_owned(), reason: "many orders".to_owned() };
    let events = [
        event(0, Hat::Person, What::Filed { filing: filing(RequestKind::Complain) }),
        event(1, Hat::Desk, extended),
        event(2, Hat::Desk, What::Asked { question: "哪一单？".to_owned() }),
        event(3, Hat::Person, What::Given { text: "第七单".to_owned() }),
    ];
    let case = Case::fold("c", &events, &rights).unwrap();
    assert_eq!((case.stage, case.events, case.stays.len()), (Stage::Open, 4, 2));
    assert_eq!(case.text, "请\n\n第七单");
    let json = serde_json::to_string(&case).unwrap();
    assert_eq!(serde_json::from_str::<Case>(&json).unwrap(), case);
    let late = event(1, Hat::Desk, What::Taken);
    assert!(case.after(&late, &rights).unwrap_err().is_order, "older than the stage");
    assert!(case.after(&event(4, Hat::Service, What::Closed), &rights).is_err());
    let all = every_event();
    let no_reviewer = all.iter().filter(|what| matches!(what, What::ReviewBegun { .. }));
    for what in no_reviewer {
        assert!(case.after(&event(4, Hat::Desk, what.clone()), &rights).is_err());
    }
}

#[test]
fn what_a_kind_needs_is_asked_for() {
    let rights = Rights::shipped().unwrap();
    let open = |filing: Filing, hat: Hat| {
        Case::open("c", &CaseEvent { at: at(0), by: party(hat), what: What::Filed { filing } }, &rights)
    };
    for (kind, needed) in [
        (RequestKind::Correct, "`correct` does not say which information"),
        (RequestKind::Restrict, "`restrict` does not say which purpose"),
        (RequestKind::DeleteTag, "`delete-tag` does not say which tag"),
        (RequestKind::Contest, "`contest` does not say which decision"),
    ] {
        let bare = Filing { about: About::default(), ..filing(kind) };
        assert_eq!(open(bare, Hat::Person).unwrap_err().message, needed);
        assert!(open(filing(kind), Hat::Person).is_ok());
        assert!(open(filing(kind), Hat::Reviewer).is_err(), "reviewers file nothing");
    }
    let groundless = Filing { ground: None, ..filing(RequestKind::Contest) };
    assert_eq!(open(groundless, Hat::Person).unwrap_err().message, "the contest does not say on what it rests");
    let grounded = Filing { ground: Some("weather".to_owned()), ..filing(RequestKind::Complain) };
    assert_eq!(open(grounded, Hat::Person).unwrap_err().message, "only a contest rests on a ground");
}

#[test]
fn a_task_is_its_systems_or_a_persons_who_says_where() {
    let rights = Rights::shipped().unwrap();
    let event = |seconds, hat: Hat, what| CaseEvent { at: at(seconds), by: party(hat), what };
    let system = |name: &str| Hat::System { system: name.to_owned() };
    let orders = vec![
        Order { system: "orders".to_owned(), way: Way::Webhook },
        Order { system: "archive".to_owned(), way: Way::Manual },
    ];
    let answered = What::Answered {
        outcome: Outcome::Granted,
        text: "好".to_owned(),
        done: Vec::new(),
        kinds: Vec::new(),
        orders: orders.clone(),
    };
    let filed = event(0, Hat::Person, What::Filed { filing: filing(RequestKind::Correct) });
    let case = Case::fold("c", &[filed, event(1, Hat::Desk, answered)], &rights).unwrap();
    assert!(!case.is_fulfilled() && case.fulfilment.len() == 2);
    let done = |system: &str, place: Option<&str>| What::Fulfilled {
        system: system.to_owned(),
        text: "x".to_owned(),
        place: place.map(str::to_owned),
    };
    let stuck = |reason: &str| What::Stuck { system: "orders".to_owned(), reason: reason.to_owned() };
    for (hat, what) in [
        (Hat::Person, done("orders", None)),
        (Hat::Representative { mandate: "m".to_owned() }, done("orders", Some("here"))),
        (system("archive"), done("orders", None)),
        (system("orders"), done("nothing", None)),
        (Hat::Desk, done("archive", None)),
        (Hat::Desk, done("archive", Some(" "))),
        (system("orders"), What::Again { system: "orders".to_owned() }),
        (Hat::Person, What::Closed),
        (Hat::Service, What::Closed),
    ] {
        let event = event(2, hat.clone(), what.clone());
        assert!(case.after(&event, &rights).is_err(), "{hat:?}: {what:?}");
    }
    let after = |case: &Case, seconds, hat: Hat, what| case.after(&event(seconds, hat, what), &rights);
    let case = after(&case, 2, system("orders"), stuck("no such rider")).unwrap();
    assert_eq!(case.task("orders").unwrap().state, TaskState::Stuck);
    assert!(after(&case, 3, Hat::Service, stuck("no such rider")).is_err(), "told once");
    let case = after(&case, 3, Hat::Desk, What::Again { system: "orders".to_owned() }).unwrap();
    let case = after(&case, 4, system("orders"), done("orders", None)).unwrap();
    assert!(after(&case, 5, system("orders"), done("orders", None)).is_err(), "done is done");
    assert!(after(&case, 5, Hat::Service, stuck("late")).is_err());
    let case = after(&case, 5, Hat::Desk, done("archive", Some("cellar 2"))).unwrap();
    assert!(case.is_fulfilled());
    assert_eq!(after(&case, 6, Hat::Person, What::Closed).unwrap().stage, Stage::Closed);
    // What is refused orders nothing.
    let refused = What::Answered {
        outcome: Outcome::Refused { article: "cn.pipl/46/1".parse().unwrap() },
        text: "x".to_owned(),
        done: Vec::new(),
        kinds: Vec::new(),
        orders,
    };
    let filed = event(0, Hat::Person, What::Filed { filing: filing(RequestKind::Correct) });
    assert!(Case::fold("c", &[filed, event(1, Hat::Desk, refused)], &rights).unwrap().fulfilment.is_empty());
}

//! Many requests, and what of a person's mandates is shown.

use super::{People, granted, mandate, new, turn};
use crate::support::{Database, Home, on_each, sql};
use gongdao_desk::{About, Limit, Limits, NewMandate, RequestKind, What};
use gongdao_model::Instant;
use gongdao_service::{Caller, Category, ErrorKind, NewCase, Purpose, QueueQuery, Role};
use std::collections::BTreeSet;

#[test]
fn due_dates_that_are_counted_again_are_those_of_each_case_alone() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let mut cases = Vec::new();
        // Before and after midnight in UTC+8, on working days and in the holiday of May; some answered, some asked, one extended.
        for number in 0..12_u32 {
            home.clock.advance(i64::from(number) * 5 * 3_600_000);
            let about = NewCase { text: format!("number {number}"), ..new(RequestKind::Complain, About::default()) };
            let id = service.file_case(&people.own, about).unwrap().case.id;
            let act = |caller: &Caller, what: What| service.act_on_case(caller, &id, turn(what)).map(drop).unwrap();
            match number % 4 {
                1 => act(&people.officer, granted()),
                2 => {
                    act(&people.officer, What::Asked { question: "哪一单？".to_owned() });
                    home.clock.advance(50 * 3_600_000);
                    if number > 4 {
                        act(&people.own, What::Given { text: "这一单".to_owned() });
                    }
                }
                3 => act(
                    &people.officer,
                    What::Extended { period: "3 working days".to_owned(), reason: "many".to_owned() },
                ),
                _ => {}
            }
            cases.push(id);
        }
        let limit = |text: &str| Some(Limit(text.parse().unwrap()));
        let days = Limits { answer: limit("4 working days"), appeal: limit("10 days"), ..Limits::default() };
        let others = Limits { answer: limit("9 working days"), input: limit("1 months"), ..Limits::default() };
        let hours = Limits { input: limit("30 hours"), appeal: limit("48 hours"), ..days.clone() };
        let mut seen = BTreeSet::new();
        for (version, limits) in [days, hours, others, Limits::default()].into_iter().enumerate() {
            let queue = |id: &str| {
                let queue = service.case_queue(&people.officer, &QueueQuery::default(), None, 100).unwrap();
                queue.into_iter().find(|line| line.case == *id)
            };
            service.change_desk_limits(&people.officer, version as u64, limits).unwrap();
            for id in &cases {
                let line = running.store.case(id).unwrap().unwrap();
                let view = service.case(&people.own, id).unwrap();
                let clock = view.clock.unwrap();
                let due = clock.due().map(|due| due.end);
                let is_last = |at: Instant| {
                    let next = Instant::from_millis(at.millis() + 1).unwrap();
                    due.is_some_and(|end| end.includes(at) && !end.includes(next))
                };
                let fits = |at: Option<Instant>| at.map_or(due.is_none(), is_last);
                assert_eq!(line.since, Some(clock.since));
                assert!(if line.moved { fits(line.moved_to) } else { line.moved_to.is_none() }, "{id}: {line:?}");
                let waiting = queue(id);
                assert_eq!(waiting.is_some(), view.case.stage.is_with_operator(), "{id}");
                if let Some(waiting) = waiting {
                    assert!(fits(waiting.due), "{id} under the limits {version}: {:?}, {clock:?}", waiting.due);
                    seen.insert(waiting.due);
                }
            }
        }
        assert!(seen.len() > 12, "they are not all one: {seen:?}");
    });
}

#[test]
fn limits_that_one_process_publishes_are_those_of_the_others_at_once() {
    // SQLite has one process.
    let Some(home) = Home::new(Database::Postgres) else { return };
    let one = home.start_as("ledger.example/one");
    let people = People::of(&one);
    let other = home.start_as("ledger.example/two");
    one.service.file_case(&people.own, new(RequestKind::Complain, About::default())).unwrap();
    let asked = one.service.file_case(
        &people.own,
        NewCase { text: "the second".to_owned(), ..new(RequestKind::Complain, About::default()) },
    );
    let extended = What::Extended { period: "2 days".to_owned(), reason: "many".to_owned() };
    one.service.act_on_case(&people.officer, &asked.unwrap().case.id, turn(extended)).unwrap();
    for (version, (text, dues)) in [
        ("3 days", ["2024-05-06", "2024-05-06"]),
        ("10 days", ["2024-05-11", "2024-05-13"]),
        ("20 days", ["2024-05-21", "2024-05-23"]),
    ]
    .into_iter()
    .enumerate()
    {
        let limits = Limits { answer: Some(Limit(text.parse().unwrap())), ..Limits::default() };
        one.service.change_desk_limits(&people.officer, version as u64, limits).unwrap();
        for running in [&one, &other] {
            let queue = running.service.case_queue(&people.officer, &QueueQuery::default(), None, 10).unwrap();
            let shown: Vec<_> = queue.iter().map(|line| line.due.unwrap().date_in_shanghai().to_string()).collect();
            assert_eq!(shown, dues, "{text}");
        }
    }
}

#[test]
fn a_limit_that_ends_outside_the_calendar_is_refused_and_none_is_changed() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let people = People::of(&running);
    let limits = Limits { appeal: Some(Limit("90 years".parse().unwrap())), ..Limits::default() };
    let refused = running.service.change_desk_limits(&people.officer, 0, limits);
    assert_eq!(super::kind_of(refused), ErrorKind::Input);
    assert_eq!(running.service.desk_limits().unwrap().version, 0);
}

#[test]
fn limits_by_which_a_case_that_waits_cannot_be_counted_are_refused_and_none_is_changed() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let id = service.file_case(&people.own, new(RequestKind::Complain, About::default())).unwrap().case.id;
        let extended = What::Extended { period: "2 working days".to_owned(), reason: "many".to_owned() };
        service.act_on_case(&people.officer, &id, turn(extended)).unwrap();
        let limits = |text: &str| Limits { answer: Some(Limit(text.parse().unwrap())), ..Limits::default() };
        service.change_desk_limits(&people.officer, 0, limits("3 working days")).unwrap();
        let due = || service.case_queue(&people.officer, &QueueQuery::default(), None, 10).unwrap()[0].due;
        let before = due();
        let refused = service.change_desk_limits(&people.officer, 1, limits("72 hours")).unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Input);
        assert_eq!(refused.message, format!("`{id}`: `72 hours` cannot be extended by `2 working days`"));
        assert_eq!((service.desk_limits().unwrap().version, due()), (1, before));
        service.change_desk_limits(&people.officer, 1, limits("5 working days")).unwrap();
        assert!(due() > before);
        // Where an older program published them, the case keeps its date, and the service starts.
        let body = serde_json::to_string(&limits("72 hours")).unwrap().replace('\'', "''");
        let before = due();
        running.service.stop().unwrap();
        drop(running);
        sql(
            home,
            &format!("UPDATE documents SET body = '{body}', version = version + 1 WHERE collection = 'desk-limits'"),
        );
        let running = home.start();
        let officer = running.log_in("officer");
        let queue = running.service.case_queue(&officer, &QueueQuery::default(), None, 10).unwrap();
        assert_eq!(queue[0].due, before);
    });
}

#[test]
fn staff_see_of_a_persons_mandates_those_that_a_request_rests_on() {
    on_each(|home| {
        let running = home.start();
        let people = People::of(&running);
        let service = &running.service;
        let now = home.clock.now.load(std::sync::atomic::Ordering::SeqCst);
        let given = |kind| service.propose_mandate(&people.own, mandate(&people, &[kind], 30, now)).unwrap().id;
        let (used, unused) = (given(RequestKind::Complain), given(RequestKind::Explain));
        service.file_case(&people.union, new(RequestKind::Complain, About::default())).unwrap();
        let shown = |caller: &Caller| {
            let purpose = Purpose::new("a complaint").unwrap();
            let record = service.person_record(caller, "p", &purpose).unwrap();
            let mandates = record.sections[&Category::Mandates].iter().map(|kept| kept.to_json().unwrap());
            let names: BTreeSet<String> = mandates.map(|entry| entry["subject"].as_str().unwrap().to_owned()).collect();
            let held = record.manifest.iter().find(|held| held.category == Category::Mandates).unwrap().clone();
            (names, held.missing, held.reason)
        };
        let both = BTreeSet::from([used.clone(), unused]);
        assert_eq!(shown(&people.own), (both, 0, None));
        for staff in [&people.officer, &people.reviewer, &people.regulator] {
            assert_eq!(shown(staff), ([used.clone()].into(), 1, Some("mandates")));
        }
        // Who holds mandates sees their own.
        let third = running.someone(&people.administrator, "third", Role::Representative, &[]);
        let new = NewMandate { representative: third.actor.clone(), ..mandate(&people, &[RequestKind::See], 30, now) };
        let own = service.propose_mandate(&people.own, new).unwrap().id;
        assert_eq!(shown(&third), ([own].into(), 2, Some("mandates")));
    });
}

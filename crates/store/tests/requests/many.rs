//! Many requests, and what of a person's mandates is shown.

use super::{People, granted, mandate, new, turn};
use crate::support::on_each;
use gongdao_desk::{About, Limit, Limits, NewMandate, RequestKind, What};
use gongdao_model::Instant;
use gongdao_service::{Caller, Category, NewCase, Purpose, Role};
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
            service.change_desk_limits(&people.officer, version as u64, limits).unwrap();
            for id in &cases {
                let line = running.store.case(id).unwrap().unwrap();
                let clock = service.case(&people.own, id).unwrap().clock.unwrap();
                let due = clock.due().map(|due| due.end);
                let is_last = |at: Instant| {
                    let next = Instant::from_millis(at.millis() + 1).unwrap();
                    due.is_some_and(|end| end.includes(at) && !end.includes(next))
                };
                let fits = line.due.map_or(due.is_none(), is_last);
                assert!(fits, "{id} under the limits {version}: {:?}, {clock:?}", line.due);
                assert_eq!(line.since, Some(clock.since));
                seen.insert(line.due);
            }
        }
        assert!(seen.len() > 12, "they are not all one: {seen:?}");
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

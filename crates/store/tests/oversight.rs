//! Orders of regulators, first passwords and figures on both databases, over time, and when the database is lost.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::Reader;
use gongdao_service::port::JournalKind;
use gongdao_service::{
    AccountChange, Caller, ErrorKind, Match, NewAccount, NewOrder, OrderStage, OrderWhat, PasswordChange, Role, Secret,
    ServiceError, ServiceSettings,
};
use std::sync::Arc;
use std::time::Duration;
use support::{Database, Home, Running, decision, on_each};

const DAY: i64 = 86_400_000;

fn kind_of<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ErrorKind {
    result.unwrap_err().kind
}

fn people(running: &Running) -> (Caller, Caller) {
    let administrator = running.administrator();
    let someone = |name: &str, role| running.someone(&administrator, name, role, &[]);
    (someone("regulator", Role::Regulator), someone("officer", Role::Officer))
}

fn order(period: &str) -> NewOrder {
    let json = serde_json::json!({
        "kind": "correction", "provisions": ["cn.iisarmp/24/1"], "text": "file the algorithm", "period": period,
    });
    serde_json::from_value(json).unwrap()
}

fn say(text: &str) -> String {
    text.to_owned()
}

#[test]
fn an_order_that_is_not_kept_in_time_goes_higher_up_and_can_still_be_kept() {
    on_each(|home| {
        let running = home.start();
        let (regulator, officer) = people(&running);
        let service = &running.service;
        assert_eq!(kind_of(service.issue_order(&officer, order("5 days"))), ErrorKind::Forbidden);
        assert_eq!(kind_of(service.issue_order(&regulator, order("5 moons"))), ErrorKind::Input);
        let mut nameless = order("5 days");
        nameless.about.decision = Some(String::new());
        assert_eq!(kind_of(service.issue_order(&regulator, nameless)), ErrorKind::Input);
        for about in ["[null, null]", r#"{"decision": null}"#, r#"{"person": "p-1"}"#] {
            let refused = serde_json::from_str::<gongdao_service::OrderAbout>(about);
            assert!(refused.is_err(), "{about}");
        }
        let made = service.issue_order(&regulator, order("5 days")).unwrap();
        let id = made.order.id.clone();
        assert!(made.receipt.is_some_and(|receipt| receipt.leaf.is_some()), "it is in the ledger");
        let act = |caller: &Caller, what| service.act_on_order(caller, &id, what);
        let higher = || OrderWhat::Escalated { text: say("to the province") };
        // On the last day there is still time. Where it falls on a holiday it is a later one.
        let days = made.order.due.day_number() - service.now().date_in_shanghai().day_number();
        assert!((5..20).contains(&days), "{days}");
        home.clock.advance(i64::from(days) * DAY);
        assert_eq!(kind_of(act(&regulator, higher())), ErrorKind::NotNow);
        assert!(!service.order(&regulator, &id).unwrap().is_late);
        home.clock.advance(DAY);
        assert!(service.order(&officer, &id).unwrap().is_late);
        assert_eq!(kind_of(act(&officer, higher())), ErrorKind::Forbidden);
        assert_eq!(act(&regulator, higher()).unwrap().order.stage, OrderStage::Escalated);
        let reply = || OrderWhat::Answered { text: say("done") };
        assert_eq!(kind_of(act(&regulator, reply())), ErrorKind::Forbidden);
        assert_eq!(act(&officer, reply()).unwrap().order.stage, OrderStage::Answered);
        assert_eq!(kind_of(act(&officer, reply())), ErrorKind::NotNow, "once");
        let again = OrderWhat::SentBack { text: say("the number is missing"), period: say("3 days") };
        let back = act(&regulator, again).unwrap();
        assert_eq!((back.order.stage, back.is_late), (OrderStage::Open, false), "the time runs anew");
        act(&officer, reply()).unwrap();
        let met = act(&regulator, OrderWhat::Accepted { text: say("thanks") }).unwrap();
        assert!(!met.order.is_open());
        let entries = running.store.of_subject(JournalKind::Order, Some(&id), None, 10).unwrap();
        assert_eq!(entries.len(), 6);
        assert!(entries.iter().all(|entry| entry.leaf.is_some() && entry.entry.person.is_none()));
    });
}

#[test]
fn orders_come_back_from_the_ledger_when_the_database_is_lost() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let (regulator, officer) = people(&running);
    let service = &running.service;
    let id = service.issue_order(&regulator, order("10 working days")).unwrap().order.id;
    service.act_on_order(&officer, &id, OrderWhat::Answered { text: say("done") }).unwrap();
    let before = service.order(&officer, &id).unwrap();
    service.stop().unwrap();
    drop(running);
    for name in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
        let _ = std::fs::remove_file(home.path(name));
    }
    let running = home.start();
    assert_eq!(running.service.order(&officer, &id).unwrap(), before);
}

#[test]
fn a_first_password_works_for_three_days_and_until_it_is_changed() {
    on_each(|home| {
        let running = home.start();
        let administrator = running.administrator();
        let service = &running.service;
        let new = |name: &str| {
            let new = NewAccount { name: name.to_owned(), roles: [Role::Person].into(), persons: [].into() };
            service.create_account(&administrator, new, None).unwrap().id
        };
        let (late, early) = (new("late"), new("early"));
        let give = |id: &str| service.give_first_password(&administrator, id).unwrap().password;
        let (first_late, first_early) = (give(&late), give(&early));
        assert_ne!(first_late.reveal(), first_early.reveal());
        let session = service.log_in("early", &first_early).unwrap();
        assert!(session.is_first);
        let caller = service.recognise(gongdao_service::Credential::Session(session.token.reveal())).unwrap();
        let own = Secret::new("my own long password");
        let change = PasswordChange { old: first_early.clone(), new: own.clone() };
        service.change_password(&caller, &change).unwrap();
        home.clock.advance(3 * DAY);
        assert_eq!(kind_of(service.log_in("late", &first_late)), ErrorKind::Unauthenticated, "its time is over");
        assert!(!service.log_in("early", &own).unwrap().is_first, "one's own has no end");
        // Whoever lost theirs gets another, also after too many tries.
        for _ in 0..6 {
            let _ = service.log_in("early", &Secret::new("a wrong long password"));
        }
        assert_eq!(kind_of(service.log_in("early", &own)), ErrorKind::TooMany);
        assert!(service.log_in("early", &give(&early)).unwrap().is_first);
        assert_eq!(kind_of(service.log_in("early", &own)), ErrorKind::Unauthenticated);
        let entries = running.store.of_subject(JournalKind::Access, Some(&early), None, 10).unwrap();
        assert!(entries.iter().all(|entry| !entry.entry.body.contains(first_early.reveal())), "no secret is kept");
        // A change of roles leaves what was given as it is.
        let version = service.account(&administrator, &late).unwrap().version;
        let change = AccountChange { is_disabled: Some(true), ..AccountChange::default() };
        service.change_account(&administrator, &late, version, change).unwrap();
        assert_eq!(kind_of(service.log_in("late", &give(&late))), ErrorKind::Unauthenticated, "it is disabled");
    });
}

#[test]
fn a_checkpoint_of_before_is_gone_on_from_and_one_of_after_is_longer() {
    on_each(|home| {
        let running = home.start();
        let (regulator, officer) = people(&running);
        running.check_one(decision("d-1", "p", 10)).unwrap();
        running.service.stop().unwrap();
        drop(running);
        let running = home.start();
        let service = &running.service;
        let kept = service.ledger_state(&regulator).unwrap();
        running.check_one(decision("d-2", "p", 10)).unwrap();
        service.issue_order(&regulator, order("5 days")).unwrap();
        let found = service.compare_checkpoint(&officer, &kept.checkpoint).unwrap();
        assert_eq!(found, (kept.size, Match::GoesOn));
        let check = service.check_ledger(&regulator).unwrap();
        assert_eq!(check.faults, 0, "{:?}", check.findings);
        let figures = service.gate_figures(&regulator).unwrap();
        assert_eq!((figures.looked_at, figures.checked, figures.not_checked), (2, 2, 0));
        assert_eq!(figures.actions.values().map(|of| of.checked).sum::<u64>(), 2);
        // They stand for two minutes at most, say of when they are, and are counted again while somebody looks at them.
        running.check_one(decision("d-3", "p", 10)).unwrap();
        home.clock.advance(119_000);
        assert_eq!(service.gate_figures(&regulator).unwrap(), figures);
        home.clock.advance(1_000);
        let later = service.gate_figures(&regulator).unwrap();
        assert_eq!((later.looked_at, later.at.millis() - figures.at.millis()), (3, 120_000));
        running.check_one(decision("d-4", "p", 10)).unwrap();
        home.clock.advance(60_000);
        assert!(service.refresh_gate_figures().unwrap());
        let fresh = service.gate_figures(&regulator).unwrap();
        assert_eq!((fresh.looked_at, fresh.at.millis() - later.at.millis()), (4, 60_000));
        home.clock.advance(600_000);
        assert!(!service.refresh_gate_figures().unwrap(), "nobody looked for ten minutes");
        assert_eq!(kind_of(service.compare_checkpoint(&officer, "nothing")), ErrorKind::Input);
    });
}

#[test]
fn what_was_answered_is_signed_before_an_audit_reads_the_ledger() {
    on_each(|home| {
        let seldom = |settings: &mut ServiceSettings| settings.upkeep.checkpoint = Duration::from_hours(1);
        let running = home.start_with("ledger.example/one", home.store(), seldom).unwrap();
        let administrator = running.administrator();
        let engineer = running.someone(&administrator, "engineer", Role::Engineer, &[]);
        let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
        let leaf = running.check_one(decision("d-1", "p", 10)).unwrap().place.leaf;
        // What another process sees in the folder.
        let seen = || Reader::open(Arc::clone(&running.storage)).unwrap().size();
        assert!(seen() <= leaf, "nothing signs by itself here");
        assert_eq!(kind_of(running.service.sign_ledger(&engineer)), ErrorKind::Forbidden);
        running.service.sign_ledger(&officer).unwrap();
        assert!(seen() > leaf);
    });
}

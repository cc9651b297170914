//! Who is who, who may see what, who looked, and what takes two.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_gate::{GateSettings, Mode};
use gongdao_service::port::JournalKind;
use gongdao_service::{
    AccountChange, Act, ApprovalState, Caller, Credential, ErrorKind, Field, NewKey, PasswordChange, Purpose, Right,
    Role, Secret,
};
use support::{Database, Home, Running, decision, on_each, password};

fn purpose(text: &str) -> Purpose {
    Purpose::new(text).unwrap()
}

#[test]
fn of_two_who_use_the_first_link_one_becomes_administrator() {
    on_each(|home| {
        let running = home.start();
        let old = running.service.first_run().unwrap().unwrap();
        let first = running.service.first_run().unwrap().unwrap();
        let claim = |token: &Secret, name: &str| {
            running.service.claim_first_run(token, name, &password()).map_err(|error| error.kind)
        };
        assert_eq!(claim(&old.token, "early"), Err(ErrorKind::Unauthenticated), "a newer one was shown");
        assert_eq!(
            running.service.claim_first_run(&first.token, "short", &Secret::new("short")).unwrap_err().kind,
            ErrorKind::Input
        );
        let won = std::thread::scope(|scope| {
            let (claim, token) = (&claim, &first.token);
            let threads: Vec<_> =
                (0..6).map(|number| scope.spawn(move || claim(token, &format!("root-{number}")).is_ok())).collect();
            threads.into_iter().filter(|_| true).map(|thread| thread.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(won, 1);
        assert_eq!(claim(&first.token, "late"), Err(ErrorKind::Unauthenticated));
        assert!(running.service.first_run().unwrap().is_none());
    });
}

#[test]
fn a_link_that_is_too_old_does_not_work() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let first = running.service.first_run().unwrap().unwrap();
    home.clock.advance(24 * 3_600_000);
    let error = running.service.claim_first_run(&first.token, "root", &password()).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Unauthenticated);
}

#[test]
fn failed_attempts_lock_an_account_for_a_while_and_do_not_tell_whether_it_exists() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let administrator = running.administrator();
    running.someone(&administrator, "Anna", Role::Officer, &[]);
    let log_in = |name: &str, password: &str| {
        running.service.log_in(name, &Secret::new(password)).map(|_| ()).map_err(|error| (error.kind, error.message))
    };
    let good = password().reveal().to_owned();
    assert_eq!(log_in("nobody", "x"), log_in("anna", "x"));
    for _ in 0..4 {
        assert_eq!(log_in("anna", "x").unwrap_err().0, ErrorKind::Unauthenticated);
    }
    assert_eq!(log_in("ANNA ", &good).unwrap_err().0, ErrorKind::TooMany, "the right one too");
    home.clock.advance(30_000);
    log_in("ANNA ", &good).unwrap();
    log_in("anna", "x").unwrap_err();
    log_in("anna", &good).unwrap();
    let kept = running.store.list("accounts", None, 10).unwrap();
    assert!(kept.iter().all(|account| account.body.contains("$argon2id$v=19$m=19456,t=2,p=1$")));
    assert!(kept.iter().all(|account| !account.body.contains(&good)));
}

#[test]
fn sessions_and_keys_end_at_once_when_they_are_taken_back() {
    on_each(|home| {
        let running = home.start();
        let service = &running.service;
        let administrator = running.administrator();
        let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
        let session = service.log_in("officer", &password()).unwrap();
        let known = |token: &str| service.recognise(Credential::Session(token)).map(|caller| caller.actor);
        assert_eq!(known(session.token.reveal()).unwrap(), officer.actor);
        assert_eq!(known("x").unwrap_err().kind, ErrorKind::Unauthenticated);
        let change = PasswordChange { old: password(), new: Secret::new("another long password") };
        service.change_password(&officer, &change).unwrap();
        assert_eq!(service.log_in("officer", &password()).unwrap_err().kind, ErrorKind::Unauthenticated);
        let id = officer.actor.strip_prefix("account:").unwrap();
        let version = service.account(&administrator, id).unwrap().version;
        let disabled = AccountChange { is_disabled: Some(true), ..AccountChange::default() };
        assert_eq!(
            service.change_account(&administrator, id, version + 1, disabled.clone()).unwrap_err().kind,
            ErrorKind::Changed
        );
        service.change_account(&administrator, id, version, disabled).unwrap();
        assert_eq!(known(session.token.reveal()).unwrap_err().kind, ErrorKind::Unauthenticated);
        let new = NewKey { name: "gate".to_owned(), roles: [Role::Machine].into(), until: None };
        let (key, secret) = service.create_key(&administrator, new).unwrap();
        let caller = service.recognise(Credential::Key(secret.reveal())).unwrap();
        assert!(caller.may(Right::Check).is_ok() && caller.may(Right::ManageAccounts).is_err());
        let mut wrong = secret.reveal().to_owned();
        wrong.pop();
        assert!(service.recognise(Credential::Key(&wrong)).is_err());
        service.revoke_key(&administrator, &key.id).unwrap();
        assert!(service.recognise(Credential::Key(secret.reveal())).is_err());
        let root = administrator.actor.strip_prefix("account:").unwrap();
        let own = AccountChange { roles: Some([Role::Officer].into()), ..AccountChange::default() };
        assert_eq!(service.change_account(&administrator, root, 1, own).unwrap_err().kind, ErrorKind::Forbidden);
    });
}

/// Callers of every role; the person is `p`.
fn callers(running: &Running, administrator: &Caller) -> Vec<(&'static str, Caller)> {
    let people: [(&'static str, Role, &[&str]); 7] = [
        ("own", Role::Person, &["p"]),
        ("other", Role::Person, &["q"]),
        ("union", Role::Representative, &["p"]),
        ("officer", Role::Officer, &[]),
        ("engineer", Role::Engineer, &[]),
        ("reviewer", Role::Reviewer, &[]),
        ("regulator", Role::Regulator, &[]),
    ];
    let mut all: Vec<_> =
        people.map(|(name, role, persons)| (name, running.someone(administrator, name, role, persons))).into();
    all.push(("administrator", administrator.clone()));
    all
}

#[test]
fn what_each_role_sees_of_a_decision_and_whose_look_the_person_sees() {
    on_each(|home| {
        let running = home.start();
        let service = &running.service;
        let administrator = running.administrator();
        running.check_one(decision("d-1", "p", 300)).unwrap();
        running.check_one(decision("d-1-nobody", "p", 300)).unwrap();
        let all = callers(&running, &administrator);
        for (name, caller) in &all {
            let silent = service.decision(caller, "d-1", &Purpose::default());
            let own = ["own", "union"].contains(name);
            assert_eq!(silent.is_ok(), own, "{name}: whoever looks others up says why");
            let fields = service.decision(caller, "d-1", &purpose("case 7")).map(|view| {
                assert_eq!(view.record.person.is_some(), view.fields.contains(&Field::Person), "{name}");
                assert_eq!(view.record.facts.is_empty(), !view.fields.contains(&Field::Facts), "{name}");
                assert_eq!(view.checked.is_some(), view.fields.contains(&Field::Verdicts), "{name}");
                view.fields.into_iter().map(Field::as_str).collect::<Vec<_>>().join(" ")
            });
            let wanted = match *name {
                "own" | "union" | "officer" | "reviewer" | "regulator" => Ok("verdicts facts person receipt"),
                "engineer" => Ok("verdicts"),
                _ => Err(ErrorKind::NotFound),
            };
            assert_eq!(fields.map_err(|error| error.kind), wanted.map(str::to_owned), "{name}");
            let receipt = service.receipt(caller, "d-1", &purpose("case 7"));
            assert_eq!(receipt.is_ok(), wanted.is_ok_and(|fields| fields.contains("receipt")), "{name}");
        }
        let own = &all[0].1;
        let looks = service.look_ups(own, "p", &Purpose::default(), None, 100).unwrap();
        let roles: Vec<String> = looks.iter().map(|look| look.roles.join(" ")).collect();
        // Each looked once at the decision and asked once for its receipt; newest first.
        let wanted = ["regulator", "regulator", "reviewer", "reviewer", "engineer", "engineer", "officer", "officer"];
        assert_eq!(roles, wanted, "a look that was refused showed nothing");
        assert!(looks.iter().all(|look| look.leaf.is_some() && look.purpose == "case 7" && look.what == "d-1"));
        let others = service.look_ups(&all[1].1, "p", &purpose("curious"), None, 100);
        assert_eq!(others.unwrap_err().kind, ErrorKind::Forbidden);
    });
}

#[test]
fn a_look_up_is_an_entry_about_the_person_in_the_ledger() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let administrator = running.administrator();
    running.check_one(decision("d-1", "p", 300)).unwrap();
    let regulator = running.someone(&administrator, "regulator", Role::Regulator, &[]);
    running.service.decision(&regulator, "d-1", &purpose("inspection 12")).unwrap();
    running.service.stop().unwrap();
    let reader = gongdao_ledger::Reader::open(std::sync::Arc::clone(&running.storage)).unwrap();
    let entries = reader.of_person(&"p".parse().unwrap()).unwrap();
    let row = reader.row(entries.last().unwrap().0).unwrap();
    let entry = gongdao_service::record::read_journal(&row).unwrap().unwrap();
    assert_eq!((entry.kind, entry.actor), (JournalKind::LookUp, regulator.actor));
    assert!(entry.body.contains("inspection 12"));
}

fn shadow() -> GateSettings {
    let mut settings = GateSettings::default();
    settings.default.mode = Mode::Shadow;
    settings
}

#[test]
fn settings_that_protect_less_take_two_people() {
    on_each(|home| {
        let running = home.start();
        let service = &running.service;
        let administrator = running.administrator();
        let one = running.someone(&administrator, "one", Role::Officer, &[]);
        let two = running.someone(&administrator, "two", Role::Officer, &[]);
        let engineer = running.someone(&administrator, "engineer", Role::Engineer, &[]);
        let effect = |id: &str| {
            let taken = running.check_one(decision(id, "p", 300)).unwrap();
            taken.checked.unwrap().effect.as_str()
        };
        assert_eq!(service.change_settings(&one, 0, shadow()).unwrap_err().kind, ErrorKind::NeedsApproval);
        assert_eq!(service.change_settings(&engineer, 0, shadow()).unwrap_err().kind, ErrorKind::Forbidden);
        let act = Act::Settings { base: 0, settings: shadow() };
        assert_eq!(service.ask_approval(&one, act.clone(), " ").unwrap_err().kind, ErrorKind::Input);
        let asked = service.ask_approval(&one, act.clone(), "trial of a week").unwrap();
        assert_ne!(effect("d-1"), "proceed");
        assert_eq!(service.decide_approval(&one, &asked.id, true, "mine").unwrap_err().kind, ErrorKind::Forbidden);
        assert_eq!(service.decide_approval(&engineer, &asked.id, true, "ok").unwrap_err().kind, ErrorKind::Forbidden);
        let (granted, _) = service.decide_approval(&two, &asked.id, true, "agreed").unwrap();
        assert_eq!((granted.state, granted.decided_by.as_deref()), (ApprovalState::Granted, Some(two.actor.as_str())));
        assert_eq!(effect("d-2"), "proceed", "the gate is set so");
        assert_eq!(service.decide_approval(&two, &asked.id, false, "no").unwrap_err().kind, ErrorKind::Changed);
        let stale = service.ask_approval(&one, act, "again").unwrap();
        assert_eq!(service.decide_approval(&two, &stale.id, true, "ok").unwrap_err().kind, ErrorKind::Changed);
        let open = service.approval(&two, &stale.id).unwrap().value.state;
        assert_eq!(open, ApprovalState::Open, "nothing of it was done");
        let version = service.settings(&one).unwrap().version;
        let (next, _) = service.change_settings(&one, version, GateSettings::default()).unwrap();
        assert_eq!(next, version + 1, "one person may protect more");
        assert_ne!(effect("d-3"), "proceed");
        let trail = service.operations(&one, JournalKind::Settings, None, 10).unwrap();
        let who: Vec<(&str, bool)> = trail.iter().map(|one| (one.actor.as_str(), one.leaf.is_some())).collect();
        assert_eq!(who, [(one.actor.as_str(), true), (two.actor.as_str(), true)]);
    });
}

#[test]
fn a_rule_is_stopped_by_two_and_resumed_by_one_and_stays_stopped_over_a_start() {
    on_each(|home| {
        let running = home.start();
        let administrator = running.administrator();
        let one = running.someone(&administrator, "one", Role::Reviewer, &[]);
        let two = running.someone(&administrator, "two", Role::Officer, &[]);
        let version = running.service.gate().rules().versions[0].key.clone();
        let asked =
            running.service.ask_approval(&one, Act::SuspendRule { version: version.clone() }, "it errs").unwrap();
        assert!(running.service.gate().stopped().is_empty());
        running.service.decide_approval(&two, &asked.id, true, "seen").unwrap();
        assert_eq!(running.service.gate().stopped()[0].version, version);
        drop(running);
        let running = home.start();
        assert_eq!(running.service.gate().stopped()[0].version, version);
        running.service.resume_rule(&two, &version).unwrap();
        assert!(running.service.gate().stopped().is_empty());
        assert_eq!(running.service.resume_rule(&two, &version).unwrap_err().kind, ErrorKind::NotFound);
    });
}

#[test]
fn an_engineer_sees_facts_for_a_day_when_a_second_person_agreed() {
    on_each(|home| {
        let running = home.start();
        let service = &running.service;
        let administrator = running.administrator();
        let engineer = running.someone(&administrator, "engineer", Role::Engineer, &[]);
        let reviewer = running.someone(&administrator, "reviewer", Role::Reviewer, &[]);
        running.check_one(decision("d-1", "p", 300)).unwrap();
        running.check_one(decision("d-2", "q", 300)).unwrap();
        let sees = |id: &str| {
            let view = service.decision(&engineer, id, &purpose("bug 3")).unwrap();
            view.fields.contains(&Field::Facts)
        };
        let asked = service.ask_approval(&engineer, Act::Unseal { person: "p".to_owned() }, "bug 3").unwrap();
        assert!(!sees("d-1"));
        service.decide_approval(&reviewer, &asked.id, true, "ok").unwrap();
        assert_eq!((sees("d-1"), sees("d-2")), (true, false));
        home.clock.advance(24 * 3_600_000);
        assert!(!sees("d-1"));
        let about = running.store.of_person("p", &[JournalKind::Approval], None, 10).unwrap();
        assert_eq!(about.len(), 2, "the person's own entries have who asked and who agreed");
    });
}

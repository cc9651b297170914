//! Changes of state: acknowledged when they are in the ledger and every gate has them.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::Reader;
use gongdao_model::Entity;
use gongdao_service::port::{Clock, Decisions, Documents, Journal, Leases};
use gongdao_service::record::read_journal;
use gongdao_service::{ErrorKind, Purpose, Role, RowRefusal, RowResult};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use support::{Database, Home, Running, decision, machine, on_each, sql};

fn effect(result: &RowResult) -> &'static str {
    result.as_ref().unwrap().checked.as_ref().unwrap().effect.as_str()
}

/// Identifiers of journal entries in the ledger, in its order.
fn logged(running: &Running) -> Vec<String> {
    running.service.stop().unwrap();
    let reader = Reader::open(Arc::clone(&running.storage)).unwrap();
    let mut all = Vec::new();
    reader
        .each_row(0..reader.size(), |row| {
            all.extend(read_journal(&row).unwrap().map(|entry| entry.id));
            Ok(())
        })
        .unwrap();
    all
}

#[test]
fn a_withdrawal_that_was_acknowledged_is_respected_by_the_very_next_check() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        for round in 0..20 {
            running.event(&machine, &format!("give-{round}"), "p", r#"resource.consents set ["dispatch"]"#).unwrap();
            assert_eq!(effect(&running.check_one(decision(&format!("a-{round}"), "p", 1))), "proceed");
            running.event(&machine, &format!("take-{round}"), "p", "resource.consents set []").unwrap();
            assert_eq!(effect(&running.check_one(decision(&format!("b-{round}"), "p", 1))), "stop");
        }
        let events = running.store.after(0, 1000).unwrap();
        assert!(events.iter().filter(|entry| entry.entry.person.is_some()).all(|entry| entry.leaf.is_some()));
    });
}

#[test]
fn a_change_is_taken_once_and_a_wrong_one_not_at_all() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        let first = running.event(&machine, "e-1", "p", "resource.optedOut set true").unwrap();
        home.clock.advance(5000);
        let again = running.event(&machine, "e-1", "p", "resource.optedOut set true").unwrap();
        assert_eq!((again.seq, again.leaf, again.is_repeat), (first.seq, first.leaf, true));
        for (id, key, text, wanted) in [
            ("e-1", "p", "resource.optedOut set false", ErrorKind::Taken),
            ("e-1", "q", "resource.optedOut set true", ErrorKind::Taken),
            ("e-2", "p", "resource.optedOut set 5", ErrorKind::Input),
            ("e-2", "p", "resource.colour set true", ErrorKind::Input),
            ("e-2", "p", "context.minutes set 5", ErrorKind::Input),
            ("", "p", "resource.optedOut set true", ErrorKind::Input),
            ("e-2", "", "resource.optedOut set true", ErrorKind::Input),
        ] {
            let error = running.event(&machine, id, key, text).unwrap_err();
            assert_eq!(error.kind, wanted, "{id} {key} {text}: {error}");
        }
        let events = running.service.gate().state_of(Entity::Person, "p", home.clock.now());
        assert_eq!(events.len(), 1);
        assert_eq!(logged(&running).iter().filter(|id| id.starts_with("e-")).count(), 1);
    });
}

#[test]
fn the_state_after_a_start_is_what_the_ledger_says_in_its_order() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        for number in 0..30 {
            let text = format!("resource.consents {} [\"w{}\"]", if number % 3 == 0 { "set" } else { "add" }, number);
            running.event(&machine, &format!("e-{number}"), &format!("p-{}", number % 4), &text).unwrap();
        }
        running.event(&machine, "e-filed", "a", "principal.filed set true").unwrap();
        let state = |running: &Running| {
            let people = (0..4).map(|number| (Entity::Person, format!("p-{number}")));
            let keys: Vec<_> = people.chain([(Entity::Algorithm, "a".to_owned())]).collect();
            let gate = running.service.gate();
            keys.iter().map(|(entity, key)| gate.state_of(*entity, key, home.clock.now())).collect::<Vec<_>>()
        };
        let before = state(&running);
        let order = logged(&running);
        let journal: Vec<String> = running.store.after(0, 1000).unwrap().into_iter().map(|one| one.entry.id).collect();
        assert_eq!(order, journal, "one order in both");
        drop(running);
        assert_eq!(state(&home.start()), before);
    });
}

#[test]
fn an_entry_that_reached_the_ledger_before_a_crash_is_not_written_twice_and_one_that_did_not_is_written() {
    on_each(|home| {
        let running = home.start();
        let machine = machine(&running);
        for number in 0..6 {
            running.event(&machine, &format!("e-{number}"), "p", "resource.optedOut set true").unwrap();
        }
        let before = logged(&running);
        drop(running);
        // As a crash leaves it between ledger and note, and between database and ledger.
        sql(home, "UPDATE journal SET leaf = NULL WHERE id IN ('e-3', 'e-4', 'e-5')");
        sql(
            home,
            "INSERT INTO journal (seq, node, kind, id, person, subject, actor, at, body, leaf) SELECT seq + 1, node, kind, \
             'late', person, subject, actor, at, body, NULL FROM journal WHERE id = 'e-5'",
        );
        sql(home, "UPDATE counters SET value = value + 1 WHERE name = 'journal'");
        let running = home.start();
        let began = Instant::now();
        while !running.store.unlogged("ledger.example/one", 1).unwrap().is_empty() {
            assert!(began.elapsed() < Duration::from_secs(20));
            std::thread::sleep(Duration::from_millis(10));
        }
        let wanted: Vec<String> = before.into_iter().chain(["late".to_owned()]).collect();
        assert_eq!(logged(&running), wanted);
    });
}

#[test]
fn a_withdrawal_acknowledged_by_one_process_is_respected_by_every_other() {
    let Some(home) = Home::new(Database::Postgres) else { return };
    let one = home.start_as("ledger.example/one");
    let two = home.start_as("ledger.example/two");
    let three = home.start_as("ledger.example/three");
    let machine = machine(&one);
    ready(&[&one, &two, &three]);
    let mut slowest = Duration::ZERO;
    for round in 0..30 {
        one.event(&machine, &format!("give-{round}"), "p", r#"resource.consents set ["dispatch"]"#).unwrap();
        for (name, running) in [("two", &two), ("three", &three)] {
            assert_eq!(effect(&running.check_one(decision(&format!("a-{name}-{round}"), "p", 1))), "proceed");
        }
        let began = Instant::now();
        two.event(&machine, &format!("take-{round}"), "p", "resource.consents set []").unwrap();
        slowest = slowest.max(began.elapsed());
        for (name, running) in [("one", &one), ("three", &three)] {
            assert_eq!(effect(&running.check_one(decision(&format!("b-{name}-{round}"), "p", 1))), "stop");
        }
    }
    println!("slowest acknowledgement over three processes: {slowest:?}");
    let own = logged(&two);
    assert!(own.iter().all(|id| id.starts_with("take-")) && own.len() == 30, "each process logs what it took");
}

#[test]
fn one_identifier_is_checked_by_one_process_alone() {
    let Some(home) = Home::new(Database::Postgres) else { return };
    let one = home.start_as("ledger.example/one");
    let two = home.start_as("ledger.example/two");
    ready(&[&one, &two]);
    let mut won = [0, 0];
    for number in 0..40 {
        let id = format!("d-{number}");
        let results: Vec<RowResult> = std::thread::scope(|scope| {
            let both = [&one, &two].map(|running| scope.spawn(|| running.check_one(decision(&id, "p", 1))));
            both.map(|thread| thread.join().unwrap()).into_iter().collect()
        });
        let answered: Vec<usize> = (0..2).filter(|process| results[*process].is_ok()).collect();
        assert_eq!(answered.len(), 1, "{results:?}");
        won[answered[0]] += 1;
        let Err(RowRefusal::Service(error)) = &results[1 - answered[0]] else { panic!("{results:?}") };
        assert_eq!(error.kind, ErrorKind::Taken);
    }
    println!("won: {won:?}");
}

#[test]
fn a_process_that_cannot_reach_the_database_holds_decisions_and_delays_others_no_longer_than_its_lease() {
    let Some(home) = Home::new(Database::Postgres) else { return };
    let one = home.start_as("ledger.example/one");
    let cut = Arc::new(Cut { store: home.store(), is_cut: AtomicBool::new(false) });
    let two = home.start_with("ledger.example/two", cut.clone(), |_| {}).unwrap();
    let machine = machine(&one);
    ready(&[&one, &two]);
    one.event(&machine, "give", "p", r#"resource.consents set ["dispatch"]"#).unwrap();
    assert_eq!(effect(&two.check_one(decision("d-1", "p", 1))), "proceed");
    cut.is_cut.store(true, Ordering::SeqCst);
    one.event(&machine, "take", "p", "resource.consents set []").unwrap();
    let error = two.check(vec![decision("d-2", "p", 1)]).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Lapsed, "it was acknowledged without this process, which therefore holds");
    assert!(!two.service.is_ready());
    cut.is_cut.store(false, Ordering::SeqCst);
    ready(&[&two]);
    assert_eq!(effect(&two.check_one(decision("d-3", "p", 1))), "stop", "it has caught up");
}

#[test]
fn who_may_record_what() {
    on_each(|home| {
        let running = home.start();
        let administrator = running.administrator();
        let courier = running.someone(&administrator, "courier", Role::Person, &["p"]);
        let union = running.someone(&administrator, "union", Role::Representative, &["p", "q"]);
        let engineer = running.someone(&administrator, "engineer", Role::Engineer, &[]);
        let officer = running.someone(&administrator, "officer", Role::Officer, &["p"]);
        let (own, others, algorithm) = (
            ("p", "resource.optedOut set true"),
            ("q", "resource.optedOut set true"),
            ("a", "principal.filed set true"),
        );
        for (number, (caller, (key, text), may)) in [
            (&courier, own, true),
            (&courier, others, false),
            (&courier, algorithm, false),
            (&union, others, true),
            (&engineer, own, false),
            (&engineer, algorithm, true),
            (&officer, own, true),
            (&officer, others, true),
            (&officer, algorithm, true),
            (&administrator, own, false),
            (&administrator, algorithm, false),
        ]
        .into_iter()
        .enumerate()
        {
            let result = running.event(caller, &format!("e-{number}"), key, text);
            assert_eq!(result.is_ok(), may, "{} {key} {text}", caller.name);
            assert!(may || result.unwrap_err().kind == ErrorKind::Forbidden);
        }
        let events = running.service.events_of_person(&courier, "p", &Purpose::default(), None, 10).unwrap();
        let actors: Vec<&str> = events.iter().map(|event| event.actor.as_str()).collect();
        assert_eq!(actors, [officer.actor.as_str(), courier.actor.as_str()], "newest first");
    });
}

fn ready(all: &[&Running]) {
    let began = Instant::now();
    while !all.iter().all(|running| running.service.is_ready()) {
        assert!(began.elapsed() < Duration::from_secs(20), "not ready");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A database that cannot be reached for a while.
struct Cut {
    store: Arc<gongdao_store::SqlStore>,
    is_cut: AtomicBool,
}

impl Cut {
    fn reach(&self) -> Result<&gongdao_store::SqlStore, gongdao_service::ServiceError> {
        if self.is_cut.load(Ordering::SeqCst) {
            return Err(gongdao_service::ServiceError::storage("cut off"));
        }
        Ok(&self.store)
    }
}

macro_rules! through {
    ($port:ident { $(fn $name:ident(&self $(, $arg:ident: $kind:ty)*) -> $out:ty;)+ } $($rest:tt)*) => {
        impl $port for Cut {
            $(fn $name(&self $(, $arg: $kind)*) -> Result<$out, gongdao_service::ServiceError> {
                self.reach()?.$name($($arg),*)
            })+
            $($rest)*
        }
    };
}

use gongdao_model::Instant as At;
use gongdao_service::port::{
    AlgorithmCount, CaseCount, CaseLine, Change, Citations, Cited, CitedCount, Claim, ClockLine, ClockQuery,
    ContestCount, Cursor, DecisionCounts, Desk, Document, Due, JournalEntry, JournalKind, Lease, MandateLine, NewEntry,
    Projected, PublishedCount, PublishedFilter, PublishedLine, PublishedWords, Put, Recorded, Register, TaskLine,
    TaskQuery,
};

through!(Documents {
    fn change(&self, node: &str, puts: &[Put], entries: &[NewEntry]) -> Change;
    fn keep(&self, collection: &str, named: &[(String, String)]) -> ();
    fn document(&self, collection: &str, id: &str) -> Option<Document>;
    fn by_alias(&self, collection: &str, alias: &str) -> Option<Document>;
    fn list(&self, collection: &str, after: Option<&str>, limit: u32) -> Vec<Document>;
    fn purge(&self, collection: &str, now: At) -> u64;
});
through!(Journal {
    fn after(&self, seq: u64, limit: u32) -> Vec<JournalEntry>;
    fn unlogged(&self, node: &str, limit: u32) -> Vec<JournalEntry>;
    fn note_leaves(&self, leaves: &[(u64, u64)]) -> ();
    fn adopt(&self, node: &str, entries: &[(NewEntry, u64)]) -> u64;
    fn last_leaf(&self, node: &str) -> Option<u64>;
    fn last(&self) -> u64;
    fn of_person(&self, person: &str, kinds: &[JournalKind], before: Option<u64>, limit: u32) -> Vec<JournalEntry>;
    fn count_of_person(&self, person: &str, kind: JournalKind) -> u64;
    fn of_subject(&self, kind: JournalKind, subject: Option<&str>, before: Option<u64>, limit: u32) -> Vec<JournalEntry>;
    fn forget_person(&self, person: &str) -> u64;
});
through!(Leases {
    fn renew(&self, node: &str, applied: u64, lasts: Duration) -> ();
    fn leases(&self) -> Vec<Lease>;
    fn give_up(&self, node: &str) -> ();
});
through!(Decisions {
    fn watermark(&self, node: &str) -> u64;
    fn project(&self, node: &str, lines: &[Projected], watermark: u64) -> ();
    fn claim(&self, lines: &[Projected]) -> Vec<Claim>;
    fn release(&self, node: &str, ids: Option<&[String]>) -> ();
    fn find(&self, ids: &[&str]) -> Vec<Option<Projected>>;
    fn each_id(&self, take: &mut dyn FnMut(&str)) -> ();
    fn page(&self, person: Option<&str>, after: Option<&Cursor>, limit: u32) -> Vec<Projected>;
    fn count_about(&self, person: &str, node: &str) -> DecisionCounts;
    fn forget_decisions_of(&self, person: &str) -> u64;
}
fn is_shared(&self) -> bool {
    true
});
through!(Desk {
    fn change_desk(&self, node: &str, cases: &[CaseLine], mandates: &[MandateLine], entries: &[NewEntry]) -> Vec<Recorded>;
    fn case(&self, id: &str) -> Option<CaseLine>;
    fn cases(&self, ids: &[&str]) -> Vec<CaseLine>;
    fn begun_clocks(&self, query: &ClockQuery, after: (i64, &str), until: i64, limit: u32) -> Vec<ClockLine>;
    fn moved_clocks(&self, query: &ClockQuery, after: (i64, i64, &str), until: Option<i64>, limit: u32) -> Vec<ClockLine>;
    fn moved_cases(&self, after: Option<&str>, limit: u32) -> Vec<CaseLine>;
    fn cases_of(&self, person: &str, after: Option<(At, String)>, limit: u32) -> Vec<CaseLine>;
    fn cases_of_filing(&self, filing: &str, after: Option<&str>, limit: u32) -> Vec<CaseLine>;
    fn suspending(&self, decision: &str) -> Vec<CaseLine>;
    fn count_cases(&self) -> Vec<CaseCount>;
    fn set_dues(&self, dues: &[Due]) -> ();
    fn tasks(&self, query: &TaskQuery, after: Option<&str>, limit: u32) -> Vec<TaskLine>;
    fn mandate(&self, id: &str) -> Option<MandateLine>;
    fn mandates_for(&self, person: &str, representative: Option<&str>) -> Vec<MandateLine>;
    fn mandates_of(&self, representative: &str, after: Option<&str>, limit: u32) -> Vec<MandateLine>;
    fn forget_desk_of(&self, person: &str) -> u64;
});
through!(Citations {
    fn cited(&self, subject: &str) -> Vec<CitedCount>;
    fn judged_about(&self, person: &str, limit: u32) -> Vec<(Projected, [u8; 32])>;
    fn contests_citing(&self, subject: &str) -> ContestCount;
    fn unread_contested(&self, limit: u32) -> Vec<[u8; 32]>;
    fn put_contested(&self, answer: &[u8; 32], cited: Option<&Cited>) -> ();
});
through!(Register {
    fn count_algorithms(&self, names: &[String]) -> AlgorithmCount;
    fn decisions_of_version(&self, version: &str, node: &str, from: u64, limit: u32) -> Vec<(u64, Option<String>)>;
    fn put_published(&self, lines: &[PublishedLine]) -> PublishedCount;
    fn published_filing(&self, id: &str) -> Option<String>;
    fn count_published(&self, filter: &PublishedFilter) -> u64;
    fn published_words(&self) -> PublishedWords;
    fn published(&self, filter: &PublishedFilter, after: Option<&str>, limit: u32) -> Vec<(String, String)>;
});

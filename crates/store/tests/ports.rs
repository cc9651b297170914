//! What the ports promise, on both databases.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_model::Instant;
use gongdao_service::ErrorKind;
use gongdao_service::port::{
    CaseLine, Change, Citations, Cited, Cites, Claim, ClockQuery, Cursor, Decisions, Desk, Documents, Expected,
    Journal, JournalKind, Leases, NewEntry, Projected, Put, Recorded,
};
use gongdao_store::SqlStore;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use support::{on_each, sql};

fn put(id: &str, expected: Expected, body: Option<&str>) -> Put {
    Put { collection: "things", id: id.to_owned(), expected, body: body.map(str::to_owned), alias: None, expires: None }
}

fn entry(id: &str, person: Option<&str>, body: &str) -> NewEntry {
    NewEntry {
        kind: JournalKind::PersonEvent,
        id: id.to_owned(),
        person: person.map(str::to_owned),
        subject: None,
        actor: "test".to_owned(),
        at: moment(1),
        body: body.to_owned(),
    }
}

fn moment(seconds: i64) -> Instant {
    Instant::from_millis(1_700_000_000_000 + seconds * 1000).unwrap()
}

fn line(id: &str, node: &str, leaf: Option<u64>, seconds: i64) -> Projected {
    Projected {
        id: id.to_owned(),
        digest: [7; 32],
        node: node.to_owned(),
        leaf,
        person: Some("p".to_owned()),
        algorithm: Some("a".to_owned()),
        at: moment(seconds),
        action: "dispatch".to_owned(),
        effect: leaf.map(|_| "proceed".to_owned()),
        cites: None,
    }
}

fn kind(result: Result<Change, gongdao_service::ServiceError>) -> Result<Vec<u64>, ErrorKind> {
    result.map(|change| change.versions).map_err(|error| error.kind)
}

#[test]
fn a_document_is_changed_only_as_what_it_was_read_as() {
    on_each(|home| {
        let store = home.store();
        for (expected, body, wanted) in [
            (Expected::Version(1), Some("x"), Err(ErrorKind::Changed)),
            (Expected::Absent, None, Ok(vec![0])),
            (Expected::Absent, Some("1"), Ok(vec![1])),
            (Expected::Absent, Some("2"), Err(ErrorKind::Changed)),
            (Expected::Version(2), Some("2"), Err(ErrorKind::Changed)),
            (Expected::Version(1), Some("2"), Ok(vec![2])),
            (Expected::Any, Some("3"), Ok(vec![3])),
            (Expected::Version(1), None, Err(ErrorKind::Changed)),
            (Expected::Version(3), None, Ok(vec![0])),
            (Expected::Any, Some("4"), Ok(vec![1])),
        ] {
            let what = format!("{expected:?} {body:?}");
            assert_eq!(kind(store.change("n", &[put("a", expected, body)], &[])), wanted, "{what}");
        }
        assert_eq!(store.document("things", "a").unwrap().unwrap().body, "4");
        assert_eq!(store.document("others", "a").unwrap(), None);
    });
}

#[test]
fn a_change_is_made_as_a_whole_or_not_at_all() {
    on_each(|home| {
        let store = home.store();
        let both = [put("a", Expected::Absent, Some("1")), put("b", Expected::Version(9), Some("1"))];
        assert_eq!(kind(store.change("n", &both, &[entry("e", None, "{}")])), Err(ErrorKind::Changed));
        assert_eq!((store.document("things", "a").unwrap(), store.last().unwrap()), (None, 0));
        store.change("n", &[], &[entry("e", None, "{}")]).unwrap();
        let other = store.change("n", &both[..1], &[entry("f", None, "{}"), entry("e", None, "{1}")]).unwrap();
        assert_eq!(other.entries[1], Recorded::Other);
        assert_eq!(store.document("things", "a").unwrap(), None, "the entry's identifier is another's");
        assert_eq!(store.after(0, 10).unwrap().len(), 1);
    });
}

#[test]
fn names_are_one_of_a_kind_in_their_collection_and_expired_things_are_purged() {
    on_each(|home| {
        let store = home.store();
        let named = |id: &str, expected| Put {
            alias: Some("anna".to_owned()),
            expires: Some(moment(5)),
            ..put(id, expected, Some("x"))
        };
        assert_eq!(kind(store.change("n", &[named("a", Expected::Absent)], &[])), Ok(vec![1]));
        assert_eq!(kind(store.change("n", &[named("b", Expected::Absent)], &[])), Err(ErrorKind::Taken));
        assert_eq!(kind(store.change("n", &[named("a", Expected::Version(1))], &[])), Ok(vec![2]));
        assert_eq!(store.by_alias("things", "anna").unwrap().unwrap().id, "a");
        assert_eq!(store.purge("things", moment(4)).unwrap(), 0);
        assert_eq!(store.purge("things", moment(5)).unwrap(), 1);
        assert_eq!(store.by_alias("things", "anna").unwrap(), None);
        for id in ["c", "a", "b"] {
            store.change("n", &[put(id, Expected::Absent, Some(id))], &[]).unwrap();
        }
        let listed = |after, limit| -> Vec<String> {
            store.list("things", after, limit).unwrap().into_iter().map(|document| document.id).collect()
        };
        assert_eq!(listed(None, 2), ["a", "b"]);
        assert_eq!(listed(Some("b"), 2), ["c"]);
    });
}

#[test]
fn of_many_who_record_at_once_numbers_have_no_gap_and_one_identifier_counts_once() {
    on_each(|home| {
        let store = home.store();
        let recorded: Vec<Recorded> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|thread| {
                    let store = &store;
                    scope.spawn(move || {
                        let mut all = Vec::new();
                        for number in 0..20 {
                            let own = entry(&format!("{thread}-{number}"), Some("p"), "{}");
                            let same = entry(&format!("shared-{number}"), Some("p"), "{}");
                            all.extend(store.change("n", &[], &[own, same]).unwrap().entries);
                        }
                        all
                    })
                })
                .collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let new: BTreeSet<u64> =
            recorded.iter().filter_map(|one| if let Recorded::New(seq) = one { Some(*seq) } else { None }).collect();
        assert_eq!(new, (1..=180).collect(), "160 of their own and 20 shared ones");
        let seqs: Vec<u64> = store.after(0, 1000).unwrap().into_iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, (1..=180).collect::<Vec<_>>());
        assert_eq!(store.last().unwrap(), 180);
    });
}

#[test]
fn entries_are_found_by_person_and_subject_and_open_until_their_place_is_noted() {
    on_each(|home| {
        let store = home.store();
        let subject =
            NewEntry { kind: JournalKind::AlgorithmEvent, subject: Some("a".to_owned()), ..entry("4", None, "{}") };
        let entries = [entry("1", Some("p"), "{}"), entry("2", Some("q"), "{}"), entry("3", Some("p"), "{}"), subject];
        store.change("n", &[], &entries).unwrap();
        let ids = |found: Vec<gongdao_service::port::JournalEntry>| -> Vec<String> {
            found.into_iter().map(|entry| entry.entry.id).collect()
        };
        let kinds = [JournalKind::PersonEvent, JournalKind::LookUp];
        assert_eq!(ids(store.of_person("p", &kinds, None, 10).unwrap()), ["3", "1"]);
        assert_eq!(ids(store.of_person("p", &kinds, Some(3), 10).unwrap()), ["1"]);
        assert_eq!(ids(store.of_person("p", &kinds[1..], None, 10).unwrap()), [""; 0]);
        assert_eq!(ids(store.of_subject(JournalKind::AlgorithmEvent, Some("a"), None, 10).unwrap()), ["4"]);
        assert_eq!(ids(store.of_subject(JournalKind::AlgorithmEvent, Some("b"), None, 10).unwrap()), [""; 0]);
        assert_eq!(ids(store.of_subject(JournalKind::PersonEvent, None, None, 2).unwrap()), ["3", "2"]);
        store.note_leaves(&[(1, 40), (3, 41)]).unwrap();
        assert_eq!(ids(store.unlogged("n", 10).unwrap()), ["2", "4"]);
        assert_eq!(ids(store.unlogged("other", 10).unwrap()), [""; 0]);
        assert_eq!(store.last_leaf("n").unwrap(), Some(41));
        let adopted = store.adopt("n", &[(entries[1].clone(), 42), (entry("5", None, "{}"), 43)]).unwrap();
        assert_eq!((adopted, store.last().unwrap()), (1, 5), "what was lost comes back under a new number");
        assert_eq!(store.forget_person("p").unwrap(), 2);
        assert_eq!(ids(store.after(0, 10).unwrap()), ["2", "4", "5"]);
    });
}

#[test]
fn a_lease_counts_until_it_lapses_or_is_given_up() {
    on_each(|home| {
        let store = home.store();
        store.renew("a", 3, Duration::from_millis(300)).unwrap();
        store.renew("b", 5, Duration::from_mins(1)).unwrap();
        let live = || -> Vec<(String, u64)> {
            let leases = store.leases().unwrap().into_iter();
            leases.filter(|lease| lease.is_live).map(|lease| (lease.node, lease.applied)).collect()
        };
        assert_eq!(live(), [("a".to_owned(), 3), ("b".to_owned(), 5)]);
        std::thread::sleep(Duration::from_millis(400));
        assert_eq!(live(), [("b".to_owned(), 5)]);
        store.renew("a", 4, Duration::from_mins(1)).unwrap();
        store.give_up("b").unwrap();
        assert_eq!(live(), [("a".to_owned(), 4)]);
    });
}

#[test]
fn of_many_who_claim_an_identifier_one_gets_it() {
    on_each(|home| {
        let store = home.store();
        let ids: Vec<String> = (0..100).map(|number| format!("d-{number}")).collect();
        let won: Vec<usize> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..6)
                .map(|thread| {
                    let (store, ids) = (&store, &ids);
                    scope.spawn(move || {
                        let mut lines: Vec<Projected> =
                            ids.iter().map(|id| line(id, &format!("n{thread}"), None, 1)).collect();
                        lines.rotate_left(thread * 7);
                        let claims = store.claim(&lines).unwrap();
                        claims.into_iter().filter(|claim| *claim == Claim::Won).count()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(won.iter().sum::<usize>(), 100, "{won:?}");
        let Claim::Taken(taken) = store.claim(&[line("d-1", "late", None, 1)]).unwrap().remove(0) else {
            panic!("it was claimed before");
        };
        store.release(&taken.node, Some(&["d-1".to_owned()])).unwrap();
        assert_eq!(store.claim(&[line("d-1", "late", None, 1)]).unwrap(), [Claim::Won]);
        store.release("late", None).unwrap();
        assert_eq!(store.find(&["d-1"]).unwrap(), [None]);
    });
}

#[test]
fn the_first_line_of_an_identifier_stands_but_for_the_claim_of_its_own_node() {
    on_each(|home| {
        let store = home.store();
        store.claim(&[line("claimed", "n", None, 1)]).unwrap();
        let many: Vec<Projected> = (0..700).map(|number| line(&format!("d-{number}"), "n", Some(number), 2)).collect();
        store.project("n", &many, 700).unwrap();
        store.project("n", &[line("claimed", "n", Some(700), 1), line("d-0", "n", Some(701), 9)], 702).unwrap();
        store.project("m", &[line("claimed", "m", Some(5), 9)], 6).unwrap();
        let found = store.find(&["d-0", "no", "claimed"]).unwrap();
        assert_eq!(found[0].as_ref().unwrap().leaf, Some(0));
        assert_eq!(found[1], None);
        assert_eq!(found[2], Some(line("claimed", "n", Some(700), 1)));
        assert_eq!((store.watermark("n").unwrap(), store.watermark("m").unwrap()), (702, 6));
        store.project("n", &[], 3).unwrap();
        assert_eq!(store.watermark("n").unwrap(), 702, "it never goes back");
        let mut count = 0;
        store.each_id(&mut |_| count += 1).unwrap();
        assert_eq!(count, 701);
    });
}

#[test]
fn pages_go_from_the_newest_to_the_oldest_without_a_gap() {
    on_each(|home| {
        let store = home.store();
        let lines: Vec<Projected> = (0_u64..25)
            .map(|number| line(&format!("d-{number:02}"), "n", Some(number), (number / 3).cast_signed()))
            .collect();
        store.project("n", &lines, 25).unwrap();
        let (mut after, mut seen) = (None, Vec::new());
        loop {
            let page = store.page(Some("p"), after.as_ref(), 4).unwrap();
            let Some(last) = page.last() else { break };
            after = Some(Cursor { at: last.at, id: last.id.clone() });
            seen.extend(page.into_iter().map(|line| line.id));
        }
        let wanted: Vec<String> = (0..25).rev().map(|number| format!("d-{number:02}")).collect();
        assert_eq!(seen, wanted);
        assert_eq!(store.page(Some("q"), None, 4).unwrap(), []);
        assert_eq!(store.forget_decisions_of("p").unwrap(), 25);
        assert_eq!(store.page(None, None, 4).unwrap(), []);
    });
}

#[test]
fn the_tables_are_made_once_and_those_of_a_newer_program_are_refused() {
    on_each(|home| {
        let stores: Vec<SqlStore> = std::thread::scope(|scope| {
            let open = || scope.spawn(|| SqlStore::open(&home.address).unwrap());
            let threads: Vec<_> = (0..4).map(|_| open()).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        drop(stores);
        sql(home, "INSERT INTO migrations (number) VALUES (99)");
        let error = SqlStore::open(&home.address).err().unwrap();
        assert!(error.internal.unwrap().contains("use a newer program"));
    });
}

/// Tables as the program made them that knew no clocks of cases.
#[test]
fn cases_of_an_older_database_keep_their_place_in_the_queue() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch("CREATE TABLE migrations (number BIGINT PRIMARY KEY)").unwrap();
    let steps = [
        include_str!("../migrations/0001_state.sql"),
        include_str!("../migrations/0040_desk.sql"),
        include_str!("../migrations/0041_register.sql"),
        include_str!("../migrations/0042_fulfilments.sql"),
    ];
    for (number, step) in (1_i64..).zip(steps) {
        old.execute_batch(step).unwrap();
        old.execute("INSERT INTO migrations (number) VALUES (?1)", [number]).unwrap();
    }
    let (first, second) = (moment(10), moment(20));
    for (id, stage, waits, due) in [
        ("case-1", "open", 1, second.millis()),
        ("case-2", "closed", 0, i64::MAX),
        ("case-3", "review", 1, first.millis()),
    ] {
        let insert = "INSERT INTO cases (id, person, kind, stage, waits, due, opened_at, suspends, events, body)
            VALUES (?1, 'p', 'complain', ?2, ?3, ?4, ?5, 0, 1, '{}')";
        old.execute(insert, rusqlite::params![id, stage, waits, due, moment(1).millis()]).unwrap();
    }
    drop(old);
    let store = SqlStore::sqlite(&path).unwrap();
    let clocks = |stage: &str, until| {
        let query = ClockQuery { stage: stage.to_owned(), ..ClockQuery::default() };
        assert_eq!(store.begun_clocks(&query, (i64::MIN, ""), i64::MAX, 10).unwrap(), [], "each counted alone");
        let moved = store.moved_clocks(&query, (i64::MIN, i64::MIN, ""), until, 10).unwrap();
        moved.into_iter().map(|clock| (clock.case, clock.since, clock.moved_to)).collect::<Vec<_>>()
    };
    // Until the next count they stand by their dates, and as if their clocks had begun when they came in.
    assert_eq!(clocks("open", None), [("case-1".to_owned(), moment(1), Some(second))]);
    assert_eq!(clocks("review", None), [("case-3".to_owned(), moment(1), Some(first))]);
    let late = Some(moment(15).millis());
    assert_eq!((clocks("open", late).len(), clocks("review", late).len()), (0, 1));
    let closed = store.case("case-2").unwrap().unwrap();
    assert_eq!((closed.moved_to, closed.waits, closed.since), (None, false, None));
    assert_eq!(store.moved_cases(Some("case-1"), 10).unwrap().len(), 1, "after a name");
}

fn contest(id: &str, decision: &str, changed: Option<bool>) -> CaseLine {
    CaseLine {
        id: id.to_owned(),
        person: "p".to_owned(),
        kind: "contest".to_owned(),
        stage: "closed".to_owned(),
        waits: false,
        since: None,
        moved: false,
        moved_to: None,
        escalated: false,
        opened_at: moment(1),
        filing: None,
        decision: Some(decision.to_owned()),
        suspends: false,
        outcome: None,
        article: None,
        changed,
        seconds: None,
        events: 1,
        tasks: Vec::new(),
        body: "{}".to_owned(),
    }
}

/// A decision with an answer that speaks of one article.
fn judged(id: &str, answer: u8, article: &str) -> Projected {
    let names: Arc<[String]> = [article.to_owned(), "silent".to_owned()].into();
    let cited = Cited { names, words: [5, 0].into() };
    Projected { cites: Some(Arc::new(Cites { answer: [answer; 32], cited })), ..line(id, "n", Some(answer.into()), 1) }
}

#[test]
fn contests_that_cite_an_article_are_counted_once_their_answers_were_read() {
    on_each(|home| {
        let store = home.store();
        let counts = |subject: &str| {
            let found = store.contests_citing(subject).unwrap();
            (found.filed, found.reviewed, found.changed)
        };
        let unread = || {
            let mut found: Vec<u8> = store.unread_contested(10).unwrap().iter().map(|answer| answer[0]).collect();
            found.sort_unstable();
            found
        };
        let lines =
            [judged("d-1", 1, "a"), judged("d-2", 1, "a"), judged("d-3", 3, "b"), line("logged", "n", Some(4), 1)];
        store.project("n", &lines, 5).unwrap();
        store.claim(&[line("claimed", "m", None, 1)]).unwrap();
        assert_eq!(unread(), [0_u8; 0]);
        let filed = [
            contest("case-1", "d-1", None),
            contest("case-3", "d-3", Some(true)),
            contest("case-4", "logged", None),
            contest("case-5", "claimed", None),
            CaseLine { kind: "explain".to_owned(), ..contest("case-6", "d-1", None) },
        ];
        store.change_desk("n", &filed, &[], &[]).unwrap();
        assert_eq!(counts("a"), (0, 0, 0), "nobody read what the answers say");
        assert_eq!(unread(), [1, 3]);
        for line in [&lines[0], &lines[2]] {
            let Cites { answer, cited } = line.cites.as_deref().unwrap();
            store.put_contested(answer, Some(cited)).unwrap();
        }
        assert_eq!(unread(), [0_u8; 0]);
        assert_eq!((counts("a"), counts("b"), counts("silent")), ((1, 0, 0), (1, 1, 1), (0, 0, 0)));
        // Another contest of a decision with an answer that was read; what a review came to; a decision that was not there yet.
        let reviewed = CaseLine { events: 2, changed: Some(false), ..contest("case-1", "d-1", None) };
        store.change_desk("n", &[contest("case-2", "d-2", Some(true)), reviewed], &[], &[]).unwrap();
        store.project("m", &[Projected { node: "m".to_owned(), ..judged("claimed", 9, "b") }], 10).unwrap();
        assert_eq!(unread(), [9]);
        store.put_contested(&[9; 32], None).unwrap();
        assert_eq!((unread(), counts("a"), counts("b")), (vec![], (2, 2, 1), (1, 1, 1)));
        store.forget_desk_of("p").unwrap();
        assert_eq!((unread(), counts("a"), counts("b")), (vec![], (0, 0, 0), (0, 0, 0)));
    });
}

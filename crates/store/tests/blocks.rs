//! Decisions about a person are found block by block of the ledgers, as if all of them had been sorted; on both databases.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_model::Instant;
use gongdao_service::port::{Citations, Cites, Cursor, DecisionCounts, Decisions, Projected};
use gongdao_store::SqlStore;
use std::sync::Arc;
use support::{Database, on_each, sql};

/// Numbers that look drawn, the same in each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Names that a language sorts otherwise than their bytes.
fn name(number: u64) -> String {
    let first = ["d", "D", "é", "_"][usize::try_from(number % 4).unwrap()];
    format!("{first}-{number:04}")
}

fn line(number: u64, person: &str, node: &str, leaf: Option<u64>, seconds: u64) -> Projected {
    let cites = number.is_multiple_of(3).then(|| {
        let cited = gongdao_service::port::Cited { names: Arc::from([]), words: Box::from([]) };
        Arc::new(Cites { answer: [u8::try_from(number % 7).unwrap(); 32], cited })
    });
    Projected {
        id: name(number),
        digest: [1; 32],
        node: node.to_owned(),
        leaf,
        person: Some(person.to_owned()),
        algorithm: None,
        at: Instant::from_millis(1_700_000_000_000 + seconds.cast_signed() * 1000).unwrap(),
        action: "dispatch".to_owned(),
        effect: Some("proceed".to_owned()),
        cites,
    }
}

/// What the ledger of `node` has: entries at rising places, of two persons, decided in an order that `instant` tells.
fn log(
    store: &SqlStore,
    node: &str,
    first: u64,
    draw: &mut Draw,
    instant: impl Fn(u64, &mut Draw) -> u64,
) -> Vec<Projected> {
    let (mut leaf, mut lines) = (0, Vec::new());
    for number in first..first + 200 {
        // From neighbours to places some blocks apart.
        leaf += 1 + draw.below(4) * draw.below(20_000);
        let person = if draw.below(5) == 0 { "q" } else { "p" };
        lines.push(line(number, person, node, Some(leaf), instant(number, draw)));
    }
    for piece in lines.chunks(37) {
        store.project(node, piece, leaf).unwrap();
    }
    lines
}

fn newest_first(lines: &[Projected], person: Option<&str>) -> Vec<String> {
    let is_about = |line: &&Projected| person.is_none() || line.person.as_deref() == person;
    let mut about: Vec<&Projected> = lines.iter().filter(is_about).collect();
    about.sort_by(|a, b| (b.at, &b.id).cmp(&(a.at, &a.id)));
    about.into_iter().map(|line| line.id.clone()).collect()
}

fn paged(store: &SqlStore, person: Option<&str>, limit: u32) -> Vec<String> {
    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = store.page(person, after.as_ref(), limit).unwrap();
        assert!(page.len() <= limit as usize);
        let Some(last) = page.last() else { return seen };
        after = Some(Cursor { at: last.at, id: last.id.clone() });
        seen.extend(page.into_iter().map(|line| line.id));
    }
}

#[test]
fn pages_of_a_person_are_those_of_one_sorted_list_however_the_ledgers_have_them() {
    on_each(|home| {
        let store = home.store();
        if home.database == Database::Postgres {
            sql(home, "ALTER TABLE decisions ALTER COLUMN id TYPE TEXT COLLATE \"en-US-x-icu\"");
        }
        let mut draw = Draw(7);
        // As they happened, in any order, and many in the same second.
        let mut all = log(&store, "n", 0, &mut draw, |number, _| number);
        all.extend(log(&store, "m", 200, &mut draw, |_, draw| draw.below(500)));
        all.extend(log(&store, "o", 400, &mut draw, |_, draw| 100 + draw.below(3)));
        // Claimed and in no ledger yet: nobody is shown it.
        store.claim(&[line(5000, "p", "n", None, 9)]).unwrap();
        for person in [None, Some("p"), Some("q"), Some("nobody")] {
            let wanted = newest_first(&all, person);
            for limit in [7, 64, 5000] {
                assert_eq!(paged(&store, person, limit), wanted, "{person:?}, {limit} at once");
            }
            assert!(store.page(person, None, 0).unwrap().is_empty());
            let Some(person) = person else { continue };
            let here = all.iter().filter(|line| line.person.as_deref() == Some(person) && line.node == "n");
            let counted = store.count_about(person, "n").unwrap();
            assert_eq!(counted.here, here.count() as u64);
            assert_eq!(counted.here + counted.elsewhere, wanted.len() as u64);
        }
        assert_judged(&store, &all);
        assert_eq!(store.forget_decisions_of("p").unwrap(), newest_first(&all, Some("p")).len() as u64 + 1);
        assert_eq!(
            (paged(&store, Some("p"), 50), paged(&store, None, 50)),
            (Vec::new(), newest_first(&all, Some("q")))
        );
        assert_eq!(store.count_about("p", "n").unwrap(), DecisionCounts::default());
        assert_eq!(store.find(&[&name(5000)]).unwrap(), [None], "what was claimed is gone as well");
    });
}

fn assert_judged(store: &SqlStore, all: &[Projected]) {
    let judged: Vec<Projected> = all.iter().filter(|line| line.cites.is_some()).cloned().collect();
    for limit in [3, 90, 5000] {
        let found = store.judged_about("p", limit).unwrap();
        let wanted: Vec<String> = newest_first(&judged, Some("p")).into_iter().take(limit as usize).collect();
        assert_eq!(found.iter().map(|(line, _)| line.id.clone()).collect::<Vec<_>>(), wanted);
        for (line, answer) in found {
            let number: u64 = line.id.rsplit('-').next().unwrap().parse().unwrap();
            assert_eq!(answer, [u8::try_from(number % 7).unwrap(); 32]);
        }
    }
}

/// Tables as the program made them that knew no blocks.
#[test]
fn decisions_of_an_older_database_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.sqlite");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch("CREATE TABLE migrations (number BIGINT PRIMARY KEY)").unwrap();
    let steps = [
        include_str!("../migrations/0001_state.sql"),
        include_str!("../migrations/0040_desk.sql"),
        include_str!("../migrations/0041_register.sql"),
        include_str!("../migrations/0042_fulfilments.sql"),
        include_str!("../migrations/0043_documents.sql"),
        include_str!("../migrations/0044_case_clocks.sql"),
        include_str!("../migrations/0045_citations.sql"),
        include_str!("../migrations/0046_due_when_read.sql"),
        include_str!("../migrations/0047_contests.sql"),
    ];
    for (number, step) in (1_i64..).zip(steps) {
        old.execute_batch(step).unwrap();
        old.execute("INSERT INTO migrations (number) VALUES (?1)", [number]).unwrap();
    }
    for number in 0..30_i64 {
        let insert = "INSERT INTO decisions (id, digest, node, leaf, person, at, action)
            VALUES (?1, zeroblob(32), 'n', ?2, 'p', ?3, 'dispatch')";
        old.execute(
            insert,
            rusqlite::params![format!("d-{number:02}"), number * 5000, 1_700_000_000_000 + number % 10],
        )
        .unwrap();
    }
    drop(old);
    let store = SqlStore::sqlite(&path).unwrap();
    let mut wanted: Vec<(i64, String)> = (0..30).map(|number| (number % 10, format!("d-{number:02}"))).collect();
    wanted.sort_by(|a, b| b.cmp(a));
    assert_eq!(paged(&store, Some("p"), 4), wanted.into_iter().map(|(_, id)| id).collect::<Vec<_>>());
}

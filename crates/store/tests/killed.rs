//! A process that is killed with `SIGKILL` under load, again and again, on one folder.
//!
//! 6 times by default; `GONGDAO_KILLS` sets another number (`GONGDAO_KILLS=100 cargo test -p gongdao-store --test killed`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::{Content, Reader, read_group};
use gongdao_model::Entity;
use gongdao_service::port::{Clock, JournalKind};
use gongdao_service::record::read_journal;
use gongdao_service::{Caller, Courier, Delivery, NewWebhook, Parcel, Role};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use support::{Database, Home, Running, decision, machine, on_each};

const CHILD: &str = "GONGDAO_SERVICE_CHILD";

/// The child: checks, logs and records events without end, and says what was acknowledged.
#[test]
fn child() {
    let Some(given) = std::env::var(CHILD).ok() else { return };
    let (folder, address) = given.split_once('|').unwrap();
    let home = Home::existing(PathBuf::from(folder), address.to_owned());
    let running = home.start();
    let round = running.store.last().unwrap() + running.store.watermark("ledger.example/one").unwrap();
    let caller = Caller {
        actor: "key:test".to_owned(),
        name: "test".to_owned(),
        roles: [Role::Machine].into(),
        persons: BTreeSet::new(),
        rights: gongdao_service::Right::ALL.into(),
        must_change_password: false,
    };
    say(&format!("open {round}"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            loop {
                if !running.service.deliver_webhooks(&Saying).unwrap() {
                    std::thread::sleep(Duration::from_millis(2));
                }
            }
        });
        for thread in 0..2 {
            let (running, caller) = (&running, &caller);
            scope.spawn(move || {
                for number in 0_u64.. {
                    let name = format!("{round}-{thread}-{number}");
                    let rows = (0..5).map(|row| decision(&format!("c-{name}-{row}"), &format!("p-{}", number % 3), 1));
                    for taken in running.check(rows.collect()).unwrap() {
                        let taken = taken.unwrap();
                        let id = taken.checked.as_ref().unwrap().decision.to_string();
                        say(&format!("row {} {id}", taken.place.leaf));
                    }
                    let row = decision(&format!("l-{name}"), "q", 1);
                    let taken = running.log(vec![row]).unwrap().remove(0).unwrap();
                    say(&format!("row {} l-{name}", taken.place.leaf));
                    let change = format!(r#"resource.consents set ["w{number}"]"#);
                    let id = format!("e-{name}");
                    let acknowledged = running.event(caller, &id, &format!("p-{thread}"), &change).unwrap();
                    say(&format!("event {} {id}", acknowledged.leaf.unwrap()));
                }
            });
        }
    });
}

/// A receiver that takes all, and says so before whoever sent it can note it.
struct Saying;

impl Courier for Saying {
    fn deliver(&self, parcel: &Parcel) -> Delivery {
        say(&format!("sent {}", parcel.id.strip_prefix("journal-").unwrap()));
        Delivery::Taken
    }

    fn goes_on(&self) -> bool {
        true
    }
}

/// One that keeps what it takes.
#[derive(Default)]
struct Keeping(Mutex<Vec<u64>>);

impl Courier for Keeping {
    fn deliver(&self, parcel: &Parcel) -> Delivery {
        self.0.lock().unwrap().push(parcel.id.strip_prefix("journal-").unwrap().parse().unwrap());
        Delivery::Taken
    }

    fn goes_on(&self) -> bool {
        true
    }
}

fn say(line: &str) {
    // One write a line, so that a kill leaves whole lines.
    std::io::stdout().write_all(format!("\n>{line}\n").as_bytes()).unwrap();
}

#[derive(Default)]
struct Heard {
    rows: BTreeMap<String, u64>,
    events: BTreeMap<String, u64>,
    /// What the webhook's receiver took, by start.
    sent: Vec<Vec<u64>>,
    starts: usize,
}

#[test]
fn nothing_acknowledged_is_lost_and_the_state_is_what_the_ledger_says() {
    let kills: u64 = std::env::var("GONGDAO_KILLS").map_or(6, |kills| kills.parse().unwrap());
    on_each(|home| {
        let mut heard = Heard::default();
        // Tables and ledger are made by a first start that ends well.
        let running = home.start();
        let kinds = ["person-event".to_owned()].into();
        let new = NewWebhook { url: "https://receiver.example".to_owned(), kinds, fields: [].into() };
        running.service.create_webhook(&running.administrator(), new).unwrap();
        drop(running);
        for round in 0..kills {
            run_and_kill(home, Duration::from_millis(600 + round * 137 % 500), &mut heard);
        }
        assert!(heard.starts > 0 && !heard.rows.is_empty() && !heard.events.is_empty());
        let running = home.start();
        compare(home, &running, &heard);
        compare_sent(&running, heard.sent);
        println!("{} rows, {} events, {} starts", heard.rows.len(), heard.events.len(), heard.starts);
    });
}

fn run_and_kill(home: &Home, after: Duration, heard: &mut Heard) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env(CHILD, format!("{}|{}", home.folder.path().display(), home.address))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.stdout.take().unwrap();
    let reading = std::thread::spawn(move || BufReader::new(output).lines().map_while(Result::ok).collect::<Vec<_>>());
    std::thread::sleep(after);
    child.kill().unwrap();
    child.wait().unwrap();
    heard.sent.push(Vec::new());
    for line in reading.join().unwrap() {
        let Some(line) = line.strip_prefix('>') else { continue };
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["row", leaf, id] => drop(heard.rows.insert((*id).to_owned(), leaf.parse().unwrap())),
            ["event", leaf, id] => drop(heard.events.insert((*id).to_owned(), leaf.parse().unwrap())),
            ["sent", seq] => heard.sent.last_mut().unwrap().push(seq.parse().unwrap()),
            _ => heard.starts += 1,
        }
    }
}

fn compare(home: &Home, running: &Running, heard: &Heard) {
    // What the last kill left out of the ledger is written after the start, and then signed.
    while !running.store.unlogged("ledger.example/one", 1).unwrap().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(500));
    let mut replayed = Replayed::default();
    let reader = Reader::open(Arc::clone(&running.storage)).unwrap();
    reader.each_row(0..reader.size(), |row| replayed.add(&row)).unwrap();
    for (id, leaf) in &heard.rows {
        assert_eq!(replayed.rows.get(id), Some(leaf), "row {id}");
        let line = running.store.find(&[id]).unwrap().remove(0).unwrap();
        assert_eq!(line.leaf, Some(*leaf), "{id}");
    }
    let mut known = BTreeSet::new();
    running.store.each_id(&mut |id| known.extend([id.to_owned()])).unwrap();
    assert_eq!(known, replayed.rows.keys().cloned().collect(), "the projection is the ledger's");
    for (id, leaf) in &heard.events {
        assert!(replayed.events.contains(&(id.clone(), *leaf)), "event {id}");
    }
    let journal = running.store.after(0, 1_000_000).unwrap().into_iter();
    let journal: Vec<(String, u64)> =
        journal.filter(|entry| entry.leaf.is_some()).map(|entry| (entry.entry.id, entry.leaf.unwrap())).collect();
    assert_eq!(journal, replayed.events, "the journal is the ledger's, in its order, each entry once");
    for (person, consent) in &replayed.consents {
        let state = running.service.gate().state_of(Entity::Person, person, home.clock.now());
        let held = serde_json::to_value(&state).unwrap()["resource.consents"].clone();
        assert_eq!(held, *consent, "the last event in the ledger's order counts");
    }
    let again = decision(heard.rows.keys().find(|id| id.starts_with("c-")).unwrap(), "p-9", 1);
    assert!(running.check(vec![again]).unwrap()[0].is_err(), "an identifier stays taken");
}

/// Each event arrives, in order, once but for the one at which the process was killed.
fn compare_sent(running: &Running, mut sent: Vec<Vec<u64>>) {
    let rest = Keeping::default();
    while running.service.deliver_webhooks(&rest).unwrap() {}
    sent.push(rest.0.into_inner().unwrap());
    let journal = running.store.after(0, 1_000_000).unwrap().into_iter();
    let events: Vec<u64> =
        journal.filter(|one| one.entry.kind == JournalKind::PersonEvent).map(|one| one.seq).collect();
    assert!(sent.iter().filter(|one| !one.is_empty()).count() > 1, "it was sent in several starts");
    let mut arrived: Vec<u64> = sent.concat();
    let count = arrived.len();
    assert!(arrived.is_sorted(), "in order");
    arrived.dedup();
    assert_eq!(arrived, events, "each");
    assert!(count - events.len() < sent.len(), "none twice but at a kill");
}

#[derive(Default)]
struct Replayed {
    rows: BTreeMap<String, u64>,
    events: Vec<(String, u64)>,
    consents: BTreeMap<String, serde_json::Value>,
}

impl Replayed {
    fn add(&mut self, row: &gongdao_ledger::Row) -> Result<(), gongdao_ledger::LedgerError> {
        if let Some(entry) = read_journal(row).unwrap() {
            let body: serde_json::Value = serde_json::from_str(&entry.body).unwrap();
            if let Some(person) = entry.person {
                self.consents.insert(person, body["change"]["value"].clone());
            }
            self.events.push((entry.id, row.leaf));
        }
        for group in &row.groups {
            let Content::Open { bytes, .. } = &group.content else { continue };
            let (schema, columns) = read_group(bytes)?;
            if ["gongdao/decision/1", "gongdao/check/1"].contains(&schema.as_str()) {
                let id = columns[0].as_text().unwrap().to_owned();
                assert_eq!(self.rows.insert(id.clone(), row.leaf), None, "{id} twice");
            }
        }
        Ok(())
    }
}

#[test]
fn the_child_works_when_nobody_kills_it() {
    let home = Home::new(Database::Sqlite).unwrap();
    let running = home.start();
    let machine = machine(&running);
    assert!(running.check_one(decision("d", "p", 1)).is_ok());
    assert!(running.event(&machine, "e", "p", "resource.consents set []").unwrap().leaf.is_some());
}

//! The store over S3's API, beside a folder, and a ledger whose sealed rows lie in it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::{
    Clock, Draft, DraftGroup, Entropy, EntryKind, Erasure, ErrorKind, Folder, Ledger, LedgerError, LoggedAt, Objects,
    Reader, Setup, Storage, Target, Tiered, Value, move_segments, segments_at,
};
use gongdao_merkle::{NoteSigner, sha256};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Barrier};
use support::Server;

const ORIGIN: &str = "ledger.example/city";

fn open_at(server: &Server, prefix: &str) -> Arc<dyn Objects> {
    let environment: BTreeMap<&str, String> = server.environment().into();
    gongdao_objects::open(&Server::address(prefix), &|name| environment.get(name).cloned()).unwrap()
}

/// What every store does, whatever it is made of.
fn check(store: &dyn Objects) {
    let name = "segments/a b+ü.parquet";
    assert_eq!(store.get(name).unwrap(), None);
    assert!(store.list("segments").unwrap().is_empty());
    assert!(store.put_new(name, b"one").unwrap());
    assert!(!store.put_new(name, b"two").unwrap(), "the name is taken");
    assert_eq!(store.get(name).unwrap().unwrap(), b"one");
    assert!(!store.swap(name, None, b"two").unwrap());
    assert!(!store.swap(name, Some(&sha256(&[b"other"])), b"two").unwrap());
    assert!(store.swap(name, Some(&sha256(&[b"one"])), b"two").unwrap());
    assert!(store.swap(name, Some(&sha256(&[b"one"])), b"two").unwrap(), "a second try finds its own bytes");
    assert!(store.swap("new", None, b"three").unwrap());
    store.put(name, b"").unwrap();
    assert_eq!(store.get(name).unwrap().unwrap(), b"");
    store.put("segments/deeper/x", b"x").unwrap();
    store.put("segments2/x", b"x").unwrap();
    assert_eq!(store.list("segments").unwrap(), ["a b+ü.parquet"]);
    store.delete(name).unwrap();
    store.delete(name).unwrap();
    assert_eq!(store.get(name).unwrap(), None);
}

/// Many swap at once from the same bytes: one wins, and its bytes are there.
fn check_race(store: &Arc<dyn Objects>) {
    store.put("m", b"0").unwrap();
    let mut there = b"0".to_vec();
    for round in 0..10 {
        let old = sha256(&[&there]);
        let start = Arc::new(Barrier::new(8));
        let racers: Vec<_> = (0..8)
            .map(|racer| {
                let (store, start) = (Arc::clone(store), Arc::clone(&start));
                std::thread::spawn(move || {
                    let bytes = format!("{round}-{racer}").into_bytes();
                    start.wait();
                    store.swap("m", Some(&old), &bytes).unwrap().then_some(bytes)
                })
            })
            .collect();
        let winners: Vec<Vec<u8>> = racers.into_iter().filter_map(|racer| racer.join().unwrap()).collect();
        assert_eq!(winners.len(), 1, "{winners:?}");
        there = store.get("m").unwrap().unwrap();
        assert_eq!(there, winners[0]);
    }
}

#[test]
fn a_folder_and_a_bucket_do_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let folder: Arc<dyn Objects> = gongdao_objects::open(dir.path().to_str().unwrap(), &|_| None).unwrap();
    check(&*folder);
    check_race(&folder);
    let Some(server) = Server::start() else { return };
    for prefix in ["", "city/2026/"] {
        check(&*open_at(&server, prefix));
    }
    check_race(&open_at(&server, "race"));
    // More than one page.
    let many = open_at(&server, "many");
    for number in 0..1_003 {
        many.put(&format!("f/{number:04}"), b"x").unwrap();
    }
    let names = many.list("f").unwrap();
    assert_eq!(
        (names.len(), names.first().map(String::as_str), names.last().map(String::as_str)),
        (1_003, Some("0000"), Some("1002"))
    );
}

#[test]
fn a_bucket_that_is_not_there_is_no_empty_one() {
    let Some(server) = Server::start() else { return };
    let environment: BTreeMap<&str, String> = server.environment().into();
    let store = gongdao_objects::open("s3://another-bucket/x", &|name| environment.get(name).cloned()).unwrap();
    for error in [
        store.get("a").unwrap_err(),
        store.list("a").unwrap_err(),
        store.put("a", b"x").unwrap_err(),
        store.swap("a", None, b"x").unwrap_err(),
    ] {
        assert!(error.to_string().contains("NoSuchBucket"), "{error}");
    }
}

type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

/// Each row: address, environment, and what is wrong.
#[test]
fn an_address_that_cannot_be_opened_is_refused_in_words() {
    let keys = [("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "b")];
    let rows: [Row<'_>; 7] = [
        ("gs://bucket", &keys, "is no store of objects"),
        ("", &keys, "is no store of objects"),
        ("s3://", &keys, "no bucket is named"),
        ("s3://bucket", &[], "no credentials"),
        ("s3://bucket", &[("AWS_ACCESS_KEY_ID", "a"), ("AWS_SECRET_ACCESS_KEY", "")], "no credentials"),
        ("s3://bucket", &[("AWS_ENDPOINT_URL", "http://s3.example.com")], "in plain text"),
        ("s3://bucket", &[("AWS_ENDPOINT_URL", "not an address")], "at `not an address`"),
    ];
    for (address, environment, words) in rows {
        let environment: BTreeMap<&str, &str> = environment.iter().copied().collect();
        let refused = gongdao_objects::open(address, &|name| environment.get(name).map(|value| (*value).to_owned()));
        let error = refused.map(|_| ()).unwrap_err();
        assert!(error.message.contains(words) && !error.hint.is_empty(), "{address}: {error}");
    }
    for endpoint in
        ["http://127.0.0.1:9000", "http://[::1]:9000", "http://minio:9000", "http://10.1.2.3", "https://s3.example.com"]
    {
        let environment = |name: &str| match name {
            "AWS_ENDPOINT_URL" => Some(endpoint.to_owned()),
            name => keys.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned()),
        };
        assert!(gongdao_objects::open("s3://bucket/x", &environment).is_ok(), "{endpoint}");
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

/// Different for each ledger, the same in each run.
struct Counting(u64);

impl Entropy for Counting {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(&sha256(&[&self.0.to_be_bytes()])[..chunk.len()]);
        }
        Ok(())
    }
}

fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN.parse().unwrap(), &[7; 32])
}

fn ledger(storage: Arc<dyn Storage>, seed: u64) -> Ledger {
    let setup = Setup::new(storage, signer(), Box::new(Still), Box::new(Counting(seed << 32)));
    Ledger::open(Setup { ahead_bytes: 4096, ..setup }).unwrap().0
}

fn drafts(count: usize, text: &str) -> Vec<Draft> {
    let group = |number: usize| DraftGroup {
        person: Some(format!("person-{}", number % 5).parse().unwrap()),
        schema: "test/1".to_owned(),
        columns: vec![Value::Text(format!("{text} of person-{}", number % 5))],
    };
    (0..count).map(|number| Draft { kind: EntryKind::Decision, groups: vec![group(number)] }).collect()
}

fn log(ledger: &Ledger, drafts: Vec<Draft>) {
    for placed in ledger.append(drafts).unwrap().wait().unwrap() {
        placed.unwrap();
    }
}

fn local(path: &Path) -> Arc<dyn Storage> {
    Arc::new(Folder::new(path))
}

/// A ledger of 40 records, sealed in its folder, then moved to the store.
fn moved(path: &Path, store: &Arc<dyn Objects>, address: &str) -> Arc<dyn Storage> {
    Ledger::create(local(path), ORIGIN.parse().unwrap(), &signer(), &mut Counting(0)).unwrap();
    let writer = ledger(local(path), 1);
    log(&writer, drafts(40, "planted"));
    writer.seal_segments(1).unwrap();
    writer.close().unwrap();
    move_segments(&local(path), &**store, address).unwrap();
    assert_eq!(segments_at(&local(path)).unwrap().as_deref(), Some(address));
    assert_eq!(std::fs::read_dir(path.join("segments")).unwrap().count(), 0);
    Arc::new(Tiered::new(local(path), Arc::clone(store)))
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_ledger_seals_erases_and_proves_with_its_rows_in_a_bucket() {
    let Some(server) = Server::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let store = open_at(&server, "city");
    let storage = moved(dir.path(), &store, &Server::address("city"));
    let writer = ledger(Arc::clone(&storage), 2);
    log(&writer, drafts(30, "planted"));
    assert_eq!(writer.seal_segments(1).unwrap().end, 70);
    assert_eq!(store.list("segments").unwrap().len(), 3);
    let read = || Reader::open(Arc::clone(&storage)).unwrap();
    assert_eq!(read().fsck().unwrap().findings, []);
    assert_eq!(read().of_person(&"person-3".parse().unwrap()).unwrap().len(), 14);
    let erasure = Erasure {
        target: Target::Person("person-3".parse().unwrap()),
        ground: "cn.pipl/47/1".to_owned(),
        reference: "case-1".to_owned(),
    };
    assert_eq!(writer.erase(erasure).unwrap().groups, 14);
    writer.close().unwrap();
    let names = store.list("segments").unwrap();
    assert_eq!(names.len(), 3, "{names:?}");
    for name in names {
        let bytes = store.get(&format!("segments/{name}")).unwrap().unwrap();
        assert!(!bytes.windows(8).any(|window| window == b"person-3"), "{name}");
    }
    let found = read().fsck().unwrap();
    assert_eq!((found.findings, found.erased), (Vec::new(), 14));
    let first = read().pack(&*store).unwrap();
    assert_eq!(first, 3, "hashes, entries, checkpoint");
    assert_eq!(read().pack(&*store).unwrap(), 3, "what is left over is put again, and is the same");
    let exported = open_at(&server, "web");
    read().export(&*exported, None).unwrap();
    assert_eq!(exported.get("checkpoint").unwrap(), store.get("checkpoint").unwrap());
}

/// Two copies of one folder, each with its own lock, seal what they logged into the same store.
#[test]
fn of_two_sealers_one_wins_and_the_other_is_told() {
    let server = Server::start();
    let dir = tempfile::tempdir().unwrap();
    for round in 0..6 {
        let place = dir.path().join(round.to_string());
        let (store, address): (Arc<dyn Objects>, String) = match &server {
            Some(server) if round % 2 == 0 => {
                (open_at(server, &format!("race-{round}")), Server::address(&format!("race-{round}")))
            }
            _ => {
                let store = place.join("store");
                (Arc::new(Folder::new(&store)), format!("file://{}", store.display()))
            }
        };
        let (one, two) = (place.join("one"), place.join("two"));
        moved(&one, &store, &address);
        copy(&one, &two);
        let start = Arc::new(Barrier::new(2));
        let sealers = [(&one, "one"), (&two, "two")].map(|(path, name)| {
            let storage: Arc<dyn Storage> = Arc::new(Tiered::new(local(path), Arc::clone(&store)));
            let (start, name) = (Arc::clone(&start), name.to_owned());
            std::thread::spawn(move || {
                let writer = ledger(Arc::clone(&storage), if name == "one" { 3 } else { 4 });
                log(&writer, drafts(30, &name));
                start.wait();
                (writer.seal_segments(1).map(|sealed| sealed.end), storage)
            })
        });
        let mut winners = 0;
        for sealer in sealers {
            match sealer.join().unwrap() {
                (Ok(end), storage) => {
                    winners += 1;
                    assert_eq!(end, 70);
                    assert_eq!(Reader::open(storage).unwrap().fsck().unwrap().findings, []);
                }
                (Err(error), _) => {
                    assert_eq!(error.kind, ErrorKind::Closed, "{error}");
                    assert!(error.message.contains("another sealer has put"), "{error}");
                }
            }
        }
        assert_eq!(winners, 1, "round {round}");
    }
}

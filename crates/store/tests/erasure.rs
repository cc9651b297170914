//! Erasing a person, copies, and what a restore does first.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::{Folder, Storage};
use gongdao_model::ProvisionId;
use gongdao_service::port::JournalKind;
use gongdao_service::{Act, Caller, ErrorKind, Purpose, Role};
use gongdao_store::{SqlStore, VERSION, back_up};
use std::path::Path;
use std::sync::Arc;
use support::{Database, Home, Running, decision, machine, on_each, server};

const PERSON: &str = "courier-8f3a1c";

fn ground() -> ProvisionId {
    "cn.pipl/47/1".parse().unwrap()
}

/// Decisions, events and a look-up about the person, and of another one.
fn fill(running: &Running) -> (Caller, Caller) {
    let machine = machine(running);
    let administrator = running.log_in("root");
    let officer = running.someone(&administrator, "officer", Role::Officer, &[]);
    for person in [PERSON, "other"] {
        let event = format!("e-{}", person.len());
        running.event(&machine, &event, person, r#"resource.consents set ["dispatch"]"#).unwrap();
        running.check_one(decision(&format!("d-{}", person.len()), person, 61)).unwrap();
        running.log(vec![decision(&format!("l-{}", person.len()), person, 61)]).unwrap();
        let purpose = Purpose::new("case 1").unwrap();
        running.service.decision(&officer, &format!("d-{}", person.len()), &purpose).unwrap();
    }
    (administrator, officer)
}

/// Files below a folder that hold the words, apart from the list of erasures.
fn files_with(folder: &Path, words: &str, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_with(&path, words, found);
        } else if path.file_name().is_none_or(|name| name != "erasures.jsonl") {
            let bytes = std::fs::read(&path).unwrap();
            if bytes.windows(words.len()).any(|window| window == words.as_bytes()) {
                found.push(path.display().to_string());
            }
        }
    }
}

#[test]
fn after_an_erasure_nothing_about_the_person_is_found_and_all_about_others_is() {
    on_each(|home| {
        let running = home.start();
        let (administrator, officer) = fill(&running);
        let courier = running.someone(&administrator, "courier", Role::Person, &[PERSON]);
        let service = &running.service;
        assert_eq!(service.erase(&administrator, PERSON, &ground()).unwrap_err().kind, ErrorKind::Forbidden);
        let report = service.erase(&officer, PERSON, &ground()).unwrap();
        assert_eq!((report.leaf.is_some(), report.groups, report.lines), (true, 4, 4));
        assert!(courier.is_or_acts_for(PERSON) && !running.log_in("courier").is_or_acts_for(PERSON));
        let purpose = Purpose::new("case 1").unwrap();
        let id = format!("d-{}", PERSON.len());
        assert_eq!(service.decision(&officer, &id, &purpose).unwrap_err().kind, ErrorKind::NotFound);
        assert!(running.store.of_person(PERSON, &JournalKind::ALL, None, 10).unwrap().is_empty());
        assert!(running.store.page(Some(PERSON), None, 10).unwrap().is_empty());
        assert_eq!(running.store.page(Some("other"), None, 10).unwrap().len(), 2);
        service.decision(&officer, "d-5", &purpose).unwrap();
        let taken = running.check_one(decision("after", PERSON, 61)).unwrap();
        assert_eq!(taken.checked.unwrap().effect.as_str(), "hold", "the gate no longer knows of a consent");
        service.erase(&officer, PERSON, &ground()).unwrap();
        service.stop().unwrap();
        drop(running);
        let running = home.start();
        assert!(running.store.page(Some(PERSON), None, 10).unwrap().is_empty());
        running.service.stop().unwrap();
        drop(running);
        let mut found = Vec::new();
        // The database's file too, where it is one.
        files_with(home.folder.path(), PERSON, &mut found);
        assert_eq!(found, [""; 0]);
    });
}

#[test]
fn records_that_an_article_keeps_are_not_erased_and_refusing_takes_two() {
    on_each(|home| {
        let running = home.start();
        let (_, officer) = fill(&running);
        let administrator = running.log_in("root");
        let reviewer = running.someone(&administrator, "reviewer", Role::Reviewer, &[]);
        let act =
            Act::RefuseDeletion { person: PERSON.to_owned(), article: "cn.ecommerce/31".parse().unwrap(), until: None };
        let asked = running.service.ask_approval(&officer, act, "kept for three years").unwrap();
        running.service.decide_approval(&reviewer, &asked.id, true, "agreed").unwrap();
        let error = running.service.erase(&officer, PERSON, &ground()).unwrap_err();
        assert!(error.kind == ErrorKind::Input && error.message.contains("cn.ecommerce/31"), "{error}");
        assert_eq!(running.store.page(Some(PERSON), None, 10).unwrap().len(), 2);
        let list = std::fs::read_to_string(home.path("erasures.jsonl")).unwrap();
        assert!(list.lines().last().unwrap().contains("refused"), "a restore must not do it");
    });
}

#[test]
fn a_restored_copy_erases_again_what_was_erased_after_it_was_made() {
    on_each(|home| {
        let running = home.start();
        let (administrator, officer) = fill(&running);
        running.someone(&administrator, "courier", Role::Person, &[PERSON]);
        let copy = home.path("copy");
        let database = copy_of_database(home);
        let report = gongdao_ledger::back_up(&running.storage, Arc::new(Folder::new(&copy))).unwrap();
        assert!(report.bytes > 0 && report.signed > 0);
        let taken = gongdao_ledger::back_up(&running.storage, Arc::new(Folder::new(&copy)));
        assert_eq!(taken.unwrap_err().kind, gongdao_ledger::ErrorKind::Input);
        // What comes after the copy is lost with the machine, but for the list.
        running.check_one(decision("late", "other", 61)).unwrap();
        running.service.erase(&officer, PERSON, &ground()).unwrap();
        running.service.stop().unwrap();
        drop(running);
        let mut found = Vec::new();
        files_with(&copy, PERSON, &mut found);
        assert!(!found.is_empty(), "the copy has the person");

        let original = home.path("ledger.example-one");
        std::fs::remove_dir_all(&original).unwrap();
        std::fs::rename(&copy, &original).unwrap();
        let restored = Home { address: database, ..home.again() };
        let list = home.path("erasures.jsonl");
        let kept = std::fs::read(&list).unwrap();
        std::fs::remove_file(&list).unwrap();
        let refused = restored.start_with("ledger.example/one", restored.store(), |_| {}).err().unwrap();
        assert!(refused.internal.unwrap().contains("list of erasures"), "without the list it does not start");
        std::fs::write(&list, kept).unwrap();
        let running = restored.start();
        assert_eq!(running.started.erased_again, 1);
        assert!(!running.log_in("courier").is_or_acts_for(PERSON), "accounts forget whose they were");
        assert!(running.store.page(Some(PERSON), None, 10).unwrap().is_empty());
        assert!(running.store.of_person(PERSON, &JournalKind::ALL, None, 10).unwrap().is_empty());
        assert_eq!(running.store.page(Some("other"), None, 10).unwrap().len(), 2);
        let taken = running.check_one(decision("again", "other", 61)).unwrap();
        assert_eq!(taken.checked.unwrap().effect.as_str(), "proceed", "the other's consent is there");
        running.service.stop().unwrap();
        drop(running);
        let mut found = Vec::new();
        files_with(&original, PERSON, &mut found);
        assert_eq!(found, [""; 0]);
        assert_eq!(restored.start().started.erased_again, 0, "once");
        let storage: Arc<dyn Storage> = Arc::new(Folder::new(&original));
        let ledger = gongdao_ledger::Reader::open(storage).unwrap();
        assert!(ledger.fsck().is_ok());
    });
}

/// The address of a database with the same content.
fn copy_of_database(home: &Home) -> String {
    let copy = home.path("copy.database");
    assert_eq!(back_up(&home.address, &copy).unwrap(), VERSION);
    assert_eq!(back_up(&home.address, &copy).unwrap_err().kind, ErrorKind::Input);
    match home.database {
        Database::Sqlite => format!("sqlite:{}", copy.display()),
        Database::Postgres => {
            let address = server::database().unwrap();
            let store = SqlStore::restore(&address, &copy).unwrap();
            let early = SqlStore::open(&address).err().unwrap();
            assert!(early.message.contains("was not finished"), "{early:?}");
            assert!(SqlStore::restore(&address, &copy).err().unwrap().message.contains("not empty"));
            store.restored().unwrap();
            address
        }
    }
}

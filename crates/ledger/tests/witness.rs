//! A log and its witness, by messages alone.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_ledger::{GroupNumber, WitnessBook};
use gongdao_merkle::{AddCheckpoint, NoteSigner, Policy, parse_size_answer};
use support::{create, decision, folder, log, open, reader, signer};

fn union() -> NoteSigner {
    NoteSigner::new("union.example".parse().unwrap(), &[3; 32])
}

#[test]
fn a_witness_cosigns_what_grows_and_remembers_it_across_restarts() {
    let (dir, book_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(dir.path());
    let ledger = open(dir.path());
    let open_book = || WitnessBook::open(folder(book_dir.path()), union(), vec![signer().log_key()]);
    let mut book = open_book().unwrap();
    let policy: Policy =
        format!("log {}\nwitness u {}\nquorum u\n", signer().log_key(), union().witness_key()).parse().unwrap();
    for round in 0..3_u64 {
        log(&ledger, vec![decision(&["a"], "x"), decision(&["b"], "y")]);
        let mut signed = ledger.checkpoint().unwrap();
        assert!(policy.verify(&signed).is_err());
        let known = book.size_of(support::ORIGIN);
        assert_eq!(known, round * 2);
        let request = reader(dir.path()).add_checkpoint(known).unwrap();
        let request = AddCheckpoint::parse(request.to_string().as_bytes()).unwrap();
        signed.add(book.cosign(&request, 1_800_000_000 + round).unwrap().unwrap());
        ledger.publish(signed).unwrap();
        let receipt = reader(dir.path()).receipt(0, GroupNumber(1)).unwrap();
        receipt.verify(&policy).unwrap();
        drop(book);
        book = open_book().unwrap();
    }
    let stale = reader(dir.path()).add_checkpoint(2).unwrap();
    let refusal = book.cosign(&stale, 1).unwrap().unwrap_err();
    assert_eq!((refusal.status(), parse_size_answer(refusal.body().as_bytes())), (409, Ok(6)));
    assert_eq!(open_book().err().unwrap().message, "another program has this folder");
}

#[test]
fn a_log_that_forks_gets_no_second_cosignature() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let book_dir = tempfile::tempdir().unwrap();
    let mut book = WitnessBook::open(folder(book_dir.path()), union(), vec![signer().log_key()]).unwrap();
    let mut statuses = Vec::new();
    for (dir, persons) in dirs.iter().zip(["a", "b"]) {
        create(dir.path());
        let ledger = open(dir.path());
        log(&ledger, vec![decision(&[persons], "x")]);
        ledger.checkpoint().unwrap();
        // Of the same size with another root, and of a larger size with a proof of its own.
        let reader_one = reader(dir.path());
        let known = book.size_of(support::ORIGIN);
        statuses.push(
            book.cosign(&reader_one.add_checkpoint(known).unwrap(), 1).unwrap().map_err(|refusal| refusal.status()),
        );
        log(&ledger, vec![decision(&[persons], "x")]);
        ledger.checkpoint().unwrap();
        if persons == "b" {
            let request = reader(dir.path()).add_checkpoint(1).unwrap();
            statuses.push(book.cosign(&request, 1).unwrap().map_err(|refusal| refusal.status()));
        }
    }
    assert!(statuses[0].is_ok());
    assert_eq!(statuses[1].as_ref().unwrap_err(), &409);
    assert_eq!(statuses[2].as_ref().unwrap_err(), &422);
}

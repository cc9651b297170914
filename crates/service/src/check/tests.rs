use super::book::{Book, Found, Known};
use super::keys::Keys;
use super::slots::Slots;
use super::{Place, RowRefusal, Taken};
use crate::{ErrorKind, ServiceError};
use gongdao_ledger::RecordId;
use gongdao_model::Instant;
use std::sync::mpsc::channel;

fn taken(leaf: u64) -> Taken {
    let place = Place { node: "n".into(), leaf, record: RecordId::from_bytes([0; 16]) };
    Taken { checked: None, place, is_repeat: false }
}

fn found(book: &Book, id: &str) -> &'static str {
    match book.take(std::iter::once((id, [0; 32]))).remove(0) {
        Found::New => "new",
        Found::Known(Known::OnItsWay(_)) => "on its way",
        Found::Known(Known::There(..)) => "there",
        Found::Perhaps => "perhaps",
    }
}

#[test]
fn an_identifier_is_new_once_and_answers_are_forgotten_only_when_the_database_has_them() {
    let book = Book::new(2);
    assert_eq!(found(&book, "a"), "new");
    assert_eq!(found(&book, "a"), "on its way");
    book.give_up("a");
    assert_eq!(found(&book, "a"), "new");
    for (leaf, id) in (0..).zip(["a", "b", "c", "d"]) {
        book.settle(vec![(id.to_owned(), [0; 32], taken(leaf))]);
    }
    assert_eq!(found(&book, "a"), "there", "the database lacks it, so it is kept beyond the number");
    book.projected(1);
    assert_eq!(found(&book, "a"), "perhaps");
    assert_eq!(found(&book, "b"), "there");
    book.projected(4);
    assert_eq!([found(&book, "b"), found(&book, "c"), found(&book, "d")], ["perhaps", "there", "there"]);
    book.remember("z");
    assert_eq!(found(&book, "z"), "perhaps");
    assert!(book.take_unknown("z", [0; 32]).is_none(), "only its hash was met");
    assert_eq!(found(&book, "z"), "on its way");
    book.forget(|id| id == "c");
    assert_eq!(found(&book, "c"), "perhaps");
}

#[test]
fn a_key_belongs_to_its_rows_for_a_day() {
    let mut keys = Keys::default();
    let at = |hours: i64| Instant::from_millis(1_700_000_000_000 + hours * 3_600_000).unwrap();
    for (key, digest, hours, fits) in [
        ("k", 1, 0, true),
        ("k", 1, 1, true),
        ("k", 2, 23, false),
        ("l", 2, 23, true),
        ("k", 2, 24, true),
        ("k", 1, 25, false),
    ] {
        assert_eq!(keys.fits(key, [digest; 32], at(hours)), fits, "{key} {digest} after {hours} hours");
    }
}

#[test]
fn a_call_is_answered_once_whatever_happens_to_its_rows() {
    let call = |rows: usize| {
        let (told, heard) = channel();
        (Slots::new(rows, Box::new(move |result| told.send(result).unwrap())), heard)
    };
    let (slots, heard) = call(2);
    slots.fill(1, Ok(taken(1)));
    slots.fill(1, Ok(taken(7)));
    assert!(heard.try_recv().is_err(), "a row is missing");
    slots.fill(0, Err(RowRefusal::Duplicate { is_same: true }));
    let rows = heard.recv().unwrap().unwrap();
    assert_eq!(rows, [Err(RowRefusal::Duplicate { is_same: true }), Ok(taken(1))]);
    slots.refuse(ServiceError::closed());
    assert!(heard.try_recv().is_err());

    let (slots, heard) = call(2);
    slots.fill(0, Ok(taken(1)));
    drop(slots);
    assert_eq!(heard.recv().unwrap().unwrap_err().kind, ErrorKind::Closed, "a thread that ends answers");

    let (slots, heard) = call(1);
    slots.cancel();
    drop(slots);
    assert!(heard.recv().is_err(), "whoever was told by the call itself is not told again");
}

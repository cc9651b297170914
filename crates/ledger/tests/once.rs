//! A record that is handed over again under its id is logged once, and gets the place that it has.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_ledger::{
    Draft, EntryKind, Epoch, Erasure, GroupNumber, Ledger, LedgerError, Logged, Reader, Setup, Target,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::path::Path;
use support::{create, decision, folder, open, person, reader, setup};

type Placed = Vec<Result<Logged, LedgerError>>;

fn once(ledger: &Ledger, named: &[(&str, Draft)]) -> Placed {
    let named = named.iter().map(|(id, draft)| ((*id).to_owned(), draft.clone())).collect();
    ledger.append_once(named).unwrap().wait().unwrap()
}

/// Place, and whether it had been there before.
fn places(placed: Placed) -> Vec<Result<(u64, bool), String>> {
    placed
        .into_iter()
        .map(|one| one.map(|logged| (logged.leaf, logged.is_repeat)).map_err(|error| error.message))
        .collect()
}

fn size(path: &Path) -> u64 {
    reader(path).size()
}

#[test]
fn a_record_handed_over_again_gets_its_place_in_one_call_later_sealed_and_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let mut ledger = open(dir.path());
    let (first, second) = (decision(&["a", "b"], "one"), decision(&["a"], "two"));
    let call = [("d-1", first.clone()), ("d-2", second.clone()), ("d-1", first.clone())];
    let logged = once(&ledger, &call);
    assert_eq!(places(logged.clone()), [Ok((0, false)), Ok((1, false)), Ok((0, true))]);
    let before = logged[0].clone().unwrap();
    let again = |ledger: &Ledger, what: &str| {
        let repeated = once(ledger, &[("d-1", first.clone())])[0].clone().unwrap();
        assert_eq!(repeated, Logged { is_repeat: true, ..before }, "{what}");
    };
    again(&ledger, "in the next call");
    drop(ledger);
    ledger = open(dir.path());
    again(&ledger, "after a restart, from the write-ahead log");
    ledger.close_epoch().unwrap();
    again(&ledger, "in the next epoch, with the epoch that it bears tags of");
    ledger.seal_segments(1).unwrap();
    again(&ledger, "out of a segment");
    drop(ledger);
    ledger = open(dir.path());
    again(&ledger, "after a restart, out of a segment");
    assert_eq!(before.epoch, Epoch(0));
    // Two records, the index seal, and nothing else.
    ledger.close().unwrap();
    assert_eq!(size(dir.path()), 3);
    assert_eq!(reader(dir.path()).fsck().unwrap().findings, []);
}

#[test]
fn an_id_with_other_content_is_refused_and_the_other_records_of_the_call_stand() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let one = decision(&["a"], "one");
    once(&ledger, &[("d-1", one.clone())]);
    let taken = Err("entry 0 has the id of this record and other content".to_owned());
    let mut fewer = one.clone();
    fewer.groups.pop();
    let correction = Draft { kind: EntryKind::Correction, ..one.clone() };
    for (other, expected) in [
        (decision(&["a"], "changed"), taken.clone()),
        (decision(&["b"], "one"), taken.clone()),
        (decision(&["a", "b"], "one"), taken.clone()),
        (fewer, taken),
        // Ids are those of records of a kind.
        (correction, Ok((1, false))),
    ] {
        assert_eq!(places(once(&ledger, &[("d-1", other)])), [expected]);
    }
    let call = [("d-1", decision(&["a"], "changed")), ("d-2", one.clone()), ("d-1", one)];
    let mixed = places(once(&ledger, &call));
    assert!(mixed[0].is_err());
    assert_eq!(mixed[1..], [Ok((2, false)), Ok((0, true))]);
    for id in [String::new(), "x".repeat(1025)] {
        let refused = ledger.append_once(vec![(id, decision(&["a"], "x"))]).map(drop).unwrap_err();
        assert_eq!(refused.hint, "give 1 to 1,024 bytes");
    }
    drop(ledger);
}

#[test]
fn what_was_erased_does_not_come_back_under_its_id() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let mut ledger = open(dir.path());
    let draft = decision(&["planted-person"], "planted-text");
    once(&ledger, &[("d-1", draft.clone()), ("d-2", decision(&["b"], "other"))]);
    let target = Target::Person(person("planted-person"));
    ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference: "request-1".to_owned() }).unwrap();
    let gone = [Err("the record was logged as entry 0 and erased since".to_owned())];
    assert_eq!(places(once(&ledger, &[("d-1", draft.clone())])), gone);
    ledger.seal_segments(1).unwrap();
    drop(ledger);
    ledger = open(dir.path());
    assert_eq!(places(once(&ledger, &[("d-1", draft)])), gone);
    assert_eq!(places(once(&ledger, &[("d-2", decision(&["b"], "other"))])), [Ok((1, true))]);
    ledger.close().unwrap();
    assert_eq!(reader(dir.path()).of_person(&person("planted-person")).unwrap(), []);
}

#[test]
fn the_last_records_are_known_at_least_and_older_ones_are_logged_again() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let few = || Ledger::open(Setup { ids_kept: 4, ..setup(folder(dir.path())) }).unwrap().0;
    let mut ledger = few();
    let ids: Vec<String> = (0..20).map(|number| format!("d-{number}")).collect();
    let repeated =
        |ledger: &Ledger, id: &str| once(ledger, &[(id, decision(&["a"], id))])[0].clone().unwrap().is_repeat;
    for id in &ids {
        assert!(!repeated(&ledger, id));
    }
    for id in &ids[16..] {
        assert!(repeated(&ledger, id), "{id}");
    }
    assert!(!repeated(&ledger, "d-11"), "more than twice four records ago");
    drop(ledger);
    ledger = few();
    for id in ["d-17", "d-18", "d-19", "d-11"] {
        assert!(repeated(&ledger, id), "{id}");
    }
    assert!(!repeated(&ledger, "d-16"), "a start reads the last four");
    drop(ledger);
}

#[derive(Debug, Clone)]
enum Act {
    /// Records by number of id and of content.
    Log(Vec<(u8, u8)>),
    Restart,
    Seal,
    CloseEpoch,
    /// Content of one record.
    Erase(u8),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        6 => prop::collection::vec((0_u8..12, 0_u8..2), 1..6).prop_map(Act::Log),
        1 => Just(Act::Restart),
        1 => Just(Act::Seal),
        1 => Just(Act::CloseEpoch),
        1 => (0_u8..12).prop_map(Act::Erase),
    ];
    prop::collection::vec(act, 1..24)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Beside a map from ids to what was logged first.
    #[test]
    fn whatever_happens_in_between_every_id_keeps_its_first_place(acts in acts()) {
        let dir = tempfile::tempdir().unwrap();
        create(dir.path());
        let mut ledger = Some(open(dir.path()));
        let mut first: BTreeMap<u8, (u64, Option<u8>)> = BTreeMap::new();
        for act in acts {
            let open_ledger = ledger.as_ref().unwrap();
            match act {
                Act::Log(records) => {
                    let draft = |content: u8| decision(&["a"], &content.to_string());
                    let named = records.iter().map(|(id, content)| (format!("d-{id}"), draft(*content))).collect();
                    let placed = open_ledger.append_once(named).unwrap().wait().unwrap();
                    for ((id, content), one) in records.into_iter().zip(placed) {
                        match (first.get(&id), one) {
                            (None, Ok(logged)) => {
                                prop_assert!(!logged.is_repeat);
                                first.insert(id, (logged.leaf, Some(content)));
                            }
                            (Some((leaf, Some(kept))), Ok(logged)) => {
                                prop_assert_eq!((logged.leaf, logged.is_repeat, content), (*leaf, true, *kept));
                            }
                            (Some((_, kept)), Err(_)) => prop_assert_ne!(*kept, Some(content)),
                            (known, one) => prop_assert!(false, "{:?} {:?}", known, one),
                        }
                    }
                }
                Act::Restart => {
                    drop(ledger.take());
                    ledger = Some(open(dir.path()));
                }
                Act::Seal => drop(open_ledger.seal_segments(1).unwrap()),
                Act::CloseEpoch => drop(open_ledger.close_epoch().unwrap()),
                Act::Erase(id) => {
                    if let Some((leaf, content)) = first.get_mut(&id) {
                        let was_there = content.take().is_some();
                        let target = Target::Groups([(*leaf, GroupNumber(1))].into());
                        let reference = format!("request-{id}");
                        let erased = open_ledger.erase(Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference });
                        prop_assert_eq!(erased.is_ok(), was_there);
                    }
                }
            }
        }
        ledger.take().unwrap().close().unwrap();
        let found = Reader::open(folder(dir.path())).unwrap().fsck().unwrap();
        prop_assert_eq!(found.findings, []);
    }
}

//! The life of a ledger: logging, receipts, statements, restarts.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_ledger::{
    Absence, Audit, EntryKind, Epoch, ErrorKind, Folder, GroupNumber, Ledger, LedgerError, LoggedAt, Opening, Receipt,
    Stated, Statement, Value, Witness,
};
use gongdao_merkle::{AddCheckpoint, Origin, RootHash, TilePath, TlogProof, parse_bundle};
use std::collections::BTreeSet;
use support::{ORIGIN, create, decision, folder, log, open, person, policy, reader, setup, signer};

#[test]
fn a_receipt_opens_one_group_and_hides_the_others() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let places = log(&ledger, vec![decision(&["courier-1", "customer-9"], "offer"), decision(&["courier-2"], "price")]);
    assert_eq!(places, [0, 1]);
    assert!(reader(dir.path()).receipt(0, GroupNumber(1)).is_err(), "nothing is proved before it is signed");
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    let text = reader.receipt(0, GroupNumber(1)).unwrap().to_string();
    assert!(text.len() < 2048, "{} bytes", text.len());
    assert!(!text.contains("customer"));
    let opened = Receipt::parse(text.as_bytes()).unwrap().verify(&policy()).unwrap();
    assert_eq!((opened.leaf, opened.kind, opened.schema.as_str()), (0, EntryKind::Decision, "test/person/1"));
    assert_eq!(opened.columns[0], Value::Text("offer of courier-1".to_owned()));
    assert_eq!(opened.logged_at, LoggedAt::from_seconds(1_800_000_000));
    assert_eq!(opened.tags.len(), 2);
    drop(ledger);
}

/// At sizes that end inside a tile, at its edge, and in a tree of tiles above tiles.
#[test]
fn many_receipts_at_once_are_those_of_each_alone() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let mut logged = 0;
    for size in [1_u64, 3, 256, 257, 700] {
        let drafts = (logged..size).map(|number| decision(&["courier-1", "customer-9"], &format!("n {number}")));
        log(&ledger, drafts.collect());
        logged = size;
        ledger.checkpoint().unwrap();
        let reader = reader(dir.path());
        let wanted: BTreeSet<u64> = (0..size).filter(|leaf| leaf % 3 == 0 || *leaf == size - 1).collect();
        let rows = reader.rows(&wanted).unwrap();
        assert_eq!(rows.keys().copied().collect::<BTreeSet<_>>(), wanted);
        let receipts = reader.receipts(rows.values(), GroupNumber(2)).unwrap();
        assert_eq!(receipts.len(), wanted.len());
        for (leaf, receipt) in receipts {
            assert_eq!(receipt, reader.receipt(leaf, GroupNumber(2)).unwrap(), "{leaf} of {size}");
            assert_eq!(receipt.verify(&policy()).unwrap().leaf, leaf);
        }
        assert!(reader.receipts(rows.values(), GroupNumber(7)).unwrap().is_empty(), "no such group");
        assert!(reader.rows(&[size].into()).is_err(), "beyond the checkpoint");
        assert!(reader.rows(&BTreeSet::new()).unwrap().is_empty());
    }
}

/// Whatever is changed in a receipt, it is refused.
#[test]
fn a_changed_receipt_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a", "b"], "x"), decision(&["a"], "y")]);
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    let receipt = reader.receipt(0, GroupNumber(1)).unwrap();
    let changed = |change: &dyn Fn(&mut Opening)| {
        let mut opening = receipt.opening().clone();
        change(&mut opening);
        Receipt::new(receipt.proof().clone(), opening).verify(&policy()).unwrap_err().message
    };
    let other = reader.receipt(1, GroupNumber(1)).unwrap();
    for message in [
        changed(&|opening| opening.bytes = other.opening().bytes.clone()),
        changed(&|opening| opening.salt = other.opening().salt),
        changed(&|opening| opening.others[0] = other.opening().others[0]),
        changed(&|opening| opening.others.truncate(2)),
    ] {
        assert_eq!(message, "the content is not what the entry commits to");
    }
    assert_eq!(changed(&|opening| opening.group = GroupNumber(2)), "the opening shows another group than it names");
    assert!(changed(&|opening| opening.entry.logged_at = LoggedAt::from_seconds(1)).starts_with("the proof leads to"));
    drop(ledger);
}

#[test]
fn a_restart_goes_on_with_what_was_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    for round in 0..4_u64 {
        let (ledger, recovery) = Ledger::open(setup(folder(dir.path()))).unwrap();
        assert_eq!(recovery.size, round * 700);
        let drafts = (0..700).map(|number| decision(&[&format!("p{}", number % 7)], "z")).collect();
        assert_eq!(log(&ledger, drafts).first(), Some(&(round * 700)));
        if round % 2 == 1 {
            ledger.checkpoint().unwrap();
        }
    }
    let ledger = open(dir.path());
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    let found = reader.fsck().unwrap();
    assert_eq!(found, Audit { entries: 2801, opened: 5600, ..Audit::default() });
    let statement = reader.statement(&person("p3"), Epoch(0)).unwrap();
    let key = reader.tag_key(&person("p3"), Epoch(0)).unwrap();
    assert_eq!(statement.verify(&key, &policy()).unwrap().len(), 400);
    assert_eq!(reader.logged_between(LoggedAt::from_seconds(0), LoggedAt::from_seconds(1_800_000_000)).unwrap(), 0..0);
    assert_eq!(reader.logged_between(LoggedAt::from_seconds(0), LoggedAt::from_seconds(u64::MAX)).unwrap(), 0..2801);
}

#[test]
fn a_statement_holds_every_entry_of_its_person_and_of_nobody_else() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "1"), decision(&["b", "a"], "2"), decision(&["b"], "3"), decision(&["a"], "4")]);
    ledger.close_epoch().unwrap();
    log(&ledger, vec![decision(&["b"], "5")]);
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    let leaves = |name: &str, epoch| {
        let statement = reader.statement(&person(name), Epoch(epoch)).unwrap();
        let read = Statement::parse(&statement.to_bytes()).unwrap();
        assert_eq!(read, statement);
        let key = reader.tag_key(&person(name), Epoch(epoch)).unwrap();
        let stated = read.verify(&key, &policy()).unwrap();
        let wrong = reader.tag_key(&person(name), Epoch(epoch + 1)).unwrap();
        assert!(read.verify(&wrong, &policy()).is_err() || stated.is_empty());
        stated
            .into_iter()
            .map(|stated| match stated {
                Stated::Opened(opened) => opened.leaf,
                Stated::Erased { .. } => panic!("nothing was erased"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(leaves("a", 0), [0, 1, 3]);
    assert_eq!(leaves("b", 0), [1, 2]);
    assert_eq!(leaves("a", 1), [0_u64; 0]);
    assert_eq!(leaves("b", 1), [5]);
    let statement = |epoch| reader.statement(&person("a"), Epoch(epoch)).unwrap();
    statement(1).verify_follows(&statement(0)).unwrap();
    assert_eq!(statement(0).verify_follows(&statement(0)).unwrap_err().message, "epoch 0 does not follow epoch 0");
    let mut gap = statement(1);
    gap.seal.first_leaf += 1;
    assert_eq!(gap.verify_follows(&statement(0)).unwrap_err().message, "epoch 1 does not follow epoch 0");
    assert_eq!(reader.statement(&person("a"), Epoch(2)).unwrap_err().message, "epoch 2 is not closed and signed");
}

#[test]
fn a_statement_that_leaves_out_an_entry_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "1"), decision(&["a"], "2"), decision(&["b"], "3")]);
    ledger.close_epoch().unwrap();
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    let key = reader.tag_key(&person("a"), Epoch(0)).unwrap();
    let whole = reader.statement(&person("a"), Epoch(0)).unwrap();
    let receipt = reader.receipt(1, GroupNumber(1)).unwrap().verify(&policy()).unwrap();
    let mut short = whole.clone();
    short.entries.pop();
    assert_eq!(short.hidden([&receipt]), [1]);
    assert_eq!(whole.hidden([&receipt]), [0; 0]);
    let error = short.verify(&key, &policy()).unwrap_err();
    assert_eq!(error.message, "the end mark is not yours, or does not say 1 entries");
    let mut swapped = whole.clone();
    swapped.entries.swap(0, 1);
    assert_eq!(
        swapped.verify(&key, &policy()).unwrap_err().message,
        "entry 1: the entry does not bear the tag that the index says"
    );
    let mut no_next = whole.clone();
    no_next.next = Absence { before: None, after: None };
    assert_eq!(no_next.verify(&key, &policy()).unwrap_err().message, "the lines are no neighbours");
    let mut other_seal = whole.clone();
    other_seal.seal.end_leaf = 2;
    assert_eq!(
        other_seal.verify(&key, &policy()).unwrap_err().message,
        "the index-seal entry does not commit to this index"
    );
}

struct Seen(u64);

impl Witness for Seen {
    fn name(&self) -> String {
        "union".to_owned()
    }

    fn size_of(&self, origin: &Origin) -> Result<u64, LedgerError> {
        assert_eq!(origin.as_str(), ORIGIN);
        if self.0 == u64::MAX {
            return Err(LedgerError {
                kind: ErrorKind::Closed,
                message: "no answer".to_owned(),
                hint: "check the network",
            });
        }
        Ok(self.0)
    }
}

#[test]
fn a_disk_that_was_rolled_back_is_refused_where_a_witness_saw_more() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "1")]);
    drop(ledger);
    let with = |seen: Vec<u64>, needed| {
        let mut setup = setup(folder(dir.path()));
        setup.witnesses = seen.into_iter().map(|size| Box::new(Seen(size)) as Box<dyn Witness>).collect();
        setup.answers_needed = needed;
        Ledger::open(setup).map(|(_, recovery)| recovery.silent).map_err(|error| error.message)
    };
    assert_eq!(with(vec![0, 1], 2), Ok(Vec::new()));
    assert_eq!(with(vec![1, 2], 0), Err("witness `union` cosigned 2 entries and the disk holds 1".to_owned()));
    assert_eq!(with(vec![1, u64::MAX], 1), Ok(vec!["union: no answer".to_owned()]));
    assert_eq!(
        with(vec![u64::MAX], 1),
        Err("1 of 1 witnesses did not answer, and 1 must: union: no answer".to_owned())
    );
}

#[test]
fn a_second_writer_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let first = open(dir.path());
    let error = Ledger::open(setup(folder(dir.path()))).err().unwrap();
    assert_eq!((error.kind, error.message.as_str()), (ErrorKind::Closed, "another program has this folder"));
    drop(first);
    drop(open(dir.path()));
}

#[test]
fn bad_drafts_are_refused_and_the_writer_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    let mut erasure = decision(&["a"], "1");
    erasure.kind = EntryKind::Erasure;
    let mut none = decision(&[], "1");
    none.groups.clear();
    for (draft, words) in [
        (erasure, "entries of erasures and index seals are made by the ledger"),
        (none, "a record of 0 groups"),
        (decision(&["a", "a"], "1"), "a person has two groups in one record"),
    ] {
        assert_eq!(ledger.append(vec![draft]).err().unwrap().message, words);
    }
    assert_eq!(log(&ledger, vec![decision(&[], "fine")]), [0]);
    ledger.checkpoint().unwrap();
    assert!(reader(dir.path()).entry(0).unwrap().tags().is_empty());
}

#[test]
fn an_exported_copy_is_a_tiled_log_and_holds_no_content() {
    let (dir, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, (0..300).map(|_| decision(&["somebody"], "planted")).collect());
    ledger.close_epoch().unwrap();
    let first = ledger.checkpoint().unwrap();
    assert_eq!(reader(dir.path()).export(&Folder::new(copy.path()), None).unwrap(), 7);
    log(&ledger, (0..300).map(|_| decision(&["somebody"], "planted")).collect());
    ledger.checkpoint().unwrap();
    let reader = reader(dir.path());
    // Five tiles of the 300 entries after the first 301, and the checkpoint.
    assert_eq!(reader.export(&Folder::new(copy.path()), None).unwrap(), 6);
    let bundle = std::fs::read(copy.path().join("tile/entries/001")).unwrap();
    assert_eq!(parse_bundle(&bundle).unwrap().len(), 256);
    for file in ["checkpoint", "tile/0/000", "tile/0/002.p/89", "tile/1/000.p/2", "tile/entries/002.p/89"] {
        let bytes = std::fs::read(copy.path().join(file)).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"planted" || window == b"somebod"), "{file}");
    }
    assert!(reader.tile("tile/0/002.p/90".parse::<TilePath>().unwrap()).is_err());
    // What a witness is sent, and that it accepts it.
    let request = reader.add_checkpoint(301).unwrap();
    let request = AddCheckpoint::parse(request.to_string().as_bytes()).unwrap();
    let known = Some((301, first.unverified().root));
    assert_eq!(request.check(&[signer().log_key()], known).unwrap().size, 601);
    assert!(request.check(&[signer().log_key()], Some((301, RootHash::of_empty_tree()))).is_err());
    let bare = reader.prove(600).unwrap();
    let bare = TlogProof::parse(bare.to_string().as_bytes()).unwrap();
    bare.verify(reader.entry(600).unwrap().leaf_hash(), &policy()).unwrap();
}

#[test]
fn cosignatures_are_kept_with_the_checkpoint_that_they_are_about() {
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let ledger = open(dir.path());
    log(&ledger, vec![decision(&["a"], "1")]);
    let mut signed = ledger.checkpoint().unwrap();
    let old = signed.clone();
    let union = gongdao_merkle::NoteSigner::new("union.example".parse().unwrap(), &[3; 32]);
    signed.add(union.cosign(signed.note().text(), 1_800_000_001));
    ledger.publish(signed.clone()).unwrap();
    assert_eq!(reader(dir.path()).checkpoint(), &signed);
    log(&ledger, vec![decision(&["a"], "2")]);
    ledger.checkpoint().unwrap();
    assert_eq!(ledger.publish(old).unwrap_err().message, "the checkpoint is not the current one");
    let policy = format!("log {}\nwitness u {}\nquorum u\n", signer().log_key(), union.witness_key());
    let receipt = reader(dir.path()).receipt(0, GroupNumber(1)).unwrap();
    assert!(receipt.verify(&policy.parse().unwrap()).is_err(), "the newer checkpoint has no cosignature yet");
}

//! A writer that is killed with `SIGKILL` at random moments, again and again, on one folder.
//!
//! 20 times by default; `GONGDAO_KILLS` sets another number (`GONGDAO_KILLS=300 cargo test -p gongdao-ledger --test killed`).
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_ledger::{Draft, Erasure, Ledger, Reader, Setup, Target};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{create, decision, folder, person, reader, setup};

const CHILD: &str = "GONGDAO_LEDGER_CHILD";

/// The child: logs, signs, closes epochs, seals and erases without end, and says what it was told.
#[test]
fn child() {
    let Some(path) = std::env::var_os(CHILD).map(PathBuf::from) else { return };
    let (ledger, recovery) = Ledger::open(Setup {
        rotate_bytes: 40_000,
        ahead_bytes: 1 << 16,
        flush_bytes: 1 << 12,
        rows_per_file: 50,
        ..setup(folder(&path))
    })
    .unwrap();
    say(&format!("open {}", recovery.size));
    std::thread::scope(|scope| {
        for writer in 0..3 {
            let ledger = &ledger;
            scope.spawn(move || log_for_ever(ledger, writer));
        }
        for round in 0_u64.. {
            let signed = ledger.checkpoint().unwrap();
            say(&format!("signed {} {}", signed.unverified().size, signed.unverified().root));
            if round % 3 == 1 {
                ledger.close_epoch().unwrap();
            }
            if round % 2 == 1 {
                ledger.seal_segments(1).unwrap();
            }
            if round % 3 == 0 {
                let target = Target::Person(person(&format!("p{}", round % 3)));
                let erasure = Erasure { target, ground: "cn.pipl/47/1".to_owned(), reference: round.to_string() };
                if let Ok(erased) = ledger.erase(erasure) {
                    say(&format!("erased {}", erased.leaf));
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    });
}

fn log_for_ever(ledger: &Ledger, writer: u64) {
    let own = std::process::id();
    for number in 0_u64.. {
        let ids: Vec<String> = (0..=number % 4).map(|part| format!("{own}/{writer}/{number}/{part}")).collect();
        let named: Vec<_> = ids.iter().map(|id| (id.clone(), draft_of(id))).collect();
        // Some calls are made again, as by a client that lost the answer.
        let calls = if number.is_multiple_of(5) { vec![named.clone(), named] } else { vec![named] };
        for placed in calls.into_iter().map(|call| ledger.append_once(call).unwrap().wait().unwrap()) {
            for (id, placed) in ids.iter().zip(placed).filter_map(|(id, placed)| Some((id, placed.ok()?))) {
                let record: Vec<String> = placed.record.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
                say(&format!("ack {} {} {id}", placed.leaf, record.concat()));
            }
        }
    }
}

/// The decision with this id.
fn draft_of(id: &str) -> Draft {
    let numbers: u64 = id.split('/').skip(1).take(2).map(|number| number.parse::<u64>().unwrap()).sum();
    decision(&[&format!("p{}", numbers % 5)], "x")
}

fn say(line: &str) {
    // One write a line, so that a kill leaves whole lines.
    std::io::stdout().write_all(format!("\n>{line}\n").as_bytes()).unwrap();
}

#[derive(Default)]
struct Heard {
    /// Record and id, by place.
    acknowledged: BTreeMap<u64, (String, String)>,
    signed: BTreeMap<u64, String>,
    erasures: Vec<u64>,
    kills_while_open: usize,
}

fn run_and_kill(path: &Path, after: Duration, heard: &mut Heard) {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["child", "--exact", "--nocapture"])
        .env(CHILD, path)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let stdout = child.stdout.take().unwrap();
    let (opened, is_open) = std::sync::mpsc::channel();
    let lines = std::thread::spawn(move || {
        let lines = BufReader::new(stdout).lines().map_while(Result::ok);
        lines
            .inspect(|line| {
                if line.starts_with(">open") {
                    opened.send(()).unwrap();
                }
            })
            .collect::<Vec<_>>()
    });
    // Some are killed while they recover, most while they work.
    if !after.as_millis().is_multiple_of(4) {
        is_open.recv_timeout(Duration::from_secs(20)).unwrap();
    }
    std::thread::sleep(after);
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let lines = lines.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(!errors.contains("panicked"), "{errors}");
    let mut open = None;
    for line in lines.iter().filter_map(|line| line.strip_prefix('>')) {
        match line.split(' ').collect::<Vec<_>>().as_slice() {
            ["open", size] => open = Some(size.parse::<u64>().unwrap()),
            ["ack", leaf, record, id] if record.len() == 32 => {
                let own = ((*record).to_owned(), (*id).to_owned());
                let other = heard.acknowledged.insert(leaf.parse().unwrap(), own.clone());
                assert!(other.is_none_or(|other| other == own), "entry {leaf} was given to two records");
            }
            ["signed", size, root] if root.len() == 44 => {
                let other = heard.signed.insert(size.parse().unwrap(), (*root).to_owned());
                assert!(other.is_none_or(|other| other == *root), "two roots of {size} entries");
            }
            ["erased", leaf] => heard.erasures.push(leaf.parse().unwrap()),
            _ => {}
        }
    }
    heard.kills_while_open += usize::from(open.is_some());
}

fn check(reader: &Reader, heard: &Heard) {
    let now = reader.checkpoint().unverified();
    let mut found = BTreeMap::new();
    reader
        .each_row(0..now.size, |row| {
            found.insert(row.leaf, row.record);
            Ok(())
        })
        .unwrap();
    for (leaf, (record, _)) in &heard.acknowledged {
        let row = found.get(leaf).unwrap_or_else(|| panic!("acknowledged entry {leaf} is lost"));
        let hex: Vec<String> = row.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex.concat(), *record, "entry {leaf}");
    }
    for (size, root) in heard.signed.iter().filter(|(size, _)| **size > 0) {
        let proof = reader.prove_consistency(*size).unwrap();
        proof.verify(*size, root.parse().unwrap(), now.size, now.root).unwrap();
    }
    let audit = reader.fsck().unwrap();
    assert_eq!(audit.findings, []);
}

/// Whoever asks again gets the place that was acknowledged, or is told that the record was erased.
fn ask_again(ledger: &Ledger, heard: &Heard) {
    for (leaf, (_, id)) in heard.acknowledged.iter().rev().step_by(7).take(300) {
        match ledger.append_once(vec![(id.clone(), draft_of(id))]).unwrap().wait().unwrap().remove(0) {
            Ok(again) => assert_eq!((again.leaf, again.is_repeat), (*leaf, true), "{id}"),
            Err(error) => {
                assert_eq!(error.message, format!("the record was logged as entry {leaf} and erased since"));
            }
        }
    }
}

#[test]
fn nothing_acknowledged_is_lost_and_no_checkpoint_contradicts_an_earlier_one() {
    if std::env::var_os(CHILD).is_some() {
        return;
    }
    let kills: u64 = std::env::var("GONGDAO_KILLS").map_or(20, |number| number.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    create(dir.path());
    let mut heard = Heard::default();
    let mut state = u64::from(std::process::id());
    println!("seed {state}");
    for _ in 0..kills {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        run_and_kill(dir.path(), Duration::from_millis((state >> 33) % 500), &mut heard);
    }
    let ledger = Ledger::open(setup(folder(dir.path()))).unwrap().0;
    ask_again(&ledger, &heard);
    drop(ledger.close().unwrap());
    check(&reader(dir.path()), &heard);
    let (acknowledged, signed) = (heard.acknowledged.len(), heard.signed.len());
    println!("{acknowledged} acknowledged, {signed} signed, {} erasures", heard.erasures.len());
    println!("{} of {kills} kills met an open ledger", heard.kills_while_open);
    // On a slow machine no erasure may be met in a few kills; `faults.rs` breaks each of its steps.
    assert!(heard.kills_while_open > 0 && acknowledged > 0 && signed > 0, "the kills came before any work");
}

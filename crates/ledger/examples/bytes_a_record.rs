//! Bytes on the disk for each record, and how long logging, sealing, reading and erasing take.
//!
//!     cargo run --release -p gongdao-ledger --example bytes_a_record -- FOLDER [RECORDS]
//!
//! The folder must not exist. Keys and random bytes are those of a test: do not keep the ledger.
#![allow(clippy::print_stdout, clippy::cast_precision_loss, reason = "what it is for")]

use gongdao_ledger::{
    Clock, Draft, Entropy, Erasure, Folder, Ledger, LedgerError, LoggedAt, Reader, Setup, Target, decision_draft,
};
use gongdao_merkle::{NoteSigner, sha256};
use gongdao_model::DecisionRecord;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

struct Fixed(u64);

impl Entropy for Fixed {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        for chunk in bytes.chunks_mut(32) {
            self.0 += 1;
            chunk.copy_from_slice(sha256(&[&self.0.to_be_bytes()]).get(..chunk.len()).unwrap_or_default());
        }
        Ok(())
    }
}

impl Clock for Fixed {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("name a folder that does not exist")?;
    let records: u64 = arguments.next().map_or(Ok(300_000), |records| records.parse())?;
    let storage = Arc::new(Folder::new(&path));
    let signer = || NoteSigner::new("ledger.example".parse().unwrap_or_else(|_| unreachable!()), &[1; 32]);
    Ledger::create(storage.clone(), "ledger.example".parse()?, &signer(), &mut Fixed(1 << 40))?;
    let setup = Setup::new(storage.clone(), signer(), Box::new(Fixed(0)), Box::new(Fixed(0)));
    let (ledger, _) = Ledger::open(setup)?;
    println!("bytes of a record as JSON: {}", serde_json::to_string(&json(records))?.len());
    let started = Instant::now();
    let mut waits = log_with_checkpoints(&ledger, records)?;
    ledger.checkpoint()?;
    say("logged", records, started);
    waits.sort_unstable();
    for hundredth in [50, 99, 100] {
        let wait = waits.get((waits.len() * hundredth).div_ceil(100).saturating_sub(1)).copied().unwrap_or_default();
        println!("acknowledged within {wait:?}: {hundredth} of 100 batches");
    }
    let of_folder = |folder: &str| size(&Path::new(&path).join(folder));
    let (rows, tiles) = (of_folder("rows")?, of_folder("tiles")?);
    let started = Instant::now();
    let slowest = while_logging(&ledger, records, || ledger.seal_segments(1).map(drop))?;
    say("sealed", records, started);
    println!("slowest acknowledgement meanwhile: {slowest:?}");
    let of = |bytes: u64| bytes as f64 / records as f64;
    let segments = of_folder("segments")?;
    println!("bytes a record: rows before sealing {:.1}", of(rows));
    println!(
        "bytes a record: segments {:.1}, tiles and entries {:.1}, both {:.1}",
        of(segments),
        of(tiles),
        of(segments + tiles)
    );
    let reader = Reader::open(storage)?;
    let started = Instant::now();
    let found = reader.audit(0..records)?;
    println!("findings: {}", found.findings.len());
    say("recomputed", records, started);
    let started = Instant::now();
    let target = Target::Person("worker-7".parse()?);
    let erased = ledger.erase(Erasure { target, ground: "cn.pipl/47/1".into(), reference: "example".into() })?;
    println!("groups erased: {}", erased.groups);
    say("searched and rewritten", records, started);
    Ok(())
}

/// Log batches of 2,000 while another thread signs again and again; how long each waited.
fn log_with_checkpoints(ledger: &Ledger, records: u64) -> Result<Vec<Duration>, Box<dyn std::error::Error>> {
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let signing = scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                ledger.checkpoint()?;
                std::thread::sleep(Duration::from_millis(200));
            }
            Ok::<_, LedgerError>(())
        });
        let mut waits = Vec::new();
        for start in (0..records).step_by(2000) {
            let drafts = (start..records.min(start + 2000)).map(draft).collect::<Result<Vec<_>, _>>()?;
            let started = Instant::now();
            ledger.append(drafts)?.wait()?;
            waits.push(started.elapsed());
        }
        is_done.store(true, Ordering::SeqCst);
        signing.join().map_err(|_| "a thread ended")??;
        Ok(waits)
    })
}

/// Log single records while something else runs; the slowest acknowledgement.
fn while_logging(
    ledger: &Ledger,
    first: u64,
    act: impl FnOnce() -> Result<(), LedgerError> + Send,
) -> Result<Duration, Box<dyn std::error::Error>> {
    std::thread::scope(|scope| {
        let running = scope.spawn(act);
        let mut slowest = Duration::ZERO;
        let mut number = first;
        while !running.is_finished() {
            let draft = draft(number)?;
            let started = Instant::now();
            ledger.append(vec![draft])?.wait()?;
            slowest = slowest.max(started.elapsed());
            number += 1;
        }
        running.join().map_err(|_| "a thread ended")??;
        Ok(slowest)
    })
}

/// A dispatch decision with six facts, about one of 10,000 persons.
fn json(number: u64) -> serde_json::Value {
    // Each draws its own number, as unpredictable for a compressor as an order's is.
    let some = |which: u64, below: u64| {
        let block = sha256(&[&number.to_be_bytes(), &which.to_be_bytes()]);
        block.iter().take(7).fold(0, |high, byte| high << 8 | u64::from(*byte)) % below
    };
    let minute = number / 1000;
    serde_json::json!({
        "id": format!("order-{:08}", number * 3 + some(0, 3)),
        "at": format!("2026-05-{:02}T{:02}:{:02}:{:02}Z", 1 + minute / 1440 % 28, minute / 60 % 24, minute % 60, some(8, 60)),
        "action": if some(5, 5) == 0 { "price" } else { "dispatch" },
        "place": if some(6, 2) == 0 { "110000" } else { "310000" },
        "algorithm": "dispatch-v7",
        "person": format!("worker-{}", some(1, 10_000)),
        "principal": { "filed": some(7, 9) != 0, "ageGroup": "adult" },
        "resource": { "consents": ["location", "photo"] },
        "context": {
            "continuousMinutes": some(2, 500), "distanceMetres": some(3, 9000), "amountFen": some(4, 5000),
        },
    })
}

fn draft(number: u64) -> Result<Draft, Box<dyn std::error::Error>> {
    Ok(decision_draft(&serde_json::from_value::<DecisionRecord>(json(number))?)?)
}

fn size(folder: &Path) -> Result<u64, std::io::Error> {
    std::fs::read_dir(folder)?.map(|entry| Ok(entry?.metadata()?.len())).sum()
}

fn say(what: &str, records: u64, started: Instant) {
    let seconds = started.elapsed().as_secs_f64();
    println!("{what}: {records} records in {seconds:.2} s, {:.0} a second", records as f64 / seconds);
}

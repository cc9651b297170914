//! From the first to the hundred-millionth record: does the rate fall, does memory or the start grow?

use super::records::Record;
use super::store::Store;
use super::{bytes_below, each, rate, told};
use crate::machine;
use crate::options::Options;
use gongdao_ledger::{Ledger, decision_draft};
use gongdao_model::DecisionRecord;
use std::io::Write;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

const CALL: u64 = 1000;
const MILLION: u64 = 1_000_000;
const SEALED_AT_ONCE: u64 = 262_144;

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let marks: String = options.value("marks", "1,3,10,30,100".to_owned())?;
    let marks: Vec<u64> = marks.split(',').map(|mark| mark.parse::<u64>().map_err(told)).collect::<Result<_, _>>()?;
    let (threads, persons) = (options.value("threads", 2_usize)?, options.value("persons", 100_000_u64)?);
    let folder: PathBuf = options.value("out", PathBuf::from("target/bench-ledger"))?;
    check_drafts()?;
    let machine = machine::line();
    let store = Store::create(&folder)?;
    let head = "| million records | records a second since the mark before | a processor second | peak memory MiB | of one restart | start s | bytes a record |\n|---|---|---|---|---|---|---|";
    let mut text =
        format!("machine: {machine}\ndata: {persons} persons, {threads} threads, calls of {CALL}\n\n{head}\n");
    say(&text)?;
    let (mut ledger, _) = store.open()?;
    let mut logged = 0;
    for mark in marks {
        machine::forget_peak();
        let (started, busy, until) = (Instant::now(), machine::busy(), mark * MILLION);
        while logged < until {
            // An epoch a million records, as a city closes one an hour or a day.
            let end = until.min(logged + MILLION);
            log(&ledger, logged..end, threads, persons)?;
            ledger.close_epoch().map_err(told)?;
            logged = end;
        }
        ledger.seal_segments(1).map_err(told)?;
        let (wall, processor) = (started.elapsed().as_secs_f64(), machine::busy() - busy);
        let peak = machine::peak_mib();
        let grown = logged - rows_before(&text);
        drop(ledger);
        machine::forget_peak();
        let starting = Instant::now();
        let (again, recovery) = store.open()?;
        let start = starting.elapsed().as_secs_f64();
        ledger = again;
        let (of_start, bytes) = (machine::peak_mib(), bytes_below(&folder));
        let line = format!(
            "| {mark} | {:.0} | {:.0} | {peak} | {of_start} | {start:.2} | {:.1} |\n",
            rate(grown, wall),
            rate(grown, processor),
            each(bytes, recovery.size)
        );
        say(&line)?;
        text.push_str(&line);
    }
    ledger.close().map_err(told)?;
    Ok(text)
}

/// The last mark in the table so far.
fn rows_before(text: &str) -> u64 {
    let last =
        text.trim_end().lines().next_back().and_then(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    last.map_or(0, |mark: u64| mark * MILLION)
}

/// Log a range from several threads, while checkpoints are signed and rows are sealed.
fn log(ledger: &Ledger, numbers: Range<u64>, threads: usize, persons: u64) -> Result<(), String> {
    let (next, is_done) = (AtomicU64::new(numbers.start), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let sealing = scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                ledger.checkpoint().map_err(told)?;
                ledger.seal_segments(SEALED_AT_ONCE).map_err(told)?;
                std::thread::sleep(Duration::from_millis(500));
            }
            Ok::<_, String>(())
        });
        let one = || {
            loop {
                let start = next.fetch_add(CALL, Ordering::SeqCst);
                if start >= numbers.end {
                    return Ok::<_, String>(());
                }
                let drafts = (start..numbers.end.min(start + CALL)).map(|number| Record::of(number, persons).draft());
                let drafts = drafts.collect::<Result<_, _>>().map_err(told)?;
                for placed in ledger.append_once(drafts).and_then(gongdao_ledger::Pending::wait).map_err(told)? {
                    placed.map_err(told)?;
                }
            }
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(one)).collect();
        let done: Result<(), String> =
            running.into_iter().try_for_each(|one| one.join().map_err(|_| "a thread ended".to_owned())?);
        is_done.store(true, Ordering::SeqCst);
        sealing.join().map_err(|_| "a thread ended")??;
        done
    })
}

/// What is logged here is what a decision that is read makes.
fn check_drafts() -> Result<(), String> {
    for number in (0..1000).chain([99_999_999]) {
        let record = Record::of(number, 1000);
        let read: DecisionRecord = serde_json::from_str(&record.line()).map_err(told)?;
        if record.draft().map_err(told)? != (read.id.to_string(), decision_draft(&read).map_err(told)?) {
            return Err(format!("record {number} is another one as JSON"));
        }
    }
    Ok(())
}

fn say(text: &str) -> Result<(), String> {
    std::io::stderr().lock().write_all(text.as_bytes()).map_err(told)
}

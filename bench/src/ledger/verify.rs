//! What it costs to check: one receipt, and every row of a range.

use super::records::Record;
use super::store::{Store, signer};
use super::{micros, rate, told};
use crate::machine;
use crate::options::Options;
use gongdao_ledger::{GroupNumber, Receipt};
use gongdao_merkle::Policy;
use std::path::PathBuf;
use std::time::Instant;

const RECEIPTS: u64 = 32;
const TURNS: u64 = 200;

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let (records, rounds) = (options.value("records", 1_000_000_u64)?, options.value("rounds", 3_usize)?.max(1));
    let parent: PathBuf = options.value("folder", std::env::temp_dir())?;
    let machine = machine::line();
    let room = tempfile::tempdir_in(parent).map_err(told)?;
    let store = Store::create(&room.path().join("ledger"))?;
    let (ledger, _) = store.open()?;
    for start in (0..records).step_by(2000) {
        let drafts = (start..records.min(start + 2000)).map(|number| Record::of(number, 10_000).draft());
        let drafts = drafts.collect::<Result<_, _>>().map_err(told)?;
        ledger.append_once(drafts).and_then(gongdao_ledger::Pending::wait).map_err(told)?;
    }
    ledger.close_epoch().map_err(told)?;
    ledger.seal_segments(1).map_err(told)?;
    ledger.close().map_err(told)?;
    let reader = store.reader()?;
    let receipts: Vec<String> = (0..RECEIPTS)
        .map(|number| Ok(reader.receipt(number * (records / RECEIPTS), GroupNumber(1)).map_err(told)?.to_string()))
        .collect::<Result<_, String>>()?;
    let (policy, count) = (Policy::of_log(signer()?.log_key()), RECEIPTS * TURNS);
    let read = median(rounds, || check(&receipts, |_| Ok(())))?;
    let verified = median(rounds, || check(&receipts, |receipt| receipt.verify(&policy).map(drop).map_err(told)))?;
    // On all cores: time of the whole process, in steps of 10 ms.
    let mut walls = Vec::new();
    let audited = median(rounds, || {
        let (started, before) = (Instant::now(), machine::cpu_time());
        let found = reader.audit(0..records).map_err(told)?;
        walls.push(started.elapsed());
        let first = found.findings.first().map(ToString::to_string);
        first.map_or_else(|| Ok(machine::cpu_time().saturating_sub(before)), Err)
    })?;
    walls.sort_unstable();
    let wall = walls.get(walls.len() / 2).copied().unwrap_or_default();
    let length = receipts.first().map_or(0, String::len);
    Ok(format!(
        "machine: {machine}\ndata: {records} records, sealed; {count} checks of {RECEIPTS} receipts of {length} bytes; processor time, medians of {rounds} rounds\n\n\
         | what | result |\n|---|---|\n\
         | a receipt read from its text | {:.1} µs |\n\
         | read and verified: opening, path of {} hashes, signature | {:.1} µs |\n\
         | rows recomputed by an auditor, a second of one core | {:.0} |\n\
         | the same, a second on all cores | {:.0} |\n",
        micros(read, count),
        records.max(2).ilog2() + 1,
        micros(verified, count),
        rate(records, audited.as_secs_f64()),
        rate(records, wall.as_secs_f64())
    ))
}

fn check(
    receipts: &[String],
    mut act: impl FnMut(&Receipt) -> Result<(), String>,
) -> Result<std::time::Duration, String> {
    let before = machine::thread_time();
    for _ in 0..TURNS {
        for text in receipts {
            act(&Receipt::parse(text.as_bytes()).map_err(told)?)?;
        }
    }
    Ok(machine::thread_time().saturating_sub(before))
}

fn median(
    rounds: usize,
    mut act: impl FnMut() -> Result<std::time::Duration, String>,
) -> Result<std::time::Duration, String> {
    let mut times = (0..rounds).map(|_| act()).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    Ok(times.get(rounds / 2).copied().unwrap_or_default())
}

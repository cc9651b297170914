//! The writer under load from the network, beside `SQLite` and `PostgreSQL` in the same run.

use super::peers::{HEAD, Measured, median};
use super::store::Store;
use super::{bytes_below, hashing, postgres, rate, server, sqlite, told};
use crate::machine;
use crate::options::Options;
use gongdao_ledger::Ledger;
use serde_json::Value;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Signed rows that are put into a segment; a segment holds no more.
const SEALED_AT_ONCE: u64 = 262_144;

struct Plan {
    records: u64,
    connections: u64,
    batch: u64,
    window: u64,
    persons: u64,
    /// Records that are sent a second in the run whose waits are asked for; nothing for no such run.
    per_second: u64,
    /// A checkpoint is signed so often.
    every: Duration,
}

/// One run of the ledger: when the last record was acknowledged, and how long it took until all was sealed.
struct Run {
    measured: Measured,
    sealed: Measured,
    client: Value,
    /// Of hashing alone: records a second, and a second of processor.
    bound: [f64; 2],
    closing: f64,
    checkpoints: u64,
}

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let plan = Plan {
        records: options.value("records", 1_000_000)?,
        connections: options.value("connections", 4)?,
        batch: options.value("batch", 500)?,
        window: options.value("window", 5)?,
        persons: options.value("persons", 10_000)?,
        per_second: options.value("per-second", 100_000)?,
        every: Duration::from_millis(options.value("checkpoint-ms", 1000)?),
    };
    let rounds = options.value("rounds", 3_u64)?.max(1);
    let parent: PathBuf = options.value("folder", std::env::temp_dir())?;
    let programs: PathBuf = options.value("postgres", PathBuf::new())?;
    let peers: String = options.value("peers", "yes".to_owned())?;
    let machine = machine::line();
    let (mut own, mut paced, mut lite, mut large) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..rounds {
        let room = tempfile::tempdir_in(&parent).map_err(told)?;
        // Somebody else runs PostgreSQL, and must be able to come by.
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(room.path(), open).map_err(told)?;
        own.push(once(&room.path().join("ledger"), &plan, 0)?);
        if plan.per_second > 0 {
            paced.push(once(&room.path().join("paced"), &plan, plan.per_second)?);
        }
        if peers == "yes" {
            lite.push(sqlite::run(&room.path().join("sqlite"), plan.records, plan.persons)?);
            if !programs.as_os_str().is_empty() {
                large.push(postgres::run(&programs, &room.path().join("postgres"), plan.records, plan.persons)?);
            }
        }
    }
    own.sort_by(|a, b| a.measured.rate().total_cmp(&b.measured.rate()));
    let middle = own.len() / 2;
    let own = own.into_iter().nth(middle).ok_or("no round")?;
    paced.sort_by(|a, b| waited(a, "p99").total_cmp(&waited(b, "p99")));
    let paced = paced.into_iter().nth(middle);
    report(&machine, &plan, rounds, &own, paced.as_ref(), &[median(lite), median(large)])
}

fn once(folder: &Path, plan: &Plan, per_second: u64) -> Result<Run, String> {
    let bound = hashing::bound(2)?;
    let store = Store::create(folder)?;
    let (ledger, _) = store.open()?;
    let listener = TcpListener::bind("127.0.0.1:0").map_err(told)?;
    let mut client = Command::new(std::env::current_exe().map_err(told)?);
    client.arg("ledger-client").args(["--address", &listener.local_addr().map_err(told)?.to_string()]);
    for (name, value) in [
        ("--records", plan.records),
        ("--connections", plan.connections),
        ("--batch", plan.batch),
        ("--window", plan.window),
        ("--persons", plan.persons),
        ("--per-second", per_second),
    ] {
        client.args([name, &value.to_string()]);
    }
    let (started, busy) = (Instant::now(), machine::busy());
    let is_done = AtomicBool::new(false);
    let (client, wall, processor, checkpoints) = std::thread::scope(|scope| {
        let signing = scope.spawn(|| sign(&ledger, &is_done, plan.every));
        let sealing = scope.spawn(|| seal(&ledger, &is_done));
        let running = client.stdout(Stdio::piped()).spawn().map_err(told)?;
        let served = server::serve(&listener, plan.connections, &ledger);
        let output = running.wait_with_output().map_err(told)?;
        let (wall, processor) = (started.elapsed().as_secs_f64(), machine::busy() - busy);
        is_done.store(true, Ordering::SeqCst);
        let ended = |_| "a thread ended".to_owned();
        let checkpoints = signing.join().map_err(ended)??;
        sealing.join().map_err(ended)??;
        served?;
        let said: Value = serde_json::from_slice(&output.stdout).map_err(told)?;
        Ok::<_, String>((said, wall, processor, checkpoints))
    })?;
    let closing = Instant::now();
    ledger.close_epoch().map_err(told)?;
    let closing = closing.elapsed().as_secs_f64();
    ledger.seal_segments(1).map_err(told)?;
    ledger.close().map_err(told)?;
    let (all, all_busy) = (started.elapsed().as_secs_f64(), machine::busy() - busy);
    let reader = store.reader()?;
    if reader.size() != plan.records + 1 {
        return Err(format!("{} entries for {} records", reader.size(), plan.records));
    }
    let bytes = bytes_below(store.path());
    let name = "ledger, until the last acknowledgement".to_owned();
    let measured = Measured { name, records: plan.records, wall, processor, bytes };
    let name = "ledger, until all is sealed and the epoch closed".to_owned();
    let sealed = Measured { name, wall: all, processor: all_busy, ..measured.clone() };
    Ok(Run { measured, sealed, client, bound, closing, checkpoints })
}

fn sign(ledger: &Ledger, is_done: &AtomicBool, every: Duration) -> Result<u64, String> {
    let mut checkpoints = 0;
    while !is_done.load(Ordering::SeqCst) {
        ledger.checkpoint().map_err(told)?;
        checkpoints += 1;
        std::thread::sleep(every);
    }
    Ok(checkpoints)
}

fn seal(ledger: &Ledger, is_done: &AtomicBool) -> Result<(), String> {
    while !is_done.load(Ordering::SeqCst) {
        ledger.seal_segments(SEALED_AT_ONCE).map_err(told)?;
        std::thread::sleep(Duration::from_millis(500));
    }
    Ok(())
}

/// What the client says of its waits: milliseconds until so many of its requests were acknowledged.
fn waited(run: &Run, share: &str) -> f64 {
    run.client.get(share).and_then(Value::as_f64).unwrap_or(f64::NAN)
}

fn acknowledged(how: &str, run: &Run) -> String {
    let [half, most, nearly, all] = ["p50", "p99", "p999", "most"].map(|share| waited(run, share));
    let (rate, checkpoints) = (run.measured.rate(), run.checkpoints);
    format!(
        "acknowledged {how}, {rate:.0} records a second: half within {half:.1} ms, 99 of 100 within {most:.1} ms, 999 of 1000 within {nearly:.1} ms, all within {all:.1} ms; {checkpoints} checkpoints; the client used {:.1} processor s",
        waited(run, "processor")
    )
}

fn report(
    machine: &str,
    plan: &Plan,
    rounds: u64,
    own: &Run,
    paced: Option<&Run>,
    peers: &[Option<Measured>],
) -> Result<String, String> {
    let mut text = format!(
        "machine: {machine}\ndata: {} records, {} connections, requests of {}, {} on the way, {} persons, a checkpoint every {:?}, {rounds} round(s), medians\n\n{HEAD}\n",
        plan.records, plan.connections, plan.batch, plan.window, plan.persons, plan.every
    );
    writeln!(text, "{}\n{}", own.measured, own.sealed).map_err(told)?;
    for peer in peers.iter().flatten() {
        writeln!(text, "{peer}").map_err(told)?;
    }
    text.push('\n');
    for peer in peers.iter().flatten() {
        writeln!(
            text,
            "ledger, acknowledged, of {}: {:.2} times the records a second, {:.2} times a processor second; sealed {:.2} and {:.2}",
            peer.name,
            own.measured.rate() / peer.rate(),
            own.measured.rate_of_processor() / peer.rate_of_processor(),
            own.sealed.rate() / peer.rate(),
            own.sealed.rate_of_processor() / peer.rate_of_processor()
        )
        .map_err(told)?;
    }
    writeln!(text, "{}", acknowledged("at full speed", own)).map_err(told)?;
    if let Some(paced) = paced {
        writeln!(text, "{}", acknowledged("at the rate that was set", paced)).map_err(told)?;
    }
    writeln!(
        text,
        "hashing alone, 2 threads: {:.0} records a second, {:.0} a processor second; the writer reaches {:.0} % of it by time, {:.0} % by processor, {:.0} % with sealing\nclosing the epoch took {:.2} s ({:.2} s a million records), beside the writer",
        own.bound[0],
        own.bound[1],
        100.0 * own.measured.rate() / own.bound[0],
        100.0 * own.measured.rate_of_processor() / own.bound[1],
        100.0 * own.sealed.rate_of_processor() / own.bound[1],
        own.closing,
        1e6 * own.closing / rate(plan.records, 1.0)
    )
    .map_err(told)?;
    Ok(text)
}

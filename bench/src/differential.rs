//! A long run of the comparison that the kernel's tests and the fuzz target `differential` make short: the two levels
//! beside each other, a world after the other, each from a seed of its own.

#[allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    dead_code,
    reason = "the harness of tests: what it draws is there, and each of its users needs a part of it"
)]
#[path = "../../fuzz/harness/differential/mod.rs"]
mod harness;

use crate::machine;
use crate::options::Options;
use harness::{Draw, Level, Tally};
use std::fmt::Write as _;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Decisions or requests of one world.
const ROWS_OF_A_WORLD: usize = 2_500;
/// The official parser recurses.
const STACK_BYTES: usize = 64 << 20;
const BETWEEN_LINES: Duration = Duration::from_secs(20);

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let (rows, seed) = (options.value("rows", 100_000_u64)?, options.value("seed", 1_u64)?);
    let named: String = options.value("level", "both".to_owned())?;
    let levels: Vec<Level> = Level::ALL.into_iter().filter(|level| named == "both" || named == name(*level)).collect();
    if levels.is_empty() {
        return Err(format!("`--level` cannot be `{named}`; it is rules, language or both"));
    }
    let machine = machine::line();
    let start = Instant::now();
    let mut report = format!("machine: {machine}\nfirst seed {seed}, {ROWS_OF_A_WORLD} rows a world\n");
    let (is_over, share) = (&AtomicBool::new(false), rows.div_ceil(levels.len() as u64));
    let tallies = std::thread::scope(|scope| {
        let running: Vec<_> = levels
            .iter()
            .map(|level| {
                let builder = std::thread::Builder::new().stack_size(STACK_BYTES);
                builder
                    .spawn_scoped(scope, move || worlds(*level, share, seed, is_over))
                    .map_err(|error| error.to_string())
            })
            .collect();
        let ended =
            running.into_iter().map(|one| one?.join().map_err(|_| "the comparison itself failed".to_owned())?);
        ended.collect::<Result<Vec<Tally>, String>>()
    })?;
    let mut total = 0;
    for (level, tally) in levels.iter().zip(tallies) {
        total += tally.rows;
        // Writing into a string cannot fail.
        let _ = writeln!(report, "\n== {}\n{tally}", name(*level));
    }
    let _ = write!(report, "\n{total} rows, no difference, {} seconds", start.elapsed().as_secs());
    Ok(report)
}

fn name(level: Level) -> &'static str {
    match level {
        Level::Rules => "rules",
        Level::Language => "language",
    }
}

/// Worlds of consecutive seeds until so many rows were compared, or a difference was found here or elsewhere.
fn worlds(level: Level, rows: u64, first: u64, is_over: &AtomicBool) -> Result<Tally, String> {
    let mut tally = Tally::default();
    let (start, mut said) = (Instant::now(), Instant::now());
    for seed in first.. {
        if tally.rows >= rows || is_over.load(Ordering::Relaxed) {
            break;
        }
        let world = || harness::compare(level, &mut Draw::seeded(seed), ROWS_OF_A_WORLD, &mut tally);
        let found = catch_unwind(AssertUnwindSafe(world));
        found.unwrap_or_else(|_| Err("one of the two panicked".to_owned())).map_err(|difference| {
            is_over.store(true, Ordering::Relaxed);
            let again =
                format!("cargo run -p gongdao-bench -- differential --level {} --seed {seed} --rows 1", name(level));
            format!("a difference, again by\n  {again}\n{difference}")
        })?;
        if said.elapsed() >= BETWEEN_LINES {
            said = Instant::now();
            let line = format!("{} of {rows} rows, seed {seed}, {} s", tally.rows, start.elapsed().as_secs());
            let _ = writeln!(std::io::stderr().lock(), "{}: {line}", name(level));
        }
    }
    Ok(tally)
}

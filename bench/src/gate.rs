//! The gate in process: one check at a time and batches of 500, beside raw Cedar and regorus, and what the state of persons
//! takes.

mod peers;
#[cfg(feature = "rego")]
mod rego;
pub(crate) mod world;

use crate::audit::rules;
use crate::machine;
use crate::options::Options;
use gongdao_gate::{CheckRequest, Checked, Gate, GateSettings, OracleSettings};
use gongdao_model::Outcome;
use std::fmt::{Display, Write as _};
use std::hint::black_box;
use std::time::{Duration, Instant};
use world::World;

/// One line a measurement.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let (count, persons) = (options.value("sample", 20_000_usize)?, options.value("persons", 1_000_000_u64)?);
    let rounds = options.value("rounds", 5_usize)?.max(1);
    let seed = options.value("seed", 1_u64)?;
    let rules = rules::sixty(options)?;
    let (packs, _) = rules::all(options)?;
    let mut text = format!(
        "machine: {machine}\n{count} decisions of {} rule versions, {persons} persons, 1 thread, {rounds} rounds, seed {seed}\n",
        rules.versions.len()
    );
    for drawn in [world::Drawn::Practices, world::Drawn::Anew] {
        let world = World::draw(&rules, drawn, count, persons, seed)?;
        let settings = GateSettings { oracle: OracleSettings { share: 0.0, wait: false }, ..GateSettings::default() };
        let gate = Gate::new(&packs, &rules, settings.clone(), &world.initial).map_err(told)?;
        let before = machine::resident_mib();
        world.events(&mut |events| gate.apply_all(events).map_err(|(_, refusal)| refusal.to_string()))?;
        let answers = answers(&gate, &world.requests)?;
        let _ = write!(text, "\n## {}\n\n{}", drawn.name(), spread(&answers));
        let _ = writeln!(
            text,
            "state: {} events of {persons} persons, {} bytes a person by its own count, resident memory grew by {} MiB\n",
            world.event_count(),
            gate.state_bytes() as u64 / persons.max(1),
            machine::resident_mib().saturating_sub(before)
        );
        text.push_str("| check | p50 µs | p99 µs | p99.9 µs | checks a second of processor |\n|---|---|---|---|---|\n");
        let sampled = GateSettings { oracle: OracleSettings { share: 0.01, wait: false }, ..settings.clone() };
        for (name, settings) in [("no oracle", settings.clone()), ("oracle on 1 in 100", sampled)] {
            gate.set_settings(settings).map_err(told)?;
            text.push_str(&one_by_one(&gate, &world.requests, rounds, name)?);
            text.push_str(&in_batches(&gate, &world.requests, rounds, name)?);
            gate.settle();
        }
        if let Some(alarm) = gate.alarms().first() {
            return Err(format!("the evaluators differ: {alarm:?}"));
        }
        gate.set_settings(settings).map_err(told)?;
        text.push_str(&peers::table(&rules, &gate, &world, &answers, rounds)?);
    }
    Ok(text)
}

fn told(error: impl Display) -> String {
    error.to_string()
}

fn answers(gate: &Gate, requests: &[CheckRequest]) -> Result<Vec<Checked>, String> {
    requests.chunks(500).flat_map(|batch| gate.check(batch)).map(|answer| answer.map_err(told)).collect()
}

/// How many rules spoke, and how they ended: numbers without which a time says little.
fn spread(answers: &[Checked]) -> String {
    let mut names: Vec<&str> = Vec::new();
    let (mut in_force, mut speaking, mut open, mut facts) = (0_usize, 0_usize, 0_usize, 0_usize);
    for answer in answers.iter().filter_map(|checked| checked.answer.as_ref()) {
        names.push(answer.digest());
        // Of a copy, so that the wholes of thousands do not lie about.
        let answer = answer.clone();
        in_force += answer.rules.len();
        speaking += answer.rules.iter().filter(|verdict| verdict.outcome != Outcome::NotApplicable).count();
        open += usize::from(answer.rules.iter().any(|verdict| verdict.outcome == Outcome::Undetermined));
    }
    facts += answers.iter().map(|checked| checked.seen.person.len() + checked.seen.algorithm.len()).sum::<usize>();
    names.sort_unstable();
    names.dedup();
    let each = |sum: usize| ratio(sum, answers.len());
    format!(
        "a decision: {:.1} rule versions in force, {:.1} of them apply, {:.1} facts joined from the state; {} distinct \
         answers; {:.1} in 100 have an open rule\n",
        each(in_force),
        each(speaking),
        each(facts),
        names.len(),
        100.0 * each(open)
    )
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn ratio(sum: usize, count: usize) -> f64 {
    sum as f64 / count.max(1) as f64
}

/// The time of each check alone, by the clock on the wall; a check that the system interrupts counts as it was.
fn one_by_one(gate: &Gate, requests: &[CheckRequest], rounds: usize, name: &str) -> Result<String, String> {
    let mut times = Vec::with_capacity(requests.len() * rounds);
    let busy = machine::thread_time();
    for _ in 0..rounds {
        for request in requests {
            let start = Instant::now();
            let answer = gate.check(std::slice::from_ref(request));
            times.push(start.elapsed());
            if let Some(Err(refusal)) = black_box(answer).pop() {
                return Err(refusal.to_string());
            }
        }
    }
    let busy = machine::thread_time().saturating_sub(busy);
    let count = times.len();
    times.sort_unstable();
    let at = |thousandths: usize| times.get(count * thousandths / 1_000).copied().unwrap_or_default();
    Ok(line(&format!("1 at a time, {name}"), [at(500), at(990), at(999)], busy, count))
}

fn in_batches(gate: &Gate, requests: &[CheckRequest], rounds: usize, name: &str) -> Result<String, String> {
    let busy = machine::thread_time();
    for _ in 0..rounds {
        for batch in requests.chunks(500) {
            let answers = gate.check(batch);
            if black_box(&answers).iter().any(Result::is_err) {
                return Err("a batch was refused".to_owned());
            }
        }
    }
    let busy = machine::thread_time().saturating_sub(busy);
    Ok(line(&format!("500 at a time, {name}"), [Duration::ZERO; 3], busy, requests.len() * rounds))
}

fn line(name: &str, times: [Duration; 3], busy: Duration, count: usize) -> String {
    let micros =
        times.map(|time| if time.is_zero() { String::new() } else { format!("{:.2}", time.as_secs_f64() * 1e6) });
    let [median, high, highest] = micros;
    let rate = ratio(count, 1) / busy.as_secs_f64().max(1e-9);
    format!("| {name} | {median} | {high} | {highest} | {rate:.0} |\n")
}

//! Raw Cedar and regorus on the same rules and decisions.

use super::ratio;
#[cfg(feature = "rego")]
use super::rego::Rego;
use super::world::World;
use crate::decisions::Decision;
use crate::machine;
use crate::reference::Bench;
use gongdao_gate::{CheckRequest, Checked, Gate};
use gongdao_model::{FactValue, Outcome};
use gongdao_rules::RuleSet;
#[cfg(feature = "rego")]
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Duration;

/// A row a way: the gate one by one and in batches, the kernel's reference, Cedar, regorus; the same decisions for all.
pub(crate) fn table(
    rules: &RuleSet,
    gate: &Gate,
    world: &World,
    answers: &[Checked],
    rounds: usize,
) -> Result<String, String> {
    let joined = world.joined()?;
    // Cedar and Rego skip or assume where a fact is missing, so decisions with an open rule are left out for all.
    let is_clear = |checked: &Checked| {
        // Of a copy, so that the wholes of thousands do not lie about.
        checked
            .answer
            .clone()
            .is_none_or(|told| told.rules.iter().all(|verdict| verdict.outcome != Outcome::Undetermined))
    };
    let clear: Vec<usize> =
        answers.iter().enumerate().filter(|(_, checked)| is_clear(checked)).map(|(row, _)| row).take(5_000).collect();
    let requests: Vec<CheckRequest> = clear.iter().filter_map(|row| world.requests.get(*row)).cloned().collect();
    let decision = |row: &usize| {
        let request = world.requests.get(*row)?;
        let mut facts = joined.get(*row)?.clone();
        for (path, number) in rules.parameters(request.at.date_in_shanghai(), None) {
            facts.insert(path, FactValue::Long(number));
        }
        Some(Decision { at: request.at, action: request.action.clone(), facts })
    };
    let decisions: Vec<Decision> = clear.iter().filter_map(decision).collect();
    #[cfg(feature = "rego")]
    let rego = {
        let violated: Vec<BTreeSet<String>> = clear.iter().filter_map(|row| answers.get(*row)).map(violated).collect();
        let rego = Rego::new(rules, &decisions)?;
        rego.same(&violated)?;
        rego
    };
    let bench = Bench::new(rules, decisions)?;
    let count = requests.len();
    let mut text = format!(
        "\n{count} of the decisions, those on which every rule can be judged, by all of them; processor time, median of \
         {rounds} rounds\n\n| way | microseconds a decision | times the gate's, 1 at a time |\n|---|---|---|\n"
    );
    let mut ways: Vec<(&str, Duration)> = Vec::new();
    for size in [1, 500] {
        let time = median(rounds, || {
            for batch in requests.chunks(size) {
                black_box(gate.check(batch));
            }
            Ok(())
        })?;
        ways.push((
            if size == 1 { "gate, 1 at a time, state joined" } else { "gate, 500 at a time, state joined" },
            time,
        ));
    }
    ways.push((
        "`is_authorized` by action, request built from facts",
        median(rounds, || bench.raw_from_facts().map(drop))?,
    ));
    ways.push((
        "`is_authorized` by action, request built beforehand",
        median(rounds, || {
            black_box(bench.raw_prepared());
            Ok(())
        })?,
    ));
    ways.push(("`Reference::judge`: one verdict a rule", median(rounds, || bench.judge().map(drop))?));
    #[cfg(feature = "rego")]
    for (name, time) in [
        ("regorus by action, interpreter, input built beforehand", median(rounds, || rego.interpreted())?),
        ("regorus by action, its virtual machine, input built beforehand", median(rounds, || rego.machine())?),
    ] {
        ways.push((name, time));
    }
    let first = ways.first().map_or(1.0, |(_, time)| time.as_secs_f64());
    for (name, time) in ways {
        let seconds = time.as_secs_f64();
        let _ = writeln!(text, "| {name} | {:.2} | {:.1} |", seconds * 1e6 / ratio(count, 1), seconds / first);
    }
    Ok(text)
}

#[cfg(feature = "rego")]
fn violated(checked: &Checked) -> BTreeSet<String> {
    let rules = checked.answer.iter().flat_map(|answer| &answer.rules);
    rules.filter(|verdict| verdict.outcome == Outcome::Violated).map(|verdict| verdict.version.to_string()).collect()
}

fn median(rounds: usize, mut work: impl FnMut() -> Result<(), String>) -> Result<Duration, String> {
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        let start = machine::thread_time();
        work()?;
        times.push(machine::thread_time().saturating_sub(start));
    }
    times.sort_unstable();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

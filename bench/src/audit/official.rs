//! The official evaluator in a loop over a sample, scaled to the audit's size, and at the gate.

use super::run::Audit;
use super::{rules, sample, told};
use crate::decisions::Decision;
use crate::machine;
use crate::options::Options;
use crate::reference::Bench;
use gongdao_kernel::{Case, CompiledRules, Judge, Verdicts};
use gongdao_rules::{Judged, Reference, RuleSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

/// The loop beside the kernel.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let rules = rules::sixty(options)?;
    let audit = Audit::read(options)?;
    let count = options.value("sample", 20_000_usize)?;
    let mut found = Vec::new();
    let mut judge = Judge::new(Arc::new(CompiledRules::new(&rules).map_err(told)?));
    let reference = Reference::new(&rules).map_err(told)?;
    for batch in sample::batches(&audit, &rules, count)? {
        let decisions = sample::decisions(&batch, &rules)?;
        same(&judge.judge(&batch).map_err(told)?, &reference, &decisions)?;
        found.extend(decisions);
    }
    let bench = Bench::new(&rules, found)?;
    let judged = timed(|| bench.judge())?;
    let from_facts = timed(|| bench.raw_from_facts())?;
    let prepared = timed(|| Ok(bench.raw_prepared()))?;
    let (_, times) = audit.judge(&rules)?;
    let (own, cpu) = (each(times.whole, times.rows), each(times.cpu, times.rows));
    let mut text = format!(
        "machine: {machine}\n{} decisions for the kernel, from Parquet, states included, {} threads; {} in the loop, facts \
         in memory, 1 thread\n\n| evaluator | processor microseconds a decision | times the kernel's |\n|---|---|---|\n",
        times.rows,
        audit.threads,
        bench.len()
    );
    let names = [
        ("`is_authorized` by action, request built from facts", from_facts),
        ("`is_authorized` by action, request built beforehand", prepared),
        ("`Reference::judge`: one verdict a rule", judged),
    ];
    for (name, time) in names {
        let micros = each(time, bench.len() as u64);
        // Writing into a string cannot fail.
        let _ = writeln!(text, "| {name} | {micros:.1} | {:.0} |", micros / cpu);
    }
    let _ = writeln!(text, "| kernel | {cpu:.3} (wall {own:.3}) | 1 |");
    Ok(text)
}

/// One decision, and batches, as the gate asks.
pub(crate) fn gate(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let rules = rules::sixty(options)?;
    let audit = Audit::read(options)?;
    let count = options.value("sample", 20_000_usize)?;
    let rounds = options.value("rounds", 5_usize)?;
    let decisions = decisions(&audit, &rules, count)?;
    let compiled = Arc::new(CompiledRules::new(&rules).map_err(told)?);
    let mut judge = Judge::new(compiled);
    let reference = Reference::new(&rules).map_err(told)?;
    for size in [1, 500] {
        for decisions in decisions.chunks(size) {
            let cases: Vec<Case<'_>> = decisions.iter().map(case).collect();
            same(&judge.judge_cases(&cases).map_err(told)?, &reference, decisions)?;
        }
    }
    let mut text = format!(
        "machine: {machine}\n{} decisions, {} rule versions, 1 thread, median of {rounds} rounds\n\n\
         | way | processor microseconds a decision | of prepared `is_authorized` |\n|---|---|---|\n",
        decisions.len(),
        rules.versions.len()
    );
    let bench = Bench::new(&rules, decisions)?;
    let mut in_cases = |size: usize| {
        median(rounds, || {
            let cases: Vec<Case<'_>> = bench.decisions().iter().map(case).collect();
            timed(|| {
                for cases in cases.chunks(size) {
                    black_box(judge.judge_cases(cases).map_err(told)?);
                }
                Ok(cases.len())
            })
        })
    };
    let kernel = [(1, in_cases(1)?), (500, in_cases(500)?)];
    let prepared = median(rounds, || timed(|| Ok(bench.raw_prepared())))?;
    let from_facts = median(rounds, || timed(|| bench.raw_from_facts()))?;
    let judged = median(rounds, || timed(|| bench.judge()))?;
    let base = each(prepared, bench.len() as u64);
    let mut line = |name: &str, time: Duration| {
        let micros = each(time, bench.len() as u64);
        let _ = writeln!(text, "| {name} | {micros:.2} | {:.2} |", micros / base);
    };
    for (size, time) in kernel {
        line(&format!("kernel, {size} at a time"), time);
    }
    line("`is_authorized` by action, request built beforehand", prepared);
    line("`is_authorized` by action, from facts", from_facts);
    line("`Reference::judge`", judged);
    Ok(text)
}

/// Every verdict is the reference evaluator's, and so is every cause.
fn same(verdicts: &Verdicts, reference: &Reference, decisions: &[Decision]) -> Result<(), String> {
    for (row, decision) in decisions.iter().enumerate() {
        let expected = reference.judge(decision.at, &decision.action, None, &decision.facts).map_err(told)?;
        let found: Vec<Judged> = verdicts.row(row).collect();
        if found != expected {
            let pair = found.iter().zip(&expected).find(|(found, expected)| found != expected);
            return Err(format!(
                "{} on {}: the kernel and the reference differ: {pair:?}",
                decision.action, decision.at
            ));
        }
    }
    Ok(())
}

fn case(decision: &Decision) -> Case<'_> {
    Case { at: decision.at, action: &decision.action, place: None, facts: &decision.facts }
}

fn decisions(audit: &Audit, rules: &RuleSet, count: usize) -> Result<Vec<Decision>, String> {
    let mut found = Vec::new();
    for batch in sample::batches(audit, rules, count)? {
        found.extend(sample::decisions(&batch, rules)?);
    }
    Ok(found)
}

/// Processor time of the work, which stays on this thread.
pub(super) fn timed(work: impl FnOnce() -> Result<usize, String>) -> Result<Duration, String> {
    let start = machine::thread_time();
    black_box(work()?);
    Ok(machine::thread_time().saturating_sub(start))
}

pub(super) fn median(rounds: usize, mut work: impl FnMut() -> Result<Duration, String>) -> Result<Duration, String> {
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        times.push(work()?);
    }
    times.sort_unstable();
    Ok(times.get(times.len() / 2).copied().unwrap_or_default())
}

/// Microseconds.
#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn each(time: Duration, count: u64) -> f64 {
    time.as_secs_f64() * 1e6 / count.max(1) as f64
}

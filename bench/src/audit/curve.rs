//! What one more rule costs, and one more reading.

use super::official::{median, timed};
use super::run::Audit;
use super::{rules, sample, told};
use crate::machine;
use crate::options::Options;
use gongdao_kernel::{CompiledRules, Judge};
use gongdao_rules::{RuleSet, RuleVersion};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

/// How many versions the points of the curve have.
const POINTS: [usize; 10] = [1, 5, 10, 20, 40, 60, 90, 120, 160, 200];

/// The files must hold every fact: `audit-data --kept all`.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let (packs, all) = rules::all(options)?;
    let audit = Audit::read(options)?;
    let (count, rounds) = (options.value("sample", 500_000_usize)?, options.value("rounds", 3_usize)?);
    let national: Vec<&RuleVersion> =
        all.versions.iter().filter(|version| version.key.to_string().starts_with("cn.")).collect();
    let mut text = format!(
        "machine: {machine}\n{count} decisions in memory, states joined before, batches of {}, 1 thread, median of {rounds}\n\n\
         | rule versions | steps | decisions x versions in scope | processor nanoseconds a decision | of one version in scope |\n\
         |---|---|---|---|---|\n",
        audit.batch
    );
    let sets = points(&national).into_iter().chain(readings(&national));
    for (name, keys) in sets {
        let rules = rules::subset(&packs, &all, &keys)?;
        let point = measure(&audit, &rules, count, rounds)?;
        // Writing into a string cannot fail.
        let _ = writeln!(
            text,
            "| {name} | {} | {} | {:.0} | {:.2} |",
            point.steps,
            point.pairs,
            point.nanos,
            point.nanos * point.rows / point.pairs.max(1.0)
        );
    }
    Ok(text)
}

/// Versions spread over the packs: every 61st of their circle, which meets each once.
fn points(national: &[&RuleVersion]) -> Vec<(String, BTreeSet<String>)> {
    let count = national.len();
    let spread: Vec<String> =
        (0..count).filter_map(|at| Some(national.get(at * 61 % count)?.key.to_string())).collect();
    let point = |size: usize| (size.to_string(), spread.iter().take(size).cloned().collect());
    POINTS.into_iter().filter(|size| *size <= count).map(point).collect()
}

/// The rules that have readings: one reading of each, two, all.
fn readings(national: &[&RuleVersion]) -> Vec<(String, BTreeSet<String>)> {
    let mut by_rule: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for version in national.iter().filter(|version| version.key.reading.is_some()) {
        by_rule.entry(version.key.rule.to_string()).or_default().push(version.key.to_string());
    }
    let with = |most: usize| {
        let keys: BTreeSet<String> = by_rule.values().flat_map(|keys| keys.iter().take(most)).cloned().collect();
        (format!("{} rules, at most {most} readings: {}", by_rule.len(), keys.len()), keys)
    };
    (1..=3).map(with).collect()
}

struct Point {
    rows: f64,
    steps: usize,
    pairs: f64,
    nanos: f64,
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn measure(audit: &Audit, rules: &RuleSet, count: usize, rounds: usize) -> Result<Point, String> {
    let batches = sample::batches(audit, rules, count)?;
    let rows: usize = batches.iter().map(arrow_array::RecordBatch::num_rows).sum();
    let compiled = Arc::new(CompiledRules::new(rules).map_err(told)?);
    let steps = compiled.step_count();
    let mut judge = Judge::new(compiled);
    let mut pairs = 0;
    for batch in &batches {
        pairs += judge.judge(batch).map_err(told)?.versions.iter().map(|version| version.scope.count()).sum::<usize>();
    }
    let time = median(rounds, || {
        timed(|| {
            for batch in &batches {
                black_box(judge.judge(batch).map_err(told)?);
            }
            Ok(rows)
        })
    })?;
    let nanos = time.as_secs_f64() * 1e9 / rows.max(1) as f64;
    Ok(Point { rows: rows as f64, steps, pairs: pairs as f64, nanos })
}

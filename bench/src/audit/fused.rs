//! Twelve of the rules written by hand as one loop over the rows of a batch, beside the kernel on the same batches.

mod rows;

use super::count::Counts;
use super::official::{median, timed};
use super::run::Audit;
use super::{rules, sample, told};
use crate::machine;
use crate::options::Options;
use gongdao_kernel::{CompiledRules, Judge};
use rows::{Facts, Tally};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

/// The twelve, in the order in which the loop counts them.
pub(super) const TWELVE: [&str; 12] = [
    "cn.labour-law/36#daily-hours@1995-01-01",
    "cn.labour-law/38#weekly-rest@1995-01-01",
    "cn.labour-law/41#consulted@1995-01-01",
    "cn.labour-law/44/1/1#overtime-rate@1995-01-01",
    "cn.labour-law/50#no-deduction@1995-01-01?law-or-agreement",
    "cn.catering-guidance/3#fatigue-prompt@2021-07-16?any-gap-ends",
    "cn.catering-guidance/2#lawful-speed@2021-07-16",
    "cn.iisarmp/10#no-push-by-bad-tag@2022-03-01",
    "cn.iisarmp/17/1#honour-non-personal-option@2022-03-01",
    "cn.iisarmp/17/2#deleted-tags-unused@2022-03-01",
    "cn.iisarmp/21#no-unreasonable-difference@2022-03-01?outcome-based",
    "cn.pipl/13/1/1#consent@2021-11-01",
];

pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let (packs, all) = rules::all(options)?;
    let twelve: BTreeSet<String> = TWELVE.iter().map(|key| (*key).to_owned()).collect();
    let rules = rules::subset(&packs, &all, &twelve)?;
    let audit = Audit::read(options)?;
    let (count, rounds) = (options.value("sample", 1_000_000_usize)?, options.value("rounds", 5_usize)?);
    let batches = sample::batches(&audit, &rules, count)?;
    let compiled = Arc::new(CompiledRules::new(&rules).map_err(told)?);
    let mut judge = Judge::new(compiled);
    let (mut by_kernel, mut by_hand) = (Counts::default(), Tally::default());
    let mut kernel = || {
        by_kernel = Counts::default();
        for batch in &batches {
            by_kernel.add(&judge.judge(batch).map_err(told)?);
        }
        Ok(batches.len())
    };
    // The first pass meets words and sets for the first time.
    kernel()?;
    let kernel = median(rounds, || timed(&mut kernel))?;
    let hand = median(rounds, || {
        timed(|| {
            by_hand = Tally::default();
            for batch in &batches {
                Facts::of(batch).judge(&mut by_hand);
            }
            Ok(batches.len())
        })
    })?;
    let mut verdicts_alone = || {
        for batch in &batches {
            black_box(judge.judge(batch).map_err(told)?);
        }
        Ok(batches.len())
    };
    let alone = median(rounds, || timed(&mut verdicts_alone))?;
    for (key, counts) in TWELVE.iter().zip(by_hand.0) {
        let version = rules.versions.iter().position(|version| version.key.to_string() == *key);
        let kernel = version.and_then(|version| by_kernel.versions.get(&version)).map(|counts| &counts[..3]);
        if kernel != Some(&counts[..]) {
            return Err(format!("{key}: {kernel:?} by the kernel, {counts:?} by hand (met, unmet, open)"));
        }
    }
    Ok(report(
        &machine,
        by_kernel.rows,
        [("by hand", hand), ("kernel, counted", kernel), ("kernel, verdicts alone", alone)],
    ))
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn report(machine: &str, rows: u64, lines: [(&str, Duration); 3]) -> String {
    let [(_, hand), ..] = lines;
    let mut text = format!(
        "machine: {machine}\n{rows} decisions in memory, 12 rule versions, 1 thread; counts are equal\n\n\
         | loop | processor seconds | nanoseconds a decision | of the loop by hand |\n|---|---|---|---|"
    );
    for (name, time) in lines {
        let seconds = time.as_secs_f64();
        let (nanos, ratio) = (seconds * 1e9 / rows.max(1) as f64, seconds / hand.as_secs_f64());
        // Writing into a string cannot fail.
        let _ = write!(text, "\n| {name} | {seconds:.3} | {nanos:.1} | {ratio:.2} |");
    }
    text
}

//! Declared against actual: an algorithm version's published rule is run again on the logged factors (docs/formats/algorithm.md).
//!
//! In: the version's TOML file and a table or view with one row a decision. Out: the share of decisions that the rule
//! reproduces, how far the others are off, which declared factor it does better without, and which logged columns account for
//! what is left. One pass, memory for a sample of 20,000 rows. Nothing here is a verdict: it says where to look.

mod bins;
mod column;
mod group;
mod input;
mod removal;
mod rule;
mod sample;
mod spec;
mod tally;
#[cfg(test)]
mod tests;

pub use spec::{AlgorithmVersion, OnnxSpec, RuleSpec, Tolerance};

use crate::AuditError;
use crate::query::sql_error;
use crate::summary::{DeclaredFlag, DeclaredRow, DeclaredRule};
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use gongdao_stats::{Share, wilson_interval};
use input::Input;
use rule::Rule;
use tally::Tally;

/// Comparisons of fewer rows say nothing of one decision's size that could not be read off the decision itself.
const LEAST_ROWS: u64 = 10;
/// Something stands out below this adjusted p-value.
const LEVEL: f64 = 0.05;

/// Check what can be checked before any decision is read: columns, expression, model and digest.
pub async fn check(context: &SessionContext, version: &AlgorithmVersion) -> Result<(), AuditError> {
    let input = Input::open(context, version).await?;
    Rule::open(context, version, input.factor_schema()).map(drop)
}

/// Run an algorithm version's declared rule over the tables and views of `context`. Fails where a table or column that it names
/// is not there, where the model is not the one of its digest, or where the rule cannot be run.
pub async fn run(context: &SessionContext, version: &AlgorithmVersion) -> Result<DeclaredRow, AuditError> {
    let input = Input::open(context, version).await?;
    let rule = Rule::open(context, version, input.factor_schema())?;
    let mut tally = Tally::new(version, &input);
    let failed = |error| sql_error(&version.file, &error);
    let mut stream = input.frame.clone().execute_stream().await.map_err(failed)?;
    while let Some(batch) = stream.next().await {
        tally.add(&rule, &batch.map_err(failed)?)?;
    }
    row(version, &input, &rule, tally)
}

fn row(version: &AlgorithmVersion, input: &Input, rule: &Rule, tally: Tally<'_>) -> Result<DeclaredRow, AuditError> {
    let share = Share::new(tally.rows.reproduced, tally.rows.recomputed);
    let interval = wilson_interval(share);
    let flag = match tally.rows.recomputed {
        0 => DeclaredFlag::CannotTell,
        all if all == tally.rows.reproduced => DeclaredFlag::Reproduced,
        _ => DeclaredFlag::Differs,
    };
    let mut differences = None;
    let (mut removals, mut columns) = (Vec::new(), Vec::new());
    if tally.rows.recomputed >= LEAST_ROWS {
        let rows = tally.sample.rows();
        removals = removal::removals(version, input, rule, &rows)?;
        columns = column::columns(version, input, &rows);
        differences = Some(bins::differences(version, &tally, &rows));
    }
    Ok(DeclaredRow {
        algorithm: version.algorithm.clone(),
        from: version.from,
        until: version.until,
        version: version.version.clone(),
        title: version.title.clone(),
        note: version.note.clone(),
        provisions: version.provisions.clone(),
        rule: described(&version.rule),
        query: version.query.clone(),
        outcome: version.outcome.clone(),
        unit: version.unit.clone(),
        factors: version.factors.clone(),
        tolerance_absolute: version.tolerance.absolute,
        tolerance_relative: version.tolerance.relative,
        share: share.rate(),
        share_low: interval.map(|interval| interval.low),
        share_high: interval.map(|interval| interval.high),
        flag,
        differences,
        removals,
        columns,
        columns_left_out: input.left_out.clone(),
        examples: tally.examples,
        rows: tally.rows,
    })
}

fn described(rule: &RuleSpec) -> DeclaredRule {
    match rule {
        RuleSpec::Expression(text) => DeclaredRule::Expression(text.clone()),
        RuleSpec::Onnx(own) => DeclaredRule::Onnx {
            digest: own.digest.clone(),
            inputs: own.inputs.clone(),
            output: own.output.clone(),
            column: own.column,
        },
    }
}

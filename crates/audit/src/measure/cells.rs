//! Distinct numbers with how often they stand, as the engine counts them for resampling.

use super::query::{Lines, collect, frame, quoted, text};
use super::{MeasureSpec, ResampledQuantity};
use crate::AuditError;
use datafusion::prelude::SessionContext;
use gongdao_stats::{Atom, real};
use std::collections::BTreeMap;

/// Most distinct numbers (or clusters) of one measure that are resampled: about half a minute a row of the report, and a hundred megabytes.
pub(super) const MOST_CELLS: usize = 250_000;
/// Larger numbers are no numbers here: a hundred thousand million rows of them can still be summed up exactly.
const LARGEST: &str = "1e15";
/// Numbers are taken to nine decimals, so that sums do not depend on the order of the rows.
const EXACT: &str = "DECIMAL(38, 9)";

/// What is counted.
pub(super) struct Counted<'a> {
    pub quantity: &'a ResampledQuantity,
    /// The column of the number.
    pub column: &'a str,
    /// The side of a row, as SQL; rows without one are left out.
    pub side: &'a str,
    /// Columns held equal.
    pub strata: Vec<&'a str>,
    pub cluster: Option<&'a str>,
}

/// One place's cells.
#[derive(Debug, Default)]
pub(super) struct Counts {
    pub atoms: Vec<Atom>,
    /// By number of the stratum: whether every stratifying value is there.
    pub strata: Vec<bool>,
    /// Rows without the number.
    pub missing: u64,
}

/// Count the measure's rows by place.
pub(super) async fn count(
    context: &SessionContext,
    spec: &MeasureSpec,
    counted: &Counted<'_>,
) -> Result<BTreeMap<Vec<String>, Counts>, AuditError> {
    let mut found = BTreeMap::new();
    let sql = sql(spec, counted);
    for lines in collect(spec, frame(context, spec, &sql).await?).await? {
        read(spec, counted, &lines, &mut found)?;
    }
    if found.values().map(Vec::len).sum::<usize>() > MOST_CELLS {
        return Err(too_many(spec));
    }
    found.into_iter().map(|(place, lines)| Ok((place, numbered(spec, counted, &lines)?))).collect()
}

impl Counted<'_> {
    /// A mean or ratio of a cluster rests on its sums alone.
    fn is_summed(&self) -> bool {
        let adds_up = matches!(self.quantity, ResampledQuantity::Mean | ResampledQuantity::Ratio { .. });
        adds_up && self.cluster.is_some()
    }
}

fn sql(spec: &MeasureSpec, counted: &Counted<'_>) -> String {
    let exact = |name: &str| {
        let number = format!("CAST({} AS DOUBLE)", quoted(name));
        format!("CASE WHEN ABS({number}) <= {LARGEST} THEN TRY_CAST({number} AS {EXACT}) END")
    };
    let base = match counted.quantity {
        ResampledQuantity::Ratio { per } => exact(per),
        _ => format!("CAST(1 AS {EXACT})"),
    };
    let mut keys: Vec<String> = spec.within.iter().map(|name| text(name)).collect();
    keys.push(counted.side.to_owned());
    keys.extend(counted.strata.iter().map(|name| text(name)));
    keys.push(counted.cluster.map_or_else(|| "''".to_owned(), text));
    let named: Vec<String> = keys.iter().enumerate().map(|(place, key)| format!("{key} AS k{place}")).collect();
    let mut groups: Vec<String> = (0..keys.len()).map(|place| format!("k{place}")).collect();
    let keys = groups.join(", ");
    let (number, base_of_row) = if counted.is_summed() {
        ("SUM(number)", "SUM(base)")
    } else {
        groups.extend(["number".to_owned(), "base".to_owned()]);
        ("number", "base")
    };
    // The query stands on its own lines: it may end in a comment. A row without either number has neither.
    format!(
        "SELECT {keys}, {number}, {base_of_row}, COUNT(number), COUNT(*) - COUNT(number), MIN(number), MIN(base) FROM (\
         SELECT {keys}, CASE WHEN base_read IS NOT NULL THEN number_read END AS number, \
         CASE WHEN number_read IS NOT NULL THEN base_read END AS base FROM (\
         SELECT {}, {} AS number_read, {base} AS base_read FROM (\n{}\n) AS measured WHERE {} IS NOT NULL\
         ) AS keyed) AS paired GROUP BY {} LIMIT {}",
        named.join(", "),
        exact(counted.column),
        spec.sql,
        counted.side,
        groups.join(", "),
        MOST_CELLS + 1
    )
}

/// One line of the engine.
struct Line {
    in_group: bool,
    stratum: Option<Vec<String>>,
    cluster: String,
    number: f64,
    base: f64,
    count: u64,
    missing: u64,
    least: (f64, f64),
}

fn read(
    spec: &MeasureSpec,
    counted: &Counted<'_>,
    lines: &Lines,
    found: &mut BTreeMap<Vec<String>, Vec<Line>>,
) -> Result<(), AuditError> {
    let (within, strata) = (spec.within.len(), counted.strata.len());
    let first = within + strata + 2;
    let keys: Vec<_> = (0..first).map(|place| lines.texts(spec, place)).collect::<Result<_, _>>()?;
    let number = |place: usize| lines.numbers(spec, first + place);
    let (numbers, bases, least_numbers, least_bases) = (number(0)?, number(1)?, number(4)?, number(5)?);
    let (counts, missing) = (lines.counts(spec, first + 2)?, lines.counts(spec, first + 3)?);
    for line in 0..lines.len() {
        let key = |place: usize| keys.get(place).and_then(|texts| texts.get(line)).cloned().flatten();
        let number = |numbers: &[Option<f64>]| numbers.get(line).copied().flatten().unwrap_or(0.0);
        let count = |counts: &[u64]| counts.get(line).copied().unwrap_or(0);
        // A cell of a summed cluster is its mean row.
        let rows = if counted.is_summed() { real(count(&counts).max(1)) } else { 1.0 };
        let place = (0..within).map(|place| key(place).unwrap_or_default()).collect();
        found.entry(place).or_default().push(Line {
            in_group: key(within).as_deref() == Some("a"),
            stratum: (within + 1..within + 1 + strata).map(key).collect(),
            cluster: key(within + 1 + strata).unwrap_or_default(),
            number: number(&numbers) / rows,
            base: number(&bases) / rows,
            count: count(&counts),
            missing: count(&missing),
            least: (number(&least_numbers), number(&least_bases)),
        });
    }
    Ok(())
}

/// Texts become numbers in their own order: the engine's is not fixed, and draws depend on it.
fn numbered(spec: &MeasureSpec, counted: &Counted<'_>, lines: &[Line]) -> Result<Counts, AuditError> {
    let (mut strata, mut clusters) = (BTreeMap::new(), BTreeMap::new());
    for line in lines.iter().filter(|line| line.count > 0) {
        strata.insert(&line.stratum, 0);
        clusters.insert(line.cluster.as_str(), 0);
    }
    strata.values_mut().enumerate().for_each(|(number, slot)| *slot = number);
    clusters.values_mut().enumerate().for_each(|(number, slot)| *slot = number);
    let mut counts = Counts { strata: strata.keys().map(|stratum| stratum.is_some()).collect(), ..Counts::default() };
    for line in lines {
        counts.missing += line.missing;
        if line.count == 0 {
            continue;
        }
        check_sign(spec, counted, line)?;
        counts.atoms.push(Atom {
            cluster: clusters.get(line.cluster.as_str()).copied().unwrap_or(0),
            stratum: strata.get(&line.stratum).copied().unwrap_or(0),
            in_group: line.in_group,
            number: line.number,
            base: line.base,
            count: line.count,
        });
    }
    Ok(counts)
}

fn check_sign(spec: &MeasureSpec, counted: &Counted<'_>, line: &Line) -> Result<(), AuditError> {
    let column = match counted.quantity {
        ResampledQuantity::Gini if line.least.0 < 0.0 => counted.column,
        ResampledQuantity::Ratio { per } if line.least.1 < 0.0 => per,
        _ => return Ok(()),
    };
    Err(AuditError::new(
        &spec.sql_file,
        format!("the query of measure `{}` gives a `{column}` below 0", spec.id),
        "a Gini coefficient and the lower part of a ratio are of amounts, 0 or more; leave other rows out in the query",
    ))
}

fn too_many(spec: &MeasureSpec) -> AuditError {
    AuditError::new(
        &spec.sql_file,
        format!("measure `{}` has more than {MOST_CELLS} different numbers or clusters to resample", spec.id),
        "round the number in the query (`ROUND(pay, 2)`), or put clusters together there: nothing is thinned out unasked",
    )
}

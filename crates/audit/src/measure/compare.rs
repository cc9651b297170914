//! From the sums of a query to the rows of a comparison.

use super::query::{Lines, collect, frame, quoted, side_of, text};
use super::row::{Draft, Estimate, Rows, draft, finish};
use super::words::{self, Method};
use super::{Comparison, MeasureSpec};
use crate::AuditError;
use crate::summary::MeasureRow;
use datafusion::prelude::SessionContext;
use gongdao_stats::{
    ClusterCell, Moments, Share, StratumTable, clustered_stratified_difference, katz_ratio, mantel_haenszel,
    minimal_detectable_difference, minimal_detectable_from_error, newcombe_difference, real, two_by_two, welch,
};
use std::collections::{BTreeMap, BTreeSet};

/// Numbers beyond it are not averaged; their squares could not be added up.
const LARGEST: &str = "1e150";

/// Rows of one group, place, stratum and cluster, summed up by the engine.
#[derive(Debug, Clone)]
struct Cell {
    in_a: bool,
    /// None where a stratifying value is missing.
    stratum: Option<Vec<String>>,
    cluster: String,
    share: Share,
    moments: Moments,
    missing: u64,
}

type Places = BTreeMap<Vec<String>, Vec<Cell>>;

/// Compare how often the outcome happens: per place a crude row and, with confounders, a pooled one.
pub(super) async fn shares(
    context: &SessionContext,
    spec: &MeasureSpec,
    own: &Comparison,
) -> Result<Vec<MeasureRow>, AuditError> {
    let outcome = format!("CAST({} AS BOOLEAN)", quoted(&own.outcome));
    let sums =
        ["COUNT(seen)", "SUM(CASE WHEN seen THEN 1 ELSE 0 END)", "SUM(CASE WHEN seen IS NULL THEN 1 ELSE 0 END)"];
    let mut drafts = Vec::new();
    for (place, cells) in places(context, spec, own, &outcome, &sums).await? {
        drafts.push(draft(spec, own, &place, &rows(own, &cells, 0), &crude_share(own, &cells)));
        if !own.confounders.is_empty() {
            let (kept, left_out) = comparable(own, &cells);
            drafts.push(draft(spec, own, &place, &rows(own, &kept, left_out), &pooled_share(own, &kept)));
        }
    }
    Ok(finish(own, drafts))
}

/// Compare a mean: one row a place.
pub(super) async fn means(
    context: &SessionContext,
    spec: &MeasureSpec,
    own: &Comparison,
) -> Result<Vec<MeasureRow>, AuditError> {
    let number = format!("CAST({} AS DOUBLE)", quoted(&own.outcome));
    // What is no finite number is missing: one NaN would make the whole mean one. NaN stands above all numbers here.
    let outcome = format!("CASE WHEN ABS({number}) <= {LARGEST} THEN {number} END");
    let sums = ["COUNT(seen)", "AVG(seen)", "SUM(CASE WHEN seen IS NULL THEN 1 ELSE 0 END)", "VAR_POP(seen)"];
    let drafts = places(context, spec, own, &outcome, &sums).await?;
    let row =
        |(place, cells): (Vec<String>, Vec<Cell>)| draft(spec, own, &place, &rows(own, &cells, 0), &crude_mean(&cells));
    Ok(finish(own, drafts.into_iter().map(row).collect::<Vec<Draft>>()))
}

/// The measure's query, summed up by place, group, stratum and cluster.
async fn places(
    context: &SessionContext,
    spec: &MeasureSpec,
    own: &Comparison,
    outcome: &str,
    sums: &[&str],
) -> Result<Places, AuditError> {
    let side = side_of(own);
    let mut keys: Vec<String> = spec.within.iter().map(|name| text(name)).collect();
    keys.push(side.clone());
    keys.extend(own.confounders.iter().map(|confounder| text(&confounder.column)));
    keys.push(own.cluster.as_ref().map_or_else(|| "''".to_owned(), |name| text(name)));
    let named: Vec<String> = keys.iter().enumerate().map(|(place, key)| format!("{key} AS k{place}")).collect();
    // The query stands on its own lines: it may end in a comment.
    let inner = format!(
        "SELECT {}, {outcome} AS seen FROM (\n{}\n) AS measured WHERE {side} IS NOT NULL",
        named.join(", "),
        spec.sql
    );
    let keys: Vec<String> = (0..keys.len()).map(|place| format!("k{place}")).collect();
    let keys = keys.join(", ");
    let sql = format!("SELECT {keys}, {} FROM ({inner}) AS keyed GROUP BY {keys} ORDER BY {keys}", sums.join(", "));
    let mut places = Places::new();
    for lines in collect(spec, frame(context, spec, &sql).await?).await? {
        read_cells(spec, own, &lines, sums.len() > 3, &mut places)?;
    }
    Ok(places)
}

fn read_cells(
    spec: &MeasureSpec,
    own: &Comparison,
    lines: &Lines,
    is_mean: bool,
    places: &mut Places,
) -> Result<(), AuditError> {
    let within = spec.within.len();
    let strata = own.confounders.len();
    let first_sum = within + strata + 2;
    let keys: Vec<_> = (0..first_sum).map(|place| lines.texts(spec, place)).collect::<Result<_, _>>()?;
    let counts = lines.counts(spec, first_sum)?;
    let missing = lines.counts(spec, first_sum + 2)?;
    let events = if is_mean { Vec::new() } else { lines.counts(spec, first_sum + 1)? };
    let averages = if is_mean { lines.numbers(spec, first_sum + 1)? } else { Vec::new() };
    let variances = if is_mean { lines.numbers(spec, first_sum + 3)? } else { Vec::new() };
    for line in 0..lines.len() {
        let key = |place: usize| keys.get(place).and_then(|texts| texts.get(line)).cloned().flatten();
        let count = |counts: &[u64]| counts.get(line).copied().unwrap_or(0);
        let number = |numbers: &[Option<f64>]| numbers.get(line).copied().flatten().unwrap_or(0.0);
        let total = count(&counts);
        let cell = Cell {
            in_a: key(within).as_deref() == Some("a"),
            stratum: (within + 1..within + 1 + strata).map(key).collect(),
            cluster: key(within + 1 + strata).unwrap_or_default(),
            share: Share::new(count(&events), total),
            moments: Moments { count: total, mean: number(&averages), squares: number(&variances) * real(total) },
            missing: count(&missing),
        };
        places.entry((0..within).map(|place| key(place).unwrap_or_default()).collect()).or_default().push(cell);
    }
    Ok(())
}

fn rows(own: &Comparison, cells: &[Cell], left_out: u64) -> Rows {
    Rows {
        a: side(cells, true).total,
        b: side(cells, false).total,
        missing: cells.iter().map(|cell| cell.missing).sum(),
        left_out,
        thin: own.cluster.as_ref().map(|_| words::fewer_than_two(own)),
    }
}

fn side(cells: &[Cell], in_a: bool) -> Share {
    cells
        .iter()
        .filter(|cell| cell.in_a == in_a)
        .fold(Share::default(), |sum, cell| Share::new(sum.events + cell.share.events, sum.total + cell.share.total))
}

/// The cells whose stratum holds both groups, and how many rows the others hold. Where clusters count, a stratum needs two on
/// each side, or it would add to the difference and not to its error; with no such stratum the difference stands without a test.
fn comparable(own: &Comparison, cells: &[Cell]) -> (Vec<Cell>, u64) {
    let mut sides: BTreeMap<&Vec<String>, [BTreeSet<&str>; 2]> = BTreeMap::new();
    for cell in cells.iter().filter(|cell| cell.share.total > 0) {
        if let Some(stratum) = &cell.stratum {
            let [a, b] = sides.entry(stratum).or_default();
            (if cell.in_a { a } else { b }).insert(&cell.cluster);
        }
    }
    let holds = |stratum: &Vec<String>, least: usize| {
        sides.get(stratum).is_some_and(|sides| sides.iter().all(|clusters| clusters.len() >= least))
    };
    let least = if own.cluster.is_some() && sides.keys().any(|stratum| holds(stratum, 2)) { 2 } else { 1 };
    let is_kept = |cell: &&Cell| cell.stratum.as_ref().is_some_and(|stratum| holds(stratum, least));
    let kept: Vec<Cell> = cells.iter().filter(is_kept).cloned().collect();
    let rows = |cells: &[Cell]| cells.iter().map(|cell| cell.share.total).sum::<u64>();
    let left_out = rows(cells).saturating_sub(rows(&kept));
    (kept, left_out)
}

fn crude_share(own: &Comparison, cells: &[Cell]) -> Estimate {
    let (a, b) = (side(cells, true), side(cells, false));
    let rates = (a.rate(), b.rate());
    let crude_ratio = rates.0.zip(rates.1).filter(|(_, b)| *b > 0.0).map(|(a, b)| a / b);
    if own.cluster.is_some() {
        // Never the plain test instead: rows of one cluster are not independent, and it would be too sure.
        let found = clustered_stratified_difference(&cluster_cells(cells, false));
        return Estimate {
            method: found.map_or(Method::NoClusterError, |found| Method::Clustered(found.clusters)),
            rates,
            difference: rates.0.zip(rates.1).map(|(a, b)| a - b),
            interval: found.map(|found| found.interval),
            ratio: crude_ratio.map(|ratio| (ratio, None)),
            p: found.map(|found| found.p),
            least_seen: found.and_then(|found| minimal_detectable_from_error(found.error, Some(found.freedom))),
        };
    }
    let test = two_by_two(a, b);
    let difference = newcombe_difference(a, b);
    let interval = katz_ratio(a, b).map(|(_, interval)| interval);
    Estimate {
        method: Method::Counts(test.map(|(_, test)| test)),
        rates,
        difference: difference.map(|(difference, _)| difference),
        interval: difference.map(|(_, interval)| interval),
        ratio: crude_ratio.map(|ratio| (ratio, interval)),
        p: test.map(|(p, _)| p),
        least_seen: minimal_detectable_difference(a, b),
    }
}

fn pooled_share(own: &Comparison, cells: &[Cell]) -> Estimate {
    let tables = strata(cells);
    let weight = |table: &StratumTable| {
        let (a, b) = (real(table.group.total), real(table.reference.total));
        a * b / (a + b)
    };
    // The rates are weighted as the difference is, so that one less the other gives it.
    let weights: f64 = tables.iter().map(weight).sum();
    let standard = |pick: fn(&StratumTable) -> Share| {
        let sum: f64 = tables.iter().map(|table| weight(table) * pick(table).rate().unwrap_or(0.0)).sum();
        (weights > 0.0).then(|| sum / weights)
    };
    let rates = (standard(|table| table.group), standard(|table| table.reference));
    let ratio = rates.0.zip(rates.1).filter(|(_, b)| *b > 0.0).map(|(a, b)| (a / b, None));
    let (method, found) = if own.cluster.is_some() {
        let found = clustered_stratified_difference(&cluster_cells(cells, true));
        let method = found.map_or(Method::NoPooledClusterError(tables.len()), |found| {
            Method::PooledClustered(found.strata, found.clusters)
        });
        let least = found.and_then(|found| minimal_detectable_from_error(found.error, Some(found.freedom)));
        (method, found.map(|found| (found.interval, found.p, least)))
    } else {
        let found = mantel_haenszel(&tables);
        let method = found.map_or(Method::NoPooledError(tables.len()), |found| Method::Pooled(found.strata));
        let least = found.and_then(|found| minimal_detectable_from_error(found.error, None));
        (method, found.map(|found| (found.interval, found.p, least)))
    };
    Estimate {
        method,
        rates,
        difference: rates.0.zip(rates.1).map(|(a, b)| a - b),
        interval: found.map(|(interval, _, _)| interval),
        ratio,
        p: found.map(|(_, p, _)| p),
        least_seen: found.and_then(|(_, _, least)| least),
    }
}

fn crude_mean(cells: &[Cell]) -> Estimate {
    let moments = |in_a: bool| {
        cells.iter().filter(|cell| cell.in_a == in_a).fold(Moments::default(), |sum, cell| sum.merge(cell.moments))
    };
    let (a, b) = (moments(true), moments(false));
    let mean = |moments: Moments| (moments.count > 0).then_some(moments.mean);
    let rates = (mean(a), mean(b));
    let found = welch(a, b);
    Estimate {
        method: if found.is_some() { Method::Welch } else { Method::NoWelch },
        rates,
        difference: rates.0.zip(rates.1).map(|(a, b)| a - b),
        interval: found.map(|found| found.interval),
        ratio: rates.0.zip(rates.1).filter(|(_, b)| *b != 0.0).map(|(a, b)| (a / b, None)),
        p: found.map(|found| found.p),
        least_seen: found.and_then(|found| minimal_detectable_from_error(found.error, Some(found.freedom))),
    }
}

fn strata(cells: &[Cell]) -> Vec<StratumTable> {
    let mut tables: BTreeMap<&Option<Vec<String>>, StratumTable> = BTreeMap::new();
    for cell in cells {
        let table = tables.entry(&cell.stratum).or_default();
        let side = if cell.in_a { &mut table.group } else { &mut table.reference };
        side.events += cell.share.events;
        side.total += cell.share.total;
    }
    tables.into_values().filter(|table| table.is_comparable()).collect()
}

fn cluster_cells(cells: &[Cell], stratified: bool) -> Vec<ClusterCell> {
    fn number<'a, T: Ord + ?Sized>(seen: &mut BTreeMap<&'a T, usize>, key: &'a T) -> usize {
        let next = seen.len();
        *seen.entry(key).or_insert(next)
    }
    let (mut clusters, mut strata) = (BTreeMap::new(), BTreeMap::new());
    let filled = cells.iter().filter(|cell| cell.share.total > 0);
    filled
        .map(|cell| ClusterCell {
            cluster: number(&mut clusters, cell.cluster.as_str()),
            stratum: if stratified { number(&mut strata, &cell.stratum) } else { 0 },
            in_group: cell.in_a,
            share: cell.share,
        })
        .collect()
}

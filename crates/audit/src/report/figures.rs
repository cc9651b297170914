//! Counts and descriptive numbers, a table a measure, with the first number drawn as bars.

use super::article::anchor;
use super::bar::percent;
use super::wording::{cite, count, decimal, integer, pick, unit};
use crate::summary::{FigureRow, Summary};
use gongdao_i18n::{I18nError, Words};
use serde::Serialize;

/// Tables up to so many lines stand open.
const OPEN_LINES: usize = 12;

/// Units that go without saying.
const BARE: [&str; 2] = ["rows", "gini"];

/// All numbers of one measure.
#[derive(Debug, Serialize)]
pub(super) struct Figures {
    pub anchor: String,
    pub title: String,
    pub article: String,
    pub note: Option<String>,
    /// How the intervals were found, where there are some.
    pub methods: Vec<String>,
    /// Names of the columns that say where a line belongs.
    pub place: String,
    /// Each number's name with its unit.
    pub columns: Vec<String>,
    pub lines: Vec<Line>,
    pub open: bool,
}

#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub place: String,
    pub n: String,
    /// One a column.
    pub values: Vec<String>,
    /// Width of the first number's bar; none where it is withheld or not above nothing.
    pub width: Option<String>,
}

/// One table a measure, in the order of the rows.
pub(super) fn figures(words: Words<'_>, summary: &Summary) -> Result<Vec<Figures>, I18nError> {
    let mut order: Vec<&str> = Vec::new();
    for row in &summary.figures {
        if !order.contains(&row.measure.as_str()) {
            order.push(&row.measure);
        }
    }
    order.into_iter().filter_map(|measure| table(words, summary, measure).transpose()).collect()
}

fn table(words: Words<'_>, summary: &Summary, measure: &str) -> Result<Option<Figures>, I18nError> {
    let rows: Vec<&FigureRow> = summary.figures.iter().filter(|row| row.measure == measure).collect();
    let Some(first) = rows.first() else { return Ok(None) };
    let mut columns: Vec<&FigureRow> = Vec::new();
    for row in &rows {
        if column_of(&columns, row).is_none() {
            columns.push(row);
        }
    }
    let highest =
        rows.iter().filter(|row| row.label == first.label).filter_map(|row| row.value).fold(0.0_f64, f64::max);
    let lines = lines(&columns, &rows);
    let lines: Vec<Line> = lines.iter().map(|line| Line::new(words, line, highest)).collect::<Result<_, _>>()?;
    let provision = summary.provisions.iter().find(|provision| provision.id == first.provision);
    let named = |row: &&FigureRow| {
        let label = pick(words, &row.label);
        if BARE.contains(&row.unit.as_str()) { label } else { format!("{label} ({})", unit(words, &row.unit)) }
    };
    let mut methods: Vec<String> = Vec::new();
    for method in rows.iter().filter_map(|row| row.method.as_ref()).map(|method| pick(words, method)) {
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    let keys: Vec<&str> = first.cell.keys().map(String::as_str).collect();
    Ok(Some(Figures {
        anchor: anchor(words, &format!("figures-{measure}")),
        title: pick(words, &first.title),
        article: provision.map_or_else(|| first.provision.to_string(), |provision| cite(words, provision)),
        note: first.note.as_ref().map(|note| pick(words, note)),
        methods,
        place: keys.join(" · "),
        columns: columns.iter().map(named).collect(),
        open: lines.len() <= OPEN_LINES,
        lines,
    }))
}

/// The column that a row belongs to: of the same name and unit.
fn column_of(columns: &[&FigureRow], row: &FigureRow) -> Option<usize> {
    columns.iter().position(|column| column.label == row.label && column.unit == row.unit)
}

/// Rows of one place side by side, each in its column. A place that comes back, or a number that comes twice, begins a
/// line of its own: no number ever stands under another place.
fn lines<'a>(columns: &[&FigureRow], rows: &[&'a FigureRow]) -> Vec<Vec<Option<&'a FigureRow>>> {
    let mut lines: Vec<Vec<Option<&FigureRow>>> = Vec::new();
    let mut place = None;
    for row in rows {
        let Some(column) = column_of(columns, row) else { continue };
        let goes_on = place == Some((&row.cell, row.n))
            && lines.last().and_then(|line| line.get(column)).is_some_and(Option::is_none);
        if !goes_on {
            lines.push(vec![None; columns.len()]);
            place = Some((&row.cell, row.n));
        }
        if let Some(slot) = lines.last_mut().and_then(|line| line.get_mut(column)) {
            *slot = Some(row);
        }
    }
    lines
}

impl Line {
    fn new(words: Words<'_>, line: &[Option<&FigureRow>], highest: f64) -> Result<Self, I18nError> {
        let withheld = words.say("report.measures.suppressed", &[])?;
        let none = words.say("report.measures.undefined", &[])?;
        let any = line.iter().flatten().next();
        let place: Vec<&str> = any.map(|row| row.cell.values().map(String::as_str).collect()).unwrap_or_default();
        let all = words.say("report.measures.all_rows_plain", &[])?;
        Ok(Self {
            place: if place.is_empty() { all } else { place.join(" · ") },
            n: count(any.map_or(0, |row| row.n)),
            values: line
                .iter()
                .map(|row| match row.and_then(|row| row.value).filter(|value| value.is_finite()) {
                    Some(value) => format!("{}{}", number(value), row.map(interval).unwrap_or_default()),
                    None if row.is_some_and(|row| row.suppressed) => withheld.clone(),
                    None => none.clone(),
                })
                .collect(),
            width: line
                .first()
                .copied()
                .flatten()
                .and_then(|row| row.value)
                .filter(|value| *value > 0.0 && highest > 0.0)
                .map(|value| percent(value / highest)),
        })
    }
}

/// ` (low – high)`; nothing without an interval.
fn interval(row: &FigureRow) -> String {
    row.low.zip(row.high).map(|(low, high)| format!(" ({} – {})", number(low), number(high))).unwrap_or_default()
}

/// Whole numbers whole, others with the decimals that tell them from nothing.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if value.fract() == 0.0 && size < 1e15 {
        #[expect(clippy::cast_possible_truncation, reason = "whole and far below 2^53")]
        integer(value as i64)
    } else if size >= 100.0 {
        decimal(value, 1, false)
    } else if size >= 1.0 {
        decimal(value, 2, false)
    } else {
        decimal(value, 4, false)
    }
}

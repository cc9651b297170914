//! Group comparisons as dots with intervals, and the table beside them.

use super::article::anchor;
use super::wording::{cite, count, decimal, pick, unit};
use crate::summary::{MeasureFlag, MeasureRow, Quantity, Summary};
use gongdao_i18n::{I18nError, Words};
use serde::Serialize;

/// Steps that people count in, per power of ten.
const STEPS: [f64; 3] = [1.0, 2.0, 5.0];
/// Share of the width left free on both sides of the drawing.
const MARGIN: f64 = 0.06;

/// All rows of one measure.
#[derive(Debug, Serialize)]
pub(super) struct Chart {
    pub anchor: String,
    pub title: String,
    pub article: String,
    pub outcome: String,
    pub confounders: Option<String>,
    pub methods: Vec<String>,
    /// Place by place: the crude comparison, then the one with other things held equal.
    pub rows: Vec<Row>,
    pub ticks: Vec<Tick>,
    pub zero: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Tick {
    pub at: String,
    pub label: String,
}

#[derive(Debug, Serialize)]
pub(super) struct Row {
    /// Which groups.
    pub versus: String,
    /// What was held equal.
    pub held: String,
    pub n_a: String,
    pub n_b: String,
    pub rate_a: String,
    pub rate_b: String,
    pub difference: String,
    pub low: Option<String>,
    pub high: Option<String>,
    pub ratio: String,
    pub p: String,
    pub flag: &'static str,
    pub verdict: String,
    pub notes: Vec<String>,
    /// Where the dot and the interval lie, in per cent; none when withheld.
    pub dot: Option<String>,
    pub line: Option<(String, String)>,
}

/// The charts, in the order of the rows.
pub(super) fn charts(words: Words<'_>, summary: &Summary) -> Result<Vec<Chart>, I18nError> {
    let mut order: Vec<&str> = Vec::new();
    for row in &summary.measures {
        if !order.contains(&row.measure.as_str()) {
            order.push(&row.measure);
        }
    }
    order.into_iter().filter_map(|measure| chart(words, summary, measure).transpose()).collect()
}

fn chart(words: Words<'_>, summary: &Summary, measure: &str) -> Result<Option<Chart>, I18nError> {
    let rows: Vec<&MeasureRow> = summary.measures.iter().filter(|row| row.measure == measure).collect();
    let Some(first) = rows.first() else { return Ok(None) };
    let scale = Scale::new(&rows);
    let provision = summary.provisions.iter().find(|provision| provision.id == first.provision);
    let held_equal = rows.iter().find(|row| row.pooled).map(|row| row.confounders.as_slice()).unwrap_or_default();
    let confounders: Vec<String> = held_equal.iter().map(|text| pick(words, text)).collect();
    let mut methods: Vec<String> = Vec::new();
    for row in &rows {
        let method = pick(words, &row.method);
        if !methods.contains(&method) {
            methods.push(method);
        }
    }
    let drawn = rows.iter().map(|row| Row::new(words, row, &scale)).collect::<Result<Vec<_>, I18nError>>()?;
    Ok(Some(Chart {
        anchor: anchor(words, &format!("measure-{measure}")),
        title: pick(words, &first.title),
        article: provision.map_or_else(|| first.provision.to_string(), |provision| cite(words, provision)),
        outcome: pick(words, &first.outcome),
        confounders: (!confounders.is_empty()).then(|| confounders.join(words.language().choose("、", ", "))),
        methods,
        rows: drawn,
        ticks: scale.ticks(first),
        zero: scale.place(0.0),
    }))
}

impl Row {
    fn new(words: Words<'_>, row: &MeasureRow, scale: &Scale) -> Result<Self, I18nError> {
        let (a, b) = (pick(words, &row.group_a), pick(words, &row.group_b));
        let none =
            words.say(if row.suppressed { "report.measures.suppressed" } else { "report.measures.undefined" }, &[])?;
        let shown = |value: Option<f64>| value.filter(|value| value.is_finite() && !row.suppressed);
        let level = |value| shown(value).map_or_else(|| none.clone(), |value| amount(words, row, value, false));
        let gap = |value| shown(value).map(|value| amount(words, row, value, true));
        let line = shown(row.ci_low).zip(shown(row.ci_high));
        let remarks = [row.note.as_ref(), row.power.as_ref()];
        let flag = flag_word(row.flag);
        Ok(Self {
            versus: words.say("report.measures.versus", &[("a", &a), ("b", &b)])?,
            held: held(words, row)?,
            n_a: count(row.n_a),
            n_b: count(row.n_b),
            rate_a: level(row.rate_a),
            rate_b: level(row.rate_b),
            difference: gap(row.difference).unwrap_or_else(|| none.clone()),
            low: gap(row.ci_low),
            high: gap(row.ci_high),
            ratio: shown(row.ratio).map_or_else(|| none.clone(), |ratio| decimal(ratio, 2, false)),
            p: shown(row.p_adjusted).map_or_else(|| none.clone(), p_value),
            flag,
            verdict: words.say(&format!("report.measures.{flag}"), &[])?,
            notes: remarks.into_iter().flatten().map(|text| pick(words, text)).collect(),
            dot: shown(row.difference).map(|value| scale.place(value)),
            line: line.map(|(low, high)| (scale.place(low), scale.place(high))),
        })
    }
}

/// Where the comparison was made, and whether anything was held equal in it.
fn held(words: Words<'_>, row: &MeasureRow) -> Result<String, I18nError> {
    let how = words.say(if row.pooled { "report.measures.pooled" } else { "report.measures.all_rows" }, &[])?;
    // A bare number says nothing without the name of its column.
    let named = |(column, value): (&String, &String)| {
        if value.parse::<f64>().is_ok() { format!("{column} = {value}") } else { value.clone() }
    };
    let mut parts: Vec<String> = row.stratum.iter().map(named).collect();
    parts.push(how);
    Ok(parts.join(" · "))
}

/// Levels of shares in per cent, differences of shares in percentage points, Gini coefficients bare, other numbers in their unit.
fn amount(words: Words<'_>, row: &MeasureRow, value: f64, is_difference: bool) -> String {
    match (row.quantity, is_difference) {
        (Quantity::Share, false) => format!("{}%", decimal(value * 100.0, 1, false)),
        (Quantity::Share, true) => format!("{} {}", decimal(value * 100.0, 1, true), unit(words, "points")),
        (Quantity::Gini, signed) => decimal(value, 3, signed),
        (Quantity::Mean | Quantity::Quantile | Quantity::Ratio, signed) => {
            let number = decimal(value, 2, signed);
            row.unit.as_ref().map_or_else(|| number.clone(), |name| format!("{number} {}", unit(words, name)))
        }
    }
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".to_owned() } else { decimal(p, 3, false) }
}

fn flag_word(flag: MeasureFlag) -> &'static str {
    match flag {
        MeasureFlag::Disparity => "disparity",
        MeasureFlag::NotShown => "not-shown",
        MeasureFlag::CannotTest => "cannot-test",
        MeasureFlag::TooFew => "too-few",
    }
}

/// From differences to places on the drawing; no difference is always in it.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn new(rows: &[&MeasureRow]) -> Self {
        let ends = rows.iter().filter(|row| !row.suppressed).flat_map(|row| [row.difference, row.ci_low, row.ci_high]);
        let (mut low, mut high) = (0.0_f64, 0.0_f64);
        for end in ends.flatten().filter(|end| end.is_finite()) {
            low = low.min(end);
            high = high.max(end);
        }
        if high - low <= 0.0 {
            return Self { low: -1.0, high: 1.0 };
        }
        Self { low, high }
    }

    fn place(&self, value: f64) -> String {
        let within = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        format!("{:.2}%", (MARGIN + within * (1.0 - 2.0 * MARGIN)) * 100.0)
    }

    /// Two to four round numbers within the scale, 0 among them.
    fn ticks(&self, row: &MeasureRow) -> Vec<Tick> {
        let factor = if row.quantity == Quantity::Share { 100.0 } else { 1.0 };
        let span = (self.high - self.low) * factor;
        let power = 10_f64.powf((span / 3.0).log10().floor());
        let step = STEPS.into_iter().map(|step| step * power).find(|step| span / step <= 4.0).unwrap_or(power * 10.0);
        // As many decimals as tell neighbouring steps apart.
        let places = (0..6).find(|places| step * 10_f64.powi(*places) >= 1.0 - 1e-9).unwrap_or(6);
        (-4..=4)
            .map(|index| f64::from(index) * step)
            .filter(|value| (self.low * factor - step * 0.01..=self.high * factor + step * 0.01).contains(value))
            .map(|value| Tick { at: self.place(value / factor), label: tick_label(row, value, places) })
            .collect()
    }
}

fn tick_label(row: &MeasureRow, value: f64, places: i32) -> String {
    let number = decimal(value, usize::try_from(places).unwrap_or(0), true);
    if row.quantity == Quantity::Share { format!("{number}%") } else { number }
}

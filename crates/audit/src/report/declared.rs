//! Published rules that were run again: what they reproduce, how far the rest is off, and what may account for it.

use super::article::anchor;
use super::bar::{Bar, bar, percent};
use super::figures::number;
use super::wording::{cite, count, decimal, fraction, instant, pick, share, unit};
use crate::summary::{
    ColumnFlag, ColumnTest, DeclaredFlag, DeclaredRow, DeclaredRule, Differences, Removal, RemovalFlag, Summary,
};
use gongdao_i18n::{I18nError, Words};
use serde::Serialize;

/// Columns that stand out are all shown, others up to so many.
const MOST_QUIET: usize = 8;
/// A constant is worth a sentence where it reproduces so much more.
const WORTH_SAYING: f64 = 0.01;

/// One algorithm version.
#[derive(Debug, Serialize)]
pub(super) struct Declared {
    pub anchor: String,
    pub title: String,
    pub version: String,
    pub articles: String,
    pub note: Option<String>,
    pub flag: &'static str,
    pub sentence: String,
    /// What was not recomputed or not looked at.
    pub rest: String,
    pub compared: String,
    pub factors: String,
    /// The expression, or the model's digest.
    pub rule: String,
    pub is_model: bool,
    pub bar: Bar,
    pub sizes: Vec<String>,
    pub bins: Vec<BinLine>,
    pub held: Option<String>,
    pub removals: Vec<Line>,
    pub learnt: Option<String>,
    pub columns: Vec<Line>,
    pub quiet: Option<String>,
    pub left_out: Option<String>,
    pub examples: Vec<Shown>,
}

#[derive(Debug, Serialize)]
pub(super) struct BinLine {
    pub range: String,
    pub count: String,
    pub share: String,
    pub width: String,
}

/// A factor without which the rule was run, or a column that was tested.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    pub name: String,
    pub under: String,
    pub first: String,
    pub second: String,
    pub p: String,
    pub verdict: String,
    pub stands_out: bool,
    /// Width of the bar of the first number.
    pub width: Option<String>,
}

#[derive(Debug, Serialize)]
pub(super) struct Shown {
    pub decision: String,
    pub at: String,
    pub place: String,
    pub logged: String,
    pub recomputed: String,
}

/// One entry a version, in the order of the summary.
pub(super) fn declared(words: Words<'_>, summary: &Summary) -> Result<Vec<Declared>, I18nError> {
    summary.declared.iter().map(|row| version(words, summary, row)).collect()
}

fn version(words: Words<'_>, summary: &Summary, row: &DeclaredRow) -> Result<Declared, I18nError> {
    let list = words.language().choose("、", ", ");
    let cited = row.provisions.iter().map(|id| {
        let known = summary.provisions.iter().find(|provision| provision.id == *id);
        known.map_or_else(|| id.to_string(), |provision| cite(words, provision))
    });
    let (rule, is_model) = match &row.rule {
        DeclaredRule::Expression(text) => (text.clone(), false),
        DeclaredRule::Onnx { digest, output, column, .. } => (format!("{digest} → {output}[{column}]"), true),
    };
    let differences = row.differences.as_ref();
    let shown: Vec<&ColumnTest> = shown_columns(row);
    let hidden = row.columns.len() - shown.len();
    Ok(Declared {
        anchor: anchor(words, &format!("declared-{}", row.key())),
        title: pick(words, &row.title),
        version: in_use(words, row)?,
        articles: cited.collect::<Vec<_>>().join(list),
        note: row.note.as_ref().map(|note| pick(words, note)),
        flag: if row.flag == DeclaredFlag::Differs { "differs" } else { "other" },
        sentence: sentence(words, row)?,
        rest: rest(words, row)?,
        compared: compared(words, row)?,
        factors: row.factors.join(list),
        rule,
        is_model,
        bar: parts(words, row)?,
        sizes: sizes(words, row)?,
        bins: differences.map(bins).unwrap_or_default(),
        held: differences.map(|own| held(words, row, own)).transpose()?,
        removals: row.removals.iter().map(|own| removal(words, row, own)).collect::<Result<_, _>>()?,
        learnt: differences.filter(|_| !shown.is_empty()).map(|own| learnt(words, own)).transpose()?,
        columns: shown.into_iter().map(|own| column(words, own)).collect::<Result<_, _>>()?,
        quiet: some(hidden > 0, || say(words, "quiet", &[("count", &hidden.to_string())]))?,
        left_out: some(!row.columns_left_out.is_empty(), || {
            say(words, "left_out", &[("list", &row.columns_left_out.join(list))])
        })?,
        examples: row.examples.iter().map(example).collect(),
    })
}

fn say(words: Words<'_>, key: &str, values: &[(&str, &str)]) -> Result<String, I18nError> {
    words.say(&format!("report.declared.{key}"), values)
}

fn some(is: bool, text: impl FnOnce() -> Result<String, I18nError>) -> Result<Option<String>, I18nError> {
    if is { text().map(Some) } else { Ok(None) }
}

fn in_use(words: Words<'_>, row: &DeclaredRow) -> Result<String, I18nError> {
    let from = row.from.to_string();
    match row.until {
        Some(until) => {
            let until = until.to_string();
            say(words, "version_until", &[("version", &row.version), ("from", &from), ("until", &until)])
        }
        None => say(words, "version", &[("version", &row.version), ("from", &from)]),
    }
}

fn sentence(words: Words<'_>, row: &DeclaredRow) -> Result<String, I18nError> {
    let rows = &row.rows;
    let (Some(low), Some(high)) = (row.share_low, row.share_high) else { return say(words, "none", &[]) };
    let key = if rows.reproduced == rows.recomputed { "all" } else { "part" };
    let values = [
        ("recomputed", count(rows.recomputed)),
        ("reproduced", count(rows.reproduced)),
        ("differ", count(rows.recomputed - rows.reproduced)),
        ("share", share(rows.reproduced, rows.recomputed)),
        ("low", portion(low)),
        ("high", portion(high)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let asked = |name: &&(&str, &str)| key == "part" || !matches!(name.0, "reproduced" | "differ" | "share");
    say(words, key, &values.iter().filter(asked).copied().collect::<Vec<_>>())
}

fn rest(words: Words<'_>, row: &DeclaredRow) -> Result<String, I18nError> {
    let outside = some(row.rows.outside > 0, || say(words, "outside", &[("count", &count(row.rows.outside))]))?;
    let sentences: Vec<String> = not_recomputed(words, row)?.into_iter().chain(outside).collect();
    Ok(sentences.join(words.language().choose("", " ")))
}

fn not_recomputed(words: Words<'_>, row: &DeclaredRow) -> Result<Option<String>, I18nError> {
    let rows = &row.rows;
    if rows.not_recomputed() == 0 {
        return Ok(None);
    }
    let mut reasons = Vec::new();
    for (key, number) in [
        ("without_factor", rows.without_factor),
        ("without_outcome", rows.without_outcome),
        ("undefined", rows.undefined),
        ("unplaced", rows.unplaced),
    ] {
        if number > 0 {
            reasons.push(say(words, key, &[("count", &count(number))])?);
        }
    }
    let mut missing: Vec<String> =
        rows.missing.iter().map(|(factor, number)| format!("{factor} {}", count(*number))).collect();
    missing.sort();
    if !missing.is_empty() {
        reasons.push(say(words, "missing", &[("list", &missing.join(words.language().choose("、", ", ")))])?);
    }
    let reasons = reasons.join(words.language().choose("；", "; "));
    say(words, "not_recomputed", &[("count", &count(rows.not_recomputed())), ("reasons", &reasons)]).map(Some)
}

fn compared(words: Words<'_>, row: &DeclaredRow) -> Result<String, I18nError> {
    let absolute = amount(words, row, row.tolerance_absolute);
    // Six decimals tell every tolerance that somebody would set; more would show how binary fractions round.
    let relative = format!("{}%", (row.tolerance_relative * 1e8).round() / 1e6);
    let tolerance = match (row.tolerance_absolute > 0.0, row.tolerance_relative > 0.0) {
        (true, true) => say(words, "larger", &[("absolute", &absolute), ("relative", &relative)])?,
        (false, true) => relative,
        _ => absolute,
    };
    say(words, "compared", &[("outcome", &row.outcome), ("tolerance", &tolerance)])
}

fn parts(words: Words<'_>, row: &DeclaredRow) -> Result<Bar, I18nError> {
    let rows = &row.rows;
    let named = [
        ("reproduced", rows.reproduced),
        ("differs", rows.recomputed - rows.reproduced),
        ("undetermined", rows.not_recomputed()),
    ];
    let parts = named.map(|(class, number)| Ok((class, say(words, &format!("bar_{class}"), &[])?, number)));
    let parts = parts.into_iter().collect::<Result<Vec<_>, I18nError>>()?;
    Ok(bar(&parts, rows.recomputed + rows.not_recomputed()))
}

fn sizes(words: Words<'_>, row: &DeclaredRow) -> Result<Vec<String>, I18nError> {
    let Some(own) = row.differences.as_ref().filter(|_| row.rows.reproduced < row.rows.recomputed) else {
        return Ok(Vec::new());
    };
    let size = |value| amount(words, row, value);
    let mut lines = vec![say(
        words,
        "sizes",
        &[("median", &size(own.median)), ("most", &size(own.p90)), ("largest", &size(own.largest))],
    )?];
    if own.share_with_constant - row.share.unwrap_or(0.0) > WORTH_SAYING {
        let constant = format!("{}{}", if own.constant > 0.0 { "+" } else { "" }, size(own.constant));
        let values = [("constant", constant.as_str()), ("share", &portion(own.share_with_constant))];
        lines.push(say(words, "constant", &values)?);
    }
    if own.sampled < row.rows.recomputed {
        lines.push(say(words, "sampled", &[("count", &count(own.sampled))])?);
    }
    Ok(lines)
}

fn bins(own: &Differences) -> Vec<BinLine> {
    let most = own.bins.iter().map(|bin| bin.count).max().unwrap_or(0);
    let last = own.bins.len().saturating_sub(1);
    let range = |place: usize, low: f64, high: f64| match place {
        _ if last == 0 => number(low),
        0 => format!("< {}", number(high)),
        place if place == last => format!("≥ {}", number(low)),
        _ => format!("{} … {}", number(low), number(high)),
    };
    let line = |(place, bin): (usize, &crate::summary::Bin)| BinLine {
        range: range(place, bin.low, bin.high),
        count: count(bin.count),
        share: share(bin.count, own.sampled),
        width: percent(fraction(bin.count, most)),
    };
    own.bins.iter().enumerate().map(line).collect()
}

fn held(words: Words<'_>, row: &DeclaredRow, own: &Differences) -> Result<String, I18nError> {
    let values = [("share", portion(own.share_with_constant)), ("spread", amount(words, row, own.spread))];
    say(words, "held", &values.each_ref().map(|(name, value)| (*name, value.as_str())))
}

fn removal(words: Words<'_>, row: &DeclaredRow, own: &Removal) -> Result<Line, I18nError> {
    let flag = match own.flag {
        RemovalFlag::BetterWithout => "better-without",
        RemovalFlag::Needed => "needed",
        RemovalFlag::NoInfluence => "no-influence",
        RemovalFlag::NotShown => "removal-not-shown",
    };
    Ok(Line {
        name: own.factor.clone(),
        under: say(words, "replaced_by", &[("value", &own.replaced_by)])?,
        first: portion(own.share),
        second: amount(words, row, own.spread),
        p: p_value(words, own.p_adjusted)?,
        verdict: say(words, flag, &[])?,
        stands_out: own.flag == RemovalFlag::BetterWithout,
        width: Some(percent(own.share)),
    })
}

/// All columns that stand out, and a few of the others; none where nothing is left to account for.
fn shown_columns(row: &DeclaredRow) -> Vec<&ColumnTest> {
    if row.columns.iter().all(|column| column.flag == ColumnFlag::NothingLeft) {
        return row.columns.iter().take(0).collect();
    }
    let standing = row.columns.iter().filter(|column| column.flag.stands_out()).count();
    row.columns.iter().take(standing + MOST_QUIET).collect()
}

fn learnt(words: Words<'_>, own: &Differences) -> Result<String, I18nError> {
    match own.rule_fit {
        Some(fit) if fit > 0.0 => say(words, "learnt", &[("fit", &portion(fit))]),
        _ => say(words, "learnt_nothing", &[]),
    }
}

fn column(words: Words<'_>, own: &ColumnTest) -> Result<Line, I18nError> {
    let flag = match (own.flag, own.declared) {
        (ColumnFlag::BetterThanRule, _) => "better-than-rule",
        (ColumnFlag::Explains, false) => "explains",
        (ColumnFlag::Explains, true) => "explains-declared",
        (ColumnFlag::GoesWith, _) => "goes-with",
        (ColumnFlag::NotShown, _) => "column-not-shown",
        (ColumnFlag::NothingLeft, _) => "nothing-left",
        (ColumnFlag::CannotTest, _) => "column-cannot-test",
    };
    let none = say(words, "no_number", &[])?;
    let shown = |share: Option<f64>| share.map_or_else(|| none.clone(), portion);
    let p = [own.p_explained, own.p_alone].into_iter().flatten().reduce(f64::min);
    Ok(Line {
        name: own.column.clone(),
        under: say(words, if own.declared { "is_declared" } else { "is_undeclared" }, &[])?,
        first: shown(own.explained),
        second: shown(own.alone.map(|share| share.max(0.0))),
        p: p_value(words, p)?,
        verdict: say(words, flag, &[])?,
        stands_out: own.flag.stands_out(),
        width: own.explained.map(percent),
    })
}

fn example(own: &crate::summary::DeclaredExample) -> Shown {
    let row = own.row.map(|row| row.to_string());
    let place: Vec<String> = own.file.clone().into_iter().chain(row).collect();
    Shown {
        decision: own.decision.clone(),
        at: instant(own.at),
        place: place.join(" · "),
        logged: number(own.logged),
        recomputed: number(own.recomputed),
    }
}

fn amount(words: Words<'_>, row: &DeclaredRow, value: f64) -> String {
    format!("{} {}", number(value), unit(words, &row.unit))
}

/// A share in per cent; never rounds something to nothing nor most to all.
fn portion(share: f64) -> String {
    let percent = share * 100.0;
    if percent > 0.0 && percent < 0.1 {
        "<0.1%".to_owned()
    } else if percent > 99.9 && percent < 100.0 {
        ">99.9%".to_owned()
    } else {
        format!("{}%", decimal(percent, 1, false))
    }
}

fn p_value(words: Words<'_>, p: Option<f64>) -> Result<String, I18nError> {
    match p {
        None => say(words, "no_number", &[]),
        Some(p) if p < 0.001 => Ok("<0.001".to_owned()),
        Some(p) => Ok(decimal(p, 3, false)),
    }
}

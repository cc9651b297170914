//! The shares of an outcome as a picture, a table and sentences; and what would have changed it.

use crate::App;
use crate::problem::Problem;
use crate::value::money_or_number;
use gongdao_i18n::{Language, Words};
use gongdao_register::{RuleValue, Standing};
use gongdao_service::{OutcomeShown, RegionShown, RuleOfDecision, ShareShown, VersionShown};
use minijinja::{Value, context};

/// The picture is drawn for a phone of 360 pixels.
const WIDTH: i64 = 328;
const ROW: i64 = 46;
/// Shares that get a bar of their own; the rest is one.
const MOST_BARS: usize = 12;
/// Where labels break off, in widths of a Chinese character.
const LABEL_WIDTHS: f64 = 15.0;

/// What a template shows of the declared rule.
pub(super) fn rule_shown(app: &App, language: Language, rule: &RuleOfDecision) -> Result<Value, Problem> {
    let words = app.catalogue.words(language);
    let regions = |outcome: &OutcomeShown| {
        let all = rule.would_change.iter().map(|region| region_shown(words, outcome, region));
        all.collect::<Result<Vec<_>, _>>()
    };
    Ok(context! {
        version => rule.version.as_ref().map(|version| version_shown(rule.outcome.as_ref(), words, version)).transpose()?,
        outcome => rule.outcome.as_ref().map(|outcome| outcome_shown(words, outcome)).transpose()?,
        would_change => rule.outcome.as_ref().map(regions).transpose()?,
        no_shares => rule.no_shares.map(gongdao_service::NoShares::as_str),
        lacking => rule.lacking.iter().map(|fact| super::decision::fact_name(app, language, fact)).collect::<Vec<_>>(),
    })
}

fn version_shown(outcome: Option<&OutcomeShown>, words: Words<'_>, version: &VersionShown) -> Result<Value, Problem> {
    let previous = match &version.previous {
        None => None,
        Some(previous) => {
            let gives = match (previous.outcome, outcome) {
                (Some(number), Some(outcome)) => Some(amount(number, &outcome.unit, words)?),
                _ => None,
            };
            Some(context! {
                id => previous.id,
                gives,
                lines => Value::from_serialize(&previous.lines),
                left => previous.changed_lines.saturating_sub(previous.lines.len() as u64),
                factors => previous.factors.iter().map(|change| change.name.clone()).collect::<Vec<_>>(),
                rule => previous.rule.as_ref().map(Value::from_serialize),
            })
        }
    };
    Ok(context! {
        id => version.id,
        digest => version.digest,
        standing => version.standing.as_str(),
        is_in_force => version.standing == Standing::InForce,
        from => version.from.map(|day| day.to_string()),
        consultation => version.consultation,
        expression => version.expression,
        previous,
    })
}

fn outcome_shown(words: Words<'_>, outcome: &OutcomeShown) -> Result<Value, Problem> {
    let language = words.language();
    let in_unit = |number: i64| amount(number, &outcome.unit, words);
    let mut shares = Vec::new();
    for share in &outcome.shares {
        shares.push(context! {
            name => name(share, language),
            value => value_text(&share.value, share.unit.as_deref(), words)?,
            baseline => value_text(&share.baseline, share.unit.as_deref(), words)?,
            share => signed(share.share, &outcome.unit, words)?,
            exact => share.exact,
            is_whole => !share.exact.contains('/'),
            can => share.can.map(gongdao_register::Can::as_str),
        });
    }
    let idle = outcome.shares.iter().filter(|share| share.share == 0).map(|share| name(share, language).to_owned());
    Ok(context! {
        name => language.choose(&outcome.zh, &outcome.en),
        declared => in_unit(outcome.declared)?,
        baseline => in_unit(outcome.baseline)?,
        actual => outcome.actual.map(in_unit).transpose()?,
        unaccounted => outcome.unaccounted.filter(|left| *left != 0).map(|left| signed(left, &outcome.unit, words)).transpose()?,
        is_exact => outcome.method == "shapley",
        shares,
        idle => idle.collect::<Vec<_>>(),
        picture => picture(words, outcome)?,
    })
}

/// The bars, from the baseline's outcome to the declared one: each begins where the one before ended.
fn picture(words: Words<'_>, outcome: &OutcomeShown) -> Result<Value, Problem> {
    let language = words.language();
    let mut moving: Vec<&ShareShown> = outcome.shares.iter().filter(|share| share.share != 0).collect();
    moving.sort_by_key(|share| std::cmp::Reverse(share.share.unsigned_abs()));
    let rest: i64 = moving.iter().skip(MOST_BARS).map(|share| share.share).sum();
    let mut steps: Vec<(String, i64)> = Vec::new();
    for share in moving.iter().take(MOST_BARS) {
        let value = value_text(&share.value, share.unit.as_deref(), words)?;
        steps.push((format!("{} {value}", name(share, language)), share.share));
    }
    if rest != 0 {
        steps.push((say(words, "page.shares.rest", &[])?, rest));
    }
    let (mut least, mut greatest, mut at) = (outcome.baseline, outcome.baseline, outcome.baseline);
    for (_, step) in &steps {
        at += step;
        (least, greatest) = (least.min(at), greatest.max(at));
    }
    let place = |number: i64| scaled(number, least, greatest);
    let mut bars = Vec::new();
    let mut at = outcome.baseline;
    for (row, (label, step)) in (1_i64..).zip(&steps) {
        let (from, to) = (place(at.min(at + step)), place(at.max(at + step)));
        let is_better = (*step > 0) == (outcome.better == gongdao_register::Better::Higher);
        bars.push(context! {
            label => cut(label),
            number => signed(*step, &outcome.unit, words)?,
            top => row * ROW,
            x => from,
            width => (to - from).max(2),
            end => place(at + step),
            is_better,
        });
        at += step;
    }
    let rows = i64::try_from(bars.len()).unwrap_or(0);
    Ok(context! {
        width => WIDTH,
        height => (rows + 2) * ROW,
        last => (rows + 1) * ROW,
        baseline_x => place(outcome.baseline),
        outcome_x => place(outcome.declared),
        bars,
    })
}

/// Where a number stands in the picture.
fn scaled(number: i64, least: i64, greatest: i64) -> i64 {
    let span = i128::from(greatest) - i128::from(least);
    if span == 0 {
        return WIDTH / 2;
    }
    let inside = i128::from(WIDTH - 8) * (i128::from(number) - i128::from(least)) / span;
    i64::try_from(inside).unwrap_or(0) + 4
}

/// A label that fits beside its number.
fn cut(label: &str) -> String {
    let mut width = 0.0;
    let mut found = String::new();
    for char in label.chars() {
        width += if char.is_ascii() { 0.55 } else { 1.0 };
        if width > LABEL_WIDTHS {
            found.push('…');
            break;
        }
        found.push(char);
    }
    found
}

fn region_shown(words: Words<'_>, outcome: &OutcomeShown, region: &RegionShown) -> Result<Value, Problem> {
    Ok(context! {
        text => region_text(words, outcome, region)?,
        name => words.language().choose(&region.zh, &region.en),
        can => region.can.as_str(),
    })
}

/// `Had the distance been 0 to 1800 metres: ¥3.00 to ¥9.00.`
pub(crate) fn region_text(words: Words<'_>, outcome: &OutcomeShown, region: &RegionShown) -> Result<String, Problem> {
    let language = words.language();
    let value = |value: &RuleValue| value_text(value, region.unit.as_deref(), words);
    let values = if region.from == region.to {
        value(&region.from)?
    } else {
        say(words, "page.shares.range", &[("from", &value(&region.from)?), ("to", &value(&region.to)?)])?
    };
    let in_unit = |number: i64| amount(number, &outcome.unit, words);
    let gives = if region.least == region.greatest {
        in_unit(region.least)?
    } else {
        say(words, "page.shares.range", &[("from", &in_unit(region.least)?), ("to", &in_unit(region.greatest)?)])?
    };
    let name = language.choose(&region.zh, &region.en);
    let result = language.choose(&outcome.zh, &outcome.en);
    say(words, "page.shares.region", &[("name", name), ("values", &values), ("result", result), ("gives", &gives)])
}

fn name(share: &ShareShown, language: Language) -> &str {
    language.choose(&share.zh, &share.en)
}

/// A factor's value as people read it.
pub(crate) fn value_text(value: &RuleValue, unit: Option<&str>, words: Words<'_>) -> Result<String, Problem> {
    match value {
        RuleValue::Truth(truth) => say(words, if *truth { "page.value.yes" } else { "page.value.no" }, &[]),
        RuleValue::Number(number) => money_or_number(*number, unit, words).map_err(Problem::internal),
        RuleValue::Text(text) => Ok(text.clone()),
    }
}

/// A number of the outcome's unit.
pub(crate) fn amount(number: i64, unit: &str, words: Words<'_>) -> Result<String, Problem> {
    money_or_number(number, Some(unit), words).map_err(Problem::internal)
}

/// The same with its sign; nothing more and nothing less has none.
pub(crate) fn signed(number: i64, unit: &str, words: Words<'_>) -> Result<String, Problem> {
    let text = amount(number, unit, words)?;
    Ok(if number > 0 { format!("+{text}") } else { text.replacen('-', "−", 1) })
}

fn say(words: Words<'_>, key: &str, values: &[(&str, &str)]) -> Result<String, Problem> {
    words.say(key, values).map_err(|error| Problem::internal(error.message))
}

#[cfg(test)]
mod tests {
    use super::{WIDTH, cut, scaled};

    #[test]
    fn bars_stay_inside_the_picture_and_labels_beside_their_numbers() {
        assert_eq!((scaled(5, 5, 25), scaled(25, 5, 25)), (4, WIDTH - 4));
        assert_eq!(scaled(7, 7, 7), WIDTH / 2);
        assert_eq!(scaled(i64::MAX, i64::MIN, i64::MAX), WIDTH - 4);
        assert_eq!(cut("距离 1900 米"), "距离 1900 米");
        assert_eq!(cut(&"长".repeat(40)).chars().count(), 16);
    }
}

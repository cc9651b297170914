//! What a measure does, from its file: which tables and keys go with which kind.

use super::{Comparison, FigureSpec, MeasureKind, Place, RawComparison, RawMeasure, ResampledQuantity, both};
use crate::AuditError;
use crate::summary::Bilingual;

const KINDS: &str = "write `share`, `mean`, `quantile`, `ratio`, `gini` or `figure`";

pub(super) fn kind_of(place: &Place<'_>, raw: &RawMeasure) -> Result<MeasureKind, AuditError> {
    let refuse = |message: &str, hint: &str| Err(place.refuse(&raw.kind, message.to_owned(), hint));
    let kind = raw.kind.get_ref().as_str();
    if raw.concentration.is_some() && kind != "gini" {
        return refuse("`[concentration]` belongs to a `gini`", "leave it out, or write `kind = \"gini\"`");
    }
    match (kind, &raw.comparison) {
        ("share", Some(own)) => {
            without_numbers(place, raw, own)?;
            Ok(MeasureKind::Share(comparison_of(place, raw, own)?))
        }
        ("mean" | "quantile" | "ratio" | "gini", Some(own)) => number_of(place, raw, own),
        ("gini", None) => concentration_of(place, raw),
        ("share" | "mean" | "quantile" | "ratio", None) => {
            refuse("a comparison has no `[comparison]`", "say outcome, group, `a` and `b`")
        }
        ("figure", None) if raw.confounder.is_empty() => match &raw.count {
            Some(count) if !raw.value.is_empty() => {
                Ok(MeasureKind::Figure(FigureSpec { count: count.clone(), values: raw.value.clone() }))
            }
            _ => refuse(
                "a figure needs `count` and at least one `[[value]]`",
                "name the column with the rows behind each line",
            ),
        },
        ("figure", _) => refuse("a figure compares nothing", "leave out `[comparison]` and `[[confounder]]`"),
        (other, _) => refuse(&format!("kind `{other}` is unknown"), KINDS),
    }
}

/// A comparison of numbers, with what its kind needs and without what only another has.
fn number_of(place: &Place<'_>, raw: &RawMeasure, own: &RawComparison) -> Result<MeasureKind, AuditError> {
    let refuse = |message: String, hint: &str| Err(place.refuse(&raw.kind, message, hint));
    let kind = raw.kind.get_ref().as_str();
    if raw.concentration.is_some() {
        return refuse(
            "a `gini` has both `[comparison]` and `[concentration]`".to_owned(),
            "write one: two groups compared, or one number a place",
        );
    }
    match (&own.unit, kind) {
        (Some(_), "gini") => return refuse("a Gini coefficient has a unit".to_owned(), "leave out `unit`"),
        (None, "mean" | "quantile" | "ratio") => {
            return refuse(format!("a {kind} has no unit"), "add `unit` to `[comparison]`");
        }
        _ => {}
    }
    if own.per.is_some() != (kind == "ratio") {
        return refuse(
            format!("`per` does not go with a {kind}, or is missing"),
            "a ratio, and nothing else, names in `per` the column that its sum is divided by",
        );
    }
    if own.quantile.is_some() && kind != "quantile" {
        return refuse(format!("`quantile` does not go with a {kind}"), "leave it out, or write `kind = \"quantile\"`");
    }
    let comparison = comparison_of(place, raw, own)?;
    let quantity = match (kind, &own.per) {
        ("mean", _) if comparison.cluster.is_none() && comparison.confounders.is_empty() => {
            return Ok(MeasureKind::Mean(comparison));
        }
        ("mean", _) => ResampledQuantity::Mean,
        ("ratio", Some(per)) => ResampledQuantity::Ratio { per: per.clone() },
        ("quantile", _) => ResampledQuantity::Quantile(thousandths(place, raw, own.quantile)?),
        _ => ResampledQuantity::Gini,
    };
    Ok(MeasureKind::Resampled(comparison, quantity))
}

/// The median where nothing is said.
fn thousandths(place: &Place<'_>, raw: &RawMeasure, quantile: Option<f64>) -> Result<u16, AuditError> {
    let quantile = quantile.unwrap_or(0.5);
    let thousandths = (quantile * 1_000.0).round();
    if (1.0..=999.0).contains(&thousandths) && (quantile * 1_000.0 - thousandths).abs() < 1e-6 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "1 to 999")]
        return Ok(thousandths as u16);
    }
    let message = format!("`quantile = {quantile}` is no quantile");
    Err(place.refuse(&raw.kind, message, "write 0.001 to 0.999 with at most three decimals; 0.5 is the median"))
}

fn without_numbers(place: &Place<'_>, raw: &RawMeasure, own: &RawComparison) -> Result<(), AuditError> {
    if own.per.is_some() || own.quantile.is_some() {
        let message = "a share has neither `per` nor `quantile`".to_owned();
        return Err(place.refuse(&raw.kind, message, "leave them out, or write `kind = \"ratio\"` or `\"quantile\"`"));
    }
    Ok(())
}

fn concentration_of(place: &Place<'_>, raw: &RawMeasure) -> Result<MeasureKind, AuditError> {
    let refuse = |message: &str, hint: &str| Err(place.refuse(&raw.kind, message.to_owned(), hint));
    if raw.count.is_some() || !raw.value.is_empty() || !raw.confounder.is_empty() {
        return refuse("a `gini` has columns of another kind", "leave out `count`, `[[value]]` and `[[confounder]]`");
    }
    match &raw.concentration {
        Some(own) => Ok(MeasureKind::Concentration(own.clone())),
        None => refuse(
            "a `gini` has neither `[comparison]` nor `[concentration]`",
            "compare two groups, or name in `[concentration]` the column whose concentration is shown",
        ),
    }
}

fn comparison_of(place: &Place<'_>, raw: &RawMeasure, own: &RawComparison) -> Result<Comparison, AuditError> {
    let refuse = |message: String, hint: &str| Err(place.refuse(&raw.kind, message, hint));
    if own.a.values.is_empty() || own.b.values.is_empty() {
        return refuse(
            "a group has no values".to_owned(),
            "name at least one value of the group column in `a` and `b`",
        );
    }
    if let Some(shared) = own.a.values.iter().find(|value| own.b.values.contains(value)) {
        return refuse(format!("`{shared}` stands in both groups"), "a row belongs to one group");
    }
    if !own.least_difference.is_finite() || own.least_difference < 0.0 {
        return refuse(format!("least difference `{}` is not a size", own.least_difference), "write 0 or more");
    }
    if raw.count.is_some() || !raw.value.is_empty() {
        return refuse("a comparison shows no figures".to_owned(), "leave out `count` and `[[value]]`");
    }
    Ok(Comparison {
        outcome: own.outcome.clone(),
        outcome_words: Bilingual::new(&own.outcome_zh, &own.outcome_en),
        unit: own.unit.clone(),
        group: own.group.clone(),
        a: own.a.clone(),
        b: own.b.clone(),
        confounders: raw.confounder.clone(),
        cluster: own.cluster.clone(),
        cluster_words: both(own.cluster_zh.clone(), own.cluster_en.clone()),
        least_difference: own.least_difference,
    })
}

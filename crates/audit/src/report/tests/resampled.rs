//! Quantities found by resampling, as people read them; older files, as programs do.

use super::{render, sample, text_of};
use crate::summary::{Bilingual, FigureRow, Quantity, Summary, format_of};
use gongdao_i18n::Language;

/// A median, a ratio and a Gini coefficient of pay, and the Gini coefficient of one group.
fn summary() -> Summary {
    let mut summary = sample::summary();
    let crude = summary.measures[0].clone();
    summary.measures = [(Quantity::Quantile, Some("fen")), (Quantity::Ratio, Some("USD/h")), (Quantity::Gini, None)]
        .into_iter()
        .enumerate()
        .map(|(place, (quantity, unit))| {
            let mut row = crude.clone();
            row.measure = format!("pay-{place}");
            (row.quantity, row.unit) = (quantity, unit.map(str::to_owned));
            (row.rate_a, row.rate_b, row.difference) = (Some(0.5129), Some(0.25), Some(0.2629));
            (row.ci_low, row.ci_high) = (Some(0.1), Some(0.4));
            row
        })
        .collect();
    let mut figure: FigureRow = summary.figures[0].clone();
    figure.unit = "gini".to_owned();
    (figure.value, figure.low, figure.high) = (Some(0.5129), Some(0.4), Some(0.6125));
    figure.method = Some(Bilingual::new("基尼系数：自助法", "Gini coefficient: bootstrap"));
    summary.figures = vec![figure];
    summary.format = format_of(&summary.measures);
    summary
}

#[test]
fn quantities_stand_in_their_units_and_gini_coefficients_bare() {
    let html = render(&summary()).unwrap();
    for (language, shown) in [
        (Language::Zh, ["0.51 分", "+0.26 美元/小时", "+0.263", "0.5129 (0.4000 – 0.6125)", "基尼系数：自助法"]),
        (
            Language::En,
            ["0.51 fen", "+0.26 USD/h", "+0.263", "0.5129 (0.4000 – 0.6125)", "Gini coefficient: bootstrap"],
        ),
    ] {
        let text = text_of(&html, language).replace("&#x2f;", "/");
        for shown in shown {
            assert!(text.contains(shown), "`{shown}` is missing in\n{text}");
        }
        assert!(!text.contains("gini"), "a unit that says nothing");
    }
}

/// Format 2 only where a reader of format 1 would meet a word that it does not know; what format 1 wrote is read.
#[test]
fn the_format_says_what_readers_need() {
    let new = summary();
    assert_eq!((new.format, sample::summary().format), (2, 1));
    let json = serde_json::to_string(&new).unwrap();
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), new);
    assert!(json.contains("\"quantity\":\"quantile\"") && json.contains("\"quantity\":\"gini\""));
    let old = serde_json::to_string(&sample::summary().figures).unwrap();
    assert!(!old.contains("\"low\"") && !old.contains("\"method\""), "no new word in format 1: {old}");
}

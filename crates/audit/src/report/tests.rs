#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod declared;
mod resampled;
mod sample;

use super::figures::figures;
use super::wording::{count, decimal, integer, share};
use super::{render, render_first};
use crate::summary::{Bilingual, DeclaredRule, SourceKind, Summary};
use gongdao_i18n::{Catalogue, Language};
use std::collections::BTreeSet;

/// What a reader of one language sees, a line a block.
fn text_of(html: &str, language: Language) -> String {
    let start = html.find(&format!("<div class=\"page page-{language}\"")).unwrap();
    let rest = &html[start..];
    let end = rest[1..].find("<div class=\"page page-").map_or(rest.len(), |at| at + 1);
    let mut text = String::new();
    for piece in rest[..end].split('<').skip(1) {
        let (tag, words) = piece.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let inline = matches!(name, "b" | "strong" | "span" | "code" | "a" | "svg" | "rect" | "line" | "circle");
        text.push_str(if inline { " " } else { "\n" });
        text.push_str(words);
    }
    let lines = text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_report_reads_well_in_chinese() {
    insta::assert_snapshot!(text_of(&render(&sample::summary()).unwrap(), Language::Zh));
}

#[test]
fn the_report_reads_well_in_english() {
    insta::assert_snapshot!(text_of(&render(&sample::summary()).unwrap(), Language::En));
}

#[test]
fn equal_summaries_give_equal_bytes() {
    assert_eq!(render(&sample::summary()).unwrap(), render(&sample::summary()).unwrap());
}

#[test]
fn a_summary_survives_its_json() {
    let summary = sample::summary();
    let json = serde_json::to_string_pretty(&summary).unwrap();
    assert_eq!(serde_json::from_str::<Summary>(&json).unwrap(), summary);
    assert!(json.contains("\"rule\": \"cn.iisarmp/17/1#stop-on-opt-out\""), "the version key is flat");
}

#[test]
fn the_page_asks_nothing_of_the_network_and_runs_no_script() {
    let html = render(&sample::summary()).unwrap();
    for word in ["http:", "https:", "src=", "<script", "@import", "javascript:", " on", "url("] {
        let found = html.match_indices(word).map(|(at, _)| &html[at..(at + 12).min(html.len())]);
        let bad: Vec<&str> = found.filter(|near| !near.starts_with("url(#") && is_reference(near)).collect();
        assert_eq!(bad, Vec::<&str>::new(), "`{word}` in the page");
    }
    let links = html.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(target, _)| target);
    let outside: Vec<&str> = links.filter(|target| !target.starts_with('#') && *target != "data:,").collect();
    assert_eq!(outside, Vec::<&str>::new());
}

/// ` on` counts only as the start of an event attribute: ` onclick=`.
fn is_reference(near: &str) -> bool {
    !near.starts_with(" on")
        || near.split('=').next().is_some_and(|name| near.contains('=') && !name[1..].contains(' '))
}

#[test]
fn every_link_and_label_has_its_target_and_identifiers_are_unique() {
    let html = render(&sample::summary()).unwrap();
    let ids: Vec<&str> =
        html.split(" id=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(id, _)| id).collect();
    let unique: BTreeSet<&str> = ids.iter().copied().collect();
    assert_eq!(ids.len(), unique.len(), "two elements share an id");
    let mut checked = 0;
    for start in ["href=\"#", "aria-labelledby=\""] {
        for list in html.split(start).skip(1).filter_map(|rest| rest.split_once('"')).map(|(list, _)| list) {
            for id in list.split(' ') {
                assert!(unique.contains(id), "`{id}` is pointed at and does not exist");
                checked += 1;
            }
        }
    }
    assert!(checked > 40);
}

#[test]
fn hostile_text_is_shown_and_never_run() {
    const HOSTILE: &str = "</style><script>alert('x')</script>\"><img src=x onerror=alert(1)>{{ 7*7 }}&";
    let mut summary = sample::summary();
    let hostile = Bilingual::new(HOSTILE, HOSTILE);
    summary.source.title = hostile.clone();
    summary.source.adapter = HOSTILE.to_owned();
    summary.source.note = Some(hostile.clone());
    summary.run.command = HOSTILE.to_owned();
    for provision in &mut summary.provisions {
        provision.text = hostile.clone();
        provision.instrument_title = hostile.clone();
        provision.ambiguity = Some(hostile.clone());
    }
    for rule in &mut summary.rules {
        rule.text = hostile.clone();
        rule.engine_errors.insert(HOSTILE.to_owned(), 1);
        for example in &mut rule.examples {
            HOSTILE.clone_into(&mut example.decision);
            HOSTILE.clone_into(&mut example.file);
        }
        for missing in &mut rule.missing {
            missing.label = hostile.clone();
        }
    }
    for row in &mut summary.measures {
        row.title = hostile.clone();
        row.group_a = hostile.clone();
        row.method = hostile.clone();
        row.stratum.insert(HOSTILE.to_owned(), HOSTILE.to_owned());
        HOSTILE.clone_into(&mut row.measure);
    }
    for row in &mut summary.declared {
        (row.title, row.note) = (hostile.clone(), Some(hostile.clone()));
        row.rule = DeclaredRule::Expression(HOSTILE.to_owned());
        for text in [&mut row.algorithm, &mut row.version, &mut row.outcome, &mut row.unit] {
            HOSTILE.clone_into(text);
        }
        row.factors.push(HOSTILE.to_owned());
        row.columns_left_out.push(HOSTILE.to_owned());
        row.rows.missing.insert(HOSTILE.to_owned(), 1);
        row.removals.iter_mut().for_each(|removal| HOSTILE.clone_into(&mut removal.replaced_by));
        row.columns.iter_mut().for_each(|column| HOSTILE.clone_into(&mut column.column));
        row.examples.iter_mut().for_each(|example| HOSTILE.clone_into(&mut example.decision));
    }
    for finding in &mut summary.data_quality {
        HOSTILE.clone_into(&mut finding.file);
        finding.column = Some(HOSTILE.to_owned());
        finding.message = hostile.clone();
    }
    let html = render(&summary).unwrap();
    assert!(!html.contains("<script") && !html.contains("<img"), "markup got through");
    assert_eq!(html.matches("</style>").count(), 1);
    assert!(html.matches("&lt;script&gt;").count() > 40);
    assert!(!html.contains("49&amp;"), "a template ran in the data");
}

#[test]
fn english_comes_first_when_asked() {
    let html = render_first(&sample::summary(), Language::En).unwrap();
    assert!(html.contains("<html lang=\"en\">"));
    assert!(html.contains("value=\"en\" checked>") && !html.contains("value=\"zh\" checked>"));
    assert!(render(&sample::summary()).unwrap().contains("value=\"zh\" checked>"));
}

#[test]
fn a_register_and_an_empty_source_say_so() {
    let mut summary = sample::summary();
    summary.counts.decisions = 0;
    summary.counts.by_action.clear();
    summary.provisions.clear();
    summary.rules.clear();
    summary.measures.clear();
    summary.declared.clear();
    summary.period = None;
    let empty = text_of(&render(&summary).unwrap(), Language::En);
    assert!(empty.contains("There was no decision to judge. 200,112 rows were read; 112 were set aside"));
    summary.source.kind = SourceKind::Register;
    let register = text_of(&render(&summary).unwrap(), Language::Zh);
    assert!(register.contains("这是一份登记名册") && !register.contains("逐条发现"));
}

#[test]
fn figures_that_cannot_be_drawn_are_left_out() {
    let mut summary = sample::summary();
    for row in &mut summary.measures {
        row.difference = Some(f64::NAN);
        row.ci_low = Some(f64::NEG_INFINITY);
        row.ci_high = None;
        row.ratio = Some(f64::INFINITY);
    }
    let html = render(&summary).unwrap();
    assert!(!html.contains("NaN") && !html.contains(">inf"));
    assert!(!html.contains("class=\"dot"), "a dot without a place");
}

/// The numbers of each line under the columns: a place that comes back, a number that is left out, another order.
#[test]
fn no_figure_stands_under_another_place_or_name() {
    let row = |sector: &str, label: &str, value: f64| {
        let mut row = sample::summary().figures.remove(0);
        row.cell.insert("sector".to_owned(), sector.to_owned());
        row.label = Bilingual::new(label, label);
        (row.value, row.suppressed) = (Some(value), false);
        row
    };
    let lines_of = |rows: &[(&str, &str, f64)]| {
        let mut summary = sample::summary();
        summary.figures = rows.iter().map(|(sector, label, value)| row(sector, label, *value)).collect();
        let catalogue = Catalogue::embedded().unwrap();
        let found = figures(catalogue.words(Language::En), &summary).unwrap();
        let lines = found[0].lines.iter().map(|line| format!("{} {}", line.place, line.values.join(" ")));
        (found[0].columns.len(), lines.collect::<Vec<_>>())
    };
    for (rows, columns, expected) in [
        (vec![("a", "x", 1.0), ("a", "y", 2.0), ("b", "x", 3.0), ("b", "y", 4.0)], 2, vec!["a 1 2", "b 3 4"]),
        (
            vec![("a", "x", 1.0), ("a", "y", 2.0), ("a", "x", 5.0), ("a", "y", 6.0), ("b", "x", 3.0), ("b", "y", 4.0)],
            2,
            vec!["a 1 2", "a 5 6", "b 3 4"],
        ),
        (vec![("a", "x", 1.0), ("b", "y", 4.0), ("b", "x", 3.0)], 2, vec!["a 1 none", "b 3 4"]),
    ] {
        assert_eq!(lines_of(&rows), (columns, expected.into_iter().map(str::to_owned).collect()), "{rows:?}");
    }
}

#[test]
fn numbers_are_written_as_people_write_them() {
    let counts = [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")];
    for (number, text) in counts {
        assert_eq!(count(number), text);
    }
    assert_eq!(integer(-1_234), "−1,234");
    let shares = [
        (0, 0, "0.0%"),
        (0, 9, "0.0%"),
        (1, 5_000, "<0.1%"),
        (4_999, 5_000, ">99.9%"),
        (5, 5, "100.0%"),
        (1, 3, "33.3%"),
    ];
    for (part, whole, text) in shares {
        assert_eq!(share(part, whole), text, "{part} of {whole}");
    }
    let decimals =
        [(-0.04, 1, true, "0.0"), (-1.26, 1, true, "−1.3"), (1.26, 1, true, "+1.3"), (1.26, 1, false, "1.3")];
    for (number, places, signed, text) in decimals {
        assert_eq!(decimal(number, places, signed), text);
    }
}

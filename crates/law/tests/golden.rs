//! What people read: every answer in both languages, over packs made for it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, missing_docs, reason = "tests")]

mod support;

use gongdao_law::{Filter, Index, Query, diff, svg, timeline};
use support::{day, example, in_both};

#[test]
fn instruments_are_listed_and_filtered() {
    let book = example();
    in_both("list", |print| print.list(&book.list(&Filter::default())).unwrap());
    let ids = |filter: Filter| book.list(&filter).into_iter().map(|listed| listed.id).collect::<Vec<_>>();
    let place = Some("440305".parse().unwrap());
    let on = |date| Some(day(date));
    assert_eq!(ids(Filter { place: Some("110000".parse().unwrap()), ..Filter::default() }).len(), 3);
    assert_eq!(
        ids(Filter { place, on: on("2023-01-01"), ..Filter::default() }),
        ["cn.example-plan", "cn.example-law", "cn.example-city"]
    );
    assert_eq!(ids(Filter { on: on("2026-01-01"), ..Filter::default() }), ["cn.example-plan", "cn.example-city"]);
    assert_eq!(ids(Filter { status: Some(gongdao_model::Standing::Draft), ..Filter::default() }), ["cn.example-draft"]);
    in_both("list-none", |print| print.list(&[]).unwrap());
}

#[test]
fn a_provision_is_shown_from_a_day() {
    let book = example();
    let rows = [
        ("before", "cn.example-law/17/1", "2021-10-31"),
        ("first-day", "cn.example-law/17/1", "2021-11-01"),
        ("after-the-end", "cn.example-law/17/1", "2026-01-01"),
        ("differs", "cn.example-law/24", "2024-05-01"),
        ("number", "cn.example-law/25", "2024-05-01"),
        ("definition", "cn.example-law/2", "2024-05-01"),
        ("soft", "cn.example-plan/3", "2024-05-01"),
        ("draft", "cn.example-draft/1", "2024-07-01"),
    ];
    for (name, reference, on) in rows {
        let sheets = book.show(&reference.parse().unwrap(), day(on)).unwrap();
        in_both(&format!("show-{name}"), |print| print.sheets(&sheets).unwrap());
    }
    let sheets = book.show(&"cn.example-law/17".parse().unwrap(), day("2024-05-01")).unwrap();
    assert_eq!(
        sheets.iter().map(|sheet| sheet.id).collect::<Vec<_>>(),
        ["cn.example-law/17/1", "cn.example-law/17/2/1"]
    );
    insta::assert_snapshot!("show-json", serde_json::to_string_pretty(&sheets).unwrap());
}

#[test]
fn what_is_not_there_is_refused_with_what_is_near() {
    let book = example();
    let refused = |reference: &str| book.show(&reference.parse().unwrap(), day("2024-05-01")).unwrap_err().to_string();
    insta::assert_snapshot!(
        "refused",
        [
            refused("cn.exampel-law"),
            refused("cn.nothing-alike-at-all"),
            refused("cn.example-law/17/3"),
            refused("cn.example-law/99"),
        ]
        .join("\n")
    );
    assert!("iisarmp/17".parse::<gongdao_law::Reference>().is_err());
}

#[test]
fn provisions_are_cited() {
    let book = example();
    let cites: Vec<_> = ["cn.example-law", "cn.example-law/17", "cn.example-plan/3", "cn.example-law/24"]
        .into_iter()
        .flat_map(|reference| book.cite(&reference.parse().unwrap()).unwrap())
        .collect();
    in_both("cite", |print| print.cites(&cites));
}

#[test]
fn the_timeline_is_told_and_drawn() {
    let book = example();
    let events = timeline(&book, None, None).unwrap();
    in_both("timeline", |print| print.timeline(&book, &events).unwrap());
    in_both("timeline-svg", |print| svg(&book, &events, print.words()).unwrap());
    let of_city = timeline(&book, Some(&"cn.example-city".parse().unwrap()), None).unwrap();
    assert_eq!(of_city.len(), 2);
    assert!(
        timeline(&book, None, Some("110000".parse().unwrap()))
            .unwrap()
            .iter()
            .all(|event| event.instrument.as_str() != "cn.example-city")
    );
    assert!(timeline(&book, Some(&"cn.none".parse().unwrap()), None).is_err());
}

#[test]
fn two_days_places_and_instruments_are_compared() {
    let book = example();
    let rows = [
        ("days", "cn.example-law@2021-10-31", "cn.example-law@2021-11-01"),
        ("versions", "cn.example-law@2023-12-31", "cn.example-law@2024-01-01"),
        ("places", "000000", "440300"),
        ("instruments", "cn.example-law", "cn.example-city"),
        ("nothing", "cn.example-law", "cn.example-law"),
    ];
    for (name, a, b) in rows {
        let difference = diff(&book, &a.parse().unwrap(), &b.parse().unwrap(), day("2023-07-01")).unwrap();
        in_both(&format!("diff-{name}"), |print| print.difference(&difference).unwrap());
    }
    let mixed = diff(&book, &"440300".parse().unwrap(), &"cn.example-law".parse().unwrap(), day("2023-07-01"));
    assert!(mixed.unwrap_err().message.contains("not of one sort"));
}

#[test]
fn the_law_of_a_day_and_place_is_listed() {
    let book = example();
    let city = book.in_force(day("2024-07-01"), "440300".parse().unwrap());
    in_both("in-force", |print| print.in_force(&city).unwrap());
    assert!(city.instruments.iter().all(|row| row.instrument.id != "cn.example-draft"), "a draft is never in force");
    assert!(book.in_force(day("2015-01-01"), "440300".parse().unwrap()).instruments.is_empty());
}

#[test]
fn questions_find_provisions_in_both_languages() {
    let book = example();
    let index = Index::new(&book, day("2024-05-01")).unwrap();
    let ask = |text: &'static str| Query { text, limit: 3, place: None, on: None };
    for text in ["怎么关掉推荐", "can I turn off the feed", "停止个性化", "时间 休息"] {
        assert!(!index.search(&ask(text)).unwrap().is_empty(), "{text}");
    }
    in_both("search", |print| print.found(&index.search(&ask("怎么关掉推荐")).unwrap()).unwrap());
    in_both("search-none", |print| print.found(&index.search(&ask("xyzzy")).unwrap()).unwrap());
    // Words of the imported text alone: 例外 stands in no own words.
    assert_eq!(index.search(&ask("开办之日")).unwrap()[0].id, "cn.example-law/24");
    let in_beijing = Query { place: Some("110000".parse().unwrap()), ..ask("低风险先试") };
    assert!(index.search(&in_beijing).unwrap().iter().all(|found| found.id != "cn.example-city/44"));
    let before = Query { on: Some(day("2021-10-31")), ..ask("关闭推荐") };
    assert!(index.search(&before).unwrap().is_empty());
    let drafts = index.search(&ask("劳动者休息")).unwrap();
    assert!(drafts.iter().any(|found| !found.is_law), "a draft is found and marked");
    for wordless in ["", "  ", "？！"] {
        assert!(index.search(&ask(wordless)).unwrap_err().message.contains("no word"), "{wordless}");
    }
}

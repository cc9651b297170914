//! What local law and drafts change for a service: the same service with and without them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_assess::{Application, Assessment, Detail, Difference, Kept, Scope, Service, assess, html, json, lines};
use gongdao_i18n::{Catalogue, Language};
use gongdao_model::PlaceCode;
use std::collections::BTreeSet;
use support::{EXAMPLES, Shelf, on, scope};

const LOCAL: [&str; 2] = ["shanghai-ai", "shenzhen-ai"];
const DRAFT: &str = "worker-rights-measures-draft-2026";

fn at(service: &Service, place: Option<&str>) -> Service {
    Service { place: place.map(|code| code.parse::<PlaceCode>().unwrap()), ..service.clone() }
}

fn provisions(difference: &Difference) -> BTreeSet<String> {
    difference.provisions.iter().map(|change| change.provision.to_string()).collect()
}

fn told(assessment: &Assessment) -> BTreeSet<String> {
    assessment.provisions.iter().map(|finding| finding.provision.to_string()).collect()
}

/// Counted without the difference: what stands in one assessment and not in the other.
#[test]
fn local_law_is_the_difference_to_the_same_service_elsewhere() {
    let shelf = Shelf::first_and(&LOCAL);
    let law = shelf.law();
    for (place, from, instrument) in [
        ("440300", "2022-11-01", Some("cn.shenzhen-ai/")),
        ("440305", "2024-05-06", Some("cn.shenzhen-ai/")),
        ("310000", "2022-10-01", Some("cn.shanghai-ai/")),
        ("440300", "2022-10-31", None),
        ("310000", "2022-09-30", None),
        ("440100", "2024-05-06", None),
        ("440000", "2024-05-06", None),
    ] {
        for name in EXAMPLES {
            let service = shelf.example(name);
            let here = assess(&law, &at(&service, Some(place)), on(from)).unwrap();
            let elsewhere = assess(&law, &at(&service, None), on(from)).unwrap();
            let local = here.local.as_ref().unwrap();
            let expected: BTreeSet<String> = told(&here).difference(&told(&elsewhere)).cloned().collect();
            assert_eq!(provisions(local), expected, "{name} {place} {from}");
            assert_eq!(expected.is_empty(), instrument.is_none(), "{name} {place} {from}");
            assert!(expected.iter().all(|id| id.starts_with(instrument.unwrap_or("none"))), "{name} {place} {from}");
            assert!(local.provisions.iter().all(|change| change.without.is_none() && change.with.is_some()));
            assert_eq!(elsewhere.local, None, "without a place nothing is compared");
        }
    }
}

#[test]
fn the_country_itself_has_no_local_law() {
    let shelf = Shelf::first_and(&LOCAL);
    let service = at(&shelf.example("news-feed"), Some("000000"));
    assert_eq!(assess(&shelf.law(), &service, scope(&service)).unwrap().local, None);
}

/// By hand: the draft of 2026-10-08 lets riders rest after 240 minutes at a stretch and asks for a review by a person.
#[test]
fn drafts_are_a_difference_and_change_nothing_else() {
    let shelf = Shelf::first_and(&[DRAFT]);
    let law = shelf.law();
    let service = at(&shelf.example("food-delivery"), None);
    for (day, is_there) in [("2026-10-07", false), ("2026-10-08", true)] {
        let without = assess(&law, &service, on(day)).unwrap();
        let with = assess(&law, &service, Scope { include_drafts: true, ..on(day) }).unwrap();
        assert_eq!(without.drafts, None, "not asked for, so nothing is compared");
        let drafts = with.drafts.as_ref().unwrap();
        let expected: BTreeSet<String> = told(&with).difference(&told(&without)).cloned().collect();
        assert_eq!(provisions(drafts), expected, "{day}");
        assert_eq!(drafts.is_empty(), !is_there, "{day}");
        if is_there {
            let review = drafts.provisions.iter().find(|change| change.provision.as_str().ends_with("/human-review"));
            assert!(review.unwrap().with.unwrap().application != Application::NotJudged);
            let rest = drafts.numbers.iter().find(|change| change.name == "continuousWorkMinutes").unwrap();
            assert_eq!((rest.with, rest.without), (Some(240), None));
        }
    }
}

/// A number of a draft stands for nothing where drafts were not asked for: not even where its file was read.
#[test]
fn numbers_of_drafts_do_not_count_unless_asked_for() {
    let shelf = Shelf::first_and(&[DRAFT]);
    let law = shelf.law();
    let day = on("2026-10-08");
    let service = |minutes: u32| {
        let text = format!(
            "format = 1\nname = \"x\"\nactions = [\"dispatch\"]\n[facts]\nresource.worker = \"managed\"\ncontext.continuousMinutes = {minutes}\n"
        );
        shelf.read(&text).unwrap()
    };
    let with = assess(&law, &service(300), Scope { include_drafts: true, ..day }).unwrap();
    let rest = with.provisions.iter().find(|finding| finding.provision.as_str().ends_with("-2026/rest")).unwrap();
    assert_eq!((rest.application, rest.kept), (Application::Applies, Some(Kept::Broken)));
    let without = assess(&law, &service(300), day).unwrap();
    assert!(without.provisions.iter().all(|finding| !finding.provision.as_str().contains("draft")));
    assert!(law.packs().parameters(day.on, None).contains_key("continuousWorkMinutes"), "it was read");
    let text = json(&without, &service(300), &law, &Catalogue::embedded().unwrap()).unwrap();
    assert!(!text.contains("continuousWorkMinutes = 240"), "a draft's number was judged by");
}

#[test]
fn both_differences_are_told_in_both_languages() {
    let shelf = Shelf::first_and(&[LOCAL[0], LOCAL[1], DRAFT]);
    let (law, catalogue) = (shelf.law(), Catalogue::embedded().unwrap());
    let service = at(&shelf.example("food-delivery"), Some("440300"));
    let scope = Scope { include_drafts: true, ..on("2026-10-10") };
    let assessment = assess(&law, &service, scope).unwrap();
    for language in Language::ALL {
        let text = lines(&assessment, &service, &law, catalogue.words(language), Detail::Short).unwrap().join("\n");
        let headings = [catalogue.words(language).say("assess.section.local.heading", &[]).unwrap()];
        let start = text.find(&format!("## {}", headings[0])).unwrap();
        let end = text[start..].rfind("\n## ").map_or(text.len(), |at| start + at);
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("differences-{language}"), text[start..end].trim_end());
        });
    }
    let page = html(&assessment, &service, &law, &catalogue, Language::Zh).unwrap();
    for kind in ["local", "drafts"] {
        for language in ["zh", "en"] {
            assert!(page.contains(&format!("<section id=\"{kind}-{language}\"")), "{kind} {language}");
        }
    }
    let value: serde_json::Value =
        serde_json::from_str(&json(&assessment, &service, &law, &catalogue).unwrap()).unwrap();
    assert_eq!(value["local"]["provisions"][0]["without"], serde_json::Value::Null);
    assert_eq!(value["drafts"]["numbers"][0]["with"], 240);
}

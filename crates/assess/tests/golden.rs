//! The worked examples: what people read, in both languages, over the first eight packs.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_assess::{Assessment, Detail, assess, html, json, lines, papers};
use gongdao_i18n::{Catalogue, Language};
use support::{EXAMPLES, Shelf, scope};

/// The digest changes with every word of a pack; what is said of the law does not.
fn settled(mut assessment: Assessment) -> Assessment {
    "sha256:…".clone_into(&mut assessment.packs);
    assessment
}

#[test]
fn each_example_is_told_in_both_languages() {
    let (shelf, catalogue) = (Shelf::first(), Catalogue::embedded().unwrap());
    let law = shelf.law();
    for name in EXAMPLES {
        let service = shelf.example(name);
        let assessment = settled(assess(&law, &service, scope(&service)).unwrap());
        for language in Language::ALL {
            let text = lines(&assessment, &service, &law, catalogue.words(language), Detail::Short).unwrap().join("\n");
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(format!("{name}-{language}"), text);
            });
        }
    }
}

#[test]
fn each_example_has_its_papers_in_both_languages() {
    let (shelf, catalogue) = (Shelf::first(), Catalogue::embedded().unwrap());
    let law = shelf.law();
    for name in EXAMPLES {
        let service = shelf.example(name);
        let assessment = settled(assess(&law, &service, scope(&service)).unwrap());
        for language in Language::ALL {
            let papers = papers(&assessment, &service, &law, catalogue.words(language)).unwrap();
            assert!(papers.iter().all(|paper| paper.text.contains("草案 DRAFT")));
            let texts: Vec<String> =
                papers.iter().map(|paper| format!("=== {}\n{}", paper.file_name, paper.text)).collect();
            let text = texts.join("\n");
            insta::with_settings!({ omit_expression => true }, {
                insta::assert_snapshot!(format!("{name}-papers-{language}"), text);
            });
        }
    }
}

/// The whole result in a line a provision: what applies, how far it is kept, and what is missing.
#[test]
fn each_provision_comes_to_what_is_listed() {
    let shelf = Shelf::first();
    let law = shelf.law();
    for name in EXAMPLES {
        let service = shelf.example(name);
        let assessment = assess(&law, &service, scope(&service)).unwrap();
        let line = |finding: &gongdao_assess::ProvisionFinding| {
            let gaps: Vec<String> = finding.missing.iter().map(gongdao_assess::Gap::name).collect();
            let kept = finding.kept.map(|kept| format!(" {kept:?}")).unwrap_or_default();
            let disputed = if finding.disputed { " disputed" } else { "" };
            format!("{} {:?}{kept}{disputed} [{}]", finding.provision, finding.application, gaps.join(", "))
        };
        let table: Vec<String> = assessment.provisions.iter().map(line).collect();
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-table"), table.join("\n"));
        });
    }
}

#[test]
fn json_and_html_hold_the_same_and_nothing_runs_or_is_fetched() {
    let (shelf, catalogue) = (Shelf::whole(), Catalogue::embedded().unwrap());
    let law = shelf.law();
    for name in EXAMPLES {
        let mut service = shelf.example(name);
        "<script>alert(1)</script>".clone_into(&mut service.name);
        let assessment = assess(&law, &service, scope(&service)).unwrap();
        let text = json(&assessment, &service, &law, &catalogue).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["format"], 1);
        assert_eq!(value["provisions"].as_array().unwrap().len(), assessment.provisions.len());
        assert!(value["text"]["zh"].as_array().unwrap().len() > 10);
        let page = html(&assessment, &service, &law, &catalogue, Language::En).unwrap().replace("&#x2f;", "/");
        assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{name}");
        assert!(!page.contains("http://") && !page.contains("src=") && !page.contains("https://"), "{name}");
        for finding in &assessment.provisions {
            assert_eq!(page.matches(&format!("  {}<", finding.provision)).count(), 2, "{}", finding.provision);
        }
    }
}

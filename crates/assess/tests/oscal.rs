//! Assessment results beside the schema of those who made the format, and beside the catalog of the statute book.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::print_stdout, unreachable_pub, reason = "a skipped test says so; a shared module")]

#[path = "../../law/tests/support/oscal.rs"]
mod schema;
mod support;

use gongdao_assess::{Application, Assessment, Kept, Scope, Service, assess, oscal};
use gongdao_clock::State;
use gongdao_i18n::Catalogue;
use gongdao_law::{Book, Filter, Texts};
use gongdao_model::Standing;
use gongdao_pack::oscal::control_id;
use schema::faults;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::{EXAMPLES, Shelf, scope};

struct Case {
    assessment: Assessment,
    results: Value,
}

fn case(shelf: &Shelf, service: &Service, scope: Scope) -> Case {
    let law = shelf.law();
    let assessment = assess(&law, service, scope).unwrap();
    let text = oscal(&assessment, service, &law, &Catalogue::embedded().unwrap()).unwrap();
    let again = oscal(&assess(&law, service, scope).unwrap(), service, &law, &Catalogue::embedded().unwrap()).unwrap();
    assert_eq!(text, again, "equal input gives equal bytes");
    Case { assessment, results: serde_json::from_str(&text).unwrap() }
}

fn cases(shelf: &Shelf) -> Vec<Case> {
    let services: Vec<Service> = EXAMPLES.iter().map(|name| shelf.example(name)).collect();
    let mut cases: Vec<Case> = services.iter().map(|service| case(shelf, service, scope(service))).collect();
    let nothing = shelf.read("format = 1\nname = \"nothing was said\"\non = 2024-10-10\n").unwrap();
    cases.push(case(shelf, &nothing, scope(&nothing)));
    cases.push(case(shelf, &nothing, support::on("1990-01-02")));
    cases
}

fn result(results: &Value) -> &Value {
    &results["assessment-results"]["results"][0]
}

fn list<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    value[name].as_array().into_iter().flatten().collect()
}

fn props(value: &Value) -> BTreeMap<&str, &str> {
    list(value, "props").iter().map(|one| (one["name"].as_str().unwrap(), one["value"].as_str().unwrap())).collect()
}

#[test]
fn the_results_are_valid_oscal_and_the_schema_refuses_what_is_none() {
    for Case { results, .. } in cases(&Shelf::whole()) {
        assert_eq!(faults(&results).unwrap_or_default(), "");
    }
    let shelf = Shelf::whole();
    let service = shelf.example("food-delivery");
    let mut results = case(&shelf, &service, scope(&service)).results;
    let state = &mut results["assessment-results"]["results"][0]["findings"][0]["target"]["status"]["state"];
    *state = Value::from("cannot-tell");
    let refused = faults(&results).is_none_or(|faults| faults.contains("cannot-tell"));
    assert!(refused, "a third state of a finding is what the schema does not have");
}

/// A finding points at a statement, and a reviewed control at a control, of the exported catalog.
#[test]
fn every_target_stands_in_the_catalog() {
    let shelf = Shelf::whole();
    let book = Book::new(shelf.packs.clone(), Texts::none()).unwrap();
    let text = gongdao_law::oscal(&book, &Filter::default(), "2024-10-10".parse().unwrap()).unwrap();
    let catalog: Value = serde_json::from_str(&text).unwrap();
    let groups = list(&catalog["catalog"], "groups");
    let controls: Vec<&Value> = groups.into_iter().flat_map(|group| list(group, "controls")).collect();
    let ids: BTreeSet<&str> = controls.iter().map(|control| control["id"].as_str().unwrap()).collect();
    let statements: BTreeSet<&str> = controls
        .iter()
        .flat_map(|control| list(control, "parts"))
        .filter(|part| part["name"] == "statement")
        .map(|part| part["id"].as_str().unwrap())
        .collect();
    let mut targets = 0;
    for Case { results, assessment } in cases(&shelf) {
        for finding in list(result(&results), "findings") {
            targets += 1;
            let target = finding["target"]["target-id"].as_str().unwrap();
            assert!(statements.contains(target), "{target}");
        }
        let selected = &result(&results)["reviewed-controls"]["control-selections"][0];
        let selected = list(selected, "include-controls");
        assert!(selected.iter().all(|one| ids.contains(one["control-id"].as_str().unwrap())));
        assert_eq!(selected.len(), assessment.provisions.len());
    }
    assert!(targets > 10, "only {targets} findings");
}

/// Read off the assessment itself: nothing that is open, missing, disputed or untold is said to be satisfied or not.
#[test]
fn only_what_was_decided_is_a_finding() {
    let (mut satisfied, mut broken, mut untold, mut open) = (0, 0, 0, 0);
    for Case { assessment, results } in cases(&Shelf::whole()) {
        let result = result(&results);
        let states: BTreeMap<&str, &str> = list(result, "findings")
            .iter()
            .map(|one| (props(one)["provision"], one["target"]["status"]["state"].as_str().unwrap()))
            .collect();
        let observed: BTreeSet<&str> =
            list(result, "observations").iter().map(|one| one["uuid"].as_str().unwrap()).collect();
        assert_eq!(observed.len(), assessment.provisions.len() + assessment.duties.len(), "each has its own");
        for finding in &assessment.provisions {
            let state = states.get(finding.provision.as_str()).copied();
            let duties: Vec<_> = assessment.duties.iter().filter(|one| one.provision == finding.provision).collect();
            let waits = duties.iter().any(|duty| duty.is_open() || duty.is_untold());
            let is_late = duties.iter().any(|duty| duty.is_broken());
            let is_unsure = finding.disputed
                || matches!(finding.application, Application::CannotTell | Application::NotJudged)
                || finding.kept == Some(Kept::Missing);
            if is_unsure && !is_late {
                untold += 1;
                assert_eq!(state, None, "{}", finding.provision);
            }
            if finding.application == Application::DoesNotApply {
                assert_eq!(state, None, "{}", finding.provision);
            }
            if waits {
                assert_ne!(state, Some("satisfied"), "{}", finding.provision);
            }
            if matches!(finding.kept, Some(Kept::Broken)) && !finding.disputed {
                broken += 1;
                assert_eq!(state, Some("not-satisfied"), "{}", finding.provision);
            }
            if state == Some("satisfied") {
                satisfied += 1;
                let is_met = duties.iter().any(|duty| duty.clock.state == State::Met);
                assert!(finding.kept == Some(Kept::Kept) || is_met, "{}", finding.provision);
            }
        }
        let risks = list(result, "risks");
        open += risks.len();
        assert_eq!(risks.len(), assessment.duties.iter().filter(|duty| duty.is_open()).count());
        for risk in risks {
            let of = risk["related-observations"][0]["observation-uuid"].as_str().unwrap();
            assert!(observed.contains(of) && risk["status"] == "open");
        }
    }
    assert!(satisfied > 3 && broken > 3 && untold > 100 && open > 2, "{satisfied} {broken} {untold} {open}");
}

/// By hand: on 10 October 2024 the filing of a service of 28 September is open, to the end of 16 October.
#[test]
fn what_is_missing_and_what_is_due_stands_in_the_observations() {
    let shelf = Shelf::whole();
    let service = shelf.example("food-delivery");
    let Case { assessment, results } = case(&shelf, &service, scope(&service));
    let observations: BTreeMap<&str, &Value> = list(result(&results), "observations")
        .into_iter()
        .filter(|one| !props(one).contains_key("duty"))
        .map(|one| (props(one)["provision"], one))
        .collect();
    let mut missing = 0;
    for finding in &assessment.provisions {
        let observation = observations[finding.provision.as_str()];
        let told: BTreeSet<&str> = list(observation, "props")
            .into_iter()
            .filter(|one| one["name"] == "missing")
            .map(|one| one["value"].as_str().unwrap())
            .collect();
        let expected: BTreeSet<String> = finding.missing.iter().map(gongdao_assess::Gap::name).collect();
        missing += expected.len();
        assert_eq!(told, expected.iter().map(String::as_str).collect(), "{}", finding.provision);
        assert_eq!(props(observation)["control-id"], control_id(&finding.provision));
        if finding.standing != Standing::Verified {
            assert_ne!(props(observation)["standing"], "verified");
        }
    }
    assert!(missing > 100);
    let risks = list(result(&results), "risks");
    let answer = risks.iter().find(|risk| props(risk)["duty"] == "cn.iisarmp/22#answer").unwrap();
    assert_eq!(answer["deadline"], "2024-10-14T23:59:59.999+08:00");
}

#[test]
fn a_whole_document_is_as_it_was() {
    let shelf = Shelf::first();
    let text = "format = 1\nname = \"一个很小的服务\"\non = 2024-10-10\nactions = [\"rank\"]\n[roles]\nprovider = true\n[[event]]\nname = \"appeal-received\"\nat = 2024-10-08\n[published]\n\"cn.iisarmp/22#answer\" = \"15 days\"\n";
    let service = shelf.read(text).unwrap();
    let mut results = case(&shelf, &service, scope(&service)).results;
    // The document's own name follows from the packs' digest, which changes with every word of a pack.
    results["assessment-results"]["uuid"] = Value::from("…");
    // Of many observations two tell the form.
    let result = &mut results["assessment-results"]["results"][0];
    let keep = |value: &Value| matches!(props(value)["provision"], "cn.iisarmp/22");
    result["observations"].as_array_mut().unwrap().retain(keep);
    result["reviewed-controls"]["control-selections"][0]["include-controls"].as_array_mut().unwrap().truncate(2);
    let digest = shelf.packs.digest();
    insta::with_settings!({ omit_expression => true }, {
        insta::assert_snapshot!("oscal", serde_json::to_string_pretty(&results).unwrap().replace(&digest, "sha256:…"));
    });
}

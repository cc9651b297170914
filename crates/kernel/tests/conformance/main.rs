//! Tests of the rule language that others wrote, each request a row, through the compiled path.
//!
//! The folder is `GONGDAO_CONFORMANCE`, else `../shared/conformance`; whatever cases lie below its `cedar` are run, and a
//! file that is not understood is a failure. A policy set that passes strict validation must be compiled: what is
//! refused is listed and never counts as a pass. The others run through the official evaluator.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod convert;
mod folder;
mod run;

use folder::Folder;
use run::{Report, Way};
use std::path::{Path, PathBuf};

/// Refusals among the strictly valid tests stay below so many hundredths.
const MOST_REFUSED_PERCENT: usize = 5;

fn conformance() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GONGDAO_CONFORMANCE") {
        return Some(PathBuf::from(named));
    }
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if shared.is_dir() {
        return Some(shared.join("conformance"));
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared, and CI must have it");
    println!("skipped: no ../shared");
    None
}

#[test]
fn every_case_comes_out_as_its_file_says() {
    let Some(root) = conformance() else { return };
    let folder = Folder::read(&root.join("cedar"));
    assert!(folder.not_understood.is_empty(), "files that no test understands: {:?}", folder.not_understood);
    assert!(!folder.tests.is_empty(), "no test lies in {}", root.display());
    let report = run::all(&folder);
    println!("{report}");
    assert!(report.failures.is_empty(), "{}", report.failures.join("\n"));
    let strict = report.count(Way::Compiled) + report.refused.len();
    assert!(
        report.refused.len() * 100 < strict.max(1) * MOST_REFUSED_PERCENT,
        "{} of {strict} strictly valid tests are refused:\n{}",
        report.refused.len(),
        report.refused.join("\n")
    );
}

#[test]
fn a_case_that_comes_out_otherwise_is_a_failure() {
    let test = |decision: &str, reason: &str| {
        let json = format!(
            r#"{{"policies": "p.cedar", "schema": "s.cedarschema", "entities": "e.json", "requests": [{{
                "principal": {{"type": "User", "id": "a"}}, "action": {{"type": "Action", "id": "view"}},
                "resource": {{"type": "User", "id": "a"}}, "context": {{}},
                "decision": "{decision}", "reason": [{reason}], "errors": []}}]}}"#
        );
        let schema = "entity User; action view appliesTo { principal: User, resource: User, context: {} };";
        let policy = "permit (principal, action, resource) when { principal == resource };";
        let files = [("t.json", json.as_str()), ("p.cedar", policy), ("s.cedarschema", schema), ("e.json", "[]")];
        run::all(&Folder::of(&files))
    };
    let right: Report = test("allow", "\"policy0\"");
    assert!(right.failures.is_empty(), "{:?}", right.failures);
    assert_eq!(right.count(Way::Compiled), 1);
    assert_eq!(test("deny", "\"policy0\"").failures.len(), 1);
    assert_eq!(test("allow", "").failures.len(), 1);
    assert_eq!(test("allow", "\"policy1\"").failures.len(), 1);
}

#[test]
fn a_file_that_is_no_test_is_named() {
    let folder = Folder::of(&[("tests/new.json", "{\"cases\": []}"), ("tests/odd.bin", "x")]);
    assert_eq!(folder.not_understood, ["tests/new.json", "tests/odd.bin"]);
}

//! One small run from bad and good input to its folder.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use common::{Ask, Silent, bytes_of, complete, law, parquet_rows, run};
use gongdao_audit::Adapter;
use std::collections::BTreeMap;
use std::path::Path;

const ADAPTER: &str = r#"
format = 1
name = "feed"
zh = "推荐流"
en = "Feed"
kind = "decisions"
data = "."

[[table]]
name = "shown"
files = ["shown.csv"]
[table.columns]
id = { type = "text", required = true, unique = true }
at = { type = "instant", required = true }
person = "text"
personalised = "bool"

[[table]]
name = "choices"
files = ["choices.csv"]
[table.columns]
person = { type = "text", required = true }
at = { type = "instant", required = true }
off = { type = "text", values = ["true", "false"] }

[decisions]
sql = "decisions.sql"

[[state]]
entity = "resource"
sql = "choices.sql"
"#;
const DECISIONS: &str = r#"SELECT id AS decision_id, at, 'recommend' AS action, person,
  personalised AS "context.personalised", "_file", "_row" FROM shown"#;
const CHOICES: &str = r#"SELECT person AS key, at, 'recommendationOff' AS fact, 'set' AS op, off AS value, "_file", "_row"
FROM choices"#;
const SHOWN: &str = "id,at,person,personalised\n\
                     d1,2024-05-01T12:00:00+08:00,p1,true\n\
                     d2,2024-05-01T12:00:00.001+08:00,p1,true\n\
                     d3,2024-05-01T13:00:00+08:00,p1,\n\
                     d4,2024-05-01T13:00:00+08:00,p2,true\n";
/// p1 switches off at the instant of d2: d1 may still be personalised.
const OFF: &str = "person,at,off\np1,2024-05-01T12:00:00.001+08:00,true\np1,2024-01-01T00:00:00+08:00,false\n";
const RULE: &str = "cn.iisarmp/17/1#stop-on-switch-off@2022-03-01";

fn write(folder: &Path, files: &[(&str, &str)]) -> Adapter {
    for (name, text) in [("feed.toml", ADAPTER), ("decisions.sql", DECISIONS), ("choices.sql", CHOICES)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    for (name, text) in [("shown.csv", SHOWN), ("choices.csv", OFF)].iter().chain(files) {
        std::fs::write(folder.join(name), text).unwrap();
    }
    Adapter::read(&folder.join("feed.toml")).unwrap()
}

/// What the rule on switching recommendation off says of each decision, under its first reading.
fn outcomes(out: &Path) -> Vec<(String, String, String)> {
    let rows = parquet_rows(&out.join("verdicts.parquet"), &[]);
    let column = rows[0].keys().find(|name| name.starts_with(RULE)).unwrap();
    let text = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let cause = format!("cause {column}");
    rows.iter().map(|row| (text(row, "decision_id"), text(row, column), text(row, &cause))).collect()
}

#[test]
fn each_decision_is_judged_by_the_choice_made_at_its_instant() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), &[]);
    let out = folder.path().join("out");
    let summary = complete(run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: true }, &Silent));
    assert_eq!(summary.counts.decisions, 4);
    let expected = [
        ("d1", "not-applicable", ""),
        ("d2", "violated", ""),
        ("d3", "undetermined", "context.personalised"),
        ("d4", "undetermined", "resource.recommendationOff"),
    ];
    let found = outcomes(&out);
    let found: Vec<_> =
        found.iter().map(|(id, outcome, cause)| (id.as_str(), outcome.as_str(), cause.as_str())).collect();
    assert_eq!(found, expected);
    let findings = parquet_rows(&out.join("findings.parquet"), &[]);
    let own: Vec<_> = findings.iter().filter(|row| row["provision"] == "cn.iisarmp/17/1").collect();
    assert!(
        own.iter().all(|row| row["decision_id"] == "d2" && row["file"] == "shown.csv" && row["row"] == "2"),
        "{own:?}"
    );
    check_sarif(&out);
}

fn check_sarif(out: &Path) {
    let log: serde_json::Value = serde_json::from_slice(&std::fs::read(out.join("findings.sarif")).unwrap()).unwrap();
    assert_eq!(log["version"], "2.1.0");
    let results = log["runs"][0]["results"].as_array().unwrap();
    let failed: Vec<_> = results.iter().filter(|one| one["kind"] == "fail").collect();
    assert!(!failed.is_empty());
    for one in failed {
        // Data row 2 stands on line 3 of the file.
        let place = &one["locations"][0]["physicalLocation"];
        assert_eq!(
            (place["artifactLocation"]["uri"].as_str(), place["region"]["startLine"].as_u64()),
            (Some("shown.csv"), Some(3))
        );
        let rule =
            &log["runs"][0]["tool"]["driver"]["rules"][usize::try_from(one["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], one["ruleId"]);
    }
    assert!(results.iter().any(|one| one["kind"] == "open"), "what cannot be judged is open, not passed");
}

#[test]
fn a_bad_row_is_set_aside_and_counted_or_refused_when_strict() {
    let bad = format!("{SHOWN}d5,yesterday,p1,true\nd1,2024-05-01T12:00:00+08:00,p1,true\n");
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), &[("shown.csv", &bad)]);
    let out = folder.path().join("out");
    let lenient = complete(run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent));
    assert_eq!((lenient.counts.decisions, lenient.counts.set_aside, lenient.counts.rows), (4, 2, 8));
    let codes: Vec<_> = lenient.data_quality.iter().map(|one| (one.code.as_str(), one.first_rows.clone())).collect();
    assert_eq!(codes, [("wrong-type", vec![5]), ("duplicate", vec![6])]);

    let strict = folder.path().join("strict");
    let refused = run(&law(), &Ask { adapter: &adapter, data: None, out: &strict, strict: true }, &Silent).unwrap_err();
    let words: Vec<&str> = refused.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(words[0], "row 5, column `at`: `yesterday` is not a moment (1 in all)");
    assert!(refused.problems.iter().all(|problem| problem.hint.is_some()));
    assert!(!strict.exists(), "nothing is in place");
}

#[test]
fn an_audit_replaces_an_earlier_result_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), &[]);
    let (law, out) = (law(), folder.path().join("out"));
    std::fs::create_dir(&out).unwrap();
    std::fs::write(out.join("thesis.txt"), "years of work").unwrap();
    let ask = Ask { adapter: &adapter, data: None, out: &out, strict: false };
    let refused = run(&law, &ask, &Silent).unwrap_err();
    assert_eq!(refused.problems[0].message, "the folder holds something that is not an audit's result");
    assert_eq!(std::fs::read_to_string(out.join("thesis.txt")).unwrap(), "years of work");

    std::fs::remove_file(out.join("thesis.txt")).unwrap();
    complete(run(&law, &ask, &Silent));
    let first = bytes_of(&out);
    complete(run(&law, &ask, &Silent));
    assert!(first == bytes_of(&out), "the same run gives the same bytes");
    assert_eq!(
        first.keys().map(String::as_str).collect::<Vec<_>>(),
        ["findings.parquet", "findings.sarif", "report.html", "summary.json", "verdicts.parquet"]
    );
    let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("out.")), "work folders are left: {left:?}");
}

/// Each row: a file that somebody else keeps, below the folder of the test.
#[test]
fn what_no_audit_wrote_is_never_touched() {
    for kept in ["out/src/main.rs", "out/summary.json", "out.old/thesis.txt", "out.partial/thesis.txt"] {
        let folder = tempfile::tempdir().unwrap();
        let adapter = write(folder.path(), &[]);
        let file = folder.path().join(kept);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, "{\"years\": \"of work\"}").unwrap();
        let out = folder.path().join("out");
        let ended = run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent);
        assert_eq!(ended.is_ok(), kept.starts_with("out.old/"), "{kept}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "{\"years\": \"of work\"}", "{kept}");
    }
}

/// Killed after the results were whole and before they were in place: the next run only puts them there.
#[test]
fn results_that_were_whole_when_the_run_was_killed_are_put_in_place() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), &[]);
    let (law, out) = (law(), folder.path().join("out"));
    let ask = Ask { adapter: &adapter, data: None, out: &out, strict: false };
    complete(run(&law, &ask, &Silent));
    let results = bytes_of(&out);
    let partial = folder.path().join("out.partial");
    let key = key_of(&law, &ask, &partial);
    // The earlier result was already moved in; the folder was not yet renamed.
    std::fs::create_dir_all(partial.join("old")).unwrap();
    std::fs::write(partial.join("old/summary.json"), "{}").unwrap();
    for (name, bytes) in &results {
        std::fs::write(partial.join(name), bytes).unwrap();
    }
    std::fs::write(partial.join("complete"), key).unwrap();
    std::fs::remove_dir_all(&out).unwrap();
    let summary = complete(run(&law, &ask, &Silent));
    assert_eq!(summary.counts.decisions, 4);
    assert!(bytes_of(&out) == results && !partial.exists(), "{:?}", bytes_of(&out).keys());
}

/// The key of a run, as its checkpoint has it.
fn key_of(law: &(gongdao_pack::Packs, gongdao_rules::RuleSet), ask: &Ask<'_>, partial: &Path) -> String {
    struct Spy<'a>(&'a Path, std::cell::RefCell<String>);
    impl gongdao_audit::run::Watch for Spy<'_> {
        fn progress(&self, progress: gongdao_audit::run::Progress) {
            if progress == gongdao_audit::run::Progress::Measuring {
                let text = std::fs::read(self.0.join("checkpoint.json")).unwrap();
                let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
                value["key"].as_str().unwrap().clone_into(&mut self.1.borrow_mut());
            }
        }
        fn stop(&self) -> bool {
            false
        }
    }
    let spy = Spy(partial, std::cell::RefCell::default());
    complete(run(law, ask, &spy));
    spy.1.into_inner()
}

#[test]
fn a_decision_before_any_law_is_not_clear() {
    let before = SHOWN.replace("2024-05", "2005-05");
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), &[("shown.csv", &before)]);
    let out = folder.path().join("out");
    let summary = complete(run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent));
    assert_eq!((summary.counts.decisions, summary.counts.silent, summary.counts.clear), (4, 4, 0));
}

#[test]
fn a_decision_that_stands_nowhere_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = DECISIONS.replace("\"_row\"", "CASE WHEN id = 'd2' THEN NULL ELSE \"_row\" END AS \"_row\"");
    let adapter = write(folder.path(), &[("decisions.sql", &nowhere)]);
    let out = folder.path().join("out");
    let summary = complete(run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent));
    let codes: Vec<_> = summary.data_quality.iter().map(|one| (one.code.as_str(), one.count)).collect();
    assert_eq!((summary.counts.decisions, codes), (3, vec![("place-missing", 1)]));
}

/// `Push` for `push` would turn every rule on pushing off; nobody knows what was meant, so nobody knows the fact.
#[test]
fn a_slip_in_a_word_is_unknown_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let slip = DECISIONS.replace("person,\n", "person, 'Push' AS \"principal.category\",\n");
    assert_ne!(slip, DECISIONS);
    let adapter = write(folder.path(), &[("decisions.sql", &slip)]);
    let out = folder.path().join("out");
    let summary = complete(run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent));
    let found: Vec<_> = summary.data_quality.iter().map(|one| (one.code.as_str(), one.count, one.set_aside)).collect();
    assert_eq!(found, [("unknown-fact-word", 4, false)]);
    let missing = summary.rules.iter().flat_map(|rule| &rule.missing);
    assert!(missing.filter(|fact| fact.fact.to_string() == "principal.category").count() > 0);
}

//! A published rule over a whole run: summary, report and SARIF say the same, and what is wrong ends the run before any decision
//! is judged.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use common::{Ask, Silent, bytes_of, complete, law, run};
use gongdao_audit::Adapter;
use gongdao_audit::summary::Summary;
use gongdao_sim::{Settings, simulate};
use serde_json::Value;
use std::path::{Path, PathBuf};

const VERSION: &str = "algorithms/delivery-fee@2024-01-01.toml";

fn city(folder: &Path) -> PathBuf {
    let data = folder.join("city");
    std::fs::create_dir(&data).unwrap();
    let settings = Settings {
        seed: 3,
        orders: Settings::orders_for(3_000),
        couriers: None,
        days: 7,
        from: "2025-10-13".parse().unwrap(),
    };
    simulate(&settings, &data).unwrap();
    data
}

fn change(data: &Path, from: &str, to: &str) {
    let text = std::fs::read_to_string(data.join(VERSION)).unwrap();
    assert!(text.contains(from), "{from}");
    std::fs::write(data.join(VERSION), text.replace(from, to)).unwrap();
}

#[test]
fn summary_report_and_sarif_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let data = city(folder.path());
    let adapter = Adapter::read(&data.join("adapter.toml")).unwrap();
    let law = law();
    let outs = ["first", "again"].map(|name| folder.path().join(name));
    for out in &outs {
        complete(run(&law, &Ask { adapter: &adapter, data: None, out, strict: false }, &Silent));
    }
    assert!(bytes_of(&outs[0]) == bytes_of(&outs[1]), "equal input, other bytes");

    let read = |name: &str| std::fs::read_to_string(outs[0].join(name)).unwrap();
    let summary: Summary = serde_json::from_str(&read("summary.json")).unwrap();
    let row = &summary.declared[0];
    let differ = row.rows.recomputed - row.rows.reproduced;
    assert!(row.rows.reproduced > 100 && differ > 100, "{:?}", row.rows);

    let log: Value = serde_json::from_str(&read("findings.sarif")).unwrap();
    let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let results = log["runs"][0]["results"].as_array().unwrap();
    let own: Vec<&Value> =
        results.iter().filter(|result| result["ruleId"] == "declared/delivery-fee@2024-01-01").collect();
    assert_eq!(own.len(), 2, "one that fails, one that is open");
    for result in &own {
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    let text = own[0]["message"]["text"].as_str().unwrap();
    assert!(text.contains(&format!("{differ} of {} recomputed decisions", row.rows.recomputed)), "{text}");
    assert!(text.contains("`person_group`") && !text.contains("`night`"), "{text}");
    assert_eq!(own[0]["locations"].as_array().unwrap().len(), 5);
    assert_eq!(own[0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "decisions.csv");
    assert_eq!((own[1]["kind"].as_str(), own[1]["level"].as_str()), (Some("open"), Some("none")));

    let report = read("report.html");
    for words in ["公布的规则与实际的结果", "Published rule against actual outcome", "person_group"] {
        assert!(report.contains(words), "{words}");
    }
}

#[test]
fn a_wrong_version_ends_the_run_before_anything_is_judged() {
    let folder = tempfile::tempdir().unwrap();
    let data = city(folder.path());
    let digest = Adapter::read(&data.join("adapter.toml")).unwrap().digest;
    let law = law();
    let original = std::fs::read(data.join(VERSION)).unwrap();
    for (from, to, message) in [
        ("cn.iisarmp/16", "cn.iisarmp/999", "`cn.iisarmp/999` is in no pack"),
        ("delivery_fees", "delivery_fee", "the adapter has no table or view `delivery_fee`"),
        ("300 + road_metres", "300 + + road_meters", "the expression cannot be used"),
        ("\"severe_weather\"", "\"severe_whether\"", "has no column `severe_whether`"),
    ] {
        change(&data, from, to);
        let adapter = Adapter::read(&data.join("adapter.toml")).unwrap();
        assert_ne!(adapter.digest, digest, "the version counts into the adapter's digest");
        let out = folder.path().join("out");
        let error = run(&law, &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent).unwrap_err();
        assert!(error.problems[0].message.contains(message), "{}", error.problems[0].message);
        assert!(error.problems[0].file.ends_with("delivery-fee@2024-01-01.toml"));
        assert!(!out.exists() && !folder.path().join("out.partial").exists(), "nothing was judged");
        std::fs::write(data.join(VERSION), &original).unwrap();
    }
}

#[test]
fn a_version_that_is_not_there_is_refused_with_the_adapter() {
    let folder = tempfile::tempdir().unwrap();
    let data = city(folder.path());
    std::fs::remove_file(data.join(VERSION)).unwrap();
    let problems = Adapter::read(&data.join("adapter.toml")).unwrap_err();
    assert_eq!(problems[0].message, format!("`{VERSION}` is not a file"));
}

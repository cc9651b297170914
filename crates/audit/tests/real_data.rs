//! Real data sets through the shipped adapters: published findings reproduced, and nothing judged that nobody recorded.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use common::{parquet_rows, run_shipped};
use gongdao_audit::summary::{MeasureFlag, Summary};
use gongdao_model::Outcome;

fn count(summary: &Summary, outcome: Outcome) -> u64 {
    summary.rules.iter().map(|rule| rule.count(outcome)).sum()
}

fn finding(summary: &Summary, code: &str) -> u64 {
    summary.data_quality.iter().filter(|finding| finding.code == code).map(|finding| finding.count).sum()
}

fn nothing_was_set_aside(summary: &Summary) {
    let aside: Vec<_> = summary.data_quality.iter().filter(|finding| finding.set_aside).collect();
    assert_eq!((summary.counts.set_aside, aside), (0, Vec::new()));
}

/// The Markup's table of 13 city and provider pairs: every share to 4 decimals, every difference, every flag. The
/// adapter's check lists each cell that differs; the test of the check itself is in `a_wrong_cell_would_be_seen`.
#[test]
fn every_published_finding_on_broadband_offers_is_reproduced() {
    let Some((folder, summary)) = run_shipped("isp-offers") else { return };
    nothing_was_set_aside(&summary);
    assert_eq!(summary.counts.decisions, 89_968);
    assert_eq!(finding(&summary, "published-not-reproduced"), 0);
    assert_eq!(count(&summary, Outcome::Satisfied) + count(&summary, Outcome::Violated), 0);
    assert!(summary.source.illustration);
    let flagged = |measure: &str, pooled: bool| {
        let rows = summary.measures.iter().filter(|row| row.measure == measure && row.pooled == pooled);
        rows.filter(|row| row.flag == MeasureFlag::Disparity)
            .map(|row| row.stratum["market"].clone())
            .collect::<Vec<_>>()
    };
    // Errors that count block groups leave fewer differences sure than the authors' five points do.
    assert_eq!(flagged("isp-income", false), ["minneapolis / CenturyLink", "omaha / CenturyLink"]);
    assert_eq!(flagged("isp-income", true), ["des moines / CenturyLink", "omaha / CenturyLink"]);
    assert_eq!(flagged("isp-income-technology", true), ["omaha / CenturyLink"]);
    let flags = ["violated", "undetermined"];
    let verdicts = parquet_rows(&folder.path().join("out/verdicts.parquet"), &flags);
    assert_eq!(verdicts.len(), 89_968);
    assert!(verdicts.iter().all(|row| row["violated"] == "false" && row["undetermined"] == "true"));
}

/// The same adapter over a copy whose published table says something else in one cell.
#[test]
fn a_wrong_cell_would_be_seen() {
    let Some(shared) = common::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    for file in ["centurylink.csv", "verizon.csv"] {
        std::fs::copy(shared.join("data/isp-offers").join(file), folder.path().join(file)).unwrap();
    }
    let published = std::fs::read_to_string(shared.join("data/isp-offers/published-findings.csv")).unwrap();
    assert!(published.contains("0.7749"));
    std::fs::write(folder.path().join("published-findings.csv"), published.replacen("0.7749", "0.7750", 1)).unwrap();
    let adapter = gongdao_audit::Adapter::read(&common::root().join("adapters/isp-offers.toml")).unwrap();
    let out = folder.path().join("out");
    let ask = common::Ask { adapter: &adapter, data: Some(folder.path()), out: &out, strict: false };
    let summary = common::complete(common::run(&common::law(), &ask, &common::Silent));
    let wrong: Vec<_> = summary.data_quality.iter().filter(|one| one.code == "published-not-reproduced").collect();
    assert_eq!(wrong.len(), 1, "{wrong:#?}");
    assert_eq!(wrong[0].column.as_deref(), Some("pct_slow_lower_income"));
    assert!(wrong[0].message.en.ends_with("`0.775 / 0.7749`"), "{}", wrong[0].message.en);
}

/// No consent, no user, no choice is in the log: whatever needs them is undetermined and names them.
#[test]
fn recommendations_without_any_choice_on_record_are_never_called_satisfied() {
    let Some((_folder, summary)) = run_shipped("open-bandit") else { return };
    nothing_was_set_aside(&summary);
    assert_eq!(summary.counts.decisions, 40_000);
    assert_eq!((count(&summary, Outcome::Satisfied), count(&summary, Outcome::Violated)), (0, 0));
    assert_eq!(summary.counts.undetermined, 40_000);
    let missing =
        |path: &str| summary.rules.iter().flat_map(|rule| &rule.missing).any(|fact| fact.fact.to_string() == path);
    for path in ["resource.consents", "resource.recommendationOff", "resource.ageGroup", "context.automatedDecision"] {
        assert!(missing(path), "`{path}` is not named as missing");
    }
}

#[test]
fn duty_periods_and_delivery_targets_are_measured_and_labelled_an_illustration() {
    let Some((_folder, summary)) = run_shipped("grubhub-mdrp") else { return };
    nothing_was_set_aside(&summary);
    assert!(summary.source.illustration);
    assert_eq!(summary.counts.decisions, 1_367 + 8_298);
    assert!(!summary.parameters.is_empty(), "the assumed numbers are shown");
    assert_eq!(count(&summary, Outcome::Satisfied) + count(&summary, Outcome::Violated), 0);
    let hours = summary.figures.iter().filter(|row| row.measure == "grubhub-duty-hours" && row.label.en == "longest");
    let longest = hours.filter_map(|row| row.value).fold(0.0, f64::max);
    assert!(longest <= 8.2, "the data set's README knows no duty above 8.2 h, found {longest}");
}

#[test]
fn the_pay_share_of_ride_hailing_drivers_is_the_one_of_its_readme() {
    let Some((_folder, summary)) = run_shipped("tlc-hvfhv-sample") else { return };
    nothing_was_set_aside(&summary);
    // 12.5 % of 200 rows pay the driver more than the fare.
    assert_eq!(finding(&summary, "pay-above-fare"), 25);
}

#[test]
fn the_register_of_filings_is_read_whole_and_its_faults_are_counted() {
    let Some((_folder, summary)) = run_shipped("filings") else { return };
    nothing_was_set_aside(&summary);
    assert_eq!(summary.counts.rows, 7_945);
    let filings = summary.figures.iter().filter(|row| row.measure == "filings-by-class" && row.label.en == "filings");
    let filings: f64 = filings.filter_map(|row| row.value).sum();
    assert!((filings - 7_945.0).abs() < 0.5, "the classes add up to {filings}");
    for code in ["number-form", "number-check-digit", "number-twice"] {
        assert!(finding(&summary, code) > 0, "no finding `{code}` among {:?}", codes(&summary));
    }
}

fn codes(summary: &Summary) -> Vec<&str> {
    summary.data_quality.iter().map(|finding| finding.code.as_str()).collect()
}

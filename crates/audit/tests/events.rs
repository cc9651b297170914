//! An event that is lost leaves what it may have changed unknown: never the older value, never "fine".
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod common;

use common::{Ask, Silent, StopAfter, bytes_of, complete, law, parquet_rows, run};
use gongdao_audit::run::Ended;
use gongdao_audit::summary::Summary;
use gongdao_audit::{Adapter, AuditError};
use gongdao_pack::Packs;
use gongdao_rules::RuleSet;
use std::cell::Cell;
use std::fmt::Write as _;
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

[[table]]
name = "choices"
files = ["choices.csv"]
[table.columns]
CHOICES_COLUMNS

[[view]]
name = "early_choices"
sql = "view.sql"

[decisions]
sql = "decisions.sql"

[[state]]
entity = "resource"
sql = "choices.sql"
"#;
const DECISIONS: &str = r#"SELECT id AS decision_id, at, 'recommend' AS action, person,
  true AS "context.personalised", "_file", "_row" FROM shown"#;
const VIEW: &str = "SELECT * FROM choices";
/// The columns of the event table typed, so that the table itself refuses bad cells.
const TYPED: &str = "person = \"text\"\nat = { type = \"instant\", required = true }\n\
                     off = { type = \"text\", values = [\"true\", \"false\"] }";
/// The columns as the format advises.
const LENIENT: &str = "person = \"text\"\nat = \"text\"\noff = \"text\"";
/// Straight from the table, through a view, and in a subquery of its own.
const FROM: [&str; 3] = [
    "choices",
    "early_choices",
    "(SELECT * FROM choices WHERE person IS NULL OR person IN (SELECT person FROM early_choices))",
];
const SHOWN: &str = "id,at,person\n\
                     d1,2024-05-01T12:00:00+08:00,p1\n\
                     d2,2024-05-01T12:00:00+08:00,p2\n\
                     d3,2024-05-01T12:00:00+08:00,p3\n";
/// p1 left it on, p2 switched it off; nothing is known of p3.
const EVENTS: &str = "person,at,off\np1,2024-01-01T00:00:00+08:00,false\np2,2024-01-01T00:00:00+08:00,true\n";
const RULE: &str = "cn.iisarmp/17/1#stop-on-switch-off@2022-03-01";
const KNOWN: [&str; 3] = ["not-applicable", "violated", "undetermined"];
const NOBODY_KNOWS: [&str; 3] = ["undetermined"; 3];

fn write(folder: &Path, columns: &str, from: &str, shown: &str, events: &str) -> Adapter {
    let choices = format!(
        "SELECT person AS key, at, 'recommendationOff' AS fact, 'set' AS op, off AS value, \"_file\", \"_row\"\n\
         FROM {from}"
    );
    for (name, text) in [
        ("feed.toml", ADAPTER.replace("CHOICES_COLUMNS", columns).as_str()),
        ("decisions.sql", DECISIONS),
        ("view.sql", VIEW),
        ("choices.sql", &choices),
        ("shown.csv", shown),
        ("choices.csv", events),
    ] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    Adapter::read(&folder.join("feed.toml")).unwrap()
}

/// What the rule on switching recommendation off says of each decision, under its first reading.
fn outcomes(out: &Path) -> Vec<String> {
    let rows = parquet_rows(&out.join("verdicts.parquet"), &[]);
    let column = rows[0].keys().find(|name| name.starts_with(RULE)).unwrap();
    rows.iter().map(|row| row[column].clone()).collect()
}

/// Rows set aside, and each finding as `code: first rows (count)`.
fn faults(summary: &Summary) -> (u64, Vec<String>) {
    let line =
        |one: &gongdao_audit::summary::DataFinding| format!("{}: {:?} ({})", one.code, one.first_rows, one.count);
    (summary.counts.set_aside, summary.data_quality.iter().map(line).collect())
}

fn check(
    law: &(Packs, RuleSet),
    columns: &str,
    from: &str,
    bad: &str,
    expected: [&str; 3],
    set_aside: u64,
    found: &[&str],
) {
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), columns, from, SHOWN, &format!("{EVENTS}{bad}"));
    let out = folder.path().join("out");
    let summary = complete(run(law, &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent));
    assert_eq!(outcomes(&out), expected, "after `{bad}`, events from {from}");
    assert_eq!(faults(&summary), (set_aside, found.iter().map(|line| (*line).to_owned()).collect()), "`{bad}` {from}");
}

#[test]
fn a_row_that_the_event_table_set_aside_could_be_anybody_s() {
    let law = law();
    for from in FROM {
        check(&law, TYPED, from, "", KNOWN, 0, &[]);
        for (bad, code) in [
            ("p1,yesterday,true\n", "wrong-type"),
            ("p1,2024-02-01T00:00:00+08:00,ja\n", "unknown-word"),
            ("p1,2024-02-01T00:00:00+08:00\n", "field-count"),
        ] {
            let own = format!("{code}: [3] (1)");
            check(&law, TYPED, from, bad, NOBODY_KNOWS, 1, &["events-set-aside: [3] (1)", &own]);
        }
    }
}

#[test]
fn an_event_that_the_query_reads_touches_its_own_key_alone() {
    let law = law();
    let unknown_for_p1 = ["undetermined", "violated", "undetermined"];
    for (bad, expected, found) in [
        ("p1,yesterday,true\n", unknown_for_p1, vec!["impossible-time: [3] (1)"]),
        ("p1,2024-02-01T00:00:00+08:00,ja\n", unknown_for_p1, vec!["event-not-understood: [3] (1)"]),
        // One row, two faults.
        ("p1,yesterday,ja\n", unknown_for_p1, vec!["impossible-time: [3] (1)", "event-not-understood: [3] (1)"]),
        (",2024-02-01T00:00:00+08:00,true\n", NOBODY_KNOWS, vec!["event-without-key: [3] (1)"]),
        (",yesterday,ja\n", NOBODY_KNOWS, vec!["event-without-key: [3] (1)"]),
    ] {
        check(&law, LENIENT, "choices", bad, expected, 1, &found);
    }
}

#[test]
fn a_row_set_aside_elsewhere_leaves_the_state_known() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), TYPED, "choices", &format!("{SHOWN}d4,yesterday,p1\n"), EVENTS);
    let out = folder.path().join("out");
    complete(run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: false }, &Silent));
    assert_eq!(outcomes(&out), KNOWN);
}

#[test]
fn a_strict_run_names_the_cell_and_not_what_follows_from_it() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), TYPED, "choices", SHOWN, &format!("{EVENTS}p1,yesterday,true\n"));
    let out = folder.path().join("out");
    let refused: AuditError =
        run(&law(), &Ask { adapter: &adapter, data: None, out: &out, strict: true }, &Silent).unwrap_err();
    let words: Vec<&str> = refused.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert_eq!(words, ["row 3, column `at`: `yesterday` is not a moment (1 in all)"]);
}

#[test]
fn a_run_that_goes_on_knows_as_little() {
    const ROWS: usize = 40_000;
    let mut shown = "id,at,person\n".to_owned();
    for number in 0..ROWS {
        let _ = writeln!(shown, "d{number},2024-05-01T12:00:00+08:00,p{}", number % 3 + 1);
    }
    let folder = tempfile::tempdir().unwrap();
    let adapter = write(folder.path(), TYPED, "early_choices", &shown, &format!("{EVENTS}p1,yesterday,true\n"));
    let (law, whole, broken) = (law(), folder.path().join("whole"), folder.path().join("broken"));
    complete(run(&law, &Ask { adapter: &adapter, data: None, out: &whole, strict: false }, &Silent));
    let ask = Ask { adapter: &adapter, data: None, out: &broken, strict: false };
    let Ended::Stopped { decisions, .. } = run(&law, &ask, &StopAfter(Cell::new(4))).unwrap() else {
        panic!("not stopped")
    };
    assert!(decisions > 0, "nothing was kept");
    complete(run(&law, &ask, &Silent));
    assert!(bytes_of(&whole) == bytes_of(&broken), "differs after an interruption");
    assert!(outcomes(&broken).iter().all(|outcome| outcome == "undetermined"));
}

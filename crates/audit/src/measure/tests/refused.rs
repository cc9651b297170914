//! Measures and queries that are refused, and the words for it.

use super::{DENSITY, FIGURE, HEAD, comparison, measured, offers, read};
use crate::measure::MeasureSpec;
use std::fs;

const KINDS: &str = "write `share`, `mean`, `quantile`, `ratio`, `gini` or `figure`";

#[test]
fn a_query_that_does_not_fit_its_measure_is_refused_with_the_sql_file() {
    let share = comparison("share", "", "");
    for (toml, sql) in [
        (&share, "SELECT side FROM t"),
        (&share, "SELECT side, 'maybe' AS slow FROM t"),
        (&share, "SELECT side, slow FROM nowhere"),
        (&share, "SELEC"),
        (&share, "COPY t TO 'x.csv'"),
        (&format!("{HEAD}{FIGURE}"), "COPY t TO 'x.csv'"),
        (&format!("{HEAD}{FIGURE}"), "DROP TABLE t"),
        (&format!("{HEAD}{FIGURE}"), "SELECT 'a' AS class, 10 AS n, 1.0 AS mean; DROP TABLE t"),
        (&share, ""),
        (&comparison("mean", "", "unit = \"s\"\n"), "SELECT side, 'much' AS slow FROM t"),
        (&comparison("share", "within = [\"Nowhere\"]\n", ""), "SELECT * FROM t"),
        (&format!("{HEAD}{FIGURE}"), "SELECT 'a' AS class, 10 AS n"),
    ] {
        let context = offers(&[("X", "low", None, "1", Some(true), 20)]);
        let error = measured(&context, toml, sql).unwrap_err();
        let problem = &error.problems[0];
        assert!(problem.message.starts_with("the query of measure `m` failed: "), "{sql}: {}", problem.message);
        assert!(problem.file.ends_with("m.sql") && problem.hint.is_some(), "{problem:?}");
    }
}

/// Each row: what is replaced by what in a good measure, and line, message and hint of the refusal.
#[test]
fn a_broken_measure_is_refused_with_its_line_and_a_hint() {
    let good = comparison("share", "min_cell = 30\n", "");
    assert!(read(&good, "SELECT 1;").is_ok_and(|spec| spec.sql == "SELECT 1" && spec.min_cell == 30));
    for (from, to, line, message, hint) in [
        ("format = 1", "format = 2", 1, "measure format `2` is unknown", "this program reads `format = 1`"),
        ("id = \"m\"", "id = \"M 1\"", 2, "`M 1` is not a name", "use lower-case letters, digits and hyphens"),
        (
            "cn.pipl/24/1",
            "PIPL 24",
            3,
            "`PIPL 24` is not a provision",
            "write it like `cn.iisarmp/17/1`: instrument, article, then paragraph and item if needed",
        ),
        ("min_cell = 30", "min_cell = 0", 8, "`min_cell` is 0", "write at least 1; 10 is the default"),
        ("\"share\"", "\"median\"", 7, "kind `median` is unknown", KINDS),
        ("\"share\"", "\"quantile\"", 7, "a quantile has no unit", "add `unit` to `[comparison]`"),
        ("\"share\"", "\"ratio\"", 7, "a ratio has no unit", "add `unit` to `[comparison]`"),
        ("\"share\"", "\"mean\"", 7, "a mean has no unit", "add `unit` to `[comparison]`"),
        ("\"share\"", "\"figure\"", 7, "a figure compares nothing", "leave out `[comparison]` and `[[confounder]]`"),
        (
            "values = [\"low\"]",
            "values = []",
            7,
            "a group has no values",
            "name at least one value of the group column in `a` and `b`",
        ),
        ("[\"low\"]", "[\"top\"]", 7, "`top` stands in both groups", "a row belongs to one group"),
        (
            "group = \"side\"",
            "group = \"side\"\nleast_difference = -0.1",
            7,
            "least difference `-0.1` is not a size",
            "write 0 or more",
        ),
        (
            "group = \"side\"",
            "group = \"side\"\nleast_difference = nan",
            7,
            "least difference `NaN` is not a size",
            "write 0 or more",
        ),
        ("zh = \"题\"", "zh = \"题\"\ncolour = 1", 5, "unknown field `colour`", "compare with docs/measures.md"),
        ("min_cell = 30", "count = \"n\"", 7, "a comparison shows no figures", "leave out `count` and `[[value]]`"),
        (
            "min_cell = 30",
            "min_cell = \"ten\"",
            8,
            "invalid type: string \"ten\", expected a whole number, 0 or more",
            "compare with docs/measures.md",
        ),
    ] {
        let toml = good.replacen(from, to, 1);
        let error = read(&toml, "SELECT 1").unwrap_err();
        let [problem] = &error.problems[..] else { panic!("{error:?}") };
        assert!(problem.message.starts_with(message), "{to}: {}", problem.message);
        assert_eq!((problem.line, problem.hint.as_deref()), (Some(line), Some(hint)), "{to}");
    }
    let no_comparison = read(&format!("{HEAD}kind = \"share\"\n"), "SELECT 1").unwrap_err();
    assert_eq!(no_comparison.problems[0].message, "a comparison has no `[comparison]`");
    let no_value = read(&format!("{HEAD}kind = \"figure\"\ncount = \"n\"\n"), "SELECT 1").unwrap_err();
    assert_eq!(no_value.problems[0].message, "a figure needs `count` and at least one `[[value]]`");
}

/// Each row: a kind, more of its comparison, and message and hint of the refusal.
#[test]
fn keys_of_another_kind_are_refused() {
    const PER: &str = "a ratio, and nothing else, names in `per` the column that its sum is divided by";
    const PLACES: &str = "write 0.001 to 0.999 with at most three decimals; 0.5 is the median";
    for (kind, more, message, hint) in [
        ("gini", "unit = \"fen\"\n", "a Gini coefficient has a unit", "leave out `unit`"),
        ("ratio", "unit = \"fen\"\n", "`per` does not go with a ratio, or is missing", PER),
        ("mean", "unit = \"fen\"\nper = \"n\"\n", "`per` does not go with a mean, or is missing", PER),
        (
            "mean",
            "unit = \"s\"\nquantile = 0.5\n",
            "`quantile` does not go with a mean",
            "leave it out, or write `kind = \"quantile\"`",
        ),
        ("quantile", "unit = \"s\"\nquantile = 1.0\n", "`quantile = 1` is no quantile", PLACES),
        ("quantile", "unit = \"s\"\nquantile = 0.0005\n", "`quantile = 0.0005` is no quantile", PLACES),
        ("quantile", "unit = \"s\"\nquantile = nan\n", "`quantile = NaN` is no quantile", PLACES),
        (
            "share",
            "per = \"n\"\n",
            "a share has neither `per` nor `quantile`",
            "leave them out, or write `kind = \"ratio\"` or `\"quantile\"`",
        ),
        (
            "gini",
            "[concentration]\ncolumn = \"x\"\nzh = \"甲\"\nen = \"x\"\n",
            "a `gini` has both `[comparison]` and `[concentration]`",
            "write one: two groups compared, or one number a place",
        ),
        (
            "share",
            "[concentration]\ncolumn = \"x\"\nzh = \"甲\"\nen = \"x\"\n",
            "`[concentration]` belongs to a `gini`",
            "leave it out, or write `kind = \"gini\"`",
        ),
    ] {
        let error = read(&comparison(kind, "", more), "SELECT 1").unwrap_err();
        let [problem] = &error.problems[..] else { panic!("{error:?}") };
        assert_eq!((problem.message.as_str(), problem.hint.as_deref()), (message, Some(hint)), "{kind} {more}");
        assert_eq!(problem.line, Some(7));
    }
    let neither = read(&format!("{HEAD}kind = \"gini\"\n"), "SELECT 1").unwrap_err();
    assert_eq!(neither.problems[0].message, "a `gini` has neither `[comparison]` nor `[concentration]`");
    let held = read(&format!("{HEAD}kind = \"gini\"\n{DENSITY}"), "SELECT 1").unwrap_err();
    assert_eq!(held.problems[0].message, "a `gini` has columns of another kind");
}

#[test]
fn a_measure_or_query_that_is_no_text_is_worded() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("m.toml");
    let message = || MeasureSpec::read(&file).unwrap_err().problems[0].message.clone();
    assert_eq!(message(), "cannot read the file: no such file");
    fs::write(&file, [0x66, 0xff]).unwrap();
    assert_eq!(message(), "the file is not UTF-8");
    fs::write(&file, comparison("share", "", "")).unwrap();
    assert_eq!(message(), "cannot read the file: no such file", "its SQL");
    fs::write(folder.path().join("m.sql"), [0xff]).unwrap();
    assert_eq!(message(), "the file is not UTF-8");
}

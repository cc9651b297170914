//! Published rules that are one SQL value: what they give, and what is refused by name.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use gongdao_score::{Column, Expression, Kind};

fn factors() -> Vec<(String, Kind)> {
    [("metres", Kind::Number), ("storm", Kind::Truth), ("zone", Kind::Text)]
        .into_iter()
        .map(|(name, kind)| (name.to_owned(), kind))
        .collect()
}

fn run(text: &str) -> Vec<f64> {
    let columns =
        [Column::Number(vec![1900.0, 0.0]), Column::Truth(vec![true, false]), Column::Text(vec!["north", "south's"])];
    Expression::read(text, &factors()).unwrap_or_else(|error| panic!("{text}: {error}")).run(&columns).unwrap()
}

#[test]
fn an_expression_gives_what_sql_gives() {
    for (text, expected) in [
        ("1 + 2 * 3", [7.0, 7.0]),
        ("(1 + 2) * 3", [9.0, 9.0]),
        ("1 / 4", [0.25, 0.25]),
        ("7 % 4 - -2", [5.0, 5.0]),
        ("10 - 3 - 2", [5.0, 5.0]),
        ("1.5e2", [150.0, 150.0]),
        ("METRES / 10", [190.0, 0.0]),
        ("\"metres\"", [1900.0, 0.0]),
        ("300 + metres / 10 + CASE WHEN storm THEN 100 ELSE 0 END", [590.0, 300.0]),
        ("CASE zone WHEN 'north' THEN 1 WHEN 'south''s' THEN 2 ELSE 3 END", [1.0, 2.0]),
        ("CASE WHEN metres > 1000 THEN 1 WHEN metres > 500 THEN 2 ELSE 3 END", [1.0, 3.0]),
        ("storm", [1.0, 0.0]),
        ("NOT storm AND metres = 0 OR FALSE", [0.0, 1.0]),
        ("NOT metres = 0", [1.0, 0.0]),
        ("metres BETWEEN 1 AND 1900", [1.0, 0.0]),
        ("metres NOT BETWEEN 1 AND 1900", [0.0, 1.0]),
        ("zone IN ('north', 'east')", [1.0, 0.0]),
        ("zone NOT IN ('north', 'east')", [0.0, 1.0]),
        ("zone <> 'north'", [0.0, 1.0]),
        ("greatest(least(metres, 1000), 200, 3)", [1000.0, 200.0]),
        ("round(2.5) + round(-2.5) + abs(-1) + ceil(0.1) + floor(0.9) + sqrt(4)", [4.0, 4.0]),
        ("exp(0) + ln(1)", [1.0, 1.0]),
    ] {
        assert_eq!(run(text), expected, "{text}");
    }
    assert!(run("1 / metres")[1].is_infinite(), "a division by nothing is no error, and no number either");
}

#[test]
fn what_is_not_covered_is_refused_by_name() {
    let deep = format!("{}metres{}", "(".repeat(200), ")".repeat(200));
    let long = vec!["1"; 1_200].join("+");
    // Each level doubles what stands below it: it is counted as often as it is run.
    let doubled =
        (0..12).fold("metres".to_owned(), |inner, _| format!("CASE WHEN {inner} BETWEEN 1 AND 2 THEN 1 ELSE 0 END"));
    for (text, says) in [
        ("", "ends too early"),
        ("1 +", "ends too early"),
        ("1 2", "`2` does not fit"),
        ("speed", "`speed` is no declared factor"),
        ("\"Metres\"", "`Metres` is no declared factor"),
        ("power(metres, 2)", "the function `power` is not covered"),
        ("(SELECT 1)", "`SELECT` is not covered"),
        ("CAST(metres AS INT)", "`CAST` is not covered"),
        ("zone LIKE 'n%'", "`LIKE` does not fit"),
        ("metres IS NULL", "`IS` does not fit"),
        ("NULL", "`NULL` is not covered"),
        ("CASE WHEN storm THEN 1 END", "a CASE has no ELSE"),
        ("CASE WHEN storm THEN 1 ELSE 'a' END", "`ELSE` takes a number, and gets text"),
        ("CASE WHEN 1 THEN 1 ELSE 2 END", "`WHEN` takes yes or no, and gets a number"),
        ("storm + 1", "`+` takes a number, and gets yes or no"),
        ("metres = 'far'", "`=` takes a number, and gets text"),
        ("storm < FALSE", "`<` stands between yes and no"),
        ("NOT metres", "`NOT` takes yes or no, and gets a number"),
        ("metres AND storm", "`AND` takes yes or no, and gets a number"),
        ("metres NOT 1", "`1` does not fit"),
        ("1 < 2 < 3", "`<` does not fit"),
        ("round(metres, 2)", "`round` takes one value, and gets 2"),
        ("zone", "gives a text"),
        ("metres -- all", "a comment"),
        ("metres; 1", "`;` is no sign"),
        ("'a", "a `'` is not closed"),
        ("1.2.3", "`1.2.3` is no number"),
        ("12abc", "`12` is no number"),
        ("9007199254740993e3", "too large"),
        (&deep, "too many parts"),
        (&long, "too many parts"),
        (&doubled, "too many parts"),
        (&"1".repeat(20_000), "too long"),
    ] {
        let error = Expression::read(text, &factors()).expect_err(text);
        assert!(error.message.contains(says), "{text}: {error}");
        assert!(!error.hint.is_empty());
    }
}

#[test]
fn columns_of_another_rule_are_refused() {
    let expression = Expression::read("metres", &factors()).unwrap();
    let number = || Column::Number(vec![1.0]);
    for columns in [
        vec![number()],
        vec![number(), number(), Column::Text(vec!["a"])],
        vec![number(), Column::Truth(vec![true, false]), Column::Text(vec!["a"])],
    ] {
        assert!(expression.run(&columns).is_err());
    }
}

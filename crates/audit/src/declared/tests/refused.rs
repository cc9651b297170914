//! What is refused, with the words.

use super::*;

fn words(error: &AuditError) -> (String, String) {
    let problem = &error.problems[0];
    (problem.message.clone(), problem.hint.clone().unwrap_or_default())
}

fn refused(change: impl Fn(&str) -> String) -> (String, String) {
    let toml = change(&format!("{HEAD}{DECLARED}{EXPRESSION}"));
    words(&rerun(&toml, &orders(30, 20, |_| 0.0)).unwrap_err())
}

fn check_refused(from: &str, to: &str, message: &str) {
    let (found, hint) = refused(|toml| {
        assert!(toml.contains(from), "{from}");
        toml.replace(from, to)
    });
    assert!(found.contains(message), "`{from}` to `{to}`: {found}");
    assert!(!hint.is_empty(), "{found} has no hint");
}

#[test]
fn wrong_files_are_refused() {
    check_refused("format = 1", "format = 2", "algorithm format `2` is unknown");
    check_refused("id = \"fee\"", "id = \"Fee\"", "`Fee` is not a name");
    check_refused("id = \"fee\"", "id = \"fees\"", "the file is not named like its version");
    check_refused("2025-01-01", "2025-13-01", "`2025-13-01` is not a date");
    check_refused("zh =", "until = \"2025-01-01\"\nzh =", "the version ends before it begins");
    check_refused("[\"cn.pipl/24/1\"]", "[]", "the version is looked at for no provision");
    check_refused("unit = \"fen\"", "unit = \"fen\"\nsecret = 1", "unknown field `secret`");
    check_refused("[\"metres\", \"storm\"]", "[]", "no factor is declared");
    check_refused("[\"metres\", \"storm\"]", "[\"metres\", \"metres\"]", "column `metres` is declared twice");
    check_refused(
        "[\"metres\", \"storm\"]",
        "[\"metres\", \"fee\"]",
        "column `fee` is declared twice, or is the outcome",
    );
    check_refused("absolute = 0.5", "absolute = -0.5", "a tolerance is not a size");
    check_refused("absolute = 0.5", "absolut = 0.5", "unknown field `absolut`");
    check_refused(EXPRESSION, "", "the declared rule is missing, or stands twice");
    check_refused("unit =", "other = [\"metres\"]\nunit =", "column `metres` stands in `other`, and is declared");
}

#[test]
fn unknown_tables_and_columns_are_refused_with_what_is_there() {
    let found = refused(|toml| toml.replace("query = \"orders\"", "query = \"order\""));
    assert_eq!(found.0, "the adapter has no table or view `order`");
    let found = refused(|toml| toml.replace("[\"metres\", \"storm\"]", "[\"meters\", \"storm\"]"));
    assert_eq!(found.0, "`orders` has no column `meters`");
    assert_eq!(found.1, "its columns: decision_id, at, metres, storm, phone, orders_before, noise, fee, _file, _row");
    let found = refused(|toml| toml.replace("outcome = \"fee\"", "outcome = \"phone\""));
    assert!(found.0.starts_with("column `phone` is `Utf8"), "{}", found.0);
    let found = refused(|toml| toml.replace("unit =", "other = [\"nothing\"]\nunit ="));
    assert_eq!(found.0, "`orders` has no column `nothing`");
}

#[test]
fn wrong_expressions_are_refused() {
    for (expression, message) in [
        ("300 +", "the expression cannot be used: "),
        ("300 + distance", "No field named distance"),
        // A column that is there and was not declared.
        ("300 + noise", "No field named noise"),
        ("metres; DROP TABLE orders", "the expression cannot be used: "),
        ("metres metres metres", "the expression cannot be used: "),
        ("SUM(metres)", "the expression cannot be used: "),
        ("(SELECT MAX(noise) FROM orders)", "the expression cannot be used: "),
        ("CASE WHEN storm THEN 'a' ELSE 'b' END", "not a number or a boolean"),
        ("nosuchfunction(metres)", "nosuchfunction"),
    ] {
        let (found, hint) =
            refused(|toml| toml.replace(EXPRESSION, &format!("expression = {}\n", toml::Value::from(expression))));
        assert!(found.contains(message), "`{expression}`: {found}");
        assert_eq!(hint, "write one SQL value over the declared factors, and nothing else", "`{expression}`");
    }
}

#[test]
fn whole_numbers_in_a_rule_divide_as_people_write_them() {
    let toml = format!(
        "{HEAD}{DECLARED}expression = \"metres * 1 / 3 * (1 / 2) * CASE WHEN storm THEN 1 ELSE 1 END / CASE WHEN storm THEN 3 ELSE 3 END\"\n"
    );
    let mut all = orders(31, 20, |_| 0.0);
    for order in &mut all {
        order.fee = order.metres.map(|metres| metres / 18.0);
    }
    assert_eq!(rerun(&toml, &all).unwrap().rows.reproduced, 20);
}

#[test]
fn a_decision_that_stands_twice_is_refused() {
    let mut all = orders(32, 500, |_| 0.0);
    all[400].id = all[3].id.clone();
    let found = words(&rerun(&format!("{HEAD}{DECLARED}{EXPRESSION}"), &all).unwrap_err());
    assert_eq!(found.0, "decision `32-3` stands more than once in `orders`");
}

#[test]
fn versions_of_one_algorithm_may_not_overlap() {
    let version = |from: &str, until: &str| {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(format!("fee@{from}.toml"));
        let head = HEAD.replace("from = \"2025-01-01\"", &format!("from = \"{from}\"\n{until}"));
        fs::write(&file, format!("{head}{DECLARED}{EXPRESSION}")).unwrap();
        AlgorithmVersion::read(&file).unwrap()
    };
    let (open, later) = (version("2025-01-01", ""), version("2025-06-01", ""));
    let found = words(&AlgorithmVersion::in_order(vec![later.clone(), open]).unwrap_err());
    assert_eq!(found.0, "`fee@2025-01-01` and `fee@2025-06-01` are in use on the same day");
    assert_eq!(found.1, "write `until = \"2025-06-01\"`");
    let closed = version("2025-01-01", "until = \"2025-06-01\"");
    let ordered = AlgorithmVersion::in_order(vec![later, closed]).unwrap();
    assert_eq!(ordered.iter().map(AlgorithmVersion::key).collect::<Vec<_>>(), ["fee@2025-01-01", "fee@2025-06-01"]);
}

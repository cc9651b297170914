//! How an adapter asks for a derived fact, and how the packs' queries are checked.

use super::{START, numbers, open, packs};
use crate::AuditError;
use crate::derived::{FIRST_MILLIS, LAST_MILLIS, check};
use crate::query::Session;
use gongdao_model::Instant;
use gongdao_pack::Packs;
use std::path::Path;

const MOMENTS: &str = "decision_id = \"text\"\nperson = \"text\"\nat = \"millis\"";

/// A session over work times under other names than those of the derived query, and a derived fact asked for like this.
fn ask(folder: &Path, required: bool, asked: &str) -> Result<Session, AuditError> {
    let times = format!(
        "who = \"integer\"\nbegan = \"seconds\"\nended = {{ type = \"seconds\", required = {required} }}\nrate = \"float\""
    );
    let seconds = START / 1_000;
    let work = format!("who,began,ended,rate\n7,{seconds},{},1.5\n8,{seconds},,1.5\n", seconds + 1_800);
    // A table that is called like an input of the derived query, with nothing of what that needs.
    let orders = "dish\nnoodles\n".to_owned();
    let moments = format!("decision_id,person,at\nD,7,{0}\nE,8,{0}\n", START + 1_200_000);
    let tables = [("work", times.as_str(), work), ("orders", "dish = \"text\"", orders), ("moments", MOMENTS, moments)];
    std::fs::write(
        folder.join("renamed.sql"),
        "SELECT who AS person, began AS accepted_at, ended AS finished_at, dish FROM work CROSS JOIN orders",
    )
    .unwrap();
    std::fs::write(folder.join("after.sql"), "SELECT * FROM daily").unwrap();
    open(folder, &tables, asked)
}

const VIEW: &str = "[[view]]\nname = \"renamed\"\nsql = \"renamed.sql\"\n";
const DERIVED: &str = "[[derived]]\nname = \"daily-minutes\"\nview = \"daily\"\n";
const FROM: &str = "from = { orders = \"renamed\", moments = \"moments\" }\n";

#[test]
fn views_and_derived_facts_stand_in_the_order_of_the_file_and_keep_their_names_apart() {
    let folder = tempfile::tempdir().unwrap();
    let after = "[[view]]\nname = \"after\"\nsql = \"after.sql\"\n";
    let session = ask(folder.path(), false, &format!("{VIEW}{DERIVED}{FROM}{after}")).unwrap();
    let found = numbers(&session, "SELECT * FROM after");
    assert_eq!((&found["D"], &found["E"]), (&vec![Some(20)], &vec![None]));
    assert!(session.faults.findings().next().is_none());
}

/// The row without an end is set aside by its table: nobody knows that it was of 8, so 7 has no answer either.
#[test]
fn rows_that_a_table_sets_aside_leave_everybody_unknown_and_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let session = ask(folder.path(), true, &format!("{VIEW}{DERIVED}{FROM}")).unwrap();
    let found = numbers(&session, "SELECT * FROM daily");
    assert_eq!((&found["D"], &found["E"]), (&vec![None], &vec![None]));
    let said: Vec<_> =
        session.faults.findings().map(|one| (one.code.as_str(), one.file.as_str(), one.count, one.set_aside)).collect();
    assert_eq!(said, [("derived-set-aside", "work.csv", 1, false)]);
}

#[test]
fn what_does_not_fit_is_named_with_its_line() {
    let line = 28;
    let rows: [(&str, String, &[&str]); 9] = [
        (
            "unknown fact",
            DERIVED.replace("daily-minutes", "daily-hours") + FROM,
            &["the packs derive nothing called `daily-hours`"],
        ),
        (
            "no input",
            DERIVED.to_owned() + "from = { order = \"renamed\", moments = \"moments\" }\n",
            &["`daily-minutes` needs `orders`, and `from` does not say", "`daily-minutes` does not read `order`"],
        ),
        (
            "no table",
            DERIVED.to_owned() + "from = { orders = \"rides\", moments = \"moments\" }\n",
            &["`rides`, which `daily-minutes` should read for `orders`, is no table or view"],
        ),
        (
            "not yet there",
            DERIVED.to_owned() + "from = { orders = \"daily\", moments = \"moments\" }\n",
            &["`daily`, which `daily-minutes` should read for `orders`, is no table or view"],
        ),
        (
            "missing columns",
            DERIVED.to_owned() + "from = { orders = \"orders\", moments = \"moments\" }\n",
            &[
                "`orders` has no column `accepted_at`, which `daily-minutes` needs",
                "`orders` has no column `finished_at`, which `daily-minutes` needs",
                "`orders` has no column `person`, which `daily-minutes` needs",
            ],
        ),
        (
            "wrong type",
            DERIVED.to_owned() + "from = { orders = \"typed\", moments = \"moments\" }\n",
            &["column `accepted_at` of `typed` is `Float64`, and `daily-minutes` needs instant: from when"],
        ),
        (
            "unknown parameter",
            DERIVED.to_owned() + FROM + "parameters = { pause = 3 }\n",
            &["`daily-minutes` has no parameter `pause`"],
        ),
        (
            "impossible parameter",
            DERIVED.replace("daily", "continuous") + FROM + "parameters = { rest_minutes = -1 }\n",
            &["the parameter `rest_minutes` of `continuous-minutes` is -1"],
        ),
        (
            "name taken",
            DERIVED.replace("view = \"daily\"", "view = \"work\"") + FROM,
            &["the name `work` stands twice"],
        ),
    ];
    for (name, asked, expected) in rows {
        let folder = tempfile::tempdir().unwrap();
        let typed = "[[view]]\nname = \"typed\"\nsql = \"typed.sql\"\n";
        std::fs::write(
            folder.path().join("typed.sql"),
            "SELECT who AS person, rate AS accepted_at, ended AS finished_at FROM work",
        )
        .unwrap();
        let problems = ask(folder.path(), false, &format!("{VIEW}{typed}{asked}")).map(drop).unwrap_err().problems;
        let found: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        let fits = found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.starts_with(e));
        assert!(fits, "{name}: {found:#?}");
        for problem in &problems {
            assert!(problem.line.is_some_and(|found| found >= line), "{name}: {problem:?}");
            assert!(problem.hint.as_ref().is_some_and(|hint| !hint.is_empty()), "{name}: {problem:?}");
        }
    }
}

#[test]
fn the_queries_of_the_packs_give_what_they_declare() {
    let names: Vec<_> = packs().derived.iter().map(|fact| fact.name.as_str()).collect();
    assert_eq!(names, ["continuous-minutes", "daily-minutes", "hourly-pay", "repeat-offers", "required-speed"]);
    assert_eq!(check(packs()), []);
}

/// One row a mistake in the query: what is replaced, by what, what is said.
#[test]
fn a_query_that_does_not_give_what_it_declares_is_named() {
    let rows: [(&str, &str, &[&str]); 6] = [
        ("FROM asked\n", "FROM asked WHERE\n", &["the query failed: "]),
        (
            "minutes AS riding_minutes",
            "minutes AS minutes",
            &[
                "the query gives no column `riding_minutes`",
                "the query gives the column `minutes`, which is not declared",
            ],
        ),
        (
            "minutes AS riding_minutes",
            "'5' AS riding_minutes",
            &["the query gives `riding_minutes` as `Utf8`, and `Int64`"],
        ),
        ("FROM promises", "FROM orders", &["the query failed: "]),
        ("minutes AS riding_minutes", "minutes + $least AS riding_minutes", &["the query failed: "]),
        ("minutes AS riding_minutes", "CAST(random() AS BIGINT) AS riding_minutes", &["the query failed: "]),
    ];
    for (from, to, expected) in rows {
        let mut packs: Packs = packs().clone();
        let fact = packs.derived.iter_mut().find(|fact| fact.name == "required-speed").unwrap();
        assert!(fact.sql.text.contains(from), "{from}");
        fact.sql.text = fact.sql.text.replacen(from, to, 1);
        let found = check(&packs);
        let fits = found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.message.starts_with(e));
        assert!(fits, "{to}: {found:#?}");
        assert!(found.iter().all(|problem| problem.file == Path::new("derived/required-speed.sql")), "{found:#?}");
    }
}

#[test]
fn the_moments_that_are_taken_for_ones_are_those_of_the_model() {
    for (millis, is_one) in
        [(FIRST_MILLIS - 1, false), (FIRST_MILLIS, true), (LAST_MILLIS, true), (LAST_MILLIS + 1, false)]
    {
        assert_eq!(Instant::from_millis(millis).is_ok(), is_one, "{millis}");
    }
}

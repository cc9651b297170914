//! What people ask for, carried out in three databases by one map.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_datamap::{Change, ErrorKind, check, correct, delete, see};
use support::{RIDER, Shop, on_each};

fn change(table: &str, key: &[(&str, &str)], column: &str, from: Option<&str>, to: Option<&str>) -> Change {
    Change {
        table: table.to_owned(),
        key: key.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        column: column.to_owned(),
        from: from.map(str::to_owned),
        to: to.map(str::to_owned),
    }
}

fn count(shop: &Shop, table: &str) -> String {
    shop.ask(&format!("SELECT COUNT(*) FROM {table}"))
}

#[test]
fn everything_about_a_person_and_nothing_about_their_namesake() {
    on_each(|shop| {
        let seen = see(&shop.map(), RIDER).unwrap();
        let table = |name: &str| seen.tables.iter().find(|table| table.table == name).unwrap();
        let some = |values: &[&str]| values.iter().map(|value| Some((*value).to_owned())).collect::<Vec<_>>();
        assert_eq!(
            table("riders").rows,
            [some(&["1", "13800000000", "knows; \"quotes\" and 'these'"])],
            "{}",
            shop.name
        );
        assert_eq!(table("riders").words[1], ["手机号", "phone number"]);
        assert_eq!(table("riders").not_shown, ["rider_no", "score"]);
        assert_eq!(table("orders").rows, [some(&["10", "人民路 1 号", "500"]), some(&["11", "中山路 2 号", "600"])]);
        assert_eq!(table("events").rows, [some(&["10", "1", "a"]), some(&["10", "2", "b"])], "through the orders");
        assert_eq!(table("wages").rows.len(), 1);
        let nobody = see(&shop.map(), "p-1' OR 'a' = 'a").unwrap();
        assert!(nobody.tables.iter().all(|table| table.rows.is_empty()), "{}", shop.name);
        assert_eq!(see(&shop.map(), "").unwrap_err().kind, ErrorKind::Request);
    });
}

#[test]
fn a_number_names_a_person_exactly() {
    on_each(|shop| {
        shop.ask("CREATE TABLE numbered (id INTEGER PRIMARY KEY, person BIGINT, x VARCHAR(9))");
        shop.ask("INSERT INTO numbered VALUES (1, 7, 'a'), (2, 0, 'b')");
        let map = shop.map_of(
            "[[table]]\nname = \"numbered\"\nkey = [\"id\"]\nperson = \"person\"\non-delete = \"remove\"\n\
             column = [{ name = \"x\", zh = \"甲\", en = \"x\" }]",
        );
        let rows = |person: &str| see(&map, person).unwrap().tables[0].rows.len();
        assert_eq!([rows("7"), rows("7x"), rows("seven"), rows("07"), rows("0")], [1, 0, 0, 0, 1], "{}", shop.name);
    });
}

#[test]
fn a_value_is_put_right_only_where_it_is_this_persons_and_still_what_was_seen() {
    on_each(|shop| {
        let phone = |from, to| change("riders", &[("id", "1")], "phone", from, to);
        let map = shop.map();
        let tried = correct(&map, RIDER, &phone(Some("13800000000"), Some("13811111111")), false).unwrap();
        assert!(!tried.done && tried.is.as_deref() == Some("13811111111"));
        assert_eq!(shop.ask("SELECT phone FROM riders WHERE id = 1"), "13800000000", "{}: taken back", shop.name);
        let done = correct(&map, RIDER, &phone(Some("13800000000"), Some("13811111111")), true).unwrap();
        assert!(done.done && done.was.as_deref() == Some("13800000000"));
        assert_eq!(shop.ask("SELECT phone FROM riders WHERE id = 1"), "13811111111");
        for (change, said) in [
            (phone(Some("13800000000"), None), "holds `13811111111`"),
            (change("riders", &[("id", "2")], "phone", Some("13900000000"), None), "no row of the person"),
            (change("riders", &[("id", "1")], "note", None, None), "lets nobody correct"),
            (change("riders", &[], "phone", None, None), "has the key id"),
            (change("riders", &[("id", "1"), ("x", "1")], "phone", None, None), "has the key id"),
            (change("nowhere", &[("id", "1")], "phone", None, None), "has no table"),
            (change("orders", &[("id", "10")], "fee", Some("500"), Some("much")), "no whole number"),
            (change("orders", &[("id", "10")], "fee", Some("500"), Some("9223372036854775808")), "no whole number"),
        ] {
            let error = correct(&map, RIDER, &change, true).unwrap_err();
            assert!(error.message.contains(said), "{}: {error}", shop.name);
        }
        assert_eq!(shop.ask("SELECT fee FROM orders WHERE id = 10"), "500");
        correct(&map, RIDER, &phone(Some("13811111111"), None), true).unwrap();
        assert_eq!(shop.ask("SELECT COUNT(*) FROM riders WHERE phone IS NULL"), "1");
    });
}

#[test]
fn a_deletion_is_tried_first_and_then_exactly_that_is_carried_out() {
    on_each(|shop| {
        let map = shop.map();
        let tried = delete(&map, RIDER, None).unwrap();
        let counts: Vec<(&str, &str, u64)> =
            tried.tables.iter().map(|table| (table.table.as_str(), table.act, table.rows)).collect();
        assert_eq!(
            counts,
            [("riders", "blank", 1), ("orders", "remove", 2), ("events", "remove", 2), ("wages", "keep", 1)]
        );
        assert_eq!(tried.tables[3].article.as_deref(), Some("cn.pipl/47/2"));
        assert!(!tried.done);
        assert_eq!(
            (count(shop, "orders"), count(shop, "events")),
            ("3".into(), "3".into()),
            "{}: taken back",
            shop.name
        );
        shop.ask("INSERT INTO orders VALUES (13, 'p-1', 'new', 1)");
        let stale = delete(&map, RIDER, Some(&tried.mark)).unwrap_err();
        assert_eq!((stale.kind, count(shop, "orders").as_str()), (ErrorKind::Request, "4"), "{stale}");
        let mark = delete(&map, RIDER, None).unwrap().mark;
        assert!(delete(&map, "P-1", Some(&mark)).is_err(), "of another person");
        let done = delete(&map, RIDER, Some(&mark)).unwrap();
        assert!(done.done);
        assert_eq!(shop.ask("SELECT rider_no FROM orders"), "P-1", "{}", shop.name);
        assert_eq!(shop.ask("SELECT place FROM events"), "c");
        assert_eq!(shop.ask("SELECT COUNT(*) FROM riders WHERE phone IS NULL AND note = '已删除' AND score = 7"), "1");
        assert_eq!(shop.ask("SELECT phone FROM riders WHERE id = 2"), "13900000000");
        assert_eq!(count(shop, "wages"), "2", "an article keeps them");
        let again = delete(&map, RIDER, None).unwrap();
        assert_eq!(again.tables[1].rows, 0);
    });
}

#[test]
fn what_the_database_refuses_changes_nothing_and_the_trial_says_so() {
    on_each(|shop| {
        // Somebody else's rows refer to the orders, and no map says so.
        shop.ask("CREATE TABLE invoices (id INTEGER PRIMARY KEY, order_id INTEGER, FOREIGN KEY (order_id) REFERENCES orders (id))");
        shop.ask("INSERT INTO invoices VALUES (1, 11)");
        let error = delete(&shop.map(), RIDER, None).unwrap_err();
        assert_eq!(error.kind, ErrorKind::Database, "{}: {error}", shop.name);
        assert_eq!((count(shop, "orders"), count(shop, "events")), ("3".into(), "3".into()));
        assert_eq!(shop.ask("SELECT phone FROM riders WHERE id = 1"), "13800000000");
    });
}

#[test]
fn the_map_is_held_against_the_database() {
    on_each(|shop| {
        let fine = check(&shop.map()).unwrap();
        assert!(fine.findings.is_empty(), "{}: {:?}", shop.name, fine.findings);
        assert_eq!(fine.unmapped, ["riders.score", "wages.month"]);
        let places = |old: &str, new: &str| -> Vec<String> {
            check(&shop.map_with(old, new)).unwrap().findings.into_iter().map(|finding| finding.place).collect()
        };
        assert_eq!(places("name = \"street\"", "name = \"streets\""), ["orders.streets"]);
        assert_eq!(places("name = \"wages\"", "name = \"pay\""), ["pay"]);
        assert_eq!(see(&shop.map_with("name = \"wages\"", "name = \"pay\""), RIDER).unwrap_err().kind, ErrorKind::Map);
    });
}

#[test]
fn a_table_that_takes_nothing_back_is_not_touched() {
    on_each(|shop| {
        if shop.name != "MariaDB" {
            return;
        }
        shop.ask("DROP TABLE events");
        shop.ask("CREATE TABLE events (order_id INTEGER, seq INTEGER, place VARCHAR(80)) ENGINE = MyISAM");
        shop.ask("INSERT INTO events VALUES (10, 1, 'a')");
        let error = delete(&shop.map(), RIDER, None).unwrap_err();
        assert!(error.message.contains("takes nothing back"), "{error}");
        assert_eq!(count(shop, "events"), "1");
        assert_eq!(check(&shop.map()).unwrap().findings.len(), 1);
    });
}

#[test]
fn no_byte_of_what_was_deleted_is_left_in_the_file() {
    on_each(|shop| {
        let Some(path) = shop.address.strip_prefix("sqlite://") else { return };
        let mark = delete(&shop.map(), RIDER, None).unwrap().mark;
        delete(&shop.map(), RIDER, Some(&mark)).unwrap();
        for name in [path.to_owned(), format!("{path}-wal")] {
            let bytes = std::fs::read(&name).unwrap_or_default();
            for value in ["13800000000", "人民路 1 号", "quotes"] {
                let is_there = bytes.windows(value.len()).any(|window| window == value.as_bytes());
                assert!(!is_there, "`{value}` stands in {name}");
            }
        }
    });
}

#[test]
fn an_address_that_leads_nowhere_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("typo.db");
    on_each(|shop| {
        if shop.name == "SQLite" {
            let mut map = shop.map();
            map.database = format!("sqlite://{}", file.display());
            assert_eq!(see(&map, RIDER).unwrap_err().kind, ErrorKind::Database);
            assert!(!file.exists());
            map.database = "env:GONGDAO_NO_SUCH_ADDRESS".to_owned();
            assert!(see(&map, RIDER).unwrap_err().message.contains("GONGDAO_NO_SUCH_ADDRESS"));
            map.database = "oracle://x".to_owned();
            assert_eq!(see(&map, RIDER).unwrap_err().kind, ErrorKind::Request);
        }
    });
}

//! The three databases, each with the same small shop in it.

mod servers;

use gongdao_datamap::DataMap;
use std::path::Path;

pub(crate) const RIDER: &str = "p-1";

/// The shop's tables, as each database spells them; keys of riders are numbers, texts, and one is compared without case.
const TABLES: &str = "
CREATE TABLE riders (id INTEGER PRIMARY KEY, rider_no VARCHAR(40) NOT NULL, phone VARCHAR(40), note VARCHAR(200), score INTEGER);
CREATE TABLE orders (id INTEGER PRIMARY KEY, rider_no VARCHAR(40), street VARCHAR(80), fee INTEGER);
CREATE TABLE events (order_id INTEGER NOT NULL REFERENCES orders (id), seq INTEGER NOT NULL, place VARCHAR(80), PRIMARY KEY (order_id, seq));
CREATE TABLE wages (id INTEGER PRIMARY KEY, rider_no VARCHAR(40), amount INTEGER, month VARCHAR(7));
INSERT INTO riders VALUES (1, 'p-1', '13800000000', 'knows; \"quotes\" and ''these''', 7), (2, 'P-1', '13900000000', NULL, 9);
INSERT INTO orders VALUES (10, 'p-1', '人民路 1 号', 500), (11, 'p-1', '中山路 2 号', 600), (12, 'P-1', 'x', 700);
INSERT INTO events VALUES (10, 1, 'a'), (10, 2, 'b'), (12, 1, 'c');
INSERT INTO wages VALUES (1, 'p-1', 100, '2026-01'), (2, 'P-1', 200, '2026-01');
";

const MAP: &str = r#"
[[table]]
name = "riders"
key = ["id"]
person = "rider_no"
on-delete = "blank"
column = [
    { name = "phone", zh = "手机号", en = "phone number", correct = true, blank = true },
    { name = "note", zh = "备注", en = "note", blank = "已删除" },
]

[[table]]
name = "orders"
key = ["id"]
person = "rider_no"
on-delete = "remove"
column = [{ name = "street", zh = "街道", en = "street" }, { name = "fee", zh = "费用（分）", en = "fee in fen", correct = true }]

[[table]]
name = "events"
key = ["order_id", "seq"]
through = { table = "orders", column = "order_id", their = "id" }
on-delete = "remove"
column = [{ name = "place", zh = "地点", en = "place" }]

[[table]]
name = "wages"
key = ["id"]
person = "rider_no"
on-delete = "keep"
article = "cn.pipl/47/2"
column = [{ name = "amount", zh = "工资（分）", en = "pay in fen" }]
"#;

/// A database, and statements from outside.
pub(crate) struct Shop {
    pub(crate) name: &'static str,
    pub(crate) address: String,
    run: Box<dyn Fn(&str) -> String>,
}

impl Shop {
    /// Rows as text, `|` between values.
    pub(crate) fn ask(&self, statement: &str) -> String {
        (self.run)(statement)
    }

    pub(crate) fn map(&self) -> DataMap {
        self.map_of(MAP)
    }

    pub(crate) fn map_of(&self, tables: &str) -> DataMap {
        DataMap::parse(&format!("name = \"shop\"\ndatabase = '{}'\n{tables}", self.address)).unwrap()
    }

    /// The map with something else in it.
    pub(crate) fn map_with(&self, old: &str, new: &str) -> DataMap {
        assert!(MAP.contains(old));
        self.map_of(&MAP.replace(old, new))
    }
}

/// Do the same with each database that is there. On a build server all are.
pub(crate) fn on_each(test: impl Fn(&Shop)) {
    let folder = tempfile::tempdir().unwrap();
    test(&sqlite(folder.path()));
    for shop in [servers::postgres(), servers::mariadb()].into_iter().flatten() {
        shop.ask(TABLES);
        test(&shop);
    }
}

fn sqlite(folder: &Path) -> Shop {
    let file = folder.join("shop.db");
    let address = format!("sqlite://{}", file.display());
    let run = move |statement: &str| {
        let connection = rusqlite::Connection::open(&file).unwrap();
        let mut prepared = match connection.prepare(statement) {
            Ok(prepared) if prepared.column_count() > 0 => prepared,
            _ => {
                connection.execute_batch(statement).unwrap();
                return String::new();
            }
        };
        let count = prepared.column_count();
        let value = |row: &rusqlite::Row<'_>, at| match row.get::<_, rusqlite::types::Value>(at).unwrap() {
            rusqlite::types::Value::Null => String::new(),
            rusqlite::types::Value::Integer(number) => number.to_string(),
            rusqlite::types::Value::Text(text) => text,
            other => panic!("{other:?}"),
        };
        let rows = prepared
            .query_map([], |row| Ok((0..count).map(|at| value(row, at)).collect::<Vec<_>>().join("|")))
            .unwrap();
        rows.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    };
    let shop = Shop { name: "SQLite", address, run: Box::new(run) };
    // The journal that keeps what was deleted longest.
    shop.ask("PRAGMA journal_mode = WAL");
    shop.ask(TABLES);
    shop
}

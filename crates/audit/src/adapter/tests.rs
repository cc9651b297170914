#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use super::{Adapter, AdapterKind, ColumnKind};
use std::fs;
use std::path::Path;

const GOOD: &str = r#"
format = 1
name = "shop"
zh = "商店"
en = "Shop"
kind = "decisions"
data = "data"

[[table]]
name = "offers"
files = ["a.csv", "b.parquet"]
[table.columns]
id = { type = "text", required = true, unique = true }
price = { type = "float", min = 0, max = 100.5 }
"user-item 0" = "float"
asked = { type = "instant", offset = "+08:00", from = "Asked At" }

[decisions]
sql = "shop/decisions.sql"

[[state]]
entity = "resource"
sql = "shop/events.sql"
initial = { consents = [], profilingOff = false }

[parameters.hourlyMinimumWageFen]
value = 2640
zh = "假设"
en = "assumed"
"#;

fn write(folder: &Path, toml: &str) -> std::path::PathBuf {
    fs::create_dir_all(folder.join("shop")).unwrap();
    fs::write(folder.join("shop/decisions.sql"), "SELECT 1;\n").unwrap();
    fs::write(folder.join("shop/events.sql"), "SELECT 2").unwrap();
    let file = folder.join("shop.toml");
    fs::write(&file, toml).unwrap();
    file
}

#[test]
fn a_good_adapter_is_read_with_its_sql() {
    let folder = tempfile::tempdir().unwrap();
    let adapter = Adapter::read(&write(folder.path(), GOOD)).unwrap();
    assert_eq!(adapter.kind, AdapterKind::Decisions);
    assert_eq!(adapter.decisions.unwrap().text, "SELECT 1");
    assert_eq!(adapter.states[0].initial.len(), 2);
    assert_eq!(adapter.parameters["hourlyMinimumWageFen"].value, 2640);
    let columns: Vec<_> =
        adapter.tables[0].columns.iter().map(|c| (c.name.as_str(), c.kind, c.from.as_str())).collect();
    assert_eq!(
        columns,
        [
            ("asked", ColumnKind::Instant, "Asked At"),
            ("id", ColumnKind::Text, "id"),
            ("price", ColumnKind::Float, "price"),
            ("user-item 0", ColumnKind::Float, "user-item 0"),
        ]
    );
}

#[test]
fn the_digest_changes_with_any_sql_file_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let file = write(folder.path(), GOOD);
    let before = Adapter::read(&file).unwrap().digest;
    assert_eq!(before, Adapter::read(&file).unwrap().digest);
    fs::write(folder.path().join("shop/of-a-measure.sql"), "SELECT 3").unwrap();
    assert_ne!(before, Adapter::read(&file).unwrap().digest);
}

/// Each row: what is replaced by what in the good adapter, and the message with its line.
#[test]
fn a_bad_adapter_is_refused_with_the_line_and_a_hint() {
    let rows = [
        ("format = 1", "format = 2", 2, "adapter format `2` is unknown"),
        ("name = \"shop\"", "name = \"Shop\"", 3, "`Shop` is not a name"),
        ("kind = \"decisions\"", "kind = \"x\"", 6, "kind `x` is unknown"),
        ("kind = \"decisions\"", "kind = \"register\"", 19, "a register has a decisions query"),
        ("name = \"offers\"", "name = \"_offers\"", 10, "`_offers` is not a table name"),
        ("[\"a.csv\", \"b.parquet\"]", "[]", 11, "table `offers` has no files"),
        ("a.csv", "a.xlsx", 11, "`a.xlsx` is neither CSV nor Parquet"),
        ("\"user-item 0\" = \"float\"", "extra = \"double\"", 15, "column type `double` is unknown"),
        ("\"user-item 0\" = \"float\"", "_x = \"float\"", 15, "column `_x` starts with `_`"),
        ("max = 100.5", "max = -1", 14, "column `price` has min `0` above max `-1`"),
        ("max = 100.5", "max = nan", 14, "a limit of column `price` is not a number"),
        ("b.parquet", "a.csv", 11, "file `a.csv` stands twice in table `offers`"),
        ("unique = true", "min = 3", 13, "column `id` of type `text` cannot have `min` and `max`"),
        ("+08:00", "8", 16, "`8` is not an offset"),
        ("shop/decisions.sql", "shop/none.sql", 19, "`shop/none.sql` is not a file"),
        ("entity = \"resource\"", "entity = \"context\"", 22, "`context` has no state"),
        ("zh = \"商店\"", "zh = \"商店\"\ncolour = 1", 5, "unknown field `colour`"),
        ("format = 1", "format = ", 2, ""),
    ];
    for (from, to, line, message) in rows {
        let folder = tempfile::tempdir().unwrap();
        let file = write(folder.path(), &GOOD.replacen(from, to, 1));
        let problems = Adapter::read(&file).unwrap_err();
        assert_eq!(problems.len(), 1, "{to}: {problems:?}");
        assert_eq!(problems[0].line, Some(line), "{to}: {problems:?}");
        assert!(problems[0].message.starts_with(message), "{to}: {problems:?}");
        assert!(problems[0].hint.as_ref().is_some_and(|hint| !hint.is_empty()), "{to}: {problems:?}");
    }
}

#[test]
fn a_missing_and_a_non_utf8_adapter_are_worded() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Adapter::read(&folder.path().join("none.toml")).unwrap_err();
    assert_eq!(missing[0].message, "cannot read the file: no such file");
    let file = folder.path().join("latin.toml");
    fs::write(&file, [0x66, 0xff]).unwrap();
    assert_eq!(Adapter::read(&file).unwrap_err()[0].message, "the file is not UTF-8");
}

//! Each kind of bad input, as a row: what a file holds, which rows stay, and what is said of the others.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod parquet_types;

use super::{Found, TableSpec};
use crate::adapter::{Adapter, Sql};
use crate::query::Session;
use crate::{AuditError, columns::internal};
use datafusion::arrow::array::{Array, ArrayRef};
use datafusion::arrow::util::display::array_value_to_string;
use std::fs::{self, File};
use std::path::Path;

/// A session over one table `t` with these columns (TOML) and files.
fn open(folder: &Path, columns: &str, files: &[(&str, &[u8])]) -> Result<Session, AuditError> {
    let names: Vec<String> = files.iter().map(|(name, _)| format!("\"{name}\"")).collect();
    let toml = format!(
        "format = 1\nname = \"test\"\nzh = \"试\"\nen = \"Test\"\nkind = \"register\"\ndata = \".\"\n\
         [[table]]\nname = \"t\"\nfiles = [{}]\n[table.columns]\n{columns}\n",
        names.join(", ")
    );
    for (name, bytes) in files {
        fs::write(folder.join(name), bytes).unwrap();
    }
    fs::write(folder.join("test.toml"), toml).unwrap();
    Session::open(&Adapter::read(&folder.join("test.toml")).map_err(AuditError::from)?, folder, &[])
}

fn sql(text: &str) -> Sql {
    Sql { file: "test.sql".into(), text: text.to_owned() }
}

/// The rows of a query, a text a row: `cell|cell|…`, missing cells as `-`.
fn rows(session: &Session, query: &str) -> Result<Vec<String>, AuditError> {
    let mut rows = Vec::new();
    for batch in session.stream(&sql(query))? {
        let batch = batch?;
        for row in 0..batch.num_rows() {
            let cell = |array: &ArrayRef| {
                if array.is_null(row) {
                    return Ok("-".to_owned());
                }
                array_value_to_string(array, row).map_err(|error| internal(&error.to_string()))
            };
            rows.push(batch.columns().iter().map(cell).collect::<Result<Vec<_>, _>>()?.join("|"));
        }
    }
    Ok(rows)
}

fn found(session: &Session) -> Result<Found, AuditError> {
    let found: Vec<(TableSpec, Found)> = session.tables.found()?;
    Ok(found.into_iter().next().unwrap().1)
}

/// `file:rows column code ×count: message; hint`.
fn findings(found: &Found) -> Vec<String> {
    let line = |finding: &crate::summary::DataFinding| {
        let rows: Vec<String> = finding.first_rows.iter().map(u64::to_string).collect();
        let column = finding.column.as_deref().unwrap_or("*");
        let hint = finding.hint.as_ref().unwrap();
        assert!(!finding.message.zh.is_empty() && !hint.zh.is_empty(), "{finding:?}");
        assert!(finding.set_aside);
        let place = format!("{}:{} {column}", finding.file, rows.join(","));
        format!("{place} {} ×{}: {}; {}", finding.code, finding.count, finding.message.en, hint.en)
    };
    found.faults.findings().map(line).collect()
}

/// A table is read to the end: `kept` are its rows with their numbers, `said` the findings.
#[track_caller]
fn check(columns: &str, files: &[(&str, &[u8])], kept: &[&str], said: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path(), columns, files).unwrap();
    let read = rows(&session, "SELECT * EXCEPT (_file) FROM t").unwrap();
    assert_eq!(read, kept, "rows kept of {columns}");
    // Later queries have the rows of the first, the files are not needed any more.
    for (name, _) in files {
        fs::remove_file(folder.path().join(name)).unwrap();
    }
    assert_eq!(rows(&session, "SELECT * EXCEPT (_file) FROM t").unwrap(), kept, "read again, {columns}");
    assert_eq!(rows(&session, "SELECT count(*) FROM t").unwrap(), [kept.len().to_string()], "counted again, {columns}");
    let numbers: Vec<&str> = kept.iter().map(|row| row.rsplit('|').next().unwrap()).collect();
    let again = rows(
        &session,
        "SELECT a._row FROM t a JOIN t b ON a._file = b._file AND a._row = b._row ORDER BY a._file, a._row",
    );
    assert_eq!(again.unwrap(), numbers, "read twice at once, {columns}");
    let found = found(&session).unwrap();
    assert_eq!(findings(&found), said, "findings of {columns}");
    let (all, kept) = (found.rows.iter().sum::<u64>(), kept.len() as u64);
    assert_eq!(all, kept + found.set_aside, "every row is kept or set aside");
    assert_eq!(found.set_aside, found.faults.rows(), "every row set aside has one finding");
}

/// The run ends: all its problems, as `file: message; hint`.
#[track_caller]
fn refused(columns: &str, files: &[(&str, &[u8])], words: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let outcome = open(folder.path(), columns, files)
        .and_then(|session| rows(&session, "SELECT * FROM t").map(|rows| (session, rows)));
    let Err(error) = outcome else { panic!("{columns} was read") };
    let said: Vec<String> = error
        .problems
        .iter()
        .map(|problem| {
            let file = problem.file.file_name().unwrap_or_default().to_string_lossy();
            format!("{file}: {}; {}", problem.message, problem.hint.as_deref().unwrap())
        })
        .collect();
    assert_eq!(said, words);
}

const PRICE: &str = "id = { type = \"integer\", unique = true }\nprice = { type = \"float\", min = 1, max = 500 }";

#[test]
fn a_cell_of_the_wrong_type_sets_its_row_aside() {
    check(
        PRICE,
        &[("a.csv", b"id,price\n1,9.5\nx,9.5\n3,cheap\n4,\n5,NaN\n6,inf\n")],
        &["1|9.5|1", "4|-|4"],
        &[
            "a.csv:2 id wrong-type ×1: `x` is not a whole number; correct the cell, or change the column's type",
            "a.csv:3,5,6 price wrong-type ×3: `cheap` is not a number; correct the cell, or change the column's type",
        ],
    );
}

#[test]
fn a_number_out_of_range_is_hinted_as_a_wrong_unit_only_where_1_000_makes_it_fit() {
    let range = "lies outside the declared range 1..500";
    for (cell, hint) in [
        ("9500", "the unit may be off by 1,000"),
        ("0.0095", "the unit may be off by 1,000"),
        ("400000", "the unit may be off by 1,000"),
        ("600", "check the value, or change the range in the adapter"),
        ("600000", "check the value, or change the range in the adapter"),
        ("0.0000001", "check the value, or change the range in the adapter"),
        ("-5", "check the value, or change the range in the adapter"),
        ("0", "check the value, or change the range in the adapter"),
    ] {
        let csv = format!("id,price\n1,500\n2,{cell}\n");
        check(
            PRICE,
            &[("a.csv", csv.as_bytes())],
            &["1|500.0|1"],
            &[&format!("a.csv:2 price out-of-range ×1: `{cell}` {range}; {hint}")],
        );
    }
    check(
        "n = { type = \"integer\", min = 10 }",
        &[("a.csv", b"n\n10\n9\n")],
        &["10|1"],
        &["a.csv:2 n out-of-range ×1: `9` lies outside the declared range >= 10; the unit may be off by 1,000"],
    );
    check(
        "n = { type = \"integer\", max = 10 }",
        &[("a.csv", b"n\n10\n20000\n")],
        &["10|1"],
        &[
            "a.csv:2 n out-of-range ×1: `20000` lies outside the declared range <= 10; check the value, or change the range in the adapter",
        ],
    );
}

#[test]
fn an_impossible_time_is_shown_as_it_stands_and_hinted_as_a_wrong_unit() {
    const UNIT: &str = "the unit may be off by 1,000: seconds, milliseconds, microseconds";
    let good = "2024-05-01T04:00:00|1";
    for (kind, right, wrong, shown, hint) in [
        ("millis", "1714536000000", "1714536000", "1714536000` ms", UNIT),
        ("millis", "1714536000000", "1714536000000000", "1714536000000000` ms", UNIT),
        ("millis", "1714536000000", "1714536000000000000", "1714536000000000000` ms", UNIT),
        ("seconds", "1714536000", "1714536000000", "1714536000000` s", UNIT),
        ("seconds", "1714536000", "1714536000000000", "1714536000000000` s", UNIT),
        ("seconds", "1714536000.0", "1714536", "1714536` s", UNIT),
        ("seconds", "1714536000", "-62135596800", "-62135596800` s", "check the time"),
        ("millis", "1714536000000", "0", "0` ms", "check the time"),
        ("instant", "2024-05-01T12:00:00+08:00", "1890-05-01T12:00:00Z", "1890-05-01T12:00:00Z`", "check the time"),
    ] {
        let csv = format!("at\n{right}\n{wrong}\n");
        let said = format!("a.csv:2 at impossible-time ×1: time `{shown} lies outside the years 1990 to 2099; {hint}");
        check(&format!("at = \"{kind}\""), &[("a.csv", csv.as_bytes())], &[good], &[&said]);
    }
}

#[test]
fn instants_need_an_offset_from_the_cell_or_the_column() {
    let csv = b"at\n2024-05-01T12:00:00+08:00\n2024-05-01 12:00:00Z\n2024-05-01 12:00:00\n2024-05-01T12:00:00.250\n2024-05-01\n";
    let hint = "write it like 2024-05-01T12:00:00+08:00; without an offset, declare `offset` on the column";
    check(
        "at = \"instant\"",
        &[("a.csv", csv)],
        &["2024-05-01T04:00:00|1", "2024-05-01T12:00:00|2"],
        &[&format!("a.csv:3,4,5 at wrong-type ×3: `2024-05-01 12:00:00` is not a moment; {hint}")],
    );
    check(
        "at = { type = \"instant\", offset = \"+08:00\" }",
        &[("a.csv", csv)],
        &["2024-05-01T04:00:00|1", "2024-05-01T12:00:00|2", "2024-05-01T04:00:00|3", "2024-05-01T04:00:00.250|4"],
        &["a.csv:5 at wrong-type ×1: `2024-05-01` is not a moment; correct the cell, or change the column's type"],
    );
    check(
        "on = \"date\"",
        &[("a.csv", b"on\n2024-02-29\n2023-02-29\n01/05/2024\n")],
        &["2024-02-29|1"],
        &["a.csv:2,3 on wrong-type ×2: `2023-02-29` is not a date; write it like 2024-05-01"],
    );
}

#[test]
fn bool_words_whole_numbers_and_white_space_are_read_as_people_write_them() {
    check(
        "b = \"bool\"",
        &[("a.csv", b"b\ntrue\nFALSE\n1\n0\nYes\nno\nY\nn\n t \n2\n")],
        &["true|1", "false|2", "true|3", "false|4", "true|5", "false|6", "true|7", "false|8"],
        &["a.csv:9,10 b wrong-type ×2: `t` is not true or false; correct the cell, or change the column's type"],
    );
    check(
        "n = \"integer\"",
        &[("a.csv", "n\n3.0\n -4.000 \n3.5\n9223372036854775807\n9223372036854775808\n1e3\n３\n1,0\n".as_bytes())],
        &["3|1", "-4|2", "9223372036854775807|4"],
        &[
            "a.csv:8 * field-count ×1: the row has `2` fields, the header 1; check quotes and commas",
            "a.csv:3,5,6,7 n wrong-type ×4: `3.5` is not a whole number; correct the cell, or change the column's type",
        ],
    );
}

#[test]
fn required_cells_and_allowed_words_are_checked() {
    check(
        "id = \"integer\"\nword = { type = \"text\", required = true, values = [\"A\", \"B C\"] }",
        &[("a.csv", b"id,word\n1, B C \n2,\n3,   \n4,a\n")],
        &["1|B C|1"],
        &[
            "a.csv:2,3 word required-missing ×2: a required cell is empty; ask the source for it",
            "a.csv:4 word unknown-word ×1: `a` is not one of the allowed words; allowed: A B C",
        ],
    );
}

#[test]
fn a_unique_value_stands_once_in_all_files_and_the_first_good_row_stays() {
    check(
        PRICE,
        &[("a.csv", b"id,price\n7,0\n7,1\n8,1\n"), ("b.csv", b"id,price\n8,2\n9,2\n8.0,3\n,4\n,5\n")],
        &["7|1.0|2", "8|1.0|3", "9|2.0|2", "-|4.0|4", "-|5.0|5"],
        &[
            "a.csv:1 price out-of-range ×1: `0` lies outside the declared range 1..500; check the value, or change the range in the adapter",
            "b.csv:1,3 id duplicate ×2: `8` stands twice; the first row stays",
        ],
    );
}

#[test]
fn bytes_quotes_and_field_counts_of_csv() {
    check(
        "id = \"integer\"\nname = \"text\"",
        &[("a.csv", b"\xef\xbb\xbf\"id\",name,unread\n1,\"two\nlines, \"\"and\"\" a comma\",x\n\n2,\xff\xfe,x\n3,b\n4,b,\xff\n5,b,x,\n")],
        &["1|two\nlines, \"and\" a comma|1", "4|b|4"],
        &[
            "a.csv:3,5 * field-count ×2: the row has `2` fields, the header 3; check quotes and commas",
            "a.csv:2 name not-utf-8 ×1: `\u{fffd}\u{fffd}` is not UTF-8; save the file as UTF-8",
        ],
    );
    check("id = \"integer\"", &[("a.csv", b"id\r\n1\r\n")], &["1|1"], &[]);
    check("id = \"integer\"", &[("a.csv", b"id\n1")], &["1|1"], &[]);
    check("id = \"integer\"", &[("a.csv", b"id\n"), ("b.csv", b"id\n1\n")], &["1|1"], &[]);
    check("id = \"integer\"", &[("a.csv", b"id")], &[], &[]);
}

#[test]
fn a_file_that_cannot_be_read_as_a_whole_ends_the_run() {
    let empty = "it needs at least a header; check that it was written to the end";
    refused("id = \"integer\"", &[("a.csv", b"")], &[&format!("a.csv: the file is empty; {empty}")]);
    refused("id = \"integer\"", &[("a.csv", b"\n\n")], &[&format!("a.csv: the file is empty; {empty}")]);
    refused(
        "id = \"integer\"\nname = { type = \"text\", from = \"Name\" }",
        &[("a.csv", b"id,name\n"), ("b.csv", b"Name,Name,id\n")],
        &[
            "a.csv: column `Name` of table `t` is missing; the file has: `id`, `name`",
            "b.csv: column `Name` stands twice in the header; rename one of them",
        ],
    );
    refused(
        "id = \"integer\"",
        &[("a.csv", b"\xff\xfei\0d\0")],
        &["a.csv: the name of column 1 is not UTF-8; save the file as UTF-8"],
    );
    let closed = "close the quote; check that the file was written to the end";
    for (csv, line) in
        [("id\n1\n\"2\n3\n4\n", 3), ("id\n1\n\"2", 3), ("\u{feff}id\n\"a\nb\",1\n\"", 4), ("\"id\n1\n", 1)]
    {
        refused(
            "id = \"integer\"",
            &[("a.csv", csv.as_bytes())],
            &[&format!("a.csv: a quote in the row that begins on line {line} is never closed; {closed}")],
        );
    }
    refused(
        "id = \"integer\"",
        &[("a.parquet", b"")],
        &["a.parquet: the file is empty; check that it was written to the end"],
    );
}

#[test]
fn a_row_that_looks_like_the_end_of_a_file_is_a_row() {
    let spoiled = "a.csv:1 id control-character ×1: `·end·` holds a control character; check the encoding, and take the control characters out";
    check("id = \"text\"", &[("a.csv", b"id\n\x1eend\x1e\nlast")], &["last|2"], &[spoiled]);
}

#[test]
fn text_without_end_and_text_that_steers_a_terminal_are_set_aside() {
    let long = format!("id\n{}\n{}\n", "a".repeat(8_192), "b".repeat(8_193));
    let shown = format!("{}…", "b".repeat(60));
    let fault = format!(
        "a.csv:2 id too-long ×1: `{shown}` has 8193 bytes, at most 8192; check that quotes are closed, or leave the column out"
    );
    check("id = \"text\"", &[("a.csv", long.as_bytes())], &[&format!("{}|1", "a".repeat(8_192))], &[&fault]);
    let steering = "id\n\"two\nlines\"\n\u{1b}[31mred\nleft\u{202e}right\n";
    check(
        "id = \"text\"",
        &[("a.csv", steering.as_bytes())],
        &["two\nlines|1"],
        &[
            "a.csv:2,3 id control-character ×2: `·[31mred` holds a control character; check the encoding, and take the control characters out",
        ],
    );
}

#[test]
fn a_missing_file_and_a_missing_folder_are_worded() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), "id = \"integer\"", &[("a.csv", b"id\n")]).unwrap();
    let adapter = Adapter::read(&folder.path().join("test.toml")).unwrap();
    fs::remove_file(folder.path().join("a.csv")).unwrap();
    let message = |data: &Path| Session::open(&adapter, data, &[]).map(|_| ()).unwrap_err().problems[0].message.clone();
    assert_eq!(message(folder.path()), "cannot read the file: no such file");
    assert_eq!(message(&folder.path().join("none")), "the data folder does not exist");
}

/// More rows than a batch holds, so that batch edges, file edges and early ends are met.
#[test]
fn what_was_found_counts_once_however_often_and_however_far_a_table_is_read() {
    let lines = (0..20_000).map(|id| format!("{id},{}\n", if id % 1_000 == 7 { 0 } else { 2 }));
    let csv = std::iter::once("id,price\n".to_owned()).chain(lines).collect::<String>();
    let queries = [
        "SELECT id FROM t LIMIT 3",
        "SELECT COUNT(*) FROM t",
        "SELECT a.id FROM t a JOIN t b ON a.id = b.id WHERE a.id < 3",
        "SELECT id FROM t UNION ALL SELECT id FROM t",
    ];
    for count in 0..=queries.len() {
        let folder = tempfile::tempdir().unwrap();
        let session =
            open(folder.path(), PRICE, &[("a.csv", csv.as_bytes()), ("b.csv", b"id,price\n5,2\n20000,2\n")]).unwrap();
        let sizes: Vec<usize> = queries[..count].iter().map(|query| rows(&session, query).unwrap().len()).collect();
        assert_eq!(sizes, [3, 1, 3, 39_962][..count]);
        for _ in 0..2 {
            let found = found(&session).unwrap();
            assert_eq!((found.rows.clone(), found.set_aside), (vec![20_000, 2], 21), "after {count} queries");
            assert_eq!(
                findings(&found),
                [
                    "a.csv:8,1008,2008,3008,4008 price out-of-range ×20: `0` lies outside the declared range 1..500; check the value, or change the range in the adapter",
                    "b.csv:1 id duplicate ×1: `5` stands twice; the first row stays",
                ]
            );
        }
    }
}

#[test]
fn rows_come_in_the_order_of_the_files_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let files: [(&str, &[u8]); 2] = [("b.csv", b"id\n2\nx\n1\n"), ("a.csv", b"id\n3\n")];
    let session = open(folder.path(), "id = \"integer\"", &files).unwrap();
    assert_eq!(rows(&session, "SELECT _file, _row, id FROM t").unwrap(), ["b.csv|1|2", "b.csv|3|1", "a.csv|1|3"]);
}

#[test]
fn a_fault_while_a_query_runs_keeps_its_own_words() {
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path(), "id = \"integer\"", &[("a.csv", b"id\n1\n")]).unwrap();
    drop(File::create(folder.path().join("a.csv")).unwrap());
    let error = rows(&session, "SELECT SUM(id) FROM t").unwrap_err();
    assert_eq!(error.problems[0].message, "the file is empty");
    let error = rows(&session, "SELECT nothing FROM t").unwrap_err();
    assert!(error.problems[0].message.starts_with("the query failed: "), "{error}");
    assert_eq!(error.problems[0].file, Path::new("test.sql"));
}

#[test]
fn a_query_reads_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path(), "id = \"integer\"", &[("a.csv", b"id\n1\n")]).unwrap();
    let target = folder.path().join("stolen.csv");
    for query in [
        format!("COPY t TO '{}' STORED AS CSV", target.display()),
        "CREATE TABLE u AS SELECT * FROM t".to_owned(),
        "DROP TABLE t".to_owned(),
        "INSERT INTO t VALUES (2, 'a.csv', 2)".to_owned(),
        "SET datafusion.execution.batch_size = 1".to_owned(),
        format!("CREATE EXTERNAL TABLE u STORED AS CSV LOCATION '{}'", folder.path().display()),
        "SELECT 1; SELECT 2".to_owned(),
    ] {
        let error = rows(&session, &query).unwrap_err();
        assert!(error.problems[0].message.starts_with("the query failed: "), "{query}: {error}");
    }
    assert!(!target.exists());
    assert_eq!(rows(&session, "SELECT id FROM t").unwrap(), ["1"], "the table is still there");
}

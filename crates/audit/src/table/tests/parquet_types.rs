//! Parquet whose columns have other types than the adapter says, or whose end is cut off.

use super::{PRICE, check, found, open, refused, rows};
use datafusion::arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Decimal128Array, Float64Array, Int64Array, StringArray,
    TimestampMicrosecondArray, TimestampSecondArray, UInt64Array,
};
use datafusion::arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use std::sync::Arc;

fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    bytes
}

/// Each row: the column's kind, what Parquet holds, the rows kept and the findings.
#[test]
fn parquet_of_another_type_is_read_by_the_same_rules_as_text() {
    let wrong = "correct the cell, or change the column's type";
    let rows: [(&str, ArrayRef, &[&str], &[String]); 12] = [
        ("text", Arc::new(Int64Array::from(vec![Some(7), None])), &["7|1", "-|2"], &[]),
        (
            "integer",
            Arc::new(StringArray::from(vec!["7", "x"])),
            &["7|1"],
            &[format!("`x` is not a whole number; {wrong}")],
        ),
        (
            "integer",
            Arc::new(Float64Array::from(vec![3.0, 3.5])),
            &["3|1"],
            &[format!("`3.5` is not a whole number; {wrong}")],
        ),
        (
            "integer",
            Arc::new(UInt64Array::from(vec![7, u64::MAX])),
            &["7|1"],
            &[format!("`18446744073709551615` is not a whole number; {wrong}")],
        ),
        (
            "integer",
            Arc::new(Decimal128Array::from(vec![300, 350]).with_precision_and_scale(9, 2).unwrap()),
            &["3|1"],
            &[format!("`3.50` is not a whole number; {wrong}")],
        ),
        (
            "float",
            Arc::new(Float64Array::from(vec![1.5, f64::NAN])),
            &["1.5|1"],
            &[format!("`NaN` is not a number; {wrong}")],
        ),
        (
            "float",
            Arc::new(Float64Array::from(vec![1.5, f64::NEG_INFINITY])),
            &["1.5|1"],
            &[format!("`-inf` is not a number; {wrong}")],
        ),
        ("bool", Arc::new(Int64Array::from(vec![1, 2])), &["true|1"], &[format!("`2` is not true or false; {wrong}")]),
        ("bool", Arc::new(BooleanArray::from(vec![Some(false), None])), &["false|1", "-|2"], &[]),
        (
            "instant",
            Arc::new(TimestampMicrosecondArray::from(vec![1_714_536_000_000_001]).with_timezone("+09:00")),
            &["2024-05-01T04:00:00|1"],
            &[],
        ),
        ("seconds", Arc::new(Int64Array::from(vec![1_714_536_000])), &["2024-05-01T04:00:00|1"], &[]),
        ("date", Arc::new(StringArray::from(vec!["2024-05-01"])), &["2024-05-01|1"], &[]),
    ];
    for (kind, array, kept, faults) in rows {
        let said: Vec<String> = faults.iter().map(|words| format!("a.parquet:2 c wrong-type ×1: {words}")).collect();
        let said: Vec<&str> = said.iter().map(String::as_str).collect();
        check(&format!("c = \"{kind}\""), &[("a.parquet", &parquet(vec![("c", array)]))], kept, &said);
    }
}

#[test]
fn a_parquet_value_that_cannot_be_carried_over_is_a_fault_and_not_a_missing_cell() {
    let bytes = parquet(vec![("c", Arc::new(BinaryArray::from(vec![Some(&b"ok"[..]), Some(b"\xff"), None])))]);
    check(
        "c = \"text\"",
        &[("a.parquet", &bytes)],
        &["ok|1", "-|3"],
        &["a.parquet:2 c not-utf-8 ×1: `\u{fffd}` is not UTF-8; save the file as UTF-8"],
    );
    let zoned = TimestampSecondArray::from(vec![Some(1_714_536_000), Some(i64::MAX), None]).with_timezone("UTC");
    let bytes = parquet(vec![("c", Arc::new(zoned))]);
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path(), "c = \"instant\"", &[("a.parquet", &bytes)]).unwrap();
    assert_eq!(rows(&session, "SELECT * EXCEPT (_file) FROM t").unwrap(), ["2024-05-01T04:00:00|1", "-|3"]);
    let found = found(&session).unwrap();
    assert_eq!((found.set_aside, found.faults.findings().next().unwrap().first_rows.as_slice()), (1, &[2][..]));
}

/// Noon without a zone is four in the morning in UTC only if somebody says that it was noon in Beijing.
#[test]
fn a_parquet_moment_without_a_zone_needs_a_declared_offset() {
    let bytes = parquet(vec![("c", Arc::new(TimestampSecondArray::from(vec![1_714_564_800])))]);
    let files: [(&str, &[u8]); 1] = [("a.parquet", &bytes)];
    check("c = { type = \"instant\", offset = \"+08:00\" }", &files, &["2024-05-01T04:00:00|1"], &[]);
    let folder = tempfile::tempdir().unwrap();
    let session = open(folder.path(), "c = \"instant\"", &files).unwrap();
    let refused = rows(&session, "SELECT * FROM t").unwrap_err();
    assert_eq!(refused.problems[0].message, "the moments of column `c` have no time zone");
}

#[test]
fn parquet_with_bad_rows_duplicates_and_a_cut_end() {
    let bytes = parquet(vec![
        ("unread", Arc::new(StringArray::from(vec!["", "", "", ""]))),
        ("price", Arc::new(Float64Array::from(vec![Some(2.0), Some(9500.0), None, Some(4.0)]))),
        ("id", Arc::new(Int64Array::from(vec![1, 2, 3, 1]))),
    ]);
    check(
        PRICE,
        &[("a.parquet", &bytes), ("b.csv", b"id,price\n3,1\n4,1\n")],
        &["1|2.0|1", "3|-|3", "4|1.0|2"],
        &[
            "a.parquet:4 id duplicate ×1: `1` stands twice; the first row stays",
            "a.parquet:2 price out-of-range ×1: `9500` lies outside the declared range 1..500; the unit may be off by 1,000",
            "b.csv:1 id duplicate ×1: `3` stands twice; the first row stays",
        ],
    );
    for cut in [1, 8, bytes.len() / 2, bytes.len() - 5] {
        let folder = tempfile::tempdir().unwrap();
        let error = open(folder.path(), PRICE, &[("a.parquet", &bytes[..cut])]).map(|_| ()).unwrap_err();
        assert!(error.problems[0].message.starts_with("cannot read the file as Parquet: "), "{cut}: {error}");
        assert_eq!(error.problems[0].hint.as_deref(), Some("check that the file was written to the end"));
    }
    refused(
        PRICE,
        &[("a.parquet", b"id,price\n1,2\n3,4\n")],
        &[
            "a.parquet: cannot read the file as Parquet: Invalid Parquet file. Corrupt footer; check that the file was written to the end",
        ],
    );
    let no_id = parquet(vec![("price", Arc::new(Float64Array::from(vec![2.0])))]);
    refused(
        PRICE,
        &[("a.parquet", &no_id)],
        &["a.parquet: column `id` of table `t` is missing; the file has: `price`"],
    );
}

//! Events from Parquet into the as-of index.

use super::sample::{text, value};
use super::source::Source;
use super::{rules, told};
use arrow_array::cast::AsArray;
use arrow_array::types::{Int32Type, Int64Type};
use arrow_array::{Array, ArrayRef, RecordBatch};
use gongdao_kernel::{AsOfIndex, Change, Event, EventLog, Sees};
use gongdao_model::{Entity, FactPath, FactType, Instant};
use gongdao_rules::RuleSet;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

const BATCH: usize = 65_536;

/// The states of all keys of a file, about the facts that the rules refer to.
pub(super) fn index(path: &Path, rules: &RuleSet, whose: Entity, threads: usize) -> Result<AsOfIndex, String> {
    let facts: Vec<(FactPath, FactType)> =
        rules::facts(rules)?.into_iter().filter(|(path, _)| path.entity() == whose).collect();
    let key = if whose == Entity::Person { "person" } else { "algorithm" };
    let names = facts.iter().map(|(path, _)| path.to_string());
    let wanted: Vec<String> = [key.to_owned(), "at".to_owned()].into_iter().chain(names).collect();
    let source = Source::open(path, &wanted)?;
    let mut log = EventLog::new(facts.clone());
    for row_group in 0..source.row_groups() {
        for batch in source.batches(row_group, BATCH)? {
            push(&mut log, &batch.map_err(told)?, key, &facts)?;
        }
    }
    log.fold(&BTreeMap::new(), Sees::Happened, threads).map_err(told)
}

/// A row is a whole state; what it says anew is what differs from the row before. Rows are compared by codes, and each
/// distinct value is made once a batch.
fn push(log: &mut EventLog, batch: &RecordBatch, key: &str, facts: &[(FactPath, FactType)]) -> Result<(), String> {
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("the events have no column `{name}`"));
    let keys = column(key)?;
    let at = column("at")?.as_primitive::<Int64Type>();
    let mut columns = Vec::with_capacity(facts.len());
    for (path, kind) in facts {
        let array = column(&path.to_string())?;
        columns.push(Column { array, kind: *kind, codes: codes(array, *kind)?, changes: HashMap::new(), last: None });
    }
    let mut last = None;
    for row in 0..batch.num_rows() {
        let key = text(keys, row).ok_or("an event without a key")?;
        let is_same = last == Some(key);
        last = Some(key);
        let at = Some(Instant::from_millis(at.value(row)).map_err(told)?);
        for (fact, column) in columns.iter_mut().enumerate() {
            let code = column.codes.get(row).copied().unwrap_or_default();
            if is_same && column.last == Some(code) {
                continue;
            }
            column.last = Some(code);
            let (array, kind) = (column.array, column.kind);
            let change = column
                .changes
                .entry(code)
                .or_insert_with(|| value(array, kind, row).map_or(Change::Forget, Change::Set));
            log.push(&Event { key, at, known_at: None, seq: None, fact, change }).map_err(told)?;
        }
    }
    Ok(())
}

struct Column<'a> {
    array: &'a ArrayRef,
    kind: FactType,
    codes: Vec<u64>,
    changes: HashMap<u64, Change>,
    last: Option<u64>,
}

/// Equal values of a batch have equal codes; 0 is unknown.
fn codes(array: &ArrayRef, kind: FactType) -> Result<Vec<u64>, String> {
    let keys = |array: &ArrayRef| -> Result<Vec<u64>, String> {
        let keys = array.as_dictionary_opt::<Int32Type>().ok_or("an event text that is no dictionary")?.keys();
        Ok(keys.iter().map(|key| key.and_then(|key| u64::try_from(key + 1).ok()).unwrap_or(0)).collect())
    };
    Ok(match kind {
        FactType::Bool => {
            array.as_boolean().iter().map(|value| value.map_or(0, |value| 1 + u64::from(value))).collect()
        }
        FactType::Long => {
            let longs = array.as_primitive::<Int64Type>().iter();
            longs.map(|value| value.map_or(0, |value| value.cast_unsigned() | 1 << 63)).collect()
        }
        FactType::Text => keys(array)?,
        FactType::TextSet => {
            let lists = array.as_list::<i32>();
            let words = keys(lists.values())?;
            let words: Vec<u64> = words.into_iter().map(|word| 1 << word.min(62)).collect();
            let bounds = lists.value_offsets().windows(2).enumerate();
            let mask = |(row, bounds): (usize, &[i32])| {
                let bound = |at: usize| bounds.get(at).and_then(|at| usize::try_from(*at).ok()).unwrap_or(0);
                let members = words.get(bound(0)..bound(1)).unwrap_or_default();
                if lists.is_valid(row) { members.iter().fold(1 << 63, |mask, word| mask | word) } else { 0 }
            };
            bounds.map(mask).collect()
        }
    })
}

//! Decisions of the files as facts, for evaluators that take one at a time, and batches that stay in memory.

use super::run::{Audit, states_of, wanted, with_facts};
use super::source::Source;
use super::states;
use super::told;
use crate::decisions::Decision;
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use gongdao_kernel::columns::{ACTION, ALGORITHM, AT, PERSON};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Facts, Instant};
use gongdao_rules::RuleSet;

/// `count` decisions, an equal number from the beginning of each row group, the state joined in.
pub(crate) fn batches(audit: &Audit, rules: &RuleSet, count: usize) -> Result<Vec<RecordBatch>, String> {
    let indexes = [
        ("person", states::index(&audit.data.join("person-events.parquet"), rules, Entity::Person, 1)?),
        ("algorithm", states::index(&audit.data.join("algorithm-events.parquet"), rules, Entity::Algorithm, 1)?),
    ];
    let keys = [PERSON, ALGORITHM].map(str::to_owned);
    let wanted: Vec<String> = wanted(rules)?.into_iter().chain(keys).collect();
    let source = Source::open(&audit.data.join("decisions.parquet"), &wanted)?;
    let each = count.div_ceil(source.row_groups().max(1));
    let mut found = Vec::new();
    for row_group in 0..source.row_groups() {
        let mut left = each;
        for batch in source.batches(row_group, audit.batch)? {
            let batch = batch.map_err(told)?;
            let batch = batch.slice(0, batch.num_rows().min(left));
            left -= batch.num_rows();
            let states = indexes.iter().map(|(key, index)| states_of(&batch, key, index));
            let states = states.collect::<Result<Vec<_>, _>>()?;
            let seen = indexes.iter().map(|(_, index)| index).zip(states.iter().map(Vec::as_slice));
            found.push(with_facts(&batch, seen)?);
            if left == 0 {
                break;
            }
        }
    }
    Ok(found)
}

/// The rows of a batch, with the numbers that law sets on their day.
pub(crate) fn decisions(batch: &RecordBatch, rules: &RuleSet) -> Result<Vec<Decision>, String> {
    let column = |name: &str| batch.column_by_name(name).ok_or_else(|| format!("no column `{name}`"));
    let (at, action) = (column(AT)?.as_primitive::<Int64Type>(), column(ACTION)?);
    let mut columns: Vec<(FactPath, FactType, &ArrayRef)> = Vec::new();
    for (path, kind) in super::rules::facts(rules)? {
        columns.push((path.clone(), kind, column(&path.to_string())?));
    }
    let mut decisions = Vec::with_capacity(batch.num_rows());
    for row in 0..batch.num_rows() {
        let at = Instant::from_millis(at.value(row)).map_err(told)?;
        let known = columns.iter().filter_map(|(path, kind, array)| Some((path.clone(), value(array, *kind, row)?)));
        let mut facts: Facts = known.collect();
        for (path, number) in rules.parameters(at.date_in_shanghai(), None) {
            facts.insert(path, FactValue::Long(number));
        }
        let action = text(action, row).ok_or("a decision without an action")?.to_owned();
        decisions.push(Decision { at, action, facts });
    }
    Ok(decisions)
}

/// The value of a fact; none is unknown.
pub(super) fn value(array: &ArrayRef, kind: FactType, row: usize) -> Option<FactValue> {
    if array.is_null(row) {
        return None;
    }
    match kind {
        FactType::Bool => Some(FactValue::Bool(array.as_boolean().value(row))),
        FactType::Long => Some(FactValue::Long(array.as_primitive::<Int64Type>().value(row))),
        FactType::Text => text(array, row).map(|text| FactValue::Text(text.to_owned())),
        FactType::TextSet => {
            let (lists, row) = match array.as_any_dictionary_opt() {
                Some(dictionary) => (dictionary.values(), position(dictionary.keys().slice(row, 1).as_ref())?),
                None => (array, row),
            };
            let words = lists.as_list::<i32>().value(row);
            let words = (0..words.len()).filter_map(|at| text(&words, at).map(str::to_owned));
            Some(FactValue::TextSet(words.collect()))
        }
    }
}

/// A text, plain or in a dictionary.
pub(super) fn text(array: &ArrayRef, row: usize) -> Option<&str> {
    if array.is_null(row) {
        return None;
    }
    let Some(dictionary) = array.as_any_dictionary_opt() else { return Some(array.as_string::<i32>().value(row)) };
    // One key, not a list of all of them.
    let key = dictionary.keys().slice(row, 1);
    let key = position(key.as_ref())?;
    Some(dictionary.values().as_string::<i32>().value(key))
}

fn position(keys: &dyn Array) -> Option<usize> {
    use arrow_array::types::{Int32Type, UInt32Type};
    let signed = keys.as_primitive_opt::<Int32Type>().map(|keys| usize::try_from(keys.value(0)).ok());
    let unsigned = || keys.as_primitive_opt::<UInt32Type>().map(|keys| usize::try_from(keys.value(0)).ok());
    signed.or_else(unsigned).flatten()
}

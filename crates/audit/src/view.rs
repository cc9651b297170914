//! The decisions query's rows as decisions in the words of the vocabulary.

#[cfg(test)]
mod tests;

use crate::AuditError;
use crate::adapter::{Assumption, Sql};
use crate::columns::{self, ACTION, ALGORITHM, AT, DECISION, DECISION_COLUMNS, FILE, PERSON, PLACE, ROW, TextWords};
use crate::error::problem;
use crate::read_at::{Moments, integers, moments, texts};
use crate::repeats::Seen;
use crate::table::{Fault, FaultTally};
use datafusion::arrow::array::{Array, ArrayRef, BooleanArray, Int64Array, StringArray, new_null_array};
use datafusion::arrow::compute::{CastOptions, cast_with_options, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Field, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::{Entity, FactPath, FactType, FactValue, PlaceCode};
use gongdao_pack::Problem;
use gongdao_rules::{FactDeclaration, Vocabulary};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::PathBuf;
use std::sync::Arc;

const NEEDED: [&str; 5] = [DECISION, AT, ACTION, FILE, ROW];

/// How the columns of one decisions query are read, and what was wrong in its rows so far.
pub(crate) struct DecisionView {
    file: PathBuf,
    facts: Vec<(FactPath, FactType)>,
    assumed: Vec<(FactPath, i64)>,
    /// Facts of the query that can have certain words only.
    closed: BTreeMap<FactPath, FactDeclaration>,
    actions: BTreeSet<String>,
    /// Identifiers that stand more than once, and which of them were met.
    seen: Seen,
    pub(crate) faults: FaultTally,
    pub(crate) set_aside: u64,
}

impl DecisionView {
    /// Check the query's columns against the vocabulary. `from_state` are the facts that states give.
    pub(crate) fn plan(
        sql: &Sql,
        schema: &Schema,
        vocabulary: &Vocabulary,
        parameters: &BTreeMap<String, Assumption>,
        from_state: &BTreeSet<FactPath>,
    ) -> Result<Self, AuditError> {
        let mut problems = Vec::new();
        let refuse = |message: String, hint: &str| problem(&sql.file, message, hint);
        for needed in NEEDED {
            if schema.field_with_name(needed).is_err() {
                problems.push(refuse(
                    format!("the decisions query gives no column `{needed}`"),
                    "see docs/formats/adapter.md",
                ));
            }
        }
        let mut facts = Vec::new();
        for field in schema.fields() {
            if DECISION_COLUMNS.contains(&field.name().as_str()) {
                continue;
            }
            match fact_of(field, vocabulary, from_state) {
                Ok(fact) => facts.push(fact),
                Err((message, hint)) => problems.push(refuse(message, &hint)),
            }
        }
        facts.sort();
        let assumed = assumed(parameters, vocabulary, &facts, &mut problems, sql);
        if !problems.is_empty() {
            return Err(problems.into());
        }
        let declared = |(path, _): &(FactPath, FactType)| vocabulary.facts.get_key_value(path);
        let closed = facts.iter().filter_map(declared).filter(|(_, declared)| !declared.words.is_empty());
        let closed = closed.map(|(path, declared)| (path.clone(), declared.clone())).collect();
        Ok(Self {
            file: sql.file.clone(),
            facts,
            assumed,
            closed,
            actions: vocabulary.actions.keys().cloned().collect(),
            seen: Seen::default(),
            faults: FaultTally::default(),
            set_aside: 0,
        })
    }

    /// Watch for these identifiers, given by their fingerprints: they stand more than once.
    pub(crate) fn watch(&mut self, repeated: HashSet<u128>) {
        self.seen = Seen::new(repeated);
    }

    /// Whether the decisions query gives this parameter itself, so that the packs' value is not used.
    pub(crate) fn gives_parameter(&self, name: &str) -> bool {
        self.facts.iter().any(|(path, _)| path.entity() == Entity::Parameter && path.name() == name)
    }

    /// The decisions of a batch, with rows that are no decisions set aside.
    pub(crate) fn convert(&mut self, batch: &RecordBatch) -> Result<RecordBatch, AuditError> {
        let rows = batch.num_rows();
        let file = self.file.clone();
        let optional = |name: &str| match batch.column_by_name(name) {
            Some(_) => texts(batch, name, &file),
            None => Ok(StringArray::new_null(rows)),
        };
        let decision = Decisions {
            id: texts(batch, DECISION, &file)?,
            at: moments(batch, AT, &file)?,
            action: texts(batch, ACTION, &file)?,
            place: optional(PLACE)?,
            files: texts(batch, FILE, &file)?,
            rows: integers(batch, ROW, &file)?.unwrap_or_else(|| Int64Array::new_null(rows)),
        };
        let mut kept = Vec::with_capacity(rows);
        let mut at = Vec::with_capacity(rows);
        for row in 0..rows {
            let millis = self.keep(&decision, row);
            kept.push(millis.is_some());
            at.push(millis.unwrap_or(0));
        }
        let mut fields = vec![
            Field::new(DECISION, DataType::Utf8, true),
            Field::new(AT, DataType::Int64, false),
            Field::new(ACTION, DataType::Utf8, true),
            Field::new(PLACE, DataType::Utf8, true),
            Field::new(ALGORITHM, DataType::Utf8, true),
            Field::new(PERSON, DataType::Utf8, true),
            Field::new(FILE, DataType::Utf8, true),
            Field::new(ROW, DataType::Int64, true),
        ];
        let (files, numbers) = (decision.files.clone(), decision.rows.clone());
        let mut arrays: Vec<ArrayRef> = vec![
            Arc::new(decision.id),
            Arc::new(Int64Array::from(at)),
            Arc::new(decision.action),
            Arc::new(decision.place),
            Arc::new(optional(ALGORITHM)?),
            Arc::new(optional(PERSON)?),
            Arc::new(decision.files),
            Arc::new(decision.rows),
        ];
        for (path, kind) in self.facts.clone() {
            fields.push(Field::new(path.to_string(), columns::arrow_type(kind), true));
            arrays.push(self.fact_column(
                batch,
                &path,
                kind,
                &Rows { kept: &kept, files: &files, numbers: &numbers },
            )?);
        }
        for (path, value) in &self.assumed {
            fields.push(Field::new(path.to_string(), DataType::Int64, true));
            arrays.push(Arc::new(Int64Array::from(vec![*value; rows])));
        }
        let all = columns::batch(Schema::new(fields), arrays)?;
        filter_record_batch(&all, &BooleanArray::from(kept)).map_err(|error| columns::internal(&error.to_string()))
    }

    /// The instant of a row that is a decision; a row that is none is counted.
    fn keep(&mut self, decision: &Decisions, row: usize) -> Option<i64> {
        let fault = match decision.check(row, &self.actions) {
            Ok((id, millis)) => {
                if !self.seen.has(id) {
                    self.seen.meet(id);
                    return Some(millis);
                }
                let shown = Fault::shown(id);
                let fault = Fault::new(
                    "duplicate",
                    format!("决策 `{shown}` 重复出现"),
                    format!("decision `{shown}` stands twice"),
                );
                (DECISION, fault.hint("保留的是第一行", "the first row stays"))
            }
            Err(fault) => *fault,
        };
        let (column, fault) = fault;
        let file = if decision.files.is_valid(row) { decision.files.value(row) } else { "" };
        let place = if decision.rows.is_valid(row) { decision.rows.value(row) } else { 0 };
        self.set_aside += 1;
        self.faults.add(file, Some(column), u64::try_from(place).unwrap_or(0), fault, true);
        None
    }

    fn fact_column(
        &mut self,
        batch: &RecordBatch,
        path: &FactPath,
        kind: FactType,
        rows: &Rows<'_>,
    ) -> Result<ArrayRef, AuditError> {
        let name = path.to_string();
        let array = columns::column(batch, &name)?;
        if *array.data_type() == DataType::Null {
            return Ok(new_null_array(&columns::arrow_type(kind), batch.num_rows()));
        }
        if matches!(kind, FactType::Text | FactType::TextSet) {
            let mut column = TextWords::of(&texts(batch, &name, &self.file)?);
            let values = column.words().iter().map(|text| match kind {
                FactType::TextSet => FactValue::TextSet(columns::words(text)),
                _ => FactValue::Text(text.clone()),
            });
            let values: Vec<FactValue> = values.collect();
            self.forget_slips(path, &mut column, &values, rows);
            let sets = values.into_iter().map(|value| match value {
                FactValue::TextSet(words) => words,
                _ => BTreeSet::new(),
            });
            return if kind == FactType::Text {
                column.finish()
            } else {
                column.finish_sets(&sets.collect::<Vec<_>>())
            };
        }
        // Not the lenient cast: a number that does not fit must not turn into a missing one.
        let strict = CastOptions { safe: false, ..CastOptions::default() };
        cast_with_options(array, &columns::arrow_type(kind), &strict).map_err(|error| {
            let words = error.to_string();
            AuditError::new(
                &self.file,
                format!("column `{name}` of the query: {words}"),
                "keep it within a signed 64-bit integer",
            )
        })
    }

    /// Take out the values with a word that the fact cannot have: a slip is unknown, and counted. `values` are the
    /// column's distinct ones.
    fn forget_slips(&mut self, path: &FactPath, column: &mut TextWords, values: &[FactValue], rows: &Rows<'_>) {
        let Some(declared) = self.closed.get(path) else { return };
        let slips = values.iter().zip(0_u32..);
        let slips: BTreeMap<u32, &str> =
            slips.filter_map(|(value, number)| Some((number, declared.unknown_word(value)?))).collect();
        if slips.is_empty() {
            return;
        }
        for (row, _) in rows.kept.iter().enumerate().filter(|(_, kept)| **kept) {
            let Some(word) = column.key(row).and_then(|key| slips.get(&key)) else { continue };
            let (shown, listed) = (Fault::shown(word), declared.listed_words());
            let fault = Fault::new(
                "unknown-fact-word",
                format!("`{path}` 不能是 `{shown}`，按未知处理"),
                format!("`{path}` cannot be `{shown}`; it counts as unknown"),
            );
            let fault = fault.hint(&format!("可用：{listed}"), &format!("use one of {listed}"));
            let place = u64::try_from(rows.numbers.value(row)).unwrap_or(0);
            self.faults.add(rows.files.value(row), Some(path.name()), place, fault, false);
        }
        column.forget(&slips.keys().copied().collect());
    }
}

/// The rows of a batch, for faults in them.
struct Rows<'a> {
    /// Whether the row is a decision.
    kept: &'a [bool],
    files: &'a StringArray,
    numbers: &'a Int64Array,
}

/// What makes a row a decision.
struct Decisions {
    id: StringArray,
    at: Moments,
    action: StringArray,
    place: StringArray,
    files: StringArray,
    rows: Int64Array,
}

impl Decisions {
    /// Identifier and instant, or the column at fault.
    fn check(&self, row: usize, actions: &BTreeSet<String>) -> Result<(&str, i64), Box<(&'static str, Fault)>> {
        let id = if self.id.is_valid(row) { self.id.value(row) } else { "" };
        if id.trim().is_empty() {
            let fault =
                Fault::new("required-missing", "决策没有编号".to_owned(), "the decision has no identifier".to_owned());
            return Err(Box::new((DECISION, fault.hint("用数据来源的编号", "use the source's identifier"))));
        }
        // A finding must point somewhere.
        if !(self.files.is_valid(row) && self.rows.is_valid(row) && self.rows.value(row) >= 0) {
            let (zh, en) = ("没有说明该决策在哪个文件哪一行", "no file and row say where the decision stands");
            let fault = Fault::new("place-missing", zh.to_owned(), en.to_owned());
            let fault = fault.hint("从表中带上 _file 和 _row", "carry `_file` and `_row` over from the table");
            return Err(Box::new((FILE, fault)));
        }
        let at = self.at.at(row).map_err(|fault| Box::new((AT, fault)))?;
        let action = if self.action.is_valid(row) { self.action.value(row) } else { "" };
        if !actions.contains(action) {
            let shown = Fault::shown(action);
            let fault = Fault::new(
                "unknown-action",
                format!("`{shown}` 不是词汇表中的行为"),
                format!("`{shown}` is not an action of the vocabulary"),
            );
            let known = actions.iter().map(String::as_str).collect::<Vec<_>>().join(" ");
            let fault = fault.hint(&format!("可用：{known}"), &format!("use one of: {known}"));
            return Err(Box::new((ACTION, fault)));
        }
        if self.place.is_valid(row)
            && let Err(error) = self.place.value(row).parse::<PlaceCode>()
        {
            let shown = Fault::shown(self.place.value(row));
            let fault = Fault::new("unknown-place", format!("`{shown}` 不是行政区划代码"), error.message);
            let fault = fault.hint("用 GB/T 2260 六位代码", error.hint.as_deref().unwrap_or_default());
            return Err(Box::new((PLACE, fault)));
        }
        Ok((id, at.millis()))
    }
}

fn fact_of(
    field: &Field,
    vocabulary: &Vocabulary,
    from_state: &BTreeSet<FactPath>,
) -> Result<(FactPath, FactType), (String, String)> {
    let name = field.name();
    let known = name.parse::<FactPath>().ok().and_then(|path| vocabulary.facts.get_key_value(&path));
    let Some((path, declaration)) = known else {
        let lower = name.to_lowercase();
        let close = vocabulary
            .facts
            .keys()
            .map(ToString::to_string)
            .find(|path| path.to_lowercase() == lower || path.ends_with(&format!(".{name}")));
        let hint = close.map_or_else(
            || "name a fact of packs/vocabulary.cedarschema, in double quotes".to_owned(),
            |close| format!("did you mean \"{close}\"?"),
        );
        return Err((format!("column `{name}` of the decisions query is no fact of the vocabulary"), hint));
    };
    if from_state.contains(path) {
        return Err((
            format!("`{path}` is given by the decisions query and by a state"),
            "leave it out of one of them".to_owned(),
        ));
    }
    let found = field.data_type();
    let is_text = matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..));
    let fits = *found == DataType::Null
        || match declaration.fact_type {
            FactType::Bool => *found == DataType::Boolean,
            FactType::Long => found.is_integer(),
            FactType::Text | FactType::TextSet => is_text,
        };
    if !fits {
        let (wanted, hint) = match declaration.fact_type {
            FactType::Bool => ("a boolean", "write a comparison, for instance `flag = 'Y'`"),
            FactType::Long => ("an integer", "round it in the query: CAST(ROUND(price * 100) AS BIGINT)"),
            FactType::Text => ("text", "CAST it AS VARCHAR"),
            FactType::TextSet => ("text joined with `|`", "join the words with `|`"),
        };
        return Err((
            format!("column `{name}` of the decisions query is `{found}`, the fact is {wanted}"),
            hint.to_owned(),
        ));
    }
    Ok((path.clone(), declaration.fact_type))
}

fn assumed(
    parameters: &BTreeMap<String, Assumption>,
    vocabulary: &Vocabulary,
    facts: &[(FactPath, FactType)],
    problems: &mut Vec<Problem>,
    sql: &Sql,
) -> Vec<(FactPath, i64)> {
    let mut assumed = Vec::new();
    for (name, assumption) in parameters {
        match FactPath::new(Entity::Parameter, name).ok().filter(|path| vocabulary.facts.contains_key(path)) {
            None => problems.push(problem(
                &sql.file,
                format!("parameter `{name}` of the adapter is not in the vocabulary"),
                "use a name under `Parameters` of packs/vocabulary.cedarschema",
            )),
            Some(path) if facts.iter().any(|(fact, _)| *fact == path) => problems.push(problem(
                &sql.file,
                format!("`{path}` is given by the decisions query and by the adapter's parameters"),
                "leave it out of one of them",
            )),
            Some(path) => assumed.push((path, assumption.value)),
        }
    }
    assumed
}

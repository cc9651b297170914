//! Derived facts: the packs' SQL over relations that an adapter names (docs/formats/pack.md, docs/formats/adapter.md).
//!
//! A derived query is planned in a session of its own, in which nothing but its inputs has a name: a table of the adapter
//! that happens to be called `orders` is not its `orders`.

#[cfg(test)]
mod tests;

use crate::AuditError;
use crate::adapter::DerivedUse;
use crate::error::problem;
use crate::query::{engine, read_only, sql_error};
use crate::table::Fault;
use datafusion::arrow::datatypes::{DataType, Field, Schema, TimeUnit};
use datafusion::common::{ParamValues, TableReference};
use datafusion::dataframe::DataFrame;
use datafusion::datasource::MemTable;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::Expr;
use datafusion::prelude::{SessionContext, cast, ident, lit, when};
use datafusion::scalar::ScalarValue;
use gongdao_pack::{DerivedColumn, DerivedFact, DerivedInput, DerivedParameter, DerivedType, Packs, Problem};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The first and the last instant that is taken for one, as everywhere: 1990 to 2099.
const FIRST_MILLIS: i64 = 631_152_000_000;
const LAST_MILLIS: i64 = 4_102_444_799_999;

/// Every problem of the packs' derived queries: each is planned over empty relations of the declared columns.
pub fn check(packs: &Packs) -> Vec<Problem> {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return vec![problem("derived", "cannot start the query engine", "try again with fewer programs running")];
    };
    let problems = packs.derived.iter().filter_map(|fact| {
        let planned = runtime.block_on(async {
            let inputs = empty_inputs(fact).map_err(|error| sql_error(&fact.sql.path, &error))?;
            plan(&engine(), fact, inputs, &BTreeMap::new()).await
        });
        planned.err().map(|error| error.problems)
    });
    problems.flatten().collect()
}

fn empty_inputs(fact: &DerivedFact) -> Result<Vec<DataFrame>, DataFusionError> {
    let context = engine();
    let frame = |input: &DerivedInput| {
        let fields = input.columns.iter().map(|column| Field::new(&column.name, sql_type(column.kind), true));
        let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
        context.read_table(Arc::new(MemTable::try_new(schema, vec![Vec::new()])?))
    };
    fact.inputs.iter().map(frame).collect()
}

/// The derived fact that an adapter asks for.
pub(crate) fn known<'a>(
    wanted: &DerivedUse,
    derived: &'a [DerivedFact],
    file: &Path,
) -> Result<&'a DerivedFact, AuditError> {
    let refuse = |message: String, hint: String| Problem { line: Some(wanted.line), ..problem(file, message, hint) };
    let listed = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let Some(fact) = derived.iter().find(|fact| fact.name == wanted.name) else {
        let known = listed(derived.iter().map(|fact| fact.name.as_str()).collect());
        let message = format!("the packs derive nothing called `{}`", wanted.name);
        return Err(refuse(message, format!("they have: {known}")).into());
    };
    let inputs: Vec<&str> = fact.inputs.iter().map(|input| input.name.as_str()).collect();
    let parameters: Vec<&str> = fact.parameters.iter().map(|parameter| parameter.name.as_str()).collect();
    let mut problems = Vec::new();
    for missing in inputs.iter().filter(|name| !wanted.from.contains_key(**name)) {
        let message = format!("`{}` needs `{missing}`, and `from` does not say what to read for it", fact.name);
        problems.push(refuse(message, format!("name a table or view: `from = {{ {missing} = \"…\" }}`")));
    }
    for other in wanted.from.keys().filter(|name| !inputs.contains(&name.as_str())) {
        let message = format!("`{}` does not read `{other}`", fact.name);
        problems.push(refuse(message, format!("it reads {}", listed(inputs.clone()))));
    }
    for (name, value) in &wanted.parameters {
        if !parameters.contains(&name.as_str()) {
            let known = if parameters.is_empty() { "nothing".to_owned() } else { listed(parameters.clone()) };
            let message = format!("`{}` has no parameter `{name}`", fact.name);
            problems.push(refuse(message, format!("it can be set by {known}")));
        } else if !(0..=DerivedParameter::MOST).contains(value) {
            let message = format!("the parameter `{name}` of `{}` is {value}", fact.name);
            problems.push(refuse(message, format!("0 to {} can be used", DerivedParameter::MOST)));
        }
    }
    if problems.is_empty() { Ok(fact) } else { Err(problems.into()) }
}

/// The relations that a fact reads, in its order, with its columns alone and in its types.
pub(crate) async fn inputs(
    context: &SessionContext,
    fact: &DerivedFact,
    wanted: &DerivedUse,
    file: &Path,
) -> Result<Vec<DataFrame>, AuditError> {
    let mut problems = Vec::new();
    let mut frames = Vec::new();
    for input in &fact.inputs {
        let from = wanted.from.get(&input.name).map_or("", String::as_str);
        let mut refuse = |message: String, hint: String| {
            problems.push(Problem { line: Some(wanted.line), ..problem(file, message, hint) });
        };
        let Ok(frame) = context.table(TableReference::bare(from)).await else {
            let message =
                format!("`{from}`, which `{}` should read for `{}`, is no table or view", fact.name, input.name);
            refuse(message, "define it before the derived fact".to_owned());
            continue;
        };
        let columns: Vec<_> =
            input.columns.iter().filter_map(|column| read_column(&frame, column, from, fact, &mut refuse)).collect();
        if columns.len() == input.columns.len() {
            frames.push(frame.select(columns).map_err(|error| sql_error(file, &error))?);
        }
    }
    if problems.is_empty() { Ok(frames) } else { Err(problems.into()) }
}

/// A column of an input in its type; none where it is missing or another type, which is said then.
fn read_column(
    frame: &DataFrame,
    column: &DerivedColumn,
    from: &str,
    fact: &DerivedFact,
    refuse: &mut impl FnMut(String, String),
) -> Option<Expr> {
    let unit = column.unit.as_ref().map(|unit| format!(" in {unit}")).unwrap_or_default();
    let wanted = format!("{}{unit}: {}", column.kind.as_str(), column.en);
    let Ok(field) = frame.schema().field_with_unqualified_name(&column.name) else {
        let message = format!("`{from}` has no column `{}`, which `{}` needs", column.name, fact.name);
        refuse(message, format!("give it in a view, as {wanted}"));
        return None;
    };
    let found = field.data_type();
    let fits = *found == DataType::Null
        || match column.kind {
            DerivedType::Text => is_text(found) || found.is_integer(),
            DerivedType::Instant => matches!(found, DataType::Timestamp(..)) || found.is_integer(),
            DerivedType::Integer => found.is_integer(),
            DerivedType::Bool => *found == DataType::Boolean,
        };
    if !fits {
        let message = format!("column `{}` of `{from}` is `{found}`, and `{}` needs {wanted}", column.name, fact.name);
        let hint = match column.kind {
            DerivedType::Instant => "give a timestamp, or epoch milliseconds as an integer",
            DerivedType::Integer => "round it in a view: CAST(ROUND(x) AS BIGINT)",
            DerivedType::Text => "CAST it AS VARCHAR in a view",
            DerivedType::Bool => "write a comparison in a view, for instance `flag = 'Y'`",
        };
        refuse(message, hint.to_owned());
        return None;
    }
    let plain = ident(&column.name);
    let read = match column.kind {
        DerivedType::Instant => possible(match found {
            DataType::Timestamp(..) => {
                cast(cast(plain, DataType::Timestamp(TimeUnit::Millisecond, None)), DataType::Int64)
            }
            _ => cast(plain, DataType::Int64),
        }),
        // A column that is never missing stays so: the engine then need not look for rows without it.
        DerivedType::Text if field.is_nullable() => given(cast(plain, DataType::Utf8)),
        kind => Ok(cast(plain, sql_type(kind))),
    };
    read.map(|read| read.alias(&column.name)).ok()
}

/// A moment; one that cannot be is missing.
fn possible(millis: Expr) -> Result<Expr, DataFusionError> {
    when(millis.clone().between(lit(FIRST_MILLIS), lit(LAST_MILLIS)), millis).end()
}

/// A text; an empty one is missing.
fn given(text: Expr) -> Result<Expr, DataFusionError> {
    when(text.clone().not_eq(lit("")), text).end()
}

fn is_text(kind: &DataType) -> bool {
    matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View | DataType::Dictionary(..))
}

/// The type of a column in a derived query.
fn sql_type(kind: DerivedType) -> DataType {
    match kind {
        DerivedType::Text => DataType::Utf8,
        DerivedType::Instant | DerivedType::Integer => DataType::Int64,
        DerivedType::Bool => DataType::Boolean,
    }
}

/// The query of a fact over its inputs, in their order. It gives the key and the declared columns in their order.
pub(crate) async fn plan(
    scratch: &SessionContext,
    fact: &DerivedFact,
    inputs: Vec<DataFrame>,
    parameters: &BTreeMap<String, i64>,
) -> Result<DataFrame, AuditError> {
    let file = &fact.sql.path;
    let failed = |error: DataFusionError| sql_error(file, &error);
    for (input, frame) in fact.inputs.iter().zip(inputs) {
        scratch.register_table(input.name.as_str(), frame.into_view()).map_err(failed)?;
    }
    let text = fact.sql.text.trim().trim_end_matches(';');
    let frame = scratch.sql_with_options(text, read_only()).await.map_err(failed)?;
    let values = fact.parameters.iter().map(|parameter| {
        let value = parameters.get(&parameter.name).copied().unwrap_or(parameter.default);
        (parameter.name.clone(), ScalarValue::from(value))
    });
    let values: std::collections::HashMap<String, ScalarValue> = values.collect();
    let frame = frame.with_param_values(ParamValues::from(values)).map_err(failed)?;
    given_columns(fact, &frame)?;
    let columns = std::iter::once((&fact.key, DerivedType::Text))
        .chain(fact.gives.iter().map(|column| (&column.name, column.kind)))
        .map(|(name, kind)| cast(ident(name), sql_type(kind)).alias(name));
    frame.select(columns.collect::<Vec<_>>()).map_err(failed)
}

/// The query gives exactly what is declared.
fn given_columns(fact: &DerivedFact, frame: &DataFrame) -> Result<(), AuditError> {
    let mut problems = Vec::new();
    let mut declared = BTreeMap::from([(fact.key.as_str(), DerivedType::Text)]);
    declared.extend(fact.gives.iter().map(|column| (column.name.as_str(), column.kind)));
    for (name, kind) in &declared {
        let wanted = sql_type(*kind);
        match frame.schema().field_with_unqualified_name(name).map(|field| field.data_type().clone()) {
            Err(_) => {
                let message = format!("the query gives no column `{name}`");
                problems.push(problem(&fact.sql.path, message, "give it, or take it out of the TOML file"));
            }
            Ok(found) if found != wanted && !(*kind == DerivedType::Text && is_text(&found)) => {
                let message = format!("the query gives `{name}` as `{found}`, and `{wanted}` is declared");
                problems.push(problem(&fact.sql.path, message, "CAST it, or correct the TOML file"));
            }
            Ok(_) => {}
        }
    }
    for field in frame.schema().fields().iter().filter(|field| !declared.contains_key(field.name().as_str())) {
        let message = format!("the query gives the column `{}`, which is not declared", field.name());
        problems.push(problem(&fact.sql.path, message, "declare it as `[[gives]]`, or leave it out"));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// The rows of a derived fact with nothing known in them: a row that is gone could have changed any of them.
pub(crate) fn unknown(frame: DataFrame, fact: &DerivedFact) -> Result<DataFrame, AuditError> {
    let nothing = |column: &DerivedColumn| cast(lit(ScalarValue::Null), sql_type(column.kind)).alias(&column.name);
    let columns = std::iter::once(ident(&fact.key)).chain(fact.gives.iter().map(nothing));
    frame.select(columns.collect::<Vec<_>>()).map_err(|error| sql_error(&fact.sql.path, &error))
}

/// What is said of a file whose rows were set aside behind derived facts.
pub(crate) fn set_aside() -> Fault {
    Fault::new(
        "derived-set-aside",
        "派生事实所需的行被搁置，不知道会改变谁的数；由此得出的事实对所有人都按未知处理".to_owned(),
        "rows that derived facts need were set aside, and nobody knows whose numbers they would change: what is derived \
         counts as unknown for everybody"
            .to_owned(),
    )
    .hint(
        "改正这些行；或在适配器中去掉该列的 `required` 等限制，这样缺少的时间只影响其本人",
        "correct the rows; or take limits such as `required` off the column in the adapter, so that a missing time touches \
         its own person alone",
    )
}

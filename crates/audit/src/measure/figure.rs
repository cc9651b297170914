use super::query::{collect, failed, frame};
use super::{FigureSpec, MeasureSpec};
use crate::AuditError;
use crate::summary::{Bilingual, FigureRow};
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast, ident};
use datafusion::prelude::SessionContext;
use std::collections::{BTreeMap, BTreeSet};

/// One row a line of the query and value column, in the query's order.
pub(super) async fn figures(
    context: &SessionContext,
    spec: &MeasureSpec,
    figure: &FigureSpec,
) -> Result<Vec<FigureRow>, AuditError> {
    // On top of the query's own frame: as a subquery it would lose its ORDER BY.
    let mut columns: Vec<Expr> = spec.within.iter().map(|name| cast(ident(name), DataType::Utf8)).collect();
    columns.push(ident(&figure.count));
    columns.extend(figure.values.iter().map(|value| cast(ident(&value.column), DataType::Float64)));
    let columns = columns.into_iter().enumerate().map(|(place, column)| column.alias(format!("c{place}")));
    let frame = frame(context, spec, &spec.sql).await?;
    let frame = frame.select(columns.collect::<Vec<_>>()).map_err(|error| failed(spec, &error))?;
    let mut rows = Vec::new();
    let mut seen = BTreeSet::new();
    for lines in collect(spec, frame).await? {
        let cells: Vec<_> = (0..spec.within.len()).map(|place| lines.texts(spec, place)).collect::<Result<_, _>>()?;
        let counts = lines.counts(spec, spec.within.len())?;
        let numbers: Vec<_> = (0..figure.values.len())
            .map(|place| lines.numbers(spec, spec.within.len() + 1 + place))
            .collect::<Result<_, _>>()?;
        for line in 0..lines.len() {
            let place: Vec<Option<String>> = cells.iter().map(|texts| texts.get(line).cloned().flatten()).collect();
            if !seen.insert(place.clone()) {
                return Err(twice(spec, &place));
            }
            let n = counts.get(line).copied().unwrap_or(0);
            let suppressed = n < spec.min_cell;
            let cell: BTreeMap<String, String> =
                spec.within.iter().zip(place).map(|(name, text)| (name.clone(), text.unwrap_or_default())).collect();
            for (value, found) in figure.values.iter().zip(&numbers) {
                rows.push(FigureRow {
                    measure: spec.id.clone(),
                    provision: spec.provision.clone(),
                    title: spec.title.clone(),
                    cell: cell.clone(),
                    label: Bilingual::new(&value.zh, &value.en),
                    value: found.get(line).copied().flatten().filter(|_| !suppressed),
                    low: None,
                    high: None,
                    unit: value.unit.clone(),
                    n,
                    suppressed,
                    note: spec.note.clone(),
                    method: None,
                });
            }
        }
    }
    Ok(rows)
}

/// Two lines of one place: nobody could tell which numbers are the place's.
fn twice(spec: &MeasureSpec, place: &[Option<String>]) -> AuditError {
    let named = spec.within.iter().zip(place);
    let named: Vec<String> =
        named.map(|(name, text)| format!("{name} = {}", text.as_deref().unwrap_or("NULL"))).collect();
    let place = if named.is_empty() { "all rows".to_owned() } else { format!("`{}`", named.join(", ")) };
    AuditError::new(
        &spec.sql_file,
        format!("the query of measure `{}` gives more than one line for {place}", spec.id),
        "group the query by every column of `within`, and name in `within` what tells the lines apart",
    )
}

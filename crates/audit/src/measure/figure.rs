use super::query::{collect, quoted};
use super::{FigureSpec, MeasureSpec};
use crate::AuditError;
use crate::summary::{Bilingual, FigureRow};
use datafusion::prelude::SessionContext;
use std::collections::BTreeMap;

/// One row a line of the query and value column, in the query's order.
pub(super) async fn figures(
    context: &SessionContext,
    spec: &MeasureSpec,
    figure: &FigureSpec,
) -> Result<Vec<FigureRow>, AuditError> {
    let mut columns: Vec<String> =
        spec.within.iter().map(|name| format!("CAST({} AS VARCHAR)", quoted(name))).collect();
    columns.push(quoted(&figure.count));
    columns.extend(figure.values.iter().map(|value| format!("CAST({} AS DOUBLE)", quoted(&value.column))));
    let columns: Vec<String> =
        columns.iter().enumerate().map(|(place, column)| format!("{column} AS c{place}")).collect();
    let sql = format!("SELECT {} FROM (\n{}\n) AS measured", columns.join(", "), spec.sql);
    let mut rows = Vec::new();
    for lines in collect(context, spec, &sql).await? {
        let cells: Vec<_> = (0..spec.within.len()).map(|place| lines.texts(spec, place)).collect::<Result<_, _>>()?;
        let counts = lines.counts(spec, spec.within.len())?;
        let numbers: Vec<_> = (0..figure.values.len())
            .map(|place| lines.numbers(spec, spec.within.len() + 1 + place))
            .collect::<Result<_, _>>()?;
        for line in 0..lines.len() {
            let n = counts.get(line).copied().unwrap_or(0);
            let suppressed = n < spec.min_cell;
            let cell: BTreeMap<String, String> = spec
                .within
                .iter()
                .zip(&cells)
                .map(|(name, texts)| (name.clone(), texts.get(line).cloned().flatten().unwrap_or_default()))
                .collect();
            for (value, found) in figure.values.iter().zip(&numbers) {
                rows.push(FigureRow {
                    measure: spec.id.clone(),
                    provision: spec.provision.clone(),
                    title: spec.title.clone(),
                    cell: cell.clone(),
                    label: Bilingual::new(&value.zh, &value.en),
                    value: found.get(line).copied().flatten().filter(|_| !suppressed),
                    unit: value.unit.clone(),
                    n,
                    suppressed,
                    note: spec.note.clone(),
                });
            }
        }
    }
    Ok(rows)
}

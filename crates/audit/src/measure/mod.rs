//! Measures: group comparisons and descriptive figures over the tables of an adapter (docs/measures.md).
//!
//! A measure is a TOML file beside its SQL. The query gives one row a decision (or whatever is counted) with the outcome,
//! the group and what must be held equal; [`run`] sums it up inside the engine and `gongdao-stats` does the rest. No measure is a
//! verdict: it says where to look, how sure one can be, and what could not have been seen.

mod cells;
mod compare;
mod figure;
mod query;
mod resampled;
mod row;
mod spec;
#[cfg(test)]
mod tests;
mod words;

pub use spec::{
    ComparedGroup, Comparison, ConcentrationSpec, Confounder, FigureSpec, FigureValue, MeasureKind, MeasureSpec,
    ResampledQuantity,
};

use crate::AuditError;
use crate::summary::{FigureRow, MeasureRow};
use datafusion::prelude::SessionContext;

/// What one measure gave: comparisons or figures, in a fixed order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// Comparisons, ordered by where they were made; the crude row comes before the pooled one.
    pub rows: Vec<MeasureRow>,
    /// Counts and descriptive numbers, in the order of the query.
    pub figures: Vec<FigureRow>,
}

/// Run a measure over the tables and views of `context`. Fails where the query does, where a column that the
/// measure names is not in its result, or where an outcome is not of the kind that the measure says.
pub async fn run(context: &SessionContext, spec: &MeasureSpec) -> Result<Measured, AuditError> {
    match &spec.kind {
        MeasureKind::Share(comparison) => {
            Ok(Measured { rows: compare::shares(context, spec, comparison).await?, figures: Vec::new() })
        }
        MeasureKind::Mean(comparison) => {
            Ok(Measured { rows: compare::means(context, spec, comparison).await?, figures: Vec::new() })
        }
        MeasureKind::Resampled(comparison, quantity) => {
            let rows = resampled::differences(context, spec, comparison, quantity).await?;
            Ok(Measured { rows, figures: Vec::new() })
        }
        MeasureKind::Concentration(own) => {
            Ok(Measured { rows: Vec::new(), figures: resampled::concentrations(context, spec, own).await? })
        }
        MeasureKind::Figure(figure) => {
            Ok(Measured { rows: Vec::new(), figures: figure::figures(context, spec, figure).await? })
        }
    }
}

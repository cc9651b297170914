//! State of persons and algorithms as of a decision's instant.

mod load;
#[cfg(test)]
mod tests;

pub(crate) use load::load;

use crate::AuditError;
use crate::columns;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::{Field, Int64Type, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::{AsOfError, AsOfIndex};
use gongdao_model::{Entity, FactPath};
use std::sync::Arc;

/// The state of one entity, ready to be joined to decisions.
pub(crate) struct State {
    pub(crate) entity: Entity,
    pub(crate) index: AsOfIndex,
    /// Rows of the state query that could not be read in full.
    pub(crate) set_aside: u64,
}

impl State {
    /// The facts that it gives.
    pub(crate) fn facts(&self) -> impl Iterator<Item = &FactPath> {
        self.index.facts().iter().map(|(path, _)| path)
    }

    /// Add a column for each fact of the state, as each decision could see it.
    pub(crate) fn join(&self, batch: &RecordBatch) -> Result<RecordBatch, AuditError> {
        let internal = |error: AsOfError| columns::internal(&error.message);
        let key = if self.entity == Entity::Person { columns::PERSON } else { columns::ALGORITHM };
        let at = columns::column(batch, columns::AT)?.as_primitive::<Int64Type>();
        let states = self.index.states(columns::column(batch, key)?, at).map_err(internal)?;
        let mut fields: Vec<Arc<Field>> = batch.schema().fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        for (path, array) in self.index.columns(&states).map_err(internal)? {
            fields.push(Arc::new(Field::new(path.to_string(), array.data_type().clone(), true)));
            arrays.push(array);
        }
        columns::batch(Schema::new(fields), arrays)
    }
}

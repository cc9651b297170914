//! State of persons and algorithms as of a decision's instant.

mod index;
mod load;
#[cfg(test)]
mod tests;

pub use index::{AsOfIndex, Change, Event};
pub(crate) use load::load;

use crate::AuditError;
use crate::columns::{self, FactColumn};
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{Field, Int64Type, Schema};
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::{Entity, FactType};
use std::sync::Arc;

/// The state of one entity, ready to be joined to decisions.
pub(crate) struct State {
    pub(crate) entity: Entity,
    pub(crate) index: AsOfIndex,
    pub(crate) types: Vec<FactType>,
    /// Rows of the state query that could not be read in full.
    pub(crate) set_aside: u64,
}

impl State {
    /// Add a column for each fact of the state, as each decision could see it.
    pub(crate) fn join(&self, batch: &RecordBatch) -> Result<RecordBatch, AuditError> {
        let key = if self.entity == Entity::Person { columns::PERSON } else { columns::ALGORITHM };
        let keys = columns::column(batch, key)?.as_string::<i32>();
        let at = columns::column(batch, columns::AT)?.as_primitive::<Int64Type>();
        let mut joined: Vec<FactColumn> = self.types.iter().map(|kind| FactColumn::new(*kind)).collect();
        for row in 0..batch.num_rows() {
            let seen = keys.is_valid(row).then(|| self.index.seen(keys.value(row), at.value(row)));
            for (index, column) in joined.iter_mut().enumerate() {
                let value = seen.and_then(|seen| seen.get(index)).and_then(|id| self.index.value(*id));
                column.append(value);
            }
        }
        let mut fields: Vec<Arc<Field>> = batch.schema().fields().iter().cloned().collect();
        let mut arrays = batch.columns().to_vec();
        for ((path, kind), mut column) in self.index.facts().iter().zip(&self.types).zip(joined) {
            fields.push(Arc::new(Field::new(path.to_string(), columns::arrow_type(*kind), true)));
            arrays.push(column.finish());
        }
        columns::batch(Schema::new(fields), arrays)
    }
}

//! Tables as the query engine sees them.

use super::Table;
use super::pass::Pass;
use async_trait::async_trait;
use datafusion::arrow::datatypes::SchemaRef;
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::{DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{Expr, TableType};
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::{PartitionStream, StreamingTableExec};
use datafusion::physical_plan::{ExecutionPlan, SendableRecordBatchStream};
use std::sync::Arc;

/// Takes from the table the columns that a query names, in one partition and in the order of the files.
#[derive(Debug)]
pub(super) struct Provider(pub(super) Arc<Table>);

#[async_trait]
impl TableProvider for Provider {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.0.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        _: &dyn Session,
        projection: Option<&Vec<usize>>,
        _: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let schema = match projection {
            Some(columns) => Arc::new(self.0.schema.project(columns)?),
            None => Arc::clone(&self.0.schema),
        };
        let stream: Arc<dyn PartitionStream> =
            Arc::new(Columns { table: Arc::clone(&self.0), places: projection.cloned(), schema: Arc::clone(&schema) });
        Ok(Arc::new(StreamingTableExec::try_new(schema, vec![stream], None, None, false, limit)?))
    }
}

/// Some columns of a table.
#[derive(Debug)]
struct Columns {
    table: Arc<Table>,
    /// Their places; all where none.
    places: Option<Vec<usize>>,
    schema: SchemaRef,
}

impl PartitionStream for Columns {
    fn schema(&self) -> &SchemaRef {
        &self.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.schema), futures::stream::iter(self.batches())))
    }
}

impl Columns {
    fn batches(&self) -> Box<dyn Iterator<Item = Result<RecordBatch>> + Send> {
        let external = |error| DataFusionError::External(Box::new(error));
        let columns = self.places.clone();
        match self.table.kept.get() {
            Some(kept) => match kept.read(columns.as_deref()) {
                // The file gives its columns in its own order.
                Ok(batches) => {
                    let schema = Arc::clone(&self.schema);
                    Box::new(batches.map(move |batch| in_order(&batch.map_err(external)?, &schema)))
                }
                Err(error) => Box::new(std::iter::once(Err(external(error)))),
            },
            None => Box::new(Pass::new(Arc::clone(&self.table)).map(move |batch| {
                let batch = batch.map_err(external)?;
                Ok(match &columns {
                    Some(columns) => batch.project(columns)?,
                    None => batch,
                })
            })),
        }
    }
}

/// A batch with the columns of a schema, in its order. A batch without columns still has its rows.
fn in_order(batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch> {
    let places = schema.fields().iter().map(|field| batch.schema_ref().index_of(field.name()));
    Ok(batch.project(&places.collect::<Result<Vec<_>, _>>()?)?)
}

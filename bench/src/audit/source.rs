//! Batches from Parquet, texts as dictionaries.

use super::told;
use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file and the columns that are read of it. Cloned for each thread.
#[derive(Clone)]
pub(crate) struct Source {
    path: PathBuf,
    metadata: ArrowReaderMetadata,
    wanted: Vec<String>,
}

impl Source {
    /// The columns of `wanted` that the file has.
    pub(crate) fn open(path: &Path, wanted: &[String]) -> Result<Self, String> {
        let hint = "make the files with `audit-data`";
        let file = File::open(path).map_err(|error| format!("cannot open `{}`: {error}; {hint}", path.display()))?;
        let plain = ArrowReaderMetadata::load(&file, ArrowReaderOptions::new()).map_err(told)?;
        let fields: Vec<Field> = plain.schema().fields().iter().map(|field| in_dictionaries(field)).collect();
        let options = ArrowReaderOptions::new().with_schema(Arc::new(Schema::new(fields)));
        let metadata = ArrowReaderMetadata::load(&file, options).map_err(told)?;
        Ok(Self { path: path.to_owned(), metadata, wanted: wanted.to_vec() })
    }

    pub(crate) fn schema(&self) -> &SchemaRef {
        self.metadata.schema()
    }

    pub(crate) fn row_groups(&self) -> usize {
        self.metadata.metadata().num_row_groups()
    }

    /// The batches of one row group, of at most so many rows.
    pub(crate) fn batches(
        &self,
        row_group: usize,
        rows: usize,
    ) -> Result<impl Iterator<Item = Result<RecordBatch, ArrowError>> + use<>, String> {
        let file = File::open(&self.path).map_err(|error| format!("cannot open `{}`: {error}", self.path.display()))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone());
        let wanted = self.wanted.iter().map(String::as_str);
        // A column of lists is one root with three levels below it; its name may hold full stops.
        let roots = self.schema().fields().iter().enumerate();
        let wanted: Vec<&str> = wanted.collect();
        let roots = roots.filter(|(_, field)| wanted.contains(&field.name().as_str())).map(|(root, _)| root);
        let mask = ProjectionMask::roots(builder.parquet_schema(), roots);
        builder.with_projection(mask).with_row_groups(vec![row_group]).with_batch_size(rows).build().map_err(told)
    }
}

/// Few distinct texts: a dictionary saves copying each.
fn in_dictionaries(field: &Field) -> Field {
    let text = || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
    let kind = match field.data_type() {
        DataType::Utf8 => text(),
        DataType::List(item) if *item.data_type() == DataType::Utf8 => {
            DataType::List(Arc::new(item.as_ref().clone().with_data_type(text())))
        }
        other => other.clone(),
    };
    field.clone().with_data_type(kind)
}

//! Columns of facts on their way into a file.

use super::drawn::{One, Values};
use arrow_array::builder::{BooleanBuilder, Int64Builder, ListBuilder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use gongdao_model::FactType;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, Encoding};
use parquet::file::properties::WriterProperties;
use parquet::schema::types::ColumnPath;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// Rows of a row group: what one thread takes at a time.
const ROW_GROUP: usize = 1_000_000;
/// A dictionary of all persons must fit, or readers fall back to plain texts.
const DICTIONARY_BYTES: usize = 16 << 20;

/// The Arrow type in the file.
pub(crate) fn data_type(kind: FactType) -> DataType {
    match kind {
        FactType::Bool => DataType::Boolean,
        FactType::Long => DataType::Int64,
        FactType::Text => DataType::Utf8,
        FactType::TextSet => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
    }
}

/// One column being built.
pub(super) enum Builder {
    Bool(BooleanBuilder),
    Long(Int64Builder),
    Text(StringBuilder),
    Set(ListBuilder<StringBuilder>),
}

impl Builder {
    pub(super) fn of(values: &Values) -> Self {
        match values {
            Values::Bool(_) => Self::Bool(BooleanBuilder::new()),
            Values::Long(..) => Self::Long(Int64Builder::new()),
            Values::Text(_) => Self::Text(StringBuilder::new()),
            Values::Set(..) => Self::Set(ListBuilder::new(StringBuilder::new())),
        }
    }

    /// A value that is not the column's kind counts as unknown.
    pub(super) fn push(&mut self, one: Option<&One>, words: &[String]) {
        match self {
            Self::Bool(builder) => match one {
                Some(One::Bool(value)) => builder.append_value(*value),
                _ => builder.append_null(),
            },
            Self::Long(builder) => match one {
                Some(One::Long(value)) => builder.append_value(*value),
                _ => builder.append_null(),
            },
            Self::Text(builder) => match one {
                Some(One::Text(word)) => builder.append_option(words.get(*word)),
                _ => builder.append_null(),
            },
            Self::Set(builder) => match one {
                Some(One::Set(bits)) => {
                    for (_, word) in words.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1) {
                        builder.values().append_value(word);
                    }
                    builder.append(true);
                }
                _ => builder.append(false),
            },
        }
    }

    pub(super) fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Bool(builder) => Arc::new(builder.finish()),
            Self::Long(builder) => Arc::new(builder.finish()),
            Self::Text(builder) => Arc::new(builder.finish()),
            Self::Set(builder) => Arc::new(builder.finish()),
        }
    }
}

/// A Parquet file that takes batches and holds one row group at most in memory.
pub(super) struct Out {
    writer: ArrowWriter<File>,
    schema: SchemaRef,
}

impl Out {
    pub(super) fn create(path: &Path, fields: Vec<Field>) -> Result<Self, String> {
        let schema = Arc::new(Schema::new(fields));
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_dictionary_page_size_limit(DICTIONARY_BYTES)
            .set_column_dictionary_enabled(ColumnPath::from("decision_id"), false)
            .set_column_encoding(ColumnPath::from("decision_id"), Encoding::DELTA_BYTE_ARRAY)
            .build();
        let file = File::create(path).map_err(|error| format!("cannot create `{}`: {error}", path.display()))?;
        let writer = ArrowWriter::try_new(file, Arc::clone(&schema), Some(properties)).map_err(super::told)?;
        Ok(Self { writer, schema })
    }

    pub(super) fn write(&mut self, columns: Vec<ArrayRef>) -> Result<(), String> {
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns).map_err(super::told)?;
        self.writer.write(&batch).map_err(super::told)
    }

    pub(super) fn close(self) -> Result<(), String> {
        self.writer.close().map(drop).map_err(super::told)
    }
}

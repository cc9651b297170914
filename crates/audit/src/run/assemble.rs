//! The parts of a run joined into one Parquet file, row group by row group, without decoding them.

use crate::AuditError;
use datafusion::arrow::datatypes::{Field, Schema};
use parquet::arrow::{ArrowSchemaConverter, add_encoded_arrow_schema_to_metadata};
use parquet::column::writer::ColumnCloseResult;
use parquet::file::metadata::{ColumnChunkMetaData, KeyValue, PageIndexPolicy, ParquetMetaData, ParquetMetaDataReader};
use parquet::file::properties::WriterProperties;
use parquet::file::statistics::Statistics;
use parquet::file::writer::SerializedFileWriter;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Columns that are there even if no row has a value.
pub(crate) type Always<'a> = &'a dyn Fn(&str) -> bool;

/// Join `parts`, all of `schema`, into `target`. Columns without any value are left out unless `always` keeps them.
/// `notes` stand in the file's metadata.
pub(crate) fn assemble(
    parts: &[PathBuf],
    schema: &Schema,
    always: Always<'_>,
    notes: &[(&str, &str)],
    target: &Path,
) -> Result<(), AuditError> {
    let failed = |path: &Path, words: &dyn std::fmt::Display| {
        let message = format!("cannot join the parts: {words}");
        AuditError::new(path, message, "run the audit again with `--fresh`").of_output()
    };
    // One part is open at a time: a long run has more of them than a process may have files.
    let open = |part: &PathBuf| {
        let file = File::open(part).map_err(|error| AuditError::io(part, "read the part", &error).of_output())?;
        let metadata =
            ParquetMetaDataReader::new().with_page_index_policy(PageIndexPolicy::Optional).parse_and_finish(&file);
        Ok::<_, AuditError>((file, metadata.map_err(|error| failed(part, &error))?))
    };
    let mut is_kept: Vec<bool> = schema.fields().iter().map(|field| always(field.name())).collect();
    for part in parts {
        let (_, metadata) = open(part)?;
        for (index, kept) in is_kept.iter_mut().enumerate() {
            *kept = *kept || has_value(&metadata, index);
        }
    }
    let kept: Vec<usize> = is_kept.iter().enumerate().filter(|(_, kept)| **kept).map(|(index, _)| index).collect();
    let fields: Vec<Field> = kept.iter().map(|index| schema.field(*index).clone()).collect();
    let own = Schema::new(fields);
    let mut properties = WriterProperties::builder()
        .set_key_value_metadata(Some(
            notes.iter().map(|(key, value)| KeyValue::new((*key).to_owned(), (*value).to_owned())).collect(),
        ))
        .build();
    add_encoded_arrow_schema_to_metadata(&own, &mut properties);
    let descriptor = ArrowSchemaConverter::new().convert(&own).map_err(|error| failed(target, &error))?;
    let file = File::create(target).map_err(|error| AuditError::io(target, "write the file", &error).of_output())?;
    let mut writer = SerializedFileWriter::new(file, descriptor.root_schema_ptr(), Arc::new(properties))
        .map_err(|error| failed(target, &error))?;
    for part in parts {
        let (file, metadata) = open(part)?;
        append(&mut writer, &file, &metadata, &kept).map_err(|error| failed(target, &error))?;
    }
    let file = writer.into_inner().map_err(|error| failed(target, &error))?;
    file.sync_all().map_err(|error| AuditError::io(target, "write the file", &error).of_output())
}

fn has_value(metadata: &ParquetMetaData, column: usize) -> bool {
    metadata.row_groups().iter().any(|group| {
        let statistics = group.columns().get(column).and_then(ColumnChunkMetaData::statistics);
        // Without statistics nobody knows: the column stays.
        let nulls = statistics.and_then(Statistics::null_count_opt);
        nulls.is_none_or(|nulls| i64::try_from(nulls).unwrap_or(0) < group.num_rows())
    })
}

fn append(
    writer: &mut SerializedFileWriter<File>,
    file: &File,
    metadata: &ParquetMetaData,
    kept: &[usize],
) -> Result<(), parquet::errors::ParquetError> {
    for (number, group) in metadata.row_groups().iter().enumerate().filter(|(_, group)| group.num_rows() > 0) {
        let mut target = writer.next_row_group()?;
        for index in kept {
            let Some(column) = group.columns().get(*index) else { continue };
            let page_index = |number: usize| metadata.column_index().and_then(|all| all.get(number)?.get(*index));
            let offsets = |number: usize| metadata.offset_index().and_then(|all| all.get(number)?.get(*index));
            let close = ColumnCloseResult {
                bytes_written: u64::try_from(column.compressed_size()).unwrap_or(0),
                rows_written: u64::try_from(group.num_rows()).unwrap_or(0),
                metadata: column.clone(),
                bloom_filter: None,
                column_index: page_index(number).cloned(),
                offset_index: offsets(number).cloned(),
            };
            target.append_column(file, close)?;
        }
        target.close()?;
    }
    Ok(())
}

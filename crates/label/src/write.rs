use crate::model::Label;
use crate::read::{Reading, read_as, read_dyn};
use crate::source::Source;
use crate::splice::Edits;
use crate::{Format, LabelError, carrier};
use std::io::{Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// What may be overridden when writing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WriteOptions {
    /// Write although the file has a C2PA manifest, whose hash then no longer fits. It must be signed again.
    pub breaks_credentials: bool,
}

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// What stood there before.
    pub before: Reading,
    /// What was read back.
    pub after: Reading,
}

/// Copies `source` to `sink` with `label` as its only label, then reads it back and compares. Pictures, samples, frames and
/// text are copied byte for byte; nothing but metadata and its indexes stands in memory.
///
/// Errors: as [`crate::read()`]; a container that has no room for the label; a C2PA manifest that the change would break;
/// a container so damaged that the label does not read back.
pub fn write<R, W>(
    source: &mut R,
    name: &str,
    sink: &mut W,
    label: &Label,
    options: WriteOptions,
) -> Result<Written, LabelError>
where
    R: Read + Seek,
    W: Read + Write + Seek,
{
    let mut source = Source::new(source)?;
    let format = Format::detect(&mut source, name)?;
    let before = read_as(format, &mut source)?;
    if let Some(offset) = before.credentials.filter(|_| !options.breaks_credentials) {
        let refusal = LabelError::refused(
            "the file has a C2PA manifest, and a label written now would break its signature",
            "label first and sign last; or write all the same with `--break-c2pa` and sign again",
        );
        return Err(LabelError { offset: Some(offset), ..refusal });
    }
    let edits = Edits::new(carrier::edits(format, &mut source, label)?)?;
    edits.apply(&mut source, sink)?;
    let after = read_dyn(sink, format)?;
    if !after.holds(label) {
        return Err(LabelError::malformed(0, "the container is damaged so that a new label does not read back"));
    }
    Ok(Written { before, after })
}

/// The same in memory.
pub fn write_bytes(bytes: &[u8], name: &str, label: &Label, options: WriteOptions) -> Result<Vec<u8>, LabelError> {
    let mut sink = Cursor::new(Vec::with_capacity(bytes.len() + 2048));
    write(&mut Cursor::new(bytes), name, &mut sink, label, options)?;
    Ok(sink.into_inner())
}

/// The same from file to file; `to` may be `from`. The new file is written beside `to`, synced, and renamed when it is
/// whole and read back.
pub fn write_file(from: &Path, to: &Path, label: &Label, options: WriteOptions) -> Result<Written, LabelError> {
    let name = from.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let part = part_beside(to);
    let mut source = std::fs::File::open(from)?;
    let mut sink = create(&part)?;
    let written = write(&mut source, &name, &mut sink, label, options).and_then(|written| {
        sink.sync_all()?;
        std::fs::set_permissions(&part, source.metadata()?.permissions())?;
        std::fs::rename(&part, to)?;
        Ok(written)
    });
    if written.is_err() {
        // The fault that is reported is the first one.
        let _ = std::fs::remove_file(&part);
    }
    written
}

pub(crate) fn create(part: &Path) -> Result<std::fs::File, LabelError> {
    let opened = std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(part);
    opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => LabelError::refused(
            format!("`{}` is there: another run is writing it, or one was killed", part.display()),
            "wait for the other run, or remove that file",
        ),
        _ => error.into(),
    })
}

pub(crate) fn part_beside(to: &Path) -> PathBuf {
    let name = to.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    to.with_file_name(format!(".{name}.gongdao-part"))
}

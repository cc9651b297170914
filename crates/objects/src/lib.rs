//! Stores of objects by their address: a folder, or a bucket of S3.
//!
//! In: an address (`s3://bucket/prefix`, `file:///path` or a path) and the environment's words for S3. Out: what the ledger calls
//! [`Objects`]. Contains the network, and nothing about what the objects are. Requests are signed by AWS Signature Version 4; what
//! must not be replaced is put with `If-None-Match`, what follows on something with `If-Match` (S3 API reference, `PutObject`).

mod s3;

use gongdao_ledger::{Folder, Objects};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

/// Why a store cannot be opened. `hint` says what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectsError {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
}

impl ObjectsError {
    fn new(message: impl Into<String>, hint: &'static str) -> Self {
        Self { message: message.into(), hint }
    }
}

impl fmt::Display for ObjectsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ObjectsError {}

/// Open a store. `environment` gives a variable's value: for S3 the names that AWS tools use, see docs/formats/ledger-folder.md.
///
/// Errors: an address of another kind; credentials that are missing; a plain-text endpoint that is not near.
pub fn open(address: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Arc<dyn Objects>, ObjectsError> {
    if let Some(rest) = address.strip_prefix("s3://") {
        return Ok(Arc::new(s3::S3::open(rest, environment)?));
    }
    let path = address.strip_prefix("file://").unwrap_or(address);
    if path.contains("://") || path.is_empty() {
        return Err(ObjectsError::new(
            format!("`{address}` is no store of objects"),
            "name `s3://bucket/prefix`, `file:///path` or a folder",
        ));
    }
    Ok(Arc::new(Folder::new(PathBuf::from(path))))
}

//! Where a ledger's files are: its folder, and the store in which its sealed rows lie.

use super::of_ledger;
use crate::command::output::{BAD_DATA, Fault};
use gongdao_ledger::{Folder, Objects, Storage, Tiered, segments_at};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The folder itself.
pub(super) fn local(folder: &Path) -> Arc<dyn Storage> {
    Arc::new(Folder::new(folder))
}

/// The folder, with its store where its sealed rows lie in one.
pub(crate) fn storage(folder: &Path) -> Result<Arc<dyn Storage>, Vec<Fault>> {
    let local = local(folder);
    match segments_at(&local).map_err(of_ledger)? {
        None => Ok(local),
        Some(address) => Ok(Arc::new(Tiered::new(local, objects(&address)?))),
    }
}

/// A store by its address; credentials come from the environment, as other tools for S3 have them.
pub(super) fn objects(address: &str) -> Result<Arc<dyn Objects>, Vec<Fault>> {
    gongdao_objects::open(address, &|name| std::env::var(name).ok())
        .map_err(|error| vec![Fault::new(BAD_DATA, error.message, Some(error.hint.to_owned()))])
}

/// The address as every later command can read it: a folder's path is made absolute.
pub(super) fn absolute(address: &str) -> Result<String, Vec<Fault>> {
    if address.contains("://") {
        return Ok(address.to_owned());
    }
    let path = std::path::absolute(PathBuf::from(address)).map_err(|error| {
        let hint = Some("name a folder, `file:///path` or `s3://bucket/prefix`".to_owned());
        vec![Fault::new(BAD_DATA, format!("`{address}` is no path: {error}"), hint)]
    })?;
    Ok(format!("file://{}", path.display()))
}

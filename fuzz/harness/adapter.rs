//! Whatever stands in an adapter's file, reading it ends in an adapter or in problems with words.

use gongdao_audit::Adapter;
use std::path::Path;

/// Write the bytes as `adapter.toml` into a folder and read it.
pub(crate) fn drive(folder: &Path, bytes: &[u8]) {
    let path = folder.join("adapter.toml");
    std::fs::write(&path, bytes).unwrap();
    if let Err(problems) = Adapter::read(&path) {
        assert!(!problems.is_empty(), "refused without a word");
        for problem in &problems {
            assert!(!problem.message.trim().is_empty(), "{problem:?}");
        }
    }
}

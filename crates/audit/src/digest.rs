//! Digests of input files, as `sha256:` and 64 hexadecimal digits.

use crate::AuditError;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Digest and size of one file, read in pieces.
pub(crate) fn of_file(path: &Path) -> Result<(String, u64), AuditError> {
    let mut hasher = Sha256::new();
    let size = feed(path, &mut hasher)?;
    Ok((text(hasher), size))
}

/// One digest over several files: for each its name, a zero byte, its length as 8 bytes (big-endian), its bytes.
pub(crate) fn of_files(named: &[(PathBuf, PathBuf)]) -> Result<String, AuditError> {
    let mut sorted: Vec<_> = named.iter().collect();
    sorted.sort();
    let mut hasher = Sha256::new();
    for (name, path) in sorted {
        let size = std::fs::metadata(path).map_err(|error| AuditError::io(path, "read the file", &error))?.len();
        hasher.update(name.to_string_lossy().as_bytes());
        hasher.update([0]);
        hasher.update(size.to_be_bytes());
        feed(path, &mut hasher)?;
    }
    Ok(text(hasher))
}

fn feed(path: &Path, hasher: &mut Sha256) -> Result<u64, AuditError> {
    let failed = |error: std::io::Error| AuditError::io(path, "read the file", &error);
    let mut file = File::open(path).map_err(failed)?;
    let mut buffer = vec![0; 1 << 16];
    let mut size = 0;
    loop {
        let read = file.read(&mut buffer).map_err(failed)?;
        if read == 0 {
            return Ok(size);
        }
        hasher.update(buffer.get(..read).unwrap_or_default());
        size += read as u64;
    }
}

/// The digest in words.
pub(crate) fn text(hasher: Sha256) -> String {
    use std::fmt::Write as _;
    let mut text = String::from("sha256:");
    for byte in hasher.finalize() {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

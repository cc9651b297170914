#![no_main]

#[path = "../harness/ledger_folder.rs"]
mod ledger_folder;

use gongdao_merkle::NoteSigner;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// A small ledger that every run copies.
static MADE: LazyLock<tempfile::TempDir> = LazyLock::new(|| {
    let dir = tempfile::tempdir().unwrap();
    ledger_folder::make(dir.path(), &signer);
    dir
});

fn signer() -> NoteSigner {
    NoteSigner::new("ledger.example/fuzz".parse().unwrap(), &[7; 32])
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found.into_iter().flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

// The first byte chooses the file, the next two where the rest is written into it; nothing more cuts it there.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let [which, high, low, patch @ ..] = bytes else { return };
    let dir = tempfile::tempdir().unwrap();
    let all = files(MADE.path());
    let chosen = &all[usize::from(*which) % all.len()];
    for path in &all {
        let target = dir.path().join(path.strip_prefix(MADE.path()).unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        let mut content = std::fs::read(path).unwrap();
        if path == chosen {
            let at = usize::from(u16::from_be_bytes([*high, *low])).min(content.len());
            if patch.is_empty() {
                content.truncate(at);
            }
            let end = (at + patch.len()).min(content.len());
            content.splice(at..end, patch.iter().copied());
        }
        std::fs::write(target, content).unwrap();
    }
    ledger_folder::drive(dir.path(), &signer);
});

#![no_main]

#[path = "../harness/adapter.rs"]
mod adapter;

use std::sync::OnceLock;

static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    adapter::drive(FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path(), bytes);
});

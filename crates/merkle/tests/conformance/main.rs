//! Vectors of the log formats that others made.
//!
//! The folder is `GONGDAO_CONFORMANCE`, else `../shared/conformance`; whatever lies below its `tlog` is run, and a file or a
//! field that no reader here understands is a failure.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod log;
mod note;
mod probe;

use std::path::{Path, PathBuf};

fn conformance() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GONGDAO_CONFORMANCE") {
        return Some(PathBuf::from(named));
    }
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if shared.is_dir() {
        return Some(shared.join("conformance"));
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared, and CI must have it");
    println!("skipped: no ../shared");
    None
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

/// Run one file: how many cases it held, or nothing where no reader understands it.
fn run(root: &Path, path: &Path) -> Option<usize> {
    let name = path.strip_prefix(root).unwrap().to_str().unwrap();
    let bytes = std::fs::read(path).unwrap();
    let text = || str::from_utf8(&bytes).unwrap_or_else(|_| panic!("{name} is not UTF-8"));
    let (folder, file) = name.split_once('/').unwrap_or(("", name));
    match (folder, file) {
        ("", "README.md") => Some(0),
        ("merkle-probes", _) => probe::run(file, text()),
        ("tessera-log", _) => log::run(&root.join(folder), file, &bytes),
        ("sunlight-witness", _) => note::cosigned(&root.join(folder), file, &bytes),
        ("signed-note", _) => note::run(&root.join(folder), file, &bytes),
        ("tile-paths", "format.json") => Some(log::tile_paths(text())),
        ("argon2020", _) => log::certificate_log(&root.join(folder), file),
        ("ed25519", "vectors-even.json") => Some(note::ed25519(text())),
        _ => None,
    }
}

#[test]
fn every_case_comes_out_as_its_file_says() {
    let Some(root) = conformance().map(|root| root.join("tlog")) else { return };
    let files = files(&root);
    assert!(!files.is_empty(), "no case lies in {}", root.display());
    let mut not_understood = Vec::new();
    for path in &files {
        match run(&root, path) {
            Some(cases) => println!("{}: {cases} cases", path.strip_prefix(&root).unwrap().display()),
            None => not_understood.push(path),
        }
    }
    assert!(not_understood.is_empty(), "files that no test understands: {not_understood:?}");
}

#[test]
fn a_file_that_is_no_case_is_named() {
    let folder = std::env::temp_dir().join(format!("gongdao-merkle-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("merkle-probes")).unwrap();
    for name in ["new.json", "merkle-probes/new.jsonl"] {
        std::fs::write(folder.join(name), "{}").unwrap();
    }
    assert_eq!(files(&folder).iter().map(|path| run(&folder, path)).collect::<Vec<_>>(), [None, None]);
    std::fs::remove_dir_all(&folder).unwrap();
}

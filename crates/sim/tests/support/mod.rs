//! A city in a folder of its own, and its files as plain rows.

use gongdao_sim::{Made, Settings, simulate};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A row of a file: cells by column.
pub type Row = BTreeMap<String, String>;

/// A folder of its own under the system's temporary one, removed when the test is over.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gongdao-sim-{name}-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub fn settings(seed: u64, orders: i64) -> Settings {
    Settings { seed, orders, couriers: None, days: 7, from: "2025-10-13".parse().unwrap() }
}

pub fn make(name: &str, settings: &Settings) -> (Folder, Made) {
    let folder = Folder::new(name);
    let made = simulate(settings, &folder.0).unwrap();
    (folder, made)
}

pub fn rows(folder: &Path, file: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

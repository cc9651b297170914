//! What lies in the folder.

use flate2::read::GzDecoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

/// The files, packed ones unpacked, and the tests among them.
#[derive(Debug, Default)]
pub(crate) struct Folder {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) tests: Vec<(String, Value)>,
    pub(crate) not_understood: Vec<String>,
}

/// Files that say what the others are.
const ABOUT: [&str; 3] = ["LICENSE", "NOTICE", "README.md"];

impl Folder {
    pub(crate) fn read(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut not_understood = Vec::new();
        collect(root, root, &mut files, &mut not_understood);
        Self::sort(files, not_understood)
    }

    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        Self::sort(files, Vec::new())
    }

    fn sort(files: BTreeMap<String, String>, mut not_understood: Vec<String>) -> Self {
        let mut tests = Vec::new();
        let mut named = std::collections::BTreeSet::new();
        for (name, text) in files.iter().filter(|(name, _)| has_ending(name, &["json"])) {
            let value: Option<Value> = serde_json::from_str(text).ok();
            let test = value.filter(|value| value.get("requests").is_some_and(Value::is_array));
            let Some(test) = test else { continue };
            for key in ["policies", "entities", "schema"] {
                named.extend(test.get(key).and_then(Value::as_str).map(str::to_owned));
            }
            named.insert(name.clone());
            tests.push((name.clone(), test));
        }
        let is_policy_or_schema = |name: &str| has_ending(name, &["cedar", "cedarschema"]);
        let is_known = |name: &str| named.contains(name) || ABOUT.contains(&name) || is_policy_or_schema(name);
        not_understood.extend(files.keys().filter(|name| !is_known(name)).cloned());
        Self { files, tests, not_understood }
    }
}

fn has_ending(name: &str, endings: &[&str]) -> bool {
    Path::new(name).extension().is_some_and(|found| endings.iter().any(|ending| found == *ending))
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>, not_understood: &mut Vec<String>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            collect(root, &path, files, not_understood);
        } else if name.ends_with(".tar.gz") {
            unpack(&path, files);
        } else {
            match std::fs::read_to_string(&path) {
                Ok(text) => drop(files.insert(name, text)),
                Err(_) => not_understood.push(name),
            }
        }
    }
}

fn unpack(path: &Path, files: &mut BTreeMap<String, String>) {
    let mut archive = tar::Archive::new(GzDecoder::new(std::fs::File::open(path).unwrap()));
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        if !entry.header().entry_type().is_file() {
            continue;
        }
        let name = entry.path().unwrap().to_string_lossy().trim_start_matches("./").to_owned();
        let mut text = String::new();
        entry.read_to_string(&mut text).unwrap_or_else(|error| panic!("{name} in {}: {error}", path.display()));
        files.insert(name, text);
    }
}

//! The shape of `packs/`: only files that the format knows, and law in no other place.

use crate::Findings;
use std::path::{Path, PathBuf};

/// Files of one instrument's folder (docs/formats/pack.md).
const FILES: [&str; 10] = [
    "CHANGES.md",
    "agreement.note",
    "agreement.toml",
    "checklist.toml",
    "duties.toml",
    "instrument.toml",
    "no-rule.toml",
    "pack.lock",
    "parameters.toml",
    "provisions.toml",
];
/// Files that each of them must have.
const NEEDED: [&str; 3] = ["CHANGES.md", "instrument.toml", "provisions.toml"];
const FOLDERS: [&str; 2] = ["measures", "rules"];

/// Check the tree below `packs/`. What the files say is for `gongdao pack check`.
pub(crate) fn check(root: &Path, findings: &mut Findings) -> Result<(), String> {
    let packs = root.join("packs");
    for jurisdiction in entries(&packs)? {
        if !jurisdiction.is_dir() {
            if name(&jurisdiction) != "vocabulary.cedarschema" {
                findings.push(format!("{}: does not belong in packs/", shown(root, &jurisdiction)));
            }
            continue;
        }
        if name(&jurisdiction) == "derived" {
            check_derived(root, &jurisdiction, findings)?;
            continue;
        }
        if name(&jurisdiction) == "cases" {
            check_cases(root, &jurisdiction, findings)?;
            continue;
        }
        for instrument in entries(&jurisdiction)? {
            check_instrument(root, &instrument, findings)?;
        }
    }
    Ok(())
}

/// Derived facts: pairs of one TOML file and one SQL file.
fn check_derived(root: &Path, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    for path in entries(folder)? {
        let other = match path.extension().and_then(|extension| extension.to_str()) {
            Some("toml") => path.with_extension("sql"),
            Some("sql") => path.with_extension("toml"),
            _ => path.clone(),
        };
        if other == path || !other.is_file() {
            findings.push(format!("{}: is no pair NAME.toml, NAME.sql; see docs/formats/pack.md", shown(root, &path)));
        }
    }
    Ok(())
}

/// Court cases and events: one TOML file each.
fn check_cases(root: &Path, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    for path in entries(folder)? {
        if path.extension().is_none_or(|extension| extension != "toml") {
            findings.push(format!("{}: is no case; see docs/formats/pack.md", shown(root, &path)));
        }
    }
    Ok(())
}

fn check_instrument(root: &Path, folder: &Path, findings: &mut Findings) -> Result<(), String> {
    let found = entries(folder)?;
    for path in &found {
        let known = if path.is_dir() { FOLDERS.contains(&name(path)) } else { FILES.contains(&name(path)) };
        if !known {
            findings.push(format!("{}: is no part of a pack; see docs/formats/pack.md", shown(root, path)));
        }
    }
    for needed in NEEDED.iter().filter(|needed| !found.iter().any(|path| name(path) == **needed)) {
        findings.push(format!("{}: has no {needed}", shown(root, folder)));
    }
    Ok(())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listing = std::fs::read_dir(folder).map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
    let mut paths: Vec<PathBuf> = listing.filter_map(Result::ok).map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

fn name(path: &Path) -> &str {
    path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
}

fn shown(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap_or(path).display().to_string()
}

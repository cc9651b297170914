//! Layout, import directions, file and function sizes.

use crate::Findings;
use crate::metadata::packages;
use crate::{module, packs};
use std::path::{Path, PathBuf};

/// Crates by level (style: layout). A crate imports lower levels only.
const LEVELS: &[(&str, u8)] = &[
    ("gongdao-model", 0),
    ("gongdao-merkle", 0),
    ("gongdao-i18n", 0),
    ("gongdao-stats", 0),
    ("gongdao-pack", 1),
    ("gongdao-receipt", 1),
    ("gongdao-ledger", 2),
    ("gongdao-label", 1),
    ("gongdao-clock", 2),
    ("gongdao-rules", 2),
    ("gongdao-assess", 3),
    ("gongdao-kernel", 3),
    ("gongdao-law", 3),
    ("gongdao-score", 3),
    ("gongdao-sim", 3),
    ("gongdao-audit", 4),
    ("gongdao-datamap", 1),
    ("gongdao-desk", 4),
    ("gongdao-objects", 4),
    ("gongdao-gate", 4),
    ("gongdao-register", 4),
    ("gongdao-service", 5),
    ("gongdao-store", 6),
    ("gongdao-web", 7),
    ("gongdao-python", 8),
    ("gongdao-cli", 8),
    ("gongdao-bench", 9),
    ("xtask", 9),
];
const FILE_LINES: usize = 600;
const FUNCTION_LINES: usize = 80;

/// Check the tree.
pub(crate) fn run(root: &Path) -> Result<Findings, String> {
    let mut findings = Findings::new();
    check_levels(root, &mut findings)?;
    packs::check(root, &mut findings)?;
    module::check(root, &mut findings)?;
    for file in rust_files(root)? {
        let text =
            std::fs::read_to_string(&file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let shown = file.strip_prefix(root).unwrap_or(&file);
        check_sizes(shown, &text, &mut findings);
    }
    Ok(findings)
}

fn level(name: &str) -> Option<u8> {
    LEVELS.iter().find(|(known, _)| *known == name).map(|(_, level)| *level)
}

fn check_levels(root: &Path, findings: &mut Findings) -> Result<(), String> {
    for package in packages(root)?.iter().filter(|package| package.source.is_none()) {
        let Some(own) = level(&package.name) else {
            findings.push(format!("crate `{}` has no level; add it to the table in xtask/src/tidy.rs", package.name));
            continue;
        };
        for dependency in &package.dependencies {
            if level(dependency).is_some_and(|theirs| theirs >= own) {
                findings
                    .push(format!("crate `{}` (level {own}) imports `{dependency}`, which is not lower", package.name));
            }
        }
    }
    Ok(())
}

fn check_sizes(file: &Path, text: &str, findings: &mut Findings) {
    let lines = text.lines().count();
    if lines > FILE_LINES {
        findings.push(format!("{}: {lines} lines, at most {FILE_LINES}; split it by what it does", file.display()));
    }
    for (line, length) in long_functions(text) {
        findings
            .push(format!("{}:{line}: function of {length} lines, at most {FUNCTION_LINES}; split it", file.display()));
    }
}

/// Functions longer than the limit, as (first line, length). Relies on rustfmt: a function closes with a brace at the
/// indentation of its `fn`.
fn long_functions(text: &str) -> Vec<(usize, usize)> {
    let mut long = Vec::new();
    let mut open: Option<(usize, usize)> = None;
    for (index, line) in text.lines().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        match open {
            None if is_function(trimmed) && !trimmed.ends_with('}') && !trimmed.ends_with(';') => {
                open = Some((index, indent));
            }
            Some((start, depth)) if trimmed == "}" && indent == depth => {
                let length = index - start + 1;
                if length > FUNCTION_LINES {
                    long.push((start + 1, length));
                }
                open = None;
            }
            _ => {}
        }
    }
    long
}

fn is_function(line: &str) -> bool {
    let mut words = line.split_whitespace();
    words.by_ref().find(|word| !matches!(*word, "pub" | "pub(crate)" | "pub(super)" | "const" | "async")) == Some("fn")
}

fn rust_files(root: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders: Vec<PathBuf> =
        ["crates", "xtask", "bench", "fuzz", "models", "wasm"].iter().map(|name| root.join(name)).collect();
    while let Some(folder) = folders.pop() {
        if !folder.exists() || folder.ends_with("target") {
            continue;
        }
        let entries =
            std::fs::read_dir(&folder).map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::long_functions;

    #[test]
    fn a_function_over_the_limit_is_found_with_its_line() {
        let body = "    let x = 1;\n".repeat(90);
        let text = format!("fn short() {{\n}}\n\npub(crate) fn long() {{\n{body}}}\n");
        assert_eq!(long_functions(&text), vec![(4, 92)]);
    }

    #[test]
    fn a_function_at_the_limit_passes() {
        let body = "    let x = 1;\n".repeat(78);
        assert!(long_functions(&format!("fn fits() {{\n{body}}}\n")).is_empty());
    }
}

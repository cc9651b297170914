//! The WebAssembly module of the page that checks receipts: what it is made of, and whether the one in the tree is that (ADR 16).

use crate::Findings;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// Where `gongdao-web` embeds it.
pub(crate) const MODULE: &str = "templates/pages/verify.wasm";
/// Bytes at most: it is loaded over a phone's connection.
pub(crate) const MOST_BYTES: usize = 120_000;
/// The crates that it is built of, lowest first.
const CRATES: [&str; 3] = ["crates/merkle", "crates/receipt", "wasm"];
/// Name of the section that says what it was built of.
const SECTION: &str = "gongdao";
const HEAD: [u8; 8] = *b"\0asm\x01\0\0\0";

/// Hold the module in the tree against the sources in the tree.
pub(crate) fn check(root: &Path, findings: &mut Findings) -> Result<(), String> {
    findings.extend(other_versions(root)?);
    let Ok(module) = std::fs::read(root.join(MODULE)) else {
        findings.push(format!("{MODULE} is missing; run `cargo xtask wasm`"));
        return Ok(());
    };
    if module.len() > MOST_BYTES {
        findings.push(format!("{MODULE}: {} bytes, at most {MOST_BYTES}", module.len()));
    }
    let wanted = sources(root)?;
    match said(&module) {
        None => findings.push(format!("{MODULE} does not say what it was built of; run `cargo xtask wasm`")),
        Some(text) if text.lines().next() != Some(wanted.as_str()) => findings.push(format!(
            "{MODULE} was built of other sources than those in {}; run `cargo xtask wasm`",
            CRATES.join(", ")
        )),
        Some(_) => {}
    }
    Ok(())
}

/// The line that names the sources: their paths and bytes, what `Cargo.toml` says of their dependencies, and the lock file. Tests
/// in files of their own are left out, for they are not built in.
pub(crate) fn sources(root: &Path) -> Result<String, String> {
    let mut files = vec![PathBuf::from("wasm/Cargo.lock")];
    for name in CRATES {
        files.push(Path::new(name).join("Cargo.toml"));
        list(root, &Path::new(name).join("src"), &mut files)?;
    }
    files.sort();
    let mut hash = Sha256::new();
    let mut add = |name: &str, bytes: &[u8]| {
        hash.update(format!("{name}\n{}\n", bytes.len()));
        hash.update(bytes);
    };
    for file in files {
        add(&file.to_string_lossy(), &read(root, &file)?);
    }
    add("Cargo.toml", chosen(&text(root, "Cargo.toml")?, &text(root, "crates/merkle/Cargo.toml")?)?.as_bytes());
    let mut line = "sources sha256:".to_owned();
    for byte in hash.finalize() {
        // Writing to a text does not fail.
        let _ = write!(line, "{byte:02x}");
    }
    Ok(line)
}

/// What the workspace says of the dependencies that `gongdao-merkle` has: versions and features. The other two have none but it.
fn chosen(workspace: &str, merkle: &str) -> Result<String, String> {
    let table = |text: &str| text.parse::<toml::Table>().map_err(|error| format!("Cargo.toml: {error}"));
    let (workspace, merkle) = (table(workspace)?, table(merkle)?);
    let names = merkle.get("dependencies").and_then(toml::Value::as_table).ok_or("merkle has no dependencies")?;
    let known = workspace.get("workspace").and_then(|part| part.get("dependencies"));
    let lines = names.keys().map(|name| {
        format!("{name} = {}\n", known.and_then(|known| known.get(name)).unwrap_or(&toml::Value::Boolean(false)))
    });
    Ok(lines.collect())
}

/// Dependencies of the module in another version than the workspace has: then browser and server would not run the same code.
fn other_versions(root: &Path) -> Result<Findings, String> {
    let ours = versions(&text(root, "Cargo.lock")?)?;
    let theirs = versions(&text(root, "wasm/Cargo.lock")?)?;
    let mut found = Findings::new();
    for (name, of_module) in theirs {
        // Some stand twice in the workspace, in an older version for something else.
        if let Some(of_workspace) = ours.get(&name)
            && let Some(other) = of_module.iter().find(|version| !of_workspace.contains(version))
        {
            let known = of_workspace.join(", ");
            found.push(format!(
                "wasm/Cargo.lock: `{name}` is {other}, in Cargo.lock {known}; run `cargo update --manifest-path wasm/Cargo.toml --package {name}@{other} --precise VERSION`"
            ));
        }
    }
    Ok(found)
}

/// Versions of packages from a registry, by name.
fn versions(lock: &str) -> Result<BTreeMap<String, Vec<String>>, String> {
    let table: toml::Table = lock.parse().map_err(|error| format!("Cargo.lock: {error}"))?;
    let packages = table.get("package").and_then(toml::Value::as_array).ok_or("Cargo.lock lists no packages")?;
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages.iter().filter(|package| package.get("source").is_some()) {
        let text = |key: &str| package.get(key).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
        found.entry(text("name")).or_default().push(text("version"));
    }
    Ok(found)
}

fn list(root: &Path, folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let entries =
        std::fs::read_dir(root.join(folder)).map_err(|error| format!("cannot list {}: {error}", folder.display()))?;
    for entry in entries.filter_map(Result::ok) {
        let name = entry.file_name();
        let path = folder.join(&name);
        if entry.path().is_dir() {
            list(root, &path, files)?;
        } else if !name.to_string_lossy().ends_with("_tests.rs") {
            files.push(path);
        }
    }
    Ok(())
}

fn read(root: &Path, file: &Path) -> Result<Vec<u8>, String> {
    std::fs::read(root.join(file)).map_err(|error| format!("cannot read {}: {error}", file.display()))
}

fn text(root: &Path, file: &str) -> Result<String, String> {
    String::from_utf8(read(root, Path::new(file))?).map_err(|_| format!("{file} is not UTF-8"))
}

/// The module with what it was built of, in a custom section at its end (WebAssembly core specification, section 5.5.3).
pub(crate) fn with_section(mut module: Vec<u8>, says: &str) -> Vec<u8> {
    let mut content = Vec::new();
    write_length(&mut content, SECTION.len());
    content.extend_from_slice(SECTION.as_bytes());
    content.extend_from_slice(says.as_bytes());
    module.push(0);
    write_length(&mut module, content.len());
    module.extend_from_slice(&content);
    module
}

/// What a module says of itself; nothing where it is no module, or says nothing.
fn said(module: &[u8]) -> Option<String> {
    let mut rest = module.strip_prefix(&HEAD)?;
    while let Some((kind, after)) = rest.split_first() {
        let mut content = after;
        let length = read_length(&mut content)?;
        let (section, next) = content.split_at_checked(length)?;
        rest = next;
        let mut body = section;
        if *kind == 0 && read_length(&mut body)? == SECTION.len() {
            let found = body.strip_prefix(SECTION.as_bytes());
            if let Some(says) = found {
                return String::from_utf8(says.to_vec()).ok();
            }
        }
    }
    None
}

/// LEB128 (section 5.2.2 there).
fn write_length(to: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7f).unwrap_or_default();
        length >>= 7;
        if length == 0 {
            to.push(low);
            return;
        }
        to.push(low | 0x80);
    }
}

fn read_length(from: &mut &[u8]) -> Option<usize> {
    let mut length = 0_usize;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        length |= usize::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(length);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_says_what_it_was_given_and_stays_a_module() {
        for says in ["x".to_owned(), "sources sha256:ab\ncompiler\n".to_owned(), "a".repeat(300)] {
            // Another custom section before it.
            let bare = [HEAD.as_slice(), b"\0\x06\x04nameX"].concat();
            let module = with_section(bare.clone(), &says);
            assert!(module.starts_with(&bare));
            assert_eq!(said(&module), Some(says));
            assert_eq!(said(&bare), None);
            assert_eq!(said(&module[..module.len() - 1]), None, "torn");
        }
        assert_eq!(said(b"MZ"), None);
    }

    #[test]
    fn another_source_version_or_feature_is_another_line() {
        let root = crate::workspace_root();
        let line = sources(&root).unwrap();
        assert!(line.starts_with("sources sha256:") && line.len() == 15 + 64, "{line}");
        let folder = std::env::temp_dir().join(format!("gongdao-module-{}", std::process::id()));
        let copy = |file: &Path| {
            let to = folder.join(file);
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::copy(root.join(file), to).unwrap();
        };
        let mut files: Vec<PathBuf> = ["Cargo.toml", "Cargo.lock", "wasm/Cargo.lock"].map(PathBuf::from).to_vec();
        for name in CRATES {
            files.push(Path::new(name).join("Cargo.toml"));
            list(&root, &Path::new(name).join("src"), &mut files).unwrap();
        }
        for file in &files {
            copy(file);
        }
        assert_eq!(sources(&folder).unwrap(), line, "the same wherever it lies");
        for (file, from, to) in [
            ("crates/merkle/src/hash.rs", "use ", "use  "),
            ("wasm/Cargo.lock", "version = ", "version =  "),
            ("wasm/Cargo.toml", "opt-level", "opt-level "),
            ("Cargo.toml", "features = [\"rand_core\"]", "features = [\"rand_core\", \"zeroize\"]"),
        ] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            assert!(text.contains(from), "{file}");
            std::fs::write(folder.join(file), text.replacen(from, to, 1)).unwrap();
            assert_ne!(sources(&folder).unwrap(), line, "{file}");
            let mut findings = Findings::new();
            check(&folder, &mut findings).unwrap();
            assert!(findings.iter().any(|one| one.ends_with("run `cargo xtask wasm`")), "{findings:?}");
            copy(Path::new(file));
        }
        let lock = std::fs::read_to_string(folder.join("wasm/Cargo.lock")).unwrap();
        let sha2 = versions(&lock).unwrap()["sha2"][0].clone();
        std::fs::write(folder.join("wasm/Cargo.lock"), lock.replace(&format!("\"{sha2}\""), "\"0.10.0\"")).unwrap();
        let found = other_versions(&folder).unwrap();
        assert!(found.len() == 1 && found[0].contains("`sha2` is 0.10.0"), "{found:?}");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}

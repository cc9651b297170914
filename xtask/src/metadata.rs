//! `cargo metadata` as the few fields that the chores read.

use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// One package of the resolved workspace.
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) license: Option<String>,
    /// `None` for a package of this workspace.
    pub(crate) source: Option<String>,
    /// Names of normal and build dependencies.
    pub(crate) dependencies: Vec<String>,
}

/// All packages that are built here; the lock file also names optional ones that no feature asks for.
pub(crate) fn packages(root: &Path) -> Result<Vec<Package>, String> {
    let document = cargo(root, &["metadata", "--format-version", "1", "--locked"])?;
    let document: Value =
        serde_json::from_str(&document).map_err(|error| format!("cannot read cargo metadata: {error}"))?;
    let packages = document.get("packages").and_then(Value::as_array).ok_or("cargo metadata lists no packages")?;
    let built = built(root)?;
    let mut found = packages.iter().map(package).collect::<Result<Vec<_>, String>>()?;
    found.retain(|package| built.contains(&format!("{} v{}", package.name, package.version)));
    Ok(found)
}

/// `name vVERSION` of each package that the workspace builds on this platform.
fn built(root: &Path) -> Result<BTreeSet<String>, String> {
    let tree = tree(root, WORKSPACE, "normal,build,dev", "{p}")?;
    Ok(tree.lines().map(|line| line.split(' ').take(2).collect::<Vec<_>>().join(" ")).collect())
}

/// What cargo is asked to build: everything.
pub(crate) const WORKSPACE: &[&str] = &["--workspace"];
/// What cargo is asked to build: the wheel.
pub(crate) const WHEEL: &[&str] = &["--package", "gongdao-python"];

/// Each package with its features, by the kinds of edges that cargo follows: with or without tests, build scripts, macros.
pub(crate) fn features(root: &Path, what: &[&str], edges: &str) -> Result<BTreeSet<String>, String> {
    let tree = tree(root, what, edges, "{p} [{f}]")?;
    Ok(tree.lines().map(|line| line.trim_end_matches(" (*)").replace(" (proc-macro)", "")).collect())
}

fn tree(root: &Path, what: &[&str], edges: &str, format: &str) -> Result<String, String> {
    let how = ["--locked", "--edges", edges, "--prefix", "none", "--format", format];
    cargo(root, &[&["tree"], what, &how].concat())
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new("cargo")
        .args(arguments)
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err(format!("cargo {} failed: {}", arguments.join(" "), String::from_utf8_lossy(&output.stderr)));
    }
    String::from_utf8(output.stdout).map_err(|_| "cargo printed bytes that are not UTF-8".to_owned())
}

fn package(value: &Value) -> Result<Package, String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let dependencies = value.get("dependencies").and_then(Value::as_array).map_or_else(Vec::new, |list| {
        list.iter()
            .filter(|dependency| dependency.get("kind").and_then(Value::as_str) != Some("dev"))
            .filter_map(|dependency| dependency.get("name").and_then(Value::as_str).map(str::to_owned))
            .collect()
    });
    Ok(Package {
        name: text("name").ok_or("a package without a name")?,
        version: text("version").ok_or("a package without a version")?,
        license: text("license"),
        source: text("source"),
        dependencies,
    })
}

//! Licences, sources, duplicates, owners and features, from the crate registry alone (no advisory database is read here).

use crate::Findings;
use crate::metadata::{Package, WHEEL, WORKSPACE, features, packages};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

struct Rules {
    licences: BTreeSet<String>,
    /// Crate name to the reason why several versions of it are tolerated.
    duplicates: BTreeMap<String, String>,
    /// Crate name to the only workspace crates that may import it.
    wrappers: BTreeMap<String, BTreeSet<String>>,
}

/// Check the lock file against `deny.toml`.
pub(crate) fn run(root: &Path) -> Result<Findings, String> {
    let rules = read_rules(&root.join("deny.toml"))?;
    let packages = packages(root)?;
    let mut findings = Findings::new();
    for package in packages.iter().filter(|package| package.source.is_some()) {
        check_source(package, &mut findings);
        check_licence(package, &rules, &mut findings);
    }
    check_duplicates(&packages, &rules, &mut findings);
    check_wrappers(&packages, &rules, &mut findings);
    check_features(root, &mut findings)?;
    Ok(findings)
}

fn check_source(package: &Package, findings: &mut Findings) {
    let from_registry = package.source.as_deref().is_some_and(|source| source.starts_with("registry+"));
    if !from_registry {
        findings.push(format!("deny.toml: `{}` does not come from a crate registry", package.name));
    }
}

/// An SPDX expression is accepted when one side of each `OR` has only accepted licences.
fn check_licence(package: &Package, rules: &Rules, findings: &mut Findings) {
    let Some(expression) = &package.license else {
        findings.push(format!("deny.toml: `{}` states no licence", package.name));
        return;
    };
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let accepted =
        expression.split(" OR ").any(|side| side.split(" AND ").all(|licence| rules.licences.contains(licence.trim())));
    if !accepted {
        findings.push(format!("deny.toml: licence `{expression}` of `{}` is not in [licences]", package.name));
    }
}

fn check_duplicates(packages: &[Package], rules: &Rules, findings: &mut Findings) {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    for (name, found) in &versions {
        let tolerated = rules.duplicates.contains_key(*name);
        if found.len() > 1 && !tolerated {
            let list: Vec<&str> = found.iter().copied().collect();
            findings.push(format!(
                "deny.toml: `{name}` stands in versions {}; unify it, or give the reason under [duplicates]",
                list.join(", ")
            ));
        }
        if found.len() == 1 && tolerated {
            findings.push(format!("deny.toml: `{name}` has one version now; take it out of [duplicates]"));
        }
    }
    for name in rules.duplicates.keys().filter(|name| !versions.contains_key(name.as_str())) {
        findings.push(format!("deny.toml: `{name}` is not a dependency any more; take it out of [duplicates]"));
    }
}

fn check_wrappers(packages: &[Package], rules: &Rules, findings: &mut Findings) {
    for package in packages.iter().filter(|package| package.source.is_none()) {
        for dependency in &package.dependencies {
            if let Some(owners) = rules.wrappers.get(dependency)
                && !owners.contains(&package.name)
            {
                findings
                    .push(format!("deny.toml: `{}` may not import `{dependency}`; only {owners:?} may", package.name));
            }
        }
    }
}

/// A feature that only tests' libraries, or only others than the wheel, ask for makes cargo build the crate, and all that use it once
/// more. What build scripts and procedural macros use is built apart with features of its own, so it is looked at apart.
fn check_features(root: &Path, findings: &mut Findings) -> Result<(), String> {
    let mut found = BTreeSet::new();
    for (edges, with_tests) in
        [("normal,no-proc-macro", "normal,dev,no-proc-macro"), ("normal,build", "normal,build,dev")]
    {
        let alone = features(root, WORKSPACE, edges)?;
        let tested = features(root, WORKSPACE, with_tests)?;
        for package in features(root, WHEEL, edges)?.difference(&alone) {
            found.insert(format!(
                "crates/python/Cargo.toml: `{package}` is built once more for the wheel, with other features; name there those of the rest"
            ));
        }
        for package in alone.difference(&tested) {
            found.insert(format!(
                "Cargo.toml: `{package}` is built once more for the tests, with other features; name those features where a program uses it"
            ));
        }
    }
    findings.extend(found);
    Ok(())
}

fn read_rules(file: &Path) -> Result<Rules, String> {
    let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {}: {error}", file.display()))?;
    let table: toml::Table = text.parse().map_err(|error| format!("{}: {error}", file.display()))?;
    let section = |name: &str| table.get(name).and_then(toml::Value::as_table).cloned().unwrap_or_default();
    let words = |value: &toml::Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(|word| word.as_str().map(str::to_owned)).collect()
    };
    Ok(Rules {
        licences: section("licences").get("allow").map(words).unwrap_or_default(),
        duplicates: section("duplicates").iter().map(|(name, reason)| (name.clone(), reason.to_string())).collect(),
        wrappers: section("wrappers").iter().map(|(name, owners)| (name.clone(), words(owners))).collect(),
    })
}

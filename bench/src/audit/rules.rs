//! Rule sets that hold some of the packs' rule versions and no others.

use super::drawn::Values;
use super::told;
use crate::options::Options;
use gongdao_model::{Entity, FactPath, FactType, LegalDate};
use gongdao_pack::{Packs, Problem};
use gongdao_rules::{Arithmetic, Constant, RuleKind, RuleSet, RuleVersion, Tree};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The versions that every measurement below `audit` uses, by key, one a line.
const SIXTY: &str = include_str!("../../audit-rules.txt");
/// The first and the last day of the decisions; a number set by law is the same on both.
pub(crate) const FIRST_DAY: &str = "2023-07-01";
pub(crate) const LAST_DAY: &str = "2024-06-30";

/// Every rule version of the packs.
pub(crate) fn all(options: &Options) -> Result<(Packs, RuleSet), String> {
    let folder: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let packs = Packs::read(&folder).map_err(|problems| in_lines(&problems))?;
    let rules = RuleSet::load(&packs).map_err(|problems| in_lines(&problems))?;
    Ok((packs, rules))
}

/// The rules whose facts the files hold: the sixty, or every one with `--kept all`.
pub(crate) fn kept(options: &Options) -> Result<RuleSet, String> {
    match options.value("kept", "sixty".to_owned())?.as_str() {
        "sixty" => sixty(options),
        "all" => Ok(all(options)?.1),
        other => Err(format!("`--kept` is `sixty` or `all`, not `{other}`")),
    }
}

/// The sixty.
pub(crate) fn sixty(options: &Options) -> Result<RuleSet, String> {
    let keys: BTreeSet<String> = SIXTY.lines().map(str::to_owned).collect();
    let (packs, all) = all(options)?;
    let rules = subset(&packs, &all, &keys)?;
    if rules.versions.len() == keys.len() {
        return Ok(rules);
    }
    Err(lost(&keys, &rules))
}

/// A packs folder that holds the rule versions which `--kept` names (`sixty`, `all`) and no others, for a program that reads one:
/// where it lies, and its rules.
pub(crate) fn kept_in(options: &Options, folder: &Path) -> Result<(PathBuf, RuleSet), String> {
    let packs: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let rules = kept(options)?;
    if options.value("kept", "sixty".to_owned())? == "all" {
        return Ok((packs, rules));
    }
    let mut texts: BTreeMap<&Path, Vec<&str>> = BTreeMap::new();
    for version in &rules.versions {
        texts.entry(&version.file).or_default().push(&version.text);
    }
    for (path, bytes) in Packs::files(&packs).map_err(|problems| in_lines(&problems))? {
        let is_rule = path.parent().is_some_and(|parent| parent.ends_with("rules"));
        let bytes = match texts.get(path.as_path()) {
            Some(texts) => texts.join("\n").into_bytes(),
            // With their rules the cases go.
            None if is_rule => continue,
            None => bytes,
        };
        let to = folder.join(path);
        to.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(told)?;
        std::fs::write(to, bytes).map_err(told)?;
    }
    let read = Packs::read(folder).and_then(|packs| RuleSet::load(&packs)).map_err(|problems| in_lines(&problems))?;
    if read.versions.len() == rules.versions.len() {
        Ok((folder.to_owned(), read))
    } else {
        Err(lost(&keys(&rules), &read))
    }
}

fn lost(wanted: &BTreeSet<String>, found: &RuleSet) -> String {
    let found = keys(found);
    format!(
        "the packs lack versions that bench/audit-rules.txt names: {:?}",
        wanted.difference(&found).collect::<Vec<_>>()
    )
}

fn keys(rules: &RuleSet) -> BTreeSet<String> {
    rules.versions.iter().map(|version| version.key.to_string()).collect()
}

/// The versions with these keys, read anew from their own text, so that every evaluator meets the same set.
pub(crate) fn subset(packs: &Packs, all: &RuleSet, keys: &BTreeSet<String>) -> Result<RuleSet, String> {
    let mut texts: BTreeMap<&Path, String> = BTreeMap::new();
    for version in all.versions.iter().filter(|version| keys.contains(&version.key.to_string())) {
        let text = texts.entry(&version.file).or_default();
        text.push_str(&version.text);
        text.push('\n');
    }
    let mut packs = packs.clone();
    for pack in &mut packs.instruments {
        pack.rule_files.retain(|file| texts.contains_key(file.source.path.as_path()));
        for file in &mut pack.rule_files {
            file.cases = None;
            file.source.text = texts.remove(file.source.path.as_path()).unwrap_or_default();
        }
    }
    // `load` would ask for the rules left out; what is left is judged as it stands.
    match RuleSet::survey(&packs) {
        (Some(rules), problems) if problems.is_empty() => Ok(rules),
        (_, problems) => Err(in_lines(&problems)),
    }
}

/// The facts that the rules refer to, with their types; numbers set by law apart.
pub(crate) fn facts(rules: &RuleSet) -> Result<BTreeMap<FactPath, FactType>, String> {
    let paths: BTreeSet<&FactPath> = rules.versions.iter().flat_map(|version| &version.facts).collect();
    let declared = |path: &FactPath| {
        let fact = rules.vocabulary.facts.get(path).ok_or_else(|| format!("`{path}` is not in the vocabulary"))?;
        Ok((path.clone(), fact.fact_type))
    };
    paths.into_iter().filter(|path| path.entity() != Entity::Parameter).map(declared).collect()
}

fn in_lines(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What the other engines' statements are written from: actions, days and conditions, numbers set by law put in.
/// With the words of each text and set, so that they can be coded.
pub(crate) fn as_json(rules: &RuleSet) -> Result<Value, String> {
    let (first, last) = (FIRST_DAY.parse::<LegalDate>().map_err(told)?, LAST_DAY.parse().map_err(told)?);
    let used: BTreeSet<&FactPath> = rules.versions.iter().flat_map(|version| &version.facts).collect();
    let on = |day: LegalDate| -> BTreeMap<FactPath, i64> {
        rules.parameters(day, None).into_iter().filter(|(path, _)| used.contains(path)).collect()
    };
    let numbers = on(first);
    if numbers != on(last) {
        return Err(format!("a number set by law changes between {FIRST_DAY} and {LAST_DAY}"));
    }
    let versions: Result<Vec<Value>, String> =
        rules.versions.iter().map(|version| version_as_json(rules, version, &numbers)).collect();
    let mut facts = serde_json::Map::new();
    for (path, kind) in self::facts(rules)? {
        let values = Values::of(&rules.vocabulary, &path)?;
        facts.insert(path.to_string(), json!({ "kind": kind.cedar_name(), "words": values.words() }));
    }
    let actions = super::data::ACTIONS.map(|(action, _)| action);
    Ok(json!({
        "facts": facts,
        "actions": actions,
        "first": first.starts_at().millis(),
        "versions": versions?,
    }))
}

fn version_as_json(rules: &RuleSet, version: &RuleVersion, numbers: &BTreeMap<FactPath, i64>) -> Result<Value, String> {
    let tree = |tree: &Option<Tree>| tree.as_ref().map(|tree| tree_as_json(tree, numbers)).transpose();
    let bases: Option<Vec<String>> = match &version.kind {
        RuleKind::Demand { basis } => {
            let meets = |other: &&RuleVersion| {
                matches!(&other.kind, RuleKind::Basis { basis: of } if of == basis)
                    && (other.key.reading.is_none() || other.key.reading == version.key.reading)
            };
            Some(rules.versions.iter().filter(meets).map(|basis| basis.key.to_string()).collect())
        }
        _ => None,
    };
    Ok(json!({
        "key": version.key.to_string(),
        "basis": matches!(version.kind, RuleKind::Basis { .. }),
        "bases": bases,
        "actions": version.actions,
        "from": version.key.from.starts_at().millis(),
        "until": version.until.map(|until| until.starts_at().millis()),
        "when": tree(&version.when)?,
        "unless": tree(&version.unless)?,
    }))
}

fn tree_as_json(tree: &Tree, numbers: &BTreeMap<FactPath, i64>) -> Result<Value, String> {
    let of = |tree: &Tree| tree_as_json(tree, numbers);
    let two = |name: &str, a: &Tree, b: &Tree| Ok(json!([name, of(a)?, of(b)?]));
    match tree {
        Tree::Constant(Constant::Bool(value)) => Ok(json!(["constant", value])),
        Tree::Constant(Constant::Long(value)) => Ok(json!(["constant", value])),
        Tree::Constant(Constant::Text(value)) => Ok(json!(["constant", value])),
        Tree::Fact(path) if path.entity() == Entity::Parameter => {
            let number = numbers.get(path).ok_or_else(|| format!("no pack gives `{path}` a value"))?;
            Ok(json!(["constant", number]))
        }
        Tree::Fact(path) => Ok(json!(["fact", path.to_string()])),
        Tree::Not(a) => Ok(json!(["not", of(a)?])),
        Tree::And(a, b) => two("and", a, b),
        Tree::Or(a, b) => two("or", a, b),
        Tree::Equal(a, b) => two("equal", a, b),
        Tree::Less(a, b) => two("less", a, b),
        Tree::LessOrEqual(a, b) => two("lessOrEqual", a, b),
        Tree::Arithmetic(Arithmetic::Add, a, b) => two("+", a, b),
        Tree::Arithmetic(Arithmetic::Subtract, a, b) => two("-", a, b),
        Tree::Arithmetic(Arithmetic::Multiply, a, b) => two("*", a, b),
        Tree::Contains(a, b) => two("contains", a, b),
        Tree::ContainsAll(a, b) => two("containsAll", a, b),
        Tree::ContainsAny(a, b) => two("containsAny", a, b),
        Tree::Set(elements) => {
            let elements: Result<Vec<Value>, String> = elements.iter().map(of).collect();
            Ok(json!(["set", elements?]))
        }
        other => Err(format!("the other engines have no word for {other:?}")),
    }
}

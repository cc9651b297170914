//! What must hold between rules, provisions, readings and values.

use crate::version::{RuleKind, RuleVersion};
use crate::vocabulary::Grade;
use crate::{RuleSet, agreement, case_coverage, expression, nesting, side_by_side};
use cedar_policy::{Policy, PolicySet, ValidationMode, Validator};
use gongdao_model::{FactType, LegalDate, ProvisionId, ReadingId, RuleId};
use gongdao_pack::{DerivedType, InstrumentPack, Packs, Problem};
use std::collections::{BTreeMap, BTreeSet};

/// Every problem between the rules and the rest of the packs: provisions without a rule, readings without a version,
/// demands without a basis, unknown values, and cases that are lacking.
pub fn check(packs: &Packs, rules: &RuleSet) -> Vec<Problem> {
    let mut problems = printed(rules);
    for pack in &packs.instruments {
        coverage(pack, rules, &mut problems);
        parameters(pack, rules, &mut problems);
        duties(pack, rules, &mut problems);
    }
    derived(packs, rules, &mut problems);
    agreement::terms(packs, rules, &mut problems);
    problems.extend(judging(packs, rules));
    case_coverage::check(packs, rules, &mut problems);
    problems
}

/// The official evaluator runs what a condition is printed as.
fn printed(rules: &RuleSet) -> Vec<Problem> {
    let found = side_by_side::each(&rules.compiled, |rule| {
        let conditions = rule.when.iter().chain(&rule.unless);
        let lost = conditions.filter(|condition| condition.expression().is_none());
        let told = lost.map(|condition| {
            let message = format!("`{}`: `{}` does not survive printing", rule.version.key, condition.printed());
            Problem::error(&rule.version.file, Some(rule.version.line), message).hint("write the condition plainer")
        });
        told.collect::<Vec<_>>()
    });
    found.into_iter().flatten().collect()
}

/// What would make verdicts wrong and not only the packs incomplete: a breach under one reading would pass for a breach
/// under every reading, a demand without a basis would always be violated.
pub(crate) fn judging(packs: &Packs, rules: &RuleSet) -> Vec<Problem> {
    let mut problems = Vec::new();
    readings(packs, rules, &mut problems);
    demands(packs, rules, &mut problems);
    agreement::scope(packs, rules, &mut problems);
    problems
}

/// Every provision has a rule, a duty, or a line that says why not.
fn coverage(pack: &InstrumentPack, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let covered: BTreeSet<&ProvisionId> = rules
        .versions
        .iter()
        .map(|version| &version.provision)
        .chain(pack.duties.iter().map(|duty| &duty.provision))
        .collect();
    let excused: BTreeSet<&ProvisionId> = pack.no_rules.iter().map(|line| &line.provision).collect();
    let file = pack.folder.join("provisions.toml");
    for provision in &pack.provisions {
        if !covered.contains(&provision.id) && !excused.contains(&provision.id) {
            let message = format!("`{}` has neither rule nor duty nor a line in no-rule.toml", provision.id);
            let hint = "write a rule, or say in no-rule.toml why there is none";
            problems.push(Problem::error(&file, Some(provision.line), message).hint(hint));
        }
    }
    let file = pack.folder.join("no-rule.toml");
    for line in pack.no_rules.iter().filter(|line| covered.contains(&line.provision)) {
        let message = format!("`{}` has a rule or duty, so the line is out of date", line.provision);
        problems.push(Problem::error(&file, Some(line.line), message).hint("take the line out"));
    }
}

fn parameters(pack: &InstrumentPack, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("parameters.toml");
    for parameter in &pack.parameters {
        let declared = parameter.path().and_then(|path| rules.vocabulary.facts.get(&path));
        let (message, hint) = match declared {
            None => {
                let message = format!("`{}` is no parameter of the vocabulary", parameter.name);
                (message, "declare it in packs/vocabulary.cedarschema, type `Parameters`")
            }
            Some(fact) if fact.unit.as_deref() != Some(parameter.unit.as_str()) => {
                let unit = fact.unit.as_deref().unwrap_or("no unit");
                let message = format!("`{}` is in {}, the vocabulary says {unit}", parameter.name, parameter.unit);
                (message, "convert the values, or correct the unit")
            }
            Some(_) => continue,
        };
        problems.push(Problem::error(&file, Some(parameter.line), message).hint(hint));
    }
}

/// A derived column that is a fact has the fact's type, unit and grade.
fn derived(packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    for derived in &packs.derived {
        for column in &derived.gives {
            let Some(path) = &column.fact else { continue };
            let mut error = |message: String, hint: &str| {
                problems.push(Problem::error(&derived.file, Some(column.line), message).hint(hint));
            };
            let Some(fact) = rules.vocabulary.facts.get(path) else {
                error(format!("`{path}` is no fact of the vocabulary"), "correct it, or leave `fact` out");
                continue;
            };
            let kind = match column.kind {
                DerivedType::Text => Some(FactType::Text),
                DerivedType::Integer => Some(FactType::Long),
                DerivedType::Bool => Some(FactType::Bool),
                DerivedType::Instant => None,
            };
            if kind != Some(fact.fact_type) {
                let (given, wanted) = (column.kind.as_str(), fact.fact_type.cedar_name());
                error(format!("`{}` is {given}, the fact `{path}` is {wanted}", column.name), "give the fact's type");
            }
            if column.unit != fact.unit {
                let words = |unit: &Option<String>| unit.clone().unwrap_or_else(|| "no unit".to_owned());
                let (given, wanted) = (words(&column.unit), words(&fact.unit));
                error(format!("`{}` is in {given}, the fact `{path}` in {wanted}", column.name), "convert it");
            }
            if fact.grade != Grade::Derived {
                let hint = "a query computes derived facts; an observed or asserted one comes from the record";
                error(format!("the fact `{path}` is not graded `derived`"), hint);
            }
        }
    }
}

fn duties(pack: &InstrumentPack, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let file = pack.folder.join("duties.toml");
    for duty in &pack.duties {
        let Some(when) = &duty.when else { continue };
        if let Err(message) = condition_fits(when, rules) {
            let message = format!("`when` of `{}`: {message}", duty.id);
            problems
                .push(Problem::error(&file, Some(duty.line), message).hint("write a condition over the vocabulary"));
        }
    }
}

/// A duty's condition is checked like a rule's: parsed, walked and validated against the vocabulary.
fn condition_fits(when: &str, rules: &RuleSet) -> Result<(), String> {
    nesting::of_policy(when)?;
    let actions =
        rules.vocabulary.actions.keys().map(|name| format!("Action::\"{name}\"")).collect::<Vec<_>>().join(", ");
    let text = format!("forbid (principal is Algorithm, action in [{actions}], resource is Person) when {{ {when} }};");
    let policy = Policy::parse(None, text).map_err(|error| error.to_string())?;
    let tree = policy.to_pst().map_err(|error| error.to_string())?;
    let mut found = BTreeSet::new();
    for clause in tree.body().clauses() {
        match clause {
            cedar_policy::pst::Clause::When(expr) | cedar_policy::pst::Clause::Unless(expr) => {
                expression::read(expr, &mut found)?;
            }
        }
    }
    let set = PolicySet::from_policies([policy]).map_err(|error| error.to_string())?;
    let result = Validator::new(rules.schema.clone()).validate(&set, ValidationMode::Strict);
    match result.validation_errors().next() {
        Some(error) => Err(error.to_string().replace("for policy `policy0`, ", "")),
        // The validator does not look at what is never evaluated.
        None => match found.iter().find(|path| !rules.vocabulary.facts.contains_key(path)) {
            Some(path) => Err(format!("`{path}` is not in the vocabulary")),
            None => Ok(()),
        },
    }
}

/// A rule that follows one reading of a provision has a version for every reading of it.
fn readings(packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    for versions in by_rule_and_date(rules).values() {
        let Some(first) = versions.first().filter(|version| version.key.reading.is_some()) else { continue };
        let Some(provision) = packs.provision(&first.provision) else { continue };
        let is_own = |version: &&RuleVersion| {
            provision.readings.iter().any(|known| version.key.reading.as_ref() == Some(&known.id))
        };
        // A demand may follow the readings of its bases instead.
        if matches!(first.kind, RuleKind::Demand { .. }) && !versions.iter().any(is_own) {
            continue;
        }
        for reading in &provision.readings {
            if !versions.iter().any(|version| version.key.reading.as_ref() == Some(&reading.id)) {
                let message = format!("`{}` has no version for the reading `{}`", first.key.rule, reading.id);
                problems.push(at(first, message).hint("write it once per reading of its provision"));
            }
        }
    }
}

fn by_rule_and_date(rules: &RuleSet) -> BTreeMap<(&RuleId, LegalDate), Vec<&RuleVersion>> {
    let mut groups: BTreeMap<(&RuleId, LegalDate), Vec<&RuleVersion>> = BTreeMap::new();
    for version in &rules.versions {
        groups.entry((&version.key.rule, version.key.from)).or_default().push(version);
    }
    for group in groups.values_mut() {
        // Versions with a reading last, so that the first tells whether all have one.
        group.sort_by_key(|version| version.key.reading.is_some());
    }
    groups
}

/// A demand has bases, and stands once per reading that they know.
fn demands(packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let demanded: BTreeSet<&ProvisionId> = rules.versions.iter().filter_map(demanded).collect();
    for version in &rules.versions {
        match &version.kind {
            RuleKind::Basis { basis } if !demanded.contains(basis) => {
                let message = format!("no rule demands a basis of `{basis}`");
                problems.push(at(version, message).hint("add a `forbid` with `@demands_basis`, or correct `@basis`"));
            }
            RuleKind::Demand { basis } => demand(version, basis, packs, rules, problems),
            _ => {}
        }
    }
}

fn demanded(version: &RuleVersion) -> Option<&ProvisionId> {
    match &version.kind {
        RuleKind::Demand { basis } => Some(basis),
        _ => None,
    }
}

fn demand(version: &RuleVersion, basis: &ProvisionId, packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let permits: Vec<&RuleVersion> = rules
        .versions
        .iter()
        .filter(|other| matches!(&other.kind, RuleKind::Basis { basis: of } if of == basis))
        .collect();
    if permits.is_empty() {
        let message = format!("`{}` demands a basis of `{basis}`, and there is none", version.key.rule);
        problems.push(at(version, message).hint("add a `permit` with `@basis`"));
    }
    let readings: BTreeSet<&ReadingId> = permits.iter().filter_map(|base| base.key.reading.as_ref()).collect();
    let own =
        rules.versions.iter().filter(|other| other.key.rule == version.key.rule && other.key.from == version.key.from);
    let own: BTreeSet<Option<&ReadingId>> = own.map(|other| other.key.reading.as_ref()).collect();
    let is_own = |reading: &ReadingId| {
        packs.provision(&version.provision).is_some_and(|own| own.readings.iter().any(|known| known.id == *reading))
    };
    if let Some(reading) = &version.key.reading
        && !readings.contains(reading)
        && !is_own(reading)
    {
        let message = format!("`{}` follows the reading `{reading}`, and none of its bases does", version.key.rule);
        problems.push(at(version, message).hint("follow the readings of its provision or of its bases"));
    }
    for reading in readings.into_iter().filter(|reading| !own.contains(&Some(*reading))) {
        let message = format!("`{}` has no version for the reading `{reading}` of its bases", version.key.rule);
        problems.push(at(version, message).hint("write the demand once per reading of its bases"));
    }
}

fn at(version: &RuleVersion, message: String) -> Problem {
    Problem::error(&version.file, Some(version.line), message)
}

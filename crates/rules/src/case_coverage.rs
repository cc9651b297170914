//! Whether the cases beside the rules cover what each rule version can say, and both sides of its boundaries.

use crate::RuleSet;
use crate::policy::Compiled;
use crate::version::{RuleKind, RuleVersion};
use gongdao_model::LegalDate;
use gongdao_pack::{CaseFile, CaseGroup, Packs, Problem, RuleCase};
use std::collections::BTreeSet;

/// One second, in milliseconds: how close to a boundary a case must lie.
const SECOND_MILLIS: i64 = 1000;

pub(crate) fn check(packs: &Packs, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let files = || packs.instruments.iter().flat_map(|pack| &pack.rule_files).filter_map(|file| file.cases.as_ref());
    for file in files() {
        for group in &file.groups {
            group_is_sound(file, group, rules, problems);
        }
    }
    for rule in &rules.compiled {
        let groups = files().flat_map(|file| &file.groups).filter(|group| speaks_of(group, &rule.version));
        let cases: Vec<&RuleCase> = groups.flat_map(|group| &group.cases).collect();
        if cases.is_empty() {
            let message = format!("`{}` has no case", rule.version.key);
            problems.push(
                at(&rule.version, message).hint("add `[[rule]]` with `[[rule.case]]` to the file of cases beside it"),
            );
            continue;
        }
        expectations(rule, &cases, problems);
        boundaries(&rule.version, &cases, problems);
    }
}

fn speaks_of(group: &CaseGroup, version: &RuleVersion) -> bool {
    group.rule == version.key.rule && group.reading == version.key.reading
}

fn at(version: &RuleVersion, message: String) -> Problem {
    Problem::error(&version.file, Some(version.line), message)
}

fn group_is_sound(file: &CaseFile, group: &CaseGroup, rules: &RuleSet, problems: &mut Vec<Problem>) {
    let error =
        |line: usize, message: String, hint: &str| Problem::error(&file.source.path, Some(line), message).hint(hint);
    if !rules.versions.iter().any(|version| speaks_of(group, version)) {
        let of = group.reading.as_ref().map(|reading| format!(" in the reading `{reading}`")).unwrap_or_default();
        let message = format!("there is no rule `{}`{of}", group.rule);
        problems.push(error(group.line, message, "correct the identifier or the reading"));
    }
    let mut names = BTreeSet::new();
    for case in &group.cases {
        if !names.insert(&case.name) {
            let message = format!("two cases are named `{}`", case.name);
            problems.push(error(case.line, message, "say what is different about this one"));
        }
        if case.expect == "undetermined" && case.missing.is_none() {
            let message = format!("`{}` does not name the missing fact", case.name);
            problems.push(error(case.line, message, "add `missing = \"…\"` with the fact's path"));
        }
        if case.expect != "undetermined" && case.missing.is_some() {
            let message = format!("`{}` names a missing fact but expects `{}`", case.name, case.expect);
            problems.push(error(case.line, message, "take `missing` out, or expect `undetermined`"));
        }
    }
}

fn expectations(rule: &Compiled, cases: &[&RuleCase], problems: &mut Vec<Problem>) {
    let version = &rule.version;
    let within = cases.iter().filter(|case| version.holds_on(case.at.date_in_shanghai()));
    let seen: BTreeSet<&str> = within.map(|case| case.expect.as_str()).collect();
    for wanted in possible(rule).into_iter().filter(|wanted| !seen.contains(wanted)) {
        let message = format!("`{}` has no case that expects `{wanted}`", version.key);
        problems.push(at(version, message).hint("each rule version needs a case of everything it can say"));
    }
}

/// What a rule version can say while it is in force.
fn possible(rule: &Compiled) -> Vec<&'static str> {
    let (yes, no) = match rule.version.kind {
        RuleKind::Basis { .. } => ("established", "not-established"),
        RuleKind::Prohibition | RuleKind::Demand { .. } => ("violated", "not-applicable"),
    };
    let mut wanted = vec![yes];
    if rule.when.is_some() || matches!(rule.version.kind, RuleKind::Basis { .. }) && rule.unless.is_some() {
        wanted.push(no);
    }
    if matches!(rule.version.kind, RuleKind::Demand { .. })
        || matches!(rule.version.kind, RuleKind::Prohibition) && rule.unless.is_some()
    {
        wanted.push("satisfied");
    }
    if !rule.version.facts.is_empty() {
        wanted.push("undetermined");
    }
    wanted
}

fn boundaries(version: &RuleVersion, cases: &[&RuleCase], problems: &mut Vec<Problem>) {
    let mut boundary = |day: LegalDate, name: &str| {
        let start = day.starts_at().millis();
        let before = cases.iter().any(|case| (start - SECOND_MILLIS..start).contains(&case.at.millis()));
        let after = cases.iter().any(|case| (start..start + SECOND_MILLIS).contains(&case.at.millis()));
        let sides =
            [(before, format!("in the last second before {day}")), (after, format!("in the first second of {day}"))];
        for (covered, side) in sides {
            if !covered {
                let message = format!("`{}` has no case {side} ({name})", version.key);
                problems.push(at(version, message).hint("each boundary needs a case on both sides"));
            }
        }
    };
    boundary(version.key.from, "`@from`");
    if let Some(until) = version.until {
        boundary(until, "its end");
    }
}

use crate::{Reference, RuleSet, RulesError};
use gongdao_model::{Cause, Facts, Instant, Outcome};
use gongdao_pack::{CaseGroup, Packs, RuleCase};
use std::fmt;
use std::path::PathBuf;

/// A case whose rule said something else than expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFailure {
    /// The case file, relative to the packs folder.
    pub file: PathBuf,
    /// 1-based line of the case's name.
    pub line: usize,
    /// Rule and, if any, reading.
    pub rule: String,
    /// The case's sentence.
    pub name: String,
    /// Moment of the case.
    pub at: Instant,
    /// Its action.
    pub action: String,
    /// What was known.
    pub given: Facts,
    /// The expected outcome, with the missing fact if one was named.
    pub expected: String,
    /// What came out, with its cause.
    pub got: String,
}

impl fmt::Display for CaseFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}:{}: {}: {}", self.file.display(), self.line, self.rule, self.name)?;
        writeln!(f, "    given     {} at {}", self.action, self.at)?;
        for (path, value) in self.given.iter() {
            writeln!(f, "              {path} = {}", serde_json::to_string(value).unwrap_or_default())?;
        }
        writeln!(f, "    expected  {}", self.expected)?;
        write!(f, "    got       {}", self.got)
    }
}

/// Run every case of rules whose identifier contains `filter`; how many ran, and those that differ.
pub fn case_failures(packs: &Packs, rules: &RuleSet, filter: &str) -> Result<(usize, Vec<CaseFailure>), RulesError> {
    let reference = Reference::new(rules)?;
    let mut ran = 0;
    let mut failures = Vec::new();
    for file in packs.instruments.iter().flat_map(|pack| &pack.rule_files).filter_map(|file| file.cases.as_ref()) {
        for group in file.groups.iter().filter(|group| group.rule.as_str().contains(filter)) {
            for case in &group.cases {
                ran += 1;
                let (outcome, cause) = outcome(rules, &reference, group, case);
                let missing = case.missing.as_ref().map(|path| Cause::MissingFact(path.clone()));
                if outcome == case.expect && (missing.is_none() || missing == cause) {
                    continue;
                }
                failures.push(CaseFailure {
                    file: file.source.path.clone(),
                    line: case.line,
                    rule: match &group.reading {
                        Some(reading) => format!("{} ({reading})", group.rule),
                        None => group.rule.to_string(),
                    },
                    name: case.name.clone(),
                    at: case.at,
                    action: case.action.clone(),
                    given: case.facts.clone(),
                    expected: worded(&case.expect, missing.as_ref()),
                    got: worded(&outcome, cause.as_ref()),
                });
            }
        }
    }
    Ok((ran, failures))
}

fn worded(outcome: &str, cause: Option<&Cause>) -> String {
    cause.map_or_else(|| outcome.to_owned(), |cause| format!("{outcome}: {cause}"))
}

fn outcome(rules: &RuleSet, reference: &Reference, group: &CaseGroup, case: &RuleCase) -> (String, Option<Cause>) {
    let judged = match reference.judge(case.at, &case.action, case.place, &case.facts) {
        Ok(judged) => judged,
        Err(error) => return (format!("refused: {error}"), None),
    };
    let own = judged.into_iter().find(|one| {
        rules
            .versions
            .get(one.version)
            .is_some_and(|version| version.key.rule == group.rule && version.key.reading == group.reading)
    });
    if let Some(own) = own {
        return (own.outcome.as_str().to_owned(), own.cause);
    }
    let on = case.at.date_in_shanghai();
    let mut same =
        rules.versions.iter().filter(|version| version.key.rule == group.rule && version.key.reading == group.reading);
    if same.clone().next().is_none() {
        return ("no such rule or reading".to_owned(), None);
    }
    let in_force = same.any(|version| {
        version.holds_on(on) && version.place.covers(case.place.unwrap_or(gongdao_model::PlaceCode::COUNTRY))
    });
    // The scope is false: the rule does not speak about this action.
    let word = if in_force { Outcome::NotApplicable.as_str() } else { "not-in-force" };
    (word.to_owned(), None)
}

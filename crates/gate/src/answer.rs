//! What follows from the verdicts of one decision, apart from whose decision it is.

use crate::DutyRef;
use crate::inner::Core;
use gongdao_model::{Cause, DecisionId, Effect, LegalDate, Outcome, ProvisionId, ProvisionVerdict, RuleVerdict};
use gongdao_rules::{Asked, Judged, appraisal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// What the law asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effects {
    /// All told: what cannot be judged, and what the readings dispute, asks that somebody is asked.
    pub lawful: Effect,
    /// What is certain alone: breaches under every reading. Never more than `lawful`.
    pub certain: Effect,
}

impl From<Asked> for Effects {
    fn from(asked: Asked) -> Self {
        Self { lawful: asked.all, certain: asked.certain }
    }
}

/// What is said of a decision. Decisions with the same outcomes under the same law share one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "four answers to four questions, each a field of the record")]
pub struct Answer {
    /// Its name in records; see [`Answer::digest_of`].
    pub digest: String,
    /// Digest of the packs that it was judged by.
    pub packs: String,
    /// What verified law that binds asks for.
    pub effects: Effects,
    /// The same with unverified and draft law counted as if it were verified.
    pub with_provisional: Effects,
    /// Some provision is violated under every reading, provisional law included.
    pub violated: bool,
    /// Some provision depends on the reading.
    pub disputed: bool,
    /// Some provision cannot be judged.
    pub undetermined: bool,
    /// No rule in force speaks about it: nothing was judged, so nothing is clear.
    pub silent: bool,
    /// One verdict a rule version in force for the action, day and place, ordered by version key.
    pub rules: Vec<RuleVerdict>,
    /// One verdict a provision and reading, ordered by identifier.
    pub provisions: Vec<ProvisionVerdict>,
    /// Duties of the provisions that speak about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<DutyRef>,
}

impl Answer {
    pub(crate) fn new(core: &Core, decision: &DecisionId, on: LegalDate, judged: &[Judged]) -> Self {
        let rules = core.rules.rules();
        let appraisal = appraisal(rules, decision.clone(), judged);
        let evaluation = appraisal.evaluation;
        let speaks = |verdict: &&RuleVerdict| verdict.outcome != Outcome::NotApplicable;
        let speaking: BTreeSet<&ProvisionId> =
            evaluation.rules.iter().filter(speaks).map(|verdict| &verdict.provision).collect();
        let duties = core.duties.on(&speaking, on);
        let name = |one: &Judged| core.names.get(one.version).map_or("", String::as_str);
        let lines = judged.iter().map(|one| (name(one), one.outcome, one.cause.as_ref()));
        Self {
            digest: digest(&core.packs, lines, ids(&duties)),
            packs: core.packs.clone(),
            effects: appraisal.verified.into(),
            with_provisional: appraisal.provisional.into(),
            violated: appraisal.violated,
            disputed: appraisal.disputed,
            undetermined: appraisal.undetermined,
            silent: appraisal.silent,
            duties,
            rules: evaluation.rules,
            provisions: evaluation.provisions,
        }
    }

    /// `sha256:…` over what everything else in it follows from, one line each: the packs' digest; each rule's version,
    /// outcome and cause, with a blank between; each duty's identifier.
    pub fn digest_of(&self) -> String {
        let names: Vec<String> = self.rules.iter().map(|rule| rule.version.to_string()).collect();
        let lines = self.rules.iter().zip(&names);
        let lines = lines.map(|(rule, name)| (name.as_str(), rule.outcome, rule.cause.as_ref()));
        digest(&self.packs, lines, ids(&self.duties))
    }
}

fn ids(duties: &[DutyRef]) -> impl Iterator<Item = &str> {
    duties.iter().map(|duty| duty.id.as_str())
}

/// An answer's name in records: see [`Answer::digest_of`].
pub(crate) fn digest<'a>(
    packs: &str,
    rules: impl Iterator<Item = (&'a str, Outcome, Option<&'a Cause>)>,
    duties: impl Iterator<Item = &'a str>,
) -> String {
    let mut text = format!("{packs}\n");
    for (name, outcome, cause) in rules {
        text.extend([name, " ", outcome.as_str()]);
        if let Some(cause) = cause {
            // Writing into a string cannot fail.
            let _ = write!(text, " {cause}");
        }
        text.push('\n');
    }
    for duty in duties {
        text.extend([duty, "\n"]);
    }
    name_of(&text)
}

/// A text's name in records: `sha256:…`.
pub(crate) fn name_of(text: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(text.as_bytes()))
}

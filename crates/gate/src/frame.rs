//! Answers in few bytes: what all answers under one law have in common is written once, and each of them as letters.

mod cited;
mod pieces;

pub use cited::{Citable, Cited};
pub use pieces::Pieces;

use crate::answer::{Answer, Effects, name_of};
use crate::{DutyRef, GateError};
use gongdao_model::{
    Cause, Effect, FactPath, Outcome, ProvisionId, ProvisionVerdict, ReadingId, RuleVerdict, Standing, VersionKey,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What every answer under one law, in one period of duties, has in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    packs: String,
    rules: Vec<FrameRule>,
    provisions: Vec<FrameProvision>,
    /// Duties of all provisions.
    duties: Vec<DutyRef>,
}

/// A rule version as it stands where no legal basis meets a demand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FrameRule {
    #[serde(flatten)]
    version: VersionKey,
    provision: ProvisionId,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    asserted: Vec<FactPath>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    effect: Option<Effect>,
    standing: Standing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct FrameProvision {
    provision: ProvisionId,
    readings: Vec<Option<ReadingId>>,
    standing: Standing,
}

/// An answer in the letters of its frame (docs/formats/ledger-service.md). With the frame it is the answer, to the byte.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "those of the answer")]
pub struct Brief {
    pub(crate) digest: String,
    /// The frame's digest.
    pub(crate) frame: String,
    pub(crate) effects: Effects,
    pub(crate) with_provisional: Effects,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) violated: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) disputed: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) undetermined: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    pub(crate) silent: bool,
    /// A letter a rule.
    pub(crate) rules: String,
    /// Facts that nobody recorded: positions of the rules that they keep open.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) missing: BTreeMap<FactPath, Vec<usize>>,
    /// What an evaluator said when it stopped: positions of rules.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) errors: BTreeMap<String, Vec<usize>>,
    /// Of rules with other claims than the frame says, their claims.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) asserted: BTreeMap<usize, Vec<FactPath>>,
    /// Of rules whose law was checked less far than the frame says, how far.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) standings: BTreeMap<usize, Standing>,
    /// A letter a reading, provision by provision.
    pub(crate) provisions: String,
    /// Positions of the provisions on which the readings disagree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) disagree: Vec<usize>,
    /// As `standings`, of provisions.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) provision_standings: BTreeMap<usize, Standing>,
    /// Positions of the duties.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) duties: Vec<usize>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

const LETTERS: [(char, Outcome); 6] = [
    ('-', Outcome::NotApplicable),
    ('s', Outcome::Satisfied),
    ('v', Outcome::Violated),
    ('u', Outcome::Undetermined),
    ('e', Outcome::Established),
    ('n', Outcome::NotEstablished),
];

pub(crate) fn letter(outcome: Outcome) -> char {
    LETTERS.iter().find(|(_, known)| *known == outcome).map_or('-', |(letter, _)| *letter)
}

/// None where the letter is no outcome.
fn outcome_of(letter: char) -> Option<Outcome> {
    LETTERS.iter().find(|(known, _)| *known == letter).map(|(_, outcome)| *outcome)
}

fn outcomes(letters: &str) -> Result<Vec<Outcome>, GateError> {
    letters.chars().map(|letter| outcome_of(letter).ok_or_else(|| broken("a letter that is no outcome"))).collect()
}

fn broken(what: &str) -> GateError {
    GateError::new(format!("the answer's brief form has {what}"), "make the answer again from the ledger")
}

impl Frame {
    /// Of an answer in which nothing applies, with the duties of all its provisions.
    pub(crate) fn of(idle: Answer, duties: Vec<DutyRef>) -> Self {
        let rule = |verdict: RuleVerdict| FrameRule {
            version: verdict.version,
            provision: verdict.provision,
            asserted: verdict.asserted,
            effect: verdict.effect,
            standing: verdict.standing,
        };
        let provision = |verdict: ProvisionVerdict| FrameProvision {
            provision: verdict.provision,
            readings: verdict.by_reading.into_iter().map(|(reading, _)| reading).collect(),
            standing: verdict.standing,
        };
        Self {
            packs: idle.packs,
            rules: idle.rules.into_iter().map(rule).collect(),
            provisions: idle.provisions.into_iter().map(provision).collect(),
            duties,
        }
    }

    /// Its JSON and the digest of that, `sha256:…`: its name in records.
    pub(crate) fn named(&self) -> Option<(String, String)> {
        let json = serde_json::to_string(self).ok()?;
        Some((name_of(&json), json))
    }

    /// The identifier of a duty by its position.
    pub(crate) fn duty(&self, position: usize) -> Option<&str> {
        self.duties.get(position).map(|duty| duty.id.as_str())
    }

    /// How far the law of a rule was checked, and its claims, where no legal basis meets a demand.
    pub(crate) fn rests_on(&self, rule: usize) -> Option<(Standing, &[FactPath])> {
        self.rules.get(rule).map(|rule| (rule.standing, rule.asserted.as_slice()))
    }

    /// The answer of a brief.
    ///
    /// Errors: it is not of this frame.
    pub fn answer(&self, brief: &Brief) -> Result<Answer, GateError> {
        let said = outcomes(&brief.rules)?;
        if said.len() != self.rules.len() {
            return Err(broken("other rules than its frame"));
        }
        let mut causes: BTreeMap<usize, Cause> = BTreeMap::new();
        for (fact, rules) in &brief.missing {
            causes.extend(rules.iter().map(|rule| (*rule, Cause::MissingFact(fact.clone()))));
        }
        for (words, rules) in &brief.errors {
            causes.extend(rules.iter().map(|rule| (*rule, Cause::EngineError(words.clone()))));
        }
        let rule = |(position, (known, outcome)): (usize, (&FrameRule, Outcome))| RuleVerdict {
            version: known.version.clone(),
            provision: known.provision.clone(),
            outcome,
            cause: causes.get(&position).cloned(),
            asserted: brief.asserted.get(&position).unwrap_or(&known.asserted).clone(),
            effect: known.effect,
            standing: brief.standings.get(&position).copied().unwrap_or(known.standing),
        };
        let duty = |position: &usize| self.duties.get(*position).cloned().ok_or_else(|| broken("an unknown duty"));
        Ok(Answer {
            digest: brief.digest.clone(),
            packs: self.packs.clone(),
            effects: brief.effects,
            with_provisional: brief.with_provisional,
            violated: brief.violated,
            disputed: brief.disputed,
            undetermined: brief.undetermined,
            silent: brief.silent,
            rules: self.rules.iter().zip(said).enumerate().map(rule).collect(),
            provisions: self.provisions_of(brief)?,
            duties: brief.duties.iter().map(duty).collect::<Result<_, _>>()?,
        })
    }

    fn provisions_of(&self, brief: &Brief) -> Result<Vec<ProvisionVerdict>, GateError> {
        let mut said = outcomes(&brief.provisions)?.into_iter();
        let mut provisions = Vec::with_capacity(self.provisions.len());
        for (position, known) in self.provisions.iter().enumerate() {
            let by_reading: Vec<_> = known.readings.iter().cloned().zip(&mut said).collect();
            if by_reading.len() != known.readings.len() {
                return Err(broken("fewer provisions than its frame"));
            }
            provisions.push(ProvisionVerdict {
                provision: known.provision.clone(),
                by_reading,
                disputed: brief.disagree.binary_search(&position).is_ok(),
                standing: brief.provision_standings.get(&position).copied().unwrap_or(known.standing),
            });
        }
        if said.next().is_some() {
            return Err(broken("more provisions than its frame"));
        }
        Ok(provisions)
    }
}

impl Brief {
    /// The digest of the frame that it is read with.
    pub fn frame(&self) -> &str {
        &self.frame
    }
}

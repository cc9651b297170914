use crate::tree::Tree;
use gongdao_model::{Effect, FactPath, LegalDate, PlaceCode, ProvisionId, Standing, VersionKey};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How a policy is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleKind {
    /// `forbid`: `when` says when it applies, `unless` says what satisfies it.
    Prohibition,
    /// `forbid` with `@demands_basis`: satisfied by an established basis of that provision.
    Demand {
        /// The provision that demands a legal basis.
        basis: ProvisionId,
    },
    /// `permit` with `@basis`: a legal basis that holds or does not.
    Basis {
        /// The provision whose demand it meets.
        basis: ProvisionId,
    },
}

/// One frozen reading of a provision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    /// Rule, reading and first day in force.
    pub key: VersionKey,
    /// First day no longer in force: the earliest of `@until`, the next version's first day and the instrument's end.
    pub until: Option<LegalDate>,
    /// Where it comes from.
    pub provision: ProvisionId,
    /// How it is read.
    pub kind: RuleKind,
    /// Whether it has an `unless`.
    pub has_unless: bool,
    /// When it applies; without it always.
    pub when: Option<Tree>,
    /// What satisfies it; without it nothing does. For a basis: what keeps it from holding.
    pub unless: Option<Tree>,
    /// What the gate does when it is violated; none for a basis.
    pub effect: Option<Effect>,
    /// The actions it speaks about.
    pub actions: BTreeSet<String>,
    /// What it asks, Chinese.
    pub zh: String,
    /// What it asks, English.
    pub en: String,
    /// How far the law behind it was checked.
    pub standing: Standing,
    /// Whether its instrument binds; one that does not never stops a decision.
    pub binding: bool,
    /// Where it binds.
    pub place: PlaceCode,
    /// Facts it refers to, sorted.
    pub facts: Vec<FactPath>,
    /// Those of them that are only the operator's claim.
    pub asserted: Vec<FactPath>,
    /// The rule file, relative to the packs folder.
    pub file: PathBuf,
    /// 1-based line at which the policy begins.
    pub line: usize,
    /// The policy's text.
    pub text: String,
}

impl RuleVersion {
    /// Whether it is in force on a day.
    pub fn holds_on(&self, on: LegalDate) -> bool {
        self.key.from <= on && self.until.is_none_or(|until| on < until)
    }
}

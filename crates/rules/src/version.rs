use crate::tree::Tree;
use gongdao_model::{Effect, FactPath, LegalDate, PlaceCode, ProvisionId, ReadingId, Standing, VersionKey};
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
    /// Whether it says what a legal basis is.
    pub fn is_basis(&self) -> bool {
        matches!(self.kind, RuleKind::Basis { .. })
    }

    /// Whether it is a legal basis that can meet a demand, under the demand's reading.
    pub fn meets(&self, demand: &Self) -> bool {
        let is_of_demand = match (&self.kind, &demand.kind) {
            (RuleKind::Basis { basis: own }, RuleKind::Demand { basis }) => own == basis,
            _ => false,
        };
        is_of_demand && (self.key.reading.is_none() || self.key.reading == demand.key.reading)
    }

    /// How far it was checked, as what a demand rests on: a text that does not bind counts as unverified.
    pub(crate) fn standing_as_basis(&self) -> Standing {
        if self.binding { self.standing } else { self.standing.max(Standing::Unverified) }
    }

    /// By reading, whether it follows it; one where the text is not open.
    pub(crate) fn follows(&self, readings: &BTreeSet<&ReadingId>) -> Box<[bool]> {
        let own = self.key.reading.as_ref();
        if readings.is_empty() {
            return [own.is_none()].into();
        }
        readings.iter().map(|reading| own.is_none_or(|own| own == *reading)).collect()
    }

    /// Whether it is in force on a day.
    pub fn holds_on(&self, on: LegalDate) -> bool {
        self.key.from <= on && self.until.is_none_or(|until| on < until)
    }
}

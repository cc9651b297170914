//! What the gate says of a decision (`gongdao-gate`, `gongdao-model`).
#![allow(clippy::zero_sized_map_values, clippy::struct_excessive_bools, reason = "shapes for the document, never made")]

use super::{ActionSettings, Value};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What the caller does
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Directive {
    Proceed,
    ProceedWithDuties,
    NonPersonalised,
    SafeDefault,
    Hold,
    Stop,
}

/// What a rule asks for when it is violated
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Effect {
    Proceed,
    Duties,
    NonPersonalised,
    CannotTell,
    Hold,
    Stop,
}

/// What one rule version says of one decision; never true or false
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    NotApplicable,
    Satisfied,
    Violated,
    Undetermined,
    Established,
    NotEstablished,
}

/// How far the law behind a verdict was checked; below `verified` a verdict is provisional
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Standing {
    Verified,
    Unverified,
    Draft,
}

/// One rule version's verdict
#[derive(ToSchema)]
pub(crate) struct RuleVerdict {
    /// The rule: provision, `#`, name
    rule: String,
    /// The reading of an open text that it takes
    reading: Option<String>,
    /// First day of the version
    #[schema(format = Date)]
    from: String,
    /// The provision behind it
    provision: String,
    /// What it says
    outcome: Outcome,
    /// Why it could not be judged: `missing-fact` with its path, or `engine-error` with its words
    cause: Option<BTreeMap<String, String>>,
    /// Facts it rests on that are only the operator's claim
    asserted: Option<Vec<String>>,
    /// What is asked for when it is violated; none for a legal basis
    effect: Option<Effect>,
    /// How far the law was checked
    standing: Standing,
}

/// A provision's verdict across its rules and readings
#[derive(ToSchema)]
pub(crate) struct ProvisionVerdict {
    /// The provision
    provision: String,
    /// Pairs of a reading (null where the text is not open) and an outcome
    by_reading: Vec<Vec<Option<String>>>,
    /// Whether the readings disagree
    disputed: bool,
    /// How far the law was checked
    standing: Standing,
}

/// A duty of a provision that speaks about the decision
#[derive(ToSchema)]
pub(crate) struct DutyRef {
    /// Provision, `#`, name
    id: String,
    /// The provision that demands it
    provision: String,
    /// Who owes
    owed_by: String,
    /// To whom
    owed_to: String,
    /// The event that starts it
    trigger: String,
    /// When it is due
    due: String,
    /// Condition over the vocabulary under which it is owed, not judged here
    when: Option<String>,
}

/// What the law asks for
#[derive(ToSchema)]
pub(crate) struct Effects {
    /// All told
    lawful: Effect,
    /// What is certain alone: breaches under every reading
    certain: Effect,
}

/// What is said of a decision; decisions with the same outcomes under the same law share one
#[derive(ToSchema)]
pub(crate) struct Answer {
    /// `sha256:…`: its name
    digest: String,
    /// Digest of the packs that it was judged by
    packs: String,
    /// What verified law asks for
    effects: Effects,
    /// The same with unverified and draft law counted as if it were verified
    with_provisional: Effects,
    /// Some provision is violated under every reading
    violated: bool,
    /// Some provision depends on the reading
    disputed: bool,
    /// Some provision cannot be judged
    undetermined: bool,
    /// No rule in force speaks about it: nothing was judged, so nothing is clear
    silent: bool,
    /// One verdict a rule version in force
    rules: Vec<RuleVerdict>,
    /// One verdict a provision and reading
    provisions: Vec<ProvisionVerdict>,
    /// Duties of the provisions that speak about it
    duties: Option<Vec<DutyRef>>,
}

/// A fact that the caller gave and the gate's state has otherwise; the gate judged by its own
#[derive(ToSchema)]
pub(crate) struct Contradiction {
    /// Its path
    fact: String,
    /// What the caller gave
    given: Value,
    /// What the state holds; none where it holds that nobody knows
    held: Option<Value>,
}

/// Facts behind an answer that did not come with the request, by path
#[derive(ToSchema)]
pub(crate) struct Seen {
    /// From the person's state
    person: BTreeMap<String, Value>,
    /// From the algorithm's state
    algorithm: BTreeMap<String, Value>,
    /// Numbers that law or an agreement sets
    parameters: BTreeMap<String, Value>,
}

/// What the gate said
#[derive(ToSchema)]
pub(crate) struct Checked {
    /// The decision
    decision: String,
    /// Its instant
    #[schema(format = DateTime)]
    at: String,
    /// The moment whose state was seen
    #[schema(format = DateTime)]
    state_at: String,
    /// What the caller was told to do
    effect: Directive,
    /// What it would have been told in the mode `enforce`
    enforced: Directive,
    /// Whether it went on without knowing
    flagged: bool,
    /// The settings it was answered under
    settings: ActionSettings,
    /// What was said; none where the gate was off
    answer: Option<Answer>,
    /// Facts that were joined
    seen: Seen,
    /// Facts of the request that the state had otherwise
    contradictions: Option<Vec<Contradiction>>,
    /// Why the register does not let the version decide: `unknown`, `not-published`, `not-in-force`, `withdrawn`
    #[schema(nullable = false)]
    register: Option<String>,
    /// The trial whose version decides, where there is one
    #[schema(nullable = false)]
    trial: Option<super::InTrial>,
}

/// A rule version
#[derive(ToSchema)]
pub(crate) struct VersionKey {
    /// The rule: provision, `#`, name
    rule: String,
    /// The reading that it takes
    reading: Option<String>,
    /// Its first day
    #[schema(format = Date)]
    from: String,
}

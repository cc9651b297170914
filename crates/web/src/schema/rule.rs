//! Shapes of rules that can be run, of what they say of a decision, and of replays: `gongdao-register` and `gongdao-service`.
#![expect(unused_qualifications, reason = "written by the macro for members that may be null")]

use super::Anything;
use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// True or false, a whole number, or a word
pub(crate) struct RuleValue;

impl PartialSchema for RuleValue {
    fn schema() -> RefOr<Schema> {
        let plain = |kind: Type| ObjectBuilder::new().schema_type(SchemaType::new(kind));
        let number = plain(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        OneOfBuilder::new().item(plain(Type::Boolean)).item(number).item(plain(Type::String)).into()
    }
}

impl ToSchema for RuleValue {
    fn name() -> Cow<'static, str> {
        "RuleValue".into()
    }
}

/// Which outcomes are better for the person
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Better {
    Higher,
    Lower,
}

/// What the person can do about a factor
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Can {
    Correct,
    Influence,
}

/// A rule that can be run: it gives the outcome of a decision from facts of its record (docs/register.md)
#[derive(ToSchema)]
pub(crate) struct DeclaredRule {
    /// Which outcomes are better for the person
    better: Better,
    /// What the outcome is, English
    #[schema(min_length = 1, max_length = 200)]
    en: String,
    /// The rule as one SQL value over the factors; or a model
    #[schema(max_length = 10_000)]
    expression: Option<String>,
    /// What it weighs
    #[schema(min_items = 1, max_items = 60)]
    factors: Vec<RuleFactor>,
    /// What has to change at least for a change to be worth telling, in units of the outcome
    #[schema(nullable = false, minimum = 1, maximum = 9_007_199_254_740_992_i64)]
    least_change: Option<i64>,
    /// The rule as a model; or an expression
    onnx: Option<OnnxRule>,
    /// The fact that is the outcome
    #[schema(example = "context.payFen")]
    outcome: String,
    /// The outcome’s smallest unit
    #[schema(min_length = 1, max_length = 40, example = "fen")]
    unit: String,
    /// What the outcome is, Chinese
    #[schema(min_length = 1, max_length = 200)]
    zh: String,
}

/// Something that a rule weighs
#[derive(ToSchema)]
pub(crate) struct RuleFactor {
    /// What it is compared with, as published; its kind is the factor’s
    baseline: RuleValue,
    /// What the person can do about it; of others nothing is tried
    can: Option<Can>,
    /// Of a set of words: the word that is asked for
    #[schema(min_length = 1, max_length = 200)]
    contains: Option<String>,
    /// What it is, English
    #[schema(min_length = 1, max_length = 200)]
    en: String,
    /// The fact of the record
    #[schema(example = "context.distanceMetres")]
    fact: String,
    /// Its name in the rule
    #[schema(pattern = "^[a-z][a-z0-9_]{0,59}$", example = "metres")]
    name: String,
    /// The unit of a number
    #[schema(max_length = 40)]
    unit: Option<String>,
    /// The values that are tried: `{"from": …, "to": …, "step": …}`, 1,000 at most, or a list of words
    values: Option<Anything>,
    /// What it is, Chinese
    #[schema(min_length = 1, max_length = 200)]
    zh: String,
}

/// A model, with its digest
#[derive(ToSchema)]
pub(crate) struct OnnxRule {
    /// The output’s column, from 0
    #[schema(nullable = false, minimum = 0)]
    column: Option<u64>,
    /// SHA-256 of the file
    #[schema(example = "sha256:…")]
    digest: String,
    /// Factors by input, in the model’s order
    inputs: BTreeMap<String, Vec<String>>,
    /// The file, in base64
    #[schema(max_length = 262_144)]
    model: String,
    /// The output
    output: String,
}

/// What the register says of the version that decided, and what its declared rule gives
#[derive(ToSchema)]
pub(crate) struct RuleOfDecision {
    /// The version, as it was declared when it decided
    #[schema(nullable = false)]
    version: Option<VersionShown>,
    /// What each factor did; absent where `no_shares` says why
    #[schema(nullable = false)]
    outcome: Option<OutcomeShown>,
    /// With what the outcome would have been better, each found by running the rule again
    would_change: Vec<RegionShown>,
    /// `no-version`, `declared-later`, `no-rule`, `hidden`, `lacking`, `no-number`
    #[schema(nullable = false)]
    no_shares: Option<String>,
    /// Facts that the rule needs and nobody recorded
    #[schema(nullable = false)]
    lacking: Option<Vec<String>>,
}

/// The version that decided
#[derive(ToSchema)]
pub(crate) struct VersionShown {
    /// Its name
    id: String,
    /// SHA-256 of what was declared then
    digest: String,
    /// `declared`, `published`, `in-force`, `withdrawn`
    standing: String,
    /// Its first day in force
    #[schema(nullable = false, format = Date)]
    from: Option<String>,
    /// The consultation over it
    #[schema(nullable = false)]
    consultation: Option<String>,
    /// The rule, where it is one SQL value
    #[schema(nullable = false)]
    expression: Option<String>,
    /// The version before: name, digest, what its rule would have given, lines, factors and rule that differ
    #[schema(nullable = false)]
    previous: Option<Anything>,
}

/// The outcome, declared against actual, and the share of each factor
#[derive(ToSchema)]
pub(crate) struct OutcomeShown {
    /// The fact that is the outcome
    fact: String,
    /// What it is, Chinese
    zh: String,
    /// What it is, English
    en: String,
    /// Its unit
    unit: String,
    /// Which outcomes are better for the person
    better: Better,
    /// What the declared rule gives
    declared: i64,
    /// What the record says
    #[schema(nullable = false)]
    actual: Option<i64>,
    /// The actual outcome less the declared one
    #[schema(nullable = false)]
    unaccounted: Option<i64>,
    /// What the rule gives for the published baseline
    baseline: i64,
    /// `shapley`, `additive`
    method: String,
    /// One a factor; they add up to the declared outcome less the baseline’s
    shares: Vec<ShareShown>,
}

/// What one factor did
#[derive(ToSchema)]
pub(crate) struct ShareShown {
    /// Its name in the rule
    name: String,
    /// The fact
    fact: String,
    /// What it is, Chinese
    zh: String,
    /// What it is, English
    en: String,
    /// What it was
    value: RuleValue,
    /// What it is compared with
    baseline: RuleValue,
    /// The unit of both
    #[schema(nullable = false)]
    unit: Option<String>,
    /// In whole units of the outcome
    share: i64,
    /// Before rounding
    #[schema(pattern = "^-?[0-9]+(/[0-9]+)?$")]
    exact: String,
    /// What the person can do about it
    #[schema(nullable = false)]
    can: Option<Can>,
}

/// Values of one factor with each of which the outcome would have been better
#[derive(ToSchema)]
pub(crate) struct RegionShown {
    /// The factor’s name in the rule
    name: String,
    /// The fact
    fact: String,
    /// What it is, Chinese
    zh: String,
    /// What it is, English
    en: String,
    /// What the person can do about it
    can: Can,
    /// The first value
    from: RuleValue,
    /// The last
    to: RuleValue,
    /// The unit of both
    #[schema(nullable = false)]
    unit: Option<String>,
    /// The smallest outcome among them
    least: i64,
    /// The greatest
    greatest: i64,
}

/// What a draft would have done to past decisions: counts and means, small counts left out
#[derive(ToSchema)]
pub(crate) struct Replay {
    /// The consultation
    consultation: String,
    /// The draft
    version: String,
    /// SHA-256 of what it declares
    digest: String,
    /// The version that it changes
    based_on: String,
    /// SHA-256 of what that declares
    based_on_digest: String,
    /// The first day
    #[schema(format = Date)]
    from: String,
    /// The first day after the period
    #[schema(format = Date)]
    until: String,
    /// The fact that is the outcome
    outcome: String,
    /// What it is, Chinese
    zh: String,
    /// What it is, English
    en: String,
    /// Its unit
    unit: String,
    /// Which outcomes are better for the person
    better: Better,
    /// All that could be compared; absent where they are about fewer than five persons
    #[schema(nullable = false)]
    total: Option<ReplayLine>,
    /// By tenths of the old outcome, the lowest first; empty where some tenth is about fewer than five persons
    tenths: Vec<ReplayLine>,
    /// Decisions of which a rule gives nothing; never counted as unchanged
    #[schema(nullable = false)]
    cannot_tell: Option<u64>,
    /// Decisions whose recorded outcome is not what the version in force declares
    #[schema(nullable = false)]
    other_than_declared: Option<u64>,
    /// There are more decisions: these are the newest
    is_cut: bool,
    /// Counts that tell of fewer persons are absent
    smallest_count: u64,
}

/// A line of counts
#[derive(ToSchema)]
pub(crate) struct ReplayLine {
    /// Decisions
    decisions: u64,
    /// Better for the person under the draft
    #[schema(nullable = false)]
    better: Option<u64>,
    /// Worse
    #[schema(nullable = false)]
    worse: Option<u64>,
    /// The same
    #[schema(nullable = false)]
    same: Option<u64>,
    /// The mean of the old outcomes
    mean_old: i64,
    /// The mean of the new ones
    mean_new: i64,
}

/// A rule version in use
#[derive(ToSchema)]
pub(crate) struct RuleLine {
    /// Its name: rule, first day, and the reading that it takes
    #[schema(example = "cn.iisarmp/17/1#stop-on-switch-off@2022-03-01")]
    version: String,
    /// The provision that it implements
    provision: String,
    /// What it asks, Chinese
    zh: String,
    /// What it asks, English
    en: String,
    /// The actions that it speaks about
    actions: Vec<String>,
    /// The facts that it reads
    facts: Vec<String>,
    /// Its first day
    #[schema(format = Date)]
    from: String,
    /// The first day on which it is no longer in force
    #[schema(nullable = false, format = Date)]
    until: Option<String>,
}

/// A case of a pack, and what came of it now
#[derive(ToSchema)]
pub(crate) struct CaseRun {
    /// The case’s sentence
    name: String,
    /// File of the packs, and line
    source: String,
    /// Which rule version
    version: String,
    /// When
    #[schema(format = DateTime)]
    at: String,
    /// What is done
    action: String,
    /// Where
    #[schema(nullable = false)]
    place: Option<String>,
    /// What the case expects: an outcome, or `not-in-force`
    expected: String,
    /// What the gate’s rules say
    gate: String,
    /// What the official evaluator says; `refused` where the facts do not fit the vocabulary
    official: String,
    /// Why the official evaluator cannot tell, or refuses
    #[schema(nullable = false)]
    cause: Option<String>,
    /// Whether both say what the case expects
    holds: bool,
}

/// What one evaluator says
#[derive(ToSchema)]
pub(crate) struct Said {
    /// An outcome
    outcome: String,
    /// Why it cannot be told
    #[schema(nullable = false)]
    cause: Option<String>,
    /// The fact that is missing
    #[schema(nullable = false)]
    missing: Option<String>,
}

/// What a rule version in force says, twice
#[derive(ToSchema)]
pub(crate) struct RuleSaid {
    /// The version
    version: super::VersionKey,
    /// The provision that it implements
    provision: String,
    /// By the rules as the gate has compiled them
    gate: Said,
    /// By the official evaluator
    official: Said,
    /// Whether both say the same
    agree: bool,
}

//! Shapes of `gongdao-desk` and of the desk in `gongdao-service`.

use super::Anything;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What someone asks for
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum RequestKind {
    See,
    Copy,
    Correct,
    Delete,
    Restrict,
    WithdrawConsent,
    DeleteTag,
    OptOut,
    Explain,
    Contest,
    Complain,
}

/// What a request is about; which of these it needs depends on its kind
#[derive(ToSchema)]
pub(crate) struct About {
    /// A decision: for `contest`
    #[schema(nullable = false)]
    decision: Option<String>,
    /// A purpose of handling: for `restrict`, `withdraw-consent`
    #[schema(nullable = false)]
    purpose: Option<String>,
    /// A tag: for `delete-tag`
    #[schema(nullable = false)]
    tag: Option<String>,
    /// What information, in the person’s words: for `correct`
    #[schema(nullable = false)]
    information: Option<String>,
}

/// A request as someone hands it in
#[derive(ToSchema)]
pub(crate) struct NewCase {
    /// What is asked for
    kind: RequestKind,
    /// For whom: the pseudonym that decisions have
    #[schema(example = "p-1")]
    person: String,
    /// About what
    #[schema(nullable = false)]
    about: Option<About>,
    /// In the person’s words
    #[schema(nullable = false, max_length = 10000)]
    text: Option<String>,
    /// What a contest rests on: `weather`, `accident`, `traffic-control`, `system-fault`, `others`, `wrong-facts`,
    /// `machine-alone`, `unfair`
    ground: Option<String>,
    /// Language of the answer: `zh`, which is taken where nothing stands, or `en`
    language: Option<String>,
    /// Your password once more: for `copy` and `delete`. Without it the case waits until it is known who asks
    password: Option<String>,
}

/// What someone does with a case. Which members it has depends on `what`: docs/desk.md
#[derive(ToSchema)]
pub(crate) struct Turn {
    /// `identified`, `taken`, `asked`, `given`, `extended`, `answered`, `agreed`, `disagreed`, `review-asked`, `review-begun`,
    /// `reviewed`, `withdrawn`, `closed`
    #[schema(example = "taken")]
    what: String,
    /// Of `identified`: `password` (then with `password`) or `desk`
    #[schema(nullable = false)]
    identity: Option<String>,
    /// Your password once more
    password: Option<String>,
    /// Of `asked`
    #[schema(nullable = false)]
    question: Option<String>,
    /// In the person’s language
    #[schema(nullable = false)]
    text: Option<String>,
    /// Of `extended`: a period, `5 working days`
    #[schema(nullable = false)]
    period: Option<String>,
    /// Of `extended`, `disagreed`
    #[schema(nullable = false)]
    reason: Option<String>,
    /// Of `answered`: `granted`, `partly`, `refused`
    #[schema(nullable = false)]
    outcome: Option<String>,
    /// Of `partly`, `refused`: the article, one that is accepted for this kind of request
    #[schema(nullable = false, example = "cn.pipl/47/2")]
    article: Option<String>,
    /// What was done where
    #[schema(nullable = false)]
    done: Option<Vec<Done>>,
    /// Of `answered` to a deletion: kinds of information, in the words of `context.dataKinds`, that nobody may use any more
    #[schema(nullable = false)]
    kinds: Option<Vec<String>>,
    /// Of `review-begun`: your role, in words
    #[schema(nullable = false)]
    role: Option<String>,
    /// Of `reviewed`: what was looked at
    #[schema(nullable = false)]
    seen: Option<Vec<String>>,
    /// Of `reviewed`: whether you could change the result
    #[schema(nullable = false)]
    could_change: Option<bool>,
    /// Of `reviewed`: whether you did
    #[schema(nullable = false)]
    changed: Option<bool>,
}

/// Something that was done in a system
#[derive(ToSchema)]
pub(crate) struct Done {
    /// Which system
    system: String,
    /// What was done
    what: String,
}

/// A case, and what follows from it now
#[derive(ToSchema)]
pub(crate) struct CaseView {
    /// Its name
    id: String,
    /// What is asked for
    kind: RequestKind,
    /// For whom
    person: String,
    /// About what
    about: About,
    /// In the person’s words
    text: String,
    /// Language of the answer
    language: String,
    /// Who filed it
    filed_by: Anything,
    /// When
    #[schema(format = DateTime)]
    filed_at: String,
    /// How it is known who asks: `session`, `password`, `desk`
    identity: String,
    /// `identity`, `open`, `input`, `agreement`, `answered`, `review`, `closed`
    stage: String,
    /// Since when
    #[schema(format = DateTime)]
    since: String,
    /// Whether the stage is past its published limit
    is_late: bool,
    /// Whether a penalty waits for it
    suspends_penalty: bool,
    /// Whether every system that had to do something did it
    is_fulfilled: bool,
    /// What systems have to do, each with how that stands
    #[schema(nullable = false)]
    fulfilment: Option<Vec<Anything>>,
    /// The ways on that are open to the person, each with its article
    remedies: Vec<Anything>,
    /// The clock of the stage: when it is due and how that was computed
    #[schema(nullable = false)]
    clock: Option<Anything>,
    /// The answer
    #[schema(nullable = false)]
    answer: Option<Anything>,
    /// The review: who, what they looked at, how long, what they came to
    #[schema(nullable = false)]
    review: Option<Anything>,
    /// Where it stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<CaseReceipt>,
}

/// Where the last event of a case stands
#[derive(ToSchema)]
pub(crate) struct CaseReceipt {
    /// Its number in the journal
    seq: u64,
    /// Its place in the ledger
    #[schema(nullable = false)]
    leaf: Option<u64>,
    /// Whether it had been taken before
    is_repeat: bool,
}

/// A mandate to be proposed
#[derive(ToSchema)]
pub(crate) struct NewMandate {
    /// Who would be acted for
    #[schema(example = "p-1")]
    person: String,
    /// Who would act: an account, `account:…`, as `/v1/me` names it
    representative: String,
    /// For what kinds of requests; `see` lets them see what is kept about the person
    #[schema(min_items = 1)]
    kinds: Vec<RequestKind>,
    /// For this decision alone
    decision: Option<String>,
    /// From when on it gives nothing any more
    #[schema(format = DateTime)]
    until: String,
}

/// A mandate
#[derive(ToSchema)]
pub(crate) struct Mandate {
    /// Its name
    id: String,
    /// Who is acted for
    person: String,
    /// Who acts
    representative: String,
    /// For what kinds of requests
    kinds: Vec<RequestKind>,
    /// For this decision alone
    #[schema(nullable = false)]
    decision: Option<String>,
    /// From when on it gives nothing any more
    #[schema(format = DateTime)]
    until: String,
    /// `proposed` (gives nothing yet), `confirmed`, `declined`, `revoked`
    state: String,
    /// When it was proposed
    #[schema(format = DateTime)]
    proposed_at: String,
    /// Since when it stands so
    #[schema(format = DateTime)]
    since: String,
    /// Events so far
    events: u32,
}

/// One request for many
#[derive(ToSchema)]
pub(crate) struct NewFiling {
    /// What is asked for
    kind: RequestKind,
    /// For whom, and about what of theirs
    #[schema(min_items = 1, max_items = 1000)]
    members: Vec<Member>,
    /// In their words, for all
    #[schema(nullable = false, max_length = 10000)]
    text: Option<String>,
    /// What a contest rests on
    ground: Option<String>,
    /// Language of the answers
    language: Option<String>,
    /// Your password once more
    password: Option<String>,
}

/// One of those for whom it is
#[derive(ToSchema)]
pub(crate) struct Member {
    /// Who
    person: String,
    /// About what of theirs
    #[schema(nullable = false)]
    about: Option<About>,
}

/// The provider’s own published limits, as periods: `15 working days`. Where none is published there is no date
#[derive(ToSchema)]
pub(crate) struct Limits {
    /// To find out who asks
    #[schema(example = "3 working days")]
    identity: Option<String>,
    /// To answer, from the filing on
    #[schema(example = "15 working days")]
    answer: Option<String>,
    /// For the second person
    #[schema(example = "3 working days")]
    agreement: Option<String>,
    /// To decide a contest or review an answer
    #[schema(example = "5 working days")]
    review: Option<String>,
    /// For the person to give what was asked for
    #[schema(example = "30 days")]
    input: Option<String>,
    /// For the person to ask for a review
    #[schema(example = "30 days")]
    appeal: Option<String>,
}

/// Everything that is kept about a person
#[derive(ToSchema)]
pub(crate) struct PersonRecord {
    /// About whom
    person: String,
    /// When it was put together
    #[schema(format = DateTime)]
    at: String,
    /// Whose ledger it was read from
    origin: String,
    /// What there is, by category: each thing as it is kept
    sections: BTreeMap<String, Vec<Anything>>,
    /// Every category: `included`, `none`, `partly` or `withheld`, and why
    manifest: Vec<Held>,
    /// What the facts in it mean
    glossary: BTreeMap<String, Meaning>,
}

/// A line of the scope manifest
#[derive(ToSchema)]
pub(crate) struct Held {
    /// What
    category: String,
    /// `included`, `none`, `partly`, `withheld`
    status: String,
    /// How many are here
    count: u64,
    /// How many are not
    missing: u64,
    /// Why not
    #[schema(nullable = false)]
    reason: Option<String>,
}

/// What a fact means
#[derive(ToSchema)]
pub(crate) struct Meaning {
    /// Chinese
    zh: String,
    /// English
    en: String,
}

/// Why a decision came out as it did
#[derive(ToSchema)]
pub(crate) struct Explanation {
    /// The decision
    decision: String,
    /// When it was made
    #[schema(format = DateTime)]
    at: String,
    /// What was done, with its meaning
    action: Anything,
    /// By which algorithm, in which version
    #[schema(nullable = false)]
    algorithm: Option<String>,
    /// What the gate told the operator to do
    #[schema(nullable = false)]
    effect: Option<String>,
    /// Why the register did not let the version decide: `unknown`, `not-published`, `not-in-force`, `withdrawn`
    #[schema(nullable = false)]
    register: Option<String>,
    /// The trial whose version decided
    #[schema(nullable = false)]
    trial: Option<super::InTrial>,
    /// What the declared rule says of it: shares in the outcome’s unit, and what would have changed it
    rule: super::rule::RuleOfDecision,
    /// What was known: fact, value, source, as of when, what it means, whether the person can have it corrected
    factors: Vec<Anything>,
    /// Where the operator said something else than what was held
    contradictions: Vec<Anything>,
    /// What each rule that speaks about it says, with its provision
    verdicts: Vec<Anything>,
    /// How many rules were looked at and do not speak about it
    not_applicable: u64,
    /// Declared factors that were not used
    #[schema(nullable = false)]
    not_used: Option<Vec<String>>,
    /// Facts that rules needed and nobody recorded
    missing: Vec<String>,
    /// Who decided, as far as it was recorded
    decided_by: Anything,
    /// What the person can do, with its articles and the published limit
    contest: Vec<Anything>,
    /// What is not shown to you
    withheld: Vec<String>,
    /// Whose ledger has it
    origin: String,
    /// Its place there
    leaf: u64,
}

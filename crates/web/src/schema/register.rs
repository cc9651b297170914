//! Shapes of `gongdao-register` and of the register in `gongdao-service`.

use super::Anything;
use utoipa::ToSchema;

/// Class of an algorithm (IISARMP art. 2(2)), or none of them
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Class {
    Generation,
    Push,
    Ranking,
    Retrieval,
    Dispatch,
    Other,
}

/// The four texts that are made public with a filing
#[derive(ToSchema)]
pub(crate) struct Texts {
    /// Basic principle
    #[schema(nullable = false, max_length = 5000)]
    principle: Option<String>,
    /// How it runs
    #[schema(nullable = false, max_length = 5000)]
    mechanism: Option<String>,
    /// Where it is used
    #[schema(nullable = false, max_length = 5000)]
    scenario: Option<String>,
    /// Purpose and intent
    #[schema(nullable = false, max_length = 5000)]
    purpose: Option<String>,
}

/// What registers of other states ask for beside that; each text up to 5,000 characters
#[derive(ToSchema)]
pub(crate) struct Details {
    /// The team that answers for it
    #[schema(nullable = false, max_length = 5000)]
    team: Option<String>,
    /// The role of whoever answers for it at the top
    #[schema(nullable = false, max_length = 5000)]
    owner: Option<String>,
    /// Who made it, where others did
    #[schema(nullable = false, max_length = 5000)]
    supplier: Option<String>,
    /// What it is good for
    #[schema(nullable = false, max_length = 5000)]
    benefit: Option<String>,
    /// How it was done before
    #[schema(nullable = false, max_length = 5000)]
    previous_process: Option<String>,
    /// What else was considered, and why this is proportionate
    #[schema(nullable = false, max_length = 5000)]
    alternatives: Option<String>,
    /// How people of the provider take part and can correct it
    #[schema(nullable = false, max_length = 5000)]
    human_review: Option<String>,
    /// What people can do against an outcome
    #[schema(nullable = false, max_length = 5000)]
    appeals: Option<String>,
    /// What those who use it are trained in
    #[schema(nullable = false, max_length = 5000)]
    training: Option<String>,
    /// Data it uses
    #[schema(nullable = false, max_length = 5000)]
    data: Option<String>,
    /// Sensitive information among them
    #[schema(nullable = false, max_length = 5000)]
    sensitive_data: Option<String>,
    /// Assessments that were made
    #[schema(nullable = false, max_length = 5000)]
    impact_assessments: Option<String>,
    /// Risks, and what is done about them
    #[schema(nullable = false, max_length = 5000)]
    risks: Option<String>,
    /// How it is looked after
    #[schema(nullable = false, max_length = 5000)]
    maintenance: Option<String>,
    /// Provisions on which it rests
    #[schema(nullable = false, max_items = 100, example = json!(["cn.iisarmp/20"]))]
    legal_basis: Option<Vec<String>>,
}

/// What an algorithm is, as its provider declares it
#[derive(ToSchema)]
pub(crate) struct Description {
    /// Who offers the service
    #[schema(min_length = 1, max_length = 200)]
    provider: String,
    /// Its name
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// Its class
    class: Class,
    /// Where it is used, as division codes; the whole country where it is empty
    #[schema(nullable = false)]
    places: Option<Vec<String>>,
    /// Whether it touches orders, pay, hours, rewards or penalties of workers
    affects_labour: bool,
    /// Whether it has public-opinion attributes or social-mobilisation capacity (IISARMP art. 24(1)); null where nobody said
    opinion_attributes: Option<bool>,
    /// Form of the service
    #[schema(nullable = false, max_length = 200)]
    service_form: Option<String>,
    /// Field of application
    #[schema(nullable = false, max_length = 200)]
    field: Option<String>,
    /// Products in which it works
    #[schema(nullable = false, max_length = 5000)]
    product: Option<String>,
    /// The public texts
    #[schema(nullable = false)]
    texts: Option<Texts>,
    /// A page about it
    #[schema(max_length = 500)]
    website: Option<String>,
    /// Whom to ask: an e-mail or a page
    #[schema(nullable = false, max_length = 500)]
    contact: Option<String>,
    /// What other registers ask for
    #[schema(nullable = false)]
    details: Option<Details>,
}

/// What was decided, as of now; counts that are too small to be told are absent
#[derive(ToSchema)]
pub(crate) struct Figures {
    /// Decisions that were logged
    decisions: u64,
    /// Decisions that somebody contested
    #[schema(nullable = false)]
    contested: Option<u64>,
    /// Contests that a person decided
    #[schema(nullable = false)]
    reviewed: Option<u64>,
    /// Contests after which something was changed
    #[schema(nullable = false)]
    changed: Option<u64>,
    /// Counts below this are absent
    smallest_count: u64,
}

/// A version in a list
#[derive(ToSchema)]
pub(crate) struct VersionLine {
    /// Its name, as decisions name their algorithm
    id: String,
    /// `declared`, `published`, `in-force`, `withdrawn`
    standing: String,
    /// Digest of rule and factors
    digest: String,
    /// When it came into the register
    #[schema(format = DateTime)]
    declared_at: String,
    /// The first day in force, where it is published
    #[schema(nullable = false, format = Date)]
    from: Option<String>,
    /// The consultation over it
    #[schema(nullable = false)]
    consultation: Option<String>,
}

/// An algorithm in a list
#[derive(ToSchema)]
pub(crate) struct AlgorithmLine {
    /// Its name in the register
    id: String,
    /// Its name
    name: String,
    /// Who offers the service
    provider: String,
    /// Its class
    class: Class,
    /// Where it is used; the whole country where it is empty
    places: Vec<String>,
    /// Whether it touches workers
    affects_labour: bool,
    /// Its filing number, while it is filed
    #[schema(nullable = false)]
    number: Option<String>,
    /// When it came into the register
    #[schema(format = DateTime)]
    registered_at: String,
}

/// An algorithm, and what follows from it now
#[derive(ToSchema)]
pub(crate) struct AlgorithmView {
    /// Its name in the register
    id: String,
    /// What it is
    description: Description,
    /// Since when it is in the register
    #[schema(format = DateTime)]
    registered_at: String,
    /// When its description changed last
    #[schema(format = DateTime)]
    described_at: String,
    /// Its filing with the authority
    filing: Anything,
    /// Events so far
    events: u32,
    /// Its versions, oldest first
    versions: Vec<VersionLine>,
    /// The clocks of its filing
    clocks: Vec<FilingClock>,
    /// What looks unusual about its number: hints alone
    remarks: Vec<String>,
    /// What was decided by its versions
    figures: Figures,
    /// Where it stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<super::desk::CaseReceipt>,
}

/// A clock of a filing
#[derive(ToSchema)]
pub(crate) struct FilingClock {
    /// The duty of the packs
    duty: String,
    /// The article
    provision: String,
    /// The day from which it is counted
    #[schema(format = Date)]
    since: String,
    /// When it was done
    #[schema(nullable = false, format = Date)]
    done_on: Option<String>,
    /// `open`, `met`, `met-late`, `late` (of the authority too: nothing is approved by silence), `provisional`, `cannot-tell`
    state: String,
    /// When it ends, and how that was computed
    #[schema(nullable = false)]
    explanation: Option<Anything>,
    /// Why it cannot be told
    #[schema(nullable = false)]
    reason: Option<String>,
}

/// The filing of an algorithm. It is no approval of anything
#[derive(ToSchema)]
pub(crate) struct FilingView {
    /// Which algorithm
    algorithm: String,
    /// Its name
    name: String,
    /// Who offers the service
    provider: String,
    /// What was handed in, and what the authority said
    submissions: Vec<Anything>,
    /// Changes of what was filed
    changes: Vec<Anything>,
    /// The number, and where it is shown
    #[schema(nullable = false)]
    filed: Option<Anything>,
    /// Whether there is a filing now
    is_filed: bool,
    /// Its clocks
    clocks: Vec<FilingClock>,
    /// Whether one of them is late
    is_late: bool,
    /// What looks unusual about its number: hints alone
    remarks: Vec<String>,
}

/// What happened to a filing. Which members it has depends on `what`: docs/register.md
#[derive(ToSchema)]
pub(crate) struct FilingAct {
    /// `service-began`, `submitted`, `accepted`, `refused`, `number-shown`, `service-ended`, `revoked`
    #[schema(example = "service-began")]
    what: String,
    /// The day, not after today
    #[schema(format = Date)]
    on: String,
    /// Of `submitted`: `first`, `change`, `deregistration`
    #[schema(nullable = false)]
    submission: Option<String>,
    /// Of `accepted`, for a first filing: `网信算备`, 21 digits, `号`
    number: Option<String>,
    /// Of `refused`, `revoked`
    #[schema(nullable = false)]
    reason: Option<String>,
    /// Of `number-shown`: where
    #[schema(nullable = false)]
    address: Option<String>,
}

/// Something that the rule weighs
#[derive(ToSchema)]
pub(crate) struct Factor {
    /// Its name
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// How much it counts, in the provider’s words; null where that is not declared
    #[schema(max_length = 200)]
    weight: Option<String>,
    /// What it means, in plain words
    #[schema(nullable = false, max_length = 5000)]
    meaning: Option<String>,
}

/// A version as its provider declares it
#[derive(ToSchema)]
pub(crate) struct NewVersion {
    /// Its name, as decisions name their algorithm; one of a kind
    #[schema(min_length = 1, max_length = 200, example = "dispatch-v8")]
    id: String,
    /// The declared rule, in at most 2,000 lines
    #[schema(min_length = 1, max_length = 200_000)]
    text: String,
    /// What it weighs
    #[schema(nullable = false, max_items = 500)]
    factors: Option<Vec<Factor>>,
    /// The version that it changes
    #[schema(max_length = 200)]
    based_on: Option<String>,
    /// What is different, in plain words
    #[schema(nullable = false, max_length = 5000)]
    note: Option<String>,
    /// Whether it touches workers; what its algorithm says, where it is null
    affects_labour: Option<bool>,
    /// The rule so that it can be run
    rule: Option<super::rule::DeclaredRule>,
}

/// What someone does with a version. Which members it has depends on `what`: docs/register.md
#[derive(ToSchema)]
pub(crate) struct VersionTurn {
    /// `amended`, `published`, `activated`, `withdrawn`
    #[schema(example = "activated")]
    what: String,
    /// Of `amended`: the rule
    #[schema(nullable = false)]
    text: Option<String>,
    /// Of `amended`: what it weighs
    #[schema(nullable = false)]
    factors: Option<Vec<Factor>>,
    /// Of `amended`: what is different
    #[schema(nullable = false)]
    note: Option<String>,
    /// Of `amended`: the rule so that it can be run, as in a declaration; none, where it is absent
    rule: Option<Anything>,
    /// Of `published`: the first day in force
    #[schema(nullable = false)]
    from: Option<String>,
    /// Of `published`: where else than here
    address: Option<String>,
    /// Of `withdrawn`
    #[schema(nullable = false)]
    reason: Option<String>,
}

/// A duty that is not met before a version takes effect
#[derive(ToSchema)]
#[expect(clippy::struct_field_names, reason = "the answer's words")]
pub(crate) struct Missing {
    /// `not-consulted`, `not-answered`, `not-concluded`, `not-announced`, `not-published`
    missing: String,
    /// The articles
    provisions: Vec<String>,
    /// In Chinese
    zh: String,
    /// In English
    en: String,
}

/// A version, and what follows from it now
#[derive(ToSchema)]
pub(crate) struct VersionView {
    /// Its name, as decisions name their algorithm
    id: String,
    /// The algorithm of which it is one
    algorithm: String,
    /// The version that it changes
    #[schema(nullable = false)]
    based_on: Option<String>,
    /// The declared rule
    text: String,
    /// What it weighs
    factors: Vec<Factor>,
    /// What is different
    note: String,
    /// The rule so that it can be run
    #[schema(nullable = false)]
    rule: Option<super::rule::DeclaredRule>,
    /// SHA-256 of rule and factors
    digest: String,
    /// Whether it touches workers
    affects_labour: bool,
    /// When it came into the register
    #[schema(format = DateTime)]
    declared_at: String,
    /// Since when text, factors and rule are these
    #[schema(nullable = false, format = DateTime)]
    content_at: Option<String>,
    /// The consultation over it; from its call on the text is frozen
    #[schema(nullable = false)]
    consultation: Option<String>,
    /// When it was made public, and its first day in force
    #[schema(nullable = false)]
    publication: Option<Anything>,
    /// Since when, and why, it counts no more
    #[schema(nullable = false)]
    withdrawal: Option<Anything>,
    /// `declared`, `published`, `in-force`, `withdrawn`
    standing: String,
    /// Days until its first day in force, where that has not come
    #[schema(nullable = false)]
    days_left: Option<u32>,
    /// What has to be met before it takes effect
    missing: Vec<Missing>,
    /// Events so far
    events: u32,
    /// Where it stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<super::desk::CaseReceipt>,
}

/// A line of the difference
#[derive(ToSchema)]
pub(crate) struct DiffLine {
    /// `same`, `removed`, `added`
    op: String,
    /// Its number in the older text
    #[schema(nullable = false)]
    old: Option<u32>,
    /// Its number in the newer text
    #[schema(nullable = false)]
    new: Option<u32>,
    /// What it says
    text: String,
}

/// A factor that differs
#[derive(ToSchema)]
pub(crate) struct FactorChange {
    /// Its name
    name: String,
    /// As it was; absent where it is new
    #[schema(nullable = false)]
    old: Option<Factor>,
    /// As it is; absent where it is gone
    #[schema(nullable = false)]
    new: Option<Factor>,
}

/// What is different between two versions
#[derive(ToSchema)]
pub(crate) struct Difference {
    /// The older
    old: String,
    /// The newer
    new: String,
    /// Digest of the older
    old_digest: String,
    /// Digest of the newer
    new_digest: String,
    /// All lines of both texts, in their order
    lines: Vec<DiffLine>,
    /// Factors that are new, gone or otherwise
    factors: Vec<FactorChange>,
    /// The rule that can be run, old and new, where it is not the same
    #[schema(nullable = false)]
    rule: Option<Anything>,
}

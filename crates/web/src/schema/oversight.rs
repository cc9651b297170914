//! Orders, the state of the ledger, figures for staff and regulators (`gongdao-service`).

use super::Anything;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a regulator asks for
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum OrderKind {
    Information,
    Correction,
    Suspension,
}

/// How an order stands
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum OrderStage {
    Open,
    Answered,
    Escalated,
    Met,
    Withdrawn,
}

/// What an order is about
#[derive(ToSchema)]
pub(crate) struct OrderAbout {
    /// An algorithm of the register
    #[schema(nullable = false)]
    algorithm: Option<String>,
    /// A decision; whom it is about stands nowhere in the order
    #[schema(nullable = false, min_length = 1)]
    decision: Option<String>,
}

/// An order to be made
#[derive(ToSchema)]
pub(crate) struct NewOrder {
    /// What is asked for
    kind: OrderKind,
    /// The provisions that it rests on
    #[schema(min_items = 1, max_items = 20, example = json!(["cn.iisarmp/28"]))]
    provisions: Vec<String>,
    /// What it is about
    #[schema(nullable = false)]
    about: Option<OrderAbout>,
    /// What is to be done. It names no person
    #[schema(min_length = 1, max_length = 10000)]
    text: String,
    /// How long the provider has
    #[schema(example = "10 working days")]
    period: String,
}

/// What someone does with an order
#[derive(ToSchema)]
pub(crate) struct OrderTurn {
    /// Of the provider: `answered`; of the regulator: `sent-back`, `accepted`, `extended`, `escalated`, `withdrawn`
    #[schema(example = "answered")]
    what: String,
    /// In words
    #[schema(min_length = 1, max_length = 10000)]
    text: String,
    /// Of `sent-back` and `extended`: how long the provider has from now on
    #[schema(nullable = false, example = "5 working days")]
    period: Option<String>,
}

/// An order, and what follows from it now
#[derive(ToSchema)]
pub(crate) struct OrderView {
    /// Its name
    id: String,
    /// How it stands
    stage: OrderStage,
    /// What was asked for
    order: NewOrder,
    /// From when the present period counts
    #[schema(format = DateTime)]
    since: String,
    /// How long it is
    period: String,
    /// The last day that the provider has
    #[schema(format = Date)]
    due: String,
    /// What happened, oldest first
    events: Vec<Anything>,
    /// Whether the provider's time is over without a reply
    is_late: bool,
    /// Whether the last day depends on holidays that are not announced
    is_provisional: bool,
    /// How the last day was computed
    #[schema(nullable = false)]
    explanation: Option<Anything>,
    /// Where the last event stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<super::desk::CaseReceipt>,
}

/// What the ledger says of itself
#[derive(ToSchema)]
pub(crate) struct LedgerState {
    /// Its name
    origin: String,
    /// The key to check its checkpoints with
    verifier_key: String,
    /// Entries under the last checkpoint
    size: u64,
    /// The last checkpoint, signed
    checkpoint: String,
    /// Who signed it beside the ledger, by the names of their keys; check the signatures yourself
    cosigned_by: Vec<String>,
    /// Entries of the journal that this ledger does not have yet, at most 1,000
    waiting: u64,
    /// Number of the journal's last entry
    journal_last: u64,
    /// Entries that the gate could not take as they are
    refused: Vec<String>,
}

/// Something that a check found wrong
#[derive(ToSchema)]
pub(crate) struct LedgerFinding {
    /// What kind, in one word
    kind: String,
    /// Place in the ledger
    #[schema(nullable = false)]
    leaf: Option<u64>,
    /// In words
    message: String,
}

/// What a check of the whole ledger came to
#[derive(ToSchema)]
pub(crate) struct LedgerCheck {
    /// Entries under the checkpoint that was checked
    size: u64,
    /// Entries that were looked at
    entries: u64,
    /// Groups of content that open to their entry
    opened: u64,
    /// Groups whose erasure is logged
    erased: u64,
    /// How many faults there are
    faults: u64,
    /// The first fifty of them
    findings: Vec<LedgerFinding>,
}

/// A look-up of your own
#[derive(ToSchema)]
pub(crate) struct OwnLookUp {
    /// Its number in the journal
    seq: u64,
    /// When
    #[schema(format = DateTime)]
    at: String,
    /// Whose records, by pseudonym
    #[schema(nullable = false)]
    person: Option<String>,
    /// Why, in your words
    purpose: String,
    /// What was looked up
    what: String,
    /// Its place in the ledger
    #[schema(nullable = false)]
    leaf: Option<u64>,
}

/// What a provider's algorithms decided, together
#[derive(ToSchema)]
pub(crate) struct ProviderFigures {
    /// Who offers the services
    provider: String,
    /// Algorithms in the register
    algorithms: u64,
    /// Those that are filed now
    filed: u64,
    /// Those with a filing clock that is late
    late: u64,
    /// What was decided by their versions
    figures: super::register::Figures,
}

/// What was said of the decisions of one action
#[derive(ToSchema)]
pub(crate) struct ActionFigures {
    /// How many were checked
    checked: u64,
    /// How many of them in shadow
    shadow: u64,
    /// What callers were told to do
    told: BTreeMap<String, u64>,
    /// What they would have been told where every answer binds
    enforced: BTreeMap<String, u64>,
    /// How often the two differ
    differs: u64,
    /// How many went on although a rule that matters could not be judged
    flagged: u64,
}

/// A fact that nobody recorded
#[derive(ToSchema)]
pub(crate) struct Gap {
    /// Which
    fact: String,
    /// In how many decisions some rule needed it
    decisions: u64,
    /// The provisions that could not be judged for want of it
    provisions: Vec<String>,
}

/// What was said of the newest decisions, all together
#[derive(ToSchema)]
pub(crate) struct GateFigures {
    /// When they were counted; they are kept for a minute
    #[schema(format = DateTime)]
    at: String,
    /// Decisions that were looked at, at most 500
    looked_at: u64,
    /// The instant of the oldest of them
    #[schema(nullable = false, format = DateTime)]
    since: Option<String>,
    /// Those that the gate was asked about beforehand
    checked: u64,
    /// Those that were made without asking, or whose content was erased
    not_checked: u64,
    /// Those about which no rule in force speaks
    silent: u64,
    /// By action of the vocabulary
    actions: BTreeMap<String, ActionFigures>,
    /// Facts for want of which rules could not be judged, the most frequent first
    gaps: Vec<Gap>,
}

/// One week, Monday to Sunday in Asia/Shanghai
#[derive(ToSchema)]
pub(crate) struct Week {
    /// Its Monday
    #[schema(format = Date)]
    from: String,
    /// Payments that were settled
    payments: u64,
    /// Minutes of work that they pay, as far as recorded
    #[schema(nullable = false)]
    worked_minutes: Option<i64>,
    /// Minutes of waiting for orders beside them, as far as recorded
    #[schema(nullable = false)]
    waiting_minutes: Option<i64>,
    /// What was paid, fen, as far as recorded
    #[schema(nullable = false)]
    pay_fen: Option<i64>,
    /// What was deducted, fen, as far as recorded
    #[schema(nullable = false)]
    deducted_fen: Option<i64>,
    /// Pay for an hour of work, fen; absent where a payment lacks its minutes or its amount
    #[schema(nullable = false)]
    fen_per_hour: Option<i64>,
    /// Pay for an hour with waiting, fen; absent where a payment lacks one of the three
    #[schema(nullable = false)]
    fen_per_hour_with_waiting: Option<i64>,
    /// The longest day that some decision says, minutes
    #[schema(nullable = false)]
    longest_day_minutes: Option<i64>,
    /// The longest time without a break that some decision says, minutes
    #[schema(nullable = false)]
    longest_stretch_minutes: Option<i64>,
    /// How many payments lack what
    lacking: BTreeMap<String, u64>,
}

/// Hours and pay of a person by week
#[derive(ToSchema)]
pub(crate) struct Hours {
    /// The weeks of which there is anything, newest first
    weeks: Vec<Week>,
    /// The Monday of the oldest week that was looked at: what is said is about the time from it on
    #[schema(nullable = false, format = Date)]
    from: Option<String>,
    /// The Sunday of the newest
    #[schema(nullable = false, format = Date)]
    until: Option<String>,
    /// Decisions that were read
    read: u64,
    /// Decisions whose content is in another process's ledger, or was erased
    unread: u64,
    /// Whether the oldest week has so many decisions that some of them were not looked at
    is_cut: bool,
    /// There are older weeks: ask for those before this Monday
    #[schema(nullable = false, format = Date)]
    older: Option<String>,
}

/// A password that is handed over once
#[derive(ToSchema)]
pub(crate) struct FirstPassword {
    /// It, shown this once
    password: String,
    /// Until when it works; a change of the password ends that
    #[schema(format = DateTime)]
    until: String,
}

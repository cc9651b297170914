//! State, look-ups, accounts and keys (`gongdao-service`).

use super::Value;
use utoipa::ToSchema;

/// What happens to a fact
#[derive(ToSchema)]
pub(crate) struct StateChange {
    /// `set` takes a value; `forget` makes it unknown; `add` and `remove` take words of a set
    op: StateOp,
    /// The value, or the words
    #[schema(nullable = false)]
    value: Option<Value>,
}

/// What happens to a fact
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum StateOp {
    Set,
    Forget,
    Add,
    Remove,
}

/// A change of what is so of a person or an algorithm
#[derive(ToSchema)]
pub(crate) struct NewStateEvent {
    /// Its name, one of a kind for ever; sent twice, it counts once
    #[schema(min_length = 1, max_length = 255, example = "consent-17")]
    id: String,
    /// The fact that changes
    #[schema(example = "resource.profilingOff")]
    fact: String,
    /// What happens to it
    #[schema(example = json!({"op": "set", "value": true}))]
    change: StateChange,
    /// When it happened or takes effect; now where nothing stands
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Order among events of one instant, where the source has one
    seq: Option<i64>,
}

/// A change as it is kept
#[derive(ToSchema)]
pub(crate) struct RecordedStateEvent {
    /// Its number
    seq: u64,
    /// Its name
    id: String,
    /// The fact that changed
    fact: String,
    /// What happened to it
    change: StateChange,
    /// When it happened or takes effect
    #[schema(format = DateTime)]
    at: Option<String>,
    /// When it was recorded
    #[schema(format = DateTime)]
    recorded_at: String,
    /// Who reported it
    actor: String,
    /// Its place in the ledger
    leaf: Option<u64>,
}

/// A part of a decision's record
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Field {
    Verdicts,
    Facts,
    Person,
    Receipt,
}

/// A look-up, as the person sees it
#[derive(ToSchema)]
pub(crate) struct LookUp {
    /// Its number
    seq: u64,
    /// When
    #[schema(format = DateTime)]
    at: String,
    /// Who
    actor: String,
    /// In what role
    roles: Vec<String>,
    /// Why, in their words
    purpose: String,
    /// What was looked up: a decision, or `events`, `decisions`
    what: String,
    /// Its place in the ledger
    leaf: Option<u64>,
}

/// What someone is in the service
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Role {
    Person,
    Representative,
    Officer,
    Engineer,
    Reviewer,
    Regulator,
    Administrator,
    Machine,
}

/// Someone who can log in
#[derive(ToSchema)]
pub(crate) struct Account {
    /// Its name in the ledger
    id: String,
    /// The name to log in with
    name: String,
    /// What they are
    roles: Vec<Role>,
    /// Pseudonyms that they are, or act for
    persons: Vec<String>,
    /// Whether they cannot log in
    is_disabled: bool,
    /// When it was made
    #[schema(format = DateTime)]
    created_at: String,
}

/// An account to be made
#[derive(ToSchema)]
pub(crate) struct NewAccount {
    /// The name to log in with
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// What they are
    #[schema(min_items = 1)]
    roles: Vec<Role>,
    /// Pseudonyms that they are, or act for
    #[schema(nullable = false)]
    persons: Option<Vec<String>>,
    /// 12 to 256 characters; none for whoever logs in with another provider alone
    #[schema(min_length = 12, max_length = 256)]
    password: Option<String>,
}

/// What is to be changed; what stands nowhere stays
#[derive(ToSchema)]
pub(crate) struct AccountChange {
    /// What they are
    roles: Option<Vec<Role>>,
    /// Pseudonyms that they are, or act for
    persons: Option<Vec<String>>,
    /// Whether they cannot log in
    is_disabled: Option<bool>,
}

/// A key of a machine, without its secret
#[derive(ToSchema)]
pub(crate) struct ApiKey {
    /// Its name in the ledger
    id: String,
    /// Its name
    name: String,
    /// What it may do
    roles: Vec<Role>,
    /// Who made it
    created_by: String,
    /// When
    #[schema(format = DateTime)]
    created_at: String,
    /// Until when it works
    #[schema(format = DateTime)]
    until: Option<String>,
    /// Whether it was taken back
    is_revoked: bool,
}

/// A key to be made
#[derive(ToSchema)]
pub(crate) struct NewKey {
    /// Its name
    #[schema(min_length = 1, max_length = 255)]
    name: String,
    /// `machine`, `engineer` or `regulator`
    #[schema(min_items = 1)]
    roles: Vec<Role>,
    /// Until when it works
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// What an erasure did
#[derive(ToSchema)]
pub(crate) struct ErasureReport {
    /// Its name; the erasure's entry in the ledger bears it
    id: String,
    /// Place of that entry; none where the ledger had nothing about the person
    leaf: Option<u64>,
    /// Groups of the ledger whose content is gone
    groups: u64,
    /// Lines and entries of the database that are gone
    lines: u64,
}

/// An agent to be taken in
#[derive(ToSchema)]
pub(crate) struct NewAgent {
    /// The account of a representative, by its identifier: persons give their mandates to it
    account: String,
    /// Public key of Ed25519, in hexadecimal
    #[schema(min_length = 64, max_length = 64, pattern = "^[0-9a-fA-F]{64}$")]
    verify_key: String,
    /// The webhook of kind `right-status` alone by which it is told how its requests stand (`status_callback`)
    webhook: Option<String>,
}

/// An agent that hands requests in for persons
#[derive(ToSchema)]
pub(crate) struct Agent {
    /// Its name
    id: String,
    /// The account of a representative
    account: String,
    /// Public key of Ed25519
    verify_key: String,
    /// The webhook by which it is told how its requests stand
    #[schema(nullable = false)]
    webhook: Option<String>,
}

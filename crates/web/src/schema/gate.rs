//! Settings, alarms, approvals (`gongdao-gate`, `gongdao-service`).

use super::{Anything, VersionKey};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// How far answers bind
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Mode {
    /// Nothing is judged
    Off,
    /// Everything is judged and recorded; the caller proceeds
    Shadow,
    /// The caller does what the answer says
    Enforce,
}

/// What the caller does when a rule that matters cannot be judged
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum OnUnknown {
    ProceedAndFlag,
    SafeDefault,
    Hold,
}

/// The settings of one action
#[derive(ToSchema)]
pub(crate) struct ActionSettings {
    /// Whether the answer binds
    #[schema(default = "enforce")]
    mode: Option<Mode>,
    /// What happens when it cannot be told
    #[schema(default = "hold")]
    on_unknown: Option<OnUnknown>,
    /// Whether unverified and draft law counts as if it were verified
    #[schema(default = false)]
    enforce_provisional: Option<bool>,
}

/// How often the official evaluator judges a decision again
#[derive(ToSchema)]
pub(crate) struct OracleSettings {
    /// Share of decisions
    #[schema(minimum = 0.0, maximum = 1.0)]
    share: Option<f64>,
    /// Whether the answer waits for it
    wait: Option<bool>,
}

/// What the operator sets
#[derive(ToSchema)]
pub(crate) struct GateSettings {
    /// For actions without settings of their own
    default: Option<ActionSettings>,
    /// By action of the vocabulary
    actions: Option<BTreeMap<String, ActionSettings>>,
    /// How often the official evaluator judges a decision again
    oracle: Option<OracleSettings>,
}

/// A rule version that two people stopped, or on which the official evaluator disagreed
#[derive(ToSchema)]
pub(crate) struct OrderedStop {
    /// The version
    version: VersionKey,
    /// Who, and why
    note: String,
    /// Whether the official evaluator disagreed: then it takes two people to let it judge again
    #[schema(nullable = false)]
    by_divergence: Option<bool>,
}

/// The gate's settings as they are kept
#[derive(ToSchema)]
pub(crate) struct StoredSettings {
    /// Modes, failure behaviour, the official evaluator's share
    gate: GateSettings,
    /// Rule versions that judge nothing until they are resumed
    stopped: Vec<OrderedStop>,
}

/// The two evaluators disagreed, or the official one failed
#[derive(ToSchema)]
pub(crate) struct Alarm {
    /// Counted from 1 since the process began
    number: u64,
    /// The decision on which it was found
    decision: String,
    /// Its instant
    #[schema(format = DateTime)]
    at: String,
    /// The rule version they differ on, which is stopped
    version: Option<VersionKey>,
    /// What the gate said
    gate: Option<Anything>,
    /// What the official evaluator said
    official: Option<Anything>,
    /// The official evaluator's error
    error: Option<String>,
}

/// A rule version that judges nothing
#[derive(ToSchema)]
pub(crate) struct Stopped {
    /// The version
    version: VersionKey,
    /// `divergence` with the number of the alarm, or `ordered` with who and why
    reason: Anything,
}

/// What takes two
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum ActKind {
    Settings,
    SuspendRule,
    ResumeRule,
    OpenWebhook,
    OpenSystem,
    RefuseDeletion,
    Unseal,
}

/// Something that takes two people
#[derive(ToSchema)]
pub(crate) struct AskApproval {
    /// What is asked for; it decides which of the next members are needed
    act: ActKind,
    /// Why
    #[schema(min_length = 1, max_length = 2000)]
    reason: String,
    /// For `settings`: the version that they replace; for `open-webhook` and `open-system`: the version that is agreed to
    #[schema(nullable = false)]
    base: Option<u64>,
    /// For `settings`: they
    #[schema(nullable = false)]
    settings: Option<GateSettings>,
    /// For `suspend-rule` and `resume-rule`: which
    #[schema(nullable = false)]
    version: Option<VersionKey>,
    /// For `open-webhook`: which
    #[schema(nullable = false)]
    webhook: Option<String>,
    /// For `open-system`: which
    #[schema(nullable = false)]
    system: Option<String>,
    /// For `refuse-deletion` and `unseal`: whose records
    #[schema(nullable = false)]
    person: Option<String>,
    /// For `refuse-deletion`: the article that asks to keep them
    #[schema(nullable = false)]
    article: Option<String>,
    /// For `refuse-deletion`: from when on they can be erased
    #[schema(format = DateTime)]
    until: Option<String>,
}

/// How an approval stands
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum ApprovalState {
    Open,
    Granted,
    Refused,
}

/// Something that takes two
#[derive(ToSchema)]
pub(crate) struct Approval {
    /// Its identifier
    id: String,
    /// What is asked for, with its `act`
    act: Anything,
    /// Why
    reason: String,
    /// Who asked
    asked_by: String,
    /// When
    #[schema(format = DateTime)]
    asked_at: String,
    /// How it stands
    state: ApprovalState,
    /// Who decided
    decided_by: Option<String>,
    /// When
    #[schema(format = DateTime)]
    decided_at: Option<String>,
    /// Why
    decision_reason: Option<String>,
}

/// A change of settings, accounts, keys or approvals
#[derive(ToSchema)]
pub(crate) struct Operation {
    /// Its number
    seq: u64,
    /// `settings`, `approval` or `access`
    kind: String,
    /// What it is about
    subject: Option<String>,
    /// Who did it
    actor: String,
    /// When
    #[schema(format = DateTime)]
    at: String,
    /// What was done
    body: Anything,
    /// Its place in the ledger
    leaf: Option<u64>,
}

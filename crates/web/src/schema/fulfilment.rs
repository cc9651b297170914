//! Shapes of carrying requests out (`gongdao-service`).

use super::Anything;
use super::desk::{About, CaseReceipt, RequestKind};
use utoipa::ToSchema;

/// How a system learns of tasks
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum Way {
    Webhook,
    DataMap,
    Manual,
}

/// How a task stands
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum TaskState {
    Open,
    Stuck,
    Done,
}

/// A system that holds something about persons, as it is declared
#[derive(ToSchema)]
pub(crate) struct NewSystem {
    /// What people call it, Chinese
    #[schema(min_length = 1, max_length = 100, example = "订单库")]
    zh: String,
    /// What people call it, English
    #[schema(min_length = 1, max_length = 100, example = "orders")]
    en: String,
    /// How it learns of tasks
    way: Way,
    /// Which requests it has to carry out: `correct`, `delete`, `restrict`, `withdraw-consent`, `delete-tag`, `opt-out`;
    /// of a `data-map`, `delete` alone
    #[schema(min_items = 1, example = json!(["delete"]))]
    kinds: Vec<String>,
    /// The webhook that tells it, of kind `fulfilment`: for `webhook` alone
    webhook: Option<String>,
    /// The key of a machine that it answers with, by its identifier: for `webhook` and `data-map`
    key: Option<String>,
}

/// A system
#[derive(ToSchema)]
pub(crate) struct System {
    /// Its name
    id: String,
    /// What people call it, Chinese
    zh: String,
    /// What people call it, English
    en: String,
    /// How it learns of tasks
    way: Way,
    /// Which requests it has to carry out
    kinds: Vec<RequestKind>,
    /// The webhook that tells it
    #[schema(nullable = false)]
    webhook: Option<String>,
    /// The key that it answers with
    #[schema(nullable = false)]
    key: Option<String>,
    /// Whether a second person has to agree first
    state: SystemState,
    /// While it waits: as it was before, which counts until then
    #[schema(nullable = false)]
    before: Option<NewSystem>,
}

/// How a system stands
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum SystemState {
    Active,
    Waiting,
}

/// A task in a list: nobody is named
#[derive(ToSchema)]
pub(crate) struct TaskView {
    /// Its name
    fulfilment: String,
    /// The request that it is a part of
    case: String,
    /// What is asked for
    kind: RequestKind,
    /// Which system; `gongdao` is the service itself
    system: String,
    /// `webhook`, `data-map`, `manual`, or `own` for the service itself
    way: String,
    /// How it stands
    state: TaskState,
    /// Since when
    #[schema(format = DateTime)]
    since: String,
}

/// A task with what has to be known to carry it out
#[derive(ToSchema)]
#[expect(clippy::struct_field_names, reason = "each thing of the API has its name under what it is")]
pub(crate) struct Fulfilment {
    /// Its name
    fulfilment: String,
    /// The request that it is a part of
    case: String,
    /// What is asked for
    kind: RequestKind,
    /// For whom, by pseudonym
    person: String,
    /// About what
    about: About,
    /// In the person’s words
    text: String,
    /// Kinds of information that the desk named
    kinds: Vec<String>,
    /// `granted`, or `partly`
    outcome: String,
    /// Of `partly`: the article on which the rest is refused
    #[schema(nullable = false)]
    article: Option<String>,
    /// How it stands: `system`, `way`, `state`, `ordered_at`, `since`, `text`, `place`, `by`
    task: Anything,
    /// Whether every system did its part
    is_fulfilled: bool,
    /// Where it stands in the ledger, where this is the answer to a change
    #[schema(nullable = false)]
    receipt: Option<CaseReceipt>,
}

/// What is said of a task
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum TaskWord {
    Done,
    Failed,
    Again,
}

/// What is said of a task: `done` with what was done, `failed` with why not; a person who did it by hand says where, too, or has it
/// tried `again`
#[derive(ToSchema)]
pub(crate) struct TaskTurn {
    /// What
    what: TaskWord,
    /// Of `done`, `failed`
    #[schema(nullable = false, max_length = 10000, example = "3 rows removed")]
    text: Option<String>,
    /// Of `done` by hand: the table, the file, the archive
    #[schema(max_length = 500)]
    place: Option<String>,
}

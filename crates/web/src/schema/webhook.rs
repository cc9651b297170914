//! Webhooks (`gongdao-service`).

use utoipa::ToSchema;

/// A part of an event that is sent only where a webhook names it
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum WebhookField {
    Actor,
    Details,
    Person,
    Subject,
}

/// Whether events are sent: `waiting` for a second person, as it would tell of persons
#[derive(ToSchema)]
#[schema(rename_all = "kebab-case")]
pub(crate) enum WebhookState {
    Active,
    Waiting,
    Paused,
}

/// A webhook to be made
#[derive(ToSchema)]
pub(crate) struct NewWebhook {
    /// Where events are sent, with TLS
    #[schema(max_length = 2000, example = "https://example.cn/gongdao")]
    url: String,
    /// Which: `person-event`, `algorithm-event`, `settings`, `approval`, `look-up`, `access`, `case`, `mandate`, `register`, `photo`, `erasure`, `fulfilment`
    #[schema(min_items = 1, example = json!(["algorithm-event", "settings"]))]
    kinds: Vec<String>,
    /// What of them, beside kind, number and time; `person` and `details` take two people
    #[schema(nullable = false)]
    fields: Option<Vec<WebhookField>>,
}

/// A webhook
#[derive(ToSchema)]
pub(crate) struct Webhook {
    /// Its identifier
    id: String,
    /// Where events are sent
    url: String,
    /// Which
    kinds: Vec<String>,
    /// What of them
    fields: Vec<WebhookField>,
    /// Whether they are sent
    state: WebhookState,
    /// Who made it
    created_by: String,
    /// When
    #[schema(format = DateTime)]
    created_at: String,
}

/// What is to be changed; what stands nowhere stays
#[derive(ToSchema)]
pub(crate) struct WebhookChange {
    /// Where events are sent
    #[schema(max_length = 2000)]
    url: Option<String>,
    /// Which
    kinds: Option<Vec<String>>,
    /// What of them
    fields: Option<Vec<WebhookField>>,
    /// Whether nothing is sent for a while; `false` goes on, and tries at once what failed
    is_paused: Option<bool>,
}

/// How far a webhook is
#[derive(ToSchema)]
pub(crate) struct WebhookProgress {
    /// Number of the last entry of the journal that was sent or passed over
    after: u64,
    /// Failed attempts for the next one
    attempts: u32,
    /// When it is tried again
    #[schema(format = DateTime)]
    retry_at: Option<String>,
    /// What the last attempt ended with
    last_error: Option<String>,
}

/// An event that was given up
#[derive(ToSchema)]
pub(crate) struct DeadLetter {
    /// Its identifier
    id: String,
    /// The entry of the journal
    seq: Option<u64>,
    /// The erasure
    erasure: Option<String>,
    /// The task of a system
    fulfilment: Option<String>,
    /// How often it was tried
    attempts: u32,
    /// What the last attempt ended with
    last_error: Option<String>,
    /// When it was given up
    #[schema(format = DateTime)]
    at: Option<String>,
}

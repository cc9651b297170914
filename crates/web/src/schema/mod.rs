//! Shapes of JSON that other crates write: for the OpenAPI document alone. The tests hold real answers against it.
#![allow(clippy::zero_sized_map_values, reason = "shapes for the document, never made")]
#![expect(dead_code, reason = "described, never built: the values are those of the crates named at each shape")]

mod access;
mod consultation;
mod desk;
mod fulfilment;
mod gate;
mod label;
mod oversight;
mod register;
mod rule;
mod sandbox;
mod verdict;
mod webhook;

pub(crate) use access::{
    Account, AccountChange, Agent, ApiKey, ErasureReport, Field, LookUp, NewAccount, NewAgent, NewKey, NewStateEvent,
    RecordedStateEvent, Role,
};
pub(crate) use consultation::{
    ConsultationTurn, ConsultationView, ImportReport, NewConsultation, PublishedFiling, RegisterSettings,
};
pub(crate) use desk::{CaseView, Explanation, Limits, Mandate, NewCase, NewFiling, NewMandate, PersonRecord, Turn};
pub(crate) use fulfilment::{Fulfilment, NewSystem, System, TaskState, TaskTurn, TaskView};
pub(crate) use gate::{ActionSettings, Alarm, Approval, AskApproval, GateSettings, Operation, Stopped, StoredSettings};
pub(crate) use label::LabelReport;
pub(crate) use oversight::{
    FirstPassword, GateFigures, Hours, LedgerCheck, LedgerState, NewOrder, OrderTurn, OrderView, OwnLookUp,
    ProviderFigures,
};
pub(crate) use register::{
    AlgorithmLine, AlgorithmView, Class, Description, Difference, FilingAct, FilingView, NewVersion, VersionLine,
    VersionTurn, VersionView,
};
pub(crate) use rule::{CaseRun, Replay, RuleLine, RuleSaid};
pub(crate) use sandbox::{InTrial, TrialPlan, TrialTurn, TrialView};
pub(crate) use verdict::{Answer, Checked, Contradiction, Directive, Seen, VersionKey};
pub(crate) use webhook::{DeadLetter, NewWebhook, Webhook, WebhookChange, WebhookProgress};

use std::borrow::Cow;
use std::collections::BTreeMap;
use utoipa::openapi::schema::{ArrayBuilder, KnownFormat, ObjectBuilder, OneOfBuilder, SchemaFormat, SchemaType, Type};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Bytes of a file.
pub(crate) struct Binary;

impl PartialSchema for Binary {
    fn schema() -> RefOr<Schema> {
        let text = ObjectBuilder::new().schema_type(SchemaType::new(Type::String));
        text.format(Some(SchemaFormat::KnownFormat(KnownFormat::Binary))).into()
    }
}

impl ToSchema for Binary {}

/// Anything that is JSON.
pub(crate) struct Anything;

impl PartialSchema for Anything {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).into()
    }
}

impl ToSchema for Anything {}

/// A refusal (RFC 9457)
#[derive(ToSchema)]
pub(crate) struct Problem {
    /// Address of a page that explains it, from the root of the service
    #[schema(rename = "type", format = "uri-reference")]
    kind: String,
    /// What kind of refusal it is, in words
    title: String,
    /// The HTTP status
    #[schema(minimum = 400, maximum = 599)]
    status: i32,
    /// What was wrong with this request
    detail: Option<String>,
    /// What to do
    hint: Option<String>,
    /// Number of the request, as the service's log has it
    request: Option<String>,
}

/// A value of a fact: true or false, a whole number, a text, or a list of texts
pub(crate) struct Value;

impl PartialSchema for Value {
    fn schema() -> RefOr<Schema> {
        let plain = |kind: Type| ObjectBuilder::new().schema_type(SchemaType::new(kind));
        let number = plain(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        OneOfBuilder::new()
            .item(plain(Type::Boolean))
            .item(number)
            .item(plain(Type::String))
            .item(ArrayBuilder::new().items(plain(Type::String)))
            .into()
    }
}

impl ToSchema for Value {
    fn name() -> Cow<'static, str> {
        "FactValue".into()
    }
}

/// One decision about a person, with everything that is known of it at its instant (docs/formats/decision.md)
#[derive(ToSchema)]
pub(crate) struct DecisionRecord {
    /// Identifier given by the source; unique within it
    #[schema(min_length = 1, example = "d-1")]
    id: String,
    /// When it is made, with offset (RFC 3339), in the years 1990 to 2099
    #[schema(format = DateTime, example = "2026-05-01T12:00:00+08:00")]
    at: String,
    /// An action of the vocabulary
    #[schema(example = "dispatch")]
    action: String,
    /// Division code of GB/T 2260, six digits; without it only national law speaks
    #[schema(pattern = "^[0-9]{6}$", example = "110000")]
    place: Option<String>,
    /// Which algorithm decides
    #[schema(example = "dispatch-v7")]
    algorithm: Option<String>,
    /// About whom: a pseudonym of the source
    #[schema(example = "p-1")]
    person: Option<String>,
    /// Facts about the algorithm
    #[schema(nullable = false)]
    principal: Option<BTreeMap<String, Value>>,
    /// Facts about the person
    #[schema(nullable = false)]
    resource: Option<BTreeMap<String, Value>>,
    /// Facts about the decision itself; under `parameters` numbers that law or an agreement sets
    #[schema(nullable = false)]
    context: Option<BTreeMap<String, Anything>>,
}

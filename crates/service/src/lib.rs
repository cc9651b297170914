//! The running half of Gongdao: checks, decisions made elsewhere, state, settings, and who may see what.
//!
//! In: a gate, a ledger, a store, clocks and random bytes; requests of callers who were recognised. Out: answers that are
//! durable before they are given. One module a use case. Blocks: an interface calls it from threads that may, and hands
//! replies over. Contains no network, no SQL and no words for people. Formats: docs/formats/ledger-service.md; operation:
//! docs/service.md.

mod access;
mod approval;
mod backup;
mod check;
mod citation;
mod decisions;
mod desk;
mod divergence;
mod documents;
mod erase;
mod error;
mod event;
mod explain;
mod follow;
mod fulfilment;
mod gate_figures;
mod hours;
mod identity;
pub mod ingest;
mod ledger_state;
mod ledger_view;
mod look_up;
mod operations;
mod orders;
pub mod port;
mod receipt_of;
pub mod record;
mod recover;
mod register;
mod rule_bench;
mod service;
mod settings;
mod taken_apart;
mod upkeep;
mod webhook;

pub use access::{Caller, Field, Purpose, Right, Role};
pub use approval::{Act, Approval, ApprovalState};
pub use backup::{ErasureExport, Restored, export_erasures, restore};
pub use check::{CheckQueue, Limits, Place, Reply, Returned, RowRefusal, RowResult, Taken, digest_of};
pub use citation::{CitationFigures, CitedMonth};
pub use decisions::{DecisionView, ReceiptView};
pub use desk::{
    CaseView, Category, DeskFigures, FiledRow, Held, Kept, KeptDecision, KindFigures, MOST_PHOTO_BYTES, MOST_PHOTOS,
    MandateTurn, Meaning, Member, NewCase, NewFiling, PersonRecord, Photo, PhotoLine, Queue, QueueLine, QueuePlace,
    QueueQuery, RecordCounts, Sought, SuspendedBy, Suspension, Turn, Waiting,
};
pub use documents::{Page, StoredDocument};
pub use erase::ErasureReport;
pub use error::{ErrorKind, ServiceError};
pub use event::{NewEvent, RecordedEvent};
pub use explain::{
    ContestWay, DecidedBy, Explanation, FactorShown, Named, NoShares, OutcomeShown, PreviousShown, RegionShown,
    RuleOfDecision, ShareShown, Source, VersionShown,
};
pub use follow::Acknowledged;
pub use fulfilment::{NewSystem, System, SystemState, TaskQuestion, TaskTurn, TaskView, Told};
pub use gate_figures::{ActionFigures, Gap, GateFigures};
pub use hours::{Hours, Week, WeeksWanted};
pub use identity::{
    Account, AccountChange, Agent, ApiKey, Credential, FirstPassword, FirstRun, NewAccount, NewAgent, NewKey,
    NewSession, OutsideIdentity, PasswordChange, Secret,
};
pub use ledger_state::{LedgerCheck, LedgerFinding, LedgerState, Match};
pub use look_up::{LookUp, OwnLookUp};
pub use operations::Operation;
pub use orders::{NewOrder, Order, OrderAbout, OrderEvent, OrderKind, OrderStage, OrderView, OrderWhat};
pub use receipt_of::Beside;
pub use recover::Recovered;
pub use register::{
    AlgorithmCard, AlgorithmLine, AlgorithmQuery, AlgorithmView, ConsultationView, EnterpriseView, ExportFormat,
    Exported, Figures, FilingView, ImportReport, NewConsultation, NextVersion, ProviderFigures, PublishedQuery,
    RegisterReader, RegisterSettings, Replay, ReplayPeriod, Talks, TrialTurn, TrialView, VersionLine, VersionTurn,
    VersionView,
};
pub use rule_bench::{RuleSaid, Said, Trying};
pub use service::{Parts, Service, ServiceSettings, Started};
pub use settings::{OrderedStop, StoredSettings, Versioned};
pub use taken_apart::TakenApart;
pub use upkeep::Upkeep;
pub use webhook::{
    Courier, DeadLetter, Delivery, NewWebhook, Parcel, Webhook, WebhookChange, WebhookField, WebhookProgress,
    WebhookState, right_status, webhook_kinds,
};

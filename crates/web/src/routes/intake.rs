//! Decisions that were made elsewhere, in the formats that systems have.

use crate::auth::Authenticated;
use crate::extract::{Whole, content_type};
use crate::problem::{Problem, ProblemKind};
use crate::routes::refusal::{of_row, of_rows};
use crate::work::blocking;
use crate::{Shared, language};
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use gongdao_i18n::Language;
use gongdao_model::DecisionId;
use gongdao_service::ingest::{MediaType, Reading, Row, RowFault, batches};
use gongdao_service::{ErrorKind, Returned, Right, RowRefusal, RowResult, ServiceError};
use serde::Serialize;
use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Batches that are logged at once: the ledger syncs once for all that wait.
const UNDER_WAY: usize = 16;
/// Errors that are told one by one; the rest is counted.
const TOLD: usize = 1000;
/// Between two tries where too much waits.
const PAUSE: Duration = Duration::from_millis(5);

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(log_decisions))
}

/// Why a row was not taken
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
enum RowErrorKind {
    /// It cannot be read, or is not of the vocabulary
    Bad,
    /// The same decision was logged before
    Duplicate,
    /// Another decision has its identifier
    Taken,
    /// The service could not store it
    Failed,
}

/// Something wrong with a row
#[derive(Debug, Serialize, ToSchema)]
struct RowError {
    /// 1-based
    row: u64,
    /// Its identifier, where it could be read
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    decision: Option<DecisionId>,
    /// Why it was not taken
    kind: RowErrorKind,
    /// 1-based line of the body, where it is text
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u64>,
    /// 1-based column there, in characters
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<u64>,
    /// Name of the column, where the body is a table
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What is wrong
    message: String,
    /// What to do
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

/// Where a body broke off
#[derive(Debug, Serialize, ToSchema)]
struct BrokenOff {
    /// The last row that was read; 0 where there was none
    after_row: u64,
    /// Why
    message: String,
    /// What to do
    hint: String,
}

/// What became of a body
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Intake {
    /// Rows that are in the ledger now
    accepted: u64,
    /// Rows whose identifier was there already
    duplicates: u64,
    /// Rows that are wrong
    bad: u64,
    /// Rows that could not be stored; send them again
    failed: u64,
    /// Which ledger
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<String>,
    /// Lowest place of an accepted row there; others' entries may stand between
    #[serde(skip_serializing_if = "Option::is_none")]
    first_leaf: Option<u64>,
    /// Highest place of an accepted row there
    #[serde(skip_serializing_if = "Option::is_none")]
    last_leaf: Option<u64>,
    /// What is wrong, row by row; at most 1,000
    errors: Vec<RowError>,
    /// Errors that are not told
    errors_omitted: u64,
    /// The body could not be read to its end; the rows before stand
    #[serde(skip_serializing_if = "Option::is_none")]
    broken_off: Option<BrokenOff>,
}

/// Log decisions that were made elsewhere
///
/// Good rows are logged, bad ones named with their place. A row whose identifier was logged before is refused, so a body
/// may be sent again after a failure. Columns of tables: `decision_id`, `at`, `action`, `place`, `algorithm`, `person`,
/// and a column for each fact, named by its path, like `context.priceFen`.
#[utoipa::path(post, path = "/v1/decisions", operation_id = "log_decisions", tag = "decisions",
    request_body(content(
        (crate::schema::DecisionRecord = "application/json"),
        (String = "application/x-ndjson"),
        (crate::schema::Binary = "application/vnd.apache.arrow.stream"),
        (crate::schema::Binary = "application/vnd.apache.parquet"),
        (crate::schema::Anything = "application/cloudevents+json"),
        (crate::schema::Anything = "application/cloudevents-batch+json"))),
    responses((status = 200, description = "What became of the rows", body = Intake)))]
async fn log_decisions(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<axum::Json<Intake>, Problem> {
    caller.may(Right::LogDecisions)?;
    let media = MediaType::of(&content_type(&headers)).ok_or_else(|| unknown(&content_type(&headers)))?;
    let language = language::of(&headers);
    let intake = blocking(move || take(&app, media, &body, language)).await?;
    Ok(axum::Json(intake))
}

fn unknown(given: &str) -> Problem {
    let names: Vec<String> = MediaType::NAMES.iter().map(|(name, _)| format!("`{name}`")).collect();
    let detail = if given.is_empty() {
        "the body says not what it is".to_owned()
    } else {
        format!("`{given}` is not read here")
    };
    Problem::new(ProblemKind::MediaType, detail, format!("send one of {}", names.join(", ")))
}

struct UnderWay {
    rows: Vec<(u64, DecisionId)>,
    outcome: Receiver<Result<Vec<RowResult>, ServiceError>>,
}

fn take(app: &Shared, media: MediaType, body: &Bytes, language: Language) -> Result<Intake, Problem> {
    let reading = Reading { vocabulary: app.service.vocabulary(), words: app.catalogue.words(language) };
    let mut intake = Intake::default();
    let mut under_way = VecDeque::new();
    for batch in batches(media, body, reading).map_err(|fault| of_rows(&fault))? {
        match batch {
            Ok(rows) => {
                if under_way.len() == UNDER_WAY
                    && let Some(oldest) = under_way.pop_front()
                {
                    intake.settle(oldest);
                }
                if let Some(sent) = send(app, rows, &mut intake)? {
                    under_way.push_back(sent);
                }
            }
            Err(fault) => {
                intake.broken_off = Some(BrokenOff {
                    after_row: fault.after_row.unwrap_or_default(),
                    message: fault.message,
                    hint: fault.hint,
                });
            }
        }
    }
    for sent in under_way {
        intake.settle(sent);
    }
    let counts = [
        ("accepted", intake.accepted),
        ("duplicate", intake.duplicates),
        ("bad", intake.bad),
        ("failed", intake.failed),
    ];
    for (outcome, count) in counts {
        app.metrics.rows(outcome, count);
    }
    Ok(intake)
}

/// Hands the good rows of a batch over; waits while too many wait before them.
fn send(app: &Shared, rows: Vec<Row>, intake: &mut Intake) -> Result<Option<UnderWay>, Problem> {
    let mut names = Vec::with_capacity(rows.len());
    let mut records = Vec::with_capacity(rows.len());
    for row in rows {
        match row.record {
            Ok(record) => {
                names.push((row.number, record.id.clone()));
                records.push(record);
            }
            Err(faults) => intake.refuse(row.number, faults),
        }
    }
    if records.is_empty() {
        return Ok(None);
    }
    let started = Instant::now();
    loop {
        let (sender, outcome) = sync_channel(1);
        let reply = Box::new(move |result| drop(sender.send(result)));
        match app.service.queue().log_or_return(records, reply) {
            Ok(()) => return Ok(Some(UnderWay { rows: names, outcome })),
            Err(Returned { error, rows })
                if error.kind == ErrorKind::Busy && started.elapsed() < app.settings.limits.request =>
            {
                records = rows;
                std::thread::sleep(PAUSE);
            }
            Err(Returned { error, .. }) => {
                let first = names.first().map_or(1, |(number, _)| *number);
                // Rows before are in the ledger or on their way: whoever sends again is told which.
                return Err(Problem::from(error).with("after_row", first - 1));
            }
        }
    }
}

impl Intake {
    fn refuse(&mut self, row: u64, faults: Vec<RowFault>) {
        self.bad += 1;
        for fault in faults {
            let RowFault { line, column, field, message, hint } = fault;
            self.tell(RowError { row, decision: None, kind: RowErrorKind::Bad, line, column, field, message, hint });
        }
    }

    fn tell(&mut self, error: RowError) {
        if self.errors.len() < TOLD {
            self.errors.push(error);
        } else {
            self.errors_omitted += 1;
        }
    }

    fn settle(&mut self, sent: UnderWay) {
        let outcome = sent.outcome.recv().unwrap_or_else(|_| {
            Err(ServiceError::new(ErrorKind::Closed, "the service is going down", "send the rows again"))
        });
        match outcome {
            Ok(results) => sent.rows.into_iter().zip(results).for_each(|(row, result)| self.settle_row(row, result)),
            Err(error) => {
                for row in sent.rows {
                    self.settle_row(row, Err(RowRefusal::Service(error.clone())));
                }
            }
        }
    }

    fn settle_row(&mut self, (row, decision): (u64, DecisionId), result: RowResult) {
        let refusal = match result {
            Ok(taken) => {
                self.accepted += 1;
                let leaf = taken.place.leaf;
                self.first_leaf = Some(self.first_leaf.map_or(leaf, |first| first.min(leaf)));
                self.last_leaf = Some(self.last_leaf.map_or(leaf, |last| last.max(leaf)));
                self.origin.get_or_insert_with(|| taken.place.node.to_string());
                return;
            }
            Err(refusal) => refusal,
        };
        let (kind, count) = match &refusal {
            RowRefusal::Check(_) => (RowErrorKind::Bad, &mut self.bad),
            RowRefusal::Duplicate { is_same: true } => (RowErrorKind::Duplicate, &mut self.duplicates),
            RowRefusal::Duplicate { is_same: false } => (RowErrorKind::Taken, &mut self.duplicates),
            RowRefusal::Service(_) => (RowErrorKind::Failed, &mut self.failed),
        };
        *count += 1;
        let problem = of_row(refusal);
        let message = problem.detail.unwrap_or_default();
        let error = RowError {
            row,
            decision: Some(decision),
            kind,
            line: None,
            column: None,
            field: None,
            message,
            hint: problem.hint,
        };
        self.tell(error);
    }
}

//! May this algorithm do this to this person, now? One decision or many.

use crate::auth::Authenticated;
use crate::extract::{Whole, expect_json};
use crate::problem::{Problem, ProblemKind};
use crate::routes::refusal::{LedgerPosition, RefusedRow, of_row, of_rows};
use crate::schema::{self, DecisionRecord};
use crate::work::blocking;
use crate::{Shared, language};
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use gongdao_gate::{ActionSettings, Checked, Contradiction, Directive, InTrial, RegisterHold, Seen, Told};
use gongdao_i18n::Language;
use gongdao_model::{DecisionId, Instant};
use gongdao_service::ingest::{MediaType, Reading, Row, batches};
use gongdao_service::{Right, RowResult, Taken};
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A body above this many bytes is read, and answered, on a thread that may take its time.
const LARGE: usize = 64 * 1024;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const PREFER: HeaderName = HeaderName::from_static("prefer");

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(check_decisions))
}

/// One decision, or several
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "described only: rows are read one by one, so that a bad one is named")]
pub(crate) enum CheckBody {
    One(Box<DecisionRecord>),
    Many(Vec<DecisionRecord>),
}

/// The answer to one check
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Check {
    /// The decision
    #[schema(value_type = String)]
    decision: DecisionId,
    /// Its instant, which decides the law in force
    #[schema(value_type = String, format = DateTime)]
    at: Instant,
    /// The moment whose state was seen
    #[schema(value_type = String, format = DateTime)]
    state_at: Instant,
    /// What the caller does
    #[schema(value_type = schema::Directive)]
    effect: Directive,
    /// What the caller would do in the mode `enforce`
    #[schema(value_type = schema::Directive)]
    enforced: Directive,
    /// A rule that matters could not be judged, and the failure behaviour lets it go on
    flagged: bool,
    /// The settings it was answered under
    #[schema(value_type = schema::ActionSettings)]
    settings: ActionSettings,
    /// Name of the answer; null where the gate is off for the action
    answer_digest: Option<String>,
    /// The answer; in a batch it stands under `answers`, and with `Prefer: return=minimal` nowhere
    #[serde(skip_serializing_if = "is_written_apart")]
    #[schema(value_type = Option<schema::Answer>)]
    answer: Option<Told>,
    /// Facts that were joined
    #[serde(skip_serializing_if = "is_written_apart")]
    #[schema(value_type = schema::Seen, required = true)]
    seen: Seen,
    /// Facts of the request that the state has otherwise
    #[schema(value_type = Vec<schema::Contradiction>)]
    contradictions: Vec<Contradiction>,
    /// Why the register does not let the version decide, where `register.require` is set
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    register: Option<RegisterHold>,
    /// The trial whose version decides, where there is one
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<schema::InTrial>, nullable = false)]
    trial: Option<InTrial>,
    /// Under this name the decision is explained
    explanation: String,
    /// Where it stands
    ledger: LedgerPosition,
    /// Whether it had been checked before, and this is the first answer again
    repeat: bool,
}

/// One row of a batch
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, clippy::large_enum_variant, reason = "described only: rows are written one by one")]
pub(crate) enum CheckRow {
    /// It was checked
    Checked(Box<Check>),
    /// It was refused; do not go on with the decision
    Refused(RefusedRow),
}

/// The answers to a batch
#[derive(ToSchema)]
#[expect(dead_code, reason = "described only: rows are written one by one")]
pub(crate) struct Checks {
    /// One a row, in their order
    checks: Vec<CheckRow>,
    /// The answers by their names
    answers: BTreeMap<String, schema::Answer>,
}

/// Answers and facts are most of a body, and many rows share them: they are written behind the rest, of pieces that are kept.
fn is_written_apart<T>(_: &T) -> bool {
    true
}

/// What a check answers
#[derive(ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "described only")]
pub(crate) enum CheckResult {
    One(Box<Check>),
    Many(Checks),
}

/// May this algorithm do this to this person, now?
///
/// A record is answered by a record, a list by a list: every row is judged, and logged before it is answered. Of the same
/// decision sent again the first answer is given; another decision under its identifier is refused. In a list a row that
/// is refused has a `problem` and does not hold up the others. Facts that the service holds of person and algorithm win
/// over those that you send; `contradictions` names them.
#[utoipa::path(post, path = "/v1/decisions:check", operation_id = "check_decisions", tag = "decisions",
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "Makes two requests one: sent again with the same body it is answered as the first time"),
        ("Prefer" = Option<String>, Header, description = "`return=minimal`: without the verdicts", example = "return=minimal")),
    request_body(content = CheckBody, content_type = "application/json"),
    responses((status = 200, description = "What to do, and why", body = CheckResult)))]
async fn check_decisions(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<Response, Problem> {
    caller.may(Right::Check)?;
    expect_json(&headers)?;
    let key = idempotency_key(&headers, &caller.actor)?;
    let is_minimal = headers.get_all(PREFER).iter().any(|value| value.as_bytes().ends_with(b"return=minimal"));
    let language = language::of(&headers);
    let is_list = body.trim_ascii_start().starts_with(b"[");
    let is_large = body.len() > LARGE;
    let rows = if is_large {
        let app = Arc::clone(&app);
        blocking(move || read_rows(&app, &body, language)).await?
    } else {
        read_rows(&app, &body, language)?
    };
    let most = app.settings.limits.check_rows;
    if rows.len() > most {
        let detail = format!("{} decisions in one check", rows.len());
        return Err(Problem::new(ProblemKind::TooLarge, detail, format!("send at most {most} at once")));
    }
    let (records, places) = sorted(rows);
    let outcomes = ask(&app, records.good, key).await?;
    let write = move || {
        let write = Write { app: &app, language, is_minimal };
        if is_list { write.many(outcomes, records.bad, &places) } else { write.one(outcomes, records.bad) }
    };
    if is_large { blocking(write).await } else { write() }
}

fn idempotency_key(headers: &HeaderMap, actor: &str) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    match value.to_str() {
        // Two callers that choose the same key mean two requests.
        Ok(key) if (1..=255).contains(&key.len()) => Ok(Some(format!("{actor} {key}"))),
        _ => Err(Problem::new(
            ProblemKind::Malformed,
            "the `Idempotency-Key` cannot be used",
            "send 1 to 255 visible ASCII characters",
        )),
    }
}

fn read_rows(app: &Shared, body: &Bytes, language: Language) -> Result<Vec<Row>, Problem> {
    let reading = Reading { vocabulary: app.service.vocabulary(), words: app.catalogue.words(language) };
    let mut rows = Vec::new();
    for batch in batches(MediaType::Json, body, reading).map_err(|fault| of_rows(&fault))? {
        rows.extend(batch.map_err(|fault| of_rows(&fault))?);
    }
    Ok(rows)
}

struct Sorted {
    good: Vec<gongdao_model::DecisionRecord>,
    bad: Vec<RefusedRow>,
}

/// Records and refusals apart, and for each row which of the two comes next.
fn sorted(rows: Vec<Row>) -> (Sorted, Vec<bool>) {
    let mut sorted = Sorted { good: Vec::with_capacity(rows.len()), bad: Vec::new() };
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        places.push(row.record.is_ok());
        match row.record {
            Ok(record) => sorted.good.push(record),
            Err(faults) => sorted.bad.push(RefusedRow::of_faults(row.number, &faults)),
        }
    }
    (sorted, places)
}

async fn ask(
    app: &Shared,
    records: Vec<gongdao_model::DecisionRecord>,
    key: Option<String>,
) -> Result<Vec<(String, RowResult)>, Problem> {
    let actions: Vec<String> = records.iter().map(|record| record.action.clone()).collect();
    let (sender, receiver) = tokio::sync::oneshot::channel();
    app.service.queue().check(records, key, Box::new(move |outcome| drop(sender.send(outcome))))?;
    let outcomes = receiver.await.map_err(|_| Problem::of(ProblemKind::Closed))??;
    for (action, outcome) in actions.iter().zip(&outcomes) {
        let effect =
            outcome.as_ref().ok().and_then(|taken| taken.checked.as_ref()).map(|checked| checked.effect.as_str());
        app.metrics.checked(action, effect.unwrap_or("refused"));
    }
    Ok(actions.into_iter().zip(outcomes).collect())
}

struct Write<'a> {
    app: &'a Shared,
    language: Language,
    is_minimal: bool,
}

impl Write<'_> {
    fn one(&self, mut outcomes: Vec<(String, RowResult)>, mut bad: Vec<RefusedRow>) -> Result<Response, Problem> {
        if let Some(bad) = bad.pop() {
            return Err(bad.into_problem());
        }
        let Some((_, outcome)) = outcomes.pop() else {
            return Err(Problem::internal("a check without an answer"));
        };
        let check = check(&outcome.map_err(of_row)?, self.is_minimal)?;
        let mut body = Vec::with_capacity(16 << 10);
        write_check(&check, check.answer.as_ref(), &mut body)?;
        Ok(json(body))
    }

    fn many(
        &self,
        outcomes: Vec<(String, RowResult)>,
        bad: Vec<RefusedRow>,
        places: &[bool],
    ) -> Result<Response, Problem> {
        let mut answers = BTreeMap::new();
        let (mut outcomes, mut bad) = (outcomes.into_iter(), bad.into_iter());
        let mut buffer = self.app.buffers.take(places.len() * 2048);
        let body = &mut buffer.bytes;
        body.extend_from_slice(b"{\"checks\":");
        for (row, is_good) in (1..).zip(places) {
            body.push(if row == 1 { b'[' } else { b',' });
            if !is_good {
                let refused = bad.next().ok_or_else(|| Problem::internal("a row without an answer"))?;
                write(&refused.told(&self.app.catalogue, self.language), body)?;
                continue;
            }
            let (_, outcome) = outcomes.next().ok_or_else(|| Problem::internal("a row without an answer"))?;
            match outcome {
                Ok(taken) => {
                    let mut check = check(&taken, self.is_minimal)?;
                    if let Some(answer) = check.answer.take() {
                        answers.entry(answer.digest().to_owned()).or_insert(answer);
                    }
                    write_check(&check, None, body)?;
                }
                Err(refusal) => {
                    let refused = RefusedRow::of_problem(row, of_row(refusal));
                    write(&refused.told(&self.app.catalogue, self.language), body)?;
                }
            }
        }
        body.extend_from_slice(if places.is_empty() { b"[],\"answers\":{" } else { b"],\"answers\":{" });
        for (number, (digest, answer)) in answers.iter().enumerate() {
            body.extend_from_slice(if number == 0 { b"\"".as_slice() } else { b",\"" });
            body.extend_from_slice(digest.as_bytes());
            body.extend_from_slice(b"\":");
            write_answer(answer, body)?;
        }
        body.extend_from_slice(b"}}");
        Ok(json(buffer.sent()))
    }
}

/// A check with all its members, as JSON.
fn write_check(check: &Check, answer: Option<&Told>, body: &mut Vec<u8>) -> Result<(), Problem> {
    write(check, body)?;
    // The end of the object.
    body.pop();
    body.extend_from_slice(b",\"seen\":");
    if !check.seen.write_json(body) {
        return Err(Problem::internal("facts that cannot be written"));
    }
    if let Some(answer) = answer {
        body.extend_from_slice(b",\"answer\":");
        write_answer(answer, body)?;
    }
    body.push(b'}');
    Ok(())
}

fn write_answer(answer: &Told, body: &mut Vec<u8>) -> Result<(), Problem> {
    if answer.write_json(body) { Ok(()) } else { Err(Problem::internal("an answer that cannot be written")) }
}

fn check(taken: &Taken, is_minimal: bool) -> Result<Check, Problem> {
    let checked: &Checked = taken.checked.as_ref().ok_or_else(|| {
        let detail = "a decision with this identifier was logged without a check";
        Problem::new(ProblemKind::Taken, detail, "give every decision an identifier of its own")
    })?;
    Ok(Check {
        decision: checked.decision.clone(),
        at: checked.at,
        state_at: checked.state_at,
        effect: checked.effect,
        enforced: checked.enforced,
        flagged: checked.flagged,
        settings: checked.settings,
        answer_digest: checked.answer.as_ref().map(|answer| answer.digest().to_owned()),
        answer: checked.answer.clone().filter(|_| !is_minimal),
        seen: checked.seen.clone(),
        contradictions: checked.contradictions.clone(),
        register: checked.register,
        trial: checked.trial.clone(),
        explanation: taken.place.explanation(),
        ledger: LedgerPosition::of(&taken.place),
        repeat: taken.is_repeat,
    })
}

fn write<T: Serialize>(value: &T, body: &mut Vec<u8>) -> Result<(), Problem> {
    serde_json::to_writer(body, value).map_err(|error| Problem::internal(error.to_string()))
}

fn json(body: impl Into<Body>) -> Response {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], body.into()).into_response()
}

//! Rules in use, their cases run now, and facts tried on them. Nothing is logged, and no state is joined.

use crate::auth::Authenticated;
use crate::extract::{Params, Segment, Whole, expect_json};
use crate::paging::{Page, Part};
use crate::problem::{Problem, ProblemKind};
use crate::routes::refusal::{RefusedRow, of_rows};
use crate::rule_tests::{CaseRun, named, run_cases};
use crate::work::blocking;
use crate::{Shared, language, schema};
use axum::extract::State;
use axum::http::HeaderMap;
use gongdao_rules::RuleVersion;
use gongdao_service::ingest::{MediaType, Reading, batches};
use gongdao_service::{Right, RuleSaid, Trying};
use serde::Serialize;
use std::collections::BTreeSet;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(rules)).routes(routes!(rule_tests)).routes(routes!(try_rules))
}

/// A rule version in use.
#[derive(Debug, Serialize)]
pub(crate) struct RuleLine {
    version: String,
    provision: String,
    zh: String,
    en: String,
    actions: BTreeSet<String>,
    facts: Vec<String>,
    from: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    until: Option<String>,
}

fn line(version: &RuleVersion) -> RuleLine {
    RuleLine {
        version: version.key.to_string(),
        provision: version.provision.to_string(),
        zh: version.zh.clone(),
        en: version.en.clone(),
        actions: version.actions.clone(),
        facts: version.facts.iter().map(ToString::to_string).collect(),
        from: version.key.from.to_string(),
        until: version.until.map(|until| until.to_string()),
    }
}

/// Rule versions in use
#[utoipa::path(get, path = "/v1/rules", operation_id = "rules", tag = "gate", params(Part),
    responses((status = 200, description = "A page of them, by their names", body = Page<schema::RuleLine>)))]
async fn rules(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Params(part): Params<Part>,
) -> Result<axum::Json<Page<RuleLine>>, Problem> {
    caller.may(Right::ReadAlarms)?;
    let limit = part.limit()?;
    let mut all: Vec<RuleLine> = app.service.gate().rules().versions.iter().map(line).collect();
    all.sort_by(|a, b| a.version.cmp(&b.version));
    let after = part.cursor.unwrap_or_default();
    let found = all.into_iter().filter(|one| one.version > after).take(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(axum::Json(Page::new(found.collect(), limit, |one| one.version.clone())))
}

/// The cases that stand beside a rule version in its pack, run now by the gate’s rules and by the official evaluator
#[utoipa::path(get, path = "/v1/rules/{version}/tests", operation_id = "rule_tests", tag = "gate",
    params(("version" = String, Path, description = "Its name, as `/v1/rules` writes it",
        example = "cn.iisarmp/17/1#stop-on-switch-off@2022-03-01")),
    responses((status = 200, description = "What came of each", body = Vec<schema::CaseRun>)))]
async fn rule_tests(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    Segment(version): Segment<String>,
) -> Result<axum::Json<Vec<CaseRun>>, Problem> {
    blocking(move || {
        caller.may(Right::ReadAlarms)?;
        Ok(axum::Json(run_cases(&app, &caller, named(&app, &version)?)?))
    })
    .await
}

/// What the rules in force would say of a record that is about nobody
///
/// By the rules as the gate has them, and by the official evaluator. Only the facts of the record count: no state of a person or
/// an algorithm is joined, nothing is logged, and it is no check.
#[utoipa::path(post, path = "/v1/rules:try", operation_id = "try_rules", tag = "gate",
    request_body(content = schema::DecisionRecord, content_type = "application/json"),
    responses((status = 200, description = "Each rule in force, by its version", body = Vec<schema::RuleSaid>)))]
async fn try_rules(
    Authenticated(caller): Authenticated,
    State(app): State<Shared>,
    headers: HeaderMap,
    Whole(body): Whole,
) -> Result<axum::Json<Vec<RuleSaid>>, Problem> {
    caller.may(Right::ReadAlarms)?;
    expect_json(&headers)?;
    let language = language::of(&headers);
    blocking(move || {
        let reading = Reading { vocabulary: app.service.vocabulary(), words: app.catalogue.words(language) };
        let one = || Problem::new(ProblemKind::Malformed, "this is not one record", "send one at a time");
        let mut rows = Vec::new();
        for batch in batches(MediaType::Json, &body, reading).map_err(|fault| of_rows(&fault))? {
            rows.extend(batch.map_err(|fault| of_rows(&fault))?);
        }
        let row = rows.pop().filter(|_| rows.is_empty()).ok_or_else(one)?;
        let record = row.record.map_err(|faults| RefusedRow::of_faults(row.number, &faults).into_problem())?;
        let tried = Trying { at: record.at, action: record.action, place: record.place, facts: record.facts };
        let said = app.service.try_rules(&caller, &[tried])?.pop().ok_or_else(|| Problem::internal("no answer"))?;
        Ok(axum::Json(said?))
    })
    .await
}

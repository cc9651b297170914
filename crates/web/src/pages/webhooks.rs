//! A webhook with what did not get there: sent again, given up, paused.

use super::MOST;
use crate::Shared;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Sent, Visitor, go};
use crate::work::blocking;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_service::WebhookChange;
use minijinja::{Value, context};

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/operate/webhooks/{webhook}", get(webhook))
        .route("/operate/webhooks/{webhook}/{act}", post(act))
}

async fn webhook(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let found = app.service.webhook(&caller, &id)?;
        let progress = app.service.webhook_progress(&caller, &id)?;
        let letters = app.service.dead_letters(&caller, &id, None, MOST)?;
        let letters = letters.iter().map(|letter| {
            context! {
                id => letter.id, seq => letter.seq, attempts => letter.attempts, error => letter.last_error,
                at => letter.at.map(|at| at.to_string()),
            }
        });
        let values = context! {
            letters => letters.collect::<Vec<_>>(),
            webhook => Value::from_serialize(&found.value),
            progress => Value::from_serialize(&progress),
            behind => app.service.store().last()?.saturating_sub(progress.after),
            version => found.version,
        };
        visitor.page(&app, "operate_webhook.html", StatusCode::OK, values)
    })
    .await
}

async fn act(
    State(app): State<Shared>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let letter = fields.text("letter");
        match act.as_str() {
            "again" => app.service.redeliver(&caller, &id, &letter)?,
            "drop" => app.service.drop_dead_letter(&caller, &id, &letter)?,
            "pause" | "go-on" => {
                let version = fields.text("version").parse().map_err(|_| Problem::of(ProblemKind::Changed))?;
                let change = WebhookChange { is_paused: Some(act == "pause"), ..WebhookChange::default() };
                app.service.change_webhook(&caller, &id, version, change)?;
            }
            _ => return Err(Problem::of(ProblemKind::NotFound)),
        }
        go(&format!("/operate/webhooks/{}", crate::oidc::encoded(&id)))
    })
    .await
}

//! What waits for a second person: who asked for what and why, and the word of whoever decides.

use super::operate::{action_name, setting};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_gate::GateSettings;
use gongdao_i18n::Language;
use gongdao_service::{Act, Approval, ApprovalState, Caller, Right, Role};
use minijinja::{Value, context};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Approvals that are looked at, and those that are shown of what is decided.
const LOOKED_AT: u32 = 1000;
const DECIDED: usize = 30;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/operate/approvals", get(approvals)).route("/operate/approvals/{approval}", post(decide))
}

/// How many wait for a second person.
pub(super) fn open_count(app: &App, caller: &Caller) -> Result<usize, Problem> {
    let all = app.service.approvals(caller, None, LOOKED_AT)?;
    Ok(all.iter().filter(|one| one.state == ApprovalState::Open).count())
}

#[derive(Debug, Default, Deserialize)]
struct Just {
    done: Option<String>,
}

async fn approvals(State(app): State<Shared>, visitor: Visitor, Query(just): Query<Just>) -> Result<Response, Problem> {
    visitor.caller()?;
    let done = ["asked", "decided"].into_iter().find(|known| just.done.as_deref() == Some(*known));
    blocking(move || approvals_page(&app, &visitor, StatusCode::OK, context! { done })).await
}

fn approvals_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let mut all = app.service.approvals(caller, None, LOOKED_AT)?;
    all.sort_by_key(|one| std::cmp::Reverse(one.asked_at));
    let (open, decided): (Vec<Approval>, Vec<Approval>) =
        all.into_iter().partition(|one| one.state == ApprovalState::Open);
    // Whoever may not see the settings sees no difference to them.
    let current = app.service.settings(caller).ok().map(|current| current.value.gate);
    let rows = |some: &[Approval], most: usize| {
        some.iter().take(most).map(|one| row(app, visitor.language, caller, one, current.as_ref())).collect::<Vec<_>>()
    };
    let values = context! { open => rows(&open, usize::MAX), decided => rows(&decided, DECIDED), ..more };
    visitor.page(app, "approvals.html", status, values)
}

fn row(app: &App, language: Language, caller: &Caller, one: &Approval, current: Option<&GateSettings>) -> Value {
    let (word, about) = match &one.act {
        Act::Settings { .. } => ("settings", None),
        Act::SuspendRule { version } => ("suspend-rule", Some(version.to_string())),
        Act::ResumeRule { version } => ("resume-rule", Some(version.to_string())),
        Act::OpenWebhook { webhook, .. } => ("open-webhook", Some(webhook.clone())),
        Act::OpenSystem { system, .. } => ("open-system", Some(system.clone())),
        Act::RefuseDeletion { person, article, .. } => ("refuse-deletion", Some(format!("{person} · {article}"))),
        Act::Unseal { person } => ("unseal", Some(person.clone())),
    };
    let changes = match (&one.act, current) {
        (Act::Settings { settings, .. }, Some(current)) if one.state == ApprovalState::Open => {
            differences(app, language, current, settings)
        }
        _ => Vec::new(),
    };
    let decides = [Role::Officer, Role::Reviewer, Role::Administrator];
    let may_decide = caller.actor != one.asked_by && decides.iter().any(|role| caller.roles.contains(role));
    context! {
        id => one.id,
        word,
        about,
        changes,
        reason => one.reason,
        asked_by => one.asked_by,
        asked_at => one.asked_at.to_string(),
        is_granted => one.state == ApprovalState::Granted,
        decided_by => one.decided_by,
        decided_at => one.decided_at.map(|at| at.to_string()),
        decision_reason => one.decision_reason,
        may_decide => may_decide && caller.may(Right::ReadApprovals).is_ok(),
        is_mine => caller.actor == one.asked_by,
    }
}

/// What settings change, action by action.
fn differences(app: &App, language: Language, old: &GateSettings, new: &GateSettings) -> Vec<Value> {
    let mut rows = Vec::new();
    if old.default != new.default {
        rows.push(context! {
            is_default => true,
            old => setting(app, language, "default", old.default),
            new => setting(app, language, "default", new.default),
        });
    }
    let named: BTreeSet<&String> = old.actions.keys().chain(new.actions.keys()).collect();
    for action in named.into_iter().filter(|action| old.of(action) != new.of(action)) {
        rows.push(context! {
            name => action_name(app, language, action),
            old => setting(app, language, action, old.of(action)),
            new => setting(app, language, action, new.of(action)),
        });
    }
    rows
}

async fn decide(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let grants = match fields.text("grants").as_str() {
            "yes" => Ok(true),
            "no" => Ok(false),
            _ => Err(Problem::new(ProblemKind::Input, "nothing was chosen", "choose to agree or to refuse")),
        };
        let decided =
            grants.and_then(|grants| Ok(app.service.decide_approval(&caller, &id, grants, &fields.text("reason"))?));
        match decided {
            Ok(_) => go("/operate/approvals?done=decided"),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                approvals_page(&app, &visitor, status, context! { wrong })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

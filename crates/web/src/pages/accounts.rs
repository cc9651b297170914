//! Accounts, roles, first passwords, keys of machines.

use super::MOST;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_model::LegalDate;
use gongdao_service::{Account, AccountChange, Caller, NewAccount, NewKey, Role};
use minijinja::{Value, context};
use serde::Deserialize;
use std::collections::BTreeSet;

/// Roles that an account can have, and those that a key can.
const OF_ACCOUNTS: [Role; 7] = [
    Role::Person,
    Role::Representative,
    Role::Officer,
    Role::Engineer,
    Role::Reviewer,
    Role::Regulator,
    Role::Administrator,
];
const OF_KEYS: [Role; 3] = [Role::Machine, Role::Engineer, Role::Regulator];

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/operate/accounts", get(accounts).post(create))
        .route("/operate/accounts/{account}", get(account).post(change))
        .route("/operate/accounts/{account}/first-password", post(first_password))
        .route("/operate/keys", get(keys).post(create_key))
        .route("/operate/keys/{key}/revoke", post(revoke))
}

#[derive(Debug, Default, Deserialize)]
struct Which {
    after: Option<String>,
}

async fn accounts(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || accounts_page(&app, &visitor, which.after.as_deref(), StatusCode::OK, context! {})).await
}

fn accounts_page(
    app: &App,
    visitor: &Visitor,
    after: Option<&str>,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let found = app.service.accounts(visitor.caller()?, after, MOST)?;
    let next = found.last().filter(|_| found.len() >= MOST as usize).map(|last| last.id.clone());
    let rows = found.iter().map(account_row).collect::<Vec<_>>();
    let values = context! { rows, next, roles => words(&OF_ACCOUNTS), ..more };
    visitor.page(app, "accounts.html", status, values)
}

fn words(roles: &[Role]) -> Vec<&'static str> {
    roles.iter().map(|role| role.as_str()).collect()
}

fn account_row(account: &Account) -> Value {
    context! {
        id => account.id,
        name => account.name,
        roles => account.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
        persons => account.persons,
        is_disabled => account.is_disabled,
        created_at => account.created_at.to_string(),
    }
}

fn chosen_roles(fields: &Fields) -> BTreeSet<Role> {
    fields.all("roles").iter().filter_map(|word| Role::of(word)).collect()
}

/// Pseudonyms, one a line.
fn persons(fields: &Fields) -> BTreeSet<String> {
    let text = fields.text("persons");
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

async fn create(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let new = NewAccount { name: fields.text("name"), roles: chosen_roles(&fields), persons: persons(&fields) };
        match app.service.create_account(&caller, new, None).map_err(Problem::from) {
            Ok(account) => hand_over(&app, &visitor, &caller, &account.id),
            Err(problem) if matches!(problem.kind, ProblemKind::Input | ProblemKind::Taken) => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                let more = context! {
                    wrong, name => fields.text("name"), persons => fields.text("persons"), chosen => fields.all("roles"),
                };
                accounts_page(&app, &visitor, None, status, more)
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

/// Gives a password and shows it this once.
fn hand_over(app: &App, visitor: &Visitor, caller: &Caller, id: &str) -> Result<Response, Problem> {
    let given = app.service.give_first_password(caller, id)?;
    let account = app.service.account(caller, id)?;
    let values = context! {
        name => account.value.name,
        secret => given.password.reveal(),
        until => given.until.to_string(),
        back => "/operate/accounts",
    };
    // The page has no address of its own: asked for again, it would give another password.
    visitor.clone().at("/operate/accounts").page(app, "secret.html", StatusCode::OK, values)
}

async fn first_password(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let visitor = sent.visitor;
    let caller = visitor.caller()?.clone();
    blocking(move || hand_over(&app, &visitor, &caller, &id)).await
}

async fn account(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || account_page(&app, &visitor, &id, StatusCode::OK, context! {})).await
}

fn account_page(app: &App, visitor: &Visitor, id: &str, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let found = app.service.account(caller, id)?;
    let values = context! {
        account => account_row(&found.value),
        version => found.version,
        roles => words(&OF_ACCOUNTS),
        is_own => caller.actor == format!("account:{id}"),
        ..more
    };
    visitor.page(app, "account_of.html", status, values)
}

async fn change(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let version = fields.text("version").parse().map_err(|_| Problem::of(ProblemKind::Changed))?;
        let change = AccountChange {
            roles: Some(chosen_roles(&fields)),
            persons: Some(persons(&fields)),
            is_disabled: Some(fields.one("disabled").is_some()),
        };
        match app.service.change_account(&caller, &id, version, change).map_err(Problem::from) {
            Ok(_) => go(&format!("/operate/accounts/{}", crate::oidc::encoded(&id))),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                account_page(&app, &visitor, &id, status, context! { wrong })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

async fn keys(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || keys_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn keys_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let mut keys = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let found = app.service.keys(visitor.caller()?, after.as_deref(), MOST)?;
        let Some(last) = found.last() else { break };
        after = Some(last.id.clone());
        keys.extend(found);
    }
    keys.sort_by_key(|key| (key.is_revoked, std::cmp::Reverse(key.created_at)));
    let row = |key: &gongdao_service::ApiKey| {
        context! {
            id => key.id,
            name => key.name,
            roles => key.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>(),
            created_by => key.created_by,
            created_at => key.created_at.to_string(),
            until => key.until.map(|until| until.to_string()),
            is_revoked => key.is_revoked,
            is_over => key.until.is_some_and(|until| until <= app.service.now()),
        }
    };
    let rows = keys.iter().map(row).collect::<Vec<_>>();
    visitor.page(app, "keys.html", status, context! { rows, roles => words(&OF_KEYS), ..more })
}

async fn create_key(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let made = last_day(&fields).and_then(|until| {
            let new = NewKey { name: fields.text("name"), roles: chosen_roles(&fields), until };
            Ok(app.service.create_key(&caller, new)?)
        });
        match made {
            Ok((key, secret)) => {
                let values = context! {
                    name => key.name, secret => secret.reveal(), until => key.until.map(|until| until.to_string()),
                    back => "/operate/keys", is_key => true,
                };
                visitor.clone().at("/operate/keys").page(&app, "secret.html", StatusCode::OK, values)
            }
            Err(problem) if problem.kind == ProblemKind::Input => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                keys_page(&app, &visitor, status, context! { wrong, name => fields.text("name") })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

/// The end of the last day that a form names; nothing where it names none.
fn last_day(fields: &Fields) -> Result<Option<gongdao_model::Instant>, Problem> {
    let Some(text) = fields.one("until") else { return Ok(None) };
    let unread = || Problem::new(ProblemKind::Input, format!("`{text}` is no day"), "write it like `2026-12-31`");
    let day: LegalDate = text.parse().map_err(|_| unread())?;
    let next = LegalDate::from_day_number(day.day_number() + 1).ok_or_else(unread)?;
    Ok(Some(next.starts_at()))
}

async fn revoke(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let caller = sent.visitor.caller()?.clone();
    blocking(move || {
        app.service.revoke_key(&caller, &id)?;
        go("/operate/keys")
    })
    .await
}

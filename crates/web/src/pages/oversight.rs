//! A regulator's first page: filings and what is late, the ledger's completeness, providers side by side, orders, and the
//! regulator's own look-ups.

use super::MOST;
use super::bars::bars;
use super::duties::{Row, filing_rows, shown};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_service::{Caller, ProviderFigures, Role};
use minijinja::{Value, context};
use serde::Deserialize;

/// Filings that are looked at.
const FILINGS: u32 = 1000;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/oversight", get(oversight))
        .route("/oversight/ledger/{act}", post(on_ledger))
        .route("/oversight/look-ups", get(look_ups))
        .route("/oversight/decisions", get(find))
}

/// Errors: the caller is no regulator.
fn regulator(visitor: &Visitor) -> Result<&Caller, Problem> {
    let caller = visitor.caller()?;
    if caller.roles.contains(&Role::Regulator) {
        return Ok(caller);
    }
    Err(Problem::new(ProblemKind::Forbidden, "you are no regulator", "ask someone whose role allows it"))
}

async fn oversight(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || oversight_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn oversight_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let (caller, language) = (regulator(visitor)?, visitor.language);
    let views = app.service.filing_records(false, None, FILINGS)?;
    let mut rows = Vec::new();
    for view in &views {
        rows.extend(filing_rows(app, language, view, true)?);
    }
    let (late, running): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| row.is_late);
    let filings = views.iter().map(|view| {
        let number = view.filing.filed.as_ref().map(|filed| filed.number.as_str());
        context! { name => view.name, provider => view.provider, is_filed => view.is_filed, number, remarks => view.remarks }
    });
    let filings = filings.collect::<Vec<_>>();
    let providers = app.service.provider_figures()?;
    let values = context! {
        late => shown(late),
        running => shown(running),
        filings,
        providers => providers.iter().map(provider_row).collect::<Vec<_>>(),
        chart => bars(&providers.iter().filter_map(contest_bar).collect::<Vec<_>>()),
        ledger => Value::from_serialize(app.service.ledger_state(caller)?),
        orders => super::orders::open_rows(app, caller, language)?,
        sandboxes => super::sandboxes::open_lines(app)?,
        ..more
    };
    visitor.page(app, "oversight.html", status, values)
}

fn provider_row(of: &ProviderFigures) -> Value {
    let figures = &of.figures;
    context! {
        provider => of.provider,
        algorithms => of.algorithms,
        filed => of.filed,
        late => of.late,
        decisions => figures.decisions,
        contested => figures.contested,
        rate => figures.contested.and_then(|contested| per_ten_thousand(contested, figures.decisions)),
        reviewed => figures.reviewed,
        changed => figures.changed,
        overturned => figures.changed.zip(figures.reviewed).and_then(|(changed, reviewed)| per_cent(changed, reviewed)),
    }
}

/// Contests in ten thousand decisions, with one decimal, cut off.
fn per_ten_thousand(part: u64, whole: u64) -> Option<String> {
    let tenths = part.checked_mul(100_000)?.checked_div(whole)?;
    Some(format!("{}.{}", tenths / 10, tenths % 10))
}

fn per_cent(part: u64, whole: u64) -> Option<String> {
    Some(format!("{}%", part.checked_mul(100)?.checked_div(whole)?))
}

fn contest_bar(of: &ProviderFigures) -> Option<(String, u64, String)> {
    let contested = of.figures.contested?;
    let told = per_ten_thousand(contested, of.figures.decisions)?;
    Some((of.provider.clone(), contested.checked_mul(100_000)?.checked_div(of.figures.decisions)?, told))
}

async fn on_ledger(State(app): State<Shared>, Path(act): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    blocking(move || {
        let caller = regulator(&visitor)?.clone();
        let found = match act.as_str() {
            "check" => {
                app.service.check_ledger(&caller).map(|check| context! { check => Value::from_serialize(&check) })
            }
            "compare" => app.service.compare_checkpoint(&caller, &fields.raw("checkpoint")).map(|(size, found)| {
                context! { compared => Value::from_serialize(found), compared_size => size }
            }),
            _ => return Err(Problem::of(ProblemKind::NotFound)),
        };
        let again = visitor.clone().at("/oversight");
        match found.map_err(Problem::from) {
            Ok(found) => oversight_page(&app, &again, StatusCode::OK, found),
            Err(problem) if matches!(problem.kind, ProblemKind::Input | ProblemKind::Busy) => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                oversight_page(&app, &again, status, context! { wrong })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

#[derive(Debug, Default, Deserialize)]
struct Before {
    before: Option<u64>,
}

/// One's own look-ups: for everyone who can look anything up.
async fn look_ups(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(part): Query<Before>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let page = app.service.own_look_ups(&caller, part.before, MOST)?;
        let rows = page.items.iter().map(|look| context! {
            at => look.at.to_string(), person => look.person, purpose => look.purpose, what => look.what, leaf => look.leaf,
        });
        let values = context! { rows => rows.collect::<Vec<_>>(), next => page.next, is_first => part.before.is_none() };
        visitor.page(&app, "own_look_ups.html", StatusCode::OK, values)
    })
    .await
}

/// Which decision, and why.
#[derive(Debug, Default, Deserialize)]
struct Wanted {
    #[serde(default)]
    decision: String,
    #[serde(default)]
    purpose: String,
}

/// From the form to the decision's own address.
async fn find(visitor: Visitor, Query(wanted): Query<Wanted>) -> Result<Response, Problem> {
    visitor.caller()?;
    let (decision, purpose) = (wanted.decision.trim(), wanted.purpose.trim());
    if decision.is_empty() {
        return go("/oversight");
    }
    let encoded = crate::oidc::encoded;
    go(&format!("/oversight/decisions/{}?purpose={}", encoded(decision), encoded(purpose)))
}

//! What the provider owes by when: filing, orders, requests; how each day was worked out; and the limits that it publishes.

use super::case::left;
use crate::problem::{Problem, ProblemKind};
use crate::value::day_text;
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_clock::Explanation;
use gongdao_desk::{Limit, Limits};
use gongdao_i18n::Language;
use gongdao_model::LegalDate;
use gongdao_register::ClockState;
use gongdao_service::{Caller, FilingView, QueueQuery, Right, Role};
use minijinja::{Value, context};

/// Filings and orders that are looked at, and requests that are named.
const LOOKED_AT: u32 = 500;
const REQUESTS: u32 = 10;
/// The limits in the order of a request's stages.
const LIMITS: [&str; 6] = ["identity", "answer", "agreement", "review", "input", "appeal"];
const UNITS: [&str; 6] = ["working days", "days", "hours", "months", "years", "calendar years"];

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/desk/duties", get(duties)).route("/desk/limits", post(publish))
}

async fn duties(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || duties_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn duties_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let (caller, language) = (visitor.caller()?, visitor.language);
    if !caller.roles.contains(&Role::Officer) {
        return Err(Problem::new(ProblemKind::Forbidden, "you are no officer", "ask someone whose role allows it"));
    }
    let mut filings = Vec::new();
    for view in app.service.filing_records(false, None, LOOKED_AT)? {
        filings.extend(filing_rows(app, language, &view, true)?);
    }
    let (late, open): (Vec<Row>, Vec<Row>) = filings.into_iter().partition(|row| row.is_late);
    let cases = app.service.case_queue(caller, &QueueQuery::default(), None, REQUESTS)?;
    let requests = cases.iter().map(|line| super::desk::row(app, language, line)).collect::<Result<Vec<_>, _>>()?;
    let limits = app.service.desk_limits()?;
    let values = context! {
        late => shown(late),
        open => shown(open),
        orders => super::orders::open_rows(app, caller, language)?,
        requests,
        limits => limit_rows(&limits.value),
        units => UNITS,
        version => limits.version,
        notice_days => app.service.register_settings()?.value.notice_days,
        can_answer => caller.may(Right::AnswerOrders).is_ok(),
        ..more
    };
    visitor.page(app, "duties.html", status, values)
}

/// A clock of a filing, with the day that it is sorted by.
pub(super) struct Row {
    pub(super) is_late: bool,
    due: Option<i32>,
    value: Value,
}

/// Rows by their days, those without one last.
pub(super) fn shown(mut rows: Vec<Row>) -> Vec<Value> {
    rows.sort_by_key(|row| (row.due.is_none(), row.due));
    rows.into_iter().map(|row| row.value).collect()
}

/// The clocks of a filing; only those that are not met, where asked for.
pub(super) fn filing_rows(
    app: &App,
    language: Language,
    view: &FilingView,
    only_open: bool,
) -> Result<Vec<Row>, Problem> {
    let clocks =
        view.clocks.iter().filter(|clock| !only_open || !matches!(clock.state, ClockState::Met | ClockState::MetLate));
    let row = |clock: &gongdao_register::FilingClock| {
        let is_late = clock.state == ClockState::Late;
        let due = clock.explanation.as_ref().and_then(|found| found.due);
        let day = due.map(|due| due.end.day());
        let value = context! {
            name => view.name,
            provider => view.provider,
            algorithm => view.algorithm,
            provision => clock.provision.to_string(),
            state => Value::from_serialize(clock.state),
            done_on => clock.done_on.map(|on| on.to_string()),
            is_late,
            reason => clock.reason,
            // The authority's answer is not the provider's to give.
            is_authority => clock.provision.as_str() == "cn.iisarmp/25",
            ..due_shown(app, language, day, is_late, clock.explanation.as_ref())?
        };
        Ok(Row { is_late, due: day.map(LegalDate::day_number), value })
    };
    clocks.map(row).collect()
}

/// A day, how far it is, and how it was computed.
pub(super) fn due_shown(
    app: &App,
    language: Language,
    day: Option<LegalDate>,
    is_late: bool,
    explanation: Option<&Explanation>,
) -> Result<Value, Problem> {
    let words = app.catalogue.words(language);
    let today = app.service.now().date_in_shanghai().day_number();
    let days = day.map(|day| i64::from(day.day_number()) - i64::from(today));
    let lines = explanation.map(|found| gongdao_clock::explanation_lines(found, words)).transpose();
    Ok(context! {
        due => day.map(|day| day_text(day, words)).transpose().map_err(Problem::internal)?,
        left => days.map(|days| left(days, is_late)),
        days => days.map(i64::abs),
        is_provisional => explanation.and_then(|found| found.due).is_some_and(|due| due.is_provisional),
        lines => lines.map_err(|error| Problem::internal(error.message))?,
    })
}

/// A published limit taken apart for its form.
fn limit_rows(limits: &Limits) -> Vec<Value> {
    let of = [&limits.identity, &limits.answer, &limits.agreement, &limits.review, &limits.input, &limits.appeal];
    let row = |(name, limit): (&str, &Option<Limit>)| {
        let text = limit.map(|limit| limit.0.to_string()).unwrap_or_default();
        let (number, unit) = text.split_once(' ').unwrap_or_default();
        // A single one is written without its plural.
        let unit = if unit.is_empty() || unit.ends_with('s') { unit.to_owned() } else { format!("{unit}s") };
        context! { name, number, unit, text }
    };
    LIMITS.into_iter().zip(of).map(row).collect()
}

/// What the form publishes; an empty number publishes none.
fn wanted(fields: &Fields) -> Result<Limits, Problem> {
    let of = |name: &str| {
        let Some(number) = fields.one(&format!("{name}-number")) else { return Ok(None) };
        let text = format!("{number} {}", fields.text(&format!("{name}-unit")));
        let unread = |_| {
            let shown: String = text.chars().take(40).collect();
            Problem::new(ProblemKind::Input, format!("`{shown}` is no period"), "give a whole number and a unit")
        };
        Limit::try_from(text.clone()).map(Some).map_err(unread)
    };
    Ok(Limits {
        identity: of("identity")?,
        answer: of("answer")?,
        agreement: of("agreement")?,
        review: of("review")?,
        input: of("input")?,
        appeal: of("appeal")?,
    })
}

async fn publish(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || match published(&app, &caller, &fields) {
        Ok(()) => go("/desk/duties"),
        Err(problem) if problem.kind.is_said_beside_form() => {
            let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
            duties_page(&app, &visitor, status, context! { wrong })
        }
        Err(problem) => Err(problem),
    })
    .await
}

fn published(app: &App, caller: &Caller, fields: &Fields) -> Result<(), Problem> {
    let version = fields.text("version").parse().map_err(|_| Problem::of(ProblemKind::Changed))?;
    app.service.change_desk_limits(caller, version, wanted(fields)?)?;
    Ok(())
}

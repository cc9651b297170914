//! Past decisions under the draft of a consultation, for whoever has a seat: counts and means in a table.

use super::shares::amount;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Words;
use gongdao_model::LegalDate;
use gongdao_register::ReplayLine;
use gongdao_service::{Replay, ReplayPeriod, ServiceError};
use minijinja::{Value, context};
use serde::Deserialize;

/// Days that are shown where nobody chose others: as many as a period may have.
const DAYS: i32 = 92;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/consultations/{consultation}/replay", get(replay))
}

/// Of which period, as a form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
struct Period {
    from: Option<String>,
    until: Option<String>,
}

async fn replay(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(period): Query<Period>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let found = app.service.replay(&caller, &id, chosen(&app, &period)?)?;
        let values = table(app.catalogue.words(visitor.language), &found)?;
        visitor.page(&app, "replay.html", StatusCode::OK, values)
    })
    .await
}

/// The period that was chosen; the last days up to and with today where none was.
fn chosen(app: &App, period: &Period) -> Result<ReplayPeriod, Problem> {
    let day = |text: &Option<String>| text.as_deref().filter(|text| !text.is_empty()).map(str::parse::<LegalDate>);
    let read = |day: Option<Result<LegalDate, gongdao_model::ModelError>>| {
        day.transpose().map_err(|error| Problem::from(ServiceError::from(error)))
    };
    let (from, until): (Option<LegalDate>, Option<LegalDate>) = (read(day(&period.from))?, read(day(&period.until))?);
    let after = |day: LegalDate, days: i32| day.day_number().checked_add(days).and_then(LegalDate::from_day_number);
    let tomorrow = after(app.service.now().date_in_shanghai(), 1);
    // The calendar ends somewhere, and there is no day after it.
    let until = until.or_else(|| from.and_then(|from| after(from, DAYS))).or(tomorrow);
    let from = from.or_else(|| until.and_then(|until| after(until, -DAYS)));
    let period = from.zip(until).map(|(from, until)| ReplayPeriod { from, until });
    period.ok_or_else(|| Problem::internal("the calendar ends here"))
}

fn table(words: Words<'_>, replay: &Replay) -> Result<Value, Problem> {
    let line = |line: &ReplayLine| {
        Ok::<_, Problem>(context! {
            decisions => line.decisions,
            better => line.better,
            worse => line.worse,
            same => line.same,
            old => amount(line.mean_old, &replay.unit, words)?,
            new => amount(line.mean_new, &replay.unit, words)?,
        })
    };
    Ok(context! {
        consultation => replay.consultation,
        version => replay.version,
        based_on => replay.based_on,
        from => replay.from.to_string(),
        until => replay.until.to_string(),
        result => words.language().choose(&replay.zh, &replay.en),
        total => replay.table.total.as_ref().map(line).transpose()?,
        tenths => replay.table.tenths.iter().map(line).collect::<Result<Vec<_>, _>>()?,
        cannot_tell => replay.cannot_tell,
        other_than_declared => replay.other_than_declared,
        is_cut => replay.is_cut,
        smallest => replay.smallest_count,
    })
}

//! A person's hours and pay by week, with a drawing and the same in a table. What nobody recorded is said to be missing.

use super::bars::bars;
use super::me::Whose;
use super::own_persons;
use crate::problem::{Problem, ProblemKind};
use crate::value::day_text;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_model::{Entity, FactPath, LegalDate};
use gongdao_service::{Purpose, Week, WeeksWanted};
use minijinja::{Value, context};
use serde::Deserialize;

/// Weeks in the drawing.
const DRAWN: usize = 12;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/me/hours", get(hours))
}

/// Which of one's pseudonyms, and before which week.
#[derive(Debug, Default, Deserialize)]
struct Which {
    person: Option<String>,
    before: Option<String>,
}

async fn hours(State(app): State<Shared>, visitor: Visitor, Query(which): Query<Which>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let persons = own_persons(&caller);
        let whose = Whose { person: which.person, after: None };
        let Some(person) = whose.person(&caller) else {
            return visitor.page(&app, "hours.html", StatusCode::OK, context! { persons });
        };
        let before = which.before.as_deref().map(week_before).transpose()?;
        let wanted = WeeksWanted { before, ..WeeksWanted::FEW };
        let found = app.service.hours_of(&caller, &person, &Purpose::default(), wanted)?;
        let language = visitor.language;
        let weeks = found.weeks.iter().map(|week| shown(&app, language, week)).collect::<Result<Vec<_>, _>>()?;
        let drawn = found.weeks.iter().take(DRAWN).filter_map(|week| bar(&app, language, week).transpose());
        let values = context! {
            persons,
            person,
            weeks,
            chart => bars(&drawn.collect::<Result<Vec<_>, _>>()?),
            is_newest => before.is_none(),
            first_day => found.from.map(|from| day(&app, language, from)).transpose()?,
            last_day => found.until.map(|until| day(&app, language, until)).transpose()?,
            read => found.read,
            unread => found.unread,
            is_cut => found.is_cut,
            older => found.older.map(|older| older.to_string()),
        };
        visitor.page(&app, "hours.html", StatusCode::OK, values)
    })
    .await
}

/// Errors: no day.
fn week_before(text: &str) -> Result<LegalDate, Problem> {
    text.parse().map_err(|_| {
        Problem::new(ProblemKind::Input, format!("`{text}` is no day"), "take the link, or write it like `2026-05-04`")
    })
}

fn day(app: &App, language: Language, day: LegalDate) -> Result<String, Problem> {
    day_text(day, app.catalogue.words(language)).map_err(Problem::internal)
}

fn shown(app: &App, language: Language, week: &Week) -> Result<Value, Problem> {
    let lacking = week.lacking.iter().map(|(name, count)| {
        let path = FactPath::new(Entity::Decision, name).ok();
        let declared = path.and_then(|path| app.service.vocabulary().facts.get(&path));
        let called = declared.map_or(name.as_str(), |declared| language.choose(&declared.zh, &declared.en));
        context! { name => called, count }
    });
    Ok(context! {
        from => day(app, language, week.from)?,
        payments => week.payments,
        worked => week.worked_minutes.map(time),
        waiting => week.waiting_minutes.map(time),
        pay => week.pay_fen,
        deducted => week.deducted_fen,
        per_hour => week.fen_per_hour,
        with_waiting => week.fen_per_hour_with_waiting,
        longest_day => week.longest_day_minutes.map(time),
        longest_stretch => week.longest_stretch_minutes.map(time),
        lacking => lacking.collect::<Vec<_>>(),
    })
}

/// Minutes as `7:05`.
fn time(minutes: i64) -> String {
    format!("{}:{:02}", minutes.div_euclid(60), minutes.rem_euclid(60))
}

/// The week's bar: with waiting where that is known, else without; none where neither is.
fn bar(app: &App, language: Language, week: &Week) -> Result<Option<(String, u64, String)>, Problem> {
    let Some(fen) = week.fen_per_hour_with_waiting.or(week.fen_per_hour) else { return Ok(None) };
    let words = app.catalogue.words(language);
    let told = crate::value::money_or_number(fen, Some("fen"), words).map_err(Problem::internal)?;
    Ok(Some((day(app, language, week.from)?, u64::try_from(fen).unwrap_or_default(), told)))
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn minutes_are_shown_as_hours_and_minutes() {
        assert_eq!([0, 59, 60, 425].map(time), ["0:00", "0:59", "1:00", "7:05"]);
    }
}

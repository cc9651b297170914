//! What requests and contests come to, for whoever represents people: counts alone, small ones left out.

use super::case::right_of;
use super::file::kind_of;
use super::register::figures;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_service::{AlgorithmQuery, DeskFigures, KindFigures};
use minijinja::{Value, context};

/// Algorithms on the page.
const ALGORITHMS: u32 = 50;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/members/patterns", get(patterns))
}

async fn patterns(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let found = app.service.desk_figures(&caller)?;
        let lines = app.service.algorithms(&AlgorithmQuery::default(), None, ALGORITHMS)?;
        let algorithms = lines.iter().map(|line| {
            let view = app.service.algorithm(&line.id)?;
            Ok(context! { id => line.id, name => line.name, figures => figures(&view.figures) })
        });
        let values = context! {
            smallest => found.smallest_count,
            kinds => kinds(&app, visitor.language, &found)?,
            refused => refused(&app, visitor.language, &found)?,
            algorithms => algorithms.collect::<Result<Vec<Value>, Problem>>()?,
        };
        visitor.page(&app, "patterns.html", StatusCode::OK, values)
    })
    .await
}

fn kind_name(app: &App, language: Language, word: &str) -> Result<String, Problem> {
    let right = right_of(app, kind_of(word)?)?;
    Ok(language.choose(&right.zh, &right.en).to_owned())
}

fn kinds(app: &App, language: Language, found: &DeskFigures) -> Result<Vec<Value>, Problem> {
    let row = |(word, of): (&String, &KindFigures)| {
        let share = of.changed.zip(of.reviewed).filter(|(_, reviewed)| *reviewed > 0);
        Ok(context! {
            name => kind_name(app, language, word)?,
            filed => of.filed,
            open => of.open,
            reviewed => of.reviewed,
            changed => of.changed,
            percent => share.map(|(changed, reviewed)| (changed * 100 + reviewed / 2) / reviewed),
            minutes => of.mean_review_seconds.map(|seconds| seconds.div_ceil(60)),
        })
    };
    found.kinds.iter().map(row).collect()
}

fn refused(app: &App, language: Language, found: &DeskFigures) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for (word, of) in &found.kinds {
        for (article, count) in &of.refused_on {
            rows.push(context! { name => kind_name(app, language, word)?, article, count });
        }
    }
    Ok(rows)
}

//! Figures about the field and its pilot zones, of others: each with its source, as a drawing and as a table.

use crate::Shared;
use crate::problem::Problem;
use crate::visitor::Visitor;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Language;
use minijinja::{Value, context};
use serde::Deserialize;

const FIGURES: &str = include_str!("../../data/indicators.toml");
/// Height of a row of the drawing, and the width of its longest bar; what is right of it belongs to the number.
const ROW: usize = 44;
const WIDTH: u64 = 200;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/indicators", get(indicators))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figures {
    group: Vec<Group>,
    zone: Vec<Zone>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    id: String,
    zh: String,
    en: String,
    note_zh: String,
    note_en: String,
    row: Vec<Row>,
}

/// One figure.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    zh: String,
    en: String,
    /// Short, for the drawing.
    label_zh: String,
    label_en: String,
    /// How long its bar is, in the group's own unit.
    size: u64,
    /// As people read it.
    shown_zh: String,
    shown_en: String,
    /// `measured`, or `planned`: a plan or a forecast.
    kind: String,
    source: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Zone {
    zh: String,
    en: String,
    text_zh: String,
    text_en: String,
    source: String,
    #[serde(default)]
    instrument: Option<String>,
}

async fn indicators(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    let figures: Figures = toml::from_str(FIGURES).map_err(|error| Problem::internal(error.to_string()))?;
    let language = visitor.language;
    let groups = figures.group.iter().map(|group| drawn(group, language)).collect::<Vec<_>>();
    let zones = figures.zone.iter().map(|zone| {
        let text = language.choose(&zone.text_zh, &zone.text_en);
        // A pack may be left out of a service; then there is no page to lead to.
        let instrument = zone.instrument.as_ref().filter(|id| app.shelf.cite(id, language) != **id);
        context! { zh => zone.zh, en => zone.en, text, source => zone.source, instrument }
    });
    visitor.page(&app, "indicators.html", StatusCode::OK, context! { groups, zones => zones.collect::<Vec<_>>() })
}

fn drawn(group: &Group, language: Language) -> Value {
    let most = group.row.iter().map(|row| row.size).max().unwrap_or(1).max(1);
    let rows = group.row.iter().enumerate().map(|(place, row)| {
        context! {
            zh => row.zh,
            en => row.en,
            label => language.choose(&row.label_zh, &row.label_en),
            shown => language.choose(&row.shown_zh, &row.shown_en),
            kind => row.kind,
            source => row.source,
            top => place * ROW,
            width => (row.size * WIDTH / most).max(2),
        }
    });
    context! {
        id => group.id,
        zh => group.zh,
        en => group.en,
        note => language.choose(&group.note_zh, &group.note_en),
        height => group.row.len() * ROW,
        rows => rows.collect::<Vec<_>>(),
    }
}

//! Single things of the register for everyone: a version and what it changes, a published filing, an enterprise.

use super::register::{checked, clocks, figures, named, version_line};
use crate::oidc::encoded;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_register::{Difference, Line, LineOp};
use gongdao_service::VersionView;
use minijinja::{Value, context};
use serde::Deserialize;

/// Lines of a text on one page: a phone loads it in a moment.
pub(super) const LINES: usize = 200;
/// Lines around a difference that stay to be seen.
const AROUND: usize = 2;
/// Rows of a difference on the page; the API has all of them.
const MOST_ROWS: usize = 800;
/// Filings of an enterprise on its page.
const FILINGS: usize = 100;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/register/versions/{version}", get(version))
        .route("/register/compare", get(compare))
        .route("/register/filings/{filing}", get(filing))
        .route("/enterprises/{enterprise}", get(enterprise))
}

/// Fields behind an address; those without a value are left out.
pub(super) fn query_of(fields: &[(&str, Option<&str>)]) -> String {
    let given = fields.iter().filter_map(|(name, value)| Some(format!("{name}={}", encoded((*value)?))));
    let given: Vec<String> = given.collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}

/// From which line on.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(super) struct FromLine {
    pub(super) line: Option<usize>,
}

/// Lines of a text, and where the next ones begin.
pub(super) struct Shown {
    pub(super) lines: Vec<(usize, String)>,
    pub(super) next: Option<usize>,
    pub(super) all: usize,
}

/// The lines of a text from one on.
pub(super) fn lines_of(text: &str, from: FromLine) -> Shown {
    let all = text.lines().count();
    let first = from.line.unwrap_or(1).clamp(1, all.max(1));
    let lines = (1..).zip(text.lines()).skip(first - 1).take(LINES).map(|(number, line)| (number, line.to_owned()));
    let next = Some(first + LINES).filter(|next| *next <= all);
    Shown { lines: lines.collect(), next, all }
}

async fn version(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(from): Query<FromLine>,
) -> Result<Response, Problem> {
    named(&id)?;
    blocking(move || {
        let view = app.service.version(&id)?;
        let values =
            context! { ..version_values(&app, visitor.language, &view)?, ..text_values(&view.version.text, from) };
        visitor.page(&app, "version.html", StatusCode::OK, values)
    })
    .await
}

fn text_values(text: &str, from: FromLine) -> Value {
    let shown = lines_of(text, from);
    let lines = shown.lines.iter().map(|(number, text)| context! { number, text }).collect::<Vec<_>>();
    context! { lines, next => shown.next, all => shown.all }
}

fn version_values(app: &App, language: Language, view: &VersionView) -> Result<Value, Problem> {
    let algorithm = app.service.algorithm(&view.version.algorithm)?;
    let missing = view.missing.iter().map(|one| {
        let provisions = one.provisions.iter().map(ToString::to_string).collect::<Vec<_>>();
        context! { text => language.choose(&one.zh, &one.en), provisions }
    });
    let others = algorithm.versions.iter().filter(|other| other.id != view.version.id);
    Ok(context! {
        version => Value::from_serialize(&view.version),
        name => algorithm.algorithm.description.name,
        provider => algorithm.algorithm.description.provider,
        standing => view.standing.as_str(),
        days_left => view.days_left,
        missing => missing.collect::<Vec<_>>(),
        checked => checked(app, &view.version.id, app.service.now())?,
        others => others.map(|other| other.id.clone()).collect::<Vec<_>>(),
        sandboxes => super::sandboxes::lines_over(app, &view.version.id)?,
    })
}

/// Which two versions.
#[derive(Debug, Clone, Default, Deserialize)]
struct Pair {
    #[serde(default)]
    old: String,
    #[serde(default)]
    new: String,
}

async fn compare(State(app): State<Shared>, visitor: Visitor, Query(pair): Query<Pair>) -> Result<Response, Problem> {
    named(&pair.old)?;
    named(&pair.new)?;
    blocking(move || {
        let (old, new) = (app.service.version(&pair.old)?, app.service.version(&pair.new)?);
        let algorithm = app.service.algorithm(&new.version.algorithm)?;
        let difference = app.service.version_difference(&pair.old, &pair.new)?;
        let count = |op: LineOp| difference.lines.iter().filter(|line| line.op == op).count();
        let is_of_one = old.version.algorithm == new.version.algorithm;
        let rows = rows(&difference);
        let names = algorithm.versions.iter().map(|version| version.id.clone()).collect::<Vec<_>>();
        let values = context! {
            old => old.version.id,
            new => new.version.id,
            note => new.version.note,
            algorithm => context! { id => algorithm.algorithm.id, name => algorithm.algorithm.description.name },
            versions => if is_of_one { names } else { Vec::new() },
            removed => count(LineOp::Removed),
            added => count(LineOp::Added),
            is_cut => rows.len() > MOST_ROWS,
            rows => rows.into_iter().take(MOST_ROWS).collect::<Vec<_>>(),
            factors => Value::from_serialize(&difference.factors),
        };
        visitor.page(&app, "compare.html", StatusCode::OK, values)
    })
    .await
}

/// What is different with a few lines around; runs of lines that are the same are counted.
fn rows(difference: &Difference) -> Vec<Value> {
    let lines = &difference.lines;
    let is_near = |at: usize| {
        let from = at.saturating_sub(AROUND);
        lines.iter().skip(from).take(at - from + AROUND + 1).any(|line| line.op != LineOp::Same)
    };
    let (mut rows, mut left_out) = (Vec::new(), 0_usize);
    for (at, line) in lines.iter().enumerate() {
        if is_near(at) {
            if left_out > 0 {
                rows.push(context! { left_out });
                left_out = 0;
            }
            rows.push(row(line));
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        rows.push(context! { left_out });
    }
    rows
}

fn row(line: &Line) -> Value {
    context! { op => Value::from_serialize(line.op), old => line.old, new => line.new, text => line.text }
}

async fn filing(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    named(&id)?;
    blocking(move || {
        let filing = app.service.published_filing(&id)?;
        let is_link = filing.source.starts_with("https://") || filing.source.starts_with("http://");
        let values = context! { filing => Value::from_serialize(&filing), is_link };
        visitor.page(&app, "filing_of_record.html", StatusCode::OK, values)
    })
    .await
}

async fn enterprise(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(name): Path<String>,
) -> Result<Response, Problem> {
    named(&name)?;
    blocking(move || {
        let view = app.service.enterprise(&name)?;
        let words = app.catalogue.words(visitor.language);
        let now = app.service.now();
        let filings = view.filings.iter().map(|filing| {
            Ok(context! {
                algorithm => filing.algorithm,
                name => filing.name,
                number => filing.filing.filed.as_ref().map(|filed| filed.number.clone()),
                is_filed => filing.is_filed,
                is_late => filing.is_late,
                revoked => filing.filing.revoked,
                refused => filing.filing.submissions.iter().filter(|one| one.accepted == Some(false)).count(),
                clocks => clocks(words, &filing.clocks)?,
            })
        });
        let values = context! {
            name => view.name,
            late => view.filings.iter().filter(|filing| filing.is_late).count(),
            filings => filings.collect::<Result<Vec<_>, Problem>>()?,
            versions => view.versions.iter().rev().map(|version| version_line(version, now)).collect::<Vec<_>>(),
            held => view.held,
            talks => Value::from_serialize(view.consultations),
            figures => figures(&view.figures),
            published_count => view.published.len(),
            published => Value::from_serialize(view.published.iter().take(FILINGS).collect::<Vec<_>>()),
        };
        visitor.page(&app, "enterprise.html", StatusCode::OK, values)
    })
    .await
}

//! The statute book for everyone: searched, listed, and each provision in our own words with readings, rules and duties.

use super::case::right_of;
use super::file::kind_of;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_law::{ArticleText, Filter, Found, Listed, Reference, Sheet};
use gongdao_model::LegalDate;
use gongdao_service::{CitationFigures, DeskFigures};
use minijinja::{Value, context};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Answers to one question.
const ANSWERS: usize = 12;
/// Characters of a question.
const QUESTION: usize = 200;
/// Own decisions that cited an article.
const OWN: u32 = 10;
/// Outcomes in the order in which they are told.
const OUTCOMES: [&str; 6] = ["violated", "not-established", "disputed", "undetermined", "satisfied", "established"];

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/law", get(law))
        .route("/law/timeline", get(timeline))
        .route("/law/timeline.svg", get(drawing))
        .route("/law/{*reference}", get(provision))
}

#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    q: Option<String>,
}

fn today(app: &App) -> LegalDate {
    app.service.now().date_in_shanghai()
}

async fn law(State(app): State<Shared>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let question: String = asked.q.unwrap_or_default().trim().chars().take(QUESTION).collect();
    blocking(move || {
        let language = visitor.language;
        let found = if question.is_empty() { None } else { Some(answers(&app, language, &question)?) };
        let listed = app.shelf.book().list(&Filter::default());
        let line = |one: &Listed| {
            context! {
                id => one.id,
                title => language.choose(&one.title_zh, &one.title_en),
                effective => one.effective.to_string(),
                binding => one.binding,
                status => standing(one.status),
                provisions => one.provisions,
            }
        };
        let list = listed.iter().rev().map(line).collect::<Vec<_>>();
        visitor.page(&app, "law.html", StatusCode::OK, context! { question, found, list })
    })
    .await
}

/// The best answers; none where the question has no word to look for.
fn answers(app: &App, language: Language, question: &str) -> Result<Vec<Value>, Problem> {
    let found = match app.shelf.search(question, ANSWERS, today(app)) {
        Ok(found) => found,
        Err(problem) if problem.kind == ProblemKind::Input => Vec::new(),
        Err(problem) => return Err(problem),
    };
    let line = |one: &Found| {
        context! {
            id => one.id,
            cite => language.choose(&one.cite_zh, &one.cite_en),
            text => language.choose(&one.zh, &one.en),
            is_law => one.is_law,
        }
    };
    Ok(found.iter().map(line).collect())
}

fn standing(status: gongdao_model::Standing) -> &'static str {
    match status {
        gongdao_model::Standing::Verified => "verified",
        gongdao_model::Standing::Unverified => "unverified",
        gongdao_model::Standing::Draft => "draft",
    }
}

async fn provision(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(reference): Path<String>,
) -> Result<Response, Problem> {
    blocking(move || {
        let asked: Reference = reference.parse().map_err(|_| Problem::of(ProblemKind::NotFound))?;
        let language = visitor.language;
        let book = app.shelf.book();
        let sheets = book
            .show(&asked, today(&app))
            .map_err(|error| Problem::new(ProblemKind::NotFound, error.message, error.hint.unwrap_or_default()))?;
        let cited = book.cite(&asked).ok().and_then(|cited| cited.into_iter().next());
        let title = cited.map_or(reference, |(_, zh, en)| language.choose(&zh, &en).to_owned());
        let is_one = sheets.len() == 1;
        let figures = app.service.public_desk_figures()?;
        let sheets = sheets.iter().map(|sheet| {
            if !is_one {
                return Ok(shown(language, sheet));
            }
            let requests = requests(&app, language, sheet.id, &figures)?;
            Ok(context! { requests, cited => citations(&app, &visitor, sheet)?, ..shown(language, sheet) })
        });
        let sheets = sheets.collect::<Result<Vec<Value>, Problem>>()?;
        visitor.page(&app, "provision.html", StatusCode::OK, context! { title, sheets, is_one })
    })
    .await
}

/// Decisions that cited a provision: how they came out by month, contests, by rule; and those about whoever looks.
fn citations(app: &App, visitor: &Visitor, sheet: &Sheet<'_>) -> Result<Value, Problem> {
    let of = |figures: &CitationFigures| {
        let words: Vec<&str> = OUTCOMES.into_iter().filter(|word| figures.outcomes.contains_key(*word)).collect();
        let months = figures.months.iter().map(|month| {
            let counts: Vec<Option<u64>> = words.iter().map(|word| month.outcomes.get(*word).copied()).collect();
            context! { month => month.month, counts }
        });
        let months = months.collect::<Vec<_>>();
        context! {
            is_any => !figures.months.is_empty(),
            totals => words.iter().map(|word| figures.outcomes.get(*word)).collect::<Vec<_>>(),
            words,
            months,
            is_partial => figures.is_partial,
            contests => figures.contests,
            reviewed => figures.reviewed.map(|(reviewed, _)| reviewed),
            changed => figures.reviewed.map(|(_, changed)| changed),
            smallest => figures.smallest_count,
        }
    };
    let mut names: Vec<&str> = sheet.rules.iter().map(|rule| rule.rule).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() == 1 {
        // A provision with one rule says the same as the rule.
        names.clear();
    }
    let figures = app.service.citations(&[&[sheet.id], names.as_slice()].concat())?;
    let (whole, by_rule) = figures.split_first().ok_or_else(|| Problem::internal("a provision without figures"))?;
    let rules = names.iter().zip(by_rule).map(|(name, figures)| {
        let asks = sheet.rules.iter().find(|rule| rule.rule == *name);
        let asks = asks.map(|rule| visitor.language.choose(rule.zh, rule.en));
        context! { asks, ..of(figures) }
    });
    let rules = rules.collect::<Vec<_>>();
    let own = match visitor.caller() {
        Ok(caller) if !caller.persons.is_empty() => app.service.own_citations(caller, sheet.id, OWN)?,
        _ => Vec::new(),
    };
    let own = own.iter().map(|(line, outcome)| {
        let known = app.service.vocabulary().actions.get(&line.action);
        let action = known.map_or(line.action.as_str(), |known| visitor.language.choose(&known.zh, &known.en));
        context! { id => line.id, at => line.at.to_string(), action, outcome }
    });
    Ok(context! { rules, own => own.collect::<Vec<_>>(), ..of(whole) })
}

/// Requests that rest on a provision, or were refused on it: how many, and in how many a person changed something. Small counts
/// are left out.
fn requests(app: &App, language: Language, id: &str, figures: &DeskFigures) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for (word, of) in &figures.kinds {
        let right = right_of(app, kind_of(word)?)?;
        let refused = of.refused_on.get(id).copied();
        if right.rests_on.iter().any(|one| one.as_str() == id) || refused.is_some() {
            rows.push(context! {
                name => language.choose(&right.zh, &right.en),
                filed => of.filed,
                reviewed => of.reviewed,
                changed => of.changed,
                refused,
                smallest => figures.smallest_count,
            });
        }
    }
    Ok(rows)
}

fn shown(language: Language, sheet: &Sheet<'_>) -> Value {
    let (official, differs) = match &sheet.article {
        ArticleText::Matches { lines } | ArticleText::NoDigest { lines } => (Some(lines.join("\n")), false),
        ArticleText::Differs { lines, .. } => (Some(lines.join("\n")), true),
        ArticleText::NoArticle | ArticleText::NotImported | ArticleText::NoText => (None, false),
    };
    context! {
        official,
        official_differs => differs,
        id => sheet.id,
        cite => language.choose(&sheet.cite_zh, &sheet.cite_en),
        instrument => sheet.id.split('/').next(),
        instrument_title => language.choose(sheet.title_zh, sheet.title_en),
        text => language.choose(sheet.zh, sheet.en),
        kind => sheet.kind,
        force => Value::from_serialize(sheet.force),
        binding => sheet.binding,
        status => standing(sheet.status),
        ambiguity => sheet.ambiguity_zh.zip(sheet.ambiguity_en).map(|(zh, en)| language.choose(zh, en)),
        readings => Value::from_serialize(&sheet.readings),
        rules => Value::from_serialize(&sheet.rules),
        duties => Value::from_serialize(&sheet.duties),
        no_rule => sheet.no_rule.as_ref().map(Value::from_serialize),
    }
}

async fn timeline(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    blocking(move || {
        let book = app.shelf.book();
        let events = gongdao_law::timeline(book, None, None);
        let events = events.map_err(|error| Problem::internal(error.message))?;
        // The newest year first, its days in their order.
        let mut years: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for event in &events {
            let date = event.date.to_string();
            let year = date.get(..4).unwrap_or_default().to_owned();
            let instrument = event.instrument.as_str();
            let line = context! {
                date,
                instrument,
                title => app.shelf.cite(instrument, visitor.language),
                kind => Value::from_serialize(event.kind),
                detail => visitor.language.choose(&event.detail_zh, &event.detail_en),
            };
            years.entry(year).or_default().push(line);
        }
        let years = years.into_iter().rev().map(|(year, events)| context! { year, events });
        visitor.page(&app, "timeline.html", StatusCode::OK, context! { years => years.collect::<Vec<_>>() })
    })
    .await
}

/// The timeline as a drawing. Its own style stands in it, and it is shown as a picture.
async fn drawing(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    blocking(move || {
        let book = app.shelf.book();
        let internal = |error: gongdao_law::LawError| Problem::internal(error.message);
        let events = gongdao_law::timeline(book, None, None).map_err(internal)?;
        let text = gongdao_law::svg(book, &events, app.catalogue.words(visitor.language)).map_err(internal)?;
        let headers = [
            (CONTENT_TYPE, "image/svg+xml"),
            (CACHE_CONTROL, "no-cache"),
            (VARY, "accept-language, cookie"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
        ];
        Ok((headers.map(|(name, value)| (name, HeaderValue::from_static(value))), text).into_response())
    })
    .await
}

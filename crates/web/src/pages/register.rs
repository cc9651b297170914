//! The register for everyone: searched and filtered, with the lists that the authority published; one algorithm; what changed.

use super::record_of::query_of;
use crate::problem::{Problem, ProblemKind};
use crate::routes::register::{searchable, title_of};
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_clock::explanation_lines;
use gongdao_i18n::{Language, Words};
use gongdao_model::Instant;
use gongdao_register::{Class, FilingClock, Standing, digest_of_version};
use gongdao_service::{AlgorithmQuery, AlgorithmView, Figures, PublishedQuery, VersionLine};
use minijinja::{Value, context};
use serde::Deserialize;

/// Things of each list on one page.
const LINES: u32 = 20;
/// Changes on the page of changes; the feed has more.
const CHANGES: usize = 100;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/register", get(register))
        .route("/register/changes", get(changes))
        .route("/register/{algorithm}", get(algorithm))
}

/// What is looked for, and after which line of each list.
#[derive(Debug, Clone, Default, Deserialize)]
struct Asked {
    q: Option<String>,
    class: Option<String>,
    province: Option<String>,
    labour: Option<String>,
    after: Option<String>,
    more: Option<String>,
}

impl Asked {
    /// Without empty fields: a form sends them.
    fn filled(self) -> Result<Self, Problem> {
        let filled = |text: Option<String>| searchable(text.filter(|text| !text.trim().is_empty()));
        Ok(Self {
            q: filled(self.q)?,
            class: filled(self.class)?,
            province: filled(self.province)?,
            labour: filled(self.labour)?,
            after: filled(self.after)?,
            more: filled(self.more)?,
        })
    }

    fn class(&self) -> Option<Class> {
        Class::ALL.into_iter().find(|class| Some(class.as_str()) == self.class.as_deref())
    }

    fn published(&self) -> PublishedQuery {
        let kind = self.class().and_then(Class::zh).map(str::to_owned);
        PublishedQuery { query: self.q.clone(), province: self.province.clone(), kind }
    }

    /// The address of a page of the same search, with other places in the lists.
    fn at(&self, after: Option<&str>, more: Option<&str>) -> String {
        let fields = [
            ("q", self.q.as_deref()),
            ("class", self.class.as_deref()),
            ("province", self.province.as_deref()),
            ("labour", self.labour.as_deref()),
            ("after", after),
            ("more", more),
        ];
        format!("/register{}", query_of(&fields))
    }
}

async fn register(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let asked = asked.filled()?;
    blocking(move || {
        let query = AlgorithmQuery {
            class: asked.class(),
            affects_labour: asked.labour.is_some().then_some(true),
            query: asked.q.clone(),
        };
        let cards = app.service.algorithm_cards(&query, asked.after.as_deref(), LINES)?;
        let next = cards.last().filter(|_| cards.len() >= LINES as usize);
        let next = next.map(|card| asked.at(Some(&card.line.id), asked.more.as_deref()));
        // The lists know neither workers nor classes that the law does not name.
        let has_lists = asked.labour.is_none() && asked.class() != Some(Class::Other);
        let query = asked.published();
        let (filings, count) = if has_lists {
            let filings = app.service.published(&query, asked.more.as_deref(), LINES)?;
            (filings, app.service.count_published(&query)?)
        } else {
            (Vec::new(), 0)
        };
        let more = filings.last().filter(|_| filings.len() >= LINES as usize);
        let more = more.map(|filing| asked.at(asked.after.as_deref(), Some(&filing.id)));
        let first = asked.at(None, None);
        let values = context! {
            q => asked.q,
            class => asked.class,
            province => asked.province,
            labour => asked.labour.is_some(),
            is_first => asked.after.is_none() && asked.more.is_none(),
            first,
            classes => Class::ALL.map(Class::as_str),
            provinces => app.service.published_words()?.provinces,
            cards => Value::from_serialize(&cards),
            next,
            has_lists,
            filings => Value::from_serialize(&filings),
            count,
            more,
        };
        visitor.page(&app, "register.html", StatusCode::OK, values)
    })
    .await
}

async fn changes(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    blocking(move || {
        let words = app.catalogue.words(visitor.language);
        let found = app.service.register_changes()?;
        let line = |change: &gongdao_register::export::Change| {
            let rooted = [("/v1/algorithms/", "/register/"), ("/v1/versions/", "/register/versions/")];
            let rooted = rooted.into_iter().chain([("/v1/consultations/", "/consultations/")]);
            let mut pages = rooted.filter_map(|(api, page)| Some(format!("{page}{}", change.path.strip_prefix(api)?)));
            context! { title => title_of(change, words), at => change.at.to_string(), path => pages.next() }
        };
        let changes = found.iter().take(CHANGES).map(line).collect::<Vec<_>>();
        visitor.page(&app, "changes.html", StatusCode::OK, context! { changes })
    })
    .await
}

async fn algorithm(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    blocking(move || {
        let view = app.service.algorithm(&id)?;
        let values = card(&app, visitor.language, &view)?;
        visitor.page(&app, "algorithm.html", StatusCode::OK, values)
    })
    .await
}

fn card(app: &App, language: Language, view: &AlgorithmView) -> Result<Value, Problem> {
    let now = app.service.now();
    let in_force = view.versions.iter().rev().find(|version| version.standing == Standing::InForce);
    let checked = in_force.map(|version| checked(app, &version.id, now)).transpose()?;
    let next = view.versions.iter().filter_map(|version| Some((days_until(version, now)?, version)));
    let next = next.min_by_key(|(days, _)| *days);
    let versions: Vec<Value> = view.versions.iter().rev().map(|version| version_line(version, now)).collect();
    Ok(context! {
        algorithm => Value::from_serialize(&view.algorithm),
        places => view.algorithm.description.places.iter().map(ToString::to_string).collect::<Vec<_>>(),
        is_filed => view.algorithm.filing.is_filed(),
        clocks => clocks(app.catalogue.words(language), &view.clocks)?,
        remarks => view.remarks,
        figures => figures(&view.figures),
        in_force => in_force.map(|version| version_line(version, now)),
        checked,
        next => next.map(|(days, version)| context! { days, ..version_line(version, now) }),
        consultation => view.versions.iter().rev().find_map(|version| version.consultation.clone()),
        pair => pair(&view.versions),
        versions,
        formats => ["cac-notice", "cac-list", "atrs", "atrs-csv", "dutch", "schema-org"],
    })
}

/// The two versions that people compare first: the newest, and the one before.
fn pair(versions: &[VersionLine]) -> Option<Value> {
    let [.., old, new] = versions else { return None };
    Some(context! { old => old.id, new => new.id })
}

/// Whether what the register shows is what its digest was made of, worked out now.
pub(super) fn checked(app: &App, id: &str, now: Instant) -> Result<Value, Problem> {
    let version = app.service.version(id)?.version;
    let holds = digest_of_version(&version.text, &version.factors, version.rule.as_deref()) == version.digest;
    Ok(context! { holds, at => now.to_string() })
}

/// A version in a list.
pub(super) fn version_line(version: &VersionLine, now: Instant) -> Value {
    context! {
        id => version.id,
        standing => version.standing.as_str(),
        digest => version.digest,
        declared_at => version.declared_at.to_string(),
        from => version.from,
        days_left => days_until(version, now),
        consultation => version.consultation,
    }
}

/// Days until a published version takes effect; none where it does already, or not at all.
fn days_until(version: &VersionLine, now: Instant) -> Option<i32> {
    let from: gongdao_model::LegalDate = version.from.as_deref()?.parse().ok()?;
    let left = from.day_number().checked_sub(now.date_in_shanghai().day_number())?;
    (left > 0 && version.standing == Standing::Published).then_some(left)
}

/// What a template shows of counts. A share only where both of its sides are told.
pub(super) fn figures(figures: &Figures) -> Value {
    let share = figures.changed.zip(figures.reviewed).filter(|(_, reviewed)| *reviewed > 0);
    context! {
        decisions => figures.decisions,
        contested => figures.contested,
        reviewed => figures.reviewed,
        changed => figures.changed,
        percent => share.map(|(changed, reviewed)| (changed * 100 + reviewed / 2) / reviewed),
        smallest => figures.smallest_count,
    }
}

/// Clocks of a filing: what, until when, how it stands, how it was worked out.
pub(super) fn clocks(words: Words<'_>, all: &[FilingClock]) -> Result<Vec<Value>, Problem> {
    let shown = |clock: &FilingClock| {
        let explanation = clock.explanation.as_ref();
        let lines = explanation.map(|found| explanation_lines(found, words)).transpose();
        Ok(context! {
            provision => clock.provision.to_string(),
            since => clock.since.to_string(),
            until => explanation.and_then(|found| found.due.as_ref()).map(|due| due.end.day().to_string()),
            done_on => clock.done_on.map(|day| day.to_string()),
            state => Value::from_serialize(clock.state),
            lines => lines.map_err(|error| Problem::internal(error.message))?,
        })
    };
    all.iter().map(shown).collect()
}

/// Errors: a name that no address of ours has.
pub(super) fn named(text: &str) -> Result<(), Problem> {
    let is_name = !text.is_empty() && text.chars().count() <= 400 && !text.chars().any(char::is_control);
    is_name.then_some(()).ok_or_else(|| Problem::of(ProblemKind::NotFound))
}

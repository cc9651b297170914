//! Rules tried by engineers: the cases of the packs run now, and facts put in by hand. What is tried is about nobody, stands in no
//! ledger and joins no state; its address can be handed on.

use super::decision::fact_name;
use super::operate::action_name;
use crate::problem::{Problem, ProblemKind};
use crate::rule_tests::{before, named, run_cases};
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_model::{FactPath, FactType, FactValue, Facts, Instant, LegalDate, PlaceCode};
use gongdao_rules::RuleVersion;
use gongdao_service::{Caller, Right, RuleSaid, Trying};
use minijinja::{Value, context};
use std::collections::{BTreeMap, BTreeSet};

/// What a fact's field is called: its path behind this.
const FIELD: &str = "fact.";
/// Characters of a value.
const MOST_CHARS: usize = 1000;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/operate/tests", get(rules)).route("/operate/tests/rule", get(rule))
}

type Asked = BTreeMap<String, String>;

/// Errors: somebody who does not see what the gate finds.
fn engineer(visitor: &Visitor) -> Result<Caller, Problem> {
    let caller = visitor.caller()?;
    caller.may(Right::ReadAlarms)?;
    Ok(caller.clone())
}

async fn rules(State(app): State<Shared>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    engineer(&visitor)?;
    blocking(move || {
        let (language, today) = (visitor.language, app.service.now().date_in_shanghai());
        let chosen = asked.get("instrument").filter(|chosen| !chosen.is_empty());
        let versions = &app.service.gate().rules().versions;
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for version in versions {
            *counts.entry(version.provision.instrument().to_string()).or_default() += 1;
        }
        let of_chosen = |version: &&RuleVersion| chosen.is_some_and(|id| version.provision.instrument().as_str() == id);
        let rows = versions.iter().filter(of_chosen).map(|version| shown(language, version, today));
        let instruments = counts.iter().map(|(id, count)| {
            context! { id, title => app.shelf.cite(id, language), count, is_chosen => chosen == Some(id) }
        });
        let values = context! {
            rows => rows.collect::<Vec<_>>(),
            chosen,
            instruments => instruments.collect::<Vec<_>>(),
            example => versions.iter().find(|version| version.holds_on(today)).map(|version| shown(language, version, today)),
            all => versions.len(),
        };
        visitor.page(&app, "rule_tests.html", StatusCode::OK, values)
    })
    .await
}

fn shown(language: Language, version: &RuleVersion, today: LegalDate) -> Value {
    context! {
        version => version.key.to_string(),
        asks => language.choose(&version.zh, &version.en),
        provision => version.provision.to_string(),
        from => version.key.from.to_string(),
        last => version.until.map(|until| until.previous().to_string()),
        is_in_force => version.holds_on(today),
    }
}

async fn rule(State(app): State<Shared>, visitor: Visitor, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let caller = engineer(&visitor)?;
    blocking(move || {
        let language = visitor.language;
        let name = asked.get("version").map(String::as_str).unwrap_or_default();
        let version = named(&app, name)?;
        let today = app.service.now().date_in_shanghai();
        let cases = run_cases(&app, &caller, version)?;
        let differ = cases.iter().filter(|case| !case.holds).count();
        let fields = version.facts.iter().map(|fact| field(&app, language, fact, &asked)).collect::<Vec<_>>();
        let tried = asked.contains_key("on").then(|| tried(&app, &caller, version, &asked));
        let (status, result, wrong) = match tried {
            None => (StatusCode::OK, None, None),
            Some(Ok(said)) => (StatusCode::OK, Some(result(&app, language, version, &said)), None),
            Some(Err(problem)) if problem.kind == ProblemKind::Input => {
                (problem.kind.status(), None, Some(visitor.wrong(&app, &problem)))
            }
            Some(Err(problem)) => return Err(problem),
        };
        let on = version.until.map_or(today, |until| until.previous().min(today)).max(version.key.from);
        let actions = version.actions.iter().map(|action| {
            let is_chosen = asked.get("action") == Some(action);
            context! { word => action, name => action_name(&app, language, action), is_chosen }
        });
        let values = context! {
            rule => shown(language, version, today),
            text => version.text,
            source => format!("{}:{}", version.file.display(), version.line),
            cases => Value::from_serialize(&cases),
            differ,
            fields,
            actions => actions.collect::<Vec<_>>(),
            on => asked.get("on").cloned().unwrap_or_else(|| on.to_string()),
            place => asked.get("place").cloned().unwrap_or_else(|| version.place.to_string()),
            result,
            wrong,
        };
        visitor.page(&app, "rule_test.html", status, values)
    })
    .await
}

/// How a fact is asked for.
fn field(app: &App, language: Language, fact: &FactPath, asked: &Asked) -> Value {
    let declared = app.service.vocabulary().facts.get(fact);
    let kind = match declared.map(|declared| declared.fact_type) {
        Some(FactType::Bool) => "bool",
        Some(FactType::Long) => "long",
        Some(FactType::TextSet) => "set",
        Some(FactType::Text) | None => "text",
    };
    let name = format!("{FIELD}{fact}");
    context! {
        label => fact_name(app, language, fact),
        path => fact.to_string(),
        value => asked.get(&name).cloned().unwrap_or_default(),
        name,
        kind,
        words => declared.map(|declared| declared.words.iter().cloned().collect::<Vec<_>>()).unwrap_or_default(),
        unit => declared.and_then(|declared| declared.unit.clone()),
    }
}

/// What every rule in force says, and what the version before says on its last day.
struct SaidOf {
    now: Vec<RuleSaid>,
    before: Option<(String, LegalDate, Option<RuleSaid>)>,
}

fn tried(app: &App, caller: &Caller, version: &RuleVersion, asked: &Asked) -> Result<SaidOf, Problem> {
    let given = |name: &str| asked.get(name).map(|text| text.trim()).filter(|text| !text.is_empty());
    let wrong = |what: String, hint: &str| Problem::new(ProblemKind::Input, what, hint.to_owned());
    let on: LegalDate = given("on")
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| wrong("`on` is no day".to_owned(), "write it like `2026-03-09`"))?;
    let place = given("place").map(str::parse::<PlaceCode>).transpose();
    let place = place.map_err(|_| wrong("`place` is no place".to_owned(), "write six digits, like `440300`"))?;
    let action = given("action").unwrap_or_default().to_owned();
    let mut facts = Facts::new();
    for fact in &version.facts {
        if let Some(value) = value(app, fact, given(&format!("{FIELD}{fact}")))? {
            facts.insert(fact.clone(), value);
        }
    }
    let one = |at: Instant| Trying { at, action: action.clone(), place, facts: facts.clone() };
    let earlier = before(app, version);
    let last_day = earlier.map(|earlier| earlier.until.unwrap_or(version.key.from).previous());
    let mut asked = vec![one(on.starts_at())];
    asked.extend(last_day.map(|day| one(day.starts_at())));
    let mut said = app.service.try_rules(caller, &asked)?.into_iter();
    let now = said.next().ok_or_else(|| Problem::internal("no answer"))??;
    let then = said.next().transpose()?.unwrap_or_default();
    let before = earlier.zip(last_day).map(|(earlier, day)| {
        let own = then.into_iter().find(|one| one.version == earlier.key);
        (earlier.key.to_string(), day, own)
    });
    Ok(SaidOf { now, before })
}

/// The value that somebody put in; nothing where it is unknown.
fn value(app: &App, fact: &FactPath, text: Option<&str>) -> Result<Option<FactValue>, Problem> {
    let Some(text) = text else { return Ok(None) };
    let wrong = |hint: &str| Err(Problem::new(ProblemKind::Input, format!("`{fact}` cannot be this"), hint.to_owned()));
    if text.chars().count() > MOST_CHARS {
        return wrong("write less");
    }
    let Some(declared) = app.service.vocabulary().facts.get(fact) else { return Ok(None) };
    Ok(Some(match declared.fact_type {
        FactType::Bool => match text {
            "true" => FactValue::Bool(true),
            "false" => FactValue::Bool(false),
            _ => return wrong("choose yes, no or unknown"),
        },
        FactType::Long => match text.parse() {
            Ok(number) => FactValue::Long(number),
            Err(_) => return wrong("write a whole number"),
        },
        FactType::Text => FactValue::Text(text.to_owned()),
        FactType::TextSet if text == "-" => FactValue::TextSet(BTreeSet::new()),
        FactType::TextSet => {
            let words = text.split([',', '，', '、']).map(str::trim).filter(|word| !word.is_empty());
            FactValue::TextSet(words.map(str::to_owned).collect())
        }
    }))
}

fn result(app: &App, language: Language, version: &RuleVersion, said: &SaidOf) -> Value {
    let versions = &app.service.gate().rules().versions;
    let row = |one: &RuleSaid| {
        let rule = versions.iter().find(|rule| rule.key == one.version);
        let missing = one.gate.missing.as_deref().and_then(|path| path.parse().ok());
        context! {
            version => one.version.to_string(),
            provision => one.provision.to_string(),
            asks => rule.map(|rule| language.choose(&rule.zh, &rule.en)),
            gate => one.gate.outcome.as_str(),
            official => one.official.outcome.as_str(),
            agree => one.agree,
            missing => missing.map(|fact| fact_name(app, language, &fact)),
            cause => one.gate.cause,
        }
    };
    let (own, others): (Vec<_>, Vec<_>) = said.now.iter().partition(|one| one.version == version.key);
    let speak = others.iter().filter(|one| one.gate.outcome != gongdao_model::Outcome::NotApplicable);
    context! {
        own => own.first().map(|one| row(one)),
        others => speak.map(|one| row(one)).collect::<Vec<_>>(),
        silent => others.iter().filter(|one| one.gate.outcome == gongdao_model::Outcome::NotApplicable).count(),
        differ => said.now.iter().filter(|one| !one.agree).count(),
        before => said.before.as_ref().map(|(name, day, said)| context! {
            version => name, day => day.to_string(), said => said.as_ref().map(row),
        }),
    }
}

//! One decision taken apart: what was known, each rule with its article, the version, the register, the entry and its proof. The
//! look-up is logged, and the person sees it with its purpose.

use super::decision::{explained, fact_name};
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
use gongdao_ledger::EntryKind;
use gongdao_model::{Cause, Outcome, RuleVerdict};
use gongdao_service::{Purpose, TakenApart, VersionView};
use minijinja::{Value, context};
use serde::Deserialize;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/oversight/decisions/{decision}", get(decision))
}

#[derive(Debug, Default, Deserialize)]
struct Why {
    #[serde(default)]
    purpose: String,
}

async fn decision(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(why): Query<Why>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let purpose = Purpose::new(&why.purpose)?;
        if purpose.as_str().is_empty() {
            // Nothing is looked up before it is said why.
            return visitor.page(&app, "look_up.html", StatusCode::OK, context! { decision => id });
        }
        let found = app.service.taken_apart(&caller, &id, &purpose)?;
        let values = context! {
            purpose => purpose.as_str(),
            person => found.view.record.person,
            place => found.view.record.place.map(|place| place.to_string()),
            rules => rules(&app, visitor.language, &found),
            answer => answer(&found),
            register => found.version.as_ref().map(|version| registered(visitor.language, version)),
            kind => kind(found.kind),
            logged_at => found.logged_at.to_string(),
            size => found.size,
            checkpoint => found.checkpoint,
            proof => found.proof,
            ..explained(&app, visitor.language, &found.explanation)?
        };
        visitor.page(&app, "taken_apart.html", StatusCode::OK, values)
    })
    .await
}

/// Every rule in force with what it said; those that do not apply last.
fn rules(app: &App, language: Language, found: &TakenApart) -> Vec<Value> {
    let answer = found.view.checked.as_ref().and_then(|checked| checked.answer.as_ref());
    let Some(answer) = answer else { return Vec::new() };
    let mut rules: Vec<&RuleVerdict> = answer.rules.iter().collect();
    rules.sort_by_key(|rule| (rule.outcome == Outcome::NotApplicable, rule.provision.to_string()));
    let row = |rule: &RuleVerdict| {
        let cause = match &rule.cause {
            Some(Cause::MissingFact(fact)) => Some(fact_name(app, language, fact)),
            _ => None,
        };
        let error = match &rule.cause {
            Some(Cause::EngineError(words)) => Some(words.as_str()),
            _ => None,
        };
        context! {
            provision => rule.provision.to_string(),
            version => rule.version.to_string(),
            from => rule.version.from.to_string(),
            outcome => rule.outcome.as_str(),
            applies => rule.outcome != Outcome::NotApplicable,
            cause,
            error,
            is_claim => !rule.asserted.is_empty(),
            standing => match rule.standing {
                gongdao_model::Standing::Verified => None,
                gongdao_model::Standing::Unverified => Some("unverified"),
                gongdao_model::Standing::Draft => Some("draft"),
            },
        }
    };
    rules.into_iter().map(row).collect()
}

/// How it was answered: mode, what was told, what would have been told.
fn answer(found: &TakenApart) -> Option<Value> {
    let checked = found.view.checked.as_ref()?;
    Some(context! {
        mode => super::operate::mode_word(checked.settings.mode),
        on_unknown => super::operate::unknown_word(checked.settings.on_unknown),
        provisional => checked.settings.enforce_provisional,
        told => checked.effect.as_str(),
        enforced => checked.enforced.as_str(),
        flagged => checked.flagged,
        state_at => checked.state_at.to_string(),
        packs => checked.answer.as_ref().map(|answer| answer.packs.as_str()),
        digest => checked.answer.as_ref().map(|answer| answer.digest.as_str()),
    })
}

/// What the register says of the version.
fn registered(language: Language, view: &VersionView) -> Value {
    let missing = view.missing.iter().map(|one| {
        let provisions = one.provisions.iter().map(ToString::to_string).collect::<Vec<_>>();
        context! { text => language.choose(&one.zh, &one.en), provisions }
    });
    context! {
        id => view.version.id,
        algorithm => view.version.algorithm,
        digest => view.version.digest,
        standing => Value::from_serialize(view.standing),
        from => view.version.publication.as_ref().map(|publication| publication.from.to_string()),
        consultation => view.version.consultation,
        missing => missing.collect::<Vec<_>>(),
    }
}

fn kind(kind: EntryKind) -> &'static str {
    match kind {
        EntryKind::Decision => "decision",
        EntryKind::Correction => "correction",
        _ => "other",
    }
}

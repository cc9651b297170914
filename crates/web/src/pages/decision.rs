//! Why one decision came out as it did, and what can be done about it, from the result down.

use super::case::{Eyes, shown};
use super::{MOST, own_persons};
use crate::explained::who;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use gongdao_desk::RequestKind;
use gongdao_i18n::Language;
use gongdao_law::Reference;
use gongdao_model::{Cause, FactPath, FactValue, LegalDate, Outcome, RuleVerdict, Standing};
use gongdao_service::{Explanation, FactorShown, Purpose, Source};
use minijinja::{Value, context};

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/me/decisions/{decision}", get(decision))
}

async fn decision(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let explanation = app.service.explanation(&caller, &id, &Purpose::default())?;
        let suspension = app.service.suspension(&caller, &id).ok();
        let mut about = Vec::new();
        for person in own_persons(&caller) {
            for view in app.service.cases_of(&caller, &person, None, MOST)? {
                if view.case.about.decision.as_deref() == Some(id.as_str()) {
                    about.push(shown(&app, visitor.language, &view, Eyes::Asking)?);
                }
            }
        }
        let values = context! {
            about,
            is_suspended => suspension.is_some_and(|found| found.suspended),
            rights => more_rights(&app, visitor.language)?,
            ..explained(&app, visitor.language, &explanation)?
        };
        visitor.page(&app, "decision.html", StatusCode::OK, values)
    })
    .await
}

/// The rights that an explanation does not name itself.
fn more_rights(app: &App, language: Language) -> Result<Vec<Value>, Problem> {
    use RequestKind::{Copy, Delete, DeleteTag, OptOut, Restrict, See, WithdrawConsent};
    let kinds = [See, Copy, OptOut, DeleteTag, WithdrawConsent, Restrict, Delete];
    let named = |kind: RequestKind| {
        let right = super::case::right_of(app, kind)?;
        Ok(context! { kind => kind.as_str(), name => language.choose(&right.zh, &right.en) })
    };
    kinds.into_iter().map(named).collect()
}

/// What a template shows of an explanation.
pub(super) fn explained(app: &App, language: Language, explanation: &Explanation) -> Result<Value, Problem> {
    let lacks_basis = lacks_basis(&explanation.verdicts);
    let verdicts = |wanted: &dyn Fn(Outcome) -> bool| {
        let found = explanation.verdicts.iter().filter(|verdict| wanted(verdict.outcome));
        found.map(|verdict| verdict_shown(app, language, verdict)).collect::<Vec<_>>()
    };
    let is_broken = |outcome| outcome == Outcome::Violated || (lacks_basis && outcome == Outcome::NotEstablished);
    let is_other_basis = |outcome| outcome == Outcome::NotEstablished && !lacks_basis;
    let factors = |wanted: fn(&FactorShown) -> bool| {
        let found = explanation.factors.iter().filter(move |factor| wanted(factor));
        found.map(|factor| factor_shown(language, factor)).collect::<Vec<_>>()
    };
    Ok(context! {
        decision => explanation.decision,
        at => explanation.at.to_string(),
        action => language.choose(&explanation.action.zh, &explanation.action.en),
        algorithm => explanation.algorithm,
        effect => explanation.effect.map(gongdao_gate::Directive::as_str),
        register => explanation.register.map(gongdao_gate::RegisterHold::as_str),
        trial => explanation.trial.as_ref().map(|trial| context! {
            id => trial.id, word => crate::explained::trial_word(trial.hold), is_held => trial.hold.is_some(),
        }),
        rule => super::shares::rule_shown(app, language, &explanation.rule)?,
        who => who(explanation),
        broken => verdicts(&is_broken),
        open => verdicts(&|outcome| outcome == Outcome::Undetermined),
        kept => verdicts(&|outcome| matches!(outcome, Outcome::Satisfied | Outcome::Established)),
        other_bases => verdicts(&is_other_basis),
        not_applicable => explanation.not_applicable,
        numbers => factors(|factor| is_about_this(factor) && is_told_first(&factor.value)),
        others => factors(|factor| is_about_this(factor) && !is_told_first(&factor.value)),
        background => factors(|factor| !is_about_this(factor)),
        tags => tags(explanation),
        contradictions => explanation.contradictions.iter().map(|found| context! {
            name => fact_name(app, language, &found.fact),
            given => Value::from_serialize(&found.given),
            held => found.held.as_ref().map(Value::from_serialize),
        }).collect::<Vec<_>>(),
        not_used => explanation.not_used,
        missing => explanation.missing.iter().map(|fact| fact_name(app, language, fact)).collect::<Vec<_>>(),
        contest => Value::from_serialize(&explanation.contest),
        withheld => explanation.withheld,
        origin => explanation.origin,
        leaf => explanation.leaf,
    })
}

/// One legal basis is enough: others that do not hold break nothing. A verdict without an effect is a legal basis.
pub(super) fn lacks_basis(verdicts: &[RuleVerdict]) -> bool {
    let mut bases = verdicts.iter().filter(|verdict| verdict.effect.is_none()).peekable();
    bases.peek().is_some() && bases.all(|basis| basis.outcome == Outcome::NotEstablished)
}

/// Numbers say more at a glance than words, yes and no.
fn is_told_first(value: &FactValue) -> bool {
    matches!(value, FactValue::Long(_))
}

fn is_about_this(factor: &FactorShown) -> bool {
    matches!(factor.source, Source::Given | Source::Person)
}

fn tags(explanation: &Explanation) -> Vec<String> {
    let used = explanation.factors.iter().find(|factor| factor.fact.to_string() == "context.tagsUsed");
    match used.map(|factor| &factor.value) {
        Some(FactValue::TextSet(tags)) => tags.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

fn factor_shown(language: Language, factor: &FactorShown) -> Value {
    let name = language.choose(&factor.zh, &factor.en);
    let source = match factor.source {
        Source::Given => "given",
        Source::Person => "person",
        Source::Algorithm => "algorithm",
        Source::Law => "law",
    };
    context! {
        fact => factor.fact.to_string(),
        name => if name.is_empty() { factor.fact.to_string() } else { name.to_owned() },
        value => Value::from_serialize(&factor.value),
        unit => factor.unit,
        source,
        at => factor.at.to_string(),
        is_claim => factor.grade == "asserted",
        correctable => factor.correctable,
    }
}

/// A fact in words; its path where the packs have none.
pub(super) fn fact_name(app: &App, language: Language, fact: &FactPath) -> String {
    let declared = app.service.vocabulary().facts.get(fact);
    declared.map_or_else(|| fact.to_string(), |declared| language.choose(&declared.zh, &declared.en).to_owned())
}

pub(super) fn verdict_shown(app: &App, language: Language, verdict: &RuleVerdict) -> Value {
    let missing = match &verdict.cause {
        Some(Cause::MissingFact(fact)) => Some(fact_name(app, language, fact)),
        _ => None,
    };
    context! {
        provision => verdict.provision.to_string(),
        outcome => verdict.outcome.as_str(),
        asks => rule_text(app, language, verdict),
        missing,
        is_claim => !verdict.asserted.is_empty(),
        standing => (verdict.standing != Standing::Verified)
            .then(|| if verdict.standing == Standing::Draft { "draft" } else { "unverified" }),
    }
}

/// What the rule asks, in the words of its pack.
fn rule_text(app: &App, language: Language, verdict: &RuleVerdict) -> Option<String> {
    let reference = Reference::Provision(verdict.provision.clone());
    let sheets = app.shelf.book().show(&reference, LegalDate::from_day_number(0)?).ok()?;
    let name = verdict.version.rule.to_string();
    let mut rules = sheets.iter().flat_map(|sheet| &sheet.rules);
    let found = rules.find(|rule| rule.rule == name)?;
    Some(language.choose(found.zh, found.en).to_owned())
}

#[cfg(test)]
mod tests {
    use super::lacks_basis;
    use gongdao_model::RuleVerdict;
    use serde_json::json;

    fn verdict(outcome: &str, effect: Option<&str>) -> RuleVerdict {
        let mut value = json!({
            "rule": "cn.pipl/13/1#consent", "reading": null, "from": "2021-11-01", "provision": "cn.pipl/13/1",
            "outcome": outcome, "standing": "verified",
        });
        if let Some(effect) = effect {
            value["effect"] = effect.into();
        }
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn one_legal_basis_that_holds_or_cannot_be_judged_is_enough_not_to_say_that_none_does() {
        let none = || verdict("not-established", None);
        let rows = [
            (vec![none(), none()], true),
            (vec![none(), verdict("established", None)], false),
            (vec![none(), verdict("undetermined", None)], false),
            (vec![none(), verdict("violated", Some("stop"))], true),
            (vec![verdict("violated", Some("stop"))], false),
            (vec![], false),
        ];
        for (verdicts, expected) in rows {
            assert_eq!(lacks_basis(&verdicts), expected, "{verdicts:?}");
        }
    }
}

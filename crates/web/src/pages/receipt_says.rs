//! What a receipt says, in the words of people: what was asked, and what was answered as far as this service knows it.

use super::decision::{fact_name, lacks_basis, verdict_shown};
use crate::App;
use crate::problem::Problem;
use gongdao_gate::{Answer, RegisterHold, StateFacts};
use gongdao_i18n::Language;
use gongdao_ledger::{DECISION_SCHEMA, Opened, Receipt, Value as Column, read_decision};
use gongdao_model::{DecisionRecord, FactPath, FactValue, Outcome, RuleVerdict};
use gongdao_service::record::{
    ANSWER_SCHEMA, AskedPart, BRIEF_SCHEMA, CHECK_SCHEMA, EVALUATION_SCHEMA, REGISTER_SCHEMA, ToldPart, read_asked,
    read_hold, read_told,
};
use minijinja::{Value, context};

/// The decision of a receipt, row by row; nothing where it shows another part. The script of the page shows the same rows.
pub(super) fn says(app: &App, language: Language, opened: &Opened) -> Option<Value> {
    let facts = |facts: &mut dyn Iterator<Item = (&FactPath, &FactValue)>| {
        facts.map(|(fact, value)| fact_row(app, language, fact, value)).collect::<Vec<_>>()
    };
    let asked = |record: &DecisionRecord| {
        let action = app.service.vocabulary().actions.get(&record.action);
        context! {
            id => record.id.to_string(),
            at => record.at.to_string(),
            action => action.map_or(record.action.as_str(), |named| language.choose(&named.zh, &named.en)),
            facts => facts(&mut record.facts.iter()),
        }
    };
    match opened.schema.as_str() {
        DECISION_SCHEMA => read_decision(&opened.columns).ok().map(|record| asked(&record)),
        CHECK_SCHEMA => {
            let AskedPart { request, state_at, person, parameters, contradictions } =
                read_asked(&opened.columns).ok()?;
            let contradictions = contradictions.iter().map(|found| {
                context! { name => fact_name(app, language, &found.fact), given => Value::from_serialize(&found.given) }
            });
            Some(context! {
                is_check => true,
                state_at => state_at.to_string(),
                person => facts(&mut person.iter()),
                law => facts(&mut parameters.iter()),
                contradictions => contradictions.collect::<Vec<_>>(),
                ..asked(&request)
            })
        }
        _ => None,
    }
}

fn fact_row(app: &App, language: Language, fact: &FactPath, value: &FactValue) -> Value {
    let unit = app.service.vocabulary().facts.get(fact).and_then(|declared| declared.unit.clone());
    context! { name => fact_name(app, language, fact), value => Value::from_serialize(value), unit }
}

/// What was answered: out of the receipt itself, where it shows that part; else out of the same entry, where this service has it.
pub(super) fn answered(
    app: &App,
    language: Language,
    opened: &Opened,
    receipt: &Receipt,
) -> Result<Option<Value>, Problem> {
    let columns = opened.columns.as_slice();
    Ok(match opened.schema.as_str() {
        DECISION_SCHEMA => {
            app.service.beside(receipt)?.map(|beside| context! { is_elsewhere => true, algorithm => beside.algorithm })
        }
        CHECK_SCHEMA => Some(match app.service.beside(receipt)? {
            None => context! { is_check => true },
            Some(beside) => context! {
                is_check => true,
                is_filled => true,
                algorithm => beside.algorithm,
                register => beside.register.map(RegisterHold::as_str),
                ..beside.told.map_or_else(|| Ok(context! {}), |told| told_shown(app, language, &told))?
            },
        }),
        EVALUATION_SCHEMA => read_told(columns).ok().map(|told| told_shown(app, language, &told)).transpose()?,
        REGISTER_SCHEMA => read_hold(columns).ok().map(|hold| context! { register => hold.as_str() }),
        ANSWER_SCHEMA | BRIEF_SCHEMA => match columns {
            [Column::Text(digest), Column::Text(json)] => {
                let answer = app.service.answer_in(json).filter(|answer| answer.digest == *digest);
                Some(answer.map_or_else(
                    || context! { no_answer => digest },
                    |answer| answer_shown(app, language, &answer, &StateFacts::new()),
                ))
            }
            _ => None,
        },
        _ => None,
    })
}

fn told_shown(app: &App, language: Language, told: &ToldPart) -> Result<Value, Problem> {
    let answer = match &told.answer {
        None => context! { is_off => true },
        Some(digest) => match app.service.answer_named(digest)? {
            None => context! { no_answer => digest },
            Some(answer) => answer_shown(app, language, &answer, &told.algorithm),
        },
    };
    Ok(context! {
        effect => told.effect.as_str(),
        enforced => told.enforced.as_str(),
        flagged => told.flagged,
        mode => Value::from_serialize(told.settings.mode),
        ..answer
    })
}

/// Rule by rule what applied, as an explanation tells it.
fn answer_shown(app: &App, language: Language, answer: &Answer, algorithm: &StateFacts) -> Value {
    let speaks = |verdict: &&RuleVerdict| verdict.outcome != Outcome::NotApplicable;
    let verdicts: Vec<RuleVerdict> = answer.rules.iter().filter(speaks).cloned().collect();
    let lacks_basis = lacks_basis(&verdicts);
    let of = |wanted: &dyn Fn(Outcome) -> bool| {
        let found = verdicts.iter().filter(|verdict| wanted(verdict.outcome));
        found.map(|verdict| verdict_shown(app, language, verdict)).collect::<Vec<_>>()
    };
    context! {
        is_answer => true,
        is_silent => answer.silent,
        digest => answer.digest,
        broken => of(&|outcome| outcome == Outcome::Violated || (lacks_basis && outcome == Outcome::NotEstablished)),
        open => of(&|outcome| outcome == Outcome::Undetermined),
        kept => of(&|outcome| matches!(outcome, Outcome::Satisfied | Outcome::Established)),
        other_bases => of(&|outcome| !lacks_basis && outcome == Outcome::NotEstablished),
        not_applicable => answer.rules.len() - verdicts.len(),
        algorithm_facts => algorithm.iter().map(|(fact, value)| fact_row(app, language, fact, value)).collect::<Vec<_>>(),
    }
}

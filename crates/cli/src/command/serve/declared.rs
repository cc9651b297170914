//! What the demo's platform declares: how it reckons the time for a delivery and a day's pay, drafts of both, and a version that is
//! tried. Explanations of what is decided from then on have shares, and a draft can be replayed over the city's days.

use super::demo::checked;
use super::start::Running;
use gongdao_model::{DecisionRecord, Entity, FactPath, FactValue};
use gongdao_service::ServiceError;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Decisions of each action that are made again today, for each courier.
const EACH: usize = 2;
/// What versions weigh, by the names that they declare.
const OF_TIME: [&str; 2] = ["骑行距离", "天气"];
const OF_PAY: [&str; 2] = ["配送时间", "等单时间"];
/// What the version that is tried weighed at first without having declared it.
const UNDECLARED: &str = "手上的单数";

/// The last decisions about couriers on time and pay.
pub(super) fn recent(decisions: &[DecisionRecord], people: &[String]) -> Vec<DecisionRecord> {
    let mut found = Vec::new();
    for person in people {
        for action in ["promise", "pay"] {
            let own = decisions.iter().rev().filter(|one| one.person.as_ref() == Some(person) && one.action == action);
            found.extend(own.take(EACH).cloned());
        }
    }
    found
}

/// Decisions on times, the first two about the first courier: what is made again in a trial. What the city does wrong on purpose
/// here and there is not what is tried.
pub(super) fn tried(decisions: &[DecisionRecord], people: &[String]) -> Vec<DecisionRecord> {
    let promises = || decisions.iter().filter(|one| one.action == "promise");
    let mut practices: BTreeMap<Vec<(&FactPath, &FactValue)>, usize> = BTreeMap::new();
    for one in promises() {
        *practices.entry(practice(one)).or_default() += 1;
    }
    let usual = practices.into_iter().max_by_key(|(_, count)| *count).map(|(practice, _)| practice);
    let of_time = || promises().filter(|one| Some(practice(one)) == usual);
    let is_first = |one: &&DecisionRecord| one.person.is_some() && one.person.as_ref() == people.first();
    of_time().filter(is_first).take(EACH).chain(of_time().filter(|one| !is_first(one))).cloned().collect()
}

/// How a decision was made: all that is no number.
fn practice(record: &DecisionRecord) -> Vec<(&FactPath, &FactValue)> {
    record.facts.iter().filter(|(_, value)| !matches!(value, FactValue::Long(_))).collect()
}

/// A decision as another version makes it: what it weighed is said in that version's own words, which the city does not know.
fn weighed(mut record: DecisionRecord, factors: &[&str]) -> Result<DecisionRecord, ServiceError> {
    let words = factors.iter().map(|factor| (*factor).to_owned()).collect();
    record.facts.insert(FactPath::new(Entity::Decision, "factorsUsed")?, FactValue::TextSet(words));
    Ok(record)
}

/// A decision on a time as the version that is tried makes it: by its rule, and at first with what it had not declared.
pub(super) fn by_night(record: DecisionRecord, is_first: bool) -> Result<DecisionRecord, ServiceError> {
    let fact = |name: &str| Ok::<_, ServiceError>(FactPath::new(Entity::Decision, name)?);
    let storm = record.facts.value(&fact("severeWeather")?) == Some(&FactValue::Bool(true));
    let metres = match record.facts.value(&fact("distanceMetres")?) {
        Some(FactValue::Long(metres)) => Some(*metres),
        _ => None,
    };
    let [distance, weather] = OF_TIME;
    let factors: &[&str] = if is_first { &[distance, weather, UNDECLARED] } else { &OF_TIME };
    let mut record = weighed(record, factors)?;
    if let Some(metres) = metres {
        let minutes = 31 + metres.div_euclid(270) + if storm { 10 } else { 0 };
        record.facts.insert(fact("promisedMinutes")?, FactValue::Long(minutes));
    }
    Ok(record)
}

/// Makes `recent` again as of now, under the versions in force.
pub(super) fn bring(running: &Running, recent: Vec<DecisionRecord>) -> Result<(), ServiceError> {
    let now = running.service.now();
    let again = |(number, record): (usize, DecisionRecord)| -> Result<DecisionRecord, ServiceError> {
        let factors = if record.action == "pay" { OF_PAY } else { OF_TIME };
        let id = format!("today-{}", number + 1).parse()?;
        Ok(DecisionRecord { id, at: now, ..weighed(record, &factors)? })
    };
    let again = recent.into_iter().enumerate().map(again).collect::<Result<Vec<_>, _>>()?;
    checked(running, &again)
}

/// A version of how the time for a delivery is reckoned.
fn time_of(id: &str, text: &str, expression: &str, based_on: Option<&str>, note: &str) -> Value {
    let storm = "CASE WHEN storm THEN 10 ELSE 0 END";
    let rule = json!({
        "outcome": "context.promisedMinutes", "zh": "配送时间", "en": "time for the delivery", "unit": "minutes",
        "better": "higher", "expression": format!("{expression} + {storm}"),
        "factors": [
            {"name": "metres", "fact": "context.distanceMetres", "zh": "骑行距离", "en": "riding distance",
                "unit": "metres", "baseline": 1350, "can": "correct", "values": {"from": 0, "to": 8000, "step": 50}},
            {"name": "storm", "fact": "context.severeWeather", "zh": "恶劣天气", "en": "severe weather",
                "baseline": false, "can": "correct"},
        ],
    });
    json!({"id": id, "text": text, "factors": OF_TIME.map(|name| json!({"name": name})), "based_on": based_on,
        "note": note, "rule": rule})
}

pub(super) fn time() -> Value {
    let text = "从下单起给 25 分钟。\n每骑行 270 米加 1 分钟，不满的不算。\n恶劣天气加 10 分钟。";
    time_of("delivery-time", text, "25 + floor(metres / 270)", None, "")
}

pub(super) fn draft_of_time() -> Value {
    let text = "从下单起给 24 分钟。\n每骑行 200 米加 1 分钟，不满的不算。\n恶劣天气加 10 分钟。";
    time_of("delivery-time-2", text, "24 + floor(metres / 200)", Some("delivery-time"), "远单多给时间。")
}

/// What is tried in a sandbox.
pub(super) fn night() -> Value {
    let text =
        "从下单起给 31 分钟。\n每骑行 270 米加 1 分钟，不满的不算。\n恶劣天气加 10 分钟。\n只用于夜里 22 点到 6 点。";
    time_of("delivery-time-night", text, "31 + floor(metres / 270)", Some("delivery-time"), "夜里多给六分钟。")
}

pub(super) fn pay() -> Vec<Value> {
    let minutes = |name: &str, fact: &str, zh: &str, en: &str, baseline: i64| {
        json!({"name": name, "fact": fact, "zh": zh, "en": en, "unit": "minutes", "baseline": baseline, "can": "correct",
            "values": {"from": 0, "to": 900, "step": 10}})
    };
    let rule = json!({
        "outcome": "context.payFen", "zh": "当天报酬", "en": "pay of the day", "unit": "fen", "better": "higher",
        "expression": "(worked + waiting) * 3000 / 60", "least_change": 1000,
        "factors": [
            minutes("worked", "context.workedMinutes", "配送时间", "time on orders", 300),
            minutes("waiting", "context.waitingMinutes", "等单时间", "time waiting for orders", 60),
        ],
    });
    let text = "按在线时间每小时 30 元结算。";
    let factors = OF_PAY.map(|name| json!({"name": name}));
    let mut by_night = rule.clone();
    if let Some(expression) = by_night.get_mut("expression") {
        *expression = "(worked + waiting) * 3200 / 60".into();
    }
    let draft = "按在线时间每小时 32 元结算，白天夜里一样。";
    vec![
        json!({"id": "courier-pay", "text": text, "factors": factors, "rule": rule}),
        json!({"id": "courier-pay-2", "text": draft, "factors": factors, "based_on": "courier-pay",
            "note": "每小时多两元。", "rule": by_night}),
    ]
}

pub(super) fn read<T: DeserializeOwned>(json: Value) -> Result<T, ServiceError> {
    serde_json::from_value(json).map_err(ServiceError::storage)
}

//! What the demo's platform declares: how it reckons the time for a delivery and a day's pay, and a draft that is consulted on.
//! Explanations of what is decided from then on have shares, and the draft can be replayed over the city's days.

use super::demo::checked;
use super::life::known;
use super::start::Running;
use gongdao_model::{DecisionRecord, LegalDate};
use gongdao_register::{NewVersion, VersionWhat};
use gongdao_service::{NewConsultation, ServiceError, VersionTurn};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Decisions of each action that are made again today, for each courier.
const EACH: usize = 2;

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

/// Declares rules, calls a consultation over a draft, and makes `recent` again as of now.
pub(super) fn bring(running: &Running, recent: Vec<DecisionRecord>) -> Result<(), ServiceError> {
    let (officer, union) = (known(running, "officer")?, known(running, "union")?);
    let mut drafts = Vec::new();
    for (name, versions) in [("配送时间", times()), ("骑手报酬", pay())] {
        let description = json!({
            "provider": "模拟平台", "name": name, "class": "dispatch", "affects_labour": true, "opinion_attributes": true,
        });
        let algorithm = running.service.register_algorithm(&officer, read(description)?)?.algorithm.id;
        for new in versions {
            let new: NewVersion = read(new)?;
            let (id, is_draft) = (new.id.clone(), new.based_on.is_some());
            running.service.declare_version(&officer, &algorithm, new)?;
            if is_draft {
                drafts.push(id);
            }
        }
    }
    for draft in drafts {
        let last_day = running.service.now().date_in_shanghai().day_number().checked_add(20);
        let Some(last_day) = last_day.and_then(LegalDate::from_day_number) else { continue };
        let seats = json!([
            {"side": "union", "name": "市总工会", "account": union.actor},
            {"side": "platform", "name": "模拟平台", "account": officer.actor},
        ]);
        let question = "近单少给一分钟，远单多给几分钟，可以吗？".to_owned();
        let new = NewConsultation { last_day, seats: read(seats)?, question };
        running.service.call_consultation(&officer, &draft, new)?;
    }
    publish(running, &officer)?;
    let now = running.service.now();
    let again = |(number, mut record): (usize, DecisionRecord)| -> Result<DecisionRecord, ServiceError> {
        record.id = format!("today-{}", number + 1).parse()?;
        record.at = now;
        Ok(record)
    };
    let again = recent.into_iter().enumerate().map(again).collect::<Result<Vec<_>, _>>()?;
    checked(running, &again)
}

/// What is declared is made public with the first day that the notice allows.
fn publish(running: &Running, officer: &gongdao_service::Caller) -> Result<(), ServiceError> {
    let notice = running.service.register_settings()?.value.notice_days;
    let days = i32::try_from(notice).unwrap_or(7);
    let first = running.service.now().date_in_shanghai().day_number().checked_add(days.saturating_add(1));
    let Some(from) = first.and_then(LegalDate::from_day_number) else { return Ok(()) };
    for id in ["delivery-time", "courier-pay"] {
        let what = VersionWhat::Published { from, address: None };
        running.service.act_on_version(officer, id, VersionTurn { what })?;
    }
    Ok(())
}

fn times() -> Vec<Value> {
    let rule = |expression: &str| {
        json!({
            "outcome": "context.promisedMinutes", "zh": "配送时间", "en": "time for the delivery", "unit": "minutes",
            "better": "higher", "expression": expression,
            "factors": [
                {"name": "metres", "fact": "context.distanceMetres", "zh": "骑行距离", "en": "riding distance",
                    "unit": "metres", "baseline": 1350, "can": "correct", "values": {"from": 0, "to": 8000, "step": 50}},
                {"name": "storm", "fact": "context.severeWeather", "zh": "恶劣天气", "en": "severe weather",
                    "baseline": false, "can": "correct"},
            ],
        })
    };
    let text = "从下单起给 25 分钟。\n每骑行 270 米加 1 分钟，不满的不算。\n恶劣天气加 10 分钟。";
    let draft = "从下单起给 24 分钟。\n每骑行 200 米加 1 分钟，不满的不算。\n恶劣天气加 10 分钟。";
    let storm = "CASE WHEN storm THEN 10 ELSE 0 END";
    vec![
        json!({"id": "delivery-time", "text": text, "factors": [{"name": "骑行距离"}, {"name": "天气"}],
            "rule": rule(&format!("25 + floor(metres / 270) + {storm}"))}),
        json!({"id": "delivery-time-2", "text": draft, "factors": [{"name": "骑行距离"}, {"name": "天气"}],
            "based_on": "delivery-time", "note": "远单多给时间。",
            "rule": rule(&format!("24 + floor(metres / 200) + {storm}"))}),
    ]
}

fn pay() -> Vec<Value> {
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
    vec![
        json!({"id": "courier-pay", "text": text, "factors": [{"name": "配送时间"}, {"name": "等单时间"}], "rule": rule}),
    ]
}

fn read<T: DeserializeOwned>(json: Value) -> Result<T, ServiceError> {
    serde_json::from_value(json).map_err(ServiceError::storage)
}

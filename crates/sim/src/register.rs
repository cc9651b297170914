use crate::action::Action;
use crate::consumer::{Choice, Consumer, DAY_MILLIS};
use crate::courier::Courier;
use crate::facts::ALGORITHM;
use crate::settings::SimError;
use crate::write::EventLog;

/// What a consumer consents to on joining.
pub(crate) const CONSUMER_CONSENTS: &str = "delivery-fee|recommendation|browsing|marketing|order-notice";
/// What a courier consents to on joining.
pub(crate) const COURIER_CONSENTS: &str = "order-dispatch|delivery-time|pay|conduct";
/// Purposes for which a courier consents to whereabouts being used.
pub(crate) const COURIER_SEPARATE_CONSENTS: &str = "order-dispatch|delivery-time";

/// Enter a person into the log: only facts whose value differs from the log's initial state.
pub(crate) fn register_person(log: &mut EventLog, key: &str, at: i64, facts: &[(&str, &str)]) -> Result<(), SimError> {
    for (fact, value) in facts {
        log.event(key, at, fact, "set", value)?;
    }
    Ok(())
}

/// Facts of a consumer on joining.
///
/// For a child under 14 the guardian consents, and separately, since all its information is sensitive.
pub(crate) fn consumer_facts(age_group: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut facts = vec![("ageGroup", age_group), ("consumer", "true"), ("worker", "none")];
    if age_group == "under-14" {
        facts.extend([("guardianConsents", CONSUMER_CONSENTS), ("separateConsents", CONSUMER_CONSENTS)]);
    } else {
        facts.push(("consents", CONSUMER_CONSENTS));
    }
    facts
}

/// Facts of a courier on joining.
pub(crate) fn courier_facts(worker: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("ageGroup", "adult"),
        ("consumer", "false"),
        ("worker", worker),
        ("consents", COURIER_CONSENTS),
        ("separateConsents", COURIER_SEPARATE_CONSENTS),
    ]
}

/// A consumer of the city: joining, then the choices made.
pub(crate) fn register_consumer(log: &mut EventLog, consumer: &Consumer) -> Result<(), SimError> {
    register_person(log, &consumer.id, consumer.registered, &consumer_facts(consumer.age_group))?;
    for (at, choice) in &consumer.choices {
        let events: &[(&str, &str, &str)] = match choice {
            Choice::ProfilingOff => &[("profilingOff", "set", "true")],
            Choice::RecommendationOff => &[("recommendationOff", "set", "true")],
            Choice::MarketingRefused => &[("marketingRefused", "set", "true")],
            Choice::TagDeleted(tag) => &[("deletedTags", "add", tag)],
            Choice::Withdrawn(purpose) => &[("consents", "remove", purpose), ("withdrawnPurposes", "add", purpose)],
            Choice::Restricted(purpose) => &[("restrictedPurposes", "add", purpose)],
        };
        for (fact, op, value) in events {
            log.event(&consumer.id, *at, fact, op, value)?;
        }
    }
    Ok(())
}

/// A courier of the city.
pub(crate) fn register_courier(log: &mut EventLog, courier: &Courier, from: i64) -> Result<(), SimError> {
    register_person(log, &courier.id, from - DAY_MILLIS, &courier_facts(courier.worker()))
}

/// The history of a properly run algorithm before the period: in service, filed, consulted, published, in effect.
pub(crate) fn register_algorithm(log: &mut EventLog, key: &str, action: Action, from: i64) -> Result<(), SimError> {
    let at = from - 120 * DAY_MILLIS;
    for (fact, value) in [("category", action.category()), ("version", "1.0.0")] {
        log.event(key, at, fact, "set", value)?;
    }
    for (fact, value) in ALGORITHM {
        // The filing came five days after the start of service, inside its ten working days.
        let when = if matches!(*fact, "filed" | "filingNumberShown") { at + 5 * DAY_MILLIS } else { at };
        log.event(key, when, fact, "set", value)?;
    }
    Ok(())
}

/// A second version in the middle of the period: heard, published a week ahead, then in effect.
pub(crate) fn revise_algorithm(log: &mut EventLog, key: &str, effective: i64) -> Result<(), SimError> {
    log.event(key, effective - 20 * DAY_MILLIS, "consulted", "set", "true")?;
    log.event(key, effective - 7 * DAY_MILLIS, "publishedBeforeEffect", "set", "true")?;
    log.event(key, effective, "version", "set", "1.1.0")
}

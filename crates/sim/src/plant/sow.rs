use super::{Plant, Role, ordinary_numbers, plants};
use crate::consumer::DAY_MILLIS;
use crate::decision::{Decision, Numbers};
use crate::practice::Practices;
use crate::register::{consumer_facts, courier_facts, register_algorithm, register_person};
use crate::rng::Rng;
use crate::settings::{Settings, SimError};
use crate::write::EventLog;

/// How often each kind is planted: at least twice, at most forty times.
fn repetitions(settings: &Settings) -> i64 {
    (settings.expected_decisions() / 10_000).clamp(2, 40)
}

/// Plant everything: events go to the logs, decisions come back in no order.
pub(crate) fn sow(
    settings: &Settings,
    practices: &mut Practices,
    persons: &mut EventLog,
    algorithms: &mut EventLog,
) -> Result<Vec<Decision>, SimError> {
    let mut rng = Rng::new(settings.seed, 0x0091_A970);
    let start = settings.from.starts_at().millis();
    let mut decisions = Vec::new();
    for plant in plants() {
        for _ in 0..repetitions(settings) {
            let at = start + rng.below(settings.days * DAY_MILLIS - 2_000) + 1_000;
            let number = decisions.len();
            let person = register_role(persons, plant, number, start)?;
            for (after, fact, op, value) in plant.person {
                persons.event(&person, at + after, fact, op, value)?;
            }
            decisions.push(Decision {
                at,
                action: plant.action,
                algorithm: register_own_algorithm(algorithms, plant, number, at, start)?,
                person,
                group: "",
                practice: practices.intern(plant.action, &[plant.patch]),
                numbers: numbers_of(plant),
                tags: plant.tags.to_owned(),
                plant: Some(plant),
            });
        }
    }
    Ok(decisions)
}

fn register_role(log: &mut EventLog, plant: &Plant, number: usize, start: i64) -> Result<String, SimError> {
    let (key, facts) = match plant.role {
        Role::Courier(worker) => (format!("C9{number:05}"), courier_facts(worker)),
        Role::Consumer(age_group) => (format!("U9{number:06}"), consumer_facts(age_group)),
    };
    let known: Vec<_> = facts.into_iter().filter(|(fact, _)| !plant.unregistered.contains(fact)).collect();
    register_person(log, &key, start - DAY_MILLIS * 30, &known)?;
    Ok(key)
}

fn register_own_algorithm(
    log: &mut EventLog,
    plant: &Plant,
    number: usize,
    at: i64,
    start: i64,
) -> Result<String, SimError> {
    let shared = plant.action.algorithm();
    if plant.algorithm.is_empty() {
        return Ok(shared.to_owned());
    }
    let key = format!("{shared}-district-{number}");
    register_algorithm(log, &key, plant.action, start)?;
    for (after, fact, op, value) in plant.algorithm {
        log.event(&key, at + after, fact, op, value)?;
    }
    Ok(key)
}

/// Ordinary numbers of the action, then the plant's own, less what nobody recorded.
fn numbers_of(plant: &Plant) -> Numbers {
    let mut numbers = Numbers::default();
    for (name, value) in ordinary_numbers(plant.action).iter().chain(plant.numbers) {
        numbers.set(name, Some(*value));
    }
    for name in plant.no_numbers {
        numbers.set(name, None);
    }
    numbers
}

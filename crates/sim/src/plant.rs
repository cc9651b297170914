//! What is planted on top of the lawful city: a decision about a person of its own, with the facts that break a rule, the
//! facts that just do not, or a fact left out. The city's own decisions are never bent.

mod price;
mod register;
mod rights;
mod work;

use crate::action::Action;
use crate::consumer::DAY_MILLIS;
use crate::decision::{Decision, Numbers};
use crate::facts::{MISSING, NO_WORDS, Patch};
use crate::practice::Practices;
use crate::register::{consumer_facts, courier_facts, register_algorithm, register_person};
use crate::rng::Rng;
use crate::settings::{Settings, SimError};
use crate::write::EventLog;

/// What is known to be true of a planted decision under one rule and reading.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Truth {
    /// The rule's identifier.
    pub(crate) rule: &'static str,
    /// The reading; empty where the provision is not open.
    pub(crate) reading: &'static str,
    /// Broken, or not to be judged.
    pub(crate) kind: TruthKind,
}

/// Kinds of truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TruthKind {
    /// The rule is violated.
    Violated,
    /// A fact that the rule needs was left out.
    Undetermined,
}

impl TruthKind {
    /// The word in `truth.csv`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Violated => "violated",
            Self::Undetermined => "undetermined",
        }
    }
}

/// The rule is violated, whatever the reading (it has none).
pub(crate) const fn breaks(rule: &'static str) -> Truth {
    breaks_as(rule, "")
}

/// The rule is violated under this reading.
pub(crate) const fn breaks_as(rule: &'static str, reading: &'static str) -> Truth {
    Truth { rule, reading, kind: TruthKind::Violated }
}

/// The rule cannot be judged.
pub(crate) const fn unknown(rule: &'static str, reading: &'static str) -> Truth {
    Truth { rule, reading, kind: TruthKind::Undetermined }
}

/// About whom a planted decision is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// A courier with this work relation.
    Courier(&'static str),
    /// A consumer of this age group.
    Consumer(&'static str),
}

/// One event near the decision: milliseconds after it (negative: before), fact, `set` / `add` / `remove`, value.
pub(crate) type Near = (i64, &'static str, &'static str, &'static str);

/// One kind of planted decision; what it does not name is lawful.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plant {
    /// Its name in `plants.csv`.
    pub(crate) name: &'static str,
    /// What is decided.
    pub(crate) action: Action,
    /// About whom.
    pub(crate) role: Role,
    /// Facts of the way of deciding; an empty text leaves the fact out.
    pub(crate) patch: Patch,
    /// Numbers; `None` leaves the fact out.
    pub(crate) numbers: &'static [(&'static str, Option<i64>)],
    /// Tags used, joined with `|`.
    pub(crate) tags: &'static str,
    /// Events of the person.
    pub(crate) person: &'static [Near],
    /// Facts that nobody recorded on joining.
    pub(crate) unregistered: &'static [&'static str],
    /// Events of the algorithm; where there are any, the decision has an algorithm of its own.
    pub(crate) algorithm: &'static [Near],
    /// What is true: empty for a decision just inside the law.
    pub(crate) truth: &'static [Truth],
}

/// A lawful decision to start a plant from.
pub(crate) const fn plant(name: &'static str, action: Action, role: Role) -> Plant {
    Plant {
        name,
        action,
        role,
        patch: &[],
        numbers: &[],
        tags: NO_WORDS,
        person: &[],
        unregistered: &[],
        algorithm: &[],
        truth: &[],
    }
}

/// Every kind that is planted.
pub(crate) fn plants() -> impl Iterator<Item = &'static Plant> {
    [work::PLANTS, price::PLANTS, rights::PLANTS, register::PLANTS].into_iter().flatten()
}

/// How often each kind is planted: at least twice, at most forty times.
pub(crate) fn repetitions(settings: &Settings) -> i64 {
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
            let person = register_role(persons, plant, number, at, start)?;
            for (after, fact, op, value) in plant.person {
                persons.event(&person, at + after, fact, op, value)?;
            }
            let algorithm = register_own_algorithm(algorithms, plant, number, at, start)?;
            decisions.push(Decision {
                at,
                action: plant.action,
                algorithm,
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

fn register_role(log: &mut EventLog, plant: &Plant, number: usize, at: i64, start: i64) -> Result<String, SimError> {
    let joined = start.min(at) - DAY_MILLIS * 30;
    let (key, facts): (String, Vec<_>) = match plant.role {
        Role::Courier(worker) => (format!("C9{number:05}"), courier_facts(worker).to_vec()),
        Role::Consumer(age_group) => (format!("U9{number:06}"), consumer_facts(age_group).to_vec()),
    };
    let known: Vec<_> = facts.into_iter().filter(|(fact, _)| !plant.unregistered.contains(fact)).collect();
    register_person(log, &key, joined, &known)?;
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

/// Ordinary numbers of the action, then the plant's own.
fn numbers_of(plant: &Plant) -> Numbers {
    let mut numbers = Numbers::default();
    for (name, value) in ordinary_numbers(plant.action) {
        numbers.set(name, Some(*value));
    }
    for (name, value) in plant.numbers {
        numbers.set(name, *value);
    }
    numbers
}

/// Numbers of a plain, lawful decision.
pub(crate) fn ordinary_numbers(action: Action) -> &'static [(&'static str, i64)] {
    match action {
        Action::Dispatch => &[
            ("continuousMinutes", 95),
            ("minutesSinceFatiguePrompt", 95),
            ("dailyMinutes", 130),
            ("weeklyMinutes", 900),
            ("restDaysThisWeek", 2),
            ("overtimeMinutesToday", 0),
            ("overtimeMinutesMonth", 0),
            ("ordersOnHand", 1),
        ],
        Action::Promise => {
            &[("promisedMinutes", 31), ("fixedMinutes", 12), ("distanceMetres", 2_600), ("ordersOnHand", 1)]
        }
        Action::Price => &[("priceFen", 450), ("referencePriceFen", 450)],
        Action::Pay => &[
            ("workedMinutes", 300),
            ("waitingMinutes", 40),
            ("dailyMinutes", 300),
            ("weeklyMinutes", 1_300),
            ("restDaysThisWeek", 2),
            ("overtimeMinutesToday", 0),
            ("overtimeMinutesMonth", 0),
            ("payFen", 20_000),
            ("basePayFen", 20_000),
            ("payDeductionFen", 0),
        ],
        Action::Penalise | Action::SuspendAccount => &[("payDeductionFen", 0)],
        Action::Recommend | Action::Push | Action::Profile => &[],
    }
}

/// A fact left out on purpose.
pub(crate) const LEFT_OUT: &str = MISSING;

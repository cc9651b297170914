//! What is planted on top of the lawful city: a decision about a person of its own, with the facts that break a rule, the
//! facts that just do not, or a fact left out. The city's own decisions are never bent.
//!
//! The tables below this file are the known truth. Each entry is written by hand from the text of the rules; an
//! independent oracle in the tests holds them against the rules, both ways.

mod conduct;
mod consent;
mod feed;
mod handling;
mod hours;
mod options;
mod pay;
mod platform;
mod price;
mod register;
mod sow;
mod union;
mod work;

pub(crate) use sow::sow;

use crate::action::Action;
use crate::facts::{MISSING, NO_WORDS, Patch};
use gongdao_model::LegalDate;

/// About whom a planted decision is.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Role {
    /// A courier with this work relation.
    Courier(&'static str),
    /// A consumer of this age group.
    Consumer(&'static str),
}

const MANAGED: Role = Role::Courier("managed");
const EMPLOYEE: Role = Role::Courier("employee");
const INDEPENDENT: Role = Role::Courier("independent");
const ADULT: Role = Role::Consumer("adult");
const OLDER: Role = Role::Consumer("older");
const MINOR: Role = Role::Consumer("minor");
const CHILD: Role = Role::Consumer("under-14");

/// One event near the decision: milliseconds after it (negative: before), fact, `set` / `add` / `remove`, value.
pub(crate) type Near = (i64, &'static str, &'static str, &'static str);

/// One hour, the distance of an event that is no trap of time.
const HOUR: i64 = 3_600_000;
/// A fact left out on purpose, or forgotten again.
const LEFT_OUT: &str = MISSING;

/// A fact set long before the decision.
const fn set(fact: &'static str, value: &'static str) -> Near {
    (-HOUR, fact, "set", value)
}

/// Words taken from a set long before the decision.
const fn remove(fact: &'static str, value: &'static str) -> Near {
    (-HOUR, fact, "remove", value)
}

/// Words put into a set long before the decision.
const fn add(fact: &'static str, value: &'static str) -> Near {
    (-HOUR, fact, "add", value)
}

/// One kind of planted decision; what it does not name is lawful.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plant {
    /// Its name in `plants.csv`.
    pub(crate) name: &'static str,
    action: Action,
    role: Role,
    patch: Patch,
    numbers: &'static [(&'static str, i64)],
    no_numbers: &'static [&'static str],
    tags: &'static str,
    person: &'static [Near],
    unregistered: &'static [&'static str],
    algorithm: &'static [Near],
    /// Rules that are violated: the identifier, then `?` and the reading where the provision is open.
    pub(crate) breaks: &'static [&'static str],
    /// Rules that cannot be judged, written alike.
    pub(crate) unknown: &'static [&'static str],
}

/// A lawful decision to start a plant from; alone, one just inside the law.
const fn plant(name: &'static str, action: Action, role: Role) -> Plant {
    Plant {
        name,
        action,
        role,
        patch: &[],
        numbers: &[],
        no_numbers: &[],
        tags: NO_WORDS,
        person: &[],
        unregistered: &[],
        algorithm: &[],
        breaks: &[],
        unknown: &[],
    }
}

impl Plant {
    /// Facts of the way of deciding; [`LEFT_OUT`] leaves one out.
    const fn facts(mut self, patch: Patch) -> Self {
        self.patch = patch;
        self
    }

    /// Numbers otherwise than [`ordinary_numbers`].
    const fn numbers(mut self, numbers: &'static [(&'static str, i64)]) -> Self {
        self.numbers = numbers;
        self
    }

    /// Numbers that nobody recorded.
    const fn no_numbers(mut self, names: &'static [&'static str]) -> Self {
        self.no_numbers = names;
        self
    }

    /// Tags used, joined with `|`.
    const fn tags(mut self, tags: &'static str) -> Self {
        self.tags = tags;
        self
    }

    /// Events of the person.
    const fn person(mut self, events: &'static [Near]) -> Self {
        self.person = events;
        self
    }

    /// Facts that nobody recorded on joining.
    const fn unregistered(mut self, facts: &'static [&'static str]) -> Self {
        self.unregistered = facts;
        self
    }

    /// Events of the algorithm: the decision then has an algorithm of its own.
    const fn algorithm(mut self, events: &'static [Near]) -> Self {
        self.algorithm = events;
        self
    }

    /// Rules that it violates.
    const fn breaks(mut self, rules: &'static [&'static str]) -> Self {
        self.breaks = rules;
        self
    }

    /// Rules that cannot be judged.
    const fn unknown(mut self, rules: &'static [&'static str]) -> Self {
        self.unknown = rules;
        self
    }
}

/// Instruments of the plants that came into force after the first day a city can have, with their own first day.
const LATER_LAW: [(&str, &str); 2] =
    [("cn.network-data-regulations/", "2025-01-01"), ("cn.occupational-injury-measures-2025/", "2025-07-01")];

/// Whether the law of a named rule was in force at a moment, in milliseconds.
pub(crate) fn is_law(rule: &str, at: i64) -> bool {
    let starts = LATER_LAW.iter().filter(|(instrument, _)| rule.starts_with(instrument));
    let mut starts = starts.filter_map(|(_, day)| day.parse::<LegalDate>().ok());
    starts.all(|day| day.starts_at().millis() <= at)
}

/// Every kind that is planted.
pub(crate) fn plants() -> impl Iterator<Item = &'static Plant> {
    let tables = [
        hours::PLANTS,
        work::PLANTS,
        pay::PLANTS,
        conduct::PLANTS,
        price::PLANTS,
        feed::PLANTS,
        options::PLANTS,
        consent::PLANTS,
        handling::PLANTS,
        register::PLANTS,
        platform::PLANTS,
        union::PLANTS,
    ];
    tables.into_iter().flatten()
}

/// Numbers of a plain, lawful decision.
fn ordinary_numbers(action: Action) -> &'static [(&'static str, i64)] {
    match action {
        Action::Dispatch => &[
            ("continuousMinutes", 35),
            ("minutesSinceRest", 95),
            ("minutesSinceFatiguePrompt", 95),
            ("dailyMinutes", 130),
            ("weeklyMinutes", 900),
            ("averageWeeklyMinutes", 1_100),
            ("restDaysThisWeek", 2),
            ("overtimeMinutesToday", 0),
            ("overtimeMinutesMonth", 0),
            ("ordersOnHand", 1),
        ],
        Action::Promise => {
            &[("promisedMinutes", 31), ("fixedMinutes", 12), ("distanceMetres", 2_600), ("ordersOnHand", 1)]
        }
        Action::Price => &[("priceFen", 400), ("referencePriceFen", 400)],
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
            ("unionWorkDaysMonth", 0),
        ],
        Action::Penalise | Action::SuspendAccount => &[("payDeductionFen", 0), ("overtimeMinutesToday", 0)],
        Action::Recommend | Action::Push | Action::Profile => &[],
    }
}

#[cfg(test)]
mod tests;

//! Decisions as a platform makes them, and the events of their persons and algorithms.

use crate::audit::data::{ACTIONS, Column, action, algorithm_name, columns, person_name};
use crate::audit::drawn::One;
use crate::decisions::Draw;
use gongdao_gate::{CheckRequest, Initial, StateChange, StateEvent};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Facts, Instant};
use gongdao_rules::RuleSet;
use std::collections::BTreeMap;

/// How the facts of decisions come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Drawn {
    /// An action has few ways of being done, as in `gongdao simulate`: what the caller shows, uses and claims is that of its
    /// way, the numbers are the decision's own.
    Practices,
    /// Every fact of every decision is drawn, so that nearly every answer is new.
    Anew,
}

impl Drawn {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Practices => "Decisions of 40 ways an action, numbers drawn",
            Self::Anew => "Decisions of which every fact is drawn",
        }
    }
}

const WAYS: u64 = 40;
const ALGORITHMS: u64 = 40;
/// Changes of a person's state.
const EVENTS: u64 = 3;
const PEOPLE_AT_ONCE: u64 = 20_000;
const FIRST: &str = "2024-06-03T00:00:00+08:00";

pub(crate) struct World {
    pub(crate) requests: Vec<CheckRequest>,
    /// What is so of a person without an event; events say the rest.
    pub(crate) initial: Initial,
    persons: u64,
    seed: u64,
    person: Vec<Column>,
    algorithm: Vec<Column>,
    first: i64,
}

impl Column {
    fn draw(&self, draw: &mut Draw) -> Option<FactValue> {
        let word = |position: usize| self.values.words().get(position).cloned().unwrap_or_default();
        Some(match self.values.draw(draw)? {
            One::Bool(value) => FactValue::Bool(value),
            One::Long(value) => FactValue::Long(value),
            One::Text(position) => FactValue::Text(word(position)),
            One::Set(bits) => {
                let words = self.values.words().iter().enumerate();
                FactValue::TextSet(
                    words.filter(|(bit, _)| bits >> bit & 1 == 1).map(|(_, word)| word.clone()).collect(),
                )
            }
        })
    }

    fn known(&self, draw: &mut Draw) -> FactValue {
        loop {
            if let Some(value) = self.draw(draw) {
                return value;
            }
        }
    }
}

impl World {
    pub(crate) fn draw(rules: &RuleSet, drawn: Drawn, count: usize, persons: u64, seed: u64) -> Result<Self, String> {
        let first = FIRST.parse::<Instant>().map_err(|error| error.to_string())?.millis();
        let mut draw = Draw(seed);
        let person = columns(rules, Entity::Person)?;
        let initial = person.iter().map(|column| (column.path.clone(), column.known(&mut draw))).collect();
        let own = columns(rules, Entity::Decision)?;
        let ways = ways(&own, &mut draw);
        let mut requests = Vec::with_capacity(count);
        for number in 0..count {
            let action = action(draw.next() % 100);
            let way = usize::try_from(draw.next() % WAYS).unwrap_or(0);
            let mut facts = Facts::new();
            for (position, column) in own.iter().enumerate() {
                if !column.actions.get(action).copied().unwrap_or(false) {
                    continue;
                }
                let is_own = drawn == Drawn::Anew || column.kind == FactType::Long;
                let of_way = || ways.get(action)?.get(way)?.get(position)?.clone();
                if let Some(value) = if is_own { column.draw(&mut draw) } else { of_way() } {
                    facts.insert(column.path.clone(), value);
                }
            }
            let millis = first + i64::try_from(number).unwrap_or(0);
            requests.push(CheckRequest {
                id: format!("d-{number:010}").parse().map_err(|_| "a decision's name")?,
                at: Instant::from_millis(millis).map_err(|error| error.to_string())?,
                action: ACTIONS.get(action).map_or("dispatch", |(name, _)| name).to_owned(),
                place: None,
                algorithm: Some(algorithm_name(draw.next() % ALGORITHMS)),
                person: Some(person_name(draw.next() % persons.max(1))),
                facts,
            });
        }
        Ok(Self { requests, initial, persons, seed, person, algorithm: columns(rules, Entity::Algorithm)?, first })
    }

    pub(crate) fn event_count(&self) -> u64 {
        self.persons * EVENTS + ALGORITHMS * self.algorithm.len() as u64
    }

    /// All events, in parts; equal at every call.
    pub(crate) fn events(&self, take: &mut dyn FnMut(&[StateEvent]) -> Result<(), String>) -> Result<(), String> {
        let mut draw = Draw(self.seed ^ 0xaaaa);
        let mut events = Vec::new();
        for number in 0..ALGORITHMS {
            for column in &self.algorithm {
                events.push(self.event(algorithm_name(number), column, 1, &mut draw)?);
            }
        }
        take(&events)?;
        let mut from = 0;
        while from < self.persons {
            events.clear();
            for number in from..(from + PEOPLE_AT_ONCE).min(self.persons) {
                for event in 0..EVENTS {
                    let position = usize::try_from(draw.next() % self.person.len().max(1) as u64).unwrap_or(0);
                    if let Some(column) = self.person.get(position) {
                        events.push(self.event(person_name(number), column, event, &mut draw)?);
                    }
                }
            }
            take(&events)?;
            from += PEOPLE_AT_ONCE;
        }
        Ok(())
    }

    fn event(&self, key: String, column: &Column, order: u64, draw: &mut Draw) -> Result<StateEvent, String> {
        let before = i64::try_from((10 - order) * 86_400_000).unwrap_or(0);
        let at = Instant::from_millis(self.first - before).map_err(|error| error.to_string())?;
        let change = StateChange::Set(column.known(draw));
        Ok(StateEvent { key, fact: column.path.clone(), change, at, recorded_at: at, seq: None })
    }

    /// The facts of the persons and algorithms that the decisions name, folded in a loop.
    pub(crate) fn joined(&self) -> Result<Vec<Facts>, String> {
        let mut states: BTreeMap<String, BTreeMap<FactPath, FactValue>> = BTreeMap::new();
        for request in &self.requests {
            states.extend(request.person.iter().map(|key| (key.clone(), self.initial.clone())));
            states.extend(request.algorithm.iter().map(|key| (key.clone(), BTreeMap::new())));
        }
        self.events(&mut |events| {
            for event in events {
                if let (Some(state), StateChange::Set(value)) = (states.get_mut(&event.key), &event.change) {
                    state.insert(event.fact.clone(), value.clone());
                }
            }
            Ok(())
        })?;
        let joined = self.requests.iter().map(|request| {
            let keys = request.person.iter().chain(&request.algorithm);
            let held = keys.filter_map(|key| states.get(key)).flatten();
            let own = request.facts.iter();
            held.chain(own).map(|(path, value)| (path.clone(), value.clone())).collect()
        });
        Ok(joined.collect())
    }
}

/// By action and way, each fact of it.
fn ways(columns: &[Column], draw: &mut Draw) -> Vec<Vec<Vec<Option<FactValue>>>> {
    let way = |draw: &mut Draw| columns.iter().map(|column| column.draw(draw)).collect();
    ACTIONS.iter().map(|_| (0..WAYS).map(|_| way(draw)).collect()).collect()
}

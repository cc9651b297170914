//! The state of persons and algorithms, as events have made it.

use crate::{EventRefusal, StateChange, StateEvent, StateFacts};
use gongdao_kernel::{AsOfError, AsOfIndex, Change, Event, EventLog, LiveIndex, Sees};
use gongdao_model::{Entity, FactPath, FactType, FactValue, Instant};
use gongdao_rules::Vocabulary;
use std::collections::BTreeMap;

/// The states of both, and the moment up to which they are known.
#[derive(Debug)]
pub(crate) struct States {
    pub(crate) person: Subjects,
    pub(crate) algorithm: Subjects,
    /// The latest recording of any event: nothing that was acknowledged by then may be overlooked.
    pub(crate) newest: Option<Instant>,
}

/// The states of one kind.
#[derive(Debug)]
pub(crate) struct Subjects {
    live: LiveIndex,
    /// The facts of the vocabulary; beside fact number `n` of the index stands number `facts.len() + n`, which says that
    /// some event left the fact unknown: then no caller may claim it.
    facts: Vec<FactPath>,
}

impl States {
    /// The states before any event.
    pub(crate) fn new(vocabulary: &Vocabulary, initial: &StateFacts) -> Result<Self, AsOfError> {
        let of = |entity| Subjects::new(vocabulary, entity, initial);
        Ok(Self { person: of(Entity::Person)?, algorithm: of(Entity::Algorithm)?, newest: None })
    }

    pub(crate) fn subjects(&self, entity: Entity) -> Option<&Subjects> {
        match entity {
            Entity::Person => Some(&self.person),
            Entity::Algorithm => Some(&self.algorithm),
            Entity::Decision | Entity::Parameter => None,
        }
    }

    /// INVARIANT: [`refusal`] found nothing wrong with the event.
    pub(crate) fn apply(&mut self, event: &StateEvent) -> Result<(), EventRefusal> {
        let subjects = match event.fact.entity() {
            Entity::Person => &mut self.person,
            _ => &mut self.algorithm,
        };
        subjects.apply(event)?;
        self.newest = self.newest.max(Some(event.recorded_at));
        Ok(())
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.person.live.memory_bytes() + self.algorithm.live.memory_bytes()
    }
}

impl Subjects {
    fn new(vocabulary: &Vocabulary, entity: Entity, initial: &StateFacts) -> Result<Self, AsOfError> {
        let own = || vocabulary.facts.iter().filter(|(path, _)| path.entity() == entity);
        let facts: Vec<FactPath> = own().map(|(path, _)| path.clone()).collect();
        let mut columns: Vec<(FactPath, FactType)> =
            own().map(|(path, declared)| (path.clone(), declared.fact_type)).collect();
        columns.extend(facts.iter().map(|path| (shadow(path), FactType::Bool)));
        let initial: BTreeMap<FactPath, FactValue> = initial
            .iter()
            .filter(|(path, _)| path.entity() == entity)
            .map(|(path, value)| (path.clone(), value.clone()))
            .collect();
        let live = EventLog::new(columns).open(&initial, Sees::Happened, 1)?;
        Ok(Self { live, facts })
    }

    /// The facts, in the order of their numbers.
    pub(crate) fn facts(&self) -> &[FactPath] {
        &self.facts
    }

    /// The number of the state of a key as of a moment; of nobody's where there is no key.
    pub(crate) fn state(&self, key: Option<&str>, at: Instant) -> u32 {
        key.map_or(AsOfIndex::NOTHING, |key| self.live.index().state_at(key, at))
    }

    /// The numbers of a state's values, one a fact; 0 where it is unknown. Behind them stands for each fact another number,
    /// which is not 0 where an event has left the fact unknown, so that no caller may claim it.
    #[inline]
    pub(crate) fn numbers(&self, state: u32) -> (&[u32], &[u32]) {
        let numbers = self.live.index().numbers(state);
        numbers.split_at_checked(self.facts.len()).unwrap_or_default()
    }

    /// The value of a fact by its number.
    pub(crate) fn value_numbered(&self, fact: usize, number: u32) -> Option<&FactValue> {
        self.live.index().value_numbered(fact, number)
    }

    /// A fact in a state.
    pub(crate) fn value(&self, state: u32, fact: usize) -> Option<&FactValue> {
        self.live.index().value(state, fact)
    }

    /// Whether an event has left the fact unknown in the state, so that no caller may claim it.
    pub(crate) fn is_withheld(&self, state: u32, fact: usize) -> bool {
        self.value(state, self.facts.len() + fact).is_some()
    }

    fn apply(&mut self, event: &StateEvent) -> Result<(), EventRefusal> {
        let Ok(fact) = self.facts.binary_search(&event.fact) else {
            return Err(EventRefusal::new(format!("`{}` is no fact of the state", event.fact), HINT));
        };
        let change = Change::from(event.change.clone());
        let one = Event { key: &event.key, at: Some(event.at), known_at: None, seq: event.seq, fact, change: &change };
        // The mark goes first: with it alone the state knows less than it should, never more.
        if !matches!(event.change, StateChange::Set(_)) {
            let mark = Change::Set(FactValue::Bool(true));
            self.live.apply(&Event { fact: self.facts.len() + fact, change: &mark, ..one }).map_err(refused)?;
        }
        self.live.apply(&one).map_err(refused)
    }
}

/// A fact of its own for the mark: the index wants each path once.
fn shadow(path: &FactPath) -> FactPath {
    FactPath::new(path.entity(), &format!("{}__withheld", path.name())).unwrap_or_else(|_| path.clone())
}

const HINT: &str = "give a fact of `principal` or `resource` in packs/vocabulary.cedarschema";

fn refused(error: AsOfError) -> EventRefusal {
    EventRefusal::new(error.message, error.hint.unwrap_or_default())
}

/// What is wrong with an event; none where it can be applied.
pub(crate) fn refusal(vocabulary: &Vocabulary, event: &StateEvent) -> Option<EventRefusal> {
    if event.key.trim().is_empty() {
        return Some(EventRefusal::new("the event has no key", "name the person or algorithm as decisions name it"));
    }
    let declared = match event.fact.entity() {
        Entity::Person | Entity::Algorithm => vocabulary.facts.get(&event.fact),
        Entity::Decision | Entity::Parameter => None,
    };
    let Some(declared) = declared else {
        return Some(EventRefusal::new(format!("`{}` is no fact of the state", event.fact), HINT));
    };
    let (given, value) = match &event.change {
        StateChange::Set(value) => (value.fact_type(), Some(value.clone())),
        StateChange::Forget => return None,
        StateChange::Add(words) | StateChange::Remove(words) => {
            (FactType::TextSet, Some(FactValue::TextSet(words.clone())))
        }
    };
    if given != declared.fact_type {
        let (wanted, given) = (declared.fact_type.cedar_name(), given.cedar_name());
        let message = format!("`{}` is of type {wanted} and not {given}", event.fact);
        return Some(EventRefusal::new(message, "give it the type of the vocabulary; `add` and `remove` are for sets"));
    }
    let value = value?;
    let word = declared.unknown_word(&value)?;
    let hint = format!("use one of {}", declared.listed_words());
    Some(EventRefusal::new(format!("`{}` cannot be `{word}`", event.fact), hint))
}

use crate::ClockError;
use gongdao_model::Instant;
use serde::Serialize;
use std::collections::BTreeSet;

/// Something that happened and that duties know by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    id: String,
    name: String,
    at: Instant,
    subjects: BTreeSet<String>,
}

impl Event {
    /// An event. `id` is unique among the events given together and stays when the event is recorded again; `name` is the
    /// word of `trigger` or `discharged_by` in `duties.toml`; `subjects` says whom or what it is about: an algorithm, a
    /// person, a case.
    ///
    /// Errors: `id` or `name` is empty.
    pub fn new<'a>(
        id: &str,
        name: &str,
        at: Instant,
        subjects: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, ClockError> {
        for (what, text) in [("identifier", id), ("name", name)] {
            if text.trim().is_empty() {
                let hint = "give each event an identifier of its own and the name that duties know it by";
                return Err(ClockError::new(format!("an event at `{at}` has no {what}"), hint));
            }
        }
        let subjects = subjects.into_iter().map(str::to_owned).collect();
        Ok(Self { id: id.to_owned(), name: name.to_owned(), at, subjects })
    }

    /// Its identifier.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// When it happened.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// Whom or what it is about.
    pub fn subjects(&self) -> impl Iterator<Item = &str> {
        self.subjects.iter().map(String::as_str)
    }

    /// Whether it is about everything that `other` is about.
    fn concerns(&self, other: &Self) -> bool {
        other.subjects.is_subset(&self.subjects)
    }
}

/// Events in the order of time; those of one instant in the order of their identifiers.
#[derive(Debug, Clone, Default)]
pub struct Events(Vec<Event>);

impl Events {
    /// Errors: two events with one identifier.
    pub fn new(mut events: Vec<Event>) -> Result<Self, ClockError> {
        events.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
        let mut seen = BTreeSet::new();
        if let Some(twice) = events.iter().find(|event| !seen.insert(&event.id)) {
            let hint = "give each event its own; a correction replaces the event instead of standing beside it";
            return Err(ClockError::new(format!("two events have the identifier `{}`", twice.id), hint));
        }
        Ok(Self(events))
    }

    /// Those of a name up to a moment.
    pub(crate) fn named<'a>(&'a self, name: &'a str, until: Instant) -> impl Iterator<Item = &'a Event> {
        self.0.iter().filter(move |event| event.name == name && event.at <= until)
    }

    /// The first of a name that is about everything `trigger` is about, not before it and not after `until`.
    pub(crate) fn answer<'a>(&'a self, name: &'a str, trigger: &Event, until: Instant) -> Option<&'a Event> {
        self.named(name, until).find(|event| event.at >= trigger.at && event.concerns(trigger))
    }

    /// The same, but strictly after `after`.
    pub(crate) fn answer_after<'a>(
        &'a self,
        name: &'a str,
        trigger: &Event,
        after: Instant,
        until: Instant,
    ) -> Option<&'a Event> {
        self.named(name, until).find(|event| event.at > after && event.concerns(trigger))
    }
}

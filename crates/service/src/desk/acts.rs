//! What a request changes at once, so that the gate's next decision sees it.

use crate::event::EventBody;
use crate::port::{JournalKind, NewEntry};
use crate::{Service, ServiceError};
use gongdao_desk::{About, Act, Case, Done};
use gongdao_gate::StateChange;
use gongdao_model::{FactPath, FactValue, Instant};
use std::collections::BTreeSet;

/// What was changed where, to be said in the answer.
pub(crate) const GATE: &str = gongdao_desk::OWN_SYSTEM;

/// The entries that fulfil a request, and what they do in words.
pub(super) type Fulfilled = (Vec<NewEntry>, Vec<Done>);

/// A change of a person's state that follows from a request.
pub(crate) fn person_change(
    name: &str,
    person: &str,
    actor: &str,
    at: Instant,
    fact: FactPath,
    change: StateChange,
) -> Result<NewEntry, ServiceError> {
    Ok(NewEntry {
        kind: JournalKind::PersonEvent,
        id: name.to_owned(),
        person: Some(person.to_owned()),
        subject: None,
        actor: actor.to_owned(),
        at,
        body: serde_json::to_string(&EventBody::new(fact, change)).map_err(ServiceError::storage)?,
    })
}

impl Service {
    /// What fulfils a request; nothing where a person has to.
    ///
    /// Errors: the packs in use have no fact for it, so that no rule would see it.
    pub(super) fn act_entries(&self, case: &Case, actor: &str, at: Instant) -> Result<Option<Fulfilled>, ServiceError> {
        let Some(act) = self.desk.rights.of(case.kind)?.acts else { return Ok(None) };
        if act == Act::Show {
            let what = format!("/v1/cases/{}/record", case.id);
            return Ok(Some((Vec::new(), vec![Done { system: GATE.to_owned(), what }])));
        }
        let changes = self.changes(act, &case.about)?;
        let mut entries = Vec::new();
        let mut done = Vec::new();
        for (number, (fact, change)) in changes.into_iter().enumerate() {
            let what = serde_json::json!({ "fact": &fact, "change": &change }).to_string();
            done.push(Done { system: GATE.to_owned(), what });
            let body = EventBody::new(fact.clone(), change.clone());
            let refusal = self.gate.validate(&body.into_event(case.person.clone(), at)).err();
            if let Some(refusal) = refusal {
                return Err(ServiceError::input(refusal.message, refusal.hint));
            }
            let name = format!("{}-act-{number}", case.id);
            entries.push(person_change(&name, &case.person, actor, at, fact, change)?);
        }
        Ok(Some((entries, done)))
    }

    fn changes(&self, act: Act, about: &About) -> Result<Vec<(FactPath, StateChange)>, ServiceError> {
        let word = |text: &Option<String>| -> BTreeSet<String> { text.iter().cloned().collect() };
        let wanted: Vec<(&str, StateChange)> = match act {
            Act::Show => Vec::new(),
            Act::OptOut => vec![("resource.profilingOff", StateChange::Set(FactValue::Bool(true)))],
            Act::DeleteTag => vec![("resource.deletedTags", StateChange::Add(word(&about.tag)))],
            Act::Restrict => vec![("resource.restrictedPurposes", StateChange::Add(word(&about.purpose)))],
            Act::Withdraw => {
                let gone = || StateChange::Remove(word(&about.purpose));
                vec![
                    ("resource.consents", gone()),
                    ("resource.separateConsents", gone()),
                    ("resource.writtenConsents", gone()),
                    ("resource.withdrawnPurposes", StateChange::Add(word(&about.purpose))),
                ]
            }
        };
        let mut changes = Vec::new();
        for (path, change) in wanted {
            let path: FactPath = path.parse()?;
            if self.vocabulary.facts.contains_key(&path) {
                changes.push((path, change));
            }
        }
        if changes.is_empty() {
            let hint = "no rule of these packs looks at it; use packs that have the fact";
            return Err(ServiceError::input("the packs in use have no fact for this request", hint));
        }
        Ok(changes)
    }
}

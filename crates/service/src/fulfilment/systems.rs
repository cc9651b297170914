use crate::identity::new_id;
use crate::port::{Document, Expected, JournalKind, NewEntry, Put};
use crate::settings::Versioned;
use crate::webhook::FULFILMENT;
use crate::{Caller, Right, Service, ServiceError};
use gongdao_desk::{OWN_SYSTEM, Order, RequestKind, Way};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

const SYSTEMS: &str = "systems";
/// Systems of a service at most: each is asked for each request that is granted.
const MOST: u32 = 100;
const NAME_CHARS: usize = 40;
const WORDS_CHARS: usize = 100;

/// A system of the operator that holds something about persons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    /// Its name.
    pub id: String,
    /// The rest.
    #[serde(flatten)]
    pub what: NewSystem,
    /// How it stands.
    #[serde(default)]
    pub state: SystemState,
    /// While it waits: as it was before, which counts until then. Nothing where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<NewSystem>,
}

/// How a system stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SystemState {
    /// It carries out what is granted.
    #[default]
    Active,
    /// It would learn of persons, so a second person has to agree ([`crate::Act::OpenSystem`]).
    Waiting,
}

impl System {
    /// What counts now.
    fn in_force(self) -> Option<(String, NewSystem)> {
        let what = if self.state == SystemState::Active { Some(self.what) } else { self.before };
        what.map(|what| (self.id, what))
    }
}

/// A system as it is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewSystem {
    /// What people call it, Chinese.
    pub zh: String,
    /// What people call it, English.
    pub en: String,
    /// How it learns of tasks.
    pub way: Way,
    /// Which requests it has to carry out.
    pub kinds: BTreeSet<RequestKind>,
    /// The webhook that tells it, of kind `fulfilment`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// The key that it answers with, by its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

impl NewSystem {
    /// Whether it tells a program of persons; a person of the operator sees them anyway.
    fn tells_a_program(&self) -> bool {
        self.webhook.is_some() || self.key.is_some()
    }

    /// Whether no one learns of more persons than by another declaration.
    fn is_within(&self, other: &Self) -> bool {
        (self.way, &self.webhook, &self.key) == (other.way, &other.webhook, &other.key)
            && self.kinds.is_subset(&other.kinds)
    }

    /// Errors: what does not fit together.
    fn check(&self, id: &str) -> Result<(), ServiceError> {
        let refused = |what: &str, hint: &str| Err(ServiceError::input(what, hint));
        let is_word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(1..=NAME_CHARS).contains(&id.len()) || !id.chars().all(is_word) || id == OWN_SYSTEM {
            return refused("this is no name of a system", "use 1 to 40 of a-z, 0-9 and `-`; `gongdao` is the service");
        }
        if [&self.zh, &self.en].iter().any(|text| !(1..=WORDS_CHARS).contains(&text.trim().chars().count())) {
            return refused("the system has no name for people", "give `zh` and `en`, 1 to 100 characters each");
        }
        if self.kinds.is_empty() || !self.kinds.iter().all(|kind| kind.is_carried_out()) {
            let hint = "take of `correct`, `delete`, `restrict`, `withdraw-consent`, `delete-tag`, `opt-out`";
            return refused("`kinds` names no request that a system carries out", hint);
        }
        let is_for = |webhook: bool, key: bool| self.webhook.is_some() == webhook && self.key.is_some() == key;
        match self.way {
            Way::Webhook if !is_for(true, true) => {
                refused("who is told by a webhook needs it and a key to answer with", "give `webhook` and `key`")
            }
            Way::DataMap if !is_for(false, true) => {
                refused("who takes tasks by itself needs a key", "give `key`, and no `webhook`")
            }
            Way::DataMap if self.kinds.iter().any(|kind| *kind != RequestKind::Delete) => {
                refused("a map of data carries deletions out alone", "give it the kind `delete`")
            }
            Way::Manual if !is_for(false, false) => {
                refused("a person needs no webhook and no key of a system", "leave `webhook` and `key` out")
            }
            Way::Own => refused("`own` is the service itself", "use `webhook`, `data-map` or `manual`"),
            _ => Ok(()),
        }
    }
}

impl Service {
    /// All systems in the order of their names.
    ///
    /// Errors: the caller may not see how the service is run.
    pub fn systems(&self, caller: &Caller) -> Result<Vec<System>, ServiceError> {
        caller.may(Right::ReadSettings)?;
        self.declared_systems()
    }

    /// One, with its version.
    ///
    /// Errors: the caller may not; there is none.
    pub fn system(&self, caller: &Caller, id: &str) -> Result<Versioned<System>, ServiceError> {
        caller.may(Right::ReadSettings)?;
        let document = self.store.document(SYSTEMS, id)?.ok_or_else(|| ServiceError::not_found("system"))?;
        Ok(Versioned { version: document.version, value: read(&document)? })
    }

    /// Declare a system (`version` 0), or change one. What is granted from now on it has to carry out. Where a program would learn of
    /// persons by it, of whom it learned nothing before, it waits for a second person, and what was declared before counts until then.
    ///
    /// Errors: the caller may not; `Changed`; what does not fit; no such webhook or key; too many.
    pub fn put_system(
        &self,
        caller: &Caller,
        id: &str,
        version: u64,
        what: NewSystem,
    ) -> Result<Versioned<System>, ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        what.check(id)?;
        if let Some(webhook) = &what.webhook {
            self.check_webhook_tells(webhook)?;
        }
        if let Some(key) = &what.key {
            self.check_machine_key(key)?;
        }
        if version == 0 && self.store.list(SYSTEMS, None, MOST)?.len() >= MOST as usize {
            return Err(ServiceError::input(format!("there are {MOST} systems already"), "take one away first"));
        }
        let before = self.store.document(SYSTEMS, id)?.as_ref().map(read).transpose()?.and_then(System::in_force);
        let before = before.map(|(_, what)| what);
        let waits = what.tells_a_program() && !before.as_ref().is_some_and(|before| what.is_within(before));
        let state = if waits { SystemState::Waiting } else { SystemState::Active };
        let system = System { id: id.to_owned(), what, state, before: before.filter(|_| waits) };
        let expected = if version == 0 { Expected::Absent } else { Expected::Version(version) };
        let body = serde_json::to_string(&system).map_err(ServiceError::storage)?;
        let entry = self.system_entry(caller, "system-declared", &system)?;
        let change = self.store.change(&self.node, &[put(id, expected, Some(body))], &[entry])?;
        Ok(Versioned { version: change.versions.first().copied().unwrap_or_default(), value: system })
    }

    /// Take one away. What it has to do already stays its task; a person can say that it is done.
    ///
    /// Errors: the caller may not; there is none.
    pub fn delete_system(&self, caller: &Caller, id: &str) -> Result<(), ServiceError> {
        caller.may(Right::ManageWebhooks)?;
        let document = self.store.document(SYSTEMS, id)?.ok_or_else(|| ServiceError::not_found("system"))?;
        let entry = self.system_entry(caller, "system-taken-away", &read(&document)?)?;
        self.store.change(&self.node, &[put(id, Expected::Version(document.version), None)], &[entry])?;
        Ok(())
    }

    pub(super) fn declared_systems(&self) -> Result<Vec<System>, ServiceError> {
        self.store.list(SYSTEMS, None, MOST)?.iter().map(read).collect()
    }

    /// Systems as they count now: what waits for a second person counts nothing.
    pub(super) fn systems_in_force(&self) -> Result<Vec<(String, NewSystem)>, ServiceError> {
        Ok(self.declared_systems()?.into_iter().filter_map(System::in_force).collect())
    }

    /// The systems that have to carry a kind of request out.
    pub(crate) fn orders_of(&self, kind: RequestKind) -> Result<Vec<Order>, ServiceError> {
        let systems = self.systems_in_force()?.into_iter().filter(|(_, what)| what.kinds.contains(&kind));
        Ok(systems.map(|(system, what)| Order { system, way: what.way }).collect())
    }

    /// Errors: there is none; this version of it does not wait (`Changed`).
    pub(crate) fn waiting_system(&self, id: &str, version: u64) -> Result<System, ServiceError> {
        let document = self.store.document(SYSTEMS, id)?.ok_or_else(|| ServiceError::not_found("system"))?;
        let system = read(&document)?;
        if system.state == SystemState::Waiting && document.version == version {
            Ok(system)
        } else {
            Err(ServiceError::changed())
        }
    }

    /// Two people agreed to this version: it counts from now on.
    pub(crate) fn open_system(&self, id: &str, version: u64) -> Result<Put, ServiceError> {
        let system = System { state: SystemState::Active, before: None, ..self.waiting_system(id, version)? };
        let body = serde_json::to_string(&system).map_err(ServiceError::storage)?;
        Ok(put(id, Expected::Version(version), Some(body)))
    }

    /// Names of the systems that answer with the caller's key.
    pub(super) fn own_systems(&self, caller: &Caller) -> Result<BTreeSet<String>, ServiceError> {
        let Some(key) = caller.actor.strip_prefix("key:") else { return Ok(BTreeSet::new()) };
        let own = self.systems_in_force()?.into_iter().filter(|(_, what)| what.key.as_deref() == Some(key));
        Ok(own.map(|(system, _)| system).collect())
    }

    /// Names for people, where the system is declared still.
    pub fn system_names(&self) -> Result<Vec<(String, String, String)>, ServiceError> {
        let systems = self.declared_systems()?.into_iter();
        Ok(systems.map(|system| (system.id, system.what.zh, system.what.en)).collect())
    }

    fn check_webhook_tells(&self, id: &str) -> Result<(), ServiceError> {
        let hint = "make a webhook of kind `fulfilment` first";
        let refused = || ServiceError::input("`webhook` is none that tells of fulfilment", hint);
        let (_, webhook) = self.kept_webhook(id).map_err(|_| refused())?;
        if webhook.webhook.kinds.contains(FULFILMENT) { Ok(()) } else { Err(refused()) }
    }

    /// What declaring a system leaves in the ledger.
    fn system_entry(&self, caller: &Caller, what: &str, system: &System) -> Result<NewEntry, ServiceError> {
        let body = serde_json::json!({
            "what": what, "system": system.id, "way": system.what.way, "kinds": system.what.kinds,
            "webhook": system.what.webhook, "key": system.what.key, "state": system.state,
        });
        Ok(NewEntry {
            kind: JournalKind::Access,
            id: new_id("system-entry", &*self.entropy)?,
            person: None,
            subject: Some(system.id.clone()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: body.to_string(),
        })
    }
}

fn read(document: &Document) -> Result<System, ServiceError> {
    serde_json::from_str(&document.body).map_err(ServiceError::storage)
}

fn put(id: &str, expected: Expected, body: Option<String>) -> Put {
    Put { collection: SYSTEMS, id: id.to_owned(), expected, body, alias: None, expires: None }
}

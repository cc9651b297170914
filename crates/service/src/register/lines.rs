use crate::ServiceError;
use crate::port::{Document, Expected, JournalEntry, JournalKind, NewEntry, Put, Store};
use gongdao_register::{
    Algorithm, AlgorithmEvent, Consultation, ConsultationEvent, Duties, Trial, TrialEvent, Version, VersionEvent,
    VersionWhat,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const ALGORITHMS: &str = "register-algorithms";
pub(super) const VERSIONS: &str = "register-versions";
pub(super) const CONSULTATIONS: &str = "register-consultations";
pub(super) const TRIALS: &str = "register-trials";

/// What the journal keeps of a change of the register.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum RegisterBody {
    Algorithm(AlgorithmEvent),
    Version(VersionEvent),
    Consultation(ConsultationEvent),
    Trial(TrialEvent),
    /// Published lists were read in.
    Published {
        /// SHA-256 of the file.
        digest: String,
        /// Rows that were taken.
        rows: u64,
    },
}

impl RegisterBody {
    fn word(&self) -> &'static str {
        match self {
            Self::Algorithm(_) => "algorithm",
            Self::Version(_) => "version",
            Self::Consultation(_) => "consultation",
            Self::Trial(_) => "trial",
            Self::Published { .. } => "published",
        }
    }
}

/// A document with its version in the database.
pub(super) struct Stored<T> {
    pub(super) value: T,
    version: u64,
}

impl<T: Serialize> Stored<T> {
    /// The same document, changed.
    pub(super) fn put(&self, collection: &'static str, id: &str, value: &T) -> Result<Put, ServiceError> {
        put(collection, id, Expected::Version(self.version), value)
    }
}

pub(super) fn put<T: Serialize>(
    collection: &'static str,
    id: &str,
    expected: Expected,
    value: &T,
) -> Result<Put, ServiceError> {
    let body = Some(serde_json::to_string(value).map_err(ServiceError::storage)?);
    Ok(Put { collection, id: id.to_owned(), expected, body, alias: None, expires: None })
}

pub(super) fn read<T: DeserializeOwned>(document: &Document) -> Result<T, ServiceError> {
    serde_json::from_str(&document.body).map_err(ServiceError::storage)
}

/// Errors: there is none; `what` names it.
pub(super) fn stored<T: DeserializeOwned>(
    store: &dyn Store,
    collection: &str,
    id: &str,
    what: &str,
) -> Result<Stored<T>, ServiceError> {
    let document = store.document(collection, id)?.ok_or_else(|| ServiceError::not_found(what))?;
    Ok(Stored { value: read(&document)?, version: document.version })
}

/// All documents of a collection, in the order of their names.
pub(super) fn all<T: DeserializeOwned>(store: &dyn Store, collection: &str) -> Result<Vec<T>, ServiceError> {
    const AT_ONCE: u32 = 500;
    let (mut found, mut after): (Vec<T>, Option<String>) = (Vec::new(), None);
    loop {
        let page = store.list(collection, after.as_deref(), AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(found) };
        after = Some(last.id.clone());
        for document in &page {
            found.push(read(document)?);
        }
    }
}

/// An entry of the journal. Whoever acts at the same time gives the same name to something else, and one of the two is refused.
pub(super) fn entry(
    subject: &str,
    events: u32,
    actor: &str,
    at: gongdao_model::Instant,
    body: &RegisterBody,
) -> Result<NewEntry, ServiceError> {
    Ok(NewEntry {
        kind: JournalKind::Register,
        id: format!("register:{}:{subject}#{events}", body.word()),
        person: None,
        subject: Some(subject.to_owned()),
        actor: actor.to_owned(),
        at,
        body: serde_json::to_string(body).map_err(ServiceError::storage)?,
    })
}

/// What an entry of the register says.
pub(crate) fn body_of(entry: &NewEntry) -> Result<RegisterBody, ServiceError> {
    serde_json::from_str(&entry.body).map_err(ServiceError::storage)
}

/// Make the documents again from the journal: the ledger gave entries back that the database had lost.
pub(crate) fn restore(store: &dyn Store, node: &str, duties: &Duties) -> Result<(), ServiceError> {
    let mut made = Made::default();
    for entry in in_order(store)? {
        let Some(subject) = entry.entry.subject.as_deref() else { continue };
        made.take(subject, body_of(&entry.entry)?, duties)?;
    }
    let mut puts = Vec::new();
    for (id, algorithm) in &made.algorithms {
        puts.push(put(ALGORITHMS, id, Expected::Any, algorithm)?);
    }
    for (id, version) in &made.versions {
        puts.push(put(VERSIONS, id, Expected::Any, version)?);
    }
    for (id, consultation) in &made.consultations {
        puts.push(put(CONSULTATIONS, id, Expected::Any, consultation)?);
    }
    for (id, trial) in &made.trials {
        puts.push(put(TRIALS, id, Expected::Any, trial)?);
    }
    store.change(node, &puts, &[]).map(|_| ())
}

#[derive(Default)]
struct Made {
    algorithms: BTreeMap<String, Algorithm>,
    versions: BTreeMap<String, Version>,
    consultations: BTreeMap<String, Consultation>,
    trials: BTreeMap<String, Trial>,
}

impl Made {
    fn take(&mut self, subject: &str, body: RegisterBody, duties: &Duties) -> Result<(), ServiceError> {
        match body {
            RegisterBody::Algorithm(event) => {
                let next = match self.algorithms.get(subject) {
                    None => Algorithm::register(subject, &event)?,
                    Some(algorithm) => algorithm.after(&event)?,
                };
                self.algorithms.insert(subject.to_owned(), next);
            }
            RegisterBody::Version(event) => {
                let next = match self.versions.get(subject) {
                    None => Version::open(&event)?,
                    Some(version) => {
                        let consultation = version.consultation.as_ref().and_then(|id| self.consultations.get(id));
                        // How long the notice had to be was checked when it was published.
                        version.after(&event, consultation, 0, duties)?
                    }
                };
                self.versions.insert(subject.to_owned(), next);
            }
            RegisterBody::Consultation(event) => {
                let next = match self.consultations.get(subject) {
                    None => Consultation::open(subject, &event)?,
                    Some(consultation) => consultation.after(&event)?,
                };
                self.consultations.insert(subject.to_owned(), next);
            }
            RegisterBody::Trial(event) => {
                let next = match self.trials.get(subject) {
                    None => Trial::open(subject, &event)?,
                    Some(trial) => trial.after(&event)?,
                };
                self.trials.insert(subject.to_owned(), next);
            }
            RegisterBody::Published { .. } => {}
        }
        Ok(())
    }
}

fn in_order(store: &dyn Store) -> Result<Vec<JournalEntry>, ServiceError> {
    const AT_ONCE: u32 = 1000;
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = store.of_subject(JournalKind::Register, None, before, AT_ONCE)?;
        let Some(last) = page.last() else { break };
        before = Some(last.seq);
        all.extend(page);
    }
    all.sort_by_key(|entry: &JournalEntry| entry.seq);
    Ok(all)
}

/// What the gate has to know of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// That a version stands otherwise.
    Version,
    /// That a trial does.
    Trial,
    /// Nothing.
    Nothing,
}

pub(super) fn tells(entry: &NewEntry) -> Tells {
    if entry.kind != JournalKind::Register {
        return Tells::Nothing;
    }
    match body_of(entry) {
        Ok(RegisterBody::Version(_)) => Tells::Version,
        Ok(RegisterBody::Trial(_)) => Tells::Trial,
        _ => Tells::Nothing,
    }
}

/// Whether people hand it in as an event; the others have ways of their own.
pub(super) fn is_for_people(what: &VersionWhat) -> bool {
    !matches!(what, VersionWhat::Declared { .. } | VersionWhat::Called { .. })
}

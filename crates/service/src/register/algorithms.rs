use super::access::OnRegister;
use super::figures::Figures;
use super::filings::remarks;
use super::lines::{ALGORITHMS, RegisterBody, Stored, entry, put, read, stored};
use super::reader::RegisterReader;
use crate::follow::{Acknowledged, taken};
use crate::identity::new_id;
use crate::port::{Expected, NewEntry, Put, Recorded};
use crate::{Caller, Service, ServiceError};
use gongdao_model::Instant;
use gongdao_register::{
    Algorithm, AlgorithmEvent, AlgorithmWhat, Class, Description, FilingClock, Standing, Version, filing_clocks,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// A version in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VersionLine {
    /// Its name, as decisions name their algorithm.
    pub id: String,
    /// How it stands.
    pub standing: Standing,
    /// Digest of rule and factors.
    pub digest: String,
    /// When it came into the register.
    pub declared_at: Instant,
    /// The first day in force, where it is published.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The consultation over it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consultation: Option<String>,
}

impl VersionLine {
    pub(super) fn of(version: &Version, now: Instant) -> Self {
        Self {
            id: version.id.clone(),
            standing: version.hold().standing(now),
            digest: version.digest.clone(),
            declared_at: version.declared_at,
            from: version.publication.as_ref().map(|publication| publication.from.to_string()),
            consultation: version.consultation.clone(),
        }
    }
}

/// An algorithm in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlgorithmLine {
    /// Its name in the register.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who offers the service.
    pub provider: String,
    /// Its class.
    pub class: Class,
    /// Where it is used; the whole country where it is empty.
    pub places: BTreeSet<gongdao_model::PlaceCode>,
    /// Whether it touches workers.
    pub affects_labour: bool,
    /// Its filing number, while it is filed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// When it came into the register.
    pub registered_at: Instant,
}

impl AlgorithmLine {
    fn of(algorithm: Algorithm) -> Self {
        let number = algorithm.filing.filed.as_ref().filter(|_| algorithm.filing.is_filed());
        Self {
            number: number.map(|filed| filed.number.clone()),
            name: algorithm.description.name,
            provider: algorithm.description.provider,
            class: algorithm.description.class,
            places: algorithm.description.places,
            affects_labour: algorithm.description.affects_labour,
            registered_at: algorithm.registered_at,
            id: algorithm.id,
        }
    }
}

/// An algorithm, and what follows from it now.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AlgorithmView {
    /// The algorithm.
    #[serde(flatten)]
    pub algorithm: Algorithm,
    /// Its versions, oldest first.
    pub versions: Vec<VersionLine>,
    /// The clocks of its filing.
    pub clocks: Vec<FilingClock>,
    /// What looks unusual about its number.
    pub remarks: Vec<&'static str>,
    /// What was decided by its versions.
    pub figures: Figures,
    /// Where the last event stands, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

/// Which algorithms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlgorithmQuery {
    /// Of a class.
    pub class: Option<Class>,
    /// Those that touch workers, or those that do not.
    pub affects_labour: Option<bool>,
    /// With this in the name or the provider.
    pub query: Option<String>,
}

impl AlgorithmQuery {
    fn fits(&self, algorithm: &Algorithm) -> bool {
        let description = &algorithm.description;
        let has = |words: &str| {
            let words = words.to_lowercase();
            [&description.name, &description.provider].into_iter().any(|text| text.to_lowercase().contains(&words))
        };
        self.class.is_none_or(|class| class == description.class)
            && self.affects_labour.is_none_or(|affects| affects == description.affects_labour)
            && self.query.as_deref().is_none_or(has)
    }
}

impl Service {
    /// Put an algorithm into the register. Returns when it is in the ledger.
    ///
    /// Errors: the caller may not; a description that is none.
    pub fn register_algorithm(&self, caller: &Caller, description: Description) -> Result<AlgorithmView, ServiceError> {
        self.register.access.may(caller, OnRegister::Describe)?;
        let what = AlgorithmWhat::Registered { description: Box::new(description) };
        let event = AlgorithmEvent { at: self.clock.now(), what };
        let algorithm = Algorithm::register(&new_id("algorithm", &*self.entropy)?, &event)?;
        let put = put(ALGORITHMS, &algorithm.id, Expected::Absent, &algorithm)?;
        let entry = algorithm_entry(&algorithm, caller, event)?;
        let receipt = self.keep_register(&[put], &[entry])?;
        self.algorithm_view(algorithm, Some(receipt))
    }

    /// Describe an algorithm otherwise. `events` are those that the caller has seen: its version.
    ///
    /// Errors: the caller may not; there is none; `Changed`.
    pub fn describe_algorithm(
        &self,
        caller: &Caller,
        id: &str,
        events: u64,
        description: Description,
    ) -> Result<AlgorithmView, ServiceError> {
        self.register.access.may(caller, OnRegister::Describe)?;
        let before = self.stored_algorithm(id)?;
        if u64::from(before.value.events) != events {
            return Err(ServiceError::changed());
        }
        let what = AlgorithmWhat::Described { description: Box::new(description) };
        self.keep_algorithm(caller, &before, what)
    }

    pub(super) fn keep_algorithm(
        &self,
        caller: &Caller,
        before: &Stored<Algorithm>,
        what: AlgorithmWhat,
    ) -> Result<AlgorithmView, ServiceError> {
        let event = AlgorithmEvent { at: self.clock.now(), what };
        let algorithm = before.value.after(&event)?;
        let put = before.put(ALGORITHMS, &algorithm.id, &algorithm)?;
        let mut entries = vec![algorithm_entry(&algorithm, caller, event)?];
        if before.value.filing.is_filed() != algorithm.filing.is_filed() {
            for version in self.versions_of_algorithm(&algorithm.id)? {
                entries.extend(self.filed_fact(&version.id, &algorithm)?);
            }
        }
        let receipt = self.keep_register(&[put], &entries)?;
        self.algorithm_view(algorithm, Some(receipt))
    }

    /// One algorithm, for everyone.
    ///
    /// Errors: there is none.
    pub fn algorithm(&self, id: &str) -> Result<AlgorithmView, ServiceError> {
        let found = self.stored_algorithm(id)?;
        self.algorithm_view(found.value, None)
    }

    /// Algorithms in the order of their names in the register, after one.
    pub fn algorithms(
        &self,
        query: &AlgorithmQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<AlgorithmLine>, ServiceError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
        while found.len() < wanted {
            let page = self.store.list(ALGORITHMS, after.as_deref(), limit.max(100))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for document in &page {
                let algorithm: Algorithm = read(document)?;
                if query.fits(&algorithm) {
                    found.push(AlgorithmLine::of(algorithm));
                }
            }
        }
        found.truncate(wanted);
        Ok(found)
    }

    pub(super) fn stored_algorithm(&self, id: &str) -> Result<Stored<Algorithm>, ServiceError> {
        stored(&*self.store, ALGORITHMS, id, "algorithm")
    }

    /// The versions of an algorithm, oldest first.
    pub(super) fn versions_of_algorithm(&self, algorithm: &str) -> Result<Vec<Version>, ServiceError> {
        RegisterReader::new(&*self.store).versions_of(algorithm)
    }

    fn algorithm_view(
        &self,
        algorithm: Algorithm,
        receipt: Option<Acknowledged>,
    ) -> Result<AlgorithmView, ServiceError> {
        let now = self.clock.now();
        let versions = self.versions_of_algorithm(&algorithm.id)?;
        let names: Vec<String> = versions.iter().map(|version| version.id.clone()).collect();
        Ok(AlgorithmView {
            clocks: filing_clocks(&algorithm, &self.desk.calendar, now)?,
            remarks: remarks(&algorithm),
            versions: versions.iter().map(|version| VersionLine::of(version, now)).collect(),
            figures: self.figures_of(&names)?,
            algorithm,
            receipt,
        })
    }

    /// Make a change, and wait until it is in the ledger and every gate has it.
    pub(super) fn keep_register(&self, puts: &[Put], entries: &[NewEntry]) -> Result<Acknowledged, ServiceError> {
        let change = self.store.change(&self.node, puts, entries)?;
        if change.entries.contains(&Recorded::Other) {
            return Err(taken());
        }
        let last = change.entries.last().copied().ok_or_else(ServiceError::changed)?;
        self.follower.wait(last)
    }
}

fn algorithm_entry(algorithm: &Algorithm, caller: &Caller, event: AlgorithmEvent) -> Result<NewEntry, ServiceError> {
    entry(&algorithm.id, algorithm.events, &caller.actor, event.at, &RegisterBody::Algorithm(event))
}

use super::lines::{ALGORITHMS, CONSULTATIONS, TRIALS, VERSIONS, all, stored};
use crate::ServiceError;
use crate::port::Store;
use gongdao_register::{Algorithm, Consultation, Trial, Version};

/// The register as a database has it, without a service: for a command that reads a data folder.
#[derive(Clone, Copy)]
pub struct RegisterReader<'a>(&'a dyn Store);

impl<'a> RegisterReader<'a> {
    /// Over a store.
    pub fn new(store: &'a dyn Store) -> Self {
        Self(store)
    }

    /// All algorithms, in the order of their names in the register.
    pub fn algorithms(self) -> Result<Vec<Algorithm>, ServiceError> {
        all(self.0, ALGORITHMS)
    }

    /// One algorithm. Errors: there is none.
    pub fn algorithm(self, id: &str) -> Result<Algorithm, ServiceError> {
        Ok(stored(self.0, ALGORITHMS, id, "algorithm")?.value)
    }

    /// The versions of an algorithm, oldest first.
    pub fn versions_of(self, algorithm: &str) -> Result<Vec<Version>, ServiceError> {
        let mut versions: Vec<Version> = all(self.0, VERSIONS)?;
        versions.retain(|version| version.algorithm == algorithm);
        versions.sort_by(|a, b| (a.declared_at, &a.id).cmp(&(b.declared_at, &b.id)));
        Ok(versions)
    }

    /// One version. Errors: there is none.
    pub fn version(self, id: &str) -> Result<Version, ServiceError> {
        Ok(stored(self.0, VERSIONS, id, "version")?.value)
    }

    /// One consultation, as everyone may see it. Errors: there is none.
    pub fn consultation(self, id: &str) -> Result<Consultation, ServiceError> {
        let found: Consultation = stored(self.0, CONSULTATIONS, id, "consultation")?.value;
        Ok(found.public())
    }

    /// All trials in sandboxes, in the order of their names.
    pub fn trials(self) -> Result<Vec<Trial>, ServiceError> {
        all(self.0, TRIALS)
    }

    /// One trial. Errors: there is none.
    pub fn trial(self, id: &str) -> Result<Trial, ServiceError> {
        Ok(stored(self.0, TRIALS, id, "sandbox")?.value)
    }

    /// How many decisions were logged under the names of versions.
    pub fn decisions_of(self, versions: &[Version]) -> Result<u64, ServiceError> {
        let names: Vec<String> = versions.iter().map(|version| version.id.clone()).collect();
        Ok(self.0.count_algorithms(&names)?.decisions)
    }
}

use crate::ServiceError;

/// What was decided by one version, and what became of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlgorithmCount {
    /// Decisions that were logged.
    pub decisions: u64,
    /// Decisions among them that somebody contested.
    pub contested: u64,
    /// Contests that a person decided.
    pub reviewed: u64,
    /// Those among them where something was changed.
    pub changed: u64,
}

/// A published filing as the database has it: what it is found by, and all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedLine {
    /// Its name.
    pub id: String,
    /// Its class, in the words of the list.
    pub class: String,
    /// Its province.
    pub province: String,
    /// Everything that a search looks at, in lower case.
    pub haystack: String,
    /// JSON.
    pub body: String,
}

/// Which published filings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedFilter {
    /// With this in what a search looks at, in lower case.
    pub text: Option<String>,
    /// Of a province.
    pub province: Option<String>,
    /// Of a class, or one that begins with these words.
    pub class: Option<String>,
}

/// What became of lines that were put.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PublishedCount {
    /// They were not there.
    pub added: u64,
    /// They were there, and say something else now.
    pub changed: u64,
}

/// Words that published filings have, to choose from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedWords {
    /// Provinces, in order.
    pub provinces: Vec<String>,
    /// Classes, in order.
    pub classes: Vec<String>,
}

/// What the register is counted and searched by; everything else of it is documents.
pub trait Register: Send + Sync {
    /// Decisions and contests of versions, by their names as decisions have them, together.
    fn count_algorithms(&self, names: &[String]) -> Result<AlgorithmCount, ServiceError>;
    /// Decisions that a process logged under the name of a version, in the order of its ledger, from a place on: place and
    /// person.
    fn decisions_of_version(
        &self,
        version: &str,
        node: &str,
        from: u64,
        limit: u32,
    ) -> Result<Vec<(u64, Option<String>)>, ServiceError>;
    /// Put published filings, or none of them.
    fn put_published(&self, lines: &[PublishedLine]) -> Result<PublishedCount, ServiceError>;
    /// Bodies of published filings in the order of their names, after one, with their names.
    fn published(
        &self,
        filter: &PublishedFilter,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<(String, String)>, ServiceError>;
    /// One published filing by its name: its body.
    fn published_filing(&self, id: &str) -> Result<Option<String>, ServiceError>;
    /// How many published filings there are.
    fn count_published(&self, filter: &PublishedFilter) -> Result<u64, ServiceError>;
    /// Provinces and classes that published filings have; those that are empty are left out.
    fn published_words(&self) -> Result<PublishedWords, ServiceError>;
}

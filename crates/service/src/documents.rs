//! Things that an interface keeps on its own: the state of logging in from outside.

use crate::port::{Document, Expected, Put};
use crate::{Service, ServiceError};
use gongdao_model::Instant;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A thing with its name and version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredDocument<T> {
    /// Its name.
    pub id: String,
    /// Grows by one with each change, from 1.
    pub version: u64,
    /// The thing.
    pub value: T,
    /// When it counts as gone.
    pub expires: Option<Instant>,
}

/// Some of many, and where the next ones begin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page<T> {
    /// These.
    pub items: Vec<T>,
    /// Ask with this for the next ones; nothing where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Service {
    /// Keep a thing. `version`: the one that is replaced, 0 for a new one, nothing for whatever is there. Returns its version.
    ///
    /// Errors: `Changed`; the database.
    pub fn keep<T: Serialize>(
        &self,
        collection: &'static str,
        id: &str,
        version: Option<u64>,
        value: &T,
        expires: Option<Instant>,
    ) -> Result<u64, ServiceError> {
        let expected = match version {
            None => Expected::Any,
            Some(0) => Expected::Absent,
            Some(version) => Expected::Version(version),
        };
        let body = Some(serde_json::to_string(value).map_err(ServiceError::storage)?);
        let put = Put { collection, id: id.to_owned(), expected, body, alias: None, expires };
        let change = self.store.change(&self.node, &[put], &[])?;
        Ok(change.versions.first().copied().unwrap_or_default())
    }

    /// Take a thing away. `false` where it is not there, or is another version: of two who take it one gets it.
    pub fn drop_kept(&self, collection: &'static str, id: &str, version: u64) -> Result<bool, ServiceError> {
        let expected = Expected::Version(version);
        let put = Put { collection, id: id.to_owned(), expected, body: None, alias: None, expires: None };
        match self.store.change(&self.node, &[put], &[]) {
            Ok(_) => Ok(true),
            Err(error) if error.kind == crate::ErrorKind::Changed => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A thing by its name, unless it expired.
    pub fn kept<T: DeserializeOwned>(
        &self,
        collection: &str,
        id: &str,
    ) -> Result<Option<StoredDocument<T>>, ServiceError> {
        let now = self.clock.now();
        let found = self.store.document(collection, id)?;
        let found = found.filter(|found| found.expires.is_none_or(|until| now < until));
        found.map(read).transpose()
    }

    /// Things in the order of their names, after one.
    pub fn all_kept<T: DeserializeOwned>(
        &self,
        collection: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<StoredDocument<T>>, ServiceError> {
        self.store.list(collection, after, limit)?.into_iter().map(read).collect()
    }

    /// Take away what expired in a collection. Returns how many.
    pub fn purge_kept(&self, collection: &str) -> Result<u64, ServiceError> {
        self.store.purge(collection, self.clock.now())
    }

    /// The time of day.
    pub fn now(&self) -> Instant {
        self.clock.now()
    }

    /// 64 random hexadecimal digits that nobody can guess.
    pub fn new_secret(&self) -> Result<crate::Secret, ServiceError> {
        crate::identity::new_token(&*self.entropy).map(crate::Secret::new)
    }

    /// A name of a kind that nothing else has, for a thing that has none of its own.
    pub fn new_name(&self, kind: &str) -> Result<String, ServiceError> {
        crate::identity::new_id(kind, &*self.entropy)
    }
}

fn read<T: DeserializeOwned>(found: Document) -> Result<StoredDocument<T>, ServiceError> {
    let value = serde_json::from_str(&found.body).map_err(ServiceError::storage)?;
    Ok(StoredDocument { id: found.id, version: found.version, value, expires: found.expires })
}

use super::lines::{ALGORITHMS, CONSULTATIONS, VERSIONS, all};
use crate::access::words;
use crate::{Service, ServiceError};
use gongdao_register::export::{
    Change, Feed, Record, atom, atrs, atrs_csv, cac_list, cac_notice, changes, dutch, schema_org,
};
use gongdao_register::{Algorithm, Consultation, Version};
use serde::{Deserialize, Serialize};

words! {
    /// In which shape a record is handed out.
    ExportFormat {
        /// The public text of a filing, as the Chinese authority shows it.
        CacNotice = "cac-notice",
        /// The columns of the published lists: CSV.
        CacList = "cac-list",
        /// The standard of the United Kingdom: JSON.
        Atrs = "atrs",
        /// The same as a table: CSV.
        AtrsCsv = "atrs-csv",
        /// The standard of the Dutch register: JSON.
        Dutch = "dutch",
        /// schema.org: JSON-LD.
        SchemaOrg = "schema-org",
    }
}

/// A record in a shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exported {
    /// Its media type.
    pub media_type: &'static str,
    /// The text.
    pub text: String,
}

impl Service {
    /// An algorithm in the shape of another register, for everyone. `url`: where it is read, where that is known.
    ///
    /// Errors: there is none.
    pub fn export_algorithm(
        &self,
        id: &str,
        format: ExportFormat,
        url: Option<&str>,
    ) -> Result<Exported, ServiceError> {
        let algorithm = self.stored_algorithm(id)?.value;
        let versions = self.versions_of_algorithm(id)?;
        let names: Vec<String> = versions.iter().map(|version| version.id.clone()).collect();
        let decisions = Some(self.figures_of(&names)?.decisions);
        let record = Record { algorithm: &algorithm, versions: &versions, now: self.clock.now(), url, decisions };
        format.of(&record)
    }

    /// All filed algorithms as the published lists have them, for everyone.
    pub fn export_list(&self) -> Result<Exported, ServiceError> {
        let algorithms: Vec<Algorithm> = all(&*self.store, ALGORITHMS)?;
        let now = self.clock.now();
        let of = |algorithm| Record { algorithm, versions: &[], now, url: None, decisions: None };
        let records: Vec<Record<'_>> = algorithms.iter().map(of).collect();
        Ok(Exported { media_type: "text/csv; charset=utf-8", text: cac_list(&records)? })
    }

    /// Changes of the register, newest first, for everyone: the last thousand.
    pub fn register_changes(&self) -> Result<Vec<Change>, ServiceError> {
        const MOST: usize = 1000;
        let algorithms: Vec<Algorithm> = all(&*self.store, ALGORITHMS)?;
        let versions: Vec<Version> = all(&*self.store, VERSIONS)?;
        let consultations: Vec<Consultation> = all(&*self.store, CONSULTATIONS)?;
        let now = self.clock.now();
        let mut found: Vec<Change> = Vec::new();
        for algorithm in &algorithms {
            let own: Vec<Version> =
                versions.iter().filter(|version| version.algorithm == algorithm.id).cloned().collect();
            let over = |one: &&Consultation| own.iter().any(|version| version.id == one.version);
            let consultations: Vec<Consultation> = consultations.iter().filter(over).cloned().collect();
            let record = Record { algorithm, versions: &own, now, url: None, decisions: None };
            found.extend(changes(&record, &consultations));
        }
        found.sort_by_key(|change| std::cmp::Reverse(change.at));
        found.truncate(MOST);
        Ok(found)
    }

    /// The same as a feed, for everyone.
    pub fn register_feed(
        &self,
        title: &str,
        base: &str,
        title_of: impl Fn(&Change) -> String,
    ) -> Result<String, ServiceError> {
        let found = self.register_changes()?;
        Ok(atom(&Feed { origin: &self.node, title, base, now: self.clock.now() }, &found, title_of))
    }
}

impl ExportFormat {
    /// A record in this shape.
    ///
    /// Errors: it cannot be written, which is the program's fault.
    pub fn of(self, record: &Record<'_>) -> Result<Exported, ServiceError> {
        let json = |value: &serde_json::Value| serde_json::to_string_pretty(value).map_err(ServiceError::storage);
        let (media_type, text) = match self {
            Self::CacNotice => ("text/plain; charset=utf-8", cac_notice(record)),
            Self::CacList => ("text/csv; charset=utf-8", cac_list(&[*record])?),
            Self::Atrs => ("application/json", json(&atrs(record))?),
            Self::AtrsCsv => ("text/csv; charset=utf-8", atrs_csv(record)?),
            Self::Dutch => ("application/json", json(&dutch(record))?),
            Self::SchemaOrg => ("application/ld+json", json(&schema_org(record))?),
        };
        Ok(Exported { media_type, text })
    }
}

use super::access::OnRegister;
use super::lines::RegisterBody;
use crate::port::{JournalKind, NewEntry, PublishedCount, PublishedFilter, PublishedLine, PublishedWords};
use crate::{Caller, Service, ServiceError, digest_of};
use gongdao_register::{PublishedFiling, RowFault, read_published};
use serde::Serialize;

/// Rows that are stored together.
const AT_ONCE: usize = 500;
/// Faults that are told; more are counted.
const MOST_FAULTS: usize = 100;

/// Which published filings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PublishedQuery {
    /// With this in name, provider, product, purpose, number or remark.
    pub query: Option<String>,
    /// Of a province, as whoever collected the lists named it.
    pub province: Option<String>,
    /// Of a class, in the words of the list.
    pub kind: Option<String>,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImportReport {
    /// SHA-256 of the file.
    pub digest: String,
    /// Rows of the file.
    pub rows: u64,
    /// Filings that were not there.
    pub added: u64,
    /// Filings that say something else now.
    pub changed: u64,
    /// Filings that were there.
    pub unchanged: u64,
    /// Rows that were left out.
    pub refused: u64,
    /// The first hundred of them, each with its place.
    pub faults: Vec<RowFault>,
}

impl Service {
    /// Read published lists in. The same file again changes nothing. A row that is wrong is left out and told. Returns when
    /// that it happened is in the ledger; the rows are not, they are public.
    ///
    /// Errors: the caller may not; it is no such table.
    pub fn import_published(&self, caller: &Caller, table: &[u8]) -> Result<ImportReport, ServiceError> {
        self.register.access.may(caller, OnRegister::Import)?;
        let mut report = ImportReport { digest: digest_of(table), ..ImportReport::default() };
        let mut lines: Vec<PublishedLine> = Vec::with_capacity(AT_ONCE);
        let mut failed = None;
        read_published(table, |row| {
            report.rows += 1;
            match row {
                Ok(filing) => match line(&filing) {
                    Ok(line) => lines.push(line),
                    Err(error) => failed = failed.take().or(Some(error)),
                },
                Err(fault) => {
                    report.refused += 1;
                    if report.faults.len() < MOST_FAULTS {
                        report.faults.push(fault);
                    }
                }
            }
            if lines.len() >= AT_ONCE && failed.is_none() {
                failed = self.put_lines(&mut lines, &mut report).err();
            }
            Ok(())
        })?;
        if failed.is_none() {
            failed = self.put_lines(&mut lines, &mut report).err();
        }
        if let Some(error) = failed {
            return Err(error);
        }
        let rows = report.rows - report.refused;
        let body = RegisterBody::Published { digest: report.digest.clone(), rows };
        let entry = NewEntry {
            kind: JournalKind::Register,
            id: format!("register:published:{}", report.digest),
            person: None,
            subject: Some("published-filings".to_owned()),
            actor: caller.actor.clone(),
            at: self.clock.now(),
            body: serde_json::to_string(&body).map_err(ServiceError::storage)?,
        };
        self.keep_register(&[], &[entry])?;
        Ok(report)
    }

    fn put_lines(&self, lines: &mut Vec<PublishedLine>, report: &mut ImportReport) -> Result<(), ServiceError> {
        let PublishedCount { added, changed } = self.store.put_published(lines)?;
        report.added += added;
        report.changed += changed;
        report.unchanged += lines.len() as u64 - added - changed;
        lines.clear();
        Ok(())
    }

    /// Published filings, in the order of their names here, after one; for everyone.
    pub fn published(
        &self,
        query: &PublishedQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<PublishedFiling>, ServiceError> {
        let found = self.store.published(&query.filter(), after, limit)?;
        found.iter().map(|(_, body)| serde_json::from_str(body).map_err(ServiceError::storage)).collect()
    }

    /// How many published filings there are; for everyone.
    pub fn count_published(&self, query: &PublishedQuery) -> Result<u64, ServiceError> {
        self.store.count_published(&query.filter())
    }

    /// Provinces and classes of the published filings, to choose from; for everyone.
    pub fn published_words(&self) -> Result<PublishedWords, ServiceError> {
        self.store.published_words()
    }

    /// One published filing by its name here, for everyone.
    ///
    /// Errors: there is none.
    pub fn published_filing(&self, id: &str) -> Result<PublishedFiling, ServiceError> {
        let body = self.store.published_filing(id)?.ok_or_else(|| ServiceError::not_found("filing"))?;
        serde_json::from_str(&body).map_err(ServiceError::storage)
    }
}

impl PublishedQuery {
    fn filter(&self) -> PublishedFilter {
        let text = self.query.as_deref().map(|text| text.trim().to_lowercase()).filter(|text| !text.is_empty());
        PublishedFilter { text, province: self.province.clone(), class: self.kind.clone() }
    }
}

fn line(filing: &PublishedFiling) -> Result<PublishedLine, ServiceError> {
    Ok(PublishedLine {
        id: filing.id.clone(),
        class: filing.class.clone(),
        province: filing.province.clone(),
        haystack: filing.haystack(),
        body: serde_json::to_string(filing).map_err(ServiceError::storage)?,
    })
}

use super::access::OnRegister;
use super::lines::{ALGORITHMS, read};
use crate::{Caller, Service, ServiceError};
use gongdao_register::{
    Algorithm, AlgorithmWhat, ClockState, FilingAct, FilingClock, FilingRecord, RecordNumber, filing_clocks,
};
use serde::Serialize;

/// The filing of an algorithm, with its clocks.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FilingView {
    /// Which algorithm.
    pub algorithm: String,
    /// Its name.
    pub name: String,
    /// Who offers the service.
    pub provider: String,
    /// The filing.
    #[serde(flatten)]
    pub filing: FilingRecord,
    /// Whether there is a filing now. It is no approval of anything.
    pub is_filed: bool,
    /// Its clocks.
    pub clocks: Vec<FilingClock>,
    /// Whether one of them is late.
    pub is_late: bool,
    /// What looks unusual about its number.
    pub remarks: Vec<&'static str>,
}

impl Service {
    /// The filing of one algorithm, for everyone.
    ///
    /// Errors: there is none.
    pub fn filing_record(&self, algorithm: &str) -> Result<FilingView, ServiceError> {
        self.filing_view(self.stored_algorithm(algorithm)?.value)
    }

    /// Filings in the order of their algorithms, after one; only those that are late, where asked for.
    pub fn filing_records(
        &self,
        only_late: bool,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<FilingView>, ServiceError> {
        let wanted = usize::try_from(limit).unwrap_or(usize::MAX);
        let (mut found, mut after) = (Vec::new(), after.map(str::to_owned));
        while found.len() < wanted {
            let page = self.store.list(ALGORITHMS, after.as_deref(), limit.max(100))?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for document in &page {
                let view = self.filing_view(read(document)?)?;
                if view.is_late || !only_late {
                    found.push(view);
                }
            }
        }
        found.truncate(wanted);
        Ok(found)
    }

    /// Record what happened to a filing. Returns when it is in the ledger.
    ///
    /// Errors: the caller may not; there is no such algorithm; it cannot follow (`NotNow`).
    pub fn act_on_filing(&self, caller: &Caller, algorithm: &str, act: FilingAct) -> Result<FilingView, ServiceError> {
        self.register.access.may(caller, OnRegister::File)?;
        let before = self.stored_algorithm(algorithm)?;
        let view = self.keep_algorithm(caller, &before, AlgorithmWhat::Filing { act })?;
        self.filing_view(view.algorithm)
    }

    pub(super) fn filing_view(&self, algorithm: Algorithm) -> Result<FilingView, ServiceError> {
        let clocks = filing_clocks(&algorithm, &self.desk.calendar, self.clock.now())?;
        Ok(FilingView {
            is_late: clocks.iter().any(|clock| clock.state == ClockState::Late),
            is_filed: algorithm.filing.is_filed(),
            remarks: remarks(&algorithm),
            name: algorithm.description.name,
            provider: algorithm.description.provider,
            algorithm: algorithm.id,
            filing: algorithm.filing,
            clocks,
        })
    }
}

/// What looks unusual about the number of an algorithm.
pub(super) fn remarks(algorithm: &Algorithm) -> Vec<&'static str> {
    let number = algorithm.filing.filed.as_ref().and_then(|filed| RecordNumber::read(&filed.number).ok());
    number.map(|number| number.remarks(algorithm.description.class)).unwrap_or_default()
}

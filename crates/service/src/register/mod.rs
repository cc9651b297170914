//! The register: algorithms, their versions and filing, consultations, trials, and the published lists.
//!
//! Each thing is what its journal entries come to (`gongdao-register`); the database has it a second time as a document, to be
//! found. Whatever changes goes into the journal in one step with that, and from there into the ledger and to every gate.
//! Everyone may read it; who sits at a seat, and who recorded something, stays in the journal.

mod access;
mod algorithms;
mod board;
mod consultations;
mod declared;
mod enterprise;
mod export;
mod facts;
mod figures;
mod filings;
mod lines;
mod published;
mod reader;
mod replay;
mod running;
mod settings;
mod trials;
mod versions;

pub use algorithms::{AlgorithmLine, AlgorithmQuery, AlgorithmView, VersionLine};
pub use consultations::{ConsultationView, NewConsultation};
pub use enterprise::{AlgorithmCard, EnterpriseView, NextVersion, Talks};
pub use export::{ExportFormat, Exported};
pub use figures::{Figures, ProviderFigures};
pub use filings::FilingView;
pub use published::{ImportReport, PublishedQuery};
pub use reader::RegisterReader;
pub use replay::{Replay, ReplayPeriod};
pub use settings::RegisterSettings;
pub use trials::{TrialTurn, TrialView};
pub use versions::{VersionTurn, VersionView};

pub(crate) use board::Board;
pub(crate) use declared::DeclaredThen;
pub(crate) use lines::restore;

use crate::{ErrorKind, ServiceError};
use access::RegisterAccess;
use declared::PreparedRules;
use gongdao_register::{Duties, RegisterError, TrialGrounds};

/// What the register works with.
pub(crate) struct RegisterTools {
    pub(crate) duties: Duties,
    grounds: TrialGrounds,
    access: RegisterAccess,
    rules: PreparedRules,
}

impl RegisterTools {
    /// Errors: a table of the program that cannot be read, which a test excludes.
    pub(crate) fn new() -> Result<Self, ServiceError> {
        Ok(Self {
            duties: Duties::shipped()?,
            grounds: TrialGrounds::shipped()?,
            access: RegisterAccess::new()?,
            rules: PreparedRules::default(),
        })
    }
}

impl From<RegisterError> for ServiceError {
    fn from(error: RegisterError) -> Self {
        let kind = if error.is_order { ErrorKind::NotNow } else { ErrorKind::Input };
        Self::new(kind, error.message, error.hint)
    }
}

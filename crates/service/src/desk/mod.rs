//! The rights desk: requests, mandates, what is kept about a person, and how late anything is.
//!
//! A case is what its journal entries come to (`gongdao-desk`); the database has it a second time, to be found and counted.
//! Whatever changes goes into the journal in one step with that, and from there into the ledger, in one order.

mod access;
mod acts;
mod cases;
mod evidence;
mod figures;
mod filings;
mod held;
mod kept;
mod limits;
mod lines;
mod mandates;
mod order;
mod photo;
mod queue;
mod record;
mod story;
mod sweep;

pub use cases::{CaseView, NewCase, Turn};
pub use evidence::{MOST_PHOTOS, Photo, PhotoLine};
pub use figures::{DeskFigures, KindFigures};
pub use filings::{FiledRow, Member, NewFiling};
pub use held::RecordCounts;
pub use kept::{Kept, KeptDecision};
pub use mandates::MandateTurn;
pub use order::{Queue, QueuePlace, Sought, Waiting};
pub use photo::MOST_PHOTO_BYTES;
pub use queue::{QueueLine, QueueQuery, SuspendedBy, Suspension};
pub use record::{Category, Held, Meaning, PersonRecord};

pub(crate) use access::{OnCase, OnTask};
pub(crate) use acts::{GATE, person_change};
pub(crate) use evidence::forget_photos;
pub(crate) use limits::recount;
pub(crate) use lines::{case_entry, read_case, read_mandate, restore, task_name};
pub(crate) use sweep::SweepThread;

use crate::ServiceError;
use access::DeskAccess;
use gongdao_clock::Calendar;
use gongdao_desk::{DeskError, Rights};
use std::sync::OnceLock;

/// What the desk works with.
pub(crate) struct DeskTools {
    pub(crate) rights: Rights,
    pub(crate) calendar: Calendar,
    access: DeskAccess,
    pub(crate) sweep: OnceLock<SweepThread>,
}

impl DeskTools {
    pub(crate) fn access(&self) -> &DeskAccess {
        &self.access
    }

    /// Errors: a table of the program that cannot be read, which a test excludes.
    pub(crate) fn new() -> Result<Self, ServiceError> {
        Ok(Self {
            rights: Rights::shipped()?,
            calendar: Calendar::shipped().map_err(ServiceError::storage)?,
            access: DeskAccess::new()?,
            sweep: OnceLock::new(),
        })
    }
}

impl From<DeskError> for ServiceError {
    fn from(error: DeskError) -> Self {
        let kind = if error.is_order { crate::ErrorKind::NotNow } else { crate::ErrorKind::Input };
        Self::new(kind, error.message, error.hint)
    }
}

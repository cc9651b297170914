//! Labels of generated content under GB 45438-2025 and the Measures of 2025-09-01: written, read, checked, decided on.
//!
//! In: files of pictures, sound, video and text as `Read + Seek`, a label to write, what a platform knows of an item. Out:
//! the same file with one label, all that a file says about itself and where, the duty of a platform with its article, and
//! visible labels with measured sizes. Contains no network, no clock, no judgement whether content *is* generated, and
//! nothing that takes a label away.

mod carrier;
pub mod credentials;
pub mod duty;
mod error;
mod format;
mod model;
mod read;
pub mod report;
pub mod scan;
mod security;
mod source;
mod splice;
pub mod visible;
mod write;

pub use error::{ErrorKind, LabelError};
pub use format::{Format, Medium};
pub use model::{
    CodeFault, Dialect, Finding, FindingKind, FoundLabel, Key, Label, LabelCode, Level, Provider, ProviderCode,
    ServiceKind, check,
};
pub use read::{Conformity, Place, Reading, Site, read};
pub use security::{Checked, SignatureOutcome, SignedText};
pub use write::{WriteOptions, Written, write, write_bytes, write_file};

/// A text that is missing in the catalogue is the program's fault.
pub(crate) fn i18n_fault(error: gongdao_i18n::I18nError) -> LabelError {
    LabelError::new(ErrorKind::Program, error.message, error.hint.unwrap_or_default())
}

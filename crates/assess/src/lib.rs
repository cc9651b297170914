//! What the law means for a described service.
//!
//! In: packs with their rules and the working-day calendar, the text of a `service.toml`, and the day for which to tell.
//! Out: for every provision in force whether it applies, why and how far it is kept by what was said; duties with due
//! dates; what is missing, ordered by what it decides; what local law and drafts change; all of it as text, JSON,
//! OSCAL assessment results and one HTML page in Chinese and English; and drafts of the papers that follow. Contains no
//! clock, no file access, no verdict on real decisions (that is an audit's) and no legal advice.

mod ask;
mod assessment;
mod difference;
mod duty;
mod error;
mod gap;
mod given;
mod html;
mod json;
mod law;
mod oscal;
mod page;
mod paper;
mod provision;
mod question;
mod rule;
mod service;
mod text;
mod truth;

pub use ask::{Asked, ask};
pub use assessment::{Assessment, LeftOut, WhyLeftOut, assess};
pub use difference::{Comes, Difference, DutyChange, DutyState, NumberChange, ProvisionChange};
pub use duty::DutyFinding;
pub use error::AssessError;
pub use gap::Gap;
pub use given::Where;
pub use html::html;
pub use json::json;
pub use law::{Law, Scope};
pub use oscal::oscal;
pub use paper::{Paper, papers};
pub use provision::{BothLanguages, NoRuleReason, ProvisionFinding, ReadingFinding};
pub use question::Question;
pub use rule::{Application, Evidence, Kept, RuleFinding};
pub use service::{PAPER_FIELDS, Service};
pub use text::{Detail, lines};

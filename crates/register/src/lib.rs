//! The register: algorithms and their versions, filing, consultation over a version before it takes effect, and trials.
//!
//! In: events of an algorithm, a version or a consultation, in their order; a calendar; rows of the published filing lists.
//! Out: each as it stands, its clocks, the difference between two versions, the record in the shapes of other registers; or a
//! refusal that says what is missing and by which article. Pure: no clock, no storage, no network. The articles are data
//! (`data/duties.toml`). Contains no access policies (the service has them) and no words of pages.

mod algorithm;
mod consultation;
mod diff;
mod duty;
mod error;
pub mod export;
mod filing;
mod ground;
mod published;
mod replay;
mod rule;
mod speak;
mod text;
mod trial;
mod version;

pub use algorithm::{Algorithm, AlgorithmEvent, AlgorithmWhat, Class, Description, Details, Texts};
pub use consultation::{
    Agreement, Announcement, AnswerStatus, CommentAnswer, CommentMade, Consultation, ConsultationEvent,
    ConsultationStage, ConsultationWhat, Meeting, NewSeat, OutcomeWord, Passage, Performance, Seat, Settled, Side,
};
pub use diff::{Difference, FactorChange, Line, LineOp, RuleChange, RuleLine, difference};
pub use duty::{Duties, Missing, MissingKind};
pub use error::RegisterError;
pub use filing::{
    ClockState, Filed, FilingAct, FilingClock, FilingRecord, RecordNumber, Submission, SubmissionKind, filing_clocks,
};
pub use ground::{TrialGround, TrialGrounds};
pub use published::{PublishedFiling, RowFault, read_published};
pub use replay::{ReplayLine, ReplayTable, Replayed, SMALLEST_CELL};
pub use rule::{
    Better, Can, DeclaredRule, Explained, OnnxRule, PreparedRule, RuleFactor, RuleRegion, RuleValue, Tried,
};
pub use trial::{
    StopCondition, Trial, TrialAnswer, TrialEvent, TrialFigures, TrialMeasure, TrialObjection, TrialPlan, TrialReport,
    TrialStage, TrialStop, TrialTally, TrialWhat,
};
pub use version::{
    Factor, Hold, NewVersion, Publication, Standing, Version, VersionEvent, VersionWhat, Withdrawal, check_factors,
    digest_of_version,
};

//! Law as data, read from a folder of packs.
//!
//! In: the `packs/` folder (TOML, Cedar text, the vocabulary) and, where asked, imported official texts. Out: the
//! typed content of every pack, and the problems found in it with file, line and hint. Does not contain the rule
//! language: what a Cedar file means is for `gongdao-rules`.

mod agreement;
mod case;
mod check;
mod checklist;
mod cite;
mod content;
mod coverage;
mod derived;
mod drafts;
mod end;
mod history;
mod limit;
mod lock;
mod matter;
pub mod oscal;
mod packs;
mod place;
mod problem;
mod provision_list;
mod raw;
mod reader;
mod snapshot;
mod start;
mod text;

pub use agreement::{Agreement, Party, Term};
pub use case::{CaseFile, CaseGroup, RuleCase};
pub use check::check;
pub use checklist::Question;
pub use cite::{cite_en, cite_zh};
pub use content::{
    Better, Duty, Instrument, InstrumentPack, NoRule, Parameter, ParameterPeriod, ParameterValue, Provision, Reading,
    RuleFile, SourceText,
};
pub use coverage::{Coverage, InstrumentCoverage, MissingLine, coverage};
pub use derived::{DerivedColumn, DerivedFact, DerivedInput, DerivedParameter, DerivedType};
pub use drafts::Drafts;
pub use end::{next_version, version_end};
pub use history::History;
pub use limit::{Period, PeriodUnit, TimeLimit};
pub use lock::{freeze, write_whole};
pub use matter::{Bearing, Link, Matter, MatterDate, Step};
pub use packs::Packs;
pub use place::{LocalDifference, ParameterDifference};
pub use problem::{Problem, Severity, line_of};
pub use provision_list::{ListedLine, ProvisionList};
pub use start::{NewPack, start};
pub use text::{ArticleDigest, article_digests, check_texts, digests, with_digests};

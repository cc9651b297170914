//! Law as data, read from a folder of packs.
//!
//! In: the `packs/` folder (TOML, Cedar text, the vocabulary) and, where asked, imported official texts. Out: the
//! typed content of every pack, and the problems found in it with file, line and hint. Does not contain the rule
//! language: what a Cedar file means is for `gongdao-rules`.

mod case;
mod check;
mod cite;
mod content;
mod derived;
mod limit;
mod lock;
mod packs;
mod problem;
mod raw;
mod reader;
mod snapshot;
mod start;
mod text;

pub use case::{CaseFile, CaseGroup, RuleCase};
pub use check::check;
pub use cite::{cite_en, cite_zh};
pub use content::{
    Duty, Instrument, InstrumentPack, NoRule, Parameter, ParameterPeriod, ParameterValue, Provision, Reading, RuleFile,
    SourceText,
};
pub use derived::{DerivedColumn, DerivedFact, DerivedInput, DerivedParameter, DerivedType};
pub use limit::{Period, PeriodUnit, TimeLimit};
pub use lock::{freeze, write_whole};
pub use packs::Packs;
pub use problem::{Problem, Severity, line_of};
pub use start::{NewPack, start};
pub use text::{ArticleDigest, article_digests, check_texts, digests, with_digests};

//! Audits many decisions: tables in, findings out.
//!
//! In: an adapter (one TOML file and SQL), its data in CSV or Parquet, or a ledger; and packs. Out, in one folder: verdicts and
//! findings in Parquet, `summary.json`, a report in HTML and findings in SARIF; equal inputs give equal bytes.
//! Contains no law and no evaluation of rules (`gongdao-rules` does that), no clock, no network; it writes only below
//! the folder it is given.

mod adapter;
pub mod columns;
pub mod declared;
pub mod derived;
mod digest;
pub mod engine;
mod error;
mod ledger;
pub mod measure;
mod query;
mod read_at;
mod repeats;
pub mod report;
pub mod run;
mod sarif;
mod state;
pub mod summary;
mod table;
mod view;

pub use adapter::{
    Adapter, AdapterKind, Assumption, CheckSpec, ColumnKind, ColumnSpec, DerivedUse, NamedSql, Sql, StateSpec, Step,
    TableSpec,
};
pub use error::{AtFault, AuditError};
pub use ledger::LedgerSource;

pub(crate) use error::io_words;

//! The label object: keys, codes, strict and tolerant reading, and what is wrong with one.

mod check;
mod code;
mod dialect;
mod found;
pub(crate) mod json;
mod key;
mod label;

pub use check::{Finding, FindingKind, Level, check};
pub use code::{CodeFault, Provider, ProviderCode, ServiceKind};
pub use dialect::Dialect;
pub use found::FoundLabel;
pub(crate) use found::{Shape, looks_like_label, print, understand, understand_members};
pub use key::Key;
pub use label::{Label, LabelCode};

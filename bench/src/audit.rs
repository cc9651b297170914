//! Sixty rules over millions of decisions from Parquet, the state joined in: the kernel, and what it is measured against.

pub(crate) mod columns;
pub(crate) mod count;
pub(crate) mod curve;
pub(crate) mod data;
pub(crate) mod drawn;
pub(crate) mod fused;
pub(crate) mod official;
pub(crate) mod peers;
pub(crate) mod rules;
pub(crate) mod run;
mod sample;
mod source;
mod states;

use std::fmt::Display;

pub(crate) fn told(error: impl Display) -> String {
    error.to_string()
}

//! The kernel as a Python module: batches in and out through the Arrow C data interface.
//!
//! In: packs as files, tables of events, batches of decisions. Out: verdicts as batches, wide or long. The package around
//! it (`python/gongdao`) turns other libraries' tables into batches and back, and is what people call; its doc comments are
//! the documentation. Contains no rule of its own.

mod decisions;
mod fault;
mod output;
mod pack;
mod session;
mod state;

use pyo3::prelude::*;

/// Compiled rules over Arrow batches.
#[pymodule]
mod _gongdao {
    #[pymodule_export]
    use crate::pack::{NativePack, read_folder};
    #[pymodule_export]
    use crate::session::Session;
    #[pymodule_export]
    use crate::state::NativeState;
}

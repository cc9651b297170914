//! The kernel as a Python module: batches in and out through the Arrow C data interface.

use pyo3::prelude::*;

/// Compiled rules over Arrow batches.
#[pymodule]
mod _gongdao {}

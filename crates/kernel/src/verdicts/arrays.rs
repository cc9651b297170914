//! Verdicts as columns that any engine reads.

use super::{Verdicts, VersionVerdicts};
use crate::{Bits, KernelError};
use arrow_array::types::{Int32Type, UInt8Type};
use arrow_array::{ArrayRef, DictionaryArray, Int32Array, StringArray, UInt8Array};
use arrow_buffer::{BooleanBuffer, Buffer, NullBuffer};
use arrow_schema::{ArrowError, DataType};
use gongdao_model::{Cause, Outcome};
use std::sync::Arc;

/// The type of a column of outcomes: words in a dictionary of all outcomes.
pub fn outcome_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::UInt8), Box::new(DataType::Utf8))
}

/// The type of a column of causes: texts in a dictionary.
pub fn cause_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// The word for a cause in files: the path of the missing fact, or `engine error: …`.
pub fn cause_text(cause: &Cause) -> String {
    match cause {
        Cause::MissingFact(path) => path.to_string(),
        error @ Cause::EngineError(_) => error.to_string(),
    }
}

/// The position of an outcome in [`Outcome::ALL`].
pub fn outcome_code(outcome: Outcome) -> u8 {
    Outcome::ALL.iter().zip(0_u8..).find(|(known, _)| **known == outcome).map_or(0, |(_, code)| code)
}

/// The words of all outcomes, by their codes.
pub fn outcome_words() -> ArrayRef {
    Arc::new(StringArray::from_iter_values(Outcome::ALL.iter().map(|outcome| outcome.as_str())))
}

impl VersionVerdicts {
    /// What it says of each decision, of [`outcome_type`]; null where it does not speak. `words` are
    /// [`outcome_words`], so that all columns of a batch share one dictionary.
    pub fn outcome_column(&self, words: &ArrayRef) -> Result<ArrayRef, KernelError> {
        // A version that speaks and says nothing else does not apply: code 0.
        let mut codes = vec![0_u8; self.scope.rows()];
        for (outcome, rows) in self.sets() {
            fill(&mut codes, rows, outcome_code(outcome));
        }
        let codes = UInt8Array::new(codes.into(), Some(nulls(&self.scope)));
        let column = DictionaryArray::<UInt8Type>::try_new(codes, Arc::clone(words));
        column.map(|column| Arc::new(column) as ArrayRef).map_err(|error| unexpected(&error))
    }
}

impl Verdicts {
    /// Why a version could not judge each decision, of [`cause_type`]; null where it could.
    pub fn cause_column(&self, version: &VersionVerdicts) -> Result<ArrayRef, KernelError> {
        let mut keys = vec![0_i32; self.rows];
        let mut causes = Vec::with_capacity(version.causes.len());
        for (key, (number, rows)) in (0_i32..).zip(&version.causes) {
            causes.push(self.causes.get(*number).map(cause_text));
            fill(&mut keys, rows, key);
        }
        let keys = Int32Array::new(keys.into(), Some(nulls(&version.undetermined)));
        let causes: ArrayRef = Arc::new(causes.into_iter().collect::<StringArray>());
        let column = DictionaryArray::<Int32Type>::try_new(keys, causes);
        column.map(|column| Arc::new(column) as ArrayRef).map_err(|error| unexpected(&error))
    }
}

fn fill<T: Copy>(values: &mut [T], rows: &Bits, value: T) {
    for row in rows.iter() {
        if let Some(slot) = values.get_mut(row) {
            *slot = value;
        }
    }
}

fn nulls(known: &Bits) -> NullBuffer {
    NullBuffer::new(BooleanBuffer::new(Buffer::from_vec(known.words().to_vec()), 0, known.rows()))
}

/// Something that no input should cause.
fn unexpected(error: &ArrowError) -> KernelError {
    KernelError::new(format!("a column of verdicts cannot be built: {error}"), "report this with the data")
}

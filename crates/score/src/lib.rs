//! Re-runs a published scoring model.
//!
//! In: the bytes of an ONNX file, or a rule as one SQL value, and the factors of many decisions. Out: one number a decision.
//! Covers what scores are made of: linear and logistic rules, tree ensembles, small networks. An operator that is not covered is refused by name
//! when the model is read. Contains no training, no threads, no file access, and no instruction that depends on the processor:
//! equal input gives equal numbers on every machine, which is why no general runtime stands here (ADR 9).

mod attribution;
mod error;
mod expression;
mod model;
mod node;
mod operator;
mod tensor;

pub use attribution::{Attribution, Better, Method, Movable, Region, Rule, Share, attribute, regions};
pub use error::ScoreError;
pub use expression::{Column, Expression, Kind};
pub use model::{Feed, Input, Model};

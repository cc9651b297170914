//! Facts and rule versions in, one verdict a rule out.
//!
//! In: packs as `gongdao-pack` read them, and the facts of one decision. Out: the vocabulary, the rule versions with
//! their periods and referenced facts, one judgement a version, and the evaluation across readings. Contains no file
//! access, no clock, and never reads Cedar's combined allow or deny: that answer skips policies that err.

mod access;
mod agreement;
mod asking;
mod case_coverage;
mod cases;
mod check;
mod condition;
mod error;
mod evaluation;
mod expression;
mod facts;
mod nesting;
mod outline;
mod policy;
mod reference;
mod rule_set;
mod side_by_side;
mod split;
mod tree;
mod version;
mod vocabulary;

pub use access::{AccessAttributes, AccessEntity, AccessPolicies, AccessValue};
pub use asking::Asking;
pub use cases::{CaseFailure, case_failures};
pub use check::check;
pub use error::RulesError;
pub use evaluation::{Appraisal, Asked, appraisal, evaluation};
pub use expression::condition;
pub use outline::{Outline, Outliner, Supported};
pub use reference::{Judged, Reference};
pub use rule_set::RuleSet;
pub use tree::{
    Arithmetic, Constant, Extension, Function, PatternPart, PolicyCondition, Tree, Variable, policy_conditions,
};
pub use version::{RuleKind, RuleVersion};
pub use vocabulary::{FactDeclaration, Grade, Labels, Vocabulary};

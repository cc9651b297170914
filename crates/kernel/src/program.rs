//! A rule set's conditions as one list of small steps: equal subexpressions of all rules are one step.

mod build;
mod node;
mod pruned;

pub(crate) use build::Builder;
pub(crate) use node::{Binary, Node, NodeId, Unary};
pub(crate) use pruned::{Pruned, Step};

use crate::value::Values;
use gongdao_model::{FactPath, FactType};
use std::collections::BTreeSet;

/// A fact that some condition refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Slot {
    pub(crate) path: FactPath,
    pub(crate) kind: FactType,
    /// The words that it can have; empty where any will do.
    pub(crate) words: BTreeSet<String>,
}

/// Steps in an order in which operands stand before what uses them.
#[derive(Debug)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
    pub(crate) slots: Vec<Slot>,
    /// The constants of the conditions; every run begins with them.
    pub(crate) values: Values,
}

/// How a step's column is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Layout {
    /// Two sets of rows: true and false.
    Truth,
    /// 64-bit numbers, and the rows that have one.
    Long,
    /// Numbers of values.
    Value,
}

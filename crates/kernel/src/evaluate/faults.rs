//! Why a condition has no value: the first error in the order of evaluation, for many rows at once.

use super::{Column, Run};
use crate::bits::Bits;
use crate::program::{Node, NodeId};
use crate::value::{Fault, ValueId};
use gongdao_rules::Arithmetic;
use std::sync::Arc;

/// What stopped an evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Why {
    /// The fact of a slot is missing.
    Missing(usize),
    /// Something else.
    Fault(Fault),
}

impl Run<'_> {
    /// Tell `found` what stopped the evaluation of a step in each of `rows`; together its answers are these rows.
    ///
    /// INVARIANT: the step has no value in any of the rows.
    pub(crate) fn why(&mut self, id: NodeId, rows: &Bits, found: &mut dyn FnMut(Why, &Bits)) {
        if rows.is_empty() {
            return;
        }
        let program = Arc::clone(&self.program);
        let Some(node) = program.nodes.get(id.index()) else { return };
        match node {
            Node::BoolFact(slot) | Node::LongFact(slot) | Node::ValueFact(slot) => found(Why::Missing(*slot), rows),
            Node::Not(a) | Node::TruthAsValue(a) | Node::LongAsValue(a) => self.why(*a, rows, found),
            Node::And(a, b)
            | Node::Or(a, b)
            | Node::BoolEqual(a, b)
            | Node::LongEqual(a, b)
            | Node::LongLess(a, b)
            | Node::LongLessOrEqual(a, b) => {
                let rest = self.first(*a, rows, found);
                self.why(*b, &rest, found);
            }
            Node::If(a, b, c, _) => {
                let condition = self.truth(*a);
                self.first(*a, rows, found);
                self.why(*b, &rows.and(&condition.yes), found);
                self.why(*c, &rows.and(&condition.no), found);
            }
            Node::Negate(a) => {
                let rest = self.first(*a, rows, found);
                report(Fault::NegateOverflow, &rest, found);
            }
            Node::Arithmetic(op, a, b) => {
                let rest = self.first(*a, rows, found);
                let rest = self.first(*b, &rest, found);
                let fault = match op {
                    Arithmetic::Add => Fault::AddOverflow,
                    Arithmetic::Subtract => Fault::SubtractOverflow,
                    Arithmetic::Multiply => Fault::MultiplyOverflow,
                };
                report(fault, &rest, found);
            }
            Node::ValueAsTruth(a) => {
                // A predicate's own column is worked out only where its operands are not to blame.
                let operands = match program.nodes.get(a.index()) {
                    Some(Node::Unary(_, operand)) => [Some(*operand), None],
                    Some(Node::Binary(_, left, right)) => [Some(*left), Some(*right)],
                    _ => [None, None],
                };
                let mut rest = rows.clone();
                for operand in operands.into_iter().flatten().chain([*a]) {
                    rest = self.first(operand, &rest, found);
                }
                report(Fault::WrongType, &rest, found);
            }
            Node::ValueAsLong(a) => {
                let rest = self.first(*a, rows, found);
                report(Fault::WrongType, &rest, found);
            }
            Node::Unary(_, a) => {
                let rest = self.first(*a, rows, found);
                self.own(id, &rest, found);
            }
            Node::Binary(_, a, b) => {
                let rest = self.first(*a, rows, found);
                let rest = self.first(*b, &rest, found);
                self.own(id, &rest, found);
            }
            Node::Set(elements) => self.in_order(id, elements.iter().copied(), rows, found),
            Node::Record(fields) => self.in_order(id, fields.iter().map(|(_, value)| *value), rows, found),
            Node::Bool(_) | Node::Long(_) | Node::Value(_) | Node::Variable(_) => self.own(id, rows, found),
        }
    }

    /// The rows in which the operand is what failed are told; the others come back.
    fn first(&mut self, operand: NodeId, rows: &Bits, found: &mut dyn FnMut(Why, &Bits)) -> Bits {
        if rows.is_empty() {
            return rows.clone();
        }
        let known = self.column(operand).known_of(rows);
        self.why(operand, &rows.minus(&known), found);
        known
    }

    fn in_order(
        &mut self,
        id: NodeId,
        operands: impl Iterator<Item = NodeId>,
        rows: &Bits,
        found: &mut dyn FnMut(Why, &Bits),
    ) {
        let mut rest = rows.clone();
        for operand in operands {
            rest = self.first(operand, &rest, found);
        }
        self.own(id, &rest, found);
    }

    /// The faults that stand in the step's own column.
    fn own(&mut self, id: NodeId, rows: &Bits, found: &mut dyn FnMut(Why, &Bits)) {
        let mut rest = rows.clone();
        while let Some(row) = { rest.iter().next() } {
            let column = self.column(id);
            let fault = column.value(row);
            let same = match column.as_ref() {
                Column::Value(values) => Bits::of_slice(values, |id: ValueId| id == fault).and(&rest),
                _ => rest.clone(),
            };
            found(Why::Fault(Fault::of(fault).unwrap_or(Fault::WrongType)), &same);
            rest = rest.minus(&same);
        }
    }
}

fn report(fault: Fault, rows: &Bits, found: &mut dyn FnMut(Why, &Bits)) {
    if !rows.is_empty() {
        found(Why::Fault(fault), rows);
    }
}

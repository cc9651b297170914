//! The steps of a law over one row. The same steps, values and faults as over a batch; a batch of one would pay for columns
//! that hold one row.

use super::{Machine, binary, unary};
use crate::cell::Cell;
use crate::program::{Node, NodeId, Step};
use crate::value::{Datum, Fault, ValueId};
use gongdao_rules::{Arithmetic, Constant};

impl Machine {
    /// Work out each step, and put what it gives behind the cells there are.
    pub(crate) fn work_out(&mut self, steps: &[Step], cells: &mut Vec<Cell>) {
        for step in steps {
            let cell = self.step(step, cells);
            cells.push(cell);
        }
    }

    #[inline]
    fn step(&mut self, step: &Step, cells: &[Cell]) -> Cell {
        let at = |position: u32| cells.get(position as usize).copied().unwrap_or(Cell::fault(Fault::WrongType));
        match step {
            Step::Not(a) => of_one(at(*a), |a| Cell::truth(!a.is_true())),
            Step::And(a, b) => {
                let a = at(*a);
                if a.is_known() && a.is_true() { at(*b) } else { a }
            }
            Step::Or(a, b) => {
                let a = at(*a);
                if a.is_known() && !a.is_true() { at(*b) } else { a }
            }
            Step::If(a, b, c) => of_one(at(*a), |a| at(if a.is_true() { *b } else { *c })),
            Step::Same(a, b) => of_two(at(*a), at(*b), |a, b| Cell::truth(a.number() == b.number())),
            Step::Less(a, b) => of_two(at(*a), at(*b), |a, b| Cell::truth(a.number() < b.number())),
            Step::LessOrEqual(a, b) => of_two(at(*a), at(*b), |a, b| Cell::truth(a.number() <= b.number())),
            Step::Test(node, a) => of_one(at(*a), |a| truth(self.unary(*node, a.id()))),
            Step::Unary(node, a) => of_one(at(*a), |a| Cell::value(self.unary(*node, a.id()))),
            Step::Binary(op, a, b) => of_two(at(*a), at(*b), |a, b| {
                Cell::value(binary::of(*op, a.id(), b.id(), &mut self.values, &self.store))
            }),
            Step::Negate(a) => of_one(at(*a), |a| checked(a.number().checked_neg(), Fault::NegateOverflow)),
            Step::Arithmetic(op, a, b) => of_two(at(*a), at(*b), |a, b| arithmetic(*op, a.number(), b.number())),
            Step::ValueAsTruth(a) => of_one(at(*a), |a| truth(a.id())),
            Step::TruthAsValue(a) => of_one(at(*a), |a| Cell::value(ValueId::of_bool(a.is_true()))),
            Step::ValueAsLong(a) => of_one(at(*a), |a| match self.values.datum(a.id()) {
                Some(Datum::Long(number)) => Cell::long(*number),
                _ => Cell::fault(Fault::WrongType),
            }),
            Step::LongAsValue(a) => of_one(at(*a), |a| Cell::value(self.values.constant(&Constant::Long(a.number())))),
            Step::Set(elements) => self.set(elements, cells),
            Step::Record(fields) => self.record(fields, cells),
        }
    }

    #[inline]
    fn unary(&mut self, node: NodeId, operand: ValueId) -> ValueId {
        let Self { program, values, store, memos } = self;
        let memo = memos.get_mut(node.index());
        let (Some(memo), Some(Node::Unary(op, _))) = (memo, program.nodes.get(node.index())) else {
            return Fault::WrongType.id();
        };
        unary::remembered(op, operand, values, store, memo)
    }

    /// The elements in order; the first that has no value decides.
    fn set(&mut self, elements: &[u32], cells: &[Cell]) -> Cell {
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            match cells.get(*element as usize) {
                Some(cell) if cell.is_known() => values.push(cell.id()),
                Some(open) => return *open,
                None => return Cell::fault(Fault::WrongType),
            }
        }
        Cell::value(self.values.set(values))
    }

    fn record(&mut self, fields: &[(Box<str>, u32)], cells: &[Cell]) -> Cell {
        let mut values: Vec<(Box<str>, ValueId)> = Vec::with_capacity(fields.len());
        for (name, field) in fields {
            match cells.get(*field as usize) {
                Some(cell) if cell.is_known() => values.push((name.clone(), cell.id())),
                Some(open) => return *open,
                None => return Cell::fault(Fault::WrongType),
            }
        }
        Cell::value(self.values.id(Datum::Record(values.into_boxed_slice())))
    }
}

/// An operand that has no value decides.
#[inline]
fn of_one(a: Cell, give: impl FnOnce(Cell) -> Cell) -> Cell {
    if a.is_known() { give(a) } else { a }
}

/// The first operand that has no value decides.
#[inline]
fn of_two(a: Cell, b: Cell, give: impl FnOnce(Cell, Cell) -> Cell) -> Cell {
    match (a.is_known(), b.is_known()) {
        (true, true) => give(a, b),
        (false, _) => a,
        (true, false) => b,
    }
}

#[inline]
fn truth(value: ValueId) -> Cell {
    match value {
        ValueId::TRUE => Cell::truth(true),
        ValueId::FALSE => Cell::truth(false),
        fault if !fault.is_value() => Cell::value(fault),
        _ => Cell::fault(Fault::WrongType),
    }
}

fn arithmetic(op: Arithmetic, a: i64, b: i64) -> Cell {
    match op {
        Arithmetic::Add => checked(a.checked_add(b), Fault::AddOverflow),
        Arithmetic::Subtract => checked(a.checked_sub(b), Fault::SubtractOverflow),
        Arithmetic::Multiply => checked(a.checked_mul(b), Fault::MultiplyOverflow),
    }
}

fn checked(result: Option<i64>, fault: Fault) -> Cell {
    result.map_or_else(|| Cell::fault(fault), Cell::long)
}

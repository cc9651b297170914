//! The steps of a program over one row: each is done when it is first needed, and what a condition does not reach is not
//! looked at. The same steps, values and faults as over a batch; a batch of one would pay for columns that hold one row.

use super::{Machine, Why, binary, unary};
use crate::facts;
use crate::program::{Node, NodeId, Program};
use crate::store::Store;
use crate::value::{Datum, Fault, ValueId, Values};
use gongdao_model::FactValue;
use gongdao_rules::{Arithmetic, Constant};

/// What a step gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cell {
    Truth(bool),
    Long(i64),
    Value(ValueId),
    /// It has no value; this stopped it.
    None(Why),
}

/// The facts of the row.
pub(crate) struct RowFacts<'a, 'f> {
    /// What is known, by slot.
    pub(crate) known: &'a dyn Fn(usize) -> Option<&'f FactValue>,
    /// Numbers set by law, by slot; they count where nothing is known.
    pub(crate) parameters: &'a [Option<i64>],
    /// They count whatever is known.
    pub(crate) law_first: bool,
    /// No text is outside the words of its fact; who asks has looked.
    pub(crate) words_checked: bool,
}

/// What the steps gave for the row at hand.
#[derive(Debug, Default)]
pub(crate) struct RowScratch {
    /// By step: the row for which it was worked out, and what it gave.
    cells: Vec<(u32, Cell)>,
    row: u32,
}

impl RowScratch {
    /// Begin another row.
    fn next(&mut self, steps: usize) {
        let empty = (0, Cell::None(Why::Fault(Fault::Missing)));
        self.row = self.row.wrapping_add(1);
        if self.row == 0 || self.cells.len() != steps {
            self.cells.clear();
            self.cells.resize(steps, empty);
            self.row = 1;
        }
    }
}

impl Machine {
    /// Begin a row.
    pub(crate) fn row<'a, 'f>(&'a mut self, facts: RowFacts<'a, 'f>, scratch: &'a mut RowScratch) -> RowRun<'a, 'f> {
        let Self { program, values, store, memos } = self;
        scratch.next(program.nodes.len());
        RowRun { program, values, store, memos, facts, scratch }
    }
}

/// One row being worked through.
pub(crate) struct RowRun<'a, 'f> {
    program: &'a Program,
    values: &'a mut Values,
    store: &'a Store,
    memos: &'a mut [Vec<ValueId>],
    facts: RowFacts<'a, 'f>,
    scratch: &'a mut RowScratch,
}

impl RowRun<'_, '_> {
    /// Whether a condition holds; an error is what stopped it.
    #[inline]
    pub(crate) fn truth(&mut self, id: NodeId) -> Result<bool, Why> {
        match self.cell(id) {
            Cell::Truth(truth) => Ok(truth),
            Cell::None(why) => Err(why),
            // INVARIANT: the builder gives conditions this layout.
            Cell::Long(_) | Cell::Value(_) => Err(Why::Fault(Fault::WrongType)),
        }
    }

    fn cell(&mut self, id: NodeId) -> Cell {
        if let Some((row, cell)) = self.scratch.cells.get(id.index())
            && *row == self.scratch.row
        {
            return *cell;
        }
        let program = self.program;
        let cell = match program.nodes.get(id.index()) {
            Some(node) => self.work_out(id, node).unwrap_or_else(Cell::None),
            None => Cell::None(Why::Fault(Fault::WrongType)),
        };
        if let Some(slot) = self.scratch.cells.get_mut(id.index()) {
            *slot = (self.scratch.row, cell);
        }
        cell
    }

    fn work_out(&mut self, id: NodeId, node: &Node) -> Result<Cell, Why> {
        Ok(match node {
            Node::Bool(truth) => Cell::Truth(*truth),
            Node::Long(number) => Cell::Long(*number),
            Node::Value(value) => return of_value(*value),
            Node::BoolFact(slot) => match (self.facts.known)(*slot) {
                Some(FactValue::Bool(truth)) => Cell::Truth(*truth),
                _ => return Err(Why::Missing(*slot)),
            },
            Node::LongFact(slot) => return self.number(*slot),
            Node::ValueFact(slot) => return self.text(*slot),
            // Rules ask for facts; whole variables stand in conditions over any attributes alone.
            Node::Variable(_) => return Err(Why::Fault(Fault::Missing)),
            Node::Not(a) => Cell::Truth(!self.truth(*a)?),
            Node::And(a, b) => Cell::Truth(self.truth(*a)? && self.truth(*b)?),
            Node::Or(a, b) => Cell::Truth(self.truth(*a)? || self.truth(*b)?),
            Node::If(a, b, c, _) => {
                let chosen = if self.truth(*a)? { *b } else { *c };
                return of_cell(self.cell(chosen));
            }
            Node::BoolEqual(a, b) => Cell::Truth(self.truth(*a)? == self.truth(*b)?),
            Node::LongEqual(a, b) => Cell::Truth(self.long(*a)? == self.long(*b)?),
            Node::LongLess(a, b) => Cell::Truth(self.long(*a)? < self.long(*b)?),
            Node::LongLessOrEqual(a, b) => Cell::Truth(self.long(*a)? <= self.long(*b)?),
            Node::Negate(a) => Cell::Long(checked(self.long(*a)?.checked_neg(), Fault::NegateOverflow)?),
            Node::Arithmetic(op, a, b) => {
                let (a, b) = (self.long(*a)?, self.long(*b)?);
                Cell::Long(match op {
                    Arithmetic::Add => checked(a.checked_add(b), Fault::AddOverflow)?,
                    Arithmetic::Subtract => checked(a.checked_sub(b), Fault::SubtractOverflow)?,
                    Arithmetic::Multiply => checked(a.checked_mul(b), Fault::MultiplyOverflow)?,
                })
            }
            Node::Unary(op, a) => {
                let operand = self.value(*a)?;
                let memo = self.memos.get_mut(id.index()).ok_or(Why::Fault(Fault::WrongType))?;
                return of_value(unary::remembered(op, operand, self.values, self.store, memo));
            }
            Node::Binary(op, a, b) => {
                let (a, b) = (self.value(*a)?, self.value(*b)?);
                return of_value(binary::of(*op, a, b, self.values, self.store));
            }
            Node::Set(elements) => return self.set(elements),
            Node::Record(fields) => return self.record(fields),
            Node::ValueAsTruth(a) => match self.value(*a)? {
                ValueId::TRUE => Cell::Truth(true),
                ValueId::FALSE => Cell::Truth(false),
                _ => return Err(Why::Fault(Fault::WrongType)),
            },
            Node::ValueAsLong(a) => {
                let value = self.value(*a)?;
                match self.values.datum(value) {
                    Some(Datum::Long(number)) => Cell::Long(*number),
                    _ => return Err(Why::Fault(Fault::WrongType)),
                }
            }
            Node::TruthAsValue(a) => Cell::Value(ValueId::of_bool(self.truth(*a)?)),
            Node::LongAsValue(a) => {
                let number = self.long(*a)?;
                return of_value(self.values.constant(&Constant::Long(number)));
            }
        })
    }

    fn number(&self, slot: usize) -> Result<Cell, Why> {
        let of_law = self.facts.parameters.get(slot).copied().flatten();
        if let (true, Some(number)) = (self.facts.law_first, of_law) {
            return Ok(Cell::Long(number));
        }
        if let Some(FactValue::Long(number)) = (self.facts.known)(slot) {
            return Ok(Cell::Long(*number));
        }
        of_law.map(Cell::Long).ok_or(Why::Missing(slot))
    }

    fn text(&mut self, slot: usize) -> Result<Cell, Why> {
        let missing = Why::Missing(slot);
        let value = (self.facts.known)(slot).ok_or(missing)?;
        let declared = self.program.slots.get(slot).ok_or(missing)?;
        let id = facts::value_of(declared, value, self.facts.words_checked, self.values);
        if id.is_value() { Ok(Cell::Value(id)) } else { Err(missing) }
    }

    fn set(&mut self, elements: &[NodeId]) -> Result<Cell, Why> {
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            values.push(self.value(*element)?);
        }
        of_value(self.values.set(values))
    }

    fn record(&mut self, fields: &[(String, NodeId)]) -> Result<Cell, Why> {
        let mut values: Vec<(Box<str>, ValueId)> = Vec::with_capacity(fields.len());
        for (name, field) in fields {
            values.push((name.as_str().into(), self.value(*field)?));
        }
        of_value(self.values.id(Datum::Record(values.into_boxed_slice())))
    }

    #[inline]
    fn long(&mut self, id: NodeId) -> Result<i64, Why> {
        match self.cell(id) {
            Cell::Long(number) => Ok(number),
            Cell::None(why) => Err(why),
            // INVARIANT: the builder gives operands of arithmetic this layout.
            Cell::Truth(_) | Cell::Value(_) => Err(Why::Fault(Fault::WrongType)),
        }
    }

    #[inline]
    fn value(&mut self, id: NodeId) -> Result<ValueId, Why> {
        match self.cell(id) {
            Cell::Value(value) => Ok(value),
            Cell::None(why) => Err(why),
            // INVARIANT: the builder gives operands of values this layout.
            Cell::Truth(_) | Cell::Long(_) => Err(Why::Fault(Fault::WrongType)),
        }
    }
}

#[inline]
fn of_value(id: ValueId) -> Result<Cell, Why> {
    if id.is_value() { Ok(Cell::Value(id)) } else { Err(Why::Fault(Fault::of(id).unwrap_or(Fault::WrongType))) }
}

fn of_cell(cell: Cell) -> Result<Cell, Why> {
    match cell {
        Cell::None(why) => Err(why),
        cell => Ok(cell),
    }
}

fn checked(result: Option<i64>, fault: Fault) -> Result<i64, Why> {
    result.ok_or(Why::Fault(fault))
}

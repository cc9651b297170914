//! The steps of a program over one batch of rows.

mod binary;
mod column;
mod faults;
mod masks;
mod row;
mod unary;

pub(crate) use column::{Column, Longs, Truth};
pub(crate) use faults::Why;
pub(crate) use masks::{MASK_WORDS, Masks};

use crate::bits::Bits;
use crate::program::{Layout, Node, NodeId, Program, Unary};
use crate::store::Store;
use crate::value::{Datum, Fault, ValueId, Values};
use gongdao_rules::{Arithmetic, Variable};
use std::sync::Arc;

/// What a batch gives.
pub(crate) struct Input {
    pub(crate) rows: usize,
    /// One column a slot of the program; absent ones are missing in every row.
    pub(crate) facts: Vec<Option<Column>>,
    /// Principal, action, resource and context of each row, for conditions over any attributes.
    pub(crate) variables: Option<[Vec<ValueId>; 4]>,
}

/// Runs a program. Keeps what was worked out for distinct values from batch to batch.
pub(crate) struct Machine {
    program: Arc<Program>,
    pub(crate) values: Values,
    pub(crate) store: Store,
    /// For each unary step, what it makes of each value; 0 where it was not asked yet.
    memos: Vec<Vec<ValueId>>,
}

/// Beyond so many distinct values the memory starts anew between batches.
const MOST_VALUES: usize = 1 << 18;

impl Machine {
    pub(crate) fn new(program: Arc<Program>) -> Self {
        let values = program.values.clone();
        let memos = vec![Vec::new(); program.nodes.len()];
        Self { program, values, store: Store::default(), memos }
    }

    /// Forget the values of earlier batches if they have become many; true if so. Numbers of values do not survive it.
    pub(crate) fn tidy(&mut self) -> bool {
        let is_full = self.values.len() > self.program.values.len() + MOST_VALUES && self.store.is_empty();
        if is_full {
            self.values = self.program.values.clone();
            self.memos.iter_mut().for_each(Vec::clear);
        }
        is_full
    }

    /// Begin a batch.
    pub(crate) fn run(&mut self, input: Input) -> Run<'_> {
        let program = Arc::clone(&self.program);
        let columns = program.nodes.iter().map(|_| None).collect();
        Run { machine: self, program, input, columns }
    }
}

/// One batch being worked through; each step is done when it is first needed.
pub(crate) struct Run<'a> {
    machine: &'a mut Machine,
    program: Arc<Program>,
    input: Input,
    columns: Vec<Option<Arc<Column>>>,
}

impl Run<'_> {
    /// The rows in which a condition is true, and those in which it is false; in the others it has no value.
    pub(crate) fn truth(&mut self, id: NodeId) -> Truth {
        match self.column(id).as_ref() {
            Column::Truth(truth) => truth.clone(),
            // INVARIANT: the builder gives conditions this layout.
            _ => Truth::unknown(self.input.rows),
        }
    }

    fn column(&mut self, id: NodeId) -> Arc<Column> {
        if let Some(Some(column)) = self.columns.get(id.index()) {
            return Arc::clone(column);
        }
        let program = Arc::clone(&self.program);
        let column = match program.nodes.get(id.index()) {
            Some(node) => self.work_out(id, node),
            None => Column::Value(vec![Fault::WrongType.id(); self.input.rows]),
        };
        let column = Arc::new(column);
        if let Some(slot) = self.columns.get_mut(id.index()) {
            *slot = Some(Arc::clone(&column));
        }
        column
    }

    fn work_out(&mut self, id: NodeId, node: &Node) -> Column {
        let rows = self.input.rows;
        match node {
            Node::Bool(truth) => Column::Truth(Truth::constant(rows, *truth)),
            Node::Long(number) => Column::Long(Longs::constant(rows, *number)),
            Node::Value(value) => Column::Value(vec![*value; rows]),
            Node::BoolFact(slot) => self.fact(*slot).unwrap_or_else(|| Column::Truth(Truth::unknown(rows))),
            Node::LongFact(slot) => self.fact(*slot).unwrap_or_else(|| Column::Long(Longs::unknown(rows))),
            Node::ValueFact(slot) => self.fact(*slot).unwrap_or_else(|| Column::Value(vec![Fault::Missing.id(); rows])),
            Node::Variable(variable) => self.variable(*variable),
            Node::Not(a) => Column::Truth(self.truth(*a).not()),
            Node::And(a, b) => Column::Truth(self.both(*a, *b)),
            Node::Or(a, b) => Column::Truth(self.either(*a, *b)),
            Node::If(a, b, c, layout) => self.choice(*a, *b, *c, *layout),
            Node::BoolEqual(a, b) => Column::Truth(self.truth(*a).equal(&self.truth(*b))),
            Node::LongEqual(a, b) => self.compare(*a, *b, |a, b| a == b),
            Node::LongLess(a, b) => self.compare(*a, *b, |a, b| a < b),
            Node::LongLessOrEqual(a, b) => self.compare(*a, *b, |a, b| a <= b),
            Node::Negate(a) => Column::Long(self.longs(*a).map(i64::overflowing_neg)),
            Node::Arithmetic(op, a, b) => {
                let (a, b) = (self.longs(*a), self.longs(*b));
                Column::Long(match op {
                    Arithmetic::Add => a.zip(&b, i64::overflowing_add),
                    Arithmetic::Subtract => a.zip(&b, i64::overflowing_sub),
                    Arithmetic::Multiply => a.zip(&b, i64::overflowing_mul),
                })
            }
            Node::Unary(op, a) => self.unary(id, op, *a),
            Node::Binary(op, a, b) => {
                let (a, b) = (self.value(*a), self.value(*b));
                let machine = &mut *self.machine;
                Column::Value(binary::column(*op, a.values(), b.values(), &mut machine.values, &machine.store))
            }
            Node::Set(elements) => self.set(elements),
            Node::Record(fields) => self.record(fields),
            Node::ValueAsTruth(a) => Column::Truth(self.value_as_truth(*a)),
            Node::ValueAsLong(a) => {
                let a = self.value(*a);
                let values = &self.machine.values;
                Column::Long(Longs::from_values(a.values(), values))
            }
            Node::TruthAsValue(a) => {
                let truth = self.truth(*a);
                let value = |row| match truth.at(row) {
                    Some(truth) => ValueId::of_bool(truth),
                    None => Fault::Missing.id(),
                };
                Column::Value((0..rows).map(value).collect())
            }
            Node::LongAsValue(a) => {
                let longs = self.longs(*a);
                let values = &mut self.machine.values;
                Column::Value(longs.to_values(values))
            }
        }
    }

    fn fact(&mut self, slot: usize) -> Option<Column> {
        self.input.facts.get_mut(slot).and_then(Option::take)
    }

    fn variable(&self, variable: Variable) -> Column {
        let index = match variable {
            Variable::Principal => 0,
            Variable::Action => 1,
            Variable::Resource => 2,
            Variable::Context => 3,
        };
        let column = self.input.variables.as_ref().and_then(|variables| variables.get(index));
        Column::Value(column.cloned().unwrap_or_else(|| vec![Fault::Missing.id(); self.input.rows]))
    }

    /// `b` is not asked where `a` decides alone: `a` false, or without a value.
    fn both(&mut self, a: NodeId, b: NodeId) -> Truth {
        let a = self.truth(a);
        if a.yes.is_empty() {
            return a;
        }
        let b = self.truth(b);
        let mut no = a.yes.and(&b.no);
        no.include(&a.no);
        Truth { yes: a.yes.and(&b.yes), no }
    }

    fn either(&mut self, a: NodeId, b: NodeId) -> Truth {
        let a = self.truth(a);
        if a.no.is_empty() {
            return a;
        }
        let b = self.truth(b);
        let mut yes = a.no.and(&b.yes);
        yes.include(&a.yes);
        Truth { yes, no: a.no.and(&b.no) }
    }

    fn choice(&mut self, a: NodeId, b: NodeId, c: NodeId, layout: Layout) -> Column {
        let a = self.truth(a);
        match layout {
            Layout::Truth => {
                let (b, c) = (self.truth(b), self.truth(c));
                let pick = |b: &Bits, c: &Bits| a.yes.and(b).or(&a.no.and(c));
                Column::Truth(Truth { yes: pick(&b.yes, &c.yes), no: pick(&b.no, &c.no) })
            }
            Layout::Long => {
                let (b, c) = (self.longs(b), self.longs(c));
                Column::Long(Longs::choose(&a, &b, &c))
            }
            Layout::Value => {
                let (b, c) = (self.value(b), self.value(c));
                let pairs = b.values().iter().zip(c.values()).enumerate();
                let pick = |(row, (b, c)): (usize, (&ValueId, &ValueId))| match a.at(row) {
                    Some(true) => *b,
                    Some(false) => *c,
                    None => Fault::Missing.id(),
                };
                Column::Value(pairs.map(pick).collect())
            }
        }
    }

    fn compare(&mut self, a: NodeId, b: NodeId, holds: impl Fn(i64, i64) -> bool) -> Column {
        // A constant stays a number: its column would only be read.
        if let Some(Node::Long(number)) = self.program.nodes.get(b.index()) {
            let number = *number;
            return Column::Truth(self.longs(a).test(|a| holds(a, number)));
        }
        if let Some(Node::Long(number)) = self.program.nodes.get(a.index()) {
            let number = *number;
            return Column::Truth(self.longs(b).test(|b| holds(number, b)));
        }
        let (a, b) = (self.longs(a), self.longs(b));
        Column::Truth(a.compare(&b, holds))
    }

    fn longs(&mut self, id: NodeId) -> LongsOf {
        LongsOf(self.column(id), Longs::unknown(0))
    }

    /// Masks become values where something else is asked of them than what bits say.
    fn value(&mut self, id: NodeId) -> Arc<Column> {
        let column = self.column(id);
        let Column::Masks(masks) = column.as_ref() else { return column };
        let values = Arc::new(Column::Value(masks.to_values(&mut self.machine.values)));
        if let Some(slot) = self.columns.get_mut(id.index()) {
            *slot = Some(Arc::clone(&values));
        }
        values
    }

    fn unary(&mut self, id: NodeId, op: &Unary, a: NodeId) -> Column {
        let operand = self.value(a);
        let Machine { values, store, memos, .. } = &mut *self.machine;
        let Some(memo) = memos.get_mut(id.index()) else { return Column::Value(Vec::new()) };
        Column::Value(unary::column(op, operand.values(), values, store, memo))
    }

    fn value_as_truth(&mut self, a: NodeId) -> Truth {
        let program = Arc::clone(&self.program);
        let is_done = self.columns.get(a.index()).is_some_and(Option::is_some);
        if !is_done && let Some(truth) = self.of_masks(a) {
            return truth;
        }
        // What a predicate makes of each value is known once; its own column is not needed.
        if let (Some(Node::Unary(op, operand)), false) = (program.nodes.get(a.index()), is_done) {
            let operand = self.value(*operand);
            let Machine { values, store, memos, .. } = &mut *self.machine;
            let Some(memo) = memos.get_mut(a.index()) else { return Truth::unknown(self.input.rows) };
            return unary::truth(op, operand.values(), values, store, memo);
        }
        let column = self.value(a);
        let values = column.values();
        Truth {
            yes: Bits::of_slice(values, |id| id == ValueId::TRUE),
            no: Bits::of_slice(values, |id| id == ValueId::FALSE),
        }
    }

    /// A predicate of sets that are masks.
    fn of_masks(&mut self, a: NodeId) -> Option<Truth> {
        let program = Arc::clone(&self.program);
        match program.nodes.get(a.index())? {
            Node::Unary(op, operand) => match self.column(*operand).as_ref() {
                Column::Masks(masks) => masks.unary(op, &self.machine.values),
                _ => None,
            },
            Node::Binary(op, left, right) => {
                let (left, right) = (self.column(*left), self.column(*right));
                Masks::binary(*op, &left, &right, &self.machine.values)
            }
            _ => None,
        }
    }

    fn set(&mut self, elements: &[NodeId]) -> Column {
        let columns: Vec<Arc<Column>> = elements.iter().map(|id| self.value(*id)).collect();
        let values = &mut self.machine.values;
        let row_of = |row: usize| columns.iter().map(move |column| column.value(row));
        Column::Value((0..self.input.rows).map(|row| values.set(row_of(row))).collect())
    }

    fn record(&mut self, fields: &[(String, NodeId)]) -> Column {
        let columns: Vec<(&str, Arc<Column>)> =
            fields.iter().map(|(name, id)| (name.as_str(), self.value(*id))).collect();
        let values = &mut self.machine.values;
        let mut record = |row: usize| {
            let fields: Vec<(Box<str>, ValueId)> =
                columns.iter().map(|(name, column)| ((*name).into(), column.value(row))).collect();
            match fields.iter().find(|(_, id)| !id.is_value()) {
                Some((_, fault)) => *fault,
                None => values.id(Datum::Record(fields.into_boxed_slice())),
            }
        };
        Column::Value((0..self.input.rows).map(&mut record).collect())
    }
}

/// Numbers that a step holds, without copying them.
struct LongsOf(Arc<Column>, Longs);

impl std::ops::Deref for LongsOf {
    type Target = Longs;

    fn deref(&self) -> &Longs {
        match self.0.as_ref() {
            Column::Long(longs) => longs,
            // INVARIANT: the builder gives operands of arithmetic this layout.
            _ => &self.1,
        }
    }
}

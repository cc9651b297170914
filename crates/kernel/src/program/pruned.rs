//! The steps that the rules of one law need, for one row at a time.

use super::{Binary, Node, NodeId, Program};
use crate::cell::Cell;
use crate::value::Fault;
use gongdao_rules::Arithmetic;

/// Steps without detours: facts, then constants, then what each step gives, all side by side in one list of cells. Operands
/// stand before what uses them, so one pass does all, without a question and without a jump. What a condition does not
/// reach is worked out in vain; that costs less than finding out.
#[derive(Debug, Default)]
pub(crate) struct Pruned {
    /// Facts as if nobody knew them, and constants.
    pub(crate) template: Vec<Cell>,
    pub(crate) steps: Vec<Step>,
    /// By step of the program, its position among the cells.
    positions: Vec<u32>,
}

/// A step over cells, by their positions.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Not(u32),
    And(u32, u32),
    Or(u32, u32),
    If(u32, u32, u32),
    /// Of two truths or two numbers.
    Same(u32, u32),
    Less(u32, u32),
    LessOrEqual(u32, u32),
    Negate(u32),
    Arithmetic(Arithmetic, u32, u32),
    /// The step of the program says which operator it is.
    Unary(NodeId, u32),
    /// The same, and its value is a truth.
    Test(NodeId, u32),
    Binary(Binary, u32, u32),
    Set(Box<[u32]>),
    Record(Box<[(Box<str>, u32)]>),
    ValueAsTruth(u32),
    ValueAsLong(u32),
    TruthAsValue(u32),
    LongAsValue(u32),
}

const NOWHERE: u32 = u32::MAX;

impl Pruned {
    /// The steps that `roots` need. The fact of slot `slots[n]` is cell `n`; `slots` is ascending and completed by those
    /// that the roots refer to.
    pub(crate) fn new(program: &Program, roots: impl IntoIterator<Item = NodeId>, slots: &mut Vec<usize>) -> Self {
        let is_needed = needed(program, roots);
        let nodes = || program.nodes.iter().zip(&is_needed).enumerate().filter(|(_, (_, needed))| **needed);
        slots.extend(nodes().filter_map(|(_, (node, _))| slot_of(node)));
        slots.sort_unstable();
        slots.dedup();
        let mut pruned = Self {
            template: slots.iter().map(|slot| Cell::missing(*slot)).collect(),
            steps: Vec::new(),
            positions: vec![NOWHERE; program.nodes.len()],
        };
        for (index, (node, _)) in nodes() {
            let position = match (slot_of(node), constant(node)) {
                (Some(slot), _) => slots.binary_search(&slot).ok(),
                (_, Some(cell)) => {
                    pruned.template.push(cell);
                    Some(pruned.template.len() - 1)
                }
                _ => None,
            };
            pruned.place(index, position);
        }
        for (index, (node, _)) in nodes() {
            if let Some(step) = pruned.step(program, index, node) {
                pruned.steps.push(step);
                pruned.place(index, Some(pruned.template.len() + pruned.steps.len() - 1));
            }
        }
        pruned
    }

    /// Where the cell of a step of the program stands.
    pub(crate) fn position(&self, id: NodeId) -> u32 {
        self.positions.get(id.index()).copied().unwrap_or(NOWHERE)
    }

    fn place(&mut self, index: usize, position: Option<usize>) {
        let position = position.and_then(|position| u32::try_from(position).ok());
        if let (Some(slot), Some(position)) = (self.positions.get_mut(index), position) {
            *slot = position;
        }
    }

    /// None for facts and constants.
    fn step(&self, program: &Program, index: usize, node: &Node) -> Option<Step> {
        let at = |id: &NodeId| self.position(*id);
        let own = NodeId(u32::try_from(index).unwrap_or(u32::MAX));
        Some(match node {
            Node::Not(a) => Step::Not(at(a)),
            Node::And(a, b) => Step::And(at(a), at(b)),
            Node::Or(a, b) => Step::Or(at(a), at(b)),
            Node::If(a, b, c, _) => Step::If(at(a), at(b), at(c)),
            Node::BoolEqual(a, b) | Node::LongEqual(a, b) => Step::Same(at(a), at(b)),
            Node::LongLess(a, b) => Step::Less(at(a), at(b)),
            Node::LongLessOrEqual(a, b) => Step::LessOrEqual(at(a), at(b)),
            Node::Negate(a) => Step::Negate(at(a)),
            Node::Arithmetic(op, a, b) => Step::Arithmetic(*op, at(a), at(b)),
            Node::Unary(_, a) => Step::Unary(own, at(a)),
            Node::Binary(op, a, b) => Step::Binary(*op, at(a), at(b)),
            Node::Set(elements) => Step::Set(elements.iter().map(at).collect()),
            Node::Record(fields) => {
                Step::Record(fields.iter().map(|(name, value)| (name.as_str().into(), at(value))).collect())
            }
            Node::ValueAsTruth(a) => match program.nodes.get(a.index()) {
                Some(Node::Unary(_, operand)) => Step::Test(*a, at(operand)),
                _ => Step::ValueAsTruth(at(a)),
            },
            Node::ValueAsLong(a) => Step::ValueAsLong(at(a)),
            Node::TruthAsValue(a) => Step::TruthAsValue(at(a)),
            Node::LongAsValue(a) => Step::LongAsValue(at(a)),
            Node::Bool(_)
            | Node::Long(_)
            | Node::Value(_)
            | Node::Variable(_)
            | Node::BoolFact(_)
            | Node::LongFact(_)
            | Node::ValueFact(_) => return None,
        })
    }
}

fn slot_of(node: &Node) -> Option<usize> {
    match node {
        Node::BoolFact(slot) | Node::LongFact(slot) | Node::ValueFact(slot) => Some(*slot),
        _ => None,
    }
}

fn constant(node: &Node) -> Option<Cell> {
    match node {
        Node::Bool(truth) => Some(Cell::truth(*truth)),
        Node::Long(number) => Some(Cell::long(*number)),
        Node::Value(value) => Some(Cell::value(*value)),
        // Rules ask for facts; whole variables stand in conditions over any attributes alone.
        Node::Variable(_) => Some(Cell::fault(Fault::Missing)),
        _ => None,
    }
}

/// By step, whether the roots need it.
fn needed(program: &Program, roots: impl IntoIterator<Item = NodeId>) -> Vec<bool> {
    let mut needed = vec![false; program.nodes.len()];
    let mut open: Vec<NodeId> = roots.into_iter().collect();
    while let Some(id) = open.pop() {
        match needed.get_mut(id.index()) {
            Some(known @ false) => *known = true,
            _ => continue,
        }
        match program.nodes.get(id.index()) {
            // A predicate whose truth is asked needs no cell for its value.
            Some(Node::ValueAsTruth(a)) => match program.nodes.get(a.index()) {
                Some(Node::Unary(_, operand)) => open.push(*operand),
                _ => open.push(*a),
            },
            Some(node) => node.operands(&mut |operand| open.push(operand)),
            None => {}
        }
    }
    needed
}

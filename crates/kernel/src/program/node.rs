use super::Layout;
use crate::value::ValueId;
use gongdao_rules::{Arithmetic, Function, PatternPart, Variable};

/// Position of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// One step over a batch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    /// The same truth in every row.
    Bool(bool),
    /// The same number in every row.
    Long(i64),
    /// The same value in every row, or the same fault.
    Value(ValueId),
    /// A fact, by its slot.
    BoolFact(usize),
    LongFact(usize),
    ValueFact(usize),
    /// A variable of the request.
    Variable(Variable),
    Not(NodeId),
    And(NodeId, NodeId),
    Or(NodeId, NodeId),
    /// Both branches have this layout.
    If(NodeId, NodeId, NodeId, Layout),
    BoolEqual(NodeId, NodeId),
    LongEqual(NodeId, NodeId),
    LongLess(NodeId, NodeId),
    LongLessOrEqual(NodeId, NodeId),
    Negate(NodeId),
    Arithmetic(Arithmetic, NodeId, NodeId),
    /// A value of one value.
    Unary(Unary, NodeId),
    /// A value of two values.
    Binary(Binary, NodeId, NodeId),
    /// The elements, left to right, into a set.
    Set(Vec<NodeId>),
    /// The fields, by name.
    Record(Vec<(String, NodeId)>),
    /// One layout as another.
    ValueAsTruth(NodeId),
    ValueAsLong(NodeId),
    TruthAsValue(NodeId),
    LongAsValue(NodeId),
}

/// What is worked out once for each distinct operand.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Unary {
    IsEmpty,
    Is(String),
    Like(Vec<PatternPart>),
    Attribute(String),
    Has(Vec<String>),
    Call(Function),
    /// The operator with a constant at its right.
    With(Binary, ValueId),
    /// The operator with a constant at its left.
    Within(Binary, ValueId),
}

/// Operators of two values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Binary {
    Equal,
    Less,
    LessOrEqual,
    Contains,
    ContainsAll,
    ContainsAny,
    In,
    Tag,
    HasTag,
    Call(Function),
}

impl Node {
    /// The steps that this one asks.
    pub(crate) fn operands(&self, take: &mut dyn FnMut(NodeId)) {
        match self {
            Self::Bool(_)
            | Self::Long(_)
            | Self::Value(_)
            | Self::BoolFact(_)
            | Self::LongFact(_)
            | Self::ValueFact(_)
            | Self::Variable(_) => {}
            Self::Not(a)
            | Self::Negate(a)
            | Self::Unary(_, a)
            | Self::ValueAsTruth(a)
            | Self::ValueAsLong(a)
            | Self::TruthAsValue(a)
            | Self::LongAsValue(a) => take(*a),
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::BoolEqual(a, b)
            | Self::LongEqual(a, b)
            | Self::LongLess(a, b)
            | Self::LongLessOrEqual(a, b)
            | Self::Arithmetic(_, a, b)
            | Self::Binary(_, a, b) => [*a, *b].into_iter().for_each(take),
            Self::If(a, b, c, _) => [*a, *b, *c].into_iter().for_each(take),
            Self::Set(elements) => elements.iter().copied().for_each(take),
            Self::Record(fields) => fields.iter().map(|(_, value)| *value).for_each(take),
        }
    }

    pub(crate) fn layout(&self, of: impl Fn(NodeId) -> Layout) -> Layout {
        match self {
            Self::Bool(_)
            | Self::BoolFact(_)
            | Self::Not(_)
            | Self::And(..)
            | Self::Or(..)
            | Self::BoolEqual(..)
            | Self::LongEqual(..)
            | Self::LongLess(..)
            | Self::LongLessOrEqual(..)
            | Self::ValueAsTruth(_) => Layout::Truth,
            Self::Long(_) | Self::LongFact(_) | Self::Negate(_) | Self::Arithmetic(..) | Self::ValueAsLong(_) => {
                Layout::Long
            }
            Self::If(_, a, ..) => of(*a),
            _ => Layout::Value,
        }
    }
}

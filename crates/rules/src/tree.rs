//! A rule's condition as a tree of our own: what a compiler walks, without any type of the rule language's library.

mod extension;
mod read;

pub use extension::Extension;
pub(crate) use read::{Leaves, read};
pub use read::{PolicyCondition, policy_conditions};

use gongdao_model::FactPath;

/// An expression of the rule language. Operands are evaluated left to right; the first error is the expression's.
///
/// Source: Cedar language reference, "Syntax and operators"; `!=`, `>` and `>=` are written with `!`, `<=` and `<`, as
/// Cedar itself does.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Tree {
    /// A literal value, or an extension value written with a literal text.
    Constant(Constant),
    /// An attribute of the vocabulary; a missing one is an error.
    Fact(FactPath),
    /// A variable of the request.
    Variable(Variable),
    /// `!a`
    Not(Box<Tree>),
    /// `-a`; overflow is an error.
    Negate(Box<Tree>),
    /// `a.isEmpty()`
    IsEmpty(Box<Tree>),
    /// `a && b`; `b` counts only if `a` is true.
    And(Box<Tree>, Box<Tree>),
    /// `a || b`; `b` counts only if `a` is false.
    Or(Box<Tree>, Box<Tree>),
    /// `if a then b else c`
    If(Box<Tree>, Box<Tree>, Box<Tree>),
    /// `a == b`; values of different types are unequal.
    Equal(Box<Tree>, Box<Tree>),
    /// `a < b`, for numbers, instants and durations.
    Less(Box<Tree>, Box<Tree>),
    /// `a <= b`, likewise.
    LessOrEqual(Box<Tree>, Box<Tree>),
    /// `a + b`, `a - b`, `a * b` in 64 bits; overflow is an error.
    Arithmetic(Arithmetic, Box<Tree>, Box<Tree>),
    /// `a.contains(b)`
    Contains(Box<Tree>, Box<Tree>),
    /// `a.containsAll(b)`
    ContainsAll(Box<Tree>, Box<Tree>),
    /// `a.containsAny(b)`
    ContainsAny(Box<Tree>, Box<Tree>),
    /// `a in b`: `b`, or one of the set `b`, is `a` or above it.
    In(Box<Tree>, Box<Tree>),
    /// `a is kind`
    Is(Box<Tree>, String),
    /// `a like "pattern"`
    Like(Box<Tree>, Vec<PatternPart>),
    /// `a.name`; an absent attribute is an error.
    Attribute(Box<Tree>, String),
    /// `a has x.y`: each name is looked up in the value of the one before.
    Has(Box<Tree>, Vec<String>),
    /// `a.getTag(b)`; an absent tag is an error.
    Tag(Box<Tree>, Box<Tree>),
    /// `a.hasTag(b)`
    HasTag(Box<Tree>, Box<Tree>),
    /// `[a, b]`
    Set(Vec<Tree>),
    /// `{x: a, y: b}`, names in ascending order.
    Record(Vec<(String, Tree)>),
    /// A function of an extension type.
    Call(Function, Vec<Tree>),
}

/// A value that stands in the rule.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Constant {
    /// `true`, `false`
    Bool(bool),
    /// A number in 64 bits.
    Long(i64),
    /// A text.
    Text(String),
    /// `Kind::"id"`
    Entity {
        /// Its type, with namespaces.
        kind: String,
        /// Its identifier.
        id: String,
    },
    /// `decimal("1.5")` and its like.
    Extension(Extension),
}

/// What a request gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Variable {
    /// Who acts.
    Principal,
    /// What is done.
    Action,
    /// To whom.
    Resource,
    /// The circumstances, a record.
    Context,
}

/// Operations that can overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}

/// One part of a `like` pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PatternPart {
    /// This character.
    Char(char),
    /// `*`: any characters, or none.
    Any,
}

/// Functions of extension types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Function {
    /// `decimal(text)`
    Decimal,
    /// `datetime(text)`
    Datetime,
    /// `duration(text)`
    Duration,
    /// `ip(text)`
    Ip,
    /// `a.lessThan(b)`
    DecimalLess,
    /// `a.lessThanOrEqual(b)`
    DecimalLessOrEqual,
    /// `a.greaterThan(b)`
    DecimalGreater,
    /// `a.greaterThanOrEqual(b)`
    DecimalGreaterOrEqual,
    /// `a.isIpv4()`
    IsIpv4,
    /// `a.isIpv6()`
    IsIpv6,
    /// `a.isLoopback()`
    IsLoopback,
    /// `a.isMulticast()`
    IsMulticast,
    /// `a.isInRange(b)`
    IsInRange,
    /// `a.offset(b)`
    Offset,
    /// `a.durationSince(b)`
    DurationSince,
    /// `a.toDate()`
    ToDate,
    /// `a.toTime()`
    ToTime,
    /// `a.toMilliseconds()`
    ToMilliseconds,
    /// `a.toSeconds()`
    ToSeconds,
    /// `a.toMinutes()`
    ToMinutes,
    /// `a.toHours()`
    ToHours,
    /// `a.toDays()`
    ToDays,
}

impl Tree {
    /// Call `visit` for this expression and everything below it.
    pub fn visit(&self, visit: &mut dyn FnMut(&Self)) {
        visit(self);
        self.each_operand(&mut |operand| operand.visit(visit));
    }

    /// Call `visit` for each operand, left to right.
    pub fn each_operand(&self, visit: &mut dyn FnMut(&Self)) {
        match self {
            Self::Constant(_) | Self::Fact(_) | Self::Variable(_) => {}
            Self::Not(a)
            | Self::Negate(a)
            | Self::IsEmpty(a)
            | Self::Is(a, _)
            | Self::Like(a, _)
            | Self::Attribute(a, _)
            | Self::Has(a, _) => visit(a),
            Self::And(a, b)
            | Self::Or(a, b)
            | Self::Equal(a, b)
            | Self::Less(a, b)
            | Self::LessOrEqual(a, b)
            | Self::Arithmetic(_, a, b)
            | Self::Contains(a, b)
            | Self::ContainsAll(a, b)
            | Self::ContainsAny(a, b)
            | Self::In(a, b)
            | Self::Tag(a, b)
            | Self::HasTag(a, b) => {
                visit(a);
                visit(b);
            }
            Self::If(a, b, c) => {
                visit(a);
                visit(b);
                visit(c);
            }
            Self::Set(elements) | Self::Call(_, elements) => elements.iter().for_each(visit),
            Self::Record(fields) => fields.iter().for_each(|(_, value)| visit(value)),
        }
    }
}

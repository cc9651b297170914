//! A published rule that is one SQL value over its factors: a small part of SQL, read once and run over columns.
//!
//! It gives what `DataFusion` gives, by which audits run the same rule (`crates/audit/tests/expression.rs` compares them);
//! what it does not know it refuses by name. Every number is a 64-bit float, nothing is missing, and no division fails: a
//! result that is no finite number is told by whoever looks at the result.

mod parse;
mod token;

use crate::ScoreError;

/// Bytes of an expression at most.
const MOST_BYTES: usize = 10_000;

/// What a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A 64-bit float.
    Number,
    /// Yes or no.
    Truth,
    /// Words.
    Text,
}

impl Kind {
    /// In messages.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Truth => "yes or no",
            Self::Text => "text",
        }
    }
}

/// The values of one factor, a row each.
#[derive(Debug, Clone, PartialEq)]
pub enum Column<'a> {
    /// Numbers.
    Number(Vec<f64>),
    /// Yes and no.
    Truth(Vec<bool>),
    /// Words.
    Text(Vec<&'a str>),
}

impl Column<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Number(numbers) => numbers.len(),
            Self::Truth(truths) => truths.len(),
            Self::Text(texts) => texts.len(),
        }
    }

    fn kind(&self) -> Kind {
        match self {
            Self::Number(_) => Kind::Number,
            Self::Truth(_) => Kind::Truth,
            Self::Text(_) => Kind::Text,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Binary {
    Plus,
    Minus,
    Times,
    Over,
    Rest,
    And,
    Or,
    Equal,
    Unequal,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Binary {
    fn as_str(self) -> &'static str {
        match self {
            Self::Plus => "+",
            Self::Minus => "-",
            Self::Times => "*",
            Self::Over => "/",
            Self::Rest => "%",
            Self::And => "AND",
            Self::Or => "OR",
            Self::Equal => "=",
            Self::Unequal => "<>",
            Self::Less => "<",
            Self::AtMost => "<=",
            Self::Greater => ">",
            Self::AtLeast => ">=",
        }
    }

    fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::Unequal => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::AtMost => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::AtLeast => order.is_ge(),
            _ => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Function {
    Abs,
    Ceil,
    Exp,
    Floor,
    Greatest,
    Least,
    Ln,
    Round,
    Sqrt,
}

impl Function {
    const ALL: [(&'static str, Self); 9] = [
        ("abs", Self::Abs),
        ("ceil", Self::Ceil),
        ("exp", Self::Exp),
        ("floor", Self::Floor),
        ("greatest", Self::Greatest),
        ("least", Self::Least),
        ("ln", Self::Ln),
        ("round", Self::Round),
        ("sqrt", Self::Sqrt),
    ];

    fn of(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(known, _)| *known == name).map(|(_, function)| function)
    }

    fn takes_many(self) -> bool {
        matches!(self, Self::Greatest | Self::Least)
    }

    /// `one` is what stood before, `other` the next value.
    fn of_two(self, one: f64, other: f64) -> f64 {
        let is_greater = other.total_cmp(&one).is_gt();
        if is_greater == (self == Self::Greatest) { other } else { one }
    }

    fn of_one(self, value: f64) -> f64 {
        match self {
            Self::Abs => value.abs(),
            Self::Ceil => value.ceil(),
            Self::Exp => value.exp(),
            Self::Floor => value.floor(),
            Self::Ln => value.ln(),
            Self::Round => value.round(),
            Self::Sqrt => value.sqrt(),
            Self::Greatest | Self::Least => value,
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
enum Node {
    Number(f64),
    Truth(bool),
    Text(String),
    Factor(usize),
    Not(Box<Node>),
    Negative(Box<Node>),
    Binary(Binary, Box<Node>, Box<Node>),
    Call(Function, Vec<Node>),
    Case(Vec<(Node, Node)>, Box<Node>),
}

/// An expression that was checked against its factors.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    root: Node,
    factors: Vec<Kind>,
}

impl Expression {
    /// Reads one SQL value. Factors are named in small letters, or as they stand in quotation marks.
    ///
    /// Errors: what is not covered, by its name; a name that is no factor; kinds that do not fit; a text as the result.
    pub fn read(text: &str, factors: &[(String, Kind)]) -> Result<Self, ScoreError> {
        if text.len() > MOST_BYTES {
            return Err(ScoreError::new("the expression is too long", format!("write at most {MOST_BYTES} bytes")));
        }
        let (root, kind) = parse::parse(text, factors)?;
        if kind == Kind::Text {
            return Err(ScoreError::new("the expression gives a text", "let it give a number, or yes or no"));
        }
        Ok(Self { root, factors: factors.iter().map(|(_, kind)| *kind).collect() })
    }

    /// One number a row; yes is 1 and no is 0. What is no finite number stands as it came out.
    ///
    /// Errors: columns that are not the factors'.
    pub fn run(&self, columns: &[Column<'_>]) -> Result<Vec<f64>, ScoreError> {
        let rows = columns.first().map_or(1, Column::len);
        let fits = |(column, kind): (&Column<'_>, &Kind)| column.kind() == *kind && column.len() == rows;
        if columns.len() != self.factors.len() || !columns.iter().zip(&self.factors).all(fits) {
            return Err(ScoreError::new("the columns are not the rule's factors", "give each factor, in their order"));
        }
        Ok(match value(&self.root, columns, rows) {
            Column::Number(numbers) => numbers,
            Column::Truth(truths) => truths.into_iter().map(f64::from).collect(),
            Column::Text(_) => Vec::new(),
        })
    }
}

fn value<'a>(node: &'a Node, columns: &[Column<'a>], rows: usize) -> Column<'a> {
    match node {
        Node::Number(number) => Column::Number(vec![*number; rows]),
        Node::Truth(truth) => Column::Truth(vec![*truth; rows]),
        Node::Text(text) => Column::Text(vec![text; rows]),
        Node::Factor(place) => columns.get(*place).cloned().unwrap_or(Column::Number(Vec::new())),
        Node::Not(inner) => Column::Truth(truths(inner, columns, rows).into_iter().map(|truth| !truth).collect()),
        Node::Negative(inner) => {
            Column::Number(numbers(inner, columns, rows).into_iter().map(|number| -number).collect())
        }
        Node::Binary(operator, left, right) => joined(*operator, left, right, columns, rows),
        Node::Call(function, arguments) => {
            let mut all = arguments.iter().map(|argument| numbers(argument, columns, rows));
            let mut found = all.next().unwrap_or_default();
            if function.takes_many() {
                for other in all {
                    let pairs = found.iter_mut().zip(other);
                    for (one, other) in pairs {
                        *one = function.of_two(*one, other);
                    }
                }
            } else {
                for number in &mut found {
                    *number = function.of_one(*number);
                }
            }
            Column::Number(found)
        }
        Node::Case(arms, otherwise) => {
            // Nothing fails, so every arm may be worked out; from the last one up, the first that holds stays.
            let mut found = value(otherwise, columns, rows);
            for (when, then) in arms.iter().rev() {
                chosen(&truths(when, columns, rows), &mut found, value(then, columns, rows));
            }
            found
        }
    }
}

/// Where `holds`, the value of `then`.
fn chosen<'a>(holds: &[bool], found: &mut Column<'a>, then: Column<'a>) {
    fn take<T>(holds: &[bool], found: &mut [T], then: Vec<T>) {
        for ((_, place), new) in holds.iter().zip(found).zip(then).filter(|((holds, _), _)| **holds) {
            *place = new;
        }
    }
    match (found, then) {
        (Column::Number(found), Column::Number(then)) => take(holds, found, then),
        (Column::Truth(found), Column::Truth(then)) => take(holds, found, then),
        (Column::Text(found), Column::Text(then)) => take(holds, found, then),
        // INVARIANT: the parser lets arms be of one kind alone.
        _ => {}
    }
}

fn numbers(node: &Node, columns: &[Column<'_>], rows: usize) -> Vec<f64> {
    match value(node, columns, rows) {
        Column::Number(numbers) => numbers,
        _ => Vec::new(),
    }
}

fn truths(node: &Node, columns: &[Column<'_>], rows: usize) -> Vec<bool> {
    match value(node, columns, rows) {
        Column::Truth(truths) => truths,
        _ => Vec::new(),
    }
}

fn joined<'a>(operator: Binary, left: &'a Node, right: &'a Node, columns: &[Column<'a>], rows: usize) -> Column<'a> {
    let (left, right) = (value(left, columns, rows), value(right, columns, rows));
    match (left, right) {
        (Column::Number(mut left), Column::Number(right)) => {
            let pairs = left.iter_mut().zip(&right);
            match operator {
                Binary::Plus => pairs.for_each(|(one, other)| *one += other),
                Binary::Minus => pairs.for_each(|(one, other)| *one -= other),
                Binary::Times => pairs.for_each(|(one, other)| *one *= other),
                Binary::Over => pairs.for_each(|(one, other)| *one /= other),
                Binary::Rest => pairs.for_each(|(one, other)| *one %= other),
                // The order of all floats, as DataFusion compares them: zero has one sign.
                _ => {
                    let order = |(one, other): (&mut f64, &f64)| (*one + 0.0).total_cmp(&(other + 0.0));
                    return Column::Truth(pairs.map(|pair| operator.holds(order(pair))).collect());
                }
            }
            Column::Number(left)
        }
        (Column::Truth(left), Column::Truth(right)) => {
            let pairs = left.into_iter().zip(right);
            Column::Truth(match operator {
                Binary::And => pairs.map(|(one, other)| one && other).collect(),
                Binary::Or => pairs.map(|(one, other)| one || other).collect(),
                _ => pairs.map(|(one, other)| operator.holds(one.cmp(&other))).collect(),
            })
        }
        (Column::Text(left), Column::Text(right)) => {
            Column::Truth(left.iter().zip(right).map(|(one, other)| operator.holds((*one).cmp(other))).collect())
        }
        // INVARIANT: the parser lets both sides be of one kind alone.
        _ => Column::Truth(Vec::new()),
    }
}

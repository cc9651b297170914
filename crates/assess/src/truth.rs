//! Conditions with facts missing: true or false whatever the missing ones are, or unknown, with what decided it.
//!
//! Kleene's three-valued logic. It decides more than a judgement of one record does: there a missing fact before `&&` is
//! an error even where what follows is false. Here nothing happened yet, and a false part settles the matter.

use crate::gap::Gap;
use gongdao_model::{FactPath, FactValue};
use gongdao_rules::{Arithmetic, Constant, PatternPart, Tree};
use std::collections::BTreeSet;

/// A condition's answer. Facts named are those that decided it; what else was known did not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Truth {
    True(BTreeSet<FactPath>),
    False(BTreeSet<FactPath>),
    Unknown(BTreeSet<Gap>),
}

/// What is known: the value of a fact, if it has one.
pub(crate) type Known<'a> = &'a dyn Fn(&FactPath) -> Option<FactValue>;

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Value {
    Bool(bool),
    Long(i64),
    Text(String),
    Set(BTreeSet<Value>),
}

enum Answer {
    Known(Value, BTreeSet<FactPath>),
    Unknown(BTreeSet<Gap>),
}

/// What a condition says; `without` is the answer where there is none.
pub(crate) fn truth(condition: Option<&Tree>, without: bool, known: Known<'_>) -> Truth {
    let Some(condition) = condition else {
        return if without { Truth::True(BTreeSet::new()) } else { Truth::False(BTreeSet::new()) };
    };
    match answer(condition, known) {
        Answer::Known(Value::Bool(true), because) => Truth::True(because),
        Answer::Known(Value::Bool(false), because) => Truth::False(because),
        Answer::Known(..) => Truth::Unknown(engine("the condition is neither true nor false")),
        Answer::Unknown(gaps) => Truth::Unknown(gaps),
    }
}

fn engine(words: &str) -> BTreeSet<Gap> {
    BTreeSet::from([Gap::Engine { words: words.to_owned() }])
}

fn stops(gaps: &BTreeSet<Gap>) -> bool {
    gaps.iter().any(|gap| matches!(gap, Gap::Engine { .. }))
}

fn known(value: Value) -> Answer {
    Answer::Known(value, BTreeSet::new())
}

fn answer(tree: &Tree, facts: Known<'_>) -> Answer {
    match tree {
        Tree::Constant(Constant::Bool(value)) => known(Value::Bool(*value)),
        Tree::Constant(Constant::Long(value)) => known(Value::Long(*value)),
        Tree::Constant(Constant::Text(value)) => known(Value::Text(value.clone())),
        Tree::Fact(path) => match facts(path) {
            Some(value) => Answer::Known(value_of(value), BTreeSet::from([path.clone()])),
            None => Answer::Unknown(BTreeSet::from([Gap::Fact { fact: path.clone() }])),
        },
        Tree::And(a, b) => junction(a, b, false, facts),
        Tree::Or(a, b) => junction(a, b, true, facts),
        Tree::If(condition, then, otherwise) => choice(condition, then, otherwise, facts),
        Tree::Set(elements) => set(elements, facts),
        Tree::Contains(a, b) | Tree::ContainsAny(a, b) | Tree::ContainsAll(a, b) => membership(tree, a, b, facts),
        Tree::Not(a) => one(a, facts, |value| match value {
            Value::Bool(value) => Some(Value::Bool(!value)),
            _ => None,
        }),
        Tree::Negate(a) => one(a, facts, |value| match value {
            Value::Long(value) => value.checked_neg().map(Value::Long),
            _ => None,
        }),
        Tree::IsEmpty(a) => one(a, facts, |value| match value {
            Value::Set(words) => Some(Value::Bool(words.is_empty())),
            _ => None,
        }),
        Tree::Like(a, pattern) => one(a, facts, |value| match value {
            Value::Text(text) => {
                let text: Vec<char> = text.chars().collect();
                Some(Value::Bool(is_like(&text, pattern)))
            }
            _ => None,
        }),
        Tree::Equal(a, b) => two(a, b, facts, |a, b| Some(Value::Bool(a == b))),
        Tree::Less(a, b) => two(a, b, facts, |a, b| longs(a, b).map(|(a, b)| Value::Bool(a < b))),
        Tree::LessOrEqual(a, b) => two(a, b, facts, |a, b| longs(a, b).map(|(a, b)| Value::Bool(a <= b))),
        Tree::Arithmetic(operation, a, b) => two(a, b, facts, |a, b| {
            let (a, b) = longs(a, b)?;
            let result = match operation {
                Arithmetic::Add => a.checked_add(b),
                Arithmetic::Subtract => a.checked_sub(b),
                Arithmetic::Multiply => a.checked_mul(b),
            };
            result.map(Value::Long)
        }),
        _ => Answer::Unknown(engine("the condition is of a kind that is not assessed")),
    }
}

fn value_of(value: FactValue) -> Value {
    match value {
        FactValue::Bool(value) => Value::Bool(value),
        FactValue::Long(value) => Value::Long(value),
        FactValue::Text(value) => Value::Text(value),
        FactValue::TextSet(words) => Value::Set(words.into_iter().map(Value::Text).collect()),
    }
}

fn longs(a: &Value, b: &Value) -> Option<(i64, i64)> {
    match (a, b) {
        (Value::Long(a), Value::Long(b)) => Some((*a, *b)),
        _ => None,
    }
}

/// The only way a known operand has no result is a number that does not fit: types were validated.
fn result(value: Option<Value>, because: BTreeSet<FactPath>) -> Answer {
    match value {
        Some(value) => Answer::Known(value, because),
        None => Answer::Unknown(engine("a number does not fit into 64 bits")),
    }
}

fn one(a: &Tree, facts: Known<'_>, apply: impl Fn(&Value) -> Option<Value>) -> Answer {
    match answer(a, facts) {
        Answer::Known(value, because) => result(apply(&value), because),
        Answer::Unknown(gaps) => Answer::Unknown(gaps),
    }
}

fn two(a: &Tree, b: &Tree, facts: Known<'_>, apply: impl Fn(&Value, &Value) -> Option<Value>) -> Answer {
    match (answer(a, facts), answer(b, facts)) {
        (Answer::Known(a, mut because), Answer::Known(b, more)) => {
            because.extend(more);
            result(apply(&a, &b), because)
        }
        (a, b) => Answer::Unknown(gaps_of(a).into_iter().chain(gaps_of(b)).collect()),
    }
}

fn gaps_of(answer: Answer) -> BTreeSet<Gap> {
    match answer {
        Answer::Known(..) => BTreeSet::new(),
        Answer::Unknown(gaps) => gaps,
    }
}

/// `&&` (settled by false) and `||` (settled by true). Where both sides settle it, the one with fewer facts is named.
fn junction(a: &Tree, b: &Tree, settling: bool, facts: Known<'_>) -> Answer {
    let settles = |value: &Value| *value == Value::Bool(settling);
    let first = answer(a, facts);
    // An engine error on the left is never passed over.
    if matches!(&first, Answer::Unknown(gaps) if stops(gaps)) {
        return first;
    }
    match (first, answer(b, facts)) {
        (Answer::Known(a, because), Answer::Known(b, more)) if settles(&a) && settles(&b) => {
            Answer::Known(a, if more.len() < because.len() { more } else { because })
        }
        (Answer::Known(a, because), _) if settles(&a) => Answer::Known(a, because),
        (_, Answer::Known(b, because)) if settles(&b) => Answer::Known(b, because),
        (Answer::Known(_, mut because), Answer::Known(b, more)) => {
            because.extend(more);
            Answer::Known(b, because)
        }
        (a, b) => Answer::Unknown(gaps_of(a).into_iter().chain(gaps_of(b)).collect()),
    }
}

fn choice(condition: &Tree, then: &Tree, otherwise: &Tree, facts: Known<'_>) -> Answer {
    match answer(condition, facts) {
        Answer::Known(value, because) => {
            let taken = if value == Value::Bool(true) { then } else { otherwise };
            match answer(taken, facts) {
                Answer::Known(value, more) => Answer::Known(value, because.into_iter().chain(more).collect()),
                unknown @ Answer::Unknown(_) => unknown,
            }
        }
        Answer::Unknown(gaps) if stops(&gaps) => Answer::Unknown(gaps),
        Answer::Unknown(gaps) => match (answer(then, facts), answer(otherwise, facts)) {
            (Answer::Known(a, because), Answer::Known(b, more)) if a == b => {
                Answer::Known(a, because.into_iter().chain(more).collect())
            }
            (a, b) => Answer::Unknown(gaps.into_iter().chain(gaps_of(a)).chain(gaps_of(b)).collect()),
        },
    }
}

fn set(elements: &[Tree], facts: Known<'_>) -> Answer {
    let (mut values, mut because, mut gaps) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for element in elements {
        match answer(element, facts) {
            Answer::Known(value, more) => {
                values.insert(value);
                because.extend(more);
            }
            Answer::Unknown(more) => gaps.extend(more),
        }
    }
    if gaps.is_empty() { Answer::Known(Value::Set(values), because) } else { Answer::Unknown(gaps) }
}

/// An empty side settles it: nothing is in an empty set, and every set holds all of it.
fn membership(tree: &Tree, a: &Tree, b: &Tree, facts: Known<'_>) -> Answer {
    let is_empty = |value: &Value| matches!(value, Value::Set(words) if words.is_empty());
    let all = matches!(tree, Tree::ContainsAll(..));
    match (answer(a, facts), answer(b, facts)) {
        (Answer::Known(set, because), Answer::Unknown(gaps)) if !all && is_empty(&set) && !stops(&gaps) => {
            Answer::Known(Value::Bool(false), because)
        }
        (Answer::Unknown(gaps), Answer::Known(set, because))
            if !matches!(tree, Tree::Contains(..)) && is_empty(&set) && !stops(&gaps) =>
        {
            Answer::Known(Value::Bool(all), because)
        }
        (Answer::Known(a, mut because), Answer::Known(b, more)) => {
            because.extend(more);
            let value = match (tree, &a, &b) {
                (Tree::Contains(..), Value::Set(set), word) => Some(set.contains(word)),
                (Tree::ContainsAny(..), Value::Set(set), Value::Set(words)) => Some(!set.is_disjoint(words)),
                (Tree::ContainsAll(..), Value::Set(set), Value::Set(words)) => Some(set.is_superset(words)),
                _ => None,
            };
            result(value.map(Value::Bool), because)
        }
        (a, b) => Answer::Unknown(gaps_of(a).into_iter().chain(gaps_of(b)).collect()),
    }
}

fn is_like(text: &[char], pattern: &[PatternPart]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, rest) => rest.is_none(),
        (Some((PatternPart::Any, rest)), None) => is_like(text, rest),
        (Some((PatternPart::Any, rest)), Some((_, tail))) => is_like(text, rest) || is_like(tail, pattern),
        (Some((PatternPart::Char(wanted), rest)), Some((found, tail))) => wanted == found && is_like(tail, rest),
        (Some(_), None) => false,
    }
}

#[cfg(test)]
mod tests;

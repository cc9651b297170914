use super::{Truth, binary};
use crate::bits::Bits;
use crate::program::Unary;
use crate::store::Store;
use crate::value::{Datum, Fault, ValueId, Values};
use gongdao_rules::{Extension, Function, PatternPart};

const DAY_MILLIS: i64 = 86_400_000;

/// Each row's result. `memo` holds what was worked out before, by the number of the operand.
pub(crate) fn column(
    op: &Unary,
    operands: &[ValueId],
    values: &mut Values,
    store: &Store,
    memo: &mut Vec<ValueId>,
) -> Vec<ValueId> {
    operands.iter().map(|operand| remembered(op, *operand, values, store, memo)).collect()
}

/// The rows of which it is true, and those of which it is false.
pub(crate) fn truth(
    op: &Unary,
    operands: &[ValueId],
    values: &mut Values,
    store: &Store,
    memo: &mut Vec<ValueId>,
) -> Truth {
    let rows = operands.len();
    let (mut yes, mut no) = (Vec::with_capacity(rows.div_ceil(64)), Vec::with_capacity(rows.div_ceil(64)));
    for chunk in operands.chunks(64) {
        let (mut yes_word, mut no_word) = (0_u64, 0_u64);
        for (at, operand) in chunk.iter().enumerate() {
            let one = remembered(op, *operand, values, store, memo);
            yes_word |= u64::from(one == ValueId::TRUE) << at;
            no_word |= u64::from(one == ValueId::FALSE) << at;
        }
        yes.push(yes_word);
        no.push(no_word);
    }
    Truth { yes: Bits::from_words(yes, rows), no: Bits::from_words(no, rows) }
}

/// The result for one operand, looked up where it was worked out before.
#[inline]
pub(super) fn remembered(
    op: &Unary,
    operand: ValueId,
    values: &mut Values,
    store: &Store,
    memo: &mut Vec<ValueId>,
) -> ValueId {
    match memo.get(operand.index()) {
        Some(known) if *known != ValueId::NONE => *known,
        _ => learned(op, operand, values, store, memo),
    }
}

#[cold]
fn learned(op: &Unary, operand: ValueId, values: &mut Values, store: &Store, memo: &mut Vec<ValueId>) -> ValueId {
    let one = if operand.is_value() { of(op, operand, values, store) } else { operand };
    if memo.len() <= operand.index() {
        memo.resize(operand.index() + 1, ValueId::NONE);
    }
    if let Some(slot) = memo.get_mut(operand.index()) {
        *slot = one;
    }
    one
}

fn of(op: &Unary, operand: ValueId, values: &mut Values, store: &Store) -> ValueId {
    let wrong = Fault::WrongType.id();
    match op {
        Unary::IsEmpty => values.set_elements(operand).map_or(wrong, |elements| ValueId::of_bool(elements.is_empty())),
        Unary::Is(kind) => match values.datum(operand) {
            Some(Datum::Entity(found, _)) => ValueId::of_bool(found.as_ref() == kind),
            _ => wrong,
        },
        Unary::Like(pattern) => match values.datum(operand) {
            Some(Datum::Text(text)) => ValueId::of_bool(matches(pattern, text)),
            _ => wrong,
        },
        Unary::Attribute(name) => attribute(name, operand, values, store),
        Unary::Has(names) => has(names, operand, values, store),
        Unary::Call(function) => call(*function, operand, values),
        Unary::With(op, right) => binary::of(*op, operand, *right, values, store),
        Unary::Within(op, left) => binary::of(*op, *left, operand, values, store),
    }
}

fn attribute(name: &str, operand: ValueId, values: &Values, store: &Store) -> ValueId {
    match values.datum(operand) {
        Some(Datum::Record(fields)) => field(fields, name).unwrap_or(Fault::NoAttribute.id()),
        Some(Datum::Entity(..)) => match store.entity(operand) {
            None => Fault::NoEntity.id(),
            Some(entity) => entity.attribute(name).unwrap_or(Fault::NoAttribute.id()),
        },
        _ => Fault::WrongType.id(),
    }
}

fn field(fields: &[(Box<str>, ValueId)], name: &str) -> Option<ValueId> {
    fields.iter().find(|(known, _)| known.as_ref() == name).map(|(_, id)| *id)
}

/// Absent at any step is false; a step into something that has no attributes is an error.
fn has(names: &[String], operand: ValueId, values: &Values, store: &Store) -> ValueId {
    let mut current = operand;
    for name in names {
        let next = match values.datum(current) {
            Some(Datum::Record(fields)) => field(fields, name),
            Some(Datum::Entity(..)) => store.entity(current).and_then(|entity| entity.attribute(name)),
            _ => return Fault::WrongType.id(),
        };
        match next {
            Some(value) => current = value,
            None => return ValueId::FALSE,
        }
    }
    ValueId::TRUE
}

/// Source: Cedar language reference, `like`.
fn matches(pattern: &[PatternPart], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut part) = (0, 0);
    // Where to go on if the characters after the last `*` do not fit: one character later.
    let mut again: Option<(usize, usize)> = None;
    while at < text.len() {
        match (pattern.get(part), text.get(at)) {
            (Some(PatternPart::Any), _) => {
                again = Some((part, at));
                part += 1;
            }
            (Some(PatternPart::Char(wanted)), Some(found)) if wanted == found => {
                part += 1;
                at += 1;
            }
            _ => match again {
                Some((star, from)) => {
                    again = Some((star, from + 1));
                    part = star + 1;
                    at = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(part).all(|part| *part == PatternPart::Any)
}

fn call(function: Function, operand: ValueId, values: &mut Values) -> ValueId {
    if let Some(Datum::Text(text)) = values.datum(operand) {
        let value = match function {
            Function::Decimal => Extension::decimal(text),
            Function::Datetime => Extension::datetime(text),
            Function::Duration => Extension::duration(text),
            Function::Ip => Extension::ip(text),
            _ => return Fault::WrongType.id(),
        };
        return value.map_or(Fault::Function.id(), |value| values.id(Datum::Extension(value)));
    }
    let Some(Datum::Extension(value)) = values.datum(operand) else { return Fault::WrongType.id() };
    match extension(function, *value) {
        Some(Ok(datum)) => values.id(datum),
        Some(Err(fault)) => fault.id(),
        None => Fault::WrongType.id(),
    }
}

fn extension(function: Function, value: Extension) -> Option<Result<Datum, Fault>> {
    let datum = match (function, value) {
        (Function::IsIpv4, Extension::Ip(address, _)) => Datum::Bool(address.is_ipv4()),
        (Function::IsIpv6, Extension::Ip(address, _)) => Datum::Bool(address.is_ipv6()),
        (Function::IsLoopback, Extension::Ip(address, prefix)) => {
            Datum::Bool(address.is_loopback() && prefix >= if address.is_ipv4() { 8 } else { 128 })
        }
        (Function::IsMulticast, Extension::Ip(address, prefix)) => {
            Datum::Bool(address.is_multicast() && prefix >= if address.is_ipv4() { 4 } else { 8 })
        }
        (Function::ToDate, Extension::Datetime(at)) => {
            let midnight = at.checked_sub(at.rem_euclid(DAY_MILLIS));
            return Some(midnight.map(|at| Datum::Extension(Extension::Datetime(at))).ok_or(Fault::Function));
        }
        (Function::ToTime, Extension::Datetime(at)) => Datum::Extension(Extension::Duration(at.rem_euclid(DAY_MILLIS))),
        (Function::ToMilliseconds, Extension::Duration(millis)) => Datum::Long(millis),
        (Function::ToSeconds, Extension::Duration(millis)) => Datum::Long(millis / 1_000),
        (Function::ToMinutes, Extension::Duration(millis)) => Datum::Long(millis / 60_000),
        (Function::ToHours, Extension::Duration(millis)) => Datum::Long(millis / 3_600_000),
        (Function::ToDays, Extension::Duration(millis)) => Datum::Long(millis / DAY_MILLIS),
        _ => return None,
    };
    Some(Ok(datum))
}

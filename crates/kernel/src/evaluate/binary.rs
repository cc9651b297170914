use crate::program::Binary;
use crate::store::Store;
use crate::value::{Datum, Fault, ValueId, Values};
use gongdao_rules::{Extension, Function};
use std::net::IpAddr;

/// Pairs that are kept while a column is worked out; a power of two.
const SLOTS: usize = 1 << 12;

/// Each row's result; the left operand's fault comes before the right one's.
pub(crate) fn column(
    op: Binary,
    left: &[ValueId],
    right: &[ValueId],
    values: &mut Values,
    store: &Store,
) -> Vec<ValueId> {
    // Pairs recur: few sets, few words. A short column does not fill many slots.
    let slots = SLOTS.min(left.len().next_power_of_two());
    let mut known = vec![(ValueId::NONE, ValueId::NONE, ValueId::NONE); slots];
    let row = |(a, b): (&ValueId, &ValueId)| {
        if !a.is_value() {
            return *a;
        }
        if !b.is_value() {
            return *b;
        }
        let mixed = a.0.wrapping_mul(0x9e37_79b1) ^ b.0.wrapping_mul(0x85eb_ca6b);
        let slot = known.get_mut((mixed ^ mixed >> 15) as usize & (slots - 1));
        match slot {
            Some((x, y, result)) if x == a && y == b => *result,
            slot => {
                let result = of(op, *a, *b, values, store);
                if let Some(slot) = slot {
                    *slot = (*a, *b, result);
                }
                result
            }
        }
    };
    left.iter().zip(right).map(row).collect()
}

/// One result of two values.
pub(crate) fn of(op: Binary, a: ValueId, b: ValueId, values: &mut Values, store: &Store) -> ValueId {
    let truth = |known: Option<bool>| known.map_or(Fault::WrongType.id(), ValueId::of_bool);
    match op {
        Binary::Equal => ValueId::of_bool(a == b),
        Binary::Less => truth(compare(a, b, values, |a, b| a < b)),
        Binary::LessOrEqual => truth(compare(a, b, values, |a, b| a <= b)),
        Binary::Contains => truth(values.set_elements(a).map(|set| set.binary_search(&b).is_ok())),
        Binary::ContainsAll => truth(sets(a, b, values).map(|(a, b)| b.iter().all(|id| a.binary_search(id).is_ok()))),
        Binary::ContainsAny => truth(sets(a, b, values).map(|(a, b)| meet(a, b))),
        Binary::In => within(a, b, values, store),
        Binary::Tag | Binary::HasTag => tag(op, a, b, values, store),
        Binary::Call(function) => call(function, a, b, values),
    }
}

type Sets<'a> = (&'a [ValueId], &'a [ValueId]);

fn sets(a: ValueId, b: ValueId, values: &Values) -> Option<Sets<'_>> {
    Some((values.set_elements(a)?, values.set_elements(b)?))
}

/// Whether two sorted lists share an element.
fn meet(a: &[ValueId], b: &[ValueId]) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    short.iter().any(|id| long.binary_search(id).is_ok())
}

/// Numbers, instants and durations have an order, among their like.
fn compare(a: ValueId, b: ValueId, values: &Values, holds: impl Fn(i64, i64) -> bool) -> Option<bool> {
    match (values.datum(a)?, values.datum(b)?) {
        (Datum::Long(a), Datum::Long(b))
        | (Datum::Extension(Extension::Datetime(a)), Datum::Extension(Extension::Datetime(b)))
        | (Datum::Extension(Extension::Duration(a)), Datum::Extension(Extension::Duration(b))) => Some(holds(*a, *b)),
        _ => None,
    }
}

fn within(a: ValueId, b: ValueId, values: &Values, store: &Store) -> ValueId {
    if !matches!(values.datum(a), Some(Datum::Entity(..))) {
        return Fault::WrongType.id();
    }
    let is_below = |above: ValueId| a == above || store.entity(a).is_some_and(|entity| entity.is_below(above));
    match values.datum(b) {
        Some(Datum::Entity(..)) => ValueId::of_bool(is_below(b)),
        Some(Datum::Set(above)) => {
            let are_entities = above.iter().all(|id| matches!(values.datum(*id), Some(Datum::Entity(..))));
            if !are_entities {
                return Fault::WrongType.id();
            }
            ValueId::of_bool(above.iter().any(|id| is_below(*id)))
        }
        _ => Fault::WrongType.id(),
    }
}

fn tag(op: Binary, a: ValueId, b: ValueId, values: &Values, store: &Store) -> ValueId {
    let (Some(Datum::Entity(..)), Some(Datum::Text(name))) = (values.datum(a), values.datum(b)) else {
        return Fault::WrongType.id();
    };
    let entity = store.entity(a);
    if op == Binary::HasTag {
        return ValueId::of_bool(entity.is_some_and(|entity| entity.tag(name).is_some()));
    }
    match entity {
        None => Fault::NoEntity.id(),
        Some(entity) => entity.tag(name).unwrap_or(Fault::NoAttribute.id()),
    }
}

fn call(function: Function, a: ValueId, b: ValueId, values: &mut Values) -> ValueId {
    let (Some(Datum::Extension(a)), Some(Datum::Extension(b))) = (values.datum(a), values.datum(b)) else {
        return Fault::WrongType.id();
    };
    let datum = match (function, *a, *b) {
        (Function::DecimalLess, Extension::Decimal(a), Extension::Decimal(b)) => Datum::Bool(a < b),
        (Function::DecimalLessOrEqual, Extension::Decimal(a), Extension::Decimal(b)) => Datum::Bool(a <= b),
        (Function::DecimalGreater, Extension::Decimal(a), Extension::Decimal(b)) => Datum::Bool(a > b),
        (Function::DecimalGreaterOrEqual, Extension::Decimal(a), Extension::Decimal(b)) => Datum::Bool(a >= b),
        (Function::IsInRange, Extension::Ip(a, length), Extension::Ip(b, other)) => {
            Datum::Bool(is_in_range((a, length), (b, other)))
        }
        (Function::Offset, Extension::Datetime(at), Extension::Duration(by)) => match at.checked_add(by) {
            Some(at) => Datum::Extension(Extension::Datetime(at)),
            None => return Fault::Function.id(),
        },
        (Function::DurationSince, Extension::Datetime(at), Extension::Datetime(from)) => match at.checked_sub(from) {
            Some(millis) => Datum::Extension(Extension::Duration(millis)),
            None => return Fault::Function.id(),
        },
        _ => return Fault::WrongType.id(),
    };
    values.id(datum)
}

/// Whether every address of the first network is in the second; networks of two families never are.
fn is_in_range(inner: (IpAddr, u8), outer: (IpAddr, u8)) -> bool {
    let (bits, a, b) = match (inner.0, outer.0) {
        (IpAddr::V4(a), IpAddr::V4(b)) => (32_u32, u128::from(u32::from(a)), u128::from(u32::from(b))),
        (IpAddr::V6(a), IpAddr::V6(b)) => (128, u128::from(a), u128::from(b)),
        _ => return false,
    };
    let all = u128::MAX >> (128 - bits);
    let host = |prefix: u8| all.checked_shr(u32::from(prefix)).unwrap_or(0);
    let first = |address: u128, prefix: u8| address & !host(prefix);
    let last = |address: u128, prefix: u8| address | host(prefix);
    first(b, outer.1) <= first(a, inner.1) && last(a, inner.1) <= last(b, outer.1)
}

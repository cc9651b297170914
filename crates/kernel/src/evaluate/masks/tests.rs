//! Masks say what the sets themselves say.
#![allow(clippy::indexing_slicing, reason = "tests")]

use super::{Masks, OTHER};
use crate::bits::Bits;
use crate::evaluate::{Column, Truth, binary, unary};
use crate::program::{Binary, Unary};
use crate::store::Store;
use crate::value::{Fault, ValueId, Values};
use proptest::prelude::*;

/// Rows of words by number; none is an unknown set.
type Rows = Vec<Option<Vec<usize>>>;

/// A column of masks over a dictionary: `first` moves it, so that two columns have other bits for the same words.
fn masks(rows: &Rows, first: usize, count: usize, values: &mut Values) -> Masks {
    let name = |at: usize| format!("word-{}", (at + first) % count);
    let words: Vec<ValueId> = (0..count).map(|at| values.text(&name(at))).collect();
    assert!(Masks::can_hold(&words));
    let bit = |word: &usize| 1_u64 << ((word + count - first % count) % count);
    let bits = rows.iter().map(|row| row.iter().flatten().fold(0, |mask, word| mask | bit(word))).collect();
    Masks::new(&words, bits, Some(&Bits::of(rows.len(), |row| rows[row].is_some())))
}

fn truth(column: &[ValueId]) -> Truth {
    Truth {
        yes: Bits::of_slice(column, |id: ValueId| id == ValueId::TRUE),
        no: Bits::of_slice(column, |id: ValueId| id == ValueId::FALSE),
    }
}

fn rows(words: usize) -> impl Strategy<Value = Rows> {
    let set = proptest::collection::vec(0..words, 0..5);
    proptest::collection::vec(prop_oneof![5 => set.prop_map(Some), 1 => Just(None)], 70)
}

proptest! {
    #[test]
    fn predicates_and_operators_are_those_of_the_values(
        (count, first, a, b, operand) in (1_usize..60).prop_flat_map(|count| {
            (Just(count), 0..count, rows(count), rows(count), proptest::collection::vec(0..count + 2, 0..4))
        }),
    ) {
        let mut values = Values::new();
        let store = Store::default();
        let (a, b) = (masks(&a, 0, count, &mut values), masks(&b, first, count, &mut values));
        let (of_a, of_b) = (a.to_values(&mut values), b.to_values(&mut values));
        let words: Vec<ValueId> = operand.iter().map(|word| values.text(&format!("word-{word}"))).collect();
        let set = values.set(words.iter().copied());
        let word = words.first().copied().unwrap_or(ValueId::TRUE);
        for op in [
            Unary::IsEmpty,
            Unary::With(Binary::Contains, word),
            Unary::With(Binary::ContainsAny, set),
            Unary::With(Binary::ContainsAll, set),
            Unary::With(Binary::Equal, set),
            Unary::Within(Binary::ContainsAny, set),
            Unary::Within(Binary::ContainsAll, set),
            Unary::Within(Binary::Equal, set),
        ] {
            let expected = unary::truth(&op, &of_a, &mut values, &store, &mut Vec::new());
            prop_assert_eq!(a.unary(&op, &values), Some(expected), "{:?}", op);
        }
        let (masks_a, masks_b) = (Column::Masks(a), Column::Masks(b));
        let asked: Vec<ValueId> = (0..70).map(|row| words.get(row % 5).copied().unwrap_or(Fault::Missing.id())).collect();
        for op in [Binary::ContainsAny, Binary::ContainsAll, Binary::Equal] {
            let expected = truth(&binary::column(op, &of_a, &of_b, &mut values, &store));
            let plain = Column::Value(of_b.clone());
            let plain_a = Column::Value(of_a.clone());
            for (left, right) in [(&masks_a, &masks_b), (&masks_a, &plain), (&plain_a, &masks_b)] {
                prop_assert_eq!(Masks::binary(op, left, right, &values), Some(expected.clone()), "{:?}", op);
            }
        }
        let expected = truth(&binary::column(Binary::Contains, &of_a, &asked, &mut values, &store));
        prop_assert_eq!(Masks::binary(Binary::Contains, &masks_a, &Column::Value(asked), &values), Some(expected));
    }
}

#[test]
fn a_set_with_a_null_or_a_slip_in_it_is_unknown() {
    let mut values = Values::new();
    let words = [values.text("a"), Fault::Missing.id()];
    let masks = Masks::new(&words, vec![1, 2, 3, 1 | OTHER, OTHER, 0], None);
    let known: Vec<usize> = masks.known().iter().collect();
    assert_eq!(known, [0, 5]);
    let values = masks.to_values(&mut values);
    assert!(values.iter().enumerate().all(|(row, id)| id.is_value() == known.contains(&row)));
}

#[test]
fn what_is_no_set_is_left_to_the_values() {
    let mut values = Values::new();
    let text = values.text("a");
    let masks = Masks::new(&[text], vec![1], None);
    assert_eq!(masks.unary(&Unary::With(Binary::ContainsAny, text), &values), None);
    let (masks, plain) = (Column::Masks(masks), Column::Value(vec![text]));
    assert_eq!(Masks::binary(Binary::ContainsAll, &masks, &plain, &values), None);
}

#[test]
fn a_word_that_stands_twice_has_no_mask() {
    let mut values = Values::new();
    let (a, b) = (values.text("a"), values.text("b"));
    assert!(!Masks::can_hold(&[a, b, a]));
    assert!(Masks::can_hold(&[a, Fault::Missing.id(), Fault::Missing.id(), b]));
    assert!(!Masks::can_hold(&vec![a; 64]));
}

#![allow(clippy::unwrap_used, reason = "tests")]

use super::Bits;
use proptest::prelude::*;
use std::collections::BTreeSet;

fn bits(rows: usize, set: &BTreeSet<usize>) -> Bits {
    Bits::of(rows, |row| set.contains(&row))
}

fn members(bits: &Bits) -> BTreeSet<usize> {
    bits.iter().collect()
}

prop_compose! {
    /// A number of rows around the edges of words, and two sets of them.
    fn two_sets()(rows in prop_oneof![0_usize..4, 60_usize..70, 120_usize..200])
        (a in prop::collection::btree_set(0..rows.max(1), 0..rows.max(1) + 1),
         b in prop::collection::btree_set(0..rows.max(1), 0..rows.max(1) + 1),
         rows in Just(rows))
        -> (usize, BTreeSet<usize>, BTreeSet<usize>)
    {
        let within = |set: BTreeSet<usize>| set.into_iter().filter(|row| *row < rows).collect();
        (rows, within(a), within(b))
    }
}

proptest! {
    #[test]
    fn operations_are_those_of_sets((rows, a, b) in two_sets()) {
        let (x, y) = (bits(rows, &a), bits(rows, &b));
        let all: BTreeSet<usize> = (0..rows).collect();
        prop_assert_eq!(members(&x), a.clone());
        prop_assert_eq!(members(&x.and(&y)), &a & &b);
        prop_assert_eq!(members(&x.or(&y)), &a | &b);
        prop_assert_eq!(members(&x.minus(&y)), &a - &b);
        prop_assert_eq!(members(&x.not()), &all - &a);
        prop_assert_eq!(x.count(), a.len());
        prop_assert_eq!(x.is_empty(), a.is_empty());
        let mut joined = x.clone();
        joined.include(&y);
        prop_assert_eq!(members(&joined), &a | &b);
        prop_assert_eq!(x.or(&x.not()), Bits::all(rows));
        prop_assert_eq!(x.and(&x.not()), Bits::none(rows));
        for row in 0..rows + 70 {
            prop_assert_eq!(x.has(row), a.contains(&row));
        }
        let mut added = Bits::none(rows);
        for row in &a {
            added.add(*row);
        }
        added.add(rows);
        prop_assert_eq!(&added, &x);
        let flags: Vec<bool> = (0..rows).map(|row| a.contains(&row)).collect();
        let others: Vec<bool> = (0..rows).map(|row| b.contains(&row)).collect();
        prop_assert_eq!(Bits::of_slice(&flags, |flag| flag), x.clone());
        prop_assert_eq!(Bits::of_slices(&flags, &others, |a, b| a && b), x.and(&y));
        prop_assert_eq!(Bits::from_words(x.words().to_vec(), rows), x);
    }
}

#[test]
fn words_behind_the_last_row_do_not_count() {
    let bits = Bits::from_words(vec![u64::MAX; 3], 65);
    assert_eq!(bits, Bits::all(65));
    assert_eq!(bits.count(), 65);
    assert_eq!(Bits::from_words(Vec::new(), 65), Bits::none(65));
}

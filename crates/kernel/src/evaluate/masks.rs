#[cfg(test)]
mod tests;

use super::{Column, Truth};
use crate::bits::Bits;
use crate::program::{Binary, Unary};
use crate::value::{Fault, ValueId, Values};
use std::collections::HashMap;

/// Words that a mask has a bit for. The highest bit is no word's: in a set of facts it stands for null, in an operand
/// for words that the other side does not know.
pub(crate) const MASK_WORDS: usize = 63;
const OTHER: u64 = 1 << MASK_WORDS;

/// Operands that are kept while a column is worked out; a power of two.
const SLOTS: usize = 1 << 10;

/// Sets of few distinct words: a bit a word, so that sets need no numbers of their own.
#[derive(Debug, Clone)]
pub(crate) struct Masks {
    /// The word of each bit, each once; a word that the fact cannot have is a fault.
    words: Vec<ValueId>,
    bits: Vec<u64>,
    known: Bits,
}

impl Masks {
    /// `bits` holds the words of each row, and the highest bit where one of them is null; `given` are the rows that have
    /// a set. A set with a null in it, or with a word that the fact cannot have, is unknown.
    pub(crate) fn new(words: &[ValueId], bits: Vec<u64>, given: Option<&Bits>) -> Self {
        let slips = words.iter().enumerate().filter(|(_, word)| !word.is_value());
        let bad = slips.fold(OTHER, |bad, (bit, _)| bad | 1 << bit);
        let good = Bits::of_slice(&bits, |bits| bits & bad == 0);
        let known = given.map_or_else(|| good.clone(), |given| good.and(given));
        Self { words: words.to_vec(), bits, known }
    }

    /// Whether no word stands twice, so that a set has one mask.
    pub(crate) fn can_hold(words: &[ValueId]) -> bool {
        let mut sorted: Vec<ValueId> = words.iter().copied().filter(|word| word.is_value()).collect();
        sorted.sort_unstable();
        words.len() <= MASK_WORDS && sorted.windows(2).all(|pair| pair.first() != pair.last())
    }

    pub(crate) fn known(&self) -> &Bits {
        &self.known
    }

    pub(crate) fn to_values(&self, values: &mut Values) -> Vec<ValueId> {
        let mut sets: HashMap<u64, ValueId, foldhash::fast::RandomState> = HashMap::default();
        let words = |mask: u64| self.words.iter().enumerate().filter(move |(bit, _)| mask >> bit & 1 == 1);
        let mut set = |(row, mask): (usize, &u64)| {
            if !self.known.has(row) {
                return Fault::Missing.id();
            }
            *sets.entry(*mask).or_insert_with(|| values.set(words(*mask).map(|(_, word)| *word)))
        };
        self.bits.iter().enumerate().map(&mut set).collect()
    }

    fn test(&self, holds: impl Fn(u64) -> bool) -> Truth {
        let holding = Bits::of_slice(&self.bits, holds);
        Truth { yes: holding.and(&self.known), no: self.known.minus(&holding) }
    }

    /// A predicate of the sets; none where it is none of sets and their words.
    pub(crate) fn unary(&self, op: &Unary, values: &Values) -> Option<Truth> {
        Some(match op {
            Unary::IsEmpty => self.test(|mask| mask == 0),
            Unary::With(Binary::Contains, word) => {
                let bit = self.bit(*word);
                self.test(|mask| mask & bit & !OTHER != 0)
            }
            Unary::With(Binary::ContainsAny, set) | Unary::Within(Binary::ContainsAny, set) => {
                let words = self.mask(values.set_elements(*set)?);
                self.test(|mask| mask & words & !OTHER != 0)
            }
            Unary::With(Binary::ContainsAll, set) => {
                let words = self.mask(values.set_elements(*set)?);
                self.test(|mask| words & !mask == 0)
            }
            Unary::Within(Binary::ContainsAll, set) => {
                let words = self.mask(values.set_elements(*set)?);
                self.test(|mask| mask & !words == 0)
            }
            Unary::With(Binary::Equal, set) | Unary::Within(Binary::Equal, set) => {
                let words = self.mask(values.set_elements(*set)?);
                self.test(|mask| mask == words)
            }
            _ => return None,
        })
    }

    /// An operator of two columns, one of them masks; none where it is none of sets and their words.
    pub(crate) fn binary(op: Binary, a: &Column, b: &Column, values: &Values) -> Option<Truth> {
        match (op, a, b) {
            (Binary::Contains, Column::Masks(a), Column::Value(words)) => {
                let (bits, known) = operands(words, |word| Some(a.bit(word)))?;
                Some(a.with(&bits, &known, |mask, bit| mask & bit & !OTHER != 0))
            }
            (Binary::ContainsAny, Column::Masks(a), b) | (Binary::ContainsAny, b, Column::Masks(a)) => {
                let (bits, known) = a.seen(b, values)?;
                Some(a.with(&bits, &known, |mask, other| mask & other & !OTHER != 0))
            }
            (Binary::ContainsAll, Column::Masks(a), b) => {
                let (bits, known) = a.seen(b, values)?;
                Some(a.with(&bits, &known, |mask, other| other & !mask == 0))
            }
            (Binary::ContainsAll, a, Column::Masks(b)) => {
                let (bits, known) = b.seen(a, values)?;
                Some(b.with(&bits, &known, |mask, other| mask & !other == 0))
            }
            (Binary::Equal, Column::Masks(a), b) | (Binary::Equal, b, Column::Masks(a)) => {
                let (bits, known) = a.seen(b, values)?;
                Some(a.with(&bits, &known, |mask, other| mask == other))
            }
            _ => None,
        }
    }

    fn with(&self, other: &[u64], known: &Bits, holds: impl Fn(u64, u64) -> bool) -> Truth {
        let known = self.known.and(known);
        let holding = Bits::of_slices(&self.bits, other, holds);
        Truth { yes: holding.and(&known), no: known.minus(&holding) }
    }

    /// A word's bit; the highest one for a word that no set has.
    fn bit(&self, word: ValueId) -> u64 {
        let bit = self.words.iter().position(|known| *known == word);
        bit.map_or(OTHER, |bit| 1 << bit)
    }

    fn mask(&self, words: &[ValueId]) -> u64 {
        words.iter().fold(0, |mask, word| mask | self.bit(*word))
    }

    /// The other column's sets in the bits of this one; none where it holds something else than sets.
    fn seen(&self, other: &Column, values: &Values) -> Option<(Vec<u64>, Bits)> {
        match other {
            Column::Value(sets) => operands(sets, |set| Some(self.mask(values.set_elements(set)?))),
            Column::Masks(other) => {
                let bits: Vec<u64> = other.words.iter().map(|word| self.bit(*word)).collect();
                let masks = other.bits.iter().map(|mask| translated(*mask, &bits)).collect();
                Some((masks, other.known.clone()))
            }
            _ => None,
        }
    }
}

fn translated(mut mask: u64, bits: &[u64]) -> u64 {
    let mut result = 0;
    while mask != 0 {
        result |= bits.get(mask.trailing_zeros() as usize).copied().unwrap_or(OTHER);
        mask &= mask - 1;
    }
    result
}

/// What `read` makes of each value, and the rows that have one; none if it makes nothing of a value.
fn operands(ids: &[ValueId], read: impl Fn(ValueId) -> Option<u64>) -> Option<(Vec<u64>, Bits)> {
    let mut slots = vec![(ValueId::NONE, 0_u64); SLOTS.min(ids.len().next_power_of_two())];
    let last = slots.len().wrapping_sub(1);
    let mut masks = Vec::with_capacity(ids.len());
    for id in ids {
        let mask = match slots.get_mut(id.index() & last) {
            _ if !id.is_value() => 0,
            Some((known, mask)) if known == id => *mask,
            slot => {
                let mask = read(*id)?;
                if let Some(slot) = slot {
                    *slot = (*id, mask);
                }
                mask
            }
        };
        masks.push(mask);
    }
    Some((masks, Bits::of_slice(ids, |id: ValueId| id.is_value())))
}

use super::Masks;
use crate::bits::Bits;
use crate::value::{Datum, Fault, ValueId, Values};
use gongdao_rules::Constant;

/// What a step gives for each row.
#[derive(Debug, Clone)]
pub(crate) enum Column {
    Truth(Truth),
    Long(Longs),
    Value(Vec<ValueId>),
    Masks(Masks),
}

impl Column {
    /// The values; empty where the column is of another layout.
    pub(crate) fn values(&self) -> &[ValueId] {
        match self {
            Self::Value(values) => values,
            _ => &[],
        }
    }

    pub(crate) fn value(&self, row: usize) -> ValueId {
        self.values().get(row).copied().unwrap_or(Fault::WrongType.id())
    }

    /// Those of the rows that have a value.
    pub(crate) fn known_of(&self, rows: &Bits) -> Bits {
        match self {
            Self::Truth(truth) => rows.and(&truth.yes).or(&rows.and(&truth.no)),
            Self::Long(longs) => rows.and(&longs.known),
            Self::Masks(masks) => rows.and(masks.known()),
            Self::Value(values) => rows.filter(|row| values.get(row).is_some_and(|id| id.is_value())),
        }
    }
}

/// A condition without nulls: in the rows of neither set it has no value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) yes: Bits,
    pub(crate) no: Bits,
}

impl Truth {
    pub(crate) fn constant(rows: usize, truth: bool) -> Self {
        let (all, none) = (Bits::all(rows), Bits::none(rows));
        if truth { Self { yes: all, no: none } } else { Self { yes: none, no: all } }
    }

    pub(crate) fn unknown(rows: usize) -> Self {
        Self { yes: Bits::none(rows), no: Bits::none(rows) }
    }

    pub(crate) fn at(&self, row: usize) -> Option<bool> {
        match (self.yes.has(row), self.no.has(row)) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    pub(crate) fn not(self) -> Self {
        Self { yes: self.no, no: self.yes }
    }

    pub(crate) fn equal(&self, other: &Self) -> Self {
        let same = self.yes.and(&other.yes).or(&self.no.and(&other.no));
        let other = self.yes.and(&other.no).or(&self.no.and(&other.yes));
        Self { yes: same, no: other }
    }
}

/// Numbers; what stands in a row without one does not count.
#[derive(Debug, Clone)]
pub(crate) struct Longs {
    pub(crate) numbers: Vec<i64>,
    pub(crate) known: Bits,
}

impl Longs {
    pub(crate) fn constant(rows: usize, number: i64) -> Self {
        Self { numbers: vec![number; rows], known: Bits::all(rows) }
    }

    pub(crate) fn unknown(rows: usize) -> Self {
        Self { numbers: vec![0; rows], known: Bits::none(rows) }
    }

    pub(crate) fn from_values(ids: &[ValueId], values: &Values) -> Self {
        let number = |id: &ValueId| match values.datum(*id) {
            Some(Datum::Long(number)) => Some(*number),
            _ => None,
        };
        Self::from_options(ids.iter().map(number))
    }

    pub(crate) fn from_options(options: impl Iterator<Item = Option<i64>>) -> Self {
        let (numbers, is_known): (Vec<i64>, Vec<bool>) =
            options.map(|number| (number.unwrap_or(0), number.is_some())).unzip();
        Self { numbers, known: Bits::of_slice(&is_known, |known| known) }
    }

    pub(crate) fn to_values(&self, values: &mut Values) -> Vec<ValueId> {
        let mut last = None;
        let pairs = self.numbers.iter().enumerate();
        let id = |(row, number): (usize, &i64)| {
            if !self.known.has(row) {
                return Fault::Missing.id();
            }
            // Equal numbers often follow each other.
            match last {
                Some((known, id)) if known == *number => id,
                _ => {
                    let id = values.constant(&Constant::Long(*number));
                    last = Some((*number, id));
                    id
                }
            }
        };
        pairs.map(id).collect()
    }

    /// `checked` gives a result and whether it overflowed.
    pub(crate) fn map(&self, checked: impl Fn(i64) -> (i64, bool)) -> Self {
        let (numbers, over) = Bits::of_results(self.numbers.iter().map(|number| checked(*number)));
        Self { known: self.known.minus(&over), numbers }
    }

    /// `checked` gives a result and whether it overflowed.
    pub(crate) fn zip(&self, other: &Self, checked: impl Fn(i64, i64) -> (i64, bool)) -> Self {
        let pairs = self.numbers.iter().zip(&other.numbers);
        let (numbers, over) = Bits::of_results(pairs.map(|(a, b)| checked(*a, *b)));
        Self { known: self.known.and(&other.known).minus(&over), numbers }
    }

    pub(crate) fn test(&self, holds: impl Fn(i64) -> bool) -> Truth {
        let holding = Bits::of_slice(&self.numbers, holds);
        Truth { yes: holding.and(&self.known), no: self.known.minus(&holding) }
    }

    pub(crate) fn compare(&self, other: &Self, holds: impl Fn(i64, i64) -> bool) -> Truth {
        let holding = Bits::of_slices(&self.numbers, &other.numbers, holds);
        let known = self.known.and(&other.known);
        Truth { yes: holding.and(&known), no: known.minus(&holding) }
    }

    pub(crate) fn choose(a: &Truth, b: &Self, c: &Self) -> Self {
        let known = a.yes.and(&b.known).or(&a.no.and(&c.known));
        let pairs = b.numbers.iter().zip(&c.numbers).enumerate();
        let numbers = pairs.map(|(row, (b, c))| if a.yes.has(row) { *b } else { *c }).collect();
        Self { numbers, known }
    }
}

//! What stands in one row for a fact or a step.

use crate::value::{Fault, ValueId};

/// A value of one row, or the reason why there is none. Small and flat, so that rows can be filled without looking at what
/// the values are made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// 0 where there is a value; else a number of [`Cause`].
    open: u32,
    /// 0 or 1 of a truth, the number itself, the number of any other value.
    bits: i64,
}

/// Why there is no value: numbers below [`Cause::FIRST_SLOT`] are faults, those from it on slots of missing facts.
pub(crate) struct Cause;

impl Cause {
    pub(crate) const FIRST_SLOT: u32 = 16;

    pub(crate) fn missing(slot: usize) -> u32 {
        u32::try_from(slot).unwrap_or(u32::MAX >> 4).saturating_add(Self::FIRST_SLOT)
    }
}

impl Cell {
    /// A truth.
    #[inline]
    pub fn truth(truth: bool) -> Self {
        Self { open: 0, bits: i64::from(truth) }
    }

    /// A number.
    #[inline]
    pub fn long(number: i64) -> Self {
        Self { open: 0, bits: number }
    }

    /// The fact of a slot that nobody knows.
    pub fn missing(slot: usize) -> Self {
        Self { open: Cause::missing(slot), bits: 0 }
    }

    /// Whether there is a value.
    #[inline]
    pub fn is_known(self) -> bool {
        self.open == 0
    }

    #[inline]
    pub(crate) fn value(id: ValueId) -> Self {
        if id.is_value() { Self { open: 0, bits: i64::from(id.0) } } else { Self::of_fault_id(id) }
    }

    #[cold]
    fn of_fault_id(id: ValueId) -> Self {
        Self::fault(Fault::of(id).unwrap_or(Fault::WrongType))
    }

    pub(crate) fn fault(fault: Fault) -> Self {
        Self { open: fault as u32, bits: 0 }
    }

    /// Why there is no value; 0 where there is one.
    #[inline]
    pub(crate) fn open(self) -> u32 {
        self.open
    }

    #[inline]
    pub(crate) fn is_true(self) -> bool {
        self.bits != 0
    }

    #[inline]
    pub(crate) fn number(self) -> i64 {
        self.bits
    }

    /// INVARIANT: asked of cells that hold numbers of values.
    #[inline]
    pub(crate) fn id(self) -> ValueId {
        u32::try_from(self.bits).map_or(Fault::WrongType.id(), ValueId)
    }
}

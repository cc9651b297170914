use super::DayKind;

/// One plan of days, from a first day on, with the working days numbered, so that counting takes one look-up each way.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// Day number of the first entry.
    first: i32,
    kinds: Vec<DayKind>,
    /// Working days up to and with the entry's day.
    worked: Vec<u32>,
    /// Day numbers of the working days, in order.
    working: Vec<i32>,
}

impl Table {
    pub(crate) fn new(first: i32, kinds: Vec<DayKind>) -> Self {
        let mut worked = Vec::with_capacity(kinds.len());
        let mut working = Vec::new();
        let mut count = 0;
        for (day, kind) in (first..).zip(&kinds) {
            if kind.is_working() {
                count += 1;
                working.push(day);
            }
            worked.push(count);
        }
        Self { first, kinds, worked, working }
    }

    fn position(&self, day: i32) -> Option<usize> {
        usize::try_from(day.checked_sub(self.first)?).ok()
    }

    pub(crate) fn kind(&self, day: i32) -> Option<DayKind> {
        self.kinds.get(self.position(day)?).copied()
    }

    /// Working days up to and with `day`; 0 on the day before the first.
    fn worked_through(&self, day: i32) -> Option<u32> {
        if day.checked_add(1)? == self.first { Some(0) } else { self.worked.get(self.position(day)?).copied() }
    }

    /// Working days from `from` to `through`, both with; 0 if there are none between.
    pub(crate) fn working_in(&self, from: i32, through: i32) -> Option<u32> {
        if through < from {
            return Some(0);
        }
        self.worked_through(through)?.checked_sub(self.worked_through(from.checked_sub(1)?)?)
    }

    /// The working day that is the `count`th after `day`; `count` from 1.
    pub(crate) fn nth_working_after(&self, day: i32, count: u32) -> Option<i32> {
        let index = self.worked_through(day)?.checked_add(count)?.checked_sub(1)?;
        self.working.get(usize::try_from(index).ok()?).copied()
    }
}

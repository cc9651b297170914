use super::error::{AsOfError, number};

/// For each key a run of items, all runs in one vector.
///
/// Runs set while folding stand side by side without gaps. A run that outgrows its room later moves to the end, where
/// it gets room for the next power of two; its old room stays unused. Rooms double, so what is unused grows no faster
/// than the events do, and nothing needs to be cleaned up.
#[derive(Debug)]
pub(super) struct Runs<T> {
    spans: Vec<Span>,
    items: Vec<T>,
    /// Runs that begin below it have exactly the room they were set with.
    settled: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: u32,
    len: u32,
}

impl<T: Copy + Default> Runs<T> {
    pub(super) fn new(keys: usize) -> Self {
        Self { spans: vec![Span::default(); keys], items: Vec::new(), settled: 0 }
    }

    pub(super) fn run(&self, key: u32) -> &[T] {
        let Some(span) = self.spans.get(key as usize) else { return &[] };
        let start = span.start as usize;
        self.items.get(start..start + span.len as usize).unwrap_or_default()
    }

    /// Set the run of a key that has none yet, without room to grow.
    pub(super) fn settle(&mut self, key: u32, run: &[T]) -> Result<(), AsOfError> {
        let span = Span { start: number(self.items.len(), "rows")?, len: number(run.len(), "rows")? };
        number(self.items.len() + run.len(), "rows")?;
        self.add_keys(key as usize + 1);
        reserve(&mut self.items, run.len());
        self.items.extend_from_slice(run);
        self.settled = self.items.len();
        if let Some(slot) = self.spans.get_mut(key as usize) {
            *slot = span;
        }
        Ok(())
    }

    fn add_keys(&mut self, keys: usize) {
        if keys > self.spans.len() {
            self.spans.resize(keys, Span::default());
        }
    }

    /// Whether a run of `len` items can be set, wherever it will stand.
    pub(super) fn can_hold(&self, len: usize) -> Result<(), AsOfError> {
        number(self.items.len() + len.next_power_of_two(), "rows").map(|_| ())
    }

    /// One more item at the end of a run.
    pub(super) fn push(&mut self, key: u32, item: T) -> Result<(), AsOfError> {
        let len = self.run(key).len();
        self.make_room(key, len + 1)?;
        self.write(key, len, &[item])
    }

    /// Another run in place of a key's.
    pub(super) fn replace(&mut self, key: u32, run: &[T]) -> Result<(), AsOfError> {
        self.make_room(key, run.len())?;
        if let Some(span) = self.spans.get_mut(key as usize) {
            span.len = 0;
        }
        self.write(key, 0, run)
    }

    fn make_room(&mut self, key: u32, len: usize) -> Result<(), AsOfError> {
        self.add_keys(key as usize + 1);
        let span = self.spans.get(key as usize).copied().unwrap_or_default();
        let (start, held) = (span.start as usize, span.len as usize);
        let room = if start < self.settled { held } else { room_of(held) };
        if len <= room {
            return Ok(());
        }
        self.can_hold(len)?;
        let to = self.items.len();
        reserve(&mut self.items, room_of(len));
        self.items.resize(to + room_of(len), T::default());
        self.items.copy_within(start..start + held, to);
        if let Some(slot) = self.spans.get_mut(key as usize) {
            slot.start = number(to, "rows")?;
        }
        Ok(())
    }

    /// INVARIANT: there is room for it.
    fn write(&mut self, key: u32, from: usize, items: &[T]) -> Result<(), AsOfError> {
        let Some(span) = self.spans.get_mut(key as usize) else { return Ok(()) };
        let start = span.start as usize + from;
        if let Some(slots) = self.items.get_mut(start..start + items.len()) {
            slots.copy_from_slice(items);
        }
        span.len = number(from + items.len(), "rows")?;
        Ok(())
    }

    pub(super) fn shrink(&mut self) {
        self.items.shrink_to_fit();
    }

    pub(super) fn memory_bytes(&self) -> usize {
        self.spans.capacity() * size_of::<Span>() + self.items.capacity() * size_of::<T>()
    }
}

/// The room of a run that has moved; a function of its length, so that it need not be stored.
fn room_of(len: usize) -> usize {
    if len == 0 { 0 } else { len.next_power_of_two() }
}

/// Grow by a quarter instead of doubling: the peak is what counts here.
pub(super) fn reserve<T>(items: &mut Vec<T>, more: usize) {
    if items.capacity() - items.len() < more {
        items.reserve_exact(more.max(items.len() / 4).max(64));
    }
}

#[cfg(test)]
mod tests {
    use super::Runs;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn runs_hold_what_vectors_of_vectors_hold(
            settled in prop::collection::vec(prop::collection::vec(0..9_i32, 0..5), 0..4),
            calls in prop::collection::vec((0..6_u32, prop::option::of(prop::collection::vec(0..9_i32, 0..9)), 0..9_i32), 0..60),
        ) {
            let mut runs = Runs::new(settled.len());
            let mut plain = vec![Vec::new(); 6];
            for (key, run) in (0..).zip(&settled) {
                runs.settle(key, run).unwrap();
                plain[key as usize].clone_from(run);
            }
            for (key, replaced, pushed) in calls {
                if let Some(run) = replaced {
                    runs.replace(key, &run).unwrap();
                    plain[key as usize] = run;
                } else {
                    runs.push(key, pushed).unwrap();
                    plain[key as usize].push(pushed);
                }
                for (key, run) in (0..).zip(&plain) {
                    prop_assert_eq!(runs.run(key), run.as_slice());
                }
            }
        }
    }
}

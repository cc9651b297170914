//! Many small tables in the place of a large one.

/// Parts of a table; a power of two.
const PARTS: usize = 256;

/// Tables that share what one would hold, by hash. A table that grows is written anew as a whole; of one with a million lines
/// whoever waits for an answer would feel it.
pub(super) struct Parts<T>(Vec<T>);

impl<T: Default> Parts<T> {
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(T::default).take(PARTS).collect())
    }

    /// The part that a hash belongs to: by bits that places within a part do not depend on.
    pub(super) fn of(&self, hash: u64) -> Option<&T> {
        self.0.get(place(hash))
    }

    pub(super) fn of_mut(&mut self, hash: u64) -> Option<&mut T> {
        self.0.get_mut(place(hash))
    }

    pub(super) fn each_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

fn place(hash: u64) -> usize {
    usize::try_from(hash >> 32).unwrap_or_default() & (PARTS - 1)
}

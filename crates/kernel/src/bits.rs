//! A set of rows of one batch.

#[cfg(test)]
mod tests;

/// One bit a row.
///
/// INVARIANT: bits behind the last row are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    rows: usize,
}

impl Bits {
    /// No row of so many.
    pub fn none(rows: usize) -> Self {
        Self { words: vec![0; rows.div_ceil(64)], rows }
    }

    /// All of so many rows.
    pub fn all(rows: usize) -> Self {
        let mut bits = Self { words: vec![u64::MAX; rows.div_ceil(64)], rows };
        bits.cut();
        bits
    }

    /// The rows for which `holds` is true; called once for each row, in order.
    #[inline]
    pub fn of(rows: usize, mut holds: impl FnMut(usize) -> bool) -> Self {
        let word = |start: usize| {
            (start..(start + 64).min(rows)).fold(0_u64, |word, row| word | u64::from(holds(row)) << (row - start))
        };
        Self { words: (0..rows).step_by(64).map(word).collect(), rows }
    }

    /// The positions of a slice for whose element `holds` is true.
    #[inline]
    pub fn of_slice<T: Copy>(values: &[T], holds: impl Fn(T) -> bool) -> Self {
        let word = |chunk: &[T]| {
            chunk.iter().enumerate().fold(0_u64, |word, (at, value)| word | u64::from(holds(*value)) << at)
        };
        Self { words: values.chunks(64).map(word).collect(), rows: values.len() }
    }

    /// The positions at which `holds` is true of both slices' elements; the shorter one decides the length.
    #[inline]
    pub fn of_slices<T: Copy, U: Copy>(a: &[T], b: &[U], holds: impl Fn(T, U) -> bool) -> Self {
        let word = |(a, b): (&[T], &[U])| {
            a.iter().zip(b).enumerate().fold(0_u64, |word, (at, (a, b))| word | u64::from(holds(*a, *b)) << at)
        };
        Self { words: a.chunks(64).zip(b.chunks(64)).map(word).collect(), rows: a.len().min(b.len()) }
    }

    /// Results, and the positions of those that are marked.
    pub(crate) fn of_results<T>(results: impl ExactSizeIterator<Item = (T, bool)>) -> (Vec<T>, Self) {
        let rows = results.len();
        let (mut values, mut words) = (Vec::with_capacity(rows), vec![0_u64; rows.div_ceil(64)]);
        for (row, (value, is_marked)) in results.enumerate() {
            values.push(value);
            if is_marked && let Some(word) = words.get_mut(row / 64) {
                *word |= 1 << (row % 64);
            }
        }
        (values, Self { words, rows })
    }

    /// From little-endian 64-bit words.
    pub(crate) fn from_words(words: Vec<u64>, rows: usize) -> Self {
        let mut bits = Self { words, rows };
        bits.words.resize(rows.div_ceil(64), 0);
        bits.cut();
        bits
    }

    /// How many rows the batch has.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// How many rows are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether no row is in the set.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Whether a row is in the set.
    pub fn has(&self, row: usize) -> bool {
        self.words.get(row / 64).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Put a row into the set.
    pub fn add(&mut self, row: usize) {
        if row < self.rows
            && let Some(word) = self.words.get_mut(row / 64)
        {
            *word |= 1 << (row % 64);
        }
    }

    /// The 64-bit words, row 0 in the lowest bit of the first.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The rows in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, word)| Ones { word: *word, start: index * 64 })
    }

    /// Rows in both.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        self.with(other, |a, b| a & b)
    }

    /// Rows in either.
    #[must_use]
    pub fn or(&self, other: &Self) -> Self {
        self.with(other, |a, b| a | b)
    }

    /// Rows in this one and not in the other.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.with(other, |a, b| a & !b)
    }

    /// Rows that are not in the set.
    #[must_use]
    pub fn not(&self) -> Self {
        let mut bits = Self { words: self.words.iter().map(|word| !word).collect(), rows: self.rows };
        bits.cut();
        bits
    }

    /// Those of the rows for which `holds` is true.
    #[must_use]
    pub(crate) fn filter(&self, holds: impl Fn(usize) -> bool) -> Self {
        let mut bits = Self::none(self.rows);
        for row in self.iter().filter(|row| holds(*row)) {
            bits.add(row);
        }
        bits
    }

    /// Put the other's rows into the set.
    pub fn include(&mut self, other: &Self) {
        for (a, b) in self.words.iter_mut().zip(&other.words) {
            *a |= b;
        }
    }

    #[inline]
    fn with(&self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        let words = self.words.iter().zip(&other.words).map(|(a, b)| combine(*a, *b)).collect();
        Self { words, rows: self.rows }
    }

    fn cut(&mut self) {
        let used = self.rows % 64;
        if used > 0
            && let Some(last) = self.words.last_mut()
        {
            *last &= (1 << used) - 1;
        }
    }
}

struct Ones {
    word: u64,
    start: usize,
}

impl Iterator for Ones {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        if self.word == 0 {
            return None;
        }
        let at = self.word.trailing_zeros() as usize;
        self.word &= self.word - 1;
        Some(self.start + at)
    }
}

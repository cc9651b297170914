//! Choices, from bytes while there are some and from a generator after that: the same code serves a fuzzer, a test and a
//! long run.

/// Equal bytes and seeds give equal choices.
pub(crate) struct Draw<'a> {
    bytes: &'a [u8],
    state: u64,
}

impl<'a> Draw<'a> {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { bytes: &[], state: seed }
    }

    /// What comes after the bytes does not depend on them, so that a fuzzer's small change stays small.
    pub(crate) fn of_bytes(bytes: &'a [u8]) -> Self {
        Self { bytes, state: 0 }
    }

    /// Any 64 bits. After the bytes: `SplitMix64` (Steele, Lea, Flood 2014).
    pub(crate) fn bits(&mut self) -> u64 {
        if let Some((first, rest)) = self.bytes.split_first_chunk::<8>() {
            self.bytes = rest;
            return u64::from_le_bytes(*first);
        }
        self.bytes = &[];
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `count`, which is at least 1.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        if let (true, Some((first, rest))) = (count <= 256, self.bytes.split_first()) {
            self.bytes = rest;
            return usize::from(*first) % count;
        }
        usize::try_from(self.bits() % count as u64).unwrap()
    }

    /// True once in `count` times.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == 0
    }

    pub(crate) fn pick<T: Copy>(&mut self, among: &[T]) -> T {
        among[self.below(among.len())]
    }

    /// The elements in another order.
    pub(crate) fn shuffle<T>(&mut self, elements: &mut [T]) {
        for index in (1..elements.len()).rev() {
            elements.swap(index, self.below(index + 1));
        }
    }

    /// The elements in runs of uneven length.
    pub(crate) fn cut<'b, T>(&mut self, mut elements: &'b [T]) -> Vec<&'b [T]> {
        let mut runs = Vec::new();
        while !elements.is_empty() {
            let length = self.pick(&[1, 2, 7, 63, 64, 65, 128, 200]);
            let (run, rest) = elements.split_at(length.min(elements.len()));
            runs.push(run);
            elements = rest;
        }
        runs
    }
}

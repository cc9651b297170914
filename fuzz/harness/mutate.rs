//! Small damage done to a good input; drawn by proptest where no fuzzer runs.

use proptest::prelude::*;
use proptest::sample::Index;

/// One act of damage: what, where, how far, and which byte or word.
pub(crate) type Damage = (u8, Index, Index, u8);

/// Up to six acts.
pub(crate) fn damage() -> impl Strategy<Value = Vec<Damage>> {
    prop::collection::vec((0_u8..7, any::<Index>(), any::<Index>(), any::<u8>()), 0..6)
}

/// The seed after all damage, in order.
pub(crate) fn damaged(seed: &[u8], acts: &[Damage], words: &[&str]) -> Vec<u8> {
    let mut bytes = seed.to_vec();
    for (kind, at, span, byte) in acts {
        let start = at.index(bytes.len() + 1);
        let end = (start + span.index(16)).min(bytes.len());
        let piece: Vec<u8> = bytes.get(start..end).unwrap_or_default().to_vec();
        let new: Vec<u8> = match kind {
            0 => Vec::new(),
            1 => piece.iter().map(|old| old ^ byte).collect(),
            2 => piece.repeat(2),
            3 => vec![*byte; piece.len()],
            4 => words.get(usize::from(*byte) % words.len()).map(|word| word.as_bytes().to_vec()).unwrap_or_default(),
            5 => [piece.as_slice(), "\u{3000}\u{feff}\0".as_bytes()].concat(),
            // A torn file.
            _ => {
                bytes.truncate(start);
                continue;
            }
        };
        bytes.splice(start..end, new);
    }
    bytes
}

//! Names that somebody may have meant.

use gongdao_model::FactPath;
use gongdao_rules::Vocabulary;

/// How many guesses are worth reading.
const MOST: usize = 3;

/// The known words closest to `word`, closest first; none that is too far away.
pub(super) fn words<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> =
        known.filter_map(|candidate| Some((distance(word, candidate)?, candidate))).collect();
    near.sort_unstable();
    near.into_iter().take(MOST).map(|(_, candidate)| candidate).collect()
}

/// The facts whose name is closest to `name`, whosever attribute they are.
pub(super) fn facts<'a>(name: &str, vocabulary: &'a Vocabulary) -> Vec<&'a FactPath> {
    let mut near: Vec<(usize, &FactPath)> =
        vocabulary.facts.keys().filter_map(|path| Some((distance(name, path.name())?, path))).collect();
    near.sort_unstable();
    // A name that is right but stands in the wrong place needs no other guess.
    let exact = near.iter().filter(|(distance, _)| *distance == 0).count();
    near.into_iter().take(if exact > 0 { exact } else { MOST }).map(|(_, path)| path).collect()
}

/// Edits between the two, capitals and separators aside; `None` from a third of the length on.
fn distance(word: &str, candidate: &str) -> Option<usize> {
    let bare = |text: &str| text.replace(['-', '_', ' '], "").to_lowercase();
    let (word, candidate) = (bare(word), bare(candidate));
    let distance = strsim::damerau_levenshtein(&word, &candidate);
    let most = (word.chars().count().max(candidate.chars().count()) / 3).max(1);
    (distance <= most).then_some(distance)
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn near_words_come_first_and_far_ones_not_at_all() {
        let known = ["dispatch", "promise", "price", "pay", "suspend-account"];
        let rows: [(&str, &[&str]); 6] = [
            ("dipsatch", &["dispatch"]),
            ("Price", &["price"]),
            ("prise", &["price", "promise"]),
            ("suspendAccount", &["suspend-account"]),
            ("bay", &["pay"]),
            ("xyz", &[]),
        ];
        for (word, expected) in rows {
            assert_eq!(words(word, known.into_iter()), expected, "{word}");
        }
    }
}

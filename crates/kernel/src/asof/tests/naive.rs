//! What a decision sees, for one fact of one key at one instant: filter, sort, replay. No index, no numbers.

use super::{Said, facts};
use crate::{Change, Sees};
use gongdao_model::{FactPath, FactValue};
use std::collections::BTreeMap;

pub(super) fn seen(
    said: &[Said],
    initial: &BTreeMap<FactPath, FactValue>,
    sees: Sees,
    key: &str,
    ms: i64,
) -> Vec<Option<FactValue>> {
    (0..facts().len()).map(|fact| one(said, initial.get(&facts()[fact].0), sees, key, fact, ms)).collect()
}

fn one(said: &[Said], initial: Option<&FactValue>, sees: Sees, key: &str, fact: usize, ms: i64) -> Option<FactValue> {
    let is_known = |said: &&Said| sees == Sees::Happened || said.known_at.is_none_or(|known_at| known_at <= ms);
    let own = said.iter().filter(|said| said.key == key && said.fact == fact).filter(is_known);
    let own: Vec<&Said> = own.collect();
    if own.iter().any(|said| said.at.is_none()) {
        return None;
    }
    let mut happened: Vec<&Said> = own.into_iter().filter(|said| said.at.unwrap() <= ms).collect();
    // `None` stands before all numbers; the sort is stable.
    happened.sort_by(|one, other| one.at.cmp(&other.at).then(one.seq.cmp(&other.seq)));
    happened.into_iter().fold(initial.cloned(), |value, said| match (&said.change, value) {
        (Change::Set(new), _) => Some(new.clone()),
        (Change::Add(words), Some(FactValue::TextSet(mut known))) => {
            known.extend(words.iter().cloned());
            Some(FactValue::TextSet(known))
        }
        (Change::Remove(words), Some(FactValue::TextSet(mut known))) => {
            known.retain(|word| !words.contains(word));
            Some(FactValue::TextSet(known))
        }
        (Change::Forget | Change::Add(_) | Change::Remove(_), _) => None,
    })
}

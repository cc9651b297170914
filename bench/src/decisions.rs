//! Decisions with every fact known, drawn from the values that the packs' own cases use.

use gongdao_model::{FactPath, FactType, FactValue, Facts, Instant};
use gongdao_pack::Packs;
use gongdao_rules::Vocabulary;
use std::collections::{BTreeMap, BTreeSet};

/// A moment at which every pack is in force.
const AT: &str = "2025-10-13T12:00:00+08:00";

#[derive(Debug)]
pub(crate) struct Decision {
    pub(crate) at: Instant,
    pub(crate) action: String,
    pub(crate) facts: Facts,
}

/// `count` decisions, the actions in turn. Equal seeds give equal decisions.
pub(crate) fn draw(packs: &Packs, vocabulary: &Vocabulary, count: usize, seed: u64) -> Result<Vec<Decision>, String> {
    let at: Instant = AT.parse().map_err(|_| format!("`{AT}` is no moment"))?;
    let values = values(packs, vocabulary);
    let mut draw = Draw(seed);
    let decisions = vocabulary.actions.keys().cycle().take(count).map(|action| {
        let facts = values.iter().filter_map(|(path, values)| {
            let index = usize::try_from(draw.next() % values.len().max(1) as u64).ok()?;
            Some((path.clone(), values.get(index)?.clone()))
        });
        Decision { at, action: action.clone(), facts: facts.collect() }
    });
    Ok(decisions.collect())
}

/// Every fact of the vocabulary with the values that cases give it; a plain one where none does.
fn values(packs: &Packs, vocabulary: &Vocabulary) -> BTreeMap<FactPath, Vec<FactValue>> {
    let files = packs.instruments.iter().flat_map(|pack| &pack.rule_files).filter_map(|file| file.cases.as_ref());
    let cases = files.flat_map(|file| &file.groups).flat_map(|group| &group.cases);
    let mut seen: BTreeMap<&FactPath, BTreeSet<&FactValue>> = BTreeMap::new();
    for (path, value) in cases.flat_map(|case| case.facts.iter()) {
        seen.entry(path).or_default().insert(value);
    }
    let of = |path: &FactPath, fact_type: FactType| {
        let own = seen.get(path).into_iter().flatten().filter(|value| value.fact_type() == fact_type);
        let own: Vec<FactValue> = own.map(|value| (*value).clone()).collect();
        if own.is_empty() { vec![plain(fact_type)] } else { own }
    };
    vocabulary.facts.iter().map(|(path, declared)| (path.clone(), of(path, declared.fact_type))).collect()
}

fn plain(fact_type: FactType) -> FactValue {
    match fact_type {
        FactType::Bool => FactValue::Bool(false),
        FactType::Long => FactValue::Long(1),
        FactType::Text => FactValue::Text("other".to_owned()),
        FactType::TextSet => FactValue::TextSet(BTreeSet::new()),
    }
}

/// `SplitMix64` (Steele, Lea, Flood 2014).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

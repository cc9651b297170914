//! Decisions: when, what, where, and what is known.

use super::Draw;
use super::packs::{ACTIONS, Fact, PLACES};
use super::pools;
use gongdao_model::{FactType, FactValue, Facts, Instant, PlaceCode};

/// One fact of one decision, as a source writes it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Missing,
    Bool(bool),
    Long(i64),
    Text(&'static str),
    /// In any order, with repeats; none is a null among them.
    Texts(Vec<Option<&'static str>>),
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) at: i64,
    pub(crate) action: &'static str,
    pub(crate) place: Option<&'static str>,
    /// One a fact of the vocabulary.
    pub(crate) cells: Vec<Cell>,
}

impl Cell {
    /// What the oracle is told: nothing where a word is a slip or a null stands in a set.
    pub(crate) fn value(&self, fact: &Fact) -> Option<FactValue> {
        let is_known = |word: &str| fact.words.is_empty() || fact.words.contains(&word);
        match self {
            Self::Missing => None,
            Self::Bool(value) => Some(FactValue::Bool(*value)),
            Self::Long(value) => Some(FactValue::Long(*value)),
            Self::Text(word) => is_known(word).then(|| FactValue::Text((*word).to_owned())),
            Self::Texts(words) => {
                let word = |word: Option<&str>| word.filter(|word| is_known(word)).map(str::to_owned);
                words.iter().copied().map(word).collect::<Option<_>>().map(FactValue::TextSet)
            }
        }
    }

    /// The value with its slips; none only where nothing or a null was written.
    pub(crate) fn as_written(&self, fact: &Fact) -> Option<FactValue> {
        self.value(&Fact { words: Vec::new(), ..fact.clone() })
    }
}

impl Row {
    pub(crate) fn facts(&self, facts: &[Fact]) -> Facts {
        let pairs = facts.iter().zip(&self.cells);
        pairs.filter_map(|(fact, cell)| Some((fact.path.clone(), cell.value(fact)?))).collect()
    }

    pub(crate) fn written_facts(&self, facts: &[Fact]) -> Facts {
        let pairs = facts.iter().zip(&self.cells);
        pairs.filter_map(|(fact, cell)| Some((fact.path.clone(), cell.as_written(fact)?))).collect()
    }

    pub(crate) fn instant(&self) -> Instant {
        Instant::from_millis(self.at).unwrap()
    }

    pub(crate) fn place(&self) -> Option<PlaceCode> {
        self.place.map(|place| place.parse().unwrap())
    }
}

/// Many decisions; a neighbour often differs in a few facts only.
pub(crate) fn draw(draw: &mut Draw<'_>, facts: &[Fact], days: &[&str], count: usize) -> Vec<Row> {
    // Some facts nobody ever records.
    let never: Vec<bool> = facts.iter().map(|_| draw.one_in(16)).collect();
    let gaps = draw.pick(&[4, 8, 32]);
    let cell = |draw: &mut Draw<'_>, index: usize| {
        if never[index] || draw.one_in(gaps) { Cell::Missing } else { known(draw, &facts[index]) }
    };
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    for _ in 0..count {
        let last = rows.last().filter(|_| !draw.one_in(3)).cloned();
        let mut row = last.unwrap_or_else(|| Row {
            at: 0,
            action: ACTIONS[0],
            place: None,
            cells: (0..facts.len()).map(|index| cell(draw, index)).collect(),
        });
        for _ in 0..2 {
            let index = draw.below(facts.len());
            row.cells[index] = cell(draw, index);
        }
        if row.at == 0 || !draw.one_in(3) {
            row.at = instant(draw, days);
            row.action = draw.pick(&ACTIONS);
            row.place = Some(draw.pick(&PLACES)).filter(|_| !draw.one_in(4));
        }
        rows.push(row);
    }
    rows
}

fn known(draw: &mut Draw<'_>, fact: &Fact) -> Cell {
    // A word that the fact cannot have now and then.
    let word = |draw: &mut Draw<'_>| {
        if fact.words.is_empty() || draw.one_in(12) { pools::text(draw) } else { draw.pick(&fact.words) }
    };
    match fact.kind {
        FactType::Bool => Cell::Bool(draw.one_in(2)),
        FactType::Long => Cell::Long(pools::long(draw)),
        FactType::Text => Cell::Text(word(draw)),
        FactType::TextSet => {
            let count = draw.below(4);
            Cell::Texts((0..count).map(|_| Some(word(draw)).filter(|_| !draw.one_in(40))).collect())
        }
    }
}

/// At midnight in Shanghai of a day on which the law changes, a millisecond around it, or anywhere.
fn instant(draw: &mut Draw<'_>, days: &[&str]) -> i64 {
    let day: gongdao_model::LegalDate = draw.pick(days).parse().unwrap();
    let midnight = day.starts_at().millis();
    match draw.below(8) {
        0 | 1 => midnight,
        2 => midnight - 1,
        3 => midnight + 1,
        // Midnight in UTC, another day in Shanghai.
        4 => midnight + 8 * 3_600_000,
        5 => midnight + 86_400_000 * i64::try_from(draw.below(40)).unwrap(),
        6 => midnight - 1 - i64::try_from(draw.bits() % 100_000_000_000).unwrap(),
        _ => midnight + i64::try_from(draw.bits() % 100_000_000_000).unwrap(),
    }
}

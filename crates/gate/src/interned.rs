//! Values of facts as the judge's cells, kept between checks: requests and states repeat few words and sets.

use crate::lexicon::{Fault, Known, Lexicon};
use crate::state::Subjects;
use gongdao_kernel::{Cell, Judge};
use gongdao_model::{FactType, FactValue};
use std::collections::{BTreeSet, HashMap};

/// Words that a set of them can be noted by, a bit each.
const MOST_BITS: usize = 64;
/// Sets that are kept of one fact; beyond it they are made anew.
const MOST_SETS: usize = 1 << 16;

/// What one judge has made of values; worth nothing once the judge has forgotten ([`Judge::tidy`]).
pub(crate) struct Interned {
    /// By fact of the lexicon.
    given: Vec<Words>,
    pub(crate) person: Held,
    pub(crate) algorithm: Held,
}

/// Of one fact: its words by position, and sets of them.
#[derive(Default, Clone)]
struct Words {
    words: Vec<Option<Cell>>,
    sets: HashMap<u64, Cell, foldhash::fast::RandomState>,
}

/// Values that states hold, by fact and number.
#[derive(Default)]
pub(crate) struct Held(Vec<Vec<Cell>>);

impl Interned {
    pub(crate) fn new(lexicon: &Lexicon) -> Self {
        Self { given: vec![Words::default(); lexicon.len()], person: Held::default(), algorithm: Held::default() }
    }

    /// What a request gives as the value of a fact, checked; as a cell where `slot` says that one is wanted.
    #[inline]
    pub(crate) fn given(
        &mut self,
        known: &Known,
        value: &FactValue,
        slot: Option<usize>,
        judge: &mut Judge,
    ) -> Result<Option<Cell>, Fault> {
        match (known.kind, value) {
            (FactType::Bool, FactValue::Bool(truth)) => Ok(Some(Cell::truth(*truth))),
            (FactType::Long, FactValue::Long(number)) => Ok(Some(Cell::long(*number))),
            (FactType::Text, FactValue::Text(word)) => self.word(known, word, value, slot, judge),
            (FactType::TextSet, FactValue::TextSet(words)) => self.set(known, words, value, slot, judge),
            _ => Err(known.wrong_type(value)),
        }
    }

    fn word(
        &mut self,
        known: &Known,
        word: &str,
        value: &FactValue,
        slot: Option<usize>,
        judge: &mut Judge,
    ) -> Result<Option<Cell>, Fault> {
        let position = if known.words.is_empty() { None } else { Some(known.word(word)?) };
        let Some(slot) = slot else { return Ok(None) };
        let kept = self.given.get_mut(known.number).zip(position);
        let Some((kept, position)) = kept else { return Ok(Some(judge.cell(slot, value))) };
        if let Some(Some(cell)) = kept.words.get(position) {
            return Ok(Some(*cell));
        }
        let cell = judge.cell(slot, value);
        kept.words.resize(known.words.len(), None);
        if let Some(place) = kept.words.get_mut(position) {
            *place = Some(cell);
        }
        Ok(Some(cell))
    }

    fn set(
        &mut self,
        known: &Known,
        words: &BTreeSet<String>,
        value: &FactValue,
        slot: Option<usize>,
        judge: &mut Judge,
    ) -> Result<Option<Cell>, Fault> {
        let mut bits = 0_u64;
        if !known.words.is_empty() {
            for word in words {
                bits |= 1_u64.checked_shl(u32::try_from(known.word(word)?).unwrap_or(u32::MAX)).unwrap_or(0);
            }
        }
        let Some(slot) = slot else { return Ok(None) };
        let fits = (1..=MOST_BITS).contains(&known.words.len());
        let Some(kept) = self.given.get_mut(known.number).filter(|_| fits) else {
            return Ok(Some(judge.cell(slot, value)));
        };
        if let Some(cell) = kept.sets.get(&bits) {
            return Ok(Some(*cell));
        }
        let cell = judge.cell(slot, value);
        if kept.sets.len() >= MOST_SETS {
            kept.sets.clear();
        }
        kept.sets.insert(bits, cell);
        Ok(Some(cell))
    }
}

impl Held {
    /// The value that a state holds of a fact, by its number.
    #[inline]
    pub(crate) fn cell(
        &mut self,
        subjects: &Subjects,
        fact: usize,
        number: u32,
        slot: usize,
        judge: &mut Judge,
    ) -> Cell {
        match self.0.get(fact).and_then(|cells| cells.get(number as usize)) {
            Some(cell) if cell.is_known() => *cell,
            _ => self.learn(subjects, fact, number, slot, judge),
        }
    }

    #[cold]
    fn learn(&mut self, subjects: &Subjects, fact: usize, number: u32, slot: usize, judge: &mut Judge) -> Cell {
        let missing = Cell::missing(slot);
        let cell = subjects.value_numbered(fact, number).map_or(missing, |value| judge.cell(slot, value));
        if self.0.len() <= fact {
            self.0.resize(fact + 1, Vec::new());
        }
        let Some(cells) = self.0.get_mut(fact) else { return cell };
        if cells.len() <= number as usize {
            cells.resize(number as usize + 1, missing);
        }
        if let Some(place) = cells.get_mut(number as usize) {
            *place = cell;
        }
        cell
    }
}

//! What is the same for every decision under one law.

use crate::inner::Core;
use crate::lexicon::Source;
use crate::{Shared, StateFacts};
use gongdao_kernel::Judge;
use gongdao_model::FactValue;
use gongdao_rules::Asking;
use std::sync::Arc;

/// Where facts go, and what follows from outcomes.
pub(crate) struct Plan {
    /// By fact of the lexicon, its slot and the position of its cell; none where the law does not refer to it.
    cells: Box<[Option<Place>]>,
    /// What the person's state may hold of what the law refers to.
    pub(crate) person: Box<[Joined]>,
    /// What the algorithm's state may hold.
    pub(crate) algorithm: Box<[Joined]>,
    /// Slots of the facts that the law refers to.
    pub(crate) slots: Arc<[usize]>,
    pub(crate) versions: Arc<[usize]>,
    pub(crate) asking: Asking,
    /// The numbers that the law sets.
    pub(crate) parameters: Shared<StateFacts>,
    /// What the last request under the law named, in order.
    pub(crate) shape: Vec<usize>,
}

/// A fact that the law refers to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) slot: usize,
    pub(crate) position: usize,
}

/// A fact that a state may hold, by its number there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Joined {
    pub(crate) fact: usize,
    pub(crate) place: Place,
}

impl Plan {
    pub(crate) fn new(core: &Core, judge: &Judge, law: usize) -> Self {
        let slots: Arc<[usize]> = judge.law_slots(law).into();
        let places = || slots.iter().enumerate().map(|(position, slot)| Place { slot: *slot, position });
        let place_of = |slot: usize| places().find(|place| place.slot == slot);
        let joined = |of: fn(Source) -> Option<usize>| {
            let facts = places().filter_map(|place| Some(Joined { fact: of(core.lexicon.source(place.slot))?, place }));
            facts.collect()
        };
        let versions = judge.law_versions(law);
        let set = judge.law_parameters(law).into_iter().flatten();
        let parameters: StateFacts = set.map(|(path, number)| (path.clone(), FactValue::Long(*number))).collect();
        Self {
            cells: core.lexicon.facts().iter().map(|known| known.slot.and_then(place_of)).collect(),
            person: joined(|source| if let Source::Person(fact) = source { Some(fact) } else { None }),
            algorithm: joined(|source| if let Source::Algorithm(fact) = source { Some(fact) } else { None }),
            asking: Asking::new(core.rules.rules(), &versions),
            parameters: Shared::new(parameters),
            slots: Arc::clone(&slots),
            versions,
            shape: Vec::new(),
        }
    }

    /// Where the law wants a fact of the lexicon.
    #[inline]
    pub(crate) fn place(&self, fact: usize) -> Option<Place> {
        self.cells.get(fact).copied().flatten()
    }
}

use crate::{Book, Filter, Listed};
use gongdao_model::{LegalDate, PlaceCode};
use serde::Serialize;

/// The law of one day and place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InForce {
    /// The day.
    pub on: LegalDate,
    /// The place.
    pub place: PlaceCode,
    /// Instruments in force, the most particular place first.
    pub instruments: Vec<InForceInstrument>,
    /// Numbers that law sets for the day and place, by name.
    pub numbers: Vec<NumberInForce>,
}

/// An instrument in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InForceInstrument {
    /// The instrument.
    #[serde(flatten)]
    pub instrument: Listed,
    /// Its rule versions in force on the day.
    pub rules_in_force: usize,
    /// Its duties that bind on the day.
    pub duties_in_force: usize,
}

/// A number in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberInForce {
    /// Name in the vocabulary.
    pub name: String,
    /// The value.
    pub value: i64,
    /// Its unit.
    pub unit: String,
    /// The provision that sets it.
    pub provision: String,
    /// Where the value holds.
    pub place: PlaceCode,
    /// What it is, Chinese.
    pub zh: String,
    /// What it is, English.
    pub en: String,
}

impl Book {
    /// What is in force on a day in a place. Drafts never are.
    pub fn in_force(&self, on: LegalDate, place: PlaceCode) -> InForce {
        let filter = Filter { place: Some(place), on: Some(on), status: None };
        let mut instruments: Vec<InForceInstrument> =
            self.list(&filter).into_iter().map(|listed| self.counted(listed, on)).collect();
        instruments.sort_by_key(|row| std::cmp::Reverse(row.instrument.place.significant_digits()));
        let known =
            |provision: &str| instruments.iter().any(|row| provision.starts_with(&format!("{}/", row.instrument.id)));
        let numbers = self.packs().parameters(on, Some(place)).into_iter();
        let numbers = numbers.filter(|(_, value)| known(value.provision.as_str())).map(|(name, value)| NumberInForce {
            name,
            value: value.value,
            unit: value.unit,
            provision: value.provision.to_string(),
            place: value.place,
            zh: value.zh,
            en: value.en,
        });
        let numbers = numbers.collect();
        InForce { on, place, instruments, numbers }
    }

    fn counted(&self, listed: Listed, on: LegalDate) -> InForceInstrument {
        let pack = self.packs().instruments.iter().find(|pack| pack.instrument.id.as_str() == listed.id);
        let provisions = pack.into_iter().flat_map(|pack| &pack.provisions);
        let rules = provisions.flat_map(|provision| self.rules_of(&provision.id)).filter(|rule| rule.holds_on(on));
        let rules_in_force = rules.count();
        let duties = pack.into_iter().flat_map(|pack| &pack.duties).filter(|duty| duty.from <= on);
        InForceInstrument { rules_in_force, duties_in_force: duties.count(), instrument: listed }
    }
}

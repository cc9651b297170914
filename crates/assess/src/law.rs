use crate::AssessError;
use gongdao_clock::Calendar;
use gongdao_model::{Entity, FactPath, LegalDate, PlaceCode, Standing};
use gongdao_pack::{Drafts, Duty, Instrument, NoRule, Packs, ParameterValue};
use gongdao_rules::{RuleSet, Tree, condition};
use std::collections::{BTreeMap, BTreeSet};

/// The law that services are held against: packs with their rules, the calendar, and the conditions of duties.
#[derive(Debug)]
pub struct Law<'a> {
    pub(crate) packs: &'a Packs,
    pub(crate) rules: &'a RuleSet,
    pub(crate) calendar: &'a Calendar,
    conditions: BTreeMap<&'a str, Tree>,
    no_rules: BTreeMap<&'a str, &'a NoRule>,
}

/// For which law to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The day; what happened later is not looked at.
    pub on: LegalDate,
    /// Whether packs of drafts count.
    pub include_drafts: bool,
}

impl<'a> Law<'a> {
    /// `rules` are those of `packs`.
    ///
    /// Errors: the condition of a duty cannot be read.
    pub fn new(packs: &'a Packs, rules: &'a RuleSet, calendar: &'a Calendar) -> Result<Self, AssessError> {
        let mut conditions = BTreeMap::new();
        for duty in packs.instruments.iter().flat_map(|pack| &pack.duties) {
            let Some(when) = duty.when.as_deref() else { continue };
            let tree = condition(when).map_err(|message| {
                let message = format!("`when` of `{}`: {message}", duty.id);
                AssessError::new(message, "run `gongdao pack check`")
            })?;
            conditions.insert(when, tree);
        }
        let lines = packs.instruments.iter().flat_map(|pack| &pack.no_rules);
        let no_rules = lines.map(|line| (line.provision.as_str(), line)).collect();
        Ok(Self { packs, rules, calendar, conditions, no_rules })
    }

    pub(crate) fn condition(&self, duty: &Duty) -> Option<&Tree> {
        self.conditions.get(duty.when.as_deref()?)
    }

    pub(crate) fn no_rule(&self, provision: &str) -> Option<&'a NoRule> {
        self.no_rules.get(provision).copied()
    }

    /// The numbers that law sets, by name; those of drafts only where drafts were asked for.
    pub(crate) fn numbers(&self, scope: Scope, place: Option<PlaceCode>) -> BTreeMap<String, ParameterValue> {
        let drafts = if scope.include_drafts { Drafts::Included } else { Drafts::Off };
        self.packs.parameters_with(drafts, scope.on, place)
    }

    /// The packs that are read.
    pub fn packs(&self) -> &'a Packs {
        self.packs
    }

    /// Their rules.
    pub fn rules(&self) -> &'a RuleSet {
        self.rules
    }
}

/// Numbers that law sets, as facts.
pub(crate) fn parameters(numbers: &BTreeMap<String, ParameterValue>) -> BTreeMap<FactPath, i64> {
    let fact =
        |(name, value): (&String, &ParameterValue)| Some((FactPath::new(Entity::Parameter, name).ok()?, value.value));
    numbers.iter().filter_map(fact).collect()
}

impl Scope {
    /// Whether an instrument reaches a place and is not a draft that nobody asked for.
    pub(crate) fn reaches(self, instrument: &Instrument, place: Option<PlaceCode>) -> bool {
        let asked = self.include_drafts || instrument.status != Standing::Draft;
        asked && instrument.place.covers(place.unwrap_or(PlaceCode::COUNTRY))
    }

    /// Whether it is in force besides.
    pub(crate) fn holds(self, instrument: &Instrument, place: Option<PlaceCode>) -> bool {
        let is_over = instrument.until.is_some_and(|until| until <= self.on);
        self.reaches(instrument, place) && instrument.effective <= self.on && !is_over
    }
}

/// The words by which provisions and duties say who owes.
pub(crate) fn roles(packs: &Packs) -> BTreeSet<&str> {
    let provisions = packs.instruments.iter().flat_map(|pack| &pack.provisions);
    let duties = packs.instruments.iter().flat_map(|pack| &pack.duties);
    let of_provisions = provisions.filter_map(|provision| provision.owed_by.as_deref());
    of_provisions.chain(duties.map(|duty| duty.owed_by.as_str())).collect()
}

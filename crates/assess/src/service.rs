//! A described service (`service.toml`, docs/formats/service.md).

pub(crate) mod read;
pub(crate) mod write;

use gongdao_clock::Event;
use gongdao_model::{FactPath, FactValue, LegalDate, PlaceCode};
use gongdao_pack::Period;
use std::collections::{BTreeMap, BTreeSet};

/// What somebody says of a service. What is not in here is unknown, never "no".
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Who provides it.
    pub provider: Option<String>,
    /// Where; without it only national law is looked at.
    pub place: Option<PlaceCode>,
    /// The day for which to tell.
    pub on: Option<LegalDate>,
    /// What it does to people, in the actions of the vocabulary, all of it.
    pub actions: Option<BTreeSet<String>>,
    /// Whether it is what a provision binds, by the packs' word.
    pub roles: BTreeMap<String, bool>,
    /// What happened.
    pub events: Vec<Event>,
    /// The provider's own published limits, by duty.
    pub published: BTreeMap<String, Period>,
    /// One value: so in every decision. Several: each occurs.
    pub facts: BTreeMap<FactPath, BTreeSet<FactValue>>,
    /// What only the drafts of papers need, by the names of `PAPER_FIELDS`.
    pub papers: BTreeMap<String, String>,
}

/// Fields of `[papers]`.
pub const PAPER_FIELDS: [&str; 17] = [
    "algorithm_name",
    "appeal_way",
    "basic_principles",
    "contact",
    "data_sources",
    "field_of_application",
    "filing_number",
    "impact_and_risks",
    "intent",
    "main_mechanism",
    "necessity",
    "product",
    "protective_measures",
    "purpose",
    "retention",
    "service_form",
    "switch_off_way",
];

//! What a part of the law changes for a service: the same service held against the law with and without it.

use crate::assessment::Found;
use crate::law::Law;
use crate::provision::BothLanguages;
use crate::rule::{Application, Kept};
use crate::{DutyFinding, ProvisionFinding};
use gongdao_clock::{End, State};
use gongdao_model::{PlaceCode, ProvisionId, Standing};
use gongdao_pack::ParameterValue;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// What is another with a part of the law than without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Provisions that are there on one side only, or come to something else; in the order of the packs.
    pub provisions: Vec<ProvisionChange>,
    /// Duties that are there on one side only, or whose date or state is another.
    pub duties: Vec<DutyChange>,
    /// Numbers that are another.
    pub numbers: Vec<NumberChange>,
}

impl Difference {
    /// Whether nothing is another.
    pub fn is_empty(&self) -> bool {
        self.provisions.is_empty() && self.duties.is_empty() && self.numbers.is_empty()
    }

    /// How many things are another.
    pub fn len(&self) -> usize {
        self.provisions.len() + self.duties.len() + self.numbers.len()
    }
}

/// A provision with and without the part of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionChange {
    /// The provision.
    pub provision: ProvisionId,
    /// As people cite it.
    pub cite: BothLanguages,
    /// What it says, in own words.
    pub says: BothLanguages,
    /// How far it was checked.
    pub standing: Standing,
    /// Where its instrument binds.
    pub place: PlaceCode,
    /// What it comes to with it; none where it is not there.
    pub with: Option<Comes>,
    /// What it comes to without it.
    pub without: Option<Comes>,
}

/// What a provision comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Comes {
    /// Whether it applies.
    pub application: Application,
    /// How far it is kept.
    pub kept: Option<Kept>,
    /// Whether readings differ.
    pub disputed: bool,
}

impl Comes {
    fn of(finding: &ProvisionFinding) -> Self {
        Self { application: finding.application, kept: finding.kept, disputed: finding.disputed }
    }
}

/// A duty's clock with and without the part of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyChange {
    /// Key of its clock, as in `duties`.
    pub key: String,
    /// The duty.
    pub duty: String,
    /// As people cite its provision.
    pub cite: BothLanguages,
    /// What it asks.
    pub asks: BothLanguages,
    /// With it.
    pub with: Option<DutyState>,
    /// Without it.
    pub without: Option<DutyState>,
}

/// When a duty is due and how far it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyState {
    /// Whether it binds the service.
    pub application: Application,
    /// How far it is kept.
    #[serde(flatten)]
    pub state: State,
    /// Its date, where there is one.
    pub due: Option<End>,
}

impl DutyState {
    fn of(finding: &DutyFinding) -> Self {
        let due = finding.clock.due_date().map(|due| due.end);
        Self { application: finding.application, state: finding.clock.state.clone(), due }
    }
}

/// A number with and without the part of the law.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NumberChange {
    /// Name in the vocabulary.
    pub name: String,
    /// What it is.
    pub says: BothLanguages,
    /// Its unit.
    pub unit: String,
    /// The provision that sets it, with it; else that which sets it without.
    pub provision: ProvisionId,
    /// With it.
    pub with: Option<i64>,
    /// Without it.
    pub without: Option<i64>,
}

/// What is found of a service with, beside what is found of it without.
pub(crate) fn difference(law: &Law<'_>, with: &Found, without: &Found) -> Difference {
    Difference {
        provisions: provisions(law, with, without),
        duties: duties(with, without),
        numbers: numbers(&with.numbers, &without.numbers),
    }
}

fn provisions(law: &Law<'_>, with: &Found, without: &Found) -> Vec<ProvisionChange> {
    let by_id = |found: &Found| -> BTreeMap<ProvisionId, Comes> {
        found.provisions.iter().map(|finding| (finding.provision.clone(), Comes::of(finding))).collect()
    };
    let (here, there) = (by_id(with), by_id(without));
    let own = with.provisions.iter();
    let gone = without.provisions.iter().filter(|finding| !here.contains_key(&finding.provision));
    let mut changes: Vec<ProvisionChange> = own
        .chain(gone)
        .map(|finding| ProvisionChange {
            provision: finding.provision.clone(),
            cite: finding.cite.clone(),
            says: finding.says.clone(),
            standing: finding.standing,
            place: finding.place,
            with: here.get(&finding.provision).copied(),
            without: there.get(&finding.provision).copied(),
        })
        .filter(|change| change.with != change.without)
        .collect();
    let order: BTreeMap<&ProvisionId, usize> =
        law.packs.instruments.iter().flat_map(|pack| &pack.provisions).map(|one| &one.id).zip(0..).collect();
    changes.sort_by_key(|change| order.get(&change.provision).copied());
    changes
}

fn duties(with: &Found, without: &Found) -> Vec<DutyChange> {
    let by_key = |found: &Found| -> BTreeMap<String, DutyState> {
        found.duties.iter().map(|finding| (finding.clock.key.clone(), DutyState::of(finding))).collect()
    };
    let (here, there) = (by_key(with), by_key(without));
    let gone = without.duties.iter().filter(|finding| !here.contains_key(&finding.clock.key));
    let changes = with.duties.iter().chain(gone).map(|finding| DutyChange {
        key: finding.clock.key.clone(),
        duty: finding.duty.id.clone(),
        cite: finding.cite.clone(),
        asks: finding.asks.clone(),
        with: here.get(&finding.clock.key).cloned(),
        without: there.get(&finding.clock.key).cloned(),
    });
    changes.filter(|change| change.with != change.without).collect()
}

fn numbers(with: &BTreeMap<String, ParameterValue>, without: &BTreeMap<String, ParameterValue>) -> Vec<NumberChange> {
    let names: BTreeSet<&String> = with.keys().chain(without.keys()).collect();
    let change = |name: &String| {
        let (here, there) = (with.get(name), without.get(name));
        let (one, is_other) = (here.or(there)?, here.map(|one| one.value) != there.map(|one| one.value));
        is_other.then(|| NumberChange {
            name: name.clone(),
            says: BothLanguages::new(&one.zh, &one.en),
            unit: one.unit.clone(),
            provision: one.provision.clone(),
            with: here.map(|one| one.value),
            without: there.map(|one| one.value),
        })
    };
    names.into_iter().filter_map(change).collect()
}

//! Duties of the packs that go with a decision.

use gongdao_model::{Instant, LegalDate, ProvisionId};
use gongdao_pack::Packs;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A duty of a provision that speaks about the decision. Whether its event happens, and when it is due, the clocks say
/// (`gongdao-clock`); the gate names it so that the caller knows what may follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DutyRef {
    /// Provision, `#`, name.
    pub id: String,
    /// The provision that demands it.
    pub provision: ProvisionId,
    /// Who owes.
    pub owed_by: String,
    /// To whom.
    pub owed_to: String,
    /// Name of the event that starts it.
    pub trigger: String,
    /// When it is due, in the words of the packs' format.
    pub due: String,
    /// Condition over the vocabulary under which it is owed, not judged here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
}

/// The duties by provision.
#[derive(Debug)]
pub(crate) struct Duties {
    by_provision: BTreeMap<ProvisionId, Vec<Dated>>,
    /// Instants at which a duty begins or ends, ascending.
    turning: Vec<i64>,
}

#[derive(Debug)]
struct Dated {
    from: LegalDate,
    until: Option<LegalDate>,
    duty: DutyRef,
}

impl Duties {
    pub(crate) fn of(packs: &Packs) -> Self {
        let mut duties: BTreeMap<ProvisionId, Vec<Dated>> = BTreeMap::new();
        for pack in &packs.instruments {
            for duty in pack.duties.iter().filter(|duty| packs.counts(&duty.provision)) {
                let named = DutyRef {
                    id: duty.id.clone(),
                    provision: duty.provision.clone(),
                    owed_by: duty.owed_by.clone(),
                    owed_to: duty.owed_to.clone(),
                    trigger: duty.trigger.clone(),
                    due: duty.due.clone(),
                    when: duty.when.clone(),
                };
                let dated = Dated { from: duty.from, until: pack.instrument.until, duty: named };
                duties.entry(duty.provision.clone()).or_default().push(dated);
            }
        }
        let days = duties.values().flatten().flat_map(|dated| [Some(dated.from), dated.until]).flatten();
        let turning: BTreeSet<i64> = days.map(|day| day.starts_at().millis()).collect();
        Self { by_provision: duties, turning: turning.into_iter().collect() }
    }

    /// The number of the period in which the same duties bind.
    pub(crate) fn period(&self, at: Instant) -> usize {
        self.turning.partition_point(|turning| *turning <= at.millis())
    }

    /// Those of the provisions on a day.
    pub(crate) fn on(&self, provisions: &BTreeSet<&ProvisionId>, on: LegalDate) -> Vec<DutyRef> {
        let dated = provisions.iter().filter_map(|provision| self.by_provision.get(*provision)).flatten();
        let owed = dated.filter(|dated| dated.from <= on && dated.until.is_none_or(|until| on < until));
        owed.map(|dated| dated.duty.clone()).collect()
    }
}

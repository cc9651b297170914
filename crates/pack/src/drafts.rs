use crate::{InstrumentPack, Packs};
use gongdao_model::{LegalDate, PlaceCode, ProvisionId, Standing};

/// Whether drafts count as law: rules, duties and values of provisions whose status is `draft`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Drafts {
    /// They do not: a draft is not law. The default.
    #[default]
    Off,
    /// They do, marked as provisional, to show what they would change.
    Included,
}

impl Packs {
    /// The same packs with or without their drafts. Reading gives them without.
    #[must_use]
    pub fn with_drafts(mut self, drafts: Drafts) -> Self {
        self.drafts = drafts;
        self
    }

    /// Whether drafts count.
    pub fn drafts(&self) -> Drafts {
        self.drafts
    }

    /// Whether a provision counts: it does unless it is a draft and drafts are off. One that no pack has counts; the
    /// check tells of it.
    pub fn counts(&self, provision: &ProvisionId) -> bool {
        self.counts_with(self.drafts, provision)
    }

    pub(crate) fn counts_with(&self, drafts: Drafts, provision: &ProvisionId) -> bool {
        drafts == Drafts::Included || self.standing(provision) != Some(Standing::Draft)
    }

    /// How far a provision was checked: never better than its instrument.
    pub fn standing(&self, provision: &ProvisionId) -> Option<Standing> {
        let instrument = self.instrument(&provision.instrument())?;
        Some(self.provision(provision)?.status.max(instrument.status))
    }

    /// The instruments that stand in the statute book on a day at a place: of the whole country and of each place that
    /// covers it. Drafts among them where they were asked for.
    pub fn in_force(&self, on: LegalDate, place: Option<PlaceCode>) -> Vec<&InstrumentPack> {
        let place = place.unwrap_or(PlaceCode::COUNTRY);
        let holds = |pack: &&InstrumentPack| {
            let instrument = &pack.instrument;
            let counts = self.drafts == Drafts::Included || instrument.status != Standing::Draft;
            counts && instrument.holds_on(on) && instrument.place.covers(place)
        };
        self.instruments.iter().filter(holds).collect()
    }
}

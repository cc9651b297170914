use crate::{Book, Force};
use gongdao_model::{LegalDate, PlaceCode, Standing};
use gongdao_pack::InstrumentPack;
use serde::Serialize;

/// Which instruments are asked for; without a condition, all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// Law that reaches this place: its own, its province's, the country's.
    pub place: Option<PlaceCode>,
    /// Law in force on this day; without one, law of any time.
    pub on: Option<LegalDate>,
    /// Law that was checked this far.
    pub status: Option<Standing>,
}

impl Filter {
    fn takes(&self, pack: &InstrumentPack) -> bool {
        let instrument = &pack.instrument;
        self.place.is_none_or(|place| instrument.place.covers(place))
            && self.on.is_none_or(|on| Force::of(instrument, on).holds())
            && self.status.is_none_or(|status| instrument.status == status)
    }
}

/// A line of the list of instruments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its identifier.
    pub id: String,
    /// Chinese title.
    pub title_zh: String,
    /// English title.
    pub title_en: String,
    /// Who issued it.
    pub issuers: Vec<String>,
    /// Its rank, in the word of the pack.
    pub level: String,
    /// Where it binds.
    pub place: PlaceCode,
    /// Day of promulgation.
    pub promulgated: Option<LegalDate>,
    /// First day in force.
    pub effective: LegalDate,
    /// First day no longer in force.
    pub until: Option<LegalDate>,
    /// Whether it binds at all.
    pub binding: bool,
    /// How far the text was read.
    pub status: Standing,
    /// Its provisions.
    pub provisions: usize,
    /// Its rule versions.
    pub rule_versions: usize,
    /// Its duties with due dates.
    pub duties: usize,
}

impl Book {
    /// The instruments that a filter takes, by first day in force, then by identifier.
    pub fn list(&self, filter: &Filter) -> Vec<Listed> {
        let taken = self.packs().instruments.iter().filter(|pack| filter.takes(pack));
        let mut list: Vec<Listed> = taken.map(|pack| self.listed(pack)).collect();
        list.sort_by(|a, b| (a.effective, &a.id).cmp(&(b.effective, &b.id)));
        list
    }

    pub(crate) fn listed(&self, pack: &InstrumentPack) -> Listed {
        let instrument = &pack.instrument;
        let rules = pack.provisions.iter().map(|provision| self.rules_of(&provision.id).count());
        Listed {
            id: instrument.id.to_string(),
            title_zh: instrument.title_zh.clone(),
            title_en: instrument.title_en.clone(),
            issuers: instrument.issuers.clone(),
            level: instrument.level.clone(),
            place: instrument.place,
            promulgated: instrument.promulgated,
            effective: instrument.effective,
            until: instrument.until,
            binding: instrument.binding,
            status: instrument.status,
            provisions: pack.provisions.len(),
            rule_versions: rules.sum(),
            duties: pack.duties.len(),
        }
    }
}

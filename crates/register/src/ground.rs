//! On which provisions a trial may rest: data. None of them lifts a rule.

use crate::RegisterError;
use gongdao_model::{LegalDate, PlaceCode, ProvisionId};
use serde::Deserialize;
use std::collections::BTreeMap;

const SHIPPED: &str = include_str!("../data/trials.toml");

/// A provision on which trials rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialGround {
    /// Where.
    pub place: PlaceCode,
    /// From when on.
    pub from: LegalDate,
    /// What it lets be done, in Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Raw {
    place: String,
    from: toml::value::Datetime,
    zh: String,
    en: String,
}

/// The table of grounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrialGrounds(BTreeMap<ProvisionId, TrialGround>);

impl TrialGrounds {
    /// The table that the program ships.
    pub fn shipped() -> Result<Self, RegisterError> {
        Self::read(SHIPPED)
    }

    /// Read a table. Errors: TOML, a provision, place or date that is none.
    pub fn read(text: &str) -> Result<Self, RegisterError> {
        let wrong = |why: &str| {
            RegisterError::new(format!("the table of grounds of trials cannot be read: {why}"), "see docs/register.md")
        };
        let table: BTreeMap<String, Raw> = toml::from_str(text).map_err(|error| wrong(error.message()))?;
        let mut grounds = BTreeMap::new();
        for (id, raw) in table {
            let id: ProvisionId = id.parse().map_err(|_| wrong(&format!("`{id}` is no provision")))?;
            let place = raw.place.parse().map_err(|_| wrong(&format!("`{}` is no place", raw.place)))?;
            let from = raw.from.to_string();
            let from = from.parse().map_err(|_| wrong(&format!("`{from}` is no day")))?;
            grounds.insert(id, TrialGround { place, from, zh: raw.zh, en: raw.en });
        }
        Ok(Self(grounds))
    }

    /// All of them, by their provisions.
    pub fn iter(&self) -> impl Iterator<Item = (&ProvisionId, &TrialGround)> {
        self.0.iter()
    }

    /// Errors: no trial rests on that provision, or not there, or not yet then.
    pub fn check(&self, provision: &ProvisionId, place: PlaceCode, from: LegalDate) -> Result<(), RegisterError> {
        let Some(ground) = self.0.get(provision) else {
            let known: Vec<&str> = self.0.keys().map(ProvisionId::as_str).collect();
            let hint = format!("name one of {}, or none: then it is an observed trial", known.join(", "));
            return Err(RegisterError::new(format!("no trial rests on `{provision}`"), hint));
        };
        if !ground.place.covers(place) {
            let message = format!("`{provision}` does not reach the place `{place}`");
            return Err(RegisterError::new(message, format!("try it within `{}`, or name no ground", ground.place)));
        }
        if from < ground.from {
            let message = format!("`{provision}` is not in force on `{from}`");
            return Err(RegisterError::new(message, format!("begin on `{}` or later", ground.from)));
        }
        Ok(())
    }
}

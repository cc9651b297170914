use crate::{Duty, Packs, ParameterValue, Provision};
use gongdao_model::{LegalDate, PlaceCode, ProvisionId};

/// What applies at a place on a day beside, or instead of, what applies in the whole country. The rules of these
/// provisions are for `gongdao-rules`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalDifference<'a> {
    /// Provisions of local law in force there, in the order of the packs.
    pub provisions: Vec<&'a Provision>,
    /// Duties of these provisions that bind on the day.
    pub duties: Vec<&'a Duty>,
    /// Values that are another there, by name.
    pub parameters: Vec<ParameterDifference>,
}

/// A value that is another at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterDifference {
    /// The parameter.
    pub name: String,
    /// Its value in the whole country; none where only the place has one.
    pub country: Option<ParameterValue>,
    /// Its value there.
    pub here: ParameterValue,
}

impl LocalDifference<'_> {
    /// Whether the place has the country's law and nothing else.
    pub fn is_empty(&self) -> bool {
        self.provisions.is_empty() && self.duties.is_empty() && self.parameters.is_empty()
    }

    /// Whether a provision is among the local ones.
    pub fn has(&self, provision: &ProvisionId) -> bool {
        self.provisions.iter().any(|own| own.id == *provision)
    }
}

impl Packs {
    /// How the law of a place differs from the whole country's on a day: the law of each place that covers it. A
    /// district has that of its city and province too.
    pub fn local_difference(&self, on: LegalDate, place: PlaceCode) -> LocalDifference<'_> {
        let local = self.in_force(on, Some(place));
        let local = local.into_iter().filter(|pack| pack.instrument.place != PlaceCode::COUNTRY);
        let mut difference = LocalDifference { provisions: Vec::new(), duties: Vec::new(), parameters: Vec::new() };
        for pack in local {
            difference.provisions.extend(pack.provisions.iter().filter(|provision| self.counts(&provision.id)));
            let binds = |duty: &&Duty| duty.from <= on && self.counts(&duty.provision);
            difference.duties.extend(pack.duties.iter().filter(binds));
        }
        let country = self.parameters(on, None);
        for (name, here) in self.parameters(on, Some(place)) {
            let country = country.get(&name);
            if country.is_none_or(|country| country.place != here.place) {
                difference.parameters.push(ParameterDifference { name, country: country.cloned(), here });
            }
        }
        difference
    }
}

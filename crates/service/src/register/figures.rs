use super::reader::RegisterReader;
use crate::port::AlgorithmCount;
use crate::{Service, ServiceError};
use serde::Serialize;
use std::collections::BTreeMap;

/// Counts of people's contests below this are not told: they would tell about persons.
pub(super) const SMALLEST: u64 = 5;

/// What was decided by the versions of an algorithm, as of now. What is too small to be told is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Decisions that were logged under the names of its versions.
    pub decisions: u64,
    /// Decisions that somebody contested.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contested: Option<u64>,
    /// Contests that a person decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<u64>,
    /// Contests after which something was changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<u64>,
    /// Counts below this are absent.
    pub smallest_count: u64,
}

impl Figures {
    fn of(count: &AlgorithmCount) -> Self {
        let told = |count: u64| (count >= SMALLEST || count == 0).then_some(count);
        // What is left must not be small either, or a difference would tell it.
        let left = count.reviewed - count.changed.min(count.reviewed);
        Self {
            decisions: count.decisions,
            contested: told(count.contested),
            reviewed: told(count.reviewed),
            changed: told(count.changed).filter(|_| told(count.reviewed).is_some() && told(left).is_some()),
            smallest_count: SMALLEST,
        }
    }
}

impl Figures {
    /// Of several algorithms together. What one of them leaves out is left out, or the difference would tell it.
    pub(super) fn together(all: &[Self]) -> Self {
        let sum = |of: fn(&Self) -> Option<u64>| all.iter().map(of).sum::<Option<u64>>();
        Self {
            decisions: all.iter().map(|one| one.decisions).sum(),
            contested: sum(|one| one.contested),
            reviewed: sum(|one| one.reviewed),
            changed: sum(|one| one.changed),
            smallest_count: SMALLEST,
        }
    }
}

/// What a provider's algorithms decided, together, by the same published figures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProviderFigures {
    /// Who offers the services.
    pub provider: String,
    /// Algorithms in the register.
    pub algorithms: u64,
    /// Those that are filed now.
    pub filed: u64,
    /// Those with a filing clock that is late.
    pub late: u64,
    /// What was decided by their versions.
    pub figures: Figures,
}

impl Service {
    /// Figures by provider, for everyone: what the register publishes of each algorithm, added up before small counts are
    /// left out.
    pub fn provider_figures(&self) -> Result<Vec<ProviderFigures>, ServiceError> {
        let reader = RegisterReader::new(&*self.store);
        let mut made: BTreeMap<String, (ProviderFigures, Vec<String>)> = BTreeMap::new();
        for algorithm in reader.algorithms()? {
            let view = self.filing_record(&algorithm.id)?;
            let provider = algorithm.description.provider.clone();
            let fresh = ProviderFigures {
                provider: provider.clone(),
                algorithms: 0,
                filed: 0,
                late: 0,
                figures: Figures::default(),
            };
            let (of, names) = made.entry(provider).or_insert_with(|| (fresh, Vec::new()));
            of.algorithms += 1;
            of.filed += u64::from(view.is_filed);
            of.late += u64::from(view.is_late);
            names.extend(reader.versions_of(&algorithm.id)?.into_iter().map(|version| version.id));
        }
        let whole = |(of, names): (ProviderFigures, Vec<String>)| {
            Ok(ProviderFigures { figures: self.figures_of(&names)?, ..of })
        };
        made.into_values().map(whole).collect()
    }

    /// Live figures of versions, together.
    pub(super) fn figures_of(&self, versions: &[String]) -> Result<Figures, ServiceError> {
        self.queue().projector().flush();
        Ok(Figures::of(&self.store.count_algorithms(versions)?))
    }
}

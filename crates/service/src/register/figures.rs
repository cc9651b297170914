use crate::port::AlgorithmCount;
use crate::{Service, ServiceError};
use serde::Serialize;

/// Counts of people's contests below this are not told: they would tell about persons.
const SMALLEST: u64 = 5;

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

impl Service {
    /// Live figures of versions, together.
    pub(super) fn figures_of(&self, versions: &[String]) -> Result<Figures, ServiceError> {
        self.queue().projector().flush();
        Ok(Figures::of(&self.store.count_algorithms(versions)?))
    }
}

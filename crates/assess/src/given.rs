use crate::Service;
use gongdao_model::{FactPath, FactValue};
use std::collections::{BTreeMap, BTreeSet};

/// A rule's facts can vary together in more ways than this only by a slip; then nothing is said about it.
const MOST_CASES: usize = 4_096;

/// One value of each varying fact that matters.
pub(crate) type Case = BTreeMap<FactPath, FactValue>;

/// What is known for every decision of the service, and what varies between them.
#[derive(Debug)]
pub(crate) struct Given {
    fixed: BTreeMap<FactPath, FactValue>,
    varied: BTreeMap<FactPath, Vec<FactValue>>,
}

impl Given {
    /// The service's own facts before the numbers that law sets.
    pub(crate) fn new(service: &Service, parameters: BTreeMap<FactPath, i64>) -> Self {
        let mut fixed: BTreeMap<FactPath, FactValue> =
            parameters.into_iter().map(|(path, value)| (path, FactValue::Long(value))).collect();
        let mut varied = BTreeMap::new();
        for (path, values) in &service.facts {
            match values.iter().collect::<Vec<_>>().as_slice() {
                [] => {}
                [one] => drop(fixed.insert(path.clone(), (*one).clone())),
                several => {
                    fixed.remove(path);
                    varied.insert(path.clone(), several.iter().map(|value| (*value).clone()).collect());
                }
            }
        }
        Self { fixed, varied }
    }

    pub(crate) fn value(&self, path: &FactPath, case: &Case) -> Option<FactValue> {
        case.get(path).or_else(|| self.fixed.get(path)).cloned()
    }

    /// Every way in which the varying ones of `facts` can come together; none where there are too many.
    pub(crate) fn cases<'a>(&self, facts: impl IntoIterator<Item = &'a FactPath>) -> Option<Vec<Case>> {
        let facts: BTreeSet<&FactPath> = facts.into_iter().collect();
        let mut cases = vec![Case::new()];
        for path in facts {
            let Some(values) = self.varied.get(path) else { continue };
            if cases.len().saturating_mul(values.len()) > MOST_CASES {
                return None;
            }
            let with = |case: &Case, value: &FactValue| {
                let mut case = case.clone();
                case.insert(path.clone(), value.clone());
                case
            };
            cases = cases.iter().flat_map(|case| values.iter().map(move |value| with(case, value))).collect();
        }
        Some(cases)
    }
}

/// Values by fact, for instance `ageGroup` minor or under-14: any of them with any of another fact's.
pub type Where = BTreeMap<FactPath, BTreeSet<FactValue>>;

/// Some of all cases, told by the facts that tell them apart; empty where they are all.
pub(crate) fn told(some: &[&Case], all: &[Case], because: &BTreeSet<FactPath>) -> Vec<Where> {
    if some.len() == all.len() {
        return Vec::new();
    }
    let cut = |case: &Case| -> Case {
        case.iter()
            .filter(|(path, _)| because.contains(*path))
            .map(|(path, value)| (path.clone(), value.clone()))
            .collect()
    };
    let cases: BTreeSet<Case> = some.iter().map(|case| cut(case)).collect();
    let mut together = Where::new();
    for (path, value) in cases.iter().flatten() {
        together.entry(path.clone()).or_default().insert(value.clone());
    }
    let product: usize = together.values().map(BTreeSet::len).product();
    if product == cases.len() {
        // A fact that has all its values here tells nothing apart.
        together.retain(|path, values| {
            let every: BTreeSet<&FactValue> = all.iter().filter_map(|case| case.get(path)).collect();
            values.len() < every.len()
        });
        return vec![together];
    }
    let each = |case: Case| case.into_iter().map(|(path, value)| (path, BTreeSet::from([value]))).collect();
    cases.into_iter().map(each).collect()
}

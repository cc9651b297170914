//! A rule set compiled: the steps of all conditions, and what a decision's action, day and place decide.

use crate::KernelError;
use crate::program::{Builder, NodeId, Program};
use gongdao_model::{Entity, FactPath, LegalDate, PlaceCode};
use gongdao_rules::{RuleKind, RuleSet, RuleVersion, Vocabulary};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

/// Rules ready to judge batches. Shared by threads; each has its own [`crate::Judge`].
#[derive(Debug)]
pub struct CompiledRules {
    pub(crate) rules: Arc<RuleSet>,
    pub(crate) program: Arc<Program>,
    pub(crate) steps: Vec<Steps>,
    /// Slots of the program that are numbers set by law.
    pub(crate) parameters: Vec<usize>,
    /// Slots of the program in the order of their paths, which is that of a decision's facts.
    pub(crate) slots_by_path: Vec<usize>,
    pub(crate) slot_of: HashMap<FactPath, usize, foldhash::fast::RandomState>,
    /// Instants at which the law changes, ascending, with their days.
    pub(crate) turning: Vec<(i64, LegalDate)>,
    /// Places whose law differs from the country's.
    pub(crate) places: Vec<PlaceCode>,
}

/// The conditions of one rule version.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    pub(crate) when: Option<NodeId>,
    pub(crate) unless: Option<NodeId>,
    pub(crate) is_basis: bool,
    /// For a demand: the versions of its bases that count under its reading, ascending.
    pub(crate) bases: Option<Vec<usize>>,
}

impl CompiledRules {
    /// Compile every version of a rule set.
    ///
    /// Errors: a condition refers to a fact that the vocabulary does not have, which `RuleSet::load` refuses.
    pub fn new(rules: &RuleSet) -> Result<Self, KernelError> {
        let mut builder = Builder::new(Some(&rules.vocabulary));
        let mut steps = Vec::with_capacity(rules.versions.len());
        for version in &rules.versions {
            let mut step = |tree: &Option<gongdao_rules::Tree>| {
                let id = tree.as_ref().map(|tree| builder.condition(tree)).transpose();
                id.map_err(|message| {
                    let at = format!("{}:{}: {message}", version.file.display(), version.line);
                    KernelError::new(at, "mend the rule; `gongdao pack check` tells more")
                })
            };
            let (when, unless) = (step(&version.when)?, step(&version.unless)?);
            let is_basis = version.is_basis();
            steps.push(Steps { when, unless, is_basis, bases: bases(rules, version) });
        }
        let program = builder.finish();
        let parameters = program.slots.iter().enumerate();
        let parameters = parameters.filter(|(_, slot)| slot.path.entity() == Entity::Parameter);
        let parameters = parameters.map(|(index, _)| index).collect();
        let mut slots_by_path: Vec<usize> = (0..program.slots.len()).collect();
        slots_by_path.sort_by_key(|index| program.slots.get(*index).map(|slot| slot.path.clone()));
        let slot_of = program.slots.iter().enumerate().map(|(index, slot)| (slot.path.clone(), index)).collect();
        let turning = rules.turning_days().into_iter().map(|day| (day.starts_at().millis(), day)).collect();
        let places: BTreeSet<PlaceCode> = rules.places();
        Ok(Self {
            rules: Arc::new(rules.clone()),
            program: Arc::new(program),
            steps,
            parameters,
            slots_by_path,
            slot_of,
            turning,
            places: places.into_iter().collect(),
        })
    }

    /// The rules that were compiled.
    pub fn rules(&self) -> &RuleSet {
        &self.rules
    }

    /// The words of records and rules.
    pub fn vocabulary(&self) -> &Vocabulary {
        &self.rules.vocabulary
    }

    /// The facts that some condition refers to, in the order of their slots.
    pub fn slots(&self) -> impl ExactSizeIterator<Item = &FactPath> {
        self.program.slots.iter().map(|slot| &slot.path)
    }

    /// Slots of the facts that versions refer to, ascending.
    pub(crate) fn slots_of(&self, versions: &[usize]) -> Vec<usize> {
        let versions = versions.iter().filter_map(|version| self.rules.versions.get(*version));
        let facts: BTreeSet<_> = versions.flat_map(|version| &version.facts).collect();
        let slots = self.program.slots.iter().enumerate();
        slots.filter(|(_, slot)| facts.contains(&slot.path)).map(|(index, _)| index).collect()
    }

    /// Steps in the program: equal subexpressions count once.
    pub fn step_count(&self) -> usize {
        self.program.nodes.len()
    }
}

fn bases(rules: &RuleSet, demand: &RuleVersion) -> Option<Vec<usize>> {
    let RuleKind::Demand { .. } = &demand.kind else { return None };
    let versions = rules.versions.iter().enumerate();
    Some(versions.filter(|(_, version)| version.meets(demand)).map(|(index, _)| index).collect())
}

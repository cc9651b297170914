use crate::condition::Condition;
use crate::facts::{self, restricted};
use crate::policy::Compiled;
use crate::version::RuleKind;
use crate::{RuleSet, RulesError};
use cedar_policy::{
    Context, Entities, Entity as CedarEntity, EntityId, EntityTypeName, EntityUid, EvalResult, Request,
    RestrictedExpression, eval_expression,
};
use gongdao_model::{Cause, Entity, FactPath, FactValue, Facts, Instant, LegalDate, Outcome, PlaceCode, ReadingId};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::str::FromStr;
use std::sync::{Arc, PoisonError, RwLock};

/// What one rule version says of one decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// Index into `RuleSet::versions`.
    pub version: usize,
    /// What it says.
    pub outcome: Outcome,
    /// Why, if undetermined.
    pub cause: Option<Cause>,
}

/// The evaluator that every other one is compared with: Cedar's own evaluation of `when` and of `unless`.
#[derive(Debug)]
pub struct Reference {
    rules: Arc<RuleSet>,
    principal: EntityUid,
    resource: EntityUid,
    actions: BTreeMap<String, EntityUid>,
    slices: RwLock<HashMap<SliceKey, Arc<Slice>>>,
}

type SliceKey = (String, LegalDate, Option<PlaceCode>);

/// The versions in force for one action, day and place, with what they need.
#[derive(Debug)]
struct Slice {
    versions: Vec<usize>,
    needed: BTreeSet<FactPath>,
    parameters: BTreeMap<FactPath, FactValue>,
}

/// Days times actions times places that are kept; beyond it the slices are built anew.
const MOST_SLICES: usize = 10_000;

enum Truth {
    True,
    False,
    Unknown(Cause),
}

impl Reference {
    /// An evaluator for all rules of a set.
    pub fn new(rules: &RuleSet) -> Result<Self, RulesError> {
        let actions = rules.vocabulary.actions.keys();
        let actions =
            actions.map(|name| Ok((name.clone(), uid("Action", name)?))).collect::<Result<_, RulesError>>()?;
        Ok(Self {
            rules: Arc::new(rules.clone()),
            principal: uid("Algorithm", "this")?,
            resource: uid("Person", "this")?,
            actions,
            slices: RwLock::default(),
        })
    }

    /// Judge one decision: one entry a version in force, ordered by version index. Parameters that the facts do not
    /// give come from the packs.
    ///
    /// Errors: an unknown action, a fact outside the vocabulary or of another type.
    pub fn judge(
        &self,
        at: Instant,
        action: &str,
        place: Option<PlaceCode>,
        facts: &Facts,
    ) -> Result<Vec<Judged>, RulesError> {
        let Some(action_uid) = self.actions.get(action) else {
            let known = self.actions.keys().cloned().collect::<Vec<_>>().join(", ");
            return Err(RulesError::new(format!("`{action}` is not an action"), format!("use one of {known}")));
        };
        facts::check(&self.rules.vocabulary, facts)?;
        let slice = self.slice(at.date_in_shanghai(), place, action);
        let scene = self.scene(action_uid, &slice, facts)?;
        let mut judged: Vec<Judged> = Vec::with_capacity(slice.versions.len());
        for index in &slice.versions {
            if let Some(rule) = self.rules.compiled.get(*index) {
                let (outcome, cause) = scene.judge(rule);
                judged.push(Judged { version: *index, outcome, cause });
            }
        }
        self.settle_demands(&mut judged);
        Ok(judged)
    }

    fn slice(&self, on: LegalDate, place: Option<PlaceCode>, action: &str) -> Arc<Slice> {
        let key = (action.to_owned(), on, place);
        if let Some(slice) = self.slices.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(slice);
        }
        let versions = self.rules.in_force(on, place, action);
        let rules = versions.iter().filter_map(|index| self.rules.versions.get(*index));
        let needed = rules.flat_map(|version| version.facts.iter().cloned()).collect();
        let parameters = self.rules.parameters(on, place).into_iter();
        let parameters = parameters.map(|(path, value)| (path, FactValue::Long(value))).collect();
        let slice = Arc::new(Slice { versions, needed, parameters });
        let mut slices = self.slices.write().unwrap_or_else(PoisonError::into_inner);
        if slices.len() >= MOST_SLICES {
            slices.clear();
        }
        slices.insert(key, Arc::clone(&slice));
        slice
    }

    fn scene<'a>(&self, action: &EntityUid, slice: &'a Slice, facts: &'a Facts) -> Result<Scene<'a>, RulesError> {
        let (mut algorithm, mut person) = (HashMap::new(), HashMap::new());
        let (mut decision, mut parameters) = (Vec::new(), Vec::new());
        let scene_facts = SceneFacts { facts, slice };
        for path in &slice.needed {
            let Some(value) = scene_facts.value(path) else { continue };
            let pair = (path.name().to_owned(), restricted(value));
            match path.entity() {
                Entity::Algorithm => drop(algorithm.insert(pair.0, pair.1)),
                Entity::Person => drop(person.insert(pair.0, pair.1)),
                Entity::Decision => decision.push(pair),
                Entity::Parameter => parameters.push(pair),
            }
        }
        let record = RestrictedExpression::new_record(parameters).map_err(engine)?;
        decision.push(("parameters".to_owned(), record));
        let context = Context::from_pairs(decision).map_err(engine)?;
        let algorithm = CedarEntity::new(self.principal.clone(), algorithm, HashSet::new()).map_err(engine)?;
        let person = CedarEntity::new(self.resource.clone(), person, HashSet::new()).map_err(engine)?;
        let entities = Entities::from_entities([algorithm, person], None).map_err(engine)?;
        let request = Request::new(self.principal.clone(), action.clone(), self.resource.clone(), context, None)
            .map_err(engine)?;
        Ok(Scene { request, entities, facts: scene_facts })
    }

    /// A demand whose `when` holds is satisfied by one established basis in its reading, undetermined while one could
    /// still be, and violated otherwise.
    fn settle_demands(&self, judged: &mut [Judged]) {
        let bases: Vec<Judged> = judged.iter().filter(|one| self.basis_of(one.version).is_some()).cloned().collect();
        for one in judged.iter_mut().filter(|one| one.outcome == Outcome::Violated) {
            let Some(rule) = self.rules.versions.get(one.version) else { continue };
            let RuleKind::Demand { basis } = &rule.kind else { continue };
            let meets = |other: &&Judged| {
                self.basis_of(other.version).is_some_and(|(of, reading)| {
                    of == basis && (reading.is_none() || reading == rule.key.reading.as_ref())
                })
            };
            let candidates: Vec<&Judged> = bases.iter().filter(meets).collect();
            let undetermined = candidates.iter().find(|other| other.outcome == Outcome::Undetermined);
            if candidates.iter().any(|other| other.outcome == Outcome::Established) {
                one.outcome = Outcome::Satisfied;
            } else if let Some(undetermined) = undetermined {
                one.outcome = Outcome::Undetermined;
                one.cause.clone_from(&undetermined.cause);
            }
        }
    }

    fn basis_of(&self, version: usize) -> Option<(&gongdao_model::ProvisionId, Option<&ReadingId>)> {
        let version = self.rules.versions.get(version)?;
        match &version.kind {
            RuleKind::Basis { basis } => Some((basis, version.key.reading.as_ref())),
            _ => None,
        }
    }
}

fn uid(kind: &str, name: &str) -> Result<EntityUid, RulesError> {
    let kind = EntityTypeName::from_str(kind).map_err(engine)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(name)))
}

fn engine(error: impl std::fmt::Display) -> RulesError {
    RulesError::new(format!("the rule engine refuses the facts: {error}"), "report this with the decision's record")
}

struct SceneFacts<'a> {
    facts: &'a Facts,
    slice: &'a Slice,
}

impl SceneFacts<'_> {
    fn value(&self, path: &FactPath) -> Option<&FactValue> {
        self.facts.value(path).or_else(|| self.slice.parameters.get(path))
    }
}

/// One decision as Cedar sees it.
struct Scene<'a> {
    request: Request,
    entities: Entities,
    facts: SceneFacts<'a>,
}

impl Scene<'_> {
    fn judge(&self, rule: &Compiled) -> (Outcome, Option<Cause>) {
        let when = self.truth(rule.when.as_ref(), true, rule);
        if matches!(rule.version.kind, RuleKind::Basis { .. }) {
            return self.judge_basis(when, rule);
        }
        match when {
            Truth::False => (Outcome::NotApplicable, None),
            Truth::Unknown(cause) => (Outcome::Undetermined, Some(cause)),
            Truth::True => match self.truth(rule.unless.as_ref(), false, rule) {
                Truth::True => (Outcome::Satisfied, None),
                Truth::False => (Outcome::Violated, None),
                Truth::Unknown(cause) => (Outcome::Undetermined, Some(cause)),
            },
        }
    }

    fn judge_basis(&self, when: Truth, rule: &Compiled) -> (Outcome, Option<Cause>) {
        if matches!(when, Truth::False) {
            return (Outcome::NotEstablished, None);
        }
        match (when, self.truth(rule.unless.as_ref(), false, rule)) {
            (_, Truth::True) => (Outcome::NotEstablished, None),
            (Truth::Unknown(cause), _) | (_, Truth::Unknown(cause)) => (Outcome::Undetermined, Some(cause)),
            (_, Truth::False) => (Outcome::Established, None),
        }
    }

    fn truth(&self, condition: Option<&Condition>, without: bool, rule: &Compiled) -> Truth {
        let Some(condition) = condition else {
            return if without { Truth::True } else { Truth::False };
        };
        let Some(expression) = condition.expression() else {
            return Truth::Unknown(Cause::EngineError("the condition does not survive printing".to_owned()));
        };
        match eval_expression(&self.request, &self.entities, expression) {
            Ok(EvalResult::Bool(true)) => Truth::True,
            Ok(EvalResult::Bool(false)) => Truth::False,
            Ok(_) => Truth::Unknown(Cause::EngineError("the condition is neither true nor false".to_owned())),
            Err(error) => {
                let known = |path: &FactPath| self.facts.value(path).is_some();
                Truth::Unknown(facts::cause(&error, &rule.version.facts, &known))
            }
        }
    }
}

//! Any policies of the rule language over any entities, through the same steps as rules: what the kernel is compared with
//! other evaluators by.

use crate::KernelError;
use crate::evaluate::{Input, Machine};
use crate::program::{Builder, NodeId, Program};
use crate::store::Entity;
use crate::value::{Datum, ValueId, Values};
use gongdao_rules::{Constant, PolicyCondition};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A value of a request or of an entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A value without parts.
    Constant(Constant),
    /// Elements in any order, with or without repeats.
    Set(Vec<Value>),
    /// Fields by name.
    Record(BTreeMap<String, Value>),
}

/// An entity that requests may refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Its identifier: [`Constant::Entity`].
    pub id: Constant,
    /// Its attributes.
    pub attributes: BTreeMap<String, Value>,
    /// Its tags.
    pub tags: BTreeMap<String, Value>,
    /// Every entity above it, at any distance.
    pub above: Vec<Constant>,
}

/// Who asks to do what to whom.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The principal: [`Constant::Entity`].
    pub principal: Constant,
    /// The action: [`Constant::Entity`].
    pub action: Constant,
    /// The resource: [`Constant::Entity`].
    pub resource: Constant,
    /// The context: [`Value::Record`].
    pub context: Value,
}

/// The combined answer, as the rule language's specification combines policies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Some `permit` is satisfied, and no `forbid`.
    pub is_allowed: bool,
    /// The policies that decided.
    pub reasons: BTreeSet<String>,
    /// The policies that erred.
    pub errors: BTreeSet<String>,
}

/// Compiled policies.
#[derive(Debug)]
pub struct Policies {
    program: Arc<Program>,
    conditions: Vec<(String, bool, NodeId)>,
}

impl Policies {
    /// Compile the conditions of policies.
    ///
    /// Errors: a policy that cannot be compiled, by its identifier, and why.
    pub fn new(conditions: &[PolicyCondition]) -> Result<Self, KernelError> {
        let mut builder = Builder::new(None);
        let mut compiled = Vec::with_capacity(conditions.len());
        for policy in conditions {
            let step = policy.condition.as_ref().map_err(Clone::clone).and_then(|tree| builder.condition(tree));
            let step = step.map_err(|message| {
                KernelError::new(format!("policy `{}`: {message}", policy.id), "write the policy plainer")
            })?;
            compiled.push((policy.id.clone(), policy.is_permit, step));
        }
        Ok(Self { program: Arc::new(builder.finish()), conditions: compiled })
    }

    /// The answer to each request, all worked out together.
    pub fn answers(&self, entities: &[Described], requests: &[Asked]) -> Vec<Answer> {
        let mut machine = Machine::new(Arc::clone(&self.program));
        describe(&mut machine, entities);
        let values = &mut machine.values;
        let column = |of: fn(&Asked) -> &Constant, values: &mut Values| {
            requests.iter().map(|request| values.constant(of(request))).collect::<Vec<_>>()
        };
        let variables = [
            column(|request| &request.principal, values),
            column(|request| &request.action, values),
            column(|request| &request.resource, values),
            requests.iter().map(|request| intern(&request.context, values)).collect(),
        ];
        let input = Input { rows: requests.len(), facts: Vec::new(), variables: Some(variables) };
        let mut run = machine.run(input);
        let mut permits = vec![BTreeSet::new(); requests.len()];
        let mut forbids = permits.clone();
        let mut errors = permits.clone();
        for (id, is_permit, step) in &self.conditions {
            let truth = run.truth(*step);
            let satisfied = if *is_permit { &mut permits } else { &mut forbids };
            for (_, satisfied) in satisfied.iter_mut().enumerate().filter(|(row, _)| truth.yes.has(*row)) {
                satisfied.insert(id.clone());
            }
            for (_, errors) in errors.iter_mut().enumerate().filter(|(row, _)| truth.at(*row).is_none()) {
                errors.insert(id.clone());
            }
        }
        let all = permits.into_iter().zip(forbids).zip(errors);
        all.map(|((permits, forbids), errors)| {
            let is_allowed = !permits.is_empty() && forbids.is_empty();
            Answer { is_allowed, reasons: if forbids.is_empty() { permits } else { forbids }, errors }
        })
        .collect()
    }
}

fn describe(machine: &mut Machine, entities: &[Described]) {
    for entity in entities {
        let values = &mut machine.values;
        let id = values.constant(&entity.id);
        let mut named = |fields: &BTreeMap<String, Value>| {
            fields.iter().map(|(name, value)| (name.as_str().into(), intern(value, values))).collect()
        };
        let (attributes, tags) = (named(&entity.attributes), named(&entity.tags));
        let above = entity.above.iter().map(|above| values.constant(above)).collect();
        machine.store.insert(id, Entity { attributes, tags, above });
    }
}

fn intern(value: &Value, values: &mut Values) -> ValueId {
    match value {
        Value::Constant(constant) => values.constant(constant),
        Value::Set(elements) => {
            let elements: Vec<ValueId> = elements.iter().map(|element| intern(element, values)).collect();
            values.set(elements)
        }
        Value::Record(fields) => {
            let fields = fields.iter().map(|(name, value)| (name.as_str().into(), intern(value, values)));
            let fields: Vec<(Box<str>, ValueId)> = fields.collect();
            match fields.iter().find(|(_, id)| !id.is_value()) {
                Some((_, fault)) => *fault,
                None => values.id(Datum::Record(fields.into_boxed_slice())),
            }
        }
    }
}

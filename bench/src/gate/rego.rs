//! The same rules in Rego, one package an action, as somebody would slice them who knows that only an action's rules matter.
//!
//! Each package gives the set of violated rule versions. Rego takes what is missing for undefined and `not` for true then,
//! so only decisions on which every rule can be judged are compared.

mod text;

use super::told;
use crate::decisions::Decision;
use gongdao_model::{Entity, FactValue, Facts};
use gongdao_rules::RuleSet;
use regorus::languages::rego::compiler::Compiler;
use regorus::rvm::program::Program;
use regorus::rvm::vm::RegoVM;
use regorus::{CompiledPolicy, Engine, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;
use std::sync::Arc;

/// Policies and inputs, both ready.
pub(super) struct Rego {
    policies: BTreeMap<String, (CompiledPolicy, Arc<Program>)>,
    inputs: Vec<(String, Value)>,
}

impl Rego {
    pub(super) fn new(rules: &RuleSet, decisions: &[Decision]) -> Result<Self, String> {
        let mut policies = BTreeMap::new();
        let mut inputs = Vec::with_capacity(decisions.len());
        for decision in decisions {
            inputs.push((decision.action.clone(), input(&decision.facts)?));
            if policies.contains_key(&decision.action) {
                continue;
            }
            let on = decision.at.date_in_shanghai();
            let versions = rules.in_force(on, None, &decision.action);
            let text = text::package(rules, &decision.action, &versions, &rules.parameters(on, None))?;
            let mut engine = Engine::new();
            engine
                .add_policy(format!("{}.rego", decision.action), text.clone())
                .map_err(|error| format!("{error}\n{text}"))?;
            let entry = format!("data.{}.violated", text::name_of(&decision.action));
            let policy = engine.compile_with_entrypoint(&entry.as_str().into()).map_err(told)?;
            let program =
                Compiler::compile_from_policy(&policy, &[entry.as_str()]).map_err(|error| format!("{error:?}"))?;
            policies.insert(decision.action.clone(), (policy, program));
        }
        Ok(Self { policies, inputs })
    }

    fn each(&self, mut eval: impl FnMut(usize, &str, Value) -> Result<Value, String>) -> Result<(), String> {
        for (row, (action, input)) in self.inputs.iter().enumerate() {
            black_box(eval(row, action, input.clone())?);
        }
        Ok(())
    }

    pub(super) fn interpreted(&self) -> Result<(), String> {
        self.each(|_, action, input| self.interpret(action, input))
    }

    fn interpret(&self, action: &str, input: Value) -> Result<Value, String> {
        let (policy, _) = self.policies.get(action).ok_or("an action without a policy")?;
        policy.eval_with_input(input).map_err(told)
    }

    pub(super) fn machine(&self) -> Result<(), String> {
        let mut machines = self.machines();
        self.each(|_, action, input| execute(&mut machines, action, input))
    }

    fn machines(&self) -> BTreeMap<&str, RegoVM> {
        let machines = self.policies.iter().map(|(action, (policy, program))| {
            let mut machine = RegoVM::new_with_policy(policy.clone());
            machine.load_program(program.clone());
            (action.as_str(), machine)
        });
        machines.collect()
    }

    /// Both ways find the violations that the gate found.
    pub(super) fn same(&self, expected: &[BTreeSet<String>]) -> Result<(), String> {
        let mut machines = self.machines();
        self.each(|row, action, input| {
            let ways = [self.interpret(action, input.clone())?, execute(&mut machines, action, input)?];
            for found in ways {
                let keys: BTreeSet<String> = match &found {
                    Value::Set(keys) => {
                        keys.iter().filter_map(|key| key.as_string().ok()).map(|key| key.to_string()).collect()
                    }
                    _ => BTreeSet::new(),
                };
                if expected.get(row) != Some(&keys) {
                    return Err(format!("{action}: regorus finds {keys:?}, the gate {:?}", expected.get(row)));
                }
            }
            Ok(Value::Null)
        })
    }
}

fn execute(machines: &mut BTreeMap<&str, RegoVM>, action: &str, input: Value) -> Result<Value, String> {
    let machine = machines.get_mut(action).ok_or("an action without a machine")?;
    machine.set_input(input);
    machine.execute().map_err(|error| format!("{error:?}"))
}

fn input(facts: &Facts) -> Result<Value, String> {
    let mut groups: BTreeMap<&str, BTreeMap<&str, &FactValue>> = BTreeMap::new();
    for (path, value) in facts.iter().filter(|(path, _)| path.entity() != Entity::Parameter) {
        groups.entry(path.entity().prefix().trim_end_matches('.')).or_default().insert(path.name(), value);
    }
    let json = serde_json::to_string(&groups).map_err(told)?;
    Value::from_json_str(&json).map_err(told)
}

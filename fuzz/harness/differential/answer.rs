//! Any policies over any entities: the kernel's answers beside the official authorizer's.

use super::policies;
use super::schema::Schema;
use super::values::{Uid, shown};
use super::world::{self, Question, Thing};
use super::{Draw, Tally};
use cedar_policy::{AuthorizationError, Authorizer, Decision, EvaluationError, PolicySet, ValidationMode, Validator};
use gongdao_kernel::{Answer, Asked, Policies};
use gongdao_rules::policy_conditions;
use std::fmt::Write;
use std::str::FromStr;

/// Policies of one world.
const MOST_POLICIES: usize = 9;

/// Draw a schema, policies, entities and `count` requests and compare. Policies that strict validation refuses are
/// counted and left out.
///
/// Errors: a difference, with what reproduces it.
pub(crate) fn compare(draw: &mut Draw<'_>, count: usize, tally: &mut Tally) -> Result<(), String> {
    let schema = Schema::draw(draw);
    let text = schema.text();
    let (official, _) =
        cedar_policy::Schema::from_cedarschema_str(&text).map_err(|error| format!("schema: {error:?}\n{text}"))?;
    // In some worlds policies err more often than valid ones can.
    let is_loose = draw.one_in(5);
    let forbids = draw.pick(&[0, 0, 2, 4]);
    let validator = Validator::new(official.clone());
    let mut policies = Vec::new();
    for _ in 0..3 + draw.below(MOST_POLICIES) {
        let policy = policies::policy(draw, &schema, forbids, is_loose);
        match is_fit(&policy, &validator, is_loose) {
            Ok(()) => policies.push(policy),
            Err(reason) => tally.refused(&reason),
        }
    }
    if policies.is_empty() {
        return Ok(());
    }
    tally.accepted += 1;
    tally.kept += policies.len() as u64;
    let things = world::things(draw, &schema);
    let questions: Vec<Question> = (0..count).map(|_| world::question(draw, &schema)).collect();
    let world = World { schema: &schema, official: &official, policies, things, questions };
    world.compare(draw, tally)
}

fn is_fit(policy: &str, validator: &Validator, is_loose: bool) -> Result<(), String> {
    let set = PolicySet::from_str(policy).map_err(|error| format!("not a policy: {error}: {policy}"))?;
    if is_loose {
        return Ok(());
    }
    let result = validator.validate(&set, ValidationMode::Strict);
    match result.validation_errors().next() {
        Some(error) => Err(error.to_string().replace("for policy `policy0`, ", "")),
        None => Ok(()),
    }
}

#[derive(Clone)]
struct World<'a> {
    schema: &'a Schema,
    official: &'a cedar_policy::Schema,
    policies: Vec<String>,
    things: Vec<Thing>,
    questions: Vec<Question>,
}

impl World<'_> {
    fn compare(&self, draw: &mut Draw<'_>, tally: &mut Tally) -> Result<(), String> {
        let expected = self.expected(&mut |kind| tally.error(kind))?;
        tally.rows += expected.len() as u64;
        tally.pairs += (expected.len() * self.policies.len()) as u64;
        for answer in &expected {
            tally.outcome(match (answer.is_allowed, answer.reasons.is_empty()) {
                (true, _) => "allowed",
                (false, false) => "forbidden",
                (false, true) => "not permitted",
            });
        }
        let compiled = self.compiled()?;
        let described = world::described(self.schema, &self.things);
        let asked: Vec<Asked> = self.questions.iter().map(|question| question.ours(self.schema)).collect();
        let mut order: Vec<usize> = (0..asked.len()).collect();
        let runs: [Vec<Vec<usize>>; 2] = [vec![order.clone(), Vec::new()], {
            draw.shuffle(&mut order);
            draw.cut(&order).into_iter().map(<[usize]>::to_vec).collect()
        }];
        for run in runs.into_iter().flatten() {
            let batch: Vec<Asked> = run.iter().map(|row| asked[*row].clone()).collect();
            let answers = compiled.answers(&described, &batch);
            tally.compared += run.len() as u64;
            let differs = |(at, row): (usize, &usize)| answers.get(at) != Some(&expected[*row]);
            if let Some((at, row)) = run.iter().enumerate().find(|(at, row)| differs((*at, row))) {
                return Err(self.difference(*row, answers.get(at), &expected[*row]));
            }
        }
        Ok(())
    }

    fn text(&self) -> String {
        self.policies.join("\n")
    }

    fn compiled(&self) -> Result<Policies, String> {
        let conditions = policy_conditions(&self.text())?;
        Policies::new(&conditions).map_err(|error| format!("refused: {error}\n{}", self.text()))
    }

    fn expected(&self, errors: &mut dyn FnMut(&str)) -> Result<Vec<Answer>, String> {
        let policies = PolicySet::from_str(&self.text()).map_err(|error| error.to_string())?;
        let entities = world::official_entities(&self.things, self.official)?;
        let authorizer = Authorizer::new();
        let mut answers = Vec::with_capacity(self.questions.len());
        for question in &self.questions {
            let request = question.official(self.schema, self.official)?;
            let response = authorizer.is_authorized(&request, &policies, &entities);
            let found = response.diagnostics().errors().map(|AuthorizationError::PolicyEvaluationError(error)| {
                errors(kind(error.inner()));
                error.policy_id().to_string()
            });
            answers.push(Answer {
                is_allowed: response.decision() == Decision::Allow,
                errors: found.collect(),
                reasons: response.diagnostics().reason().map(ToString::to_string).collect(),
            });
        }
        Ok(answers)
    }

    /// Whether the only request of this world is answered differently.
    fn differs(&self) -> bool {
        let expected = self.expected(&mut |_| {});
        let asked: Vec<Asked> = self.questions.iter().map(|question| question.ours(self.schema)).collect();
        let answers = self.compiled().map(|one| one.answers(&world::described(self.schema, &self.things), &asked));
        answers != expected
    }

    /// The request alone, with as few policies and entities as still give two answers.
    fn difference(&self, row: usize, found: Option<&Answer>, expected: &Answer) -> String {
        let mut least = Self { questions: vec![self.questions[row].clone()], ..self.clone() };
        let is_alone = least.differs();
        if is_alone {
            for at in (0..least.policies.len()).rev() {
                let mut fewer = least.clone();
                fewer.policies.remove(at);
                if fewer.differs() {
                    least = fewer;
                }
            }
            for at in (0..least.things.len()).rev() {
                let mut fewer = least.clone();
                fewer.things.remove(at);
                if fewer.differs() {
                    least = fewer;
                }
            }
        }
        let which = if is_alone { "alone too, with these:" } else { "in its batch only; the whole world:" };
        let mut text =
            format!("request {row}\nkernel:   {found:?}\nofficial: {expected:?}\n{which}\n{}\n", least.text());
        for question in &least.questions {
            let (action, context) = (self.schema.actions[question.action].name, shown(&question.context));
            let (principal, resource) = (question.principal.text(), question.resource.text());
            let _ = writeln!(text, "asked: {principal}, {}, {resource}, {context}", self.schema.action(action));
        }
        for thing in &least.things {
            let parents: Vec<String> = thing.parents.iter().map(Uid::text).collect();
            let (attributes, tags) = (shown(&thing.attributes), shown(&thing.tags));
            let _ = writeln!(text, "{} in [{}] = {attributes} tags {tags}", thing.uid.text(), parents.join(", "));
        }
        text + &self.schema.text()
    }
}

fn kind(error: &EvaluationError) -> &'static str {
    match error {
        EvaluationError::IntegerOverflow(_) => "integer overflow",
        EvaluationError::TypeError(_) => "type error",
        EvaluationError::EntityDoesNotExist(_) => "an entity does not exist",
        EvaluationError::EntityAttrDoesNotExist(_) => "an entity lacks an attribute or a tag",
        EvaluationError::RecordAttrDoesNotExist(_) => "a record lacks an attribute",
        EvaluationError::FailedExtensionFunctionExecution(_) => "an extension function failed",
        _ => "another error",
    }
}

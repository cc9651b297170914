//! Each test's requests, answered and compared.

use crate::convert;
use crate::folder::Folder;
use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Entities, EntityId, EntityTypeName, EntityUid, PolicySet,
    Request, Schema, ValidationMode, Validator,
};
use gongdao_kernel::{Answer, Asked, Policies};
use gongdao_rules::policy_conditions;
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

/// By what a test was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Way {
    Compiled,
    Official,
}

#[derive(Debug, Default)]
pub(crate) struct Report {
    tests: BTreeMap<Way, usize>,
    requests: BTreeMap<Way, usize>,
    erring: usize,
    pub(crate) refused: Vec<String>,
    pub(crate) failures: Vec<String>,
}

impl Report {
    pub(crate) fn count(&self, way: Way) -> usize {
        self.tests.get(&way).copied().unwrap_or(0)
    }

    fn merge(&mut self, other: Self) {
        for (way, count) in other.tests {
            *self.tests.entry(way).or_default() += count;
        }
        for (way, count) in other.requests {
            *self.requests.entry(way).or_default() += count;
        }
        self.erring += other.erring;
        self.refused.extend(other.refused);
        self.failures.extend(other.failures);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (way, tests) in &self.tests {
            writeln!(f, "{way:?}: {tests} tests, {} requests", self.requests.get(way).copied().unwrap_or(0))?;
        }
        writeln!(f, "requests with an erring policy, compiled: {}", self.erring)?;
        write!(f, "refused: {}", self.refused.len())?;
        self.refused.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

pub(crate) fn all(folder: &Folder) -> Report {
    let half = folder.tests.len().div_ceil(2).max(1);
    let mut report = Report::default();
    std::thread::scope(|scope| {
        // The official parser recurses: the corpus holds policies that are nested deep.
        let run = |tests: &[(String, Json)]| {
            let mut report = Report::default();
            for (name, test) in tests {
                one(folder, name, test, &mut report);
            }
            report
        };
        let builder = || std::thread::Builder::new().stack_size(256 << 20);
        let running: Vec<_> =
            folder.tests.chunks(half).map(|tests| builder().spawn_scoped(scope, move || run(tests)).unwrap()).collect();
        for one in running {
            report.merge(one.join().unwrap());
        }
    });
    report
}

struct Test<'a> {
    name: &'a str,
    requests: Vec<Request>,
    asked: Vec<Asked>,
    expected: Vec<Answer>,
}

fn one(folder: &Folder, name: &str, test: &Json, report: &mut Report) {
    let file = |key: &str| {
        let path = test.get(key).and_then(Json::as_str).unwrap_or_else(|| panic!("{name}: no `{key}`"));
        folder.files.get(path).unwrap_or_else(|| panic!("{name}: `{path}` is missing"))
    };
    let (schema, _) = Schema::from_cedarschema_str(file("schema")).unwrap_or_else(|error| panic!("{name}: {error}"));
    let source = file("policies");
    let policies = PolicySet::from_str(source).unwrap_or_else(|error| panic!("{name}: {error}"));
    let entities = Entities::from_json_str(file("entities"), Some(&schema))
        .unwrap_or_else(|error| panic!("{name}: entities: {error}"));
    let test = read(name, test, &schema);
    let is_strict = Validator::new(schema).validate(&policies, ValidationMode::Strict).validation_passed();
    let (way, answers) = if is_strict {
        let compiled =
            policy_conditions(source).and_then(|conditions| Policies::new(&conditions).map_err(|error| error.message));
        match compiled {
            Ok(compiled) => (Way::Compiled, compiled.answers(&convert::entities(&entities), &test.asked)),
            Err(reason) => {
                report.refused.push(format!("{name}: {reason}"));
                return;
            }
        }
    } else {
        (Way::Official, test.requests.iter().map(|request| official(request, &policies, &entities)).collect())
    };
    *report.tests.entry(way).or_default() += 1;
    for (number, (answer, expected)) in answers.iter().zip(&test.expected).enumerate() {
        *report.requests.entry(way).or_default() += 1;
        report.erring += usize::from(way == Way::Compiled && !answer.errors.is_empty());
        if answer != expected {
            let line = format!("{} request {number}, {way:?}: {answer:?}, expected {expected:?}", test.name);
            report.failures.push(line);
        }
    }
}

fn official(request: &Request, policies: &PolicySet, entities: &Entities) -> Answer {
    let response = Authorizer::new().is_authorized(request, policies, entities);
    Answer {
        is_allowed: response.decision() == Decision::Allow,
        reasons: response.diagnostics().reason().map(ToString::to_string).collect(),
        errors: response
            .diagnostics()
            .errors()
            .map(|error| match error {
                AuthorizationError::PolicyEvaluationError(error) => error.policy_id().to_string(),
            })
            .collect(),
    }
}

fn read<'a>(name: &'a str, test: &Json, schema: &Schema) -> Test<'a> {
    let mut read = Test { name, requests: Vec::new(), asked: Vec::new(), expected: Vec::new() };
    for request in test.get("requests").and_then(Json::as_array).unwrap() {
        let uid = |key: &str| {
            let part =
                |part: &str| request.pointer(&format!("/{key}/{part}")).and_then(Json::as_str).unwrap().to_owned();
            EntityUid::from_type_name_and_id(
                EntityTypeName::from_str(&part("type")).unwrap(),
                EntityId::new(part("id")),
            )
        };
        let (principal, action, resource) = (uid("principal"), uid("action"), uid("resource"));
        let json = request.get("context").cloned().unwrap_or_else(|| Json::Object(serde_json::Map::new()));
        let context = Context::from_json_value(json, Some((schema, &action)))
            .unwrap_or_else(|error| panic!("{name}: context: {error}"));
        read.asked.push(Asked {
            principal: convert::uid(&principal),
            action: convert::uid(&action),
            resource: convert::uid(&resource),
            context: convert::context(context.clone()),
        });
        read.requests.push(Request::new(principal, action, resource, context, None).unwrap());
        let words = |key: &str| {
            let list = request.get(key).and_then(Json::as_array).unwrap_or_else(|| panic!("{name}: no `{key}`"));
            list.iter().map(|word| word.as_str().unwrap().to_owned()).collect()
        };
        let decision = request.get("decision").and_then(Json::as_str).unwrap_or_default();
        assert!(["allow", "deny"].contains(&decision), "{name}: `{decision}` is no decision");
        read.expected.push(Answer {
            is_allowed: decision == "allow",
            reasons: words("reason"),
            errors: words("errors"),
        });
    }
    read
}

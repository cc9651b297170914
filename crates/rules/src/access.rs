//! Who may do what, by policies in the language of the rules: the one other thing they are used for. The official authorizer
//! answers; a policy that errs is no answer.

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Display;

/// Policies over callers and things, validated strictly against their schema.
#[derive(Debug)]
pub struct AccessPolicies {
    policies: PolicySet,
    schema: Schema,
    authorizer: Authorizer,
}

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AccessValue {
    /// One word.
    Text(String),
    /// Several words.
    Words(BTreeSet<String>),
}

/// Attributes by name.
pub type AccessAttributes = BTreeMap<&'static str, AccessValue>;

/// Who asks, or what is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessEntity {
    /// Its type in the schema.
    pub kind: &'static str,
    /// Its identifier.
    pub id: String,
    /// What is known of it.
    pub attributes: AccessAttributes,
}

impl AccessPolicies {
    /// Read and validate. Errors: all that is wrong, in words.
    pub fn new(schema: &str, policies: &str) -> Result<Self, String> {
        let (schema, _) = Schema::from_cedarschema_str(schema).map_err(words)?;
        let policies = policies.parse::<PolicySet>().map_err(words)?;
        let result = Validator::new(schema.clone()).validate(&policies, ValidationMode::Strict);
        let errors: Vec<String> = result.validation_errors().map(ToString::to_string).collect();
        if errors.is_empty() && result.validation_passed() {
            return Ok(Self { policies, schema, authorizer: Authorizer::new() });
        }
        Err(errors.join("; "))
    }

    /// Whether it is allowed: some policy permits it, none forbids it, and none erred.
    ///
    /// Errors: the request does not fit the schema; a policy erred. Neither is an allowance.
    pub fn allows(
        &self,
        caller: &AccessEntity,
        action: &str,
        thing: &AccessEntity,
        context: &AccessAttributes,
    ) -> Result<bool, String> {
        let (principal, resource) = (uid(caller.kind, &caller.id)?, uid(thing.kind, &thing.id)?);
        let action = uid("Action", action)?;
        let context = context.iter().map(|(name, value)| ((*name).to_owned(), expression(value)));
        let context = Context::from_pairs(context).map_err(words)?;
        let entities = [(&principal, caller), (&resource, thing)].map(|(uid, entity)| described(uid, entity));
        let entities = entities.into_iter().collect::<Result<Vec<_>, _>>()?;
        let entities = Entities::from_entities(entities, Some(&self.schema)).map_err(words)?;
        let request = Request::new(principal, action, resource, context, Some(&self.schema)).map_err(words)?;
        let response = self.authorizer.is_authorized(&request, &self.policies, &entities);
        // A prohibition that errs is skipped by the authorizer: what it would have forbidden must not pass.
        match response.diagnostics().errors().next() {
            Some(error) => Err(error.to_string()),
            None => Ok(response.decision() == Decision::Allow),
        }
    }
}

fn described(uid: &EntityUid, entity: &AccessEntity) -> Result<Entity, String> {
    let attributes = entity.attributes.iter().map(|(name, value)| ((*name).to_owned(), expression(value)));
    Entity::new(uid.clone(), attributes.collect::<HashMap<_, _>>(), HashSet::new()).map_err(words)
}

fn expression(value: &AccessValue) -> RestrictedExpression {
    match value {
        AccessValue::Text(text) => RestrictedExpression::new_string(text.clone()),
        AccessValue::Words(words) => {
            RestrictedExpression::new_set(words.iter().cloned().map(RestrictedExpression::new_string))
        }
    }
}

fn uid(kind: &str, id: &str) -> Result<EntityUid, String> {
    let kind = kind.parse::<EntityTypeName>().map_err(words)?;
    Ok(EntityUid::from_type_name_and_id(kind, EntityId::new(id)))
}

fn words(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: &str = "
        entity Caller = { roles: Set<String> };
        entity Thing = { owner: String };
        action read appliesTo { principal: [Caller], resource: [Thing], context: { depth: Long } };
        action write appliesTo { principal: [Caller], resource: [Thing] };";

    fn entity(kind: &'static str, name: &'static str, value: AccessValue) -> AccessEntity {
        AccessEntity { kind, id: "one".to_owned(), attributes: [(name, value)].into() }
    }

    #[test]
    fn what_no_policy_permits_or_one_forbids_or_errs_on_is_not_allowed() {
        let staff = entity("Caller", "roles", AccessValue::Words(["staff".to_owned()].into()));
        let guest = entity("Caller", "roles", AccessValue::Words(BTreeSet::new()));
        let thing = entity("Thing", "owner", AccessValue::Text("x".to_owned()));
        let none = AccessAttributes::new();
        let permit =
            r#"permit (principal, action == Action::"write", resource) when { principal.roles.contains("staff") };"#;
        let forbid = r#"forbid (principal, action, resource) when { resource.owner == "x" };"#;
        let overflow =
            r#"forbid (principal, action == Action::"write", resource) when { 9223372036854775807 + 1 == 0 };"#;
        for (policies, caller, wanted) in [
            (permit.to_owned(), &staff, Ok(true)),
            (permit.to_owned(), &guest, Ok(false)),
            (format!("{permit}{forbid}"), &staff, Ok(false)),
            (String::new(), &staff, Ok(false)),
            (format!("{permit}{overflow}"), &staff, Err(())),
        ] {
            let access = AccessPolicies::new(SCHEMA, &policies).unwrap();
            assert_eq!(access.allows(caller, "write", &thing, &none).map_err(|_| ()), wanted, "{policies}");
            assert!(access.allows(caller, "delete", &thing, &none).is_err(), "an action that the schema lacks");
        }
        assert!(AccessPolicies::new(SCHEMA, "permit (principal, action, resource) when { principal.role };").is_err());
    }
}

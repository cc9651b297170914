//! Facts on their way into Cedar's values, and the name of a missing one on its way back.

use crate::{RulesError, Vocabulary};
use cedar_policy::{EvaluationError, RestrictedExpression};
use gongdao_model::{Cause, Entity, FactPath, FactType, FactValue, Facts};

/// Refuse facts that the vocabulary does not have, or has with another type.
pub(crate) fn check(vocabulary: &Vocabulary, facts: &Facts) -> Result<(), RulesError> {
    for (path, value) in facts.iter() {
        let Some(declaration) = vocabulary.facts.get(path) else {
            let hint = "use a fact of packs/vocabulary.cedarschema";
            return Err(RulesError::new(format!("`{path}` is not in the vocabulary"), hint).about(path));
        };
        if declaration.fact_type != value.fact_type() {
            let message = format!(
                "`{path}` is of type {} and not {}",
                declaration.fact_type.cedar_name(),
                value.fact_type().cedar_name()
            );
            let hint = match declaration.fact_type {
                FactType::Bool => "write true or false",
                FactType::Long => "write a whole number without quotes",
                FactType::Text => "write one text in quotes",
                FactType::TextSet => "write a list of texts",
            };
            return Err(RulesError::new(message, hint).about(path));
        }
    }
    Ok(())
}

pub(crate) fn restricted(value: &FactValue) -> RestrictedExpression {
    match value {
        FactValue::Bool(value) => RestrictedExpression::new_bool(*value),
        FactValue::Long(value) => RestrictedExpression::new_long(*value),
        FactValue::Text(value) => RestrictedExpression::new_string(value.clone()),
        FactValue::TextSet(words) => {
            RestrictedExpression::new_set(words.iter().map(|word| RestrictedExpression::new_string(word.clone())))
        }
    }
}

/// What an evaluation error says in our words: the fact that nobody recorded, or the engine's own message.
///
/// Cedar names the absent attribute in backticks at the end of its message; the rule's own references tell whose
/// attribute it is. INVARIANT: the vocabulary never has one name both in `Decision` and in `Parameters`.
pub(crate) fn cause(error: &EvaluationError, referenced: &[FactPath], known: &dyn Fn(&FactPath) -> bool) -> Cause {
    let words = error.to_string();
    let among: &[Entity] = match error {
        EvaluationError::EntityAttrDoesNotExist(_) if words.starts_with("`Algorithm::") => &[Entity::Algorithm],
        EvaluationError::EntityAttrDoesNotExist(_) if words.starts_with("`Person::") => &[Entity::Person],
        EvaluationError::RecordAttrDoesNotExist(_) => &[Entity::Decision, Entity::Parameter],
        _ => &[],
    };
    let name = words.trim_end_matches('`').rsplit('`').next().unwrap_or_default();
    let missing = referenced.iter().find(|path| path.name() == name && among.contains(&path.entity()) && !known(path));
    match missing {
        Some(path) => Cause::MissingFact(path.clone()),
        None => Cause::EngineError(words),
    }
}

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
        if let Some(word) = declaration.unknown_word(value) {
            let message = format!("`{path}` cannot be `{word}`");
            return Err(RulesError::new(message, format!("use one of {}", declaration.listed_words())).about(path));
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

/// What an evaluation error says in our words: the fact that nobody recorded, or the kind of the engine's error.
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
        None => Cause::EngineError(without_values(error, &words).to_owned()),
    }
}

/// One wording an error's kind, whatever the record holds: causes are counted, and a million corrupt rows must not make a
/// million of them. Cedar writes the operands of an overflow at its end; a type error names types only.
fn without_values<'a>(error: &EvaluationError, words: &'a str) -> &'a str {
    match error {
        EvaluationError::IntegerOverflow(_) => words.split(" the value").next().unwrap_or("integer overflow"),
        EvaluationError::TypeError(_) => words,
        EvaluationError::EntityAttrDoesNotExist(_) | EvaluationError::RecordAttrDoesNotExist(_) => {
            "an attribute that is no fact of the rule is absent"
        }
        EvaluationError::EntityDoesNotExist(_) => "an entity does not exist",
        EvaluationError::FailedExtensionFunctionLookup(_) => "an extension function does not exist",
        EvaluationError::WrongNumArguments(_) => "an extension function has too few or too many arguments",
        EvaluationError::FailedExtensionFunctionExecution(_) => "an extension function failed",
        EvaluationError::RecursionLimit(_) => "the condition is nested too deep",
        _ => "the condition has no value",
    }
}

#[cfg(test)]
mod tests {
    use super::cause;
    use cedar_policy::{Context, Entities, EvaluationError, Expression, Request, eval_expression};
    use gongdao_model::Cause;

    fn error_of(condition: &str) -> EvaluationError {
        let [principal, action, resource] =
            ["Algorithm::\"this\"", "Action::\"price\"", "Person::\"this\""].map(|uid| uid.parse().unwrap());
        let request = Request::new(principal, action, resource, Context::empty(), None).unwrap();
        let condition: Expression = condition.parse().unwrap();
        eval_expression(&request, &Entities::empty(), &condition).unwrap_err()
    }

    fn check(condition: &str, words: &str) {
        let error = error_of(condition);
        let expected = Cause::EngineError(words.to_owned());
        assert_eq!(cause(&error, &[], &|_| false), expected, "{condition}: {error}");
    }

    #[test]
    fn the_words_of_an_error_hold_nothing_of_the_record() {
        check("9223372036854775807 + 1 > 0", "integer overflow while attempting to add");
        check("9223372036854775806 + 2 > 0", "integer overflow while attempting to add");
        check("-9223372036854775808 - 1 > 0", "integer overflow while attempting to subtract");
        check("9223372036854775807 * 3 > 0", "integer overflow while attempting to multiply");
        check("-(-9223372036854775808) > 0", "integer overflow while attempting to negate");
        check("\"secret\" > 1", "type error: expected long, got string");
        check("decimal(\"secret\").lessThan(decimal(\"1.0\"))", "an extension function failed");
        check("context.secret", "an attribute that is no fact of the rule is absent");
        check("resource.secret", "an entity does not exist");
    }
}

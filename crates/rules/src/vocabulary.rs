use crate::nesting;
use cedar_policy::{Schema, SchemaFragment};
use gongdao_model::{Entity, FactPath, FactType, FactValue};
use gongdao_pack::{Problem, SourceText};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// Words for people, in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labels {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Who vouches for a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// Read off the event itself.
    Observed,
    /// Computed from events.
    Derived,
    /// The operator's own claim.
    Asserted,
}

/// What the vocabulary says of a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FactDeclaration {
    /// Its type.
    pub fact_type: FactType,
    /// Who vouches for it.
    pub grade: Grade,
    /// Its unit, for numbers.
    pub unit: Option<String>,
    /// The words that it can have; empty where any will do. Another word is a slip, and a slip is unknown, never "no".
    pub words: BTreeSet<String>,
    /// What it says, Chinese.
    pub zh: String,
    /// What it says, English.
    pub en: String,
}

impl FactDeclaration {
    /// The first word of a value that the fact cannot have.
    pub fn unknown_word<'a>(&self, value: &'a FactValue) -> Option<&'a str> {
        let is_unknown = |word: &&str| !self.words.is_empty() && !self.words.contains(*word);
        match value {
            FactValue::Text(word) => Some(word.as_str()).filter(is_unknown),
            FactValue::TextSet(words) => words.iter().map(String::as_str).find(is_unknown),
            FactValue::Bool(_) | FactValue::Long(_) => None,
        }
    }

    /// The words that it can have, as a hint lists them.
    pub fn listed_words(&self) -> String {
        self.words.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
    }
}

/// The words that rules and records share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vocabulary {
    /// The actions.
    pub actions: BTreeMap<String, Labels>,
    /// The facts.
    pub facts: BTreeMap<FactPath, FactDeclaration>,
}

/// The vocabulary and the schema that policies are validated against.
pub(crate) fn read(source: &SourceText) -> Result<(Vocabulary, Schema), Vec<Problem>> {
    let refuse = |message: String| vec![Problem::error(&source.path, None, message).hint("mend the vocabulary first")];
    nesting::of_vocabulary(&source.text).map_err(refuse)?;
    let (fragment, _) = SchemaFragment::from_cedarschema_str(&source.text)
        .map_err(|error| refuse(format!("the vocabulary is not a Cedar schema: {error}")))?;
    let json =
        fragment.clone().to_json_value().map_err(|error| refuse(format!("cannot read the vocabulary: {error}")))?;
    let schema = Schema::from_schema_fragments([fragment])
        .map_err(|error| refuse(format!("the vocabulary does not hold together: {error}")))?;
    let mut problems = Vec::new();
    let vocabulary = walk(&json, source, &mut problems);
    if problems.is_empty() { Ok((vocabulary, schema)) } else { Err(problems) }
}

fn walk(json: &Value, source: &SourceText, problems: &mut Vec<Problem>) -> Vocabulary {
    let mut facts = BTreeMap::new();
    let shapes = [
        (Entity::Algorithm, "/entityTypes/Algorithm/shape/attributes"),
        (Entity::Person, "/entityTypes/Person/shape/attributes"),
        (Entity::Decision, "/commonTypes/Decision/attributes"),
        (Entity::Parameter, "/commonTypes/Parameters/attributes"),
    ];
    let namespace = json.get("").unwrap_or(&Value::Null);
    for (entity, pointer) in shapes {
        let Some(attributes) = namespace.pointer(pointer).and_then(Value::as_object) else {
            let message = format!("the vocabulary has no `{}` attributes", entity.prefix());
            let hint = "it needs the entities Algorithm and Person and the types Decision and Parameters";
            problems.push(Problem::error(&source.path, None, message).hint(hint));
            continue;
        };
        for (name, attribute) in attributes {
            if entity == Entity::Decision && name == "parameters" {
                continue;
            }
            match declare(entity, name, attribute) {
                Ok((path, declaration)) => {
                    facts.insert(path, declaration);
                }
                Err(message) => problems.push(
                    Problem::error(&source.path, line_of_attribute(&source.text, name), message)
                        .hint("give each attribute @zh, @en and @grade and one of the four types"),
                ),
            }
        }
    }
    refuse_shared_names(&facts, source, problems);
    let actions = namespace.pointer("/actions").and_then(Value::as_object).map(read_actions).unwrap_or_default();
    Vocabulary { actions, facts }
}

/// A missing attribute is reported by its name alone, so one name must not stand both in the decision and below
/// `parameters`.
fn refuse_shared_names(facts: &BTreeMap<FactPath, FactDeclaration>, source: &SourceText, problems: &mut Vec<Problem>) {
    for path in facts.keys().filter(|path| path.entity() == Entity::Parameter) {
        let shared = facts.keys().any(|other| other.entity() == Entity::Decision && other.name() == path.name());
        if shared {
            let message = format!("`{}` is both a fact of the decision and a parameter", path.name());
            let line = line_of_attribute(&source.text, path.name());
            problems.push(Problem::error(&source.path, line, message).hint("give one of them another name"));
        }
    }
}

fn line_of_attribute(text: &str, name: &str) -> Option<usize> {
    let start = format!("{name}:");
    text.lines().position(|line| line.trim_start().starts_with(&start)).map(|index| index + 1)
}

fn read_actions(actions: &Map<String, Value>) -> BTreeMap<String, Labels> {
    let labels = |action: &Value, name: &str| Labels {
        zh: annotation(action, "zh").unwrap_or(name).to_owned(),
        en: annotation(action, "en").unwrap_or(name).to_owned(),
    };
    actions.iter().map(|(name, action)| (name.clone(), labels(action, name))).collect()
}

fn annotation<'a>(value: &'a Value, name: &str) -> Option<&'a str> {
    value.get("annotations")?.get(name)?.as_str()
}

fn declare(entity: Entity, name: &str, attribute: &Value) -> Result<(FactPath, FactDeclaration), String> {
    let path = FactPath::new(entity, name).map_err(|error| error.message)?;
    let fact_type = fact_type(attribute).ok_or_else(|| format!("`{path}` has a type that facts cannot have"))?;
    let need = |key: &str| annotation(attribute, key).ok_or_else(|| format!("`{path}` has no `@{key}`"));
    let grade = match need("grade")? {
        "observed" => Grade::Observed,
        "derived" => Grade::Derived,
        "asserted" => Grade::Asserted,
        other => return Err(format!("`{other}` is not a grade of `{path}`")),
    };
    let unit = annotation(attribute, "unit").map(str::to_owned);
    let words: BTreeSet<String> =
        annotation(attribute, "words").unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    if !words.is_empty() && !matches!(fact_type, FactType::Text | FactType::TextSet) {
        return Err(format!("`{path}` has `@words` and is no text"));
    }
    let declaration =
        FactDeclaration { fact_type, grade, unit, words, zh: need("zh")?.to_owned(), en: need("en")?.to_owned() };
    Ok((path, declaration))
}

fn fact_type(attribute: &Value) -> Option<FactType> {
    let word = |value: &Value| {
        let kind = value.get("type")?.as_str()?;
        let name = if kind == "EntityOrCommon" { value.get("name")?.as_str()? } else { kind };
        Some(name.trim_start_matches("__cedar::").to_owned())
    };
    match word(attribute)?.as_str() {
        "Bool" | "Boolean" => Some(FactType::Bool),
        "Long" => Some(FactType::Long),
        "String" => Some(FactType::Text),
        "Set" => (word(attribute.get("element")?)? == "String").then_some(FactType::TextSet),
        _ => None,
    }
}

//! A rule that a version declares so that it can be run: what an outcome is made of, by an expression or a model.

mod prepared;

pub use prepared::{Explained, PreparedRule, RuleRegion};

use crate::RegisterError;
use crate::text::{NAME_CHARS, said, short};
use gongdao_merkle::decode_base64;
use gongdao_model::{FactPath, FactValue};
use gongdao_score::{Expression, Kind, Model};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Factors of a rule at most. Up to 14 the shares are exact whatever the rule; for more its terms must add up.
const MOST_FACTORS: usize = 60;
/// Values of one factor that are tried at most.
const MOST_TRIED: i64 = 1_000;
/// Characters of a model in base64 at most: 192 KiB.
const MODEL_CHARS: usize = 262_144;
/// Numbers that a float keeps exactly.
const EXACT: i64 = 1 << 53;

/// A rule that can be run: it gives the outcome of a decision from facts of its record.
///
/// Members stand in the order of their names, so that its JSON without blanks is what the version's digest is over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredRule {
    /// Which outcomes are better for the person.
    pub better: Better,
    /// What the outcome is, English.
    pub en: String,
    /// The rule as one SQL value over the factors (docs/register.md); or a model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// What it weighs.
    pub factors: Vec<RuleFactor>,
    /// What has to change at least for a change to be worth telling, in units of the outcome.
    #[serde(default = "one")]
    pub least_change: i64,
    /// The rule as a model; or an expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onnx: Option<OnnxRule>,
    /// The fact that is the outcome: a whole number, or yes and no (1 and 0).
    pub outcome: FactPath,
    /// The outcome's unit, its smallest: `fen`, `minutes`.
    pub unit: String,
    /// What the outcome is, Chinese.
    pub zh: String,
}

fn one() -> i64 {
    1
}

/// Which outcomes are better for the person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Better {
    /// Greater ones: pay.
    Higher,
    /// Smaller ones: a price.
    Lower,
}

/// Something that the rule weighs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleFactor {
    /// What it is compared with, as published. Its kind is the factor's.
    pub baseline: RuleValue,
    /// What the person can do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub can: Option<Can>,
    /// Of a set of words: the word that is asked for; the factor is then yes or no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// What it is, English.
    pub en: String,
    /// The fact of the record.
    pub fact: FactPath,
    /// Its name in the rule: small letters, digits and `_`.
    pub name: String,
    /// The unit of a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The values that are tried to find what would have changed the outcome; of yes and no both are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<Tried>,
    /// What it is, Chinese.
    pub zh: String,
}

/// What the person can do about a factor. Of others nothing is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Can {
    /// Have it corrected where it is wrong.
    Correct,
    /// Choose it.
    Influence,
}

impl Can {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Correct => "correct",
            Self::Influence => "influence",
        }
    }
}

/// A value of a factor.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RuleValue {
    /// Yes or no.
    Truth(bool),
    /// A whole number of the fact's unit.
    Number(i64),
    /// A word.
    Text(String),
}

impl RuleValue {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Truth(_) => Kind::Truth,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
        }
    }
}

/// Which values are tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Tried {
    /// Numbers.
    Numbers {
        /// The first.
        from: i64,
        /// From one to the next.
        step: i64,
        /// None beyond this.
        to: i64,
    },
    /// Words.
    Words(BTreeSet<String>),
}

/// A model, with its digest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnnxRule {
    /// The output's column, from 0.
    #[serde(default)]
    pub column: usize,
    /// SHA-256 of the file: `sha256:…`.
    pub digest: String,
    /// Factors by input, in the model's order.
    pub inputs: BTreeMap<String, Vec<String>>,
    /// The file, in base64.
    pub model: String,
    /// The output.
    pub output: String,
}

impl DeclaredRule {
    /// Errors: names, numbers and words out of their limits; an expression or model that cannot be run over the factors; a
    /// model of another digest.
    pub fn check(&self) -> Result<(), RegisterError> {
        said("rule.zh", &self.zh, NAME_CHARS)?;
        said("rule.en", &self.en, NAME_CHARS)?;
        said("rule.unit", &self.unit, 40)?;
        if !(1..=EXACT).contains(&self.least_change) {
            return Err(RegisterError::new("`rule.least_change` is out of range", "give 1 or more units"));
        }
        if !(1..=MOST_FACTORS).contains(&self.factors.len()) {
            let hint = format!("name 1 to {MOST_FACTORS} factors");
            return Err(RegisterError::new("`rule.factors` is empty or too long", hint));
        }
        let mut names = BTreeSet::new();
        for factor in &self.factors {
            factor.check()?;
            if !names.insert(factor.name.as_str()) {
                let message = format!("the factor `{}` of the rule stands twice", factor.name);
                return Err(RegisterError::new(message, "name each once"));
            }
            if factor.fact == self.outcome {
                let message = format!("the outcome `{}` is a factor of itself", self.outcome);
                return Err(RegisterError::new(message, "leave it out of the factors"));
            }
        }
        PreparedRule::open(self).map(drop)
    }

    /// SHA-256 of its JSON without blanks, members by name: `sha256:…`.
    pub fn digest(&self) -> String {
        // Texts, numbers and lists of them can always be written.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("sha256:{:x}", Sha256::digest(json.as_bytes()))
    }

    /// What it weighs of a decision, in the factors' order.
    ///
    /// Errors: the facts that nobody recorded, or not as the rule needs them.
    pub fn values<'a>(
        &self,
        known: impl Fn(&FactPath) -> Option<&'a FactValue>,
    ) -> Result<Vec<RuleValue>, BTreeSet<FactPath>> {
        let mut missing = BTreeSet::new();
        let mut values = Vec::with_capacity(self.factors.len());
        for factor in &self.factors {
            match known(&factor.fact).and_then(|value| factor.value(value)) {
                Some(value) => values.push(value),
                None => {
                    missing.insert(factor.fact.clone());
                }
            }
        }
        if missing.is_empty() { Ok(values) } else { Err(missing) }
    }
}

impl RuleFactor {
    fn check(&self) -> Result<(), RegisterError> {
        let is_name = |name: &str| {
            name.len() <= 60
                && name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        };
        if !is_name(&self.name) {
            let message = format!("`{}` is no name of a factor of a rule", self.name.escape_debug());
            return Err(RegisterError::new(message, "use small letters, digits and `_`, at most 60, a letter first"));
        }
        said("rule.factors.zh", &self.zh, NAME_CHARS)?;
        said("rule.factors.en", &self.en, NAME_CHARS)?;
        short("rule.factors.unit", self.unit.as_deref().unwrap_or_default(), 40)?;
        if let Some(word) = &self.contains {
            said("rule.factors.contains", word, NAME_CHARS)?;
        }
        let refused = |what: &str, hint: &str| {
            Err(RegisterError::new(format!("{what} of the factor `{}` does not fit", self.name), hint))
        };
        let is_exact = |number: i64| (-EXACT..=EXACT).contains(&number);
        match &self.baseline {
            RuleValue::Number(number) if !is_exact(*number) => return refused("the baseline", "give up to 2^53"),
            RuleValue::Text(text) => said("rule.factors.baseline", text, NAME_CHARS)?,
            _ => {}
        }
        if self.contains.is_some() && self.baseline.kind() != Kind::Truth {
            return refused("the baseline", "with `contains` it is `true` or `false`");
        }
        match (&self.values, self.baseline.kind()) {
            (None, _) => Ok(()),
            (Some(_), _) if self.can.is_none() => refused("`values`", "say with `can` what the person can do about it"),
            (Some(Tried::Numbers { from, step, to }), Kind::Number) => {
                let fits = *step > 0 && from <= to && is_exact(*from) && is_exact(*to);
                if fits && (to - from) / step < MOST_TRIED {
                    return Ok(());
                }
                refused("`values`", "go from `from` to `to` in steps above 0, 1,000 at most")
            }
            (Some(Tried::Words(words)), Kind::Text) if (1..=100).contains(&words.len()) => {
                words.iter().try_for_each(|word| said("rule.factors.values", word, NAME_CHARS))
            }
            (Some(_), _) => refused("`values`", "give `from`, `to`, `step` for numbers, 1 to 100 words for text"),
        }
    }

    /// What a fact is to the rule; nothing where it is of another kind.
    fn value(&self, fact: &FactValue) -> Option<RuleValue> {
        match (fact, self.baseline.kind(), &self.contains) {
            (FactValue::TextSet(words), Kind::Truth, Some(word)) => Some(RuleValue::Truth(words.contains(word))),
            (FactValue::Bool(truth), Kind::Truth, None) => Some(RuleValue::Truth(*truth)),
            (FactValue::Long(number), Kind::Number, None) if (-EXACT..=EXACT).contains(number) => {
                Some(RuleValue::Number(*number))
            }
            (FactValue::Text(text), Kind::Text, None) => Some(RuleValue::Text(text.clone())),
            _ => None,
        }
    }
}

impl OnnxRule {
    fn open(&self, factors: &[RuleFactor]) -> Result<Model, RegisterError> {
        short("rule.onnx.model", &self.model, MODEL_CHARS)?;
        let bytes = decode_base64(&self.model)
            .map_err(|_| RegisterError::new("`rule.onnx.model` is no base64", "give the file in base64 (RFC 4648)"))?;
        let found = format!("sha256:{:x}", Sha256::digest(&bytes));
        if found != self.digest {
            let message = format!("the model's digest is `{found}`, and declared is `{}`", self.digest.escape_debug());
            return Err(RegisterError::new(message, "give the file that was published, or declare its digest"));
        }
        let model = Model::read(&bytes).map_err(from_score)?;
        model.check_output(&self.output).map_err(from_score)?;
        if let Some(text) = factors.iter().find(|factor| factor.baseline.kind() == Kind::Text) {
            let message = format!("the factor `{}` is text, and a model takes numbers", text.name);
            return Err(RegisterError::new(message, "declare an expression, or leave it out"));
        }
        for input in model.inputs() {
            let fed = self.inputs.get(&input.name).map(Vec::len);
            if fed.is_none() || input.width.is_some_and(|width| Some(width) != fed) {
                let message = format!("input `{}` of the model does not get its factors", input.name);
                return Err(RegisterError::new(message, "name them under `inputs`, as many as it takes, in its order"));
            }
        }
        let is_known = |name: &String| factors.iter().any(|factor| factor.name == *name);
        if let Some(name) = self.inputs.values().flatten().find(|name| !is_known(name)) {
            let message = format!("`{}` is no declared factor", name.escape_debug());
            return Err(RegisterError::new(message, "name factors of the rule under `inputs`"));
        }
        if let Some(name) = self.inputs.keys().find(|name| model.inputs().iter().all(|input| input.name != **name)) {
            let message = format!("the model has no input `{}`", name.escape_debug());
            return Err(RegisterError::new(message, "name the inputs as the model does"));
        }
        Ok(model)
    }
}

fn expression(text: &str, factors: &[RuleFactor]) -> Result<Expression, RegisterError> {
    let named: Vec<(String, Kind)> =
        factors.iter().map(|factor| (factor.name.clone(), factor.baseline.kind())).collect();
    Expression::read(text, &named).map_err(from_score)
}

fn from_score(error: gongdao_score::ScoreError) -> RegisterError {
    RegisterError::new(format!("the rule cannot be run: {}", error.message), error.hint)
}

//! The parts of a checked decision, each read alone: a receipt shows one of them.

use super::columns::{malformed, read_facts, read_optional, read_word};
use crate::ServiceError;
use gongdao_gate::{ActionSettings, Contradiction, Directive, RegisterHold, StateFacts};
use gongdao_ledger::{Value, read_decision, read_fact};
use gongdao_model::{DecisionRecord, Instant};

/// What the group about the person says: schema `gongdao/check/1`.
#[derive(Debug, Clone, PartialEq)]
pub struct AskedPart {
    /// What was handed in, without the algorithm, which is another part.
    pub request: DecisionRecord,
    /// The moment whose state was seen.
    pub state_at: Instant,
    /// Facts of the person's state.
    pub person: StateFacts,
    /// Numbers that the law sets.
    pub parameters: StateFacts,
    /// Where the state has something else than what was handed in.
    pub contradictions: Vec<Contradiction>,
}

/// What the group about the answer says: schema `gongdao/evaluation/1`.
#[derive(Debug, Clone, PartialEq)]
pub struct ToldPart {
    /// Digest of the answer; none where the gate was off.
    pub answer: Option<String>,
    /// What the caller was told to do.
    pub effect: Directive,
    /// What it would have been told in the mode `enforce`.
    pub enforced: Directive,
    /// It goes on although a rule could not be judged.
    pub flagged: bool,
    /// The settings it was answered under.
    pub settings: ActionSettings,
    /// Facts of the algorithm's state.
    pub algorithm: StateFacts,
}

/// Errors: other columns than those of `gongdao/check/1`.
pub fn read_asked(columns: &[Value]) -> Result<AskedPart, ServiceError> {
    let (Some(own), Some([Value::Int(state_at), person, parameters, Value::List(contradictions)])) =
        (columns.get(..6), columns.get(6..))
    else {
        return Err(malformed());
    };
    let request = read_decision(own)?;
    let read = contradictions.iter().map(|value| read_contradiction(value, &request));
    let contradictions = read.collect::<Result<_, _>>()?;
    Ok(AskedPart {
        state_at: Instant::from_millis(*state_at)?,
        person: read_facts(person)?,
        parameters: read_facts(parameters)?,
        contradictions,
        request,
    })
}

/// Errors: other columns than those of `gongdao/evaluation/1`.
pub fn read_told(columns: &[Value]) -> Result<ToldPart, ServiceError> {
    let [
        answer,
        Value::Text(effect),
        Value::Text(enforced),
        Value::Bool(flagged),
        Value::Text(mode),
        Value::Text(on_unknown),
        Value::Bool(enforce_provisional),
        algorithm,
    ] = columns
    else {
        return Err(malformed());
    };
    Ok(ToldPart {
        answer: read_optional(answer)?,
        effect: read_word(effect)?,
        enforced: read_word(enforced)?,
        flagged: *flagged,
        settings: ActionSettings {
            mode: read_word(mode)?,
            on_unknown: read_word(on_unknown)?,
            enforce_provisional: *enforce_provisional,
        },
        algorithm: read_facts(algorithm)?,
    })
}

/// Errors: other columns than those of `gongdao/register/1`.
pub fn read_hold(columns: &[Value]) -> Result<RegisterHold, ServiceError> {
    match columns {
        [Value::Text(why)] => read_word(why),
        _ => Err(malformed()),
    }
}

/// What the caller gave stands in the request.
fn read_contradiction(value: &Value, request: &DecisionRecord) -> Result<Contradiction, ServiceError> {
    let Some([Value::Text(path), held]) = value.as_list() else { return Err(malformed()) };
    let fact = path.parse()?;
    let given = request.facts.value(&fact).ok_or_else(malformed)?.clone();
    let held = if *held == Value::Null { None } else { Some(read_fact(held)?) };
    Ok(Contradiction { fact, given, held })
}

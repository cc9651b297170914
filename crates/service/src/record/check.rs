use super::columns::{facts, malformed, read_facts, read_word, word};
use super::{Group, decision_of};
use crate::ServiceError;
use gongdao_gate::{ActionSettings, Checked, Contradiction, InTrial, Seen, Shared, StateFacts, Told};
use gongdao_ledger::{Draft, DraftGroup, Value, fact_value, read_fact};
use gongdao_model::{DecisionRecord, Instant};

/// The group of the person whom a check was about: the six columns of `gongdao/decision/1` as they were handed in, and what
/// the gate's state had of the person.
pub const CHECK_SCHEMA: &str = "gongdao/check/1";
/// The group about nobody: what was answered.
pub const EVALUATION_SCHEMA: &str = "gongdao/evaluation/1";
/// The group about nobody that says what an answer's digest stands for, as a whole.
pub const ANSWER_SCHEMA: &str = "gongdao/answer/1";
/// The same, in the letters of a frame.
pub const BRIEF_SCHEMA: &str = "gongdao/answer/2";
/// The group about nobody that says what a frame's digest stands for.
pub const FRAME_SCHEMA: &str = "gongdao/frame/1";
/// The group about nobody that says why the register does not let the version decide; only where it does not.
pub const REGISTER_SCHEMA: &str = "gongdao/register/1";
/// The group about nobody that names the trial whose version decides, and why it does not let it; only where there is one.
pub const TRIAL_SCHEMA: &str = "gongdao/trial/1";

/// A check as the ledger has it.
#[derive(Debug, Clone, PartialEq)]
pub struct LoggedCheck {
    /// What was asked.
    pub request: DecisionRecord,
    /// Digest of the answer; none where the gate was off.
    pub answer: Option<String>,
    /// What was answered, without the answer that the digest names.
    pub checked: Checked,
}

/// Complete the draft of a decision with what was answered. `meanings` say what its answer is, as far as the ledger does not have it
/// yet.
pub(crate) fn check_draft(mut draft: Draft, checked: &Checked, meanings: &[Meaning]) -> Draft {
    if let Some(group) = draft.groups.get_mut(1) {
        CHECK_SCHEMA.clone_into(&mut group.schema);
        group.columns.extend([
            Value::Int(checked.state_at.millis()),
            facts(&checked.seen.person),
            facts(&checked.seen.parameters),
            Value::List(checked.contradictions.iter().map(contradiction).collect()),
        ]);
    }
    let settings = checked.settings;
    let columns = vec![
        checked.answer.as_ref().map_or(Value::Null, |answer| Value::Text(answer.digest().to_owned())),
        word(&checked.effect),
        word(&checked.enforced),
        Value::Bool(checked.flagged),
        word(&settings.mode),
        word(&settings.on_unknown),
        Value::Bool(settings.enforce_provisional),
        facts(&checked.seen.algorithm),
    ];
    draft.groups.push(DraftGroup { person: None, schema: EVALUATION_SCHEMA.to_owned(), columns });
    if let Some(why) = &checked.register {
        let columns = vec![word(why)];
        draft.groups.push(DraftGroup { person: None, schema: REGISTER_SCHEMA.to_owned(), columns });
    }
    if let Some(trial) = &checked.trial {
        let columns = vec![Value::Text(trial.id.clone()), trial.hold.as_ref().map_or(Value::Null, word)];
        draft.groups.push(DraftGroup { person: None, schema: TRIAL_SCHEMA.to_owned(), columns });
    }
    draft.groups.extend(meanings.iter().map(Meaning::group));
    draft
}

/// What a digest stands for: an answer, or what the answers under one law have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meaning {
    schema: &'static str,
    pub(crate) digest: String,
    pub(crate) json: String,
}

impl Meaning {
    /// Those that an answer needs and that are not known yet, the frame first.
    pub(crate) fn unknown(answer: &Told, is_known: impl Fn(&str) -> bool) -> Result<Vec<Self>, ServiceError> {
        if is_known(answer.digest()) {
            return Ok(Vec::new());
        }
        let digest = answer.digest().to_owned();
        let Some((brief, frame)) = answer.brief() else {
            let json = serde_json::to_string(answer).map_err(ServiceError::storage)?;
            return Ok(vec![Self { schema: ANSWER_SCHEMA, digest, json }]);
        };
        let json = serde_json::to_string(brief).map_err(ServiceError::storage)?;
        let brief = Self { schema: BRIEF_SCHEMA, digest, json };
        if is_known(&frame.digest) {
            return Ok(vec![brief]);
        }
        let frame = Self { schema: FRAME_SCHEMA, digest: frame.digest.clone(), json: frame.json.clone() };
        Ok(vec![frame, brief])
    }

    fn group(&self) -> DraftGroup {
        let columns = vec![Value::Text(self.digest.clone()), Value::Text(self.json.clone())];
        DraftGroup { person: None, schema: self.schema.to_owned(), columns }
    }
}

/// Digest and JSON of each answer and frame that a row carries.
pub fn meanings_of(groups: &[(String, Vec<Value>)]) -> impl Iterator<Item = (&str, &str)> {
    groups.iter().filter_map(|(schema, columns)| match (schema.as_str(), columns.as_slice()) {
        (ANSWER_SCHEMA | BRIEF_SCHEMA | FRAME_SCHEMA, [Value::Text(digest), Value::Text(json)]) => {
            Some((digest.as_str(), json.as_str()))
        }
        _ => None,
    })
}

/// The check of a row; nothing where it has none, or its content was erased.
///
/// Errors: other columns than those of the schemas.
pub(crate) fn read_check(groups: &[Group]) -> Result<Option<LoggedCheck>, ServiceError> {
    let columns = |wanted: &str| groups.iter().find(|(schema, _)| schema == wanted).map(|(_, columns)| columns);
    let (Some(own), Some(evaluation)) = (columns(CHECK_SCHEMA), columns(EVALUATION_SCHEMA)) else { return Ok(None) };
    let Some(request) = decision_of(groups)? else { return Ok(None) };
    let Some([Value::Int(state_at), person, parameters, Value::List(contradictions)]) = own.get(6..) else {
        return Err(malformed());
    };
    let [
        answer,
        Value::Text(effect),
        Value::Text(enforced),
        Value::Bool(flagged),
        Value::Text(mode),
        Value::Text(on_unknown),
        Value::Bool(enforce_provisional),
        algorithm,
    ] = evaluation.as_slice()
    else {
        return Err(malformed());
    };
    let shared = |value: &Value| -> Result<Shared<StateFacts>, ServiceError> { Ok(Shared::new(read_facts(value)?)) };
    let read = contradictions.iter().map(|value| read_contradiction(value, &request));
    let checked = Checked {
        decision: request.id.clone(),
        at: request.at,
        state_at: Instant::from_millis(*state_at)?,
        effect: read_word(effect)?,
        enforced: read_word(enforced)?,
        flagged: *flagged,
        settings: ActionSettings {
            mode: read_word(mode)?,
            on_unknown: read_word(on_unknown)?,
            enforce_provisional: *enforce_provisional,
        },
        answer: None,
        seen: Seen { person: shared(person)?, algorithm: shared(algorithm)?, parameters: shared(parameters)? },
        contradictions: read.collect::<Result<_, _>>()?,
        register: match columns(REGISTER_SCHEMA).map(Vec::as_slice) {
            None => None,
            Some([Value::Text(why)]) => Some(read_word(why)?),
            Some(_) => return Err(malformed()),
        },
        trial: trial_of(groups)?,
    };
    Ok(Some(LoggedCheck { answer: super::columns::read_optional(answer)?, request, checked }))
}

/// The trial that a row names, whether or not the person's part of it was erased.
///
/// Errors: other columns than those of the schema.
pub(crate) fn trial_of(groups: &[Group]) -> Result<Option<InTrial>, ServiceError> {
    let found = groups.iter().find(|(schema, _)| schema == TRIAL_SCHEMA).map(|(_, columns)| columns.as_slice());
    match found {
        None => Ok(None),
        Some([Value::Text(id), hold]) => {
            let hold = match hold {
                Value::Null => None,
                Value::Text(hold) => Some(read_word(hold)?),
                _ => return Err(malformed()),
            };
            Ok(Some(InTrial { id: id.clone(), hold }))
        }
        Some(_) => Err(malformed()),
    }
}

fn contradiction(found: &Contradiction) -> Value {
    let held = found.held.as_ref().map_or(Value::Null, fact_value);
    Value::List(vec![Value::Text(found.fact.to_string()), held])
}

/// What the caller gave stands in the request.
fn read_contradiction(value: &Value, request: &DecisionRecord) -> Result<Contradiction, ServiceError> {
    let Some([Value::Text(path), held]) = value.as_list() else { return Err(malformed()) };
    let fact = path.parse()?;
    let given = request.facts.value(&fact).ok_or_else(malformed)?.clone();
    let held = if *held == Value::Null { None } else { Some(read_fact(held)?) };
    Ok(Contradiction { fact, given, held })
}

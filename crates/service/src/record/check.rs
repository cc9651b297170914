use super::columns::{facts, malformed, read_word};
use super::parts::{read_asked, read_hold, read_told};
use super::{Group, decision_of};
use crate::ServiceError;
use gongdao_gate::{Checked, Contradiction, InTrial, Seen, Shared, Told};
use gongdao_ledger::{Columns, Value, Written, WrittenDecision};
use gongdao_model::DecisionRecord;

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

/// A decision with what was answered. `meanings` say what its answer is, as far as the ledger does not have it yet.
pub(crate) fn written_check(decision: WrittenDecision, checked: &Checked, meanings: &[Meaning]) -> Written {
    let mut written = decision.under(CHECK_SCHEMA, 4, |columns| {
        columns.int(checked.state_at.millis());
        facts(columns, &checked.seen.person);
        facts(columns, &checked.seen.parameters);
        columns.list(checked.contradictions.len());
        checked.contradictions.iter().for_each(|found| contradiction(columns, found));
    });
    let settings = checked.settings;
    written.group(EVALUATION_SCHEMA, 8, |columns| {
        columns.optional(checked.answer.as_ref().map(Told::digest));
        columns.text(checked.effect.as_str());
        columns.text(checked.enforced.as_str());
        columns.bool(checked.flagged);
        columns.text(settings.mode.as_str());
        columns.text(settings.on_unknown.as_str());
        columns.bool(settings.enforce_provisional);
        facts(columns, &checked.seen.algorithm);
    });
    if let Some(why) = &checked.register {
        written.group(REGISTER_SCHEMA, 1, |columns| columns.text(why.as_str()));
    }
    if let Some(trial) = &checked.trial {
        written.group(TRIAL_SCHEMA, 2, |columns| {
            columns.text(&trial.id);
            columns.optional(trial.hold.map(gongdao_gate::TrialHold::as_str));
        });
    }
    for Meaning { schema, digest, json } in meanings {
        written.group(schema, 2, |columns| {
            columns.text(digest);
            columns.text(json);
        });
    }
    written
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
    let (asked, told) = (read_asked(own)?, read_told(evaluation)?);
    let checked = Checked {
        decision: request.id.clone(),
        at: request.at,
        state_at: asked.state_at,
        effect: told.effect,
        enforced: told.enforced,
        flagged: told.flagged,
        settings: told.settings,
        answer: None,
        seen: Seen {
            person: Shared::new(asked.person),
            algorithm: Shared::new(told.algorithm),
            parameters: Shared::new(asked.parameters),
        },
        contradictions: asked.contradictions,
        register: columns(REGISTER_SCHEMA).map(|columns| read_hold(columns)).transpose()?,
        trial: trial_of(groups)?,
    };
    Ok(Some(LoggedCheck { answer: told.answer, request, checked }))
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

fn contradiction(columns: &mut Columns<'_>, found: &Contradiction) {
    columns.list(2);
    columns.path(&found.fact);
    match &found.held {
        Some(held) => columns.fact(held),
        None => columns.null(),
    }
}

//! A decision record as the groups of an entry: schemas `gongdao/algorithm/1` and `gongdao/decision/1`
//! (docs/formats/ledger-decision.md).

use crate::cbor::{Value, write_bool, write_int, write_joined, write_list, write_optional, write_text};
use crate::draft::Loggable;
use crate::{Draft, DraftGroup, EntryKind, LedgerError, PersonId};
use gongdao_model::{DecisionRecord, FactPath, FactValue, Facts, Instant, ModelError, PlaceCode};

/// The group that concerns nobody: the algorithm.
pub const ALGORITHM_SCHEMA: &str = "gongdao/algorithm/1";
/// The group of the person decided about: everything else, for place and time point to someone too.
pub const DECISION_SCHEMA: &str = "gongdao/decision/1";

/// The draft of a decision. A decision about no named person has the second group too, without a person: it cannot be found
/// or erased by person.
///
/// Errors: a pseudonym above 255 bytes.
pub fn decision_draft(record: &DecisionRecord) -> Result<Draft, LedgerError> {
    let text = |text: &Option<String>| text.clone().map_or(Value::Null, Value::Text);
    let person = record.person.as_deref().map(str::parse::<PersonId>).transpose()?;
    let facts =
        record.facts.iter().map(|(path, value)| Value::List(vec![Value::Text(path.to_string()), fact_value(value)]));
    let algorithm =
        DraftGroup { person: None, schema: ALGORITHM_SCHEMA.to_owned(), columns: vec![text(&record.algorithm)] };
    let columns = vec![
        Value::Text(record.id.to_string()),
        Value::Int(record.at.millis()),
        Value::Text(record.action.clone()),
        text(&record.place.map(String::from)),
        text(&record.person),
        Value::List(facts.collect()),
    ];
    let decision = DraftGroup { person, schema: DECISION_SCHEMA.to_owned(), columns };
    Ok(Draft { kind: EntryKind::Decision, groups: vec![algorithm, decision] })
}

/// The same as its draft, without making it.
impl Loggable for DecisionRecord {
    fn kind(&self) -> EntryKind {
        EntryKind::Decision
    }

    fn check(&self) -> Result<(), LedgerError> {
        // What the draft refuses too.
        self.person.as_deref().map_or(Ok(()), |person| person.parse::<PersonId>().map(drop))
    }

    fn groups(&self) -> usize {
        2
    }

    fn person(&self, group: usize) -> Option<&str> {
        self.person.as_deref().filter(|_| group == 1)
    }

    fn write(&self, group: usize, to: &mut Vec<u8>) {
        if group == 0 {
            write_list(to, 2);
            write_text(to, ALGORITHM_SCHEMA);
            return write_optional(to, self.algorithm.as_deref());
        }
        write_list(to, 7);
        write_text(to, DECISION_SCHEMA);
        write_columns(self, to);
    }
}

/// The six columns of the second group.
pub(crate) fn write_columns(record: &DecisionRecord, to: &mut Vec<u8>) {
    write_text(to, record.id.as_str());
    write_int(to, record.at.millis());
    write_text(to, &record.action);
    write_optional(to, record.place.as_ref().map(PlaceCode::as_str));
    write_optional(to, record.person.as_deref());
    write_list(to, record.facts.len());
    for (path, value) in record.facts.iter() {
        write_list(to, 2);
        write_path(to, path);
        write_fact(to, value);
    }
}

pub(crate) fn write_path(to: &mut Vec<u8>, path: &FactPath) {
    write_joined(to, [path.entity().prefix(), path.name()]);
}

pub(crate) fn write_fact(to: &mut Vec<u8>, value: &FactValue) {
    match value {
        FactValue::Bool(is) => write_bool(to, *is),
        FactValue::Long(number) => write_int(to, *number),
        FactValue::Text(text) => write_text(to, text),
        FactValue::TextSet(words) => {
            write_list(to, words.len());
            for word in words {
                write_text(to, word);
            }
        }
    }
}

/// The decision out of the columns of its second group, without the algorithm, which stands in the first.
///
/// Errors: other columns than the schema's; what a decision record refuses.
pub fn read_decision(columns: &[Value]) -> Result<DecisionRecord, LedgerError> {
    let [Value::Text(id), Value::Int(at), Value::Text(action), place, person, Value::List(facts)] = columns else {
        return Err(malformed());
    };
    let text = |value: &Value| match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text.clone())),
        _ => Err(malformed()),
    };
    let facts = facts.iter().map(|fact| match fact.as_list() {
        Some([Value::Text(path), value]) => Ok((path.parse().map_err(refused)?, read_fact(value)?)),
        _ => Err(malformed()),
    });
    Ok(DecisionRecord {
        id: id.parse().map_err(refused)?,
        at: Instant::from_millis(*at).map_err(refused)?,
        action: action.clone(),
        place: text(place)?.map(|place| place.parse()).transpose().map_err(refused)?,
        algorithm: None,
        person: text(person)?,
        facts: facts.collect::<Result<Facts, LedgerError>>()?,
    })
}

/// The value of a fact as a column has it.
pub fn fact_value(value: &FactValue) -> Value {
    match value {
        FactValue::Bool(is) => Value::Bool(*is),
        FactValue::Long(number) => Value::Int(*number),
        FactValue::Text(text) => Value::Text(text.clone()),
        FactValue::TextSet(words) => Value::List(words.iter().cloned().map(Value::Text).collect()),
    }
}

/// The fact of a column's value. Errors: no fact has such a value.
pub fn read_fact(value: &Value) -> Result<FactValue, LedgerError> {
    match value {
        Value::Bool(is) => Ok(FactValue::Bool(*is)),
        Value::Int(number) => Ok(FactValue::Long(*number)),
        Value::Text(text) => Ok(FactValue::Text(text.clone())),
        Value::List(words) => {
            let words = words.iter().map(|word| word.as_text().map(str::to_owned).ok_or_else(malformed));
            Ok(FactValue::TextSet(words.collect::<Result<_, _>>()?))
        }
        Value::Null | Value::Bytes(_) => Err(malformed()),
    }
}

fn malformed() -> LedgerError {
    LedgerError::evidence("the columns are not those of a decision", "see docs/formats/ledger-decision.md")
}

fn refused(error: ModelError) -> LedgerError {
    LedgerError::evidence(
        error.message,
        "the record was logged by another program or version; see docs/formats/decision.md",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_comes_back_from_its_group_and_the_first_group_names_nobody() {
        for json in [
            r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"dispatch"}"#,
            r#"{"id":"单-1","at":"2024-05-01T12:00:00.5Z","action":"price","place":"110000","algorithm":"dispatch-v7",
                "person":"p-1","principal":{"filed":true},"resource":{"consents":["b","a"],"ageGroup":"adult"},
                "context":{"parameters":{"hourlyMinimumWageFen":2640},"continuousMinutes":-241}}"#,
        ] {
            let record: DecisionRecord = serde_json::from_str(json).unwrap();
            let draft = decision_draft(&record).unwrap();
            let algorithm = record.algorithm.clone();
            assert_eq!(draft.groups[0].columns, [algorithm.clone().map_or(Value::Null, Value::Text)]);
            assert_eq!(draft.groups[1].person.as_ref().map(PersonId::as_str), record.person.as_deref());
            let read = read_decision(&draft.groups[1].columns).unwrap();
            for group in 0..2 {
                let (mut own, mut of_draft) = (Vec::new(), Vec::new());
                record.write(group, &mut own);
                Loggable::write(&draft, group, &mut of_draft);
                assert_eq!((own, Loggable::person(&record, group)), (of_draft, Loggable::person(&draft, group)));
            }
            assert_eq!(DecisionRecord { algorithm, ..read }, record);
        }
    }

    #[test]
    fn other_columns_are_refused() {
        let good =
            decision_draft(&serde_json::from_str(r#"{"id":"d","at":"2024-05-01T12:00:00Z","action":"a"}"#).unwrap())
                .unwrap();
        for (place, value) in
            [(0, Value::Int(1)), (1, Value::Int(1)), (3, Value::Text("x".to_owned())), (5, Value::Null)]
        {
            let mut columns = good.groups[1].columns.clone();
            columns[place] = value;
            assert!(read_decision(&columns).is_err(), "{place}");
        }
    }
}

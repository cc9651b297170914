//! Single numbers out of a decision's group, without the rest of it made: whoever adds up thousands of decisions needs few of their
//! facts.

use crate::LedgerError;
use crate::cbor::{Item, Reader};

/// Columns of a decision before its facts (docs/formats/ledger-decision.md).
const BEFORE_FACTS: usize = 5;

/// The whole numbers that a group's bytes have for some facts, in the order of the paths, like `context.payFen`; a fact that is
/// missing, or is no number, has none. Nothing where the group is of none of the schemas, each of which begins with the columns of
/// `gongdao/decision/1`.
///
/// Errors: bytes that are no such group.
pub fn decision_numbers<const N: usize>(
    bytes: &[u8],
    schemas: &[&str],
    paths: [&str; N],
) -> Result<Option<[Option<i64>; N]>, LedgerError> {
    let mut from = Reader::new(bytes);
    let (Item::List(_), Item::Text(schema)) = (from.item()?, from.item()?) else { return Err(malformed()) };
    if !schemas.contains(&schema) {
        return Ok(None);
    }
    for _ in 0..BEFORE_FACTS {
        skip(&mut from, 1)?;
    }
    let Item::List(facts) = from.item()? else { return Err(malformed()) };
    let mut numbers = [None; N];
    for _ in 0..facts {
        let (Item::List(2), Item::Text(path)) = (from.item()?, from.item()?) else { return Err(malformed()) };
        let wanted = paths.iter().position(|wanted| *wanted == path).and_then(|place| numbers.get_mut(place));
        match from.item()? {
            Item::Int(number) => {
                if let Some(place) = wanted {
                    *place = Some(number);
                }
            }
            Item::List(count) => skip(&mut from, count)?,
            _ => {}
        }
    }
    Ok(Some(numbers))
}

/// Step over so many values with all that is in them.
fn skip(from: &mut Reader<'_>, count: u64) -> Result<(), LedgerError> {
    // Each value takes a byte, so a count that lies ends with the bytes.
    let mut left = count;
    while left > 0 {
        left -= 1;
        if let Item::List(count) = from.item()? {
            left = left.saturating_add(count);
        }
    }
    Ok(())
}

fn malformed() -> LedgerError {
    LedgerError::evidence("the columns are not those of a decision", "see docs/formats/ledger-decision.md")
}

#[cfg(test)]
mod tests {
    use super::decision_numbers;
    use crate::{DECISION_SCHEMA, Value, decision_draft, group_bytes};

    #[test]
    fn numbers_are_those_of_the_whole_decision() {
        let json = r#"{"id":"d-1","at":"2024-05-01T12:00:00+08:00","action":"pay","place":"110000","person":"p-1",
            "resource":{"consents":["b","a"],"ageGroup":"adult","payFen":1},
            "context":{"parameters":{"hourlyMinimumWageFen":2640},"payFen":-7,"personalised":true,"workedMinutes":90}}"#;
        let draft = decision_draft(&serde_json::from_str(json).unwrap()).unwrap();
        let group = |at: usize| group_bytes(&draft.groups[at].schema, draft.groups[at].columns.clone());
        let paths = ["context.payFen", "context.waitingMinutes", "context.workedMinutes", "context.personalised"];
        let read = |bytes: &[u8], schema| decision_numbers(bytes, &["other", schema], paths);
        assert_eq!(read(&group(1), DECISION_SCHEMA).unwrap(), Some([Some(-7), None, Some(90), None]));
        assert_eq!(read(&group(0), DECISION_SCHEMA).unwrap(), None, "the part about the algorithm");
        assert_eq!(read(&group(1), "gongdao/check/1").unwrap(), None);
        let whole = group(1);
        for end in 0..whole.len() {
            assert!(read(&whole[..end], DECISION_SCHEMA).is_err(), "cut at byte {end}");
        }
        for columns in [vec![], vec![Value::Null; 6], vec![Value::Null, Value::Int(1)]] {
            assert!(read(&group_bytes(DECISION_SCHEMA, columns), DECISION_SCHEMA).is_err());
        }
    }
}

//! The records: dispatch decisions with six facts, about 300 bytes as JSON, drawn by number.

use gongdao_ledger::{ALGORITHM_SCHEMA, DECISION_SCHEMA, Draft, DraftGroup, EntryKind, LedgerError, Value};

/// Columns of one record, for those who store them as columns.
pub(crate) struct Record {
    pub(crate) id: String,
    /// Seconds since 1970.
    pub(crate) at: i64,
    pub(crate) action: &'static str,
    pub(crate) place: &'static str,
    pub(crate) person: String,
    is_filed: bool,
    minutes: u64,
    metres: u64,
    fen: u64,
}

pub(crate) const ALGORITHM: &str = "dispatch-v7";
/// 2026-05-01T00:00:00Z.
const FIRST: u64 = 1_777_593_600;

/// One of `below` numbers, as unpredictable for a compressor as an order's is (splitmix64).
fn some(number: u64, which: u64, below: u64) -> u64 {
    let mut mixed = number.wrapping_mul(8).wrapping_add(which).wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    (mixed ^ (mixed >> 31)) % below.max(1)
}

impl Record {
    pub(crate) fn of(number: u64, persons: u64) -> Self {
        let at = FIRST + number / 1000 * 60 + some(number, 0, 60);
        Self {
            id: format!("order-{:010}", number * 3 + some(number, 1, 3)),
            at: i64::try_from(at).unwrap_or(i64::MAX),
            action: if some(number, 2, 5) == 0 { "price" } else { "dispatch" },
            place: if some(number, 3, 2) == 0 { "110000" } else { "310000" },
            person: format!("worker-{}", some(number, 4, persons)),
            is_filed: some(number, 5, 9) != 0,
            minutes: some(number, 6, 500),
            metres: some(number, 7, 9000),
            fen: some(number, 9, 5000),
        }
    }

    /// The facts as three objects, without the brackets around them.
    pub(crate) fn facts(&self) -> String {
        let Self { is_filed, minutes, metres, fen, .. } = self;
        format!(
            "\"principal\":{{\"filed\":{is_filed},\"ageGroup\":\"adult\"}},\
             \"resource\":{{\"consents\":[\"location\",\"photo\"]}},\
             \"context\":{{\"continuousMinutes\":{minutes},\"distanceMetres\":{metres},\"amountFen\":{fen}}}"
        )
    }

    /// One line of NDJSON, as docs/formats/decision.md has it.
    pub(crate) fn line(&self) -> String {
        let Self { id, action, place, person, .. } = self;
        let (at, facts) = (self.time(), self.facts());
        format!(
            "{{\"id\":\"{id}\",\"at\":\"{at}\",\"action\":\"{action}\",\"place\":\"{place}\",\
             \"algorithm\":\"{ALGORITHM}\",\"person\":\"{person}\",{facts}}}\n"
        )
    }

    fn time(&self) -> String {
        let (days, seconds) = (self.at.div_euclid(86_400), self.at.rem_euclid(86_400));
        // Days since 1970 to a date (H. Hinnant, "chrono-compatible low-level date algorithms", civil_from_days).
        let shifted = days + 719_468;
        let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let day_of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, year) = if month < 10 { (month + 3, year) } else { (month - 9, year + 1) };
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", year + era * 400)
    }

    /// What [`gongdao_ledger::decision_draft`] makes of the line, without reading it.
    pub(crate) fn draft(&self) -> Result<(String, Draft), LedgerError> {
        let text = |text: &str| Value::Text(text.to_owned());
        let fact = |path: &str, value: Value| Value::List(vec![Value::Text(path.to_owned()), value]);
        let number = |number: u64| Value::Int(i64::try_from(number).unwrap_or(i64::MAX));
        let facts = vec![
            fact("principal.ageGroup", text("adult")),
            fact("principal.filed", Value::Bool(self.is_filed)),
            fact("resource.consents", Value::List(vec![text("location"), text("photo")])),
            fact("context.amountFen", number(self.fen)),
            fact("context.continuousMinutes", number(self.minutes)),
            fact("context.distanceMetres", number(self.metres)),
        ];
        let algorithm =
            DraftGroup { person: None, schema: ALGORITHM_SCHEMA.to_owned(), columns: vec![text(ALGORITHM)] };
        let columns = vec![
            text(&self.id),
            Value::Int(self.at.saturating_mul(1000)),
            text(self.action),
            text(self.place),
            text(&self.person),
            Value::List(facts),
        ];
        let decision = DraftGroup { person: Some(self.person.parse()?), schema: DECISION_SCHEMA.to_owned(), columns };
        Ok((self.id.clone(), Draft { kind: EntryKind::Decision, groups: vec![algorithm, decision] }))
    }
}

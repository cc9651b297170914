//! Dates, amounts and periods as people of a language write them.

use gongdao_i18n::Words;
use gongdao_model::{Instant, LegalDate};

const DAY_MILLIS: i64 = 86_400_000;
const SHANGHAI_MILLIS: i64 = 8 * 3_600_000;

/// The time of day in Asia/Shanghai, `18:05`.
pub(crate) fn clock_time(at: Instant) -> String {
    let minutes = (at.millis() + SHANGHAI_MILLIS).rem_euclid(DAY_MILLIS) / 60_000;
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// A day, `2026年11月27日` or `27 Nov 2026`.
///
/// Errors: a text of the catalogue is missing, which a test excludes.
pub(crate) fn day_text(day: LegalDate, words: Words<'_>) -> Result<String, String> {
    let text = day.to_string();
    let part = |range: std::ops::Range<usize>| text.get(range).unwrap_or_default().trim_start_matches('0').to_owned();
    let (year, month, day) = (part(0..4), part(5..7), part(8..10));
    let month = words.say(&format!("page.month.{month}"), &[]).map_err(|error| error.message)?;
    let values = [("year", year.as_str()), ("month", month.as_str()), ("day", day.as_str())];
    words.say("page.value.day", &values).map_err(|error| error.message)
}

/// A number with its unit; cents of the yuan as yuan.
pub(crate) fn money_or_number(number: i64, unit: Option<&str>, words: Words<'_>) -> Result<String, String> {
    match unit {
        None => Ok(number.to_string()),
        Some("fen") => {
            let sign = if number < 0 { "−" } else { "" };
            let fen = number.unsigned_abs();
            Ok(format!("{sign}¥{}.{:02}", fen / 100, fen % 100))
        }
        Some(unit) => {
            // Units that the catalogue does not know stand as they are.
            let name = words.say(&format!("unit.{unit}"), &[]).unwrap_or_else(|_| unit.to_owned());
            let values = [("number", number.to_string()), ("unit", name)];
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            words.say("page.value.amount", &values).map_err(|error| error.message)
        }
    }
}

/// `15 working days` in the language of the page.
pub(crate) fn period(text: &str, words: Words<'_>) -> Result<String, String> {
    match text.parse() {
        Ok(period) => gongdao_clock::period_text(period, words).map_err(|error| error.message),
        Err(_) => Ok(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{clock_time, day_text, money_or_number, period};
    use gongdao_i18n::{Catalogue, Language};

    #[test]
    fn days_amounts_and_periods_are_written_as_people_write_them() {
        let catalogue = Catalogue::embedded().unwrap();
        let rows = [
            (Language::Zh, "2026年3月9日", "−¥0.05", "1900 米", "15 个工作日"),
            (Language::En, "9 Mar 2026", "−¥0.05", "1900 metres", "15 working days"),
        ];
        for (language, day, money, metres, days) in rows {
            let words = catalogue.words(language);
            assert_eq!(day_text("2026-03-09".parse().unwrap(), words).unwrap(), day);
            assert_eq!(money_or_number(-5, Some("fen"), words).unwrap(), money);
            assert_eq!(money_or_number(1900, Some("metres"), words).unwrap(), metres);
            assert_eq!(period("15 working days", words).unwrap(), days);
        }
        // Half past midnight in Shanghai is the day before in UTC.
        assert_eq!(clock_time("2026-03-08T16:30:00Z".parse().unwrap()), "00:30");
    }
}

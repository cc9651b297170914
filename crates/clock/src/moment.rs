use crate::ClockError;
use gongdao_model::{Instant, LegalDate};

/// A moment as people write it: a date (its midnight in UTC+8), or a time with its offset, with or without seconds.
///
/// Errors: it is neither; a time without offset could be any.
pub fn moment(text: &str) -> Result<Instant, ClockError> {
    if let Ok(day) = text.parse::<LegalDate>() {
        // Through the millis, so that years out of range are refused here too.
        return Ok(Instant::from_millis(day.starts_at().millis())?);
    }
    let error = match text.parse::<Instant>() {
        Ok(at) => return Ok(at),
        Err(error) => error,
    };
    // `T10:00+08:00` and `T10:00Z`: RFC 3339 wants seconds, people do not.
    let with_seconds = text.split_at_checked(16).map(|(start, offset)| format!("{start}:00{offset}"));
    match with_seconds.and_then(|text| text.parse::<Instant>().ok()) {
        Some(at) => Ok(at),
        None => Err(ClockError::new(
            error.message,
            "write a date like `2024-09-28`, or a time with its offset like `2024-09-28T10:00+08:00`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_is_a_date_or_a_time_with_its_offset() {
        let rows = [
            ("2024-09-28", "2024-09-28T00:00:00+08:00"),
            ("2024-09-28T10:00+08:00", "2024-09-28T10:00:00+08:00"),
            ("2024-09-28T10:00:30+08:00", "2024-09-28T10:00:30+08:00"),
            ("2024-09-28T16:00Z", "2024-09-29T00:00:00+08:00"),
            ("2024-09-28T01:00-05:00", "2024-09-28T14:00:00+08:00"),
        ];
        for (text, at) in rows {
            assert_eq!(moment(text).unwrap().to_string(), at, "{text}");
        }
        let refused = [
            "",
            "soon",
            "2024-09-31",
            "2024-09-28T10:00",
            "2024-09-28T10:00:00",
            "28.9.2024",
            "国庆节后的第一个工作日上午十时整",
        ];
        for text in refused {
            let error = moment(text).unwrap_err();
            assert_eq!(error.message, format!("`{text}` is not a moment"));
            assert!(error.hint.unwrap().contains("offset"));
        }
        assert!(moment("1890-01-01").unwrap_err().message.contains("1990 to 2099"));
    }
}

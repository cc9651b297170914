//! What somebody probably meant by a moment that is none.

use gongdao_model::Instant;

/// Why a text or number is no moment, and the moment it probably means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// A count of `unit` since 1970.
    Count { unit: Unit, at: Instant },
    /// A moment outside the plausible years that a wrong unit explains: seconds were read as milliseconds.
    SecondsAsMillis(Instant),
    /// A moment outside the plausible years.
    OutsideYears,
    /// The offset is missing; with Beijing's it is this text.
    NoOffset(String),
    /// Nothing comes to mind.
    Nothing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Seconds,
    Millis,
    Micros,
}

impl Unit {
    /// Its key under `check.unit`.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Seconds => "seconds",
            Self::Millis => "millis",
            Self::Micros => "micros",
        }
    }
}

/// What `text` probably means; it is not a moment as it stands.
pub(super) fn meant(text: &str) -> Meant {
    if let Ok(count) = text.trim().parse::<i64>() {
        return of_count(count);
    }
    if let Some(meant) = outside_years(text) {
        return meant;
    }
    let candidates = [format!("{text}+08:00"), format!("{}+08:00", text.replacen(' ', "T", 1))];
    match candidates.into_iter().find(|candidate| candidate.parse::<Instant>().is_ok()) {
        Some(candidate) => Meant::NoOffset(candidate.replacen(' ', "T", 1)),
        None => Meant::Nothing,
    }
}

fn of_count(count: i64) -> Meant {
    let millis = [
        (Unit::Millis, Some(count)),
        (Unit::Seconds, count.checked_mul(1000)),
        (Unit::Micros, count.checked_div(1000)),
    ];
    let plausible = millis.into_iter().find_map(|(unit, millis)| Some((unit, Instant::from_millis(millis?).ok()?)));
    plausible.map_or(Meant::Nothing, |(unit, at)| Meant::Count { unit, at })
}

/// Moments that exist, in years that do not count: the same text in the year 2000 is a moment.
fn outside_years(text: &str) -> Option<Meant> {
    let (year, rest) = text.split_at_checked(4)?;
    if (1990..=2099).contains(&year.parse::<u16>().ok()?) {
        return None;
    }
    let in_2000: Instant = format!("2000{rest}").parse().ok()?;
    let start: Instant = "2000-01-01T00:00:00Z".parse().ok()?;
    let since = in_2000.millis() - start.millis();
    // Seconds of our time, read as milliseconds, fall into the first weeks of 1970.
    let read_as_seconds = Instant::from_millis(since.checked_mul(1000)?).ok().filter(|_| year == "1970");
    Some(read_as_seconds.map_or(Meant::OutsideYears, Meant::SecondsAsMillis))
}

#[cfg(test)]
mod tests {
    use super::{Meant, Unit, meant};

    #[test]
    fn wrong_units_and_missing_offsets_are_recognised() {
        let at = |text: &str| text.parse().unwrap();
        let noon = "2024-05-01T12:00:00+08:00";
        let rows = [
            ("1714536000", Meant::Count { unit: Unit::Seconds, at: at(noon) }),
            ("1714536000000", Meant::Count { unit: Unit::Millis, at: at(noon) }),
            ("1714536000000000", Meant::Count { unit: Unit::Micros, at: at(noon) }),
            ("1970-01-20T20:15:36Z", Meant::SecondsAsMillis(at(noon))),
            ("1899-12-31T00:00:00Z", Meant::OutsideYears),
            ("2024-05-01T12:00:00", Meant::NoOffset(noon.to_owned())),
            ("2024-05-01 12:00:00", Meant::NoOffset(noon.to_owned())),
            ("2024-02-30T12:00:00+08:00", Meant::Nothing),
            ("2025-02-29T12:00:00+08:00", Meant::Nothing),
            ("7", Meant::Nothing),
            ("中午", Meant::Nothing),
        ];
        for (text, expected) in rows {
            assert_eq!(meant(text), expected, "{text}");
        }
    }
}

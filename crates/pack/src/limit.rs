use gongdao_model::ModelError;
use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Longer periods than this are slips; the limit also keeps every sum of days far from overflow.
const LONGEST: u32 = 36_500;

/// What a period is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeriodUnit {
    /// 工作日: days on which offices work, by the State Council's arrangement.
    WorkingDays,
    /// 日: days of the calendar.
    Days,
    /// 小时: from the moment itself.
    Hours,
    /// 月: to the corresponding day.
    Months,
    /// 年: to the corresponding day.
    Years,
    /// 每年, 年度: to the last day of the calendar year of the event, or of a later one.
    CalendarYears,
}

impl PeriodUnit {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::WorkingDays, Self::Days, Self::Hours, Self::Months, Self::Years, Self::CalendarYears];

    /// The word of the format.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkingDays => "working days",
            Self::Days => "days",
            Self::Hours => "hours",
            Self::Months => "months",
            Self::Years => "years",
            Self::CalendarYears => "calendar years",
        }
    }
}

/// A length of time in one unit, at least one: `10 working days`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Period {
    count: u32,
    unit: PeriodUnit,
}

impl Period {
    /// From 1 to 36,500 of a unit.
    pub fn new(count: u32, unit: PeriodUnit) -> Result<Self, ModelError> {
        if (1..=LONGEST).contains(&count) {
            return Ok(Self { count, unit });
        }
        let message = format!("`{count} {}` is not a period", unit.as_str());
        Err(ModelError::new(message, format!("count from 1 to {LONGEST}")))
    }

    /// How many.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Of what.
    pub fn unit(self) -> PeriodUnit {
        self.unit
    }
}

impl FromStr for Period {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let refuse = || {
            let hint = "use `N working days`, `N days`, `N hours`, `N months`, `N years` or `N calendar years`";
            ModelError::new(format!("`{text}` is not a period"), hint)
        };
        let (count, word) = text.split_once(' ').ok_or_else(refuse)?;
        let count: u32 = count.parse().map_err(|_| refuse())?;
        let is_named = |unit: &PeriodUnit| unit.as_str() == word || (count == 1 && is_singular(word, unit.as_str()));
        let unit = PeriodUnit::ALL.into_iter().find(is_named).ok_or_else(refuse)?;
        Self::new(count, unit)
    }
}

/// `1 year` is read as `1 years`.
fn is_singular(word: &str, plural: &str) -> bool {
    plural.strip_suffix('s') == Some(word)
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.count, self.unit.as_str())
    }
}

/// When a duty is due, as `due` in `duties.toml` says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimeLimit {
    /// At the latest when the period ends.
    Within(Period),
    /// Not before the period ends: what must be kept.
    AtLeast(Period),
    /// 及时, without a number.
    Promptly,
    /// 立即.
    Immediately,
    /// Before an act.
    Prior,
    /// 定期, without a number.
    Regularly,
}

impl FromStr for TimeLimit {
    type Err = ModelError;
    fn from_str(text: &str) -> Result<Self, ModelError> {
        let limit = match text {
            "promptly" => Some(Self::Promptly),
            "immediately" => Some(Self::Immediately),
            "prior" => Some(Self::Prior),
            "regularly" => Some(Self::Regularly),
            _ => match text.strip_prefix("at least ") {
                Some(period) => period.parse().ok().map(Self::AtLeast),
                None => text.parse().ok().map(Self::Within),
            },
        };
        limit.ok_or_else(|| {
            let hint = "use `N working days`, `N days`, `N hours`, `N months`, `N years`, `N calendar years`, `at least` before \
                        any of these, promptly, immediately, prior or regularly";
            ModelError::new(format!("`{text}` is not a time limit"), hint)
        })
    }
}

impl Serialize for TimeLimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl fmt::Display for TimeLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Within(period) => write!(f, "{period}"),
            Self::AtLeast(period) => write!(f, "at least {period}"),
            Self::Promptly => f.write_str("promptly"),
            Self::Immediately => f.write_str("immediately"),
            Self::Prior => f.write_str("prior"),
            Self::Regularly => f.write_str("regularly"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Period, TimeLimit};

    #[test]
    fn every_time_limit_reads_back_as_it_prints() {
        let texts = ["10 working days", "15 days", "24 hours", "6 months", "3 years", "at least 3 years", "promptly"];
        for text in texts.into_iter().chain(["1 calendar years", "immediately", "prior", "regularly"]) {
            assert_eq!(text.parse::<TimeLimit>().unwrap().to_string(), text);
        }
        assert_eq!("1 year".parse::<Period>().unwrap().to_string(), "1 years");
    }

    #[test]
    fn what_is_no_time_limit_is_refused_with_a_hint() {
        for text in
            ["soon", "0 days", "2 day", "-1 days", "99999 days", "10 workdays", "at least promptly", "", "10  days"]
        {
            let error = text.parse::<TimeLimit>().unwrap_err();
            assert_eq!(error.message, format!("`{text}` is not a time limit"));
            assert!(error.hint.unwrap().starts_with("use `N working days`"));
        }
    }
}

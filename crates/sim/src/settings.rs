use gongdao_model::LegalDate;
use std::fmt;

/// How large a city to make. Equal settings give equal bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// Seed of every draw.
    pub seed: u64,
    /// Orders over the whole period.
    pub orders: i64,
    /// Couriers registered; `None`: as many as the orders need.
    pub couriers: Option<i64>,
    /// Days of the period.
    pub days: i64,
    /// First day.
    pub from: LegalDate,
}

/// About so many decisions come of one order: recommendation, price, dispatch (again where refused), promise, and the rest.
const DECISIONS_PER_HUNDRED_ORDERS: i64 = 450;
const MOST_ORDERS: i64 = 1_000_000_000;
const MOST_DAYS: i64 = 366;
/// The truth names rules that are in force from this day.
const LAW_FROM: &str = "2024-01-01";

impl Settings {
    /// Orders that give about `decisions` decisions.
    pub fn orders_for(decisions: i64) -> i64 {
        (decisions / DECISIONS_PER_HUNDRED_ORDERS)
            .saturating_mul(100)
            .saturating_add(decisions % DECISIONS_PER_HUNDRED_ORDERS * 100 / DECISIONS_PER_HUNDRED_ORDERS)
    }

    /// About how many decisions the city will hold.
    pub fn expected_decisions(&self) -> i64 {
        self.orders.saturating_mul(DECISIONS_PER_HUNDRED_ORDERS) / 100
    }

    /// Refuses settings that give no city.
    pub fn check(&self) -> Result<(), SimError> {
        if LAW_FROM.parse().is_ok_and(|law: LegalDate| self.from < law) {
            return Err(SimError::Settings(format!(
                "`{}` as first day: the truth holds under the law in force from {LAW_FROM}",
                self.from
            )));
        }
        let bounds = [
            ("orders", self.orders, 24 * self.days, MOST_ORDERS),
            ("days", self.days, 1, MOST_DAYS),
            ("couriers", self.couriers.unwrap_or(1), 1, MOST_ORDERS),
        ];
        for (name, value, least, most) in bounds {
            if !(least..=most).contains(&value) {
                return Err(SimError::Settings(format!("`{value}` {name}: between {least} and {most} are possible")));
            }
        }
        Ok(())
    }
}

/// Why no city was made.
#[derive(Debug)]
pub enum SimError {
    /// A setting is out of range; its words.
    Settings(String),
    /// A file could not be written.
    Write(std::path::PathBuf, std::io::Error),
    /// A row could not be written.
    Row(std::path::PathBuf, csv::Error),
}

impl fmt::Display for SimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Settings(words) => f.write_str(words),
            Self::Write(path, cause) => write!(f, "cannot write `{}`: {cause}", path.display()),
            Self::Row(path, cause) => write!(f, "cannot write a row of `{}`: {cause}", path.display()),
        }
    }
}

impl std::error::Error for SimError {}

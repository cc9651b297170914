use gongdao_model::{LegalDate, Standing};
use gongdao_pack::Instrument;
use serde::Serialize;

/// Whether law is in force on a day, and why. Periods are half-open and begin at midnight in Asia/Shanghai.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Force {
    /// The first day is still to come.
    NotYet {
        /// First day in force.
        from: LegalDate,
    },
    /// In force on the day.
    InForce {
        /// First day in force.
        from: LegalDate,
        /// First day no longer in force, where one is known.
        until: Option<LegalDate>,
    },
    /// The last day has passed.
    Ended {
        /// First day no longer in force.
        until: LegalDate,
    },
    /// A draft: not law on any day.
    Draft,
}

impl Force {
    /// Of a period on a day.
    pub fn of_period(from: LegalDate, until: Option<LegalDate>, on: LegalDate) -> Self {
        match until {
            Some(until) if until <= on => Self::Ended { until },
            _ if on < from => Self::NotYet { from },
            _ => Self::InForce { from, until },
        }
    }

    /// Of an instrument on a day.
    pub fn of(instrument: &Instrument, on: LegalDate) -> Self {
        if instrument.status == Standing::Draft {
            return Self::Draft;
        }
        Self::of_period(instrument.effective, instrument.until, on)
    }

    /// Whether it is in force.
    pub fn holds(self) -> bool {
        matches!(self, Self::InForce { .. })
    }

    /// The last word of its key in the catalogue.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::NotYet { .. } => "not-yet",
            Self::InForce { until: None, .. } => "in-force",
            Self::InForce { until: Some(_), .. } => "in-force-until",
            Self::Ended { .. } => "ended",
            Self::Draft => "draft",
        }
    }
}

use crate::ClockError;
use crate::count::Pause;
use gongdao_i18n::Language;
use gongdao_model::{Instant, ProvisionId};
use gongdao_pack::Period;
use serde::Serialize;

/// Why a period was changed: a provision, or a ground in words, or both. Never neither.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ground {
    provision: Option<ProvisionId>,
    zh: String,
    en: String,
}

impl Ground {
    /// In words of both languages; errors where neither a provision nor words are given.
    pub fn new(provision: Option<ProvisionId>, zh: &str, en: &str) -> Result<Self, ClockError> {
        if provision.is_none() && (zh.trim().is_empty() || en.trim().is_empty()) {
            let hint = "name the provision, or say the ground in Chinese and English";
            return Err(ClockError::new("a period was changed without a ground", hint));
        }
        Ok(Self { provision, zh: zh.to_owned(), en: en.to_owned() })
    }

    /// The provision, then the words.
    pub fn text(&self, language: Language) -> String {
        let words = language.choose(&self.zh, &self.en);
        match &self.provision {
            Some(provision) if words.is_empty() => provision.to_string(),
            Some(provision) => format!("{provision} {words}"),
            None => words.to_owned(),
        }
    }
}

/// What happened to a running period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum Change {
    /// It stood still. Periods of days leave out every day that the suspension touches, the day on which it began and
    /// that on which it ended with it; the law here leaves that open. Periods of hours stand still to the millisecond.
    Suspended {
        /// When it began.
        from: Instant,
        /// When it ended; none while it lasts.
        until: Option<Instant>,
        /// Why.
        ground: Ground,
    },
    /// It was made longer while it ran; granted before it began or after it ended, it has no effect.
    Extended {
        /// When that was decided.
        at: Instant,
        /// By how much.
        by: Period,
        /// Why.
        ground: Ground,
    },
}

impl Change {
    /// When it began or was decided.
    pub fn at(&self) -> Instant {
        match self {
            Self::Suspended { from, .. } => *from,
            Self::Extended { at, .. } => *at,
        }
    }
}

/// A stretch in which a period stood still.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stretch {
    pub(crate) from: Instant,
    pub(crate) until: Option<Instant>,
}

/// The suspensions in order, overlapping ones as one.
pub(crate) fn stretches(changes: &[Change]) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = changes.iter().filter_map(suspension).collect();
    found.sort_by_key(|stretch| stretch.from);
    found.dedup_by(|next, before| {
        let touches = before.until.is_none_or(|until| next.from <= until);
        if touches {
            before.until = before.until.zip(next.until).map(|(one, other)| one.max(other));
        }
        touches
    });
    found
}

fn suspension(change: &Change) -> Option<Stretch> {
    match change {
        Change::Suspended { from, until, .. } => Some(Stretch { from: *from, until: *until }),
        Change::Extended { .. } => None,
    }
}

/// The stretches as days, both ends with; days that two of them touch count once.
pub(crate) fn pauses(changes: &[Change]) -> Vec<Pause> {
    let mut pauses: Vec<Pause> = Vec::new();
    for stretch in stretches(changes) {
        let from = stretch.from.date_in_shanghai().day_number();
        let through = stretch.until.map(|until| until.date_in_shanghai().day_number());
        match pauses.last_mut() {
            Some(before) if before.through.is_none_or(|end| from <= end) => {
                before.through = before.through.zip(through).map(|(one, other)| one.max(other));
            }
            _ => pauses.push(Pause { from, through, since: stretch.from }),
        }
    }
    pauses
}

/// Suspensions that end before they begin are slips, never read as something else.
pub(crate) fn check(changes: &[Change]) -> Result<(), ClockError> {
    for Stretch { from, until } in changes.iter().filter_map(suspension) {
        if let Some(until) = until.filter(|until| *until < from) {
            let message = format!("a suspension from `{from}` ends before that, at `{until}`");
            return Err(ClockError::new(message, "give its end after its beginning, or leave it out while it lasts"));
        }
    }
    Ok(())
}

/// The extensions in the order in which they were decided; one decided before the period began is not one of it.
pub(crate) fn extensions(changes: &[Change], start: Instant) -> Vec<(Instant, Period)> {
    let mut found: Vec<(Instant, Period)> = changes.iter().filter_map(extension).collect();
    found.retain(|(at, _)| *at >= start);
    found.sort();
    found
}

fn extension(change: &Change) -> Option<(Instant, Period)> {
    match change {
        Change::Extended { at, by, .. } => Some((*at, *by)),
        Change::Suspended { .. } => None,
    }
}

//! How the values of a fact are drawn: few words, numbers around the limits of the law, one in so many unknown.

use crate::decisions::Draw;
use gongdao_model::{FactPath, FactType};
use gongdao_rules::Vocabulary;

/// One value in so many that a source records is unknown.
const UNKNOWN: u64 = 128;

/// The values that one fact can have.
pub(crate) enum Values {
    /// True in so many of 100.
    Bool(u64),
    /// From a number on, so many.
    Long(i64, u64),
    /// One of these words.
    Text(Vec<String>),
    /// Some of these words: each one in so many.
    Set(Vec<String>, u64),
}

/// A value of a fact; none is unknown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum One {
    Bool(bool),
    Long(i64),
    /// Position of the word.
    Text(usize),
    /// Bits of the words.
    Set(u64),
}

impl Values {
    pub(crate) fn of(vocabulary: &Vocabulary, path: &FactPath) -> Result<Self, String> {
        let declared = vocabulary.facts.get(path).ok_or_else(|| format!("`{path}` is not in the vocabulary"))?;
        let words = || {
            let known: Vec<String> = declared.words.iter().cloned().collect();
            if known.is_empty() { open_words(path.name()) } else { known }
        };
        Ok(match declared.fact_type {
            FactType::Bool => Self::Bool(percent(path.name())),
            FactType::Long => {
                let (from, count) = range(path.name());
                Self::Long(from, count)
            }
            FactType::Text => Self::Text(words()),
            FactType::TextSet => Self::Set(words(), rarity(path.name())),
        })
    }

    pub(crate) fn words(&self) -> &[String] {
        match self {
            Self::Text(words) | Self::Set(words, _) => words,
            _ => &[],
        }
    }

    pub(crate) fn draw(&self, draw: &mut Draw) -> Option<One> {
        let drawn = draw.next();
        if drawn.is_multiple_of(UNKNOWN) {
            return None;
        }
        let drawn = drawn >> 8;
        Some(match self {
            Self::Bool(percent) => One::Bool(drawn % 100 < *percent),
            Self::Long(from, count) => One::Long(from + i64::try_from(drawn % count).unwrap_or(0)),
            Self::Text(words) => One::Text(usize::try_from(drawn % words.len().max(1) as u64).unwrap_or(0)),
            Self::Set(words, rarity) => {
                // Whoever has nearly all words lacks one now and then.
                let is_in =
                    |drawn: u64| if *rarity == 0 { !drawn.is_multiple_of(20) } else { drawn.is_multiple_of(*rarity) };
                let chosen = (0..words.len()).filter(|_| is_in(draw.next()));
                One::Set(chosen.fold(0, |bits, word| bits | 1 << word))
            }
        })
    }
}

/// Facts about which the rules mostly agree; the others are true in 40 of 100.
fn percent(name: &str) -> u64 {
    match name {
        "personalInformation" => 95,
        "automatedDecision" | "noticeShown" | "appealEntry" | "filed" | "fatiguePromptShown" => 90,
        "emergency" | "legalDuty" | "noticeExempt" | "discriminatoryFactor" => 3,
        _ => 40,
    }
}

/// The smallest number and how many follow it.
fn range(name: &str) -> (i64, u64) {
    match name {
        "dailyMinutes" => (0, 720),
        "weeklyMinutes" | "averageWeeklyMinutes" => (1_200, 2_400),
        "restDaysThisWeek" => (0, 3),
        "overtimeMinutesToday" => (0, 240),
        "overtimeMinutesMonth" => (0, 3_000),
        "basePayFen" => (1_000, 20_000),
        "payFen" => (1_000, 60_000),
        "payDeductionFen" => (0, 4),
        "continuousMinutes" | "minutesSinceRest" => (0, 300),
        "minutesSinceFatiguePrompt" => (0, 60),
        "distanceMetres" => (200, 15_000),
        "fixedMinutes" => (5, 15),
        "promisedMinutes" => (20, 40),
        "priceFen" => (2_000, 400),
        "referencePriceFen" => (2_000, 200),
        _ => (0, 100),
    }
}

/// 0 stands for nearly all words.
fn rarity(name: &str) -> u64 {
    match name {
        "tagsUsed" | "factorsUsed" => 4,
        "deletedTags" => 24,
        "contentFlags" | "tagFlags" => 8,
        "workerAlgorithms" | "declaredFactors" => 0,
        _ => 2,
    }
}

/// Words of facts whose words the vocabulary leaves open.
fn open_words(name: &str) -> Vec<String> {
    let numbered = |word: &str, count: usize| (0..count).map(|number| format!("{word}-{number:02}")).collect();
    let listed = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    match name {
        "tagsUsed" | "deletedTags" => numbered("tag", 24),
        "factorsUsed" | "declaredFactors" => numbered("factor", 12),
        "noticeItems" => listed(&["handler", "purpose", "manner", "kinds", "retention", "rights"]),
        "workerAlgorithms" => listed(&["order-allocation", "pay", "working-time", "rewards-penalties"]),
        _ => numbered("purpose", 8),
    }
}

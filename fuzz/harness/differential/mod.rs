//! The kernel beside two evaluators that know nothing of it, over drawn rules, policies and rows.
//!
//! `judge`: packs of a drawn vocabulary and decisions in columns, beside the reference evaluator: outcome and cause of
//! every rule version. `answer`: strictly valid policies of a drawn schema, entities and requests, beside the official
//! authorizer: decision, reasons, errors. Shared by the tests of the kernel, the fuzz target `differential` and the bench
//! of that name; each draws from a seed or from bytes, and equal ones give equal runs.

mod answer;
mod arrays;
mod condition;
mod crowd;
mod draw;
mod expression;
mod judge;
mod packs;
mod policies;
mod pools;
mod rows;
mod schema;
mod values;
mod world;

pub(crate) use draw::Draw;

use std::collections::BTreeMap;
use std::fmt;

/// What is drawn and compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Rules over decisions in columns.
    Rules,
    /// Any policies over any entities.
    Language,
}

impl Level {
    pub(crate) const ALL: [Self; 2] = [Self::Rules, Self::Language];
}

/// One drawn world with `rows` decisions or requests.
///
/// Errors: a difference, in words that reproduce it together with the seed.
pub(crate) fn compare(level: Level, draw: &mut Draw<'_>, rows: usize, tally: &mut Tally) -> Result<(), String> {
    match level {
        Level::Rules => judge::compare(draw, rows, tally),
        Level::Language => answer::compare(draw, rows, tally),
    }
}

/// A small world of the level that the first byte picks, drawn from the others. Panics on a difference.
pub(crate) fn drive(bytes: &[u8]) {
    let Some((level, rest)) = bytes.split_first() else { return };
    let level = Level::ALL[usize::from(level % 2)];
    let found = compare(level, &mut Draw::of_bytes(rest), 40, &mut Tally::default());
    found.unwrap_or_else(|difference| panic!("{difference}"));
}

/// What a run saw.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    /// Worlds that were judged.
    pub(crate) accepted: u64,
    /// Packs or policies that were drawn and kept.
    pub(crate) kept: u64,
    /// Those that were refused, by the first words of the reason.
    pub(crate) refusals: BTreeMap<String, u64>,
    /// Drawn decisions or requests.
    pub(crate) rows: u64,
    /// Rule versions or policies times their rows.
    pub(crate) pairs: u64,
    /// Rows as often as they were compared: in other batches, by other judges.
    pub(crate) compared: u64,
    /// How often a judge was filled until it forgot.
    pub(crate) crowds: u64,
    pub(crate) outcomes: BTreeMap<String, u64>,
    pub(crate) errors: BTreeMap<String, u64>,
    pub(crate) layouts: BTreeMap<String, u64>,
}

impl Tally {
    fn refused(&mut self, reason: &str) {
        let words = reason.split(['`', '{', ':']).next().unwrap_or_default();
        count(&mut self.refusals, words.trim());
    }

    pub(crate) fn refused_count(&self) -> u64 {
        self.refusals.values().sum()
    }

    fn outcome(&mut self, name: &str) {
        count(&mut self.outcomes, name);
    }

    fn error(&mut self, kind: &str) {
        count(&mut self.errors, kind);
    }

    fn layout(&mut self, layout: &arrow_schema::DataType) {
        use arrow_schema::DataType::{Dictionary, LargeList, List};
        let name = match layout {
            List(item) => format!("List<{}>", item.data_type()),
            LargeList(item) => format!("LargeList<{}>", item.data_type()),
            Dictionary(key, value) if matches!(value.as_ref(), List(_) | LargeList(_)) => {
                format!("Dictionary<{key}, list>")
            }
            other => other.to_string(),
        };
        count(&mut self.layouts, &name);
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(known) => *known += 1,
        None => drop(counts.insert(name.to_owned(), 1)),
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} rows, {} pairs of rule and row, {} comparisons of a row",
            self.rows, self.pairs, self.compared
        )?;
        writeln!(
            f,
            "{} worlds, {} sets of rules or policies kept, {} refused",
            self.accepted,
            self.kept,
            self.refused_count()
        )?;
        writeln!(f, "{} judges filled until they forgot", self.crowds)?;
        for (name, counts) in [("refused", &self.refusals), ("outcomes", &self.outcomes), ("errors", &self.errors)] {
            writeln!(f, "{name}:")?;
            counts.iter().try_for_each(|(name, count)| writeln!(f, "  {count:>12}  {name}"))?;
        }
        write!(f, "layouts: {}", self.layouts.len())
    }
}

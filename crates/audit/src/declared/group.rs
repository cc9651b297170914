//! A column cut into groups: learnt on one half of the sample, used on the other.

use super::input::Value;
use super::sample::{quantile, sorted};
use gongdao_stats::{Moments, real};
use std::collections::BTreeMap;

/// Numbers are cut into tenths, unless they take no more values than that.
const TENTHS: usize = 10;
/// Values of text that have a group of their own; the others share one.
const MOST_VALUES: usize = 50;
/// Rarer values of text share a group.
const LEAST_ROWS: u64 = 5;

/// How a value finds its group.
#[derive(Debug, Clone)]
pub(super) struct Groups {
    /// Lower edges of all groups of numbers but the first, in order.
    edges: Vec<f64>,
    /// Groups of words.
    words: BTreeMap<String, usize>,
    /// All groups: of numbers, of words, of the other words, of the missing.
    pub(super) count: usize,
}

impl Groups {
    /// Cut by what the values are; none where all would fall into one group.
    pub(super) fn learn<'a>(values: impl Iterator<Item = &'a Value>) -> Option<Self> {
        let (mut numbers, mut words, mut missing) = (Vec::new(), BTreeMap::<String, u64>::new(), 0_u64);
        for value in values {
            match value {
                Value::Missing => missing += 1,
                Value::Number(number) => numbers.push(*number),
                Value::Truth(truth) => *words.entry(truth.to_string()).or_default() += 1,
                Value::Text(text) => *words.entry(text.clone()).or_default() += 1,
            }
        }
        let edges = edges(&sorted(numbers.iter().copied()));
        let rare: u64 = words.values().filter(|count| **count < LEAST_ROWS).sum();
        let mut frequent: Vec<(String, u64)> = words.into_iter().filter(|(_, count)| *count >= LEAST_ROWS).collect();
        frequent.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let beyond = frequent.len() > MOST_VALUES;
        let words: BTreeMap<String, usize> =
            frequent.into_iter().take(MOST_VALUES).enumerate().map(|(place, (word, _))| (word, place)).collect();
        let filled = (if numbers.is_empty() { 0 } else { edges.len() + 1 })
            + words.len()
            + usize::from(rare > 0 || beyond)
            + usize::from(missing > 0);
        (filled > 1).then(|| Self { count: edges.len() + words.len() + 3, edges, words })
    }

    /// Groups that hold something in the half that was learnt from, at most.
    pub(super) fn shown(&self) -> u64 {
        let numbers = if self.edges.is_empty() { 0 } else { self.edges.len() + 1 };
        (numbers + self.words.len()).max(2) as u64
    }

    fn of(&self, value: &Value) -> usize {
        let word = |word: &str| {
            let first = self.edges.len() + 1;
            self.words.get(word).map_or(first + self.words.len(), |place| first + place)
        };
        match value {
            Value::Number(number) => self.edges.partition_point(|edge| edge <= number),
            Value::Truth(truth) => word(&truth.to_string()),
            Value::Text(text) => word(text),
            Value::Missing => self.count - 1,
        }
    }

    /// The mean of a number in each group; that of all for a group without rows.
    pub(super) fn means<'a>(&self, rows: impl Iterator<Item = (&'a Value, f64)>) -> Means {
        let mut groups = vec![Moments::default(); self.count];
        for (value, number) in rows {
            if let Some(group) = groups.get_mut(self.of(value)) {
                *group = group.merge(Moments { count: 1, mean: number, squares: 0.0 });
            }
        }
        let all = groups.iter().fold(Moments::default(), |sum, group| sum.merge(*group));
        let own = |group: &Moments| if group.count > 0 { group.mean } else { all.mean };
        Means { groups: self.clone(), expected: groups.iter().map(own).collect(), overall: all.mean }
    }
}

/// The mean of each group.
pub(super) struct Means {
    groups: Groups,
    expected: Vec<f64>,
    pub(super) overall: f64,
}

impl Means {
    /// What a value's group lets expect.
    pub(super) fn expect(&self, value: &Value) -> f64 {
        self.expected.get(self.groups.of(value)).copied().unwrap_or(self.overall)
    }
}

/// Lower edges of all groups but the first.
fn edges(sorted: &[f64]) -> Vec<f64> {
    let mut values = sorted.to_vec();
    values.dedup();
    let mut edges: Vec<f64> = if values.len() <= TENTHS {
        values
    } else {
        (0..TENTHS).filter_map(|tenth| quantile(sorted, real(tenth as u64) / real(TENTHS as u64))).collect()
    };
    edges.dedup();
    edges.into_iter().skip(1).collect()
}

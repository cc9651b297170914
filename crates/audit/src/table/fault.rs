use crate::summary::{Bilingual, DataFinding, MAX_EXAMPLES};
use std::collections::BTreeMap;

/// What is wrong with a cell or a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    /// Stable word for the kind.
    pub(crate) code: &'static str,
    pub(crate) message: Bilingual,
    pub(crate) hint: Option<Bilingual>,
}

impl Fault {
    pub(crate) fn new(code: &'static str, zh: String, en: String) -> Self {
        Self { code, message: Bilingual { zh, en }, hint: None }
    }

    pub(crate) fn hint(mut self, zh: &str, en: &str) -> Self {
        self.hint = Some(Bilingual::new(zh, en));
        self
    }

    /// An input shortened for messages.
    pub(crate) fn shown(text: &str) -> String {
        const LONGEST: usize = 60;
        let mut shown: String = text.chars().take(LONGEST).map(|c| if c.is_control() { '·' } else { c }).collect();
        if text.chars().count() > LONGEST {
            shown.push('…');
        }
        shown
    }
}

/// Faults by file, column and kind: a count, the first words, the first rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct FaultTally(BTreeMap<(String, Option<String>, &'static str), DataFinding>);

impl FaultTally {
    pub(crate) fn add(&mut self, file: &str, column: Option<&str>, row: u64, fault: Fault, set_aside: bool) {
        let key = (file.to_owned(), column.map(str::to_owned), fault.code);
        let finding = self.0.entry(key).or_insert_with(|| DataFinding {
            file: file.to_owned(),
            column: column.map(str::to_owned),
            code: fault.code.to_owned(),
            message: fault.message,
            hint: fault.hint,
            set_aside,
            count: 0,
            first_rows: Vec::new(),
        });
        finding.count += 1;
        if finding.first_rows.len() < MAX_EXAMPLES {
            finding.first_rows.push(row);
        }
    }

    /// Take in a finding whose rows are counted elsewhere; said before of the same file, it is not said again.
    pub(crate) fn say_once(&mut self, file: &str, fault: Fault, count: u64, first_rows: Vec<u64>) {
        let key = (file.to_owned(), None, fault.code);
        self.0.entry(key).or_insert_with(|| DataFinding {
            file: file.to_owned(),
            column: None,
            code: fault.code.to_owned(),
            message: fault.message,
            hint: fault.hint,
            set_aside: false,
            count,
            first_rows,
        });
    }

    /// Take in what another tally counted.
    pub(crate) fn merge(&mut self, other: Self) {
        for (key, finding) in other.0 {
            match self.0.entry(key) {
                std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(finding)),
                std::collections::btree_map::Entry::Occupied(mut place) => {
                    let own = place.get_mut();
                    own.count += finding.count;
                    own.first_rows.extend(finding.first_rows);
                    own.first_rows.sort_unstable();
                    own.first_rows.truncate(MAX_EXAMPLES);
                }
            }
        }
    }

    /// How many faults were counted.
    #[cfg(test)]
    pub(crate) fn rows(&self) -> u64 {
        self.0.values().map(|finding| finding.count).sum()
    }

    /// Ordered by file, column and kind.
    pub(crate) fn findings(&self) -> impl Iterator<Item = &DataFinding> {
        self.0.values()
    }
}

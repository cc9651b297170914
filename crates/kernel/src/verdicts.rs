mod arrays;

use crate::bits::Bits;
pub use arrays::{cause_text, cause_type, outcome_code, outcome_type, outcome_words};
use gongdao_model::{Cause, Outcome};
use gongdao_rules::Judged;
use std::collections::BTreeMap;

/// What is said of a batch: one entry a rule version that was in force for any of its decisions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdicts {
    /// Decisions in the batch.
    pub rows: usize,
    /// The entries, ordered by version index.
    pub versions: Vec<VersionVerdicts>,
    /// Causes of undetermined verdicts, each once.
    pub causes: Vec<Cause>,
    /// The distinct lists of versions that speak about a decision, in the order in which they are met.
    pub scopes: Vec<Vec<usize>>,
    /// The list of each decision, as a position in `scopes`.
    pub scope_of: Vec<u32>,
}

/// What one rule version says. Each decision in `scope` is in one of the other sets, or the version does not apply to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionVerdicts {
    /// Index into `RuleSet::versions`.
    pub version: usize,
    /// Whether it is a legal basis.
    pub is_basis: bool,
    /// Decisions whose action, day and place it speaks about.
    pub scope: Bits,
    /// Satisfied; of a basis: established.
    pub met: Bits,
    /// Violated; of a basis: not established.
    pub unmet: Bits,
    /// Undetermined.
    pub undetermined: Bits,
    /// Why: positions in [`Verdicts::causes`] with their decisions; each undetermined decision has one.
    pub causes: Vec<(usize, Bits)>,
}

impl VersionVerdicts {
    /// What it says of one decision; none where it is not in force for it.
    pub fn outcome(&self, row: usize) -> Option<Outcome> {
        if !self.scope.has(row) {
            return None;
        }
        let [met, unmet] = outcomes(self.is_basis);
        Some(if self.met.has(row) {
            met
        } else if self.unmet.has(row) {
            unmet
        } else if self.undetermined.has(row) {
            Outcome::Undetermined
        } else {
            Outcome::NotApplicable
        })
    }

    /// The decisions of each outcome that is not [`Outcome::NotApplicable`].
    pub fn sets(&self) -> [(Outcome, &Bits); 3] {
        let [met, unmet] = outcomes(self.is_basis);
        [(met, &self.met), (unmet, &self.unmet), (Outcome::Undetermined, &self.undetermined)]
    }

    /// Decisions to which it does not apply.
    pub fn not_applicable(&self) -> Bits {
        self.scope.minus(&self.met).minus(&self.unmet).minus(&self.undetermined)
    }

    /// Why it could not judge a decision, as a position in [`Verdicts::causes`].
    pub fn cause(&self, row: usize) -> Option<usize> {
        self.causes.iter().find(|(_, rows)| rows.has(row)).map(|(cause, _)| *cause)
    }
}

fn outcomes(is_basis: bool) -> [Outcome; 2] {
    if is_basis { [Outcome::Established, Outcome::NotEstablished] } else { [Outcome::Satisfied, Outcome::Violated] }
}

impl Verdicts {
    /// From one list of judgements a decision.
    pub fn from_rows(rows: &[Vec<Judged>]) -> Self {
        let count = rows.len();
        let mut versions: BTreeMap<usize, VersionVerdicts> = BTreeMap::new();
        let mut numbers: BTreeMap<Cause, usize> = BTreeMap::new();
        let mut causes = Vec::new();
        let mut scopes = ScopeLists::default();
        for (row, judged) in rows.iter().enumerate() {
            scopes.add(judged.iter().map(|one| one.version).collect());
            for one in judged {
                let entry = versions.entry(one.version).or_insert_with(|| VersionVerdicts::silent(one.version, count));
                entry.scope.add(row);
                entry.is_basis |= matches!(one.outcome, Outcome::Established | Outcome::NotEstablished);
                match one.outcome {
                    Outcome::NotApplicable => {}
                    Outcome::Satisfied | Outcome::Established => entry.met.add(row),
                    Outcome::Violated | Outcome::NotEstablished => entry.unmet.add(row),
                    Outcome::Undetermined => entry.undetermined.add(row),
                }
                let Some(cause) = &one.cause else { continue };
                let number = *numbers.entry(cause.clone()).or_insert_with(|| {
                    causes.push(cause.clone());
                    causes.len() - 1
                });
                match entry.causes.iter_mut().find(|(known, _)| *known == number) {
                    Some((_, rows)) => rows.add(row),
                    None => entry.causes.push((number, Bits::of(count, |other| other == row))),
                }
            }
        }
        let (scopes, scope_of) = scopes.finish();
        Self { rows: count, versions: versions.into_values().collect(), causes, scopes, scope_of }
    }

    /// The judgements of one decision, ordered by version.
    pub fn row(&self, row: usize) -> impl Iterator<Item = Judged> {
        self.versions.iter().filter_map(move |version| {
            let outcome = version.outcome(row)?;
            let cause = version.cause(row).and_then(|cause| self.causes.get(cause)).cloned();
            Some(Judged { version: version.version, outcome, cause })
        })
    }
}

/// Lists of versions by the order in which decisions meet them.
#[derive(Debug, Default)]
pub(crate) struct ScopeLists {
    numbers: BTreeMap<Vec<usize>, u32>,
    of_row: Vec<u32>,
}

impl ScopeLists {
    /// The list of the next decision.
    pub(crate) fn add(&mut self, versions: Vec<usize>) {
        let number = self.number(versions);
        self.of_row.push(number);
    }

    /// The number of a list.
    pub(crate) fn number(&mut self, versions: Vec<usize>) -> u32 {
        let next = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
        *self.numbers.entry(versions).or_insert(next)
    }

    /// The list of each decision, by its number.
    pub(crate) fn set(&mut self, of_row: Vec<u32>) {
        self.of_row = of_row;
    }

    /// The lists by number, and the number of each decision's.
    pub(crate) fn finish(self) -> (Vec<Vec<usize>>, Vec<u32>) {
        let mut lists: Vec<(u32, Vec<usize>)> =
            self.numbers.into_iter().map(|(versions, number)| (number, versions)).collect();
        lists.sort_unstable();
        (lists.into_iter().map(|(_, versions)| versions).collect(), self.of_row)
    }
}

impl VersionVerdicts {
    fn silent(version: usize, rows: usize) -> Self {
        let none = || Bits::none(rows);
        Self {
            version,
            is_basis: false,
            scope: none(),
            met: none(),
            unmet: none(),
            undetermined: none(),
            causes: Vec::new(),
        }
    }
}

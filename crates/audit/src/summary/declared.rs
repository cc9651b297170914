//! What came out where a published scoring rule was run again.

use super::Bilingual;
use gongdao_model::{Instant, LegalDate, ProvisionId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One algorithm version whose declared rule was re-run on the logged factors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeclaredRow {
    /// The algorithm.
    pub algorithm: String,
    /// The version's first legal day.
    pub from: LegalDate,
    /// The first day on which it no longer is in use.
    pub until: Option<LegalDate>,
    /// The operator's own name for the version.
    pub version: String,
    /// What it decides, as a title.
    pub title: Bilingual,
    /// Where the rule was published, and its limits.
    pub note: Option<Bilingual>,
    /// The provisions it is looked at for.
    pub provisions: Vec<ProvisionId>,
    /// The declared rule.
    pub rule: DeclaredRule,
    /// The table or view of decisions.
    pub query: String,
    /// Its column of logged outcomes.
    pub outcome: String,
    /// The outcome's unit.
    pub unit: String,
    /// The declared factors, as declared.
    pub factors: Vec<String>,
    /// An outcome counts as reproduced up to this difference, in the outcome's unit, …
    pub tolerance_absolute: f64,
    /// … or up to this share of the logged outcome, whichever is more.
    pub tolerance_relative: f64,
    /// What became of the rows.
    pub rows: DeclaredRows,
    /// Of the recomputed ones, the share reproduced; none where none was recomputed.
    pub share: Option<f64>,
    /// Lower end of Wilson's 95 % interval of `share`.
    pub share_low: Option<f64>,
    /// Upper end of the interval.
    pub share_high: Option<f64>,
    /// What it amounts to.
    pub flag: DeclaredFlag,
    /// Logged less recomputed, over the recomputed rows; none where there are too few.
    pub differences: Option<Differences>,
    /// One entry a declared factor, the one without which the outcomes scatter least first.
    pub removals: Vec<Removal>,
    /// One entry a logged column, the one that explains most of what remains first.
    pub columns: Vec<ColumnTest>,
    /// Columns that were not looked at because there are too many, or of a type that cannot be.
    pub columns_left_out: Vec<String>,
    /// The first rows that were not reproduced; at most [`super::MAX_EXAMPLES`].
    pub examples: Vec<DeclaredExample>,
}

impl DeclaredRow {
    /// `ALGORITHM@FROM`, as the version's file is named.
    pub fn key(&self) -> String {
        format!("{}@{}", self.algorithm, self.from)
    }
}

/// A declared rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeclaredRule {
    /// A SQL scalar expression over the factors.
    Expression(String),
    /// An ONNX model.
    Onnx {
        /// `sha256:…` of the file.
        digest: String,
        /// Factors by input, in the model's order.
        inputs: BTreeMap<String, Vec<String>>,
        /// The output.
        output: String,
        /// The output's column, from 0.
        column: usize,
    },
}

/// Rows of the query; each but `all` counts rows that stand in no other.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeclaredRows {
    /// All rows.
    pub all: u64,
    /// Decided before or after the version was in use: not looked at.
    pub outside: u64,
    /// Without an identifier or a readable time.
    pub unplaced: u64,
    /// Without the logged outcome.
    pub without_outcome: u64,
    /// Without some declared factor.
    pub without_factor: u64,
    /// With all factors, and the rule gives no number (`NULL`, infinite).
    pub undefined: u64,
    /// Recomputed.
    pub recomputed: u64,
    /// Of the recomputed ones, reproduced within the tolerance.
    pub reproduced: u64,
    /// How often each factor is missing; a row may lack several.
    pub missing: BTreeMap<String, u64>,
}

impl DeclaredRows {
    /// Decisions of the version that could not be recomputed.
    pub fn not_recomputed(&self) -> u64 {
        self.unplaced + self.without_outcome + self.without_factor + self.undefined
    }
}

/// What a comparison of declared and actual amounts to; it is never a verdict by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeclaredFlag {
    /// Some decisions are not what the declared rule gives.
    Differs,
    /// Every decision that could be recomputed is reproduced.
    Reproduced,
    /// No decision could be recomputed.
    CannotTell,
}

/// Logged outcome less recomputed one, in the outcome's unit. Quantiles and bins come from `sampled` rows: all of them, or
/// those whose identifiers have the smallest digests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Differences {
    /// Mean with its sign, over all recomputed rows.
    pub mean: f64,
    /// Largest, without sign, over all recomputed rows.
    pub largest: f64,
    /// Median without sign.
    pub median: f64,
    /// Nine of ten differ by no more, without sign.
    pub p90: f64,
    /// The constant that fits best, the median with its sign: a surcharge that nobody declared would show here.
    pub constant: f64,
    /// Share reproduced if that constant were added.
    pub share_with_constant: f64,
    /// Standard deviation.
    pub spread: f64,
    /// How much of the outcome's variance the declared rule accounts for, on the test half; below 0 it does worse than the mean.
    pub rule_fit: Option<f64>,
    /// Rows behind quantiles, bins, removals and columns.
    pub sampled: u64,
    /// How many rows differ by how much, with sign.
    pub bins: Vec<Bin>,
}

/// Differences from `low` (included) to `high`; the first bin is open below and the last one above.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// Lower edge.
    pub low: f64,
    /// Upper edge.
    pub high: f64,
    /// Rows.
    pub count: u64,
}

/// The declared rule with one factor held at its usual value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Removal {
    /// The factor.
    pub factor: String,
    /// The usual value that took its place: of median and quartiles, or of the five most frequent values, the one that suits best.
    pub replaced_by: String,
    /// Share reproduced without it, the best constant added; compare with [`Differences::share_with_constant`].
    pub share: f64,
    /// Standard deviation of the differences without it; compare with [`Differences::spread`].
    pub spread: f64,
    /// Two-sided p value that the spread changes, times the values tried, after Holm's correction over the factors; none where nothing
    /// changes.
    pub p_adjusted: Option<f64>,
    /// What it amounts to.
    pub flag: RemovalFlag,
}

/// What holding a factor still amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RemovalFlag {
    /// The logged outcomes are reproduced better without it.
    BetterWithout,
    /// They are reproduced worse without it: it counts.
    Needed,
    /// The declared rule gives the same without it.
    NoInfluence,
    /// No change is shown.
    NotShown,
}

/// How much a logged column tells about what the declared rule leaves open, learnt on one half and tested on the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ColumnTest {
    /// The column.
    pub column: String,
    /// Whether it is a declared factor: then it weighs otherwise than declared.
    pub declared: bool,
    /// Groups that it was cut into: values, or tenths of the numbers.
    pub groups: u64,
    /// Share of the remaining differences' variance that its groups account for, on the test half; not below 0.
    pub explained: Option<f64>,
    /// One-sided p value of that, after Holm's correction over all tests of the version.
    pub p_explained: Option<f64>,
    /// Share of the outcome's variance that the column accounts for without the rule; compare with [`Differences::rule_fit`].
    pub alone: Option<f64>,
    /// One-sided p value that the column alone predicts the outcome better than the declared rule, corrected likewise.
    pub p_alone: Option<f64>,
    /// What it amounts to.
    pub flag: ColumnFlag,
}

/// What a column's test amounts to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnFlag {
    /// The column alone predicts the outcome better than the declared rule does.
    BetterThanRule,
    /// It accounts for part of what the declared rule leaves open.
    Explains,
    /// It accounts for part of it, and for nothing beyond the columns above that stand out.
    GoesWith,
    /// Nothing shown.
    NotShown,
    /// Every outcome is reproduced: nothing is left to account for.
    NothingLeft,
    /// Too few rows, one group only, or too many values.
    CannotTest,
}

impl ColumnFlag {
    /// Whether the column stands out.
    pub fn stands_out(self) -> bool {
        matches!(self, Self::BetterThanRule | Self::Explains)
    }
}

/// A decision that the declared rule does not reproduce.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeclaredExample {
    /// The source's identifier.
    pub decision: String,
    /// The decision's instant.
    pub at: Instant,
    /// File name within the data folder, where the query carries it.
    pub file: Option<String>,
    /// 1-based data row, likewise.
    pub row: Option<u64>,
    /// The logged outcome.
    pub logged: f64,
    /// What the declared rule gives.
    pub recomputed: f64,
}

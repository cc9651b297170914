//! `summary.json`, formats 1 and 2: what one audit looked at, what came out, and what it rests on.
//!
//! The runner fills a [`Summary`], the report renders it, and the file is its JSON. Everything is in lists or
//! ordered maps, so equal inputs give equal bytes. Texts that people read come in both languages; counts are of
//! decisions unless a field says otherwise; shares lie between 0 and 1.

mod declared;

pub use declared::{
    Bin, ColumnFlag, ColumnTest, DeclaredExample, DeclaredFlag, DeclaredRow, DeclaredRows, DeclaredRule, Differences,
    Removal, RemovalFlag,
};

use gongdao_model::{Effect, FactPath, Instant, InstrumentId, Outcome, ProvisionId, ReadingId, Standing, VersionKey};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The newest format that this version writes and reads; it reads 1 too.
pub const FORMAT: u32 = 2;

/// The oldest format that can hold these comparisons: quantiles, ratios and Gini coefficients are words that readers of format 1 do
/// not know.
pub fn format_of(measures: &[MeasureRow]) -> u32 {
    let is_old = |row: &MeasureRow| matches!(row.quantity, Quantity::Share | Quantity::Mean);
    if measures.iter().all(is_old) { 1 } else { FORMAT }
}

/// How many example rows a rule or a finding carries.
pub const MAX_EXAMPLES: usize = 5;

/// One text in both languages.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Bilingual {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Bilingual {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
}

/// Everything that an audit says, apart from the rows themselves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// See [`format_of`].
    pub format: u32,
    /// What was looked at.
    pub source: Source,
    /// First and last instant of the decisions; none where there are none.
    pub period: Option<Period>,
    /// How many decisions, and how many of them came out how.
    pub counts: Counts,
    /// How much of what the rules ask could be judged.
    pub coverage: Coverage,
    /// One entry a provision that a rule in force speaks for, ordered by identifier.
    pub provisions: Vec<ProvisionSummary>,
    /// One entry a rule version that was in force for some decision, ordered by key.
    pub rules: Vec<RuleSummary>,
    /// One entry a group comparison, ordered by measure, then stratum, as the measure gives them.
    pub measures: Vec<MeasureRow>,
    /// Counts and descriptive numbers that compare nothing, as the measures give them.
    #[serde(default)]
    pub figures: Vec<FigureRow>,
    /// One entry an algorithm version whose declared rule was re-run, ordered by algorithm and first day.
    #[serde(default)]
    pub declared: Vec<DeclaredRow>,
    /// What was wrong with the data, ordered by file, column and code.
    pub data_quality: Vec<DataFinding>,
    /// Numbers set by law or assumed by the adapter, as used, ordered by name.
    pub parameters: Vec<ParameterUsed>,
    /// What the run needs to be repeated to the same bytes.
    pub run: Run,
}

/// The source that an adapter reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The adapter's name.
    pub adapter: String,
    /// Its title.
    pub title: Bilingual,
    /// Limits of the data, in the adapter's words.
    pub note: Option<Bilingual>,
    /// Foreign data under Chinese rules: nothing here is a finding about anybody's conduct.
    pub illustration: bool,
    /// Decisions, or a register without decisions.
    pub kind: SourceKind,
}

/// What kind of rows a source holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceKind {
    /// Decisions about persons, judged by rules.
    Decisions,
    /// A register: measures and data-quality findings only.
    Register,
}

/// First and last instant, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The earliest.
    pub first: Instant,
    /// The latest.
    pub last: Instant,
}

/// Decisions by what came out. One decision may stand in several of `violated`, `disputed`, `undetermined`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Rows read from all tables, before any was set aside.
    pub rows: u64,
    /// Rows set aside by data-quality findings.
    pub set_aside: u64,
    /// Of `set_aside`: decisions of a ledger whose content was erased, on a ground that stands in the ledger. Nobody can judge them.
    #[serde(default, skip_serializing_if = "is_none")]
    pub erased: u64,
    /// Decisions judged (for a register: 0).
    pub decisions: u64,
    /// With at least one provision violated under every reading.
    pub violated: u64,
    /// Of `violated`: every violation is provisional.
    pub violated_provisional_only: u64,
    /// With at least one provision on which the readings disagree.
    pub disputed: u64,
    /// With at least one provision that could not be judged.
    pub undetermined: u64,
    /// Judged by at least one rule, and neither violated, disputed nor undetermined.
    pub clear: u64,
    /// No rule in force speaks about them: nothing was judged.
    #[serde(default)]
    pub silent: u64,
    /// By action, with its label.
    pub by_action: BTreeMap<String, ActionCount>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's form")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

/// Decisions of one action.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionCount {
    /// The vocabulary's words for the action.
    pub label: Bilingual,
    /// How many decisions.
    pub decisions: u64,
    /// Of these, violated.
    pub violated: u64,
}

/// Pairs of decision and rule version in force: how many could be judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// All pairs.
    pub pairs: u64,
    /// Pairs whose outcome is not undetermined.
    pub judged: u64,
    /// Rule versions that were in force for some decision.
    pub rules: u64,
    /// Of these, judged for every decision.
    pub rules_fully_judged: u64,
    /// Of these, judged for no decision.
    pub rules_never_judged: u64,
}

/// A provision and what came out for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvisionSummary {
    /// The provision.
    pub id: ProvisionId,
    /// The text it stands in.
    pub instrument: InstrumentId,
    /// The instrument's title.
    pub instrument_title: Bilingual,
    /// The instrument's level as its pack writes it: `law`, `policy document`, …; decides between article and item.
    pub instrument_level: String,
    /// Its content in the pack's own words.
    pub text: Bilingual,
    /// What the official text leaves open.
    pub ambiguity: Option<Bilingual>,
    /// The tenable meanings, where it is open.
    pub readings: Vec<ReadingSummary>,
    /// How far the law was checked.
    pub standing: Standing,
    /// The outcome of each decision across readings; decisions that are `disputed` are in none of these.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Decisions on which the readings disagree.
    pub disputed: u64,
    /// Nothing but legal bases, which count through the rule that demands one.
    #[serde(default)]
    pub basis: bool,
}

/// One tenable meaning of an open provision, and what came out under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadingSummary {
    /// The reading.
    pub id: ReadingId,
    /// What it says.
    pub text: Bilingual,
    /// Who holds it.
    pub held_by: Option<Bilingual>,
    /// Outcomes under this reading.
    pub outcomes: BTreeMap<Outcome, u64>,
}

/// A rule version and what came out of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSummary {
    /// Rule, reading and first day in force.
    #[serde(flatten)]
    pub key: VersionKey,
    /// The provision behind it.
    pub provision: ProvisionId,
    /// What it asks, in one sentence.
    pub text: Bilingual,
    /// What the gate would do when violated; none for a legal basis.
    pub effect: Option<Effect>,
    /// How far the law was checked.
    pub standing: Standing,
    /// Decisions by outcome.
    pub outcomes: BTreeMap<Outcome, u64>,
    /// Facts whose absence left decisions undetermined, most frequent first.
    pub missing: Vec<MissingFact>,
    /// Decisions left undetermined by an error of the evaluator, by its words.
    pub engine_errors: BTreeMap<String, u64>,
    /// Facts it rests on that are only the operator's claim.
    pub asserted: Vec<FactLabel>,
    /// The first violated decisions, or where there are none the first undetermined ones; at most [`MAX_EXAMPLES`].
    pub examples: Vec<Example>,
}

impl RuleSummary {
    /// How many decisions came out as `outcome`.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or(0)
    }
}

/// A fact with the vocabulary's words for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactLabel {
    /// The fact.
    pub fact: FactPath,
    /// What it says.
    pub label: Bilingual,
}

/// Where a fact comes from, as the vocabulary grades it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactGrade {
    /// Read off the event itself.
    Observed,
    /// Computed from events.
    Derived,
    /// The operator's own claim.
    Asserted,
}

/// A fact that nobody recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissingFact {
    /// The fact.
    pub fact: FactPath,
    /// What it would say.
    pub label: Bilingual,
    /// Where it would come from.
    pub grade: FactGrade,
    /// Decisions that it left undetermined.
    pub count: u64,
}

/// One decision and where its row lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Example {
    /// The source's identifier.
    pub decision: String,
    /// The decision's instant.
    pub at: Instant,
    /// What came out.
    pub outcome: Outcome,
    /// File name within the data folder.
    pub file: String,
    /// 1-based data row, the header not counted.
    pub row: u64,
}

/// One kind of fault in one column of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFinding {
    /// File name within the data folder.
    pub file: String,
    /// The column; none where the whole row is meant.
    pub column: Option<String>,
    /// Stable word for the kind, for instance `out-of-range`.
    pub code: String,
    /// What is wrong, with the first input in backticks.
    pub message: Bilingual,
    /// What to do.
    pub hint: Option<Bilingual>,
    /// Whether the rows were set aside; else they stayed in.
    pub set_aside: bool,
    /// How many rows.
    pub count: u64,
    /// The first rows, 1-based; at most [`MAX_EXAMPLES`].
    pub first_rows: Vec<u64>,
}

/// A number that law sets or the adapter assumes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParameterUsed {
    /// Its name in the vocabulary, under `context.parameters`.
    pub name: String,
    /// What it is.
    pub label: Bilingual,
    /// The value used; one entry per value where it changed within the period or by place.
    pub value: i64,
    /// Its unit.
    pub unit: String,
    /// Where it comes from.
    pub origin: ParameterOrigin,
}

/// Where a parameter's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterOrigin {
    /// Set by a provision, with the pack's note on its source.
    Provision {
        /// The provision.
        id: ProvisionId,
        /// The pack's words on where the value was read.
        source: String,
    },
    /// The adapter's assumption: not law for this data.
    Assumption,
}

/// How a measure's outcome is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Quantity {
    /// A share of rows, 0 to 1; the difference is in the same measure (times 100: percentage points).
    Share,
    /// A mean in the measure's unit.
    Mean,
    /// A median or other quantile in the measure's unit; `method` says which. From format 2 on, as the next two.
    Quantile,
    /// One sum over another, in the measure's unit.
    Ratio,
    /// A Gini coefficient, 0 to 1, without a unit.
    Gini,
}

/// One comparison of two groups, in one stratum of one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MeasureRow {
    /// The measure.
    pub measure: String,
    /// The provision it is looked at for.
    pub provision: ProvisionId,
    /// What is compared, as a title.
    pub title: Bilingual,
    /// What is counted or averaged.
    pub outcome: Bilingual,
    /// What kind of number is compared.
    pub quantity: Quantity,
    /// Unit of the numbers; none for shares and Gini coefficients.
    pub unit: Option<String>,
    /// Where the comparison was made (a city, a campaign) and, in a row that is not pooled, what was held equal.
    pub stratum: BTreeMap<String, String>,
    /// Whether the row is pooled over strata.
    pub pooled: bool,
    /// Confounders that the measure controls for, in words; empty when it controls for none.
    pub confounders: Vec<Bilingual>,
    /// The first group.
    pub group_a: Bilingual,
    /// The second group, which the first is compared with.
    pub group_b: Bilingual,
    /// Rows in group a.
    pub n_a: u64,
    /// Rows in group b.
    pub n_b: u64,
    /// The quantity in group a; none when suppressed or undefined.
    pub rate_a: Option<f64>,
    /// The quantity in group b; none when suppressed or undefined.
    pub rate_b: Option<f64>,
    /// `rate_a - rate_b`.
    pub difference: Option<f64>,
    /// Lower end of the interval of the difference.
    pub ci_low: Option<f64>,
    /// Upper end of the interval of the difference.
    pub ci_high: Option<f64>,
    /// `rate_a / rate_b`; none when `rate_b` is 0.
    pub ratio: Option<f64>,
    /// Lower end of the interval of the ratio.
    pub ratio_low: Option<f64>,
    /// Upper end of the interval of the ratio.
    pub ratio_high: Option<f64>,
    /// Two-sided p value of this comparison alone.
    pub p: Option<f64>,
    /// Two-sided p value after correction for the number of comparisons.
    pub p_adjusted: Option<f64>,
    /// Interval method, test and correction, named.
    pub method: Bilingual,
    /// What the comparison amounts to.
    pub flag: MeasureFlag,
    /// A remark on this row.
    pub note: Option<Bilingual>,
    /// How small a difference these numbers could have shown.
    pub power: Option<Bilingual>,
    /// Fewer rows than the minimum cell: figures withheld.
    pub suppressed: bool,
}

/// What a comparison amounts to; it is never a verdict by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MeasureFlag {
    /// The interval excludes no difference after correction: look closer.
    Disparity,
    /// No difference shown; `power` says how small a one could have been seen.
    NotShown,
    /// A difference without a test: too few clusters, or nothing varies. It says neither that there is one nor that there is none.
    CannotTest,
    /// Too few rows to say.
    TooFew,
}

/// One count or descriptive number; it compares nothing and is no finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FigureRow {
    /// The measure.
    pub measure: String,
    /// The provision it is looked at for.
    pub provision: ProvisionId,
    /// What the measure shows, as a title.
    pub title: Bilingual,
    /// Where the number stands: column and value, such as class or provider.
    pub cell: BTreeMap<String, String>,
    /// What the number is.
    pub label: Bilingual,
    /// The number; none when suppressed or not defined.
    pub value: Option<f64>,
    /// Lower end of its 95 % interval, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub low: Option<f64>,
    /// Upper end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub high: Option<f64>,
    /// Its unit; `rows` for a count, `gini` for a Gini coefficient.
    pub unit: String,
    /// Rows behind it.
    pub n: u64,
    /// Fewer rows than the minimum cell: the number is withheld.
    pub suppressed: bool,
    /// A remark on the measure.
    pub note: Option<Bilingual>,
    /// How the interval was found, where the number may have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<Bilingual>,
}

/// What makes the run repeatable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Program and version, for instance `gongdao 0.1.0`.
    pub program: String,
    /// `columnar`, `reference` or `both`.
    pub engine: String,
    /// The command line, with paths as given.
    pub command: String,
    /// Whether a row that would be set aside refuses the run.
    pub strict: bool,
    /// Whether drafts counted as law.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub drafts: bool,
    /// `sha256:…` over all pack files.
    pub packs_digest: String,
    /// `sha256:…` over the adapter and its SQL files: the queries.
    pub adapter_digest: String,
    /// `sha256:…` over names and digests of all data files.
    pub data_digest: String,
    /// The ledger that the decisions were read from, as it was signed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<LedgerRun>,
    /// The data files, ordered by name.
    pub files: Vec<DataFile>,
}

/// A ledger up to one signed checkpoint. Every row was recomputed to its entry, and the entries to the root, before the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRun {
    /// First line of its checkpoints.
    pub origin: String,
    /// The key that its checkpoints are checked with (C2SP signed-note).
    pub key: String,
    /// Entries up to the checkpoint.
    pub size: u64,
    /// Root of the tree (RFC 6962), in base64 as a checkpoint has it.
    pub root: String,
}

/// One data file as read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataFile {
    /// Name within the data folder.
    pub file: String,
    /// Data rows, the header not counted.
    pub rows: u64,
    /// Size in bytes.
    pub bytes: u64,
    /// `sha256:…` of its bytes.
    pub digest: String,
}

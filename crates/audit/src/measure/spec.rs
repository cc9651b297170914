//! The measure's TOML file, checked.

mod kind;

use crate::AuditError;
use crate::adapter::{read_text, toml_words};
use crate::summary::Bilingual;
use gongdao_model::ProvisionId;
use gongdao_pack::{Problem, Severity};
use gongdao_stats::Statistic;
use serde::Deserialize;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Groups smaller than this are suppressed unless the measure says otherwise.
const DEFAULT_MIN_CELL: u64 = 10;

/// A checked measure; its SQL is already read.
#[derive(Debug, Clone)]
pub struct MeasureSpec {
    /// The TOML file.
    pub file: PathBuf,
    /// Its identifier in reports.
    pub id: String,
    /// The provision it is looked at for.
    pub provision: ProvisionId,
    /// What it shows, as a title.
    pub title: Bilingual,
    /// Its limits.
    pub note: Option<Bilingual>,
    /// The SQL file, for messages.
    pub sql_file: PathBuf,
    /// One query.
    pub sql: String,
    /// Columns that say where a row belongs: one comparison for each combination of their values.
    pub within: Vec<String>,
    /// Figures over fewer rows are withheld.
    pub min_cell: u64,
    /// What is done with the rows.
    pub kind: MeasureKind,
}

/// What a measure does.
#[derive(Debug, Clone)]
pub enum MeasureKind {
    /// Compares how often something happens.
    Share(Comparison),
    /// Compares a mean, rows taken for independent.
    Mean(Comparison),
    /// Compares a quantity for whose error no closed form is used.
    Resampled(Comparison, ResampledQuantity),
    /// How concentrated a number is, place by place.
    Concentration(ConcentrationSpec),
    /// Counts and describes.
    Figure(FigureSpec),
}

/// A quantity whose interval is found by resampling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ResampledQuantity {
    /// A mean with clusters or confounders.
    Mean,
    /// The outcome's sum over the sum of the column `per`.
    Ratio {
        /// The column.
        per: String,
    },
    /// A quantile, in thousandths.
    Quantile(u16),
    /// The Gini coefficient.
    Gini,
}

impl ResampledQuantity {
    pub(super) fn statistic(&self) -> Statistic {
        match self {
            Self::Mean => Statistic::Mean,
            Self::Ratio { .. } => Statistic::Ratio,
            Self::Quantile(thousandths) => Statistic::Quantile(*thousandths),
            Self::Gini => Statistic::Gini,
        }
    }
}

/// The Gini coefficient of one column.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConcentrationSpec {
    /// The column: what each row has of it, 0 or more.
    pub column: String,
    /// What it is, in Chinese.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
    /// The column of clusters whose rows are not independent.
    pub cluster: Option<String>,
    /// What a cluster is, in Chinese.
    pub cluster_zh: Option<String>,
    /// What a cluster is, in English.
    pub cluster_en: Option<String>,
}

impl ConcentrationSpec {
    /// What a cluster is.
    pub(super) fn cluster_words(&self) -> Option<Bilingual> {
        both(self.cluster_zh.clone(), self.cluster_en.clone())
    }
}

/// A comparison of two groups.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// The column that is counted (boolean) or summed up in some way (number).
    pub outcome: String,
    /// What it is.
    pub outcome_words: Bilingual,
    /// Unit of the outcome; none for shares and Gini coefficients.
    pub unit: Option<String>,
    /// The column that says the group.
    pub group: String,
    /// The group looked at.
    pub a: ComparedGroup,
    /// The group it is compared with.
    pub b: ComparedGroup,
    /// What is held equal in the pooled row.
    pub confounders: Vec<Confounder>,
    /// The column of clusters whose rows are not independent.
    pub cluster: Option<String>,
    /// What a cluster is.
    pub cluster_words: Option<Bilingual>,
    /// A difference below this is not flagged, however sure.
    pub least_difference: f64,
}

/// One side of a comparison: rows whose group column has one of `values`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparedGroup {
    /// Values of the group column.
    pub values: Vec<String>,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
}

/// A column held equal by stratification.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Confounder {
    /// The column.
    pub column: String,
    /// What it is, in Chinese.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
}

/// A query whose numbers are shown as they are.
#[derive(Debug, Clone)]
pub struct FigureSpec {
    /// The column with the rows behind each line.
    pub count: String,
    /// The columns shown.
    pub values: Vec<FigureValue>,
}

/// A column of numbers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FigureValue {
    /// The column.
    pub column: String,
    /// Its unit.
    pub unit: String,
    /// What it is, in Chinese.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawMeasure {
    format: Spanned<i64>,
    id: Spanned<String>,
    provision: Spanned<String>,
    kind: Spanned<String>,
    zh: String,
    en: String,
    note_zh: Option<String>,
    note_en: Option<String>,
    sql: Spanned<String>,
    #[serde(default)]
    within: Vec<String>,
    min_cell: Option<Spanned<u64>>,
    comparison: Option<RawComparison>,
    concentration: Option<ConcentrationSpec>,
    #[serde(default)]
    confounder: Vec<Confounder>,
    count: Option<String>,
    #[serde(default)]
    value: Vec<FigureValue>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawComparison {
    outcome: String,
    outcome_zh: String,
    outcome_en: String,
    unit: Option<String>,
    per: Option<String>,
    quantile: Option<f64>,
    group: String,
    a: ComparedGroup,
    b: ComparedGroup,
    cluster: Option<String>,
    cluster_zh: Option<String>,
    cluster_en: Option<String>,
    #[serde(default)]
    least_difference: f64,
}

impl MeasureSpec {
    /// Read and check a measure and its SQL.
    pub fn read(path: &Path) -> Result<Self, AuditError> {
        let text = read_text(path)?;
        let raw: RawMeasure = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| line_of(&text, span.start));
            refusal(path, line, toml_words(&error), "compare with docs/measures.md")
        })?;
        let place = Place { file: path, text: &text };
        let sql_file = path.parent().unwrap_or(Path::new("")).join(raw.sql.get_ref());
        let sql = read_text(&sql_file)?;
        check_head(&place, &raw)?;
        let provision = raw.provision.get_ref().parse().map_err(|error: gongdao_model::ModelError| {
            place.refuse(&raw.provision, error.message, error.hint.as_deref().unwrap_or_default())
        })?;
        let kind = kind::kind_of(&place, &raw)?;
        Ok(Self {
            file: path.to_path_buf(),
            id: raw.id.into_inner(),
            provision,
            title: Bilingual::new(raw.zh, raw.en),
            note: both(raw.note_zh, raw.note_en),
            sql_file,
            sql: sql.trim().trim_end_matches(';').to_owned(),
            within: raw.within,
            min_cell: raw.min_cell.map_or(DEFAULT_MIN_CELL, Spanned::into_inner),
            kind,
        })
    }
}

fn check_head(place: &Place<'_>, raw: &RawMeasure) -> Result<(), AuditError> {
    if *raw.format.get_ref() != 1 {
        let message = format!("measure format `{}` is unknown", raw.format.get_ref());
        return Err(place.refuse(&raw.format, message, "this program reads `format = 1`"));
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if raw.id.get_ref().is_empty() || !raw.id.get_ref().bytes().all(fits) {
        let message = format!("`{}` is not a name", raw.id.get_ref());
        return Err(place.refuse(&raw.id, message, "use lower-case letters, digits and hyphens"));
    }
    if let Some(least) = &raw.min_cell
        && *least.get_ref() == 0
    {
        return Err(place.refuse(least, "`min_cell` is 0".to_owned(), "write at least 1; 10 is the default"));
    }
    Ok(())
}

fn both(zh: Option<String>, en: Option<String>) -> Option<Bilingual> {
    match (zh, en) {
        (Some(zh), Some(en)) => Some(Bilingual { zh, en }),
        (Some(one), None) | (None, Some(one)) => Some(Bilingual::new(one.clone(), one)),
        (None, None) => None,
    }
}

struct Place<'a> {
    file: &'a Path,
    text: &'a str,
}

impl Place<'_> {
    fn refuse<T>(&self, at: &Spanned<T>, message: String, hint: &str) -> AuditError {
        refusal(self.file, Some(line_of(self.text, at.span().start)), message, hint)
    }
}

fn refusal(file: &Path, line: Option<usize>, message: String, hint: &str) -> AuditError {
    AuditError::from(Problem {
        severity: Severity::Error,
        file: file.to_path_buf(),
        line,
        message,
        hint: Some(hint.to_owned()),
    })
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

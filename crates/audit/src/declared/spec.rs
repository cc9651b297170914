//! The algorithm version's TOML file, checked.

use crate::AuditError;
use crate::adapter::{is_inside, read_text, toml_words};
use crate::summary::Bilingual;
use gongdao_model::{LegalDate, ModelError, ProvisionId};
use gongdao_pack::{Problem, Severity};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use toml::Spanned;

/// A checked algorithm version. Its model, if it has one, is not read yet.
#[derive(Debug, Clone)]
pub struct AlgorithmVersion {
    /// The TOML file.
    pub file: PathBuf,
    /// The algorithm: lower-case letters, digits, hyphens.
    pub algorithm: String,
    /// The operator's own name for the version.
    pub version: String,
    /// First legal day.
    pub from: LegalDate,
    /// First day on which it no longer is in use.
    pub until: Option<LegalDate>,
    /// What it decides, as a title.
    pub title: Bilingual,
    /// Where the rule was published, and its limits.
    pub note: Option<Bilingual>,
    /// The provisions it is looked at for; at least one.
    pub provisions: Vec<ProvisionId>,
    /// The table or view with one row a decision.
    pub query: String,
    /// Its column of identifiers.
    pub id: String,
    /// Its column of instants.
    pub at: String,
    /// Its column of logged outcomes.
    pub outcome: String,
    /// The outcome's unit.
    pub unit: String,
    /// Its columns of declared factors; at least one.
    pub factors: Vec<String>,
    /// How far off a reproduced outcome may be.
    pub tolerance: Tolerance,
    /// Undeclared columns to look at; none named: all others.
    pub other: Option<Vec<String>>,
    /// The declared rule.
    pub rule: RuleSpec,
}

/// How far a logged outcome may lie from the recomputed one: the larger of both.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tolerance {
    /// In the outcome's unit.
    #[serde(default)]
    pub absolute: f64,
    /// Share of the logged outcome's size.
    #[serde(default)]
    pub relative: f64,
}

impl Tolerance {
    /// Whether a difference from a logged outcome is within it.
    pub fn holds(self, difference: f64, logged: f64) -> bool {
        difference.abs() <= self.absolute.max(self.relative * logged.abs())
    }
}

/// What was declared.
#[derive(Debug, Clone)]
pub enum RuleSpec {
    /// A SQL scalar expression over the factors.
    Expression(String),
    /// An ONNX model.
    Onnx(OnnxSpec),
}

/// A declared model and how factors go into it.
#[derive(Debug, Clone)]
pub struct OnnxSpec {
    /// The model, resolved.
    pub file: PathBuf,
    /// `sha256:…` that its bytes must have.
    pub digest: String,
    /// Factors by input, in the model's order.
    pub inputs: BTreeMap<String, Vec<String>>,
    /// The output.
    pub output: String,
    /// The output's column, from 0.
    pub column: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVersion {
    format: Spanned<i64>,
    id: Spanned<String>,
    version: String,
    from: Spanned<String>,
    until: Option<Spanned<String>>,
    zh: String,
    en: String,
    note_zh: Option<String>,
    note_en: Option<String>,
    provisions: Spanned<Vec<Spanned<String>>>,
    declared: RawDeclared,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDeclared {
    query: String,
    #[serde(default = "default_id")]
    id: String,
    #[serde(default = "default_at")]
    at: String,
    outcome: Spanned<String>,
    unit: String,
    factors: Spanned<Vec<String>>,
    tolerance: Spanned<Tolerance>,
    other: Option<Spanned<Vec<String>>>,
    expression: Option<Spanned<String>>,
    onnx: Option<RawOnnx>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawOnnx {
    file: Spanned<String>,
    digest: Spanned<String>,
    inputs: Spanned<BTreeMap<String, Vec<String>>>,
    output: String,
    #[serde(default)]
    column: usize,
}

fn default_id() -> String {
    crate::columns::DECISION.to_owned()
}

fn default_at() -> String {
    crate::columns::AT.to_owned()
}

impl AlgorithmVersion {
    /// Read and check a version's file, `ID@FROM.toml`.
    pub fn read(path: &Path) -> Result<Self, AuditError> {
        let text = read_text(path)?;
        let raw: RawVersion = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| line_of(&text, span.start));
            refusal(path, line, toml_words(&error), "compare with docs/formats/algorithm.md")
        })?;
        let place = Place { file: path, text: &text };
        check_head(&place, &raw)?;
        let from = place.parsed::<LegalDate>(&raw.from)?;
        let until = raw.until.as_ref().map(|until| place.parsed::<LegalDate>(until)).transpose()?;
        if let Some(own) = raw.until.as_ref().filter(|_| until.is_some_and(|until| until <= from)) {
            return Err(place.refuse(own, "the version ends before it begins", "`until` is the first day without it"));
        }
        let named = format!("{}@{from}", raw.id.get_ref());
        if path.file_stem().is_none_or(|stem| stem.to_string_lossy() != named) {
            let hint = format!("name the file `{named}.toml`");
            return Err(place.refuse(&raw.id, "the file is not named like its version", &hint));
        }
        if raw.provisions.get_ref().is_empty() {
            let hint = "name at least one provision, for instance `cn.pipl/24/1`";
            return Err(place.refuse(&raw.provisions, "the version is looked at for no provision", hint));
        }
        let provisions = raw.provisions.get_ref().iter().map(|id| place.parsed(id)).collect::<Result<_, _>>()?;
        let own = raw.declared;
        check_columns(&place, &own)?;
        Ok(Self {
            file: path.to_path_buf(),
            algorithm: raw.id.into_inner(),
            version: raw.version,
            from,
            until,
            title: Bilingual::new(raw.zh, raw.en),
            note: both(raw.note_zh, raw.note_en),
            provisions,
            rule: rule(&place, &own)?,
            query: own.query,
            id: own.id,
            at: own.at,
            outcome: own.outcome.into_inner(),
            unit: own.unit,
            factors: own.factors.into_inner(),
            tolerance: own.tolerance.into_inner(),
            other: own.other.map(Spanned::into_inner),
        })
    }

    /// `ALGORITHM@FROM`.
    pub fn key(&self) -> String {
        format!("{}@{}", self.algorithm, self.from)
    }

    /// Versions ordered by algorithm and first day. Fails where two versions of one algorithm are in use on one day.
    pub(crate) fn in_order(mut versions: Vec<Self>) -> Result<Vec<Self>, AuditError> {
        versions.sort_by(|a, b| (&a.algorithm, a.from).cmp(&(&b.algorithm, b.from)));
        for pair in versions.windows(2) {
            let [before, after] = pair else { continue };
            let overlap = before.until.is_none_or(|until| until > after.from);
            if before.algorithm == after.algorithm && overlap {
                let message = format!("`{}` and `{}` are in use on the same day", before.key(), after.key());
                return Err(AuditError::new(&before.file, message, format!("write `until = \"{}\"`", after.from)));
            }
        }
        Ok(versions)
    }
}

fn check_head(place: &Place<'_>, raw: &RawVersion) -> Result<(), AuditError> {
    if *raw.format.get_ref() != 1 {
        let message = format!("algorithm format `{}` is unknown", raw.format.get_ref());
        return Err(place.refuse(&raw.format, &message, "this program reads `format = 1`"));
    }
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if raw.id.get_ref().is_empty() || !raw.id.get_ref().bytes().all(fits) {
        let message = format!("`{}` is not a name", raw.id.get_ref());
        return Err(place.refuse(&raw.id, &message, "use lower-case letters, digits and hyphens"));
    }
    Ok(())
}

fn check_columns(place: &Place<'_>, own: &RawDeclared) -> Result<(), AuditError> {
    let factors = own.factors.get_ref();
    if factors.is_empty() {
        return Err(place.refuse(&own.factors, "no factor is declared", "name the columns that the rule weighs"));
    }
    let mut seen = BTreeSet::from([own.outcome.get_ref().as_str(), own.id.as_str()]);
    if let Some(twice) = factors.iter().find(|factor| !seen.insert(factor)) {
        let message = format!("column `{twice}` is declared twice, or is the outcome or the identifier");
        return Err(place.refuse(&own.factors, &message, "name each factor once"));
    }
    if let Some(other) = &own.other
        && let Some(twice) = other.get_ref().iter().find(|column| !seen.insert(column))
    {
        let message = format!("column `{twice}` stands in `other`, and is declared or named twice");
        return Err(place.refuse(other, &message, "`other` names columns that were not declared"));
    }
    let tolerance = own.tolerance.get_ref();
    let fits = |size: f64| size.is_finite() && size >= 0.0;
    if !fits(tolerance.absolute) || !fits(tolerance.relative) {
        return Err(place.refuse(&own.tolerance, "a tolerance is not a size", "write 0 or more"));
    }
    Ok(())
}

fn rule(place: &Place<'_>, own: &RawDeclared) -> Result<RuleSpec, AuditError> {
    match (&own.expression, &own.onnx) {
        (Some(expression), None) if expression.get_ref().trim().is_empty() => {
            Err(place.refuse(expression, "the expression is empty", "write the published rule over the factors"))
        }
        (Some(expression), None) => Ok(RuleSpec::Expression(expression.get_ref().trim().to_owned())),
        (None, Some(onnx)) => onnx_spec(place, own, onnx).map(RuleSpec::Onnx),
        _ => Err(place.refuse(
            &own.outcome,
            "the declared rule is missing, or stands twice",
            "write either `expression` or `[declared.onnx]`",
        )),
    }
}

fn onnx_spec(place: &Place<'_>, own: &RawDeclared, raw: &RawOnnx) -> Result<OnnxSpec, AuditError> {
    if !is_inside(raw.file.get_ref()) {
        let message = format!("`{}` leads out of the folder", raw.file.get_ref());
        return Err(place.refuse(&raw.file, &message, "keep the model beside the version's file"));
    }
    let hex = raw.digest.get_ref().strip_prefix("sha256:").unwrap_or_default();
    if hex.len() != 64 || !hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)) {
        let message = format!("`{}` is not a digest", raw.digest.get_ref());
        return Err(place.refuse(&raw.digest, &message, "write `sha256:` and 64 lower-case hexadecimal digits"));
    }
    let fed: BTreeSet<&String> = raw.inputs.get_ref().values().flatten().collect();
    let factors: BTreeSet<&String> = own.factors.get_ref().iter().collect();
    if let Some(unknown) = fed.difference(&factors).next() {
        let message = format!("the model is fed `{unknown}`, which is not declared");
        return Err(place.refuse(&raw.inputs, &message, "add it to `factors`, or take it out"));
    }
    if let Some(unused) = factors.difference(&fed).next() {
        let message = format!("factor `{unused}` is declared, and no input of the model takes it");
        return Err(place.refuse(&raw.inputs, &message, "put it into an input, or take it out of `factors`"));
    }
    Ok(OnnxSpec {
        file: place.file.parent().unwrap_or(Path::new("")).join(raw.file.get_ref()),
        digest: raw.digest.get_ref().clone(),
        inputs: raw.inputs.get_ref().clone(),
        output: raw.output.clone(),
        column: raw.column,
    })
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
    fn refuse<T>(&self, at: &Spanned<T>, message: &str, hint: &str) -> AuditError {
        refusal(self.file, Some(line_of(self.text, at.span().start)), message.to_owned(), hint)
    }

    fn parsed<T: std::str::FromStr<Err = ModelError>>(&self, text: &Spanned<String>) -> Result<T, AuditError> {
        let read = text.get_ref().parse::<T>();
        read.map_err(|error| self.refuse(text, &error.message, error.hint.as_deref().unwrap_or_default()))
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

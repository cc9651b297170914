//! The adapter file as TOML has it, before anything is checked.

use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAdapter {
    pub(super) format: Spanned<i64>,
    pub(super) name: Spanned<String>,
    pub(super) zh: String,
    pub(super) en: String,
    pub(super) note_zh: Option<String>,
    pub(super) note_en: Option<String>,
    #[serde(default)]
    pub(super) illustration: bool,
    pub(super) kind: Spanned<String>,
    pub(super) data: String,
    #[serde(default)]
    pub(super) table: Vec<RawTable>,
    #[serde(default)]
    pub(super) view: Vec<RawView>,
    #[serde(default)]
    pub(super) derived: Vec<RawDerived>,
    pub(super) decisions: Option<RawDecisions>,
    #[serde(default)]
    pub(super) state: Vec<RawState>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, RawAssumption>,
    #[serde(default)]
    pub(super) check: Vec<RawCheck>,
    #[serde(default)]
    pub(super) measure: Vec<RawFile>,
    #[serde(default)]
    pub(super) algorithm: Vec<RawFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    pub(super) name: Spanned<String>,
    pub(super) files: Spanned<Vec<String>>,
    pub(super) columns: BTreeMap<Spanned<String>, RawColumn>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a column is a type such as \"text\", or a table with `type` and options")]
pub(super) enum RawColumn {
    Short(String),
    Long(Box<RawColumnOptions>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawColumnOptions {
    pub(super) r#type: String,
    pub(super) from: Option<String>,
    #[serde(default)]
    pub(super) required: bool,
    #[serde(default)]
    pub(super) unique: bool,
    pub(super) min: Option<f64>,
    pub(super) max: Option<f64>,
    #[serde(default)]
    pub(super) values: Vec<String>,
    pub(super) offset: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawView {
    pub(super) name: Spanned<String>,
    pub(super) sql: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDerived {
    pub(super) name: Spanned<String>,
    pub(super) view: Spanned<String>,
    pub(super) from: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) parameters: BTreeMap<String, i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawDecisions {
    pub(super) sql: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawState {
    pub(super) entity: Spanned<String>,
    pub(super) sql: Spanned<String>,
    #[serde(default)]
    pub(super) initial: BTreeMap<String, gongdao_model::FactValue>,
    pub(super) sees: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAssumption {
    pub(super) value: i64,
    pub(super) zh: String,
    pub(super) en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCheck {
    pub(super) id: Spanned<String>,
    pub(super) zh: String,
    pub(super) en: String,
    pub(super) hint_zh: Option<String>,
    pub(super) hint_en: Option<String>,
    pub(super) sql: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) file: Spanned<String>,
}

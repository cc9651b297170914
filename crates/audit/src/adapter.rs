//! The adapter: one TOML file that says how tables become decisions (docs/formats/adapter.md).

mod raw;
mod read;
mod steps;
#[cfg(test)]
mod tests;

pub(crate) use read::{has_extension, is_inside, read_text, toml_words};

use chrono::FixedOffset;
use gongdao_kernel::Sees;
use gongdao_model::{Entity, FactValue};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A checked adapter. Paths are resolved against its folder; SQL texts are already read.
#[derive(Debug, Clone)]
pub struct Adapter {
    /// The TOML file it was read from.
    pub file: PathBuf,
    /// Short name: lower-case letters, digits, hyphens.
    pub name: String,
    /// Title in Chinese.
    pub zh: String,
    /// Title in English.
    pub en: String,
    /// Limits of the data, in Chinese.
    pub note_zh: Option<String>,
    /// Limits of the data, in English.
    pub note_en: Option<String>,
    /// Foreign data under Chinese rules: an illustration, and labelled so.
    pub illustration: bool,
    /// What the tables are.
    pub kind: AdapterKind,
    /// Default folder of the data.
    pub data: PathBuf,
    /// Tables, in the order of the file.
    pub tables: Vec<TableSpec>,
    /// Named steps between tables and the decisions query, in the order of the file.
    pub steps: Vec<Step>,
    /// The decisions query; always there for [`AdapterKind::Decisions`], never for a register.
    pub decisions: Option<Sql>,
    /// Queries of state events.
    pub states: Vec<StateSpec>,
    /// Numbers assumed in place of the packs' values, by parameter name.
    pub parameters: BTreeMap<String, Assumption>,
    /// Row checks beyond single cells.
    pub checks: Vec<CheckSpec>,
    /// Files of group comparisons, resolved.
    pub measures: Vec<PathBuf>,
    /// Files of algorithm versions, resolved.
    pub algorithms: Vec<PathBuf>,
    /// `sha256:…` over the TOML file and every file that it names except data.
    pub digest: String,
}

/// What an adapter's tables are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdapterKind {
    /// Decisions about people: every rule in force is judged.
    Decisions,
    /// A register: only checks, measures and data quality.
    Register,
}

/// A SQL text and the file it stands in.
#[derive(Debug, Clone)]
pub struct Sql {
    /// The file, for messages.
    pub file: PathBuf,
    /// One query.
    pub text: String,
}

/// A query under a name that later queries can read.
#[derive(Debug, Clone)]
pub struct NamedSql {
    /// The view's name in SQL.
    pub name: String,
    /// Its query.
    pub sql: Sql,
}

/// What later SQL can read by a name.
#[derive(Debug, Clone)]
pub enum Step {
    /// The adapter's own query.
    View(NamedSql),
    /// A derived fact of the packs.
    Derived(DerivedUse),
}

/// A derived fact over relations of the adapter.
#[derive(Debug, Clone)]
pub struct DerivedUse {
    /// The derived fact, `packs/derived/NAME.toml`.
    pub name: String,
    /// The view's name in SQL.
    pub view: String,
    /// For each relation that it needs, the table or view that is read for it.
    pub from: BTreeMap<String, String>,
    /// Values in place of its defaults, by parameter.
    pub parameters: BTreeMap<String, i64>,
    /// Line of its name in the adapter's file.
    pub line: usize,
}

/// A table: files of one layout.
#[derive(Debug, Clone)]
pub struct TableSpec {
    /// Its name in SQL.
    pub name: String,
    /// Files below the data folder, as written.
    pub files: Vec<String>,
    /// The columns that are read, in the order of their names.
    pub columns: Vec<ColumnSpec>,
}

/// A column of a table.
#[derive(Debug, Clone)]
pub struct ColumnSpec {
    /// Its name in SQL.
    pub name: String,
    /// Its name in the header.
    pub from: String,
    /// How a cell is read.
    pub kind: ColumnKind,
    /// An empty cell is bad.
    pub required: bool,
    /// A value may stand once in all files of the table.
    pub unique: bool,
    /// Smallest number allowed.
    pub min: Option<f64>,
    /// Largest number allowed.
    pub max: Option<f64>,
    /// The words allowed; any, if empty.
    pub values: Vec<String>,
    /// Offset of instants that carry none.
    pub offset: Option<FixedOffset>,
}

/// How the cells of a column are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text without the white space at its ends.
    Text,
    /// True or false.
    Bool,
    /// 64-bit integer.
    Integer,
    /// 64-bit float, finite.
    Float,
    /// A moment in RFC 3339.
    Instant,
    /// Seconds since the epoch.
    Seconds,
    /// Milliseconds since the epoch.
    Millis,
    /// A day.
    Date,
}

impl ColumnKind {
    /// All kinds, in the order of the format's table.
    pub const ALL: [Self; 8] =
        [Self::Text, Self::Bool, Self::Integer, Self::Float, Self::Instant, Self::Seconds, Self::Millis, Self::Date];

    /// The word used in adapters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Bool => "bool",
            Self::Integer => "integer",
            Self::Float => "float",
            Self::Instant => "instant",
            Self::Seconds => "seconds",
            Self::Millis => "millis",
            Self::Date => "date",
        }
    }
}

/// Events that make the state of a person or an algorithm.
#[derive(Debug, Clone)]
pub struct StateSpec {
    /// Whose state: [`Entity::Person`] or [`Entity::Algorithm`].
    pub entity: Entity,
    /// The query of events.
    pub sql: Sql,
    /// Values before the first event, by attribute name; only where the log is complete.
    pub initial: BTreeMap<String, FactValue>,
    /// Whether a decision sees what had happened, or what had been recorded.
    pub sees: Sees,
}

/// A number that the adapter assumes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assumption {
    /// The value, in the parameter's unit.
    pub value: i64,
    /// Why, in Chinese.
    pub zh: String,
    /// Why, in English.
    pub en: String,
}

/// A query of rows that are wrong.
#[derive(Debug, Clone)]
pub struct CheckSpec {
    /// Its identifier in reports.
    pub id: String,
    /// What is wrong, in Chinese.
    pub zh: String,
    /// What is wrong, in English.
    pub en: String,
    /// What to do, in Chinese.
    pub hint_zh: Option<String>,
    /// What to do, in English.
    pub hint_en: Option<String>,
    /// The query.
    pub sql: Sql,
}

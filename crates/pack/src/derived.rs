//! Derived facts: named SQL of the packs over relations that an adapter gives (docs/formats/pack.md).

mod read;

pub(crate) use read::read;

use crate::content::SourceText;
use gongdao_model::{FactPath, ProvisionId};

/// One derived fact or several of one computation: `derived/NAME.toml` and `derived/NAME.sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedFact {
    /// The files' name without its ending.
    pub name: String,
    /// What is derived, Chinese.
    pub zh: String,
    /// What is derived, English.
    pub en: String,
    /// The provisions that it is computed for.
    pub serves: Vec<ProvisionId>,
    /// The relations that its SQL reads, and nothing else.
    pub inputs: Vec<DerivedInput>,
    /// The column that its rows are known by, carried over from an input; text.
    pub key: String,
    /// The columns that it gives beside the key.
    pub gives: Vec<DerivedColumn>,
    /// Numbers that it can be set by.
    pub parameters: Vec<DerivedParameter>,
    /// One query, in the SQL of `DataFusion`.
    pub sql: SourceText,
    /// The TOML file.
    pub file: std::path::PathBuf,
}

/// A relation that the SQL reads under a fixed name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedInput {
    /// Its name in the SQL.
    pub name: String,
    /// Whether a row that was set aside could change any answer, and not only that of its own row.
    pub all_rows: bool,
    /// Its columns, ordered by name.
    pub columns: Vec<DerivedColumn>,
    /// Line of its name.
    pub line: usize,
}

/// A column of an input, or one that is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedColumn {
    /// Its name in SQL.
    pub name: String,
    /// Its type.
    pub kind: DerivedType,
    /// The unit of a number.
    pub unit: Option<String>,
    /// The fact of the vocabulary that a given column is.
    pub fact: Option<FactPath>,
    /// What it says, Chinese.
    pub zh: String,
    /// What it says, English.
    pub en: String,
    /// Line of its name.
    pub line: usize,
}

/// Types of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DerivedType {
    /// Text, or a whole number as its digits.
    Text,
    /// A moment; in the derived SQL whole milliseconds since 1970-01-01T00:00:00Z.
    Instant,
    /// 64-bit integer.
    Integer,
    /// True or false.
    Bool,
}

impl DerivedType {
    /// All types.
    pub const ALL: [Self; 4] = [Self::Text, Self::Instant, Self::Integer, Self::Bool];

    /// The word used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Instant => "instant",
            Self::Integer => "integer",
            Self::Bool => "bool",
        }
    }
}

/// A whole number, 0 to [`DerivedParameter::MOST`], that an adapter may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DerivedParameter {
    /// Its name, in the SQL behind `$`.
    pub name: String,
    /// Its unit.
    pub unit: String,
    /// The value where the adapter sets none.
    pub default: i64,
    /// What it is and why the default, Chinese.
    pub zh: String,
    /// What it is and why the default, English.
    pub en: String,
}

impl DerivedParameter {
    /// The largest value: in minutes nearly two years. Larger ones could overflow in a query, and mean nothing.
    pub const MOST: i64 = 1_000_000;
}

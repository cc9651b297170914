//! The map as it is written, and what makes it one that can be followed.

use crate::MapError;
use gongdao_merkle::sha256;
use gongdao_model::ProvisionId;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Longest map in bytes.
const LONGEST: usize = 1 << 20;
const LONGEST_NAME: usize = 128;

/// Which tables of one database hold data of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataMap {
    /// How answers call the database.
    pub name: String,
    /// `env:NAME` of a variable that holds the address, or the address itself where it holds no secret.
    pub database: String,
    /// In the order of the file; a table stands after the one through which its rows are found.
    pub tables: Vec<Table>,
    /// SHA-256 of the file, in hexadecimal.
    pub digest: String,
}

/// A table with data of persons.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Table {
    /// Its name, with its schema where it has one: `shop.orders`.
    pub name: String,
    /// The columns that tell one row from another.
    pub key: Vec<String>,
    /// The column that holds the person's pseudonym.
    pub person: Option<String>,
    /// Else: the table before it through which its rows are found.
    pub through: Option<Through>,
    /// What a deletion does.
    pub on_delete: OnDelete,
    /// The article that keeps rows, where they are kept.
    pub article: Option<ProvisionId>,
    /// What is shown, and how people call it.
    #[serde(rename = "column", default)]
    pub columns: Vec<Column>,
}

/// Rows that belong to rows of another table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Through {
    /// The other table, as the map names it.
    pub table: String,
    /// The column here.
    pub column: String,
    /// The column there.
    pub their: String,
}

/// What a deletion does with the rows of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDelete {
    /// They go.
    Remove,
    /// They stay without what is personal: columns with `blank`.
    Blank,
    /// They stay, by an article.
    Keep,
}

impl OnDelete {
    /// The word in maps and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Remove => "remove",
            Self::Blank => "blank",
            Self::Keep => "keep",
        }
    }
}

/// A column that people see.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the database.
    pub name: String,
    /// How people call it, in Chinese.
    pub zh: String,
    /// How people call it, in English.
    pub en: String,
    /// Whether it may be corrected.
    #[serde(default)]
    pub correct: bool,
    /// What stands in it after a deletion that blanks.
    pub blank: Option<Blank>,
}

/// What stands in a column instead of a person's data.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Blank {
    /// `true`: nothing (`NULL`).
    Nothing(bool),
    /// This text.
    Text(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: String,
    database: String,
    #[serde(rename = "table", default)]
    tables: Vec<Table>,
}

impl DataMap {
    /// Read a map (docs/datamap.md).
    ///
    /// Errors: no TOML; a name that no database has; rows that nobody could find again; kept rows without an article.
    pub fn parse(text: &str) -> Result<Self, MapError> {
        if text.len() > LONGEST {
            return Err(MapError::map("the map is larger than 1 MiB", "one map describes one database"));
        }
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text.get(..span.start).unwrap_or(text).matches('\n').count());
            MapError::map(format!("line {line}: {}", error.message()), "compare it with the example in docs/datamap.md")
        })?;
        let digest = hex(&sha256(&[text.as_bytes()]));
        let map = Self { name: file.name, database: file.database, tables: file.tables, digest };
        map.validate()?;
        Ok(map)
    }

    /// The table of a name. Errors: there is none.
    pub fn table(&self, name: &str) -> Result<&Table, MapError> {
        self.tables.iter().find(|table| table.name == name).ok_or_else(|| {
            MapError::request(format!("the map has no table `{name}`"), format!("it has {}", names(&self.tables)))
        })
    }

    fn validate(&self) -> Result<(), MapError> {
        check_name("name", &self.name)?;
        if self.tables.is_empty() {
            return Err(MapError::map("the map has no `[[table]]`", "describe each table that holds data of persons"));
        }
        let mut before: Vec<&Table> = Vec::new();
        for table in &self.tables {
            if before.iter().any(|other| other.name == table.name) {
                return Err(MapError::map(
                    format!("`{}` stands twice", table.name),
                    "put its columns into one `[[table]]`",
                ));
            }
            table
                .validate(&before)
                .map_err(|error| MapError { message: format!("table `{}`: {}", table.name, error.message), ..error })?;
            before.push(table);
        }
        Ok(())
    }
}

impl Table {
    /// The column by which rows of a person are found.
    pub(crate) fn link(&self) -> &str {
        match (&self.person, &self.through) {
            (Some(column), _) => column,
            (None, Some(through)) => &through.column,
            (None, None) => "",
        }
    }

    fn validate(&self, before: &[&Self]) -> Result<(), MapError> {
        self.name.split('.').try_for_each(|part| check_name("table", part))?;
        let mut names = BTreeSet::new();
        for column in &self.columns {
            check_name("column", &column.name)?;
            if !names.insert(column.name.as_str()) {
                return Err(MapError::map(format!("column `{}` stands twice", column.name), "keep one of them"));
            }
            if column.blank == Some(Blank::Nothing(false)) {
                return Err(MapError::map(format!("column `{}`: `blank = false`", column.name), "leave `blank` out"));
            }
            if column.zh.trim().is_empty() || column.en.trim().is_empty() {
                return Err(MapError::map(
                    format!("column `{}` has no words", column.name),
                    "say what it is, in zh and en",
                ));
            }
        }
        if self.key.is_empty() {
            return Err(MapError::map("no `key`", "name the columns of the primary key"));
        }
        self.key.iter().try_for_each(|column| check_name("key", column))?;
        if let Some(column) = self.columns.iter().find(|column| column.correct && self.key.contains(&column.name)) {
            return Err(MapError::map(
                format!("`{}` is a key", column.name),
                "a key is not corrected: it names the row",
            ));
        }
        self.validate_deletion()?;
        match (&self.person, &self.through) {
            (Some(column), None) => check_name("person", column),
            (None, Some(through)) => self.validate_way(through, before),
            _ => Err(MapError::map("it needs either `person` or `through`", "say how rows of a person are found")),
        }
    }

    fn validate_deletion(&self) -> Result<(), MapError> {
        let blanks = self.columns.iter().filter(|column| column.blank.is_some()).count();
        match (self.on_delete, blanks, &self.article) {
            (OnDelete::Remove, 0, None) | (OnDelete::Keep, 0, Some(_)) | (OnDelete::Blank, 1.., None) => Ok(()),
            (OnDelete::Blank, 0, _) => {
                Err(MapError::map("nothing to blank", "give `blank` to the columns that hold what is personal"))
            }
            (OnDelete::Keep, _, None) => {
                Err(MapError::map("rows are kept and no article says why", "name it: `article = \"cn.…\"`"))
            }
            (_, 1.., _) => Err(MapError::map(
                format!("`blank` in a table whose rows {}", self.on_delete.as_str()),
                "`on-delete = \"blank\"` empties columns; else leave `blank` out",
            )),
            (_, _, Some(_)) => Err(MapError::map("an `article` where nothing is kept", "leave it out")),
        }
    }

    fn validate_way(&self, through: &Through, before: &[&Self]) -> Result<(), MapError> {
        check_name("column", &through.column)?;
        check_name("their", &through.their)?;
        let Some(other) = before.iter().find(|table| table.name == through.table) else {
            return Err(MapError::map(
                format!("no table `{}` before it", through.table),
                "a table stands after the one through which its rows are found",
            ));
        };
        let is_gone = |name: &str| other.columns.iter().any(|column| column.name == name && column.blank.is_some());
        let is_lost = other.on_delete == OnDelete::Remove || is_gone(&through.their) || is_gone(other.link());
        if is_lost && self.on_delete != OnDelete::Remove {
            return Err(MapError::map(
                format!("its rows stay, and `{}`, through which they are found, does not", other.name),
                "then nobody finds them again: remove both, or keep both",
            ));
        }
        Ok(())
    }
}

/// In hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// Names are put into statements between quotes, so they hold none.
fn check_name(what: &str, name: &str) -> Result<(), MapError> {
    let is_plain = !name.is_empty()
        && name.len() <= LONGEST_NAME
        && !name.chars().any(|c| c.is_control() || "\"`'\\;.".contains(c));
    if is_plain {
        return Ok(());
    }
    Err(MapError::map(
        format!("`{}` is no name for `{what}`", name.escape_debug()),
        "1 to 128 bytes without quotes, dots, semicolons and control characters",
    ))
}

fn names(tables: &[Table]) -> String {
    tables.iter().map(|table| format!("`{}`", table.name)).collect::<Vec<_>>().join(", ")
}

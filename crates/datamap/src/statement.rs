//! Statements made from a map. Names were checked and stand between quotes; values are always bound.

use crate::database::{Dialect, Kind, TypedColumn};
use crate::map::{Blank, Table};
use crate::{DataMap, MapError};
use std::collections::BTreeMap;

/// Tables of a map with their columns as the database has them.
pub(crate) struct Schema {
    dialect: Dialect,
    tables: BTreeMap<String, Vec<TypedColumn>>,
}

impl Schema {
    pub(crate) fn new(dialect: Dialect, tables: BTreeMap<String, Vec<TypedColumn>>) -> Self {
        Self { dialect, tables }
    }

    pub(crate) fn columns(&self, table: &str) -> &[TypedColumn] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    fn column(&self, table: &str, name: &str) -> Result<&TypedColumn, MapError> {
        self.columns(table).iter().find(|column| column.name == name).ok_or_else(|| {
            MapError::map(
                format!("the database has no column `{table}.{name}`"),
                "correct the map: `gongdao datamap check`",
            )
        })
    }
}

/// A statement that grows, with the values that are bound to it.
pub(crate) struct Statement<'a> {
    schema: &'a Schema,
    pub(crate) text: String,
    pub(crate) values: Vec<String>,
}

impl<'a> Statement<'a> {
    pub(crate) fn new(schema: &'a Schema) -> Self {
        Self { schema, text: String::new(), values: Vec::new() }
    }

    fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    fn name(&mut self, name: &str) -> &mut Self {
        self.text.push_str(&quoted(self.schema.dialect, name));
        self
    }

    fn bind(&mut self, value: &str) {
        self.values.push(value.to_owned());
        let number = self.values.len().to_string();
        match self.schema.dialect {
            Dialect::Postgres => {
                self.push("$").push(&number).push("::text");
            }
            Dialect::MySql => {
                self.push("?");
            }
            Dialect::Sqlite => {
                self.push("?").push(&number);
            }
        }
    }

    /// `SELECT` the columns as text; those of bytes in hexadecimal.
    pub(crate) fn select(mut self, table: &Table, columns: &[&str]) -> Result<Self, MapError> {
        self.push("SELECT ");
        for (at, name) in columns.iter().enumerate() {
            let column = self.schema.column(&table.name, name)?;
            let text = as_text(self.schema.dialect, column);
            self.push(if at == 0 { "" } else { ", " }).push(&text);
        }
        self.push(" FROM ").name(&table.name);
        Ok(self)
    }

    pub(crate) fn count(mut self, table: &Table) -> Self {
        let text = text_type(self.schema.dialect);
        self.push("SELECT CAST(COUNT(*) AS ").push(text).push(") FROM ").name(&table.name);
        self
    }

    pub(crate) fn delete(mut self, table: &Table) -> Self {
        self.push("DELETE FROM ").name(&table.name);
        self
    }

    /// `UPDATE` with a column set to a value, or to nothing.
    pub(crate) fn update<'b>(
        mut self,
        table: &Table,
        sets: impl IntoIterator<Item = (&'b str, Option<&'b str>)>,
    ) -> Result<Self, MapError> {
        self.push("UPDATE ").name(&table.name).push(" SET ");
        for (at, (name, value)) in sets.into_iter().enumerate() {
            let declared = self.schema.column(&table.name, name)?.declared.clone();
            self.push(if at == 0 { "" } else { ", " }).name(name).push(" = ");
            match value {
                None => {
                    self.push("NULL");
                }
                Some(value) if self.schema.dialect == Dialect::Postgres => {
                    self.push("CAST(");
                    self.bind(value);
                    self.push(" AS ").push(&declared).push(")");
                }
                Some(value) => self.bind(value),
            }
        }
        Ok(self)
    }

    /// `WHERE` the row is of the person.
    pub(crate) fn of(mut self, map: &DataMap, table: &Table, person: &str) -> Result<Self, MapError> {
        self.push(" WHERE ");
        self.is_of(map, table, person)?;
        Ok(self)
    }

    fn is_of(&mut self, map: &DataMap, table: &Table, person: &str) -> Result<(), MapError> {
        let Some(through) = &table.through else { return self.equals(table, table.link(), Some(person)) };
        let other = map.table(&through.table)?;
        self.schema.column(&table.name, &through.column)?;
        self.schema.column(&other.name, &through.their)?;
        self.name(&through.column).push(" IN (SELECT ").name(&through.their).push(" FROM ").name(&other.name);
        self.push(" WHERE ");
        self.is_of(map, other, person)?;
        self.push(")");
        Ok(())
    }

    /// `AND` the column holds exactly the value.
    pub(crate) fn and(mut self, table: &Table, name: &str, value: Option<&str>) -> Result<Self, MapError> {
        self.push(" AND ");
        self.equals(table, name, value)?;
        Ok(self)
    }

    /// `AND` one of the columns that a deletion empties is not empty yet.
    pub(crate) fn and_not_blank(mut self, table: &Table) -> Result<Self, MapError> {
        self.push(" AND (");
        for (at, (name, value)) in blanks(table).enumerate() {
            self.push(if at == 0 { "" } else { " OR " });
            match value {
                None => {
                    self.name(name).push(" IS NOT NULL");
                }
                Some(value) => {
                    self.push("NOT COALESCE(");
                    self.equals(table, name, Some(value))?;
                    self.push(if self.schema.dialect == Dialect::Postgres { ", FALSE)" } else { ", 0)" });
                }
            }
        }
        self.push(")");
        Ok(self)
    }

    /// At most so many rows.
    pub(crate) fn limit(mut self, rows: usize) -> Self {
        self.push(" LIMIT ").push(&rows.to_string());
        self
    }

    /// The same text, letter by letter, whatever the database takes for equal. First a comparison that an index serves.
    fn equals(&mut self, table: &Table, name: &str, value: Option<&str>) -> Result<(), MapError> {
        let column = self.schema.column(&table.name, name)?.clone();
        let dialect = self.schema.dialect;
        let Some(value) = value else {
            self.name(name).push(" IS NULL");
            return Ok(());
        };
        match column.kind {
            Kind::Integer if value.parse::<i64>().is_ok_and(|number| number.to_string() == value) => {
                // As a number of the statement's own text: a bound text would be compared as text, or by its first digits.
                self.name(name).push(" = ").push(value);
            }
            Kind::Integer => {
                self.push("1 = 0");
            }
            Kind::Text => {
                self.push("(").name(name).push(" = ");
                self.bind(value);
                let column = quoted(dialect, name);
                match dialect {
                    Dialect::Postgres => {
                        self.push(" AND CAST(").push(&column).push(" AS text) COLLATE \"C\" = ");
                        self.bind(value);
                    }
                    Dialect::MySql => {
                        self.push(" AND CAST(CONVERT(")
                            .push(&column)
                            .push(" USING utf8mb4) AS BINARY) = CAST(CONVERT(");
                        self.bind(value);
                        self.push(" USING utf8mb4) AS BINARY)");
                    }
                    Dialect::Sqlite => {
                        self.push(" AND CAST(").push(&column).push(" AS BLOB) = CAST(");
                        self.bind(value);
                        self.push(" AS BLOB)");
                    }
                }
                self.push(")");
            }
            Kind::Bytes | Kind::Other => {
                let text = as_text(dialect, &column);
                self.push(&text).push(" = ");
                self.bind(value);
            }
        }
        Ok(())
    }
}

/// Columns that a deletion empties, with what stands there afterwards.
pub(crate) fn blanks(table: &Table) -> impl Iterator<Item = (&str, Option<&str>)> {
    table.columns.iter().filter_map(|column| match &column.blank {
        None => None,
        Some(Blank::Nothing(_)) => Some((column.name.as_str(), None)),
        Some(Blank::Text(text)) => Some((column.name.as_str(), Some(text.as_str()))),
    })
}

fn quoted(dialect: Dialect, name: &str) -> String {
    let mark = if dialect == Dialect::MySql { '`' } else { '"' };
    name.split('.').map(|part| format!("{mark}{part}{mark}")).collect::<Vec<_>>().join(".")
}

fn text_type(dialect: Dialect) -> &'static str {
    if dialect == Dialect::MySql { "CHAR" } else { "text" }
}

fn as_text(dialect: Dialect, column: &TypedColumn) -> String {
    let name = quoted(dialect, &column.name);
    match (dialect, column.kind) {
        (Dialect::Postgres, Kind::Bytes) => format!("encode({name}, 'hex')"),
        (_, Kind::Bytes) => format!("LOWER(HEX({name}))"),
        // SQLite keeps bytes in columns of any type; they are no text.
        (Dialect::Sqlite, _) => {
            format!("CASE typeof({name}) WHEN 'blob' THEN LOWER(HEX({name})) ELSE CAST({name} AS text) END")
        }
        _ => format!("CAST({name} AS {})", text_type(dialect)),
    }
}

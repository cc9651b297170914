//! What is done by a map: looked over, seen, corrected, deleted.

use crate::MapError;
use crate::database::{Database, Kind, TextRow, connect};
use crate::map::{DataMap, OnDelete, Table, hex};
use crate::statement::{Schema, Statement, blanks};
use gongdao_merkle::sha256;
use serde::Serialize;
use std::collections::BTreeMap;

/// Rows of one table that an answer holds at most.
const MOST_ROWS: usize = 100_000;
const LONGEST_PERSON: usize = 255;

/// A map beside its database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The map's name.
    pub map: String,
    /// Its SHA-256.
    pub digest: String,
    /// What does not fit; the map cannot be used while there is something.
    pub findings: Vec<Finding>,
    /// Columns that the database has and the map does not name: nobody is shown them, and nothing empties them.
    pub unmapped: Vec<String>,
}

/// Something in a map that does not fit its database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Table, or table and column.
    pub place: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// What a database holds about a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Seen {
    /// The map's name.
    pub map: String,
    /// Its SHA-256.
    pub digest: String,
    /// Table by table, also those without a row.
    pub tables: Vec<SeenTable>,
}

/// Rows of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SeenTable {
    /// Its name.
    pub table: String,
    /// Names of the columns: the key, then those of the map.
    pub columns: Vec<String>,
    /// How people call them, zh and en; the name itself for a key that the map does not describe.
    pub words: Vec<[String; 2]>,
    /// Values as text, bytes in hexadecimal, nothing for `NULL`.
    pub rows: Vec<Row>,
    /// Columns of the table that are not shown.
    pub not_shown: Vec<String>,
}

/// Values of a row, in the order of the columns.
pub type Row = Vec<Option<String>>;

/// One value to put right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The table, as the map names it.
    pub table: String,
    /// Its key, column by column.
    pub key: BTreeMap<String, String>,
    /// Which column.
    pub column: String,
    /// What stands there now: it is refused if something else does.
    pub from: Option<String>,
    /// What is to stand there.
    pub to: Option<String>,
}

/// What was put right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Corrected {
    /// The map's name.
    pub map: String,
    /// Its SHA-256.
    pub digest: String,
    /// Table and column.
    pub place: String,
    /// What stood there.
    pub was: Option<String>,
    /// What stands there, read back.
    pub is: Option<String>,
    /// Whether it was carried out; else it was tried and taken back.
    pub done: bool,
}

/// What a deletion did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deleted {
    /// The map's name.
    pub map: String,
    /// Its SHA-256.
    pub digest: String,
    /// Table by table.
    pub tables: Vec<TableCount>,
    /// Stands for map, person and counts: to carry out this and nothing else.
    pub mark: String,
    /// Whether it was carried out; else it was tried and taken back.
    pub done: bool,
}

/// Rows of a table that a deletion meets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableCount {
    /// Its name.
    pub table: String,
    /// `remove`, `blank` or `keep`.
    pub act: &'static str,
    /// Rows of the person.
    pub rows: u64,
    /// The article that keeps them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<String>,
}

/// Hold a map against its database.
///
/// Errors: the database is not there.
pub fn check(map: &DataMap) -> Result<Checked, MapError> {
    let mut database = connect(map)?;
    let (mut findings, mut unmapped) = (Vec::new(), Vec::new());
    for table in &map.tables {
        let columns = database.columns(&table.name)?;
        if columns.is_empty() {
            findings.push(finding(&table.name, "the database has no such table, or the account may not see it"));
            continue;
        }
        let has = |name: &str| columns.iter().any(|column| column.name == name);
        let of_others = map.tables.iter().filter_map(|other| other.through.as_ref());
        let theirs = of_others.filter(|through| through.table == table.name).map(|through| through.their.as_str());
        let mut asked: Vec<&str> = shown(table);
        asked.push(table.link());
        asked.extend(theirs);
        asked.sort_unstable();
        asked.dedup();
        let lacking = asked.iter().filter(|name| !has(name));
        findings
            .extend(lacking.map(|name| finding(&format!("{}.{name}", table.name), "the database has no such column")));
        if let Err(error) = database.check_undoable(&table.name) {
            findings.push(Finding { place: table.name.clone(), message: error.message, hint: error.hint });
        }
        let rest = columns.iter().filter(|column| !asked.contains(&column.name.as_str()));
        unmapped.extend(rest.map(|column| format!("{}.{}", table.name, column.name)));
    }
    Ok(Checked { map: map.name.clone(), digest: map.digest.clone(), findings, unmapped })
}

/// All rows of a person.
///
/// Errors: a table or column is not there; more than 100,000 rows in one table.
pub fn see(map: &DataMap, person: &str) -> Result<Seen, MapError> {
    within(map, person, |database, schema| {
        let mut tables = Vec::with_capacity(map.tables.len());
        for table in &map.tables {
            let columns = shown(table);
            let statement =
                Statement::new(schema).select(table, &columns)?.of(map, table, person)?.limit(MOST_ROWS + 1);
            let rows = database.rows(&statement.text, &statement.values)?;
            if rows.len() > MOST_ROWS {
                return Err(MapError::request(
                    format!("`{}` has more than 100,000 rows of the person", table.name),
                    "export that table by hand",
                ));
            }
            let hidden = schema.columns(&table.name).iter().filter(|column| !columns.contains(&column.name.as_str()));
            tables.push(SeenTable {
                table: table.name.clone(),
                words: columns.iter().map(|name| words(table, name)).collect(),
                rows,
                not_shown: hidden.map(|column| column.name.clone()).collect(),
                columns: columns.into_iter().map(str::to_owned).collect(),
            });
        }
        Ok(Seen { map: map.name.clone(), digest: map.digest.clone(), tables })
    })
}

/// Put one value of a person right; without `carry_out` try it and take it back.
///
/// Errors: the map does not let the column be corrected; the row is not this person's; something else stands there; the database
/// refuses the value.
pub fn correct(map: &DataMap, person: &str, change: &Change, carry_out: bool) -> Result<Corrected, MapError> {
    let table = map.table(&change.table)?;
    let place = format!("{}.{}", table.name, change.column);
    let column = table.columns.iter().find(|column| column.name == change.column && column.correct);
    if column.is_none() {
        return Err(MapError::request(format!("the map lets nobody correct `{place}`"), "`correct = true` lets it"));
    }
    if table.key.len() != change.key.len() || table.key.iter().any(|name| !change.key.contains_key(name)) {
        return Err(MapError::request(
            format!("the row has the key {}", table.key.join(", ")),
            "give each column of it",
        ));
    }
    let (was, is) = within(map, person, |database, schema| {
        database.check_undoable(&table.name)?;
        // SQLite would keep a word in a column of numbers.
        let is_number =
            schema.columns(&table.name).iter().any(|it| it.name == change.column && it.kind == Kind::Integer);
        if let Some(value) = change.to.as_deref().filter(|value| is_number && value.parse::<i64>().is_err()) {
            return Err(MapError::request(
                format!("`{value}` is no whole number, and `{place}` holds those"),
                "give one",
            ));
        }
        let read = of_row(Statement::new(schema).select(table, &[&change.column])?, map, table, person, change)?;
        let was = only(&database.rows(&read.text, &read.values)?, &place)?;
        if was != change.from {
            return Err(MapError::request(
                format!("`{place}` holds {} and not {}", quoted(was.as_deref()), quoted(change.from.as_deref())),
                "somebody changed it since; look again",
            ));
        }
        let write = Statement::new(schema).update(table, [(change.column.as_str(), change.to.as_deref())])?;
        let write = of_row(write, map, table, person, change)?;
        let met = database.change(&write.text, &write.values)?;
        if met > 1 {
            return Err(MapError::request(format!("{met} rows have this key"), "name the whole key in the map"));
        }
        let is = only(&database.rows(&read.text, &read.values)?, &place)?;
        finish(database, carry_out)?;
        Ok((was, is))
    })?;
    Ok(Corrected { map: map.name.clone(), digest: map.digest.clone(), place, was, is, done: carry_out })
}

/// The statement for the one row of the person that the change names.
fn of_row<'a>(
    statement: Statement<'a>,
    map: &DataMap,
    table: &Table,
    person: &str,
    change: &Change,
) -> Result<Statement<'a>, MapError> {
    let statement = statement.of(map, table, person)?;
    change.key.iter().try_fold(statement, |statement, (name, value)| statement.and(table, name, Some(value)))
}

/// Delete what the map says of a person. With the mark of an earlier try it is carried out, if the counts are the same still;
/// without one it is tried, everything that the database may refuse included, and taken back.
///
/// Errors: the mark is of something else; the database refuses; something of it would be left. Nothing was changed then.
pub fn delete(map: &DataMap, person: &str, mark: Option<&str>) -> Result<Deleted, MapError> {
    let (tables, fresh) = within(map, person, |database, schema| {
        let mut counts = BTreeMap::new();
        // Rows that are found through others go before those.
        for table in map.tables.iter().rev() {
            counts.insert(table.name.as_str(), delete_from(database, schema, map, table, person)?);
        }
        let count = |table: &Table| TableCount {
            table: table.name.clone(),
            act: table.on_delete.as_str(),
            rows: counts.get(table.name.as_str()).copied().unwrap_or_default(),
            article: table.article.as_ref().map(ToString::to_string),
        };
        let tables: Vec<TableCount> = map.tables.iter().map(count).collect();
        let fresh = mark_of(map, person, &tables);
        if mark.is_some_and(|mark| mark != fresh) {
            return Err(MapError::request(
                "this is not what was tried: the map, the person or the number of rows is another",
                "try it again without a mark, look at the counts, and carry that out",
            ));
        }
        finish(database, mark.is_some())?;
        Ok((tables, fresh))
    })?;
    Ok(Deleted { map: map.name.clone(), digest: map.digest.clone(), tables, mark: fresh, done: mark.is_some() })
}

fn delete_from(
    database: &mut dyn Database,
    schema: &Schema,
    map: &DataMap,
    table: &Table,
    person: &str,
) -> Result<u64, MapError> {
    let all = Statement::new(schema).count(table).of(map, table, person)?;
    let rows = number(&database.rows(&all.text, &all.values)?)?;
    let left = match table.on_delete {
        OnDelete::Keep => return Ok(rows),
        OnDelete::Remove => {
            database.check_undoable(&table.name)?;
            let statement = Statement::new(schema).delete(table).of(map, table, person)?;
            database.change(&statement.text, &statement.values)?;
            all
        }
        OnDelete::Blank => {
            database.check_undoable(&table.name)?;
            let statement = Statement::new(schema).update(table, blanks(table))?.of(map, table, person)?;
            database.change(&statement.text, &statement.values)?;
            all.and_not_blank(table)?
        }
    };
    match number(&database.rows(&left.text, &left.values)?)? {
        0 => Ok(rows),
        left => Err(MapError::request(
            format!("{left} rows of `{}` would be left as they were", table.name),
            "a trigger or a rule of the database may keep them; do it by hand and attest it",
        )),
    }
}

/// One transaction, from which nothing stays unless the work commits.
fn within<T>(
    map: &DataMap,
    person: &str,
    work: impl FnOnce(&mut dyn Database, &Schema) -> Result<T, MapError>,
) -> Result<T, MapError> {
    if person.is_empty() || person.len() > LONGEST_PERSON || person.chars().any(char::is_control) {
        return Err(MapError::request(
            "the person is empty, too long, or has control characters",
            "give 1 to 255 bytes of text",
        ));
    }
    let mut database = connect(map)?;
    let mut tables = BTreeMap::new();
    for table in &map.tables {
        let columns = database.columns(&table.name)?;
        if columns.is_empty() {
            return Err(MapError::map(
                format!("the database has no table `{}`, or the account may not see it", table.name),
                "correct the map: `gongdao datamap check`",
            ));
        }
        tables.insert(table.name.clone(), columns);
    }
    let schema = Schema::new(database.dialect(), tables);
    database.begin()?;
    work(database.as_mut(), &schema)
}

fn finish(database: &mut dyn Database, carry_out: bool) -> Result<(), MapError> {
    database.settle()?;
    if carry_out { database.commit() } else { database.roll_back() }
}

fn mark_of(map: &DataMap, person: &str, tables: &[TableCount]) -> String {
    let counts = tables.iter().map(|table| format!("{}={};", table.table, table.rows)).collect::<Vec<_>>().concat();
    let sum = sha256(&[map.digest.as_bytes(), b"\n", person.as_bytes(), b"\n", counts.as_bytes()]);
    let mut mark = hex(&sum);
    mark.truncate(16);
    mark
}

/// Columns that are shown: the key, then those of the map that are not part of it.
fn shown(table: &Table) -> Vec<&str> {
    let others = table.columns.iter().map(|column| &column.name).filter(|name| !table.key.contains(name));
    table.key.iter().chain(others).map(String::as_str).collect()
}

fn words(table: &Table, name: &str) -> [String; 2] {
    let column = table.columns.iter().find(|column| column.name == name);
    column.map_or_else(|| [name.to_owned(), name.to_owned()], |column| [column.zh.clone(), column.en.clone()])
}

fn only(rows: &[TextRow], place: &str) -> Result<Option<String>, MapError> {
    match rows {
        [row] => Ok(row.iter().flatten().next().cloned()),
        [] => Err(MapError::request(
            format!("no row of the person with this key has `{place}`"),
            "see what there is first",
        )),
        _ => Err(MapError::request(format!("{} rows have this key", rows.len()), "name the whole key in the map")),
    }
}

fn number(rows: &[TextRow]) -> Result<u64, MapError> {
    let count = rows.iter().flatten().flatten().next().and_then(|text| text.parse().ok());
    count.ok_or_else(|| MapError::database("a count is no number"))
}

fn finding(place: &str, message: &str) -> Finding {
    Finding { place: place.to_owned(), message: message.to_owned(), hint: "correct the map".to_owned() }
}

fn quoted(value: Option<&str>) -> String {
    value.map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
}

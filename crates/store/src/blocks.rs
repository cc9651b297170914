//! Decisions about a person, and the newest of all, found block by block of the ledgers (migration 0048): what was logged together is
//! written together, and a look-up asks the blocks, the newest first.

use crate::decisions::{COLUMNS, read};
use crate::sql::{Backend, Cell, Statements, places, rows_of_places};
use gongdao_service::ServiceError;
use gongdao_service::port::{Cursor, Projected};
use std::collections::{BTreeMap, HashMap};

/// Entries of a ledger that make a block. The indexes of the migration have the same number.
const ENTRIES: u64 = 16_384;
/// Blocks that are asked at once about a person, where few had anything.
const MOST_AT_ONCE: usize = 256;
/// Lines that are fetched at once.
const LINES: [usize; 3] = [8, 64, MOST_LINES];
const MOST_LINES: usize = 512;
/// Decisions `d` about the person `$1`, for statements about all of them. By `+`, as SQLite takes no index of an expression for a column
/// of numbers.
pub(crate) const ABOUT: &str =
    "decision_blocks b CROSS JOIN decisions d WHERE d.leaf / 16384 = +b.block AND d.person = $1";
/// No block has this number.
const NO_BLOCK: i64 = -1;

/// Which decisions are looked for.
pub(crate) struct Sought<'a> {
    /// About whom; of all where nobody is named.
    pub(crate) person: Option<&'a str>,
    /// Only those that are older.
    pub(crate) after: Option<&'a Cursor>,
    /// Only those whose answer is known here.
    pub(crate) is_judged: bool,
    /// At most so many.
    pub(crate) limit: u32,
}

struct Block {
    number: i64,
    /// The instant of its newest decision, in milliseconds since 1970.
    newest: i64,
}

/// A line, and the digest of its answer as the database has it.
type Line = (Projected, Cell);

/// What lines are ordered by: instant in milliseconds since 1970, identifier.
type Key = (i64, String);

/// Lines, newest first. One that comes in meanwhile may be among them or not.
pub(crate) fn newest(backend: &dyn Backend, sought: &Sought<'_>) -> Result<Vec<Line>, ServiceError> {
    let limit = sought.limit as usize;
    let blocks = blocks(backend, sought.after)?;
    let (mut rest, mut at_once) = (blocks.as_slice(), 1);
    let mut found: Vec<Key> = Vec::new();
    // Of the blocks that follow none has a newer one than the first of them.
    while let Some(next) = rest.first()
        && found.get(limit.wrapping_sub(1)).is_none_or(|(at, _)| *at <= next.newest)
    {
        let (piece, after) = rest.split_at_checked(at_once).unwrap_or((rest, &[]));
        found.extend(keys(backend, sought, piece, at_once)?);
        found.sort_by(|a, b| b.cmp(a));
        found.truncate(limit);
        rest = after;
        // Of all decisions a block alone has plenty, and its index has them in order.
        at_once = if sought.person.is_some() { (at_once * 2).min(MOST_AT_ONCE) } else { 1 };
    }
    lines(backend, &found)
}

/// Those that may have a decision that is older than a cursor; the one with the newest first.
fn blocks(backend: &dyn Backend, after: Option<&Cursor>) -> Result<Vec<Block>, ServiceError> {
    const SQL: &str = "SELECT block, newest FROM decision_blocks WHERE oldest <= $1 ORDER BY newest DESC, block DESC";
    let before = after.map_or(i64::MAX, |cursor| cursor.at.millis());
    let rows = backend.read(SQL, &[Cell::Int(before)])?;
    rows.into_iter().map(|mut row| Ok(Block { number: row.int()?, newest: row.int()? })).collect()
}

/// The newest of some blocks, out of an index alone; `at_once` is how many blocks the statement has places for, so that there are few
/// statements.
fn keys(
    backend: &dyn Backend,
    sought: &Sought<'_>,
    blocks: &[Block],
    at_once: usize,
) -> Result<Vec<Key>, ServiceError> {
    let numbers = blocks.iter().map(|block| block.number).chain(std::iter::repeat(NO_BLOCK));
    let mut parameters: Vec<Cell> = numbers.take(at_once).map(Cell::Int).collect();
    let mut conditions = vec![format!("leaf / {ENTRIES} IN ({})", places(1, at_once))];
    let id = format!("id{}", backend.by_bytes());
    let mut instant = "at";
    if let Some(person) = sought.person {
        parameters.push(Cell::text(person));
        conditions.push(format!("person = ${}", parameters.len()));
        // A sum, and not a column: the index by instant must not be gone through for the decisions of one person.
        instant = "at + 0";
    }
    if sought.is_judged {
        conditions.push("answer IS NOT NULL".to_owned());
    }
    if let Some(after) = sought.after {
        parameters.extend([Cell::Int(after.at.millis()), Cell::text(&after.id)]);
        conditions.push(format!("(at, {id}) < (${}, ${})", parameters.len() - 1, parameters.len()));
    }
    parameters.push(Cell::number(sought.limit.into()));
    let (conditions, last) = (conditions.join(" AND "), parameters.len());
    let sql =
        format!("SELECT at, id FROM decisions WHERE {conditions} ORDER BY {instant} DESC, {id} DESC LIMIT ${last}");
    backend.read(&sql, &parameters)?.into_iter().map(|mut row| Ok((row.int()?, row.text()?))).collect()
}

/// The lines of keys, in their order; what was taken away since is left out.
fn lines(backend: &dyn Backend, keys: &[Key]) -> Result<Vec<Line>, ServiceError> {
    let mut lines: HashMap<String, Line> = HashMap::with_capacity(keys.len());
    for piece in keys.chunks(MOST_LINES) {
        // Places for more than there are, so that there are few statements; nothing has no name.
        let count = LINES.into_iter().find(|count| *count >= piece.len()).unwrap_or(MOST_LINES);
        let sql = format!("SELECT {COLUMNS}, answer FROM decisions WHERE id IN ({})", places(1, count));
        let ids = piece.iter().map(|(_, id)| Cell::text(id)).chain(std::iter::repeat(Cell::Null));
        for mut row in backend.read(&sql, &ids.take(count).collect::<Vec<_>>())? {
            let line = read(&mut row)?;
            lines.insert(line.id.clone(), (line, row.cell()?));
        }
    }
    Ok(keys.iter().filter_map(|(_, id)| lines.remove(id)).collect())
}

/// Lines that are added, by their blocks.
#[derive(Default)]
pub(crate) struct Blocks(BTreeMap<u64, (i64, i64)>);

impl Blocks {
    pub(crate) fn add(&mut self, line: &Projected) {
        let Some(leaf) = line.leaf else { return };
        let at = line.at.millis();
        let (oldest, newest) = self.0.entry(leaf / ENTRIES).or_insert((at, at));
        (*oldest, *newest) = (at.min(*oldest), at.max(*newest));
    }

    /// Note which instants they lie between, in one order, so that two processes do not wait for each other.
    pub(crate) fn write(&self, sql: &mut dyn Statements) -> Result<(), ServiceError> {
        let statement = format!(
            "INSERT INTO decision_blocks (block, oldest, newest) VALUES {} ON CONFLICT (block) DO UPDATE SET
             oldest = CASE WHEN excluded.oldest < decision_blocks.oldest THEN excluded.oldest ELSE decision_blocks.oldest END,
             newest = CASE WHEN excluded.newest > decision_blocks.newest THEN excluded.newest ELSE decision_blocks.newest END",
            rows_of_places(1, 3)
        );
        for (block, (oldest, newest)) in &self.0 {
            sql.execute(&statement, &[Cell::number(*block), Cell::Int(*oldest), Cell::Int(*newest)])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{ABOUT, ENTRIES, Sought, newest};
    use crate::SqlStore;
    use crate::sql::{Backend, Cell};

    #[test]
    fn decisions_about_a_person_are_found_by_index() {
        let folder = tempfile::tempdir().unwrap();
        let store = SqlStore::sqlite(&folder.path().join("state.sqlite")).unwrap();
        assert!(ABOUT.contains(&format!("leaf / {ENTRIES} = ")));
        let plan = |backend: &dyn Backend, of: &str| -> Vec<String> {
            let rows = backend.read(&format!("EXPLAIN QUERY PLAN {of}"), &[Cell::text("p")]).unwrap();
            let detail = |mut row: crate::sql::Row| {
                (0..3).for_each(|_| drop(row.cell().unwrap()));
                row.text().unwrap()
            };
            rows.into_iter().map(detail).collect()
        };
        for statement in [
            format!("SELECT d.answer FROM {ABOUT}"),
            format!("DELETE FROM decisions WHERE id IN (SELECT d.id FROM {ABOUT})"),
        ] {
            let plan = plan(&*store.backend, &statement);
            let by_index = |line: &String| line.contains("decisions_person (<expr>=? AND person=?)");
            assert!(plan.iter().any(by_index), "{statement}: {plan:?}");
            assert!(!plan.iter().any(|line| line.starts_with("SCAN d")), "{statement}: {plan:?}");
        }
        let sought = Sought { person: None, after: None, is_judged: false, limit: 3 };
        assert!(newest(&*store.backend, &sought).unwrap().is_empty());
    }
}

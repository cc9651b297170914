use crate::SqlStore;
use crate::blocks::{ABOUT, Blocks, Sought, newest};
use crate::citations::Counted;
use crate::sql::{Cell, Row, Statements, forget, places, rows_of_places};
use gongdao_model::Instant;
use gongdao_service::ServiceError;
use gongdao_service::port::{Claim, Cursor, DecisionCounts, Decisions, Projected};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::OnceLock;

pub(crate) const COLUMNS: &str = "id, digest, node, leaf, person, at, action, effect, algorithm";
/// Columns of a new line.
const NEW: &str = "id, digest, node, leaf, person, at, action, effect, algorithm, answer";
const NEW_COUNT: usize = 10;
/// Lines of one transaction that say that more come than are written.
const FLOOD: usize = 4096;
/// Rows of one statement: few sizes, so that each is prepared once.
const SIZES: [usize; 4] = [512, 64, 8, 1];

impl Decisions for SqlStore {
    fn is_shared(&self) -> bool {
        self.backend.is_shared()
    }

    fn watermark(&self, node: &str) -> Result<u64, ServiceError> {
        let rows = self.backend.read("SELECT leaf FROM watermarks WHERE node = $1", &[Cell::text(node)])?;
        rows.into_iter().next().map_or(Ok(0), |mut row| row.unsigned())
    }

    fn project(&self, node: &str, lines: &[Projected], watermark: u64) -> Result<(), ServiceError> {
        // A statement must not meet one line twice; of two the first stands, as it does between statements.
        let mut met = HashSet::with_capacity(lines.len());
        let lines: Vec<&Projected> = lines.iter().filter(|line| met.insert(line.id.as_str())).collect();
        let (mut is_new, is_flood) = (true, lines.len() >= FLOOD);
        let mut add = |sql: &mut dyn Statements| {
            is_new = add_new(sql, &lines)?;
            if is_new {
                count(sql, &lines)?;
                move_watermark(sql, node, watermark)?;
            }
            Ok(is_new)
        };
        self.backend.transaction_of_copies(&mut add, is_flood)?;
        if is_new {
            return Ok(());
        }
        // Some were there: the ledger is read again from before the watermark.
        let mut add = |sql: &mut dyn Statements| {
            let added = add_missing(sql, &lines)?;
            let added: Vec<&Projected> = lines.iter().copied().filter(|line| added.contains(&line.id)).collect();
            count(sql, &added)?;
            move_watermark(sql, node, watermark)?;
            Ok(true)
        };
        self.backend.transaction_of_copies(&mut add, is_flood)
    }

    fn claim(&self, lines: &[Projected]) -> Result<Vec<Claim>, ServiceError> {
        // In one order, so that two processes that claim the same identifiers do not wait for each other.
        let mut sorted: Vec<&Projected> = lines.iter().collect();
        sorted.sort_by(|a, b| a.id.cmp(&b.id));
        let mut won: HashSet<String> = HashSet::new();
        self.backend.transaction(&mut |sql| {
            won.clear();
            for piece in pieces(&sorted) {
                for mut row in sql.query(statement(&CLAIM, piece.len(), claimed), &cells(piece))? {
                    won.insert(row.text()?);
                }
            }
            Ok(true)
        })?;
        let lost: Vec<&str> = lines.iter().map(|line| line.id.as_str()).filter(|id| !won.contains(*id)).collect();
        let taken = self.find(&lost)?;
        let mut taken: HashMap<String, Projected> =
            taken.into_iter().flatten().map(|line| (line.id.clone(), line)).collect();
        let mut claims = Vec::with_capacity(lines.len());
        for line in lines {
            claims.push(match (won.remove(&line.id), taken.remove(&line.id)) {
                (true, _) => Claim::Won,
                (false, Some(taken)) => Claim::Taken(taken),
                // Whoever had it gave it up in between.
                (false, None) => Claim::Taken(line.clone()),
            });
        }
        Ok(claims)
    }

    fn release(&self, node: &str, ids: Option<&[String]>) -> Result<(), ServiceError> {
        self.backend.transaction(&mut |sql| {
            match ids {
                None => {
                    sql.execute("DELETE FROM decisions WHERE node = $1 AND leaf IS NULL", &[Cell::text(node)])?;
                }
                Some(ids) => release_some(sql, node, ids)?,
            }
            Ok(true)
        })
    }

    fn find(&self, ids: &[&str]) -> Result<Vec<Option<Projected>>, ServiceError> {
        let mut found: HashMap<String, Projected> = HashMap::with_capacity(ids.len());
        for piece in pieces(ids) {
            let sql = format!("SELECT {COLUMNS} FROM decisions WHERE id IN ({})", places(1, piece.len()));
            let parameters: Vec<Cell> = piece.iter().map(|id| Cell::text(*id)).collect();
            for mut row in self.backend.read(&sql, &parameters)? {
                let line = read(&mut row)?;
                found.insert(line.id.clone(), line);
            }
        }
        Ok(ids.iter().map(|id| found.get(*id).cloned()).collect())
    }

    fn each_id(&self, take: &mut dyn FnMut(&str)) -> Result<(), ServiceError> {
        self.backend.each("SELECT id FROM decisions", &mut |mut row| {
            take(&row.text()?);
            Ok(())
        })
    }

    fn page(&self, person: Option<&str>, after: Option<&Cursor>, limit: u32) -> Result<Vec<Projected>, ServiceError> {
        let lines = newest(&*self.backend, &Sought { person, after, is_judged: false, limit })?;
        Ok(lines.into_iter().map(|(line, _)| line).collect())
    }

    fn count_about(&self, person: &str, node: &str) -> Result<DecisionCounts, ServiceError> {
        let sql = format!(
            "SELECT COUNT(CASE WHEN node = $2 THEN 1 END), COUNT(CASE WHEN node <> $2 THEN 1 END),
             COUNT(DISTINCT CASE WHEN node = $2 THEN answer END) FROM {ABOUT}"
        );
        let rows = self.backend.read(&sql, &[Cell::text(person), Cell::text(node)])?;
        let Some(mut row) = rows.into_iter().next() else { return Ok(DecisionCounts::default()) };
        Ok(DecisionCounts { here: row.unsigned()?, elsewhere: row.unsigned()?, answers: row.unsigned()? })
    }

    fn forget_decisions_of(&self, person: &str) -> Result<u64, ServiceError> {
        // Those that are in a ledger, and those that are about to be.
        let logged = format!("DELETE FROM decisions WHERE id IN (SELECT d.id FROM {ABOUT})");
        let claimed = "DELETE FROM decisions WHERE leaf IS NULL AND person = $1";
        forget(&*self.backend, &[&logged, claimed], person)
    }
}

/// Lines that are all new, or claimed by their node: false where one was there with its place. Then nothing may stay of it.
fn add_new(sql: &mut dyn Statements, lines: &[&Projected]) -> Result<bool, ServiceError> {
    for piece in pieces(lines) {
        let changed = sql.execute(statement(&ADD, piece.len(), added), &cells(piece))?;
        if usize::try_from(changed) != Ok(piece.len()) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Lines of which some may be there. The identifier of each that was added with its place, or whose claim was filled.
fn add_missing(sql: &mut dyn Statements, lines: &[&Projected]) -> Result<HashSet<String>, ServiceError> {
    let mut all = HashSet::new();
    for piece in pieces(lines) {
        let statement = format!("{} RETURNING id", added(piece.len()));
        for mut row in sql.query(&statement, &cells(piece))? {
            all.insert(row.text()?);
        }
    }
    Ok(all)
}

/// Count lines that were added: by algorithm, by block, and by what their answers cite.
fn count(sql: &mut dyn Statements, lines: &[&Projected]) -> Result<(), ServiceError> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut cited, mut blocks) = (Counted::default(), Blocks::default());
    for line in lines {
        blocks.add(line);
        if let Some(algorithm) = &line.algorithm {
            *counts.entry(algorithm).or_default() += 1;
        }
        if let Some(cites) = &line.cites {
            cited.add(&cites.cited, line.at);
        }
    }
    for (algorithm, count) in &counts {
        sql.execute(
            "INSERT INTO algorithm_decisions (algorithm, decisions) VALUES ($1, $2) ON CONFLICT (algorithm)
             DO UPDATE SET decisions = algorithm_decisions.decisions + excluded.decisions",
            &[Cell::text(*algorithm), Cell::number(*count)],
        )?;
    }
    blocks.write(sql)?;
    cited.write(sql)
}

fn move_watermark(sql: &mut dyn Statements, node: &str, watermark: u64) -> Result<(), ServiceError> {
    sql.execute(
        "INSERT INTO watermarks (node, leaf) VALUES ($1, $2) ON CONFLICT (node) DO UPDATE SET leaf = excluded.leaf
         WHERE watermarks.leaf < excluded.leaf",
        &[Cell::text(node), Cell::number(watermark)],
    )?;
    Ok(())
}

/// Statements by the position of their size in [`SIZES`]: a long one is not put together anew for each piece.
type Kept = [OnceLock<String>; SIZES.len()];
static ADD: Kept = [const { OnceLock::new() }; SIZES.len()];
static CLAIM: Kept = [const { OnceLock::new() }; SIZES.len()];

fn statement(kept: &'static Kept, rows: usize, make: fn(usize) -> String) -> &'static str {
    // Pieces have no other sizes.
    let place = SIZES.iter().position(|size| *size == rows).unwrap_or_default();
    kept.get(place).map_or("", |kept| kept.get_or_init(|| make(rows)))
}

fn added(rows: usize) -> String {
    format!(
        "INSERT INTO decisions ({NEW}) VALUES {} ON CONFLICT (id) DO UPDATE SET leaf = excluded.leaf,
         effect = excluded.effect, answer = excluded.answer
         WHERE decisions.leaf IS NULL AND decisions.node = excluded.node",
        rows_of_places(rows, NEW_COUNT)
    )
}

fn claimed(rows: usize) -> String {
    format!(
        "INSERT INTO decisions ({NEW}) VALUES {} ON CONFLICT (id) DO NOTHING RETURNING id",
        rows_of_places(rows, NEW_COUNT)
    )
}

fn release_some(sql: &mut dyn Statements, node: &str, ids: &[String]) -> Result<(), ServiceError> {
    for id in ids {
        let parameters = [Cell::text(id), Cell::text(node)];
        sql.execute("DELETE FROM decisions WHERE id = $1 AND node = $2 AND leaf IS NULL", &parameters)?;
    }
    Ok(())
}

/// The items in pieces of few sizes.
pub(crate) fn pieces<T>(items: &[T]) -> Vec<&[T]> {
    let mut rest = items;
    let mut all = Vec::new();
    for size in SIZES {
        while let Some((piece, after)) = rest.split_at_checked(size) {
            all.push(piece);
            rest = after;
        }
    }
    all
}

fn cells(lines: &[&Projected]) -> Vec<Cell> {
    let of_line = |line: &&Projected| {
        [
            Cell::text(&line.id),
            Cell::Bytes(line.digest.to_vec()),
            Cell::text(&line.node),
            Cell::optional_number(line.leaf),
            Cell::optional(line.person.as_deref()),
            Cell::Int(line.at.millis()),
            Cell::text(&line.action),
            Cell::optional(line.effect.as_deref()),
            Cell::optional(line.algorithm.as_deref()),
            line.cites.as_ref().map_or(Cell::Null, |cites| Cell::Bytes(cites.answer.to_vec())),
        ]
    };
    lines.iter().flat_map(of_line).collect()
}

pub(crate) fn read(row: &mut Row) -> Result<Projected, ServiceError> {
    Ok(Projected {
        id: row.text()?,
        digest: row.bytes()?.try_into().map_err(|_| ServiceError::storage("a digest of another length"))?,
        node: row.text()?,
        leaf: row.optional_unsigned()?,
        person: row.optional_text()?,
        at: Instant::from_millis(row.int()?)?,
        action: row.text()?,
        effect: row.optional_text()?,
        algorithm: row.optional_text()?,
        cites: None,
    })
}

//! Past decisions under two rules: who gains, who loses, by tenths of the old outcome. Only counts and means leave here, and no
//! count that tells of fewer than five persons, alone or by subtraction.

use crate::Better;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Cells of fewer persons are not told.
pub const SMALLEST_CELL: usize = 5;
const TENTHS: usize = 10;
const GROUPS: usize = 3;
/// Decisions below which there are no tenths.
const LEAST_FOR_TENTHS: usize = TENTHS * SMALLEST_CELL;

/// A decision under both rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Its identifier: of equal outcomes, the order.
    pub decision: String,
    /// About whom; one whom nobody named counts as a person of their own.
    pub person: Option<String>,
    /// What the rule in force gives.
    pub old: i64,
    /// What the draft gives.
    pub new: i64,
}

/// A line of counts; a count that would tell of few persons is absent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReplayLine {
    /// Decisions.
    pub decisions: u64,
    /// Better for the person under the draft.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub better: Option<u64>,
    /// Worse.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worse: Option<u64>,
    /// The same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same: Option<u64>,
    /// The mean of the old outcomes, in whole units.
    pub mean_old: i64,
    /// The mean of the new ones.
    pub mean_new: i64,
}

/// What a draft would have done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ReplayTable {
    /// All decisions that could be compared; none where they are about fewer than five persons.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<ReplayLine>,
    /// By tenths of the old outcome, the lowest first; none where some tenth is about fewer than five persons.
    pub tenths: Vec<ReplayLine>,
}

/// One cell: decisions, and about whom.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cell {
    decisions: u64,
    persons: BTreeSet<String>,
    is_hidden: bool,
}

type Row = [Cell; GROUPS];

impl ReplayTable {
    /// The table of decisions, whose order says nothing.
    pub fn of(mut decisions: Vec<Replayed>, better: Better) -> Self {
        decisions.sort_by(|a, b| (a.old, &a.decision).cmp(&(b.old, &b.decision)));
        if persons(&decisions).len() < SMALLEST_CELL {
            return Self::default();
        }
        let parts: Vec<&[Replayed]> = if decisions.len() < LEAST_FOR_TENTHS { Vec::new() } else { tenths(&decisions) };
        let parts = if parts.iter().any(|part| persons(part).len() < SMALLEST_CELL) { Vec::new() } else { parts };
        let mut rows: Vec<Row> = parts.iter().map(|part| cells(part, better)).collect();
        rows.push(cells(&decisions, better));
        hide(&mut rows);
        let mut lines: Vec<ReplayLine> =
            parts.iter().copied().chain([decisions.as_slice()]).zip(&rows).map(|(part, row)| line(part, row)).collect();
        let total = lines.pop();
        Self { total, tenths: lines }
    }
}

/// Ten parts of nearly equal size.
fn tenths(decisions: &[Replayed]) -> Vec<&[Replayed]> {
    let edge = |tenth: usize| decisions.len() * tenth / TENTHS;
    (0..TENTHS).filter_map(|tenth| decisions.get(edge(tenth)..edge(tenth + 1))).collect()
}

/// Names of persons; a decision about nobody that is named stands for a person of its own.
fn persons(decisions: &[Replayed]) -> BTreeSet<String> {
    let name = |one: &Replayed| match &one.person {
        Some(person) => format!("p {person}"),
        None => format!("d {}", one.decision),
    };
    decisions.iter().map(name).collect()
}

/// Better, worse, the same.
fn cells(decisions: &[Replayed], better: Better) -> Row {
    let group = |one: &Replayed| match (one.new.cmp(&one.old), better) {
        (std::cmp::Ordering::Equal, _) => 2,
        (std::cmp::Ordering::Greater, Better::Higher) | (std::cmp::Ordering::Less, Better::Lower) => 0,
        _ => 1_usize,
    };
    let mut found: BTreeMap<usize, Vec<Replayed>> = BTreeMap::new();
    for one in decisions {
        found.entry(group(one)).or_default().push(one.clone());
    }
    let cell = |number: usize| {
        let inside = found.get(&number).map(Vec::as_slice).unwrap_or_default();
        let persons = persons(inside);
        let is_hidden = (1..SMALLEST_CELL).contains(&persons.len());
        Cell { decisions: inside.len() as u64, persons, is_hidden }
    };
    [cell(0), cell(1), cell(2)]
}

/// A place in the table: row, group.
type Place = (usize, usize);

/// Hides more cells until those that are told say nothing of fewer than five persons: each row adds up to its decisions, and the
/// tenths of a group add up to the last row.
fn hide(rows: &mut [Row]) {
    while let Some(places) = line_that_tells(rows) {
        let told = |at: &Place| cell(rows, *at).filter(|cell| !cell.is_hidden);
        // A cell without decisions hides nobody beside it: it goes last.
        let order = |at: Place| told(&at).map(|cell| ((cell.decisions == 0, cell.decisions), at));
        let Some((_, (row, group))) = places.into_iter().filter_map(order).min() else { return };
        if let Some(cell) = rows.get_mut(row).and_then(|row| row.get_mut(group)) {
            cell.is_hidden = true;
        }
    }
}

fn cell(rows: &[Row], (row, group): Place) -> Option<&Cell> {
    rows.get(row)?.get(group)
}

/// Places of a row or a group whose told cells say too much, with some that are told.
fn line_that_tells(rows: &[Row]) -> Option<Vec<Place>> {
    let is_hidden = |at: &Place| cell(rows, *at).is_some_and(|cell| cell.is_hidden);
    let row_of = |row: usize| (0..GROUPS).map(move |group| (row, group)).collect::<Vec<Place>>();
    let group_of = |group: usize| (0..rows.len()).map(move |row| (row, group)).collect::<Vec<Place>>();
    let has_told = |places: &Vec<Place>| places.iter().any(|at| !is_hidden(at));
    // What is hidden together is told together, by subtraction.
    let is_small = |places: &Vec<Place>| {
        let hidden: Vec<&Cell> = places.iter().filter(|at| is_hidden(at)).filter_map(|at| cell(rows, *at)).collect();
        let persons: BTreeSet<&String> = hidden.iter().flat_map(|cell| &cell.persons).collect();
        !hidden.is_empty() && persons.len() < SMALLEST_CELL
    };
    let last = rows.len().saturating_sub(1);
    let groups = (0..GROUPS).filter(|group| rows.len() > 1 && !is_hidden(&(last, *group)));
    let small = (0..rows.len()).map(row_of).chain(groups.map(group_of)).find(|line| is_small(line) && has_told(line));
    if small.is_some() {
        return small;
    }
    // Rows and groups are the ends of hidden cells; one is told by the others exactly where no other way of hidden cells
    // joins its ends.
    let hidden: Vec<Place> = (0..rows.len()).flat_map(row_of).filter(is_hidden).collect();
    let (row, group) = hidden.iter().copied().find(|at| rows.len() > 1 && !is_joined(&hidden, *at))?;
    [row_of(row), group_of(group)].into_iter().find(has_told)
}

/// Whether the ends of a cell are joined by other hidden cells.
fn is_joined(hidden: &[Place], (row, group): Place) -> bool {
    let (mut lines, mut groups) = (BTreeSet::from([row]), BTreeSet::new());
    loop {
        let before = lines.len() + groups.len();
        for (one, other) in hidden.iter().filter(|at| **at != (row, group)) {
            if lines.contains(one) || groups.contains(other) {
                lines.insert(*one);
                groups.insert(*other);
            }
        }
        if groups.contains(&group) {
            return true;
        }
        if lines.len() + groups.len() == before {
            return false;
        }
    }
}

fn line(decisions: &[Replayed], row: &Row) -> ReplayLine {
    let told = |cell: &Cell| (!cell.is_hidden).then_some(cell.decisions);
    let [better, worse, same] = row;
    ReplayLine {
        decisions: decisions.len() as u64,
        better: told(better),
        worse: told(worse),
        same: told(same),
        mean_old: mean(decisions.iter().map(|one| one.old)),
        mean_new: mean(decisions.iter().map(|one| one.new)),
    }
}

/// In whole units, halves up.
fn mean(numbers: impl ExactSizeIterator<Item = i64>) -> i64 {
    let count = numbers.len().max(1) as i128;
    let sum: i128 = numbers.map(i128::from).sum();
    i64::try_from((2 * sum + count).div_euclid(2 * count)).unwrap_or_default()
}

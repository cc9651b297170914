//! Replays of past decisions: counts are right, and what is told tells nothing of fewer than five persons.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, missing_docs, reason = "tests")]

use gongdao_register::{Better, ReplayLine, ReplayTable, Replayed};
use proptest::prelude::*;
use std::collections::BTreeSet;

fn one(number: usize, person: &str, old: i64, new: i64) -> Replayed {
    Replayed { decision: format!("d-{number:04}"), person: Some(person.to_owned()), old, new }
}

/// As many persons as decisions; `change` of the decision's number.
fn many(count: usize, change: impl Fn(usize) -> i64) -> Vec<Replayed> {
    let made = |number| {
        let old = i64::try_from(number).unwrap() * 10;
        one(number, &format!("p-{number}"), old, old + change(number))
    };
    (0..count).map(made).collect()
}

/// By how much the outcome of a decision by its number changes.
type Change = fn(usize) -> i64;
/// Row and group of counts.
type Cells = Vec<(usize, usize)>;

fn told(line: &ReplayLine) -> [Option<u64>; 3] {
    [line.better, line.worse, line.same]
}

#[test]
fn winners_and_losers_are_counted_by_tenths_of_the_old_outcome() {
    // The lower half loses, of the upper half every second gains.
    let change = |number: usize| {
        if number < 50 {
            -7
        } else if number.is_multiple_of(2) {
            9
        } else {
            0
        }
    };
    let table = ReplayTable::of(many(100, change), Better::Higher);
    let total = table.total.unwrap();
    assert_eq!((total.decisions, told(&total)), (100, [Some(25), Some(50), Some(25)]));
    assert_eq!((total.mean_old, total.mean_new), (495, 494));
    assert_eq!(table.tenths.len(), 10);
    assert_eq!(told(&table.tenths[0]), [Some(0), Some(10), Some(0)]);
    assert_eq!(told(&table.tenths[9]), [Some(5), Some(0), Some(5)]);
    assert_eq!((table.tenths[0].mean_old, table.tenths[0].mean_new), (45, 38));
    // Where less is better, who gained loses.
    let lower = ReplayTable::of(many(100, change), Better::Lower).total.unwrap();
    assert_eq!(told(&lower), [Some(50), Some(25), Some(25)]);
}

#[test]
fn small_cells_and_what_would_tell_them_are_left_out() {
    let rows: [(usize, Change, [Option<u64>; 3]); 5] = [
        // Three lose: their count is left out, and that of the others, as it would be told by subtraction.
        (40, |number| if number < 3 { -1 } else { 1 }, [None, None, Some(0)]),
        // Two and two: together they are four, so the rest is left out too.
        (
            40,
            |number| match number {
                0..2 => -1,
                2..4 => 0,
                _ => 1,
            },
            [None, None, None],
        ),
        // Three and three: six, which tells of nobody.
        (
            40,
            |number| match number {
                0..3 => -1,
                3..6 => 0,
                _ => 1,
            },
            [Some(34), None, None],
        ),
        (40, |number| if number < 5 { -1 } else { 1 }, [Some(35), Some(5), Some(0)]),
        (40, |_| 0, [Some(0), Some(0), Some(40)]),
    ];
    for (count, change, expected) in rows {
        let table = ReplayTable::of(many(count, change), Better::Higher);
        assert_eq!(told(&table.total.unwrap()), expected);
        assert!(table.tenths.is_empty(), "40 decisions have no tenths of five");
    }
    assert_eq!(ReplayTable::of(many(4, |_| 1), Better::Higher), ReplayTable::default());
    assert_eq!(ReplayTable::of(Vec::new(), Better::Higher), ReplayTable::default());
}

#[test]
fn persons_count_and_not_decisions() {
    // A hundred decisions about four persons say as much about each as four would.
    let few: Vec<Replayed> = (0..100).map(|number| one(number, &format!("p-{}", number % 4), 10, 11)).collect();
    assert_eq!(ReplayTable::of(few, Better::Higher), ReplayTable::default());
    // Sixty decisions of one person in one tenth: no tenths, and the total stands.
    let mixed: Vec<Replayed> = (0..100)
        .map(|number| {
            let person = if number < 20 { "p".to_owned() } else { format!("p-{number}") };
            one(number, &person, i64::try_from(number).unwrap(), 500)
        })
        .collect();
    let table = ReplayTable::of(mixed, Better::Higher);
    assert!(table.tenths.is_empty());
    assert_eq!(told(&table.total.unwrap()), [Some(100), Some(0), Some(0)]);
}

/// The true cells of a table, with the persons in them.
fn truth(decisions: &[Replayed], rows: usize) -> Vec<[BTreeSet<String>; 3]> {
    let mut sorted = decisions.to_vec();
    sorted.sort_by(|a, b| (a.old, &a.decision).cmp(&(b.old, &b.decision)));
    let of = |part: &[Replayed]| {
        let mut cells = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
        for one in part {
            let group = if one.new > one.old { 0 } else { usize::from(one.new == one.old) + 1 };
            cells[group].insert(one.person.clone().unwrap());
        }
        cells
    };
    let tenths = rows - 1;
    let mut all: Vec<_> =
        (0..tenths).map(|at| of(&sorted[sorted.len() * at / tenths..sorted.len() * (at + 1) / tenths])).collect();
    all.push(of(&sorted));
    all
}

/// Whether equations over hidden cells fix one of them: elimination over fractions, small enough for floats of whole numbers.
fn fixed(mut equations: Vec<Vec<f64>>, unknowns: usize) -> Vec<usize> {
    let mut pivots: Vec<(usize, usize)> = Vec::new();
    let mut row = 0;
    for column in 0..unknowns {
        let Some(found) = (row..equations.len()).find(|at| equations[*at][column].abs() > 1e-9) else { continue };
        equations.swap(row, found);
        let scale = equations[row][column];
        equations[row].iter_mut().for_each(|value| *value /= scale);
        for other in (0..equations.len()).filter(|other| *other != row) {
            let times = equations[other][column];
            let pivot = equations[row].clone();
            equations[other].iter_mut().zip(pivot).for_each(|(value, from)| *value -= times * from);
        }
        pivots.push((row, column));
        row += 1;
    }
    let alone = |(row, column): &(usize, usize)| {
        (0..unknowns).filter(|other| other != column).all(|other| equations[*row][other].abs() < 1e-9)
    };
    pivots.iter().filter(|pivot| alone(pivot)).map(|(_, column)| *column).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_left_out_can_be_worked_out(
        changes in prop::collection::vec(prop::sample::select(vec![-1_i64, 0, 0, 0, 1, 1, 1, 1, 1, 1]), 50..160),
        persons in 20_usize..200,
    ) {
        let decisions: Vec<Replayed> = changes
            .iter()
            .enumerate()
            .map(|(number, change)| {
                let old = i64::try_from(number).unwrap();
                one(number, &format!("p-{}", number % persons), old, old + change)
            })
            .collect();
        let table = ReplayTable::of(decisions.clone(), Better::Higher);
        let lines: Vec<&ReplayLine> = table.tenths.iter().chain(&table.total).collect();
        if lines.is_empty() {
            return Ok(());
        }
        let truth = if table.tenths.is_empty() { truth(&decisions, 2)[1..].to_vec() } else { truth(&decisions, 11) };
        let hidden: Vec<(usize, usize)> = (0..lines.len())
            .flat_map(|row| (0..3).map(move |group| (row, group)))
            .filter(|(row, group)| told(lines[*row])[*group].is_none())
            .collect();
        let mut sums: Vec<(Cells, Cells)> =
            (0..lines.len()).map(|row| ((0..3).map(|group| (row, group)).collect(), Vec::new())).collect();
        if lines.len() > 1 {
            let last = lines.len() - 1;
            sums.extend((0..3).map(|group| ((0..last).map(|row| (row, group)).collect(), vec![(last, group)])));
        }
        for (row, line) in lines.iter().enumerate() {
            for (group, count) in told(line).into_iter().enumerate() {
                let persons = truth[row][group].len();
                prop_assert!(count.is_none() || persons == 0 || persons >= 5, "a small cell is told");
            }
        }
        let mut equations = Vec::new();
        for (plus, minus) in &sums {
            let mut equation = vec![0.0; hidden.len()];
            for (number, at) in hidden.iter().enumerate() {
                equation[number] = f64::from(u8::from(plus.contains(at))) - f64::from(u8::from(minus.contains(at)));
            }
            // What is left of a sum when the told cells are taken away is told as well.
            let left: Vec<&(usize, usize)> = hidden.iter().filter(|at| plus.contains(at)).collect();
            let is_told = minus.iter().all(|at| !hidden.contains(at));
            if is_told && !left.is_empty() {
                let together: BTreeSet<&String> = left.iter().flat_map(|(row, group)| &truth[*row][*group]).collect();
                prop_assert!(together.len() >= 5, "a small sum is told");
            }
            equations.push(equation);
        }
        prop_assert_eq!(fixed(equations, hidden.len()), Vec::<usize>::new());
    }
}

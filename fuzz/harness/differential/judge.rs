//! Rules over rows: the kernel's verdicts beside the oracle's, outcome and cause of every rule version.

use super::arrays::Columns;
use super::packs::{self, Drawn};
use super::rows::{self, Row};
use super::{Draw, Tally};
use arrow_array::RecordBatch;
use gongdao_kernel::{Case, CompiledRules, Judge, Verdicts};
use gongdao_model::{Cause, FactPath, Facts, Outcome};
use gongdao_pack::Packs;
use gongdao_rules::{Judged, Reference, RuleSet};
use std::fmt::{Display, Write};
use std::sync::Arc;

/// Draw packs and `count` decisions and compare. Packs that are refused are counted and nothing else.
///
/// Errors: a difference, with what reproduces it.
pub(crate) fn compare(draw: &mut Draw<'_>, count: usize, tally: &mut Tally) -> Result<(), String> {
    let drawn = packs::draw(draw);
    let (packs, problems) = Packs::survey_files(drawn.files.clone());
    let rules = match packs {
        Some(packs) if problems.is_empty() => RuleSet::load(&packs),
        _ => Err(problems),
    };
    let rules = match rules {
        Ok(rules) => rules,
        Err(problems) => {
            tally.refused(problems.first().map_or("no reason", |problem| problem.message.as_str()));
            return Ok(());
        }
    };
    tally.accepted += 1;
    tally.kept += 1;
    let reference = Reference::new(&rules).map_err(told)?;
    let compiled = CompiledRules::new(&rules)
        .map_err(|error| format!("rules that the oracle judges by are not compiled: {error}\n{}", texts(&rules)))?;
    let rows = rows::draw(draw, &drawn.facts, &drawn.days, count);
    let expected: Result<Vec<_>, _> = rows
        .iter()
        .map(|row| reference.judge(row.instant(), row.action, row.place(), &row.facts(&drawn.facts)))
        .collect();
    let scene =
        Scene { drawn: &drawn, rules: &rules, compiled: Arc::new(compiled), rows, expected: expected.map_err(told)? };
    scene.count(tally);
    scene.all(draw, tally)
}

struct Scene<'a> {
    drawn: &'a Drawn,
    rules: &'a RuleSet,
    compiled: Arc<CompiledRules>,
    rows: Vec<Row>,
    expected: Vec<Vec<Judged>>,
}

impl Scene<'_> {
    /// Each row several times: the verdicts must not depend on the batch, on its order, or on what the judge saw before.
    fn all(&self, draw: &mut Draw<'_>, tally: &mut Tally) -> Result<(), String> {
        let columns = Columns::new(draw);
        let mut judge = Judge::new(Arc::clone(&self.compiled));
        let order: Vec<usize> = (0..self.rows.len()).collect();
        let first = self.batches(draw, &columns, &mut judge, "first", &order, tally)?;
        if draw.one_in(32) {
            super::crowd::fill(draw, &mut judge, &self.drawn.facts, tally);
        }
        for (run, batch) in &first {
            self.judged(&mut judge, "the same batch again", batch, run, tally)?;
        }
        self.batch(draw, &columns, &mut judge, "no row", &[], tally)?;
        let mut order = order.clone();
        draw.shuffle(&mut order);
        self.batches(draw, &columns, &mut judge, "shuffled, by the same judge", &order, tally)?;
        self.cases(draw, &mut judge, "cases, by the same judge", &order, tally)?;
        let mut other = Judge::new(Arc::clone(&self.compiled));
        if draw.one_in(2) {
            self.cases(draw, &mut other, "cases", &order, tally)?;
        }
        // A case alone goes through the rows' own evaluator.
        for row in &order {
            self.case_alone(&mut judge, *row, tally)?;
        }
        self.batch(draw, &columns, &mut other, "one batch, by another judge", &order, tally).map(drop)
    }

    /// Each run of rows with its batch.
    fn batches<'b>(
        &self,
        draw: &mut Draw<'_>,
        columns: &Columns,
        judge: &mut Judge,
        way: &str,
        order: &'b [usize],
        tally: &mut Tally,
    ) -> Result<Vec<(&'b [usize], RecordBatch)>, String> {
        let runs = draw.cut(order).into_iter();
        runs.map(|run| Ok((run, self.batch(draw, columns, judge, way, run, tally)?))).collect()
    }

    fn batch(
        &self,
        draw: &mut Draw<'_>,
        columns: &Columns,
        judge: &mut Judge,
        way: &str,
        order: &[usize],
        tally: &mut Tally,
    ) -> Result<RecordBatch, String> {
        let rows: Vec<&Row> = order.iter().map(|row| &self.rows[*row]).collect();
        let batch = columns.batch(draw, &self.drawn.facts, &rows, tally);
        self.judged(judge, way, &batch, order, tally)?;
        Ok(batch)
    }

    fn judged(
        &self,
        judge: &mut Judge,
        way: &str,
        batch: &RecordBatch,
        order: &[usize],
        tally: &mut Tally,
    ) -> Result<(), String> {
        let verdicts =
            judge.judge(batch).map_err(|error| format!("{way}: the batch is refused: {error}\n{batch:?}"))?;
        self.same(way, &verdicts, order, Some(batch), tally)
    }

    fn cases(
        &self,
        draw: &mut Draw<'_>,
        judge: &mut Judge,
        way: &str,
        order: &[usize],
        tally: &mut Tally,
    ) -> Result<(), String> {
        for run in draw.cut(order) {
            // Slips in words are unknown here too, though the oracle refuses them.
            let facts: Vec<Facts> = run.iter().map(|row| self.rows[*row].written_facts(&self.drawn.facts)).collect();
            let cases: Vec<Case<'_>> = run
                .iter()
                .zip(&facts)
                .map(|(row, facts)| {
                    let row = &self.rows[*row];
                    Case { at: row.instant(), action: row.action, place: row.place(), facts }
                })
                .collect();
            let verdicts = judge.judge_cases(&cases).map_err(|error| format!("{way}: refused: {error}"))?;
            self.same(way, &verdicts, run, None, tally)?;
        }
        Ok(())
    }

    fn case_alone(&self, judge: &mut Judge, row: usize, tally: &mut Tally) -> Result<(), String> {
        let drawn = &self.rows[row];
        let facts = drawn.written_facts(&self.drawn.facts);
        let case = Case { at: drawn.instant(), action: drawn.action, place: drawn.place(), facts: &facts };
        let verdicts = judge.judge_cases(&[case]).map_err(|error| format!("alone: refused: {error}"))?;
        self.same("a case alone", &verdicts, &[row], None, tally)
    }

    fn same(
        &self,
        way: &str,
        verdicts: &Verdicts,
        order: &[usize],
        batch: Option<&RecordBatch>,
        tally: &mut Tally,
    ) -> Result<(), String> {
        sound(verdicts, order.len()).map_err(|error| format!("{way}: {error}"))?;
        tally.compared += order.len() as u64;
        for (at, row) in order.iter().enumerate() {
            let found: Vec<Judged> = verdicts.row(at).collect();
            if found != self.expected[*row] {
                return Err(self.difference(way, *row, at, &found, batch));
            }
        }
        Ok(())
    }

    fn difference(&self, way: &str, row: usize, at: usize, found: &[Judged], batch: Option<&RecordBatch>) -> String {
        let expected = &self.expected[row];
        let mut text = format!("{way}: row {row}, row {at} of its batch\n");
        let differing = found
            .iter()
            .filter(|one| !expected.contains(one))
            .chain(expected.iter().filter(|one| !found.contains(one)));
        let mut versions: Vec<usize> = differing.map(|one| one.version).collect();
        versions.sort_unstable();
        versions.dedup();
        for version in versions.iter().copied() {
            let of = |judged: &[Judged]| judged.iter().find(|one| one.version == version).cloned();
            let (rule, found, expected) = (&self.rules.versions[version], of(found), of(expected));
            let _ = writeln!(
                text,
                "kernel: {found:?}\noracle: {expected:?}\nuntil: {:?}, place {}\n{}",
                rule.until, rule.place, rule.text
            );
        }
        let shown = &self.rows[row];
        let _ =
            writeln!(text, "at {} ({}), action {}, place {:?}", shown.at, shown.instant(), shown.action, shown.place);
        let asked = |path: &FactPath| versions.iter().any(|version| self.rules.versions[*version].facts.contains(path));
        let pairs = self.drawn.facts.iter().zip(&shown.cells);
        for (fact, cell) in pairs.filter(|(fact, _)| asked(&fact.path)) {
            let layout = batch
                .and_then(|batch| batch.column_by_name(&fact.path.to_string()).map(|array| array.data_type().clone()));
            let _ = writeln!(text, "{} = {cell:?}, words {:?}, column {layout:?}", fact.path, fact.words);
        }
        let alone = self.alone(row);
        let _ = writeln!(
            text,
            "alone and as a case: {}",
            if alone == *expected { "as the oracle says" } else { "different too" }
        );
        for (path, bytes) in self.drawn.files.iter().filter(|(path, _)| path.ends_with("parameters.toml")) {
            let _ = writeln!(text, "{}:\n{}", path.display(), String::from_utf8_lossy(bytes));
        }
        text
    }

    fn alone(&self, row: usize) -> Vec<Judged> {
        let row = &self.rows[row];
        let facts = row.written_facts(&self.drawn.facts);
        let case = Case { at: row.instant(), action: row.action, place: row.place(), facts: &facts };
        let verdicts = Judge::new(Arc::clone(&self.compiled)).judge_cases(&[case]);
        verdicts.map(|verdicts| verdicts.row(0).collect()).unwrap_or_default()
    }

    fn count(&self, tally: &mut Tally) {
        tally.rows += self.rows.len() as u64;
        for judged in self.expected.iter().flatten() {
            tally.pairs += 1;
            tally.outcome(judged.outcome.as_str());
            match &judged.cause {
                Some(Cause::MissingFact(path)) => tally.error(&format!("missing fact of {}", path.entity().prefix())),
                Some(Cause::EngineError(words)) => tally.error(words),
                None => {}
            }
        }
    }
}

/// What the kernel promises of its sets, whatever the verdicts are.
fn sound(verdicts: &Verdicts, rows: usize) -> Result<(), String> {
    if verdicts.rows != rows {
        return Err(format!("{} rows of {rows}", verdicts.rows));
    }
    for one in &verdicts.versions {
        let sets = one.sets();
        let outside = sets.iter().any(|(_, set)| !set.minus(&one.scope).is_empty());
        let counts: usize = sets.iter().map(|(_, set)| set.count()).sum();
        if outside || counts + one.not_applicable().count() != one.scope.count() {
            return Err(format!("the sets of version {} overlap or leave its scope", one.version));
        }
        let mut left = one.undetermined.clone();
        for (_, rows) in &one.causes {
            if rows.is_empty() || !rows.minus(&left).is_empty() {
                return Err(format!("a cause of version {} is of no undetermined row, or the second one", one.version));
            }
            left = left.minus(rows);
        }
        let undetermined = sets.iter().find(|(outcome, _)| *outcome == Outcome::Undetermined);
        if !left.is_empty() || undetermined.is_none_or(|(_, set)| **set != one.undetermined) {
            return Err(format!("version {} is undetermined without a cause", one.version));
        }
    }
    Ok(())
}

fn texts(rules: &RuleSet) -> String {
    rules.versions.iter().map(|version| version.text.as_str()).collect::<Vec<_>>().join("\n\n")
}

fn told(error: impl Display) -> String {
    format!("the oracle refuses: {error}")
}

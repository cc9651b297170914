//! Faults of the data: of cells, of decisions, of events, and what the adapter's own checks find.

use crate::AuditError;
use crate::adapter::CheckSpec;
use crate::ledger::ERASED;
use crate::query::Session;
use crate::read_at::{integers, texts};
use crate::run::Request;
use crate::run::judge::Judged;
use crate::summary::{Bilingual, DataFile, DataFinding, MAX_EXAMPLES};
use crate::table::Fault;
use datafusion::arrow::array::Array;
use std::collections::BTreeMap;
use std::path::Path;

/// All faults of a run.
pub(crate) struct Quality {
    pub(crate) rows: u64,
    pub(crate) set_aside: u64,
    /// Ordered by file, column and code.
    pub(crate) findings: Vec<DataFinding>,
    rows_of: BTreeMap<String, u64>,
}

impl Quality {
    /// The data files with the rows that were read of each.
    pub(crate) fn with_rows(&self, mut files: Vec<DataFile>) -> Vec<DataFile> {
        for file in &mut files {
            file.rows = self.rows_of.get(&file.file).copied().unwrap_or(0);
        }
        files
    }
}

/// Gather what the tables, the decisions query and the events showed, and run the adapter's checks.
pub(crate) fn gather(request: &Request<'_>, session: &Session, judged: &Judged) -> Result<Quality, AuditError> {
    let mut quality = Quality { rows: 0, set_aside: judged.set_aside, findings: Vec::new(), rows_of: BTreeMap::new() };
    quality.findings.extend(judged.faults.findings().cloned());
    quality.findings.extend(session.faults.findings().cloned());
    for (table, found) in session.tables.found()? {
        quality.set_aside += found.set_aside;
        quality.findings.extend(found.faults.findings().cloned());
        for (file, rows) in table.files.iter().zip(&found.rows) {
            // A file may serve two tables; its rows count once.
            if quality.rows_of.insert(file.clone(), *rows).is_none() {
                quality.rows += rows;
            }
        }
    }
    for check in &request.adapter.checks {
        quality.findings.extend(run_check(session, check)?);
    }
    quality.findings.sort_by(|a, b| (&a.file, &a.column, &a.code).cmp(&(&b.file, &b.column, &b.code)));
    Ok(quality)
}

/// With `--strict`, refuse the first row that would be set aside.
pub(crate) fn refuse_if_strict(request: &Request<'_>, session: &Session) -> Result<(), AuditError> {
    if !request.strict {
        return Ok(());
    }
    let mut problems = Vec::new();
    for (_, found) in session.tables.found()? {
        // What was erased by law is no fault of the data.
        problems.extend(found.faults.findings().filter(|finding| finding.code != ERASED).map(problem));
    }
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

/// A fault as the refusal of a strict run.
pub(crate) fn refusal(finding: &DataFinding) -> AuditError {
    problem(finding).into()
}

fn problem(finding: &DataFinding) -> gongdao_pack::Problem {
    let rows: Vec<String> = finding.first_rows.iter().map(ToString::to_string).collect();
    let column = finding.column.as_ref().map(|column| format!(", column `{column}`")).unwrap_or_default();
    let message = format!("row {}{column}: {} ({} in all)", rows.join(", "), finding.message.en, finding.count);
    let hint = finding.hint.as_ref().map_or("", |hint| hint.en.as_str());
    let hint = if hint.is_empty() { "correct it" } else { hint };
    crate::error::problem(
        Path::new(&finding.file),
        message,
        format!("{hint}; without `--strict` such rows are set aside"),
    )
}

/// One finding a file and column that the check names.
fn run_check(session: &Session, check: &CheckSpec) -> Result<Vec<DataFinding>, AuditError> {
    let mut findings: BTreeMap<(String, Option<String>), DataFinding> = BTreeMap::new();
    let file = &check.sql.file;
    for batch in session.stream(&check.sql)? {
        let batch = batch?;
        let files = texts(&batch, "_file", file)?;
        let rows = integers(&batch, "_row", file)?;
        let optional = |name: &str| batch.column_by_name(name).map(|_| texts(&batch, name, file)).transpose();
        let (columns, values) = (optional("column")?, optional("value")?);
        for row in 0..batch.num_rows() {
            let at = |texts: &Option<datafusion::arrow::array::StringArray>| {
                texts.as_ref().filter(|texts| texts.is_valid(row)).map(|texts| texts.value(row).to_owned())
            };
            let name = if files.is_valid(row) { files.value(row).to_owned() } else { String::new() };
            let finding = findings.entry((name.clone(), at(&columns))).or_insert_with(|| DataFinding {
                file: name,
                column: at(&columns),
                code: check.id.clone(),
                message: message(check, at(&values).as_deref()),
                hint: hint(check),
                set_aside: false,
                count: 0,
                first_rows: Vec::new(),
            });
            finding.count += 1;
            let number = rows.as_ref().filter(|rows| rows.is_valid(row)).map(|rows| rows.value(row));
            if finding.first_rows.len() < MAX_EXAMPLES
                && let Some(number) = number.and_then(|number| u64::try_from(number).ok())
            {
                finding.first_rows.push(number);
            }
        }
    }
    Ok(findings.into_values().collect())
}

/// The check's words with the first input that it found.
fn message(check: &CheckSpec, value: Option<&str>) -> Bilingual {
    match value {
        Some(value) => {
            let shown = Fault::shown(value);
            Bilingual::new(format!("{}：`{shown}`", check.zh), format!("{}: `{shown}`", check.en))
        }
        None => Bilingual::new(&check.zh, &check.en),
    }
}

fn hint(check: &CheckSpec) -> Option<Bilingual> {
    match (&check.hint_zh, &check.hint_en) {
        (Some(zh), Some(en)) => Some(Bilingual::new(zh, en)),
        (Some(one), None) | (None, Some(one)) => Some(Bilingual::new(one, one)),
        (None, None) => None,
    }
}

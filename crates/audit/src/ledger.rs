//! Decisions out of a ledger, sealed rows and later ones alike, as the table `ledger`.
//!
//! Before anything is judged the tree is made again from the entries and every row is recomputed to its entry; a ledger that does
//! not hold is refused. What was erased is counted and named, and never looks like a decision that is fine.

mod columns;
mod met;
#[cfg(test)]
mod tests;

use crate::adapter::{Adapter, AdapterKind, Sql, TableSpec};
use crate::columns::{ACTION, ALGORITHM, AT, DECISION, FILE, PERSON, PLACE, ROW};
use crate::error::problem;
use crate::summary::{DataFile, LedgerRun};
use crate::table::{BATCH_ROWS, Fault, FaultTally, Found};
use crate::{AuditError, digest};
use columns::Columns;
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::record_batch::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::execution::TaskContext;
use datafusion::physical_plan::SendableRecordBatchStream;
use datafusion::physical_plan::stream::RecordBatchStreamAdapter;
use datafusion::physical_plan::streaming::PartitionStream;
use gongdao_ledger::{ErrorKind, LedgerError, Reader};
use gongdao_model::{DecisionRecord, FactPath, FactType};
use gongdao_rules::Vocabulary;
use met::{Met, each_met};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

/// Its name in SQL.
pub(crate) const TABLE: &str = "ledger";
/// Code of the finding that counts what was erased.
pub(crate) const ERASED: &str = "erased";
/// Batches that are read before they are asked for.
const BATCHES_AHEAD: usize = 2;
/// Problems of a ledger that are named.
const MOST_NAMED: usize = 8;

/// A ledger that holds, ready to be read as a table.
#[derive(Debug)]
pub struct LedgerSource {
    reader: Quiet,
    /// Where it lies, for messages.
    place: PathBuf,
    run: LedgerRun,
    file: DataFile,
    found: Found,
    facts: Vec<(FactPath, FactType)>,
    schema: SchemaRef,
}

/// A reader holds keys: nothing of it is shown.
struct Quiet(Reader);

impl std::fmt::Debug for Quiet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

impl LedgerSource {
    /// Check the whole ledger up to its signed checkpoint, and look through its decisions once.
    ///
    /// Errors: something in it does not hold; each problem is named with its entry. A file that cannot be read.
    pub fn open(reader: Reader, place: &Path, vocabulary: &Vocabulary) -> Result<Self, AuditError> {
        check(&reader, place)?;
        let checkpoint = reader.checkpoint().unverified();
        let run = LedgerRun {
            origin: reader.about().origin.to_string(),
            key: reader.about().key.to_string(),
            size: checkpoint.size,
            root: checkpoint.root.to_string(),
        };
        let survey = Survey::of(&reader, &run.origin, vocabulary).map_err(|error| refused(place, &error))?;
        let facts: Vec<(FactPath, FactType)> = survey.facts.into_iter().collect();
        let schema = Arc::new(schema_of(&facts));
        let file = DataFile {
            file: run.origin.clone(),
            rows: run.size,
            bytes: survey.bytes,
            digest: digest::text(survey.rows),
        };
        Ok(Self { reader: Quiet(reader), place: place.to_path_buf(), run, file, found: survey.found, facts, schema })
    }

    /// The adapter that judges every decision of the ledger by the facts that were logged with it.
    pub fn adapter(&self) -> Adapter {
        let sql = format!("SELECT * FROM {TABLE}");
        let mut hash = Sha256::new();
        hash.update(sql.as_bytes());
        let LedgerRun { origin, size, .. } = &self.run;
        Adapter {
            file: self.place.clone(),
            name: TABLE.to_owned(),
            zh: format!("账本 {origin}"),
            en: format!("Ledger {origin}"),
            note_zh: Some(format!(
                "判断依据是每项决策记入账本时的事实，截至第 {size} 条；“行”为账本条目的序号，从 0 开始。账本只能证明记入的内容此后未被改动，不能证明内容真实或完整。"
            )),
            note_en: Some(format!(
                "Judged by the facts that were logged with each decision, up to {size} entries; a “row” is the place of an entry, from 0 on. \
                 The ledger proves that what was logged was not changed since, not that it is true or complete."
            )),
            illustration: false,
            kind: AdapterKind::Decisions,
            data: self.place.clone(),
            tables: Vec::new(),
            steps: Vec::new(),
            decisions: Some(Sql { file: self.place.clone(), text: sql }),
            states: Vec::new(),
            parameters: BTreeMap::new(),
            checks: Vec::new(),
            measures: Vec::new(),
            algorithms: Vec::new(),
            digest: digest::text(hash),
        }
    }

    /// What it is, for the summary.
    pub(crate) fn run(&self) -> LedgerRun {
        self.run.clone()
    }

    /// Its rows as one data file under the ledger's origin. The digest is over them all as `docs/formats/ledger-folder.md` lays them
    /// out, so that it is the same wherever they stand, and another one after an erasure.
    pub(crate) fn file(&self) -> DataFile {
        self.file.clone()
    }

    /// As a table of one file.
    pub(crate) fn spec(&self) -> TableSpec {
        TableSpec { name: TABLE.to_owned(), files: vec![self.run.origin.clone()], columns: Vec::new() }
    }

    /// What the first look found.
    pub(crate) fn found(&self) -> &Found {
        &self.found
    }

    /// Give every decision to `take`, in batches, until it says no.
    fn batches(&self, take: &mut dyn FnMut(RecordBatch) -> bool) -> Result<(), AuditError> {
        let mut columns = Columns::new(&self.facts, &self.run.origin);
        let mut set_aside = 0;
        let mut is_wanted = true;
        let read = each_met(&self.reader.0, |leaf, met, _| {
            match met {
                Met::Decision { record, .. } => columns.push(leaf, &record),
                Met::Erased | Met::Unreadable(_) => set_aside += 1,
                Met::Correction | Met::Other => {}
            }
            if columns.len() >= BATCH_ROWS {
                is_wanted = take(columns.finish(&self.schema).map_err(|error| internal(&error))?);
            }
            if is_wanted { Ok(()) } else { Err(internal(&"nobody reads on")) }
        });
        if !is_wanted {
            return Ok(());
        }
        read.map_err(|error| refused(&self.place, &error))?;
        if set_aside != self.found.set_aside {
            let message = "something was erased while the ledger was read";
            return Err(AuditError::new(&self.place, message, "run the audit again"));
        }
        if columns.len() > 0 {
            take(columns.finish(&self.schema).map_err(|error| crate::columns::internal(&error.to_string()))?);
        }
        Ok(())
    }

    fn send(&self, sender: &SyncSender<Result<RecordBatch, AuditError>>) {
        if let Err(error) = self.batches(&mut |batch| sender.send(Ok(batch)).is_ok()) {
            // Whoever asked may have gone.
            let _ = sender.send(Err(error));
        }
    }
}

/// The decisions as `DataFusion` reads them: in order, one partition, each time anew.
#[derive(Debug)]
pub(crate) struct LedgerStream(pub(crate) Arc<LedgerSource>);

impl PartitionStream for LedgerStream {
    fn schema(&self) -> &SchemaRef {
        &self.0.schema
    }

    fn execute(&self, _: Arc<TaskContext>) -> SendableRecordBatchStream {
        let (sender, batches) = sync_channel(BATCHES_AHEAD);
        let (source, failed) = (Arc::clone(&self.0), sender.clone());
        // Rows are pushed by the ledger and pulled by the query: a thread stands in between, and ends when nobody pulls any more.
        let thread = std::thread::Builder::new().name("ledger-rows".to_owned()).spawn(move || source.send(&sender));
        if let Err(error) = thread {
            let _ = failed.try_send(Err(crate::columns::internal(&format!("cannot start a thread: {error}"))));
        }
        drop(failed);
        let batches =
            batches.into_iter().map(|batch| batch.map_err(|error| DataFusionError::External(Box::new(error))));
        Box::pin(RecordBatchStreamAdapter::new(Arc::clone(&self.0.schema), futures::stream::iter(batches)))
    }
}

/// What one look at all rows shows.
struct Survey {
    found: Found,
    facts: BTreeMap<FactPath, FactType>,
    bytes: u64,
    rows: Sha256,
}

impl Survey {
    fn of(reader: &Reader, name: &str, vocabulary: &Vocabulary) -> Result<Self, LedgerError> {
        let mut survey = Self { found: Found::default(), facts: BTreeMap::new(), bytes: 0, rows: Sha256::new() };
        survey.found.rows = vec![reader.size()];
        each_met(reader, |leaf, met, row| {
            let bytes = row.to_bytes();
            survey.bytes += bytes.len() as u64;
            survey.rows.update(bytes);
            survey.meet(name, leaf, &met, vocabulary);
            Ok(())
        })?;
        survey.found.complete = true;
        Ok(survey)
    }

    fn meet(&mut self, name: &str, leaf: u64, met: &Met, vocabulary: &Vocabulary) {
        let faults = &mut self.found.faults;
        match met {
            Met::Decision { record, algorithm_erased } => {
                if *algorithm_erased {
                    faults.add(name, Some(ALGORITHM), leaf, algorithm_erased_words(), false);
                }
                self.facts_of(name, leaf, record, vocabulary);
            }
            Met::Erased => {
                self.found.set_aside += 1;
                faults.add(name, None, leaf, erased_words(), true);
            }
            Met::Unreadable(why) => {
                self.found.set_aside += 1;
                faults.add(name, None, leaf, unreadable_words(why), true);
            }
            Met::Correction => faults.add(name, None, leaf, correction_words(), false),
            Met::Other => {}
        }
    }

    fn facts_of(&mut self, name: &str, leaf: u64, record: &DecisionRecord, vocabulary: &Vocabulary) {
        let faults: &mut FaultTally = &mut self.found.faults;
        for (path, value) in record.facts.iter() {
            let Some(declared) = vocabulary.facts.get(path) else {
                faults.add(name, Some(&path.to_string()), leaf, unknown_fact(path), false);
                continue;
            };
            if columns::fits(declared.fact_type, value) {
                self.facts.insert(path.clone(), declared.fact_type);
            } else {
                faults.add(name, Some(&path.to_string()), leaf, wrong_type(path, declared.fact_type), false);
            }
        }
    }
}

/// Nothing is judged that does not hold.
fn check(reader: &Reader, place: &Path) -> Result<(), AuditError> {
    let audit = reader.fsck().map_err(|error| refused(place, &error))?;
    if audit.findings.is_empty() {
        return Ok(());
    }
    let hint = "run `gongdao ledger fsck`; a ledger that does not hold is not judged";
    let mut problems: Vec<_> =
        audit.findings.iter().take(MOST_NAMED).map(|finding| problem(place, finding.to_string(), hint)).collect();
    if audit.findings.len() > MOST_NAMED {
        problems.push(problem(place, format!("and {} problems more", audit.findings.len() - MOST_NAMED), hint));
    }
    Err(problems.into())
}

fn schema_of(facts: &[(FactPath, FactType)]) -> Schema {
    let moment = DataType::Timestamp(TimeUnit::Millisecond, None);
    let mut fields = vec![
        Field::new(DECISION, DataType::Utf8, false),
        Field::new(AT, moment, false),
        Field::new(ACTION, DataType::Utf8, false),
        Field::new(PLACE, DataType::Utf8, true),
        Field::new(ALGORITHM, DataType::Utf8, true),
        Field::new(PERSON, DataType::Utf8, true),
    ];
    fields.extend(facts.iter().map(|(path, kind)| Field::new(path.to_string(), columns::sql_type(*kind), true)));
    fields.push(Field::new(FILE, DataType::Utf8, false));
    fields.push(Field::new(ROW, DataType::Int64, false));
    Schema::new(fields)
}

fn refused(place: &Path, error: &LedgerError) -> AuditError {
    AuditError::new(place, error.message.clone(), error.hint)
}

/// Ends a walk over the rows.
fn internal(words: &dyn std::fmt::Display) -> LedgerError {
    LedgerError { kind: ErrorKind::Closed, message: words.to_string(), hint: "report this" }
}

fn erased_words() -> Fault {
    let zh = "内容已依法删除，无法判断；删除的依据和时间记在账本的删除条目中";
    let en =
        "the content was erased by law, and nobody can judge it; ground and time stand in the ledger's erasure entry";
    Fault::new(ERASED, zh.to_owned(), en.to_owned()).hint(
        "当事人持有的回执仍然有效，可据以判断",
        "the person's receipt still holds, and what it shows can be judged",
    )
}

fn algorithm_erased_words() -> Fault {
    let zh = "该决策所用的算法已从账本删除，按未知处理";
    let en = "which algorithm decided was erased from the ledger; it counts as unknown";
    Fault::new("algorithm-erased", zh.to_owned(), en.to_owned())
}

fn unreadable_words(why: &str) -> Fault {
    let zh = format!("账本中的决策无法读出：{}", Fault::shown(why));
    let en = format!("a decision of the ledger cannot be read: {}", Fault::shown(why));
    Fault::new("unreadable-decision", zh, en).hint(
        "由其他程序或版本记入；见 docs/formats/ledger-decision.md",
        "another program or version logged it; see docs/formats/ledger-decision.md",
    )
}

fn correction_words() -> Fault {
    let zh = "账本中有更正条目，本次判断未采用更正后的内容";
    let en = "the ledger holds corrections, and the decisions were judged as they were first logged";
    Fault::new("correction-not-applied", zh.to_owned(), en.to_owned())
        .hint("核对被更正的决策", "look at the decisions that were corrected")
}

fn unknown_fact(path: &FactPath) -> Fault {
    let zh = format!("词汇表中没有事实 `{path}`，没有规则会用到它");
    let en = format!("the vocabulary has no fact `{path}`, so no rule asks for it");
    Fault::new("unknown-fact", zh, en).hint("核对名称，或更新规则包", "check the name, or take packs that know it")
}

fn wrong_type(path: &FactPath, kind: FactType) -> Fault {
    let kind = kind.cedar_name();
    let zh = format!("`{path}` 的值不是 {kind} 类型，按未知处理");
    let en = format!("the value of `{path}` is no {kind}; it counts as unknown");
    Fault::new("wrong-fact-type", zh, en).hint(
        "以词汇表规定的类型记入；集合中的词不能为空、不能有 `|` 或首尾空格",
        "log it with the type that the vocabulary gives; words of a set are not empty and have no `|` or white space at their ends",
    )
}

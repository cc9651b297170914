//! A ledger judged as the files it was logged from, and what is said of what was erased, changed or cannot be read.

use super::LedgerSource;
use crate::columns::{self, FactReader};
use crate::engine::EngineKind;
use crate::query::Session;
use crate::run::{Ended, Progress, Request, Watch, audit};
use crate::state::{self, State};
use crate::summary::{DataFinding, Summary};
use crate::table::FaultTally;
use crate::view::DecisionView;
use crate::{Adapter, AuditError};
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use gongdao_ledger::{
    Clock, Draft, DraftGroup, Entropy, EntryKind, Erasure, Folder, GroupNumber, Ledger, LedgerError, LoggedAt, Reader,
    Setup, Storage, Target, Value, decision_draft,
};
use gongdao_merkle::NoteSigner;
use gongdao_model::{DecisionRecord, Instant, Outcome};
use gongdao_pack::Packs;
use gongdao_rules::RuleSet;
use gongdao_sim::{Settings, simulate};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, LazyLock};

const ORIGIN: &str = "ledger.example/city";

static LAW: LazyLock<(Packs, RuleSet)> = LazyLock::new(|| {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let rules = RuleSet::load(&packs).unwrap();
    (packs, rules)
});

struct Silent;

impl Watch for Silent {
    fn progress(&self, _: Progress) {}
    fn stop(&self) -> bool {
        false
    }
}

struct Still;

impl Clock for Still {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000)
    }
}

/// Different from start to start.
struct Random;

impl Entropy for Random {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        getrandom::fill(bytes).unwrap();
        Ok(())
    }
}

fn storage(folder: &Path) -> Arc<dyn Storage> {
    Arc::new(Folder::new(folder))
}

fn signer() -> NoteSigner {
    NoteSigner::new(ORIGIN.parse().unwrap(), &[7; 32])
}

fn open(folder: &Path) -> Ledger {
    Ledger::open(Setup::new(storage(folder), signer(), Box::new(Still), Box::new(Random))).unwrap().0
}

fn create(folder: &Path) -> Ledger {
    Ledger::create(storage(folder), ORIGIN.parse().unwrap(), &signer(), &mut Random).unwrap();
    open(folder)
}

fn log(ledger: &Ledger, drafts: Vec<Draft>) {
    for placed in ledger.append(drafts).unwrap().wait().unwrap() {
        placed.unwrap();
    }
}

fn erase(ledger: &Ledger, target: Target) {
    let (ground, reference) = ("cn.pipl/47/1".to_owned(), "case-1".to_owned());
    ledger.erase(Erasure { target, ground, reference }).unwrap();
}

fn source(folder: &Path) -> Result<Arc<LedgerSource>, AuditError> {
    let reader = Reader::open(storage(folder)).unwrap();
    LedgerSource::open(reader, folder, &LAW.1.vocabulary).map(Arc::new)
}

fn run(adapter: &Adapter, ledger: Option<&Arc<LedgerSource>>, out: &Path, strict: bool) -> Result<Summary, AuditError> {
    let request = Request {
        adapter,
        data: &adapter.data,
        ledger,
        packs: &LAW.0,
        rules: &LAW.1,
        engine: EngineKind::default(),
        threads: 2,
        strict,
        fresh: false,
        command: "gongdao audit",
        build: "test",
        out,
    };
    match audit(&request, &Silent)? {
        Ended::Complete(summary) => Ok(*summary),
        Ended::Stopped { .. } => panic!("the run was stopped"),
    }
}

fn judged(folder: &Path, out: &Path) -> Summary {
    let source = source(folder).unwrap();
    run(&source.adapter(), Some(&source), out, true).unwrap()
}

/// The decisions of an adapter as they are judged, state and assumed numbers included, as records.
fn records(adapter: &Adapter) -> Vec<DecisionRecord> {
    let session = Session::open(adapter, &adapter.data, &LAW.0.derived).unwrap();
    let vocabulary = &LAW.1.vocabulary;
    let mut faults = FaultTally::default();
    let states: Vec<State> =
        adapter.states.iter().map(|spec| state::load(&session, spec, vocabulary, &mut faults).unwrap()).collect();
    let given = states.iter().flat_map(State::facts).cloned().collect();
    let sql = adapter.decisions.as_ref().unwrap();
    let batches = session.stream(sql).unwrap();
    let mut view = DecisionView::plan(sql, &batches.schema, vocabulary, &adapter.parameters, &given).unwrap();
    let mut all = Vec::new();
    for batch in batches {
        let mut batch = view.convert(&batch.unwrap()).unwrap();
        for state in &states {
            batch = state.join(&batch).unwrap();
        }
        all.extend((0..batch.num_rows()).map(|row| record(&batch, row)));
    }
    all
}

fn record(batch: &RecordBatch, row: usize) -> DecisionRecord {
    let text = |name: &str| {
        let column = columns::column(batch, name).unwrap().as_string::<i32>();
        column.is_valid(row).then(|| column.value(row).to_owned())
    };
    let at = columns::column(batch, columns::AT).unwrap().as_primitive::<Int64Type>().value(row);
    DecisionRecord {
        id: text(columns::DECISION).unwrap().parse().unwrap(),
        at: Instant::from_millis(at).unwrap(),
        action: text(columns::ACTION).unwrap(),
        place: text(columns::PLACE).map(|place| place.parse().unwrap()),
        algorithm: text(columns::ALGORITHM),
        person: text(columns::PERSON),
        facts: FactReader::new(batch).unwrap().facts(row),
    }
}

fn drafts(records: &[DecisionRecord]) -> Vec<Draft> {
    records.iter().map(|record| decision_draft(record).unwrap()).collect()
}

type Outcomes = BTreeMap<String, BTreeMap<Outcome, u64>>;

/// What came out, without where it was read from.
fn came_out(summary: &Summary) -> (Vec<u64>, Vec<String>, Outcomes, Outcomes, Vec<u64>) {
    let counts = &summary.counts;
    let by_action = counts.by_action.iter().map(|(name, of)| format!("{name} {} {}", of.decisions, of.violated));
    let provision = |of: &crate::summary::ProvisionSummary| (of.id.to_string(), of.outcomes.clone());
    let rule = |of: &crate::summary::RuleSummary| (of.key.to_string(), of.outcomes.clone());
    (
        vec![
            counts.decisions,
            counts.violated,
            counts.violated_provisional_only,
            counts.disputed,
            counts.undetermined,
            counts.clear,
            counts.silent,
        ],
        by_action.collect(),
        // What only a group comparison is looked at for has no outcome.
        summary.provisions.iter().map(provision).filter(|(_, outcomes)| !outcomes.is_empty()).collect(),
        summary.rules.iter().map(rule).collect(),
        summary.provisions.iter().map(|of| of.disputed).filter(|count| *count > 0).collect(),
    )
}

/// The same decisions in a ledger of which a part is sealed.
fn logged(records: &[DecisionRecord], folder: &Path) -> Ledger {
    let ledger = create(folder);
    let half = records.len() / 2;
    for part in records[..half].chunks(2_000) {
        log(&ledger, drafts(part));
    }
    ledger.close_epoch().unwrap();
    ledger.seal_segments(1).unwrap();
    for part in records[half..].chunks(2_000) {
        log(&ledger, drafts(part));
    }
    ledger.checkpoint().unwrap();
    ledger
}

#[test]
fn a_city_read_from_its_ledger_comes_out_as_from_its_files_and_the_erased_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let (city, led) = (dir.path().join("city"), dir.path().join("led"));
    std::fs::create_dir(&city).unwrap();
    let settings = Settings { seed: 5, orders: 500, couriers: None, days: 3, from: "2025-10-13".parse().unwrap() };
    simulate(&settings, &city).unwrap();
    let adapter = Adapter::read(&city.join("adapter.toml")).unwrap();
    let from_files = run(&adapter, None, &dir.path().join("files"), true).unwrap();
    let records = records(&adapter);
    let ledger = logged(&records, &led);
    let from_ledger = judged(&led, &dir.path().join("ledger"));
    assert!(from_files.counts.violated > 0 && from_files.counts.undetermined > 0);
    assert_eq!(came_out(&from_ledger), came_out(&from_files));
    assert_eq!(from_ledger.data_quality, []);
    let root = from_ledger.run.ledger.clone().unwrap();
    let size = records.len() as u64 + 1;
    assert_eq!((root.origin.as_str(), root.size), (ORIGIN, size));
    assert_eq!(root.root, ledger.checkpoint().unwrap().unverified().root.to_string());
    let html = std::fs::read_to_string(dir.path().join("ledger/report.html")).unwrap().replace("&#x2f;", "/");
    assert!(html.matches(&root.root).count() == 2, "once a language");

    // Where the rows stand is nobody's business.
    ledger.seal_segments(1).unwrap();
    let sealed = judged(&led, &dir.path().join("sealed"));
    assert_eq!(sealed.run, from_ledger.run);
    for file in ["summary.json", "verdicts.parquet", "findings.parquet", "report.html"] {
        let bytes = |folder: &str| std::fs::read(dir.path().join(folder).join(file)).unwrap();
        assert!(bytes("sealed") == bytes("ledger"), "{file}");
    }

    // Without one person the rest comes out as it did.
    let person = records[0].person.clone().unwrap();
    let (theirs, others): (Vec<_>, Vec<_>) =
        records.into_iter().partition(|record| record.person.as_deref() == Some(&person));
    erase(&ledger, Target::Person(person.parse().unwrap()));
    let erased = judged(&led, &dir.path().join("erased"));
    let without = dir.path().join("without");
    let ledger = logged(&others, &without);
    assert_eq!(came_out(&erased), came_out(&judged(&without, &dir.path().join("others"))));
    drop(ledger);
    let count = theirs.len() as u64;
    assert_eq!((erased.counts.erased, erased.counts.set_aside), (count, count));
    let [DataFinding { file, code, set_aside: true, count: found, .. }] = erased.data_quality.as_slice() else {
        panic!("{:?}", erased.data_quality)
    };
    assert_eq!((file.as_str(), code.as_str(), *found), (ORIGIN, super::ERASED, count));
    assert_ne!(erased.run.data_digest, sealed.run.data_digest);
}

fn dispatch(id: &str, facts: &str) -> Draft {
    let json = format!(
        r#"{{"id":"{id}","at":"2025-10-13T12:00:00+08:00","action":"dispatch","person":"p","algorithm":"a1",{facts}}}"#
    );
    decision_draft(&serde_json::from_str(&json).unwrap()).unwrap()
}

/// Each row: what is logged, and what is said of it. None of it is fine, and none ends the run.
#[test]
fn what_cannot_be_judged_is_counted_with_its_entry() {
    let dir = tempfile::tempdir().unwrap();
    let led = dir.path().join("led");
    let ledger = create(&led);
    let other = |kind: EntryKind| Draft {
        kind,
        groups: vec![DraftGroup { person: None, schema: "else/1".to_owned(), columns: vec![Value::Int(1)] }],
    };
    let mut wrong = dispatch("d-6", "\"context\":{}");
    wrong.groups[1].columns[1] = Value::Int(1);
    log(
        &ledger,
        vec![
            dispatch("d-0", "\"context\":{\"continuousMinutes\":90}"),
            dispatch("d-1", "\"context\":{\"continuousMinutes\":\"ninety\"}"),
            dispatch("d-2", "\"context\":{\"notAWord\":true}"),
            dispatch("d-3", "\"resource\":{\"consents\":[\"a|b\"]}"),
            other(EntryKind::Decision),
            other(EntryKind::Rights),
            wrong,
            other(EntryKind::Correction),
            dispatch("d-8", "\"context\":{}"),
            dispatch("d-0", "\"context\":{}"),
        ],
    );
    erase(&ledger, Target::Groups([(8, GroupNumber(0))].into()));
    ledger.checkpoint().unwrap();
    let source = source(&led).unwrap();
    let out = dir.path().join("out");
    let summary = run(&source.adapter(), Some(&source), &out, false).unwrap();
    let line = |finding: &DataFinding| {
        let column = finding.column.as_deref().unwrap_or("-");
        format!("{} {column} {:?} {}", finding.code, finding.first_rows, finding.set_aside)
    };
    assert_eq!(
        summary.data_quality.iter().map(line).collect::<Vec<_>>(),
        [
            "correction-not-applied - [7] false",
            "unreadable-decision - [4, 6] true",
            "algorithm-erased algorithm [8] false",
            "wrong-fact-type context.continuousMinutes [1] false",
            "unknown-fact context.notAWord [2] false",
            "duplicate decision_id [9] true",
            "wrong-fact-type resource.consents [3] false",
        ]
    );
    assert_eq!((summary.counts.rows, summary.counts.decisions, summary.counts.set_aside), (11, 5, 3));
    // A value of another type is missing, and nothing stands in its place.
    let adapter = source.adapter();
    let session = Session::with_ledger(&adapter, &led, &[], Some(Arc::clone(&source))).unwrap();
    let text = "SELECT _row FROM ledger WHERE \"context.continuousMinutes\" IS NOT NULL".to_owned();
    let batches = session.stream(&crate::adapter::Sql { file: led.clone(), text }).unwrap();
    let known: Vec<i64> =
        batches.flat_map(|batch| batch.unwrap().column(0).as_primitive::<Int64Type>().values().to_vec()).collect();
    assert_eq!(known, [0]);
    let refused = run(&source.adapter(), Some(&source), &dir.path().join("strict"), true).unwrap_err();
    assert!(refused.to_string().contains("row"), "{refused}");
}

#[test]
fn an_adapter_of_its_own_reads_the_ledger_as_a_table() {
    let dir = tempfile::tempdir().unwrap();
    let led = dir.path().join("led");
    let ledger = create(&led);
    log(&ledger, vec![dispatch("d-0", "\"context\":{\"continuousMinutes\":90}"), dispatch("d-1", "\"context\":{}")]);
    ledger.checkpoint().unwrap();
    let source = source(&led).unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    let head = "format = 1\nname = \"own\"\nzh = \"自\"\nen = \"Own\"\nkind = \"decisions\"\ndata = \".\"\n";
    let table = "[[table]]\nname = \"extra\"\nfiles = [\"extra.csv\"]\n[table.columns]\nid = \"text\"\n";
    write(
        "own.sql",
        "SELECT l.* FROM extra AS e RIGHT JOIN ledger AS l ON l.decision_id = e.id WHERE e.id IS NOT NULL",
    );
    write("extra.csv", "id\nd-1\n");
    write("own.toml", &format!("{head}{table}[decisions]\nsql = \"own.sql\"\n"));
    let adapter = Adapter::read(&dir.path().join("own.toml")).unwrap();
    let summary = run(&adapter, Some(&source), &dir.path().join("out"), true).unwrap();
    assert_eq!((summary.counts.decisions, summary.counts.rows), (1, 3));
    let files: Vec<_> = summary.run.files.iter().map(|file| (file.file.as_str(), file.rows)).collect();
    assert_eq!(files, [("extra.csv", 1), (ORIGIN, 2)]);
    write("own.toml", &format!("{head}{}[decisions]\nsql = \"own.sql\"\n", table.replace("extra\"\nf", "ledger\"\nf")));
    let adapter = Adapter::read(&dir.path().join("own.toml")).unwrap();
    let refused = run(&adapter, Some(&source), &dir.path().join("taken"), true).unwrap_err();
    assert!(refused.to_string().contains("a table `ledger` of its own"), "{refused}");
}

#[test]
fn a_ledger_that_does_not_hold_is_not_judged() {
    let dir = tempfile::tempdir().unwrap();
    let led = dir.path().join("led");
    let ledger = create(&led);
    log(&ledger, (0..20).map(|number| dispatch(&format!("d-{number}"), "\"context\":{}")).collect());
    ledger.close().unwrap();
    source(&led).unwrap();
    let entries = led.join("tiles/0");
    let mut bytes = std::fs::read(&entries).unwrap();
    bytes[40] ^= 1;
    std::fs::write(&entries, bytes).unwrap();
    let refused = source(&led).unwrap_err();
    assert!(refused.problems[0].hint.as_deref().unwrap().contains("ledger fsck"), "{refused}");
}

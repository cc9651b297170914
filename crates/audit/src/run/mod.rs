//! One audit, from its adapter to its folder of results.

mod assemble;
mod checkpoint;
mod judge;
mod part;
mod quality;
mod summarise;
mod tally;
mod verify;

pub use verify::{Difference, Pinned};

pub(crate) use tally::{Location, MOST_LOCATIONS, Tally};

use crate::adapter::Adapter;
use crate::declared::{self, AlgorithmVersion};
use crate::engine::EngineKind;
use crate::ledger::LedgerSource;
use crate::measure::{MeasureSpec, Measured};
use crate::query::Session;
use crate::summary::{DataFile, Summary};
use crate::{AuditError, digest, measure, report, sarif};
use checkpoint::{Checkpoint, Opened, SUMMARY, Workplace};
use gongdao_pack::{Drafts, Packs};
use gongdao_rules::RuleSet;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use summarise::{Found, summarise};

/// What to audit and how.
pub struct Request<'a> {
    /// How the tables become decisions.
    pub adapter: &'a Adapter,
    /// The folder of the data.
    pub data: &'a Path,
    /// A ledger whose decisions the adapter's SQL reads as the table `ledger`; see [`LedgerSource::adapter`].
    pub ledger: Option<&'a Arc<LedgerSource>>,
    /// The law.
    pub packs: &'a Packs,
    /// Its rules.
    pub rules: &'a RuleSet,
    /// Which engine judges.
    pub engine: EngineKind,
    /// Threads within a batch.
    pub threads: usize,
    /// Refuse the run where a row would be set aside.
    pub strict: bool,
    /// Do not go on with an interrupted run.
    pub fresh: bool,
    /// The command line as given, for the report.
    pub command: &'a str,
    /// Which build of the program this is: another one never goes on with a run of this one.
    pub build: &'a str,
    /// The folder of results; made, or replaced where it holds an earlier audit's.
    pub out: &'a Path,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The data files are read and counted.
    Reading,
    /// An interrupted run goes on: so many decisions were judged before.
    Resuming(u64),
    /// Rows of the decisions query that are done, of so many.
    Judging(u64, u64),
    /// Group comparisons are made.
    Measuring,
    /// Results are written.
    Writing,
}

/// Who looks on while a run goes on.
pub trait Watch {
    /// Told after each step.
    fn progress(&self, progress: Progress);
    /// Asked between batches: whether to stop here, keeping what is done.
    fn stop(&self) -> bool;
}

/// How a run ended.
#[derive(Debug)]
pub enum Ended {
    /// The results lie in place.
    Complete(Box<Summary>),
    /// Stopped on request; the same command goes on from here.
    Stopped {
        /// Decisions judged and kept.
        decisions: u64,
        /// The folder that keeps them.
        kept_in: PathBuf,
    },
}

/// Audit. Writes `verdicts.parquet`, `findings.parquet`, `summary.json`, `report.html` and `findings.sarif` into
/// `request.out`, all or nothing: until the end everything lies in a folder of the same name with `.partial`.
///
/// Equal packs, adapter, data, engine and command give equal bytes, interrupted or not.
pub fn audit(request: &Request<'_>, watch: &dyn Watch) -> Result<Ended, AuditError> {
    if request.out.file_name().is_none() {
        return Err(AuditError::new(request.out, "this is no name for a new folder", "name a folder with `--out`"));
    }
    watch.progress(Progress::Reading);
    let specs = request.adapter.measures.iter().map(|file| MeasureSpec::read(file)).collect::<Result<Vec<_>, _>>()?;
    let versions = request.adapter.algorithms.iter().map(|file| AlgorithmVersion::read(file));
    let versions = AlgorithmVersion::in_order(versions.collect::<Result<Vec<_>, _>>()?)?;
    known_provisions(request, &specs, &versions)?;
    let session = Session::with_ledger(request.adapter, request.data, &request.packs.derived, request.ledger.cloned())?;
    for version in &versions {
        session.wait(declared::check(&session.context, version))?;
    }
    let files = data_files(&session)?;
    let key = key(request, &files);
    let (workplace, mut checkpoint) = match Workplace::open(request.out, &key, request.fresh)? {
        Opened::Begun(workplace, checkpoint) => (workplace, *checkpoint),
        Opened::Complete(workplace) => return put_in_place(workplace, None),
    };
    let Some(judged) = judge::judge(request, &session, &workplace, &mut checkpoint, watch)? else {
        return Ok(Ended::Stopped { decisions: checkpoint.tally.decisions, kept_in: workplace.folder().to_path_buf() });
    };
    watch.progress(Progress::Measuring);
    let mut compared = Measured::default();
    for spec in &specs {
        let found = session.wait(measure::run(&session.context, spec))?;
        compared.rows.extend(found.rows);
        compared.figures.extend(found.figures);
    }
    let mut rerun = Vec::new();
    for version in &versions {
        rerun.push(session.wait(declared::run(&session.context, version))?);
    }
    let quality = quality::gather(request, &session, &judged)?;
    watch.progress(Progress::Writing);
    let files = quality.with_rows(files);
    let found = Found {
        rows: quality.rows,
        set_aside: quality.set_aside,
        data_quality: quality.findings,
        measured: compared,
        declared: rerun,
        files,
        given: judged.given,
    };
    let summary = summarise(request, &checkpoint.tally, found);
    write(request, &workplace, &checkpoint, &summary)?;
    workplace.complete(&key)?;
    put_in_place(workplace, Some(summary))
}

/// Publish; a run that was killed after its results were whole has its summary on the disk alone.
fn put_in_place(workplace: Workplace, summary: Option<Summary>) -> Result<Ended, AuditError> {
    let path = workplace.file(SUMMARY);
    let unreadable = |words: &dyn std::fmt::Display| {
        AuditError::new(&path, format!("cannot read the summary: {words}"), "run the audit again with `--fresh`")
            .of_output()
    };
    let summary = if let Some(summary) = summary {
        summary
    } else {
        let text = std::fs::read(&path).map_err(|error| unreadable(&error))?;
        serde_json::from_slice(&text).map_err(|error| unreadable(&error))?
    };
    workplace.publish()?;
    Ok(Ended::Complete(Box::new(summary)))
}

/// A measure and an algorithm version are looked at for provisions that some pack has.
fn known_provisions(
    request: &Request<'_>,
    measures: &[MeasureSpec],
    versions: &[AlgorithmVersion],
) -> Result<(), AuditError> {
    let by_version = versions.iter().flat_map(|version| version.provisions.iter().map(move |id| (&version.file, id)));
    let named = measures.iter().map(|spec| (&spec.file, &spec.provision)).chain(by_version);
    let problems: Vec<_> = named
        .filter(|(_, provision)| request.packs.provision(provision).is_none())
        .map(|(file, provision)| {
            let message = format!("`{provision}` is in no pack");
            crate::error::problem(file, message, "name a provision of a pack, for instance `cn.pipl/24/1`")
        })
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems.into()) }
}

fn data_files(session: &Session) -> Result<Vec<DataFile>, AuditError> {
    let mut files = Vec::new();
    for (name, path) in session.tables.files() {
        let (digest, bytes) = digest::of_file(&path)?;
        files.push(DataFile { file: name, rows: 0, bytes, digest });
    }
    files.extend(session.tables.ledger().map(LedgerSource::file));
    files.sort_by(|one, other| one.file.cmp(&other.file));
    Ok(files)
}

/// Digest of what the verdicts depend on.
fn key(request: &Request<'_>, files: &[DataFile]) -> String {
    let mut hash = Sha256::new();
    let mut feed = |text: &str| {
        hash.update((text.len() as u64).to_be_bytes());
        hash.update(text.as_bytes());
    };
    let packs = request.packs.digest();
    for text in [
        env!("CARGO_PKG_VERSION"),
        request.build,
        request.engine.as_str(),
        packs.as_ref(),
        &request.adapter.digest,
        if request.strict { "strict" } else { "lenient" },
    ] {
        feed(text);
    }
    if request.packs.drafts() == Drafts::Included {
        feed("drafts");
    }
    for file in files {
        feed(&file.file);
        feed(&file.digest);
    }
    if let Some(ledger) = request.ledger {
        let run = ledger.run();
        feed(&run.root);
        feed(&run.size.to_string());
    }
    digest::text(hash)
}

fn write(
    request: &Request<'_>,
    workplace: &Workplace,
    checkpoint: &Checkpoint,
    summary: &Summary,
) -> Result<(), AuditError> {
    let parts = |kind: &str| (0..checkpoint.parts).map(|number| workplace.part(kind, number)).collect::<Vec<_>>();
    let notes = [
        ("gongdao.program", summary.run.program.as_str()),
        ("gongdao.engine", &summary.run.engine),
        ("gongdao.packs_digest", &summary.run.packs_digest),
        ("gongdao.adapter", &summary.source.adapter),
        ("gongdao.adapter_digest", &summary.run.adapter_digest),
    ];
    let root = summary.run.ledger.as_ref().map(|ledger| ("gongdao.ledger_root", ledger.root.as_str()));
    let notes: Vec<(&str, &str)> = notes.into_iter().chain(root).collect();
    let verdicts = part::verdict_schema(request.rules);
    let first = verdicts.fields().len() - 2 * request.rules.versions.len();
    let always = |name: &str| verdicts.fields().iter().take(first).any(|field| field.name() == name);
    assemble::assemble(&parts("verdicts"), &verdicts, &always, &notes, &workplace.file("verdicts.parquet"))?;
    let findings = part::finding_schema();
    assemble::assemble(&parts("findings"), &findings, &|_| true, &notes, &workplace.file("findings.parquet"))?;
    let words = |what: &str, error: &dyn std::fmt::Display| {
        let message = format!("cannot write the {what}: {error}");
        AuditError::new(request.out, message, "report this with the summary").of_program()
    };
    let html = report::render(summary).map_err(|error| words("report", &error))?;
    workplace.write("report.html", html.as_bytes())?;
    let log = sarif::render(summary, &checkpoint.tally, request.rules).map_err(|error| words("SARIF log", &error))?;
    workplace.write("findings.sarif", log.as_bytes())?;
    let mut json = serde_json::to_string_pretty(summary).map_err(|error| words("summary", &error))?;
    json.push('\n');
    workplace.write(SUMMARY, json.as_bytes())
}

//! `gongdao audit`: judge every decision of a log, and write what came out.

mod progress;
mod says;
mod verify;

use crate::command::ledger::of_ledger;
use crate::command::ledger::store::storage;
use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, Format, INTERNAL, Output, print_error, spoken};
use crate::command::{USAGE, drafts, load, packs_folder, print};
use gongdao_audit::run::{Ended, Progress, Request, Watch as _, audit};
use gongdao_audit::summary::{SourceKind, Summary};
use gongdao_audit::{Adapter, AtFault, AuditError, LedgerSource};
use gongdao_i18n::{Catalogue, I18nError};
use gongdao_ledger::Reader;
use gongdao_pack::{Drafts, Problem};
use gongdao_rules::RuleSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// The run was stopped and can go on (128 + SIGINT, as shells have it).
pub(crate) const STOPPED: u8 = 130;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao audit adapters/isp-offers.toml
  gongdao audit adapters/open-bandit.toml --data ~/bandit --out out/bandit
  gongdao audit city/adapter.toml --strict --format json
  gongdao audit city/adapter.toml --engine both
  gongdao audit --ledger city-ledger
  gongdao audit city/adapter.toml --verify audit-synthetic-city/summary.json

Written into the folder of results, all or nothing:
  report.html        for people, in Chinese and English, one file
  summary.json       counts, measures, data quality, what the run rests on
  findings.parquet   one row a violated rule and decision
  verdicts.parquet   one row a decision, one column a rule version
  findings.sarif     for code-review tools

Ctrl-C stops after the batch in hand; the same command goes on from there.

Exit code: 0 every rule that applies is kept (or a register was read), 1 some rule is violated, 2 nothing is violated for
certain but something is provisional, disputed, cannot be judged, was set aside, or is touched by no rule in force,
with --verify 0 the same, 1 not the same;
64 wrong arguments, 65 wrong input, 70 a fault of the program, 73 the results cannot be written, 130 stopped.")]
#[expect(clippy::struct_excessive_bools, reason = "switches of a command line")]
pub(crate) struct Arguments {
    /// The adapter: how the tables become decisions
    #[arg(value_name = "ADAPTER.toml", required_unless_present = "ledger")]
    adapter: Option<PathBuf>,
    /// Folder of a ledger: its decisions are judged by the facts that were logged; an adapter's SQL reads it as the table `ledger`
    #[arg(long, value_name = "DIR")]
    ledger: Option<PathBuf>,
    /// Folder of the data, laid out as the adapter says [default: the adapter's own]
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Folder of results [default: audit-NAME]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// Which engine judges
    #[arg(long, value_enum, default_value = "columnar")]
    engine: EngineKind,
    /// Refuse the run where a row would be set aside for a fault of the data
    #[arg(long)]
    strict: bool,
    /// Count drafts as law, marked as provisional: what they would change
    #[arg(long)]
    include_drafts: bool,
    /// Do the audit of this result again, with its options, and compare all files byte for byte
    #[arg(long, value_name = "SUMMARY.json", conflicts_with_all = ["out", "engine", "strict", "include_drafts", "fresh"])]
    verify: Option<PathBuf>,
    /// Start anew instead of going on with an interrupted run
    #[arg(long)]
    fresh: bool,
    /// Threads that judge [default: the machine's cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// No progress on standard error
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum EngineKind {
    /// Rules compiled to columns
    Columnar,
    /// Row by row through the rule language's own evaluator: slow, what the other is compared with
    Reference,
    /// Both of them; any difference ends the run
    Both,
}

impl From<EngineKind> for gongdao_audit::engine::EngineKind {
    fn from(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Columnar => Self::Columnar,
            EngineKind::Reference => Self::Reference,
            EngineKind::Both => Self::Both,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| answer_in(arguments, catalogue))
}

fn answer_in(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    let output = &arguments.output;
    let adapter = match arguments.adapter.as_deref().map(Adapter::read).transpose() {
        Ok(adapter) => adapter,
        Err(problems) => return output.refuse(catalogue, &faults(&problems, BAD_DATA)),
    };
    let (name, data) = match (&adapter, &arguments.ledger) {
        (Some(adapter), _) => (adapter.name.as_str(), adapter.data.as_path()),
        (None, Some(ledger)) => ("ledger", ledger.as_path()),
        (None, None) => ("data", Path::new(".")),
    };
    let out = arguments.out.clone().unwrap_or_else(|| PathBuf::from(format!("audit-{name}")));
    let work = Work {
        packs: &packs_folder(arguments.packs.as_deref()),
        data: arguments.data.as_deref().unwrap_or(data),
        ledger: arguments.ledger.as_deref(),
        out: &out,
        engine: arguments.engine.into(),
        strict: arguments.strict,
        drafts: drafts(arguments.include_drafts),
        fresh: arguments.fresh,
        threads: arguments.threads.map(usize::from),
        quiet: arguments.quiet,
        command: &command_line(),
    };
    let code = match &arguments.verify {
        Some(summary) => verify::verify(&work, summary, adapter.as_ref(), catalogue, output),
        None => work.audit(adapter.as_ref(), catalogue, output),
    };
    match code {
        Ok(code) => ExitCode::from(code),
        Err(faults) => output.refuse(catalogue, &faults),
    }
}

/// One audit as the command line asks for it.
#[derive(Clone, Copy)]
pub(crate) struct Work<'a> {
    pub(crate) packs: &'a Path,
    pub(crate) data: &'a Path,
    /// The ledger that is read, if any.
    pub(crate) ledger: Option<&'a Path>,
    pub(crate) out: &'a Path,
    pub(crate) engine: gongdao_audit::engine::EngineKind,
    pub(crate) strict: bool,
    pub(crate) drafts: Drafts,
    pub(crate) fresh: bool,
    pub(crate) threads: Option<usize>,
    pub(crate) quiet: bool,
    pub(crate) command: &'a str,
}

impl Work<'_> {
    /// Audit, print the summary, give the exit code.
    pub(crate) fn audit(
        &self,
        adapter: Option<&Adapter>,
        catalogue: &Catalogue,
        output: &Output,
    ) -> Result<u8, Vec<Fault>> {
        let words = catalogue.words(output.language());
        match self.run(adapter, catalogue, output)? {
            Ended::Complete(summary) => {
                let text = match output.format {
                    Format::Human => says::summary(words, output.pen(), &summary, self.out),
                    Format::Json => json(&summary, self.out),
                };
                print(&text.map_err(|error| vec![error.into()])?);
                Ok(exit_code(&summary))
            }
            ended @ Ended::Stopped { .. } => stopped(&ended, catalogue, output),
        }
    }

    /// Audit, with progress on standard error. Without an adapter the ledger's own is taken.
    fn run(&self, adapter: Option<&Adapter>, catalogue: &Catalogue, output: &Output) -> Result<Ended, Vec<Fault>> {
        let words = catalogue.words(output.language());
        let (packs, rules) = load(self.packs, self.drafts).map_err(|problems| faults(&problems, BAD_DATA))?;
        let watch = progress::Terminal::new(words, self.quiet).map_err(|error| vec![error.into()])?;
        if self.ledger.is_some() {
            // Its check comes before the run, and takes as long as reading it.
            watch.progress(Progress::Reading);
        }
        let ledger = self.ledger.map(|folder| open_ledger(folder, &rules)).transpose()?;
        let own = ledger.as_ref().map(|ledger| ledger.adapter());
        let adapter = adapter
            .or(own.as_ref())
            .ok_or_else(|| vec![Fault::new(USAGE, "neither an adapter nor a ledger was given", None)])?;
        let request = Request {
            adapter,
            data: self.data,
            ledger: ledger.as_ref(),
            packs: &packs,
            rules: &rules,
            engine: self.engine,
            threads: self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from)),
            strict: self.strict,
            fresh: self.fresh,
            command: self.command,
            build: &build(),
            out: self.out,
        };
        let ended = audit(&request, &watch);
        watch.finish();
        ended.map_err(|error| faults_of(&error))
    }
}

/// A ledger that holds, or what does not hold in it.
fn open_ledger(folder: &Path, rules: &RuleSet) -> Result<Arc<LedgerSource>, Vec<Fault>> {
    let reader = Reader::open(storage(folder)?).map_err(of_ledger)?;
    let source = LedgerSource::open(reader, folder, &rules.vocabulary).map_err(|error| faults_of(&error))?;
    Ok(Arc::new(source))
}

/// What a stopped run says.
fn stopped(ended: &Ended, catalogue: &Catalogue, output: &Output) -> Result<u8, Vec<Fault>> {
    if let Ended::Stopped { decisions, kept_in } = ended {
        let decisions = decisions.to_string();
        let kept_in = kept_in.display().to_string();
        let words = catalogue.words(output.language());
        let said = words.say("audit.stopped", &[("decisions", &decisions), ("folder", &kept_in)]);
        print_error(&said.map_err(|error| vec![error.into()])?);
    }
    Ok(STOPPED)
}

/// 0 kept, 1 violated for certain, 2 cannot tell. A provisional violation is not certain, and never nothing; neither is a
/// decision that no rule speaks about, a row that was set aside, or a log without any decision.
fn exit_code(summary: &Summary) -> u8 {
    let counts = &summary.counts;
    let is_register = summary.source.kind == SourceKind::Register;
    let open = counts.violated + counts.disputed + counts.undetermined + counts.silent + counts.set_aside;
    if counts.violated > counts.violated_provisional_only {
        1
    } else if !is_register && (open > 0 || counts.decisions == 0) {
        2
    } else {
        0
    }
}

fn json(summary: &Summary, out: &Path) -> Result<String, I18nError> {
    let value = serde_json::json!({ "out": out.display().to_string(), "summary": summary });
    serde_json::to_string_pretty(&value)
        .map_err(|error| I18nError { message: format!("cannot word the summary: {error}"), hint: None })
}

/// Problems of files as faults of the input.
pub(crate) fn faults(problems: &[Problem], code: u8) -> Vec<Fault> {
    let fault = |problem: &Problem| {
        let file = problem.file.display().to_string();
        let mut fault = Fault::new(code, &problem.message, problem.hint.clone());
        fault.file = Some(file).filter(|file| !file.is_empty());
        fault.line = problem.line;
        fault
    };
    problems.iter().map(fault).collect()
}

fn faults_of(error: &AuditError) -> Vec<Fault> {
    let code = match error.at_fault {
        AtFault::Input => BAD_DATA,
        AtFault::Output => CANNOT_CREATE,
        AtFault::Program => INTERNAL,
    };
    faults(&error.problems, code)
}

/// Which build of the program this is: size and time of its file, which change with every build.
fn build() -> String {
    let file = std::env::current_exe().and_then(std::fs::metadata);
    let of = |metadata: std::fs::Metadata| format!("{} {:?}", metadata.len(), metadata.modified().ok());
    file.map(of).unwrap_or_default()
}

/// The command line as it was given, for the report.
pub(crate) fn command_line() -> String {
    let mut words: Vec<String> = std::env::args().skip(1).collect();
    words.insert(0, "gongdao".to_owned());
    words.join(" ")
}

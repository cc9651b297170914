//! The rights desk in process: a queue of many open cases, due dates counted again, everything about one person. SQLite in a
//! folder; one process. What is made beforehand is not measured.

use crate::machine;
use crate::options::Options;
use gongdao_desk::{About, Case, CaseEvent, Filing, Hat, Identity, Limit, Limits, Party, RequestKind, Rights, What};
use gongdao_gate::{Gate, GateSettings, Initial};
use gongdao_ledger::{Folder, GroupNumber, Ledger, LedgerError, LoggedAt, PersonId, Reader, Setup, Storage};
use gongdao_merkle::NoteSigner;
use gongdao_model::{DecisionRecord, Instant};
use gongdao_pack::{Drafts, Packs, Problem};
use gongdao_rules::RuleSet;
use gongdao_service::port::{CaseLine, Clock, Desk, Entropy, Store};
use gongdao_service::{
    Caller, Credential, NewAccount, Parts, Purpose, QueueQuery, Role, Secret, Service, ServiceError, ServiceSettings,
};
use gongdao_store::SqlStore;
use std::fmt::{Display, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant as Stopwatch};

const ORIGIN: &str = "ledger.example/bench";
const PASSWORD: &str = "correct horse battery";
/// The first case comes in at noon of 5 January 2026 in Shanghai.
const FIRST_MILLIS: i64 = 1_767_585_600_000;
const AT_ONCE: u64 = 10_000;
const BATCH: u64 = 500;

/// A clock that begins at a moment, and runs.
struct Machine(Stopwatch, Instant);

impl Clock for Machine {
    fn now(&self) -> Instant {
        let passed = i64::try_from(self.0.elapsed().as_millis()).unwrap_or(0);
        Instant::from_millis(self.1.millis() + passed).unwrap_or(self.1)
    }

    fn ticks(&self) -> Duration {
        self.0.elapsed()
    }
}

impl gongdao_ledger::Clock for Machine {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(1_800_000_000 + self.0.elapsed().as_secs())
    }
}

impl Entropy for Machine {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), ServiceError> {
        getrandom::fill(bytes).map_err(ServiceError::storage)
    }
}

impl gongdao_ledger::Entropy for Machine {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        getrandom::fill(bytes).map_err(|error| LedgerError {
            kind: gongdao_ledger::ErrorKind::Storage,
            message: format!("no random bytes: {error}"),
            hint: "the operating system gives none",
        })
    }
}

/// All of it.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let cases: u64 = options.value("cases", 1_000_000)?;
    let decisions: u64 = options.value("decisions", 50_000)?;
    let rounds: usize = options.value("rounds", 20)?;
    let packs: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let folder: PathBuf = options.value("folder", std::env::temp_dir())?;
    let place = tempfile::tempdir_in(folder).map_err(told)?;
    let store = Arc::new(SqlStore::sqlite(&place.path().join("state.sqlite")).map_err(told)?);
    make_cases(&store, cases)?;
    let (service, storage) = start(place.path(), &packs, Arc::clone(&store))?;
    let (officer, person) = people(&service)?;
    let mut report = format!("{}\n\n| what | median ms | of |\n|---|---|---|\n", machine::line());
    queue(&service, &officer, cases, rounds, &mut report)?;
    recount(&service, &officer, &mut report)?;
    log_decisions(&service, decisions)?;
    record(&service, &person, &storage, decisions, rounds.min(5), &mut report)?;
    service.stop().map_err(told)?;
    Ok(report)
}

/// Complaints of as many persons, two a second.
fn make_cases(store: &SqlStore, cases: u64) -> Result<(), String> {
    let rights = Rights::shipped().map_err(told)?;
    let mut lines = Vec::new();
    for number in 0..cases {
        let at = i64::try_from(number).map_err(told)?;
        let at = Instant::from_millis(FIRST_MILLIS + 500 * at).map_err(told)?;
        let filing = Filing {
            kind: RequestKind::Complain,
            person: format!("courier-{number}"),
            about: About::default(),
            text: "时限太短，下雨天更短，请看第七单。".to_owned(),
            ground: None,
            language: "zh".to_owned(),
            filing: None,
            identity: Identity::Session,
        };
        let by = Party { actor: format!("account:{number}"), hat: Hat::Person };
        let event = CaseEvent { at, by, what: What::Filed { filing } };
        let case = Case::open(&format!("case-{number:024}"), &event, &rights).map_err(told)?;
        lines.push(line(&case)?);
        if lines.len() as u64 >= AT_ONCE || number + 1 == cases {
            store.change_desk(ORIGIN, &std::mem::take(&mut lines), &[], &[]).map_err(told)?;
        }
    }
    Ok(())
}

fn line(case: &Case) -> Result<CaseLine, String> {
    Ok(CaseLine {
        id: case.id.clone(),
        person: case.person.clone(),
        kind: case.kind.as_str().to_owned(),
        stage: case.stage.as_str().to_owned(),
        waits: true,
        due: None,
        opened_at: case.filed_at,
        filing: None,
        decision: None,
        suspends: false,
        outcome: None,
        article: None,
        changed: None,
        seconds: None,
        events: case.events,
        tasks: Vec::new(),
        body: serde_json::to_string(case).map_err(told)?,
    })
}

fn start(place: &Path, packs: &Path, store: Arc<SqlStore>) -> Result<(Arc<Service>, Arc<dyn Storage>), String> {
    let packs = Packs::read(packs).map_err(problems)?.with_drafts(Drafts::Off);
    let rules = RuleSet::load(&packs).map_err(problems)?;
    let gate = Gate::new(&packs, &rules, GateSettings::default(), &Initial::new()).map_err(told)?;
    let folder = place.join("ledger");
    std::fs::create_dir_all(&folder).map_err(told)?;
    let storage: Arc<dyn Storage> = Arc::new(Folder::new(&folder));
    let begins = Instant::from_millis(FIRST_MILLIS + 30 * 86_400_000).map_err(told)?;
    let machine = || Machine(Stopwatch::now(), begins);
    let signer = || Ok::<_, String>(NoteSigner::new(ORIGIN.parse().map_err(told)?, &[1; 32]));
    let origin = ORIGIN.parse().map_err(told)?;
    Ledger::create(Arc::clone(&storage), origin, &signer()?, &mut machine()).map_err(told)?;
    let setup = Setup::new(Arc::clone(&storage), signer()?, Box::new(machine()), Box::new(machine()));
    let (ledger, _) = Ledger::open(setup).map_err(told)?;
    let parts = Parts {
        gate: Arc::new(gate),
        rules: Arc::new(rules),
        ledger,
        ledger_storage: Arc::clone(&storage),
        store: store as Arc<dyn Store>,
        clock: Arc::new(machine()),
        entropy: Arc::new(machine()),
        settings: ServiceSettings::new(place.join("erasures.jsonl")),
    };
    Ok((Service::start(parts).map_err(told)?.0, storage))
}

/// An officer, and the person with the many decisions.
fn people(service: &Service) -> Result<(Caller, Caller), String> {
    let password = Secret::new(PASSWORD);
    let first = service.first_run().map_err(told)?.ok_or("the folder is not new")?;
    service.claim_first_run(&first.token, "root", &password).map_err(told)?;
    let log_in = |name: &str| {
        let session = service.log_in(name, &password).map_err(told)?;
        service.recognise(Credential::Session(session.token.reveal())).map_err(told)
    };
    let root = log_in("root")?;
    for (name, role, persons) in [("officer", Role::Officer, vec![]), ("own", Role::Person, vec!["p-1".to_owned()])] {
        let persons = persons.into_iter().collect();
        let new = NewAccount { name: name.to_owned(), roles: [role].into(), persons };
        service.create_account(&root, new, Some(&password)).map_err(told)?;
    }
    Ok((log_in("officer")?, log_in("own")?))
}

fn queue(service: &Service, officer: &Caller, cases: u64, rounds: usize, report: &mut String) -> Result<(), String> {
    let page = |after: Option<(Option<Instant>, String)>| {
        let found = service.case_queue(officer, &QueueQuery::default(), after, 100).map_err(told)?;
        if found.is_empty() { Err("the queue is empty".to_owned()) } else { Ok(()) }
    };
    let middle = format!("case-{:024}", cases / 2);
    let first = median(rounds, || page(None))?;
    let later = median(rounds, || page(Some((None, middle.clone()))))?;
    let _ = writeln!(report, "| first page of the queue, 100 lines | {first:.1} | {cases} open cases |");
    let _ = writeln!(report, "| a page from the middle | {later:.1} | {cases} open cases |");
    Ok(())
}

/// Every due date is another one afterwards.
fn recount(service: &Service, officer: &Caller, report: &mut String) -> Result<(), String> {
    for (version, answer) in ["15 working days", "10 working days"].iter().enumerate() {
        let limits = Limits { answer: Some(Limit(answer.parse().map_err(told)?)), ..Limits::default() };
        let start = Stopwatch::now();
        service.change_desk_limits(officer, version as u64, limits).map_err(told)?;
        let millis = start.elapsed().as_secs_f64() * 1000.0;
        let _ = writeln!(report, "| every due date counted again: {answer} | {millis:.0} | once |");
    }
    Ok(())
}

fn log_decisions(service: &Service, decisions: u64) -> Result<(), String> {
    let mut number = 0;
    while number < decisions {
        let until = (number + BATCH).min(decisions);
        let rows = (number..until).map(decision).collect::<Result<Vec<_>, _>>()?;
        let (told_back, heard) = channel();
        let reply = Box::new(move |result| drop(told_back.send(result)));
        service.queue().log(rows, reply).map_err(told)?;
        heard.recv().map_err(told)?.map_err(told)?;
        number = until;
    }
    Ok(())
}

fn decision(number: u64) -> Result<DecisionRecord, String> {
    let json = serde_json::json!({
        "id": format!("d-{number}"), "at": "2026-01-05T12:00:00+08:00", "action": "dispatch", "algorithm": "dispatch-v8",
        "person": "p-1", "context": { "personalInformation": true, "purpose": "dispatch", "solelyAutomated": true },
    });
    serde_json::from_value(json).map_err(told)
}

fn record(
    service: &Service,
    person: &Caller,
    storage: &Arc<dyn Storage>,
    decisions: u64,
    rounds: usize,
    report: &mut String,
) -> Result<(), String> {
    let purpose = Purpose::default();
    let millis = median(rounds, || service.person_record(person, "p-1", &purpose).map(drop).map_err(told))?;
    let _ = writeln!(report, "| everything about a person, without proofs | {millis:.0} | {decisions} decisions |");
    let whose: PersonId = "p-1".parse().map_err(told)?;
    let start = Stopwatch::now();
    let reader = Reader::open(Arc::clone(storage)).map_err(told)?;
    let mut proved = 0_u64;
    for (leaf, group) in reader.of_person(&whose).map_err(told)? {
        if group == GroupNumber(1) {
            reader.receipt(leaf, group).map_err(told)?;
            proved += 1;
        }
    }
    let millis = start.elapsed().as_secs_f64() * 1000.0;
    let _ = writeln!(report, "| a receipt for each, one after the other | {millis:.0} | {proved} receipts |");
    Ok(())
}

/// Milliseconds.
fn median(rounds: usize, mut work: impl FnMut() -> Result<(), String>) -> Result<f64, String> {
    work()?;
    let mut times = Vec::new();
    for _ in 0..rounds.max(1) {
        let start = Stopwatch::now();
        work()?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().ok_or_else(|| "no round".to_owned())
}

fn told(error: impl Display) -> String {
    error.to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn problems(problems: Vec<Problem>) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

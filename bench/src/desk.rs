//! The rights desk in process: a queue of many open cases, due dates counted again, everything about one person. SQLite in a
//! folder, or a database of PostgreSQL that is empty; one process. What is made beforehand is not measured.

use crate::machine;
use crate::options::Options;
use gongdao_desk::{About, Case, CaseEvent, Filing, Hat, Identity, Limit, Limits, Party, RequestKind, Rights, What};
use gongdao_gate::{Gate, GateSettings, Initial};
use gongdao_ledger::{Folder, Ledger, LedgerError, LoggedAt, Setup, Storage};
use gongdao_merkle::NoteSigner;
use gongdao_model::{DecisionRecord, Instant};
use gongdao_pack::{Drafts, Packs, Problem};
use gongdao_rules::RuleSet;
use gongdao_service::port::{CaseLine, Clock, Desk, Entropy, Store};
use gongdao_service::{
    Caller, Credential, Kept, NewAccount, Parts, Purpose, QueuePlace, QueueQuery, Role, Secret, Service, ServiceError,
    ServiceSettings,
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
const DAY_MILLIS: i64 = 86_400_000;
const AT_ONCE: u64 = 10_000;
/// One in so many cases stood still for a day: its clock is its own.
const MOVED: u64 = 20;
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
    let database: String = options.value("database", String::new())?;
    let place = tempfile::tempdir_in(folder).map_err(told)?;
    let store = Arc::new(match database.as_str() {
        "" => SqlStore::sqlite(&place.path().join("state.sqlite")).map_err(told)?,
        address => SqlStore::postgres(address).map_err(told)?,
    });
    make_cases(&store, cases)?;
    let service = start(place.path(), &packs, Arc::clone(&store))?;
    let (officer, person) = people(&service)?;
    let mut report = format!("{}\n\n| what | median ms | aim | met | of |\n|---|---|---|---|---|\n", machine::line());
    recount(&service, &officer, cases, &mut report)?;
    queue(&service, &store, &officer, cases, rounds, &mut report)?;
    decide(&service, decisions)?;
    record(&service, &person, decisions, rounds.min(5), &mut report)?;
    service.stop().map_err(told)?;
    Ok(report)
}

/// A line of the report; an aim of 0 is none.
fn line_of(report: &mut String, what: &str, millis: f64, aim: f64, of: &str) {
    let (aim_said, met) = match (aim > 0.0, millis < aim) {
        (false, _) => (String::new(), ""),
        (true, true) => (format!("{aim:.0}"), "yes"),
        (true, false) => (format!("{aim:.0}"), "no"),
    };
    let _ = writeln!(report, "| {what} | {millis:.1} | {aim_said} | {met} | {of} |");
}

/// Names of cases are drawn, so they stand in no order of time.
fn name_of(number: u64) -> String {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    format!("case-{:016x}{number:08x}", mixed ^ (mixed >> 31))
}

/// Complaints of as many persons, two a second; of one in twenty the person was asked something, and the answer came a day later.
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
        let mut case = Case::open(&name_of(number), &event, &rights).map_err(told)?;
        if number % MOVED == 0 {
            let asked = What::Asked { question: "是哪一单？".to_owned() };
            let desk = Party { actor: "account:desk".to_owned(), hat: Hat::Desk };
            let given = What::Given { text: "第七单".to_owned() };
            let next_day = Instant::from_millis(at.millis() + DAY_MILLIS).map_err(told)?;
            case = case.after(&CaseEvent { at, by: desk, what: asked }, &rights).map_err(told)?;
            case = case.after(&CaseEvent { at: next_day, by: event.by, what: given }, &rights).map_err(told)?;
        }
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
        since: Some(case.filed_at),
        moved: !case.stays.is_empty(),
        moved_to: None,
        escalated: false,
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

fn start(place: &Path, packs: &Path, store: Arc<SqlStore>) -> Result<Arc<Service>, String> {
    let packs = Packs::read(packs).map_err(problems)?.with_drafts(Drafts::Off);
    let rules = RuleSet::load(&packs).map_err(problems)?;
    let gate = Gate::new(&packs, &rules, GateSettings::default(), &Initial::new()).map_err(told)?;
    let folder = place.join("ledger");
    std::fs::create_dir_all(&folder).map_err(told)?;
    let storage: Arc<dyn Storage> = Arc::new(Folder::new(&folder));
    let begins = Instant::from_millis(FIRST_MILLIS + 30 * DAY_MILLIS).map_err(told)?;
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
        ledger_storage: storage,
        store: store as Arc<dyn Store>,
        clock: Arc::new(machine()),
        entropy: Arc::new(machine()),
        settings: ServiceSettings::new(place.join("erasures.jsonl")),
    };
    Ok(Service::start(parts).map_err(told)?.0)
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

/// Pages of the queue, each read as whoever turns them over reads it.
fn queue(
    service: &Service,
    store: &SqlStore,
    officer: &Caller,
    cases: u64,
    rounds: usize,
    report: &mut String,
) -> Result<(), String> {
    const AIM: f64 = 50.0;
    let of = format!("{cases} open cases");
    let page = |query: &QueueQuery, after: Option<&QueuePlace>| {
        let lines = service.case_queue(officer, query, after, 100).map_err(told)?;
        let is_empty = lines.is_empty();
        // A page that is empty for another reason than that there is nothing is no measurement.
        let none = query.stage.as_deref() == Some("review");
        if is_empty == none { Ok(()) } else { Err(format!("a page of {} lines for {query:?}", lines.len())) }
    };
    let middle = middle(service, store, officer, cases)?;
    let all = QueueQuery::default();
    let some = |kind: &str, stage: &str, late| {
        let word = |word: &str| (!word.is_empty()).then(|| word.to_owned());
        QueueQuery { kind: word(kind), stage: word(stage), late }
    };
    for (what, query, after) in [
        ("first page of the queue, 100 lines", all.clone(), None),
        ("a page from the middle", all, Some(&middle)),
        ("a page from the middle, of one kind", some("complain", "", false), Some(&middle)),
        ("a page from the middle, at one stage", some("", "open", false), Some(&middle)),
        ("a kind and a stage of which there is none", some("delete", "review", false), None),
        ("first page of what is late", some("", "", true), None),
    ] {
        line_of(report, what, median(rounds, || page(&query, after))?, AIM, &of);
    }
    let figures = median(rounds.min(5), || service.public_desk_figures().map(drop).map_err(told))?;
    line_of(report, "figures of the desk for everyone", figures, 0.0, &of);
    Ok(())
}

/// The place of the middle case, as the page of its person shows when it is due.
fn middle(service: &Service, store: &SqlStore, officer: &Caller, cases: u64) -> Result<QueuePlace, String> {
    // One whose clock nothing moved.
    let name = name_of(cases / 2 / MOVED * MOVED + 1);
    let line = store.case(&name).map_err(told)?.ok_or("the middle case is gone")?;
    let clock = service.case(officer, &name).map_err(told)?.clock.ok_or("the middle case has no clock")?;
    let due = clock.due().map(|due| gongdao_desk::last_moment(due.end)).transpose().map_err(told)?;
    Ok(QueuePlace { due, since: line.since.ok_or("the middle case has no clock")?, case: name })
}

/// Every due date is another one afterwards; the last time as when the calendar has one more holiday.
fn recount(service: &Service, officer: &Caller, cases: u64, report: &mut String) -> Result<(), String> {
    const AIM: f64 = 10_000.0;
    for (version, answer) in ["15 working days", "72 hours", "10 working days", "11 working days"].iter().enumerate() {
        let limits = Limits { answer: Some(Limit(answer.parse().map_err(told)?)), ..Limits::default() };
        let start = Stopwatch::now();
        service.change_desk_limits(officer, version as u64, limits).map_err(told)?;
        let millis = start.elapsed().as_secs_f64() * 1000.0;
        let of = format!("{cases}, one in {MOVED} moved, once");
        line_of(report, &format!("every due date counted again: {answer}"), millis, AIM, &of);
    }
    Ok(())
}

/// Checked by the gate, each with its verdicts.
fn decide(service: &Service, decisions: u64) -> Result<(), String> {
    let mut number = 0;
    while number < decisions {
        let until = (number + BATCH).min(decisions);
        let rows = (number..until).map(decision).collect::<Result<Vec<_>, _>>()?;
        let (told_back, heard) = channel();
        let reply = Box::new(move |result| drop(told_back.send(result)));
        service.queue().check(rows, None, reply).map_err(told)?;
        for row in heard.recv().map_err(told)?.map_err(told)? {
            row.map_err(|refusal| format!("{refusal:?}"))?;
        }
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
    decisions: u64,
    rounds: usize,
    report: &mut String,
) -> Result<(), String> {
    const AIM: f64 = 2_000.0;
    let of = format!("{decisions} decisions, each with its verdicts");
    let purpose = Purpose::default();
    let millis = median(rounds, || service.person_record(person, "p-1", &purpose).map(drop).map_err(told))?;
    line_of(report, "everything about a person, without proofs", millis, AIM, &of);
    let mut proved = 0;
    let mut made = None;
    let millis = median(rounds, || {
        let record = service.proved_person_record(person, "p-1", &purpose).map_err(told)?;
        proved = record.sections.values().flatten().filter(|kept| has_receipt(kept)).count() as u64;
        made = Some(record);
        Ok(())
    })?;
    if proved != decisions {
        return Err(format!("{proved} receipts for {decisions} decisions"));
    }
    line_of(report, "the same, each with its receipt", millis, AIM, &of);
    let mut bytes = 0;
    let millis = median(1, || {
        bytes = serde_json::to_vec(&made).map_err(told)?.len();
        Ok(())
    })?;
    line_of(report, &format!("that as JSON, {} MB", bytes / 1_000_000), millis, 0.0, &of);
    Ok(())
}

fn has_receipt(kept: &Kept) -> bool {
    matches!(kept, Kept::Decision(decision) if decision.receipt.is_some())
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

//! The statute book: reading all packs, freezing their rules, building the index, asking it, assessing a service,
//! computing due dates. One thread; what is warm and what is not is said.

use crate::machine;
use crate::options::Options;
use gongdao_assess::{AssessError, Law, Scope, Service, html};
use gongdao_clock::{Calendar, CountingRule, due_date, explain};
use gongdao_i18n::{Catalogue, Language};
use gongdao_law::{Book, Index, Query, Texts};
use gongdao_model::Instant;
use gongdao_pack::{Packs, Period, PeriodUnit, Problem};
use gongdao_rules::RuleSet;
use std::fmt::{Display, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant as Stopwatch};

const QUESTIONS: [&str; 8] = [
    "怎么关掉个性化推荐",
    "跑单跑了五个小时，系统还在派单",
    "老板拖着工资不发",
    "算法上线以后多少天内要去备案",
    "How do I opt out of personalised recommendations?",
    "Must a courier get a break after four hours of deliveries?",
    "our database was hacked, whom do we notify?",
    "triple pay on Spring Festival",
];
const EXPLAINED: usize = 100_000;
const FIRST_MILLIS: i64 = 1_514_736_000_000;
const SPAN_MILLIS: u64 = 9 * 365 * 86_400_000;

/// Reading, freezing, indexing, asking.
pub(crate) fn law(options: &Options) -> Result<String, String> {
    let rounds = rounds(options, 20)?;
    let folder: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let texts: PathBuf = options.value("texts", PathBuf::new())?;
    let mut report = format!("{}\n\n| what | median ms | of |\n|---|---|---|\n", machine::line());
    let packs = Packs::read(&folder).map_err(problems)?;
    let read = |packs: &Packs| {
        if texts.as_os_str().is_empty() { Ok(Texts::none()) } else { Texts::read(&texts, packs).map_err(told) }
    };
    let texts = read(&packs)?;
    row(&mut report, "all packs read, checked, digested", rounds, || Packs::read(&folder).map_err(problems))?;
    row(&mut report, "rules frozen: policies read, validated, closed", rounds, || {
        RuleSet::load(&packs).map_err(problems)
    })?;
    row(&mut report, "book made of packs that were read", rounds, || {
        Book::new(packs.clone(), texts.clone()).map_err(problems)
    })?;
    let book = Book::new(packs.clone(), texts.clone()).map_err(problems)?;
    let on = "2024-05-01".parse().map_err(told)?;
    // The dictionary is read at the first and kept by none: each build is a whole one.
    row(&mut report, "index of the book, dictionary included", rounds.min(5), || Index::new(&book, on).map_err(told))?;
    let index = Index::new(&book, on).map_err(told)?;
    let ask = |text: &str| index.search(&Query { text, limit: 10, place: None, on: None }).map_err(told);
    for text in QUESTIONS {
        ask(text)?;
    }
    let mut times = Vec::new();
    for text in QUESTIONS.iter().cycle().take(QUESTIONS.len() * rounds.max(100)) {
        let start = Stopwatch::now();
        ask(text)?;
        times.push(start.elapsed());
    }
    line(&mut report, "a question, warm", &mut times)?;
    let provisions: usize = packs.instruments.iter().map(|pack| pack.provisions.len()).sum();
    let (instruments, rules) = (packs.instruments.len(), book.rules().len());
    write!(report, "\n{instruments} instruments, {provisions} provisions, {rules} rule versions.").map_err(told)?;
    Ok(report)
}

/// A described service against everything in force.
pub(crate) fn assess(options: &Options) -> Result<String, String> {
    let rounds = rounds(options, 100)?;
    let folder: PathBuf = options.value("packs", PathBuf::from("packs"))?;
    let services: PathBuf = options.value("services", PathBuf::from("examples/services"))?;
    let packs = Packs::read(&folder).map_err(problems)?;
    let rules = RuleSet::load(&packs).map_err(problems)?;
    let calendar = Calendar::shipped().map_err(told)?;
    let law = Law::new(&packs, &rules, &calendar).map_err(told)?;
    let catalogue = Catalogue::embedded().map_err(told)?;
    let mut report = format!("{}\n\n| what | median ms | of |\n|---|---|---|\n", machine::line());
    for name in ["food-delivery", "news-feed", "image-generator"] {
        let text = std::fs::read_to_string(services.join(format!("{name}.toml"))).map_err(told)?;
        let service = Service::read(&text, &rules.vocabulary, &packs).map_err(faults)?;
        let scope = Scope { on: service.on.ok_or("the description has no day")?, include_drafts: false };
        let assessed = gongdao_assess::assess(&law, &service, scope).map_err(told)?;
        let what = format!("{name}: {} provisions assessed", assessed.provisions.len());
        row(&mut report, &what, rounds, || gongdao_assess::assess(&law, &service, scope).map_err(told))?;
        row(&mut report, &format!("{name}: its page"), rounds.min(20), || {
            html(&assessed, &service, &law, &catalogue, Language::Zh).map_err(told)
        })?;
    }
    write!(report, "\n{} rule versions.", rules.versions.len()).map_err(told)?;
    Ok(report)
}

/// Due dates a second: events at random moments of nine years, 1 to 60 of each unit.
pub(crate) fn clock(options: &Options) -> Result<String, String> {
    let (count, seed) = (options.value("dates", 4_000_000_usize)?, options.value("seed", 1_u64)?);
    let calendar = Calendar::shipped().map_err(told)?;
    let rule = CountingRule::default();
    let mut report =
        format!("{}\n\n| unit | dates | processor s | million a second |\n|---|---|---|---|\n", machine::line());
    for unit in PeriodUnit::ALL {
        let cases = drawn(unit, count, seed)?;
        let start = machine::thread_time();
        let mut sum = 0_i64;
        for (period, at) in &cases {
            let due = due_date(&calendar, rule, *period, *at).map_err(told)?;
            sum = sum.wrapping_add(i64::from(due.end.day().day_number()));
        }
        rate(&mut report, unit.as_str(), cases.len(), machine::thread_time().saturating_sub(start))?;
        // The sum is looked at so that no computation can be left out.
        if sum == 0 {
            return Err("no date was computed".to_owned());
        }
    }
    let cases = drawn(PeriodUnit::WorkingDays, EXPLAINED.min(count), seed)?;
    let start = machine::thread_time();
    let mut steps = 0;
    for (period, at) in &cases {
        steps += explain(&calendar, rule, *period, *at, &[]).map_err(told)?.steps.len();
    }
    let spent = machine::thread_time().saturating_sub(start);
    rate(&mut report, &format!("working days, explained in {steps} steps"), cases.len(), spent)?;
    Ok(report)
}

#[expect(clippy::cast_precision_loss, reason = "a rate for people")]
fn rate(report: &mut String, what: &str, count: usize, spent: Duration) -> Result<(), String> {
    let seconds = spent.as_secs_f64();
    let rate = count as f64 / seconds / 1e6;
    writeln!(report, "| {what} | {count} | {seconds:.3} | {rate:.2} |").map_err(told)
}

fn drawn(unit: PeriodUnit, count: usize, seed: u64) -> Result<Vec<(Period, Instant)>, String> {
    let mut state = seed;
    let mut draw = || {
        // Multiplier and addend of Knuth's MMIX; the high bits are good enough to spread dates.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 20
    };
    let mut cases = Vec::with_capacity(count);
    for _ in 0..count {
        let length = u32::try_from(draw() % 60 + 1).unwrap_or(1);
        let at = FIRST_MILLIS + i64::try_from(draw() % SPAN_MILLIS).unwrap_or(0);
        cases.push((Period::new(length, unit).map_err(told)?, Instant::from_millis(at).map_err(told)?));
    }
    Ok(cases)
}

/// Times a job and adds its median to the table.
fn row<T>(
    report: &mut String,
    what: &str,
    rounds: usize,
    mut job: impl FnMut() -> Result<T, String>,
) -> Result<(), String> {
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Stopwatch::now();
        let made = job()?;
        times.push(start.elapsed());
        drop(made);
    }
    line(report, what, &mut times)
}

fn line(report: &mut String, what: &str, times: &mut [Duration]) -> Result<(), String> {
    times.sort();
    let median = times.get(times.len() / 2).copied().unwrap_or_default().as_secs_f64() * 1e3;
    writeln!(report, "| {what} | {median:.2} | {} |", times.len()).map_err(told)
}

fn rounds(options: &Options, default: usize) -> Result<usize, String> {
    match options.value("rounds", default)? {
        0 => Err("`--rounds` is at least 1".to_owned()),
        rounds => Ok(rounds),
    }
}

fn told(error: impl Display) -> String {
    error.to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn problems(problems: Vec<Problem>) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn faults(faults: Vec<AssessError>) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

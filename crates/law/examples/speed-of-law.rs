//! How fast the statute book is: loading all packs, building the index, asking it.
//!
//!     cargo run --release -p gongdao-law --example speed-of-law -- packs [TEXTS]

#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "a measurement: it prints, and reads a stopwatch")]

use gongdao_law::{Book, Index, LawError, Query, Texts};
use gongdao_pack::Packs;
use std::path::Path;
use std::time::{Duration, Instant};

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
const ROUNDS: usize = 100;

fn main() -> Result<(), LawError> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.first().map_or("packs", String::as_str);
    let mut loads = Vec::new();
    for _ in 0..20 {
        let start = Instant::now();
        let book = load(folder, arguments.get(1))?;
        loads.push(start.elapsed());
        drop(book);
    }
    let book = load(folder, arguments.get(1))?;
    let provisions: usize = book.packs().instruments.iter().map(|pack| pack.provisions.len()).sum();
    println!(
        "{} instruments, {provisions} provisions, {} rule versions",
        book.packs().instruments.len(),
        book.rules().len()
    );
    println!("load and freeze: median {:.1} ms of {}", millis(median(&mut loads)), loads.len());
    let start = Instant::now();
    let index = Index::new(&book, "2024-05-01".parse()?)?;
    println!("build the index, dictionary included: {:.1} ms", millis(start.elapsed()));
    let mut times = Vec::new();
    for text in QUESTIONS.iter().cycle().take(QUESTIONS.len() * (ROUNDS + 1)) {
        let start = Instant::now();
        index.search(&Query { text, limit: 10, place: None, on: None })?;
        times.push(start.elapsed());
    }
    // The first round warms up.
    let mut warm = times.split_off(QUESTIONS.len());
    println!("search, warm: median {:.2} ms of {}", millis(median(&mut warm)), warm.len());
    Ok(())
}

fn load(folder: &str, texts: Option<&String>) -> Result<Book, LawError> {
    let told = |problems: Vec<gongdao_pack::Problem>| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        LawError::new(told.join("\n"), "run `gongdao pack check`")
    };
    let packs = Packs::read(Path::new(folder)).map_err(told)?;
    let texts = texts.map_or_else(|| Ok(Texts::none()), |texts| Texts::read(Path::new(texts), &packs))?;
    Book::new(packs, texts).map_err(told)
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

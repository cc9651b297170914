//! How long an assessment takes: `cargo run --release -p gongdao-assess --example speed-of-assess [packs] [services]`.
//!
//! Loading is shown apart; then each described service is assessed a hundred times, and rendered in both languages.

#![expect(clippy::print_stdout, reason = "an example prints its result")]

use gongdao_assess::{AssessError, Law, Scope, Service, assess, html};
use gongdao_clock::Calendar;
use gongdao_i18n::{Catalogue, Language};
use gongdao_pack::{Packs, Problem};
use gongdao_rules::RuleSet;
use std::path::PathBuf;
use std::time::Instant as Stopwatch;

const ROUNDS: u32 = 100;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = arguments.next().unwrap_or_else(|| PathBuf::from("packs"));
    let services = arguments.next().unwrap_or_else(|| PathBuf::from("examples/services"));
    let start = Stopwatch::now();
    let packs = Packs::read(&folder).map_err(|problems| in_words(&problems))?;
    let rules = RuleSet::load(&packs).map_err(|problems| in_words(&problems))?;
    let calendar = Calendar::shipped()?;
    let law = Law::new(&packs, &rules, &calendar)?;
    println!("{} rule versions loaded in {:.0} ms", rules.versions.len(), millis(start));
    let catalogue = Catalogue::embedded()?;
    for name in ["food-delivery", "news-feed", "image-generator"] {
        let text = std::fs::read_to_string(services.join(format!("{name}.toml")))?;
        let service = Service::read(&text, &rules.vocabulary, &packs).map_err(|faults| faults_in_words(&faults))?;
        let scope = Scope { on: service.on.ok_or("the example has no date")?, include_drafts: false };
        let start = Stopwatch::now();
        let mut provisions = 0;
        for _ in 0..ROUNDS {
            provisions = assess(&law, &service, scope)?.provisions.len();
        }
        let each = millis(start) / f64::from(ROUNDS);
        let assessment = assess(&law, &service, scope)?;
        let start = Stopwatch::now();
        let bytes = html(&assessment, &service, &law, &catalogue, Language::Zh)?.len();
        println!("{name}: {provisions} provisions in {each:.2} ms; HTML of {bytes} bytes in {:.1} ms", millis(start));
    }
    Ok(())
}

fn millis(start: Stopwatch) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

fn in_words(problems: &[Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn faults_in_words(faults: &[AssessError]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

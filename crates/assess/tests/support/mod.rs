//! What the tests share: the repository's packs, all or the first eight, and the described services.

#![allow(dead_code, reason = "each test file uses a part of it")]

use gongdao_assess::{AssessError, Law, Scope, Service};
use gongdao_clock::Calendar;
use gongdao_pack::{Drafts, Packs};
use gongdao_rules::RuleSet;
use std::path::{Path, PathBuf};

/// Instruments that the expected outputs are made of; others may come and go.
const FIRST: [&str; 8] = [
    "catering-guidance",
    "doc-56",
    "ecommerce-law",
    "iisarmp",
    "labour-contract-law",
    "labour-law",
    "minors-online-protection",
    "pipl",
];

pub(crate) const EXAMPLES: [&str; 3] = ["food-delivery", "news-feed", "image-generator"];

pub(crate) struct Shelf {
    pub(crate) packs: Packs,
    pub(crate) rules: RuleSet,
    calendar: Calendar,
}

impl Shelf {
    /// Every pack of the repository.
    pub(crate) fn whole() -> Self {
        Self::of(Packs::read(&root().join("packs")).unwrap())
    }

    /// The eight packs of the expected outputs.
    pub(crate) fn first() -> Self {
        Self::edited(&[])
    }

    /// The eight packs and these, drafts read too.
    pub(crate) fn first_and(more: &[&str]) -> Self {
        let mut files = Packs::files(&root().join("packs")).unwrap();
        files.retain(|path, _| is_of(path, &FIRST) || is_of(path, more));
        Self::of(Packs::survey_files(files).0.unwrap().with_drafts(Drafts::Included))
    }

    /// The eight packs with a part of a file replaced: file below `packs/cn/`, from, to.
    pub(crate) fn edited(edits: &[(&str, &str, &str)]) -> Self {
        let mut files = Packs::files(&root().join("packs")).unwrap();
        files.retain(|path, _| is_of(path, &FIRST));
        for (file, from, to) in edits {
            let bytes = files.get_mut(&Path::new("cn").join(file)).unwrap();
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.contains(from), "{file} has no `{from}`");
            *bytes = text.replacen(from, to, 1).into_bytes();
        }
        Self::of(Packs::survey_files(files).0.unwrap())
    }

    fn of(packs: Packs) -> Self {
        let rules = RuleSet::load(&packs).unwrap();
        Self { packs, rules, calendar: Calendar::shipped().unwrap() }
    }

    pub(crate) fn law(&self) -> Law<'_> {
        Law::new(&self.packs, &self.rules, &self.calendar).unwrap()
    }

    pub(crate) fn read(&self, text: &str) -> Result<Service, Vec<AssessError>> {
        Service::read(text, &self.rules.vocabulary, &self.packs)
    }

    pub(crate) fn example(&self, name: &str) -> Service {
        let file = root().join("examples/services").join(format!("{name}.toml"));
        self.read(&std::fs::read_to_string(file).unwrap()).unwrap()
    }
}

pub(crate) fn on(day: &str) -> Scope {
    Scope { on: day.parse().unwrap(), include_drafts: false }
}

pub(crate) fn scope(service: &Service) -> Scope {
    Scope { on: service.on.unwrap(), include_drafts: false }
}

/// The vocabulary, or a file of one of these packs.
fn is_of(path: &Path, instruments: &[&str]) -> bool {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    match parts.as_slice() {
        [_] => true,
        [jurisdiction, instrument, ..] => jurisdiction == "cn" && instruments.contains(&instrument.as_str()),
        [] => false,
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

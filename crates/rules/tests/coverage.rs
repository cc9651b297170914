//! What of the law is there and when it counts: the list of provisions, drafts, and the law of a place.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

#[path = "../../pack/tests/support/mod.rs"]
mod support;

use gongdao_model::{LegalDate, PlaceCode, Standing};
use gongdao_pack::{Drafts, Packs, ProvisionList, coverage};
use gongdao_rules::RuleSet;
use std::collections::BTreeSet;
use std::path::Path;
use support::Files;

fn packs(drafts: Drafts) -> Packs {
    let (packs, problems) = Files::real().survey();
    assert!(problems.is_empty(), "{problems:#?}");
    packs.unwrap().with_drafts(drafts)
}

fn rules(packs: &Packs) -> RuleSet {
    RuleSet::load(packs).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn day(text: &str) -> LegalDate {
    text.parse().unwrap()
}

fn place(text: &str) -> PlaceCode {
    text.parse().unwrap()
}

/// The outside list of provisions; none outside of CI where it is absent.
fn list() -> Option<ProvisionList> {
    let file = support::texts()?.with_file_name("provisions.md");
    let text = std::fs::read_to_string(&file).unwrap();
    Some(ProvisionList::read(Path::new("provisions.md"), &text, "cn").unwrap())
}

#[test]
fn every_provision_has_a_rule_a_duty_or_a_reason() {
    let packs = packs(Drafts::Included);
    let table = coverage(&packs, &rules(&packs).ruled_provisions(), None);
    assert!(table.is_complete(), "{}", table.human());
    assert_eq!(table.instruments.len(), packs.instruments.len());
    for row in &table.instruments {
        assert!(row.held && row.provisions > 0, "{}", row.instrument);
        assert!(row.with_rule.max(row.with_duty) + row.no_rule.values().sum::<usize>() <= row.provisions);
    }
}

#[test]
fn every_line_of_the_list_is_found_in_the_packs() {
    let Some(list) = list() else { return };
    assert_eq!(list.lines.len(), 308, "lines of the list");
    let packs = packs(Drafts::Included);
    let table = coverage(&packs, &rules(&packs).ruled_provisions(), Some(&list));
    println!("{}", table.human());
    let absent: Vec<&str> =
        table.instruments.iter().filter(|row| !row.held).map(|row| row.instrument.as_str()).collect();
    assert!(absent.is_empty(), "{absent:?}");
    let missing: Vec<_> = table.instruments.iter().flat_map(|row| &row.missing).collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let lines: usize = table.instruments.iter().map(|row| row.lines).sum();
    assert_eq!(lines, 308 + 6, "one line speaks of seven instruments");
}

#[test]
fn a_list_that_names_more_than_the_packs_hold_is_not_covered() {
    let line = |instrument: &str, reference: &str| {
        format!("- {instrument} · {reference} · a · b · duty · c · d · e · f · g · verified\n")
    };
    let packs = packs(Drafts::Included);
    let ruled = rules(&packs).ruled_provisions();
    for (instrument, reference, wanted) in [
        ("iisarmp", "art.17(1)", None),
        ("labour-law", "art.44(3)", None),
        ("iisarmp", "art.8", None),
        ("iisarmp", "art.16(2)", None),
        ("iisarmp", "art.17(9)", Some("cn.iisarmp/17/9")),
        ("iisarmp", "art.99", Some("cn.iisarmp/99")),
        ("unheard-of", "whole", Some("cn.unheard-of")),
        ("unheard-of", "art.1", Some("cn.unheard-of/1")),
    ] {
        let list = ProvisionList::read(Path::new("list.md"), &line(instrument, reference), "cn").unwrap();
        let table = coverage(&packs, &ruled, Some(&list));
        let missing: Vec<&str> =
            table.instruments.iter().flat_map(|row| &row.missing).map(|line| line.wanted.as_str()).collect();
        assert_eq!(missing, wanted.into_iter().collect::<Vec<_>>(), "{instrument} {reference}");
        assert_eq!(table.is_complete(), wanted.is_none());
        assert_eq!(table.json()["complete"], wanted.is_none());
        assert!(wanted.is_none_or(|wanted| table.human().contains(&format!("missing: `{wanted}`"))));
    }
}

#[test]
fn a_draft_is_no_law_unless_asked_for() {
    let (without, with) = (packs(Drafts::Off), packs(Drafts::Included));
    assert_eq!(without.digest(), with.digest(), "the same files");
    let (off, on) = (rules(&without), rules(&with));
    let drafts = |rules: &RuleSet| rules.versions.iter().filter(|version| version.standing == Standing::Draft).count();
    assert_eq!(drafts(&off), 0);
    assert!(drafts(&on) >= 3, "{} draft rules", drafts(&on));
    assert_eq!(off.versions.len() + drafts(&on), on.versions.len(), "nothing else changes");
    let (before, first) = (day("2026-10-07"), day("2026-10-08"));
    for (date, drafts, names_it) in
        [(before, &with, false), (first, &with, true), (before, &without, false), (first, &without, false)]
    {
        let found = drafts.parameters(date, None).contains_key("continuousWorkMinutes");
        assert_eq!(found, names_it, "value on {date}");
        let draft = "cn.worker-rights-measures-draft-2026";
        let stands = drafts.in_force(date, None).iter().any(|pack| pack.instrument.id.as_str() == draft);
        assert_eq!(stands, names_it, "instrument on {date}");
    }
    let human_review = |rules: &RuleSet| {
        let found = rules.in_force(first, None, "suspend-account");
        found.iter().any(|index| rules.versions[*index].key.rule.as_str().contains("human-review"))
    };
    assert!(!human_review(&off) && human_review(&on));
}

#[test]
fn local_law_holds_in_its_place_and_in_no_other() {
    let packs = packs(Drafts::Off);
    let rules = rules(&packs);
    let own = |on: &str, at: Option<&str>| -> BTreeSet<String> {
        let found = rules.in_force(day(on), at.map(place), "price");
        let ids = found.iter().map(|index| rules.versions[*index].provision.instrument().to_string());
        ids.filter(|id| id == "cn.shenzhen-ai").collect()
    };
    for (on, at, holds) in [
        ("2024-05-06", Some("440300"), true),
        ("2024-05-06", Some("440305"), true),
        ("2024-05-06", Some("440000"), false),
        ("2024-05-06", Some("440100"), false),
        ("2024-05-06", Some("310000"), false),
        ("2024-05-06", None, false),
        ("2022-10-31", Some("440300"), false),
        ("2022-11-01", Some("440300"), true),
    ] {
        assert_eq!(!own(on, at).is_empty(), holds, "{on} {at:?}");
    }
}

#[test]
fn the_difference_of_a_place_is_its_local_law() {
    let packs = packs(Drafts::Off);
    let rules = rules(&packs);
    for (at, instruments, some_rule) in [
        ("440300", "cn.shenzhen-ai", true),
        ("440305", "cn.shenzhen-ai", true),
        ("310000", "cn.shanghai-ai", false),
        ("310115", "cn.shanghai-ai", false),
        ("110000", "", false),
        ("000000", "", false),
    ] {
        let (on, at) = (day("2024-05-06"), place(at));
        let difference = packs.local_difference(on, at);
        let found: BTreeSet<String> =
            difference.provisions.iter().map(|provision| provision.id.instrument().to_string()).collect();
        assert_eq!(found.into_iter().collect::<Vec<_>>().join(" "), instruments, "{at}");
        assert_eq!(difference.is_empty(), instruments.is_empty(), "{at}");
        let local = rules.local(on, at);
        assert_eq!(!local.is_empty(), some_rule, "{at}");
        assert!(local.iter().all(|version| difference.has(&version.provision)), "{at}");
    }
    assert!(packs.local_difference(day("2022-09-30"), place("310000")).is_empty(), "the day before Shanghai’s");
    let files = Files::real().with(
        "cn/shenzhen-ai/parameters.toml",
        "[[parameter]]\nname = \"priceTolerancePercent\"\nunit = \"percent\"\nprovision = \"cn.shenzhen-ai/72/2/5\"\n\
         zh = \"容差\"\nen = \"tolerance\"\n[[parameter.value]]\nfrom = 2022-11-01\nplace = \"440300\"\nvalue = 0\n\
         source = \"made up\"\n",
    );
    let packs = files.survey().0.unwrap();
    let difference = packs.local_difference(day("2024-05-06"), place("440305"));
    let [value] = difference.parameters.as_slice() else { panic!("{:?}", difference.parameters) };
    assert_eq!((value.name.as_str(), value.here.value), ("priceTolerancePercent", 0));
    assert_eq!(value.country.as_ref().map(|country| country.value), Some(5));
    assert!(packs.local_difference(day("2024-05-06"), place("440100")).is_empty());
}

//! All duties of packs at once: versions by date, instruments that ended, order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::{Calendar, Condition, CountingRule, Event, Events, Setting, State, every_clock};
use gongdao_model::PlaceCode;
use gongdao_pack::{Packs, Period};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use support::{at, calendar};

/// The packs with a duty file and an instrument file edited: path, from, to.
fn edited(edits: &[(&str, &str, &str)]) -> Packs {
    let mut files = Packs::files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    for (path, from, to) in edits {
        let bytes = files.get_mut(&PathBuf::from(path)).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        assert!(text.contains(from), "`{from}` is not in {path}");
        *bytes = text.replacen(from, to, 1).into_bytes();
    }
    let (packs, problems) = Packs::survey_files(files);
    assert!(problems.is_empty(), "{problems:?}");
    packs.unwrap()
}

fn told(packs: &Packs, events: &[(&str, &str)], now: &str, calendar: &Calendar) -> Vec<(String, String)> {
    let events = events.iter().enumerate().map(|(index, (name, time))| {
        Event::new(&format!("e{index}"), name, at(&format!("{time}T10:00:00+08:00")), ["algorithm-1"]).unwrap()
    });
    let events = Events::new(events.collect()).unwrap();
    let published: BTreeMap<String, Period> = BTreeMap::new();
    let changes = BTreeMap::new();
    let now = at(&format!("{now}T10:00:00+08:00"));
    let setting = Setting { calendar, rule: CountingRule::default(), now, published: &published, changes: &changes };
    let binds = |instrument: &gongdao_pack::Instrument| instrument.place.covers(PlaceCode::COUNTRY);
    let found = every_clock(packs, &binds, &events, &|_, _| Condition::Holds, &setting).unwrap();
    let words = found.iter().map(|(duty, clock)| {
        assert_eq!(duty.id, clock.duty);
        let date = clock.due_date().map(|due| due.end.day().to_string()).unwrap_or_default();
        (duty.id.clone(), format!("{date} {:?}", clock.state))
    });
    words.collect()
}

fn of<'a>(told: &'a [(String, String)], id: &str) -> Vec<&'a str> {
    told.iter().filter(|(duty, _)| duty == id).map(|(_, word)| word.as_str()).collect()
}

#[test]
fn every_duty_is_told_of_and_the_earliest_date_stands_first() {
    let packs = edited(&[]);
    let events =
        [("service-provided", "2024-09-28"), ("filing-received", "2024-05-06"), ("appeal-received", "2024-09-01")];
    let told = told(&packs, &events, "2024-10-01", &calendar());
    let duties: usize = packs.instruments.iter().map(|pack| pack.duties.len()).sum();
    assert_eq!(told.len(), duties, "one clock a duty, as no event came twice");
    // 7 to 11 May with the Saturday (5), 13 to 31 (20), 3 to 7 June (25), 11 to 14 after the Dragon Boat Festival (29), 17.
    assert_eq!(told[0], ("cn.iisarmp/25#decide".to_owned(), "2024-06-17 Breached".to_owned()));
    assert_eq!(told[1].1, "2024-10-16 Open");
    assert_eq!(of(&told, "cn.iisarmp/24/1#file"), ["2024-10-16 Open"]);
    assert_eq!(of(&told, "cn.iisarmp/22#answer"), [" Open"]);
    assert_eq!(of(&told, "cn.iisarmp/24/3#deregister"), [" NotYetTriggered"]);
}

#[test]
fn an_event_starts_the_version_that_binds_on_its_day() {
    let duty = "[[duty]]\nid = \"cn.iisarmp/24/1#file\"\n";
    let second = "[[duty]]\nid = \"cn.iisarmp/24/1#file\"\nprovision = \"cn.iisarmp/24/1\"\nfrom = 2024-09-28\nowed_by = \"provider\"\n\
        owed_to = \"regulator\"\ntrigger = \"service-provided\"\ndue = \"5 working days\"\ndischarged_by = \"filing-submitted\"\nzh = \"新\"\nen = \"New\"\n\n";
    let packs = edited(&[("cn/iisarmp/duties.toml", duty, &format!("{second}{duty}"))]);
    let events =
        [("service-provided", "2022-02-28"), ("service-provided", "2024-09-27"), ("service-provided", "2024-09-28")];
    let told = told(&packs, &events, "2024-09-30", &calendar());
    let dates: Vec<&str> = of(&told, "cn.iisarmp/24/1#file");
    assert_eq!(dates.len(), 3);
    assert!(dates[0].starts_with("2022-03-14 CannotTell { missing: [Transition"), "{dates:?}");
    // 29 and 30 September, 8 to 10 October by the new version; ten days, to 16 October, by the old one.
    assert_eq!(dates[1..], ["2024-10-10 Open", "2024-10-16 Open"]);
}

#[test]
fn an_instrument_that_ended_has_only_the_clocks_it_started() {
    let packs = edited(&[(
        "cn/iisarmp/instrument.toml",
        "effective = 2022-03-01\n",
        "effective = 2022-03-01\nuntil = 2024-10-01\n",
    )]);
    let calendar = calendar();
    let before = told(&packs, &[("service-provided", "2024-09-28")], "2024-11-01", &calendar);
    assert_eq!(of(&before, "cn.iisarmp/24/1#file"), ["2024-10-16 Breached"]);
    assert!(of(&before, "cn.iisarmp/25#decide").is_empty());
    let after = told(&packs, &[("service-provided", "2024-10-01")], "2024-11-01", &calendar);
    assert!(of(&after, "cn.iisarmp/24/1#file").is_empty());
    let now = told(&packs, &[], "2024-09-30", &calendar);
    assert_eq!(of(&now, "cn.iisarmp/25#decide"), [format!(" {:?}", State::NotYetTriggered)]);
}

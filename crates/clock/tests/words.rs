//! What people read, in both languages.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::{
    Answer, Calendar, Change, Clock, Condition, CountingRule, Event, Events, FirstDay, Ground, LastDay, Setting,
    clock_lines, clocks, explain, explanation_lines, recompute, recomputed_lines,
};
use gongdao_i18n::{Catalogue, Language};
use gongdao_model::Standing;
use gongdao_pack::{Duty, Packs};
use std::collections::BTreeMap;
use std::path::Path;
use support::{at, calendar, edited, period};

fn snapshot(name: &str, text: impl Fn(gongdao_i18n::Words<'_>) -> String) {
    let catalogue = Catalogue::embedded().unwrap();
    for language in Language::ALL {
        insta::with_settings!({ omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-{language}"), text(catalogue.words(language)));
        });
    }
}

fn ground() -> Ground {
    Ground::new(Some("cn.iisarmp/25".parse().unwrap()), "材料待补正", "materials to be completed").unwrap()
}

#[test]
fn how_a_date_was_computed_is_told_step_by_step() {
    let calendar = calendar();
    let narrow = CountingRule { first_day: FirstDay::Counted, last_day: LastDay::Stays };
    let changes = [
        Change::Suspended {
            from: at("2024-05-09T12:00:00+08:00"),
            until: Some(at("2024-05-10T09:00:00+08:00")),
            ground: ground(),
        },
        Change::Extended { at: at("2024-05-14T09:00:00+08:00"), by: period("15 days"), ground: ground() },
        Change::Extended { at: at("2024-07-14T09:00:00+08:00"), by: period("1 days"), ground: ground() },
    ];
    let still = [Change::Suspended { from: at("2024-05-09T12:00:00+08:00"), until: None, ground: ground() }];
    let rows: [(&str, &str, CountingRule, &[Change]); 8] = [
        ("10 working days", "2024-09-28T10:00:00+08:00", CountingRule::default(), &[]),
        ("15 days", "2024-09-16T10:00:00+08:00", CountingRule::default(), &[]),
        ("1 months", "2024-01-31T10:00:00+08:00", CountingRule::default(), &[]),
        ("24 hours", "2025-01-01T10:30:00+08:00", CountingRule::default(), &[]),
        ("10 working days", "2026-12-21T10:00:00+08:00", CountingRule::default(), &[]),
        ("5 working days", "2024-09-26T10:00:00+08:00", narrow, &[]),
        ("10 working days", "2024-05-06T10:00:00+08:00", CountingRule::default(), &changes),
        ("10 working days", "2024-05-06T10:00:00+08:00", CountingRule::default(), &still),
    ];
    snapshot("explained", |words| {
        let texts = rows.map(|(length, start, rule, changes)| {
            let explanation = explain(&calendar, rule, period(length), at(start), changes).unwrap();
            format!("{length} from {start}\n{}", explanation_lines(&explanation, words).unwrap().join("\n"))
        });
        texts.join("\n\n")
    });
}

#[test]
fn a_date_that_a_new_calendar_moves_says_which_days_did_it() {
    let newer = edited(&[
        ("version = \"2026.1\"", "version = \"2027.1\""),
        ("off = [2027-01-01, 2027-01-01]", "off = [2027-01-01, 2027-01-04]"),
    ])
    .unwrap();
    // Later days that changed move nothing here.
    let same = edited(&[
        ("version = \"2026.1\"", "version = \"2027.2\""),
        ("off = [2027-10-01, 2027-10-03]", "off = [2027-10-01, 2027-10-07]"),
    ]);
    let same = same.unwrap();
    let old = calendar();
    snapshot("recomputed", |words| {
        let text = |new: &Calendar| {
            let start = at("2026-12-21T10:00:00+08:00");
            let rule = CountingRule::default();
            let recomputed = recompute(&old, new, rule, period("10 working days"), start, &[]).unwrap().unwrap();
            recomputed_lines(&recomputed, words).unwrap().join("\n")
        };
        format!("{}\n\n{}", text(&newer), text(&same))
    });
}

fn duties(packs: &Packs) -> impl Iterator<Item = &Duty> {
    packs.instruments.iter().flat_map(|pack| &pack.duties)
}

/// A clock of every kind of time limit, with and without an answer.
#[test]
fn what_a_clock_says_for_every_kind_of_limit() {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let calendar = calendar();
    let (published, changes) = (BTreeMap::new(), BTreeMap::new());
    let setting = Setting {
        calendar: &calendar,
        rule: CountingRule::default(),
        now: at("2024-12-01T10:00:00+08:00"),
        published: &published,
        changes: &changes,
    };
    let rows = [
        ("cn.iisarmp/24/1#file", Some("2024-09-28"), None, Condition::Holds),
        ("cn.iisarmp/24/1#file", Some("2024-09-28"), Some("2024-10-17"), Condition::Holds),
        (
            "cn.iisarmp/24/1#file",
            Some("2024-09-28"),
            None,
            Condition::CannotTell(vec!["principal.opinionAttributes".to_owned()]),
        ),
        ("cn.iisarmp/24/1#file", None, None, Condition::Holds),
        ("cn.iisarmp/24/1#file", Some("2021-09-28"), None, Condition::Holds),
        ("cn.iisarmp/22#answer", Some("2024-09-28"), None, Condition::Holds),
        ("cn.iisarmp/22#answer", Some("2024-09-28"), Some("2024-09-29"), Condition::Holds),
        ("cn.iisarmp/9/2#report", Some("2024-09-28"), None, Condition::Holds),
        ("cn.pipl/22#tell-recipient", Some("2024-09-28"), None, Condition::Holds),
        ("cn.pipl/56/2#keep-assessment", Some("2024-09-28"), None, Condition::Holds),
        ("cn.doc-56/10#answer-appeal", Some("2024-09-28"), None, Condition::Fails),
    ];
    snapshot("clocks", |words| {
        let texts = rows.iter().map(|(id, begun, done, condition)| {
            let duty = duties(&packs).find(|duty| duty.id == *id).unwrap();
            let event = |name: &str, day: Option<&str>| {
                let time = day.map(|day| at(&format!("{day}T10:00:00+08:00")));
                time.map(|time| Event::new(name, name, time, ["algorithm-1"]).unwrap())
            };
            let events = [event(&duty.trigger, *begun), event(&duty.discharged_by, *done)];
            let events = Events::new(events.into_iter().flatten().collect()).unwrap();
            let standing = packs.provision(&duty.provision).unwrap().status;
            let clock = clocks(duty, standing, &events, &|_| condition.clone(), &setting).unwrap().remove(0);
            clock_lines(&clock, duty, words).unwrap().join("\n")
        });
        texts.collect::<Vec<_>>().join("\n\n")
    });
}

/// The whole answer of a command, for people and for programs, and what it exits with.
#[test]
fn an_answer_is_told_for_people_and_for_programs() {
    let calendar = calendar();
    let catalogue = Catalogue::embedded().unwrap();
    let start = at("2024-09-28T10:00:00+08:00");
    let by = |length: &str| explain(&calendar, CountingRule::default(), period(length), start, &[]).unwrap();
    let (certain, provisional) = (by("10 working days"), by("3 years"));
    let answer = Answer::Date { start, explanation: &certain };
    snapshot("answer", |words| answer.lines(words).unwrap().join("\n"));
    let json = answer.json(&calendar, &catalogue).unwrap().replace(calendar.digest(), "sha256:…");
    insta::with_settings!({ omit_expression => true }, { insta::assert_snapshot!("machine", json) });
    assert_eq!(answer.exit_code(), 0);
    assert_eq!(Answer::Date { start, explanation: &provisional }.exit_code(), 2);
}

#[test]
fn only_a_duty_with_a_certain_date_that_is_kept_so_far_exits_with_0() {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let calendar = calendar();
    let (published, changes) = (BTreeMap::new(), BTreeMap::new());
    let rows = [
        ("cn.iisarmp/24/1#file", "2024-09-28", None, "2024-10-01", 0),
        ("cn.iisarmp/24/1#file", "2024-09-28", Some("2024-10-16"), "2024-12-01", 0),
        ("cn.iisarmp/24/1#file", "2024-09-28", Some("2024-10-17"), "2024-12-01", 1),
        ("cn.iisarmp/24/1#file", "2024-09-28", None, "2024-12-01", 1),
        ("cn.iisarmp/24/1#file", "2024-09-28", None, "2024-09-01", 2),
        ("cn.iisarmp/24/1#file", "2026-12-21", None, "2026-12-22", 2),
        ("cn.iisarmp/22#answer", "2024-09-28", None, "2024-10-01", 2),
        ("cn.iisarmp/22#answer", "2024-09-28", Some("2024-09-29"), "2024-10-01", 2),
        ("cn.iisarmp/9/2#report", "2024-09-28", None, "2024-10-01", 2),
        ("cn.pipl/22#tell-recipient", "2024-09-28", None, "2024-10-01", 2),
        ("cn.pipl/22#tell-recipient", "2024-09-28", Some("2024-09-29"), "2024-10-01", 0),
        ("cn.doc-56/10#answer-appeal", "2024-09-28", None, "2024-10-01", 2),
        ("cn.pipl/56/2#keep-assessment", "2021-12-01", None, "2024-10-01", 0),
        ("cn.pipl/56/2#keep-assessment", "2024-09-28", None, "2024-10-01", 2),
    ];
    for (id, begun, done, now, code) in rows {
        let duty = duties(&packs).find(|duty| duty.id == id).unwrap();
        let time = |day: &str| at(&format!("{day}T10:00:00+08:00"));
        let begun = Event::new("begun", &duty.trigger, time(begun), []).unwrap();
        let done = done.map(|done| Event::new("done", &duty.discharged_by, time(done), []).unwrap());
        let events = Events::new(Some(begun).into_iter().chain(done).collect()).unwrap();
        let rule = CountingRule::default();
        let setting = Setting { calendar: &calendar, rule, now: time(now), published: &published, changes: &changes };
        let standing = packs.provision(&duty.provision).unwrap().status;
        let clock = clocks(duty, standing, &events, &|_| Condition::Holds, &setting).unwrap().remove(0);
        assert_eq!(Answer::Clock { duty, clock: &clock }.exit_code(), code, "{id} on {now}: {:?}", clock.state);
        let unverified = Clock { standing: Standing::Unverified, ..clock };
        let expected = if code == 1 { 2 } else { code };
        assert_eq!(Answer::Clock { duty, clock: &unverified }.exit_code(), expected, "{id}, unverified");
    }
}

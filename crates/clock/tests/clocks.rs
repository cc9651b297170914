//! From duties and events to states: what is open, kept, late, and what nobody can tell.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod support;

use gongdao_clock::{
    Calendar, Change, Clock, Condition, CountingRule, Due, Event, Events, Ground, Missing, Setting, State, clocks,
};
use gongdao_model::Standing;
use gongdao_pack::{Duty, Packs, Period};
use std::collections::BTreeMap;
use std::path::Path;
use support::{at, calendar, period};

/// Start of the events below, unless they say otherwise: a Saturday; ten working days end on 16 October.
const START: &str = "2024-09-28T10:00:00+08:00";

fn duty(due: &str, before: Option<&str>) -> Duty {
    Duty {
        id: "cn.iisarmp/24/1#file".to_owned(),
        provision: "cn.iisarmp/24/1".parse().unwrap(),
        from: "2022-03-01".parse().unwrap(),
        owed_by: "provider".to_owned(),
        owed_to: "regulator".to_owned(),
        trigger: "begun".to_owned(),
        when: None,
        due: due.to_owned(),
        before: before.map(str::to_owned),
        discharged_by: "done".to_owned(),
        on_breach: None,
        zh: "备案".to_owned(),
        en: "File".to_owned(),
        line: 1,
    }
}

/// `name time` or `name time subject,subject`, the time in Beijing.
fn events(lines: &[&str]) -> Events {
    let event = |(index, line): (usize, &&str)| {
        let mut parts = line.split(' ');
        let (name, time) = (parts.next().unwrap(), parts.next().unwrap());
        let subjects = parts.next().unwrap_or("algorithm-1");
        Event::new(&format!("e{index}"), name, at(&format!("{time}+08:00")), subjects.split(',')).unwrap()
    };
    Events::new(lines.iter().enumerate().map(event).collect()).unwrap()
}

struct Case<'a> {
    due: &'a str,
    before: Option<&'a str>,
    events: &'a [&'a str],
    now: &'a str,
    published: Option<&'a str>,
    changes: &'a [Change],
    condition: Condition,
}

impl Default for Case<'_> {
    fn default() -> Self {
        Self {
            due: "10 working days",
            before: None,
            events: &["begun 2024-09-28T10:00:00"],
            now: "2024-10-10T00:00:00",
            published: None,
            changes: &[],
            condition: Condition::Holds,
        }
    }
}

impl Case<'_> {
    fn clocks(&self) -> Vec<Clock> {
        self.clocks_by(&calendar())
    }

    fn clocks_by(&self, calendar: &Calendar) -> Vec<Clock> {
        let duty = duty(self.due, self.before);
        let published: BTreeMap<String, Period> =
            self.published.iter().map(|text| (duty.id.clone(), period(text))).collect();
        let changes = BTreeMap::from([((duty.id.clone(), "e0".to_owned()), self.changes.to_vec())]);
        let now = at(&format!("{}+08:00", self.now));
        let rule = CountingRule::default();
        let setting = Setting { calendar, rule, now, published: &published, changes: &changes };
        let condition = |_: &Event| self.condition.clone();
        clocks(&duty, Standing::Verified, &events(self.events), &condition, &setting).unwrap()
    }

    fn states(&self) -> Vec<String> {
        self.clocks().iter().map(|clock| word(&clock.state)).collect()
    }
}

fn word(state: &State) -> String {
    match state {
        State::CannotTell { missing } => format!("cannot tell: {missing:?}"),
        other => format!("{other:?}"),
    }
}

#[test]
fn a_number_of_days_is_open_met_late_or_breached() {
    const BEGUN: &str = "begun 2024-09-28T10:00:00";
    let rows: [(&[&str], &str, &str); 9] = [
        (&[], "2024-10-01T00:00:00", "NotYetTriggered"),
        // An event of the future has not happened.
        (&[BEGUN], "2024-09-28T09:59:59", "NotYetTriggered"),
        (&[BEGUN], "2024-10-16T23:59:59", "Open"),
        (&[BEGUN], "2024-10-17T00:00:00", "Breached"),
        (&[BEGUN, "done 2024-10-16T23:59:59"], "2024-12-01T00:00:00", "Met"),
        (&[BEGUN, "done 2024-10-17T00:00:00"], "2024-12-01T00:00:00", "Late"),
        // Not yet done at the moment that is asked about.
        (&[BEGUN, "done 2024-10-16T23:59:59"], "2024-10-16T12:00:00", "Open"),
        // Done before it began, or for something else, is not this.
        (&[BEGUN, "done 2024-09-28T09:00:00"], "2024-10-17T00:00:00", "Breached"),
        (&[BEGUN, "done 2024-09-30T09:00:00 algorithm-2"], "2024-10-17T00:00:00", "Breached"),
    ];
    for (events, now, state) in rows {
        assert_eq!(Case { events, now, ..Case::default() }.states(), [state], "{events:?} at {now}");
    }
}

#[test]
fn an_answer_counts_for_all_that_it_is_about_and_each_trigger_has_its_clock() {
    let events = &[
        "begun 2024-09-28T10:00:00 person-1,case-1",
        "begun 2024-09-28T11:00:00 person-1,case-2",
        "done 2024-09-29T10:00:00 person-1,case-1,officer-3",
    ];
    let case = Case { events, now: "2024-12-01T00:00:00", ..Case::default() };
    assert_eq!(case.states(), ["Met", "Breached"]);
    let keys: Vec<String> = case.clocks().into_iter().map(|clock| clock.key).collect();
    assert_eq!(keys, ["cn.iisarmp/24/1#file|e0|case-1,person-1|1", "cn.iisarmp/24/1#file|e1|case-2,person-1|1"]);
}

#[test]
fn without_a_number_nothing_is_ever_in_time() {
    const BEGUN: &str = "begun 2024-09-28T10:00:00";
    let missing = "cannot tell: [PublishedLimit]";
    let rows: [(&str, Option<&str>, &[&str], &str); 12] = [
        ("promptly", None, &[BEGUN], "Open"),
        ("promptly", None, &[BEGUN, "done 2024-09-28T10:00:01"], missing),
        ("promptly", Some("15 days"), &[BEGUN, "done 2024-10-08T23:00:00"], "Met"),
        ("promptly", Some("15 days"), &[BEGUN, "done 2024-10-15T00:00:00"], "Late"),
        ("promptly", Some("15 days"), &[BEGUN], "Breached"),
        ("immediately", None, &[BEGUN], "Open"),
        ("immediately", None, &[BEGUN, "done 2024-09-28T10:00:00"], "Met"),
        ("immediately", None, &[BEGUN, "done 2024-09-28T10:00:01"], missing),
        ("immediately", Some("2 hours"), &[BEGUN, "done 2024-09-28T12:00:00"], "Met"),
        ("immediately", Some("2 hours"), &[BEGUN, "done 2024-09-28T12:00:01"], "Late"),
        ("regularly", None, &[BEGUN], "Open"),
        ("regularly", None, &[BEGUN, "done 2024-09-29T10:00:00"], missing),
    ];
    for (due, published, events, state) in rows {
        let case = Case { due, published, events, now: "2034-01-01T00:00:00", ..Case::default() };
        assert_eq!(case.states(), [state], "{due}, {published:?}, {events:?}");
    }
}

#[test]
fn what_must_come_before_an_act_is_judged_when_the_act_is_known() {
    const BEGUN: &str = "begun 2024-09-28T10:00:00";
    const ACT: &str = "in-use 2024-11-01T10:00:00";
    let rows: [(Option<&str>, &[&str], &str); 8] = [
        (Some("in-use"), &[BEGUN], "Open"),
        (Some("in-use"), &[BEGUN, "done 2024-10-01T10:00:00"], "Met"),
        (Some("in-use"), &[BEGUN, "done 2024-11-01T09:59:59", ACT], "Met"),
        (Some("in-use"), &[BEGUN, "done 2024-11-01T10:00:00", ACT], "Late"),
        (Some("in-use"), &[BEGUN, ACT], "Breached"),
        (None, &[BEGUN], "Open"),
        (None, &[BEGUN, "done 2024-10-01T10:00:00"], "cannot tell: [Act]"),
        (None, &[BEGUN, ACT], "Open"),
    ];
    for (before, events, state) in rows {
        let case = Case { due: "prior", before, events, now: "2025-01-01T00:00:00", ..Case::default() };
        assert_eq!(case.states(), [state], "{before:?}, {events:?}");
    }
}

#[test]
fn what_recurs_has_a_clock_an_interval() {
    let events = &["begun 2024-01-02T10:00:00", "done 2024-06-28T10:00:00", "done 2025-01-10T10:00:00"];
    let case = Case { due: "regularly", published: Some("6 months"), events, ..Case::default() };
    let states = |now| {
        Case { now, ..Case { events, ..Case { due: case.due, published: case.published, ..Case::default() } } }.states()
    };
    // 2 July; then 30 December (the 28th is a Saturday); then 10 July.
    assert_eq!(states("2024-06-01T00:00:00"), ["Open"]);
    assert_eq!(states("2024-12-30T23:59:59"), ["Met", "Open"]);
    assert_eq!(states("2024-12-31T00:00:00"), ["Met", "Breached"]);
    assert_eq!(states("2025-07-10T00:00:00"), ["Met", "Late", "Open"]);
    assert_eq!(states("2025-07-11T00:00:00"), ["Met", "Late", "Breached"]);
}

#[test]
fn what_must_be_kept_is_broken_by_ending_too_early() {
    const BEGUN: &str = "begun 2021-11-01T10:00:00";
    let rows: [(&[&str], &str); 4] = [
        (&[BEGUN], "Open"),
        (&[BEGUN, "done 2024-11-01T23:59:59"], "Breached"),
        (&[BEGUN, "done 2024-11-02T00:00:00"], "Met"),
        (&["begun 2024-02-29T10:00:00", "done 2027-02-28T10:00:00"], "Breached"),
    ];
    for (events, state) in rows {
        let case = Case { due: "at least 3 years", events, now: "2030-01-01T00:00:00", ..Case::default() };
        let found = case.states();
        // What began before the duty bound is a case of its own.
        let state = if events[0] == BEGUN {
            format!("cannot tell: [Transition {{ from: {:?} }}]", support::day("2022-03-01"))
        } else {
            state.to_owned()
        };
        assert_eq!(found, [state], "{events:?}");
    }
}

#[test]
fn what_must_be_kept_may_end_after_its_last_day() {
    const BEGUN: &str = "begun 2022-04-01T10:00:00";
    for (done, state) in [("done 2025-04-01T23:59:59", "Breached"), ("done 2025-04-02T00:00:00", "Met")] {
        let events = &[BEGUN, done];
        let case = Case { due: "at least 3 years", events, now: "2030-01-01T00:00:00", ..Case::default() };
        assert_eq!(case.states(), [state], "{done}");
    }
}

#[test]
fn dates_beyond_the_published_calendar_are_provisional_until_they_cannot_change() {
    const BEGUN: &str = "begun 2026-12-21T10:00:00";
    // Due 5 January 2027 as it looks; no arrangement can make it earlier than 31 December.
    let rows: [(&[&str], &str, &str); 5] = [
        (&[BEGUN], "2026-12-22T00:00:00", "Provisional"),
        (&[BEGUN], "2027-02-01T00:00:00", "Provisional"),
        (&[BEGUN, "done 2026-12-31T23:59:59"], "2027-02-01T00:00:00", "Met"),
        (&[BEGUN, "done 2027-01-04T10:00:00"], "2027-02-01T00:00:00", "Provisional"),
        (&[BEGUN, "done 2027-01-20T10:00:00"], "2027-02-01T00:00:00", "Provisional"),
    ];
    for (events, now, state) in rows {
        assert_eq!(Case { events, now, ..Case::default() }.states(), [state], "{events:?}");
    }
    let newer = support::edited(&[
        ("published_through = 2026-12-24", "published_through = 2027-12-24"),
        (
            "[[expected]]\nholiday = \"new-year\"\noff = [2027-01-01, 2027-01-01]",
            "[[arrangement]]\nholiday = \"new-year\"\noff = [2027-01-01, 2027-01-03]",
        ),
        ("[[expected]]", "[[arrangement]]"),
        ("[[expected]]", "[[arrangement]]"),
        ("[[expected]]", "[[arrangement]]"),
        ("[[expected]]", "[[arrangement]]"),
        ("[[expected]]", "[[arrangement]]"),
        ("[[expected]]", "[[arrangement]]"),
    ])
    .unwrap();
    let case = Case { events: &[BEGUN, "done 2027-01-20T10:00:00"], now: "2027-02-01T00:00:00", ..Case::default() };
    let clock = case.clocks_by(&newer).remove(0);
    assert_eq!(clock.state, State::Late);
    assert_eq!(clock.key, case.clocks().remove(0).key, "the key stays");
}

#[test]
fn a_condition_that_fails_or_cannot_be_told_is_never_fine() {
    let events = &["begun 2024-09-28T10:00:00", "done 2024-10-01T10:00:00"];
    let unknown = Condition::CannotTell(vec!["principal.opinionAttributes".to_owned()]);
    let told = |condition: Condition| Case { events, condition, ..Case::default() }.clocks().remove(0);
    assert_eq!(told(Condition::Fails).state, State::NotApplicable);
    let fact = "principal.opinionAttributes".to_owned();
    let clock = told(unknown);
    assert_eq!(clock.state, State::CannotTell { missing: vec![Missing::Fact { fact }] });
    assert!(clock.due_date().is_some(), "the date is told all the same");
}

#[test]
fn what_happened_before_the_duty_bound_cannot_be_told() {
    for (begun, state) in [
        (
            "begun 2022-02-28T23:59:59",
            format!("cannot tell: [Transition {{ from: {:?} }}]", support::day("2022-03-01")),
        ),
        ("begun 2022-03-01T00:00:00", "Open".to_owned()),
    ] {
        let case = Case { events: &[begun], now: "2022-03-02T00:00:00", ..Case::default() };
        assert_eq!(case.states(), [state], "{begun}");
    }
}

#[test]
fn a_suspended_clock_has_no_date_and_a_calendar_too_short_is_named() {
    let ground = Ground::new(None, "补正", "to be completed").unwrap();
    let changes = [Change::Suspended { from: at("2024-10-08T10:00:00+08:00"), until: None, ground }];
    let case = Case { changes: &changes, now: "2025-01-01T00:00:00", ..Case::default() };
    let clock = case.clocks().remove(0);
    assert_eq!((clock.due_date(), &clock.state), (None, &State::Open));
    assert!(matches!(&clock.due, Due::By { explanation } if explanation.due.is_none()));
    let clock = Case { due: "90 years", ..Case::default() }.clocks().remove(0);
    assert!(matches!(&clock.state, State::CannotTell { missing } if matches!(missing[0], Missing::Calendar { .. })));
}

#[test]
fn events_without_identifier_or_with_one_twice_are_refused() {
    assert!(Event::new(" ", "begun", at(START), []).unwrap_err().message.contains("has no identifier"));
    assert!(Event::new("e1", "", at(START), []).unwrap_err().message.contains("has no name"));
    let twice =
        vec![Event::new("e1", "begun", at(START), []).unwrap(), Event::new("e1", "done", at(START), []).unwrap()];
    assert_eq!(Events::new(twice).unwrap_err().message, "two events have the identifier `e1`");
}

/// Every duty of the packs has a clock, and no duty without a number is ever met by time alone.
#[test]
fn every_duty_of_the_packs_has_a_clock() {
    let packs = Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../packs")).unwrap();
    let calendar = calendar();
    let (published, changes) = (BTreeMap::new(), BTreeMap::new());
    let setting = Setting {
        calendar: &calendar,
        rule: CountingRule::default(),
        now: at("2026-11-20T10:00:00+08:00"),
        published: &published,
        changes: &changes,
    };
    let mut seen = 0;
    for duty in packs.instruments.iter().flat_map(|pack| &pack.duties) {
        seen += 1;
        let standing = packs.provision(&duty.provision).unwrap().status;
        let event = Event::new("e0", &duty.trigger, at("2026-11-02T10:00:00+08:00"), ["x"]).unwrap();
        let events = Events::new(vec![event]).unwrap();
        let found = clocks(duty, standing, &events, &|_| Condition::Holds, &setting).unwrap();
        assert_eq!(found.len(), 1, "{}", duty.id);
        let has_number = duty.due.starts_with(|first: char| first.is_ascii_digit());
        let state = &found[0].state;
        assert!(
            matches!(state, State::Open | State::Provisional) || (has_number && *state == State::Breached),
            "{}: {state:?}",
            duty.id
        );
    }
    assert!(seen > 35, "only {seen} duties");
}

//! The queue of the desk, read in pages of any size under any limits and calendar, against all cases sorted by a plain count.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

mod support;

use gongdao_clock::{Calendar, CountingRule, End, due_date};
use gongdao_desk::{Limit, Limits, Stage};
use gongdao_model::Instant;
use gongdao_service::port::{CaseLine, Desk, Due};
use gongdao_service::{Queue, QueuePlace, Sought};
use gongdao_store::SqlStore;
use std::path::Path;
use support::on_each;

const HOUR_MILLIS: i64 = 3_600_000;
/// 2026-02-10T00:00 in UTC+8, before the Spring Festival.
const FIRST_MILLIS: i64 = 1_770_652_800_000;

/// Numbers that look random and are the same each time (SplitMix64).
struct Drawn(u64);

impl Drawn {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % count
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    /// Within five weeks around the holiday; one in two at an hour that others have too, or right before it.
    fn moment(&mut self) -> Instant {
        let hour = FIRST_MILLIS + HOUR_MILLIS * self.below(35).cast_signed() * 24;
        let beside = match self.below(4) {
            0 => 0,
            1 => -1,
            _ => self.below(24 * HOUR_MILLIS.cast_unsigned()).cast_signed(),
        };
        Instant::from_millis(hour + beside).unwrap()
    }
}

fn case(number: u64, drawn: &mut Drawn) -> CaseLine {
    let stage = drawn.one(&Stage::ALL);
    let is_open = stage != Stage::Closed;
    let moved = is_open && drawn.below(4) == 0;
    let moved_to = (moved && drawn.below(5) > 0).then(|| drawn.moment());
    CaseLine {
        id: format!("case-{:08x}{number:016x}", drawn.below(1 << 32)),
        person: "p".to_owned(),
        kind: drawn.one(&["complain", "explain", "copy"]).to_owned(),
        stage: stage.as_str().to_owned(),
        waits: stage.is_with_operator(),
        since: is_open.then(|| drawn.moment()),
        moved,
        moved_to,
        escalated: drawn.below(3) == 0,
        opened_at: Instant::from_millis(FIRST_MILLIS).unwrap(),
        filing: None,
        decision: None,
        suspends: false,
        outcome: None,
        article: None,
        changed: None,
        seconds: None,
        events: 1,
        tasks: Vec::new(),
        body: "{}".to_owned(),
    }
}

/// Where nothing stands, there is no limit.
fn limits(drawn: &mut Drawn) -> Limits {
    let units = ["working days", "days", "hours", "months", "years", "calendar years"];
    let mut limit = || {
        let (count, unit) = (drawn.below(12) + 1, drawn.one(&units));
        (drawn.below(5) > 0).then(|| Limit(format!("{count} {unit}").parse().unwrap()))
    };
    Limits { identity: limit(), answer: limit(), agreement: limit(), review: limit(), input: limit(), appeal: limit() }
}

fn calendars() -> Vec<Calendar> {
    let shipped = include_str!("../../clock/data/calendar-cn.toml");
    let festival = "off = [2026-02-15, 2026-02-23]";
    assert!(shipped.contains(festival), "the calendar has other words than this test");
    [shipped.to_owned(), shipped.replace(festival, "off = [2026-02-15, 2026-02-27]")]
        .iter()
        .map(|text| Calendar::read(Path::new("calendar.toml"), text).unwrap())
        .collect()
}

/// When a case is due, by nothing of the queue.
fn due(line: &CaseLine, limits: &Limits, calendar: &Calendar) -> Option<Instant> {
    if line.moved {
        return line.moved_to;
    }
    let limit = match line.stage.as_str() {
        "identity" => limits.identity,
        "open" => limits.answer,
        "input" => limits.input,
        "agreement" => limits.agreement,
        "answered" => limits.appeal,
        "review" => limits.review,
        _ => None,
    }?;
    let due = due_date(calendar, CountingRule::default(), limit.0, line.since.unwrap()).unwrap();
    Some(match due.end {
        End::Moment(at) => at,
        End::Day(day) => Instant::from_millis(day.starts_at().millis() + 24 * HOUR_MILLIS - 1).unwrap(),
    })
}

/// All that are asked for, sorted.
fn plain(all: &[CaseLine], sought: &Sought, limits: &Limits, calendar: &Calendar) -> Vec<(Option<Instant>, String)> {
    let mut found: Vec<_> = all
        .iter()
        .filter(|line| sought.stages.iter().any(|stage| stage.as_str() == line.stage) && line.stage != "closed")
        .filter(|line| sought.kind.as_ref().is_none_or(|kind| *kind == line.kind))
        .filter(|line| !(sought.not_escalated && line.escalated))
        .map(|line| (due(line, limits, calendar), line))
        .filter(|(due, _)| sought.due_before.is_none_or(|before| due.is_some_and(|due| due < before)))
        .collect();
    found.sort_by_key(|(due, line)| (due.is_none(), *due, line.since, line.id.clone()));
    found.into_iter().map(|(due, line)| (due, line.id.clone())).collect()
}

/// All pages of a size, each cursor written down and read again.
fn paged(queue: Queue<'_>, sought: &Sought, size: u32) -> Vec<(Option<Instant>, String)> {
    let (mut after, mut seen) = (None::<QueuePlace>, Vec::new());
    loop {
        let page = queue.page(sought, after.as_ref(), size).unwrap();
        let is_full = page.len() == usize::try_from(size).unwrap();
        after = page.last().map(|last| last.place.to_string().parse().unwrap()).or(after);
        seen.extend(page.into_iter().map(|waiting| (waiting.place.due, waiting.line.id)));
        if !is_full {
            return seen;
        }
    }
}

fn sought(drawn: &mut Drawn) -> Sought {
    let with_operator = || Stage::ALL.into_iter().filter(|stage| stage.is_with_operator()).collect();
    let stages = match drawn.below(4) {
        0 => vec![drawn.one(&Stage::ALL)],
        1 => vec![Stage::Answered],
        _ => with_operator(),
    };
    Sought {
        stages,
        kind: (drawn.below(3) == 0).then(|| drawn.one(&["complain", "explain", "delete"]).to_owned()),
        due_before: (drawn.below(2) == 0).then(|| drawn.moment()),
        not_escalated: drawn.below(2) == 0,
    }
}

fn filled(store: &SqlStore, drawn: &mut Drawn) -> Vec<CaseLine> {
    let all: Vec<CaseLine> = (0..240).map(|number| case(number, drawn)).collect();
    store.change_desk("n", &all, &[], &[]).unwrap();
    all
}

#[test]
fn pages_of_any_size_are_all_cases_in_the_order_in_which_a_plain_count_puts_them() {
    on_each(|home| {
        let store = home.store();
        let mut drawn = Drawn(7);
        let all = filled(&store, &mut drawn);
        let (mut shown, mut late) = (0, 0);
        for round in 0..24 {
            let limits = limits(&mut drawn);
            for calendar in &calendars() {
                let queue = Queue { store: &*store, limits: &limits, calendar };
                let sought = sought(&mut drawn);
                let wanted = plain(&all, &sought, &limits, calendar);
                for size in [3, 50, 1_000] {
                    let found = paged(queue, &sought, size);
                    assert_eq!(found, wanted, "round {round}, pages of {size}: {sought:?} {limits:?}");
                }
                shown += wanted.len();
                late += if sought.due_before.is_some() { wanted.len() } else { 0 };
            }
        }
        assert!(shown > 1_000 && late > 200, "there was something to sort: {shown}, {late}");
    });
}

#[test]
fn a_holiday_that_is_announced_moves_the_queue_and_no_clock_is_written() {
    on_each(|home| {
        let store = home.store();
        let mut drawn = Drawn(11);
        let all = filled(&store, &mut drawn);
        let limits = Limits { answer: Some(Limit("5 working days".parse().unwrap())), ..Limits::default() };
        let sought = Sought { stages: vec![Stage::Open], ..Sought::default() };
        let [before, after] = &calendars()[..] else { panic!("two calendars") };
        let page = |calendar| paged(Queue { store: &*store, limits: &limits, calendar }, &sought, 10);
        let (before, after) = (page(before), page(after));
        assert_eq!(before.len(), after.len());
        let differ = before.iter().filter(|one| !after.contains(one)).count();
        assert!(differ > 5, "{differ} of {} moved", before.len());
        for line in &all {
            assert_eq!(store.case(&line.id).unwrap().unwrap().moved_to, line.moved_to);
        }
    });
}

#[test]
fn a_place_that_was_turned_to_holds_when_what_stood_there_is_gone_and_limits_are_others() {
    on_each(|home| {
        let store = home.store();
        let mut drawn = Drawn(13);
        let mut all = filled(&store, &mut drawn);
        let stages: Vec<Stage> = Stage::ALL.into_iter().filter(|stage| stage.is_with_operator()).collect();
        let sought = Sought { stages, ..Sought::default() };
        let calendar = &calendars()[0];
        let (first, second) = (limits(&mut drawn), limits(&mut drawn));
        let page = Queue { store: &*store, limits: &first, calendar }.page(&sought, None, 40).unwrap();
        let last = page.last().unwrap().clone();
        // The case at the place is closed, another one's clock is moved by hand.
        let closed = CaseLine { stage: "closed".to_owned(), waits: false, since: None, events: 2, ..last.line };
        store.change_desk("n", std::slice::from_ref(&closed), &[], &[]).unwrap();
        all.retain(|line| line.id != closed.id);
        let other = all.iter_mut().find(|line| line.stage == "open" && line.moved).unwrap();
        other.moved_to = Some(drawn.moment());
        let (id, since, moved_to) = (other.id.clone(), other.since, other.moved_to);
        store.set_dues(&[Due { id: id.clone(), events: 9, since, moved: true, moved_to: None }]).unwrap();
        store.set_dues(&[Due { id, events: 1, since, moved: true, moved_to }]).unwrap();
        for limits in [first, second] {
            let queue = Queue { store: &*store, limits: &limits, calendar };
            let rest = queue.page(&sought, Some(&last.place), 1_000).unwrap();
            let rest: Vec<_> = rest.into_iter().map(|waiting| (waiting.place.due, waiting.line.id)).collect();
            let after = (last.place.due.is_none(), last.place.due, last.place.since, last.place.case.clone());
            let wanted: Vec<_> = plain(&all, &sought, &limits, calendar)
                .into_iter()
                .filter(|(due, id)| {
                    let since = all.iter().find(|line| line.id == *id).unwrap().since.unwrap();
                    (due.is_none(), *due, since, id.clone()) > after
                })
                .collect();
            assert_eq!(rest, wanted);
        }
    });
}

#[test]
fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
    let moment = |millis| Instant::from_millis(millis).unwrap();
    for due in [None, Some(moment(FIRST_MILLIS))] {
        let place = QueuePlace { due, since: moment(FIRST_MILLIS + 5), case: "case-1".to_owned() };
        assert_eq!(place.to_string().parse::<QueuePlace>().unwrap(), place);
    }
    for text in ["", "~", "~~case-1", "1770652800000~case-1", "1~2~case-1", "x~1770652800000~case-1", "case-1"] {
        assert!(text.parse::<QueuePlace>().is_err(), "{text}");
    }
}

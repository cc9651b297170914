//! The derived facts by their definitions, half a minute at a time, and missing times by trying what they could have been.

/// Half minutes in a minute.
pub(super) const TICKS: i64 = 2;
/// Nothing begins before this tick or ends behind the last one.
const FIRST: i64 = -400;
const LAST: i64 = 800;

/// An order, in ticks; it may lack a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) accepted: Option<i64>,
    pub(super) finished: Option<i64>,
}

/// Which half minutes are worked, by orders with both their times.
struct Worked(Vec<bool>);

impl Worked {
    fn of(orders: &[(i64, i64)], until: i64) -> Self {
        let at_work = |tick: i64| orders.iter().any(|(from, to)| *from <= tick && tick < *to);
        Self((FIRST..until).map(at_work).collect())
    }

    fn during(&self, from: i64, until: i64) -> i64 {
        let inside = (FIRST..).zip(&self.0).filter(|(tick, work)| **work && (from..until).contains(tick));
        i64::try_from(inside.count()).unwrap()
    }

    /// The last stretch, gaps shorter than `pause` within it, and how long ago it ended. None without work.
    fn last_stretch(&self, pause: i64) -> Option<(i64, i64)> {
        let mut back = self.0.iter().rev();
        let idle = i64::try_from(back.by_ref().take_while(|work| !**work).count()).unwrap();
        if idle == i64::try_from(self.0.len()).unwrap() {
            return None;
        }
        let (mut length, mut gap) = (1, 0);
        for work in back {
            if *work {
                length += gap + 1;
                gap = 0;
            } else {
                gap += 1;
                if gap >= pause.max(1) {
                    // It may be longer, and breaks the stretch in any case.
                    break;
                }
            }
        }
        Some((length, idle))
    }
}

/// What could have been: every combination of plausible times for the missing ones. None where an order could lie anywhere.
fn completions(orders: &[Order], marks: &[i64]) -> Option<Vec<Vec<(i64, i64)>>> {
    let known = orders.iter().flat_map(|order| [order.accepted, order.finished]).flatten();
    let mut candidates: Vec<i64> =
        known.chain(marks.iter().copied()).flat_map(|tick| [tick - 1, tick, tick + 1]).collect();
    candidates.extend([FIRST, LAST]);
    candidates.sort_unstable();
    candidates.dedup();
    let mut all = vec![Vec::new()];
    for order in orders {
        let possible: Vec<(i64, i64)> = match (order.accepted, order.finished) {
            (Some(from), Some(to)) if from <= to => vec![(from, to)],
            (Some(from), None) => candidates.iter().filter(|to| **to >= from).map(|to| (from, *to)).collect(),
            (None, Some(to)) => candidates.iter().filter(|from| **from <= to).map(|from| (*from, to)).collect(),
            _ => return None,
        };
        all = all.iter().flat_map(|so_far| possible.iter().map(|one| [so_far.as_slice(), &[*one]].concat())).collect();
    }
    Some(all)
}

/// The answer that every completion gives; none where two differ, or where nothing is known of the person.
fn agreed(orders: &[Order], marks: &[i64], answer: impl Fn(&[(i64, i64)]) -> i64) -> Option<i64> {
    if orders.is_empty() {
        return None;
    }
    let mut answers = completions(orders, marks)?.into_iter().map(|orders| answer(&orders));
    let first = answers.next()?;
    answers.all(|other| other == first).then_some(first)
}

/// Orders accepted before a tick: what a decision at that tick can know of.
fn before(orders: &[Order], at: i64) -> Vec<Order> {
    orders.iter().copied().filter(|order| order.accepted.is_none_or(|accepted| accepted < at)).collect()
}

/// Ticks of the stretch at a decision; pause and rest in ticks.
pub(super) fn continuous(orders: &[Order], at: i64, pause: i64, rest: i64) -> Option<i64> {
    with_all(orders, at, |orders| match Worked::of(orders, at).last_stretch(pause) {
        Some((length, idle)) if idle == 0 || idle < pause.max(rest) => length,
        _ => 0,
    })
}

/// Ticks since the last rest at a decision.
pub(super) fn since_rest(orders: &[Order], at: i64, rest: i64) -> Option<i64> {
    with_all(orders, at, |orders| match Worked::of(orders, at).last_stretch(rest) {
        Some((length, idle)) if idle == 0 || idle < rest => length + idle,
        _ => 0,
    })
}

/// Ticks worked from `from` to `at`, as far as a decision at `at` can know.
pub(super) fn worked(orders: &[Order], from: i64, at: i64) -> Option<i64> {
    with_all(orders, at, |orders| Worked::of(orders, at).during(from, at))
}

/// Orders of later count only for whether the person is known, and whether one of them could lie anywhere.
fn with_all(orders: &[Order], at: i64, answer: impl Fn(&[(i64, i64)]) -> i64) -> Option<i64> {
    let anywhere = |order: &Order| match (order.accepted, order.finished) {
        (Some(from), Some(to)) => to < from,
        (None, None) => true,
        _ => false,
    };
    if orders.iter().any(anywhere) || orders.is_empty() {
        return None;
    }
    let earlier = before(orders, at);
    if earlier.is_empty() { Some(0) } else { agreed(&earlier, &[at], answer) }
}

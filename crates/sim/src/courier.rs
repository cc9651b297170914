use crate::consumer::DAY_MILLIS;
use crate::rng::Rng;

/// Milliseconds of a minute.
pub(crate) const MINUTE: i64 = 60_000;
/// A gap without orders this long is a rest; the same span the catering guidance keeps free of new orders.
const REST_MINUTES: i64 = 20;
/// The platform stops at four hours without a rest, the stricter way of counting: short gaps do not end them.
pub(crate) const CONTINUOUS_LIMIT_MINUTES: i64 = 240;
/// Nothing new after this much work on a day (platforms cut off at 12 h).
const DAILY_LIMIT_MINUTES: i64 = 690;
/// Employees: 8 h a day, the order under way included.
const EMPLOYEE_DAILY_LIMIT_MINUTES: i64 = 480;
/// A courier carries no more at once.
const MOST_ON_HAND: usize = 4;

/// How somebody rides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rider {
    /// Two days a week, some hours: half of all.
    Casual,
    /// Five days, under labour management.
    Regular,
    /// The same, through the night.
    Night,
    /// The same, from early morning.
    Early,
    /// Five days of eight hours, in a labour relationship: a tenth of all.
    FullTime,
}

/// A courier and what the day has brought so far. All times in milliseconds since the epoch.
#[derive(Debug, Clone)]
pub(crate) struct Courier {
    /// Pseudonym.
    pub(crate) id: String,
    /// How they ride.
    pub(crate) rider: Rider,
    shifts: Vec<(i64, i64)>,
    riding_from: i64,
    busy_from: i64,
    busy_until: i64,
    blocked_until: i64,
    on_hand: Vec<i64>,
    daily: i64,
    weekly: i64,
    before_this_week: i64,
    weeks: i64,
    days_planned: i64,
    week_plan: i64,
    /// Fees earned today, fen.
    pub(crate) fees_fen: i64,
    /// Times stopped for a rest.
    pub(crate) rests: i64,
}

impl Courier {
    /// Courier `number`: half casual, a tenth full-time, a twentieth each by night and early.
    pub(crate) fn new(number: i64) -> Self {
        let rider = match number % 20 {
            0..10 => Rider::Casual,
            10..12 => Rider::FullTime,
            12 => Rider::Night,
            13 => Rider::Early,
            _ => Rider::Regular,
        };
        Self {
            id: format!("C{number:06}"),
            rider,
            shifts: Vec::new(),
            riding_from: 0,
            busy_from: 0,
            busy_until: 0,
            blocked_until: 0,
            on_hand: Vec::new(),
            daily: 0,
            weekly: 0,
            before_this_week: 0,
            weeks: 0,
            days_planned: 0,
            week_plan: 0,
            fees_fen: 0,
            rests: 0,
        }
    }

    /// Work relation in the vocabulary's words.
    pub(crate) fn worker(&self) -> &'static str {
        match self.rider {
            Rider::Casual => "independent",
            Rider::Regular | Rider::Night | Rider::Early => "managed",
            Rider::FullTime => "employee",
        }
    }

    /// Plan day `day` of the period, which starts at `midnight`; a new week is planned every seventh day.
    pub(crate) fn plan_day(&mut self, rng: &mut Rng, day: i64, midnight: i64) {
        if day % 7 == 0 {
            self.before_this_week += self.weekly;
            self.weeks += 1;
            self.weekly = 0;
            self.week_plan = rng.below(7);
            self.days_planned = if self.rider == Rider::Casual { 2 } else { 5 };
        }
        self.daily = 0;
        self.fees_fen = 0;
        let works = (day + self.week_plan) % 7 < self.days_planned;
        self.shifts = if works { draw_shifts(rng, self.rider, midnight) } else { Vec::new() };
    }

    /// Whether a shift of today touches `[from, until)`.
    pub(crate) fn on_shift(&self, from: i64, until: i64) -> bool {
        self.shifts.iter().any(|(start, end)| *start < until && *end > from)
    }

    /// Whether the platform may give an order at `at` that is done at `finish`; stops the courier for a rest when four
    /// hours are full.
    pub(crate) fn takes(&mut self, at: i64, finish: i64) -> bool {
        self.on_hand.retain(|finish| *finish > at);
        let full = if self.rider == Rider::FullTime {
            self.daily + self.added(at, finish) > EMPLOYEE_DAILY_LIMIT_MINUTES * MINUTE
        } else {
            self.daily >= DAILY_LIMIT_MINUTES * MINUTE
        };
        if at < self.blocked_until || self.on_hand.len() >= MOST_ON_HAND || full {
            return false;
        }
        if self.minutes_since_rest(at) >= CONTINUOUS_LIMIT_MINUTES {
            self.blocked_until = self.busy_until.max(at) + REST_MINUTES * MINUTE;
            self.rests += 1;
            return false;
        }
        true
    }

    /// Minutes of work without any gap, up to `at`.
    pub(crate) fn continuous_minutes(&self, at: i64) -> i64 {
        if at >= self.busy_until { 0 } else { (at - self.riding_from) / MINUTE }
    }

    /// Minutes since work began again after a gap of at least [`REST_MINUTES`], up to `at`.
    pub(crate) fn minutes_since_rest(&self, at: i64) -> i64 {
        if at >= self.busy_until + REST_MINUTES * MINUTE { 0 } else { (at - self.busy_from) / MINUTE }
    }

    /// Work that an order adds; time that overlaps the orders on hand counts once.
    fn added(&self, at: i64, finish: i64) -> i64 {
        (finish - at.max(self.busy_until)).max(0)
    }

    /// Take an order that will be done at `finish`; overlapping orders count once.
    pub(crate) fn take(&mut self, at: i64, finish: i64, fee_fen: i64) {
        if at >= self.busy_until + REST_MINUTES * MINUTE {
            self.busy_from = at;
        }
        if at >= self.busy_until {
            self.riding_from = at;
        }
        let worked = self.added(at, finish);
        self.daily += worked;
        self.weekly += worked;
        self.busy_until = self.busy_until.max(finish);
        self.on_hand.push(finish);
        self.fees_fen += fee_fen;
    }

    /// Orders on hand, counted after the last call of [`Self::takes`].
    pub(crate) fn orders_on_hand(&self) -> i64 {
        i64::try_from(self.on_hand.len()).unwrap_or(i64::MAX)
    }

    /// Work today in minutes.
    pub(crate) fn daily_minutes(&self) -> i64 {
        self.daily / MINUTE
    }

    /// Work this week in minutes.
    pub(crate) fn weekly_minutes(&self) -> i64 {
        self.weekly / MINUTE
    }

    /// Work in minutes a week, on average over this week and those before it.
    pub(crate) fn average_weekly_minutes(&self) -> i64 {
        (self.before_this_week + self.weekly) / self.weeks.max(1) / MINUTE
    }

    /// Days without work planned this week.
    pub(crate) fn rest_days(&self) -> i64 {
        7 - self.days_planned
    }

    /// Minutes since the safety prompt that opens each shift (or since midnight where called in between shifts).
    pub(crate) fn minutes_since_prompt(&self, at: i64, midnight: i64) -> i64 {
        let opened = self.shifts.iter().map(|(start, _)| *start).filter(|start| *start <= at).max();
        (at - opened.unwrap_or(midnight)) / MINUTE
    }
}

/// Shifts of a day: 5 to 6 hours typical, a fifth of working days 8 hours or more, none above 12.
fn draw_shifts(rng: &mut Rng, rider: Rider, midnight: i64) -> Vec<(i64, i64)> {
    let minutes = |from: i64, until: i64| (midnight + from * MINUTE, midnight + until * MINUTE);
    match rider {
        Rider::Casual => {
            let start = [630, 990, 400].get(usize::try_from(rng.below(11) / 5).unwrap_or(0)).copied().unwrap_or(630);
            let start = start + rng.between(-30, 30);
            vec![minutes(start, start + rng.between(120, 300))]
        }
        Rider::Night => vec![minutes(0, 240), (midnight + 1230 * MINUTE, midnight + DAY_MILLIS)],
        Rider::Early => vec![minutes(240, 630), minutes(680, 840)],
        Rider::FullTime => split(rng, 450, minutes),
        Rider::Regular => {
            let length = if rng.chance(350_000) { rng.between(480, 660) } else { rng.between(270, 450) };
            split(rng, length, minutes)
        }
    }
}

fn split(rng: &mut Rng, length: i64, minutes: impl Fn(i64, i64) -> (i64, i64)) -> Vec<(i64, i64)> {
    let noon_start = 600 + rng.between(-30, 45);
    let noon_end = noon_start + length * 55 / 100;
    let evening_start = (noon_end + 45).max(975 + rng.between(-20, 20));
    vec![minutes(noon_start, noon_end), minutes(evening_start, evening_start + length - length * 55 / 100)]
}

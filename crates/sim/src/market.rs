use crate::action::Action;
use crate::consumer::{Choice, Consumer};
use crate::courier::{Courier, MINUTE};
use crate::decision::{Decision, Numbers};
use crate::facts::{NO_WORDS, Patch};
use crate::practice::Practices;
use crate::profile::{
    EARLY_MEAN_MILLIS, EXPONENTIAL, LATE_MEAN_MILLIS, LEAST_MINUTES, PROMISE_BASE_MINUTES, PROMISE_MINUTES_PER_KM,
    ROAD_PERCENT, STRAIGHT_METRES, WAIT_MEAN_MILLIS, late_millionths,
};
use crate::rng::Rng;

/// What a returning consumer pays more for the same delivery, fen: planted, inside the price tolerance of every decision,
/// seen only by comparing groups.
pub(crate) const GROUP_DIFFERENCE_FEN: i64 = 12;
/// Pay is topped up to this an hour, above every minimum wage by the hour that the adapter sets.
const GUARANTEE_FEN_PER_HOUR: i64 = 3_000;

const GENERAL_FEED: Patch = &[
    ("purpose", "browsing"),
    ("personalised", "false"),
    ("habitBased", "false"),
    ("dataKinds", "area"),
    ("factorsUsed", "distance|popularity"),
];
const WEATHER: Patch = &[("severeWeather", "true"), ("weatherAllowance", "true"), ("timeLimitRelaxed", "true")];
const NIGHT: Patch = &[("nightWork", "true"), ("nightAllowance", "true")];

/// One order on its way from the consumer to the door. Times in milliseconds since the epoch.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    /// When it was placed.
    pub(crate) placed: i64,
    /// When it reached the door.
    pub(crate) delivered: i64,
    /// Minutes promised from placing to the door.
    pub(crate) promised_minutes: i64,
    /// Shop to customer, straight line.
    pub(crate) straight_metres: i64,
    /// Shop and door.
    pub(crate) fixed_minutes: i64,
    /// Severe weather.
    pub(crate) weather: bool,
    /// Between 22:00 and 06:00.
    pub(crate) night: bool,
}

impl Order {
    /// An order dispatched at `dispatched` in `hour` of the day; none is placed before `earliest`.
    pub(crate) fn draw(rng: &mut Rng, dispatched: i64, hour: i64, weather: bool, earliest: i64) -> Self {
        let wait = WAIT_MEAN_MILLIS * rng.quantile(&EXPONENTIAL) / 1_000;
        let placed = (dispatched - wait).max(earliest);
        let straight_metres = rng.quantile(&STRAIGHT_METRES);
        let relaxed = if weather { 10 } else { 0 };
        let promised_minutes = PROMISE_BASE_MINUTES + relaxed + PROMISE_MINUTES_PER_KM * straight_metres / 1_000;
        let due = placed + promised_minutes * MINUTE;
        let delivered = if rng.chance(late_millionths(straight_metres, hour)) {
            due + 1_000 + LATE_MEAN_MILLIS * rng.quantile(&EXPONENTIAL) / 1_000
        } else {
            due - (EARLY_MEAN_MILLIS - relaxed * MINUTE / 2).max(MINUTE) * rng.quantile(&EXPONENTIAL) / 1_000
        };
        let delivered = delivered.max(placed + LEAST_MINUTES * MINUTE).max(dispatched + 5 * MINUTE);
        let night = !(6..22).contains(&hour);
        let fixed_minutes = rng.between(9, 14);
        Self { placed, delivered, promised_minutes, straight_metres, fixed_minutes, weather, night }
    }

    /// Road from the courier by the shop to the door.
    pub(crate) fn road_metres(&self) -> i64 {
        self.straight_metres * ROAD_PERCENT / 100
    }

    /// What the courier earns, fen: base, distance, weather and night allowance.
    pub(crate) fn courier_fee_fen(&self) -> i64 {
        480 + self.straight_metres * 130 / 1_000 + if self.weather { 150 } else { 0 } + if self.night { 100 } else { 0 }
    }

    /// Whether it came after the promise.
    pub(crate) fn late(&self) -> bool {
        self.delivered > self.placed + self.promised_minutes * MINUTE
    }

    fn conditions(&self) -> Vec<Patch> {
        let weather = self.weather.then_some(WEATHER);
        weather.into_iter().chain(self.night.then_some(NIGHT)).collect()
    }
}

/// The city's own, lawful decisions.
#[derive(Debug)]
pub(crate) struct Market<'a> {
    /// Ways of deciding met so far.
    pub(crate) practices: &'a mut Practices,
}

impl Market<'_> {
    fn decide(&mut self, at: i64, action: Action, person: &str, patches: &[Patch]) -> Decision {
        Decision {
            at,
            action,
            algorithm: action.algorithm().to_owned(),
            person: person.to_owned(),
            group: "",
            practice: self.practices.intern(action, patches),
            numbers: Numbers::default(),
            tags: NO_WORDS.to_owned(),
            plant: None,
        }
    }

    /// What the consumer is shown before ordering; nothing where recommendation is switched off.
    pub(crate) fn recommend(&mut self, consumer: &Consumer, at: i64) -> Option<Decision> {
        if consumer.chose(at, |choice| choice == Choice::RecommendationOff) {
            return None;
        }
        let general =
            consumer.chose(at, |choice| choice == Choice::ProfilingOff) || consumer.stopped(at, "recommendation");
        let tags = consumer.tags_at(at);
        if general || tags.is_empty() {
            return Some(self.decide(at, Action::Recommend, &consumer.id, &[GENERAL_FEED]));
        }
        let mut decision = self.decide(at, Action::Recommend, &consumer.id, &[]);
        decision.tags = tags.join("|");
        Some(decision)
    }

    /// A marketing message, where nothing stands against one.
    pub(crate) fn push(&mut self, consumer: &Consumer, at: i64) -> Option<Decision> {
        let unwanted =
            |choice| matches!(choice, Choice::MarketingRefused | Choice::ProfilingOff | Choice::RecommendationOff);
        let tags = consumer.tags_at(at);
        let barred = consumer.age_group == "minor" || tags.is_empty() || consumer.stopped(at, "marketing");
        if barred || consumer.stopped(at, "recommendation") || consumer.chose(at, unwanted) {
            return None;
        }
        let mut decision = self.decide(at, Action::Push, &consumer.id, &[]);
        decision.tags = tags.join("|");
        Some(decision)
    }

    /// A tag made anew from recent orders.
    pub(crate) fn profile(&mut self, consumer: &Consumer, at: i64) -> Option<Decision> {
        let unwanted = |choice| matches!(choice, Choice::ProfilingOff | Choice::RecommendationOff);
        let tags = consumer.tags_at(at);
        if consumer.age_group == "minor" || consumer.chose(at, unwanted) || consumer.stopped(at, "recommendation") {
            return None;
        }
        let tag = tags.first()?;
        let mut decision = self.decide(at, Action::Profile, &consumer.id, &[]);
        (*tag).clone_into(&mut decision.tags);
        Some(decision)
    }

    /// The delivery fee that the consumer is quoted.
    pub(crate) fn price(&mut self, consumer: &Consumer, order: &Order, at: i64) -> Decision {
        let reference = 300 + order.straight_metres / 10 + if order.weather { 100 } else { 0 };
        let more = if consumer.group == "returning" { GROUP_DIFFERENCE_FEN } else { 0 };
        let mut decision = self.decide(at, Action::Price, &consumer.id, &order.conditions());
        decision.group = consumer.group;
        decision.numbers = Numbers::default()
            .with("priceFen", reference + more)
            .with("referencePriceFen", reference)
            .with("distanceMetres", order.road_metres());
        decision
    }

    /// The order goes to `courier`, as their day stands before it.
    pub(crate) fn dispatch(&mut self, courier: &Courier, order: &Order, at: i64, midnight: i64) -> Decision {
        let mut decision = self.decide(at, Action::Dispatch, &courier.id, &order.conditions());
        decision.numbers = Numbers::default()
            .with("continuousMinutes", courier.continuous_minutes(at))
            .with("minutesSinceRest", courier.minutes_since_rest(at))
            .with("minutesSinceFatiguePrompt", courier.minutes_since_prompt(at, midnight))
            .with("dailyMinutes", courier.daily_minutes())
            .with("weeklyMinutes", courier.weekly_minutes())
            .with("averageWeeklyMinutes", courier.average_weekly_minutes())
            .with("restDaysThisWeek", courier.rest_days())
            .with("overtimeMinutesToday", 0)
            .with("overtimeMinutesMonth", 0)
            .with("ordersOnHand", courier.orders_on_hand());
        decision
    }

    /// The courier's time for it.
    pub(crate) fn promise(&mut self, courier: &Courier, order: &Order, at: i64) -> Decision {
        let mut decision = self.decide(at, Action::Promise, &courier.id, &order.conditions());
        decision.numbers = Numbers::default()
            .with("promisedMinutes", order.promised_minutes)
            .with("fixedMinutes", order.fixed_minutes)
            .with("distanceMetres", order.road_metres())
            .with("ordersOnHand", courier.orders_on_hand());
        decision
    }

    /// The courier's day is settled, topped up to the guarantee.
    pub(crate) fn pay(&mut self, courier: &Courier, waiting_minutes: i64, at: i64) -> Decision {
        let worked = courier.daily_minutes();
        let guarantee = (worked + waiting_minutes) * GUARANTEE_FEN_PER_HOUR / 60;
        let pay = courier.fees_fen.max(guarantee);
        let mut decision = self.decide(at, Action::Pay, &courier.id, &[]);
        decision.numbers = Numbers::default()
            .with("workedMinutes", worked)
            .with("waitingMinutes", waiting_minutes)
            .with("dailyMinutes", worked)
            .with("weeklyMinutes", courier.weekly_minutes())
            .with("restDaysThisWeek", courier.rest_days())
            .with("overtimeMinutesToday", 0)
            .with("overtimeMinutesMonth", 0)
            .with("payFen", pay)
            .with("basePayFen", pay)
            .with("payDeductionFen", 0)
            .with("unionWorkDaysMonth", 0);
        decision
    }

    /// Points or a stop for `courier`: looked at by a person, explained, no money taken.
    pub(crate) fn conduct(&mut self, courier: &str, action: Action, at: i64) -> Decision {
        let mut decision = self.decide(at, action, courier, &[]);
        decision.numbers = Numbers::default().with("payDeductionFen", 0).with("overtimeMinutesToday", 0);
        decision
    }
}

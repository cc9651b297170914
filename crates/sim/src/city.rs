use crate::action::Action;
use crate::consumer::{Consumer, DAY_MILLIS};
use crate::courier::MINUTE;
use crate::decision::Decision;
use crate::fleet::Fleet;
use crate::market::{Market, Order};
use crate::plant;
use crate::practice::Practices;
use crate::profile::{HOUR_SHARES, ORDERS_PER_COURIER_DAY, REFUSAL_MILLIONTHS};
use crate::register::{register_algorithm, register_consumer, register_courier, revise_algorithm};
use crate::rng::Rng;
use crate::settings::{Settings, SimError};
use crate::waybill::{Waybill, WaybillLog};
use crate::write::{DecisionLog, EventLog, write_practices};
use crate::{adapter, declared, measures};
use std::collections::BTreeMap;
use std::path::Path;

const HOUR: i64 = 60 * MINUTE;
/// Orders of an hour reach back to at most this much before it (waiting, and browsing before the order).
const REACH_BACK: i64 = 50 * MINUTE;
/// Couriers work on half of their days, taken together.
const SHARE_AT_WORK_PERCENT: i64 = 50;
/// Three hours in a hundred have severe weather (assumption).
const SEVERE_WEATHER_MILLIONTHS: i64 = 30_000;

/// What was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Made {
    /// Orders.
    pub orders: i64,
    /// Decisions, planted ones with them.
    pub decisions: i64,
    /// Rows of the truth.
    pub truths: i64,
    /// Planted decisions.
    pub planted: i64,
    /// Couriers registered, without those of planted decisions.
    pub couriers: i64,
    /// Consumers registered, without those of planted decisions.
    pub consumers: i64,
    /// Orders that came after the promise.
    pub late: i64,
    /// Orders cancelled because every courier was at a limit; they stay in the count of orders.
    pub unserved: i64,
}

/// Make a city in `folder`, which must exist and hold none of its files.
///
/// Memory is bounded by the couriers and two hours of decisions, not by the orders. Fails where settings are out of range
/// or a file cannot be written; the folder is then incomplete and for the caller to remove.
pub fn simulate(settings: &Settings, folder: &Path) -> Result<Made, SimError> {
    settings.check()?;
    let mut city = City::open(settings, folder)?;
    for day in 0..settings.days {
        city.live_day(day)?;
    }
    city.close(folder)
}

struct City<'a> {
    settings: &'a Settings,
    start: i64,
    end: i64,
    consumers: i64,
    rng: Rng,
    fleet: Fleet,
    practices: Practices,
    pending: BTreeMap<(i64, i64), Decision>,
    pushed: i64,
    log: DecisionLog,
    waybills: WaybillLog,
    made: Made,
    owed: i64,
}

impl<'a> City<'a> {
    fn open(settings: &'a Settings, folder: &Path) -> Result<Self, SimError> {
        let start = settings.from.starts_at().millis();
        let a_day = settings.orders / settings.days;
        let needed = a_day * 100 / ORDERS_PER_COURIER_DAY / SHARE_AT_WORK_PERCENT;
        let fleet = Fleet::new(settings.couriers.unwrap_or(needed.max(40)));
        let consumers = (a_day * 2).max(50);
        let mut practices = Practices::default();
        let planted = enter_population(settings, folder, &fleet, consumers, &mut practices)?;
        let couriers = i64::try_from(fleet.couriers().len()).unwrap_or(i64::MAX);
        let mut city = Self {
            settings,
            start,
            end: start + settings.days * DAY_MILLIS,
            consumers,
            rng: Rng::new(settings.seed, 1),
            fleet,
            practices,
            pending: BTreeMap::new(),
            pushed: 0,
            log: DecisionLog::create(folder)?,
            waybills: WaybillLog::create(folder)?,
            made: Made {
                couriers,
                consumers,
                planted: i64::try_from(planted.len()).unwrap_or(i64::MAX),
                ..Made::default()
            },
            owed: 0,
        };
        city.push_all(planted);
        Ok(city)
    }

    fn push(&mut self, decision: Decision) {
        if (self.start..self.end).contains(&decision.at) {
            self.pushed += 1;
            self.pending.insert((decision.at, self.pushed), decision);
        }
    }

    fn push_all(&mut self, decisions: impl IntoIterator<Item = Decision>) {
        for decision in decisions {
            self.push(decision);
        }
    }

    fn write_until(&mut self, limit: i64) -> Result<(), SimError> {
        let later = self.pending.split_off(&(limit, 0));
        for decision in std::mem::replace(&mut self.pending, later).into_values() {
            self.log.decision(&decision)?;
        }
        Ok(())
    }

    fn live_day(&mut self, day: i64) -> Result<(), SimError> {
        let midnight = self.start + day * DAY_MILLIS;
        self.fleet.plan_day(&mut self.rng, day, midnight);
        for (hour, share) in (0..).zip(HOUR_SHARES) {
            let opens = midnight + hour * HOUR;
            self.write_until(opens - REACH_BACK)?;
            self.fleet.open_hour(opens, opens + HOUR);
            let weather = self.rng.chance(SEVERE_WEATHER_MILLIONTHS);
            // What a whole number of orders leaves over is owed to the next hour, so that the total is exact.
            let due = self.settings.orders * share + self.owed;
            let unit = 10_000 * self.settings.days;
            self.owed = due % unit;
            let mut times: Vec<i64> = (0..due / unit).map(|_| self.batch_time(opens)).collect();
            times.sort_unstable();
            for dispatched in times {
                self.live_order(dispatched, hour, weather, midnight)?;
            }
        }
        self.settle(midnight);
        Ok(())
    }

    /// Dispatch runs in batches every 30 seconds and takes up to ten.
    fn batch_time(&mut self, opens: i64) -> i64 {
        opens + self.rng.below(120) * 30_000 + self.rng.below(10_000)
    }

    fn live_order(&mut self, dispatched: i64, hour: i64, weather: bool, midnight: i64) -> Result<(), SimError> {
        let order = Order::draw(&mut self.rng, dispatched, hour, weather, self.start);
        self.made.orders += 1;
        self.shop(&order);
        let mut at = dispatched;
        if self.rng.chance(REFUSAL_MILLIONTHS) {
            self.offer(&order, at, midnight, false)?;
            at += 30_000;
        }
        match self.offer(&order, at, midnight, true)? {
            Some(courier) => {
                self.made.late += i64::from(order.late());
                self.follow_up(&order, &courier);
            }
            None => self.made.unserved += 1,
        }
        Ok(())
    }

    /// The consumer's side, and now and then a message or a tag for somebody else.
    fn shop(&mut self, order: &Order) {
        let consumer = self.somebody();
        let looked = (order.placed - self.rng.between(MINUTE, 20 * MINUTE)).max(self.start);
        let quoted = (order.placed - self.rng.between(5_000, 60_000)).max(self.start);
        let mut market = Market { practices: &mut self.practices };
        let shown = market.recommend(&consumer, looked);
        let price = market.price(&consumer, order, quoted);
        self.push(price);
        self.push_all(shown);
        if self.rng.chance(350_000) {
            let other = self.somebody();
            let at = order.placed + self.rng.below(30 * MINUTE);
            let sent = Market { practices: &mut self.practices }.push(&other, at);
            self.push_all(sent);
        }
        if self.rng.chance(60_000) {
            let at = order.placed + self.rng.below(30 * MINUTE);
            let made = Market { practices: &mut self.practices }.profile(&consumer, at);
            self.push_all(made);
        }
    }

    fn somebody(&mut self) -> Consumer {
        let number = self.rng.below(self.consumers);
        Consumer::draw(self.settings.seed, number, self.start, self.settings.days)
    }

    /// One dispatch; `accepted` or refused by the courier, which makes another waybill. Gives the courier's pseudonym, or
    /// none where nobody may be sent.
    fn offer(&mut self, order: &Order, at: i64, midnight: i64, accepted: bool) -> Result<Option<String>, SimError> {
        let finish = order.delivered.max(at + MINUTE);
        let chosen = self.fleet.choose(&mut self.rng, at, finish);
        let Some(courier) = chosen.and_then(|index| self.fleet.courier_mut(index)) else {
            return Ok(None);
        };
        let mut market = Market { practices: &mut self.practices };
        let dispatch = market.dispatch(courier, order, at, midnight);
        let promise = accepted.then(|| market.promise(courier, order, at + 200));
        if accepted {
            courier.take(at, finish, order.courier_fee_fen());
        }
        let id = courier.id.clone();
        self.push(dispatch);
        self.push_all(promise);
        self.waybills.row(&Waybill { order, number: self.made.orders, courier: &id, at, accepted })?;
        Ok(Some(id))
    }

    fn follow_up(&mut self, order: &Order, courier: &str) {
        let at = order.delivered + self.rng.between(MINUTE, 30 * MINUTE);
        let action = if order.late() && self.rng.chance(60_000) {
            Action::Penalise
        } else if self.rng.chance(400) {
            Action::SuspendAccount
        } else {
            return;
        };
        let decision = Market { practices: &mut self.practices }.conduct(courier, action, at);
        self.push(decision);
    }

    /// Everybody who worked is paid in the last minute of the day.
    fn settle(&mut self, midnight: i64) {
        let mut settled = Vec::new();
        for courier in self.fleet.couriers().iter().filter(|courier| courier.daily_minutes() > 0) {
            let waiting = courier.daily_minutes() * self.rng.between(5, 25) / 100;
            let at = midnight + DAY_MILLIS - 1 - self.rng.below(MINUTE);
            settled.push(Market { practices: &mut self.practices }.pay(courier, waiting, at));
        }
        self.push_all(settled);
    }

    fn close(mut self, folder: &Path) -> Result<Made, SimError> {
        self.write_until(i64::MAX)?;
        self.made.decisions = self.log.written;
        self.made.truths = self.log.truths;
        self.log.finish()?;
        self.waybills.finish()?;
        write_practices(folder, &self.practices)?;
        adapter::write(self.settings, folder)?;
        measures::write(&self.made, folder)?;
        declared::write(folder)?;
        Ok(self.made)
    }
}

/// Persons and algorithms with all their events, and what is planted.
fn enter_population(
    settings: &Settings,
    folder: &Path,
    fleet: &Fleet,
    consumers: i64,
    practices: &mut Practices,
) -> Result<Vec<Decision>, SimError> {
    let start = settings.from.starts_at().millis();
    let mut persons = EventLog::create(folder.join("person-events.csv"))?;
    let mut algorithms = EventLog::create(folder.join("algorithm-events.csv"))?;
    let mut entered = Vec::new();
    for action in Action::ALL {
        let key = action.algorithm();
        if !entered.contains(&key) {
            register_algorithm(&mut algorithms, key, action, start)?;
            revise_algorithm(&mut algorithms, key, start + settings.days * DAY_MILLIS / 2)?;
            entered.push(key);
        }
    }
    for courier in fleet.couriers() {
        register_courier(&mut persons, courier, start)?;
    }
    for number in 0..consumers {
        register_consumer(&mut persons, &Consumer::draw(settings.seed, number, start, settings.days))?;
    }
    let planted = plant::sow(settings, practices, &mut persons, &mut algorithms)?;
    persons.finish()?;
    algorithms.finish()?;
    Ok(planted)
}

use crate::courier::{Courier, MINUTE, Rider};
use crate::rng::Rng;

/// Draws before the platform calls in somebody off shift.
const TRIES: usize = 40;
/// Orders join a wave that began within this time.
const WAVE_MILLIS: i64 = 10 * MINUTE;
/// How many orders join a wave beside its first, in millionths: about three waybills a wave.
const JOINS_WAVE: i64 = 680_000;
/// Waves kept open at most.
const MOST_WAVES: usize = 4_096;

/// The couriers of a city and who can take an order now.
#[derive(Debug)]
pub(crate) struct Fleet {
    couriers: Vec<Courier>,
    on_shift: Vec<usize>,
    waves: Vec<(i64, usize)>,
}

impl Fleet {
    /// So many couriers.
    pub(crate) fn new(count: i64) -> Self {
        Self { couriers: (0..count).map(Courier::new).collect(), on_shift: Vec::new(), waves: Vec::new() }
    }

    /// All couriers.
    pub(crate) fn couriers(&self) -> &[Courier] {
        &self.couriers
    }

    /// Plan a day of the period.
    pub(crate) fn plan_day(&mut self, rng: &mut Rng, day: i64, midnight: i64) {
        for courier in &mut self.couriers {
            courier.plan_day(rng, day, midnight);
        }
    }

    /// Gather who is on shift in `[from, until)`.
    pub(crate) fn open_hour(&mut self, from: i64, until: i64) {
        let on_shift = self.couriers.iter().enumerate().filter(|(_, courier)| courier.on_shift(from, until));
        self.on_shift = on_shift.map(|(index, _)| index).collect();
        self.waves.clear();
    }

    /// A courier who may take an order at `at` that is done at `finish`: one in an open wave, else one on shift, else one
    /// called in; none where everybody is at a limit.
    pub(crate) fn choose(&mut self, rng: &mut Rng, at: i64, finish: i64) -> Option<usize> {
        self.waves.retain(|(began, _)| at - began < WAVE_MILLIS);
        if rng.chance(JOINS_WAVE)
            && let Some((_, index)) = rng.pick(&self.waves).copied()
            && self.takes(index, at, finish)
        {
            return Some(index);
        }
        let index = self.fresh(rng, at, finish)?;
        if self.waves.len() < MOST_WAVES {
            self.waves.push((at, index));
        }
        Some(index)
    }

    fn fresh(&mut self, rng: &mut Rng, at: i64, finish: i64) -> Option<usize> {
        for _ in 0..TRIES {
            if let Some(index) = rng.pick(&self.on_shift).copied()
                && self.couriers.get(index).is_some_and(|courier| courier.on_shift(at, at + MINUTE))
                && self.takes(index, at, finish)
            {
                return Some(index);
            }
        }
        let count = self.couriers.len();
        let start = usize::try_from(rng.below(i64::try_from(count).unwrap_or(1))).unwrap_or(0);
        let mut around = (0..count).map(|step| (start + step) % count);
        around.find(|index| self.may_be_called(*index) && self.takes(*index, at, finish))
    }

    fn may_be_called(&self, index: usize) -> bool {
        self.couriers.get(index).is_some_and(|courier| courier.rider != Rider::FullTime)
    }

    fn takes(&mut self, index: usize, at: i64, finish: i64) -> bool {
        self.couriers.get_mut(index).is_some_and(|courier| courier.takes(at, finish))
    }

    /// The courier at `index`.
    pub(crate) fn courier_mut(&mut self, index: usize) -> Option<&mut Courier> {
        self.couriers.get_mut(index)
    }
}

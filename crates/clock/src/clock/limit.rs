use super::{Clock, Due, Missing, Setting, State};
use crate::{Change, ClockError, DueDate, Event, Events, Explanation, explain};
use gongdao_model::{Instant, Standing};
use gongdao_pack::{Duty, Period, TimeLimit};

/// One duty and one event that started it.
#[derive(Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) duty: &'a Duty,
    pub(super) standing: Standing,
    pub(super) events: &'a Events,
    pub(super) trigger: &'a Event,
    pub(super) setting: &'a Setting<'a>,
}

impl Case<'_> {
    pub(super) fn clocks(&self, limit: TimeLimit) -> Result<Vec<Clock>, ClockError> {
        let published = self.setting.published.get(&self.duty.id).copied();
        let clock = match (limit, published) {
            (TimeLimit::Within(period), _) | (TimeLimit::Promptly | TimeLimit::Immediately, Some(period)) => {
                self.within(period, self.trigger.at(), self.done(), 1)?
            }
            (TimeLimit::AtLeast(period), _) => self.at_least(period)?,
            (TimeLimit::Promptly | TimeLimit::Regularly, None) => self.no_number(),
            (TimeLimit::Immediately, None) => self.immediately(),
            (TimeLimit::Prior, _) => self.prior(),
            (TimeLimit::Regularly, Some(interval)) => return self.intervals(interval),
        };
        Ok(vec![clock])
    }

    /// When it was done: the first event that says so, not before the trigger.
    fn done(&self) -> Option<Instant> {
        self.events.answer(&self.duty.discharged_by, self.trigger, self.setting.now).map(Event::at)
    }

    fn clock(&self, number: usize, due: Due, done_at: Option<Instant>, state: State) -> Clock {
        let subjects: Vec<&str> = self.trigger.subjects().collect();
        let key = format!("{}|{}|{}|{number}", self.duty.id, self.trigger.id(), subjects.join(","));
        let trigger = Some(self.trigger.clone());
        Clock { key, duty: self.duty.id.clone(), trigger, standing: self.standing, due, done_at, state }
    }

    fn changes(&self) -> &[Change] {
        let key = (self.duty.id.clone(), self.trigger.id().to_owned());
        self.setting.changes.get(&key).map_or(&[], Vec::as_slice)
    }

    /// The explanation, or what the calendar lacks.
    fn explain(&self, period: Period, start: Instant) -> Result<Result<Explanation, Missing>, ClockError> {
        let Setting { calendar, rule, .. } = *self.setting;
        match explain(calendar, rule, period, start, self.changes()) {
            Ok(explanation) => Ok(Ok(explanation)),
            Err(error) if error.is_outside() => Ok(Err(Missing::Calendar { message: error.message })),
            Err(error) => Err(error),
        }
    }

    fn within(
        &self,
        period: Period,
        start: Instant,
        done_at: Option<Instant>,
        number: usize,
    ) -> Result<Clock, ClockError> {
        let explanation = match self.explain(period, start)? {
            Ok(explanation) => explanation,
            Err(missing) => return Ok(self.untold(number, done_at, missing)),
        };
        let state = match explanation.due {
            Some(due) => within_state(due, done_at, self.setting.now),
            // It stands still: what was done is in time, the rest waits.
            None if done_at.is_some() => State::Met,
            None => State::Open,
        };
        Ok(self.clock(number, Due::By { explanation }, done_at, state))
    }

    fn untold(&self, number: usize, done_at: Option<Instant>, missing: Missing) -> Clock {
        self.clock(number, Due::None, done_at, State::CannotTell { missing: vec![missing] })
    }

    fn at_least(&self, period: Period) -> Result<Clock, ClockError> {
        let ended_at = self.done();
        let explanation = match self.explain(period, self.trigger.at())? {
            Ok(explanation) => explanation,
            Err(missing) => return Ok(self.untold(1, ended_at, missing)),
        };
        let state = match (explanation.due, ended_at) {
            // Nobody says that it ended: there is nothing to judge yet.
            (_, None) => State::Open,
            (None, Some(_)) => State::Breached,
            (Some(due), Some(at)) if due.earliest.includes(at) => State::Breached,
            (Some(due), Some(_)) if due.is_provisional => State::Provisional,
            (Some(_), Some(_)) => State::Met,
        };
        Ok(self.clock(1, Due::NotBefore { explanation }, ended_at, state))
    }

    /// Promptly or regularly without a number: open until it is done, and then nobody can tell whether it was in time.
    fn no_number(&self) -> Clock {
        let done_at = self.done();
        let state = match done_at {
            None => State::Open,
            Some(_) => State::CannotTell { missing: vec![Missing::PublishedLimit] },
        };
        self.clock(1, Due::NoNumber { since: self.trigger.at() }, done_at, state)
    }

    fn immediately(&self) -> Clock {
        let done_at = self.done();
        let since = self.trigger.at();
        let state = match done_at {
            None => State::Open,
            Some(at) if at <= since => State::Met,
            Some(_) => State::CannotTell { missing: vec![Missing::PublishedLimit] },
        };
        self.clock(1, Due::AtOnce { since }, done_at, state)
    }

    fn prior(&self) -> Clock {
        let done_at = self.done();
        let Some(act) = &self.duty.before else {
            let state = match done_at {
                None => State::Open,
                Some(_) => State::CannotTell { missing: vec![Missing::Act] },
            };
            return self.clock(1, Due::Before { act: None, at: None }, done_at, state);
        };
        let act_at = self.events.answer(act, self.trigger, self.setting.now).map(Event::at);
        let state = match (act_at, done_at) {
            (None, None) => State::Open,
            (None, Some(_)) => State::Met,
            (Some(act_at), Some(done_at)) if done_at < act_at => State::Met,
            (Some(_), Some(_)) => State::Late,
            (Some(_), None) => State::Breached,
        };
        self.clock(1, Due::Before { act: Some(act.clone()), at: act_at }, done_at, state)
    }

    /// One clock an interval, each counted from what was done last.
    fn intervals(&self, interval: Period) -> Result<Vec<Clock>, ClockError> {
        let mut clocks = Vec::new();
        let mut start = self.trigger.at();
        loop {
            let name = &self.duty.discharged_by;
            let done_at = self.events.answer_after(name, self.trigger, start, self.setting.now).map(Event::at);
            clocks.push(self.within(interval, start, done_at, clocks.len() + 1)?);
            match done_at {
                Some(at) => start = at,
                None => return Ok(clocks),
            }
        }
    }
}

fn within_state(due: DueDate, done_at: Option<Instant>, now: Instant) -> State {
    let until = done_at.unwrap_or(now);
    match (done_at.is_some(), due.is_provisional) {
        (true, _) if due.earliest.includes(until) => State::Met,
        (_, true) => State::Provisional,
        (true, false) => State::Late,
        (false, false) if due.end.includes(until) => State::Open,
        (false, false) => State::Breached,
    }
}

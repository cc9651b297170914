use super::{day, days, end, off_word, period};
use crate::{Change, ClockError, Step};
use gongdao_i18n::{I18nError, Words};

/// One step as a sentence.
pub(super) fn line(step: &Step, words: Words<'_>) -> Result<String, ClockError> {
    let say = |key: &str, values: &[(&str, &str)]| -> Result<String, ClockError> { Ok(words.say(key, values)?) };
    match step {
        Step::Event { at, day: on } => say("clock.step.event", &[("at", &at.to_string()), ("day", &day(*on, words)?)]),
        Step::Period { period: length } => say("clock.step.period", &[("period", &period(*length, words)?)]),
        Step::FirstDay { day: on, is_event_day } => {
            let key = if *is_event_day { "clock.step.first_day.same" } else { "clock.step.first_day.next" };
            say(key, &[("day", &day(*on, words)?)])
        }
        Step::Counted { .. } => counted(step, words),
        Step::Skipped { from, through, off } => {
            let (days, why) = (days(*from, *through, words)?, off_word(off, words)?);
            say("clock.step.skipped", &[("days", &days), ("why", &why)])
        }
        Step::OffAtEnd { from, through, off } => {
            let (days, why) = (days(*from, *through, words)?, off_word(off, words)?);
            say("clock.step.off_at_end", &[("days", &days), ("why", &why)])
        }
        Step::Part { period: length, day: on } => {
            say("clock.step.part", &[("period", &period(*length, words)?), ("day", &day(*on, words)?)])
        }
        Step::Corresponding { day: on, is_month_end } => {
            let key =
                if *is_month_end { "clock.step.corresponding.month_end" } else { "clock.step.corresponding.same" };
            say(key, &[("day", &day(*on, words)?)])
        }
        Step::YearEnd { day: on } => say("clock.step.year_end", &[("day", &day(*on, words)?)]),
        Step::Lengthened { days, through } => {
            say("clock.step.lengthened", &[("count", &days.to_string()), ("day", &day(*through, words)?)])
        }
        Step::Suspended { change } | Step::Extended { change, is_in_time: true } => changed(change, true, words),
        Step::Extended { change, is_in_time: false } => changed(change, false, words),
        Step::Moved { from, to } => {
            say("clock.step.moved", &[("from", &day(*from, words)?), ("to", &day(*to, words)?)])
        }
        Step::Hours { until } => say("clock.step.hours", &[("until", &until.to_string())]),
        Step::Ends { end: at } => say("clock.step.ends", &[("end", &end(*at, words)?)]),
        Step::StandsStill { since } => say("clock.step.stands_still", &[("since", &since.to_string())]),
        Step::NotPublished { calendar, published_through, earliest } => {
            let (through, earliest) = (day(*published_through, words)?, end(*earliest, words)?);
            let values = [("calendar", calendar.as_str()), ("through", &through), ("earliest", &earliest)];
            say("clock.step.not_published", &values)
        }
    }
}

fn counted(step: &Step, words: Words<'_>) -> Result<String, ClockError> {
    let Step::Counted { from, through, first, last, make_up } = step else { return Ok(String::new()) };
    let (days, first, last) = (days(*from, *through, words)?, first.to_string(), last.to_string());
    let said: Result<String, I18nError> = match make_up {
        Some(holiday) => {
            let holiday = words.language().choose(&holiday.zh, &holiday.en);
            words.say("clock.step.counted.make_up", &[("first", &first), ("day", &days), ("holiday", holiday)])
        }
        None if first == last => words.say("clock.step.counted.one", &[("first", &first), ("day", &days)]),
        None => words.say("clock.step.counted.many", &[("first", &first), ("last", &last), ("days", &days)]),
    };
    Ok(said?)
}

fn changed(change: &Change, has_effect: bool, words: Words<'_>) -> Result<String, ClockError> {
    let language = words.language();
    Ok(match change {
        Change::Suspended { from, until, ground } => {
            let (from, ground) = (from.to_string(), ground.text(language));
            match until {
                Some(until) => {
                    let until = until.to_string();
                    words
                        .say("clock.step.suspended.over", &[("from", &from), ("until", &until), ("ground", &ground)])?
                }
                None => words.say("clock.step.suspended.open", &[("from", &from), ("ground", &ground)])?,
            }
        }
        Change::Extended { at, by, ground } => {
            let key = if has_effect { "clock.step.extended.in_time" } else { "clock.step.extended.no_effect" };
            let (at, by, ground) = (at.to_string(), period(*by, words)?, ground.text(language));
            words.say(key, &[("at", &at), ("period", &by), ("ground", &ground)])?
        }
    })
}

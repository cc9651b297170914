use super::{end, explanation_lines, period, time_limit};
use crate::{Clock, ClockError, Due, Missing, State};
use gongdao_i18n::Words;
use gongdao_model::Standing;
use gongdao_pack::{Duty, TimeLimit};

/// What a clock says: what is asked, when it is due, how far it is kept, what is missing, how the date was computed.
///
/// `duty` is the one that the clock was made of.
pub fn clock_lines(clock: &Clock, duty: &Duty, words: Words<'_>) -> Result<Vec<String>, ClockError> {
    let asks = words.language().choose(&duty.zh, &duty.en);
    let limit = time_limit(duty.time_limit()?, words)?;
    let mut lines = vec![
        words.say("clock.duty", &[("id", &duty.id), ("asks", asks)])?,
        words.say("clock.limit_line", &[("limit", &limit)])?,
        state(clock, duty, words)?,
    ];
    if let (Due::By { explanation }, TimeLimit::Promptly | TimeLimit::Immediately | TimeLimit::Regularly) =
        (&clock.due, duty.time_limit()?)
    {
        lines.push(words.say("clock.published", &[("period", &period(explanation.period, words)?)])?);
    }
    lines.extend(due(clock, words)?);
    if let Some(done_at) = clock.done_at {
        lines.push(words.say("clock.done", &[("at", &done_at.to_string())])?);
    }
    if let State::CannotTell { missing } = &clock.state {
        for missing in missing {
            lines.push(missing_line(missing, words)?);
        }
    }
    match clock.standing {
        Standing::Verified => {}
        standing => lines.push(words.say(&format!("standing.{}", standing.as_str()), &[])?),
    }
    let is_shown = clock.state != State::NotApplicable;
    if let (true, Due::By { explanation } | Due::NotBefore { explanation }) = (is_shown, &clock.due) {
        lines.push(words.say("clock.how", &[])?);
        let steps = explanation_lines(explanation, words)?;
        lines.extend(steps.into_iter().map(|line| format!("  {line}")));
    }
    Ok(lines)
}

fn state(clock: &Clock, duty: &Duty, words: Words<'_>) -> Result<String, ClockError> {
    let key = match &clock.state {
        State::NotYetTriggered => {
            return Ok(words.say("clock.state.not-yet-triggered", &[("event", &duty.trigger)])?);
        }
        State::NotApplicable => "not-applicable",
        State::CannotTell { .. } => "cannot-tell",
        State::Open if matches!(clock.due, Due::NoNumber { .. } | Due::AtOnce { .. }) => "open_no_number",
        State::Open => "open",
        State::Provisional => "provisional",
        State::Met => "met",
        State::Late => "late",
        State::Breached => "breached",
    };
    Ok(words.say(&format!("clock.state.{key}"), &[])?)
}

fn due(clock: &Clock, words: Words<'_>) -> Result<Option<String>, ClockError> {
    let line = match &clock.due {
        Due::None => return Ok(None),
        _ if clock.state == State::NotApplicable => return Ok(None),
        Due::By { explanation } => match explanation.due {
            Some(due) if due.is_provisional => words.say("clock.due.provisional", &[("end", &end(due.end, words)?)])?,
            Some(due) => words.say("clock.due.by", &[("end", &end(due.end, words)?)])?,
            None => words.say("clock.due.stands_still", &[])?,
        },
        Due::NotBefore { explanation } => match explanation.due {
            Some(due) => {
                let key = if due.is_provisional { "clock.due.not_before_provisional" } else { "clock.due.not_before" };
                words.say(key, &[("end", &end(due.end, words)?)])?
            }
            None => words.say("clock.due.stands_still", &[])?,
        },
        Due::AtOnce { since } => words.say("clock.due.at_once", &[("since", &since.to_string())])?,
        Due::NoNumber { since } => words.say("clock.due.no_number", &[("since", &since.to_string())])?,
        Due::Before { act: None, .. } => words.say("clock.due.before_unnamed", &[])?,
        Due::Before { act: Some(act), at: None } => words.say("clock.due.before", &[("act", act)])?,
        Due::Before { act: Some(act), at: Some(at) } => {
            words.say("clock.due.before_done", &[("act", act), ("at", &at.to_string())])?
        }
    };
    Ok(Some(line))
}

fn missing_line(missing: &Missing, words: Words<'_>) -> Result<String, ClockError> {
    Ok(match missing {
        Missing::Fact { fact } => words.say("clock.missing.fact", &[("fact", fact)])?,
        Missing::PublishedLimit => words.say("clock.missing.published_limit", &[])?,
        Missing::Act => words.say("clock.missing.act", &[])?,
        Missing::Transition { from } => words.say("clock.missing.transition", &[("from", &from.to_string())])?,
        Missing::Calendar { message } => words.say("clock.missing.calendar", &[("message", message)])?,
    })
}

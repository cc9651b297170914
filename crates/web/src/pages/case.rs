//! A request in words that a relative could read: where it stands, who has it, until when, what comes next.

use crate::App;
use crate::problem::Problem;
use crate::value::{clock_time, day_text};
use gongdao_clock::End;
use gongdao_desk::{Case, CaseEvent, Closed, Done, Hat, OWN_SYSTEM, Review, Right, Stage, Task, Way, What};
use gongdao_i18n::{Language, Words};
use gongdao_model::Instant;
use gongdao_service::CaseView;
use minijinja::{Value, context};

/// Whose eyes: who reads "you" where.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Eyes {
    /// The person, or who acts for them.
    Asking,
    /// Staff.
    Desk,
}

/// Everything that a template shows of a case.
pub(super) fn shown(app: &App, language: Language, view: &CaseView, eyes: Eyes) -> Result<Value, Problem> {
    let words = app.catalogue.words(language);
    let case = &view.case;
    let right = right(app, view)?;
    let ground = case.ground.as_deref().and_then(|ground| right.ground(ground));
    Ok(context! {
        id => case.id,
        kind => case.kind.as_str(),
        name => language.choose(&right.zh, &right.en),
        rests_on => right.rests_on.iter().map(ToString::to_string).collect::<Vec<_>>(),
        person => case.person,
        about => Value::from_serialize(&case.about),
        text => case.text,
        ground => ground.map(|ground| language.choose(&ground.zh, &ground.en)),
        stage => case.stage.as_str(),
        state => state(view),
        holder => holder(view, eyes),
        filed_at => case.filed_at.to_string(),
        is_filed_for => !matches!(case.filed_by.hat, Hat::Person),
        filing => case.filing,
        due => due(app, view, words)?,
        is_late => view.is_late,
        suspends_penalty => view.suspends_penalty,
        question => case.question.as_ref().map(|question| question.text.as_str()),
        answer => case.answer.as_ref().map(|answer| context! {
            outcome => answer.outcome.as_str(),
            article => answer.outcome.article().map(ToString::to_string),
            text => answer.text,
            at => answer.at.to_string(),
            by_machine => answer.by.hat == Hat::Service,
            done => done(&answer.done, words),
        }),
        proposal => case.proposal.as_ref().map(|answer| context! {
            outcome => answer.outcome.as_str(),
            article => answer.outcome.article().map(ToString::to_string),
            text => answer.text,
            by => answer.by.actor,
        }),
        review => case.review.as_ref().map(|review| reviewed(review, words)),
        fulfilment => fulfilment(app, language, case)?,
        is_fulfilled => view.is_fulfilled,
        remedies => Value::from_serialize(&view.remedies),
        receipt_kind => matches!(case.kind, gongdao_desk::RequestKind::See | gongdao_desk::RequestKind::Copy)
            && case.is_granted() && case.stage != Stage::Identity,
        handler => case.handler,
    })
}

/// What holds for the case's kind.
pub(super) fn right<'a>(app: &'a App, view: &CaseView) -> Result<&'a Right, Problem> {
    right_of(app, view.case.kind)
}

/// What holds for a kind.
pub(super) fn right_of(app: &App, kind: gongdao_desk::RequestKind) -> Result<&Right, Problem> {
    app.service.desk_rights().of(kind).map_err(|error| Problem::internal(error.message))
}

/// Words for states, below `page.state`.
fn state(view: &CaseView) -> &'static str {
    match (view.case.stage, view.case.closed) {
        (Stage::Identity, _) => "identity",
        (Stage::Open, _) if view.case.handler.is_none() => "received",
        (Stage::Open | Stage::Agreement, _) => "working",
        (Stage::Input, _) => "input",
        (Stage::Answered, _) => "decided",
        (Stage::Review, _) => "review",
        (Stage::Closed, Some(Closed::Withdrawn)) => "withdrawn",
        (Stage::Closed, _) => "closed",
    }
}

/// Who has it now, below `page.holder`.
fn holder(view: &CaseView, eyes: Eyes) -> &'static str {
    let theirs = if eyes == Eyes::Asking { "you" } else { "person" };
    match view.case.stage {
        Stage::Identity | Stage::Input | Stage::Answered => theirs,
        Stage::Open if view.case.handler.is_some() => "handler",
        Stage::Open => "desk",
        Stage::Agreement => "second",
        Stage::Review if view.case.review.is_some() => "reviewer",
        Stage::Review => "review_desk",
        Stage::Closed => "nobody",
    }
}

/// When the stage is due, how far that is, and how it was computed; nothing where nobody published a limit.
fn due(app: &App, view: &CaseView, words: Words<'_>) -> Result<Option<Value>, Problem> {
    let Some((clock, due)) = view.clock.as_ref().and_then(|clock| Some((clock, clock.due()?))) else { return Ok(None) };
    let internal = |what: String| Problem::internal(what);
    let day = day_text(due.end.day(), words).map_err(internal)?;
    let at = match due.end {
        End::Day(_) => None,
        End::Moment(at) => Some(clock_time(at)),
    };
    let today = app.service.now().date_in_shanghai().day_number();
    let days = i64::from(due.end.day().day_number()) - i64::from(today);
    let lines = clock.explanation.as_ref().map(|found| gongdao_clock::explanation_lines(found, words)).transpose();
    Ok(Some(context! {
        day,
        at,
        left => left(days, view.is_late),
        days => days.abs(),
        is_provisional => due.is_provisional,
        lines => lines.map_err(|error| Problem::internal(error.message))?,
    }))
}

/// How far a due date is, below `page.left`.
pub(super) fn left(days: i64, is_late: bool) -> &'static str {
    match (days, is_late) {
        (0, false) => "today",
        (1, false) => "one",
        (_, false) => "many",
        (-1, true) => "over_one",
        (..=-2, true) => "over_many",
        (_, true) => "over",
    }
}

/// What was done where. The service's own entries are data; they are told in words.
fn done(all: &[Done], words: Words<'_>) -> Vec<Value> {
    let told = |one: &Done| {
        let fact = serde_json::from_str::<serde_json::Value>(&one.what).ok();
        let fact = fact.as_ref().and_then(|what| what.get("fact")?.as_str()?.rsplit('.').next().map(str::to_owned));
        let key = fact.map(|fact| format!("page.done.{fact}"));
        let text = key.and_then(|key| words.say(&key, &[]).ok());
        let is_record = one.what.starts_with("/v1/cases/") && one.what.ends_with("/record");
        let text = text.or_else(|| is_record.then(|| words.say("page.done.record", &[]).ok()).flatten());
        if let Some(text) = text {
            context! { text }
        } else {
            context! { text => one.what, system => one.system }
        }
    };
    all.iter().map(told).collect()
}

/// What systems have to do, each by the name that people give it.
fn fulfilment(app: &App, language: Language, case: &Case) -> Result<Vec<Value>, Problem> {
    if case.fulfilment.is_empty() {
        return Ok(Vec::new());
    }
    let words = app.catalogue.words(language);
    let own = words.say("page.system.own", &[]).map_err(|error| Problem::internal(error.message))?;
    let names = app.service.system_names()?;
    let name = |system: &str| match names.iter().find(|(id, ..)| id == system) {
        Some((_, zh, en)) => language.choose(zh, en).to_owned(),
        None if system == OWN_SYSTEM => own.clone(),
        None => system.to_owned(),
    };
    let shown = |task: &Task| {
        context! {
            task => format!("{}.{}", case.id, task.system),
            name => name(&task.system),
            state => task.state.as_str(),
            since => task.since.to_string(),
            text => task.text,
            place => task.place,
            by_hand => task.place.is_some(),
            is_own => task.way == Way::Own,
        }
    };
    Ok(case.fulfilment.iter().map(shown).collect())
}

fn reviewed(review: &Review, words: Words<'_>) -> Value {
    context! {
        role => review.role,
        begun_at => review.begun_at.to_string(),
        done_at => review.done_at.map(|at| at.to_string()),
        minutes => review.seconds().map(|seconds| seconds.div_ceil(60)),
        seen => review.seen,
        changed => review.changed,
        text => review.text,
        done => done(&review.done, words),
        by => review.by.actor,
    }
}

/// What happened, oldest first.
pub(super) fn story(events: &[CaseEvent], language: Language, app: &App) -> Vec<Value> {
    let words = app.catalogue.words(language);
    let line = |event: &CaseEvent| {
        let by = match event.by.hat {
            Hat::Person => "person",
            Hat::Representative { .. } => "representative",
            Hat::Desk => "desk",
            Hat::Reviewer => "reviewer",
            Hat::Service => "service",
            Hat::System { .. } => "system",
        };
        let (text, article) = match &event.what {
            What::Filed { filing } => (Some(filing.text.clone()), None),
            What::Asked { question } => (Some(question.clone()), None),
            What::Given { text } | What::ReviewAsked { text } | What::Reviewed { text, .. } => {
                (Some(text.clone()), None)
            }
            What::Answered { text, outcome, .. } => (Some(text.clone()), outcome.article().map(ToString::to_string)),
            What::Extended { period, reason } => {
                let period = crate::value::period(period, words).unwrap_or_else(|_| period.clone());
                (Some(format!("{period} · {reason}")), None)
            }
            What::Disagreed { reason } => (Some(reason.clone()), None),
            What::Fulfilled { text, .. } | What::Stuck { reason: text, .. } => (Some(text.clone()), None),
            What::ReviewBegun { role } => (Some(role.clone()), None),
            _ => (None, None),
        };
        context! {
            what => event.what.as_str(),
            at => event.at.to_string(),
            by,
            text => text.filter(|text| !text.is_empty()),
            article,
        }
    };
    events.iter().map(line).collect()
}

/// A period that begins at `at` and ends with a day that somebody chose: the first moment after the day.
pub(super) fn after_day(day: &str) -> Option<Instant> {
    let day: gongdao_model::LegalDate = day.parse().ok()?;
    gongdao_model::LegalDate::from_day_number(day.day_number().checked_add(1)?).map(gongdao_model::LegalDate::starts_at)
}

#[cfg(test)]
mod tests {
    use super::{after_day, left};

    #[test]
    fn the_distance_of_a_due_date_is_said_on_both_sides_of_each_boundary() {
        let rows = [
            (2, false, "many"),
            (1, false, "one"),
            (0, false, "today"),
            (0, true, "over"),
            (-1, true, "over_one"),
            (-2, true, "over_many"),
        ];
        for (days, is_late, expected) in rows {
            assert_eq!(left(days, is_late), expected, "{days} {is_late}");
        }
    }

    #[test]
    fn a_chosen_day_counts_to_its_end() {
        assert_eq!(after_day("2026-02-28").unwrap().to_string(), "2026-03-01T00:00:00+08:00");
        assert_eq!(after_day("tomorrow"), None);
    }
}

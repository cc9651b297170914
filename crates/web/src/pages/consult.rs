//! Consultations for everyone to read, with the forms of the seats: comments on passages of the frozen text, answers, meetings,
//! the result, agreements and how they are kept.

use super::record_of::{FromLine, LINES, lines_of};
use super::requests::Just;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_model::{Instant, LegalDate};
use gongdao_register::{
    AnswerStatus, CommentMade, ConsultationStage, ConsultationWhat, OutcomeWord, Passage, Seat, Side,
};
use gongdao_service::ConsultationView;
use minijinja::{Value, context};
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as NoWord, StrDeserializer};
use std::collections::{BTreeMap, BTreeSet};

/// Consultations on one page of the list.
const MOST: usize = 50;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/consultations", get(consultations))
        .route("/consultations/mine", get(mine))
        .route("/consultations/{consultation}", get(consultation))
        .route("/consultations/{consultation}/{act}", post(act))
}

/// After how many.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
struct Skip {
    #[serde(default)]
    from: usize,
}

async fn consultations(
    State(app): State<Shared>,
    visitor: Visitor,
    Query(skip): Query<Skip>,
) -> Result<Response, Problem> {
    blocking(move || {
        let all = app.service.consultations_in_order(None)?;
        let now = app.service.now();
        let shown = all.iter().skip(skip.from).take(MOST).map(|view| line(view, now)).collect::<Vec<_>>();
        let next = Some(skip.from.saturating_add(MOST)).filter(|next| *next < all.len());
        visitor.page(&app, "consultations.html", StatusCode::OK, context! { consultations => shown, next })
    })
    .await
}

/// A consultation in a list.
fn line(view: &ConsultationView, now: Instant) -> Value {
    let one = &view.consultation;
    context! {
        id => one.id,
        version => one.version,
        question => one.question,
        stage => Value::from_serialize(view.stage),
        last_day => one.last_day.to_string(),
        days_left => days_left(one.last_day, now),
        comments => one.comments.len(),
        open_comments => view.open_comments,
        outcome => one.result.as_ref().map(|result| Value::from_serialize(result.outcome)),
        seat => view.your_seat,
        has_agreement => one.agreement.is_some(),
        reports => one.reports.len(),
    }
}

/// Days until the last day is over; below 0 where it is.
fn days_left(last_day: LegalDate, now: Instant) -> i32 {
    last_day.day_number().saturating_sub(now.date_in_shanghai().day_number())
}

/// What somebody who has a seat does next, and what became of what was agreed.
async fn mine(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let mut all = app.service.consultations_in_order(Some(&caller))?;
        all.retain(|view| view.your_seat.is_some());
        let now = app.service.now();
        let of = |stage: ConsultationStage| {
            let found = all.iter().filter(|view| view.stage == stage);
            found.map(|view| line(view, now)).collect::<Vec<_>>()
        };
        let values = context! { open => of(ConsultationStage::Open), concluded => of(ConsultationStage::Concluded) };
        visitor.page(&app, "my_consultations.html", StatusCode::OK, values)
    })
    .await
}

async fn consultation(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    Query(from): Query<FromLine>,
    Query(just): Query<Just>,
) -> Result<Response, Problem> {
    blocking(move || page(&app, &visitor, &id, from, StatusCode::OK, context! { done => just.done() })).await
}

fn page(
    app: &App,
    visitor: &Visitor,
    id: &str,
    from: FromLine,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let view = app.service.consultation(visitor.caller().ok(), id)?;
    let version = app.service.version(&view.consultation.version)?.version;
    let now = app.service.now();
    let one = &view.consultation;
    let text = lines_of(&version.text, from);
    let first = text.lines.first().map_or(1, |(number, _)| *number);
    let lines = text.lines.iter().map(|(number, text)| {
        // A comment stands where its passage ends; one whose passage ends before this part, at its head.
        let ends = |comment: &&CommentMade| usize::try_from(comment.passage.to_line).is_ok_and(|to| to == *number);
        let comments = one.comments.iter().filter(ends).map(|comment| comment_shown(comment, &one.seats));
        context! { number, text, comments => comments.collect::<Vec<_>>() }
    });
    let own = view.your_seat.as_deref().and_then(|id| one.seats.iter().find(|seat| seat.id == id));
    let values = context! {
        consultation => line(&view, now),
        called_at => one.called_at.to_string(),
        digest => one.digest,
        is_same_text => version.digest == one.digest,
        seats => one.seats.iter().map(seat_shown).collect::<Vec<_>>(),
        lines => lines.collect::<Vec<_>>(),
        first,
        last => text.lines.last().map_or(first, |(number, _)| *number),
        next => text.next,
        before => (first > 1).then(|| first.saturating_sub(LINES).max(1)),
        all => text.all,
        comments => one.comments.iter().map(|comment| comment_shown(comment, &one.seats)).collect::<Vec<_>>(),
        meetings => one.meetings.iter().map(|met| context! {
            on => met.on.to_string(), minutes => met.minutes,
            present => one.seats.iter().filter(|seat| met.present.contains(&seat.id)).map(seat_shown).collect::<Vec<_>>(),
        }).collect::<Vec<_>>(),
        result => one.result.as_ref().map(Value::from_serialize),
        announcement => one.announcement.as_ref().map(Value::from_serialize),
        agreement => one.agreement.as_ref().map(Value::from_serialize),
        performance => Value::from_serialize(&one.reports),
        based_on => version.based_on,
        own => own.map(seat_shown),
        can => own.map(|seat| open_acts(&view, seat, now)),
        today => now.date_in_shanghai().to_string(),
        // Where nothing was sent, no form has anything in it.
        ..context! { ..more, ..context! { act => "", written => context! {} } }
    };
    visitor.page(app, "consultation.html", status, values)
}

fn seat_shown(seat: &Seat) -> Value {
    context! { id => seat.id, side => seat.side.as_str(), name => seat.name }
}

fn comment_shown(comment: &CommentMade, seats: &[Seat]) -> Value {
    let seat = seats.iter().find(|seat| seat.id == comment.seat);
    context! {
        number => comment.number,
        seat => seat.map(seat_shown),
        from => comment.passage.from_line,
        to => comment.passage.to_line,
        text => comment.text,
        at => comment.at.to_string(),
        is_open => comment.is_open(),
        answer => comment.answer.as_ref().map(|answer| context! {
            status => Value::from_serialize(answer.status), text => answer.text, at => answer.at.to_string(),
        }),
    }
}

/// What can be done now from a seat. The service decides; what it would refuse is not offered.
fn open_acts(view: &ConsultationView, seat: &Seat, now: Instant) -> Value {
    let one = &view.consultation;
    let is_open = view.stage == ConsultationStage::Open;
    let is_platform = seat.side == Side::Platform;
    let is_over = days_left(one.last_day, now) < 0;
    let disagreed = one.result.as_ref().is_some_and(|result| result.outcome == OutcomeWord::NotAgreed);
    context! {
        comment => is_open && !is_over,
        is_late => is_open && is_over,
        answer => is_open && is_platform,
        meet => is_open,
        conclude => is_open && is_platform && is_over && view.open_comments == 0,
        announce => !is_open && is_platform && one.announcement.is_none(),
        agree => !is_open && !disagreed && one.agreement.is_none(),
        report => !is_open,
    }
}

async fn act(
    State(app): State<Shared>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let digest = app.service.consultation(Some(&caller), &id)?.consultation.digest;
        let line = fields.one("line").and_then(|line| line.parse().ok());
        let from = FromLine { line };
        let made = turn(&act, &fields, digest);
        match made.and_then(|what| Ok(app.service.act_on_consultation(&caller, &id, what)?)) {
            Ok(_) => {
                let back = format!("/consultations/{}?done=acted", crate::oidc::encoded(&id));
                go(&line.map_or(back.clone(), |line| format!("{back}&line={line}#line-{line}")))
            }
            // What was written stays in the form; too late is said on the page, with the last day.
            Err(problem) if problem.kind.is_said_beside_form() => {
                let wrong = visitor.wrong(&app, &problem);
                let more = context! { wrong, act, written => written(&fields) };
                let here = visitor.at(&format!("/consultations/{}", crate::oidc::encoded(&id)));
                page(&app, &here, &id, from, problem.kind.status(), more)
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

/// What somebody wrote, to stand in the form again.
fn written(fields: &Fields) -> Value {
    let names =
        ["text", "minutes", "told", "address", "digest", "from_line", "to_line", "on", "from", "until", "number"];
    let given = names.into_iter().filter_map(|name| Some((name, fields.one(name)?)));
    Value::from_serialize(given.collect::<BTreeMap<_, _>>())
}

/// A word of the register's files.
fn word<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Problem> {
    let word: StrDeserializer<'a, NoWord> = text.into_deserializer();
    T::deserialize(word)
        .map_err(|_| Problem::new(ProblemKind::Input, "nothing was chosen", "choose one of the answers"))
}

fn turn(act: &str, fields: &Fields, digest: String) -> Result<ConsultationWhat, Problem> {
    let text = |name: &str| fields.text(name).replace("\r\n", "\n");
    let number = |name: &str| {
        let wrong = || Problem::new(ProblemKind::Input, format!("`{name}` is no number"), "write a whole number");
        fields.text(name).parse::<u32>().map_err(|_| wrong())
    };
    let day = |name: &str| {
        let wrong = || Problem::new(ProblemKind::Input, format!("`{name}` is no day"), "write it like `2026-03-09`");
        fields.text(name).parse::<LegalDate>().map_err(|_| wrong())
    };
    Ok(match act {
        "comment" => {
            let passage = Passage { digest, from_line: number("from_line")?, to_line: number("to_line")? };
            ConsultationWhat::Commented { passage, text: text("text") }
        }
        "answer" => {
            let status: AnswerStatus = word(&fields.text("status"))?;
            ConsultationWhat::Answered { number: number("number")?, status, text: text("text") }
        }
        "meet" => {
            let present: BTreeSet<String> = fields.all("present").into_iter().collect();
            ConsultationWhat::Met { on: day("on")?, present, minutes: text("minutes") }
        }
        "conclude" => {
            let outcome: OutcomeWord = word(&fields.text("outcome"))?;
            ConsultationWhat::Concluded { outcome, text: text("text") }
        }
        "announce" => ConsultationWhat::Announced { address: fields.one("address"), told: text("told") },
        "agree" => ConsultationWhat::AgreementSigned { digest: fields.text("digest") },
        "report" => ConsultationWhat::Reported { from: day("from")?, until: day("until")?, text: text("text") },
        _ => return Err(Problem::of(ProblemKind::NotFound)),
    })
}

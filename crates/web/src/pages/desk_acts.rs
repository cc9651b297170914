//! What staff do with a case: forms into events.

use super::desk::{case_page, review_page};
use crate::Shared;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, go};
use crate::work::blocking;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::post;
use gongdao_desk::{Done, Identity, Outcome, What};
use gongdao_model::ProvisionId;
use gongdao_service::{TaskTurn, Turn};
use minijinja::context;

/// Rows for what was done where.
const DONE_ROWS: usize = 3;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/desk/cases/{case}/{act}", post(on_case))
        .route("/desk/review/{case}/{act}", post(on_review))
        .route("/desk/fulfilments/{task}/{act}", post(on_task))
}

async fn on_case(
    State(app): State<Shared>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let acted = desk_act(&act, &fields)
            .and_then(|what| Ok(app.service.act_on_case(&caller, &id, Turn { what, password: None })?));
        match acted {
            Ok(view) => go(&format!("/desk/cases/{}?done=acted", view.case.id)),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let status = problem.kind.status();
                let wrong = visitor.wrong(&app, &problem);
                case_page(&app, &visitor, &id, status, context! { wrong, written => fields.text("text") })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

fn desk_act(act: &str, fields: &Fields) -> Result<What, Problem> {
    let text = fields.text("text").replace("\r\n", "\n");
    Ok(match act {
        "identify" => What::Identified { identity: Identity::Desk },
        "take" => What::Taken,
        "ask" => What::Asked { question: text },
        "extend" => What::Extended { period: format!("{} working days", fields.text("days")), reason: text },
        "answer" => What::Answered {
            outcome: outcome(&fields.text("outcome"))?,
            text,
            done: done(fields),
            kinds: kinds(&fields.text("kinds")),
            orders: Vec::new(),
        },
        "agree" => What::Agreed,
        "disagree" => What::Disagreed { reason: text },
        _ => return Err(Problem::of(ProblemKind::NotFound)),
    })
}

/// `granted`, or `partly` or `refused` with the article behind a space.
fn outcome(chosen: &str) -> Result<Outcome, Problem> {
    let unread =
        || Problem::new(ProblemKind::Input, "the answer says not what came of it", "choose one of the outcomes");
    let article = |text: &str| text.parse::<ProvisionId>().map_err(|_| unread());
    match chosen.split_once(' ') {
        None if chosen == "granted" => Ok(Outcome::Granted),
        Some(("partly", text)) => Ok(Outcome::Partly { article: article(text)? }),
        Some(("refused", text)) => Ok(Outcome::Refused { article: article(text)? }),
        _ => Err(unread()),
    }
}

/// Words with commas between them.
fn kinds(text: &str) -> Vec<String> {
    text.split([',', '，', '、']).map(str::trim).filter(|kind| !kind.is_empty()).map(str::to_owned).collect()
}

/// The rows in which both halves were filled in.
fn done(fields: &Fields) -> Vec<Done> {
    let row = |number| {
        Some(Done { system: fields.one(&format!("system{number}"))?, what: fields.one(&format!("what{number}"))? })
    };
    (1..=DONE_ROWS).filter_map(row).collect()
}

async fn on_review(
    State(app): State<Shared>,
    Path((id, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let what = match act.as_str() {
            "begin" => What::ReviewBegun { role: fields.text("role") },
            "decide" => What::Reviewed {
                seen: fields.all("seen"),
                could_change: fields.one("could").is_some(),
                changed: fields.text("changed") == "yes",
                text: fields.text("text").replace("\r\n", "\n"),
                done: done(&fields),
                orders: Vec::new(),
            },
            _ => return Err(Problem::of(ProblemKind::NotFound)),
        };
        match app.service.act_on_case(&caller, &id, Turn { what, password: None }).map_err(Problem::from) {
            Ok(view) => go(&format!("/desk/review/{}?done=acted", view.case.id)),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let status = problem.kind.status();
                let wrong = visitor.wrong(&app, &problem);
                review_page(&app, &visitor, &id, status, context! { wrong, written => fields.text("text") })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

/// What was done by hand in another system, or that it is tried again.
async fn on_task(
    State(app): State<Shared>,
    Path((task, act)): Path<(String, String)>,
    sent: Sent,
) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let turn = match act.as_str() {
            "done" => {
                let text = fields.text("text").replace("\r\n", "\n");
                TaskTurn::Done { text, place: fields.one("place") }
            }
            "again" => TaskTurn::Again,
            _ => return Err(Problem::of(ProblemKind::NotFound)),
        };
        match app.service.answer_fulfilment(&caller, &task, turn).map_err(Problem::from) {
            Ok(told) => go(&format!("/desk/cases/{}?done=acted", told.case)),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let case = task.rsplit_once('.').map_or(task.as_str(), |(case, _)| case);
                let wrong = visitor.wrong(&app, &problem);
                case_page(&app, &visitor, case, problem.kind.status(), context! { wrong })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::outcome;

    #[test]
    fn an_outcome_that_is_no_grant_names_its_article() {
        let rows = [
            ("granted", Some("granted")),
            ("partly cn.pipl/47/2", Some("partly")),
            ("refused cn.pipl/47/1", Some("refused")),
            ("refused", None),
            ("granted cn.pipl/47/1", None),
            ("refused nonsense", None),
            ("", None),
        ];
        for (chosen, expected) in rows {
            assert_eq!(outcome(chosen).ok().map(|outcome| outcome.as_str()), expected, "{chosen}");
        }
    }
}

//! Trials in sandboxes: for everyone to read, applied for and run by the provider's officer, answered by the regulator.

use super::duties::due_shown;
use crate::problem::{Problem, ProblemKind};
use crate::routes::known_provisions;
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_model::{LegalDate, PlaceCode, ProvisionId};
use gongdao_register::{StopCondition, TrialFigures, TrialMeasure, TrialPlan, TrialStage};
use gongdao_service::{Caller, Role, TrialTurn, TrialView};
use minijinja::{Value, context};

/// Trials on the page.
const MOST: usize = 200;
/// Texts of an application, in the order in which they are asked for.
const TEXTS: [&str; 4] = ["purpose", "safeguards", "informed", "leaving"];
/// Fields of an application beside them and beside the conditions.
const FIELDS: [&str; 7] = ["version", "place", "from", "until", "persons", "ground", "report_days"];

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/sandboxes", get(sandboxes).post(apply))
        .route("/sandboxes/{sandbox}", get(sandbox))
        .route("/sandboxes/{sandbox}/{act}", post(act))
}

async fn sandboxes(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    blocking(move || list_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn list_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let found = app.service.trials_in_order()?;
    let rows = found.iter().take(MOST).map(line).collect::<Vec<_>>();
    let language = visitor.language;
    let grounds = app.service.trial_grounds().map(|(id, ground)| {
        let about = language.choose(&ground.zh, &ground.en);
        context! { id => id.as_str(), place => ground.place.as_str(), about }
    });
    let values = context! {
        rows,
        grounds => grounds.collect::<Vec<_>>(),
        texts => TEXTS,
        measures => TrialMeasure::ALL.map(TrialMeasure::as_str),
        can_apply => has(visitor, Role::Officer),
        // Where nothing was sent, no form has anything in it.
        ..context! { ..more, ..context! { written => context! {} } }
    };
    visitor.page(app, "sandboxes.html", status, values)
}

fn has(visitor: &Visitor, role: Role) -> bool {
    visitor.caller().is_ok_and(|caller| caller.roles.contains(&role))
}

/// A trial in a list.
pub(super) fn line(view: &TrialView) -> Value {
    let plan = &view.trial.plan;
    context! {
        id => view.trial.id,
        version => plan.version,
        stage => view.stage.as_str(),
        purpose => plan.purpose,
        place => plan.place.as_str(),
        from => plan.from.to_string(),
        last => plan.until.previous().to_string(),
        persons => plan.persons,
        is_late => view.is_late,
    }
}

/// Trials that wait for the authority, run, or owe a report.
pub(super) fn open_lines(app: &App) -> Result<Vec<Value>, Problem> {
    let found = app.service.trials_in_order()?;
    let is_open = |view: &&TrialView| !matches!(view.stage, TrialStage::Refused | TrialStage::Closed);
    Ok(found.iter().filter(is_open).map(line).collect())
}

/// Trials of a version.
pub(super) fn lines_over(app: &App, version: &str) -> Result<Vec<Value>, Problem> {
    let found = app.service.trials_in_order()?;
    Ok(found.iter().filter(|view| view.trial.plan.version == version).map(line).collect())
}

async fn apply(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let applied = plan(&fields).and_then(|plan| Ok(app.service.apply_for_trial(&caller, plan)?));
        match applied {
            Ok(view) => go(&format!("/sandboxes/{}", view.trial.id)),
            Err(problem) if is_said_on_page(&problem) => {
                let status = problem.kind.status();
                let wrong = visitor.wrong(&app, &problem);
                list_page(&app, &visitor, status, context! { wrong, written => written(&fields) })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

fn is_said_on_page(problem: &Problem) -> bool {
    problem.kind.is_said_beside_form() || problem.kind == ProblemKind::NotFound
}

/// What somebody wrote, to stand in the form again.
fn written(fields: &Fields) -> Value {
    let stops = TrialMeasure::ALL.iter().flat_map(|measure| {
        ["percent", "after"].map(|part| {
            let name = format!("{}_{part}", measure.as_str());
            let value = fields.text(&name);
            (name, value)
        })
    });
    let plain = FIELDS.iter().chain(&TEXTS).map(|name| ((*name).to_owned(), fields.text(name)));
    plain.chain(stops).collect()
}

fn plan(fields: &Fields) -> Result<TrialPlan, Problem> {
    let long = |name: &str| fields.text(name).replace("\r\n", "\n");
    let mut stops = Vec::new();
    for measure in TrialMeasure::ALL {
        let percent = format!("{}_percent", measure.as_str());
        if fields.one(&percent).is_some() {
            let after = format!("{}_after", measure.as_str());
            stops.push(StopCondition { measure, percent: number(fields, &percent)?, after: number(fields, &after)? });
        }
    }
    Ok(TrialPlan {
        version: fields.text("version"),
        place: place(fields)?,
        from: day(fields, "from")?,
        until: day(fields, "until")?,
        persons: number(fields, "persons")?,
        ground: provision(fields, "ground")?,
        purpose: long("purpose"),
        safeguards: long("safeguards"),
        informed: long("informed"),
        leaving: long("leaving"),
        stops,
        report_days: number(fields, "report_days")?,
    })
}

fn place(fields: &Fields) -> Result<PlaceCode, Problem> {
    let wrong = || Problem::new(ProblemKind::Input, "`place` is no place", "write six digits, like `440300`");
    fields.text("place").parse().map_err(|_| wrong())
}

fn number(fields: &Fields, name: &str) -> Result<u32, Problem> {
    let wrong = || Problem::new(ProblemKind::Input, format!("`{name}` is no number"), "write a whole number");
    fields.text(name).parse().map_err(|_| wrong())
}

fn day(fields: &Fields, name: &str) -> Result<LegalDate, Problem> {
    let wrong = || Problem::new(ProblemKind::Input, format!("`{name}` is no day"), "write it like `2026-03-09`");
    fields.text(name).parse().map_err(|_| wrong())
}

fn provision(fields: &Fields, name: &str) -> Result<Option<ProvisionId>, Problem> {
    let wrong = || Problem::new(ProblemKind::Input, format!("`{name}` is no provision"), "see /law");
    fields.one(name).map(|text| text.parse().map_err(|_| wrong())).transpose()
}

async fn sandbox(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    blocking(move || page(&app, &visitor, &id, StatusCode::OK, context! {})).await
}

fn page(app: &App, visitor: &Visitor, id: &str, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let view = app.service.trial(id)?;
    let (trial, plan) = (&view.trial, &view.trial.plan);
    let version = app.service.version(&plan.version)?.version;
    let reports = trial.reports.iter().map(|report| {
        context! { at => report.at.to_string(), text => report.text, is_last => report.figures.is_some() }
    });
    let today = app.service.now().date_in_shanghai();
    let due = due_shown(app, visitor.language, view.report_due, view.is_late, view.explanation.as_ref())?;
    let values = context! {
        sandbox => line(&view),
        algorithm => version.algorithm,
        is_same_text => version.digest == trial.digest,
        digest => trial.digest,
        ground => plan.ground.as_ref().map(ProvisionId::as_str),
        texts => TEXTS.map(|name| {
            let text = match name {
                "purpose" => &plan.purpose,
                "safeguards" => &plan.safeguards,
                "informed" => &plan.informed,
                _ => &plan.leaving,
            };
            context! { name, text }
        }),
        stops => plan.stops.iter().map(stop).collect::<Vec<_>>(),
        report_days => plan.report_days,
        applied_at => trial.applied_at.to_string(),
        answer => trial.answer.as_ref().map(|answer| context! {
            is_granted => answer.is_granted, text => answer.text, document => answer.document,
            provision => answer.provision.as_ref().map(ProvisionId::as_str), at => answer.at.to_string(),
        }),
        began_at => trial.began_at.map(|at| at.to_string()),
        stopped => trial.stop.as_ref().map(|found| context! {
            text => found.text, condition => found.condition.as_ref().map(stop), at => found.at.to_string(),
        }),
        reports => reports.collect::<Vec<_>>(),
        figures => view.figures.as_ref().map(figures),
        due => (trial.closed_at.is_none() && view.report_due.is_some()).then_some(due),
        can => visitor.caller().map_or_else(|_| context! {}, |caller| open_acts(&view, caller, today)),
        ..context! { ..more, ..context! { act => "", written => context! {} } }
    };
    visitor.page(app, "sandbox.html", status, values)
}

fn stop(stop: &StopCondition) -> Value {
    context! { measure => stop.measure.as_str(), percent => stop.percent, after => stop.after }
}

fn figures(figures: &TrialFigures) -> Value {
    let share = figures.violated.filter(|_| figures.judged > 0);
    context! {
        rows => [
            ("persons", figures.persons),
            ("decisions", Some(figures.decisions)),
            ("judged", Some(figures.judged)),
            ("violated", figures.violated),
            ("contested", figures.contested),
            ("changed", figures.changed),
        ],
        percent => share.map(|violated| (violated * 100 + figures.judged / 2) / figures.judged),
        smallest => figures.smallest_count,
    }
}

/// What can be done now, and by whom. The service decides; what it would refuse is not offered.
fn open_acts(view: &TrialView, caller: &Caller, today: LegalDate) -> Value {
    let is_officer = caller.roles.contains(&Role::Officer);
    let is_regulator = caller.roles.contains(&Role::Regulator);
    let (stage, plan) = (view.stage, &view.trial.plan);
    let has_run = view.trial.began_at.is_some();
    let is_begun_or_waits = matches!(stage, TrialStage::Applied | TrialStage::Granted | TrialStage::Running);
    context! {
        answer => is_regulator && stage == TrialStage::Applied,
        begin => is_officer && stage == TrialStage::Granted && today >= plan.from,
        stop => (is_officer || is_regulator) && is_begun_or_waits,
        report => is_officer && has_run && matches!(stage, TrialStage::Running | TrialStage::Stopped | TrialStage::Over),
        close => is_officer && has_run && matches!(stage, TrialStage::Stopped | TrialStage::Over),
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
        let made = turn(&app, &act, &fields);
        match made.and_then(|turn| Ok(app.service.act_on_trial(&caller, &id, turn)?)) {
            Ok(_) => go(&format!("/sandboxes/{}", crate::oidc::encoded(&id))),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                let names = ["text", "document", "provision"];
                let written: Value = names.into_iter().map(|name| (name, fields.text(name))).collect();
                let here = visitor.at(&format!("/sandboxes/{}", crate::oidc::encoded(&id)));
                page(&app, &here, &id, status, context! { wrong, act, written })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

fn turn(app: &App, act: &str, fields: &Fields) -> Result<TrialTurn, Problem> {
    let text = fields.text("text").replace("\r\n", "\n");
    Ok(match act {
        "grant" => TrialTurn::Granted { text, document: fields.one("document") },
        "refuse" => {
            let provision = provision(fields, "provision")?;
            known_provisions(app, provision.as_slice())?;
            TrialTurn::Refused { text, provision }
        }
        "begin" => TrialTurn::Began,
        "stop" => TrialTurn::Stopped { text },
        "report" => TrialTurn::Reported { text },
        "close" => TrialTurn::Closed { text },
        _ => return Err(Problem::of(ProblemKind::NotFound)),
    })
}

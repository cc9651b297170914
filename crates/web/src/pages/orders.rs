//! Orders of regulators: made and followed there, answered by the provider's officer.

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
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_model::ProvisionId;
use gongdao_service::{Caller, NewOrder, OrderAbout, OrderKind, OrderStage, OrderView, OrderWhat, Right};
use minijinja::{Value, context};

/// Orders that are looked at.
const LOOKED_AT: u32 = 500;

pub(super) fn routes() -> Router<Shared> {
    Router::new().route("/orders", get(orders).post(issue)).route("/orders/{order}", get(order).post(act))
}

/// All orders, those that are open first, by their days.
fn all(app: &App, caller: &Caller) -> Result<Vec<OrderView>, Problem> {
    let mut found = app.service.orders(caller, None, LOOKED_AT)?;
    found.sort_by(|a, b| {
        (!a.order.is_open(), a.order.due, &a.order.id).cmp(&(!b.order.is_open(), b.order.due, &b.order.id))
    });
    Ok(found)
}

/// The orders that are not over.
pub(super) fn open_rows(app: &App, caller: &Caller, language: Language) -> Result<Vec<Value>, Problem> {
    let found = all(app, caller)?;
    found.iter().filter(|view| view.order.is_open()).map(|view| row(app, language, view)).collect()
}

pub(super) fn row(app: &App, language: Language, view: &OrderView) -> Result<Value, Problem> {
    let order = &view.order;
    let waits = matches!(order.stage, OrderStage::Open | OrderStage::Escalated);
    Ok(context! {
        id => order.id,
        kind => order.order.kind.as_str(),
        stage => order.stage.as_str(),
        is_late => view.is_late,
        is_open => order.is_open(),
        waits,
        text => order.order.text,
        provisions => order.order.provisions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        algorithm => order.order.about.algorithm,
        decision => order.order.about.decision,
        ..due_shown(app, language, Some(order.due), view.is_late, view.explanation.as_ref())?
    })
}

async fn orders(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || orders_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn orders_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let found = all(app, caller)?;
    let rows = found.iter().map(|view| row(app, visitor.language, view)).collect::<Result<Vec<_>, _>>()?;
    let kinds = OrderKind::ALL.map(OrderKind::as_str);
    let values = context! { rows, kinds, can_issue => caller.may(Right::IssueOrders).is_ok(), ..more };
    visitor.page(app, "orders.html", status, values)
}

async fn issue(State(app): State<Shared>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || match issued(&app, &caller, &fields) {
        Ok(view) => go(&format!("/orders/{}", view.order.id)),
        Err(problem) if matches!(problem.kind, ProblemKind::Input | ProblemKind::NotFound) => {
            let wrong = visitor.wrong(&app, &Problem { kind: ProblemKind::Input, ..problem });
            let said = ["kind", "provisions", "algorithm", "decision", "text", "days"];
            let written: Value = said.into_iter().map(|name| (name, fields.text(name))).collect();
            orders_page(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, context! { wrong, written })
        }
        Err(problem) => Err(problem),
    })
    .await
}

fn issued(app: &App, caller: &Caller, fields: &Fields) -> Result<OrderView, Problem> {
    caller.may(Right::IssueOrders)?;
    let kind = fields.text("kind");
    let unread = || Problem::new(ProblemKind::Input, "nothing was chosen", "choose what is asked for");
    let kind = OrderKind::ALL.into_iter().find(|known| known.as_str() == kind).ok_or_else(unread)?;
    let named = fields.text("provisions");
    let named = named.split([',', '，', ' ', '\n', '\r', '、']).map(str::trim).filter(|name| !name.is_empty());
    let provision = |name: &str| {
        let shown: String = name.chars().take(80).collect();
        let hint = "write it like `cn.iisarmp/28`; see /law";
        name.parse::<ProvisionId>()
            .map_err(|_| Problem::new(ProblemKind::Input, format!("`{shown}` is no provision"), hint))
    };
    let provisions = named.map(provision).collect::<Result<Vec<_>, _>>()?;
    known_provisions(app, &provisions)?;
    let new = NewOrder {
        kind,
        provisions,
        about: OrderAbout { algorithm: fields.one("algorithm"), decision: fields.one("decision") },
        text: fields.text("text").replace("\r\n", "\n"),
        period: period(fields),
    };
    Ok(app.service.issue_order(caller, new)?)
}

fn period(fields: &Fields) -> String {
    format!("{} working days", fields.text("days"))
}

async fn order(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || order_page(&app, &visitor, &id, StatusCode::OK, context! {})).await
}

fn order_page(app: &App, visitor: &Visitor, id: &str, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let view = app.service.order(caller, id)?;
    let story = view.order.events.iter().map(|event| {
        let text = match &event.what {
            OrderWhat::Issued { .. } => None,
            OrderWhat::Answered { text }
            | OrderWhat::SentBack { text, .. }
            | OrderWhat::Accepted { text }
            | OrderWhat::Extended { text, .. }
            | OrderWhat::Escalated { text }
            | OrderWhat::Withdrawn { text } => Some(text.as_str()),
        };
        context! {
            what => event.what.as_str(), at => event.at.to_string(), by => event.by, text,
            due => event.due.map(|due| due.to_string()),
        }
    });
    let story = story.collect::<Vec<_>>();
    let values = context! {
        order => row(app, visitor.language, &view)?,
        story,
        can => open_acts(&view, caller),
        ..more
    };
    visitor.page(app, "order.html", status, values)
}

/// What can be done now, and by whom. Whether it follows, the order itself decides again.
fn open_acts(view: &OrderView, caller: &Caller) -> Value {
    let (stage, regulates) = (view.order.stage, caller.may(Right::IssueOrders).is_ok());
    let waits = matches!(stage, OrderStage::Open | OrderStage::Escalated);
    context! {
        answer => waits && caller.may(Right::AnswerOrders).is_ok(),
        judge => regulates && stage == OrderStage::Answered,
        extend => regulates && stage == OrderStage::Open,
        escalate => regulates && stage == OrderStage::Open && view.is_late,
        withdraw => regulates && view.order.is_open(),
    }
}

async fn act(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let text = fields.text("text").replace("\r\n", "\n");
        let what = match fields.text("act").as_str() {
            "answer" => OrderWhat::Answered { text },
            "accept" => OrderWhat::Accepted { text },
            "send-back" => OrderWhat::SentBack { text, period: period(&fields) },
            "extend" => OrderWhat::Extended { text, period: period(&fields) },
            "escalate" => OrderWhat::Escalated { text },
            "withdraw" => OrderWhat::Withdrawn { text },
            _ => return Err(Problem::of(ProblemKind::NotFound)),
        };
        match app.service.act_on_order(&caller, &id, what).map_err(Problem::from) {
            Ok(_) => go(&format!("/orders/{}", crate::oidc::encoded(&id))),
            Err(problem) if problem.kind.is_said_beside_form() => {
                let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
                order_page(&app, &visitor, &id, status, context! { wrong, written => fields.text("text") })
            }
            Err(problem) => Err(problem),
        }
    })
    .await
}

//! How the gate is set and what it finds: for engineers and whoever is responsible. Settings are changed here; what protects
//! people less is asked for, and a second person decides.

use super::bars::bars;
use super::decision::fact_name;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Fields, Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use gongdao_gate::{ActionSettings, Alarm, GateSettings, Mode, OnUnknown, StopReason, Stopped};
use gongdao_i18n::Language;
use gongdao_service::{Act, Caller, GateFigures, Right, StoredSettings, Versioned};
use minijinja::value::merge_maps;
use minijinja::{Value, context};
use std::collections::BTreeMap;

/// What a form names where no action has settings of its own.
const DEFAULT: &str = "default";
/// Gaps on the page and bars in its chart; all of them are in `/v1/gate/figures`.
const GAPS: usize = 30;
const CHART: usize = 8;
/// Webhooks on the page: more there cannot be.
const WEBHOOKS: u32 = 100;
/// Alarms on the page, newest first.
const ALARMS: usize = 20;

pub(super) fn routes() -> Router<Shared> {
    Router::new()
        .route("/operate", get(operate))
        .route("/operate/actions/{action}", get(action).post(change))
        .route("/operate/rules/{act}", post(on_rule))
}

async fn operate(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || operate_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn operate_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    let (caller, language) = (visitor.caller()?, visitor.language);
    let settings = app.service.settings(caller)?;
    let figures = app.service.gate_figures(caller)?;
    let (alarms, stopped) = app.service.alarms(caller, 0)?;
    let open = super::approvals::open_count(app, caller)?;
    let oracle = app.service.gate().oracle_counts();
    let waits = app.service.store().last()?;
    let webhooks = if caller.may(Right::ManageWebhooks).is_ok() { Some(webhooks(app, caller, waits)?) } else { None };
    let values = context! {
        is_ready => app.service.is_ready(),
        packs => app.service.gate().packs_digest(),
        refused => app.service.refused_entries(),
        rows => app.metrics.row_counts(),
        open,
        actions => actions(app, language, &settings, &figures),
        others => others(app, language, &settings, &figures),
        standard => setting(app, language, DEFAULT, settings.value.gate.default),
        share => (settings.value.gate.oracle.share * 100.0).to_string(),
        waits_for_oracle => settings.value.gate.oracle.wait,
        compared => oracle.compared,
        left_out => oracle.left_out,
        alarms => alarms.iter().rev().take(ALARMS).map(alarm).collect::<Vec<_>>(),
        stopped => stopped.iter().map(|stop| stopped_row(stop, &settings.value)).collect::<Vec<_>>(),
        can_set => caller.may(Right::ChangeSettings).is_ok(),
        can_ask => caller.may(Right::AskApproval).is_ok(),
        counted_at => figures.at.to_string(),
        looked_at => figures.looked_at,
        since => figures.since.map(|since| since.to_string()),
        checked => figures.checked,
        not_checked => figures.not_checked,
        silent => figures.silent,
        gaps => gaps(app, language, &figures),
        chart => chart(app, language, &figures),
        webhooks,
        ..more
    };
    visitor.page(app, "operate.html", status, values)
}

/// What an action is called.
pub(super) fn action_name(app: &App, language: Language, action: &str) -> String {
    let declared = app.service.vocabulary().actions.get(action);
    declared.map_or_else(|| action.to_owned(), |labels| language.choose(&labels.zh, &labels.en).to_owned())
}

pub(super) fn mode_word(mode: Mode) -> &'static str {
    match mode {
        Mode::Off => "off",
        Mode::Shadow => "shadow",
        Mode::Enforce => "enforce",
    }
}

pub(super) fn unknown_word(on_unknown: OnUnknown) -> &'static str {
    match on_unknown {
        OnUnknown::ProceedAndFlag => "proceed-and-flag",
        OnUnknown::SafeDefault => "safe-default",
        OnUnknown::Hold => "hold",
    }
}

pub(super) fn setting(app: &App, language: Language, action: &str, of: ActionSettings) -> Value {
    context! {
        action,
        name => action_name(app, language, action),
        mode => mode_word(of.mode),
        on_unknown => unknown_word(of.on_unknown),
        provisional => of.enforce_provisional,
    }
}

/// Actions with settings of their own, or of which anything was checked.
fn actions(app: &App, language: Language, settings: &Versioned<StoredSettings>, figures: &GateFigures) -> Vec<Value> {
    let gate = &settings.value.gate;
    let shown = shown_actions(app, gate, figures);
    let row = |action: &String| {
        let of = figures.actions.get(action);
        let told = |counts: &BTreeMap<&'static str, u64>| {
            counts.iter().map(|(effect, count)| context! { effect, count }).collect::<Vec<_>>()
        };
        context! {
            is_own => gate.actions.contains_key(action),
            figures => of.map(|of| context! {
                checked => of.checked, shadow => of.shadow, differs => of.differs, flagged => of.flagged,
                told => told(&of.told), enforced => told(&of.enforced),
            }),
            ..setting(app, language, action, gate.of(action))
        }
    };
    shown.iter().map(row).collect()
}

fn shown_actions(app: &App, gate: &GateSettings, figures: &GateFigures) -> Vec<String> {
    let all = app.service.vocabulary().actions.keys();
    all.filter(|action| gate.actions.contains_key(*action) || figures.actions.contains_key(*action)).cloned().collect()
}

/// All other actions: the default holds for them.
fn others(app: &App, language: Language, settings: &Versioned<StoredSettings>, figures: &GateFigures) -> Vec<Value> {
    let shown = shown_actions(app, &settings.value.gate, figures);
    let rest = app.service.vocabulary().actions.keys().filter(|action| !shown.contains(*action));
    rest.map(|action| context! { action, name => action_name(app, language, action) }).collect()
}

fn alarm(alarm: &Alarm) -> Value {
    let said = |said: &Option<gongdao_gate::Said>| {
        said.as_ref().map(|said| said.outcome.map_or("not-in-force", gongdao_model::Outcome::as_str))
    };
    context! {
        number => alarm.number,
        at => alarm.at.to_string(),
        version => alarm.version.as_ref().map(ToString::to_string),
        gate => said(&alarm.gate),
        official => said(&alarm.official),
        error => alarm.error,
    }
}

fn stopped_row(stop: &Stopped, settings: &StoredSettings) -> Value {
    let order = settings.stopped.iter().find(|order| order.version == stop.version);
    context! {
        version => stop.version.to_string(),
        rule => stop.version.rule.to_string(),
        note => match &stop.reason {
            StopReason::Ordered { note } => Some(note.as_str()),
            StopReason::Divergence { .. } => None,
        },
        by_divergence => order.is_none_or(|order| order.by_divergence),
    }
}

fn gaps(app: &App, language: Language, figures: &GateFigures) -> Vec<Value> {
    let row = |gap: &gongdao_service::Gap| {
        context! {
            fact => gap.fact.to_string(),
            name => fact_name(app, language, &gap.fact),
            decisions => gap.decisions,
            provisions => gap.provisions.iter().map(ToString::to_string).collect::<Vec<_>>(),
        }
    };
    figures.gaps.iter().take(GAPS).map(row).collect()
}

fn chart(app: &App, language: Language, figures: &GateFigures) -> Vec<Value> {
    let row =
        |gap: &gongdao_service::Gap| (fact_name(app, language, &gap.fact), gap.decisions, gap.decisions.to_string());
    bars(&figures.gaps.iter().take(CHART).map(row).collect::<Vec<_>>())
}

/// Webhooks with how far each is behind the journal.
fn webhooks(app: &App, caller: &Caller, last: u64) -> Result<Vec<Value>, Problem> {
    let mut rows = Vec::new();
    for webhook in app.service.webhooks(caller, None, WEBHOOKS)? {
        let progress = app.service.webhook_progress(caller, &webhook.id)?;
        let dead = app.service.dead_letters(caller, &webhook.id, None, super::MOST)?.len();
        rows.push(context! {
            id => webhook.id,
            url => webhook.url,
            state => Value::from_serialize(webhook.state),
            behind => last.saturating_sub(progress.after),
            attempts => progress.attempts,
            retry_at => progress.retry_at.map(|at| at.to_string()),
            error => progress.last_error,
            dead,
        });
    }
    Ok(rows)
}

async fn action(State(app): State<Shared>, visitor: Visitor, Path(action): Path<String>) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || action_page(&app, &visitor, &action, StatusCode::OK, context! {})).await
}

fn action_page(
    app: &App,
    visitor: &Visitor,
    action: &str,
    status: StatusCode,
    more: Value,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?;
    let settings = app.service.settings(caller)?;
    let of = settings_of(app, &settings.value.gate, action)?;
    let values = context! {
        version => settings.version,
        is_default => action == DEFAULT,
        can_set => caller.may(Right::ChangeSettings).is_ok(),
        can_ask => caller.may(Right::AskApproval).is_ok(),
        ..merge_maps([more, setting(app, visitor.language, action, of)])
    };
    visitor.page(app, "operate_action.html", status, values)
}

/// Errors: the vocabulary has no such action.
fn settings_of(app: &App, gate: &GateSettings, action: &str) -> Result<ActionSettings, Problem> {
    if action == DEFAULT {
        return Ok(gate.default);
    }
    if app.service.vocabulary().actions.contains_key(action) {
        return Ok(gate.of(action));
    }
    Err(Problem::of(ProblemKind::NotFound))
}

/// What a form asks for.
fn wanted(fields: &Fields) -> Result<ActionSettings, Problem> {
    let unread = || Problem::new(ProblemKind::Input, "the form lacks a choice", "choose one of each");
    let mode = match fields.text("mode").as_str() {
        "off" => Mode::Off,
        "shadow" => Mode::Shadow,
        "enforce" => Mode::Enforce,
        _ => return Err(unread()),
    };
    let on_unknown = match fields.text("on_unknown").as_str() {
        "proceed-and-flag" => OnUnknown::ProceedAndFlag,
        "safe-default" => OnUnknown::SafeDefault,
        "hold" => OnUnknown::Hold,
        _ => return Err(unread()),
    };
    Ok(ActionSettings { mode, on_unknown, enforce_provisional: fields.one("provisional").is_some() })
}

async fn change(State(app): State<Shared>, Path(action): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || match changed(&app, &caller, &action, &fields) {
        Ok(to) => go(to),
        Err(problem) if problem.kind.is_said_beside_form() || problem.kind == ProblemKind::NeedsApproval => {
            let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
            let needs_why = problem.kind == ProblemKind::NeedsApproval;
            let more = context! { wrong, needs_why, written => fields.text("why") };
            action_page(&app, &visitor, &action, status, more)
        }
        Err(problem) => Err(problem),
    })
    .await
}

/// Makes the change, or asks for it where it takes two. Returns where to go on.
fn changed(app: &App, caller: &Caller, action: &str, fields: &Fields) -> Result<&'static str, Problem> {
    let current = app.service.settings(caller)?;
    settings_of(app, &current.value.gate, action)?;
    let version: u64 = fields.text("version").parse().map_err(|_| Problem::of(ProblemKind::Changed))?;
    if version != current.version {
        return Err(Problem::of(ProblemKind::Changed));
    }
    let mut gate = current.value.gate;
    if action == DEFAULT {
        gate.default = wanted(fields)?;
    } else if fields.one("as_default").is_some() {
        gate.actions.remove(action);
    } else {
        gate.actions.insert(action.to_owned(), wanted(fields)?);
    }
    let why = fields.text("why");
    let refused = match caller.may(Right::ChangeSettings) {
        Ok(()) => app.service.change_settings(caller, version, gate.clone()).map_err(Problem::from).err(),
        Err(_) => Some(Problem::of(ProblemKind::NeedsApproval)),
    };
    match refused {
        None => Ok("/operate"),
        Some(problem) if problem.kind == ProblemKind::NeedsApproval && !why.is_empty() => {
            app.service.ask_approval(caller, Act::Settings { base: version, settings: gate }, &why)?;
            Ok("/operate/approvals?done=asked")
        }
        Some(problem) => Err(problem),
    }
}

async fn on_rule(State(app): State<Shared>, Path(act): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    blocking(move || match rule_act(&app, &caller, &act, &fields) {
        Ok(to) => go(to),
        Err(problem) if matches!(problem.kind, ProblemKind::Input | ProblemKind::NeedsApproval) => {
            let (status, wrong) = (problem.kind.status(), visitor.wrong(&app, &problem));
            operate_page(
                &app,
                &visitor,
                status,
                context! { wrong, rule => fields.text("version"), why => fields.text("why") },
            )
        }
        Err(problem) => Err(problem),
    })
    .await
}

/// Stop a rule version, or let it judge again.
fn rule_act(app: &App, caller: &Caller, act: &str, fields: &Fields) -> Result<&'static str, Problem> {
    let (text, why) = (fields.text("version"), fields.text("why"));
    let mut versions = app.service.gate().rules().versions.iter();
    let known = versions.find(|version| version.key.to_string() == text).map(|version| version.key.clone());
    let unknown = || {
        let hint = "write it like `cn.iisarmp/17/1#stop-on-switch-off@2022-03-01`; the rules of a provision stand on its page under /law";
        Problem::new(ProblemKind::Input, format!("there is no rule version `{text}`"), hint)
    };
    let version = known.ok_or_else(unknown)?;
    let asked = match act {
        "stop" => Act::SuspendRule { version },
        "resume" => match app.service.resume_rule(caller, &version).map_err(Problem::from) {
            Ok(_) => return Ok("/operate"),
            Err(problem) if why.is_empty() => return Err(problem),
            Err(problem) if matches!(problem.kind, ProblemKind::NeedsApproval | ProblemKind::Forbidden) => {
                Act::ResumeRule { version }
            }
            Err(problem) => return Err(problem),
        },
        _ => return Err(Problem::of(ProblemKind::NotFound)),
    };
    app.service.ask_approval(caller, asked, &why)?;
    Ok("/operate/approvals?done=asked")
}

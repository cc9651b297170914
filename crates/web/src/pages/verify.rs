//! A receipt is checked here for whoever has one: without an account, without a script, and nothing of it is kept. What holds
//! is decided by `gongdao_ledger::check`, here and, without this server, in the module that the page's script loads (ADR 16).

use super::receipt_says::{answered, says};
use crate::frame::MODULE_POLICY;
use crate::problem::{Problem, ProblemKind};
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use axum::routing::get;
use gongdao_i18n::Language;
use gongdao_ledger::{Checked, Failed, Trust, check as check_receipt, pasted};
use gongdao_model::Instant;
use gongdao_rules::Labels;
use minijinja::{Value, context};

/// Bytes of a receipt at most: one decision has some thousand.
const MOST_BYTES: usize = 1 << 20;
/// What a phone can be shown of a receipt that is not a decision.
const MOST_SHOWN: usize = 20_000;

pub(super) fn routes() -> Router<Shared> {
    // Beside the receipt there is the policy, and what a form writes around both.
    let limit = DefaultBodyLimit::max(2 * MOST_BYTES);
    Router::new().route("/verify", get(form).post(check)).layer(limit)
}

/// What somebody sent.
#[derive(Debug, Default)]
struct Brought {
    file: Bytes,
    text: String,
    trust: String,
}

impl Brought {
    async fn read(mut form: Multipart) -> Result<Self, MultipartError> {
        let mut brought = Self::default();
        while let Some(field) = form.next_field().await? {
            match field.name().unwrap_or_default().to_owned().as_str() {
                "file" => brought.file = field.bytes().await?,
                // A form writes lines with another end than a receipt has.
                "text" => brought.text = field.text().await?.replace("\r\n", "\n"),
                "trust" => brought.trust = field.text().await?.replace("\r\n", "\n"),
                _ => {}
            }
        }
        Ok(brought)
    }

    /// The receipt: the file, else what was pasted.
    fn receipt(&self) -> Vec<u8> {
        if !self.file.is_empty() {
            return self.file.to_vec();
        }
        pasted(&self.text)
    }
}

async fn form(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    blocking(move || page(&app, &visitor, StatusCode::OK, &Brought::default(), context! {})).await
}

async fn check(
    State(app): State<Shared>,
    visitor: Visitor,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let unread = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of(ProblemKind::TooLarge),
        _ => Problem::new(ProblemKind::Malformed, "the form cannot be read", "send the form of the page"),
    };
    let brought = Brought::read(form.map_err(|error| unread(error.status()))?).await;
    let brought = brought.map_err(|error| unread(error.status()))?;
    blocking(move || {
        let bytes = brought.receipt();
        if bytes.is_empty() {
            return page(&app, &visitor, StatusCode::UNPROCESSABLE_ENTITY, &brought, context! { verdict => "nothing" });
        }
        if bytes.len() > MOST_BYTES {
            return Err(Problem::of(ProblemKind::TooLarge));
        }
        // Below `page.verify.verdict`: the names of the steps, and those that the script adds.
        let values = match check_receipt(&bytes, &trust(&app, &brought)?) {
            Err(Failed { step, error }) => {
                context! { verdict => step.as_str(), detail => format!("{}\n{}", error.message, error.hint) }
            }
            Ok(checked) => {
                context! { verdict => "holds", opened => shown(&app, visitor.language, &checked)? }
            }
        };
        page(&app, &visitor, StatusCode::OK, &brought, values)
    })
    .await
}

fn page(app: &App, visitor: &Visitor, status: StatusCode, brought: &Brought, more: Value) -> Result<Response, Problem> {
    let own_key = app.service.ledger_key()?;
    let trust = trust(app, brought)?;
    let is_own_key = trust.trim() == own_key;
    let is_policy = !Trust::is_key(&trust);
    let labels = labels(app, visitor.language)?;
    let values = context! { own_key, trust, is_own_key, is_policy, labels, text => brought.text, ..more };
    let mut response = visitor.page(app, "verify.html", status, values)?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(MODULE_POLICY));
    Ok(response)
}

/// Whom the reader trusts: this service's own ledger, unless something else was given.
fn trust(app: &App, brought: &Brought) -> Result<String, Problem> {
    if brought.trust.trim().is_empty() { Ok(app.service.ledger_key()?) } else { Ok(brought.trust.clone()) }
}

fn shown(app: &App, language: Language, Checked { receipt, opened }: &Checked) -> Result<Value, Problem> {
    let head = receipt.proof().checkpoint.unverified();
    let millis = i64::try_from(opened.logged_at.seconds()).ok().and_then(|seconds| seconds.checked_mul(1000));
    let at = millis.and_then(|millis| Instant::from_millis(millis).ok());
    let at = at.ok_or_else(|| Problem::of(ProblemKind::Input))?;
    let columns: String = format!("{:#?}", opened.columns).chars().take(MOST_SHOWN).collect();
    Ok(context! {
        leaf => opened.leaf,
        origin => head.origin.to_string(),
        size => head.size,
        logged_at => at.to_string(),
        schema => opened.schema,
        columns,
        hidden => receipt.opening().others.len().saturating_sub(1),
        says => says(app, language, opened),
        answered => answered(app, language, opened, receipt)?,
    })
}

/// The labels that the script shows beside values: those of the server's page.
fn labels(app: &App, language: Language) -> Result<Value, Problem> {
    let (vocabulary, words) = (app.service.vocabulary(), app.catalogue.words(language));
    // How an amount is written, with a sign where its number goes; cents are told by their name.
    let written = |unit: &String| match unit.as_str() {
        "fen" => Ok("fen".to_owned()),
        unit => {
            let name = words.say(&format!("unit.{unit}"), &[]).unwrap_or_else(|_| unit.to_owned());
            words.say("page.value.amount", &[("number", "#"), ("unit", &name)])
        }
    };
    let mut facts = Vec::with_capacity(vocabulary.facts.len());
    for (fact, declared) in &vocabulary.facts {
        let unit = declared.unit.as_ref().map(written).transpose();
        let unit = unit.map_err(|error| Problem::internal(error.message))?;
        facts.push(context! { fact => fact.to_string(), name => language.choose(&declared.zh, &declared.en), unit });
    }
    let action = |(action, named): (&String, &Labels)| {
        context! { action, name => language.choose(&named.zh, &named.en) }
    };
    Ok(context! { facts, actions => vocabulary.actions.iter().map(action).collect::<Vec<_>>() })
}

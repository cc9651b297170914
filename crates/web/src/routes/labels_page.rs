//! A page that says what a file says about itself, in plain words. It needs no account and no script, and keeps nothing.

use crate::extract::Params;
use crate::language::of_tag;
use crate::problem::Problem;
use crate::visitor::Visitor;
use crate::work::blocking;
use crate::{App, Shared};
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use gongdao_i18n::Words;
use gongdao_label::report::reading_text;
use gongdao_label::{Conformity, ErrorKind, FoundLabel, Key, LabelCode, LabelError, Reading, read};
use minijinja::{Value, context};
use serde::Deserialize;
use std::io::Cursor;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Who sends a file here is unknown, so it is less than what accounts may send.
const MOST_MEBIBYTES: usize = 32;
/// Fields of a form beside the file are of nobody's making here.
const NAME_CHARACTERS: usize = 120;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    let limit = DefaultBodyLimit::max((MOST_MEBIBYTES + 1) << 20);
    OpenApiRouter::new().routes(routes!(label_page, label_answer)).layer(limit)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PageParams {
    /// The page's language, `zh` or `en`; without it what the request accepts
    lang: Option<String>,
}

impl PageParams {
    /// Whoever looks, in the language that the address names. The page can be opened again without what was sent.
    fn visitor(&self, visitor: Visitor) -> Visitor {
        let visitor = visitor.at("/labels");
        match self.lang.as_deref().and_then(of_tag) {
            Some(language) => visitor.speaking(language),
            None => visitor,
        }
    }
}

/// A form for one file
#[utoipa::path(get, path = "/labels", operation_id = "label_page", tag = "labels", params(PageParams),
    responses((status = 200, description = "HTML", content_type = "text/html", body = String)))]
async fn label_page(
    State(app): State<Shared>,
    visitor: Visitor,
    Params(params): Params<PageParams>,
) -> Result<Response, Problem> {
    page(&app, &params.visitor(visitor), StatusCode::OK, None)
}

/// The form as it is sent.
#[derive(utoipa::ToSchema)]
#[allow(dead_code, reason = "the document's shape; the body is read piece by piece")]
pub(crate) struct LabelForm {
    /// The file
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// What a file says about itself as generated content, as a page
#[utoipa::path(post, path = "/labels", operation_id = "label_answer", tag = "labels", params(PageParams),
    request_body(content = LabelForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "HTML, also for a file that cannot be read",
        content_type = "text/html", body = String),
        (status = 400, description = "The form with what is wrong: no file, too large, not whole",
        content_type = "text/html", body = String)))]
async fn label_answer(
    State(app): State<Shared>,
    visitor: Visitor,
    Params(params): Params<PageParams>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let visitor = params.visitor(visitor);
    let sent = match form {
        Ok(form) => sent(form).await.map_err(|error| error.status()),
        Err(no_form) => Err(no_form.status()),
    };
    blocking(move || {
        let words = app.catalogue.words(visitor.language);
        let key = match sent {
            Ok(Some(file)) => {
                let answer = answer(&file, words)?;
                return page(&app, &visitor, StatusCode::OK, Some(&answer));
            }
            Ok(None) => "nothing",
            Err(StatusCode::PAYLOAD_TOO_LARGE) => "too-large",
            Err(_) => "broken-off",
        };
        let answer = told(words, key, "", "")?;
        page(&app, &visitor, StatusCode::BAD_REQUEST, Some(&answer))
    })
    .await
}

/// A file as the form brought it.
struct Sent {
    name: String,
    bytes: axum::body::Bytes,
}

/// The first file of the form; none where no file was chosen.
async fn sent(mut form: Multipart) -> Result<Option<Sent>, MultipartError> {
    while let Some(field) = form.next_field().await? {
        let name: String = field.file_name().unwrap_or_default().chars().take(NAME_CHARACTERS).collect();
        if field.name() == Some("file") {
            let bytes = field.bytes().await?;
            // A browser sends an empty field without a name where nothing was chosen.
            return Ok((!name.is_empty() || !bytes.is_empty()).then_some(Sent { name, bytes }));
        }
    }
    Ok(None)
}

fn answer(file: &Sent, words: Words<'_>) -> Result<Value, Problem> {
    match read(&mut Cursor::new(file.bytes.as_ref()), &file.name) {
        Ok(reading) => found(&reading, &file.name, words),
        Err(error) => unread(&error, &file.name, words),
    }
}

/// What is said, as a word of the catalogue.
fn saying(reading: &Reading) -> &'static str {
    match (reading.code(), reading.conformity()) {
        (Some(LabelCode::Is), _) => "confirmed",
        (Some(LabelCode::MayBe), _) => "possible",
        (Some(LabelCode::Suspected), _) => "suspected",
        (None, Conformity::Absent) => "absent",
        (None, Conformity::CannotTell) => "cannot-tell",
        (None, Conformity::Conforms | Conformity::Fails) => "unclear",
    }
}

fn found(reading: &Reading, name: &str, words: Words<'_>) -> Result<Value, Problem> {
    let rows = match reading.label() {
        Some(label) => rows(label, words)?,
        None => Vec::new(),
    };
    Ok(context! {
        name,
        headline => say(words, "headline", saying(reading))?,
        meaning => say(words, "meaning", saying(reading))?,
        rows,
        detail => reading_text(reading, words)?,
    })
}

fn rows(label: &FoundLabel, words: Words<'_>) -> Result<Vec<Value>, Problem> {
    let keys = [
        (Key::ContentProducer, "producer"),
        (Key::ProduceId, "produce-id"),
        (Key::ContentPropagator, "propagator"),
        (Key::PropagateId, "propagate-id"),
    ];
    let stated = keys.into_iter().filter_map(|(key, name)| Some((name, label.stated(key)?)));
    stated.map(|(name, value)| Ok(context! { name => say(words, "row", name)?, value })).collect()
}

fn unread(error: &LabelError, name: &str, words: Words<'_>) -> Result<Value, Problem> {
    let key = match error.kind {
        ErrorKind::Unsupported => "unsupported",
        ErrorKind::Malformed => "malformed",
        ErrorKind::Refused | ErrorKind::Label | ErrorKind::Io | ErrorKind::Program => "unread",
    };
    told(words, key, name, &format!("{error}\n{}", error.hint))
}

/// An answer that is no reading; its detail is the program's own English.
fn told(words: Words<'_>, key: &str, name: &str, detail: &str) -> Result<Value, Problem> {
    let (headline, meaning) = (say(words, "headline", key)?, say(words, "meaning", key)?);
    Ok(context! { name, headline, meaning, detail, detail_tag => "en" })
}

fn say(words: Words<'_>, part: &str, key: &str) -> Result<String, Problem> {
    let most = MOST_MEBIBYTES.to_string();
    let values: &[(&str, &str)] = match (part, key) {
        ("text", "limit") | ("meaning", "too-large") => &[("most", &most)],
        _ => &[],
    };
    words.say(&format!("label.page.{part}.{key}"), values).map_err(|error| Problem::internal(error.message))
}

fn page(app: &App, visitor: &Visitor, status: StatusCode, answer: Option<&Value>) -> Result<Response, Problem> {
    let words = app.catalogue.words(visitor.language);
    let text = |key: &str| say(words, "text", key);
    let values = context! {
        words => context! {
            title => text("title")?, about => text("about")?, choose => text("choose")?, limit => text("limit")?,
            look => text("look")?, detail => text("detail")?, basis => text("basis")?,
        },
        answer,
    };
    visitor.page(app, "labels.html", status, values)
}

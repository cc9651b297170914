//! Photos that belong to a request: added by the person or who acts for them, seen by them and by whoever works on it.

use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::body::Bytes;
use axum::extract::multipart::{Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gongdao_service::{Caller, MOST_PHOTO_BYTES, PhotoLine};
use minijinja::{Value, context};
use std::io::Cursor;

/// What a form writes around a file.
const AROUND: usize = 64 << 10;

pub(super) fn routes() -> Router<Shared> {
    let limit = DefaultBodyLimit::max(MOST_PHOTO_BYTES + AROUND);
    Router::new()
        .route("/me/requests/{case}/photos", post(add))
        .layer(limit)
        .route("/cases/{case}/photos/{number}", get(photo))
}

/// What a template shows of a case's photos. Whoever may not see them sees none.
pub(super) fn photos_of(app: &App, caller: &Caller, case: &str) -> Result<Vec<Value>, Problem> {
    let shown = |line: &PhotoLine| {
        context! {
            number => line.number,
            path => format!("/cases/{}/photos/{}", crate::oidc::encoded(&line.case), line.number),
            at => line.at.to_string(),
            kibibytes => line.size_bytes.div_ceil(1024),
            says_generated => line.says_generated,
        }
    };
    Ok(app.service.photos(caller, case)?.iter().map(shown).collect())
}

async fn read(mut form: Multipart) -> Result<(String, Bytes), MultipartError> {
    let (mut token, mut file) = (String::new(), Bytes::new());
    while let Some(field) = form.next_field().await? {
        match field.name().unwrap_or_default().to_owned().as_str() {
            "form" => token = field.text().await?,
            "photo" => file = field.bytes().await?,
            _ => {}
        }
    }
    Ok((token, file))
}

async fn add(
    State(app): State<Shared>,
    visitor: Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let unread = |status: StatusCode| match status {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::of(ProblemKind::TooLarge),
        _ => Problem::new(ProblemKind::Malformed, "the form cannot be read", "send the form of the page"),
    };
    let form = form.map_err(|error| unread(error.status()))?;
    let (token, file) = read(form).await.map_err(|error| unread(error.status()))?;
    if !visitor.sent_form(&token, &headers) {
        let hint = "open the page again and send the form from there";
        return Err(Problem::new(ProblemKind::Forbidden, "the form is not of this session", hint));
    }
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let says_generated = says_generated(&file);
        app.service.add_photo(&caller, &id, &file, says_generated)?;
        go(&format!("/me/requests/{}?done=acted", crate::oidc::encoded(&id)))
    })
    .await
}

/// Whether the file says of itself that a machine made it. What cannot be read says nothing.
fn says_generated(file: &[u8]) -> bool {
    gongdao_label::read(&mut Cursor::new(file), "photo").is_ok_and(|reading| reading.code().is_some())
}

async fn photo(
    State(app): State<Shared>,
    visitor: Visitor,
    Path((id, number)): Path<(String, u32)>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    blocking(move || {
        let photo = app.service.photo(&caller, &id, number)?;
        let kind = if photo.line.media_type == "image/png" { "image/png" } else { "image/jpeg" };
        let headers = [
            (CONTENT_TYPE, kind),
            (CONTENT_DISPOSITION, "inline"),
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'; sandbox"),
        ];
        Ok((headers.map(|(name, value)| (name, HeaderValue::from_static(value))), photo.bytes).into_response())
    })
    .await
}

//! Audits from the browser: uploaded or named, run, watched, read. Results hold what decisions say: who opens them stands in the
//! ledger.

use crate::audits::{FILES, Run, Source, Stand};
use crate::problem::{Problem, ProblemKind};
use crate::visitor::{Sent, Visitor, go};
use crate::work::blocking;
use crate::{App, Shared};
use axum::Router;
use axum::extract::multipart::{Field, Multipart, MultipartError, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use gongdao_service::Right;
use minijinja::{Value, context};
use std::io::Write;
use std::path::PathBuf;

/// Bytes that are written at once.
const AT_ONCE: usize = 1 << 20;
/// Files of one upload.
const MOST_FILES: usize = 50;

pub(super) fn routes(most_bytes: u64) -> Router<Shared> {
    // The form's other fields take little.
    let most = usize::try_from(most_bytes).unwrap_or(usize::MAX).saturating_add(1 << 20);
    Router::new()
        .route("/audit", get(audits))
        .route("/audit/runs", post(start).layer(DefaultBodyLimit::max(most)))
        .route("/audit/runs/{run}", get(run).post(act))
        .route("/audit/runs/{run}/report", get(report))
        .route("/audit/runs/{run}/files/{file}", get(file))
}

async fn audits(State(app): State<Shared>, visitor: Visitor) -> Result<Response, Problem> {
    visitor.caller()?;
    blocking(move || audits_page(&app, &visitor, StatusCode::OK, context! {})).await
}

fn audits_page(app: &App, visitor: &Visitor, status: StatusCode, more: Value) -> Result<Response, Problem> {
    visitor.caller()?.may(Right::RunAudits)?;
    let rows = app.audits.all()?.iter().map(|(run, stand)| row(run, *stand)).collect::<Vec<_>>();
    let values = context! {
        rows,
        can_run => app.audits.can_run(),
        sources => app.audits.sources(),
        most => app.audits.most_bytes() >> 20,
        ..more
    };
    visitor.page(app, "audits.html", status, values)
}

fn row(run: &Run, stand: Stand) -> Value {
    let (source, name) = match &run.source {
        Source::Ledger => ("ledger", None),
        Source::Folder(name) => ("folder", Some(name.as_str())),
        Source::Upload => ("upload", None),
    };
    context! { id => run.id, source, name, by => run.by, at => run.at.to_string(), stand => stand.as_str() }
}

async fn start(
    State(app): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    caller.may(Right::RunAudits)?;
    let form =
        form.map_err(|error| Problem::new(ProblemKind::Malformed, error.body_text(), "send the form of the page"))?;
    let id = app.service.new_name("audit")?;
    match taken(&app, &visitor, &headers, &id, form).await {
        Ok(source) => {
            blocking(move || {
                let language = visitor.language.tag().get(..2).unwrap_or("zh").to_owned();
                let run = Run {
                    id: id.clone(),
                    source,
                    by: caller.actor.clone(),
                    at: app.service.now(),
                    language,
                    exit: None,
                    is_cancelled: false,
                };
                app.service.note_audit(&caller, &id, "started")?;
                if run.source == Source::Ledger {
                    // An audit reads up to the last signature: nothing that was answered before it began stays outside.
                    app.service.sign_ledger(&caller)?;
                }
                app.audits.start(&run)?;
                go(&format!("/audit/runs/{id}"))
            })
            .await
        }
        Err(problem) => {
            blocking(move || {
                app.audits.drop_upload(&id);
                let shown = [ProblemKind::Input, ProblemKind::Malformed, ProblemKind::TooLarge, ProblemKind::Busy];
                if !shown.contains(&problem.kind) {
                    return Err(problem);
                }
                let wrong = visitor.wrong(&app, &problem);
                audits_page(&app, &visitor.at("/audit"), problem.kind.status(), context! { wrong })
            })
            .await
        }
    }
}

/// What the form names, with its files put in their place. Its token comes first: nothing is taken of a form that is not ours.
async fn taken(
    app: &Shared,
    visitor: &Visitor,
    headers: &HeaderMap,
    id: &str,
    mut form: Multipart,
) -> Result<Source, Problem> {
    let (mut is_ours, mut chosen, mut files, mut has_adapter) = (false, None, 0, false);
    let mut left = app.audits.most_bytes();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        if !is_ours {
            is_ours = name == "form" && visitor.sent_form(&field.text().await.map_err(broken)?, headers);
            if !is_ours {
                let hint = "open the page again and send the form from there";
                return Err(Problem::new(ProblemKind::Forbidden, "the form is not of this session", hint));
            }
            let room = std::sync::Arc::clone(app);
            blocking(move || room.audits.has_room()).await?;
            continue;
        }
        match name.as_str() {
            "source" => chosen = Some(field.text().await.map_err(broken)?),
            "adapter" | "data" => {
                let Some(file) = file_name(&field, name == "adapter")? else { continue };
                files += 1;
                if files > MOST_FILES {
                    let hint = format!("send up to {MOST_FILES} files");
                    return Err(Problem::new(ProblemKind::Input, "too many files", hint));
                }
                has_adapter |= name == "adapter";
                left = kept(app, id, &file, field, left).await?;
            }
            _ => {}
        }
    }
    source(app, chosen.as_deref(), has_adapter)
}

fn source(app: &App, chosen: Option<&str>, has_adapter: bool) -> Result<Source, Problem> {
    match chosen {
        Some("ledger") => Ok(Source::Ledger),
        Some("upload") if has_adapter => Ok(Source::Upload),
        Some("upload") => Err(Problem::new(
            ProblemKind::Input,
            "the adapter is missing",
            "choose its file too: docs/formats/adapter.md",
        )),
        Some(name) => {
            let known = name.strip_prefix("folder:").filter(|name| app.audits.sources().iter().any(|one| one == name));
            let unknown = || Problem::new(ProblemKind::Input, "there is no such folder", "choose one of the list");
            known.map(|name| Source::Folder(name.to_owned())).ok_or_else(unknown)
        }
        None => Err(Problem::new(ProblemKind::Input, "nothing was chosen", "choose what is to be audited")),
    }
}

/// Under which name a file is put; nothing where none was chosen.
///
/// Errors: a name that could lead elsewhere, or is of another kind.
fn file_name(field: &Field<'_>, is_adapter: bool) -> Result<Option<String>, Problem> {
    let name = field.file_name().unwrap_or_default();
    if name.is_empty() {
        return Ok(None);
    }
    if is_adapter {
        return Ok(Some("adapter.toml".to_owned()));
    }
    let shown: String = name.chars().take(80).collect();
    if is_plain(name) && name != "adapter.toml" {
        return Ok(Some(name.to_owned()));
    }
    let hint = "name data files `something.csv`, `.parquet`, `.sql` or `.toml`, without folders";
    Err(Problem::new(ProblemKind::Input, format!("`{shown}` cannot be the name of a data file"), hint))
}

/// A name without a folder, which begins with no full stop, of a kind that adapters read.
fn is_plain(name: &str) -> bool {
    let is_kind = [".csv", ".parquet", ".sql", ".toml"].iter().any(|end| name.to_lowercase().ends_with(end));
    let is_word = |next: char| next.is_alphanumeric() || matches!(next, '-' | '_' | '.' | '@' | ' ');
    is_kind && name.len() <= 200 && !name.starts_with(['.', ' ']) && name.chars().all(is_word)
}

/// Puts a file in its place piece by piece. Returns how many bytes may still come.
async fn kept(app: &Shared, id: &str, name: &str, mut field: Field<'_>, mut left: u64) -> Result<u64, Problem> {
    let (shared, id, name) = (std::sync::Arc::clone(app), id.to_owned(), name.to_owned());
    let path: PathBuf = blocking(move || Ok(shared.audits.open_upload(&id)?.join(name))).await?;
    let failed = |error: std::io::Error| Problem {
        internal: Some(format!("upload: {error}")),
        ..Problem::of(ProblemKind::Storage)
    };
    let mut file = blocking(move || {
        std::fs::File::create_new(path).map_err(|error| {
            if error.kind() == std::io::ErrorKind::AlreadyExists {
                return Problem::new(ProblemKind::Input, "two files have one name", "give each a name of its own");
            }
            failed(error)
        })
    })
    .await?;
    let mut waiting = Vec::with_capacity(AT_ONCE);
    loop {
        let chunk = field.chunk().await.map_err(broken)?;
        let is_last = chunk.is_none();
        if let Some(chunk) = chunk {
            left = left.checked_sub(chunk.len() as u64).ok_or_else(too_large)?;
            waiting.extend_from_slice(&chunk);
        }
        if waiting.len() >= AT_ONCE || (is_last && !waiting.is_empty()) {
            let bytes = std::mem::take(&mut waiting);
            file = blocking(move || file.write_all(&bytes).map(|()| file).map_err(failed)).await?;
        }
        if is_last {
            return Ok(left);
        }
    }
}

fn too_large() -> Problem {
    Problem::new(
        ProblemKind::TooLarge,
        "the files are larger than this service takes",
        "the setting is `audits.upload_mebibytes`",
    )
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn broken(error: MultipartError) -> Problem {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        return too_large();
    }
    Problem::new(ProblemKind::Malformed, "the form broke off", "send it again, whole")
}

async fn run(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    visitor.caller()?.may(Right::RunAudits)?;
    blocking(move || {
        let (run, stand) = app.audits.run(&id)?;
        let values = context! {
            run => row(&run, stand),
            said => app.audits.said(&id)?,
            is_running => stand == Stand::Running,
            is_done => stand == Stand::Done,
            can_go_on => stand.can_go_on(),
            exit => run.exit,
            files => FILES,
        };
        visitor.page(&app, "audit_run.html", StatusCode::OK, values)
    })
    .await
}

async fn act(State(app): State<Shared>, Path(id): Path<String>, sent: Sent) -> Result<Response, Problem> {
    let Sent { visitor, fields } = sent;
    let caller = visitor.caller()?.clone();
    caller.may(Right::RunAudits)?;
    blocking(move || {
        let act = fields.text("act");
        // What there is none of is not noted.
        app.audits.run(&id)?;
        match act.as_str() {
            "cancel" => app.audits.cancel(&id)?,
            "go-on" => app.audits.go_on(&id)?,
            "remove" => app.audits.remove(&id)?,
            _ => return Err(Problem::of(ProblemKind::NotFound)),
        }
        app.service.note_audit(&caller, &id, &act)?;
        go(&if act == "remove" { "/audit".to_owned() } else { format!("/audit/runs/{id}") })
    })
    .await
}

/// The report as a page of its own: it has its style in it, and no script runs in it.
async fn report(State(app): State<Shared>, visitor: Visitor, Path(id): Path<String>) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    caller.may(Right::RunAudits)?;
    blocking(move || {
        let page = app.audits.file(&id, "report.html")?;
        app.service.note_audit(&caller, &id, "report-opened")?;
        let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (CONTENT_SECURITY_POLICY, policy),
        ];
        Ok((headers.map(|(name, value)| (name, HeaderValue::from_static(value))), page).into_response())
    })
    .await
}

async fn file(
    State(app): State<Shared>,
    visitor: Visitor,
    Path((id, name)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let caller = visitor.caller()?.clone();
    caller.may(Right::RunAudits)?;
    blocking(move || {
        let bytes = app.audits.file(&id, &name)?;
        app.service.note_audit(&caller, &id, &format!("fetched {name}"))?;
        let disposition = HeaderValue::from_str(&format!("attachment; filename=\"{id}-{name}\""))
            .map_err(|error| Problem::internal(error.to_string()))?;
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static("application/octet-stream")),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (CONTENT_DISPOSITION, disposition),
        ];
        Ok((headers, bytes).into_response())
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::is_plain;

    #[test]
    fn a_data_file_is_named_without_folders_and_is_of_a_kind_that_is_read() {
        for good in ["orders.csv", "订单-1.parquet", "fee@2024-01-01.toml", "a b.CSV"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in ["../a.csv", "a/b.csv", "a\\b.csv", ".csv", " a.csv", "a.exe", "a.csv\0", "/etc/passwd", ""] {
            assert!(!is_plain(bad), "{bad:?}");
        }
    }
}

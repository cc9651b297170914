//! Where the register is read: a service, or its data folder.

use crate::command::clock;
use crate::command::output::{BAD_DATA, Fault, INTERNAL, NO_INPUT};
use clap::Args;
use gongdao_clock::Calendar;
use gongdao_model::{Instant, LegalDate};
use gongdao_register::export::Record;
use gongdao_register::{Algorithm, Duties, RegisterError, Trial, Version, difference, filing_clocks};
use gongdao_service::{ErrorKind, ExportFormat, RegisterReader, ServiceError, TrialView};
use gongdao_store::SqlStore;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// Longest wait for an answer: an import of a large file takes its time.
const PATIENCE: Duration = Duration::from_mins(5);
/// Bytes of an answer at most.
const ANSWER_BYTES: u64 = 64 << 20;

/// Which of the two.
#[derive(Debug, Clone, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Where {
    /// A service that runs
    #[arg(long, value_name = "URL")]
    url: Option<String>,
    /// The data folder of a service with SQLite
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

impl Where {
    pub(crate) fn open(&self) -> Result<Source, Vec<Fault>> {
        match (&self.url, &self.data) {
            (Some(url), _) => Ok(Source::Service(Remote::new(url, None))),
            (None, Some(folder)) => {
                let file = folder.join("state.sqlite");
                if !file.is_file() {
                    let hint = "name the data folder of a service, or its address with --url".to_owned();
                    let fault = Fault::new(NO_INPUT, "no service keeps its data there", Some(hint));
                    return Err(vec![Fault { file: Some(folder.display().to_string()), ..fault }]);
                }
                Ok(Source::Folder(Box::new(SqlStore::sqlite(&file).map_err(of_service)?)))
            }
            (None, None) => Err(vec![Fault::new(INTERNAL, "no place to read", None)]),
        }
    }
}

/// A service that is asked, and as whom.
#[derive(Debug, Clone, Args)]
pub(crate) struct Asked {
    /// The service
    #[arg(long, value_name = "URL")]
    url: String,
    /// The file that holds your key or session [default: `$GONGDAO_TOKEN`]
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
}

impl Asked {
    /// Errors: the file of the key cannot be read.
    pub(crate) fn open(&self) -> Result<Remote, Vec<Fault>> {
        Ok(Remote::new(&self.url, token(self.token_file.as_deref())?))
    }
}

/// A register that can be asked. Both kinds answer in the shapes of the API.
pub(crate) enum Source {
    Service(Remote),
    Folder(Box<SqlStore>),
}

impl Source {
    /// Algorithms, a line each.
    pub(crate) fn algorithms(&self) -> Result<Vec<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.all("/v1/algorithms"),
            Self::Folder(store) => {
                let algorithms = RegisterReader::new(&**store).algorithms().map_err(of_service)?;
                Ok(algorithms.iter().map(line).collect())
            }
        }
    }

    /// An algorithm with its versions and clocks; nothing where there is none of the name.
    pub(crate) fn algorithm(&self, id: &str) -> Result<Option<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.found(&format!("/v1/algorithms/{}", encoded(id))),
            Self::Folder(store) => {
                let reader = RegisterReader::new(&**store);
                let Some(algorithm) = found(reader.algorithm(id))? else { return Ok(None) };
                let (versions, now) = (reader.versions_of(id).map_err(of_service)?, now()?);
                let calendar = calendar()?;
                let clocks = filing_clocks(&algorithm, &calendar, now).map_err(|error| of_register(&error))?;
                let mut value = written(&algorithm)?;
                let lines: Vec<Value> = versions.iter().map(|version| version_line(version, now)).collect();
                let decisions = reader.decisions_of(&versions).map_err(of_service)?;
                put(&mut value, "versions", lines.into());
                put(&mut value, "clocks", written(&clocks)?);
                put(&mut value, "figures", json!({ "decisions": decisions }));
                Ok(Some(value))
            }
        }
    }

    /// A version, how it stands and what it lacks; nothing where there is none of the name.
    pub(crate) fn version(&self, id: &str) -> Result<Option<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.found(&format!("/v1/versions/{}", encoded(id))),
            Self::Folder(store) => {
                let reader = RegisterReader::new(&**store);
                let Some(version) = found(reader.version(id))? else { return Ok(None) };
                let over = version.consultation.as_deref().map(|id| reader.consultation(id)).transpose();
                let duties = Duties::shipped().map_err(|error| of_register(&error))?;
                let missing = version.missing(over.map_err(of_service)?.as_ref(), &duties);
                let mut value = written(&version)?;
                put(&mut value, "standing", written(&version.hold().standing(now()?))?);
                put(&mut value, "missing", written(&missing)?);
                Ok(Some(value))
            }
        }
    }

    /// What is different between two versions; nothing where one is not there.
    pub(crate) fn difference(&self, old: &str, new: &str) -> Result<Option<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.found(&format!("/v1/versions/{}/diff/{}", encoded(old), encoded(new))),
            Self::Folder(store) => {
                let reader = RegisterReader::new(&**store);
                let (old, new) = (found(reader.version(old))?, found(reader.version(new))?);
                let Some((old, new)) = old.zip(new) else { return Ok(None) };
                written(&difference(&old, &new)).map(Some)
            }
        }
    }

    /// A consultation as everyone may see it; nothing where there is none of the name.
    pub(crate) fn consultation(&self, id: &str) -> Result<Option<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.found(&format!("/v1/consultations/{}", encoded(id))),
            Self::Folder(store) => {
                let Some(consultation) = found(RegisterReader::new(&**store).consultation(id))? else {
                    return Ok(None);
                };
                let mut value = written(&consultation)?;
                put(&mut value, "stage", written(&consultation.stage())?);
                put(&mut value, "open_comments", consultation.open_comments().count().into());
                Ok(Some(value))
            }
        }
    }

    /// Trials in sandboxes, in the order of their names.
    pub(crate) fn trials(&self) -> Result<Vec<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.all("/v1/sandboxes"),
            Self::Folder(store) => {
                let all = RegisterReader::new(&**store).trials().map_err(of_service)?;
                all.into_iter().map(trial).collect()
            }
        }
    }

    /// A trial; nothing where there is none of the name. Of a folder it lacks what came of it so far: the service counts that.
    pub(crate) fn trial(&self, id: &str) -> Result<Option<Value>, Vec<Fault>> {
        match self {
            Self::Service(remote) => remote.found(&format!("/v1/sandboxes/{}", encoded(id))),
            Self::Folder(store) => found(RegisterReader::new(&**store).trial(id))?.map(trial).transpose(),
        }
    }

    /// An algorithm in the shape of another register; nothing where there is none of the name.
    pub(crate) fn export(&self, id: &str, format: ExportFormat) -> Result<Option<String>, Vec<Fault>> {
        match self {
            Self::Service(remote) => {
                remote.text(&format!("/v1/algorithms/{}/export?format={}", encoded(id), format.as_str()))
            }
            Self::Folder(store) => {
                let reader = RegisterReader::new(&**store);
                let Some(algorithm) = found(reader.algorithm(id))? else { return Ok(None) };
                let versions = reader.versions_of(id).map_err(of_service)?;
                let decisions = Some(reader.decisions_of(&versions).map_err(of_service)?);
                let record = Record { algorithm: &algorithm, versions: &versions, now: now()?, url: None, decisions };
                format.of(&record).map(|exported| Some(exported.text)).map_err(of_service)
            }
        }
    }
}

/// A service over HTTP, with TLS or without.
pub(crate) struct Remote {
    base: String,
    token: Option<String>,
    agent: ureq::Agent,
}

impl Remote {
    pub(crate) fn new(url: &str, token: Option<String>) -> Self {
        let tls = ureq::tls::TlsConfig::builder()
            .provider(ureq::tls::TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let config =
            ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).tls_config(tls);
        Self { base: url.trim_end_matches('/').to_owned(), token, agent: config.build().into() }
    }

    fn all(&self, path: &str) -> Result<Vec<Value>, Vec<Fault>> {
        let (mut all, mut cursor) = (Vec::new(), String::new());
        loop {
            let after = if cursor.is_empty() { String::new() } else { format!("&cursor={}", encoded(&cursor)) };
            let page = self.found(&format!("{path}?limit=1000{after}"))?.unwrap_or_default();
            all.extend(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default());
            match page.get("next").and_then(Value::as_str) {
                Some(next) => next.clone_into(&mut cursor),
                None => return Ok(all),
            }
        }
    }

    /// Read as whoever has the token; nothing where there is none, or it may not be known.
    pub(crate) fn found(&self, path: &str) -> Result<Option<Value>, Vec<Fault>> {
        let Some(text) = self.text(path)? else { return Ok(None) };
        let unreadable = |error: serde_json::Error| {
            fault(&format!("the answer of `{}` cannot be read: {error}", self.base), Some(ADDRESS))
        };
        serde_json::from_str(&text).map(Some).map_err(unreadable)
    }

    fn text(&self, path: &str) -> Result<Option<String>, Vec<Fault>> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (status, text) = self.read(request.call())?;
        match status {
            200 => Ok(Some(text)),
            404 => Ok(None),
            _ => Err(refused(status, &text)),
        }
    }

    /// Past decisions under the draft of a consultation; nothing where there is none of the name.
    pub(crate) fn replay(&self, id: &str, from: LegalDate, until: LegalDate) -> Result<Option<Value>, Vec<Fault>> {
        self.found(&format!("/v1/consultations/{}/replay?from={from}&until={until}", encoded(id)))
    }

    /// Send a table.
    pub(crate) fn send(&self, path: &str, table: &[u8]) -> Result<Value, Vec<Fault>> {
        self.post(path, "text/csv", table)
    }

    /// Tell it something as whoever has the token.
    pub(crate) fn tell(&self, path: &str, body: &Value) -> Result<Value, Vec<Fault>> {
        self.post(path, "application/json", body.to_string().as_bytes())
    }

    fn post(&self, path: &str, media: &str, body: &[u8]) -> Result<Value, Vec<Fault>> {
        let mut request = self.agent.post(format!("{}{path}", self.base)).header("content-type", media);
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (status, text) = self.read(request.send(body))?;
        if !matches!(status, 200 | 201) {
            return Err(refused(status, &text));
        }
        serde_json::from_str(&text)
            .map_err(|error| fault(&format!("the answer cannot be read: {error}"), Some(ADDRESS)))
    }

    fn read(&self, answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<(u16, String), Vec<Fault>> {
        let failed = |error: ureq::Error| {
            vec![Fault::new(NO_INPUT, format!("`{}` cannot be asked: {error}", self.base), Some(ADDRESS.to_owned()))]
        };
        let mut answer = answer.map_err(failed)?;
        let text = answer.body_mut().with_config().limit(ANSWER_BYTES).read_to_string().map_err(failed)?;
        Ok((answer.status().as_u16(), text))
    }
}

/// The key or session in a file, or in the environment; nothing where there is none.
fn token(file: Option<&Path>) -> Result<Option<String>, Vec<Fault>> {
    let token = match file {
        Some(file) => Some(std::fs::read_to_string(file).map_err(|error| unread(file, &error))?),
        None => std::env::var("GONGDAO_TOKEN").ok(),
    };
    Ok(token.map(|token| token.trim().to_owned()).filter(|token| !token.is_empty()))
}

pub(crate) fn unread(file: &Path, error: &std::io::Error) -> Vec<Fault> {
    let fault = Fault::new(NO_INPUT, error.to_string(), Some("name a file that can be read".to_owned()));
    vec![Fault { file: Some(file.display().to_string()), ..fault }]
}

const ADDRESS: &str = "give the address of a service, like `http://127.0.0.1:8380`";

/// What the service said against it.
fn refused(status: u16, text: &str) -> Vec<Fault> {
    let problem: Value = serde_json::from_str(text).unwrap_or_default();
    let member = |name: &str| problem.get(name).and_then(Value::as_str);
    let said = member("detail").or(member("title")).map(str::to_owned);
    let message = said.unwrap_or_else(|| format!("the service answered {status}"));
    fault(&message, member("hint"))
}

fn fault(message: &str, hint: Option<&str>) -> Vec<Fault> {
    vec![Fault::new(BAD_DATA, message, hint.map(str::to_owned))]
}

fn of_register(error: &RegisterError) -> Vec<Fault> {
    fault(&error.message, Some(&error.hint))
}

fn of_service(error: ServiceError) -> Vec<Fault> {
    let message = error.internal.unwrap_or(error.message);
    fault(&message, error.hint.as_deref())
}

fn found<T>(result: Result<T, ServiceError>) -> Result<Option<T>, Vec<Fault>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(of_service(error)),
    }
}

fn now() -> Result<Instant, Vec<Fault>> {
    clock::now().map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])
}

fn written<T: Serialize>(value: &T) -> Result<Value, Vec<Fault>> {
    serde_json::to_value(value).map_err(|error| vec![Fault::new(INTERNAL, error.to_string(), None)])
}

fn put(value: &mut Value, name: &str, member: Value) {
    if let Some(members) = value.as_object_mut() {
        members.insert(name.to_owned(), member);
    }
}

fn calendar() -> Result<Calendar, Vec<Fault>> {
    Calendar::shipped().map_err(|error| fault(&error.message, error.hint.as_deref()))
}

fn trial(trial: Trial) -> Result<Value, Vec<Fault>> {
    written(&TrialView::of(trial, None, &calendar()?, now()?))
}

fn line(algorithm: &Algorithm) -> Value {
    let description = &algorithm.description;
    let number = algorithm.filing.filed.as_ref().filter(|_| algorithm.filing.is_filed()).map(|filed| &filed.number);
    let mut value = json!({
        "id": algorithm.id, "name": description.name, "provider": description.provider, "class": description.class,
        "places": description.places, "affects_labour": description.affects_labour, "registered_at": algorithm.registered_at,
    });
    if let Some(number) = number {
        put(&mut value, "number", number.clone().into());
    }
    value
}

fn version_line(version: &Version, now: Instant) -> Value {
    let mut value = json!({
        "id": version.id, "standing": version.hold().standing(now), "digest": version.digest, "declared_at": version.declared_at,
    });
    if let Some(publication) = &version.publication {
        put(&mut value, "from", publication.from.to_string().into());
    }
    if let Some(consultation) = &version.consultation {
        put(&mut value, "consultation", consultation.clone().into());
    }
    value
}

/// Percent-encoded (RFC 3986 §2.1), but for what needs none.
pub(crate) fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            safe.push(char::from(byte));
        } else {
            // Writing into a string cannot fail.
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

//! A bucket of S3, or of whatever speaks its API.

use crate::ObjectsError;
use gongdao_ledger::Objects;
use gongdao_merkle::sha256;
use rusty_s3::actions::ListObjectsV2;
use rusty_s3::{Bucket, Credentials, S3Action, UrlStyle};
use std::io;
use std::net::IpAddr;
use std::time::Duration;

/// How long a signature is good for.
const SIGNED_FOR: Duration = Duration::from_mins(10);
const CONNECT: Duration = Duration::from_secs(10);
/// One request and its answer; a segment has some tens of megabytes.
const PATIENCE: Duration = Duration::from_mins(10);
/// Tries of a request that the server or the network failed, with a pause before each but the first.
const PAUSES: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_secs(1), Duration::from_secs(3)];
/// Bytes of an object at most.
const OBJECT_BYTES: u64 = 1 << 31;

pub(crate) struct S3 {
    bucket: Bucket,
    credentials: Credentials,
    /// Empty, or with `/` at its end.
    prefix: String,
    agent: ureq::Agent,
}

/// What the server said: status, entity tag, body.
struct Answer {
    status: u16,
    etag: Option<String>,
    body: Vec<u8>,
}

/// A header that makes a request conditional.
type Condition<'a> = Option<(&'static str, &'a str)>;

impl S3 {
    /// `rest` is what follows `s3://`.
    pub(crate) fn open(rest: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Self, ObjectsError> {
        let given = |name: &str| environment(name).filter(|value| !value.is_empty());
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_matches('/');
        let prefix = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let region =
            given("AWS_REGION").or_else(|| given("AWS_DEFAULT_REGION")).unwrap_or_else(|| "us-east-1".to_owned());
        let own = given("AWS_ENDPOINT_URL_S3").or_else(|| given("AWS_ENDPOINT_URL"));
        let style = if own.is_some() { UrlStyle::Path } else { UrlStyle::VirtualHost };
        let endpoint = own.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
        let is_allowed = given("AWS_ALLOW_HTTP").is_some_and(|value| value == "true");
        if let Some(host) = endpoint.strip_prefix("http://")
            && !is_allowed
            && !is_near(host)
        {
            return Err(ObjectsError::new(
                format!("the endpoint `{endpoint}` would be asked in plain text"),
                "use https, or set AWS_ALLOW_HTTP=true for a network that you trust",
            ));
        }
        let refused = |why: &dyn std::fmt::Display| {
            ObjectsError::new(format!("`s3://{rest}` at `{endpoint}`: {why}"), "check address, endpoint and region")
        };
        let url = endpoint.parse().map_err(|error| refused(&error))?;
        if bucket.is_empty() {
            return Err(refused(&"no bucket is named"));
        }
        let bucket = Bucket::new(url, style, bucket.to_owned(), region).map_err(|error| refused(&error))?;
        let missing = || {
            ObjectsError::new(
                "no credentials for S3",
                "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, and AWS_SESSION_TOKEN where there is one",
            )
        };
        let key = given("AWS_ACCESS_KEY_ID").ok_or_else(missing)?;
        let secret = given("AWS_SECRET_ACCESS_KEY").ok_or_else(missing)?;
        let credentials = match given("AWS_SESSION_TOKEN") {
            Some(token) => Credentials::new_with_token(key, secret, token),
            None => Credentials::new(key, secret),
        };
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build();
        Ok(Self { bucket, credentials, prefix, agent: config.into() })
    }

    fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    fn read(&self, name: &str) -> io::Result<Answer> {
        let key = self.key(name);
        let url = self.bucket.get_object(Some(&self.credentials), &key).sign(SIGNED_FOR);
        patiently(|| Self::answer(self.agent.get(url.as_str()).call()))
    }

    /// One try.
    fn write(&self, name: &str, bytes: &[u8], condition: Condition<'_>) -> io::Result<Answer> {
        let key = self.key(name);
        let mut action = self.bucket.put_object(Some(&self.credentials), &key);
        if let Some((header, value)) = condition {
            action.headers_mut().insert(header, value.to_owned());
        }
        let url = action.sign(SIGNED_FOR);
        let mut request = self.agent.put(url.as_str());
        if let Some((header, value)) = condition {
            request = request.header(header, value);
        }
        Self::answer(request.send(bytes))
    }

    fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> io::Result<Answer> {
        let mut response = response.map_err(ureq::Error::into_io)?;
        let etag = response.headers().get("etag").and_then(|value| value.to_str().ok()).map(str::to_owned);
        let body = response.body_mut().with_config().limit(OBJECT_BYTES).read_to_vec();
        Ok(Answer { status: response.status().as_u16(), etag, body: body.map_err(ureq::Error::into_io)? })
    }
}

impl Objects for S3 {
    fn get(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        let answer = self.read(name)?;
        match answer.status {
            200 => Ok(Some(answer.body)),
            404 => not_found(&answer),
            _ => Err(refused(&answer)),
        }
    }

    fn put(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let answer = patiently(|| self.write(name, bytes, None))?;
        if answer.status == 200 { Ok(()) } else { Err(refused(&answer)) }
    }

    fn put_new(&self, name: &str, bytes: &[u8]) -> io::Result<bool> {
        let answer = patiently(|| self.write(name, bytes, Some(("if-none-match", "*"))))?;
        match answer.status {
            200 => Ok(true),
            412 => Ok(false),
            _ => Err(refused(&answer)),
        }
    }

    fn swap(&self, name: &str, old: Option<&[u8; 32]>, bytes: &[u8]) -> io::Result<bool> {
        let mut last = io::Error::other("not asked");
        for pause in PAUSES {
            std::thread::sleep(pause);
            let there = self.read(name)?;
            let digest = match there.status {
                200 => Some(sha256(&[&there.body])),
                404 => not_found(&there)?.map(|body| sha256(&[&body])),
                _ => return Err(refused(&there)),
            };
            if digest == Some(sha256(&[bytes])) {
                // An answer was lost on the way, and the bytes are there.
                return Ok(true);
            }
            if digest.as_ref() != old {
                return Ok(false);
            }
            let condition = match (&digest, &there.etag) {
                (None, _) => ("if-none-match", "*"),
                (Some(_), Some(etag)) => ("if-match", etag.as_str()),
                (Some(_), None) => return Err(io::Error::other("the store gives no entity tags")),
            };
            match self.write(name, bytes, Some(condition)) {
                Ok(answer) if answer.status == 200 => return Ok(true),
                // Somebody was faster, or the answer to our own first try was lost: look again.
                Ok(answer) if matches!(answer.status, 404 | 412) || is_passing(answer.status) => {
                    last = refused(&answer);
                }
                Ok(answer) => return Err(refused(&answer)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let prefix = format!("{}/", self.key(folder));
        let mut names = Vec::new();
        let mut token: Option<String> = None;
        loop {
            let mut action = ListObjectsV2::new(&self.bucket, Some(&self.credentials));
            action.with_prefix(prefix.as_str());
            if let Some(token) = &token {
                action.with_continuation_token(token.as_str());
            }
            let url = action.sign(SIGNED_FOR);
            let answer = patiently(|| Self::answer(self.agent.get(url.as_str()).call()))?;
            if answer.status != 200 {
                return Err(refused(&answer));
            }
            let listed = ListObjectsV2::parse_response(&String::from_utf8_lossy(&answer.body))
                .map_err(|error| io::Error::other(format!("the list of objects cannot be read: {error}")))?;
            let own = listed.contents.iter().filter_map(|object| object.key.strip_prefix(&prefix));
            names.extend(own.filter(|name| !name.is_empty() && !name.contains('/')).map(str::to_owned));
            token = listed.next_continuation_token;
            if token.is_none() {
                names.sort();
                return Ok(names);
            }
        }
    }

    fn delete(&self, name: &str) -> io::Result<()> {
        let key = self.key(name);
        let url = self.bucket.delete_object(Some(&self.credentials), &key).sign(SIGNED_FOR);
        let answer = patiently(|| Self::answer(self.agent.delete(url.as_str()).call()))?;
        if matches!(answer.status, 200 | 204 | 404) { Ok(()) } else { Err(refused(&answer)) }
    }
}

/// Ask again where the server or the network failed.
fn patiently(ask: impl Fn() -> io::Result<Answer>) -> io::Result<Answer> {
    let mut last = Err(io::Error::other("not asked"));
    for pause in PAUSES {
        std::thread::sleep(pause);
        last = ask();
        if last.as_ref().is_ok_and(|answer| !is_passing(answer.status)) {
            break;
        }
    }
    last
}

/// A bucket that is not there must not look like an object that is not.
fn not_found(answer: &Answer) -> io::Result<Option<Vec<u8>>> {
    if String::from_utf8_lossy(&answer.body).contains("NoSuchBucket") { Err(refused(answer)) } else { Ok(None) }
}

fn is_passing(status: u16) -> bool {
    matches!(status, 409 | 429 | 500..=599)
}

/// An answer as an error, with the server's own code where it gives one.
fn refused(answer: &Answer) -> io::Error {
    let body = String::from_utf8_lossy(&answer.body);
    let inside = |name: &str| {
        let (_, rest) = body.split_once(&format!("<{name}>"))?;
        rest.split_once(&format!("</{name}>")).map(|(inside, _)| inside.to_owned())
    };
    let why = [inside("Code"), inside("Message")].into_iter().flatten().collect::<Vec<_>>().join(": ");
    io::Error::other(format!("the store answered {} {why}", answer.status).trim_end().to_owned())
}

/// Whether a host is this machine or in a private network: plain text goes no further.
fn is_near(host: &str) -> bool {
    let host = host.split(['/', '?']).next().unwrap_or_default();
    let name = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((name, _)) => name,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => address.is_loopback() || address.is_private(),
        Ok(IpAddr::V6(address)) => address.is_loopback() || address.is_unique_local(),
        Err(_) => !name.contains('.') || name.ends_with(".localhost"),
    }
}

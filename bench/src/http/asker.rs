//! One of many connections that a load comes over, all of them on one thread: a client with a thread for each would take more of the
//! processors, which it shares with the service, for waking them than for asking.

use super::{JSON, told};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_mins(2);
/// Bytes that are read at once.
const PIECE: usize = 64 << 10;

pub(super) struct Asker {
    stream: TcpStream,
    /// All of a request's head but the length of its body.
    head: String,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Asker {
    pub(super) async fn connect(address: SocketAddr, token: &str, is_minimal: bool) -> Result<Self, String> {
        let stream = TcpStream::connect(address).await.map_err(told)?;
        stream.set_nodelay(true).map_err(told)?;
        let minimal = if is_minimal { "prefer: return=minimal\r\n" } else { "" };
        let head = format!(
            "POST /v1/decisions:check HTTP/1.1\r\nhost: localhost\r\ncontent-type: {JSON}\r\nauthorization: Bearer {token}\r\n\
             {minimal}content-length: "
        );
        Ok(Self { stream, head, request: Vec::new(), answer: Vec::with_capacity(PIECE) })
    }

    /// The body of the answer. Errors: any status but one of success; no answer for two minutes.
    pub(super) async fn check(&mut self, body: &[u8]) -> Result<&[u8], String> {
        self.request.clear();
        for part in [self.head.as_bytes(), body.len().to_string().as_bytes(), b"\r\n\r\n", body] {
            self.request.extend_from_slice(part);
        }
        self.stream.write_all(&self.request).await.map_err(told)?;
        let (is_success, start) = timeout(PATIENCE, self.read()).await.map_err(|_| "no answer for two minutes")??;
        let answer = self.answer.get(start..).unwrap_or_default();
        if is_success { Ok(answer) } else { Err(String::from_utf8_lossy(&self.answer).into_owned()) }
    }

    /// Whether the answer is one of success, and where its body begins.
    async fn read(&mut self) -> Result<(bool, usize), String> {
        self.answer.clear();
        let mut head = None;
        loop {
            self.answer.reserve(PIECE);
            if self.stream.read_buf(&mut self.answer).await.map_err(told)? == 0 {
                return Err("the connection ended".to_owned());
            }
            if head.is_none() {
                head = read_head(&self.answer)?;
            }
            if let Some(head) = head.as_ref().filter(|head| self.answer.len() >= head.start + head.length) {
                return Ok((head.is_success, head.start));
            }
        }
    }
}

struct Head {
    is_success: bool,
    /// Where the body begins.
    start: usize,
    length: usize,
}

/// None where it is not whole yet.
fn read_head(answer: &[u8]) -> Result<Option<Head>, String> {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(answer.get(..end).unwrap_or_default()).map_err(told)?;
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).ok_or("no status")?;
    let length = lines.filter_map(|line| line.split_once(':'));
    let length = length
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse().ok());
    let length = length.ok_or("an answer without its length")?;
    Ok(Some(Head { is_success: status.starts_with('2'), start: end + 4, length }))
}

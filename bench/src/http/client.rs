//! One connection that stays open: a request, its answer, the next.

use super::told;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_mins(2);

pub(super) struct Client {
    stream: BufReader<TcpStream>,
    token: String,
    /// Whether answers may leave the verdicts out.
    is_minimal: bool,
    head: String,
    line: String,
}

impl Client {
    pub(super) fn connect(address: SocketAddr, token: &str) -> Result<Self, String> {
        let stream = TcpStream::connect(address).map_err(told)?;
        stream.set_nodelay(true).map_err(told)?;
        stream.set_read_timeout(Some(PATIENCE)).map_err(told)?;
        let stream = BufReader::with_capacity(64 << 10, stream);
        Ok(Self { stream, token: token.to_owned(), is_minimal: false, head: String::new(), line: String::new() })
    }

    /// Ask for answers without the verdicts.
    pub(super) fn minimal(self, is_minimal: bool) -> Self {
        Self { is_minimal, ..self }
    }

    /// The body of the answer. Errors: any status but one of success.
    pub(super) fn post(&mut self, path: &str, kind: &str, body: &[u8]) -> Result<Vec<u8>, String> {
        use std::fmt::Write as _;
        self.head.clear();
        let _ = write!(
            self.head,
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {kind}\r\ncontent-length: {}\r\n",
            body.len()
        );
        if !self.token.is_empty() {
            let _ = write!(self.head, "authorization: Bearer {}\r\n", self.token);
        }
        if self.is_minimal {
            self.head.push_str("prefer: return=minimal\r\n");
        }
        self.head.push_str("\r\n");
        let bytes = [self.head.as_bytes(), body].concat();
        self.stream.get_mut().write_all(&bytes).map_err(told)?;
        let (status, answer) = self.answer()?;
        if (200..300).contains(&status) {
            return Ok(answer);
        }
        Err(format!("{path}: {status} {}", String::from_utf8_lossy(&answer)))
    }

    /// The body of a page, as whoever has the session sees it. Errors: any status but 200.
    pub(super) fn page(&mut self, path: &str, session: &str) -> Result<Vec<u8>, String> {
        let cookie = if session.is_empty() { String::new() } else { format!("cookie: gongdao_session={session}\r\n") };
        let head = format!(
            "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/html\r\naccept-language: zh\r\n{cookie}\r\n"
        );
        self.stream.get_mut().write_all(head.as_bytes()).map_err(told)?;
        let (status, answer) = self.answer()?;
        if status == 200 {
            return Ok(answer);
        }
        Err(format!("{path}: {status} {}", String::from_utf8_lossy(&answer)))
    }

    fn answer(&mut self) -> Result<(u16, Vec<u8>), String> {
        let status = self.next_line()?.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or("no status")?;
        let mut length = None;
        loop {
            let line = self.next_line()?;
            if line.is_empty() {
                break;
            }
            let Some((name, value)) = line.split_once(':') else { return Err(format!("`{line}` is no header")) };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse::<usize>().ok();
            }
        }
        let mut body = vec![0; length.ok_or("an answer without its length")?];
        self.stream.read_exact(&mut body).map_err(told)?;
        Ok((status, body))
    }

    fn next_line(&mut self) -> Result<&str, String> {
        self.line.clear();
        let count = self.stream.read_line(&mut self.line).map_err(told)?;
        if count == 0 { Err("the connection ended".to_owned()) } else { Ok(self.line.trim_end()) }
    }
}

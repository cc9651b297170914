//! Whoever is refused while still sending gets the answer, and the connection serves what comes next.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "tests")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "public_pages/world.rs"]
mod world;

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use world::World;

/// More than both ends of a connection keep for it.
const LARGE: usize = 48 << 20;

/// A connection over which somebody first says all and then listens.
struct Line(BufReader<TcpStream>);

impl Line {
    fn new(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Self(BufReader::new(stream))
    }

    fn say(&mut self, head: &str, body: usize) {
        let stream = self.0.get_mut();
        write!(stream, "{head} HTTP/1.1\r\nHost: test\r\nAccept-Language: en\r\n").unwrap();
        if body > 0 {
            let kind = "multipart/form-data; boundary=edge";
            write!(stream, "Content-Type: {kind}\r\nContent-Length: {body}\r\n").unwrap();
        }
        stream.write_all(b"\r\n").unwrap();
        let mut left = body;
        let mut part = "--edge\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\n".to_owned();
        while left > 0 {
            part.truncate(left);
            stream.write_all(part.as_bytes()).unwrap_or_else(|error| panic!("{head}: {left} bytes left: {error}"));
            left -= part.len();
            part = "a".repeat(1 << 16);
        }
    }

    /// Status of the answer; its body is read too.
    fn answer(&mut self) -> u16 {
        let (mut status, mut length, mut line) = (0, 0, String::new());
        while self.0.read_line(&mut line).unwrap() > 2 {
            let lower = line.to_ascii_lowercase();
            if let Some(rest) = lower.strip_prefix("http/1.1 ") {
                status = rest[..3].parse().unwrap();
            } else if let Some(rest) = lower.strip_prefix("content-length: ") {
                length = rest.trim().parse().unwrap();
            }
            line.clear();
        }
        self.0.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}

#[test]
fn whoever_sends_too_much_reads_why_and_goes_on() {
    let world = World::new();
    let mut line = Line::new(world.served.address);
    for (head, expected) in [("POST /verify", 413), ("POST /nothing-here", 404), ("POST /v1/decisions:check", 401)] {
        line.say(head, LARGE);
        assert_eq!(line.answer(), expected, "{head}");
        line.say("GET /healthz", 0);
        assert_eq!(line.answer(), 200, "after {head}");
    }
    world.served.stop();
}

#[test]
fn whoever_asks_first_and_is_refused_is_not_waited_for() {
    let world = World::new();
    let mut line = Line::new(world.served.address);
    let ask =
        format!("POST /nothing-here HTTP/1.1\r\nHost: test\r\nContent-Length: {LARGE}\r\nExpect: 100-continue\r\n\r\n");
    line.0.get_mut().write_all(ask.as_bytes()).unwrap();
    assert_eq!(line.answer(), 404);
    assert_eq!(line.0.read(&mut [0]).unwrap(), 0, "the connection ends: what came next would be taken for the body");
    world.served.stop();
}

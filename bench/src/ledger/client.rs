//! Who sends the records: a process of its own, over TCP on 127.0.0.1, on several connections.
//!
//! A request is its length in 4 bytes and NDJSON; the answer is the number of records in 4 bytes and 8 bytes a record, its
//! place in the log. It comes when all of them are on the disk. A connection has several requests on the way.

use super::records::Record;
use super::told;
use crate::options::Options;
use crate::{connections, machine};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// What a place is that no record has: it was refused.
pub(crate) const REFUSED: u64 = u64::MAX;

#[derive(Clone, Copy)]
struct Plan {
    records: u64,
    connections: u64,
    batch: u64,
    persons: u64,
    /// Nothing for as fast as it goes.
    per_second: u64,
}

/// Send and print what was seen, as JSON.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let address: String = options.value("address", String::new())?;
    let plan = Plan {
        records: options.value("records", 1_000_000)?,
        connections: options.value("connections", 4_u64)?.max(1),
        batch: options.value("batch", 500_u64)?.max(1),
        persons: options.value("persons", 10_000)?,
        per_second: options.value("per-second", 0)?,
    };
    let window: usize = options.value("window", 3)?;
    let started = Instant::now();
    let mut waits = connections::all(0..plan.connections, |connection| connect(&address, plan, connection, window))?;
    let seconds = started.elapsed().as_secs_f64();
    waits.sort_unstable();
    let at = |hundredths: usize| {
        let place = (waits.len() * hundredths).div_ceil(10_000).saturating_sub(1);
        waits.get(place).copied().unwrap_or_default().as_secs_f64() * 1000.0
    };
    let said = serde_json::json!({
        "seconds": seconds, "processor": machine::busy(),
        "p50": at(5000), "p99": at(9900), "p999": at(9990), "most": at(10_000),
    });
    Ok(said.to_string())
}

/// Send this connection's share; how long each request waited.
fn connect(address: &str, plan: Plan, connection: u64, window: usize) -> Result<Vec<Duration>, String> {
    let stream = TcpStream::connect(address).map_err(told)?;
    stream.set_nodelay(true).map_err(told)?;
    let answers = stream.try_clone().map_err(told)?;
    let (sent, to_wait) = sync_channel(window);
    std::thread::scope(|scope| {
        let sending = scope.spawn(move || send(stream, plan, connection, &sent));
        let waits = receive(answers, &to_wait)?;
        sending.join().map_err(|_| "a thread of the client ended")??;
        Ok(waits)
    })
}

fn send(mut stream: TcpStream, plan: Plan, connection: u64, sent: &SyncSender<(Instant, u32)>) -> Result<(), String> {
    let mut bytes = Vec::new();
    let started = Instant::now();
    let every = (plan.per_second > 0)
        .then(|| Duration::from_secs(plan.batch * plan.connections).div_f64(super::rate(plan.per_second, 1.0)));
    let starts = (0..plan.records).step_by(usize::try_from(plan.batch).map_err(told)?);
    let own = starts.skip(usize::try_from(connection).map_err(told)?);
    for (turn, start) in (0_u32..).zip(own.step_by(usize::try_from(plan.connections).map_err(told)?)) {
        bytes.clear();
        bytes.extend_from_slice(&[0; 4]);
        let end = plan.records.min(start + plan.batch);
        for number in start..end {
            bytes.extend_from_slice(Record::of(number, plan.persons).line().as_bytes());
        }
        let length = u32::try_from(bytes.len() - 4).map_err(told)?;
        bytes.iter_mut().zip(length.to_be_bytes()).for_each(|(to, from)| *to = from);
        let due = every.map(|every| started + every * turn);
        if let Some(due) = due {
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
        }
        // A request that was due earlier waits from then on, so a server that stands still is not spared.
        let since = due.map_or_else(Instant::now, |due| due.min(Instant::now()));
        sent.send((since, u32::try_from(end - start).map_err(told)?)).map_err(|_| "the answers ended")?;
        stream.write_all(&bytes).map_err(told)?;
    }
    stream.shutdown(std::net::Shutdown::Write).map_err(told)
}

fn receive(mut answers: TcpStream, to_wait: &Receiver<(Instant, u32)>) -> Result<Vec<Duration>, String> {
    let mut waits = Vec::new();
    while let Ok((since, count)) = to_wait.recv() {
        let mut head = [0; 4];
        answers.read_exact(&mut head).map_err(|error| format!("no answer: {error}"))?;
        if u32::from_be_bytes(head) != count {
            return Err(format!("{} places for {count} records", u32::from_be_bytes(head)));
        }
        let mut places = vec![[0_u8; 8]; usize::try_from(count).map_err(told)?];
        answers.read_exact(places.as_flattened_mut()).map_err(told)?;
        waits.push(since.elapsed());
        if places.iter().any(|place| u64::from_be_bytes(*place) == REFUSED) {
            return Err("a record was refused".to_owned());
        }
    }
    Ok(waits)
}

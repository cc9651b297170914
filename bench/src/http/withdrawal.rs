//! From a withdrawal until every process respects it.

use super::client::Client;
use super::served::Place;
use super::{JSON, table_line, told};
use crate::ledger::postgres::serving;
use crate::options::Options;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const FACT: &str = "resource.profilingOff";

/// Two processes on one PostgreSQL where its programs are named, else one on SQLite.
pub(super) fn run(options: &Options, place: &Place) -> Result<String, String> {
    let rounds = options.value("rounds", 500_usize)?.max(1);
    let programs: PathBuf = options.value("postgres", PathBuf::new())?;
    let mut text = "\n| withdrawals | acknowledged p50 ms | p99 ms | respected by the other p50 ms | p99 ms |\n|---|---|---|---|---|\n".to_owned();
    let (name, seen) = if programs.as_os_str().is_empty() {
        let served = place.start("alone", None)?;
        let token = served.set_up()?;
        ("one process on SQLite, asked over another connection", measure([served.address(); 2], &token, rounds)?)
    } else {
        let measured = serving(&programs, &place.folder().join("postgres"), |database| {
            let one = place.start("first", Some(database))?;
            let token = one.set_up()?;
            let other = place.start("second", Some(database))?;
            measure([one.address(), other.address()], &token, rounds)
        })?;
        ("two processes on one PostgreSQL, told the one, asked the other", measured)
    };
    let mut cells = vec![format!("{rounds}, {name}")];
    for mut times in seen {
        times.sort_unstable();
        let at = |hundredths: usize| times.get(times.len() * hundredths / 100).copied().unwrap_or_default();
        cells.extend([50, 99].map(|hundredths| format!("{:.2}", at(hundredths).as_secs_f64() * 1e3)));
    }
    table_line(&mut text, &cells);
    Ok(text)
}

/// How long until each was acknowledged, and until the other process saw it.
fn measure([told_to, asked]: [SocketAddr; 2], token: &str, rounds: usize) -> Result<[Vec<Duration>; 2], String> {
    let (mut one, mut other) = (Client::connect(told_to, token)?, Client::connect(asked, token)?);
    let (mut acknowledged, mut respected) = (Vec::new(), Vec::new());
    for round in 0..rounds {
        let person = format!("withdrawer-{round}");
        change(&mut one, &person, round, false)?;
        if sees(&mut other, &person, &format!("before-{round}"))? {
            return Err("a state from before the withdrawal was expected".to_owned());
        }
        let start = Instant::now();
        let (told, seen) = std::thread::scope(|scope| {
            let telling = scope.spawn(|| change(&mut one, &person, round, true).map(|()| start.elapsed()));
            let mut turn = 0_u32;
            let seen = loop {
                if sees(&mut other, &person, &format!("asked-{round}-{turn}"))? {
                    break start.elapsed();
                }
                turn += 1;
                if start.elapsed() > Duration::from_secs(10) {
                    return Err("a withdrawal was not respected within 10 s".to_owned());
                }
            };
            Ok((telling.join().map_err(|_| "a thread of the client ended")??, seen))
        })?;
        // What the acknowledgement promises.
        if !sees(&mut other, &person, &format!("after-{round}"))? {
            return Err("a withdrawal was acknowledged and is not respected".to_owned());
        }
        acknowledged.push(told);
        respected.push(seen);
    }
    Ok([acknowledged, respected])
}

fn change(client: &mut Client, person: &str, round: usize, value: bool) -> Result<(), String> {
    let body = json!({"id": format!("w-{round}-{value}"), "fact": FACT, "change": {"op": "set", "value": value}});
    client.post(&format!("/v1/persons/{person}/events"), JSON, body.to_string().as_bytes()).map(drop)
}

/// Whether a decision about the person, asked now, sees the withdrawal.
fn sees(client: &mut Client, person: &str, id: &str) -> Result<bool, String> {
    let body = json!({"id": id, "at": "2026-05-01T12:00:00+08:00", "action": "recommend", "person": person,
        "principal": {"category": "push"}, "context": {"personalised": true}});
    let answer = client.post("/v1/decisions:check", JSON, body.to_string().as_bytes())?;
    let answer: Value = serde_json::from_slice(&answer).map_err(told)?;
    Ok(answer.pointer("/seen/person").and_then(|seen| seen.get(FACT)) == Some(&Value::Bool(true)))
}

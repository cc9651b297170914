//! The service over HTTP on 127.0.0.1: single checks over connections that stay open, batches, tables, memory of persons'
//! state, and how long a withdrawal takes until every process respects it.
//!
//! Whoever asks is this program, on the same machine: its share of the processors is the service's loss, and is told.

mod asker;
mod client;
mod load;
pub(crate) mod pages;
mod served;
mod tables;
mod withdrawal;

use crate::audit::rules;
use crate::gate::world::{Drawn, World};
use crate::machine;
use crate::options::Options;
use client::Client;
use gongdao_gate::{CheckRequest, StateEvent};
use gongdao_model::DecisionRecord;
use load::{Load, Plan};
use serde_json::{Value, json};
use served::{Place, Served};
use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// Decisions of a request.
const BATCH: usize = 500;
const JSON: &str = "application/json";

/// One line a measurement.
pub(crate) fn run(options: &Options) -> Result<String, String> {
    let machine = machine::line();
    let (count, persons) = (options.value("sample", 20_000_usize)?.max(1), options.value("persons", 100_000_u64)?);
    let (seconds, connections) = (options.value("seconds", 20_u64)?.max(1), options.value("connections", 8_usize)?);
    let seed = options.value("seed", 1_u64)?;
    let parent: PathBuf = options.value("folder", std::env::temp_dir())?;
    let room = tempfile::tempdir_in(parent).map_err(told)?;
    let (packs, rules) = rules::kept_in(options, &room.path().join("packs"))?;
    let world = World::draw(&rules, Drawn::Practices, count, persons, seed)?;
    // Somebody else runs PostgreSQL, and must be able to come by.
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(room.path(), open).map_err(told)?;
    let place = Place::new(options, packs, room.path(), &world)?;
    let served = place.start("one", None)?;
    let token = served.set_up()?;
    let mut text = format!(
        "machine: {machine}\nservice and client on it, SQLite and ledger in {}; {} rule versions; {count} decisions of 40 ways an \
         action, seed {seed}; {seconds} s a row\n\n",
        room.path().parent().unwrap_or(room.path()).display(),
        rules.versions.len()
    );
    text.push_str(&memory(&served, &token, &world, persons, connections)?);
    let records = records(&world.requests)?;
    text.push_str(&spread(&served, &token, &records)?);
    text.push_str(
        "| what | connections | decisions a second | p50 ms | p99 ms | p99.9 ms | processor of service : client |\n",
    );
    text.push_str("|---|---|---|---|---|---|---|\n");
    let seconds_each = Duration::from_secs(seconds);
    for (is_minimal, with) in [(false, ""), (true, " without verdicts")] {
        let plan =
            Plan { served: &served, token: &token, records: &records, connections, is_minimal, seconds: seconds_each };
        text.push_str(&full_and_half(&plan, 1, &format!("single checks{with}"))?);
        let few = Plan { connections: connections.clamp(1, 4), ..plan };
        text.push_str(&full_and_half(&few, BATCH, &format!("batches of 500{with}"))?);
    }
    text.push_str(&tables::arrow(&served, &token, &rules, &world.requests, connections.clamp(1, 4), seconds)?);
    drop(served);
    text.push_str(&withdrawal::run(options, &place)?);
    Ok(text)
}

fn told(error: impl Display) -> String {
    error.to_string()
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2^53")]
fn ratio(sum: usize, seconds: f64) -> f64 {
    sum as f64 / seconds.max(1e-9)
}

/// Each decision as JSON without its identifier, which every request writes anew.
fn records(requests: &[CheckRequest]) -> Result<Vec<String>, String> {
    let record = |request: &CheckRequest| {
        let record = DecisionRecord {
            id: request.id.clone(),
            at: request.at,
            action: request.action.clone(),
            place: request.place,
            algorithm: request.algorithm.clone(),
            person: request.person.clone(),
            facts: request.facts.clone(),
        };
        let text = serde_json::to_string(&record).map_err(told)?;
        let head = format!("{{\"id\":\"{}\"", request.id);
        text.strip_prefix(&head).map(str::to_owned).ok_or_else(|| "a record does not begin with its `id`".to_owned())
    };
    requests.iter().map(record).collect()
}

/// As fast as it goes, then at half of that by the clock: the latency of a service that is not full.
fn full_and_half(plan: &Plan<'_>, rows: usize, name: &str) -> Result<String, String> {
    let full = plan.closed(rows)?;
    let half = plan.open(rows, full.rate() / 2.0)?;
    Ok(line(&format!("{name}, as fast as it goes"), plan.connections, &full)
        + &line(&format!("{name}, at half of that"), plan.connections, &half))
}

fn line(name: &str, connections: usize, load: &Load) -> String {
    let [median, high, highest] = load.waits;
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    format!(
        "| {name} | {connections} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} : {:.1} s |\n",
        load.rate(),
        millis(median),
        millis(high),
        millis(highest),
        load.service.as_secs_f64(),
        load.client.as_secs_f64()
    )
}

/// Events of persons, one each, and what the process grows by with each half of them.
fn memory(served: &Served, token: &str, world: &World, persons: u64, connections: usize) -> Result<String, String> {
    let mut algorithms: Vec<StateEvent> = Vec::new();
    let mut firsts: Vec<StateEvent> = Vec::new();
    let mut met = BTreeSet::new();
    world.events(&mut |events| {
        for event in events {
            match event.fact.entity() {
                gongdao_model::Entity::Algorithm => algorithms.push(event.clone()),
                _ if met.insert(event.key.clone()) => firsts.push(event.clone()),
                _ => {}
            }
        }
        Ok(())
    })?;
    drop(met);
    send(served, token, &algorithms, connections)?;
    let (first, second) = firsts.split_at(firsts.len() / 2);
    let start = Instant::now();
    let mut grown = [0, 0];
    for (grown, half) in grown.iter_mut().zip([first, second]) {
        let before = served.resident_kib();
        send(served, token, half, connections.max(16))?;
        *grown = served.resident_kib().saturating_sub(before);
    }
    let seconds = start.elapsed().as_secs_f64();
    // With the first half come caches and threads, which do not grow with persons.
    let [with_first, with_second] = grown;
    Ok(format!(
        "state: {persons} persons, an event each, {:.0} events a second over {} connections; resident memory grew by {} MiB with the \
         first half of them and by {} MiB with the second, {} MiB a million persons by the second\n\n",
        ratio(firsts.len(), seconds),
        connections.max(16),
        with_first / 1024,
        with_second / 1024,
        with_second * 1_000_000 / 1024 / (second.len() as u64).max(1)
    ))
}

/// Record events over connections of their own, each of which waits for its answer.
fn send(served: &Served, token: &str, events: &[StateEvent], connections: usize) -> Result<(), String> {
    let share = events.len().div_ceil(connections.max(1)).max(1);
    std::thread::scope(|scope| {
        let running: Vec<_> = events
            .chunks(share)
            .map(|events| {
                scope.spawn(move || {
                    let mut client = Client::connect(served.address(), token)?;
                    events.iter().try_for_each(|event| send_one(&mut client, event))
                })
            })
            .collect();
        running.into_iter().try_for_each(|one| one.join().map_err(|_| "a thread of the client ended")?)
    })
}

fn send_one(client: &mut Client, event: &StateEvent) -> Result<(), String> {
    let kind = if event.fact.entity() == gongdao_model::Entity::Person { "persons" } else { "algorithms" };
    let id = format!("{}-{}-{}", event.key, event.fact, event.at.millis());
    let body = json!({"id": id, "fact": event.fact, "change": event.change, "at": event.at});
    client.post(&format!("/v1/{kind}/{}/events", event.key), JSON, body.to_string().as_bytes()).map(drop)
}

/// How many rules are in force and speak, without which a rate says little.
fn spread(served: &Served, token: &str, records: &[String]) -> Result<String, String> {
    let mut client = Client::connect(served.address(), token)?;
    let batch: Vec<String> = (0_usize..)
        .zip(records)
        .take(BATCH)
        .map(|(number, rest)| format!("{{\"id\":\"spread-{number}\"{rest}"))
        .collect();
    let answer = client.post("/v1/decisions:check", JSON, format!("[{}]", batch.join(",")).as_bytes())?;
    let answer: Value = serde_json::from_slice(&answer).map_err(told)?;
    let (mut rows, mut in_force, mut speaking) = (0, 0, 0);
    for row in answer.get("checks").and_then(Value::as_array).into_iter().flatten() {
        let digest = row.get("answer_digest").and_then(Value::as_str);
        let digest = digest.ok_or_else(|| format!("a row was refused: {row}"))?;
        let rules = answer.get("answers").and_then(|answers| answers.get(digest)?.get("rules")?.as_array());
        let rules = rules.ok_or("an answer without its rules")?;
        rows += 1;
        in_force += rules.len();
        speaking += rules.iter().filter(|rule| rule.get("outcome") != Some(&Value::from("not-applicable"))).count();
    }
    let mean = |sum: usize| ratio(sum, ratio(rows, 1.0));
    Ok(format!("a decision: {:.1} rule versions in force, {:.1} of them apply\n\n", mean(in_force), mean(speaking)))
}

/// Seconds and hundredths, as a line of a table has them.
fn table_line(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

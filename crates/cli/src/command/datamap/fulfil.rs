//! `gongdao datamap fulfil`: take a service's open deletions, carry them out by the map of each database, and say what was done.

use super::{Told, fault, read};
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use crate::command::register::source::{Asked, Remote, encoded};
use gongdao_datamap::{DataMap, ErrorKind, delete};
use gongdao_i18n::{Catalogue, I18nError, Words};
use serde::Serialize;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao datamap fulfil shop.toml --url http://127.0.0.1:8380 --token-file shop.key
  gongdao datamap fulfil shop.toml payroll.toml --url https://rights.example.cn --token-file shop.key --every 60

A map's name is the name of the system that the service knows (docs/datamap.md). Each deletion is tried first, then exactly that is
carried out, in one transaction; done again after a crash it deletes what is left. The key is that of these systems.
Exit code: 0 all carried out, 1 one could not be, 64 wrong arguments, 65 a map or answer cannot be used, 66 no file or service,
69 a database is not there: its tasks stay open.")]
pub(super) struct Fulfil {
    /// A map a database
    #[arg(required = true, value_name = "MAP")]
    maps: Vec<PathBuf>,
    #[command(flatten)]
    service: Asked,
    /// Look again after so many seconds, until stopped
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: Option<u64>,
    #[command(flatten)]
    output: Output,
}

/// What became of one task.
#[derive(Debug, Serialize)]
struct Carried {
    fulfilment: String,
    is_done: bool,
    what: String,
}

pub(super) fn run(asked: &Fulfil, catalogue: &Catalogue) -> ExitCode {
    let maps: Result<Vec<DataMap>, Fault> = asked.maps.iter().map(|file| read(file)).collect();
    let maps = match maps {
        Ok(maps) => maps,
        Err(fault) => return asked.output.refuse(catalogue, &[fault]),
    };
    let remote = match asked.service.open() {
        Ok(remote) => remote,
        Err(faults) => return asked.output.refuse(catalogue, &faults),
    };
    loop {
        let code = round(asked, catalogue, &remote, &maps);
        let Some(seconds) = asked.every else { return code };
        std::thread::sleep(Duration::from_secs(seconds));
    }
}

/// Every map's open tasks, once.
fn round(asked: &Fulfil, catalogue: &Catalogue, remote: &Remote, maps: &[DataMap]) -> ExitCode {
    let (mut all, mut faults) = (Vec::new(), Vec::new());
    for (file, map) in asked.maps.iter().zip(maps) {
        let mut carried = Vec::new();
        for found in open_tasks(remote, &map.name).unwrap_or_else(|found| {
            faults.extend(found);
            Vec::new()
        }) {
            match carry_out(remote, map, &found) {
                Ok(Some(one)) => carried.push(one),
                Ok(None) => {}
                Err(Refused::Service(found)) => faults.extend(found),
                Err(Refused::Database(error)) => faults.push(fault(file, error)),
            }
        }
        all.push((map.name.clone(), carried));
    }
    if let Err(error) = tell(asked, catalogue.words(asked.output.language()), &all) {
        faults.push(error.into());
    }
    if !faults.is_empty() {
        return asked.output.refuse(catalogue, &faults);
    }
    ExitCode::from(u8::from(!all.iter().flat_map(|(_, carried)| carried).all(|one| one.is_done)))
}

/// Names of the open deletions of a system.
fn open_tasks(remote: &Remote, system: &str) -> Result<Vec<String>, Vec<Fault>> {
    let (mut names, mut cursor) = (Vec::new(), String::new());
    loop {
        let after = if cursor.is_empty() { String::new() } else { format!("&cursor={}", encoded(&cursor)) };
        let path = format!("/v1/fulfilments?state=open&limit=1000&system={}{after}", encoded(system));
        let page = remote.found(&path)?.unwrap_or_default();
        let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        names.extend(items.iter().filter_map(|item| item.get("fulfilment")?.as_str().map(str::to_owned)));
        match page.get("next").and_then(Value::as_str) {
            Some(next) => next.clone_into(&mut cursor),
            None => return Ok(names),
        }
    }
}

enum Refused {
    Service(Vec<Fault>),
    /// The task stays open.
    Database(gongdao_datamap::MapError),
}

impl From<Vec<Fault>> for Refused {
    fn from(faults: Vec<Fault>) -> Self {
        Self::Service(faults)
    }
}

/// One task; nothing where it went away meanwhile.
fn carry_out(remote: &Remote, map: &DataMap, name: &str) -> Result<Option<Carried>, Refused> {
    let address = format!("/v1/fulfilments/{}", encoded(name));
    let Some(task) = remote.found(&address)? else { return Ok(None) };
    let member = |name: &str| task.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_whole = member("outcome") == "granted" && task.get("about") == Some(&json!({}));
    let (is_done, what) = if member("kind") != "delete" || !is_whole {
        // A map deletes everything of a person; what is left of a part is for a person.
        (false, "only a part is to be deleted: `gongdao datamap` and a person have to do it".to_owned())
    } else {
        match deleted(map, member("person")) {
            Ok(what) => (true, what),
            Err(error) if error.kind == ErrorKind::Database => return Err(Refused::Database(error)),
            Err(error) => (false, error.message),
        }
    };
    remote.tell(
        &format!("{address}/events"),
        &json!({ "what": if is_done { "done" } else { "failed" }, "text": what }),
    )?;
    Ok(Some(Carried { fulfilment: name.to_owned(), is_done, what }))
}

/// Tried first; then exactly that is kept.
fn deleted(map: &DataMap, person: &str) -> Result<String, gongdao_datamap::MapError> {
    let tried = delete(map, person, None)?;
    let deleted = delete(map, person, Some(&tried.mark))?;
    let done = deleted.done().unwrap_or_default();
    Ok(done.get("what").and_then(Value::as_str).unwrap_or_default().to_owned())
}

fn tell(asked: &Fulfil, words: Words<'_>, all: &[(String, Vec<Carried>)]) -> Result<(), I18nError> {
    if asked.output.format == Format::Json {
        let maps: Vec<Value> = all.iter().map(|(map, carried)| json!({ "map": map, "carried": carried })).collect();
        print(&serde_json::to_string_pretty(&json!({ "maps": maps })).unwrap_or_default());
        return Ok(());
    }
    for (map, carried) in all {
        let mut lines = vec![words.say("datamap.tasks", &[("map", map), ("count", &carried.len().to_string())])?];
        for one in carried {
            lines.push(if one.is_done {
                words.say("datamap.fulfilled", &[("task", &one.fulfilment), ("what", &one.what)])?
            } else {
                words.say("datamap.not_fulfilled", &[("task", &one.fulfilment), ("why", &one.what)])?
            });
        }
        print(&lines.join("\n"));
    }
    Ok(())
}

//! `gongdao ledger read`: rows by place, by time and by person.

use super::{Place, of_ledger};
use crate::command::ledger::read::reader;
use crate::command::ledger::write::pseudonym;
use crate::command::output::{Fault, Output};
use crate::command::verify::value;
use gongdao_ledger::{
    ALGORITHM_SCHEMA, Content, DECISION_SCHEMA, Entry, GroupNumber, LedgerError, LoggedAt, PersonId, Reader, Row,
    Value, read_decision, read_group,
};
use gongdao_model::{DecisionRecord, Instant};
use serde_json::{Map, json};
use std::io::Write;
use std::ops::Range;
use std::str::FromStr;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "One JSON object a line: `entry`, `kind`, `logged_at`, then `decision` (docs/formats/decision.md) or `groups`;
`erased_by` names the entry that erased it. A place is a number from 0 on; a time has its offset: 2026-05-01T12:00:00+08:00."
)]
pub(crate) struct Read {
    #[command(flatten)]
    place: Place,
    /// The first entry, or the time from which on they were logged
    #[arg(long, value_name = "PLACE|WHEN", default_value = "0")]
    from: Bound,
    /// The entry after the last, or the time until which they were logged [default: all]
    #[arg(long, value_name = "PLACE|WHEN")]
    to: Option<Bound>,
    /// One entry, or what was logged in this second
    #[arg(long, value_name = "PLACE|WHEN", conflicts_with_all = ["from", "to"])]
    at: Option<Bound>,
    /// Only entries with something about this pseudonym that is not erased
    #[arg(long, value_name = "PSEUDONYM")]
    person: Option<String>,
    #[command(flatten)]
    pub(super) output: Output,
}

/// A place in the log or a time.
#[derive(Debug, Clone, Copy)]
enum Bound {
    Place(u64),
    Moment(Instant),
}

impl FromStr for Bound {
    type Err = gongdao_model::ModelError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(place) = text.parse() { Ok(Self::Place(place)) } else { text.parse().map(Self::Moment) }
    }
}

impl Bound {
    /// The first entry that is not before it.
    fn place(self, reader: &Reader) -> Result<u64, LedgerError> {
        match self {
            Self::Place(place) => Ok(place),
            // The ledger's clock has whole seconds.
            Self::Moment(at) => first_from(reader, at.millis().div_euclid(1000) + i64::from(at.millis() % 1000 != 0)),
        }
    }
}

fn first_from(reader: &Reader, seconds: i64) -> Result<u64, LedgerError> {
    let at = LoggedAt::from_seconds(u64::try_from(seconds).unwrap_or(0));
    Ok(reader.logged_between(at, at)?.start)
}

impl Read {
    pub(super) fn run(&self) -> Result<(), Vec<Fault>> {
        let reader = reader(&self.place)?;
        let person = self.person.as_deref().map(pseudonym).transpose()?;
        let range = self.range(&reader).map_err(of_ledger)?;
        let mut out = std::io::stdout().lock();
        let mut is_open = true;
        let read = each(&reader, range, person.as_ref(), &mut |line| {
            // A closed pipe is the reader's choice.
            is_open = writeln!(out, "{line}").is_ok();
            is_open
        });
        if is_open { read.map_err(of_ledger) } else { Ok(()) }
    }

    fn range(&self, reader: &Reader) -> Result<Range<u64>, LedgerError> {
        match self.at {
            Some(Bound::Place(place)) => reader.row(place).map(|row| row.leaf..row.leaf + 1),
            Some(Bound::Moment(at)) => {
                let second = at.millis().div_euclid(1000);
                Ok(first_from(reader, second)?..first_from(reader, second + 1)?)
            }
            None => {
                let end = self.to.map_or(Ok(reader.size()), |to| to.place(reader))?;
                Ok(self.from.place(reader)?..end.min(reader.size()))
            }
        }
    }
}

/// Entries in pieces of so many: their public halves are read together.
const PIECE: u64 = 8192;

fn each(
    reader: &Reader,
    range: Range<u64>,
    person: Option<&PersonId>,
    show: &mut dyn FnMut(serde_json::Value) -> bool,
) -> Result<(), LedgerError> {
    let mut entries: Vec<(u64, Entry)> = Vec::new();
    let stopped = || LedgerError {
        kind: gongdao_ledger::ErrorKind::Closed,
        message: "nobody reads on".to_owned(),
        hint: "keep the pipe open",
    };
    reader.each_row(range.clone(), |row| {
        if entries.last().is_none_or(|(leaf, _)| *leaf < row.leaf) {
            entries.clear();
            reader.each_entry(row.leaf..range.end.min(row.leaf + PIECE), |leaf, entry| {
                entries.push((leaf, entry));
                Ok(())
            })?;
        }
        let found = entries.binary_search_by_key(&row.leaf, |(leaf, _)| *leaf);
        let Some((_, entry)) = found.ok().and_then(|at| entries.get(at)) else { return Ok(()) };
        let is_about = person.is_none_or(|person| about(&row, person));
        if !is_about || show(shown(reader, entry, &row)) { Ok(()) } else { Err(stopped()) }
    })
}

fn about(row: &Row, person: &PersonId) -> bool {
    row.groups.iter().any(|group| matches!(&group.content, Content::Open { person: Some(of), .. } if of == person))
}

fn shown(reader: &Reader, entry: &Entry, row: &Row) -> serde_json::Value {
    let at =
        i64::try_from(entry.logged_at.seconds()).ok().and_then(|at| Instant::from_millis(at.checked_mul(1000)?).ok());
    let mut line = Map::new();
    line.insert("entry".to_owned(), json!(row.leaf));
    line.insert("kind".to_owned(), json!(entry.kind.as_str()));
    line.insert("logged_at".to_owned(), at.map_or_else(|| json!(entry.logged_at.seconds()), |at| json!(at)));
    match decision(reader, row) {
        Some(record) => line.insert("decision".to_owned(), json!(record)),
        None => line.insert(
            "groups".to_owned(),
            (0..)
                .map(GroupNumber)
                .zip(&row.groups)
                .map(|(number, group)| {
                    let open = reader.content(row, number).and_then(|bytes| read_group(bytes).ok());
                    match (open, &group.content) {
                        (Some((schema, columns)), _) => {
                            json!({ "schema": schema, "columns": columns.iter().map(value).collect::<Vec<_>>() })
                        }
                        (None, Content::Erased { by }) => json!({ "erased_by": by }),
                        (None, Content::Open { .. }) => json!({ "erased_by": null }),
                    }
                })
                .collect(),
        ),
    };
    serde_json::Value::Object(line)
}

/// A decision that is whole.
fn decision(reader: &Reader, row: &Row) -> Option<DecisionRecord> {
    let [_, _] = row.groups.as_slice() else { return None };
    let (first, algorithm) = read_group(reader.content(row, GroupNumber(0))?).ok()?;
    let (second, columns) = read_group(reader.content(row, GroupNumber(1))?).ok()?;
    let is_decision = first == ALGORITHM_SCHEMA && second == DECISION_SCHEMA;
    let record = is_decision.then(|| read_decision(&columns).ok()).flatten()?;
    Some(DecisionRecord { algorithm: algorithm.first().and_then(Value::as_text).map(str::to_owned), ..record })
}

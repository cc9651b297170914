use crate::action::Action;
use crate::decision::Decision;
use crate::facts::{CONTEXT, NUMBERS};
use crate::plant::{Plant, is_law};
use crate::practice::Practices;
use crate::settings::SimError;
use csv::Writer;
use gongdao_model::Instant;
use std::fs::File;
use std::path::{Path, PathBuf};

/// One CSV file being written.
#[derive(Debug)]
pub(crate) struct Table {
    path: PathBuf,
    writer: Writer<File>,
}

impl Table {
    /// A new file with its header.
    pub(crate) fn create<'a>(path: PathBuf, header: impl IntoIterator<Item = &'a str>) -> Result<Self, SimError> {
        let file = File::create_new(&path).map_err(|cause| SimError::Write(path.clone(), cause))?;
        let mut table = Self { path, writer: Writer::from_writer(file) };
        table.row(header)?;
        Ok(table)
    }

    /// One row.
    pub(crate) fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<(), SimError> {
        self.writer.write_record(cells).map_err(|cause| SimError::Row(self.path.clone(), cause))
    }

    /// Everything to the disk.
    pub(crate) fn finish(mut self) -> Result<(), SimError> {
        let flushed = self.writer.flush().and_then(|()| self.writer.get_ref().sync_all());
        flushed.map_err(|cause| SimError::Write(self.path.clone(), cause))
    }
}

/// The moment as files write it, RFC 3339 in UTC+8; an impossible one is an empty cell.
pub(crate) fn moment(millis: i64) -> String {
    Instant::from_millis(millis).map(|at| at.to_string()).unwrap_or_default()
}

/// The event log of persons or of algorithms.
#[derive(Debug)]
pub(crate) struct EventLog {
    table: Table,
    seq: i64,
}

impl EventLog {
    /// A new log.
    pub(crate) fn create(path: PathBuf) -> Result<Self, SimError> {
        Ok(Self { table: Table::create(path, ["key", "at", "seq", "fact", "op", "value"])?, seq: 0 })
    }

    /// One event; events of one key at one moment count in the order of writing.
    pub(crate) fn event(&mut self, key: &str, at: i64, fact: &str, op: &str, value: &str) -> Result<(), SimError> {
        self.seq += 1;
        self.table.row([key, &moment(at), &self.seq.to_string(), fact, op, value])
    }

    /// Everything to the disk.
    pub(crate) fn finish(self) -> Result<(), SimError> {
        self.table.finish()
    }
}

/// The decisions and what is true of them, in step.
#[derive(Debug)]
pub(crate) struct DecisionLog {
    decisions: Table,
    truth: Table,
    plants: Table,
    /// Decisions written.
    pub(crate) written: i64,
    /// Rows of the truth.
    pub(crate) truths: i64,
}

impl DecisionLog {
    /// New logs in `folder`.
    pub(crate) fn create(folder: &Path) -> Result<Self, SimError> {
        let fixed = ["decision_id", "at", "action", "algorithm", "person", "person_group", "practice", "tags_used"];
        Ok(Self {
            decisions: Table::create(folder.join("decisions.csv"), fixed.into_iter().chain(NUMBERS))?,
            truth: Table::create(folder.join("truth.csv"), ["decision_id", "rule", "reading", "kind"])?,
            plants: Table::create(folder.join("plants.csv"), ["decision_id", "plant"])?,
            written: 0,
            truths: 0,
        })
    }

    /// One decision; decisions come in the order of time.
    pub(crate) fn decision(&mut self, decision: &Decision) -> Result<(), SimError> {
        self.written += 1;
        let id = format!("D{:09}", self.written);
        let fixed = [
            id.clone(),
            moment(decision.at),
            decision.action.name().to_owned(),
            decision.algorithm.clone(),
            decision.person.clone(),
            decision.group.to_owned(),
            practice_name(decision.practice.0),
            decision.tags.clone(),
        ];
        let numbers = decision.numbers.iter().map(|number| number.map(|value| value.to_string()).unwrap_or_default());
        let cells: Vec<String> = fixed.into_iter().chain(numbers).collect();
        self.decisions.row(cells.iter().map(String::as_str))?;
        decision.plant.map_or(Ok(()), |plant| self.planted(&id, plant, decision.at))
    }

    fn planted(&mut self, id: &str, plant: &Plant, at: i64) -> Result<(), SimError> {
        self.plants.row([id, plant.name])?;
        for (kind, rules) in [("violated", plant.breaks), ("undetermined", plant.unknown)] {
            for named in rules.iter().filter(|named| is_law(named, at)) {
                let (rule, reading) = named.split_once('?').unwrap_or((named, ""));
                self.truths += 1;
                self.truth.row([id, rule, reading, kind])?;
            }
        }
        Ok(())
    }

    /// Everything to the disk.
    pub(crate) fn finish(self) -> Result<(), SimError> {
        self.decisions.finish()?;
        self.truth.finish()?;
        self.plants.finish()
    }
}

fn practice_name(number: usize) -> String {
    format!("P{number:04}")
}

/// The practices, when all are known.
pub(crate) fn write_practices(folder: &Path, practices: &Practices) -> Result<(), SimError> {
    let header = ["practice"].into_iter().chain(CONTEXT.iter().map(|fact| fact.name));
    let mut table = Table::create(folder.join("practices.csv"), header)?;
    for (index, row) in practices.rows().enumerate() {
        let name = practice_name(index + 1);
        table.row([name.as_str()].into_iter().chain(row.iter().copied()))?;
    }
    table.finish()
}

/// Names of all actions, for the adapter.
pub(crate) fn action_names() -> Vec<&'static str> {
    Action::ALL.iter().map(|action| action.name()).collect()
}

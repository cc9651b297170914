//! The decisions query, batch by batch: read, joined with state, judged, counted, written in parts.

use crate::adapter::Sql;
use crate::engine::Engine;
use crate::query::Session;
use crate::run::checkpoint::{Checkpoint, Workplace};
use crate::run::part::Part;
use crate::run::{Progress, Request, Watch};
use crate::state::{self, State};
use crate::table::FaultTally;
use crate::view::DecisionView;
use crate::{AuditError, columns, digest, run::quality};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_kernel::Patterns;
use gongdao_model::{Entity, FactPath};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// What was wrong with rows of the decisions query and of the events.
#[derive(Default)]
pub(crate) struct Judged {
    pub(crate) faults: FaultTally,
    pub(crate) set_aside: u64,
    /// Parameters that the decisions query gives: they take the place of the packs' values.
    pub(crate) given: BTreeSet<String>,
}

/// Judge every decision that the checkpoint does not have yet. None where `watch` asked to stop.
pub(crate) fn judge(
    request: &Request<'_>,
    session: &Session,
    workplace: &Workplace,
    checkpoint: &mut Checkpoint,
    watch: &dyn Watch,
) -> Result<Option<Judged>, AuditError> {
    let Some(sql) = &request.adapter.decisions else {
        quality::refuse_if_strict(request, session)?;
        return Ok(Some(Judged::default()));
    };
    let mut judged = Judged::default();
    let states = load_states(request, session, &mut judged)?;
    let mut view = plan(request, session, sql, &states)?;
    let (total, repeated) = session.identifiers(sql)?;
    view.watch(repeated);
    quality::refuse_if_strict(request, session)?;
    if checkpoint.parts > 0 {
        watch.progress(Progress::Resuming(checkpoint.tally.decisions));
    }
    let engine = request.engine.build(request.rules, request.threads)?;
    let reading = Reading { request, session, sql, parts: checkpoint.parts, chain: checkpoint.decisions.clone() };
    let work = Judging { request, workplace, states: &states, engine: engine.as_ref(), watch, total };
    // One thread reads while another judges and writes; they meet batch by batch, in order.
    let (complete, view) = std::thread::scope(|scope| {
        let (sender, batches) = sync_channel(BATCHES_AHEAD);
        let reader = std::thread::Builder::new().name("reader".to_owned()).stack_size(READER_STACK_BYTES);
        let reader = reader
            .spawn_scoped(scope, move || {
                reading.send(&mut view, &sender);
                view
            })
            .map_err(|error| columns::internal(&format!("cannot start a thread: {error}")))?;
        let complete = work.all(&batches, checkpoint);
        // The reader stops where nobody takes its batches.
        drop(batches);
        let view = reader.join().map_err(|_| columns::internal("the thread that reads failed"))?;
        Ok::<_, AuditError>((complete?, view))
    })?;
    if !complete {
        return Ok(None);
    }
    judged.set_aside += view.set_aside;
    let parameters = request.rules.vocabulary.facts.keys().filter(|path| path.entity() == Entity::Parameter);
    judged.given = parameters.map(|path| path.name().to_owned()).filter(|name| view.gives_parameter(name)).collect();
    judged.faults.merge(view.faults);
    Ok(Some(judged))
}

/// Batches that are read before they are asked for.
const BATCHES_AHEAD: usize = 2;
/// The query engine's planner recurses: as much as the main thread has.
const READER_STACK_BYTES: usize = 8 << 20;

/// One batch of decisions on its way to the engine.
struct Batch {
    decisions: RecordBatch,
    /// Digest over all identifiers up to its end.
    chain: String,
    /// Rows of the query up to its end.
    done: u64,
}

/// The reading half.
struct Reading<'a> {
    request: &'a Request<'a>,
    session: &'a Session,
    sql: &'a Sql,
    /// Parts that were judged before, and the digest over their identifiers.
    parts: usize,
    chain: String,
}

impl Reading<'_> {
    /// Send every batch that was not judged before, or the error that ended the reading.
    fn send(&self, view: &mut DecisionView, sender: &SyncSender<Result<Batch, AuditError>>) {
        if let Err(error) = self.batches(view, &mut |batch| sender.send(Ok(batch)).is_ok()) {
            // Nobody may be there to hear it: then the other half has an error of its own.
            let _ = sender.send(Err(error));
        }
    }

    fn batches(&self, view: &mut DecisionView, take: &mut dyn FnMut(Batch) -> bool) -> Result<(), AuditError> {
        let (mut done, mut chain) = (0, String::new());
        for (number, batch) in self.session.stream(self.sql)?.enumerate() {
            let batch = batch?;
            done += batch.num_rows() as u64;
            // Every batch goes through the view, judged before or not: it knows which identifiers were seen.
            let decisions = view.convert(&batch)?;
            refuse_set_aside(self.request, view)?;
            chain = chained(&chain, &decisions)?;
            if number < self.parts {
                if number + 1 == self.parts && chain != self.chain {
                    return Err(other_order(self.sql));
                }
            } else if !take(Batch { decisions, chain: chain.clone(), done }) {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The judging half.
struct Judging<'a> {
    request: &'a Request<'a>,
    workplace: &'a Workplace,
    states: &'a [State],
    engine: &'a dyn Engine,
    watch: &'a dyn Watch,
    total: u64,
}

impl Judging<'_> {
    /// Judge, count and keep every batch. False where `watch` asked to stop.
    fn all(
        &self,
        batches: &Receiver<Result<Batch, AuditError>>,
        checkpoint: &mut Checkpoint,
    ) -> Result<bool, AuditError> {
        let mut patterns = Patterns::default();
        for batch in batches {
            let Batch { mut decisions, chain, done } = batch?;
            for state in self.states {
                decisions = state.join(&decisions)?;
            }
            let verdicts = self.engine.judge(&decisions)?;
            let rules = self.request.rules;
            let numbers = checkpoint.tally.add(rules, &mut patterns, &decisions, &verdicts)?;
            let part = Part::new(rules, &patterns, &numbers, &decisions, &verdicts)?;
            keep(self.workplace, checkpoint, &part, &chain)?;
            self.watch.progress(Progress::Judging(done, self.total));
            if self.watch.stop() {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// A digest over the identifiers of all decisions so far: what was judged before must be what is skipped now.
fn chained(before: &str, decisions: &RecordBatch) -> Result<String, AuditError> {
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    for id in columns::column(decisions, columns::DECISION)?.as_string::<i32>().iter().flatten() {
        hash.update((id.len() as u64).to_be_bytes());
        hash.update(id.as_bytes());
    }
    Ok(digest::text(hash))
}

fn other_order(sql: &Sql) -> AuditError {
    let message = "the query gives its rows in another order than before the interruption";
    AuditError::new(
        &sql.file,
        message,
        "run the audit again with `--fresh`, and end the query with ORDER BY \"_file\", \"_row\"",
    )
}

/// A part is one batch: what is lost when a run is stopped or killed is the batch in hand.
fn keep(workplace: &Workplace, checkpoint: &mut Checkpoint, part: &Part<'_>, chain: &str) -> Result<(), AuditError> {
    let number = checkpoint.parts;
    part.write(&workplace.part("verdicts", number), &workplace.part("findings", number))?;
    checkpoint.parts += 1;
    chain.clone_into(&mut checkpoint.decisions);
    workplace.keep(checkpoint)
}

fn load_states(request: &Request<'_>, session: &Session, judged: &mut Judged) -> Result<Vec<State>, AuditError> {
    let mut states = Vec::new();
    for spec in &request.adapter.states {
        let state = state::load(session, spec, &request.rules.vocabulary, &mut judged.faults)?;
        for earlier in states.iter().filter(|earlier: &&State| earlier.entity == state.entity) {
            if let Some(twice) = earlier.facts().find(|fact| state.facts().any(|other| other == *fact)) {
                let message = format!("`{twice}` is given by two states");
                return Err(AuditError::new(&spec.sql.file, message, "leave it out of one of them"));
            }
        }
        judged.set_aside += state.set_aside;
        states.push(state);
    }
    // A finding that only repeats rows of a table is left to the table, whose own words are closer to the fault.
    if request.strict
        && let Some(first) = judged.faults.findings().find(|finding| finding.set_aside)
    {
        return Err(quality::refusal(first));
    }
    Ok(states)
}

fn plan(request: &Request<'_>, session: &Session, sql: &Sql, states: &[State]) -> Result<DecisionView, AuditError> {
    let given: BTreeSet<FactPath> = states.iter().flat_map(State::facts).cloned().collect();
    let batches = session.stream(sql)?;
    DecisionView::plan(sql, &batches.schema, &request.rules.vocabulary, &request.adapter.parameters, &given)
}

fn refuse_set_aside(request: &Request<'_>, view: &DecisionView) -> Result<(), AuditError> {
    match view.faults.findings().next() {
        Some(first) if request.strict => Err(quality::refusal(first)),
        _ => Ok(()),
    }
}

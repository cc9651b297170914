//! The decisions query, batch by batch: read, joined with state, judged, counted, written in parts.

use crate::adapter::Sql;
use crate::query::Session;
use crate::run::checkpoint::{Checkpoint, Workplace};
use crate::run::part::Part;
use crate::run::pattern::Patterns;
use crate::run::{Progress, Request, Watch};
use crate::state::{self, State};
use crate::table::FaultTally;
use crate::view::DecisionView;
use crate::{AuditError, columns, digest, run::quality};
use datafusion::arrow::array::AsArray;
use datafusion::arrow::record_batch::RecordBatch;
use gongdao_model::{Entity, FactPath};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

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
    let mut patterns = Patterns::default();
    let mut done = 0;
    let mut chain = String::new();
    for (number, batch) in session.stream(sql)?.enumerate() {
        let batch = batch?;
        done += batch.num_rows() as u64;
        // Every batch goes through the view, judged before or not: it knows which identifiers were seen.
        let mut decisions = view.convert(&batch)?;
        refuse_set_aside(request, &view)?;
        chain = chained(&chain, &decisions)?;
        if number < checkpoint.parts {
            if number + 1 == checkpoint.parts && chain != checkpoint.decisions {
                return Err(other_order(sql));
            }
            continue;
        }
        for state in &states {
            decisions = state.join(&decisions)?;
        }
        let verdicts = engine.judge(&decisions)?;
        let numbers = checkpoint.tally.add(request.rules, &mut patterns, &decisions, &verdicts)?;
        let part = Part::new(request.rules, &patterns, &numbers, &decisions, &verdicts)?;
        keep(workplace, checkpoint, &part, &chain)?;
        watch.progress(Progress::Judging(done, total));
        if watch.stop() {
            return Ok(None);
        }
    }
    judged.set_aside += view.set_aside;
    let parameters = request.rules.vocabulary.facts.keys().filter(|path| path.entity() == Entity::Parameter);
    judged.given = parameters.map(|path| path.name().to_owned()).filter(|name| view.gives_parameter(name)).collect();
    judged.faults.merge(view.faults);
    Ok(Some(judged))
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

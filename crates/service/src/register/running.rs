//! A trial as it runs: who is in it, what came of its decisions, whether a condition stopped it. Held in memory, and made again at
//! the start from what the ledger has.

use crate::ServiceError;
use crate::check::answer_of;
use crate::ledger_view::LedgerView;
use crate::port::Store;
use crate::record::{open_groups, read_check, trial_of};
use gongdao_gate::{Checked, TrialHold};
use gongdao_model::{Instant, PlaceCode};
use gongdao_register::{StopCondition, Trial, TrialMeasure, TrialObjection, TrialTally};
use std::collections::{HashMap, HashSet};

/// Decisions that are read together.
const AT_ONCE: u32 = 1000;

/// A trial that binds its version.
///
/// INVARIANT: there are never more persons in it than its plan has.
#[derive(Debug)]
pub(crate) struct Running {
    trial: Trial,
    /// Pseudonyms, as decisions have them.
    persons: HashSet<String>,
    /// Without contests, which the database counts.
    tally: TrialTally,
    /// A condition that was met and is not in the journal yet.
    met: Option<StopCondition>,
}

impl Running {
    pub(super) fn new(trial: Trial) -> Self {
        Self { trial, persons: HashSet::new(), tally: TrialTally::default(), met: None }
    }

    /// The trial with what the ledger of this process has of it.
    pub(super) fn before(trial: Trial, store: &dyn Store, view: &LedgerView, node: &str) -> Result<Self, ServiceError> {
        let mut run = Self::new(trial);
        // What a closed trial came to stands in its last report.
        if run.trial.began_at.is_none() || run.trial.closed_at.is_some() {
            return Ok(run);
        }
        let (mut from, mut violated) = (0, HashMap::<String, bool>::new());
        loop {
            let lines = store.decisions_of_version(&run.trial.plan.version, node, from, AT_ONCE)?;
            let Some((last, _)) = lines.last() else { break };
            from = last + 1;
            let rows = view.rows(&lines.iter().map(|(leaf, _)| *leaf).collect())?;
            for (leaf, person) in lines {
                let Some(row) = rows.get(&leaf) else { continue };
                let groups = open_groups(row)?;
                let is_in = trial_of(&groups)?.is_some_and(|found| found.id == run.trial.id && found.hold.is_none());
                if !is_in {
                    continue;
                }
                let answer = read_check(&groups)?.and_then(|logged| logged.answer);
                if let Some(digest) = &answer
                    && !violated.contains_key(digest)
                {
                    violated.insert(digest.clone(), answer_of(store, digest)?.violated);
                }
                let verdict = answer.and_then(|digest| violated.get(&digest).copied());
                run.count(person.as_deref(), verdict);
            }
        }
        Ok(run)
    }

    pub(crate) fn trial(&self) -> &Trial {
        &self.trial
    }

    /// The same trial, as it stands now.
    pub(super) fn renew(&mut self, trial: Trial) {
        self.trial = trial;
    }

    /// Why it does not let a decision be made; nothing where it does, and then the decision counts.
    pub(super) fn enter(
        &mut self,
        at: Instant,
        place: Option<PlaceCode>,
        person: Option<&str>,
        checked: &Checked,
    ) -> Option<TrialHold> {
        if self.met.is_some() {
            return Some(TrialHold::Stopped);
        }
        let is_new = person.is_some_and(|person| !self.persons.contains(person));
        let is_full = is_new && self.persons.len() as u64 >= u64::from(self.trial.plan.persons);
        let objection = self.trial.objection(at, place).or(is_full.then_some(TrialObjection::Full));
        if let Some(objection) = objection {
            return Some(match objection {
                TrialObjection::NotRunning => TrialHold::NotRunning,
                TrialObjection::OutsidePeriod => TrialHold::OutsidePeriod,
                TrialObjection::OutsidePlace => TrialHold::OutsidePlace,
                TrialObjection::Full => TrialHold::Full,
                TrialObjection::Stopped => TrialHold::Stopped,
            });
        }
        self.count(person, checked.answer.as_ref().map(|answer| answer.violated));
        None
    }

    /// Count a decision; `violated` says whether it violates a rule, where it was judged. From the next one on a condition that
    /// is met stops the trial.
    fn count(&mut self, person: Option<&str>, violated: Option<bool>) {
        if let Some(person) = person.filter(|person| !self.persons.contains(*person)) {
            self.persons.insert(person.to_owned());
        }
        self.tally.decisions += 1;
        self.tally.judged += u64::from(violated.is_some());
        self.tally.violated += u64::from(violated == Some(true));
        let of_gate = self.trial.plan.stops.iter().filter(|stop| stop.measure == TrialMeasure::Violated);
        self.met = of_gate.copied().find(|stop| stop.is_met(&self.tally)).or(self.met);
    }

    /// Persons in it, what came of its decisions, and the condition that the gate found met.
    pub(super) fn so_far(&self) -> (u64, TrialTally, Option<StopCondition>) {
        (self.persons.len() as u64, self.tally, self.met)
    }
}

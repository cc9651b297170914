use super::access::OnRegister;
use super::board::locked;
use super::figures::SMALLEST;
use super::lines::{RegisterBody, Stored, TRIALS, VERSIONS, all, entry, put, read, stored};
use crate::follow::Acknowledged;
use crate::identity::new_id;
use crate::port::{Expected, NewEntry};
use crate::{Caller, ErrorKind, Service, ServiceError};
use gongdao_clock::{Calendar, CountingRule, Explanation, explain};
use gongdao_desk::Limit;
use gongdao_model::{Instant, LegalDate, ProvisionId};
use gongdao_register::{
    StopCondition, Trial, TrialEvent, TrialFigures, TrialGround, TrialPlan, TrialStage, TrialTally, TrialWhat,
};
use serde::{Deserialize, Serialize};

/// What people do with a trial. When it began, and what came of it, the service says itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TrialTurn {
    /// The authority grants it.
    Granted {
        /// Conditions.
        text: String,
        /// Its document.
        #[serde(default)]
        document: Option<String>,
    },
    /// The authority refuses it.
    Refused {
        /// Why.
        text: String,
        /// The provision that stands against it.
        #[serde(default)]
        provision: Option<ProvisionId>,
    },
    /// It begins.
    Began,
    /// It is stopped, or taken back.
    Stopped {
        /// Why.
        text: String,
    },
    /// A report.
    Reported {
        /// In words.
        text: String,
    },
    /// The last report.
    Closed {
        /// In words.
        text: String,
    },
}

/// A trial as everyone may see it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TrialView {
    /// The trial.
    #[serde(flatten)]
    pub trial: Trial,
    /// How it stands.
    pub stage: TrialStage,
    /// What came of it so far; nothing before it began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figures: Option<TrialFigures>,
    /// The last day for the last report, once it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report_due: Option<LegalDate>,
    /// Whether that day is over without it.
    pub is_late: bool,
    /// How the day was worked out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
    /// Where the last event stands, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

impl TrialView {
    /// A trial at a moment. `figures`: what came of it so far, where somebody counts that; those of its last report come first.
    pub fn of(trial: Trial, figures: Option<TrialFigures>, calendar: &Calendar, now: Instant) -> Self {
        let explanation = trial.ended_at(now).and_then(|ended| report_due(&trial, ended, calendar));
        let report_due = explanation.as_ref().and_then(|found| found.due.as_ref()).map(|due| due.end.day());
        Self {
            stage: trial.stage(now),
            is_late: trial.closed_at.is_none() && report_due.is_some_and(|due| now.date_in_shanghai() > due),
            figures: trial.reports.iter().find_map(|report| report.figures.clone()).or(figures),
            report_due,
            explanation,
            trial,
            receipt: None,
        }
    }
}

impl Service {
    /// Apply for a trial of a version. Returns when it is in the ledger; from then on the version decides within the trial alone.
    ///
    /// Errors: the caller may not; there is no such version; it decides already or is in another trial (`NotNow`); a plan that
    /// cannot be.
    pub fn apply_for_trial(&self, caller: &Caller, plan: TrialPlan) -> Result<TrialView, ServiceError> {
        self.register.access.may(caller, OnRegister::ApplyTrial)?;
        if let Some(ground) = &plan.ground {
            self.register.grounds.check(ground, plan.place, plan.from)?;
        }
        let version = self.stored_version(&plan.version).map_err(|error| unknown(&plan.version, error))?;
        if let Some(other) = self.trial_over(&version.value.id)? {
            let hint = "read it, or declare another version";
            return Err(ServiceError::new(ErrorKind::NotNow, format!("the version is in the trial `{other}`"), hint));
        }
        self.queue().projector().flush();
        if self.store.count_algorithms(std::slice::from_ref(&version.value.id))?.decisions > 0 {
            let hint = "declare another version: a trial is applied for before anything is decided";
            return Err(ServiceError::new(ErrorKind::NotNow, "the version has decided already", hint));
        }
        let id = new_id("sandbox", &*self.entropy)?;
        let (trial, event) = Trial::apply(&id, &version.value, plan, self.clock.now())?;
        // The version is put as it is, so that of two applications at once one fails.
        let puts =
            [version.put(VERSIONS, &version.value.id, &version.value)?, put(TRIALS, &id, Expected::Absent, &trial)?];
        let receipt = self.keep_register(&puts, &[trial_entry(&trial, &caller.actor, event)?])?;
        self.trial_view(trial, Some(receipt))
    }

    /// Go on with a trial: answer, begin, stop, report, close. Returns when it is in the ledger and every gate knows it.
    ///
    /// Errors: the caller may not; there is none; it cannot follow (`NotNow`).
    pub fn act_on_trial(&self, caller: &Caller, id: &str, turn: TrialTurn) -> Result<TrialView, ServiceError> {
        let action = match &turn {
            TrialTurn::Granted { .. } | TrialTurn::Refused { .. } => OnRegister::AnswerTrial,
            TrialTurn::Stopped { .. } => OnRegister::StopTrial,
            TrialTurn::Began | TrialTurn::Reported { .. } | TrialTurn::Closed { .. } => OnRegister::RunTrial,
        };
        self.register.access.may(caller, action)?;
        let before: Stored<Trial> = stored(&*self.store, TRIALS, id, "sandbox")?;
        let what = match turn {
            TrialTurn::Granted { text, document } => TrialWhat::Granted { text, document },
            TrialTurn::Refused { text, provision } => TrialWhat::Refused { text, provision },
            TrialTurn::Began => TrialWhat::Began,
            TrialTurn::Stopped { text } => TrialWhat::Stopped { text, condition: None },
            TrialTurn::Reported { text } => TrialWhat::Reported { text },
            TrialTurn::Closed { text } => TrialWhat::Closed { text, figures: self.trial_figures(&before.value)? },
        };
        self.go_on_with_trial(&before, &caller.actor, what)
    }

    fn go_on_with_trial(
        &self,
        before: &Stored<Trial>,
        actor: &str,
        what: TrialWhat,
    ) -> Result<TrialView, ServiceError> {
        let event = TrialEvent { at: self.clock.now().max(before.value.changed_at), what };
        let trial = before.value.after(&event)?;
        let put = before.put(TRIALS, &trial.id, &trial)?;
        let receipt = self.keep_register(&[put], &[trial_entry(&trial, actor, event)?])?;
        self.trial_view(trial, Some(receipt))
    }

    /// One trial, for everyone.
    ///
    /// Errors: there is none.
    pub fn trial(&self, id: &str) -> Result<TrialView, ServiceError> {
        let found: Stored<Trial> = stored(&*self.store, TRIALS, id, "sandbox")?;
        self.trial_view(found.value, None)
    }

    /// Trials in the order of their names, after one; for everyone.
    pub fn trials(&self, after: Option<&str>, limit: u32) -> Result<Vec<TrialView>, ServiceError> {
        let page = self.store.list(TRIALS, after, limit)?;
        page.iter().map(|document| self.trial_view(read(document)?, None)).collect()
    }

    /// All trials, for everyone: those that wait or run first, then the newest.
    pub fn trials_in_order(&self) -> Result<Vec<TrialView>, ServiceError> {
        let found: Vec<Trial> = all(&*self.store, TRIALS)?;
        let mut views =
            found.into_iter().map(|trial| self.trial_view(trial, None)).collect::<Result<Vec<_>, ServiceError>>()?;
        views.sort_by_key(|view| {
            let is_over = matches!(view.stage, TrialStage::Refused | TrialStage::Closed);
            (is_over, std::cmp::Reverse(view.trial.applied_at), view.trial.id.clone())
        });
        Ok(views)
    }

    /// The provisions on which trials may rest.
    pub fn trial_grounds(&self) -> impl Iterator<Item = (&ProvisionId, &TrialGround)> {
        self.register.grounds.iter()
    }

    /// Stop each trial of which a condition is met. Returns how many. The service does this by itself once a minute; until it is
    /// in the journal, the gate of this process holds what a condition of its own figures stopped.
    pub fn sweep_trials(&self) -> Result<u64, ServiceError> {
        let now = self.clock.now();
        let mut stopped = 0;
        for run in self.board.runs() {
            let (trial, met) = {
                let run = locked(&run);
                (run.trial().clone(), run.so_far().2)
            };
            if trial.stage(now) != TrialStage::Running {
                continue;
            }
            let (_, tally) = self.trial_tally(&trial)?;
            let condition: Option<StopCondition> =
                met.or_else(|| trial.plan.stops.iter().copied().find(|stop| stop.is_met(&tally)));
            let Some(condition) = condition else { continue };
            let before: Stored<Trial> = stored(&*self.store, TRIALS, &trial.id, "sandbox")?;
            let what = TrialWhat::Stopped { text: String::new(), condition: Some(condition) };
            self.go_on_with_trial(&before, &self.node, what)?;
            stopped += 1;
        }
        Ok(stopped)
    }

    /// The trial that binds a version.
    fn trial_over(&self, version: &str) -> Result<Option<String>, ServiceError> {
        let all: Vec<Trial> = all(&*self.store, TRIALS)?;
        Ok(all.into_iter().find(|trial| trial.plan.version == version && trial.binds()).map(|trial| trial.id))
    }

    fn trial_tally(&self, trial: &Trial) -> Result<(u64, TrialTally), ServiceError> {
        let version = &trial.plan.version;
        let Some(run) = self.board.run(version) else { return Ok((0, TrialTally::default())) };
        let (persons, tally, _) = locked(&run).so_far();
        let contests = self.store.count_algorithms(std::slice::from_ref(version))?;
        Ok((persons, TrialTally { contested: contests.contested, changed: contests.changed, ..tally }))
    }

    fn trial_figures(&self, trial: &Trial) -> Result<TrialFigures, ServiceError> {
        let (persons, tally) = self.trial_tally(trial)?;
        Ok(TrialFigures::of(&tally, persons, SMALLEST))
    }

    fn trial_view(&self, trial: Trial, receipt: Option<Acknowledged>) -> Result<TrialView, ServiceError> {
        let has_run = trial.began_at.is_some() && trial.closed_at.is_none();
        let figures = has_run.then(|| self.trial_figures(&trial)).transpose()?;
        Ok(TrialView { receipt, ..TrialView::of(trial, figures, &self.desk.calendar, self.clock.now()) })
    }
}

/// That the version which is to be tried is not there, by the name that was given.
fn unknown(version: &str, error: ServiceError) -> ServiceError {
    if error.kind != ErrorKind::NotFound {
        return error;
    }
    let hint = "check its name, or declare it in the register first";
    ServiceError::new(ErrorKind::NotFound, format!("there is no version `{version}`"), hint)
}

/// Nothing where the calendar does not reach so far.
fn report_due(trial: &Trial, ended: Instant, calendar: &Calendar) -> Option<Explanation> {
    let period = Limit::try_from(format!("{} working days", trial.plan.report_days)).ok()?;
    explain(calendar, CountingRule::default(), period.0, ended, &[]).ok()
}

fn trial_entry(trial: &Trial, actor: &str, event: TrialEvent) -> Result<NewEntry, ServiceError> {
    entry(&trial.id, trial.events, actor, event.at, &RegisterBody::Trial(event))
}

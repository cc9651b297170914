use crate::desk::{OnCase, OnTask, case_entry, read_case, task_name};
use crate::port::{Recorded, TaskLine, TaskQuery};
use crate::{Acknowledged, Caller, ErrorKind, Page, Service, ServiceError};
use gongdao_desk::{About, Case, CaseEvent, Hat, Outcome, Party, RequestKind, Task, TaskState, Way, What};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Which tasks are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuestion {
    /// How they stand.
    pub state: Option<TaskState>,
    /// Of one system.
    pub system: Option<String>,
}

/// A task in a list: nobody is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TaskView {
    /// Its name.
    pub fulfilment: String,
    /// The request that it is a part of.
    pub case: String,
    /// What is asked for.
    pub kind: String,
    /// Which system.
    pub system: String,
    /// How it learns of it.
    pub way: String,
    /// How it stands.
    pub state: String,
    /// Since when.
    pub since: Instant,
}

/// A task with what has to be known to carry it out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told {
    /// Its name.
    pub fulfilment: String,
    /// The request that it is a part of.
    pub case: String,
    /// What is asked for.
    pub kind: RequestKind,
    /// For whom, by pseudonym.
    pub person: String,
    /// About what.
    pub about: About,
    /// In the person's words.
    pub text: String,
    /// Kinds of information that the desk named.
    pub kinds: Vec<String>,
    /// What came of the request.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// The task itself.
    pub task: Task,
    /// Whether every system did its part.
    pub is_fulfilled: bool,
    /// Its place in the journal and the ledger, where this is the answer to a change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Acknowledged>,
}

/// What is said of a task.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case", deny_unknown_fields)]
pub enum TaskTurn {
    /// It is done: by the system, or by hand.
    Done {
        /// What was done.
        text: String,
        /// Where, of a person who did it by hand.
        #[serde(default)]
        place: Option<String>,
    },
    /// It cannot be done.
    Failed {
        /// Why.
        text: String,
    },
    /// A person wants it tried again.
    Again,
}

impl Service {
    /// Tasks in the order of their names, after one: all for staff, its own for a system.
    ///
    /// Errors: the caller may see none.
    pub fn fulfilments(
        &self,
        caller: &Caller,
        question: &TaskQuestion,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<TaskView>, ServiceError> {
        let own = self.own_systems(caller)?;
        let all = self.desk.access().may_on_task(caller, OnTask::List, &BTreeSet::new());
        let systems = match &question.system {
            Some(system) if all || own.contains(system) => Some(BTreeSet::from([system.clone()])),
            None if all => None,
            None if !own.is_empty() => Some(own),
            _ => return Err(crate::access::forbidden("your role does not show what systems have to do")),
        };
        let query = TaskQuery { state: question.state.map(|state| state.as_str().to_owned()), systems };
        let lines = self.store.tasks(&query, after, limit)?;
        let next = lines.last().filter(|_| lines.len() == limit as usize).map(|line| line.id.clone());
        Ok(Page { items: lines.into_iter().map(view).collect(), next })
    }

    /// One task with all that has to be known to carry it out. The look of anybody but the system itself is logged first.
    ///
    /// Errors: there is none, or the caller may not know.
    pub fn fulfilment(&self, caller: &Caller, id: &str) -> Result<Told, ServiceError> {
        let (case, system) = self.task_case(id)?;
        let keys = self.keys_of(&system)?;
        if !self.desk.access().may_on_task(caller, OnTask::Read, &keys) {
            return Err(ServiceError::not_found("fulfilment"));
        }
        if !keys.contains(&caller.actor) {
            self.log_desk_look(caller, &case.person, None, id)?;
        }
        told(&case, &system, None)
    }

    /// Say how a task stands: the system with its key; or a person who did it by hand, and says where.
    ///
    /// Errors: there is none, or the caller may not know; it cannot follow (`NotNow`).
    pub fn answer_fulfilment(&self, caller: &Caller, id: &str, turn: TaskTurn) -> Result<Told, ServiceError> {
        let (case, system) = self.task_case(id)?;
        let keys = self.keys_of(&system)?;
        let is_system = keys.contains(&caller.actor) && self.desk.access().may_on_task(caller, OnTask::Answer, &keys);
        let is_staff = self.desk.access().may_on_case(caller, OnCase::Work, &case.person, &BTreeSet::new());
        let hat = match (is_system, is_staff) {
            (true, _) => Hat::System { system: system.clone() },
            (false, true) => Hat::Desk,
            _ => return Err(ServiceError::not_found("fulfilment")),
        };
        let own = case.task(&system).is_some_and(|task| task.way == Way::Own);
        let what = match turn {
            TaskTurn::Done { .. } if own => {
                let hint = "it erases by itself; where it is stuck, say `again` once the reason is gone";
                return Err(ServiceError::input("the service does this itself", hint));
            }
            TaskTurn::Done { text, place } => What::Fulfilled { system: system.clone(), text, place },
            TaskTurn::Failed { text } => What::Stuck { system: system.clone(), reason: text },
            TaskTurn::Again => What::Again { system: system.clone() },
        };
        let by = Party { actor: caller.actor.clone(), hat };
        let is_again = matches!(what, What::Again { .. });
        let (case, recorded) = self.say_of_task(&case, by, what)?;
        let receipt = self.follower.wait(recorded)?;
        if is_again {
            self.tell_again(&case, &system)?;
        }
        told(&case, &system, Some(receipt))
    }

    /// Keep what is said of a task.
    ///
    /// Errors: it cannot follow; somebody was faster (`Changed`).
    pub(super) fn say_of_task(&self, case: &Case, by: Party, what: What) -> Result<(Case, Recorded), ServiceError> {
        let at = self.clock.now().max(case.since);
        let event = CaseEvent { at, by, what };
        let case = case.after(&event, &self.desk.rights)?;
        let line = self.line_of(&case)?;
        let recorded = self.store.change_desk(&self.node, &[line], &[], &[case_entry(&case, &event)?])?;
        match recorded.first() {
            Some(Recorded::Other) | None => Err(ServiceError::changed()),
            Some(recorded) => Ok((case, *recorded)),
        }
    }

    /// The service itself says that a task cannot be carried out, if that is news.
    pub(crate) fn task_is_stuck(&self, case: &str, system: &str, reason: &str) -> Result<(), ServiceError> {
        let Some(line) = self.store.case(case)? else { return Ok(()) };
        let case = read_case(&line)?;
        if case.task(system).is_none_or(|task| task.state != TaskState::Open) {
            return Ok(());
        }
        let by = Party { actor: self.node.to_string(), hat: Hat::Service };
        let what = What::Stuck { system: system.to_owned(), reason: reason.to_owned() };
        match self.say_of_task(&case, by, what) {
            // Somebody was faster: what they said counts.
            Err(error) if matches!(error.kind, ErrorKind::Changed | ErrorKind::NotNow) => Ok(()),
            other => other.map(drop),
        }
    }

    fn task_case(&self, id: &str) -> Result<(Case, String), ServiceError> {
        let missing = || ServiceError::not_found("fulfilment");
        let (case, system) = id.rsplit_once('.').ok_or_else(missing)?;
        let case = read_case(&self.store.case(case)?.ok_or_else(missing)?)?;
        case.task(system).ok_or_else(missing)?;
        Ok((case, system.to_owned()))
    }

    /// Actors that answer for a system.
    fn keys_of(&self, system: &str) -> Result<BTreeSet<String>, ServiceError> {
        let systems = self.systems_in_force()?.into_iter().filter(|(id, _)| id == system);
        Ok(systems.filter_map(|(_, what)| what.key).map(|key| format!("key:{key}")).collect())
    }
}

fn view(line: TaskLine) -> TaskView {
    let TaskLine { id, case, kind, system, way, state, since, .. } = line;
    TaskView { fulfilment: id, case, kind, system, way, state, since }
}

fn told(case: &Case, system: &str, receipt: Option<Acknowledged>) -> Result<Told, ServiceError> {
    let task = case.task(system).ok_or_else(|| ServiceError::not_found("fulfilment"))?;
    let answer = case.answer.as_ref();
    let changed = case.review.as_ref().is_some_and(|review| review.changed);
    let outcome = answer.map(|answer| answer.outcome.clone()).filter(|_| !changed).unwrap_or(Outcome::Granted);
    Ok(Told {
        fulfilment: task_name(&case.id, system),
        case: case.id.clone(),
        kind: case.kind,
        person: case.person.clone(),
        about: case.about.clone(),
        text: case.text.clone(),
        kinds: answer.map(|answer| answer.kinds.clone()).unwrap_or_default(),
        outcome,
        task: task.clone(),
        is_fulfilled: case.is_fulfilled(),
        receipt,
    })
}

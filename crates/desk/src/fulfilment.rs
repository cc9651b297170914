//! What other systems have to do for a request that was granted, each one task.

use crate::event::{Hat, Party};
use crate::step::{Step, said};
use crate::{Case, DeskError, RequestKind, Stage};
use gongdao_model::Instant;
use serde::{Deserialize, Serialize};

/// The service's own records, as a system among others.
pub const OWN_SYSTEM: &str = "gongdao";
const PLACE_CHARS: usize = 500;

/// How a system learns of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// It is told by a signed event and answers with its key.
    Webhook,
    /// A program that holds a declared map of its database takes the task.
    DataMap,
    /// A person does it and says so.
    Manual,
    /// The service does it itself.
    Own,
}

impl Way {
    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::DataMap => "data-map",
            Self::Manual => "manual",
            Self::Own => "own",
        }
    }
}

/// That a system has to carry the request out.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Which.
    pub system: String,
    /// How it learns of it.
    pub way: Way,
}

/// How a task stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    /// The system has to do it.
    Open,
    /// It could not, or could not be told: a person has to look.
    Stuck,
    /// It is done.
    Done,
}

impl TaskState {
    /// All, in their order.
    pub const ALL: [Self; 3] = [Self::Open, Self::Stuck, Self::Done];

    /// The word in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Stuck => "stuck",
            Self::Done => "done",
        }
    }
}

/// What one system has to do.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Task {
    /// Which.
    pub system: String,
    /// How it learns of it.
    pub way: Way,
    /// How it stands.
    pub state: TaskState,
    /// When it was ordered.
    pub ordered_at: Instant,
    /// Since when it stands so.
    pub since: Instant,
    /// What was done, or why it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where, as the person says who did it by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Who said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Party>,
}

impl RequestKind {
    /// Whether other systems have to do something where it is granted.
    pub fn is_carried_out(self) -> bool {
        matches!(
            self,
            Self::Correct | Self::Delete | Self::Restrict | Self::WithdrawConsent | Self::DeleteTag | Self::OptOut
        )
    }
}

impl Case {
    /// Whether every system that had to do something did it.
    pub fn is_fulfilled(&self) -> bool {
        self.fulfilment.iter().all(|task| task.state == TaskState::Done)
    }

    /// The task of a system.
    pub fn task(&self, system: &str) -> Option<&Task> {
        self.fulfilment.iter().find(|task| task.system == system)
    }

    /// What a granted answer or a changed one orders. A system that was done before has to do it anew.
    pub(crate) fn order(&mut self, orders: &[Order], at: Instant) {
        for Order { system, way } in orders {
            self.fulfilment.retain(|task| task.system != *system);
            self.fulfilment.push(Task {
                system: system.clone(),
                way: *way,
                state: TaskState::Open,
                ordered_at: at,
                since: at,
                text: None,
                place: None,
                by: None,
            });
        }
    }
}

impl Step<'_> {
    pub(crate) fn fulfilled(self, system: &str, text: &str, place: Option<&str>) -> Result<(), DeskError> {
        said("what was done", text)?;
        match (&self.event.by.hat, place) {
            (Hat::Desk | Hat::Reviewer, Some(place)) if (1..=PLACE_CHARS).contains(&place.trim().chars().count()) => {}
            (Hat::Desk | Hat::Reviewer, _) => {
                let hint = "name under `place` the table, the file, the archive, in 1 to 500 characters";
                return Err(DeskError::new("whoever did it by hand says where", hint));
            }
            _ => {}
        }
        let change = TaskState::Done;
        self.task_becomes(system, change, Some(text), place)
    }

    pub(crate) fn stuck(self, system: &str, reason: &str) -> Result<(), DeskError> {
        said("reason", reason)?;
        self.task_becomes(system, TaskState::Stuck, Some(reason), None)
    }

    pub(crate) fn again(self, system: &str) -> Result<(), DeskError> {
        self.by_staff()?;
        self.task_becomes(system, TaskState::Open, None, None)
    }

    fn task_becomes(
        self,
        system: &str,
        state: TaskState,
        text: Option<&str>,
        place: Option<&str>,
    ) -> Result<(), DeskError> {
        self.at_stage(&[Stage::Answered, Stage::Input, Stage::Review, Stage::Closed])?;
        self.by_who_carries_out(system)?;
        let event = self.event;
        let Some(task) = self.case.fulfilment.iter_mut().find(|task| task.system == system) else {
            return Err(DeskError::new(format!("`{system}` has nothing to do for it"), "read the case again"));
        };
        let may_follow = match (task.state, state) {
            (TaskState::Done, _) | (TaskState::Open, TaskState::Open) => false,
            // The same reason is not told twice.
            (TaskState::Stuck, TaskState::Stuck) => task.text.as_deref() != text,
            _ => true,
        };
        if !may_follow {
            let now = task.state.as_str();
            return Err(DeskError::order(format!("the task of `{system}` is `{now}` already"), "read the case again"));
        }
        task.state = state;
        task.since = event.at;
        task.text = text.map(str::to_owned);
        task.place = place.map(str::to_owned);
        task.by = Some(event.by.clone());
        Ok(())
    }

    /// A system speaks of its own task, the service of any, staff of any.
    fn by_who_carries_out(&self, system: &str) -> Result<(), DeskError> {
        match &self.event.by.hat {
            Hat::System { system: own } if own == system => Ok(()),
            Hat::Service | Hat::Desk | Hat::Reviewer => Ok(()),
            _ => Err(DeskError::new("this is another's task", "leave it to them")),
        }
    }
}

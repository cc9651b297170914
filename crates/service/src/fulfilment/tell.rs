//! Telling systems of their tasks through the webhooks that the service has.

use super::event_name;
use crate::desk::{read_case, task_name};
use crate::port::{Put, Store, TaskQuery};
use crate::webhook::{letter_names, send_task, take_letters};
use crate::{Service, ServiceError};
use gongdao_desk::{Case, Task, TaskState, Way};

/// The case and the task of a letter, where there is something left to do.
pub(crate) fn is_to_be_told(store: &dyn Store, case: &str, system: &str) -> Result<Option<Case>, ServiceError> {
    let Some(line) = store.case(case)? else { return Ok(None) };
    let case = read_case(&line)?;
    let is_left = case.task(system).is_some_and(|task| task.state != TaskState::Done);
    Ok(is_left.then_some(case))
}

/// What a system is told: the event's name, and the task. Nothing of the person.
pub(crate) fn told_of<'a>(case: &'a Case, system: &str) -> Option<(String, String, &'a Task)> {
    let task = case.task(system)?;
    let name = task_name(&case.id, system);
    Some((event_name(&name, task.ordered_at), name, task))
}

impl Service {
    /// Tell the systems of a case that are told by webhooks. What is not told, as the process died, the next look tells.
    pub(crate) fn tell_systems(&self, case: &Case) -> Result<(), ServiceError> {
        let open = |task: &&Task| task.way == Way::Webhook && task.state == TaskState::Open;
        let systems: Vec<&str> = case.fulfilment.iter().filter(open).map(|task| task.system.as_str()).collect();
        if systems.is_empty() {
            return Ok(());
        }
        let declared = self.systems_in_force()?;
        let webhook =
            |name: &str| declared.iter().find(|(id, _)| id == name).and_then(|(_, what)| what.webhook.clone());
        let mut puts: Vec<Put> = Vec::new();
        for system in systems {
            if let Some(webhook) = webhook(system) {
                puts.push(send_task(&webhook, &case.id, system)?);
            }
        }
        if puts.is_empty() { Ok(()) } else { self.store.change(&self.node, &puts, &[]).map(drop) }
    }

    /// Tell one system anew, whatever became of the letter before.
    pub(super) fn tell_again(&self, case: &Case, system: &str) -> Result<(), ServiceError> {
        let declared = self.systems_in_force()?;
        let webhook = declared.iter().find(|(id, _)| id == system).and_then(|(_, what)| what.webhook.as_deref());
        let Some(webhook) = webhook else { return Ok(()) };
        let mut puts = take_letters(webhook, &task_name(&case.id, system));
        puts.push(send_task(webhook, &case.id, system)?);
        self.store.change(&self.node, &puts, &[]).map(drop)
    }

    /// Tell what was ordered and never told, because a process died in between. The service does this by itself once a minute.
    pub fn tell_what_was_missed(&self) -> Result<(), ServiceError> {
        const AT_ONCE: u32 = 500;
        let declared = self.systems_in_force()?;
        for (system, webhook) in declared.iter().filter_map(|(id, what)| Some((id, what.webhook.as_deref()?))) {
            let query =
                TaskQuery { state: Some(TaskState::Open.as_str().to_owned()), systems: Some([system.clone()].into()) };
            let mut after: Option<String> = None;
            loop {
                let page = self.store.tasks(&query, after.as_deref(), AT_ONCE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.id.clone());
                for task in page.iter().filter(|task| task.way == Way::Webhook.as_str()) {
                    if letter_names(&*self.store, webhook, &task.id)? == 0 {
                        let put = send_task(webhook, &task.case, system)?;
                        self.store.change(&self.node, &[put], &[])?;
                    }
                }
            }
        }
        Ok(())
    }
}

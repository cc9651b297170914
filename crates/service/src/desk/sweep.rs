//! What happens when a stage runs past its limit, without anyone asking.

use super::lines::{case_entry, case_line, read_case, stored_limits};
use super::order::Sought;
use crate::port::{CaseLine, NewEntry, Recorded};
use crate::{Service, ServiceError};
use gongdao_desk::{CaseEvent, Hat, Party, Stage, What};
use std::slice::from_ref;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

/// How often is looked.
const EVERY: Duration = Duration::from_mins(1);
const AT_ONCE: u32 = 500;

impl Service {
    /// Escalate what is past its limit, each stage once, and close answers whose time for a review is over. Returns how many
    /// cases changed. The service does this by itself once a minute.
    pub fn sweep_desk(&self) -> Result<u64, ServiceError> {
        let (_, limits) = stored_limits(&*self.store)?;
        let now = self.clock.now();
        let mut changed = 0;
        let operators = Stage::ALL.into_iter().filter(|stage| stage.is_with_operator()).collect();
        for (stages, what) in [(operators, What::Escalated), (vec![Stage::Answered], What::Closed)] {
            let not_escalated = what == What::Escalated;
            let sought = Sought { stages, kind: None, due_before: Some(now), not_escalated };
            let mut after = None;
            loop {
                let page = self.waiting(&sought, after.as_ref(), AT_ONCE)?;
                let Some(last) = page.last() else { break };
                after = Some(last.place.clone());
                let mut swept = Vec::new();
                for waiting in &page {
                    let case = read_case(&waiting.line)?;
                    let by = Party { actor: self.node.to_string(), hat: Hat::Service };
                    let event = CaseEvent { at: now.max(case.since), by, what: what.clone() };
                    // A stage is escalated once.
                    let Ok(next) = case.after(&event, &self.desk.rights) else { continue };
                    let line = case_line(&next, &self.desk.rights, &limits, &self.desk.calendar)?;
                    swept.push((line, case_entry(&next, &event)?));
                }
                changed += self.keep_swept(swept)?;
            }
        }
        Ok(changed)
    }

    /// A page in one step; where somebody was faster with one of them, each for itself. How many changed.
    fn keep_swept(&self, swept: Vec<(CaseLine, NewEntry)>) -> Result<u64, ServiceError> {
        let (lines, entries): (Vec<CaseLine>, Vec<NewEntry>) = swept.into_iter().unzip();
        if lines.is_empty() {
            return Ok(0);
        }
        let is_new = |recorded: &[Recorded]| recorded.iter().all(|one| matches!(one, Recorded::New(_)));
        if is_new(&self.store.change_desk(&self.node, &lines, &[], &entries)?) {
            return Ok(lines.len() as u64);
        }
        let mut changed = 0;
        for (line, entry) in lines.iter().zip(&entries) {
            let one = self.store.change_desk(&self.node, from_ref(line), &[], from_ref(entry))?;
            changed += u64::from(is_new(&one));
        }
        Ok(changed)
    }
}

/// The thread that looks.
pub(crate) struct SweepThread {
    stop: Mutex<Option<Sender<()>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl SweepThread {
    pub(crate) fn start(service: Weak<Service>) -> Result<Self, ServiceError> {
        let (stop, stopped) = channel();
        let run = move || {
            while stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout) {
                let Some(service) = service.upgrade() else { return };
                // A database that fails says so to whoever asks; the next look finds what was missed.
                let _ = service.sweep_desk();
                let _ = service.sweep_trials();
                let _ = service.tell_what_was_missed();
                let _ = service.carry_out_deletions();
                let _ = service.refresh_gate_figures();
            }
        };
        let thread = std::thread::Builder::new().name("desk".to_owned()).spawn(run).map_err(ServiceError::storage)?;
        Ok(Self { stop: Mutex::new(Some(stop)), thread: Mutex::new(Some(thread)) })
    }

    pub(crate) fn stop(&self) {
        drop(self.stop.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // The last one to hold the service may be this thread itself.
        if let Some(thread) = thread.filter(|thread| thread.thread().id() != std::thread::current().id()) {
            let _ = thread.join();
        }
    }
}

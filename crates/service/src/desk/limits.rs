use super::DeskTools;
use super::access::OnDesk;
use super::lines::{Counted, counted, limits_collection, read_case, stored_limits};
use crate::identity::new_id;
use crate::port::{CaseLine, Due, Expected, JournalKind, NewEntry, Put, Store};
use crate::settings::Versioned;
use crate::{Caller, Service, ServiceError};
use gongdao_desk::{Limits, Stage};

impl Service {
    /// The published limits, with their version. Everyone may know them (IISARMP art. 22 wants them stated).
    pub fn desk_limits(&self) -> Result<Versioned<Limits>, ServiceError> {
        let (version, value) = stored_limits(&*self.store)?;
        Ok(Versioned { version, value })
    }

    /// Publish other limits. Cases that wait are counted by them from then on.
    ///
    /// Errors: the caller may not; `Changed`; a limit that begins now ends outside the calendar, or a case that waits cannot be
    /// counted by them: then nothing changes.
    pub fn change_desk_limits(
        &self,
        caller: &Caller,
        version: u64,
        limits: Limits,
    ) -> Result<Versioned<Limits>, ServiceError> {
        self.desk.access.may_on_desk(caller, OnDesk::SetLimits)?;
        let now = self.clock.now();
        for stage in Stage::ALL {
            // The queue could not be read any more.
            limits.due(stage, now, &self.desk.calendar)?;
        }
        check_moved(&*self.store, &self.desk, &limits)?;
        let body = serde_json::to_string(&limits).map_err(ServiceError::storage)?;
        let put = Put {
            collection: limits_collection(),
            id: limits_collection().to_owned(),
            expected: if version == 0 { Expected::Absent } else { Expected::Version(version) },
            body: Some(body.clone()),
            alias: None,
            expires: None,
        };
        let entry = NewEntry {
            kind: JournalKind::Settings,
            id: new_id("settings", &*self.entropy)?,
            person: None,
            subject: Some(limits_collection().to_owned()),
            actor: caller.actor.clone(),
            at: now,
            body,
        };
        let change = self.store.change(&self.node, &[put], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::changed)?;
        recount(&*self.store, &self.node, &self.desk)?;
        self.follower.wait(recorded)?;
        Ok(Versioned { version: version + 1, value: limits })
    }
}

/// By which calendar and which version of the limits the clocks were counted last that something moved.
const COUNTED: &str = "desk-calendar";

/// Count clocks again that something moved, where that was not done by the calendar and the limits of now: the program came with
/// another calendar, as a holiday was announced or moved; or a process ended before it had counted by new limits.
pub(crate) fn recount(store: &dyn Store, node: &str, desk: &DeskTools) -> Result<(), ServiceError> {
    let (version, limits) = stored_limits(store)?;
    let by = serde_json::to_string(&(desk.calendar.digest(), version)).map_err(ServiceError::storage)?;
    if store.document(COUNTED, COUNTED)?.is_some_and(|kept| kept.body == by) {
        return Ok(());
    }
    recount_moved(store, desk, &limits)?;
    let (id, body) = (COUNTED.to_owned(), Some(by));
    let put = Put { collection: COUNTED, id, expected: Expected::Any, body, alias: None, expires: None };
    store.change(node, &[put], &[]).map(drop)
}

fn recount_moved(store: &dyn Store, desk: &DeskTools, limits: &Limits) -> Result<(), ServiceError> {
    each_moved(store, |page| {
        let changed = side_by_side(page, |line| {
            // Limits by which it cannot be counted are refused before they are published. Where an older program took them, it keeps
            // the date that it has: it is still looked for by that, and whoever looks at the case is told.
            let Ok(Counted { since, moved, moved_to }) = counted_anew(line, desk, limits) else { return Ok(None) };
            let is_other = (since, moved, moved_to) != (line.since, line.moved, line.moved_to);
            Ok(is_other.then(|| Due { id: line.id.clone(), events: line.events, since, moved, moved_to }))
        })?;
        if changed.is_empty() { Ok(()) } else { store.set_dues(&changed) }
    })
}

/// Whether each case can be counted whose clock something moved: an extension in days goes with no limit in hours.
fn check_moved(store: &dyn Store, desk: &DeskTools, limits: &Limits) -> Result<(), ServiceError> {
    each_moved(store, |page| {
        side_by_side(page, |line| {
            let named =
                |error: ServiceError| ServiceError { message: format!("`{}`: {}", line.id, error.message), ..error };
            counted_anew(line, desk, limits).map(|_| None).map_err(named)
        })
        .map(drop)
    })
}

fn counted_anew(line: &CaseLine, desk: &DeskTools, limits: &Limits) -> Result<Counted, ServiceError> {
    counted(&read_case(line)?, &desk.rights, limits, &desk.calendar)
}

fn each_moved(
    store: &dyn Store,
    mut work: impl FnMut(&[CaseLine]) -> Result<(), ServiceError>,
) -> Result<(), ServiceError> {
    const AT_ONCE: u32 = 20_000;
    let mut after: Option<String> = None;
    loop {
        let page = store.moved_cases(after.as_deref(), AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        work(&page)?;
    }
}

/// What becomes of each line, on as many threads as the machine has.
fn side_by_side(
    page: &[CaseLine],
    work: impl Fn(&CaseLine) -> Result<Option<Due>, ServiceError> + Sync,
) -> Result<Vec<Due>, ServiceError> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let part = page.len().div_ceil(threads).max(1);
    let mut changed = Vec::new();
    std::thread::scope(|scope| {
        let work = &work;
        let each = |lines: &[CaseLine]| -> Result<Vec<Due>, ServiceError> {
            lines.iter().filter_map(|line| work(line).transpose()).collect()
        };
        let parts: Vec<_> = page.chunks(part).map(|lines| scope.spawn(move || each(lines))).collect();
        for part in parts {
            let outcome = part.join().map_err(|_| ServiceError::storage("a thread that counted broke off"))?;
            changed.extend(outcome?);
        }
        Ok(changed)
    })
}

use super::DeskTools;
use super::access::OnDesk;
use super::lines::{Counted, DAY_MILLIS, counted, ends_at, limits_collection, read_case, stored_limits};
use crate::identity::new_id;
use crate::port::{CaseLine, Due, Ends, Expected, JournalKind, NewEntry, Put, Store};
use crate::settings::Versioned;
use crate::{Caller, Service, ServiceError};
use gongdao_clock::End;
use gongdao_desk::{Limits, Stage};
use gongdao_model::Instant;

impl Service {
    /// The published limits, with their version. Everyone may know them (IISARMP art. 22 wants them stated).
    pub fn desk_limits(&self) -> Result<Versioned<Limits>, ServiceError> {
        let (version, value) = stored_limits(&*self.store)?;
        Ok(Versioned { version, value })
    }

    /// Publish other limits. Cases that wait are counted by them from then on.
    ///
    /// Errors: the caller may not; `Changed`.
    pub fn change_desk_limits(
        &self,
        caller: &Caller,
        version: u64,
        limits: Limits,
    ) -> Result<Versioned<Limits>, ServiceError> {
        self.desk.access.may_on_desk(caller, OnDesk::SetLimits)?;
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
            at: self.clock.now(),
            body,
        };
        let change = self.store.change(&self.node, &[put], &[entry])?;
        let recorded = change.entries.first().copied().ok_or_else(ServiceError::changed)?;
        recount(&*self.store, &self.desk, &limits)?;
        self.follower.wait(recorded)?;
        Ok(Versioned { version: version + 1, value: limits })
    }
}

/// The calendar by which due dates were counted last.
const CALENDAR: &str = "desk-calendar";

/// Count again what waits where the program came with another calendar: a holiday was announced, or moved.
pub(crate) fn recount_by_calendar(store: &dyn Store, node: &str, desk: &DeskTools) -> Result<(), ServiceError> {
    let digest = serde_json::to_string(desk.calendar.digest()).map_err(ServiceError::storage)?;
    let kept = store.document(CALENDAR, CALENDAR)?;
    if kept.is_some_and(|kept| kept.body == digest) {
        return Ok(());
    }
    let (_, limits) = stored_limits(store)?;
    recount(store, desk, &limits)?;
    let (id, body) = (CALENDAR.to_owned(), Some(digest));
    let put = Put { collection: CALENDAR, id, expected: Expected::Any, body, alias: None, expires: None };
    store.change(node, &[put], &[]).map(drop)
}

/// The due dates of all that waits, again; only those that change are written. Clocks that nothing moved end together when they
/// began on one day, so a day of them is counted once; the others one by one.
pub(super) fn recount(store: &dyn Store, desk: &DeskTools, limits: &Limits) -> Result<(), ServiceError> {
    for stage in Stage::ALL {
        let mut from = None;
        while let Some(first) = store.first_since(stage.as_str(), from)? {
            let day = first.date_in_shanghai().starts_at();
            let next = Instant::from_millis(day.millis() + DAY_MILLIS)?;
            let ends = match limits.end(stage, first, &desk.calendar)? {
                None => Ends::Never,
                Some(End::Moment(at)) => Ends::After(at.millis() - first.millis()),
                Some(end @ End::Day(_)) => Ends::At(ends_at(end)?),
            };
            store.set_dues_since(stage.as_str(), day..next, ends)?;
            from = Some(next);
        }
    }
    recount_moved(store, desk, limits)
}

fn recount_moved(store: &dyn Store, desk: &DeskTools, limits: &Limits) -> Result<(), ServiceError> {
    const AT_ONCE: u32 = 20_000;
    let mut after: Option<String> = None;
    loop {
        let page = store.moved_cases(after.as_deref(), AT_ONCE)?;
        let Some(last) = page.last() else { return Ok(()) };
        after = Some(last.id.clone());
        let changed = side_by_side(&page, |line| {
            let Counted { due, since, moved } = counted(&read_case(line)?, &desk.rights, limits, &desk.calendar)?;
            let is_other = (due, since, moved) != (line.due, line.since, line.moved);
            Ok(is_other.then(|| Due { id: line.id.clone(), events: line.events, due, since, moved }))
        })?;
        if !changed.is_empty() {
            store.set_dues(&changed)?;
        }
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

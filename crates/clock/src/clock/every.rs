use super::{Clock, Condition, Setting, limit, not_started, started};
use crate::{ClockError, Event, Events};
use gongdao_model::{LegalDate, Standing};
use gongdao_pack::{Duty, Instrument, InstrumentPack, Packs};

/// One version of a duty: its own words, from its first day to the first of the next version or the end of the instrument.
struct Version<'a> {
    duty: &'a Duty,
    standing: Standing,
    /// None came before it, so events before its first day are its to speak of.
    is_first: bool,
    until: Option<LegalDate>,
    is_last: bool,
}

/// The clocks of every duty of the packs that `binds` lets in, with their duties: those with a date first, by date, then by key.
///
/// Of the versions of a duty, each event starts the one that binds on its day. `binds` decides on place, on drafts and on
/// what the operator asks for. A duty whose instrument is no longer in force is left out unless something started it before.
/// Errors: as `clocks`.
pub fn every_clock<'a>(
    packs: &'a Packs,
    binds: &dyn Fn(&Instrument) -> bool,
    events: &Events,
    condition: &dyn Fn(&Duty, &Event) -> Condition,
    setting: &Setting<'_>,
) -> Result<Vec<(&'a Duty, Clock)>, ClockError> {
    let mut found = Vec::new();
    for pack in packs.instruments.iter().filter(|pack| binds(&pack.instrument)) {
        for version in versions(pack) {
            let clocks = version.clocks(events, condition, setting)?;
            found.extend(clocks.into_iter().map(|clock| (version.duty, clock)));
        }
    }
    found.sort_by_cached_key(|(_, clock)| {
        let end = clock.due_date().map(|due| due.end.day());
        (end.is_none(), end, clock.key.clone())
    });
    Ok(found)
}

fn versions(pack: &InstrumentPack) -> Vec<Version<'_>> {
    let mut duties: Vec<&Duty> = pack.duties.iter().collect();
    duties.sort_by(|one, other| (&one.id, one.from).cmp(&(&other.id, other.from)));
    let same = |one: Option<&&Duty>, other: &Duty| one.is_some_and(|one| one.id == other.id);
    let mut versions = Vec::new();
    for (index, duty) in duties.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|index| duties.get(index));
        let next = duties.get(index + 1).filter(|next| next.id == duty.id);
        let provision = pack.provisions.iter().find(|provision| provision.id == duty.provision);
        versions.push(Version {
            duty,
            standing: provision.map_or(pack.instrument.status, |provision| provision.status),
            is_first: !same(before, duty),
            until: next.map(|next| next.from).or(pack.instrument.until),
            is_last: next.is_none(),
        });
    }
    versions
}

impl Version<'_> {
    fn clocks(
        &self,
        events: &Events,
        condition: &dyn Fn(&Duty, &Event) -> Condition,
        setting: &Setting<'_>,
    ) -> Result<Vec<Clock>, ClockError> {
        let Self { duty, standing, .. } = *self;
        let mut clocks = Vec::new();
        let is_over = |at: gongdao_model::Instant| self.until.is_some_and(|until| at >= until.starts_at());
        for trigger in events.named(&duty.trigger, setting.now) {
            let is_earlier = trigger.at() < duty.from.starts_at();
            if is_over(trigger.at()) || (is_earlier && !self.is_first) {
                continue;
            }
            let case = limit::Case { duty, standing, events, trigger, setting };
            clocks.extend(started(case, &condition(duty, trigger))?);
        }
        if clocks.is_empty() && self.is_last && !is_over(setting.now) {
            clocks.push(not_started(duty, standing));
        }
        Ok(clocks)
    }
}

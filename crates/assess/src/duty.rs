//! Duties with time limits: which bind the service, and when they are due.

use crate::gap::Gap;
use crate::given::Given;
use crate::law::{Law, Scope};
use crate::provision::BothLanguages;
use crate::rule::Application;
use crate::truth::{Truth, truth};
use crate::{AssessError, Service};
use gongdao_clock::{Clock, Condition, CountingRule, Event, Events, Setting, State, every_clock};
use gongdao_model::{FactPath, Instant, LegalDate, ProvisionId, Standing};
use gongdao_pack::Duty;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One duty, started by one event or waiting for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DutyFinding {
    /// The provision that demands it.
    pub provision: ProvisionId,
    /// As people cite that.
    pub cite: BothLanguages,
    /// What it asks.
    pub asks: BothLanguages,
    /// Who owes, in the packs' words.
    pub owed_by: String,
    /// Whether it binds the service.
    pub application: Application,
    /// When it is due and how far it is kept.
    pub clock: Clock,
    /// The duty as the pack has it.
    #[serde(skip)]
    pub duty: Duty,
}

impl DutyFinding {
    /// Whether it waits for something to be done: open, breached or hanging on an unpublished arrangement.
    pub fn is_open(&self) -> bool {
        matches!(self.clock.state, State::Open | State::Breached | State::Provisional)
    }

    /// Whether its event happened and nobody can tell how far it is kept.
    pub fn is_untold(&self) -> bool {
        matches!(self.clock.state, State::CannotTell { .. })
    }

    /// Whether it was not kept in time, by law that was checked: law that is none yet breaks nothing for certain.
    pub fn is_broken(&self) -> bool {
        let is_late = matches!(self.clock.state, State::Breached | State::Late);
        is_late && self.application == Application::Applies && self.clock.standing == Standing::Verified
    }
}

/// Whether each duty binds the service, by its identifier.
pub(crate) fn applications(
    law: &Law<'_>,
    scope: Scope,
    service: &Service,
    given: &Given,
) -> BTreeMap<String, (Application, BTreeSet<Gap>)> {
    let packs = law.packs.instruments.iter().filter(|pack| scope.holds(&pack.instrument, service.place));
    let duties = packs.flat_map(|pack| &pack.duties).filter(|duty| duty.from <= scope.on);
    // Of several versions the latest that binds comes last and counts.
    let mut duties: Vec<&Duty> = duties.collect();
    duties.sort_by_key(|duty| duty.from);
    duties.into_iter().map(|duty| (duty.id.clone(), application(law, service, given, duty))).collect()
}

/// Who owes it first: a duty of somebody else is none of the service's, whatever its condition.
fn application(law: &Law<'_>, service: &Service, given: &Given, duty: &Duty) -> (Application, BTreeSet<Gap>) {
    let role = match service.roles.get(&duty.owed_by) {
        Some(false) => return (Application::DoesNotApply, BTreeSet::new()),
        Some(true) => None,
        None => Some(Gap::Role { role: duty.owed_by.clone() }),
    };
    let mut gaps: BTreeSet<Gap> = role.into_iter().collect();
    match condition(law, given, duty) {
        Condition::Fails => return (Application::DoesNotApply, BTreeSet::new()),
        Condition::Holds => {}
        Condition::CannotTell(_) => gaps.extend(condition_gaps(law, given, duty)),
    }
    (if gaps.is_empty() { Application::Applies } else { Application::CannotTell }, gaps)
}

/// Holds if it does in some case.
fn condition(law: &Law<'_>, given: &Given, duty: &Duty) -> Condition {
    let (mut holds, mut gaps) = (false, BTreeSet::new());
    for answer in answers(law, given, duty) {
        match answer {
            Truth::True(_) => holds = true,
            Truth::False(_) => {}
            Truth::Unknown(more) => gaps.extend(more),
        }
    }
    match (holds, gaps.is_empty()) {
        (true, _) => Condition::Holds,
        (false, true) => Condition::Fails,
        (false, false) => Condition::CannotTell(gaps.iter().map(Gap::name).collect()),
    }
}

fn condition_gaps(law: &Law<'_>, given: &Given, duty: &Duty) -> BTreeSet<Gap> {
    let gaps = answers(law, given, duty).into_iter().filter_map(|answer| match answer {
        Truth::Unknown(gaps) => Some(gaps),
        _ => None,
    });
    gaps.flatten().collect()
}

fn answers(law: &Law<'_>, given: &Given, duty: &Duty) -> Vec<Truth> {
    let condition = law.condition(duty);
    let mut facts = BTreeSet::new();
    if let Some(tree) = condition {
        tree.visit(&mut |node| {
            if let gongdao_rules::Tree::Fact(path) = node {
                facts.insert(path.clone());
            }
        });
    }
    let Some(cases) = given.cases(&facts) else {
        let words = "too many facts of this duty vary together".to_owned();
        return vec![Truth::Unknown(BTreeSet::from([Gap::Engine { words }]))];
    };
    cases.iter().map(|case| truth(condition, true, &|path: &FactPath| given.value(path, case))).collect()
}

/// The clocks of all duties that bind the service or may: those with a date first, by date.
pub(crate) fn find(
    law: &Law<'_>,
    scope: Scope,
    service: &Service,
    given: &Given,
    applications: &BTreeMap<String, (Application, BTreeSet<Gap>)>,
) -> Result<Vec<DutyFinding>, AssessError> {
    let changes = BTreeMap::new();
    let setting = Setting {
        calendar: law.calendar,
        rule: CountingRule::default(),
        now: end_of(scope.on)?,
        published: &service.published,
        changes: &changes,
    };
    let events = Events::new(service.events.clone())?;
    // What an instrument that ended since had started still runs: `every_clock` knows its end.
    let binds = |instrument: &gongdao_pack::Instrument| {
        scope.reaches(instrument, service.place) && instrument.effective <= scope.on
    };
    let answer = |duty: &Duty, _: &Event| match (service.roles.get(&duty.owed_by), condition(law, given, duty)) {
        (Some(false), _) | (_, Condition::Fails) => Condition::Fails,
        (Some(true), condition) => condition,
        (None, condition) => {
            let mut gaps = vec![Gap::Role { role: duty.owed_by.clone() }.name()];
            if let Condition::CannotTell(more) = condition {
                gaps.extend(more);
            }
            Condition::CannotTell(gaps)
        }
    };
    let clocks = every_clock(law.packs, &binds, &events, &answer, &setting)?;
    let finding = |(duty, clock): (&Duty, Clock)| {
        let instrument = law.packs.instrument(&duty.provision.instrument());
        let cite = |cite: fn(&gongdao_pack::Instrument, &ProvisionId) -> String| {
            instrument.map_or_else(|| duty.provision.to_string(), |instrument| cite(instrument, &duty.provision))
        };
        DutyFinding {
            provision: duty.provision.clone(),
            cite: BothLanguages::new(cite(gongdao_pack::Instrument::cite_zh), cite(gongdao_pack::Instrument::cite_en)),
            asks: BothLanguages::new(&duty.zh, &duty.en),
            owed_by: duty.owed_by.clone(),
            application: applications.get(&duty.id).map_or(Application::NotJudged, |(application, _)| *application),
            clock,
            duty: duty.clone(),
        }
    };
    let found = clocks.into_iter().map(finding);
    Ok(found.filter(|finding| finding.application != Application::DoesNotApply).collect())
}

/// The last millisecond of a day: what is due on it is still in time.
fn end_of(on: LegalDate) -> Result<Instant, AssessError> {
    let next = LegalDate::from_day_number(on.day_number().saturating_add(1)).unwrap_or(on);
    Ok(Instant::from_millis(next.starts_at().millis() - 1)?)
}

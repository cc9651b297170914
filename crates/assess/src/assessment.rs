use crate::difference::{Difference, difference};
use crate::duty::{self, DutyFinding};
use crate::given::Given;
use crate::law::{Law, Scope};
use crate::provision::{BothLanguages, ProvisionFinding, Provisions};
use crate::question::{Question, questions};
use crate::rule::{Application, Judge, Kept};
use crate::{AssessError, Service};
use gongdao_model::{InstrumentId, LegalDate, PlaceCode, Standing};
use gongdao_pack::ParameterValue;
use serde::Serialize;
use std::collections::BTreeMap;

/// An instrument that was not looked at, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    /// The instrument.
    pub instrument: InstrumentId,
    /// Its title.
    pub title: BothLanguages,
    /// First day in force.
    pub effective: LegalDate,
    /// Where it binds.
    pub place: PlaceCode,
    /// How far it was checked.
    pub standing: Standing,
    /// Why it was left out.
    pub why: WhyLeftOut,
}

/// Why an instrument was not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum WhyLeftOut {
    /// It is not in force yet.
    NotYet,
    /// It is no longer in force.
    Over,
    /// It is a draft, and drafts were not asked for.
    Draft,
    /// It binds elsewhere, or the service's place is not known.
    Elsewhere,
}

/// What the law means for a service, by what was said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Assessment {
    /// The service's name.
    pub service: String,
    /// Who provides it.
    pub provider: Option<String>,
    /// Where; without it only national law was looked at.
    pub place: Option<PlaceCode>,
    /// The day for which this is told.
    pub on: LegalDate,
    /// Whether drafts were asked for.
    pub include_drafts: bool,
    /// Digest of the packs.
    pub packs: String,
    /// Version of the calendar.
    pub calendar: String,
    /// Every provision in force, in the order of the packs.
    pub provisions: Vec<ProvisionFinding>,
    /// Duties with time limits that bind the service or may, by date.
    pub duties: Vec<DutyFinding>,
    /// What to ask, what decides most first.
    pub questions: Vec<Question>,
    /// What local law changes beside the same service elsewhere; none where no place below the country was said.
    pub local: Option<Difference>,
    /// What drafts would change; none unless they were asked for.
    pub drafts: Option<Difference>,
    /// Instruments that were not looked at.
    pub left_out: Vec<LeftOut>,
}

/// What is found of a service under one scope.
pub(crate) struct Found {
    pub(crate) provisions: Vec<ProvisionFinding>,
    pub(crate) duties: Vec<DutyFinding>,
    /// The numbers that law sets, by name.
    pub(crate) numbers: BTreeMap<String, ParameterValue>,
}

impl Assessment {
    /// Exit code of a command that gives this answer: 1 something is not kept, by law that binds and was checked; 2 something
    /// is open: evidence, facts, a dispute, a duty; 0 neither.
    pub fn exit_code(&self) -> u8 {
        let is_broken = |finding: &ProvisionFinding| {
            finding.kept == Some(Kept::Broken)
                && finding.binding
                && !finding.disputed
                && finding.standing == Standing::Verified
        };
        let is_open = |finding: &ProvisionFinding| {
            let is_fine = matches!(finding.kept, None | Some(Kept::Kept));
            finding.disputed || !is_fine || finding.application == Application::CannotTell
        };
        if self.provisions.iter().any(is_broken) || self.duties.iter().any(DutyFinding::is_broken) {
            1
        } else if self.provisions.iter().any(is_open)
            || self.duties.iter().any(|duty| duty.is_open() || duty.is_untold())
        {
            2
        } else {
            0
        }
    }
}

/// Hold a service against the law.
///
/// Errors: an event or a day lies outside what the calendar can count.
pub fn assess(law: &Law<'_>, service: &Service, scope: Scope) -> Result<Assessment, AssessError> {
    let found = find(law, service, scope)?;
    let is_local = service.place.is_some_and(|place| place != PlaceCode::COUNTRY);
    let elsewhere = Service { place: None, ..service.clone() };
    let without_place = is_local.then(|| find(law, &elsewhere, scope)).transpose()?;
    let settled = Scope { include_drafts: false, ..scope };
    let without_drafts = scope.include_drafts.then(|| find(law, service, settled)).transpose()?;
    Ok(Assessment {
        service: service.name.clone(),
        provider: service.provider.clone(),
        place: service.place,
        on: scope.on,
        include_drafts: scope.include_drafts,
        packs: law.packs.digest(),
        calendar: law.calendar.label(),
        questions: questions(&found.provisions, &law.rules.vocabulary),
        local: without_place.map(|without| difference(law, &found, &without)),
        drafts: without_drafts.map(|without| difference(law, &found, &without)),
        left_out: left_out(law, scope, service.place),
        provisions: found.provisions,
        duties: found.duties,
    })
}

fn find(law: &Law<'_>, service: &Service, scope: Scope) -> Result<Found, AssessError> {
    let numbers = law.numbers(scope, service.place);
    let given = Given::new(service, crate::law::parameters(&numbers));
    let place = service.place.unwrap_or(PlaceCode::COUNTRY);
    let holds = |version: &&gongdao_rules::RuleVersion| {
        let asked = scope.include_drafts || version.standing != Standing::Draft;
        version.holds_on(scope.on) && version.place.covers(place) && asked
    };
    let judge = Judge {
        rules: law.rules,
        in_force: law.rules.versions.iter().filter(holds).collect(),
        given: &given,
        actions: service.actions.as_ref(),
    };
    let applications = duty::applications(law, scope, service, &given);
    let provisions = Provisions { law, scope, service, judge: &judge, duties: &applications }.find();
    let duties = duty::find(law, scope, service, &given, &applications)?;
    Ok(Found { provisions, duties, numbers })
}

fn left_out(law: &Law<'_>, scope: Scope, place: Option<PlaceCode>) -> Vec<LeftOut> {
    let instruments = law.packs.instruments.iter().map(|pack| &pack.instrument);
    let mut found: Vec<LeftOut> = instruments
        .filter(|instrument| !scope.holds(instrument, place))
        .map(|instrument| LeftOut {
            instrument: instrument.id.clone(),
            title: BothLanguages::new(&instrument.title_zh, &instrument.title_en),
            effective: instrument.effective,
            place: instrument.place,
            standing: instrument.status,
            why: match instrument {
                one if !one.place.covers(place.unwrap_or(PlaceCode::COUNTRY)) => WhyLeftOut::Elsewhere,
                one if one.status == Standing::Draft && !scope.include_drafts => WhyLeftOut::Draft,
                one if one.effective > scope.on => WhyLeftOut::NotYet,
                _ => WhyLeftOut::Over,
            },
        })
        .collect();
    found.sort_by(|one, other| (one.why, &one.instrument).cmp(&(other.why, &other.instrument)));
    found
}

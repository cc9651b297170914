//! What a provision means for a service, across its rules, readings and duties.

use crate::Service;
use crate::gap::Gap;
use crate::law::{Law, Scope};
use crate::rule::{Application, Judge, Kept, RuleFinding};
use gongdao_model::{PlaceCode, ProvisionId, ReadingId, Standing};
use gongdao_pack::{InstrumentPack, NoRule, Provision};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Two wordings of one text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BothLanguages {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl BothLanguages {
    pub(crate) fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }

    pub(crate) fn choose(&self, language: gongdao_i18n::Language) -> &str {
        language.choose(&self.zh, &self.en)
    }
}

/// What a provision means under one reading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReadingFinding {
    /// The reading; none where the text is not open.
    pub reading: Option<ReadingId>,
    /// What it says, with a reading.
    pub says: Option<BothLanguages>,
    /// Whether the provision applies.
    pub application: Application,
    /// Whether it is kept, where it applies and has a rule that can be kept.
    pub kept: Option<Kept>,
}

/// Why a provision has no rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NoRuleReason {
    /// One of the pack format's words.
    pub reason: String,
    /// Why, in a sentence.
    pub says: BothLanguages,
}

/// What a provision means for the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProvisionFinding {
    /// The provision.
    pub provision: ProvisionId,
    /// As people cite it.
    pub cite: BothLanguages,
    /// What it says, in own words.
    pub says: BothLanguages,
    /// What it does: right, duty, prohibition and so on.
    pub kind: String,
    /// Who owes, in the packs' words.
    pub owed_by: Option<String>,
    /// To whom.
    pub owed_to: Option<String>,
    /// How far it was checked.
    pub standing: Standing,
    /// Whether its instrument binds.
    pub binding: bool,
    /// Where its instrument binds.
    pub place: PlaceCode,
    /// Whether it applies: under some reading, where readings differ.
    pub application: Application,
    /// The worst that any reading finds.
    pub kept: Option<Kept>,
    /// Whether readings differ on more than whether a kept provision applies at all.
    pub disputed: bool,
    /// Under each reading; one entry without a reading where the text is not open.
    pub by_reading: Vec<ReadingFinding>,
    /// What would decide more.
    pub missing: BTreeSet<Gap>,
    /// Its rules in force.
    pub rules: Vec<RuleFinding>,
    /// Its duties with time limits.
    pub duties: Vec<String>,
    /// Why it has no rule.
    pub no_rule: Option<NoRuleReason>,
}

impl ProvisionFinding {
    /// Whether it is nothing but a legal basis.
    pub fn is_basis(&self) -> bool {
        !self.rules.is_empty() && self.rules.iter().all(|rule| rule.is_basis)
    }
}

/// What holds for all provisions of one service.
pub(crate) struct Provisions<'a> {
    pub(crate) law: &'a Law<'a>,
    pub(crate) scope: Scope,
    pub(crate) service: &'a Service,
    pub(crate) judge: &'a Judge<'a>,
    /// Whether each duty's condition holds.
    pub(crate) duties: &'a BTreeMap<String, (Application, BTreeSet<Gap>)>,
}

impl Provisions<'_> {
    /// Those in force, in the order of the packs.
    pub(crate) fn find(&self) -> Vec<ProvisionFinding> {
        let packs = &self.law.packs.instruments;
        let in_force = packs.iter().filter(|pack| self.scope.holds(&pack.instrument, self.service.place));
        let mut found = Vec::new();
        for pack in in_force {
            found.extend(pack.provisions.iter().map(|provision| self.provision(pack, provision)));
        }
        found
    }

    fn provision(&self, pack: &InstrumentPack, provision: &Provision) -> ProvisionFinding {
        let of_it = self.judge.in_force.iter().filter(|version| version.provision == provision.id);
        let rules: Vec<RuleFinding> = of_it.map(|version| self.judge.find(version)).collect();
        let duties: BTreeSet<&String> = pack
            .duties
            .iter()
            .filter(|duty| duty.provision == provision.id && duty.from <= self.scope.on)
            .map(|duty| &duty.id)
            .collect();
        let by_reading =
            if rules.is_empty() { vec![self.without_rule(provision, &duties)] } else { readings(provision, &rules) };
        let application = by_reading.iter().map(|one| one.application).min().unwrap_or(Application::NotJudged);
        let kept = by_reading.iter().filter_map(|one| one.kept).min();
        ProvisionFinding {
            provision: provision.id.clone(),
            cite: BothLanguages::new(pack.instrument.cite_zh(&provision.id), pack.instrument.cite_en(&provision.id)),
            says: BothLanguages::new(&provision.zh, &provision.en),
            kind: provision.kind.clone(),
            owed_by: provision.owed_by.clone(),
            owed_to: provision.owed_to.clone(),
            standing: provision.status.max(pack.instrument.status),
            binding: pack.instrument.binding,
            place: pack.instrument.place,
            application,
            kept,
            disputed: is_disputed(&by_reading),
            missing: self.missing(application, &rules, &duties),
            by_reading,
            rules,
            duties: duties.into_iter().cloned().collect(),
            no_rule: self.law.no_rule(provision.id.as_str()).map(reason),
        }
    }

    /// A provision with duties applies as they do. One with neither is judged by nobody, unless it is somebody else's.
    fn without_rule(&self, provision: &Provision, duties: &BTreeSet<&String>) -> ReadingFinding {
        let of_duties = duties.iter().filter_map(|duty| self.duties.get(*duty)).map(|(application, _)| *application);
        let application = match (of_duties.min(), self.role(provision)) {
            (Some(application), _) => application,
            (None, Some(false)) => Application::DoesNotApply,
            (None, _) => Application::NotJudged,
        };
        ReadingFinding { reading: None, says: None, application, kept: None }
    }

    fn role(&self, provision: &Provision) -> Option<bool> {
        self.service.roles.get(provision.owed_by.as_deref()?).copied()
    }

    fn missing(&self, application: Application, rules: &[RuleFinding], duties: &BTreeSet<&String>) -> BTreeSet<Gap> {
        let mut missing: BTreeSet<Gap> = rules.iter().flat_map(|rule| rule.missing.iter().cloned()).collect();
        missing
            .extend(rules.iter().filter_map(|rule| rule.evidence.as_ref()).flat_map(|one| one.missing.iter().cloned()));
        if !rules.is_empty() || application != Application::CannotTell {
            return missing;
        }
        missing
            .extend(duties.iter().filter_map(|duty| self.duties.get(*duty)).flat_map(|(_, gaps)| gaps.iter().cloned()));
        missing
    }
}

fn reason(line: &NoRule) -> NoRuleReason {
    NoRuleReason { reason: line.reason.clone(), says: BothLanguages::new(&line.zh, &line.en) }
}

/// All readings of the provision where one of its rules follows one, else one entry without.
fn readings(provision: &Provision, rules: &[RuleFinding]) -> Vec<ReadingFinding> {
    let mut followed: BTreeSet<&ReadingId> = rules.iter().filter_map(|rule| rule.version.reading.as_ref()).collect();
    if followed.is_empty() {
        return vec![under(None, provision, rules)];
    }
    let declared: BTreeSet<&ReadingId> = provision.readings.iter().map(|reading| &reading.id).collect();
    if !followed.is_disjoint(&declared) {
        followed.extend(declared);
    }
    followed.into_iter().map(|reading| under(Some(reading), provision, rules)).collect()
}

fn under(reading: Option<&ReadingId>, provision: &Provision, rules: &[RuleFinding]) -> ReadingFinding {
    let follows = |rule: &&RuleFinding| rule.version.reading.is_none() || rule.version.reading.as_ref() == reading;
    // As in a verdict: bases count only where the provision has nothing else.
    let only_bases = rules.iter().all(|rule| rule.is_basis);
    let own: Vec<&RuleFinding> = rules.iter().filter(follows).filter(|rule| rule.is_basis == only_bases).collect();
    let application = own.iter().map(|rule| rule.application).min().unwrap_or(Application::DoesNotApply);
    let kept = own.iter().filter_map(|rule| rule.evidence.as_ref()).map(|evidence| evidence.kept).min();
    // Something of it that nobody can tell keeps it from being called kept.
    let is_open = own.iter().any(|rule| !rule.missing.is_empty());
    let kept = kept.map(|kept| if is_open { kept.min(Kept::Missing) } else { kept });
    let declared = reading.and_then(|reading| provision.readings.iter().find(|known| known.id == *reading));
    let says = declared.map(|reading| BothLanguages::new(&reading.zh, &reading.en));
    ReadingFinding { reading: reading.cloned(), says, application, kept }
}

/// Readings that differ dispute something, unless each of them finds nothing broken (docs/adr/0006).
fn is_disputed(by_reading: &[ReadingFinding]) -> bool {
    let said = |one: &ReadingFinding| (one.application, one.kept);
    let differs = by_reading.windows(2).any(|pair| matches!(pair, [one, other] if said(one) != said(other)));
    let is_fine = |one: &ReadingFinding| {
        matches!(said(one), (Application::Applies, Some(Kept::Kept)) | (Application::DoesNotApply, _))
    };
    differs && !by_reading.iter().all(is_fine)
}

//! Rules held against the cases that their packs bring, and against facts put in by hand.

use crate::App;
use crate::problem::{Problem, ProblemKind};
use gongdao_model::{Instant, LegalDate, Outcome, PlaceCode};
use gongdao_rules::RuleVersion;
use gongdao_service::{Caller, RuleSaid, Said, ServiceError, Trying};
use serde::Serialize;

/// What a case says where its rule is not in force.
const NOT_IN_FORCE: &str = "not-in-force";

/// A case of a pack, and what came of it now.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CaseRun {
    /// The case's sentence.
    pub(crate) name: String,
    /// File of the packs, and line.
    pub(crate) source: String,
    /// Which rule version.
    pub(crate) version: String,
    /// When.
    pub(crate) at: Instant,
    /// What is done.
    pub(crate) action: String,
    /// Where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) place: Option<PlaceCode>,
    /// What the case expects, in one word.
    pub(crate) expected: String,
    /// What the gate's rules say.
    pub(crate) gate: String,
    /// What the official evaluator says.
    pub(crate) official: String,
    /// Why the official evaluator cannot tell, or refuses the facts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cause: Option<String>,
    /// Whether both say what the case expects.
    pub(crate) holds: bool,
}

/// A rule version by its name, as checks and approvals write it.
///
/// Errors: there is none.
pub(crate) fn named<'a>(app: &'a App, name: &str) -> Result<&'a RuleVersion, Problem> {
    let versions = &app.service.gate().rules().versions;
    versions.iter().find(|version| version.key.to_string() == name).ok_or_else(|| Problem::of(ProblemKind::NotFound))
}

/// The version of the same rule and reading that came before.
pub(crate) fn before<'a>(app: &'a App, version: &RuleVersion) -> Option<&'a RuleVersion> {
    let key = &version.key;
    let versions = app.service.gate().rules().versions.iter();
    let earlier = versions
        .filter(|other| other.key.rule == key.rule && other.key.reading == key.reading && other.key.from < key.from);
    earlier.max_by_key(|other| other.key.from)
}

/// Run the cases that stand beside a rule version.
///
/// Errors: the caller may not.
pub(crate) fn run_cases(app: &App, caller: &Caller, version: &RuleVersion) -> Result<Vec<CaseRun>, Problem> {
    let packs = app.shelf.book().packs();
    let files = packs.instruments.iter().flat_map(|pack| &pack.rule_files);
    let cases = files.filter(|file| file.source.path == version.file).filter_map(|file| file.cases.as_ref());
    let (mut tried, mut runs) = (Vec::new(), Vec::new());
    for file in cases {
        let own =
            file.groups.iter().filter(|group| group.rule == version.key.rule && group.reading == version.key.reading);
        for case in own.flat_map(|group| &group.cases) {
            let (at, place) = (case.at, case.place);
            tried.push(Trying { at, action: case.action.clone(), place, facts: case.facts.clone() });
            runs.push(CaseRun {
                name: case.name.clone(),
                source: format!("{}:{}", file.source.path.display(), case.line),
                version: version.key.to_string(),
                at,
                action: case.action.clone(),
                place,
                expected: case.expect.clone(),
                gate: String::new(),
                official: String::new(),
                cause: case.missing.as_ref().map(ToString::to_string),
                holds: false,
            });
        }
    }
    for (run, said) in runs.iter_mut().zip(app.service.try_rules(caller, &tried)?) {
        fill(app, run, version, said);
    }
    Ok(runs)
}

/// `run.cause` holds the fact that the case wants to be missing until here.
fn fill(app: &App, run: &mut CaseRun, version: &RuleVersion, said: Result<Vec<RuleSaid>, ServiceError>) {
    let wanted = run.cause.take();
    let said = match said {
        Ok(said) => said,
        Err(error) => {
            "refused".clone_into(&mut run.gate);
            "refused".clone_into(&mut run.official);
            run.cause = Some(error.message);
            return;
        }
    };
    let key = &version.key;
    let own = said.iter().find(|one| one.version.rule == key.rule && one.version.reading == key.reading);
    let Some(own) = own else {
        let on = run.at.date_in_shanghai();
        let word =
            if is_in_force(app, version, on, run.place) { Outcome::NotApplicable.as_str() } else { NOT_IN_FORCE };
        word.clone_into(&mut run.gate);
        word.clone_into(&mut run.official);
        run.holds = run.expected == word;
        return;
    };
    let as_expected =
        |said: &Said| said.outcome.as_str() == run.expected && (wanted.is_none() || wanted == said.missing);
    run.holds = own.agree && as_expected(&own.gate) && as_expected(&own.official);
    own.gate.outcome.as_str().clone_into(&mut run.gate);
    own.official.outcome.as_str().clone_into(&mut run.official);
    run.cause.clone_from(&own.official.cause);
}

/// Whether any version of the rule is in force on a day at a place; then it does not speak about the action.
fn is_in_force(app: &App, version: &RuleVersion, on: LegalDate, place: Option<PlaceCode>) -> bool {
    let key = &version.key;
    let same = |other: &&RuleVersion| other.key.rule == key.rule && other.key.reading == key.reading;
    let mut versions = app.service.gate().rules().versions.iter().filter(same);
    versions.any(|other| other.holds_on(on) && other.place.covers(place.unwrap_or(PlaceCode::COUNTRY)))
}

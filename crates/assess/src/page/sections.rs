use super::difference;
use super::provision::{item, status};
use super::{Item, Line, Section, Wording};
use crate::{Application, AssessError, Assessment, DutyFinding, Question};
use gongdao_clock::{State, clock_lines};

/// The sections in their order; those of provisions by what the provision comes to.
pub(super) fn all(wording: Wording<'_>) -> Result<Vec<Section>, AssessError> {
    let duties = &wording.assessment.duties;
    let is_waiting = |duty: &&DutyFinding| duty.clock.state == State::NotYetTriggered;
    let is_late = |duty: &&DutyFinding| duty.clock.state == State::Late;
    let is_met = |duty: &&DutyFinding| matches!(duty.clock.state, State::Met | State::NotApplicable);
    let due = |duty: &&DutyFinding| duty.is_open() || is_late(duty);
    let questions = wording.assessment.questions.iter();
    let Assessment { local, drafts, .. } = wording.assessment;
    let mut sections = vec![
        section("due", false, of_duties(duties.iter().filter(due), wording), wording)?,
        section("due-untold", false, of_duties(duties.iter().filter(|duty| duty.is_untold()), wording), wording)?,
        section("broken", false, of_provisions("broken", wording), wording)?,
        section("disputed", false, of_provisions("disputed", wording), wording)?,
        section("questions", false, questions.map(|question| of_question(question, wording)).collect(), wording)?,
        section("missing", false, of_provisions("missing", wording), wording)?,
        section("local", false, difference::items("local", local.as_ref(), wording), wording)?,
        section("drafts", false, difference::items("drafts", drafts.as_ref(), wording), wording)?,
        section("cannot-tell", true, of_provisions("cannot-tell", wording), wording)?,
        section("kept", true, of_provisions("kept", wording), wording)?,
        section("basis", true, of_provisions("basis", wording), wording)?,
        section("duty", true, of_provisions("duty", wording), wording)?,
        section("waiting", true, of_duties(duties.iter().filter(is_waiting), wording), wording)?,
        section("met", true, of_duties(duties.iter().filter(is_met), wording), wording)?,
        section("not-judged", true, of_provisions("not-judged", wording), wording)?,
        section("does-not-apply", true, of_provisions("does-not-apply", wording), wording)?,
        section("left-out", true, left_out(wording), wording)?,
    ];
    // What was not compared is not said to be equal.
    let is_compared = |section: &Section| match section.kind {
        "local" => local.is_some(),
        "drafts" => drafts.is_some(),
        _ => true,
    };
    sections.retain(is_compared);
    Ok(sections)
}

fn section(
    kind: &'static str,
    is_quiet: bool,
    items: Result<Vec<Item>, AssessError>,
    wording: Wording<'_>,
) -> Result<Section, AssessError> {
    Ok(Section {
        kind,
        heading: wording.say(&format!("section.{kind}.heading"), &[])?,
        intro: wording.say(&format!("section.{kind}.intro"), &[])?,
        none: wording.say("none", &[])?,
        is_quiet,
        items: items?,
    })
}

fn of_provisions(wanted: &str, wording: Wording<'_>) -> Result<Vec<Item>, AssessError> {
    let findings = wording.assessment.provisions.iter().filter(|finding| status(finding) == wanted);
    let mut findings: Vec<_> = findings.collect();
    if wanted == "not-judged" {
        findings.sort_by(|one, other| one.kind.cmp(&other.kind));
    }
    findings.into_iter().map(|finding| item(finding, wording)).collect()
}

fn of_duties<'d>(
    duties: impl Iterator<Item = &'d DutyFinding>,
    wording: Wording<'_>,
) -> Result<Vec<Item>, AssessError> {
    duties.map(|duty| of_duty(duty, wording)).collect()
}

/// The clock's own words; how the date was computed comes apart, for those who want it.
pub(super) fn of_duty(finding: &DutyFinding, wording: Wording<'_>) -> Result<Item, AssessError> {
    let language = wording.words.language();
    let how = wording.words.say("clock.how", &[])?;
    let told = clock_lines(&finding.clock, &finding.duty, wording.words)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut details = Vec::new();
    let mut is_detail = false;
    // The first line is the title.
    for text in told.into_iter().skip(1) {
        if text == how {
            is_detail = true;
        } else if is_detail {
            details.push(text.trim_start().to_owned());
        } else {
            lines.push(Line { kind: "why", text });
        }
    }
    lines.push(Line { kind: "why", text: wording.say("line.owed_by", &[("role", &wording.role(&finding.owed_by))])? });
    if finding.application == Application::CannotTell {
        lines.push(Line { kind: "gap", text: wording.say("line.duty_untold", &[])? });
    }
    Ok(Item {
        title: finding.asks.choose(language).to_owned(),
        cite: format!("{}  {}", finding.cite.choose(language), finding.duty.id),
        mark: None,
        lines,
        details_label: how,
        details,
    })
}

fn of_question(question: &Question, wording: Wording<'_>) -> Result<Item, AssessError> {
    let (decides, shows) = (question.decides.len().to_string(), question.shows.len().to_string());
    let mut lines =
        vec![Line { kind: "why", text: wording.say("line.question", &[("decides", &decides), ("shows", &shows)])? }];
    if let Some(grade) = question.grade {
        lines.push(Line { kind: "note", text: wording.words.say(&format!("grade.{grade}"), &[])? });
    }
    let of = |ids: &std::collections::BTreeSet<gongdao_model::ProvisionId>| {
        ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let mut details = Vec::new();
    if !question.decides.is_empty() {
        details.push(wording.say("line.decides", &[("provisions", &of(&question.decides))])?);
    }
    if !question.shows.is_empty() {
        details.push(wording.say("line.shows", &[("provisions", &of(&question.shows))])?);
    }
    let details_label = wording.say("line.provisions", &[])?;
    Ok(Item { title: wording.gap(&question.gap)?, lines, details_label, details, ..Item::default() })
}

fn left_out(wording: Wording<'_>) -> Result<Vec<Item>, AssessError> {
    let language = wording.words.language();
    let item = |one: &crate::LeftOut| -> Result<Item, AssessError> {
        let key = match one.why {
            crate::WhyLeftOut::NotYet => "not-yet",
            crate::WhyLeftOut::Over => "over",
            crate::WhyLeftOut::Draft => "draft",
            crate::WhyLeftOut::Elsewhere => "elsewhere",
        };
        let (from, place) = (one.effective.to_string(), one.place.to_string());
        let text = wording.say(&format!("left_out.{key}"), &[])?;
        let more = wording.say("left_out.from", &[("from", &from), ("place", &place)])?;
        Ok(Item {
            title: one.title.choose(language).to_owned(),
            cite: one.instrument.to_string(),
            lines: vec![Line { kind: "why", text }, Line { kind: "why", text: more }],
            ..Item::default()
        })
    };
    wording.assessment.left_out.iter().map(item).collect()
}

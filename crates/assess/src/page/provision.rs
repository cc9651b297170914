use super::{Item, Line, Wording};
use crate::rule::{Application, Evidence, Kept, RuleFinding};
use crate::{AssessError, ProvisionFinding};

/// What a provision comes to, as one word; sections are made of it.
pub(crate) fn status(finding: &ProvisionFinding) -> &'static str {
    match (finding.application, finding.kept) {
        _ if finding.disputed => "disputed",
        (Application::Applies, Some(Kept::Broken | Kept::Mixed)) => "broken",
        (Application::Applies, Some(Kept::Missing)) => "missing",
        (Application::Applies, Some(Kept::Kept)) => "kept",
        (Application::Applies, None) if finding.is_basis() => "basis",
        (Application::Applies, None) => "duty",
        (Application::CannotTell, _) => "cannot-tell",
        (Application::DoesNotApply, _) => "does-not-apply",
        (Application::NotJudged, _) => "not-judged",
    }
}

pub(crate) fn item(finding: &ProvisionFinding, wording: Wording<'_>) -> Result<Item, AssessError> {
    let language = wording.words.language();
    let mut lines = Vec::new();
    for reading in finding.by_reading.iter().filter(|_| finding.disputed) {
        lines.push(of_reading(reading, wording)?);
    }
    for rule in &finding.rules {
        lines.extend(of_rule(rule, wording)?);
    }
    if finding.rules.is_empty() {
        lines.extend(without_rule(finding, wording)?);
    }
    if !finding.binding {
        lines.push(Line { kind: "note", text: wording.say("line.soft", &[])? });
    }
    let mark = match finding.standing {
        gongdao_model::Standing::Verified => None,
        standing => Some(wording.words.say(&format!("standing.{}", standing.as_str()), &[])?),
    };
    Ok(Item {
        title: finding.says.choose(language).to_owned(),
        cite: format!("{}  {}", finding.cite.choose(language), finding.provision),
        mark,
        lines,
        ..Item::default()
    })
}

fn of_reading(reading: &crate::ReadingFinding, wording: Wording<'_>) -> Result<Line, AssessError> {
    let name = reading.reading.as_ref().map(ToString::to_string).unwrap_or_default();
    let says = reading.says.as_ref().map_or(name.as_str(), |says| says.choose(wording.words.language()));
    let state = state(reading.application, reading.kept, wording)?;
    Ok(Line { kind: "rule", text: wording.say("line.reading", &[("says", says), ("state", &state)])? })
}

pub(super) fn state(application: Application, kept: Option<Kept>, wording: Wording<'_>) -> Result<String, AssessError> {
    let key = match (application, kept) {
        (Application::Applies, Some(Kept::Broken)) => "broken",
        (Application::Applies, Some(Kept::Mixed)) => "mixed",
        (Application::Applies, Some(Kept::Missing)) => "missing",
        (Application::Applies, Some(Kept::Kept)) => "kept",
        (Application::Applies, None) => "applies",
        (Application::CannotTell, _) => "cannot-tell",
        (Application::DoesNotApply, _) => "does-not-apply",
        (Application::NotJudged, _) => "not-judged",
    };
    wording.say(&format!("state.{key}"), &[])
}

fn of_rule(rule: &RuleFinding, wording: Wording<'_>) -> Result<Vec<Line>, AssessError> {
    let asks = wording.words.language().choose(&rule.zh, &rule.en);
    let state = match (rule.is_basis, rule.application) {
        (true, Application::Applies) => wording.say("state.basis", &[])?,
        (true, Application::DoesNotApply) => wording.say("state.no-basis", &[])?,
        (true, Application::CannotTell) => wording.say("state.basis-open", &[])?,
        (_, application) => state(application, rule.evidence.as_ref().map(|evidence| evidence.kept), wording)?,
    };
    let text = match &rule.version.reading {
        Some(reading) => {
            wording.say("line.rule_reading", &[("asks", asks), ("reading", reading.as_str()), ("state", &state)])?
        }
        None => wording.say("line.rule", &[("asks", asks), ("state", &state)])?,
    };
    let mut lines = vec![Line { kind: "rule", text }];
    let mut push = |kind: &'static str, text: String| lines.push(Line { kind, text });
    if rule.is_other_action {
        push("why", wording.say("line.other_action", &[])?);
    }
    if !rule.because.is_empty() {
        let key = if rule.application == Application::DoesNotApply { "line.because_not" } else { "line.because" };
        push("why", wording.say(key, &[("facts", &wording.facts(&rule.because)?)])?);
    }
    if !rule.applies_where.is_empty() {
        push("why", wording.say("line.where", &[("cases", &wording.cases(&rule.applies_where)?)])?);
    }
    if !rule.missing.is_empty() {
        push("gap", wording.say("line.needs", &[("gaps", &wording.gaps(&rule.missing)?)])?);
    }
    if let Some(evidence) = &rule.evidence {
        lines.extend(of_evidence(evidence, wording)?);
    }
    Ok(lines)
}

fn of_evidence(evidence: &Evidence, wording: Wording<'_>) -> Result<Vec<Line>, AssessError> {
    let mut lines = Vec::new();
    let mut push = |kind: &'static str, text: String| lines.push(Line { kind, text });
    if !evidence.because.is_empty() {
        let key = if evidence.kept == Kept::Kept { "line.shown" } else { "line.against" };
        push("why", wording.say(key, &[("facts", &wording.facts(&evidence.because)?)])?);
    }
    if !evidence.broken_where.is_empty() {
        push("why", wording.say("line.broken_where", &[("cases", &wording.cases(&evidence.broken_where)?)])?);
    }
    if !evidence.missing.is_empty() {
        push("gap", wording.say("line.evidence", &[("gaps", &wording.gaps(&evidence.missing)?)])?);
    }
    if !evidence.claims.is_empty() {
        let labels: Vec<String> = evidence.claims.iter().map(ToString::to_string).collect();
        push("note", wording.say("line.claims", &[("facts", &labels.join(", "))])?);
    }
    Ok(lines)
}

fn without_rule(finding: &ProvisionFinding, wording: Wording<'_>) -> Result<Vec<Line>, AssessError> {
    let mut lines = Vec::new();
    let mut push = |kind: &'static str, text: String| lines.push(Line { kind, text });
    push("why", wording.say("line.kind", &[("kind", &wording.or_own("kind", &finding.kind))])?);
    if let Some(owed_by) = &finding.owed_by {
        push("why", wording.say("line.owed_by", &[("role", &wording.role(owed_by))])?);
    }
    if let Some(no_rule) = &finding.no_rule {
        let reason = wording.or_own("reason", &no_rule.reason);
        let why = no_rule.says.choose(wording.words.language());
        push("why", wording.say("line.no_rule", &[("reason", &reason), ("why", why)])?);
    }
    if !finding.duties.is_empty() {
        push("why", wording.say("line.has_duty", &[("duties", &finding.duties.join(", "))])?);
    }
    if !finding.missing.is_empty() {
        push("gap", wording.say("line.needs", &[("gaps", &wording.gaps(&finding.missing)?)])?);
    }
    Ok(lines)
}

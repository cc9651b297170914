use super::Sheet;
use crate::{Application, AssessError, ProvisionFinding};

/// An outline by PIPL art. 55 (when) and art. 56(1) (the three contents); art. 56(2): kept three years at least.
pub(super) fn write(mut sheet: Sheet<'_>) -> Result<Option<String>, AssessError> {
    let asked_by = sheet.asked_by(&["cn.pipl/55"]);
    if asked_by.is_empty() {
        return Ok(None);
    }
    sheet.begin("impact.title", &asked_by)?;
    grounds(&mut sheet, &asked_by)?;

    sheet.heading("impact.lawful")?;
    for (key, name) in [
        ("purpose", "purpose"),
        ("necessity", "necessity"),
        ("data_sources", "data_sources"),
        ("retention", "retention"),
    ] {
        let value = sheet.field(name)?;
        sheet.item(key, &value)?;
    }
    let facts = [
        ("declared_purposes", "principal.declaredPurposes"),
        ("data_kinds", "context.dataKinds"),
        ("sensitive_kinds", "context.sensitiveKinds"),
        ("necessary_kinds", "principal.necessaryKinds"),
        ("factors", "context.factorsUsed"),
    ];
    items(&mut sheet, &facts)?;
    sheet.note("impact.bases", &[])?;
    let bases: Vec<&ProvisionFinding> = sheet
        .wording
        .assessment
        .provisions
        .iter()
        .filter(|finding| finding.is_basis())
        .filter(|finding| finding.application != Application::DoesNotApply)
        .collect();
    sheet.states(&bases)?;

    sheet.heading("impact.effects")?;
    let value = sheet.field("impact_and_risks")?;
    sheet.item("impact_and_risks", &value)?;
    let facts = [
        ("automated", "context.automatedDecision"),
        ("sole", "context.solelyAutomated"),
        ("major_effect", "context.majorEffect"),
        ("income_effect", "context.incomeEffect"),
        ("persons", "resource.ageGroup"),
        ("workers", "resource.worker"),
    ];
    items(&mut sheet, &facts)?;
    sheet.note("impact.findings", &[])?;
    let weak: Vec<&ProvisionFinding> = sheet
        .wording
        .assessment
        .provisions
        .iter()
        .filter(|finding| finding.provision.instrument().as_str() == "cn.pipl" && finding.provision.article() != "55")
        .filter(|finding| finding.application == Application::Applies && finding.kept.is_some())
        .collect();
    sheet.states(&weak)?;

    sheet.heading("impact.measures")?;
    let value = sheet.field("protective_measures")?;
    sheet.item("protective_measures", &value)?;
    items(&mut sheet, &[("strict_protection", "context.strictProtection"), ("systems", "principal.securitySystems")])?;

    sheet.heading("impact.conclusion")?;
    sheet.note("impact.conclusion_note", &[])?;
    Ok(Some(sheet.end()))
}

fn items(sheet: &mut Sheet<'_>, facts: &[(&str, &str)]) -> Result<(), AssessError> {
    for (key, path) in facts {
        let value = sheet.fact(path)?;
        sheet.item(key, &value)?;
    }
    Ok(())
}

/// Which of the grounds of art. 55 there are: a rule each.
fn grounds(sheet: &mut Sheet<'_>, asked_by: &[&ProvisionFinding]) -> Result<(), AssessError> {
    sheet.heading("impact.grounds")?;
    let language = sheet.wording.words.language();
    for rule in asked_by.iter().flat_map(|finding| &finding.rules) {
        let key = match rule.application {
            Application::Applies => "impact.ground",
            Application::CannotTell => "impact.ground_open",
            _ => continue,
        };
        let says = language.choose(&rule.zh, &rule.en);
        let says = match &rule.version.reading {
            Some(reading) => format!("{says} [{reading}]"),
            None => says.to_owned(),
        };
        let text = sheet.say(key, &[("says", &says)])?;
        sheet.lines.push(format!("- {text}"));
        if !rule.missing.is_empty() {
            let names: Vec<String> = rule.missing.iter().map(crate::Gap::name).collect();
            let blank = sheet.blank(&names.join("`, `"))?;
            sheet.lines.push(format!("  - {blank}"));
        }
    }
    Ok(())
}

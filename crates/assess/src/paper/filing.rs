use super::Sheet;
use crate::{Application, AssessError, ProvisionFinding};
use gongdao_clock::end_text;

/// What the provisions on filing are: algorithm-recommendation provisions art. 24(1), deep synthesis art. 19,
/// generative AI measures art. 17.
const ASKED_BY: [&str; 4] =
    ["cn.iisarmp/24/1", "cn.deep-synthesis/19/1", "cn.deep-synthesis/19/2", "cn.genai-measures/17"];
const FILE: &str = "cn.iisarmp/24/1#file";
/// Digits of a filing number; empirical, read off the published lists.
const NUMBER_DIGITS: usize = 21;

/// The six items of art. 24(1), what the published lists show besides, and labelling materials (labelling measures art. 12).
pub(super) fn write(mut sheet: Sheet<'_>) -> Result<Option<String>, AssessError> {
    let asked_by = sheet.asked_by(&ASKED_BY);
    if asked_by.is_empty() {
        return Ok(None);
    }
    sheet.begin("filing.title", &asked_by)?;
    due(&mut sheet)?;
    sheet.heading("filing.record")?;
    let category = category(&sheet)?;
    let rows = [
        ("provider", sheet.provider()?),
        ("service_form", sheet.field("service_form")?),
        ("field_of_application", sheet.field("field_of_application")?),
        ("algorithm_type", category),
        ("algorithm_name", sheet.field("algorithm_name")?),
        ("product", sheet.field("product")?),
        ("purpose", sheet.field("purpose")?),
        ("filing_number", number(&sheet)?),
    ];
    for (key, value) in &rows {
        sheet.item(key, value)?;
    }
    sheet.heading("filing.self_assessment")?;
    sheet.note("filing.self_assessment_note", &[])?;
    let own: Vec<&ProvisionFinding> = of_instruments(&sheet, &["cn.iisarmp", "cn.deep-synthesis", "cn.genai-measures"]);
    sheet.states(&own)?;
    sheet.heading("filing.publicity")?;
    for key in ["basic_principles", "intent", "main_mechanism", "appeal_way"] {
        let value = sheet.field(key)?;
        sheet.item(key, &value)?;
    }
    let labels = of_instruments(&sheet, &["cn.labelling-measures"]);
    if !labels.is_empty() {
        sheet.heading("filing.labels")?;
        sheet.note("filing.labels_note", &[])?;
        sheet.states(&labels)?;
    }
    sheet.heading("filing.after")?;
    sheet.note("filing.after_note", &[])?;
    Ok(Some(sheet.end()))
}

/// Provisions that apply or may, and that a rule speaks of.
fn of_instruments<'a>(sheet: &Sheet<'a>, instruments: &[&str]) -> Vec<&'a ProvisionFinding> {
    let findings = sheet.wording.assessment.provisions.iter();
    let own = findings.filter(|finding| instruments.contains(&finding.provision.instrument().as_str()));
    let speaks = |finding: &&ProvisionFinding| {
        !finding.rules.is_empty() && matches!(finding.application, Application::Applies | Application::CannotTell)
    };
    own.filter(speaks).collect()
}

fn due(sheet: &mut Sheet<'_>) -> Result<(), AssessError> {
    let duty = sheet.wording.assessment.duties.iter().find(|duty| duty.duty.id == FILE);
    let date = duty.and_then(|duty| duty.clock.due_date());
    match date {
        Some(date) => {
            let end = end_text(date.end, sheet.wording.words)?;
            sheet.note("filing.due", &[("end", &end)])
        }
        None => sheet.note("filing.no_due", &[]),
    }
}

fn category(sheet: &Sheet<'_>) -> Result<String, AssessError> {
    let path = "principal.category".parse()?;
    let Some(values) = sheet.wording.service.facts.get(&path) else { return sheet.blank("principal.category") };
    let names: Vec<String> = values
        .iter()
        .filter_map(|value| match value {
            gongdao_model::FactValue::Text(word) => Some(sheet.wording.or_own("category", word)),
            _ => None,
        })
        .collect();
    Ok(format!("{} (`principal.category`)", names.join(", ")))
}

/// The number as given; one that does not look like one is marked.
fn number(sheet: &Sheet<'_>) -> Result<String, AssessError> {
    let Some(given) = sheet.wording.service.papers.get("filing_number") else {
        return sheet.blank("papers.filing_number");
    };
    let digits = given.strip_prefix("网信算备").and_then(|rest| rest.strip_suffix('号'));
    let fits = digits
        .is_some_and(|digits| digits.len() == NUMBER_DIGITS && digits.bytes().all(|digit| digit.is_ascii_digit()));
    if fits { Ok(given.clone()) } else { sheet.say("filing.odd_number", &[("number", given)]) }
}

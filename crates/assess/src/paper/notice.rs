use super::Sheet;
use crate::AssessError;
use gongdao_clock::period_text;

/// What users are told: algorithm-recommendation provisions arts. 16, 17, 22 and 26, PIPL art. 17.
const ASKED_BY: [&str; 6] =
    ["cn.iisarmp/16", "cn.iisarmp/17/1", "cn.iisarmp/17/2", "cn.iisarmp/22", "cn.iisarmp/26", "cn.pipl/17/1"];

pub(super) fn write(mut sheet: Sheet<'_>) -> Result<Option<String>, AssessError> {
    let asked_by = sheet.asked_by(&ASKED_BY);
    if asked_by.is_empty() {
        return Ok(None);
    }
    let has = |id: &str| asked_by.iter().any(|finding| finding.provision.as_str().starts_with(id));
    sheet.begin("notice.title", &asked_by)?;
    if has("cn.iisarmp/16") {
        sheet.heading("notice.recommendation")?;
        let name = sheet.wording.assessment.service.clone();
        let provider = sheet.provider()?;
        sheet.note("notice.told", &[("name", &name), ("provider", &provider)])?;
        fields(&mut sheet, &["basic_principles", "intent", "main_mechanism"])?;
        let factors = sheet.fact("principal.declaredFactors")?;
        sheet.item("declared_factors", &factors)?;
    }
    if has("cn.iisarmp/17") {
        sheet.heading("notice.choices")?;
        fields(&mut sheet, &["switch_off_way"])?;
        let facts = [
            ("non_personalised", "principal.nonPersonalisedOffered"),
            ("switch_off", "principal.switchOffOffered"),
            ("tags", "principal.tagToolOffered"),
        ];
        for (key, path) in facts {
            let value = sheet.fact(path)?;
            sheet.item(key, &value)?;
        }
    }
    if has("cn.iisarmp/22") {
        sheet.heading("notice.appeals")?;
        fields(&mut sheet, &["appeal_way"])?;
        let limit = match sheet.wording.service.published.get("cn.iisarmp/22#answer") {
            Some(period) => period_text(*period, sheet.wording.words)?,
            None => sheet.blank("published.\"cn.iisarmp/22#answer\"")?,
        };
        sheet.item("appeal_limit", &limit)?;
    }
    if has("cn.iisarmp/26") {
        sheet.heading("notice.number")?;
        fields(&mut sheet, &["filing_number"])?;
    }
    if has("cn.pipl/17") {
        sheet.heading("notice.personal")?;
        let provider = sheet.provider()?;
        sheet.item("provider", &provider)?;
        fields(&mut sheet, &["contact", "purpose"])?;
        let kinds = sheet.fact("context.dataKinds")?;
        sheet.item("data_kinds", &kinds)?;
        fields(&mut sheet, &["retention"])?;
        sheet.note("notice.rights", &[])?;
    }
    Ok(Some(sheet.end()))
}

fn fields(sheet: &mut Sheet<'_>, names: &[&str]) -> Result<(), AssessError> {
    for name in names {
        let value = sheet.field(name)?;
        sheet.item(name, &value)?;
    }
    Ok(())
}

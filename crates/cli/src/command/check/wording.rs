//! Facts, values and citations in words.

use gongdao_i18n::{I18nError, Language, Words};
use gongdao_model::{FactPath, FactType, FactValue, ProvisionId};
use gongdao_pack::Packs;
use gongdao_rules::FactDeclaration;
use gongdao_service::ingest::diagnosis::unit_in_words;

/// The provision as people cite it; its identifier where no pack has it.
pub(in crate::command) fn cite(packs: &Packs, language: Language, provision: &ProvisionId) -> String {
    let Some(instrument) = packs.instrument(&provision.instrument()) else { return provision.to_string() };
    match language {
        Language::Zh => instrument.cite_zh(provision),
        Language::En => instrument.cite_en(provision),
    }
}

/// What a fact says, and its path.
pub(in crate::command) fn fact(words: Words<'_>, path: &FactPath, declared: Option<&FactDeclaration>) -> String {
    match declared {
        Some(declared) => format!("{} [{path}]", label(words, declared)),
        None => path.to_string(),
    }
}

/// What a fact says; for a fact of words, without the list of them that may follow a colon.
pub(in crate::command) fn label<'a>(words: Words<'_>, declared: &'a FactDeclaration) -> &'a str {
    let label = words.language().choose(&declared.zh, &declared.en);
    match declared.fact_type {
        FactType::Text | FactType::TextSet => label.split(['：', ':']).next().unwrap_or(label),
        FactType::Bool | FactType::Long => label,
    }
}

/// A value in words, with its unit.
pub(in crate::command) fn value(
    words: Words<'_>,
    value: &FactValue,
    declared: Option<&FactDeclaration>,
) -> Result<String, I18nError> {
    let language = words.language();
    Ok(match value {
        FactValue::Bool(true) => words.say("report.yes", &[])?,
        FactValue::Bool(false) => words.say("report.no", &[])?,
        FactValue::Text(text) => text.clone(),
        FactValue::TextSet(set) if set.is_empty() => words.say("check.empty_set", &[])?,
        FactValue::TextSet(set) => set.iter().cloned().collect::<Vec<_>>().join(language.choose("、", ", ")),
        FactValue::Long(number) => match declared.and_then(|declared| declared.unit.as_deref()) {
            Some("fen") => words.say("check.yuan", &[("yuan", &yuan(*number))])?,
            Some("percent") => format!("{number}%"),
            Some(named) => format!("{number} {}", unit_in_words(words, named)),
            None => number.to_string(),
        },
    })
}

/// Whole fen as yuan with two decimals.
fn yuan(fen: i64) -> String {
    let sign = if fen < 0 { "-" } else { "" };
    let fen = fen.unsigned_abs();
    format!("{sign}{}.{:02}", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use super::yuan;

    #[test]
    fn fen_become_yuan_exactly() {
        let rows = [(0, "0.00"), (5, "0.05"), (1_250, "12.50"), (-1, "-0.01"), (i64::MIN, "-92233720368547758.08")];
        for (fen, expected) in rows {
            assert_eq!(yuan(fen), expected);
        }
    }
}

//! Numbers, times and citations as people write them.

use crate::summary::{Bilingual, ProvisionSummary};
use gongdao_i18n::{I18nError, Language, Words};
use gongdao_model::{Instant, Outcome, ProvisionId, Standing};
use gongdao_pack::{cite_en, cite_zh};

/// The text in the language of `words`.
pub(super) fn pick(words: Words<'_>, text: &Bilingual) -> String {
    words.language().choose(&text.zh, &text.en).to_owned()
}

/// `1234567` as `1,234,567`.
pub(super) fn count(number: u64) -> String {
    grouped(&number.to_string())
}

/// A signed integer with its digits in groups of three.
pub(super) fn integer(number: i64) -> String {
    let digits = grouped(&number.unsigned_abs().to_string());
    if number < 0 { format!("−{digits}") } else { digits }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A part of a whole between 0 and 1; 0 where the whole is 0.
#[expect(clippy::cast_precision_loss, reason = "a share is shown with one decimal; counts stay below 2^53")]
pub(super) fn fraction(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A share in per cent with one decimal; never rounds something to nothing nor most to all.
pub(super) fn share(part: u64, whole: u64) -> String {
    let percent = fraction(part, whole) * 100.0;
    if part > 0 && percent < 0.1 {
        "<0.1%".to_owned()
    } else if part < whole && percent > 99.9 {
        ">99.9%".to_owned()
    } else {
        format!("{percent:.1}%")
    }
}

/// A decimal number with a true minus sign and, where asked, a plus.
pub(super) fn decimal(number: f64, places: usize, signed: bool) -> String {
    let digits = format!("{:.places$}", number.abs());
    let zero = digits.bytes().all(|b| matches!(b, b'0' | b'.'));
    match (zero, number < 0.0, signed) {
        (false, true, _) => format!("−{digits}"),
        (false, false, true) => format!("+{digits}"),
        _ => digits,
    }
}

/// `2024-05-01 12:00:00`, in UTC+8 as the page says once.
pub(super) fn instant(at: Instant) -> String {
    at.to_string().trim_end_matches("+08:00").replacen('T', " ", 1)
}

/// The unit in words where the catalogue has it, else as written.
pub(super) fn unit(words: Words<'_>, unit: &str) -> String {
    words.say(&format!("unit.{unit}"), &[]).unwrap_or_else(|_| unit.to_owned())
}

/// The verdict's word.
pub(super) fn outcome(words: Words<'_>, outcome: Outcome) -> Result<String, I18nError> {
    words.say(&format!("outcome.{outcome}"), &[])
}

/// Why a verdict is provisional; none for verified law.
pub(super) fn standing(words: Words<'_>, standing: Standing) -> Result<Option<String>, I18nError> {
    match standing {
        Standing::Verified => Ok(None),
        Standing::Unverified => words.say("standing.unverified", &[]).map(Some),
        Standing::Draft => words.say("standing.draft", &[]).map(Some),
    }
}

/// `《个人信息保护法》第24条第1款`, `Personal Information Protection Law, art. 24(1)`.
pub(super) fn cite(words: Words<'_>, provision: &ProvisionSummary) -> String {
    let title = pick(words, &provision.instrument_title);
    match words.language() {
        Language::Zh => cite_zh(&title, &provision.instrument_level, &provision.id),
        Language::En => cite_en(&title, &provision.instrument_level, &provision.id),
    }
}

/// Where a provision stands when people list them: by instrument, then by the numbers of its parts.
pub(super) fn natural(id: &ProvisionId) -> (String, Vec<(u32, String)>) {
    let parts = std::iter::once(id.article()).chain(id.parts());
    // A part that is no number stands behind all that are.
    let parts = parts.map(|part| (part.parse().unwrap_or(u32::MAX), part.to_owned()));
    (id.instrument().to_string(), parts.collect())
}

//! The language of an answer: Chinese unless the request prefers English.

use axum::http::HeaderMap;
use axum::http::header::ACCEPT_LANGUAGE;
use gongdao_i18n::Language;

/// Name of the cookie of whoever chose a language on a page.
pub(crate) const COOKIE: &str = "gongdao_language";

/// The language that was chosen on a page, else the one that a request accepts most (RFC 9110 §12.5.4).
pub(crate) fn of(headers: &HeaderMap) -> Language {
    let chosen_here = crate::auth::cookie_of(headers, COOKIE);
    if let Some(language) = chosen_here.and_then(|tag| of_tag(&tag)) {
        return language;
    }
    let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    chosen(accepted)
}

fn chosen(accepted: &str) -> Language {
    let mut best = (Language::Zh, 0.0_f32);
    for part in accepted.split(',') {
        let mut pieces = part.split(';');
        let tag = pieces.next().unwrap_or_default().trim().to_ascii_lowercase();
        let weight = pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse().ok()).unwrap_or(1.0_f32);
        let language = match tag.split('-').next() {
            Some("zh") => Language::Zh,
            Some("en") => Language::En,
            _ => continue,
        };
        // Of equal weights the first counts.
        if weight > best.1 {
            best = (language, weight);
        }
    }
    best.0
}

/// The language of a tag; what stands after the first part counts for nothing.
pub(crate) fn of_tag(tag: &str) -> Option<Language> {
    match tag.split('-').next() {
        Some("zh") => Some(Language::Zh),
        Some("en") => Some(Language::En),
        _ => None,
    }
}

/// Its tag in `Content-Language` (RFC 5646).
pub(crate) fn tag(language: Language) -> &'static str {
    match language {
        Language::Zh => "zh-Hans",
        Language::En => "en",
    }
}

#[cfg(test)]
mod tests {
    use super::chosen;
    use gongdao_i18n::Language::{self, En, Zh};

    #[test]
    fn chinese_is_answered_unless_english_is_preferred() {
        let rows: [(&str, Language); 9] = [
            ("", Zh),
            ("*", Zh),
            ("en", En),
            ("en-GB,en;q=0.9", En),
            ("de, en;q=0.5", En),
            ("zh-CN, en", Zh),
            ("en;q=0.3, zh;q=0.8", Zh),
            ("en;q=0.9, zh;q=0.8", En),
            ("fr", Zh),
        ];
        for (accepted, expected) in rows {
            assert_eq!(chosen(accepted), expected, "{accepted}");
        }
    }
}

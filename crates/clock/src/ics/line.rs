use gongdao_model::Instant;

/// RFC 5545 section 3.1: a line has at most 75 octets without its break.
const OCTETS: usize = 75;

/// Appends a content line, folded between characters, with CRLF.
pub(super) fn content(line: &str, text: &mut String) {
    let mut room = OCTETS;
    for character in line.chars() {
        let octets = character.len_utf8();
        if octets > room {
            text.push_str("\r\n ");
            // The space that continues a line counts.
            room = OCTETS - 1;
        }
        text.push(character);
        room -= octets;
    }
    text.push_str("\r\n");
}

/// The inverse of folding: the content lines of a text.
pub(super) fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// Text as a value (section 3.3.11). Control characters have no place in it.
pub(super) fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' | ';' | ',' => value.extend(['\\', character]),
            '\n' => value.push_str("\\n"),
            _ if character.is_control() => {}
            _ => value.push(character),
        }
    }
    value
}

/// A moment in UTC (section 3.3.5, form 2), whole seconds.
pub(super) fn utc(at: Instant) -> String {
    let day = at.millis().div_euclid(86_400_000);
    let second = at.millis().rem_euclid(86_400_000) / 1000;
    let date = i32::try_from(day).ok().and_then(gongdao_model::LegalDate::from_day_number);
    let date = date.map(|date| date.to_string().replace('-', "")).unwrap_or_default();
    format!("{date}T{:02}{:02}{:02}Z", second / 3600, second / 60 % 60, second % 60)
}

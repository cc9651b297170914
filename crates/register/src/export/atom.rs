//! Changes of the register as a feed (RFC 4287): identifiers that stay, moments that say when.

use super::Record;
use crate::Consultation;
use gongdao_model::Instant;
use std::fmt::Write as _;

/// A change that people may want to hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What, in one word: `registered`, `declared`, `published`, `activated`, `withdrawn`, `called`, `concluded`.
    pub what: &'static str,
    /// Of what: an algorithm, a version or a consultation, by its name.
    pub subject: String,
    /// The algorithm's name, for people.
    pub algorithm: String,
    /// When.
    pub at: Instant,
    /// A day that matters: the first in force, the last for comments.
    pub day: Option<String>,
    /// Where it is read, from the root of the service.
    pub path: String,
}

/// The changes of a record and of the consultations over its versions, oldest first.
pub fn changes(record: &Record<'_>, consultations: &[Consultation]) -> Vec<Change> {
    let algorithm = record.algorithm;
    let change = |what, subject: &str, at, day: Option<String>, path: String| Change {
        what,
        subject: subject.to_owned(),
        algorithm: algorithm.description.name.clone(),
        at,
        day,
        path,
    };
    let mut all = vec![change(
        "registered",
        &algorithm.id,
        algorithm.registered_at,
        None,
        format!("/v1/algorithms/{}", encoded(&algorithm.id)),
    )];
    for version in record.versions {
        let path = format!("/v1/versions/{}", encoded(&version.id));
        all.push(change("declared", &version.id, version.declared_at, None, path.clone()));
        if let Some(publication) = &version.publication {
            let day = Some(publication.from.to_string());
            all.push(change("published", &version.id, publication.at, day.clone(), path.clone()));
            all.extend(version.activated_at.map(|at| change("activated", &version.id, at, day, path.clone())));
        }
        let gone = version.withdrawal.as_ref();
        all.extend(gone.map(|gone| change("withdrawn", &version.id, gone.at, None, path)));
    }
    for consultation in consultations {
        let path = format!("/v1/consultations/{}", encoded(&consultation.id));
        let day = Some(consultation.last_day.to_string());
        all.push(change("called", &consultation.id, consultation.called_at, day, path.clone()));
        all.extend(
            consultation.result.as_ref().map(|result| change("concluded", &consultation.id, result.at, None, path)),
        );
    }
    all.sort_by_key(|change| change.at);
    all
}

/// What stands at the head of a feed.
#[derive(Debug, Clone, Copy)]
pub struct Feed<'a> {
    /// Whose register: a name that stays.
    pub origin: &'a str,
    /// Its title, for people.
    pub title: &'a str,
    /// The address of the service; empty where it does not know it, and links are then from the root.
    pub base: &'a str,
    /// When it was last changed, where it has no entry.
    pub now: Instant,
}

/// The feed, newest first, with a title a change.
pub fn atom(feed: &Feed<'_>, changes: &[Change], title: impl Fn(&Change) -> String) -> String {
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by(|a, b| (b.at, &b.subject, b.what).cmp(&(a.at, &a.subject, a.what)));
    let updated = sorted.first().map_or(feed.now, |newest| newest.at);
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n");
    // Writing into a string cannot fail.
    let _ = writeln!(text, "  <id>urn:gongdao:register:{}</id>", encoded(feed.origin));
    let _ = writeln!(text, "  <title>{}</title>", escaped(feed.title));
    let _ = writeln!(text, "  <updated>{updated}</updated>");
    let _ = writeln!(text, "  <author><name>{}</name></author>", escaped(feed.origin));
    let _ = writeln!(
        text,
        "  <link rel=\"self\" type=\"application/atom+xml\" href=\"{}/v1/register.atom\"/>",
        escaped(feed.base)
    );
    for change in sorted {
        let (origin, subject) = (encoded(feed.origin), encoded(&change.subject));
        let _ = writeln!(text, "  <entry>");
        let _ = writeln!(
            text,
            "    <id>urn:gongdao:register:{origin}:{subject}:{}:{}</id>",
            change.what,
            change.at.millis()
        );
        let _ = writeln!(text, "    <title>{}</title>", escaped(&title(change)));
        let _ = writeln!(text, "    <updated>{}</updated>", change.at);
        let _ = writeln!(text, "    <category term=\"{}\"/>", change.what);
        let _ = writeln!(text, "    <link href=\"{}{}\"/>", escaped(feed.base), escaped(&change.path));
        let _ = writeln!(text, "  </entry>");
    }
    text.push_str("</feed>\n");
    text
}

/// As text of XML 1.0: what it cannot hold is left out.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            char if char.is_control() || matches!(char, '\u{fffe}' | '\u{ffff}') => {}
            char => safe.push(char),
        }
    }
    safe
}

/// Percent-encoded (RFC 3986 §2.1), but for what needs none.
fn encoded(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            safe.push(char::from(byte));
        } else {
            let _ = write!(safe, "%{byte:02X}");
        }
    }
    safe
}

//! Markdown and plain text: a mapping `AIGC` in the YAML block at the file's head.

use super::yaml::{block_mapping, flow_mapping, scalar, single_quoted};
use super::{Content, Found, Survey};
use crate::LabelError;
use crate::model::{Dialect, Key, Label, Shape};
use crate::source::Source;
use crate::splice::Edit;
use std::collections::BTreeSet;

const MARK: &str = "\u{feff}";
/// The block at the head of a text is small; more is no front matter.
const MOST_HEAD: u64 = 1 << 20;

struct Line {
    at: usize,
    /// With its line end.
    whole: usize,
    text: String,
}

/// The block at the head.
struct Head {
    lines: Vec<Line>,
    /// Where the closing line begins.
    close: usize,
}

/// The label's lines in the block.
struct Entry {
    at: usize,
    end: usize,
    first: String,
    below: Vec<String>,
}

pub(crate) fn survey(source: &mut Source<'_>) -> Result<Survey, LabelError> {
    let mut survey = Survey::default();
    let text = head_text(source)?;
    let Some(head) = head(&text) else { return Ok(survey) };
    for entry in entries(&head) {
        let mut dialects = BTreeSet::new();
        match content(&entry, &mut dialects) {
            Some(content) => survey.sites.push(Found {
                field: "front matter AIGC".to_owned(),
                offset: entry.at as u64,
                length: (entry.end - entry.at) as u64,
                content,
                dialects,
            }),
            None => survey.unread.push("front matter AIGC: the mapping is not understood".to_owned()),
        }
    }
    Ok(survey)
}

pub(crate) fn edits(source: &mut Source<'_>, label: &Label) -> Result<Vec<Edit>, LabelError> {
    let text = head_text(source)?;
    if text.trim_start_matches(MARK).starts_with("+++") {
        return Err(LabelError::refused(
            "the head of the text is TOML, and a label stands in YAML",
            "turn the head into YAML between lines of `---`",
        ));
    }
    let line_end = if text.lines().next().is_some() && text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut own = vec!["AIGC:".to_owned()];
    own.extend(Key::ALL.iter().map(|key| format!("  {key}: {}", single_quoted(label.value(*key)))));
    let own = own.join(line_end) + line_end;
    let Some(head) = head(&text) else {
        let start = if text.starts_with(MARK) { MARK.len() } else { 0 };
        let block = format!("---{line_end}{own}---{line_end}{line_end}");
        return Ok(vec![Edit::insert(start as u64, block.into_bytes())]);
    };
    let entries = entries(&head);
    let mut edits: Vec<Edit> =
        entries.iter().map(|entry| Edit::cut(entry.at as u64, (entry.end - entry.at) as u64)).collect();
    match edits.first_mut() {
        Some(first) => first.insert = own.into_bytes(),
        None => edits.push(Edit::insert(head.close as u64, own.into_bytes())),
    }
    Ok(edits)
}

/// The text at the head; only whole characters.
fn head_text(source: &mut Source<'_>) -> Result<String, LabelError> {
    let bytes = source.head(0, MOST_HEAD)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let valid = error.utf8_error().valid_up_to();
            let is_cut = error.utf8_error().error_len().is_none();
            if !is_cut {
                return Err(LabelError::malformed(valid as u64, "the text is not UTF-8"));
            }
            let mut bytes = error.into_bytes();
            bytes.truncate(valid);
            Ok(String::from_utf8(bytes).unwrap_or_default())
        }
    }
}

fn head(text: &str) -> Option<Head> {
    let start = if text.starts_with(MARK) { MARK.len() } else { 0 };
    let mut at = start;
    let mut lines = Vec::new();
    for (number, whole) in text.get(start..)?.split_inclusive('\n').enumerate() {
        let line = whole.trim_end_matches(['\n', '\r']);
        let trimmed = line.trim_end();
        if number == 0 && trimmed != "---" {
            return None;
        }
        if number > 0 && matches!(trimmed, "---" | "...") {
            return Some(Head { lines, close: at });
        }
        if number > 0 {
            lines.push(Line { at, whole: whole.len(), text: line.to_owned() });
        }
        at += whole.len();
    }
    None
}

/// Top-level entries whose key holds `AIGC`.
fn entries(head: &Head) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let mut is_within = false;
    for line in &head.lines {
        let is_top = !line.text.starts_with([' ', '\t', '#', '}', ']']) && !line.text.trim().is_empty();
        if is_top {
            let key = line.text.split_once(':').and_then(|(key, _)| scalar(key));
            is_within = key.is_some_and(|key| key == "AIGC");
            if is_within {
                let (at, end) = (line.at, line.at + line.whole);
                let first = line.text.split_once(':').map_or("", |(_, value)| value.trim()).to_owned();
                found.push(Entry { at, end, first, below: Vec::new() });
            }
        } else if is_within && let Some(entry) = found.last_mut() {
            entry.end = line.at + line.whole;
            entry.below.push(line.text.clone());
        }
    }
    found
}

fn content(entry: &Entry, dialects: &mut BTreeSet<Dialect>) -> Option<Content> {
    let below: Vec<&str> = entry.below.iter().map(String::as_str).collect();
    let is_comment_only = entry.first.starts_with('#');
    if entry.first.is_empty() || is_comment_only {
        return block_mapping(&below).map(Content::Members);
    }
    if entry.first.starts_with('{') {
        dialects.insert(Dialect::FlowMapping);
        let all = [&[entry.first.as_str()], &below[..]].concat().join(" ");
        // JSON is a flow mapping too, and its reader sees doubled keys and types.
        let is_json = crate::model::json::read(&all).is_ok();
        return if is_json { Some(Content::Text(all, Shape::Bare)) } else { flow_mapping(&all).map(Content::Members) };
    }
    dialects.insert(Dialect::JsonInYaml);
    let is_block = matches!(entry.first.as_str(), ">" | ">-" | "|" | "|-" | ">+" | "|+");
    let text = if is_block { below.iter().map(|line| line.trim()).collect::<String>() } else { scalar(&entry.first)? };
    Some(Content::Text(text, Shape::Bare))
}

//! An assessment as lines for a terminal.

use crate::page::{Item, Page, page};
use crate::{AssessError, Assessment, Law, Service};
use gongdao_i18n::Words;

/// How much a text tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// What is to be done; the rest is counted.
    Short,
    /// Everything.
    Full,
}

/// Questions that a short text asks.
const FEW: usize = 10;

/// For people, a line each.
pub fn lines(
    assessment: &Assessment,
    service: &Service,
    law: &Law<'_>,
    words: Words<'_>,
    detail: Detail,
) -> Result<Vec<String>, AssessError> {
    let page = page(assessment, service, law, words)?;
    let mut lines = head(&page);
    for section in page.sections.iter().filter(|section| detail == Detail::Full || !section.is_quiet) {
        if section.items.is_empty() && detail == Detail::Short {
            continue;
        }
        lines.push(String::new());
        lines.push(format!("## {} ({})", section.heading, section.items.len()));
        lines.push(section.intro.clone());
        let is_cut = section.kind == "questions" && detail == Detail::Short;
        let shown = if is_cut { FEW } else { section.items.len() };
        section.items.iter().take(shown).for_each(|item| push(item, detail, &mut lines));
        if section.items.len() > shown {
            let more = section.items.len().saturating_sub(shown).to_string();
            lines.push(words.say("assess.more_questions", &[("count", &more)])?);
        }
        if section.items.is_empty() {
            lines.push(section.none.clone());
        }
    }
    lines.push(String::new());
    lines.push(format!("## {}", page.limits_heading));
    lines.extend(page.limits.iter().map(|limit| format!("- {limit}")));
    if detail == Detail::Short {
        lines.push(String::new());
        lines.push(words.say("assess.short", &[])?);
    }
    Ok(lines)
}

fn head(page: &Page) -> Vec<String> {
    let mut lines = vec![format!("# {}  {}", page.title, page.heading)];
    lines.extend(page.head.iter().cloned());
    lines.extend(page.provisional.iter().cloned());
    lines.push(String::new());
    lines.extend(
        page.counts
            .iter()
            .filter(|count| count.number > 0)
            .map(|count| format!("{:>5}  {}", count.number, count.label)),
    );
    lines
}

fn push(item: &Item, detail: Detail, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("● {}", item.title));
    if !item.cite.is_empty() {
        lines.push(format!("  {}", item.cite));
    }
    lines.extend(item.mark.iter().map(|mark| format!("  [{mark}]")));
    for line in &item.lines {
        let indent = if line.kind == "rule" { "  - " } else { "    " };
        lines.push(format!("{indent}{}", line.text));
    }
    if detail == Detail::Full && !item.details.is_empty() {
        lines.push(format!("    {}", item.details_label));
        lines.extend(item.details.iter().map(|line| format!("      {line}")));
    }
}

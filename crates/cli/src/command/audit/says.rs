//! The summary in a terminal's few lines; the report has the rest.

use crate::command::output::Pen;
use gongdao_audit::summary::{DeclaredFlag, MeasureFlag, ProvisionSummary, SourceKind, Summary};
use gongdao_i18n::{I18nError, Language, Words};
use gongdao_model::Outcome;
use gongdao_pack::{cite_en, cite_zh};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::path::Path;

/// How many articles and facts are named.
const MOST_NAMED: usize = 8;

pub(super) fn summary(words: Words<'_>, pen: Pen, summary: &Summary, out: &Path) -> Result<String, I18nError> {
    let mut lines = Vec::new();
    let title = words.language().choose(&summary.source.title.zh, &summary.source.title.en);
    lines.push(pen.bold(title));
    if summary.source.illustration {
        lines.push(words.say("report.banner.illustration", &[])?);
    }
    lines.push(String::new());
    counts(words, pen, summary, &mut lines)?;
    articles(words, pen, summary, &mut lines)?;
    facts(words, summary, &mut lines)?;
    declared(words, summary, &mut lines)?;
    measures(words, summary, &mut lines)?;
    if let Some(ledger) = &summary.run.ledger {
        let size = ledger.size.to_string();
        let slots = [("origin", ledger.origin.as_str()), ("size", &size), ("root", &ledger.root)];
        lines.push(words.say("audit.ledger_root", &slots)?);
    }
    let report = out.join("report.html").display().to_string();
    lines.push(words.say("audit.report", &[("path", &pen.bold(&report))])?);
    Ok(lines.join("\n"))
}

fn counts(words: Words<'_>, pen: Pen, summary: &Summary, lines: &mut Vec<String>) -> Result<(), I18nError> {
    let counts = &summary.counts;
    let number = |count: u64| count.to_string();
    if summary.source.kind == SourceKind::Register || counts.decisions == 0 {
        let key = if summary.source.kind == SourceKind::Register { "audit.register" } else { "audit.nothing" };
        lines.push(words.say(key, &[("rows", &number(counts.rows)), ("aside", &number(counts.set_aside))])?);
    } else {
        lines.push(words.say(
            "audit.decisions",
            &[("decisions", &number(counts.decisions)), ("aside", &number(counts.set_aside))],
        )?);
        let rows = [
            ("violated", counts.violated, pen.red(&number(counts.violated))),
            ("disputed", counts.disputed, pen.yellow(&number(counts.disputed))),
            ("undetermined", counts.undetermined, pen.yellow(&number(counts.undetermined))),
            ("clear", counts.clear, pen.green(&number(counts.clear))),
        ];
        for (name, count, shown) in rows {
            let pad = " ".repeat(9_usize.saturating_sub(number(count).len()));
            lines.push(format!("{pad}{shown}  {}", words.say(&format!("audit.{name}"), &[])?));
        }
        if counts.silent > 0 {
            let silent = number(counts.silent);
            let pad = " ".repeat(9_usize.saturating_sub(silent.len()));
            lines.push(format!("{pad}{}  {}", pen.yellow(&silent), words.say("audit.silent", &[])?));
        }
        if counts.violated_provisional_only > 0 {
            let only = number(counts.violated_provisional_only);
            lines.push(words.say("audit.provisional_only", &[("count", &only)])?);
        }
    }
    if counts.erased > 0 {
        let erased = number(counts.erased);
        lines.push(words.say("audit.erased", &[("count", &erased)])?);
    }
    let faults: u64 = summary.data_quality.iter().map(|finding| finding.count).sum();
    if faults > 0 {
        let kinds = number(summary.data_quality.len() as u64);
        lines.push(words.say("audit.quality", &[("kinds", &kinds), ("count", &number(faults))])?);
    }
    lines.push(String::new());
    Ok(())
}

fn articles(words: Words<'_>, pen: Pen, summary: &Summary, lines: &mut Vec<String>) -> Result<(), I18nError> {
    let violated = |provision: &ProvisionSummary| provision.outcomes.get(&Outcome::Violated).copied().unwrap_or(0);
    let mut found: Vec<&ProvisionSummary> =
        summary.provisions.iter().filter(|provision| violated(provision) + provision.disputed > 0).collect();
    if found.is_empty() {
        return Ok(());
    }
    found.sort_by_key(|provision| (provision.standing, Reverse((violated(provision), provision.disputed))));
    lines.push(pen.bold(&words.say("audit.articles", &[])?));
    for provision in found.iter().take(MOST_NAMED) {
        let title = words.language().choose(&provision.instrument_title.zh, &provision.instrument_title.en);
        let article = match words.language() {
            Language::Zh => cite_zh(title, &provision.instrument_level, &provision.id),
            Language::En => cite_en(title, &provision.instrument_level, &provision.id),
        };
        let mut count = violated(provision).to_string();
        if provision.disputed > 0 {
            let disputed = provision.disputed.to_string();
            count = words.say("audit.with_disputed", &[("violated", &count), ("disputed", &disputed)])?;
        }
        let mark =
            if provision.standing.is_provisional() { words.say("audit.provisional_mark", &[])? } else { String::new() };
        lines.push(format!("  {article}{mark}{}{count}", words.say("report.colon", &[])?));
        let text = words.language().choose(&provision.text.zh, &provision.text.en);
        lines.push(format!("    {}", pen.dim(text)));
    }
    if found.len() > MOST_NAMED {
        lines.push(words.say("audit.more_articles", &[("count", &(found.len() - MOST_NAMED).to_string())])?);
    }
    lines.push(String::new());
    Ok(())
}

fn facts(words: Words<'_>, summary: &Summary, lines: &mut Vec<String>) -> Result<(), I18nError> {
    let mut missing: BTreeMap<String, (u64, &str)> = BTreeMap::new();
    for fact in summary.rules.iter().flat_map(|rule| &rule.missing) {
        let label = words.language().choose(&fact.label.zh, &fact.label.en);
        missing.entry(fact.fact.to_string()).or_insert((0, label)).0 += fact.count;
    }
    if missing.is_empty() {
        return Ok(());
    }
    let mut missing: Vec<_> = missing.into_iter().collect();
    missing.sort_by_key(|(_, (count, _))| Reverse(*count));
    let coverage = &summary.coverage;
    let values = [("judged", coverage.judged.to_string()), ("pairs", coverage.pairs.to_string())];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lines.push(words.say("audit.missing", &values)?);
    for (path, (count, label)) in missing.iter().take(MOST_NAMED) {
        lines.push(format!("  {count:>9}  {label} ({path})"));
    }
    if missing.len() > MOST_NAMED {
        lines.push(words.say("audit.more_facts", &[("count", &(missing.len() - MOST_NAMED).to_string())])?);
    }
    lines.push(String::new());
    Ok(())
}

fn declared(words: Words<'_>, summary: &Summary, lines: &mut Vec<String>) -> Result<(), I18nError> {
    if summary.declared.is_empty() {
        return Ok(());
    }
    let of = |flag: DeclaredFlag| summary.declared.iter().filter(|row| row.flag == flag).count().to_string();
    let versions = summary.declared.len().to_string();
    let (differ, cannot) = (of(DeclaredFlag::Differs), of(DeclaredFlag::CannotTell));
    lines.push(words.say("audit.declared", &[("versions", &versions), ("differ", &differ), ("cannot", &cannot)])?);
    lines.push(String::new());
    Ok(())
}

fn measures(words: Words<'_>, summary: &Summary, lines: &mut Vec<String>) -> Result<(), I18nError> {
    if summary.measures.is_empty() {
        return Ok(());
    }
    let of = |flag: MeasureFlag| summary.measures.iter().filter(|row| row.flag == flag).count().to_string();
    let values = [
        ("comparisons", summary.measures.len().to_string()),
        ("disparities", of(MeasureFlag::Disparity)),
        ("few", of(MeasureFlag::TooFew)),
        ("untested", of(MeasureFlag::CannotTest)),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lines.push(words.say("audit.measures", &values)?);
    lines.push(String::new());
    Ok(())
}

//! Everything about a provision.

use super::Print;
use crate::show::{DutyOf, NumberOf, ReadingOf, RuleOf};
use crate::{ArticleText, LawError, Sheet, wording};
use std::fmt::Write as _;

impl Print<'_> {
    /// Sheets, an empty line between them.
    pub fn sheets(&self, sheets: &[Sheet<'_>]) -> Result<String, LawError> {
        let sheets = sheets.iter().map(|sheet| self.sheet(sheet)).collect::<Result<Vec<_>, _>>()?;
        Ok(sheets.join("\n\n"))
    }

    fn sheet(&self, sheet: &Sheet<'_>) -> Result<String, LawError> {
        let mut lines = vec![format!("{}  [{}]", self.pick(&sheet.cite_zh, &sheet.cite_en), sheet.id)];
        lines.push(self.about(sheet)?);
        let force = wording::force(self.words, sheet.force, sheet.binding)?;
        lines.push(self.say("show.on", &[("date", &sheet.on.to_string()), ("force", &force)])?);
        lines.push(self.say("show.status", &[("status", &self.status(sheet.status)?)])?);
        lines.push(format!("\n  {}", self.pick(sheet.zh, sheet.en)));
        if let (Some(zh), Some(en)) = (sheet.ambiguity_zh, sheet.ambiguity_en) {
            lines.push(self.headed("show.open")?);
            lines.push(format!("  {}", self.pick(zh, en)));
        }
        self.section("show.readings", &sheet.readings, &mut lines, Self::reading)?;
        self.section("show.rules", &sheet.rules, &mut lines, Self::rule)?;
        self.section("show.duties", &sheet.duties, &mut lines, Self::duty)?;
        self.section("show.numbers", &sheet.numbers, &mut lines, Self::number)?;
        if let Some(no_rule) = &sheet.no_rule {
            let reason = self.say(&format!("reason.{}", no_rule.reason), &[])?;
            lines.push(self.headed("show.no-rule")?);
            lines.push(format!("  {reason}{}{}", self.pick("：", ": "), self.pick(no_rule.zh, no_rule.en)));
        }
        self.article(&sheet.article, &mut lines)?;
        Ok(lines.join("\n"))
    }

    fn about(&self, sheet: &Sheet<'_>) -> Result<String, LawError> {
        let mut parts = vec![
            self.say(&format!("kind.{}", sheet.kind), &[])?,
            self.pack_words.level(self.language(), sheet.level).to_owned(),
        ];
        if let Ok(place) = sheet.place.parse() {
            parts.push(self.pack_words.place(self.language(), place));
        }
        for (key, party) in [("show.owed-by", sheet.owed_by), ("show.owed-to", sheet.owed_to)] {
            if let Some(party) = party {
                parts.push(self.say(key, &[("party", self.pack_words.party(self.language(), party))])?);
            }
        }
        Ok(parts.join(" · "))
    }

    fn headed(&self, key: &str) -> Result<String, LawError> {
        Ok(format!("\n{}", self.say(key, &[])?))
    }

    fn section<T>(
        &self,
        key: &str,
        entries: &[T],
        lines: &mut Vec<String>,
        line: impl Fn(&Self, &T) -> Result<String, LawError>,
    ) -> Result<(), LawError> {
        if entries.is_empty() {
            return Ok(());
        }
        lines.push(self.headed(key)?);
        for entry in entries {
            lines.push(format!("  {}", line(self, entry)?));
        }
        Ok(())
    }

    fn reading(&self, reading: &ReadingOf<'_>) -> Result<String, LawError> {
        let held = self.say("show.held-by", &[("who", self.pick(reading.held_by_zh, reading.held_by_en))])?;
        Ok(format!("{}  {}\n      {held}", reading.id, self.pick(reading.zh, reading.en)))
    }

    fn rule(&self, rule: &RuleOf<'_>) -> Result<String, LawError> {
        let from = rule.from.to_string();
        let period = match rule.until {
            Some(until) => self.say("show.period-until", &[("from", &from), ("until", &until.to_string())])?,
            None => self.say("show.period", &[("from", &from)])?,
        };
        let mut parts = vec![period, self.say(if rule.in_force { "show.now" } else { "show.not-now" }, &[])?];
        if let Some(reading) = rule.reading {
            parts.push(self.say("show.by-reading", &[("reading", reading)])?);
        }
        if let Some(effect) = rule.effect {
            let effect = self.words.say(&format!("effect.{effect}"), &[])?;
            parts.push(self.say("show.effect", &[("effect", &effect)])?);
        }
        parts.push(rule.source.clone());
        Ok(format!("{}  {}\n      {}", rule.rule, self.pick(rule.zh, rule.en), parts.join(" · ")))
    }

    fn duty(&self, duty: &DutyOf<'_>) -> Result<String, LawError> {
        let mut parts = vec![
            wording::due(self.words, duty.due)?,
            self.say("show.trigger", &[("event", duty.trigger), ("end", duty.discharged_by)])?,
            self.say("show.period", &[("from", &duty.from.to_string())])?,
            self.say(if duty.in_force { "show.now" } else { "show.not-now" }, &[])?,
        ];
        if let Some(provision) = duty.on_breach {
            parts.push(self.say("show.on-breach", &[("provision", provision)])?);
        }
        Ok(format!("{}  {}\n      {}", duty.id, self.pick(duty.zh, duty.en), parts.join(" · ")))
    }

    fn number(&self, number: &NumberOf<'_>) -> Result<String, LawError> {
        let mut line = format!("{}  {}", number.name, self.pick(number.zh, number.en));
        if number.values.is_empty() {
            // Writing into a string cannot fail.
            let _ = write!(line, "\n      {}", self.say("show.no-number", &[])?);
        }
        for (place, value, source) in &number.values {
            let place =
                place.parse().map_or_else(|_| place.clone(), |place| self.pack_words.place(self.language(), place));
            let _ = write!(line, "\n      {value} {} · {place} · {source}", self.unit(number.unit));
        }
        Ok(line)
    }

    fn article(&self, article: &ArticleText<'_>, lines: &mut Vec<String>) -> Result<(), LawError> {
        let (key, text) = match article {
            ArticleText::Matches { lines } => ("matches", lines.as_slice()),
            ArticleText::Differs { lines, .. } => ("differs", lines.as_slice()),
            ArticleText::NoDigest { lines } => ("no-digest", lines.as_slice()),
            ArticleText::NoArticle => ("no-article", [].as_slice()),
            ArticleText::NotImported => ("not-imported", [].as_slice()),
            ArticleText::NoText => ("no-text", [].as_slice()),
        };
        lines.push(self.headed("show.article.head")?);
        lines.push(format!("  {}", self.say(&format!("show.article.{key}"), &[])?));
        if let ArticleText::Differs { kept, found, .. } = article {
            lines.push(format!("  {}", self.say("show.article.digests", &[("kept", kept), ("found", found)])?));
        }
        lines.extend(text.iter().map(|line| format!("  | {line}")));
        Ok(())
    }
}

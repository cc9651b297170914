//! Lists: instruments, citations, what was found, the timeline, what is in force, what was imported.

use super::Print;
use crate::{Amount, Book, Event, Found, Import, InForce, LawError, Listed, wording};

impl Print<'_> {
    /// Instruments, two lines each.
    pub fn list(&self, list: &[Listed]) -> Result<String, LawError> {
        if list.is_empty() {
            return self.say("list.none", &[]);
        }
        let mut blocks = list.iter().map(|listed| self.listed(listed)).collect::<Result<Vec<_>, _>>()?;
        blocks.push(self.say("list.count", &[("count", &list.len().to_string())])?);
        Ok(blocks.join("\n"))
    }

    fn listed(&self, listed: &Listed) -> Result<String, LawError> {
        let mut parts = vec![
            self.pack_words.level(self.language(), &listed.level).to_owned(),
            self.pack_words.issuers(self.language(), &listed.issuers),
            self.pack_words.place(self.language(), listed.place),
        ];
        if let Some(date) = listed.promulgated {
            parts.push(self.say("list.promulgated", &[("date", &date.to_string())])?);
        }
        let is_draft = listed.status == gongdao_model::Standing::Draft;
        if !is_draft {
            let key = if listed.binding { "list.effective" } else { "list.effective-soft" };
            parts.push(self.say(key, &[("date", &listed.effective.to_string())])?);
        }
        if let Some(date) = listed.until {
            parts.push(self.say("list.until", &[("date", &date.to_string())])?);
        }
        if !listed.binding && !is_draft {
            parts.push(self.say("list.not-binding", &[])?);
        }
        parts.push(self.status(listed.status)?);
        let counts = [listed.provisions.to_string(), listed.rule_versions.to_string(), listed.duties.to_string()];
        let [provisions, rules, duties] = &counts;
        parts.push(self.say("list.counts", &[("provisions", provisions), ("rules", rules), ("duties", duties)])?);
        let title = self.pick(&listed.title_zh, &listed.title_en);
        Ok(format!("{}  {title}\n    {}", listed.id, parts.join(self.pick(" · ", " · "))))
    }

    /// Citations, one line each, in the printer's language, with the identifier.
    pub fn cites(&self, cites: &[(String, String, String)]) -> String {
        let lines = cites.iter().map(|(id, zh, en)| format!("{}  [{id}]", self.pick(zh, en)));
        lines.collect::<Vec<_>>().join("\n")
    }

    /// Answers to a question, best first.
    pub fn found(&self, found: &[Found]) -> Result<String, LawError> {
        if found.is_empty() {
            return self.say("search.none", &[]);
        }
        let mut blocks = Vec::new();
        for (index, answer) in found.iter().enumerate() {
            let draft = if answer.is_law { String::new() } else { format!("  {}", self.say("search.draft", &[])?) };
            let cited = self.pick(&answer.cite_zh, &answer.cite_en);
            blocks.push(format!(
                "{}. {cited}  [{}]{draft}\n   {}",
                index + 1,
                answer.id,
                self.pick(&answer.zh, &answer.en)
            ));
        }
        Ok(blocks.join("\n"))
    }

    /// Events, one a line, under their years.
    pub fn timeline(&self, book: &Book, events: &[Event]) -> Result<String, LawError> {
        if events.is_empty() {
            return self.say("timeline.none", &[]);
        }
        let (mut lines, mut year) = (Vec::new(), String::new());
        for event in events {
            let date = event.date.to_string();
            if !date.starts_with(&year) || year.is_empty() {
                year = date.chars().take(4).collect();
                lines.push(year.clone());
            }
            let titles = book.packs().instrument(&event.instrument);
            let title = titles.map_or(event.instrument.as_str(), |i| self.pick(&i.title_zh, &i.title_en));
            let what = wording::event(self.words, book, event)?;
            lines.push(format!("  {date}  {title}  [{}]  {what}", event.instrument));
            let detail = self.pick(&event.detail_zh, &event.detail_en);
            if !detail.is_empty() {
                let amount = event.amount.as_ref().map_or_else(String::new, |amount| self.amount(amount));
                lines.push(format!("              {detail}{amount}"));
            }
        }
        Ok(lines.join("\n"))
    }

    /// The law of a day and place.
    pub fn in_force(&self, law: &InForce) -> Result<String, LawError> {
        let place = self.pack_words.place(self.language(), law.place);
        let mut lines = vec![self.say(
            "in_force.head",
            &[("date", &law.on.to_string()), ("place", &place), ("count", &law.instruments.len().to_string())],
        )?];
        for row in &law.instruments {
            let title = self.pick(&row.instrument.title_zh, &row.instrument.title_en);
            let counts = self.say(
                "in_force.counts",
                &[("rules", &row.rules_in_force.to_string()), ("duties", &row.duties_in_force.to_string())],
            )?;
            let mut notes = vec![self.pack_words.place(self.language(), row.instrument.place)];
            if !row.instrument.binding {
                notes.push(self.say("list.not-binding", &[])?);
            }
            notes.push(self.status(row.instrument.status)?);
            notes.push(counts);
            lines.push(format!("  {}  {title}\n      {}", row.instrument.id, notes.join(" · ")));
        }
        if !law.numbers.is_empty() {
            lines.push(self.say("in_force.numbers", &[])?);
        }
        for number in &law.numbers {
            let unit = self.unit(&number.unit);
            lines.push(format!(
                "  {} = {} {unit}  [{}]\n      {}",
                number.name,
                number.value,
                number.provision,
                self.pick(&number.zh, &number.en)
            ));
        }
        Ok(lines.join("\n"))
    }

    /// What was imported, and where it differs from the packs.
    pub fn import(&self, import: &Import) -> Result<String, LawError> {
        let mut lines = Vec::new();
        for text in &import.texts {
            let instrument = match &text.instrument {
                Some(id) => id.clone(),
                None => self.say("import.no-pack", &[])?,
            };
            let counts = [text.articles.to_string(), text.matching.to_string()];
            let [articles, matching] = &counts;
            lines.push(format!("{}  {}  [{instrument}]", text.file, text.title));
            lines
                .push(format!("    {}", self.say("import.counts", &[("articles", articles), ("matching", matching)])?));
            for (key, provisions) in
                [("differing", &text.differing), ("missing", &text.missing), ("without-digest", &text.without_digest)]
            {
                if !provisions.is_empty() {
                    lines.push(format!(
                        "    {}",
                        self.say(&format!("import.{key}"), &[("provisions", &provisions.join(", "))])?
                    ));
                }
            }
        }
        let disagreeing = import.texts.iter().filter(|text| !text.agrees()).count();
        let counts = [import.texts.len().to_string(), disagreeing.to_string()];
        let [texts, disagreeing] = &counts;
        lines.push(self.say("import.total", &[("texts", texts), ("disagreeing", disagreeing)])?);
        Ok(lines.join("\n"))
    }

    /// ` = 240 分钟`
    pub(super) fn amount(&self, amount: &Amount) -> String {
        format!(" = {} {}", amount.value, self.unit(&amount.unit))
    }

    pub(super) fn unit(&self, unit: &str) -> String {
        wording::unit(self.words, unit)
    }
}

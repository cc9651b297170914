//! What differs between two instruments, days or places.

use super::Print;
use crate::{Difference, Entry, Field, LawError, wording};

impl Print<'_> {
    /// A difference: `-` the first side, `+` the second, `~` both with another content.
    pub fn difference(&self, difference: &Difference) -> Result<String, LawError> {
        let sides = [("a", difference.a.as_str()), ("b", difference.b.as_str())];
        if difference.is_empty() {
            return self.say("diff.none", &sides);
        }
        let mut lines = vec![self.say("diff.head", &sides)?];
        for field in &difference.fields {
            lines.push(self.field(field)?);
        }
        for (mark, entries) in [("-", &difference.only_a), ("+", &difference.only_b)] {
            for entry in entries {
                lines.push(format!("{mark} {}", self.entry(entry)?));
            }
        }
        for (first, second) in &difference.changed {
            lines.push(format!("~ {}", self.entry(first)?));
            lines.push(format!("  → {}", self.entry(second)?));
        }
        let counts =
            [difference.only_a.len(), difference.only_b.len(), difference.changed.len()].map(|count| count.to_string());
        let [only_a, only_b, changed] = &counts;
        lines.push(self.say("diff.count", &[("only_a", only_a), ("only_b", only_b), ("changed", changed)])?);
        Ok(lines.join("\n"))
    }

    fn field(&self, field: &Field) -> Result<String, LawError> {
        let name = match field.name.strip_prefix("kind.") {
            Some(kind) => self.say(&format!("kind.{kind}"), &[])?,
            None => self.say(&format!("field.{}", field.name), &[])?,
        };
        let nothing = self.say("diff.nothing", &[])?;
        let value = |value: &Option<String>| match value {
            Some(value) => self.value(&field.name, value),
            None => Ok(nothing.clone()),
        };
        Ok(format!("  {name}{}{} → {}", self.pick("：", ": "), value(&field.a)?, value(&field.b)?))
    }

    fn value(&self, field: &str, value: &str) -> Result<String, LawError> {
        match field {
            "level" => Ok(self.pack_words.level(self.language(), value).to_owned()),
            "issuers" => {
                let issuers: Vec<String> = value.split(", ").map(str::to_owned).collect();
                Ok(self.pack_words.issuers(self.language(), &issuers))
            }
            "place" => Ok(value
                .parse()
                .map_or_else(|_| value.to_owned(), |place| self.pack_words.place(self.language(), place))),
            "binding" => self.say(&format!("yes.{value}"), &[]),
            "status" => self.say(&format!("status.{value}"), &[]),
            "force" => self.say(&format!("force_word.{value}"), &[]),
            _ => Ok(value.to_owned()),
        }
    }

    fn entry(&self, entry: &Entry) -> Result<String, LawError> {
        let sort = self.say(&format!("sort.{}", entry.sort), &[])?;
        let mut text = format!("{sort} {}  {}", entry.id, self.pick(&entry.zh, &entry.en));
        if let Some(amount) = &entry.amount {
            text.push_str(&self.amount(amount));
        }
        if let Some(due) = &entry.due {
            let due = wording::due(self.words, due)?;
            text.push_str(&self.say("diff.due", &[("due", &due)])?);
        }
        Ok(text)
    }
}

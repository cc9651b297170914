use super::Service;
use gongdao_model::FactValue;
use std::collections::BTreeSet;
use std::fmt::Write as _;

impl Service {
    /// The description as `read` takes it; comments of the file that it came from are not kept.
    pub fn to_toml(&self) -> String {
        let mut text = format!("format = 1\nname = {}\n", quoted(&self.name));
        let mut line = |key: &str, value: Option<String>| {
            if let Some(value) = value {
                // Writing into a string cannot fail.
                let _ = writeln!(text, "{key} = {value}");
            }
        };
        line("provider", self.provider.as_deref().map(quoted));
        line("place", self.place.map(|place| quoted(&place.to_string())));
        line("on", self.on.map(|on| on.to_string()));
        line("actions", self.actions.as_ref().map(|actions| listed(actions.iter().map(|action| quoted(action)))));
        let mut table = |name: &str, lines: Vec<(String, String)>| {
            if !lines.is_empty() {
                let _ = write!(text, "\n[{name}]\n");
                for (key, value) in lines {
                    let _ = writeln!(text, "{key} = {value}");
                }
            }
        };
        table("roles", self.roles.iter().map(|(role, is)| (quoted(role), is.to_string())).collect());
        table("facts", self.facts.iter().map(|(path, values)| (path.to_string(), values_text(values))).collect());
        let published = self.published.iter().map(|(duty, period)| (quoted(duty), quoted(&period.to_string())));
        table("published", published.collect());
        table("papers", self.papers.iter().map(|(field, text)| (field.clone(), quoted(text))).collect());
        for event in &self.events {
            let _ = write!(text, "\n[[event]]\nname = {}\nat = {}\n", quoted(event.name()), event.at());
            let about: Vec<String> = event.subjects().map(quoted).collect();
            if !about.is_empty() {
                let _ = writeln!(text, "about = {}", listed(about));
            }
        }
        text
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn listed(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// What a description says of a fact: one value, or the list of those that occur.
pub(crate) fn values_text(values: &BTreeSet<FactValue>) -> String {
    let texts: Vec<String> = values.iter().map(value_text).collect();
    match texts.as_slice() {
        [one] => one.clone(),
        _ => listed(texts),
    }
}

fn value_text(value: &FactValue) -> String {
    match value {
        FactValue::Bool(value) => value.to_string(),
        FactValue::Long(value) => value.to_string(),
        FactValue::Text(text) => quoted(text),
        FactValue::TextSet(words) => listed(words.iter().map(|word| quoted(word))),
    }
}

//! Layers of settings, and where each value came from.

use super::{KEYS, Key, SettingsFault};
use gongdao_gate::GateSettings;
use gongdao_model::{FactPath, FactValue};
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use toml::de::{DeTable, DeValue};

/// Where a value came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The file, on this line.
    File(usize),
    /// This variable of the environment.
    Environment(String),
    /// The command line.
    Flag,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(line) => write!(f, "file:{line}"),
            Self::Environment(variable) => f.write_str(variable),
            Self::Flag => f.write_str("flag"),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// As text.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// All values that were set, the strongest of each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Layered {
    given: BTreeMap<&'static str, Given>,
    pub(super) gate: GateSettings,
    pub(super) initial: BTreeMap<FactPath, FactValue>,
    pub(super) faults: Vec<SettingsFault>,
}

impl Layered {
    /// `file` is the text of the file, `variable` looks up the environment, `flags` are names and values of the command
    /// line. Paths of the file count from the current folder.
    pub fn new(
        file: Option<&str>,
        variable: impl Fn(&str) -> Option<String>,
        flags: &[(&'static str, String)],
    ) -> Self {
        let mut layered = Self::default();
        if let Some(text) = file {
            layered.file(text);
        }
        for key in KEYS {
            // A variable that is set and empty is how people unset one.
            if let Some(value) = variable(&key.variable()).filter(|value| !value.is_empty()) {
                layered.give(key, value, Origin::Environment(key.variable()));
            }
        }
        for (name, value) in flags {
            if let Some(key) = KEYS.iter().find(|key| key.name == *name) {
                layered.give(key, value.clone(), Origin::Flag);
            }
        }
        layered
    }

    /// The strongest value of a setting.
    pub fn given(&self, key: &Key) -> Option<Given> {
        let default = || key.default.map(|value| Given { value: value.to_owned(), origin: Origin::Default });
        self.given.get(key.name).cloned().or_else(default)
    }

    /// What the gate begins with.
    pub fn gate(&self) -> &GateSettings {
        &self.gate
    }

    fn give(&mut self, key: &'static Key, value: String, origin: Origin) {
        if let Some((message, hint)) = key.refuse(&value) {
            let (line, message) = match &origin {
                Origin::File(line) => (Some(*line), message),
                Origin::Environment(variable) => (None, format!("{message} ({variable})")),
                Origin::Default | Origin::Flag => (None, message),
            };
            self.faults.push(SettingsFault { line, message, hint });
            return;
        }
        self.given.insert(key.name, Given { value, origin });
    }

    fn file(&mut self, text: &str) {
        let line = |offset: usize| text.get(..offset).unwrap_or(text).matches('\n').count() + 1;
        let table = match DeTable::parse(text) {
            Ok(table) => table,
            Err(error) => {
                let at = error.span().map(|span| line(span.start));
                let hint = "write settings as `key = value` under `[table]` (TOML)";
                self.faults.push(SettingsFault::new(at, format!("not TOML: {}", error.message()), hint));
                return;
            }
        };
        for (name, value) in table.get_ref() {
            let at = line(name.span().start);
            let name: &str = name.get_ref();
            match value.get_ref() {
                DeValue::Table(_) if name == "gate" => self.read_gate(text, at),
                DeValue::Table(_) if name == "initial" => self.read_initial(text, at),
                DeValue::Table(inner) => {
                    for (key, value) in inner {
                        let at = line(key.span().start);
                        self.entry(&format!("{name}.{}", key.get_ref()), value.get_ref(), at);
                    }
                }
                other => self.entry(name, other, at),
            }
        }
    }

    fn entry(&mut self, name: &str, value: &DeValue<'_>, line: usize) {
        let Some(key) = KEYS.iter().find(|key| key.name == name) else {
            let known = KEYS.iter().map(|key| format!("`{}`", key.name)).collect::<Vec<_>>().join(", ");
            let hint = format!("the settings are {known}, and `[gate]`");
            self.faults.push(SettingsFault::new(Some(line), format!("`{name}` is no setting"), hint));
            return;
        };
        let value = match value {
            DeValue::String(text) => text.to_string(),
            DeValue::Integer(number) => number.as_str().replace('_', ""),
            DeValue::Boolean(is) => is.to_string(),
            _ => {
                let hint = "write a text, a whole number, `true` or `false`";
                self.faults.push(SettingsFault::new(Some(line), format!("`{name}` has a value of another kind"), hint));
                return;
            }
        };
        self.give(key, value, Origin::File(line));
    }

    fn read_gate(&mut self, text: &str, line: usize) {
        #[derive(serde::Deserialize)]
        struct File {
            gate: GateSettings,
        }
        match toml::from_str::<File>(text) {
            Ok(file) => self.gate = file.gate,
            Err(error) => {
                let at =
                    error.span().map_or(line, |span| text.get(..span.start).unwrap_or(text).matches('\n').count() + 1);
                let message = format!("`[gate]` cannot be used: {}", error.message());
                let hint = "see docs/api.md, Settings of the gate: `mode` is enforce, shadow or off; `on_unknown` is hold, safe-default or proceed-and-flag";
                self.faults.push(SettingsFault::new(Some(at), message, hint));
            }
        }
    }

    /// `[initial.resource]` and `[initial.principal]`: facts by their names.
    fn read_initial(&mut self, text: &str, line: usize) {
        #[derive(serde::Deserialize)]
        struct File {
            initial: BTreeMap<String, BTreeMap<String, FactValue>>,
        }
        let refused = |message: String| {
            let hint = "write `[initial.resource]` or `[initial.principal]`, and below it facts of the vocabulary: `profilingOff = false`";
            SettingsFault::new(Some(line), format!("`[initial]` cannot be used: {message}"), hint)
        };
        let file: File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => return self.faults.push(refused(error.message().to_owned())),
        };
        for (entity, facts) in file.initial {
            for (name, value) in facts {
                match format!("{entity}.{name}").parse::<FactPath>() {
                    Ok(path) => drop(self.initial.insert(path, value)),
                    Err(error) => self.faults.push(refused(error.message)),
                }
            }
        }
    }

    fn key(name: &str) -> Option<&'static Key> {
        KEYS.iter().find(|key| key.name == name)
    }

    pub(super) fn optional(&self, name: &str) -> Option<String> {
        self.given(Self::key(name)?).map(|given| given.value)
    }

    pub(super) fn text(&self, name: &str) -> String {
        self.optional(name).unwrap_or_default()
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        PathBuf::from(self.text(name))
    }

    pub(super) fn flag(&self, name: &str) -> bool {
        self.text(name) == "true"
    }

    // Ranges were checked when the value was given.
    pub(super) fn number_u64(&self, name: &str) -> u64 {
        self.text(name).parse().unwrap_or_default()
    }

    pub(super) fn number(&self, name: &str) -> usize {
        usize::try_from(self.number_u64(name)).unwrap_or(usize::MAX)
    }

    pub(super) fn parsed<T: FromStr>(&self, name: &str, faults: &mut Vec<SettingsFault>) -> Option<T> {
        let value = self.text(name);
        let parsed = value.parse().ok();
        if parsed.is_none() && faults.is_empty() {
            faults.push(SettingsFault::new(None, format!("`{name}` is `{value}`"), "give it a value"));
        }
        parsed
    }
}

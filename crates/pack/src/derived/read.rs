//! The files of `derived/`, as written, and their way into checked types.

use super::{DerivedColumn, DerivedFact, DerivedInput, DerivedParameter, DerivedType};
use crate::content::SourceText;
use crate::reader::Reader;
use crate::{Problem, line_of};
use gongdao_model::FactPath;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use toml::Spanned;

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawDerived {
    format: Spanned<i64>,
    zh: Text,
    en: Text,
    serves: Spanned<Vec<Text>>,
    key: Text,
    #[serde(default)]
    input: Vec<RawInput>,
    #[serde(default)]
    gives: Vec<RawGiven>,
    #[serde(default)]
    parameter: Vec<RawParameter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawInput {
    name: Text,
    all_rows: bool,
    columns: BTreeMap<Text, RawColumn>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawColumn {
    r#type: Text,
    unit: Option<String>,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawGiven {
    column: Text,
    r#type: Text,
    unit: Option<String>,
    fact: Option<Text>,
    zh: String,
    en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawParameter {
    name: Text,
    unit: String,
    default: Spanned<i64>,
    zh: String,
    en: String,
}

/// Every derived fact of the snapshot, ordered by name.
pub(crate) fn read(reader: &mut Reader) -> Vec<DerivedFact> {
    let folder = Path::new("derived");
    let mut derived = Vec::new();
    for file in reader.files.files_in(folder) {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let extension = file.extension().unwrap_or_default().to_string_lossy().into_owned();
        match extension.as_str() {
            "toml" => derived.extend(read_one(reader, &file, &stem)),
            "sql" if reader.files.has(&file.with_extension("toml")) => {}
            "sql" => {
                let problem = Problem::error(&file, None, format!("`{stem}.toml` is missing beside it"));
                reader.problems.push(problem.hint("say there what the query needs and gives"));
            }
            _ => {
                let problem = Problem::error(&file, None, "the file is no part of a derived fact");
                reader.problems.push(problem.hint("a derived fact is NAME.toml and NAME.sql"));
            }
        }
    }
    for below in reader.files.folders(folder) {
        let problem = Problem::error(&below, None, "derived facts lie right in `derived`, and no jurisdiction does");
        reader.problems.push(problem.hint("move the files up, or give the jurisdiction another name"));
    }
    derived
}

fn read_one(reader: &mut Reader, file: &Path, name: &str) -> Option<DerivedFact> {
    let source = reader.optional_text(file)?;
    let sql = reader.text(&file.with_extension("sql"));
    let raw: RawDerived = reader.parse(&source)?;
    if *raw.format.get_ref() != 1 {
        let message = format!("format {} is not known", raw.format.get_ref());
        reader.error(&source, raw.format.span().start, message, "this version reads `format = 1`");
    }
    if !is_word(name, b'-') {
        let problem = Problem::error(file, None, format!("`{name}` is not a name"));
        reader.problems.push(problem.hint("use lower-case letters, digits and hyphens"));
    }
    for (key, text) in
        [("zh", &raw.zh), ("en", &raw.en)].into_iter().filter(|(_, text)| text.get_ref().trim().is_empty())
    {
        reader.error(&source, text.span().start, format!("`{key}` is empty"), "say what is derived");
    }
    if raw.serves.get_ref().is_empty() {
        let message = "`serves` names no provision";
        reader.error(&source, raw.serves.span().start, message, "name a provision that it is computed for");
    }
    let mut reading = Reading { reader, source: &source };
    let inputs = reading.inputs(raw.input);
    let gives = reading.gives(raw.gives, &raw.key);
    let parameters = reading.parameters(raw.parameter);
    let serves = raw.serves.into_inner();
    Some(DerivedFact {
        name: name.to_owned(),
        zh: raw.zh.into_inner(),
        en: raw.en.into_inner(),
        serves: serves.iter().filter_map(|provision| reading.reader.value(&source, provision)).collect(),
        inputs,
        key: raw.key.into_inner(),
        gives,
        parameters,
        sql: sql?,
        file: file.to_owned(),
    })
}

struct Reading<'a> {
    reader: &'a mut Reader,
    source: &'a SourceText,
}

impl Reading<'_> {
    fn inputs(&mut self, raw: Vec<RawInput>) -> Vec<DerivedInput> {
        if raw.is_empty() {
            let problem = Problem::error(&self.source.path, None, "there is no `[[input]]`");
            self.reader.problems.push(problem.hint("name each relation that the query reads, with its columns"));
        }
        let mut seen = BTreeSet::new();
        raw.into_iter()
            .map(|input| {
                self.sql_name(&input.name, &mut seen);
                if input.columns.is_empty() {
                    self.error(&input.name, format!("input `{}` has no columns", input.name.get_ref()), "declare them");
                }
                let mut columns = BTreeSet::new();
                let line = line_of(&self.source.text, input.name.span().start);
                let own = input.columns.into_iter().map(|(name, raw)| {
                    self.sql_name(&name, &mut columns);
                    self.column(name, &raw.r#type, raw.unit, None, (raw.zh, raw.en))
                });
                DerivedInput { columns: own.collect(), line, all_rows: input.all_rows, name: input.name.into_inner() }
            })
            .collect()
    }

    fn gives(&mut self, raw: Vec<RawGiven>, key: &Text) -> Vec<DerivedColumn> {
        let mut seen = BTreeSet::new();
        self.sql_name(key, &mut seen);
        if raw.is_empty() {
            let problem = Problem::error(&self.source.path, None, "there is no `[[gives]]`");
            self.reader.problems.push(problem.hint("name each column that the query gives"));
        }
        raw.into_iter()
            .map(|given| {
                self.sql_name(&given.column, &mut seen);
                let fact = given.fact.and_then(|fact| self.reader.value(self.source, &fact));
                self.column(given.column, &given.r#type, given.unit, fact, (given.zh, given.en))
            })
            .collect()
    }

    fn column(
        &mut self,
        name: Text,
        kind: &Text,
        unit: Option<String>,
        fact: Option<FactPath>,
        (zh, en): (String, String),
    ) -> DerivedColumn {
        let found = DerivedType::ALL.into_iter().find(|known| known.as_str() == kind.get_ref());
        if found.is_none() {
            let known = DerivedType::ALL.map(DerivedType::as_str).join("`, `");
            self.error(kind, format!("column type `{}` is unknown", kind.get_ref()), &format!("use `{known}`"));
        }
        let is_number = found == Some(DerivedType::Integer);
        if found.is_some() && is_number != unit.as_ref().is_some_and(|unit| !unit.trim().is_empty()) {
            let message = format!("column `{}`: a number has a unit, and nothing else has one", name.get_ref());
            self.error(&name, message, "write `unit` for `integer`, and leave it out for other types");
        }
        self.words(&name, &zh, &en);
        let line = line_of(&self.source.text, name.span().start);
        DerivedColumn { name: name.into_inner(), kind: found.unwrap_or(DerivedType::Text), unit, fact, zh, en, line }
    }

    fn parameters(&mut self, raw: Vec<RawParameter>) -> Vec<DerivedParameter> {
        let mut seen = BTreeSet::new();
        raw.into_iter()
            .map(|parameter| {
                self.sql_name(&parameter.name, &mut seen);
                self.words(&parameter.name, &parameter.zh, &parameter.en);
                let default = *parameter.default.get_ref();
                if !(0..=DerivedParameter::MOST).contains(&default) {
                    let message = format!("`default` of `{}` is {default}", parameter.name.get_ref());
                    self.error(&parameter.default, message, &format!("0 to {} can be used", DerivedParameter::MOST));
                }
                DerivedParameter {
                    name: parameter.name.into_inner(),
                    unit: parameter.unit,
                    default,
                    zh: parameter.zh,
                    en: parameter.en,
                }
            })
            .collect()
    }

    fn words(&mut self, name: &Text, zh: &str, en: &str) {
        if zh.trim().is_empty() || en.trim().is_empty() {
            self.error(name, format!("`{}` has no words", name.get_ref()), "say in `zh` and `en` what it is");
        }
    }

    fn sql_name(&mut self, name: &Text, seen: &mut BTreeSet<String>) {
        let text = name.get_ref();
        if !is_word(text, b'_') {
            let hint = "start with a letter; use lower-case letters, digits and `_`";
            self.error(name, format!("`{text}` is not a name in SQL"), hint);
        }
        if !seen.insert(text.clone()) {
            self.error(name, format!("the name `{text}` stands twice"), "give each its own name");
        }
    }

    fn error<T>(&mut self, place: &Spanned<T>, message: String, hint: &str) {
        self.reader.error(self.source, place.span().start, message, hint);
    }
}

fn is_word(text: &str, joint: u8) -> bool {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == joint;
    text.starts_with(|first: char| first.is_ascii_lowercase()) && text.bytes().all(fits)
}

//! From TOML to a checked [`Adapter`]: every problem of the file at once, with its line.

use super::raw::{RawAdapter, RawCheck, RawColumn, RawColumnOptions, RawState, RawTable};
use super::{Adapter, AdapterKind, Assumption, CheckSpec, ColumnKind, ColumnSpec, Sql, StateSpec, TableSpec};
use crate::digest;
use chrono::FixedOffset;
use gongdao_kernel::Sees;
use gongdao_model::{Entity, FactPath};
use gongdao_pack::{Problem, Severity};
use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use toml::Spanned;

impl Adapter {
    /// Read and check an adapter and the SQL files it names. Data files are not opened.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let text = read_text(path).map_err(|problem| vec![problem])?;
        let raw: RawAdapter = toml::from_str(&text).map_err(|error| vec![toml_problem(path, &text, &error)])?;
        let folder = path.parent().unwrap_or(Path::new("")).to_path_buf();
        let mut reader = Reader { file: path, text: &text, folder, problems: Vec::new(), read: BTreeSet::new() };
        let adapter = reader.adapter(raw);
        if reader.problems.is_empty() { reader.with_digest(adapter) } else { Err(reader.problems) }
    }
}

/// Read a text file, or say in words why not.
pub(crate) fn read_text(path: &Path) -> Result<String, Problem> {
    let problem = |message: String, hint: &str| Problem {
        severity: Severity::Error,
        file: path.to_path_buf(),
        line: None,
        message,
        hint: Some(hint.to_owned()),
    };
    let bytes = std::fs::read(path)
        .map_err(|error| problem(format!("cannot read the file: {}", crate::io_words(&error)), "check the path"))?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned)),
        Err(_) => Err(problem("the file is not UTF-8".to_owned(), "save it as UTF-8")),
    }
}

fn toml_problem(path: &Path, text: &str, error: &toml::de::Error) -> Problem {
    Problem {
        severity: Severity::Error,
        file: path.to_path_buf(),
        line: error.span().map(|span| line_of(text, span.start)),
        message: toml_words(error),
        hint: Some("compare with docs/formats/adapter.md".to_owned()),
    }
}

/// The message of a TOML error in one line, without the names of Rust's types.
pub(crate) fn toml_words(error: &toml::de::Error) -> String {
    let mut words = error.message().lines().collect::<Vec<_>>().join("; ");
    for (rust, plain) in [
        (" as i128", ""),
        (" as u128", ""),
        ("expected i64", "expected a whole number"),
        ("expected u64", "expected a whole number, 0 or more"),
        ("expected f64", "expected a number"),
        ("expected a sequence", "expected a list"),
        ("expected a map", "expected a table"),
        ("invalid type: sequence", "invalid type: list"),
        ("invalid type: map", "invalid type: table"),
        ("floating point", "number"),
    ] {
        words = words.replace(rust, plain);
    }
    // `struct RawAssumption` and the like are tables to people.
    match words.split_once("struct Raw") {
        Some((before, after)) => {
            let rest = after.trim_start_matches(|sign: char| sign.is_ascii_alphanumeric());
            format!("{before}a table{rest}")
        }
        None => words,
    }
}

pub(super) fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

pub(super) struct Reader<'a> {
    file: &'a Path,
    pub(super) text: &'a str,
    folder: PathBuf,
    problems: Vec<Problem>,
    read: BTreeSet<PathBuf>,
}

impl Reader<'_> {
    fn adapter(&mut self, raw: RawAdapter) -> Adapter {
        if *raw.format.get_ref() != 1 {
            self.refuse(
                &raw.format,
                format!("adapter format `{}` is unknown", raw.format.get_ref()),
                "this program reads `format = 1`",
            );
        }
        self.word(&raw.name);
        let kind = self.kind(&raw.kind);
        self.check_kind(kind, &raw);
        let mut names = BTreeSet::new();
        let tables: Vec<_> = raw.table.into_iter().map(|table| self.table(table, &mut names)).collect();
        let steps = self.steps(raw.view, raw.derived, &mut names);
        if tables.is_empty() {
            self.refuse(
                &raw.name,
                "the adapter has no table".to_owned(),
                "add `[[table]]` with `name`, `files` and `[table.columns]`",
            );
        }
        Adapter {
            file: self.file.to_path_buf(),
            name: raw.name.into_inner(),
            zh: raw.zh,
            en: raw.en,
            note_zh: raw.note_zh,
            note_en: raw.note_en,
            illustration: raw.illustration,
            kind,
            data: self.folder.join(raw.data),
            tables,
            steps,
            decisions: raw.decisions.map(|decisions| self.sql(&decisions.sql)),
            states: raw.state.into_iter().map(|state| self.state(state)).collect(),
            parameters: raw
                .parameters
                .into_iter()
                .map(|(name, raw)| (name, Assumption { value: raw.value, zh: raw.zh, en: raw.en }))
                .collect(),
            checks: raw.check.into_iter().map(|check| self.check(check)).collect(),
            measures: raw.measure.into_iter().map(|measure| self.named_file(&measure.file)).collect(),
            algorithms: raw.algorithm.into_iter().map(|version| self.named_file(&version.file)).collect(),
            digest: String::new(),
        }
    }

    fn kind(&mut self, kind: &Spanned<String>) -> AdapterKind {
        match kind.get_ref().as_str() {
            "decisions" => AdapterKind::Decisions,
            "register" => AdapterKind::Register,
            other => {
                self.refuse(kind, format!("kind `{other}` is unknown"), "write `decisions` or `register`");
                AdapterKind::Register
            }
        }
    }

    fn check_kind(&mut self, kind: AdapterKind, raw: &RawAdapter) {
        match (kind, &raw.decisions) {
            (AdapterKind::Decisions, None) if raw.kind.get_ref() == "decisions" => self.refuse(
                &raw.kind,
                "an adapter of decisions has no decisions query".to_owned(),
                "add `[decisions]` with `sql`, or write `kind = \"register\"`",
            ),
            (AdapterKind::Register, Some(decisions)) if raw.kind.get_ref() == "register" => {
                self.refuse(
                    &decisions.sql,
                    "a register has a decisions query".to_owned(),
                    "write `kind = \"decisions\"`",
                );
            }
            _ => {}
        }
    }

    fn table(&mut self, raw: RawTable, names: &mut BTreeSet<String>) -> TableSpec {
        self.sql_name(&raw.name, names);
        if raw.files.get_ref().is_empty() {
            self.refuse(&raw.files, format!("table `{}` has no files", raw.name.get_ref()), "name at least one file");
        }
        let mut once = BTreeSet::new();
        for file in raw.files.get_ref().clone() {
            if !is_inside(&file) {
                self.refuse(&raw.files, format!("`{file}` leads out of the data folder"), "name files below it");
            }
            if !once.insert(file.clone()) {
                let message = format!("file `{file}` stands twice in table `{}`", raw.name.get_ref());
                self.refuse(&raw.files, message, "name each file once, or its rows count twice");
            }
            if !has_extension(&file, "csv") && !has_extension(&file, "parquet") {
                self.refuse(
                    &raw.files,
                    format!("`{file}` is neither CSV nor Parquet"),
                    "end the name in `.csv` or `.parquet`",
                );
            }
        }
        if raw.columns.is_empty() {
            self.refuse(
                &raw.name,
                format!("table `{}` has no columns", raw.name.get_ref()),
                "declare the columns it needs",
            );
        }
        let columns = raw.columns.into_iter().map(|(name, column)| self.column(&name, column)).collect();
        TableSpec { name: raw.name.into_inner(), files: raw.files.into_inner(), columns }
    }

    fn column(&mut self, name: &Spanned<String>, raw: RawColumn) -> ColumnSpec {
        let options = match raw {
            RawColumn::Long(options) => *options,
            RawColumn::Short(kind) => RawColumnOptions {
                r#type: kind,
                from: None,
                required: false,
                unique: false,
                min: None,
                max: None,
                values: Vec::new(),
                offset: None,
            },
        };
        if name.get_ref().starts_with('_') {
            self.refuse(
                name,
                format!("column `{}` starts with `_`", name.get_ref()),
                "rename it and give the header's name as `from`",
            );
        }
        let kind = ColumnKind::ALL.into_iter().find(|kind| kind.as_str() == options.r#type).unwrap_or_else(|| {
            let known = ColumnKind::ALL.map(ColumnKind::as_str).join("`, `");
            self.refuse(name, format!("column type `{}` is unknown", options.r#type), &format!("use `{known}`"));
            ColumnKind::Text
        });
        self.check_options(name, kind, &options);
        let offset = options.offset.as_deref().and_then(|offset| self.offset(name, offset));
        ColumnSpec {
            from: options.from.unwrap_or_else(|| name.get_ref().clone()),
            name: name.get_ref().clone(),
            kind,
            required: options.required,
            unique: options.unique,
            min: options.min,
            max: options.max,
            values: options.values,
            offset,
        }
    }

    fn check_options(&mut self, name: &Spanned<String>, kind: ColumnKind, options: &RawColumnOptions) {
        let is_number = matches!(kind, ColumnKind::Integer | ColumnKind::Float);
        let wrong = [
            ((options.min.is_some() || options.max.is_some()) && !is_number, "min` and `max", "integer` or `float"),
            (!options.values.is_empty() && kind != ColumnKind::Text, "values", "text"),
            (options.offset.is_some() && kind != ColumnKind::Instant, "offset", "instant"),
        ];
        for (is_wrong, option, kinds) in wrong {
            if is_wrong {
                self.refuse(
                    name,
                    format!("column `{}` of type `{}` cannot have `{option}`", name.get_ref(), kind.as_str()),
                    &format!("leave it out, or use the type `{kinds}`"),
                );
            }
        }
        if options.min.is_some_and(f64::is_nan) || options.max.is_some_and(f64::is_nan) {
            let message = format!("a limit of column `{}` is not a number", name.get_ref());
            self.refuse(name, message, "write a number, or leave the limit out");
        }
        if let (Some(min), Some(max)) = (options.min, options.max)
            && min > max
        {
            self.refuse(name, format!("column `{}` has min `{min}` above max `{max}`", name.get_ref()), "swap them");
        }
    }

    fn offset(&mut self, name: &Spanned<String>, text: &str) -> Option<FixedOffset> {
        let offset = text.parse::<FixedOffset>().ok();
        if offset.is_none() {
            self.refuse(name, format!("`{text}` is not an offset"), "write it like `+08:00`");
        }
        offset
    }

    fn state(&mut self, raw: RawState) -> StateSpec {
        let entity = match raw.entity.get_ref().as_str() {
            "resource" => Entity::Person,
            "principal" => Entity::Algorithm,
            other => {
                self.refuse(
                    &raw.entity,
                    format!("`{other}` has no state"),
                    "write `resource` (the person) or `principal` (the algorithm)",
                );
                Entity::Person
            }
        };
        for name in raw.initial.keys() {
            if let Err(error) = FactPath::new(entity, name) {
                self.refuse(&raw.entity, error.message, error.hint.as_deref().unwrap_or_default());
            }
        }
        let sees = match raw.sees.as_ref().map(|word| (word, word.get_ref().as_str())) {
            None | Some((_, "happened")) => Sees::Happened,
            Some((_, "known")) => Sees::Known,
            Some((word, other)) => {
                let hint = "write `happened` (whenever it was recorded) or `known` (only once it was recorded)";
                self.refuse(word, format!("`{other}` is not what a decision sees"), hint);
                Sees::Happened
            }
        };
        StateSpec { entity, sql: self.sql(&raw.sql), initial: raw.initial, sees }
    }

    fn check(&mut self, raw: RawCheck) -> CheckSpec {
        self.word(&raw.id);
        CheckSpec {
            sql: self.sql(&raw.sql),
            id: raw.id.into_inner(),
            zh: raw.zh,
            en: raw.en,
            hint_zh: raw.hint_zh,
            hint_en: raw.hint_en,
        }
    }

    pub(super) fn word(&mut self, name: &Spanned<String>) {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.get_ref().is_empty() || !name.get_ref().bytes().all(is_word) {
            self.refuse(
                name,
                format!("`{}` is not a name", name.get_ref()),
                "use lower-case letters, digits and hyphens",
            );
        }
    }

    pub(super) fn sql_name(&mut self, name: &Spanned<String>, names: &mut BTreeSet<String>) {
        let text = name.get_ref();
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if !text.starts_with(|first: char| first.is_ascii_lowercase()) || !text.bytes().all(fits) {
            self.refuse(
                name,
                format!("`{text}` is not a table name"),
                "start with a letter; use lower-case letters, digits and `_`",
            );
        }
        if !names.insert(text.clone()) {
            self.refuse(name, format!("the name `{text}` stands twice"), "give each table and view its own name");
        }
    }

    pub(super) fn sql(&mut self, name: &Spanned<String>) -> Sql {
        let file = self.named_file(name);
        if !is_inside(name.get_ref()) {
            return Sql { file, text: String::new() };
        }
        let text = match read_text(&file) {
            Ok(text) => text.trim().trim_end_matches(';').to_owned(),
            Err(problem) => {
                self.refuse(
                    name,
                    format!("SQL file `{}`: {}", name.get_ref(), problem.message),
                    "paths are relative to the adapter's folder",
                );
                return Sql { file, text: String::new() };
            }
        };
        if text.is_empty() {
            self.refuse(name, format!("SQL file `{}` is empty", name.get_ref()), "write one query in it");
        }
        Sql { file, text }
    }

    fn named_file(&mut self, name: &Spanned<String>) -> PathBuf {
        let file = self.folder.join(name.get_ref());
        if !is_inside(name.get_ref()) {
            let message = format!("`{}` leads out of the adapter's folder", name.get_ref());
            self.refuse(name, message, "keep SQL and measures beside the adapter");
            return file;
        }
        if !file.is_file() {
            self.refuse(
                name,
                format!("`{}` is not a file", name.get_ref()),
                "paths are relative to the adapter's folder",
            );
        }
        self.read.insert(file.clone());
        file
    }

    pub(super) fn refuse<T>(&mut self, place: &Spanned<T>, message: String, hint: &str) {
        let line = Some(line_of(self.text, place.span().start));
        // A missing SQL file is found twice (as a path and as a text): the first message is enough.
        if self.problems.last().is_some_and(|last| last.line == line && message.starts_with("SQL file")) {
            return;
        }
        self.problems.push(Problem {
            severity: Severity::Error,
            file: self.file.to_path_buf(),
            line,
            message,
            hint: Some(hint.to_owned()),
        });
    }

    /// The folder named like the adapter counts too, so that SQL behind a measure is covered.
    fn with_digest(mut self, mut adapter: Adapter) -> Result<Adapter, Vec<Problem>> {
        let own_folder = self.folder.join(&adapter.name);
        if let Ok(entries) = std::fs::read_dir(&own_folder) {
            self.read.extend(entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file()));
        }
        self.read.insert(self.file.to_path_buf());
        let named: Vec<_> = self
            .read
            .iter()
            .map(|path| (path.strip_prefix(&self.folder).unwrap_or(path).to_path_buf(), path.clone()))
            .collect();
        adapter.digest = digest::of_files(&named).map_err(|error| vec![error.into_problem()])?;
        Ok(adapter)
    }
}

pub(crate) fn has_extension(name: &str, extension: &str) -> bool {
    Path::new(name).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// Whether a path stays below the folder that it is relative to.
pub(crate) fn is_inside(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

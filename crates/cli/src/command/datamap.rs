//! `gongdao datamap`: see, correct and delete what a platform's own databases hold about a person, by declared maps.

mod fulfil;

use crate::command::output::{BAD_DATA, Fault, Format, NO_INPUT, Output, UNAVAILABLE, spoken};
use crate::command::{USAGE, print};
use gongdao_datamap::{
    Change, Checked, Corrected, DataMap, Deleted, ErrorKind, MapError, Seen, SeenTable, check, correct, delete, see,
};
use gongdao_i18n::{Catalogue, I18nError, Language, Words};
use gongdao_model::ModelError;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Hold maps against their databases: what does not fit, and which columns nobody is shown
    Check(Check),
    /// Show everything that the maps find about a person
    See(See),
    /// Put one value right: tried and taken back, unless it is to be carried out
    Correct(Correct),
    /// Delete what the maps say: tried and taken back; then exactly that is carried out by its mark
    Delete(Delete),
    /// Take the deletions that a service ordered, carry them out, and say what was done
    Fulfil(fulfil::Fulfil),
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao datamap check shop.toml
  SHOP_DATABASE=postgres://gongdao@localhost/shop gongdao datamap check shop.toml --format json

Maps: docs/datamap.md. Exit code: 0 every map fits, 1 one does not, 64 wrong arguments, 65 no map, 66 no file, 69 no database.")]
struct Check {
    /// A map a database
    #[arg(required = true, value_name = "MAP")]
    maps: Vec<PathBuf>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao datamap see shop.toml --person p-1
  gongdao datamap see shop.toml payroll.toml --person p-1 --format json > copy.json

Exit code: 0 shown, 64 wrong arguments, 65 a map cannot be used, 66 no file, 69 a database is not there; what the others hold is shown.")]
struct See {
    /// A map a database
    #[arg(required = true, value_name = "MAP")]
    maps: Vec<PathBuf>,
    /// The pseudonym that decisions have
    #[arg(long, value_name = "PERSON")]
    person: String,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao datamap correct shop.toml --person p-1 --table riders --key id=1 --column phone --from 138 --to 139
  gongdao datamap correct shop.toml --person p-1 --table riders --key id=1 --column phone --from 138 --to 139 --carry-out

Without --from nothing must stand there (NULL); without --to nothing will. Nothing changes without --carry-out.
Exit code: 0 done or tried, 64 wrong arguments, 65 it cannot be done, 66 no file, 69 the database refused; then nothing changed.")]
struct Correct {
    /// The map
    #[arg(value_name = "MAP")]
    map: PathBuf,
    /// The pseudonym that decisions have
    #[arg(long, value_name = "PERSON")]
    person: String,
    /// The table, as the map names it
    #[arg(long, value_name = "TABLE")]
    table: String,
    /// A column of the key and its value; once for each
    #[arg(long = "key", value_name = "COLUMN=VALUE", required = true, value_parser = pair)]
    keys: Vec<(String, String)>,
    /// The column to put right
    #[arg(long, value_name = "COLUMN")]
    column: String,
    /// What stands there now
    #[arg(long, value_name = "VALUE")]
    from: Option<String>,
    /// What is to stand there
    #[arg(long, value_name = "VALUE")]
    to: Option<String>,
    /// Keep it
    #[arg(long)]
    carry_out: bool,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao datamap delete shop.toml payroll.toml --person p-1
  gongdao datamap delete shop.toml --person p-1 --carry-out 3f2a9c0d1e5b7788

Without --carry-out nothing changes, and a mark is told for each map. With it one map is carried out, if it, the person and the
numbers of rows are the same still.
Exit code: 0 done or tried, 64 wrong arguments, 65 it cannot be done, 66 no file, 69 a database refused; in that one nothing changed.")]
struct Delete {
    /// A map a database
    #[arg(required = true, value_name = "MAP")]
    maps: Vec<PathBuf>,
    /// The pseudonym that decisions have
    #[arg(long, value_name = "PERSON")]
    person: String,
    /// Carry out what was tried under this mark
    #[arg(long, value_name = "MARK")]
    carry_out: Option<String>,
    #[command(flatten)]
    output: Output,
}

fn pair(text: &str) -> Result<(String, String), ModelError> {
    let refuse = || ModelError::new(format!("`{text}` is no column with its value"), "write it like `id=1`");
    text.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned())).ok_or_else(refuse)
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match &arguments.command {
        Command::Check(asked) => each(&asked.output, catalogue, &asked.maps, check),
        Command::See(asked) => each(&asked.output, catalogue, &asked.maps, |map| see(map, &asked.person)),
        Command::Fulfil(asked) => fulfil::run(asked, catalogue),
        Command::Correct(asked) => {
            let change = Change {
                table: asked.table.clone(),
                key: asked.keys.iter().cloned().collect(),
                column: asked.column.clone(),
                from: asked.from.clone(),
                to: asked.to.clone(),
            };
            let maps = std::slice::from_ref(&asked.map);
            let work = |map: &DataMap| correct(map, &asked.person, &change, asked.carry_out);
            each(&asked.output, catalogue, maps, work)
        }
        Command::Delete(asked) if asked.carry_out.is_some() && asked.maps.len() > 1 => {
            let hint = "carry them out one after the other, each with its own mark".to_owned();
            asked.output.refuse(catalogue, &[Fault::new(USAGE, "one mark is of one map", Some(hint))])
        }
        Command::Delete(asked) => {
            let work = |map: &DataMap| delete(map, &asked.person, asked.carry_out.as_deref());
            each(&asked.output, catalogue, &asked.maps, work)
        }
    })
}

/// What an answer says for people, and whether all is well.
trait Told: Serialize {
    fn told(&self, words: Words<'_>) -> Result<Vec<String>, I18nError>;

    fn is_fine(&self) -> bool {
        true
    }

    /// What the desk's answer says was done.
    fn done(&self) -> Option<Value> {
        None
    }
}

/// All maps are read before the first database is asked; a database that fails leaves the answers of the others standing.
fn each<T: Told>(
    output: &Output,
    catalogue: &Catalogue,
    files: &[PathBuf],
    work: impl Fn(&DataMap) -> Result<T, MapError>,
) -> ExitCode {
    let read: Result<Vec<DataMap>, Fault> = files.iter().map(|file| read(file)).collect();
    let maps = match read {
        Ok(maps) => maps,
        Err(fault) => return output.refuse(catalogue, &[fault]),
    };
    let (mut answers, mut faults) = (Vec::new(), Vec::new());
    for (file, map) in files.iter().zip(&maps) {
        match work(map) {
            Ok(answer) => answers.push(answer),
            Err(error) => faults.push(fault(file, error)),
        }
    }
    if output.format == Format::Json {
        let done: Vec<Value> = answers.iter().filter_map(Told::done).collect();
        let text = serde_json::to_string_pretty(&json!({ "maps": answers, "done": done }));
        print(&text.unwrap_or_default());
    } else {
        let words = catalogue.words(output.language());
        for answer in &answers {
            match answer.told(words) {
                Ok(lines) => print(&lines.join("\n")),
                Err(error) => faults.push(error.into()),
            }
        }
    }
    if !faults.is_empty() {
        return output.refuse(catalogue, &faults);
    }
    ExitCode::from(u8::from(!answers.iter().all(Told::is_fine)))
}

fn read(file: &Path) -> Result<DataMap, Fault> {
    let of_file = |fault: Fault| Fault { file: Some(file.display().to_string()), ..fault };
    let text = std::fs::read_to_string(file).map_err(|error| {
        let hint = "name a file that is there: docs/datamap.md shows one".to_owned();
        of_file(Fault::new(NO_INPUT, format!("cannot be read: {error}"), Some(hint)))
    })?;
    DataMap::parse(&text).map_err(|error| fault(file, error))
}

fn fault(file: &Path, error: MapError) -> Fault {
    let code = match error.kind {
        ErrorKind::Map | ErrorKind::Request => BAD_DATA,
        ErrorKind::Database => UNAVAILABLE,
    };
    Fault { file: Some(file.display().to_string()), ..Fault::new(code, error.message, Some(error.hint)) }
}

impl Told for Checked {
    fn told(&self, words: Words<'_>) -> Result<Vec<String>, I18nError> {
        let key = if self.findings.is_empty() { "datamap.fits" } else { "datamap.fits_not" };
        let mut lines = vec![words.say(key, &[("map", &self.map)])?];
        lines.extend(self.findings.iter().map(|finding| format!("  {}: {}", finding.place, finding.message)));
        if !self.unmapped.is_empty() {
            lines.push(words.say("datamap.unmapped", &[("columns", &self.unmapped.join(", "))])?);
        }
        Ok(lines)
    }

    fn is_fine(&self) -> bool {
        self.findings.is_empty()
    }
}

impl Told for Seen {
    fn told(&self, words: Words<'_>) -> Result<Vec<String>, I18nError> {
        let mut lines = Vec::new();
        for table in &self.tables {
            let rows = table.rows.len().to_string();
            lines.push(words.say("datamap.table", &[("map", &self.map), ("table", &table.table), ("rows", &rows)])?);
            let language = words.language();
            lines.extend(table.rows.iter().map(|row| row_line(table, row, language)));
            if !table.not_shown.is_empty() {
                lines.push(words.say("datamap.not_shown", &[("columns", &table.not_shown.join(", "))])?);
            }
        }
        Ok(lines)
    }
}

fn row_line(table: &SeenTable, row: &[Option<String>], language: Language) -> String {
    let named = table.words.iter().zip(row).map(|([zh, en], value)| {
        let name = if language == Language::Zh { zh } else { en };
        format!("{name}: {}", value.as_deref().unwrap_or("-").escape_debug())
    });
    format!("  {}", named.collect::<Vec<_>>().join("; "))
}

impl Told for Corrected {
    fn told(&self, words: Words<'_>) -> Result<Vec<String>, I18nError> {
        let key = if self.done { "datamap.corrected" } else { "datamap.would_correct" };
        let (was, is) = (self.was.as_deref().unwrap_or("-"), self.is.as_deref().unwrap_or("-"));
        Ok(vec![words.say(key, &[("map", &self.map), ("place", &self.place), ("was", was), ("is", is)])?])
    }

    fn done(&self) -> Option<Value> {
        self.done.then(|| json!({ "system": self.map, "what": format!("{} corrected", self.place) }))
    }
}

impl Told for Deleted {
    fn told(&self, words: Words<'_>) -> Result<Vec<String>, I18nError> {
        let key = if self.done { "datamap.deleted" } else { "datamap.would_delete" };
        let mut lines = vec![words.say(key, &[("map", &self.map)])?];
        for table in &self.tables {
            let act = words.say(&format!("datamap.act.{}", table.act), &[])?;
            let article = table.article.as_deref().map(|article| format!(" ({article})")).unwrap_or_default();
            lines.push(format!("  {}: {} {act}{article}", table.table, table.rows));
        }
        if !self.done {
            lines.push(words.say("datamap.carry_out", &[("mark", &self.mark)])?);
        }
        Ok(lines)
    }

    fn done(&self) -> Option<Value> {
        let count =
            |act: &str| self.tables.iter().filter(|table| table.act == act).map(|table| table.rows).sum::<u64>();
        let what = format!("{} rows removed, {} emptied, {} kept", count("remove"), count("blank"), count("keep"));
        self.done.then(|| json!({ "system": self.map, "what": what }))
    }
}

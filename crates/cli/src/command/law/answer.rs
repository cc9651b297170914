//! What each subcommand answers: the library's answer as text for people or as JSON.

use super::{Command, Common, Diff, Export, ExportFormat, Import, InForce, List, Search, Show, Timeline};
use crate::command::output::{BAD_DATA, Fault, Format, INTERNAL, NO_INPUT, Output};
use crate::command::{USAGE, clock, faults_of, packs_folder};
use gongdao_i18n::{Catalogue, Words};
use gongdao_law::{Book, Filter, Index, LawError, Print, Query, Texts};
use gongdao_model::{Instant, LegalDate};
use gongdao_pack::Packs;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

type Faults = Vec<Fault>;
/// The text and the exit code.
type Answer = (String, ExitCode);

/// The answer, or the faults with how they are to be told.
pub(super) fn of(command: &Command, catalogue: &Catalogue) -> Result<Answer, (Output, Faults)> {
    let (output, answer) = match command {
        Command::List(list) => (list.common.output.clone(), self::list(list, catalogue)),
        Command::Show(show) => (show.common.output.clone(), self::show(show, catalogue)),
        Command::Cite(cite) => (cite.common.output.clone(), self::cite(cite, catalogue)),
        Command::Search(search) => (search.common.output.clone(), self::search(search, catalogue)),
        Command::Timeline(timeline) => (timeline.common.output.clone(), self::timeline(timeline, catalogue)),
        Command::Diff(diff) => (diff.common.output.clone(), self::diff(diff, catalogue)),
        Command::InForce(in_force) => (in_force.common.output.clone(), self::in_force(in_force, catalogue)),
        Command::Import(import) => (import.output.clone(), self::import(import, catalogue)),
        Command::Export(export) => (Output::plain(), self::export(export)),
    };
    answer.map_err(|faults| (output, faults))
}

fn list(list: &List, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = list.common.book()?;
    let filter = Filter { place: list.place, on: list.on, status: list.status.map(Into::into) };
    let listed = book.list(&filter);
    list.common.say(catalogue, &listed, |print| print.list(&listed))
}

fn show(show: &Show, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = show.common.book()?;
    let sheets = book.show(&show.reference, day(show.on)?).map_err(|error| asked(&error))?;
    show.common.say(catalogue, &sheets, |print| print.sheets(&sheets))
}

fn cite(cite: &super::Cite, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = cite.common.book()?;
    let cites = book.cite(&cite.reference).map_err(|error| asked(&error))?;
    cite.common.say(catalogue, &cites, |print| Ok(print.cites(&cites)))
}

fn search(search: &Search, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = search.common.book()?;
    let index = Index::new(&book, day(search.on)?).map_err(|error| internal(&error))?;
    let text = search.question.join(" ");
    let query = Query { text: &text, limit: search.limit, place: search.place, on: search.on };
    let found = index.search(&query).map_err(|error| asked(&error))?;
    search.common.say(catalogue, &found, |print| print.found(&found))
}

fn timeline(timeline: &Timeline, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = timeline.common.book()?;
    let events =
        gongdao_law::timeline(&book, timeline.instrument.as_ref(), timeline.place).map_err(|error| asked(&error))?;
    if timeline.svg {
        let words = catalogue.words(timeline.common.output.language());
        let drawing = gongdao_law::svg(&book, &events, words).map_err(|error| internal(&error))?;
        return Ok((drawing, ExitCode::SUCCESS));
    }
    timeline.common.say(catalogue, &events, |print| print.timeline(&book, &events))
}

fn diff(diff: &Diff, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = diff.common.book()?;
    let difference = gongdao_law::diff(&book, &diff.a, &diff.b, day(diff.on)?).map_err(|error| asked(&error))?;
    diff.common.say(catalogue, &difference, |print| print.difference(&difference))
}

fn in_force(in_force: &InForce, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let book = in_force.common.book()?;
    let law = book.in_force(day(in_force.on)?, in_force.place);
    in_force.common.say(catalogue, &law, |print| print.in_force(&law))
}

fn import(import: &Import, catalogue: &Catalogue) -> Result<Answer, Faults> {
    let packs = read_packs(import.packs.as_deref())?;
    let report = gongdao_law::import(&packs, &import.dir, &import.into);
    let report = report.map_err(|errors| errors.iter().map(|error| fault(BAD_DATA, error)).collect::<Faults>())?;
    let agrees = report.texts.iter().all(gongdao_law::ImportedText::agrees);
    let code = if agrees { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    let words = catalogue.words(import.output.language());
    said(import.output.format, words, &report, |print| print.import(&report)).map(|text| (text, code))
}

fn export(export: &Export) -> Result<Answer, Faults> {
    let book = book(export.packs.as_deref(), export.texts.as_ref())?;
    let filter = Filter { place: export.place, ..Filter::default() };
    let text = match (export.format, &export.instrument) {
        (ExportFormat::Akn, Some(instrument)) => gongdao_law::akn(&book, instrument),
        (ExportFormat::Akn, None) => Err(LawError::new("akn is one instrument's text", "name one, like `cn.pipl`")),
        (_, Some(_)) => Err(LawError::new("json and oscal hold the whole book", "leave the instrument out")),
        (ExportFormat::Json, None) => gongdao_law::json(&book, &filter, day(export.on)?),
        (ExportFormat::Oscal, None) => gongdao_law::oscal(&book, &filter, day(export.on)?),
    };
    text.map(|text| (text, ExitCode::SUCCESS)).map_err(|error| asked(&error))
}

impl Common {
    fn book(&self) -> Result<Book, Faults> {
        book(self.packs.as_deref(), self.texts.as_ref())
    }

    fn say<T: Serialize>(
        &self,
        catalogue: &Catalogue,
        answer: &T,
        human: impl FnOnce(&Print<'_>) -> Result<String, LawError>,
    ) -> Result<Answer, Faults> {
        let words = catalogue.words(self.output.language());
        said(self.output.format, words, answer, human).map(|text| (text, ExitCode::SUCCESS))
    }
}

fn said<T: Serialize>(
    format: Format,
    words: Words<'_>,
    answer: &T,
    human: impl FnOnce(&Print<'_>) -> Result<String, LawError>,
) -> Result<String, Faults> {
    match format {
        Format::Json => serde_json::to_string_pretty(answer)
            .map_err(|error| vec![Fault::new(INTERNAL, format!("cannot write JSON: {error}"), None)]),
        Format::Human => Print::new(words).and_then(|print| human(&print)).map_err(|error| internal(&error)),
    }
}

fn book(packs: Option<&Path>, texts: Option<&PathBuf>) -> Result<Book, Faults> {
    let folder = packs_folder(packs);
    let packs = read_packs(packs)?;
    let texts = match texts {
        Some(texts) => Texts::read(texts, &packs).map_err(|error| vec![fault(NO_INPUT, &error)])?,
        None => Texts::none(),
    };
    Book::new(packs, texts).map_err(|problems| faults_of(&folder, problems))
}

fn read_packs(packs: Option<&Path>) -> Result<Packs, Faults> {
    let folder = packs_folder(packs);
    Packs::read(&folder).map_err(|problems| faults_of(&folder, problems))
}

/// What was asked for is not there.
fn asked(error: &LawError) -> Faults {
    vec![fault(USAGE, error)]
}

fn internal(error: &LawError) -> Faults {
    vec![fault(INTERNAL, error)]
}

fn fault(code: u8, error: &LawError) -> Fault {
    Fault { file: error.file.clone(), line: error.line, ..Fault::new(code, error.message.clone(), error.hint.clone()) }
}

/// The day that was named, else today in Asia/Shanghai.
fn day(named: Option<LegalDate>) -> Result<LegalDate, Faults> {
    if let Some(day) = named {
        return Ok(day);
    }
    clock::now().map(Instant::date_in_shanghai).map_err(|_| {
        vec![Fault::new(USAGE, "the clock of this machine is wrong", Some("name the day with `--on`".to_owned()))]
    })
}

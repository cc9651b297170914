//! `gongdao assess`: what the law means for a described service, as text, JSON, HTML or OSCAL, and drafts of the papers that follow.
//!
//! Exit codes: 0 nothing is open; 1 something is not kept by what was said, under law that was checked; 2 something is open:
//! facts, evidence, a duty, a dispute; 64 wrong arguments; 65 packs or description are not what they should be; 66 they
//! cannot be read; 70 the program is at fault; 73 the output cannot be written.

use crate::command::output::{
    BAD_DATA, CANNOT_CREATE, Fault, Format, INTERNAL, NO_INPUT, Output, language, print_error, spoken,
};
use crate::command::{clock, load_in_words, packs_folder, print};
use gongdao_assess::{
    AssessError, Assessment, Detail, Law, Scope, Service, ask, assess, html, json, lines, oscal, papers,
};
use gongdao_clock::Calendar;
use gongdao_i18n::{Catalogue, Language, Words};
use gongdao_model::{LegalDate, ModelError};
use gongdao_pack::{Drafts, write_whole};
use std::io::stdin;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao assess examples/services/news-feed.toml --lang en
  gongdao assess service.toml --on 2024-10-20 --format html > report.html
  gongdao assess service.toml --format oscal > assessment-results.json
  gongdao assess service.toml --ask --out answers
  gongdao assess service.toml --papers --out papers

A description: docs/formats/service.md. What it does not say is unknown, never fine.
With --out the folder gets assessment.html, assessment.json, with --papers the drafts, with --ask the description with
the answers; files of these names are replaced.

Exit code:
  0  nothing is open
  1  something is not kept, by what was said and by law that was checked against the official text
  2  nothing is broken for certain, but facts, evidence or a duty are open, or readings differ
  64 wrong arguments   65 bad packs or description   66 cannot be read   70 fault of the program   73 cannot write")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
pub(crate) struct Arguments {
    /// The described service
    #[arg(value_name = "SERVICE.toml")]
    service: PathBuf,
    /// The day for which to tell [default: the description's, else today]
    #[arg(long, value_name = "DATE", value_parser = day)]
    on: Option<LegalDate>,
    /// Count drafts too, marked as such
    #[arg(long)]
    include_drafts: bool,
    /// Ask for missing facts in the terminal, what decides most first
    #[arg(long)]
    ask: bool,
    /// Show everything, and not only what is to be done
    #[arg(long)]
    all: bool,
    /// Draft the papers that follow: filing record, impact assessment, public notice
    #[arg(long)]
    papers: bool,
    /// Write the results into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    /// For people, for programs, one page, or OSCAL assessment results
    #[arg(long, value_enum, default_value = "human")]
    format: Form,
    /// zh or en [default: zh, unless `LC_ALL`, `LC_MESSAGES` or `LANG` names another language]
    #[arg(long, value_parser = language, value_name = "zh|en")]
    lang: Option<Language>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// For people
    #[value(alias = "text")]
    Human,
    /// For programs
    Json,
    /// One page in both languages, for people
    Html,
    /// Assessment results of OSCAL 1.2, with the provisions as `gongdao law export --format oscal` names them
    Oscal,
}

/// An error of an argument is one line: clap has no place for a hint.
fn day(text: &str) -> Result<LegalDate, String> {
    text.parse().map_err(|error: ModelError| format!("{}; {}", error.message, error.hint.unwrap_or_default()))
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let is_machine = matches!(arguments.format, Form::Json | Form::Oscal);
    let format = if is_machine { Format::Json } else { Format::Human };
    let output = Output::of(format, arguments.lang);
    spoken(|catalogue| match answer(arguments, &output, catalogue) {
        Ok(code) => ExitCode::from(code),
        Err(faults) => output.refuse(catalogue, &faults),
    })
}

fn answer(arguments: &Arguments, output: &Output, catalogue: &Catalogue) -> Result<u8, Vec<Fault>> {
    let words = catalogue.words(output.language());
    let folder = packs_folder(arguments.packs.as_deref());
    let (packs, rules) = load_in_words(&folder, Drafts::Included, words)?;
    let calendar = Calendar::shipped().map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
    let law = Law::new(&packs, &rules, &calendar).map_err(fault(BAD_DATA))?;
    let service = described(&arguments.service, &law, words)?;
    let on = arguments.on.or(service.on).map_or_else(today, Ok)?;
    let scope = Scope { on, include_drafts: arguments.include_drafts };
    let (service, assessment) = if arguments.ask {
        let asked = ask(&law, service, scope, words, &mut stdin().lock(), &mut std::io::stderr().lock());
        let asked = asked.map_err(fault(INTERNAL))?;
        (asked.service, asked.assessment)
    } else {
        let assessment = assess(&law, &service, scope).map_err(fault(BAD_DATA))?;
        (service, assessment)
    };
    let result = Told { arguments, assessment: &assessment, service: &service, law: &law, catalogue, words };
    print(&result.text(arguments.format).map_err(fault(INTERNAL))?);
    match &arguments.out {
        Some(folder) => result.write(folder)?,
        None => result.print_rest()?,
    }
    Ok(assessment.exit_code())
}

struct Told<'a> {
    arguments: &'a Arguments,
    assessment: &'a Assessment,
    service: &'a Service,
    law: &'a Law<'a>,
    catalogue: &'a Catalogue,
    words: Words<'a>,
}

impl Told<'_> {
    fn text(&self, format: Form) -> Result<String, AssessError> {
        let Self { assessment, service, law, catalogue, words, .. } = *self;
        match format {
            Form::Json => json(assessment, service, law, catalogue),
            Form::Oscal => oscal(assessment, service, law, catalogue),
            Form::Html => html(assessment, service, law, catalogue, words.language()),
            Form::Human => {
                let detail = if self.arguments.all { Detail::Full } else { Detail::Short };
                Ok(lines(assessment, service, law, words, detail)?.join("\n"))
            }
        }
    }

    /// The files of the output folder, by name.
    fn files(&self) -> Result<Vec<(&'static str, String)>, AssessError> {
        let mut files = vec![("assessment.html", self.text(Form::Html)?), ("assessment.json", self.text(Form::Json)?)];
        if self.arguments.papers {
            let papers = papers(self.assessment, self.service, self.law, self.words)?;
            files.extend(papers.into_iter().map(|paper| (paper.file_name, paper.text)));
        }
        if self.arguments.ask {
            files.push(("service.toml", self.service.to_toml()));
        }
        Ok(files)
    }

    fn write(&self, folder: &Path) -> Result<(), Vec<Fault>> {
        let unwritable = |file: &Path, error: &std::io::Error| {
            let (file, cause) = (file.display().to_string(), error.to_string());
            let values = [("file", file.as_str()), ("cause", &cause)];
            said(CANNOT_CREATE, "clock.fault.unwritable", "clock.advice.unwritable", &values, self.words)
        };
        let files = self.files().map_err(fault(INTERNAL))?;
        std::fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
        for (name, text) in files {
            let file = folder.join(name);
            write_whole(&file, &text).map_err(|error| unwritable(&file, &error))?;
        }
        Ok(())
    }

    /// Without a folder the papers follow in a text for people; answers go where they do not mix with the result.
    fn print_rest(&self) -> Result<(), Vec<Fault>> {
        if self.arguments.papers && self.arguments.format == Form::Human {
            let papers = papers(self.assessment, self.service, self.law, self.words).map_err(fault(INTERNAL))?;
            for paper in &papers {
                print(&format!("\n=== {}\n\n{}", paper.file_name, paper.text));
            }
        }
        if self.arguments.ask {
            print_error(&format!("\n{}", self.service.to_toml()));
        }
        Ok(())
    }
}

fn described(file: &Path, law: &Law<'_>, words: Words<'_>) -> Result<Service, Vec<Fault>> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|error| {
        let cause = error.to_string();
        let values = [("file", name.as_str()), ("cause", &cause)];
        said(NO_INPUT, "clock.fault.unreadable", "clock.advice.unreadable", &values, words)
    })?;
    Service::read(&text, &law.rules().vocabulary, law.packs()).map_err(|errors| {
        let of = |error: AssessError| Fault {
            file: Some(name.clone()),
            line: error.line,
            ..Fault::new(BAD_DATA, error.message, error.hint)
        };
        errors.into_iter().map(of).collect()
    })
}

/// A fault in the words of the catalogue; its advice has no values.
fn said(code: u8, key: &str, advice: &str, values: &[(&str, &str)], words: Words<'_>) -> Vec<Fault> {
    match (words.say(key, values), words.say(advice, &[])) {
        (Ok(message), Ok(hint)) => vec![Fault::new(code, message, Some(hint))],
        (Err(error), _) | (_, Err(error)) => vec![error.into()],
    }
}

fn today() -> Result<LegalDate, Vec<Fault>> {
    let now = clock::now().map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
    Ok(now.date_in_shanghai())
}

fn fault(code: u8) -> impl Fn(AssessError) -> Vec<Fault> {
    move |error| vec![Fault::new(code, error.message, error.hint)]
}

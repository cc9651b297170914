//! `gongdao duty`: when a duty of the packs, or any period, is due, how that was computed, and as a calendar entry.
//!
//! Exit codes: 0 a date, and kept so far; 1 late or breached; 2 provisional, or no date can be told; 64 wrong arguments;
//! 65 packs or calendar are not what they should be; 66 they cannot be read; 70 the program is at fault; 73 the calendar
//! entry cannot be written.

use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, Format, INTERNAL, NO_INPUT, Output, spoken};
use crate::command::{USAGE, clock, faults_of, is_there, packs_folder, print};
use gongdao_clock::ics::{Earlier, write};
use gongdao_clock::{
    Answer, Calendar, Clock, ClockError, Condition, CountingRule, Event, Events, FirstDay, LastDay, Setting, clocks,
    explain, moment,
};
use gongdao_i18n::{Catalogue, Words};
use gongdao_model::{Instant, ModelError};
use gongdao_pack::{Duty, Packs, Period, Problem, Severity, write_whole};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao duty --period '10 working days' --event 2024-09-28T10:00+08:00
  gongdao duty --duty 'cn.iisarmp/24/1#file' --event 2024-09-28 --done 2024-10-16
  gongdao duty --duty 'cn.iisarmp/22#answer' --event 2024-09-28 --published '15 days' --ics due.ics

Whether a duty's condition holds is not asked here: the answer is for the case that it does.
An iCalendar file that exists is replaced; SEQUENCE rises for an entry that changed.

Exit code:
  0  there is a date, and the duty is kept so far
  1  late or breached, by law that was checked against the official text
  2  provisional, or no date can be told: the text gives no number, or something is missing
  64 wrong arguments   65 bad packs or calendar   66 cannot be read   70 fault of the program   73 cannot write")]
#[command(group(clap::ArgGroup::new("what").required(true).args(["duty", "period"])))]
pub(crate) struct Arguments {
    /// A duty of the packs
    #[arg(long, value_name = "ID")]
    duty: Option<String>,
    /// Any period: `10 working days`, `15 days`, `24 hours`, `6 months`, `3 years`
    #[arg(long, value_name = "PERIOD")]
    period: Option<Period>,
    /// When the event happened: a date, or a time with its offset
    #[arg(long, value_name = "WHEN", value_parser = when)]
    event: Instant,
    /// When the duty was done
    #[arg(long, value_name = "WHEN", value_parser = when, requires = "duty")]
    done: Option<Instant>,
    /// When the act happened that the duty comes before
    #[arg(long, value_name = "WHEN", value_parser = when, requires = "duty")]
    act: Option<Instant>,
    /// The provider's own published limit, where the text says promptly, immediately or regularly
    #[arg(long, value_name = "PERIOD", requires = "duty")]
    published: Option<Period>,
    /// What it is about; part of what the calendar entry is known by
    #[arg(long, value_name = "NAME")]
    subject: Option<String>,
    /// The moment for which to tell [default: this machine's clock]
    #[arg(long, value_name = "WHEN", value_parser = when)]
    now: Option<Instant>,
    /// Count the day of the event as the first (Civil Code art. 201 does not)
    #[arg(long)]
    count_first_day: bool,
    /// Where a period ends whose last day is off
    #[arg(long, value_enum, value_name = "RULE", default_value = "working-day")]
    last_day: LastDayRule,
    /// A calendar file (docs/formats/calendar.md) [default: the one that is built in]
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    /// Write the date as an iCalendar entry
    #[arg(long, value_name = "FILE")]
    ics: Option<PathBuf>,
    /// The packs folder [default: `$GONGDAO_PACKS`, else `packs`]
    #[arg(long, value_name = "DIR")]
    packs: Option<PathBuf>,
    #[command(flatten)]
    output: Output,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum LastDayRule {
    /// On the next working day (Civil Code art. 203)
    WorkingDay,
    /// The same, but a weekend without a holiday moves nothing
    AfterHoliday,
    /// On that day
    Stays,
}

fn when(text: &str) -> Result<Instant, ModelError> {
    moment(text).map_err(|error| ModelError { message: error.message, hint: error.hint })
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match answer(arguments, catalogue) {
        Ok(code) => ExitCode::from(code),
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    })
}

fn answer(arguments: &Arguments, catalogue: &Catalogue) -> Result<u8, Vec<Fault>> {
    let words = catalogue.words(arguments.output.language());
    let calendar = read_calendar(arguments.calendar.as_deref(), words)?;
    let now = arguments
        .now
        .map_or_else(clock::now, Ok)
        .map_err(|error| vec![Fault::new(INTERNAL, error.message, error.hint)])?;
    let explained;
    let (duty, clock);
    let answer = match (&arguments.duty, arguments.period) {
        (Some(id), _) => {
            let packs = read_packs(&packs_folder(arguments.packs.as_deref()), words)?;
            duty = find(&packs, id, words)?;
            clock = told(arguments, &packs, &duty, &calendar, now)?;
            Answer::Clock { duty: &duty, clock: &clock }
        }
        (None, Some(period)) => {
            let rule = arguments.rule();
            explained = explain(&calendar, rule, period, arguments.event, &[]).map_err(fault(USAGE))?;
            Answer::Date { start: arguments.event, explanation: &explained }
        }
        (None, None) => return Err(vec![Fault::new(USAGE, "neither a duty nor a period was given", None)]),
    };
    if let Some(file) = &arguments.ics {
        write_entry(&answer, file, now, words)?;
    }
    let text = match arguments.output.format {
        Format::Json => answer.json(&calendar, catalogue),
        Format::Human => answer.lines(words).map(|lines| lines.join("\n")),
    };
    print(&text.map_err(fault(INTERNAL))?);
    Ok(answer.exit_code())
}

impl Arguments {
    fn rule(&self) -> CountingRule {
        let first_day = if self.count_first_day { FirstDay::Counted } else { FirstDay::NotCounted };
        let last_day = match self.last_day {
            LastDayRule::WorkingDay => LastDay::MovesToWorkingDay,
            LastDayRule::AfterHoliday => LastDay::MovesAfterHolidays,
            LastDayRule::Stays => LastDay::Stays,
        };
        CountingRule { first_day, last_day }
    }

    fn events(&self, duty: &Duty) -> Result<Events, ClockError> {
        let named = [
            ("event", Some(&duty.trigger), Some(self.event)),
            ("done", Some(&duty.discharged_by), self.done),
            ("act", duty.before.as_ref(), self.act),
        ];
        let mut events = Vec::new();
        for (id, name, at) in named {
            if let (Some(name), Some(at)) = (name, at) {
                events.push(Event::new(id, name, at, self.subject.as_deref())?);
            }
        }
        Events::new(events)
    }
}

/// The latest clock of the duty: for one that recurs that of the interval that runs.
fn told(
    arguments: &Arguments,
    packs: &Packs,
    duty: &Duty,
    calendar: &Calendar,
    now: Instant,
) -> Result<Clock, Vec<Fault>> {
    let published = arguments.published.map(|period| (duty.id.clone(), period)).into_iter().collect();
    let changes = BTreeMap::new();
    let setting = Setting { calendar, rule: arguments.rule(), now, published: &published, changes: &changes };
    let standing = packs.provision(&duty.provision).map(|provision| provision.status);
    let standing = standing
        .ok_or_else(|| vec![Fault::new(BAD_DATA, format!("`{}` is in no `provisions.toml`", duty.provision), None)])?;
    let events = arguments.events(duty).map_err(fault(USAGE))?;
    let mut found = clocks(duty, standing, &events, &|_| Condition::Holds, &setting).map_err(fault(USAGE))?;
    found.pop().ok_or_else(|| vec![Fault::new(INTERNAL, format!("`{}` has no clock", duty.id), None)])
}

/// The duty as it last read; `id` may be its beginning if no other begins so.
fn find(packs: &Packs, id: &str, words: Words<'_>) -> Result<Duty, Vec<Fault>> {
    let all = || packs.instruments.iter().flat_map(|pack| &pack.duties);
    let exact = all().filter(|duty| duty.id == id).max_by_key(|duty| duty.from);
    let mut near: Vec<&Duty> = all().filter(|duty| duty.id.starts_with(id)).collect();
    near.dedup_by_key(|duty| &duty.id);
    if let Some(duty) = exact {
        return Ok(duty.clone());
    }
    match near.as_slice() {
        [duty] => Ok((*duty).clone()),
        [] => Err(said(USAGE, "no_duty", &[("id", id)], &[], words)),
        several => {
            let names: Vec<&str> = several.iter().map(|duty| duty.id.as_str()).collect();
            Err(said(USAGE, "several", &[("id", id)], &[("names", &names.join(", "))], words))
        }
    }
}

fn read_packs(folder: &Path, words: Words<'_>) -> Result<Packs, Vec<Fault>> {
    is_there(folder, words)?;
    let is_error = |problem: &Problem| problem.severity == Severity::Error;
    Packs::read(folder).map_err(|problems| faults_of(folder, problems.into_iter().filter(is_error)))
}

fn read_calendar(file: Option<&Path>, words: Words<'_>) -> Result<Calendar, Vec<Fault>> {
    let Some(file) = file else { return Calendar::shipped().map_err(fault(INTERNAL)) };
    let text = std::fs::read_to_string(file).map_err(|error| of_file(NO_INPUT, "unreadable", file, &error, words))?;
    Calendar::read(file, &text).map_err(fault(BAD_DATA))
}

fn write_entry(answer: &Answer<'_>, file: &Path, now: Instant, words: Words<'_>) -> Result<(), Vec<Fault>> {
    let Some(entry) = answer.entry(words).map_err(fault(INTERNAL))? else {
        return Err(said(USAGE, "no_entry", &[], &[], words));
    };
    let earlier = match std::fs::read_to_string(file) {
        Ok(text) => Earlier::read(&text).map_err(fault(BAD_DATA))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(of_file(NO_INPUT, "unreadable", file, &error, words)),
    };
    // A calendar of somebody's is not replaced by one entry.
    if earlier.keys().any(|uid| uid != entry.uid()) {
        let name = file.display().to_string();
        return Err(said(BAD_DATA, "occupied", &[("file", &name)], &[], words));
    }
    let text = write(&[entry], now, &earlier);
    write_whole(file, &text).map_err(|error| of_file(CANNOT_CREATE, "unwritable", file, &error, words))
}

/// A fault in the words of the catalogue, with its advice.
fn said(code: u8, key: &str, values: &[(&str, &str)], advice: &[(&str, &str)], words: Words<'_>) -> Vec<Fault> {
    let message = words.say(&format!("clock.fault.{key}"), values);
    let hint = words.say(&format!("clock.advice.{key}"), advice);
    match (message, hint) {
        (Ok(message), Ok(hint)) => vec![Fault::new(code, message, Some(hint))],
        (Err(error), _) | (_, Err(error)) => vec![error.into()],
    }
}

fn of_file(code: u8, key: &str, file: &Path, error: &std::io::Error, words: Words<'_>) -> Vec<Fault> {
    let (file, cause) = (file.display().to_string(), error.to_string());
    said(code, key, &[("file", &file), ("cause", &cause)], &[], words)
}

fn fault(code: u8) -> impl Fn(ClockError) -> Vec<Fault> {
    move |error| vec![Fault::new(code, error.message, error.hint)]
}

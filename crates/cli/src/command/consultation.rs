//! `gongdao consultation`: a consultation over a version, as everyone may see it.

use super::output::{Output, spoken};
use super::register;
use crate::command::print;
use crate::command::register::source::Where;
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao consultation show consultation-7c1d --url http://127.0.0.1:8380
  gongdao consultation show consultation-7c1d --data gongdao-data --format json

Exit code: 0 answered, 64 wrong arguments, 65 there is none, 66 nothing can be read there.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a consultation: seats, comments with their answers, meetings, result
    Show(Show),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao consultation show consultation-7c1d --url http://127.0.0.1:8380
  gongdao consultation show consultation-7c1d --data gongdao-data --lang en")]
struct Show {
    /// Its name
    id: String,
    #[command(flatten)]
    place: Where,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let Command::Show(show) = &arguments.command;
    spoken(|catalogue| match register::consultation(&show.id, &show.place, &show.output, catalogue) {
        Ok((text, code)) => {
            print(&text);
            code
        }
        Err(faults) => show.output.refuse(catalogue, &faults),
    })
}

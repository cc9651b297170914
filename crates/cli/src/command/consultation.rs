//! `gongdao consultation`: a consultation over a version, as everyone may see it; past decisions under its draft.

mod replay;

use super::output::{Output, spoken};
use super::register::{self, tell};
use crate::command::register::source::Where;
use clap::{Args, Subcommand};
use std::process::ExitCode;

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  gongdao consultation show consultation-7c1d --url http://127.0.0.1:8380
  gongdao consultation show consultation-7c1d --data gongdao-data --format json
  gongdao consultation replay consultation-7c1d --from 2026-10-01 --until 2026-11-01 --url http://127.0.0.1:8380 --token-file token

Exit code: 0 answered, 64 wrong arguments, 65 there is none, 66 nothing can be read there.")]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a consultation: seats, comments with their answers, meetings, result
    Show(Show),
    /// Run past decisions again under the draft: who would gain, who would lose
    Replay(replay::Replay),
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
    spoken(|catalogue| {
        let (output, answer) = match &arguments.command {
            Command::Show(show) => {
                (&show.output, register::consultation(&show.id, &show.place, &show.output, catalogue))
            }
            Command::Replay(replay) => (&replay.output, replay::answer(replay, catalogue)),
        };
        tell(output, answer, catalogue)
    })
}

//! The program `gongdao`: one file a command, and the wiring between crates.
//!
//! In: arguments, files, standard input. Out: text for people or JSON, and an exit code. Contains no rule, no statistic
//! and no format of its own.

mod command;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Chinese algorithm law as software.
#[derive(Debug, Parser)]
#[command(name = "gongdao", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check, test and start packs
    Pack(command::pack::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return command::usage(&error),
    };
    match arguments.command {
        Command::Pack(arguments) => command::pack::run(&arguments),
    }
}

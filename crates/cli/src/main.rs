//! The program `gongdao`: one file a command, and the wiring between crates.
//!
//! In: arguments, files, standard input. Out: text for people or JSON, and an exit code. Contains no rule, no statistic
//! and no format of its own.

mod command;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;
use std::process::ExitCode;

#[global_allocator]
static MEMORY: MiMalloc = MiMalloc;

/// Chinese algorithm law as software.
#[derive(Debug, Parser)]
#[command(name = "gongdao", version, about, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// What the law means for a described service: provisions, duties, missing facts, drafts of papers
    Assess(command::assess::Arguments),
    /// Copy the service's folder and database while it runs
    Backup(command::backup::Arguments),
    /// Judge one decision record
    Check(command::check::Arguments),
    /// Judge every decision of a log and write the findings
    Audit(command::audit::Arguments),
    /// Check settings of the service
    Config(command::config::Arguments),
    /// See, correct and delete what a platform's databases hold about a person
    Datamap(command::datamap::Arguments),
    /// Look consultations over versions up
    Consultation(command::consultation::Arguments),
    /// Simulate a city, audit it, write a report
    Demo(command::demo::Arguments),
    /// When a duty or a period is due, and how that was computed
    Duty(command::duty::Arguments),
    /// Keep a ledger: log, prove, erase, check
    Ledger(command::ledger::Arguments),
    /// Write, read and check labels of generated content
    Label(command::label::Arguments),
    /// Look things up in the statute book
    Law(command::law::Arguments),
    /// Check, test and start packs
    Pack(command::pack::Arguments),
    /// Make a service out of a backup, without whoever was erased since
    Restore(command::backup::restore::Arguments),
    /// Look algorithms and their versions up, import the published filing lists, export
    Register(command::register::Arguments),
    /// Apply for trials of versions in sandboxes, answer them, run them, look them up
    Sandbox(command::sandbox::Arguments),
    /// Run the service: gate, ledger, API
    Serve(command::serve::Arguments),
    /// Make a synthetic city whose violations are known
    Simulate(command::simulate::Arguments),
    /// Check a receipt or a statement offline
    Verify(command::verify::Arguments),
    /// Cosign the checkpoints of other people's logs
    Witness(command::witness::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return command::usage(&error),
    };
    match arguments.command {
        Command::Assess(arguments) => command::assess::run(&arguments),
        Command::Backup(arguments) => command::backup::run(&arguments),
        Command::Check(arguments) => command::check::run(&arguments),
        Command::Audit(arguments) => command::audit::run(&arguments),
        Command::Config(arguments) => command::config::run(&arguments),
        Command::Datamap(arguments) => command::datamap::run(&arguments),
        Command::Consultation(arguments) => command::consultation::run(&arguments),
        Command::Demo(arguments) => command::demo::run(&arguments),
        Command::Duty(arguments) => command::duty::run(&arguments),
        Command::Ledger(arguments) => command::ledger::run(&arguments),
        Command::Label(arguments) => command::label::run(&arguments),
        Command::Law(arguments) => command::law::run(&arguments),
        Command::Pack(arguments) => command::pack::run(&arguments),
        Command::Restore(arguments) => command::backup::restore::run(&arguments),
        Command::Register(arguments) => command::register::run(&arguments),
        Command::Sandbox(arguments) => command::sandbox::run(&arguments),
        Command::Serve(arguments) => command::serve::run(&arguments),
        Command::Simulate(arguments) => command::simulate::run(&arguments),
        Command::Verify(arguments) => command::verify::run(&arguments),
        Command::Witness(arguments) => command::witness::run(&arguments),
    }
}

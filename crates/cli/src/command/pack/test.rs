//! `gongdao pack test`: run the cases beside the rules and print each difference.

use crate::command::{load, packs_folder, print};
use gongdao_rules::case_failures;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// The packs folder
    #[arg(long)]
    packs: Option<PathBuf>,
    /// Only rules whose identifier contains this
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let (packs, rules) = match load(&packs_folder(arguments.packs.as_deref())) {
        Ok(loaded) => loaded,
        Err(problems) => {
            for problem in &problems {
                print(&problem.to_string());
            }
            print("mend the packs first: `gongdao pack check`");
            return ExitCode::FAILURE;
        }
    };
    let filter = arguments.filter.as_deref().unwrap_or_default();
    match case_failures(&packs, &rules, filter) {
        Ok((ran, failures)) => {
            for failure in &failures {
                print(&failure.to_string());
            }
            print(&format!("{ran} cases, {} differences", failures.len()));
            if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            print(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

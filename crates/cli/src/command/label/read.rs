//! `gongdao label read`: what a file says about itself.

use super::{Anchors, fault, reading};
use crate::command::output::{Fault, Format, Output};
use crate::command::print;
use gongdao_i18n::Catalogue;
use gongdao_label::report::{records_text, report};
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao label read picture.png
  gongdao label read --format json film.mp4

JSON has each label under `AIGC` with the standard's own key names, and under `place` the chunk, box or field and the
bytes where it stands; see docs/formats/label.md. A C2PA manifest is verified where the program was built with the feature
`c2pa`, else only its place is said.

Exit code: 0 read (with or without a label), 64 wrong arguments, 65 no place for a label is known in such a file, or it is
broken, 66 it cannot be read.")]
pub(super) struct Arguments {
    /// The file
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    anchors: Anchors,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(arguments: &Arguments, catalogue: &Catalogue) -> ExitCode {
    match text(arguments, catalogue) {
        Ok(text) => {
            print(&text);
            ExitCode::SUCCESS
        }
        Err(fault) => arguments.output.refuse(catalogue, &[fault]),
    }
}

fn text(arguments: &Arguments, catalogue: &Catalogue) -> Result<String, Fault> {
    let reading = reading(&arguments.file)?;
    let examined = arguments.anchors.examine(&arguments.file, &reading)?;
    match arguments.output.format {
        Format::Json => Ok(report(&reading).with_credentials(&examined).to_json()),
        Format::Human => records_text(&reading, &examined, catalogue.words(arguments.output.language()))
            .map_err(|error| fault(&arguments.file, error)),
    }
}

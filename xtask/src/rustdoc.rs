//! Stands where cargo calls rustdoc for the examples in the documentation: the pages are made too, from the libraries that the
//! tests are built of. `cargo doc` would first check every dependency once more.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

/// Set where this program is called in rustdoc's place.
pub(crate) const CALLED: &str = "XTASK_AS_RUSTDOC";

/// Arguments of a run of examples that pages know nothing of, each with a value.
const OF_EXAMPLES: [&str; 2] = ["--test-run-directory", "--test-args"];

/// Make the pages of one crate, with every warning an error; then run its examples.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
pub(crate) fn run() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let is_examples = arguments.iter().any(|argument| argument == "--test");
    let runs = if is_examples { vec![pages(&arguments), arguments] } else { vec![arguments] };
    for arguments in runs {
        match Command::new("rustdoc").args(arguments).env_remove(CALLED).status() {
            Ok(status) if status.success() => {}
            Ok(status) => return ExitCode::from(status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)),
            Err(error) => {
                eprintln!("cannot run rustdoc: {error}; install it with the toolchain");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}

fn pages(arguments: &[OsString]) -> Vec<OsString> {
    let mut pages: Vec<OsString> = ["--out-dir", "target/doc", "-D", "warnings"].map(OsString::from).into();
    let mut given = arguments.iter();
    while let Some(argument) = given.next() {
        if OF_EXAMPLES.iter().any(|known| argument == known) {
            given.next();
        } else if argument != "--test" {
            pages.push(argument.clone());
        }
    }
    pages
}

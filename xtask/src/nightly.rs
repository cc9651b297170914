//! What takes longer than a change may wait for.

use crate::Findings;
use std::path::Path;
use std::process::Command;

/// A test with a number that the tests of a change have smaller.
struct Longer {
    package: &'static str,
    test: &'static str,
    variable: &'static str,
    number: &'static str,
    failed: &'static str,
}

const ALL: [Longer; 2] = [
    Longer {
        package: "gongdao-ledger",
        test: "killed",
        variable: "GONGDAO_KILLS",
        number: "300",
        failed: "the ledger did not outlive its writer",
    },
    Longer {
        package: "gongdao-cli",
        test: "city_over_http",
        variable: "GONGDAO_CITY_DECISIONS",
        number: "20000",
        failed: "the city was not judged as its table of truth says",
    },
];

/// Run everything; stops at the first that fails.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
pub(crate) fn run(root: &Path) -> Result<Findings, String> {
    for Longer { package, test, variable, number, failed } in &ALL {
        let arguments = ["test", "--locked", "--package", package, "--test", test, "--", "--nocapture"];
        eprintln!("== {variable}={number}: cargo {}", arguments.join(" "));
        let status = Command::new("cargo").args(arguments).current_dir(root).env(variable, number).status();
        let status = status.map_err(|error| format!("cannot run cargo: {error}"))?;
        if !status.success() {
            return Err((*failed).to_owned());
        }
    }
    Ok(Findings::new())
}

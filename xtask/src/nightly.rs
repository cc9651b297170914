//! What takes longer than a change may wait for.

use crate::Findings;
use std::path::Path;
use std::process::Command;

/// The ledger's writer is killed so often; 20 times in the tests of a change.
const KILLS: &str = "300";

/// Run everything; stops at the first that fails.
#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
pub(crate) fn run(root: &Path) -> Result<Findings, String> {
    let arguments = ["test", "--locked", "--package", "gongdao-ledger", "--test", "killed", "--", "--nocapture"];
    eprintln!("== killed {KILLS} times: cargo {}", arguments.join(" "));
    let status = Command::new("cargo").args(arguments).current_dir(root).env("GONGDAO_KILLS", KILLS).status();
    let status = status.map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(Findings::new()) } else { Err("the ledger did not outlive its writer".to_owned()) }
}

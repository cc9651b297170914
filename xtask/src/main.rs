//! Chores of the workspace: `tidy` (layout, import directions, sizes, shape of packs), `deny` (licences, sources, duplicates, owners
//! of heavy dependencies), `test` (all of it and every test), `nightly` (what takes longer) and `wasm` (the module of the page that checks
//! receipts). In: the source tree and `cargo metadata`.
//! Out: findings with file and line, exit code 1 if there are any. Contains nothing of the product.

mod deny;
mod metadata;
mod module;
mod nightly;
mod packs;
mod readers;
mod rustdoc;
mod test;
mod tidy;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "cargo xtask <chore>

  test    everything a change must pass: tidy, deny, fmt, tests with clippy and docs (on a build server with every reader
          of labels), models, C2PA, packs, calendar, the Python wheel, the API, the pages in a browser
  nightly what takes longer than a change may wait: the ledger's writer is killed 300 times
  tidy    layout, import directions, file and function sizes, shape of packs, the module in templates/pages
  deny    licences, sources, duplicate crates, owners of heavy dependencies
  wasm    build the module of the page that checks receipts anew; asked for by tidy, needs a compiler of its own
";

/// What a chore found wrong: one line a finding.
type Findings = Vec<String>;

#[expect(clippy::print_stderr, reason = "a command line program speaks to its terminal")]
fn main() -> ExitCode {
    if std::env::var_os(rustdoc::CALLED).is_some() {
        return rustdoc::run();
    }
    if std::env::var_os(wasm::CALLED).is_some() {
        return wasm::compile();
    }
    let chore = std::env::args().nth(1).unwrap_or_default();
    let root = workspace_root();
    let outcome = match chore.as_str() {
        "tidy" => tidy::run(&root),
        "deny" => deny::run(&root),
        "test" => test::run(&root),
        "nightly" => nightly::run(&root),
        "wasm" => wasm::run(&root),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(64);
        }
    };
    match outcome {
        Ok(findings) if findings.is_empty() => {
            eprintln!("{chore}: ok");
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            for finding in &findings {
                eprintln!("{finding}");
            }
            eprintln!("{chore}: {} finding(s)", findings.len());
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{chore}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

//! The service as tests of other languages start it: `served DATA LISTEN [PROGRAM]`. Prints the address and the first token, and
//! stops when standard input ends. With PROGRAM, `gongdao`, audits are run.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a helper of tests"
)]
#![allow(clippy::cast_possible_truncation, missing_docs, dead_code, unreachable_pub, reason = "a helper of tests")]

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::Read;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let packs = support::root().join("packs").display().to_string();
    let mut flags = vec![("data", arguments[1].clone()), ("packs", packs)];
    flags.extend(arguments.get(3).map(|program| ("audits.program", program.clone())));
    let served = support::start(std::path::Path::new(&arguments[1]), &arguments[2], &flags);
    println!("listening http://{}", served.address);
    println!("token {}", served.token.as_ref().map_or("-", |token| token.reveal()));
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
    served.stop();
}

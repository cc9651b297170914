//! The service as tests of other languages start it: `served DATA LISTEN`. Prints the address and the first token, and
//! stops when standard input ends.
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
    let served = support::start(std::path::Path::new(&arguments[1]), &arguments[2], &[]);
    println!("listening http://{}", served.address);
    println!("token {}", served.token.as_ref().map_or("-", |token| token.reveal()));
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
    served.stop();
}

#![no_main]

#[allow(dead_code, reason = "the counts of a run are for tests and the bench")]
#[path = "../harness/differential/mod.rs"]
mod differential;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| differential::drive(bytes));

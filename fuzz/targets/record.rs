#![no_main]

#[path = "../harness/record.rs"]
mod record;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| record::drive(bytes));

#![no_main]

#[path = "../harness/label.rs"]
mod label;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| label::drive("a.md", bytes));

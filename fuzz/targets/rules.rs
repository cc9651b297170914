#![no_main]

#[path = "../harness/good.rs"]
mod good;
#[path = "../harness/pack.rs"]
mod pack;
#[path = "../harness/rules.rs"]
mod rules;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| rules::drive(good::files(), bytes));

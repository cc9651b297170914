#![no_main]

#[path = "../harness/pack.rs"]
mod pack;

#[path = "../harness/good.rs"]
mod good;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    pack::drive(good::files(), bytes);
});

#![no_main]

#[path = "../harness/ledger.rs"]
mod ledger;

// The first byte chooses the reader.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((reader, rest)) = bytes.split_first() {
        ledger::drive(*reader, rest);
    }
});

#![no_main]

#[path = "../harness/log.rs"]
mod log;

// The first byte chooses the reader.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Some((reader, rest)) = bytes.split_first() {
        log::drive(*reader, rest);
    }
});

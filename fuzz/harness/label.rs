//! Whatever the bytes of a file, reading its labels ends in a reading or in words; and what can be labelled reads back.

use gongdao_label::{ErrorKind, Label, WriteOptions, read, write_bytes};
use std::io::Cursor;

/// Read the bytes as a file of this name. A file that is read either takes a label or says why not.
pub(crate) fn drive(name: &str, bytes: &[u8]) {
    match read(&mut Cursor::new(bytes), name) {
        Ok(reading) => {
            for site in &reading.sites {
                assert!(site.place.offset.saturating_add(site.place.length) <= bytes.len() as u64, "{name}: {site:?}");
            }
            let label = Label::first("001191110102MACQD9K64010000", "1").unwrap();
            match write_bytes(bytes, name, &label, WriteOptions { breaks_credentials: true }) {
                Ok(new) => assert!(read(&mut Cursor::new(&new), name).unwrap().holds(&label), "{name}"),
                // A damaged container may lose the label; that is found out by reading back, before anybody gets the file.
                Err(error) => assert!(!error.message.is_empty() && error.kind != ErrorKind::Io, "{name}: {error}"),
            }
        }
        Err(error) => {
            assert!(!error.message.trim().is_empty() && !error.hint.is_empty(), "refused without a word");
            assert!(error.kind != ErrorKind::Io, "{name}: {error}");
        }
    }
}

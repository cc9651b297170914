//! Small valid files of every kind, made here so that the tests need no stored binaries.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::print_stdout,
    reason = "each test file uses a part, and says what it skips"
)]

mod media;
mod office;
mod picture;

pub use media::{avi, flac, gif_87a, matroska, mp3, mp4, ogg, wav};
pub use office::{docx, pdf};
pub use picture::{gif, jpeg, png, tiff, webp};

use std::path::{Path, PathBuf};

/// A producer's code with a right check digit, of an invented service number.
pub const PRODUCER: &str = "001191110102MACQD9K64010000";
pub const PLATFORM: &str = "001191110102MACQD9K64020000";

/// Every carrier, by the name of a file of its kind; `content` is what the file is made around.
pub fn all(content: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let text = String::from_utf8_lossy(content).replace(['\0', '\r'], "");
    vec![
        ("a.png", png(content)),
        ("a.jpg", jpeg(content)),
        ("a.webp", webp(content)),
        ("a.gif", gif(content)),
        ("a87.gif", gif_87a(content)),
        ("a.tiff", tiff(content)),
        ("a.mp3", mp3(content)),
        ("a.wav", wav(content)),
        ("a.flac", flac(content)),
        ("a.ogg", ogg(content)),
        ("a.mp4", mp4(content, true)),
        ("late.mp4", mp4(content, false)),
        ("a.mkv", matroska(content)),
        ("a.avi", avi(content)),
        ("a.pdf", pdf(content)),
        ("a.docx", docx(content)),
        ("a.md", format!("# {text}\n\nText.\n").into_bytes()),
        ("front.md", format!("---\ntitle: x\n---\n{text}\n").into_bytes()),
        ("a.txt", format!("{text}\r\nText.\r\n").into_bytes()),
    ]
}

/// Whether a file of this name holds its content in one piece, as [`all`] makes it.
pub fn is_in_one_piece(name: &str) -> bool {
    ["a.webp", "a.mp3", "a.wav", "a.flac", "a.mp4", "late.mp4", "a.mkv", "a.avi"].contains(&name)
}

/// The folder of real files: `GONGDAO_CONFORMANCE`, else `../shared/conformance`; `None` if there is no such folder, which
/// on a build server is a failure.
pub fn conformance() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("GONGDAO_CONFORMANCE") {
        return Some(PathBuf::from(named));
    }
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if shared.is_dir() {
        return Some(shared.join("conformance"));
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared, and CI must have it");
    println!("skipped: no ../shared");
    None
}

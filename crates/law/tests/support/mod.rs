//! What the tests of the statute book share.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod oscal;

use gongdao_i18n::{Catalogue, Language};
use gongdao_law::{Book, Print, Texts};
use gongdao_model::LegalDate;
use gongdao_pack::Packs;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The shared material beside the repository. Without it a test says so and passes, except where CI must have it.
pub fn shared() -> Option<PathBuf> {
    let shared = root().join("../shared");
    if shared.is_dir() {
        return Some(shared);
    }
    assert!(std::env::var_os("CI").is_none(), "no ../shared, and CI must have it");
    println!("skipped: no ../shared");
    None
}

/// The law of this repository, without imported texts.
pub fn law() -> Book {
    Book::new(Packs::read(&root().join("packs")).unwrap(), Texts::none()).unwrap()
}

/// The packs of the tests: a law with two versions of a rule, city law, a plan that does not bind, a draft.
pub fn example_packs() -> Packs {
    Packs::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/packs")).unwrap()
}

/// Them as a book, with the text of the law.
pub fn example() -> Book {
    let packs = example_packs();
    let texts = Texts::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/texts"), &packs).unwrap();
    Book::new(packs, texts).unwrap()
}

/// A day.
pub fn day(text: &str) -> LegalDate {
    text.parse().unwrap()
}

/// The same answer in both languages, with the name of its snapshot.
pub fn in_both(name: &str, say: impl Fn(&Print<'_>) -> String) {
    let catalogue = Catalogue::embedded().unwrap();
    for language in Language::ALL {
        let print = Print::new(catalogue.words(language)).unwrap();
        insta::assert_snapshot!(format!("{name}-{language}"), say(&print));
    }
}

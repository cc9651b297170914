use crate::{Catalogue, Language};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn refusal(zh: &str, en: &str) -> String {
    Catalogue::read(zh, en).expect_err("must be refused").message
}

#[test]
fn the_shipped_catalogue_has_equal_keys_and_placeholders() {
    let catalogue = Catalogue::embedded().unwrap();
    assert!(catalogue.keys().count() > 100);
}

#[test]
fn unequal_languages_are_refused_with_the_key() {
    let rows = [
        ("a = 'x'\nb = 'y'", "a = 'x'", "`b` has no text in `en`"),
        ("a = 'x'", "a = 'x'\n[c]\nd = 'y'", "`c.d` has no text in `zh`"),
        ("a = '{n} 件'", "a = 'many'", "`a` needs `n` in zh and nothing in en"),
        ("a = '{n} {m}'", "a = '{m} {k}'", "`a` needs `m`, `n` in zh and `k`, `m` in en"),
        ("a = 3", "a = 'x'", "`a` is not a text"),
        ("a = ' '", "a = 'x'", "`a` is not a text"),
        ("a = '{'", "a = 'x'", "`a`: a single brace in `{`"),
        ("a = '{N}'", "a = '{N}'", "`a`: `{N}` is not a placeholder"),
    ];
    for (zh, en, message) in rows {
        assert_eq!(refusal(zh, en), message);
    }
    assert!(refusal("a = ", "a = 'x'").starts_with("translations/zh.toml: "));
}

#[test]
fn placeholders_are_filled_once_and_braces_survive() {
    let catalogue = Catalogue::read("a = '{{{n}}} / {m}'", "a = '{m} of {n}'").unwrap();
    let zh = catalogue.words(Language::Zh).say("a", &[("n", "{m}"), ("m", "2")]).unwrap();
    assert_eq!(zh, "{{m}} / 2");
    let en = catalogue.words(Language::En).say("a", &[("n", "3"), ("m", "2")]).unwrap();
    assert_eq!(en, "2 of 3");
}

/// Placeholders with their values.
type Values = &'static [(&'static str, &'static str)];

#[test]
fn a_wrong_request_is_an_error() {
    let catalogue = Catalogue::read("a = '{n}'", "a = '{n}'").unwrap();
    let words = catalogue.words(Language::En);
    let rows: [(&str, Values, &str); 3] = [
        ("b", &[], "no text has the key `b`"),
        ("a", &[], "`a` needs a value for `n`"),
        ("a", &[("n", "1"), ("m", "2")], "`a` has no placeholder `m`"),
    ];
    for (key, values, message) in rows {
        assert_eq!(words.say(key, values).unwrap_err().message, message);
    }
}

#[test]
fn languages_are_read_from_their_codes() {
    assert_eq!("zh".parse::<Language>().unwrap(), Language::Zh);
    assert_eq!("fr".parse::<Language>().unwrap_err().message, "`fr` is not a language");
}

/// Every key that a template or a source file names must exist: `t("key"` in templates, `say("key"` in Rust.
#[test]
fn every_key_that_is_used_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let catalogue = Catalogue::embedded().unwrap();
    let known: BTreeSet<&str> = catalogue.keys().collect();
    let mut files = Vec::new();
    for folder in ["templates", "crates/audit/src", "crates/cli/src", "crates/clock/src"] {
        collect(&root.join(folder), &mut files);
    }
    let mut used = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        for key in
            ["t(\"report", "t(\"page", "t(\"explain", "say(\""].iter().flat_map(|start| keys_after(&source, start))
        {
            used += 1;
            // A key that is completed at run time stands for all keys that begin so.
            let exists = if key.ends_with('.') {
                known.iter().any(|k| k.starts_with(&key))
            } else {
                known.contains(key.as_str())
            };
            assert!(exists, "{}: no text has the key `{key}`", file.display());
        }
    }
    assert!(used > 50, "the scan found only {used} keys: it no longer sees what it should");
}

fn keys_after(source: &str, start: &str) -> Vec<String> {
    let beginning = start.split_once('"').map_or("", |(_, beginning)| beginning);
    // `get("` ends like `t("` and is another word.
    let is_word = |at: usize| !source[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_');
    let rests = source.match_indices(start).filter(|(at, _)| is_word(*at)).map(|(at, _)| &source[at + start.len()..]);
    rests.filter_map(|rest| rest.split_once('"')).map(|(rest, _)| format!("{beginning}{rest}")).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.file_name().is_none_or(|name| name != "tests.rs") && path.extension() != Some("wasm".as_ref()) {
            // The module that checks receipts has no words for people.
            files.push(path);
        }
    }
}

//! Packs in memory: read a folder, change a file, look at what is found. Shared by the tests of several crates.
#![allow(dead_code, reason = "each test file uses a part of it")]

use gongdao_pack::{Packs, Problem};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The files of a packs folder, by path relative to it.
#[derive(Clone)]
pub(crate) struct Files(pub(crate) BTreeMap<PathBuf, Vec<u8>>);

impl Files {
    /// A small pack in which nothing is wrong.
    pub(crate) fn good() -> Self {
        Self::of(&manifest("../pack/tests/good"))
    }

    /// The packs that are released with the program.
    pub(crate) fn real() -> Self {
        Self::of(&manifest("../../packs"))
    }

    pub(crate) fn of(root: &Path) -> Self {
        let mut files = BTreeMap::new();
        let mut folders = vec![root.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).unwrap() {
                let path = entry.unwrap().path();
                if path.file_name().unwrap().to_string_lossy().starts_with('.') {
                    continue;
                }
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.strip_prefix(root).unwrap().to_owned(), std::fs::read(&path).unwrap());
                }
            }
        }
        assert!(!files.is_empty(), "no file below {}", root.display());
        Self(files)
    }

    pub(crate) fn text(&self, path: &str) -> String {
        String::from_utf8(self.0[Path::new(path)].clone()).unwrap()
    }

    /// The files with one written anew or added.
    #[must_use]
    pub(crate) fn with(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.0.insert(PathBuf::from(path), bytes.as_ref().to_vec());
        self
    }

    /// The files with a text added to the end of one.
    #[must_use]
    pub(crate) fn extended(self, path: &str, more: &str) -> Self {
        let text = self.text(path) + more;
        self.with(path, text)
    }

    /// The files with the first `from` in one of them replaced.
    #[must_use]
    pub(crate) fn replaced(self, path: &str, from: &str, to: &str) -> Self {
        let text = self.text(path);
        assert!(text.contains(from), "`{from}` is not in {path}");
        self.with(path, text.replacen(from, to, 1))
    }

    #[must_use]
    pub(crate) fn without(mut self, path: &str) -> Self {
        assert!(self.0.remove(Path::new(path)).is_some(), "{path} is not there");
        self
    }

    pub(crate) fn survey(&self) -> (Option<Packs>, Vec<Problem>) {
        Packs::survey_files(self.0.clone())
    }

    /// Write them below a folder.
    pub(crate) fn save(&self, root: &Path) {
        for (path, bytes) in &self.0 {
            let path = root.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
}

/// A path relative to the crate whose test runs.
pub(crate) fn manifest(relative: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// The folder of imported official texts. Absent outside of CI the caller skips, in CI that is a failure.
pub(crate) fn texts() -> Option<PathBuf> {
    let texts = manifest("../../../shared/law/texts");
    if texts.is_dir() {
        return Some(texts);
    }
    assert!(std::env::var_os("CI").is_none(), "in CI the official texts must be there: {}", texts.display());
    println!("skipped: no ../shared");
    None
}

/// Compare what was found with `file:line: start of the message`, in order; each problem must say what to do.
pub(crate) fn expect(name: &str, mut problems: Vec<Problem>, expected: &[&str]) {
    problems.sort_by(|a, b| (&a.file, a.line, &a.message).cmp(&(&b.file, b.line, &b.message)));
    let place = |problem: &Problem| match problem.line {
        Some(line) => format!("{}:{line}", problem.file.display()),
        None => problem.file.display().to_string(),
    };
    let found: Vec<String> =
        problems.iter().map(|problem| format!("{}: {}", place(problem), problem.message)).collect();
    let fits = found.len() == expected.len() && found.iter().zip(expected).all(|(f, e)| f.starts_with(e));
    assert!(fits, "{name}\nexpected {expected:#?}\nfound {found:#?}");
    for problem in &problems {
        assert!(problem.hint.as_ref().is_some_and(|hint| !hint.is_empty()), "{name}: no hint: {problem}");
        assert!(!problem.message.contains('\n'), "{name}: a message is one line: {problem}");
    }
}

//! The programs that tests need: those that read what `gongdao-label` writes, the databases of `gongdao-store` and
//! `gongdao-datamap`, what installs the provider that `gongdao-web` logs in at, and the browser that its pages are looked at with. On a
//! build server they are installed, so that no test is skipped there; elsewhere whatever is there is used.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A program, how it is asked whether it is there, and its Debian package.
const PROGRAMS: [(&str, &str, &str); 7] = [
    ("chromium", "--version", "chromium"),
    ("exiftool", "-ver", "libimage-exiftool-perl"),
    ("ffmpeg", "-version", "ffmpeg"),
    ("mariadb-admin", "--version", "mariadb-server"),
    ("npm", "--version", "npm"),
    ("pdfinfo", "-v", "poppler-utils"),
    ("qpdf", "--version", "qpdf"),
];
/// From the `PyPI` registry: opens office documents; verifies C2PA manifests; the font whose outlines badges are drawn with,
/// and what reads it.
const LIBRARIES: [&str; 4] =
    ["python-docx==1.2.0", "c2pa-python==0.38.1", "pylopdf-fonts-zh-cn==0.1.1", "fonttools==4.68.0"];
const IMPORTS: &str = "import docx, c2pa, pylopdf_fonts_zh_cn, fontTools";
/// What is no program that one calls by name, where it lies, and its Debian package: a database's server, letters for pages.
const FOLDERS: [(&str, &str); 2] =
    [("/usr/lib/postgresql", "postgresql"), ("/usr/share/fonts/opentype/noto", "fonts-noto-cjk")];

/// The interpreter that has the libraries, where the readers were installed.
pub(crate) fn install(root: &Path) -> Result<Option<PathBuf>, String> {
    if std::env::var_os("CI").is_none() {
        return Ok(None);
    }
    let mut missing: Vec<&str> =
        PROGRAMS.iter().filter(|(program, ask, _)| !succeeds(program, &[ask])).map(|(.., package)| *package).collect();
    missing.extend(FOLDERS.iter().filter(|(folder, _)| !Path::new(folder).exists()).map(|(_, package)| *package));
    if !missing.is_empty() {
        run("apt-get", &["update", "-qq"])?;
        run("apt-get", &[&["install", "-y", "-qq", "--no-install-recommends"], &missing[..]].concat())?;
    }
    let folder = root.join("target/readers");
    let python = folder.join("bin/python");
    let python_text = python.display().to_string();
    if !succeeds(&python_text, &["-c", IMPORTS]) {
        run("python3", &["-m", "venv", &folder.display().to_string()])?;
        run(&python_text, &[&["-m", "pip", "install", "--quiet"], &LIBRARIES[..]].concat())?;
    }
    Ok(Some(python))
}

fn succeeds(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let status = Command::new(program)
        .args(arguments)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .status()
        .map_err(|error| format!("cannot run {program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{program} {}` failed", arguments.join(" "))) }
}

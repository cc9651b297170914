//! The provider of the tests, installed below `target` where it is not there.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;

pub struct Provider {
    pub issuer: String,
    process: std::cell::RefCell<Child>,
    /// Where it says things: it breaks off where nobody can hear them.
    _output: BufReader<ChildStdout>,
}

impl Provider {
    /// Nothing where it cannot be installed, which fails on a build server.
    pub fn start(redirect: &str) -> Option<Self> {
        let modules = modules()?;
        let script = here().join("provider.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .arg(modules)
            .arg(redirect)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let issuer = line.trim().to_owned();
        assert!(issuer.starts_with("http://"), "the provider did not start");
        Some(Self { issuer, process: process.into(), _output: output })
    }

    pub fn stop(&self) {
        let mut process = self.process.borrow_mut();
        drop(process.stdin.take());
        let _ = process.kill();
        process.wait().unwrap();
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.stop();
    }
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oidc")
}

/// Where its modules are; installed once, into a folder that is renamed into place.
fn modules() -> Option<PathBuf> {
    static MODULES: OnceLock<Option<PathBuf>> = OnceLock::new();
    let found = MODULES.get_or_init(|| {
        let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target");
        let wanted = std::fs::read_to_string(here().join("package.json")).unwrap();
        let folder = target.join("oidc");
        if std::fs::read_to_string(folder.join("package.json")).is_ok_and(|there| there == wanted) {
            return Some(folder.join("node_modules"));
        }
        std::fs::create_dir_all(&target).unwrap();
        let fresh = tempfile::tempdir_in(&target).unwrap();
        let npm = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"])
            .arg("--prefix")
            .arg(fresh.path())
            .arg("oidc-provider@9.13.3")
            .output();
        if !npm.is_ok_and(|npm| npm.status.success()) {
            return None;
        }
        std::fs::write(fresh.path().join("package.json"), &wanted).unwrap();
        let _ = std::fs::remove_dir_all(&folder);
        std::fs::rename(fresh.keep(), &folder).unwrap();
        Some(folder.join("node_modules"))
    });
    if found.is_none() {
        assert!(std::env::var_os("CI").is_none(), "node and npm, and a registry, are needed");
        println!("skipped: no OpenID Connect provider can be installed from npm");
    }
    found.clone()
}

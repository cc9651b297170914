//! A server of S3's API that is not ours: moto from the `PyPI` registry, run by `python3` in a virtual environment below `target/tmp`.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Supports `If-Match` and `If-None-Match` of `PutObject`.
const PACKAGE: &str = "moto[s3,server]==5.2.5";
const BUCKET: &str = "ledger-test";

/// A running server with one bucket; it ends with the value.
pub struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// Nothing where there is no Python or no registry; with `CI` set that is a failure.
    pub fn start() -> Option<Self> {
        static PYTHON: OnceLock<Option<PathBuf>> = OnceLock::new();
        let Some(python) = PYTHON.get_or_init(python) else {
            assert!(std::env::var_os("CI").is_none(), "this test needs python3 with `{PACKAGE}`, and CI must have it");
            println!("skipped: no python3 with `{PACKAGE}`");
            return None;
        };
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../objects/tests/support/s3_server.py");
        let child = Command::new(python)
            .arg(script)
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let server = Self { child, port };
        for _ in 0..600 {
            if server.make_bucket() {
                return Some(server);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("the server did not answer within a minute");
    }

    fn make_bucket(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", self.port)) else { return false };
        let request =
            format!("PUT /{BUCKET} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let mut answer = String::new();
        let said = stream.write_all(request.as_bytes()).and_then(|()| stream.read_to_string(&mut answer));
        said.is_ok() && answer.split(' ').nth(1) == Some("200")
    }

    /// An address in its bucket.
    pub fn address(prefix: &str) -> String {
        format!("s3://{BUCKET}/{prefix}")
    }

    /// What the environment says to whoever asks this server.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("AWS_ENDPOINT_URL", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ACCESS_KEY_ID", "test".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
        ]
    }
}

fn python() -> Option<PathBuf> {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("s3-server");
    let own = place.join("bin/python");
    let has = || Command::new(&own).args(["-c", "import moto.server"]).output().is_ok_and(|said| said.status.success());
    if has() {
        return Some(own);
    }
    let made = Command::new("python3").args(["-m", "venv"]).arg(&place).status().is_ok_and(|status| status.success());
    let install = || Command::new(&own).args(["-m", "pip", "install", "--quiet", "--no-compile", PACKAGE]).status();
    (made && install().is_ok_and(|status| status.success()) && has()).then_some(own)
}

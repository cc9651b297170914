//! A witness behind a server with TLS, believed only where the authority of its certificate is named.
//!
//! `tests/tls` holds an authority, a certificate of it for 127.0.0.1 with its key, and another authority. They protect nothing.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

const RECORD: &str = r#"{"id":"D1","at":"2024-05-01T12:00:00+08:00","action":"recommend","person":"courier-7"}"#;

struct Stopped(Child);

impl Drop for Stopped {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn command(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gongdao"));
    command.current_dir(folder).args(line.split_whitespace()).env_clear().env("NO_COLOR", "1");
    command
}

/// Exit code and what was printed.
fn run(folder: &Path, line: &str) -> (i32, String) {
    let output = command(folder, line).output().unwrap();
    (output.status.code().unwrap(), String::from_utf8([output.stdout, output.stderr].concat()).unwrap())
}

fn file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls").join(name)
}

/// A server with TLS before a plain one; its address.
fn before(plain: String) -> String {
    let certificates = vec![CertificateDer::from_pem_file(file("server.pem")).unwrap()];
    let key = PrivateKeyDer::from_pem_file(file("server.key")).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = Arc::new(config.with_no_client_auth().with_single_cert(certificates, key).unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            // Whoever does not believe the certificate goes away.
            let _ = pass_on(StreamOwned::new(connection, stream), &plain);
        }
    });
    address
}

/// One request and its answer.
fn pass_on(stream: StreamOwned<ServerConnection, TcpStream>, plain: &str) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = ("Connection: close\r\n".to_owned(), 0);
    let mut request = String::new();
    stream.read_line(&mut request)?;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line)? <= 2 {
            break;
        }
        if let Some(count) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = count.trim().parse().unwrap();
        }
        if !line.to_ascii_lowercase().starts_with("connection:") {
            head.push_str(&line);
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    let mut witness = TcpStream::connect(plain)?;
    witness.write_all(format!("{request}{head}\r\n").as_bytes())?;
    witness.write_all(&body)?;
    let mut answer = Vec::new();
    witness.read_to_end(&mut answer)?;
    let stream = stream.get_mut();
    stream.write_all(&answer)?;
    stream.conn.send_close_notify();
    stream.flush()
}

#[test]
fn a_witness_over_tls_is_believed_by_its_authority_alone() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("record.ndjson"), RECORD).unwrap();
    let made = run(folder, "ledger init led --origin ledger.example/city --key city.key --format json").1;
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    let key = made["verifier_key"].as_str().unwrap();
    assert_eq!(run(folder, "ledger append led record.ndjson --key city.key").0, 0);
    let line = format!("witness --listen 127.0.0.1:0 --data memory --key witness.key --log {key} --lang en");
    let mut witness = Stopped(command(folder, &line).stdout(Stdio::piped()).spawn().unwrap());
    let mut said = String::new();
    BufReader::new(witness.0.stdout.take().unwrap()).read_line(&mut said).unwrap();
    let plain = said.split_whitespace().find(|word| word.starts_with("127.")).unwrap();
    let plain = plain.trim_end_matches(|sign: char| !sign.is_ascii_digit());
    let address = before(plain.to_owned());
    let authority = |name: &str| format!("--witness-ca {}", file(name).display());
    let by_name = address.replace("127.0.0.1", "localhost");
    for (url, authority, code, words) in [
        (format!("https://{address}"), String::new(), 65, "nobody is named to believe that"),
        (format!("https://{address}"), authority("other.pem"), 73, "UnknownIssuer"),
        (format!("https://{address}"), authority("server.key"), 65, "no certificate is in the file"),
        (format!("https://{address}"), "--witness-ca none.pem".to_owned(), 66, "cannot read the authorities"),
        (format!("https://{address}"), authority("authority.pem"), 0, "1 witnesses cosigned"),
        (format!("https://{by_name}"), authority("authority.pem"), 0, "1 witnesses cosigned"),
        // Plain where the address says so, also when authorities are named.
        (format!("http://{plain}"), authority("other.pem"), 0, "1 witnesses cosigned"),
    ] {
        let line = format!("ledger checkpoint led --key city.key --witness {url} {authority} --lang en");
        let (found, text) = run(folder, &line);
        assert_eq!(found, code, "{url} {authority}: {text}");
        assert!(text.contains(words), "{url} {authority}: {text}");
    }
}

//! Where the program gets keys, random bytes and the time from.

use crate::command::clock::since_epoch;
use crate::command::output::{BAD_DATA, CANNOT_CREATE, Fault, NO_INPUT};
use gongdao_ledger::{Clock, Entropy, LedgerError, LoggedAt};
use gongdao_merkle::{NoteSigner, decode_base64, encode_base64};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Type of the key in the file: Ed25519.
const ED25519: u8 = 1;

/// Random bytes of the operating system.
pub(crate) struct OsEntropy;

impl Entropy for OsEntropy {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), LedgerError> {
        getrandom::fill(bytes).map_err(|error| LedgerError {
            kind: gongdao_ledger::ErrorKind::Storage,
            message: format!("no random bytes: {error}"),
            hint: "the operating system gives none; look at its log",
        })
    }
}

/// This machine's clock.
pub(crate) struct MachineClock;

impl Clock for MachineClock {
    fn now(&self) -> LoggedAt {
        LoggedAt::from_seconds(since_epoch().as_secs())
    }
}

/// Read a signing key: `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`, as signed notes have it.
pub(crate) fn read(path: &Path) -> Result<NoteSigner, Vec<Fault>> {
    let at = |code: u8, message: String, hint: &str| {
        vec![Fault { file: Some(path.display().to_string()), ..Fault::new(code, message, Some(hint.to_owned())) }]
    };
    let text = std::fs::read_to_string(path)
        .map_err(|error| at(NO_INPUT, format!("cannot read the key: {error}"), "name the file that `init` wrote"))?;
    let refused = || at(BAD_DATA, "this is no signing key".to_owned(), "name the file that `init` wrote");
    let mut parts = text.trim().strip_prefix("PRIVATE+KEY+").ok_or_else(refused)?.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else { return Err(refused()) };
    let bytes = decode_base64(key).map_err(|_| refused())?;
    let Some((&ED25519, seed)) = bytes.split_first() else { return Err(refused()) };
    let seed: &[u8; 32] = seed.try_into().map_err(|_| refused())?;
    let signer = NoteSigner::new(name.parse().map_err(|_| refused())?, seed);
    if signer.log_key().id().to_string() != id {
        return Err(refused());
    }
    Ok(signer)
}

/// Make a signing key in a file that nobody else may read. Errors: the file is there already.
pub(crate) fn make(path: &Path, name: &str) -> Result<NoteSigner, Vec<Fault>> {
    let failed = |message: String, hint: &str| {
        vec![Fault {
            file: Some(path.display().to_string()),
            ..Fault::new(CANNOT_CREATE, message, Some(hint.to_owned()))
        }]
    };
    let name = name.parse().map_err(|error: gongdao_merkle::MerkleError| failed(error.message, error.hint))?;
    let mut seed = [0; 32];
    OsEntropy.fill(&mut seed).map_err(|error| failed(error.message, error.hint))?;
    let signer = NoteSigner::new(name, &seed);
    let key = signer.log_key();
    let secret = encode_base64(&[&[ED25519], seed.as_slice()].concat());
    let text = format!("PRIVATE+KEY+{}+{}+{secret}\n", key.name(), key.id());
    let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let written = file.and_then(|mut file| file.write_all(text.as_bytes()).and_then(|()| file.sync_all()));
    written.map_err(|error| failed(format!("cannot write the key: {error}"), "name a file that is not there yet"))?;
    Ok(signer)
}

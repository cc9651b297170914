//! `gongdao witness`: cosign other people's logs, and remember how far they were (C2SP tlog-witness).
//!
//! A union, a regulator or a university runs it on a small machine. It speaks plain HTTP; put a server with TLS before it
//! where it is reached over the open net, and name it by `https://` to whoever asks.
//!
//! Exit codes: 64 wrong arguments; 65 a key that is none; 66 it cannot be read; 73 it cannot listen or keep its memory.

mod client;

pub(crate) use client::{Authorities, HttpWitness};

use crate::command::clock::since_epoch;
use crate::command::ledger::report::said;
use crate::command::ledger::{keys, of_ledger};
use crate::command::output::{CANNOT_CREATE, Fault, Output, spoken};
use crate::command::print;
use gongdao_i18n::Words;
use gongdao_ledger::{Folder, LedgerError, WitnessBook};
use gongdao_merkle::{AddCheckpoint, MerkleError, Refusal, SIZE_MEDIA_TYPE, VerifierKey};
use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server};

/// Bytes of a request at most: a proof has 63 lines, a checkpoint 16 KiB.
const REQUEST_BYTES: u64 = 64 << 10;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  gongdao witness --data witness --key witness.key --name union.example/witness --log 'ledger.example/city+530d903a+Aeky…'
  gongdao ledger checkpoint city-ledger --key city.key --witness http://127.0.0.1:8910

Put the witness's key, which is printed at the start, into the policies of those who check receipts.")]
pub(crate) struct Arguments {
    /// The address to listen at
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8910")]
    listen: String,
    /// The folder of its memory; who loses it must not cosign the same logs again
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// The file of its key; made where there is none
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Its name, where the key is made: `union.example/witness`
    #[arg(long, value_name = "NAME", default_value = "witness.example")]
    name: String,
    /// The verifier key of a log that it watches; several may be given
    #[arg(long, value_name = "KEY", required = true)]
    log: Vec<String>,
    #[command(flatten)]
    output: Output,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    spoken(|catalogue| match arguments.serve(catalogue.words(arguments.output.language())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(faults) => arguments.output.refuse(catalogue, &faults),
    })
}

impl Arguments {
    fn serve(&self, words: Words<'_>) -> Result<(), Vec<Fault>> {
        let refused = |error: MerkleError| of_ledger(error.into());
        let logs: Vec<VerifierKey> =
            self.log.iter().map(|key| key.parse()).collect::<Result<_, _>>().map_err(refused)?;
        let signer = if self.key.exists() { keys::read(&self.key)? } else { keys::make(&self.key, &self.name)? };
        let own = signer.witness_key().to_string();
        let mut book = WitnessBook::open(Arc::new(Folder::new(&self.data)), signer, logs).map_err(of_ledger)?;
        let server = Server::http(&self.listen).map_err(|error| {
            let message = format!("cannot listen at `{}`: {error}", self.listen);
            vec![Fault::new(CANNOT_CREATE, message, Some("name a free address with `--listen`".to_owned()))]
        })?;
        let address = server.server_addr().to_string();
        print(&said(words, "witness_listens", &[("address", &address), ("key", &own)])?);
        for request in server.incoming_requests() {
            // One at a time: a witness that is asked twice at once must not cosign two histories.
            if let Err(error) = answer(request, &mut book) {
                return Err(of_ledger(error));
            }
        }
        Ok(())
    }
}

/// Answer one request. Errors: the memory could not be kept; then the witness stops.
fn answer(mut request: Request, book: &mut WitnessBook) -> Result<(), LedgerError> {
    let (status, body, media_type) = if request.url() != "/add-checkpoint" {
        (404, "ask `POST /add-checkpoint`\n".to_owned(), "text/plain")
    } else if *request.method() != Method::Post {
        (405, "ask with POST\n".to_owned(), "text/plain")
    } else {
        let mut bytes = Vec::new();
        match request.as_reader().take(REQUEST_BYTES + 1).read_to_end(&mut bytes) {
            Ok(size) if size as u64 > REQUEST_BYTES => (413, "the request is too long\n".to_owned(), "text/plain"),
            Ok(_) => cosigned(&bytes, book)?,
            Err(error) => (400, format!("cannot read the request: {error}\n"), "text/plain"),
        }
    };
    let mut response = Response::from_string(body).with_status_code(status);
    if let Ok(header) = Header::from_bytes("Content-Type", media_type) {
        response.add_header(header);
    }
    // Whoever asked may have gone; the memory is kept all the same.
    let _ = request.respond(response);
    Ok(())
}

fn cosigned(bytes: &[u8], book: &mut WitnessBook) -> Result<(u16, String, &'static str), LedgerError> {
    let asked = match AddCheckpoint::parse(bytes) {
        Ok(asked) => asked,
        Err(error) => return Ok((400, format!("{error}\n"), "text/plain")),
    };
    Ok(match book.cosign(&asked, since_epoch().as_secs())? {
        Ok(line) => (200, format!("{line}\n"), "text/plain"),
        Err(refusal) => {
            let media_type = match refusal {
                Refusal::OtherSize(_) | Refusal::OtherRoot(_) => SIZE_MEDIA_TYPE,
                _ => "text/plain",
            };
            (refusal.status(), refusal.body(), media_type)
        }
    })
}

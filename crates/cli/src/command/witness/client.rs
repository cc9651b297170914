use gongdao_ledger::{ErrorKind, LedgerError, Reader, Storage, Witness};
use gongdao_merkle::{AddCheckpoint, Origin, SignatureLine, parse_signature_lines, parse_size_answer};
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER_BYTES: u64 = 64 << 10;

/// A witness that is asked over HTTP about the log in a folder.
pub(crate) struct HttpWitness {
    url: String,
    storage: Arc<dyn Storage>,
    agent: ureq::Agent,
}

impl HttpWitness {
    pub(crate) fn new(url: &str, storage: Arc<dyn Storage>) -> Self {
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false).build();
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        Self { url, storage, agent: config.into() }
    }

    /// Have the folder's checkpoint cosigned: ask how far the witness is, then prove from there.
    pub(crate) fn cosign(&self, reader: &Reader) -> Result<Vec<SignatureLine>, LedgerError> {
        let (status, body) = self.ask(&reader.add_checkpoint(0)?)?;
        let (status, body) = match status {
            409 => self.ask(&reader.add_checkpoint(parse_size_answer(&body)?)?)?,
            _ => (status, body),
        };
        match status {
            200 => Ok(parse_signature_lines(&String::from_utf8_lossy(&body))?),
            _ => Err(refused(format!("answered {status}: {}", String::from_utf8_lossy(&body).trim()))),
        }
    }

    fn ask(&self, request: &AddCheckpoint) -> Result<(u16, Vec<u8>), LedgerError> {
        let failed = |error: ureq::Error| refused(format!("cannot be asked: {error}"));
        let mut response = self.agent.post(&self.url).send(request.to_string()).map_err(failed)?;
        let body = response.body_mut().with_config().limit(ANSWER_BYTES).read_to_vec().map_err(failed)?;
        Ok((response.status().as_u16(), body))
    }
}

impl Witness for HttpWitness {
    fn name(&self) -> String {
        self.url.clone()
    }

    /// Asked with the folder's own checkpoint from size 0: a witness that knows the log answers with the size it knows; one
    /// that does not cosigns this one, which it was to see anyway.
    fn size_of(&self, _: &Origin) -> Result<u64, LedgerError> {
        let reader = Reader::open(Arc::clone(&self.storage))?;
        match self.ask(&reader.add_checkpoint(0)?)? {
            (200, _) => Ok(reader.size()),
            (409, body) => Ok(parse_size_answer(&body)?),
            (status, body) => Err(refused(format!("answered {status}: {}", String::from_utf8_lossy(&body).trim()))),
        }
    }
}

fn refused(message: String) -> LedgerError {
    let hint = "check its address, and that it watches this log";
    LedgerError { kind: ErrorKind::Closed, message, hint }
}

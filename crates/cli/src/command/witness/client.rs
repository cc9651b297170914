use crate::command::output::{BAD_DATA, Fault, NO_INPUT};
use gongdao_ledger::{ErrorKind, LedgerError, Reader, Storage, Witness};
use gongdao_merkle::{AddCheckpoint, Origin, SignatureLine, parse_signature_lines, parse_size_answer};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, TlsProvider, parse_pem};

const PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of an answer at most.
const ANSWER_BYTES: u64 = 64 << 10;

/// Whose certificates are believed. None are built in: a witness may well have one of its own network's authority.
pub(crate) struct Authorities(Arc<Vec<Certificate<'static>>>);

impl Authorities {
    /// Read certificates in PEM; other things in the file are passed over. Errors: none is there.
    pub(crate) fn read(path: &Path) -> Result<Self, Vec<Fault>> {
        let at = |code: u8, message: String| {
            let hint = "name a file of certificates in PEM, `-----BEGIN CERTIFICATE-----`".to_owned();
            vec![Fault { file: Some(path.display().to_string()), ..Fault::new(code, message, Some(hint)) }]
        };
        let bytes =
            std::fs::read(path).map_err(|error| at(NO_INPUT, format!("cannot read the authorities: {error}")))?;
        let mut certificates = Vec::new();
        for item in parse_pem(&bytes) {
            let item = item.map_err(|error| at(BAD_DATA, format!("the authorities cannot be read: {error}")))?;
            if let PemItem::Certificate(certificate) = item {
                certificates.push(certificate);
            }
        }
        if certificates.is_empty() {
            return Err(at(BAD_DATA, "no certificate is in the file".to_owned()));
        }
        Ok(Self(Arc::new(certificates)))
    }

    fn tls(&self) -> TlsConfig {
        TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::Specific(Arc::clone(&self.0)))
            .build()
    }
}

/// A witness that is asked over HTTP, with TLS or without, about the log in a folder.
pub(crate) struct HttpWitness {
    url: String,
    storage: Arc<dyn Storage>,
    agent: ureq::Agent,
}

impl HttpWitness {
    /// Errors: TLS, and no authorities.
    pub(crate) fn new(
        url: &str,
        storage: Arc<dyn Storage>,
        authorities: Option<&Authorities>,
    ) -> Result<Self, Vec<Fault>> {
        let is_tls = url.starts_with("https://");
        let config = ureq::Agent::config_builder().timeout_global(Some(PATIENCE)).http_status_as_error(false);
        let config = match authorities {
            Some(authorities) if is_tls => config.https_only(true).tls_config(authorities.tls()),
            None if is_tls => {
                let hint = "name the file of whoever certifies it with `--witness-ca`".to_owned();
                let message = format!("nobody is named to believe that `{url}` is the witness");
                return Err(vec![Fault::new(BAD_DATA, message, Some(hint))]);
            }
            _ => config,
        };
        let url = format!("{}/add-checkpoint", url.trim_end_matches('/'));
        Ok(Self { url, storage, agent: config.build().into() })
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

//! What a witness remembers: for each log the size and root that it cosigned last. One step checks, keeps and signs.

use crate::LedgerError;
use crate::cbor::Value;
use crate::storage::{Disk, Storage};
use gongdao_merkle::{AddCheckpoint, NoteSigner, Refusal, RootHash, SignatureLine, VerifierKey};
use std::collections::BTreeMap;
use std::sync::Arc;

const NAME: &str = "witnessed";

/// A witness's memory and keys (C2SP tlog-witness). A union, a regulator or a university runs one.
pub struct WitnessBook {
    disk: Disk,
    signer: NoteSigner,
    logs: Vec<VerifierKey>,
    // INVARIANT: as in the file; a size never goes down.
    known: BTreeMap<String, (u64, RootHash)>,
    /// Given up last: two programs with one memory could cosign two histories.
    _lock: Box<dyn Send>,
}

impl WitnessBook {
    /// Open the memory in a folder; empty where there is none. `logs` are the keys of the logs that it watches.
    ///
    /// Errors: another program has it; a file that cannot be read.
    pub fn open(storage: Arc<dyn Storage>, signer: NoteSigner, logs: Vec<VerifierKey>) -> Result<Self, LedgerError> {
        let disk = Disk(storage);
        let lock = disk.lock()?;
        let known = disk.read(NAME)?.map_or(Ok(BTreeMap::new()), |bytes| parse(&bytes))?;
        Ok(Self { disk, signer, logs, known, _lock: lock })
    }

    /// The size that it cosigned last for a log; 0 where it cosigned none.
    pub fn size_of(&self, origin: &str) -> u64 {
        self.known.get(origin).map_or(0, |(size, _)| *size)
    }

    /// Answer an `add-checkpoint` request at a time in seconds since 1970: the cosignature, or why not. It is kept durably
    /// before it is given.
    ///
    /// Errors: the disk; then nothing was cosigned.
    pub fn cosign(&mut self, request: &AddCheckpoint, at: u64) -> Result<Result<SignatureLine, Refusal>, LedgerError> {
        let origin = request.checkpoint.unverified().origin.as_str().to_owned();
        let checked = match request.check(&self.logs, self.known.get(&origin).copied()) {
            Ok(checked) => (checked.size, checked.root),
            Err(refusal) => return Ok(Err(refusal)),
        };
        let mut known = self.known.clone();
        if known.insert(origin, checked) != Some(checked) {
            self.disk.replace(NAME, &encode(&known))?;
            self.known = known;
        }
        Ok(Ok(self.signer.cosign(request.checkpoint.note().text(), at)))
    }
}

fn encode(known: &BTreeMap<String, (u64, RootHash)>) -> Vec<u8> {
    let lines = known.iter().map(|(origin, (size, root))| {
        Value::List(vec![Value::Text(origin.clone()), Value::unsigned(*size), Value::Bytes(root.as_bytes().to_vec())])
    });
    Value::List(lines.collect()).to_bytes()
}

fn parse(bytes: &[u8]) -> Result<BTreeMap<String, (u64, RootHash)>, LedgerError> {
    let refused = || {
        LedgerError::evidence(
            format!("`{NAME}` cannot be read"),
            "restore it; a witness that forgot must not cosign for the same logs again",
        )
    };
    let value = Value::parse(bytes).map_err(|error| error.at(format_args!("`{NAME}`")))?;
    let lines = value.as_list().ok_or_else(refused)?.iter().map(|line| {
        let Some([Value::Text(origin), size, Value::Bytes(root)]) = line.as_list() else { return Err(refused()) };
        Ok((origin.clone(), (size.as_unsigned().ok_or_else(refused)?, RootHash::try_from(root.as_slice())?)))
    });
    lines.collect()
}

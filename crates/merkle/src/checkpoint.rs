use crate::base64::shortened;
use crate::{MerkleError, Note, NoteSigner, RootHash, SignatureLine, VerifierKey};
use std::fmt;
use std::str::FromStr;

/// Unique identifier of a log, the first line of its checkpoints; better a URL without its scheme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The line as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = MerkleError;
    fn from_str(text: &str) -> Result<Self, MerkleError> {
        if text.is_empty() || text.contains(|sign: char| sign < ' ') {
            return Err(MerkleError::new(
                format!("`{}` is no origin", shortened(text)),
                "use one line like `example.com/log`",
            ));
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a checkpoint says: how many leaves a log had, and their root (C2SP tlog-checkpoint).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log.
    pub origin: Origin,
    /// Leaves.
    pub size: u64,
    /// Root of the tree of these leaves.
    pub root: RootHash,
    /// Further lines, opaque; better none.
    pub extensions: Vec<String>,
}

/// A checkpoint with its note; signatures are not checked yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl Checkpoint {
    /// Read the text of a checkpoint. Errors: fewer than three lines; an empty line; a size with leading zeros; a root
    /// that is not 32 bytes.
    pub fn parse(text: &str) -> Result<Self, MerkleError> {
        let body = text.strip_suffix('\n').ok_or_else(|| malformed("the checkpoint does not end in a newline"))?;
        let mut lines = body.split('\n');
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(malformed("the checkpoint has fewer than three lines"));
        };
        let extensions: Vec<String> = lines.map(str::to_owned).collect();
        if extensions.iter().any(String::is_empty) {
            return Err(malformed("the checkpoint has an empty line"));
        }
        Ok(Self {
            origin: origin.parse()?,
            size: parse_decimal(size).map_err(|error| error.at("line 2 of the checkpoint"))?,
            root: root.parse::<RootHash>().map_err(|error| error.at("line 3 of the checkpoint"))?,
            extensions,
        })
    }

    /// The checkpoint signed by the log.
    pub fn sign(self, signer: &NoteSigner) -> Result<SignedCheckpoint, MerkleError> {
        let text = self.to_string();
        let line = signer.sign(&text);
        Ok(SignedCheckpoint { checkpoint: self, note: Note::new(text, vec![line])? })
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n{}\n{}", self.origin, self.size, self.root)?;
        self.extensions.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl SignedCheckpoint {
    /// Read a checkpoint with its signatures, without checking them.
    pub fn parse(bytes: &[u8]) -> Result<Self, MerkleError> {
        let note = Note::parse(bytes)?;
        Ok(Self { checkpoint: Checkpoint::parse(note.text())?, note })
    }

    /// What it says, whoever signed it. Rely on it only after [`Self::verify`] or a policy's check.
    pub fn unverified(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note with all signature lines.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Check that the log signed it: the key's name must be the origin.
    pub fn verify(&self, log: &VerifierKey) -> Result<&Checkpoint, MerkleError> {
        if log.name().as_str() != self.checkpoint.origin.as_str() {
            return Err(MerkleError::new(
                format!("the checkpoint is of `{}`, the key of `{}`", self.checkpoint.origin, log.name()),
                "give the key of the log that issued the checkpoint",
            ));
        }
        self.note.verify(std::slice::from_ref(log))?;
        Ok(&self.checkpoint)
    }

    /// The keys among these that are the log's own: of its origin and, where it has any such, of a type that is checked here.
    pub(crate) fn keys_of_log(&self, known: &[VerifierKey]) -> Vec<VerifierKey> {
        let of_log: Vec<VerifierKey> =
            known.iter().filter(|key| key.name().as_str() == self.checkpoint.origin.as_str()).cloned().collect();
        let verifiable: Vec<VerifierKey> = of_log.iter().filter(|key| key.is_verifiable()).cloned().collect();
        if verifiable.is_empty() { of_log } else { verifiable }
    }

    /// Add a witness's line after the others.
    pub fn add(&mut self, line: SignatureLine) {
        self.note.add(line);
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

/// A decimal number of 64 bits without sign or leading zeros.
pub(crate) fn parse_decimal(text: &str) -> Result<u64, MerkleError> {
    let number = text.parse::<u64>().ok().filter(|number| number.to_string() == text);
    number.ok_or_else(|| {
        MerkleError::new(
            format!("`{}` is no number", shortened(text)),
            "write it in decimal digits, without leading zeros, below 2^64",
        )
    })
}

fn malformed(message: &str) -> MerkleError {
    MerkleError::new(message, "a checkpoint is origin, size and root hash, each on its line (C2SP tlog-checkpoint)")
}

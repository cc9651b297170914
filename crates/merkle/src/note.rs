use crate::base64::{decode_base64, encode_base64, shortened};
use crate::{KeyId, KeyName, MerkleError, VerifierKey};
use std::fmt;

/// Signature lines of a note at most; the specification asks for at least 16.
const SIGNATURE_CAP: usize = 128;
/// Bytes of a note at most: 128 ML-DSA-44 signatures in Base64 fit.
const NOTE_BYTES_CAP: usize = 1 << 20;
const SIGNATURE_START: &str = "— ";

/// A signed note: text and signature lines (C2SP signed-note). Parsing checks the form and no signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<SignatureLine>,
}

/// One signature line. Kept whole whatever its type, so that a line which nobody here understands is passed on unchanged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureLine {
    /// Who signed, by name.
    pub name: KeyName,
    /// With which key and type.
    pub id: KeyId,
    /// What the type puts after the key id.
    pub signature: Vec<u8>,
}

/// The lines of a note, told apart by the keys that a reader knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Keys whose signature was checked, in the order of their lines, each once.
    pub keys: Vec<VerifierKey>,
    /// Lines of no known key: unknown, nothing is said of them.
    pub foreign: Vec<SignatureLine>,
}

impl Note {
    /// A note of a text and its signatures. Errors: a text that is empty, has other control characters than newlines,
    /// or does not end in one.
    pub fn new(text: impl Into<String>, signatures: Vec<SignatureLine>) -> Result<Self, MerkleError> {
        let text = text.into();
        check_text(&text)?;
        Ok(Self { text, signatures })
    }

    /// Read a note with at least one signature. Errors: whatever the specification refuses, with the line.
    pub fn parse(bytes: &[u8]) -> Result<Self, MerkleError> {
        if bytes.len() > NOTE_BYTES_CAP {
            return Err(malformed(format!("a note of {} bytes", bytes.len())));
        }
        let whole = str::from_utf8(bytes).map_err(|_| malformed("the note is not UTF-8"))?;
        check_text(whole)?;
        let split = whole.rfind("\n\n").ok_or_else(|| malformed("the note has no empty line before its signatures"))?;
        let (text, rest) = whole.split_at_checked(split + 1).unwrap_or((whole, ""));
        let lines = rest.strip_prefix('\n').unwrap_or(rest);
        let signatures = parse_signature_lines(lines)?;
        if signatures.is_empty() {
            return Err(malformed("the note has no signature"));
        }
        check_text(text)?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// The text that is signed, with its last newline.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines, in their order.
    pub fn signatures(&self) -> &[SignatureLine] {
        &self.signatures
    }

    /// Append a signature line.
    pub fn add(&mut self, line: SignatureLine) {
        self.signatures.push(line);
    }

    /// Check the signatures of the known keys.
    ///
    /// Errors: a known key's signature does not fit the text; no line is of a known key. Lines of unknown keys come back
    /// as foreign. Two known keys with the same name and id are an error: nobody could tell whose line it is.
    pub fn verify(&self, known: &[VerifierKey]) -> Result<Verified, MerkleError> {
        let mut keys: Vec<VerifierKey> = Vec::new();
        let mut foreign = Vec::new();
        for line in &self.signatures {
            let mut named = known.iter().filter(|key| *key.name() == line.name && key.id() == line.id);
            let Some(key) = named.next() else {
                if !foreign.contains(line) {
                    foreign.push(line.clone());
                }
                continue;
            };
            if named.any(|other| other != key) {
                return Err(MerkleError::new(
                    format!("two known keys are named `{}` with id `{}`", line.name, line.id),
                    "give one of them another name",
                ));
            }
            if keys.contains(key) {
                continue;
            }
            key.verify(&self.text, &line.signature)?;
            keys.push(key.clone());
        }
        if keys.is_empty() {
            return Err(MerkleError::new(
                "no signature is by a known key",
                "give the verifier key of the log or witness, or do not trust the note",
            ));
        }
        Ok(Verified { keys, foreign })
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        writeln!(f)?;
        self.signatures.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for SignatureLine {
    /// Without the newline at its end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [self.id.as_bytes().as_slice(), &self.signature].concat();
        write!(f, "{SIGNATURE_START}{} {}", self.name, encode_base64(&bytes))
    }
}

/// Signature lines, each ended by a newline; none at all is no error here.
pub fn parse_signature_lines(text: &str) -> Result<Vec<SignatureLine>, MerkleError> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (line, after) =
            rest.split_once('\n').ok_or_else(|| malformed("the last signature line lacks its newline"))?;
        if lines.len() == SIGNATURE_CAP {
            return Err(malformed(format!("more than {SIGNATURE_CAP} signatures")));
        }
        lines.push(parse_signature_line(line)?);
        rest = after;
    }
    Ok(lines)
}

fn parse_signature_line(line: &str) -> Result<SignatureLine, MerkleError> {
    let refused = || malformed(format!("`{}` is no signature line", shortened(line)));
    let (name, base64) =
        line.strip_prefix(SIGNATURE_START).and_then(|rest| rest.split_once(' ')).ok_or_else(refused)?;
    let name: KeyName = name.parse()?;
    let bytes = decode_base64(base64)?;
    let (id, signature) = bytes.split_first_chunk::<4>().filter(|(_, rest)| !rest.is_empty()).ok_or_else(refused)?;
    Ok(SignatureLine { name, id: KeyId::from_bytes(*id), signature: signature.to_vec() })
}

fn check_text(text: &str) -> Result<(), MerkleError> {
    if let Some(at) = text.bytes().position(|byte| byte < b' ' && byte != b'\n') {
        return Err(malformed(format!("a control character at byte {at} of the note")));
    }
    if text.ends_with('\n') { Ok(()) } else { Err(malformed("the note does not end in a newline")) }
}

fn malformed(message: impl Into<String>) -> MerkleError {
    MerkleError::new(
        message,
        "a note is text, an empty line and signature lines, each ended by a newline (C2SP signed-note)",
    )
}

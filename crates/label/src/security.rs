//! Security data in the reserved codes (TC260-PG-202511A) and its SM2 signature (GB/T 32918) over the label. The key
//! travels in the file: a signature that fits shows that the label was not changed since, not who signed.

use crate::model::json::{self, Json};
use crate::model::{Finding, FindingKind, FoundLabel, Key};
use sm2::dsa::signature::Verifier;
use sm2::dsa::{Signature, VerifyingKey};
use sm3::{Digest, Sm3};

/// The user identity that GB/T 35276 gives where none is agreed.
const USER: &str = "1234567812345678";
const SM2_SIGNATURE: &str = "1.2.156.10197.1.501";
const POINT: usize = 65;

/// What a reserved code's signature turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The reserved code it stands in.
    pub key: Key,
    /// What came out.
    pub outcome: SignatureOutcome,
}

/// What came out of checking a signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignatureOutcome {
    /// It fits the label.
    Fits {
        /// Over the text itself, or over its SM3 digest.
        over: SignedText,
        /// The public key as it stands in the file; compare it with one that is known to be the producer's.
        public_key: String,
    },
    /// It does not fit in any known way of signing.
    Wrong,
    /// It cannot be checked, and why.
    Open(String),
}

/// What was signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignedText {
    /// The inner text of the first three keys.
    Text,
    /// The SM3 digest of that text, as the message.
    Digest,
}

impl Checked {
    pub(crate) fn finding(&self) -> Option<Finding> {
        match &self.outcome {
            SignatureOutcome::Fits { .. } => None,
            SignatureOutcome::Wrong => Some(Finding::new(FindingKind::SignatureWrong, Some(self.key), "")),
            SignatureOutcome::Open(why) => Some(Finding::new(FindingKind::SignatureOpen, Some(self.key), why)),
        }
    }
}

/// Checks the security data of both reserved codes. A code without any is not in the list.
pub(crate) fn check(label: &FoundLabel) -> Vec<Checked> {
    let of = |key: Key| {
        let data = json::read(label.stated(key)?).ok()?.member("SecurityData")?.clone();
        // What the propagator signs is not known (see docs/formats/label.md).
        let outcome = if key == Key::ReservedCode2 {
            SignatureOutcome::Open("what a propagator signs is not published".to_owned())
        } else {
            outcome(label, &data)
        };
        Some(Checked { key, outcome })
    };
    [Key::ReservedCode1, Key::ReservedCode2].into_iter().filter_map(of).collect()
}

/// The text that a producer signs: the first three members, as JSON without braces.
pub(crate) fn signed_text(label: &FoundLabel) -> String {
    let member = |key: Key| format!("\"{key}\":{}", serde_json::Value::from(label.value(key).unwrap_or_default()));
    [Key::Label, Key::ContentProducer, Key::ProduceId].map(member).join(",")
}

fn outcome(label: &FoundLabel, data: &Json) -> SignatureOutcome {
    match parts(data) {
        Err(why) => SignatureOutcome::Open(why),
        Ok(Parts { signature, keys, public_key }) => {
            let text = signed_text(label);
            let digest = Sm3::digest(text.as_bytes());
            for key in &keys {
                let fits = |message: &[u8]| key.verify(message, &signature).is_ok();
                let over = if fits(text.as_bytes()) {
                    SignedText::Text
                } else if fits(&digest) {
                    SignedText::Digest
                } else {
                    continue;
                };
                return SignatureOutcome::Fits { over, public_key };
            }
            SignatureOutcome::Wrong
        }
    }
}

struct Parts {
    signature: Signature,
    keys: Vec<VerifyingKey>,
    public_key: String,
}

fn parts(data: &Json) -> Result<Parts, String> {
    let list = data.member("PubSD").or_else(|| data.member("PubSd"));
    let Some(Json::List(items)) = list else { return Err("it has no list `PubSD`".to_owned()) };
    let item = |kind: &str| items.iter().find(|item| item.member("Type").and_then(Json::text) == Some(kind));
    let signature = item("DS").ok_or("it has no signature")?;
    let algorithm = signature.member("AlgID").and_then(Json::text).unwrap_or_default();
    if algorithm != SM2_SIGNATURE {
        return Err(format!("algorithm `{algorithm}` is not SM2"));
    }
    let text = |item: &Json, name: &str| item.member(name).and_then(Json::text).and_then(bytes);
    let raw = text(signature, "Signature").ok_or("its signature is not hexadecimal")?;
    let signature = signature_of(&raw).ok_or("its signature is not one of SM2")?;
    let key = item("PubKey").ok_or("it has no public key")?;
    let raw = text(key, "KeyValue").ok_or("its public key is not hexadecimal")?;
    let keys = keys_of(&raw);
    if keys.is_empty() {
        return Err("its public key is not one of SM2".to_owned());
    }
    let public_key = key.member("KeyValue").and_then(Json::text).unwrap_or_default().to_owned();
    Ok(Parts { signature, keys, public_key })
}

/// A key as a whole point, at the end of its DER (SPKI), or as `00` and one coordinate, which leaves two points.
fn keys_of(raw: &[u8]) -> Vec<VerifyingKey> {
    let key = |point: &[u8]| VerifyingKey::from_sec1_bytes(USER, point).ok();
    if let Some((_, point)) = raw.len().checked_sub(POINT).and_then(|at| raw.split_at_checked(at))
        && let Some(key) = key(point)
    {
        return vec![key];
    }
    let coordinate = raw.len().checked_sub(32).and_then(|at| raw.get(at..)).unwrap_or_default();
    [2, 3].into_iter().filter_map(|sign| key(&[&[sign], coordinate].concat())).collect()
}

/// DER of two numbers, or the two numbers of 32 bytes.
fn signature_of(raw: &[u8]) -> Option<Signature> {
    let fixed = match raw.split_first()? {
        (0x30, _) if raw.len() != 64 => {
            let (first, rest) = integer(raw.get(2..)?)?;
            let (second, rest) = integer(rest)?;
            rest.is_empty().then_some([first, second].concat())?
        }
        _ => raw.to_vec(),
    };
    Signature::from_slice(&fixed).ok()
}

fn integer(bytes: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let (head, rest) = bytes.split_at_checked(2)?;
    let [2, length] = head else { return None };
    let (body, rest) = rest.split_at_checked(usize::from(*length))?;
    let digits = body.iter().skip_while(|byte| **byte == 0).copied().collect::<Vec<_>>();
    let pad = 32_usize.checked_sub(digits.len())?;
    Some(([vec![0; pad], digits].concat(), rest))
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    let byte = |pair: &[u32; 2]| u8::try_from(pair.iter().fold(0, |sum, digit| sum * 16 + digit)).ok();
    digits.as_chunks::<2>().0.iter().map(byte).collect()
}

use crate::base64::shortened;
use crate::{Checkpoint, KeyKind, MerkleError, SignedCheckpoint, VerifierKey};
use std::collections::BTreeMap;
use std::str::FromStr;

/// Lines of a kind at most; the specification asks for at least 32 of each.
const KIND_CAP: usize = 256;

/// When a checkpoint is believed: which logs, and which cosignatures together suffice (C2SP tlog-policy).
///
/// Names are octet strings in the specification; here a policy must be UTF-8, and names are compared byte by byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    logs: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
    urls: BTreeMap<String, String>,
    // INVARIANT: members come before their group.
    members: Vec<Member>,
    quorum: Quorum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quorum {
    NoneNeeded,
    Of(usize),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Member {
    Witness { key: usize },
    Group { threshold: usize, of: Vec<usize> },
}

impl Policy {
    /// A policy of one log and no cosignatures.
    pub fn of_log(log: VerifierKey) -> Self {
        Self {
            logs: vec![log],
            witnesses: Vec::new(),
            urls: BTreeMap::new(),
            members: Vec::new(),
            quorum: Quorum::NoneNeeded,
        }
    }

    /// The same logs, with no cosignature asked for: tells a checkpoint that nobody signed from one that lacks witnesses.
    #[must_use]
    pub fn without_quorum(&self) -> Self {
        Self { quorum: Quorum::NoneNeeded, ..self.clone() }
    }

    /// The logs that are believed, any of them.
    pub fn logs(&self) -> &[VerifierKey] {
        &self.logs
    }

    /// The witnesses that count.
    pub fn witnesses(&self) -> &[VerifierKey] {
        &self.witnesses
    }

    /// The URL that stood beside a log's or witness's key.
    pub fn url(&self, key: &VerifierKey) -> Option<&str> {
        self.urls.get(&key.to_string()).map(String::as_str)
    }

    /// Check that one of the logs signed the checkpoint and that the cosignatures make the quorum.
    ///
    /// Errors: no log's signature, or one that does not fit; too few cosignatures. A cosignature that does not fit counts as
    /// none.
    pub fn verify<'a>(&self, signed: &'a SignedCheckpoint) -> Result<&'a Checkpoint, MerkleError> {
        let origin = signed.unverified().origin.as_str();
        let log = signed.keys_of_log(&self.logs);
        if log.is_empty() {
            return Err(MerkleError::new(
                format!("the policy does not know the log `{origin}`"),
                "use the policy of this log, or add its key",
            ));
        }
        signed.note().verify(&log)?;
        let cosigned: Vec<bool> = self.witnesses.iter().map(|key| is_signed_by(signed, key)).collect();
        let mut met: Vec<bool> = Vec::with_capacity(self.members.len());
        for member in &self.members {
            met.push(match member {
                Member::Witness { key } => cosigned.get(*key).copied().unwrap_or(false),
                Member::Group { threshold, of } => {
                    of.iter().filter(|at| met.get(**at).copied().unwrap_or(false)).count() >= *threshold
                }
            });
        }
        let enough = match self.quorum {
            Quorum::NoneNeeded => true,
            Quorum::Of(at) => met.get(at).copied().unwrap_or(false),
        };
        if enough {
            return Ok(signed.unverified());
        }
        let count = cosigned.iter().filter(|has| **has).count();
        Err(MerkleError::new(
            format!("{count} of {} witnesses cosigned, which is no quorum", cosigned.len()),
            "wait for more cosignatures, or fetch the checkpoint again",
        ))
    }
}

/// A line that does not fit counts as none, so that one bad witness cannot make a quorum of others worthless.
fn is_signed_by(signed: &SignedCheckpoint, key: &VerifierKey) -> bool {
    signed.note().verify(std::slice::from_ref(key)).is_ok()
}

impl FromStr for Policy {
    type Err = MerkleError;

    /// Errors: whatever the specification refuses, with the line.
    fn from_str(text: &str) -> Result<Self, MerkleError> {
        let mut reader = Reader::default();
        if !text.is_empty() && !text.ends_with('\n') {
            return Err(malformed("the policy does not end in a newline"));
        }
        for (at, line) in text.strip_suffix('\n').unwrap_or(text).split('\n').enumerate() {
            reader.line(line).map_err(|error| error.at(format_args!("line {} of the policy", at + 1)))?;
        }
        let quorum = reader.quorum.ok_or_else(|| malformed("the policy has no quorum line"))?;
        let Reader { logs, witnesses, urls, members, .. } = reader;
        Ok(Self { logs, witnesses, urls, members, quorum })
    }
}

#[derive(Default)]
struct Reader {
    logs: Vec<VerifierKey>,
    witnesses: Vec<VerifierKey>,
    urls: BTreeMap<String, String>,
    members: Vec<Member>,
    names: BTreeMap<String, usize>,
    taken: Vec<usize>,
    quorum: Option<Quorum>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), MerkleError> {
        if line.contains(|sign: char| (sign < ' ' && sign != '\t') || sign == '\u{7f}') {
            return Err(malformed("a control character"));
        }
        let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
        let Some(first) = words.next() else { return Ok(()) };
        let words: Vec<&str> = words.collect();
        match (first, words.as_slice()) {
            (comment, _) if comment.starts_with('#') => Ok(()),
            ("log", [key]) => self.log(key, None),
            ("log", [key, url]) => self.log(key, Some(url)),
            ("witness", [name, key]) => self.witness(name, key, None),
            ("witness", [name, key, url]) => self.witness(name, key, Some(url)),
            ("group", [name, threshold, of @ ..]) if !of.is_empty() => self.group(name, threshold, of),
            ("quorum", [name]) => self.quorum(name),
            _ => Err(malformed(format!("`{}` is no line of a policy", shortened(line)))),
        }
    }

    fn log(&mut self, key: &str, url: Option<&str>) -> Result<(), MerkleError> {
        let key: VerifierKey = key.parse()?;
        if !matches!(key.kind(), KeyKind::Ed25519(_) | KeyKind::CosignatureMlDsa44(_)) {
            return Err(malformed(format!("key `{}` is not of a type that logs sign with", key.name())));
        }
        keep(&mut self.logs, &mut self.urls, key, url)
    }

    fn witness(&mut self, name: &str, key: &str, url: Option<&str>) -> Result<(), MerkleError> {
        let key: VerifierKey = key.parse()?;
        if !matches!(key.kind(), KeyKind::CosignatureEd25519(_) | KeyKind::CosignatureMlDsa44(_)) {
            return Err(malformed(format!("key `{}` is not of a type that witnesses cosign with", key.name())));
        }
        let at = self.witnesses.len();
        keep(&mut self.witnesses, &mut self.urls, key, url)?;
        self.define(name, Member::Witness { key: at })
    }

    fn group(&mut self, name: &str, threshold: &str, of: &[&str]) -> Result<(), MerkleError> {
        let threshold = match threshold {
            "any" => 1,
            "all" => of.len(),
            number => crate::checkpoint::parse_decimal(number)
                .ok()
                .and_then(|number| usize::try_from(number).ok())
                .filter(|number| (1..=of.len()).contains(number))
                .ok_or_else(|| malformed(format!("threshold `{number}` of {} members", of.len())))?,
        };
        let mut members = Vec::with_capacity(of.len());
        for member in of {
            let at = self.named(member)?;
            if self.taken.contains(&at) {
                return Err(malformed(format!("`{}` is a member twice", shortened(member))));
            }
            self.taken.push(at);
            members.push(at);
        }
        self.define(name, Member::Group { threshold, of: members })
    }

    fn quorum(&mut self, name: &str) -> Result<(), MerkleError> {
        let quorum = if name == "none" { Quorum::NoneNeeded } else { Quorum::Of(self.named(name)?) };
        if self.quorum.replace(quorum).is_some() {
            return Err(malformed("a second quorum line"));
        }
        Ok(())
    }

    fn named(&self, name: &str) -> Result<usize, MerkleError> {
        let at = self.names.get(name).copied();
        at.ok_or_else(|| malformed(format!("`{}` is not defined on an earlier line", shortened(name))))
    }

    fn define(&mut self, name: &str, member: Member) -> Result<(), MerkleError> {
        if self.members.len() >= 2 * KIND_CAP {
            return Err(malformed(format!("more than {} witnesses and groups", 2 * KIND_CAP)));
        }
        if name == "none" || self.names.insert(name.to_owned(), self.members.len()).is_some() {
            return Err(malformed(format!("the name `{}` is taken", shortened(name))));
        }
        self.members.push(member);
        Ok(())
    }
}

fn keep(
    keys: &mut Vec<VerifierKey>,
    urls: &mut BTreeMap<String, String>,
    key: VerifierKey,
    url: Option<&str>,
) -> Result<(), MerkleError> {
    if keys.len() >= KIND_CAP {
        return Err(malformed(format!("more than {KIND_CAP} keys of a kind")));
    }
    if keys.iter().any(|other| other.public_bytes() == key.public_bytes()) {
        return Err(malformed(format!("the key of `{}` stands twice", key.name())));
    }
    if let Some(url) = url {
        urls.insert(key.to_string(), url.to_owned());
    }
    keys.push(key);
    Ok(())
}

fn malformed(message: impl Into<String>) -> MerkleError {
    MerkleError::new(message, "see C2SP tlog-policy for the lines of a policy file")
}

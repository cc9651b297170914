use crate::{
    Entry, EntryKind, GroupCommitment, GroupNumber, LedgerError, LoggedAt, RecordId, Salt, Tag, Value, commit_group,
    commit_record,
};
use gongdao_merkle::{Policy, TlogProof};

const VERSION: i64 = 1;

/// What shows the content of one group of a record to whoever holds it; the other groups stay hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The public entry.
    pub entry: Entry,
    /// Name of the record.
    pub record: RecordId,
    /// Which of its groups is shown.
    pub group: GroupNumber,
    /// The salt of that group. Belongs to whoever the group is about; do not publish it.
    pub salt: Salt,
    /// Commitments of all groups; nothing at the place of the shown one, which is worked out.
    pub others: Vec<Option<GroupCommitment>>,
    /// The group's bytes.
    pub bytes: Vec<u8>,
}

/// Proof that a record was logged, with the content of one group: a C2SP tlog-proof whose extra data is the opening
/// (docs/formats/ledger-receipt.md). Stays valid when the operator erased its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    proof: TlogProof,
    opening: Opening,
}

/// What a checked receipt says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// Place in the log.
    pub leaf: u64,
    /// What was recorded.
    pub kind: EntryKind,
    /// When, by the ledger's clock.
    pub logged_at: LoggedAt,
    /// Tags of the entry.
    pub tags: Vec<Tag>,
    /// Name of the record.
    pub record: RecordId,
    /// Which group is shown.
    pub group: GroupNumber,
    /// What the columns mean.
    pub schema: String,
    /// The columns.
    pub columns: Vec<Value>,
}

impl Opening {
    /// The CBOR list that stands in a receipt's extra line.
    pub fn to_bytes(&self) -> Vec<u8> {
        let others = self.others.iter().map(|other| match other {
            Some(commitment) => Value::Bytes(commitment.as_bytes().to_vec()),
            None => Value::Null,
        });
        Value::List(vec![
            Value::Int(VERSION),
            Value::Bytes(self.entry.to_bytes()),
            Value::Bytes(self.record.as_bytes().to_vec()),
            Value::Int(i64::from(self.group.0)),
            Value::Bytes(self.salt.as_bytes().to_vec()),
            Value::List(others.collect()),
            Value::Bytes(self.bytes.clone()),
        ])
        .to_bytes()
    }

    /// Errors: another encoding, version or shape.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let value = Value::parse(bytes).map_err(|error| error.at("the opening"))?;
        let Some(
            [
                Value::Int(VERSION),
                Value::Bytes(entry),
                Value::Bytes(record),
                group,
                Value::Bytes(salt),
                Value::List(others),
                Value::Bytes(bytes),
            ],
        ) = value.as_list()
        else {
            return Err(malformed("the opening has another shape or version"));
        };
        let group = group.as_unsigned().and_then(|group| u16::try_from(group).ok());
        let mut commitments = Vec::with_capacity(others.len());
        for other in others {
            commitments.push(match other {
                Value::Null => None,
                Value::Bytes(bytes) => Some(GroupCommitment::try_from(bytes.as_slice())?),
                _ => return Err(malformed("a commitment of the opening is none")),
            });
        }
        Ok(Self {
            entry: Entry::parse(entry)?,
            record: RecordId::try_from(record.as_slice())?,
            group: GroupNumber(group.ok_or_else(|| malformed("the group's number is none"))?),
            salt: Salt::try_from(salt.as_slice())?,
            others: commitments,
            bytes: bytes.clone(),
        })
    }

    /// Check that the group is what the entry commits to, and read it.
    pub(crate) fn open(&self, leaf: u64) -> Result<Opened, LedgerError> {
        let own = commit_group(self.salt, &self.bytes);
        let mut groups = Vec::with_capacity(self.others.len());
        let shown = usize::from(self.group.0);
        for (place, other) in self.others.iter().enumerate() {
            groups.push(match other {
                None if place == shown => own,
                Some(other) if place != shown => *other,
                _ => return Err(malformed("the opening shows another group than it names")),
            });
        }
        if groups.len() <= shown || commit_record(&groups)? != self.entry.commitment {
            return Err(LedgerError::evidence(
                "the content is not what the entry commits to",
                "the content was changed, or belongs to another entry: do not rely on it",
            ));
        }
        let (schema, columns) = read_group(&self.bytes)?;
        Ok(Opened {
            leaf,
            kind: self.entry.kind,
            logged_at: self.entry.logged_at,
            tags: self.entry.tags().to_vec(),
            record: self.record,
            group: self.group,
            schema,
            columns,
        })
    }
}

impl Receipt {
    /// A receipt of a proof and an opening. Whether they fit is for [`Self::verify`].
    pub fn new(mut proof: TlogProof, opening: Opening) -> Self {
        proof.extra = Some(opening.to_bytes());
        Self { proof, opening }
    }

    /// Read a `.tlog-proof` file with an opening. Errors: another form; no opening.
    pub fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let proof = TlogProof::parse(bytes)?;
        let extra = proof.extra.as_deref().ok_or_else(|| malformed("the receipt has no `extra` line"))?;
        let opening = Opening::parse(extra)?;
        Ok(Self { proof, opening })
    }

    /// Check it offline, with nothing from the operator: the policy accepts the checkpoint, the entry is in its tree, and
    /// the content is what the entry commits to.
    pub fn verify(&self, policy: &Policy) -> Result<Opened, LedgerError> {
        self.proof.verify(self.opening.entry.leaf_hash(), policy)?;
        self.opening.open(self.proof.index)
    }

    /// The proof with its checkpoint.
    pub fn proof(&self) -> &TlogProof {
        &self.proof
    }

    /// What it opens; not checked.
    pub fn opening(&self) -> &Opening {
        &self.opening
    }
}

impl std::fmt::Display for Receipt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.proof.fmt(f)
    }
}

/// Schema and columns of a group's bytes.
pub fn read_group(bytes: &[u8]) -> Result<(String, Vec<Value>), LedgerError> {
    let value = Value::parse(bytes).map_err(|error| error.at("the group"))?;
    match value.as_list().and_then(<[Value]>::split_first) {
        Some((Value::Text(schema), columns)) => Ok((schema.clone(), columns.to_vec())),
        _ => Err(malformed("the group does not begin with its schema")),
    }
}

fn malformed(message: &str) -> LedgerError {
    LedgerError::evidence(message, "see docs/formats/ledger-receipt.md; do not rely on it")
}

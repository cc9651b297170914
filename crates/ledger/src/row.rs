use crate::salt::fixed_bytes_at;
use crate::{Commitment, GroupCommitment, GroupNumber, LedgerError, Nonce, PersonId, RecordId, Scope, commit_record};
use std::ops::Range;

/// What the operator keeps of a record, beside its public entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Place of its entry in the log.
    pub leaf: u64,
    /// Name of the record.
    pub record: RecordId,
    /// Its groups; none for entries that are public as a whole.
    pub groups: Vec<RowGroup>,
}

/// One group of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowGroup {
    /// Kept when the content goes, so that the other groups can still be opened.
    pub commitment: GroupCommitment,
    /// The content, or what took it away.
    pub content: Content,
}

/// Content of a group. There is no third state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// It is there.
    Open {
        /// Whom it concerns; nobody for the shared group.
        person: Option<PersonId>,
        /// Number of the person's entry in its epoch, from 0.
        counter: u64,
        /// Makes the salt, together with the person's key.
        nonce: Nonce,
        /// Schema and columns.
        bytes: Vec<u8>,
    },
    /// It was erased.
    Erased {
        /// Place of the erasure entry.
        by: u64,
    },
}

impl Row {
    /// The commitment over its groups. Errors: no group.
    pub fn commitment(&self) -> Result<Commitment, LedgerError> {
        let groups: Vec<GroupCommitment> = self.groups.iter().map(|group| group.commitment).collect();
        commit_record(&groups)
    }

    /// Take the content of the scope's groups away. Returns whether there was any.
    pub(crate) fn erase(&mut self, scope: &Scope, by: u64) -> bool {
        let mut is_changed = false;
        for (number, group) in GroupNumber::all().zip(&mut self.groups) {
            let is_open = matches!(group.content, Content::Open { .. });
            if is_open && scope.contains(&(self.leaf, number)) {
                group.content = Content::Erased { by };
                is_changed = true;
            }
        }
        is_changed
    }

    /// The layout of docs/formats/ledger-folder.md.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(256);
        self.write(&mut bytes);
        bytes
    }

    pub(crate) fn write(&self, to: &mut Vec<u8>) {
        write_head(to, self.leaf, self.record, self.groups.len());
        for group in &self.groups {
            to.extend_from_slice(group.commitment.as_bytes());
            match &group.content {
                Content::Open { person, counter, nonce, bytes } => {
                    let person = person.as_ref().map_or("", PersonId::as_str);
                    write_open(to, person, *counter, *nonce, |to| to.extend_from_slice(bytes));
                }
                Content::Erased { by } => write_erased(to, *by),
            }
        }
    }

    /// Errors: bytes that end early, are left over, or are none of the states.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let row = (|| {
            let mut raw = RawRow::of(bytes)?;
            let groups = (0..raw.groups).map(|_| raw.next_group()?.group()).collect::<Option<Vec<_>>>()?;
            raw.is_at_end().then_some(Self { leaf: raw.leaf, record: raw.record, groups })
        })();
        row.ok_or_else(unreadable)
    }
}

pub(crate) fn unreadable() -> LedgerError {
    LedgerError::evidence("a row that cannot be read", "the file was damaged; restore it from a copy")
}

/// What stands before the groups.
pub(crate) fn write_head(to: &mut Vec<u8>, leaf: u64, record: RecordId, groups: usize) {
    to.extend_from_slice(&leaf.to_be_bytes());
    to.extend_from_slice(record.as_bytes());
    to.extend_from_slice(&u16::try_from(groups).unwrap_or(u16::MAX).to_be_bytes());
}

/// What stands after the commitment of a group that is there. Returns where its counter and its bytes are.
pub(crate) fn write_open(
    to: &mut Vec<u8>,
    person: &str,
    counter: u64,
    nonce: Nonce,
    content: impl FnOnce(&mut Vec<u8>),
) -> (usize, Range<usize>) {
    to.extend_from_slice(&[0, u8::try_from(person.len()).unwrap_or(u8::MAX)]);
    to.extend_from_slice(person.as_bytes());
    let counter_at = to.len();
    to.extend_from_slice(&counter.to_be_bytes());
    to.extend_from_slice(nonce.as_bytes());
    let length_at = to.len();
    to.extend_from_slice(&[0; 4]);
    let start = to.len();
    content(to);
    let length = u32::try_from(to.len() - start).unwrap_or(u32::MAX);
    fixed_bytes_at(to, length_at, &length.to_be_bytes());
    (counter_at, start..to.len())
}

/// What stands after the commitment of a group that was erased.
pub(crate) fn write_erased(to: &mut Vec<u8>, by: u64) {
    to.push(1);
    to.extend_from_slice(&by.to_be_bytes());
}

/// A row as it stands in its bytes; its groups are taken one by one.
pub(crate) struct RawRow<'a> {
    pub(crate) leaf: u64,
    pub(crate) record: RecordId,
    pub(crate) groups: u16,
    rest: Parts<'a>,
}

/// A group of it.
pub(crate) struct RawGroup<'a> {
    pub(crate) commitment: GroupCommitment,
    /// The content, or the place of the entry that erased it.
    pub(crate) content: Result<RawContent<'a>, u64>,
}

/// What is there of a group.
pub(crate) struct RawContent<'a> {
    /// Empty for nobody.
    pub(crate) person: &'a str,
    pub(crate) counter: u64,
    pub(crate) nonce: Nonce,
    pub(crate) bytes: &'a [u8],
}

impl<'a> RawRow<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        let mut rest = Parts(bytes);
        let (leaf, record) = (rest.number()?, RecordId::from_bytes(rest.fixed()?));
        let groups = u16::from_be_bytes(rest.fixed()?);
        Some(Self { leaf, record, groups, rest })
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.rest.0.is_empty()
    }

    pub(crate) fn next_group(&mut self) -> Option<RawGroup<'a>> {
        let parts = &mut self.rest;
        let commitment = GroupCommitment::from_bytes(parts.fixed()?);
        let content = match parts.fixed()? {
            [0] => {
                let [length] = parts.fixed()?;
                let person = str::from_utf8(parts.counted(usize::from(length))?).ok()?;
                let (counter, nonce) = (parts.number()?, Nonce::from_bytes(parts.fixed()?));
                let length = parts.length()?;
                Ok(RawContent { person, counter, nonce, bytes: parts.counted(length)? })
            }
            [1] => Err(parts.number()?),
            _ => return None,
        };
        Some(RawGroup { commitment, content })
    }
}

impl RawGroup<'_> {
    fn group(&self) -> Option<RowGroup> {
        let content = match &self.content {
            Ok(RawContent { person, counter, nonce, bytes }) => Content::Open {
                person: if person.is_empty() { None } else { Some(person.parse().ok()?) },
                counter: *counter,
                nonce: *nonce,
                bytes: bytes.to_vec(),
            },
            Err(by) => Content::Erased { by: *by },
        };
        Some(RowGroup { commitment: self.commitment, content })
    }
}

/// Takes fixed and counted pieces off the front.
pub(crate) struct Parts<'a>(pub(crate) &'a [u8]);

impl<'a> Parts<'a> {
    pub(crate) fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn counted(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    pub(crate) fn number(&mut self) -> Option<u64> {
        self.fixed().map(u64::from_be_bytes)
    }

    pub(crate) fn length(&mut self) -> Option<usize> {
        self.fixed().and_then(|bytes| usize::try_from(u32::from_be_bytes(bytes)).ok())
    }
}

use crate::{Commitment, GroupCommitment, GroupNumber, LedgerError, Nonce, PersonId, RecordId, Scope, commit_record};

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
        to.extend_from_slice(&self.leaf.to_be_bytes());
        to.extend_from_slice(self.record.as_bytes());
        to.extend_from_slice(&u16::try_from(self.groups.len()).unwrap_or(u16::MAX).to_be_bytes());
        for group in &self.groups {
            to.extend_from_slice(group.commitment.as_bytes());
            match &group.content {
                Content::Open { person, counter, nonce, bytes } => {
                    let person = person.as_ref().map_or("", PersonId::as_str);
                    to.extend_from_slice(&[0, u8::try_from(person.len()).unwrap_or(u8::MAX)]);
                    to.extend_from_slice(person.as_bytes());
                    to.extend_from_slice(&counter.to_be_bytes());
                    to.extend_from_slice(nonce.as_bytes());
                    to.extend_from_slice(&u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
                    to.extend_from_slice(bytes);
                }
                Content::Erased { by } => {
                    to.push(1);
                    to.extend_from_slice(&by.to_be_bytes());
                }
            }
        }
    }

    /// Errors: bytes that end early, are left over, or are none of the states.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, LedgerError> {
        let mut parts = Parts(bytes);
        let row = parts.row().filter(|_| parts.0.is_empty());
        row.ok_or_else(|| {
            LedgerError::evidence("a row that cannot be read", "the file was damaged; restore it from a copy")
        })
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

    fn row(&mut self) -> Option<Row> {
        let leaf = self.number()?;
        let record = RecordId::from_bytes(self.fixed()?);
        let count = u16::from_be_bytes(self.fixed()?);
        let groups = (0..count).map(|_| self.group()).collect::<Option<Vec<_>>>()?;
        Some(Row { leaf, record, groups })
    }

    fn group(&mut self) -> Option<RowGroup> {
        let commitment = GroupCommitment::from_bytes(self.fixed()?);
        let content = match self.fixed()? {
            [0] => {
                let [length] = self.fixed()?;
                let person = str::from_utf8(self.counted(usize::from(length))?).ok()?;
                let person = if person.is_empty() { None } else { Some(person.parse().ok()?) };
                let counter = self.number()?;
                let nonce = Nonce::from_bytes(self.fixed()?);
                let length = self.length()?;
                Content::Open { person, counter, nonce, bytes: self.counted(length)?.to_vec() }
            }
            [1] => Content::Erased { by: self.number()? },
            _ => return None,
        };
        Some(RowGroup { commitment, content })
    }
}

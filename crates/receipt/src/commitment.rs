use crate::{LedgerError, Value};
use gongdao_merkle::sha256;
use std::fmt;

macro_rules! fixed_bytes {
    ($(#[$doc:meta])* $name:ident, $size:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $size]);

        impl $name {
            /// From its bytes.
            pub const fn from_bytes(bytes: [u8; $size]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            pub const fn as_bytes(&self) -> &[u8; $size] {
                &self.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))?;
                f.write_str(")")
            }
        }

        impl TryFrom<&[u8]> for $name {
            type Error = LedgerError;
            fn try_from(bytes: &[u8]) -> Result<Self, LedgerError> {
                bytes.try_into().map(Self).map_err(|_| {
                    let what = concat!(stringify!($name), " of another length than ", stringify!($size), " bytes");
                    LedgerError::evidence(what, "see docs/formats/ledger-entry.md")
                })
            }
        }
    };
}
pub(crate) use fixed_bytes;

fixed_bytes!(
    /// Name of a record, made by the ledger: random, or of the id that the caller's system has for it.
    RecordId,
    16
);
fixed_bytes!(
    /// Random bytes of one group of one record. Without it the group's salt cannot be made again.
    Nonce,
    16
);
fixed_bytes!(
    /// What hides a group in its commitment. Given to whoever may check the group; never used twice.
    Salt,
    32
);
fixed_bytes!(
    /// To one group of a record.
    GroupCommitment,
    32
);
fixed_bytes!(
    /// To a whole record; stands in its entry.
    Commitment,
    32
);

/// Number of a group in its record, from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupNumber(pub u16);

impl GroupNumber {
    /// All numbers, ascending; ends where numbers do, for lists that are longer than any record.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u16::MAX).map(Self)
    }
}

/// Bytes of a group's columns: the CBOR list of schema and columns, in the schema's order.
pub fn group_bytes(schema: &str, columns: Vec<Value>) -> Vec<u8> {
    let mut values = vec![Value::Text(schema.to_owned())];
    values.extend(columns);
    Value::List(values).to_bytes()
}

/// The commitment to one group.
pub fn commit_group(salt: Salt, bytes: &[u8]) -> GroupCommitment {
    GroupCommitment(sha256(&[b"gongdao/group/1", &salt.0, bytes]))
}

/// The commitment to a record of these groups.
///
/// Errors: no group, or more than 65,535.
pub fn commit_record(groups: &[GroupCommitment]) -> Result<Commitment, LedgerError> {
    let count = u16::try_from(groups.len()).ok().filter(|count| *count > 0);
    let count = count
        .ok_or_else(|| LedgerError::input(format!("a record of {} groups", groups.len()), "give 1 to 65,535 groups"))?;
    let mut bytes = Vec::with_capacity(groups.len() * 32);
    for group in groups {
        bytes.extend_from_slice(&group.0);
    }
    Ok(commit_groups(count, &bytes))
}

/// The same, of commitments one after the other.
pub fn commit_groups(count: u16, commitments: &[u8]) -> Commitment {
    Commitment(sha256(&[b"gongdao/record/1", &count.to_be_bytes(), commitments]))
}

use crate::LedgerError;
use crate::storage::Disk;
use gongdao_merkle::{Origin, VerifierKey};

const NAME: &str = "ledger";
const FIRST_LINE: &str = "gongdao-ledger/1";

/// Whose ledger a folder holds: the file `ledger`, three lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// First line of its checkpoints.
    pub origin: Origin,
    /// The key that its checkpoints are checked with.
    pub key: VerifierKey,
}

impl About {
    pub(crate) fn write(&self, disk: &Disk) -> Result<(), LedgerError> {
        disk.replace(NAME, format!("{FIRST_LINE}\n{}\n{}\n", self.origin, self.key).as_bytes())
    }

    pub(crate) fn exists(disk: &Disk) -> Result<bool, LedgerError> {
        Ok(disk.open(NAME)?.is_some())
    }

    pub(crate) fn read(disk: &Disk) -> Result<Self, LedgerError> {
        let bytes = disk.read(NAME)?.ok_or_else(|| {
            LedgerError::input("the folder holds no ledger", "name the folder of a ledger, or make one there first")
        })?;
        let refused = || {
            LedgerError::evidence(
                format!("`{NAME}` has another form"),
                "see docs/formats/ledger-folder.md; a newer program may read it",
            )
        };
        let text = str::from_utf8(&bytes).map_err(|_| refused())?;
        let mut lines = text.split('\n');
        match (lines.next(), lines.next(), lines.next(), lines.next(), lines.next()) {
            (Some(FIRST_LINE), Some(origin), Some(key), Some(""), None) => {
                Ok(Self { origin: origin.parse()?, key: key.parse()? })
            }
            _ => Err(refused()),
        }
    }
}

use crate::LedgerError;
use crate::storage::Disk;
use gongdao_merkle::{Origin, VerifierKey};

const NAME: &str = "ledger";
const FIRST_LINE: &str = "gongdao-ledger/1";
/// Of a folder with sealed segments: a reader of version 1 would take their rows for hidden.
const FIRST_LINE_WITH_SEGMENTS: &str = "gongdao-ledger/2";

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
        self.write_as(FIRST_LINE, disk)
    }

    /// Say that the folder has segments.
    pub(crate) fn write_with_segments(&self, disk: &Disk) -> Result<(), LedgerError> {
        self.write_as(FIRST_LINE_WITH_SEGMENTS, disk)
    }

    fn write_as(&self, first_line: &str, disk: &Disk) -> Result<(), LedgerError> {
        disk.replace(NAME, format!("{first_line}\n{}\n{}\n", self.origin, self.key).as_bytes())
    }

    pub(crate) fn has_segments(disk: &Disk) -> Result<bool, LedgerError> {
        let bytes = disk.read(NAME)?.unwrap_or_default();
        Ok(bytes.starts_with(FIRST_LINE_WITH_SEGMENTS.as_bytes()))
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
            (Some(FIRST_LINE | FIRST_LINE_WITH_SEGMENTS), Some(origin), Some(key), Some(""), None) => {
                Ok(Self { origin: origin.parse()?, key: key.parse()? })
            }
            _ => Err(refused()),
        }
    }
}

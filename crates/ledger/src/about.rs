use crate::LedgerError;
use crate::storage::Disk;
use gongdao_merkle::{Origin, VerifierKey};

const NAME: &str = "ledger";
/// First lines, each with what the folder may have beyond those of version 1.
const FIRST_LINES: [(&str, &[Form]); 4] = [
    ("gongdao-ledger/1", &[]),
    ("gongdao-ledger/2", &[Form::Segments]),
    ("gongdao-ledger/3", &[Form::LateSeals]),
    ("gongdao-ledger/4", &[Form::Segments, Form::LateSeals]),
];

/// What an older program would misread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// Sealed rows: it would take them for hidden.
    Segments,
    /// Seals of epochs that stand later than right after them: it would take the epoch for open.
    LateSeals,
}

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
        self.write_as(&[], disk)
    }

    /// Say that the folder may have this from now on. Nobody else may do so meanwhile.
    pub(crate) fn extend(&self, disk: &Disk, form: Form) -> Result<(), LedgerError> {
        let known = FIRST_LINES.iter().flat_map(|(_, forms)| *forms);
        let mut forms = Vec::new();
        for other in known {
            if !forms.contains(other) && (*other == form || Self::has(disk, *other)?) {
                forms.push(*other);
            }
        }
        if Self::has(disk, form)? { Ok(()) } else { self.write_as(&forms, disk) }
    }

    fn write_as(&self, forms: &[Form], disk: &Disk) -> Result<(), LedgerError> {
        let line = FIRST_LINES.iter().find(|(_, known)| *known == forms).map_or("", |(line, _)| *line);
        disk.replace(NAME, format!("{line}\n{}\n{}\n", self.origin, self.key).as_bytes())
    }

    pub(crate) fn has(disk: &Disk, form: Form) -> Result<bool, LedgerError> {
        let bytes = disk.read(NAME)?.unwrap_or_default();
        let first = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        Ok(FIRST_LINES.iter().any(|(line, forms)| line.as_bytes() == first && forms.contains(&form)))
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
            (Some(first), Some(origin), Some(key), Some(""), None)
                if FIRST_LINES.iter().any(|(line, _)| *line == first) =>
            {
                Ok(Self { origin: origin.parse()?, key: key.parse()? })
            }
            _ => Err(refused()),
        }
    }
}

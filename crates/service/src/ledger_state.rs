//! Whether the ledger is whole: what it says of itself, its check against its own signature, and a checkpoint that somebody
//! kept held against it.

use crate::{Caller, ErrorKind, Right, Service, ServiceError};
use gongdao_merkle::SignedCheckpoint;
use serde::Serialize;
use std::sync::{Mutex, TryLockError};

/// Entries that wait for the ledger, as far as they are counted.
const WAITING: u32 = 1000;
/// Entries of a ledger that is checked on request; `gongdao ledger fsck` checks larger ones.
const CHECKED: u64 = 200_000;
/// Findings that are told.
const FINDINGS: usize = 50;

/// One check at a time: it reads everything.
static TURN: Mutex<()> = Mutex::new(());

/// What the ledger says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerState {
    /// Its name.
    pub origin: String,
    /// The key to check its checkpoints with.
    pub verifier_key: String,
    /// Entries under the last checkpoint.
    pub size: u64,
    /// The last checkpoint, signed.
    pub checkpoint: String,
    /// Who signed it beside the ledger: witnesses, by the names of their keys. Their signatures are for the reader to check.
    pub cosigned_by: Vec<String>,
    /// Entries of the journal that this ledger does not have yet, at most 1,000; more than a moment is a fault.
    pub waiting: u64,
    /// Number of the journal's last entry.
    pub journal_last: u64,
    /// Entries that the gate could not take as they are; their facts are unknown.
    pub refused: Vec<String>,
}

/// Something that a check found wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerFinding {
    /// What kind, in one word.
    pub kind: String,
    /// Place in the ledger, where it is about one entry.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub leaf: Option<u64>,
    /// In words.
    pub message: String,
}

/// What a check of the whole ledger came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LedgerCheck {
    /// Entries under the checkpoint that was checked.
    pub size: u64,
    /// Entries that were looked at.
    pub entries: u64,
    /// Groups of content that open to their entry.
    pub opened: u64,
    /// Groups whose erasure is logged.
    pub erased: u64,
    /// How many faults there are.
    pub faults: u64,
    /// The first fifty of them.
    pub findings: Vec<LedgerFinding>,
}

/// What a kept checkpoint says beside the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Match {
    /// The ledger goes on from it: nothing of it was changed or taken out.
    GoesOn,
    /// The ledger has another history.
    Differs,
    /// The ledger is shorter than that.
    Shorter,
    /// It is another ledger's, or was not signed by this one.
    Foreign,
}

impl Service {
    /// What the ledger says of itself, for regulators and staff.
    pub fn ledger_state(&self, caller: &Caller) -> Result<LedgerState, ServiceError> {
        caller.may(Right::ReadOperations)?;
        let reader = self.ledger(caller)?;
        let (about, signed) = (reader.about(), reader.checkpoint());
        let own = about.key.name().to_string();
        let lines = signed.note().signatures().iter().map(|line| line.name.to_string());
        Ok(LedgerState {
            origin: about.origin.to_string(),
            verifier_key: about.key.to_string(),
            size: reader.size(),
            checkpoint: signed.to_string(),
            cosigned_by: lines.filter(|name| *name != own).collect(),
            waiting: self.store.unlogged(&self.node, WAITING)?.len() as u64,
            journal_last: self.store.last()?,
            refused: self.refused_entries(),
        })
    }

    /// Check the whole ledger: every entry and tile against the signed root, every content against its entry.
    ///
    /// Errors: the caller may not; it is too large to be checked in passing; another check runs; a file that cannot be read.
    pub fn check_ledger(&self, caller: &Caller) -> Result<LedgerCheck, ServiceError> {
        caller.may(Right::ReadOperations)?;
        let _turn = match TURN.try_lock() {
            Ok(turn) => turn,
            Err(TryLockError::Poisoned(turn)) => turn.into_inner(),
            Err(TryLockError::WouldBlock) => {
                let hint = "wait until it ends, then ask again";
                return Err(ServiceError::new(ErrorKind::Busy, "another check of the ledger runs", hint));
            }
        };
        let reader = self.ledger(caller)?;
        if reader.size() > CHECKED {
            return Err(ServiceError::input(
                format!("the ledger has {} entries; up to {CHECKED} are checked here", reader.size()),
                "check it with `gongdao ledger fsck` on the machine, or a mirror of it anywhere",
            ));
        }
        let audit = reader.fsck()?;
        let finding = |found: &gongdao_ledger::Finding| LedgerFinding {
            kind: format!("{:?}", found.kind).to_lowercase(),
            leaf: found.leaf,
            message: found.message.clone(),
        };
        Ok(LedgerCheck {
            size: reader.size(),
            entries: audit.entries,
            opened: audit.opened,
            erased: audit.erased,
            faults: audit.findings.len() as u64,
            findings: audit.findings.iter().take(FINDINGS).map(finding).collect(),
        })
    }

    /// Hold a checkpoint that somebody kept against the ledger. Returns its size beside the answer. Whoever does not believe this
    /// service asks for the proof and checks it themselves.
    ///
    /// Errors: it is no checkpoint.
    pub fn compare_checkpoint(&self, caller: &Caller, kept: &str) -> Result<(u64, Match), ServiceError> {
        let reader = self.ledger(caller)?;
        // A browser's form sends line ends of its own, and may lose the last.
        let text = format!("{}\n", kept.replace("\r\n", "\n").trim());
        let signed = SignedCheckpoint::parse(text.as_bytes())
            .map_err(|error| ServiceError::input(error.message, "paste the whole checkpoint, signatures included"))?;
        let Ok(old) = signed.verify(&reader.about().key) else {
            return Ok((signed.unverified().size, Match::Foreign));
        };
        let new = reader.checkpoint().unverified();
        if old.size > new.size {
            return Ok((old.size, Match::Shorter));
        }
        if old.size == 0 {
            return Ok((0, Match::GoesOn));
        }
        let proof = reader.prove_consistency(old.size)?;
        let holds = proof.verify(old.size, old.root, new.size, new.root).is_ok();
        Ok((old.size, if holds { Match::GoesOn } else { Match::Differs }))
    }
}

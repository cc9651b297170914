//! One decision with everything behind it, for whoever has to check it: a single look-up, which the person sees.

use crate::{Caller, DecisionView, Explanation, Purpose, Service, ServiceError, VersionView};
use gongdao_ledger::EntryKind;
use gongdao_model::Instant;

/// A decision taken apart, as much of it as the caller may see.
#[derive(Debug, Clone, PartialEq)]
pub struct TakenApart {
    /// Why it came out as it did.
    pub explanation: Explanation,
    /// What was asked and answered, with its place.
    pub view: DecisionView,
    /// What the register says of the version that decided; nothing where it has none.
    pub version: Option<VersionView>,
    /// When the ledger took the entry.
    pub logged_at: Instant,
    /// What kind of entry it is.
    pub kind: EntryKind,
    /// Entries under the checkpoint that covers it.
    pub size: u64,
    /// That checkpoint, signed.
    pub checkpoint: String,
    /// The proof that the entry is under it (C2SP tlog-proof), without content.
    pub proof: String,
}

impl Service {
    /// Take a decision apart. One look-up is logged before anything is shown.
    ///
    /// Errors: there is none, or the caller may not know; it was erased; another process's ledger has it.
    pub fn taken_apart(&self, caller: &Caller, id: &str, purpose: &Purpose) -> Result<TakenApart, ServiceError> {
        let explanation = self.explanation(caller, id, purpose)?;
        let view = self.view_of(caller, &self.line(id)?)?;
        let leaf = view.place.leaf;
        let reader = self.view.reader_with(leaf)?;
        let entry = reader.entry(leaf)?;
        let millis = i64::try_from(entry.logged_at.seconds()).unwrap_or(i64::MAX).saturating_mul(1000);
        let version = view.record.algorithm.as_deref().and_then(|version| self.version(version).ok());
        Ok(TakenApart {
            explanation,
            version,
            logged_at: Instant::from_millis(millis)?,
            kind: entry.kind,
            size: reader.size(),
            checkpoint: reader.checkpoint().to_string(),
            proof: reader.prove(leaf)?.to_string(),
            view,
        })
    }
}

//! What stands beside a receipt's content in the same entry, and what digests in it stand for, where this service has them.

use crate::check::{found_answer, read_answer};
use crate::record::{EVALUATION_SCHEMA, REGISTER_SCHEMA, ToldPart, read_hold, read_told};
use crate::{Service, ServiceError};
use gongdao_gate::{Answer, RegisterHold};
use gongdao_ledger::{ALGORITHM_SCHEMA, Content, GroupNumber, Receipt, Value};
use gongdao_merkle::Policy;

/// Parts about nobody of the entry that a receipt is of.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Beside {
    /// The algorithm's version.
    pub algorithm: Option<String>,
    /// What was answered.
    pub told: Option<ToldPart>,
    /// Why the register did not let the version decide.
    pub register: Option<RegisterHold>,
}

impl Service {
    /// The parts about nobody of the entry that a receipt is of, each held against the commitment in it. Whoever has the receipt of
    /// one part has all commitments; parts about persons are never shown. Nothing where this service's ledger has no such entry.
    ///
    /// Errors: the disk.
    pub fn beside(&self, receipt: &Receipt) -> Result<Option<Beside>, ServiceError> {
        let reader = self.view.reader()?;
        let leaf = receipt.proof().index;
        let is_own = receipt.proof().checkpoint.unverified().origin == reader.about().origin;
        if !is_own || leaf >= reader.size() || reader.entry(leaf)? != receipt.opening().entry {
            return Ok(None);
        }
        let policy = Policy::of_log(reader.about().key.clone());
        let row = reader.row(leaf)?;
        let mut beside = Beside::default();
        for (number, group) in (0..).map(GroupNumber).zip(&row.groups) {
            if !matches!(&group.content, Content::Open { person: None, .. }) {
                continue;
            }
            // The same entry commits to it: what is read here is what was logged.
            let opened = reader.receipt(leaf, number)?.verify(&policy)?;
            match opened.schema.as_str() {
                ALGORITHM_SCHEMA => {
                    beside.algorithm = opened.columns.first().and_then(Value::as_text).map(str::to_owned);
                }
                EVALUATION_SCHEMA => beside.told = Some(read_told(&opened.columns)?),
                REGISTER_SCHEMA => beside.register = Some(read_hold(&opened.columns)?),
                _ => {}
            }
        }
        Ok(Some(beside))
    }

    /// What the digest of an answer stands for; nothing where this service has it not, or has something else under it.
    ///
    /// Errors: the database.
    pub fn answer_named(&self, digest: &str) -> Result<Option<Answer>, ServiceError> {
        let mut found = found_answer(&*self.store, digest)?;
        if found.is_none() {
            // It may be on its way into the database.
            self.queue().projector().flush();
            found = found_answer(&*self.store, digest)?;
        }
        Ok(found.filter(|answer| answer.digest_of() == digest))
    }

    /// An answer as a receipt has it, in JSON; nothing where this service has not the frame of its letters, or it is none.
    pub fn answer_in(&self, json: &str) -> Option<Answer> {
        read_answer(&*self.store, json).ok().flatten().filter(|answer| answer.digest_of() == answer.digest)
    }
}

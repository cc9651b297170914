//! A receipt checked step by step, so that it can be said which step fails. The page of the server and the module in the browser
//! call this one function.

use crate::{LedgerError, Opened, Receipt};
use gongdao_merkle::{MerkleError, Policy, VerifierKey};
use std::str::FromStr;

/// What is checked, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// The reader's key or policy can be read.
    Trust,
    /// The file is a whole receipt.
    Form,
    /// A log that the reader trusts signed the checkpoint.
    Signature,
    /// As many witnesses cosigned it as the reader asks for.
    Witnesses,
    /// The entry is in the tree of the checkpoint.
    Inclusion,
    /// The content is what the entry commits to.
    Content,
}

impl Step {
    /// All steps, in their order.
    pub const ALL: [Self; 6] =
        [Self::Trust, Self::Form, Self::Signature, Self::Witnesses, Self::Inclusion, Self::Content];

    /// Its name, as the page's texts have it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trust => "trust",
            Self::Form => "form",
            Self::Signature => "signature",
            Self::Witnesses => "witnesses",
            Self::Inclusion => "inclusion",
            Self::Content => "content",
        }
    }
}

/// The first step that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Which step.
    pub step: Step,
    /// What is wrong.
    pub error: LedgerError,
}

/// A receipt that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The receipt.
    pub receipt: Receipt,
    /// What it opens.
    pub opened: Opened,
}

/// Whom a reader trusts: one log's verifier key, or a policy (C2SP tlog-policy), as people paste them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trust {
    policy: Policy,
}

impl Trust {
    /// Whether the text is meant as a key: a key is one word, and every line of a policy has several.
    pub fn is_key(text: &str) -> bool {
        text.split_whitespace().count() == 1
    }

    /// The policy that it comes to.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }
}

impl FromStr for Trust {
    type Err = MerkleError;

    /// Space around it and other ends of lines do not matter. Errors: no verifier key; whatever tlog-policy refuses, with the
    /// line.
    fn from_str(text: &str) -> Result<Self, MerkleError> {
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        let policy = if Self::is_key(text) {
            Policy::of_log(text.parse::<VerifierKey>()?)
        } else {
            format!("{text}\n").parse()?
        };
        Ok(Self { policy })
    }
}

/// The bytes of a receipt that was pasted as text: a form writes lines with another end than a receipt has, and a paste may lack
/// the last one. Empty where nothing was pasted.
pub fn pasted(text: &str) -> Vec<u8> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    if text.is_empty() { Vec::new() } else { format!("{text}\n").into_bytes() }
}

/// Check a receipt with nothing from the operator. Errors: the first step that does not hold.
pub fn check(receipt: &[u8], trust: &str) -> Result<Checked, Failed> {
    let failed = |step| move |error: LedgerError| Failed { step, error };
    let trust: Trust = trust.parse().map_err(|error: MerkleError| failed(Step::Trust)(error.into()))?;
    let policy = trust.policy();
    let receipt = Receipt::parse(receipt).map_err(failed(Step::Form))?;
    let proof = receipt.proof();
    let checkpoint = policy.verify(&proof.checkpoint).map_err(|error| {
        // The log's own signature may fit all the same: then nobody forged anything, and witnesses are missing.
        let is_signed = policy.without_quorum().verify(&proof.checkpoint).is_ok();
        failed(if is_signed { Step::Witnesses } else { Step::Signature })(error.into())
    })?;
    let leaf = receipt.opening().entry.leaf_hash();
    let included = proof.inclusion.verify(proof.index, leaf, checkpoint.size, checkpoint.root);
    included.map_err(|error| failed(Step::Inclusion)(error.into()))?;
    let opened = receipt.opening().open(proof.index).map_err(failed(Step::Content))?;
    Ok(Checked { receipt, opened })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;

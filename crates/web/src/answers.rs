//! Answers of the gate as JSON, written once: thousands of checks share a few.

use gongdao_gate::Told;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Answers kept; above it all are written anew, which costs microseconds each.
const KEPT: usize = 4096;

/// JSON that is there already.
#[derive(Debug, Clone)]
pub(crate) struct Written(Arc<RawValue>);

impl Serialize for Written {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

/// JSON of answers by their digest.
#[derive(Default)]
pub(crate) struct Answers(RwLock<HashMap<String, Written>>);

impl Answers {
    /// The JSON of an answer; none where it cannot be written, which no answer causes.
    pub(crate) fn json(&self, answer: &Told) -> Option<Written> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(answer.digest()) {
            return Some(known.clone());
        }
        let written = Written(serde_json::value::to_raw_value(answer).ok()?.into());
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(answer.digest().to_owned(), written.clone());
        Some(written)
    }
}

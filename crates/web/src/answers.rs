//! Answers of the gate as JSON. Thousands of decisions have thousands of answers, and a law has few rules: what all answers
//! under it have in common is written once.

use gongdao_gate::{NamedFrame, Pieces, Told};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// Frames whose pieces are kept; there is one a law and period of duties. Above it all are made anew.
const KEPT: usize = 256;

/// Pieces of the JSON of answers, by the digest of their frame.
#[derive(Default)]
pub(crate) struct Answers(RwLock<HashMap<String, Arc<Pieces>>>);

impl Answers {
    /// Append the JSON of an answer; false, and nothing appended, where it cannot be written, which no answer causes.
    pub(crate) fn write(&self, answer: &Told, to: &mut Vec<u8>) -> bool {
        let start = to.len();
        let brief = answer.brief().and_then(|(brief, frame)| self.pieces(frame)?.write(brief, to));
        if brief.is_some() {
            return true;
        }
        to.truncate(start);
        let is_written = serde_json::to_writer(&mut *to, answer).is_ok();
        if !is_written {
            to.truncate(start);
        }
        is_written
    }

    fn pieces(&self, frame: &NamedFrame) -> Option<Arc<Pieces>> {
        if let Some(known) = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&frame.digest) {
            return Some(Arc::clone(known));
        }
        let pieces = Arc::new(frame.pieces()?);
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT {
            all.clear();
        }
        all.insert(frame.digest.clone(), Arc::clone(&pieces));
        Some(pieces)
    }
}

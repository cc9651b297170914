//! What a check was told, made when somebody looks.

use crate::Shared;
use crate::answer::Answer;
use crate::frame::{Brief, Frame};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

/// An answer by its name, in few bytes, or as a whole; each is made when it is first asked for. Whoever keeps records wants the
/// first two, whoever asked mostly none.
#[derive(Clone)]
pub struct Told {
    named: Shared<Named>,
    answer: Shared<Answer>,
}

/// A frame as records have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedFrame {
    /// Its name.
    pub digest: String,
    /// What the name stands for.
    pub json: String,
    pub(crate) frame: Frame,
}

#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) digest: String,
    pub(crate) brief: Option<(Brief, Arc<NamedFrame>)>,
}

impl Told {
    /// An answer that is there already; it has no frame.
    pub fn new(answer: Answer) -> Self {
        let digest = answer.digest.clone();
        Self { named: Shared::new(Named { digest, brief: None }), answer: Shared::new(answer) }
    }

    pub(crate) fn lazy(named: Shared<Named>, answer: Shared<Answer>) -> Self {
        Self { named, answer }
    }

    /// Whether both are the same allocation, so that nothing has to be compared.
    pub fn is_same(&self, other: &Self) -> bool {
        self.answer.is_same(&other.answer)
    }

    /// The answer's name in records.
    pub fn digest(&self) -> &str {
        &self.named.digest
    }

    /// The answer in the letters of its frame, and the frame; none where it has to be written as a whole.
    pub fn brief(&self) -> Option<(&Brief, &NamedFrame)> {
        self.named.brief.as_ref().map(|(brief, frame)| (brief, &**frame))
    }
}

impl Deref for Told {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        &self.answer
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        self.answer == other.answer
    }
}

impl Eq for Told {}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.answer.fmt(f)
    }
}

impl Serialize for Told {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Answer::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Answer::deserialize(deserializer).map(Self::new)
    }
}

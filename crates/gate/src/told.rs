//! What a check was told, made when somebody looks.

use crate::Shared;
use crate::answer::Answer;
use crate::frame::{Brief, Frame};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

/// An answer by its name, in few bytes, or as a whole; each is made when it is first asked for. Whoever keeps records wants the
/// first two, whoever asked mostly none. What many checks were told is kept in few bytes alone: the whole has a hundred times as
/// many, and goes with the check that was asked for it.
pub struct Told {
    named: Shared<Named>,
    make: Arc<dyn Fn() -> Answer + Send + Sync>,
    whole: OnceLock<Box<Answer>>,
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
        let named = Shared::new(Named { digest: answer.digest.clone(), brief: None });
        let again = answer.clone();
        Self { named, make: Arc::new(move || again.clone()), whole: OnceLock::from(Box::new(answer)) }
    }

    /// `make` gives the answer whose name and letters `named` has.
    pub(crate) fn lazy(named: Shared<Named>, make: impl Fn() -> Answer + Send + Sync + 'static) -> Self {
        Self { named, make: Arc::new(make), whole: OnceLock::new() }
    }

    /// Whether both were told the same, as far as can be seen without looking at it.
    pub fn is_same(&self, other: &Self) -> bool {
        self.named.is_same(&other.named)
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

/// A copy makes its own whole.
impl Clone for Told {
    fn clone(&self) -> Self {
        Self { named: self.named.clone(), make: Arc::clone(&self.make), whole: OnceLock::new() }
    }
}

impl Deref for Told {
    type Target = Answer;

    fn deref(&self) -> &Answer {
        self.whole.get_or_init(|| Box::new((self.make)()))
    }
}

impl PartialEq for Told {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || **self == **other
    }
}

impl Eq for Told {}

impl fmt::Debug for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Answer::fmt(self, f)
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

//! What a check was told, made when somebody looks.

use crate::Shared;
use crate::answer::Answer;
use crate::frame::{Brief, Citable, Frame, Pieces};
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

/// A frame as records have it, with what is made of it once for all its answers.
#[derive(Debug)]
pub struct NamedFrame {
    /// Its name.
    pub digest: String,
    /// What the name stands for.
    pub json: String,
    pub(crate) frame: Frame,
    pieces: OnceLock<Option<Pieces>>,
    citable: OnceLock<Citable>,
}

impl NamedFrame {
    /// None where it cannot be written.
    pub(crate) fn new(frame: Frame) -> Option<Self> {
        let (digest, json) = frame.named()?;
        Some(Self { digest, json, frame, pieces: OnceLock::new(), citable: OnceLock::new() })
    }

    /// The pieces of its answers' JSON; none where it cannot be written, which no frame causes.
    pub fn pieces(&self) -> Option<&Pieces> {
        self.pieces.get_or_init(|| Pieces::of(&self.frame)).as_ref()
    }

    /// The articles and rules that its answers can speak of.
    pub fn citable(&self) -> &Citable {
        self.citable.get_or_init(|| self.frame.citable())
    }
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

    /// Append it as JSON, what serde writes of it, to the byte: of its frame's pieces, without making it, where it has a frame. False,
    /// and nothing appended, where it cannot be written, which no answer causes.
    pub fn write_json(&self, to: &mut Vec<u8>) -> bool {
        let start = to.len();
        if self.brief().and_then(|(brief, frame)| frame.pieces()?.write(brief, to)).is_some() {
            return true;
        }
        to.truncate(start);
        let is_written = serde_json::to_writer(&mut *to, self).is_ok();
        if !is_written {
            to.truncate(start);
        }
        is_written
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
